"""Our side: by whom of ours the contact runs.

Where the owner is active and has logged nothing anywhere in 90 days, shares are not known: a colleague would look sole
by mistake. A thread is one of ours and one of theirs with at least one two-way touch in the last 365 days.
"""

from __future__ import annotations

from rules.concentration import MAX_GAP_DAYS, Concentration, concentration
from rules.custom.fact import YEARS, Unit, fact
from rules.facts import AccountFacts
from rules.measures import coverage as counted
from rules.measures import customer_since, first_touch_on
from rules.once import measured_once
from rules.people_measures import last_held, user_name
from rules.statistics import effective_number
from rules.team import active_team

_OWNER_SILENT_DAYS = 90  # as `evidence_days` of sole-rep


@fact(Unit.TEXT, days=365, hears="email")
def coverage(facts: AccountFacts) -> str:
    """Our people by theirs with a thread, as `1x3`."""
    return counted(facts, 365).label


@fact(Unit.COUNT, days=365, hears="email")
def threads_ours(facts: AccountFacts) -> int:
    """Our people with a thread."""
    return len({user_id for user_id, _ in counted(facts, 365).threads})


@fact(Unit.TEXT, days=365, hears="email")
def top_person(facts: AccountFacts) -> str | None:
    """The name of the one of ours with most person-days of the last 365 days."""
    held = _held(facts)
    return user_name(facts, held.ranking[0].user_id) if held else None


@fact(Unit.COUNT, days=365, hears="email")
def top_days(facts: AccountFacts) -> int | None:
    """Person-days of that person."""
    held = _held(facts)
    return held.ranking[0].days if held else None


@fact(Unit.SHARE, days=365, hears="email")
def top_share(facts: AccountFacts) -> float | None:
    """That person's share of all person-days."""
    held = _held(facts)
    return held.top_share if held else None


@fact(Unit.DAYS, days=YEARS, hears="email")
def top_tenure_days(facts: AccountFacts) -> int | None:
    """How long that person has been in touch without a gap of more than 270 days."""
    held = _held(facts)
    since = held.ranking[0].tenure if held else None
    return since.days if since else None


@fact(Unit.SHARE, days=365, hears="email")
def second_share(facts: AccountFacts) -> float | None:
    """The next person's share of all person-days."""
    held = _held(facts)
    return held.second_share if held else None


@fact(Unit.NUMBER, days=365, hears="email")
def effective_people(facts: AccountFacts) -> float | None:
    """1 / the sum of squared shares: how many of ours with equal shares would be as concentrated."""
    held = _held(facts)
    return effective_number([one.days for one in held.ranking]) if held else None


@fact(Unit.SHARE, days=365, hears="email")
def owner_share(facts: AccountFacts) -> float | None:
    """The owner's share of all person-days."""
    held = _held(facts)
    return held.coverage.person_days.get(facts.account.owner_id or "", 0) / held.total if held else None


@fact(Unit.DAYS, days=YEARS, hears="email")
def days_since_owner_touch(facts: AccountFacts) -> int | None:
    """Since the last touch of any kind by the account's owner. Not known without any."""
    last = max((touch.day for touch in facts.touches if facts.account.owner_id in touch.ours), default=None)
    return (facts.today - last).days if last else None


@fact(Unit.DAYS, days=YEARS, hears="email")
def days_since_our_exec(facts: AccountFacts) -> int | None:
    """Since an exchange of one of `people.executives`; where there was none, since they are a customer, or the record
    begins. Not known where the config names no executive.
    """
    last = last_held(facts, facts.executives)
    since = last.on if last else customer_since(facts) or first_touch_on(facts)
    return (facts.today - since).days if facts.executives and since else None


@fact(Unit.COUNT, hears="team", needs="team")
def team_size(facts: AccountFacts) -> int:
    """Active people on the account's team in the CRM, without those of single deals."""
    return len({one.user_id for one in active_team(facts)})


@fact(Unit.TEXTS, hears="team", needs="team")
def team_roles(facts: AccountFacts) -> list[str]:
    """Their roles, as the CRM spells them."""
    return sorted({one.role for one in active_team(facts) if one.role})


@measured_once
def _held(facts: AccountFacts) -> Concentration | None:
    held = concentration(facts, 365, MAX_GAP_DAYS, _OWNER_SILENT_DAYS)
    return held if held.top and not held.silent_owner else None
