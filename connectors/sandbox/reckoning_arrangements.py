"""What is arranged around an account, and the definitions that speak of it: sponsors, rivals, days, departments, plans.

As plainly as in `reckoning_definitions.py`. That somebody is away HubSpot alone tells (`Person.back_on`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from connectors.sandbox.config_file import ACCOUNT_MANAGER, CONTACT_DAYS
from connectors.sandbox.reckoning_definitions import Verdict
from connectors.sandbox.reckoning_more import no_account_plan
from connectors.sandbox.reckoning_records import Seen
from connectors.sandbox.reckoning_service import turned_to_them


def no_our_sponsor(seen: Seen) -> Verdict:
    return "clear" if seen.account.sponsor in seen.org.active else "raised"


def sponsor_overloaded(seen: Seen) -> Verdict:
    sponsor = seen.account.sponsor
    return "raised" if sponsor in seen.org.active and seen.org.sponsored[sponsor] > 10 else "clear"


def litmus_due(seen: Seen) -> Verdict:
    return _late(seen, seen.account.tested_on)


def ceo_buy_in(seen: Seen) -> Verdict:
    """Told as `no-account-plan` where that is raised."""
    return "clear" if no_account_plan(seen) == "raised" else _late(seen, seen.account.approved_on)


def _late(seen: Seen, day: date | None) -> Verdict:
    return "raised" if day is None or seen.age(day) > 365 else "clear"


def loss_scenario(seen: Seen) -> Verdict:
    rivals = [one for one in seen.deals if one.competitor and not one.won]
    told = any(one.closed_on is None or seen.age(one.closed_on) < 365 for one in rivals)
    return "raised" if told else "clear"


def uncoordinated(seen: Seen) -> Verdict:
    if any(one.user in seen.org.active - seen.org.ignored for one in seen.team):
        return "clear"
    ours: dict[str, set[str]] = defaultdict(set)
    for record in seen.records:
        if seen.age(record.day) < 30 and turned_to_them(record):
            for contact in record.theirs:
                ours[contact].update(record.ours)
    told: Verdict = "clear"
    for person in seen.present:
        departments = [seen.org.departments.get(user, "") for user in ours[person.id]]
        known = set(departments) - {""}
        if len(known) >= 3:
            return "raised"
        if len(known) + departments.count("") >= 3:
            told = "unknown"
    return told


def time_below_plan(seen: Seen) -> Verdict:
    days = [user for user, _ in seen.person_days(0, 89)]
    active = seen.org.active - seen.org.ignored
    settled = [one for one in seen.team if one.user in active and (one.since is None or seen.age(one.since) >= 90)]
    below = any(one.role == ACCOUNT_MANAGER and days.count(one.user) < CONTACT_DAYS for one in settled)
    return "raised" if below else "clear"


ARRANGED_DEFINITIONS: Mapping[str, Callable[[Seen], Verdict]] = MappingProxyType(
    {
        definition.__name__.replace("_", "-"): definition
        for definition in (
            *(no_our_sponsor, sponsor_overloaded, litmus_due, ceo_buy_in, loss_scenario, uncoordinated),
            time_below_plan,
        )
    }
)
#: What is known without any message.
ARRANGED_HEARING_NOTHING = frozenset(
    {"no-our-sponsor", "sponsor-overloaded", "litmus-due", "ceo-buy-in", "loss-scenario"}
)
