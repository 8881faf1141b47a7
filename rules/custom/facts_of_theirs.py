"""Their side: whom of theirs we know, and who is in touch.

Whoever left, as the CRM says, is counted no more. Executives are contacts at VP level or above, and those whose role is
decision-maker or executive sponsor.
"""

from __future__ import annotations

from datetime import date, timedelta

from rules.contact_measures import main_contact as met_most
from rules.contact_measures import present, senior_contacts, title_gate
from rules.custom.fact import YEARS, Unit, fact
from rules.facts import AccountFacts
from rules.functions import functions_of
from rules.measures import Exchange, coverage, customer_since, first_touch_on, last_exchange
from rules.once import measured_once
from rules.people_measures import contact_text, left_on
from rules.titles import Level


@fact(Unit.COUNT, days=365, hears="email")
def threads_theirs(facts: AccountFacts) -> int:
    """Their people with a thread, who left since too."""
    return len(_in_touch(facts))


@fact(Unit.COUNT)
def contacts_known(facts: AccountFacts) -> int:
    """Their people in the CRM."""
    return len(present(facts))


@fact(Unit.COUNT, days=365, hears="email")
def contacts_silent(facts: AccountFacts) -> int:
    """Those of them without a thread."""
    return sum(one.id not in _in_touch(facts) for one in present(facts))


@fact(Unit.COUNT, hears="departures")
def contacts_left_365d(facts: AccountFacts) -> int:
    """Who left in the last 365 days."""
    after = facts.today - timedelta(days=365)
    return sum(1 for one in facts.contacts if (day := left_on(facts, one)) and day > after)


@fact(Unit.TEXTS)
def contact_titles(facts: AccountFacts) -> list[str]:
    """Their titles, as they stand in the CRM."""
    return sorted({one.title for one in present(facts) if one.title})


@fact(Unit.TEXTS)
def contact_roles(facts: AccountFacts) -> list[str]:
    """Their roles: `decision-maker`, `executive-sponsor`, ..."""
    return sorted({role for one in present(facts) for role in one.roles})


@fact(Unit.TEXTS)
def contact_functions(facts: AccountFacts) -> list[str]:
    """The functions that their titles tell, in eighteen languages: `procurement`, `finance`, `it`, ..."""
    return sorted({str(function) for one in present(facts) for function in functions_of(one, facts.titles)})


@fact(Unit.SHARE)
def untitled_share(facts: AccountFacts) -> float | None:
    """Of them, who has neither title nor seniority nor role. Not known where nobody is."""
    gate = title_gate(facts)
    return gate.untitled / gate.contacts if gate.contacts else None


@fact(Unit.TEXT, days=365, hears="email")
def main_contact(facts: AccountFacts) -> str | None:
    """The name, with the title, of the one with most two-way touch-days in the last 365 days."""
    found = met_most(facts, 365)
    return contact_text(found.contact) if found else None


@fact(Unit.COUNT)
def executives_known(facts: AccountFacts) -> int:
    """Their executives in the CRM."""
    return len(senior_contacts(facts, Level.VP))


@fact(Unit.COUNT, days=365, hears="email")
def executives_in_touch(facts: AccountFacts) -> int:
    """Those of them with a thread."""
    return sum(one.id in _in_touch(facts) for one in senior_contacts(facts, Level.VP))


@fact(Unit.DAY, days=YEARS, hears="email")
def last_exec_exchange_on(facts: AccountFacts) -> date | None:
    """The day of the last two-way touch of any of ours with one of them. Not known without any."""
    last = _exchange(facts)
    return last.held_on if last else None


@fact(Unit.DAYS, days=YEARS, hears="email")
def days_since_exec_exchange(facts: AccountFacts) -> int | None:
    """Since that day; where there was none, since they are a customer, or the record begins. Not known where none of
    their executives is.
    """
    last = _exchange(facts)
    since = last and (last.held_on or customer_since(facts) or first_touch_on(facts))
    return (facts.today - since).days if since else None


@fact(Unit.COUNT, days=YEARS, hears="email")
def exec_tries(facts: AccountFacts) -> int | None:
    """Unanswered messages and missed calls or meetings to them since that day."""
    last = _exchange(facts)
    return last.attempts if last else None


@measured_once
def _in_touch(facts: AccountFacts) -> set[str]:
    return {contact_id for _, contact_id in coverage(facts, 365).threads}


@measured_once
def _exchange(facts: AccountFacts) -> Exchange | None:
    executives = senior_contacts(facts, Level.VP)
    return last_exchange(facts, [one.id for one in executives]) if executives else None
