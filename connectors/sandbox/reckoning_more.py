"""More definitions, as plainly as those of `reckoning_definitions.py` and under the same conditions.

They are about who faces whom, by function and by rank, about who hears from us beside the main contact, and about the
days that an account itself keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

from connectors.sandbox.reckoning_definitions import Verdict, exec_reach_lapse, lapsed, titles_missing, unless_away
from connectors.sandbox.reckoning_records import HEAD, VP, C, Seen

#: Where somebody with a title of a made-up company works, on either side.
FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {"": "", "Assistant to the CEO": "", "Product Owner": "development"}
    | dict.fromkeys(
        (
            *("CEO", "Chief Executive Officer", "Managing Director", "Geschäftsführer", "Geschäftsführerin"),
            *("Directeur général", "Director General"),
        ),
        "general",
    )
    | dict.fromkeys(("CFO", "Chief Financial Officer"), "finance")
    | dict.fromkeys(
        (
            *("COO", "Chief Operating Officer", "Vice President Operations", "Head of Operations", "Head of Quality"),
            *("Leiterin Produktion", "Plant Manager", "Team Lead Logistics", "Quality Engineer"),
            *("Supply Chain Planner", "Maintenance Engineer"),
        ),
        "operations",
    )
    | dict.fromkeys(
        (
            *("Head of Procurement", "Einkaufsleiter", "Director of Purchasing", "Purchasing Manager"),
            *("Responsable achats", "Jefe de compras", "Responsabile acquisti", "Buyer", "Inkoper"),
        ),
        "procurement",
    )
    | dict.fromkeys(
        (
            *("VP Sales", "Sales Director", "Regional Sales Manager", "Account Manager", "Key Account Manager"),
            *("Account Executive", "Sales Representative"),
        ),
        "sales",
    )
    | dict.fromkeys(("Service Engineer", "Application Engineer"), "development")
    | dict.fromkeys(("Customer Support Lead", "Field Service Technician"), "")
)
_BUYING = frozenset({"procurement", "finance"})
_BELOW_MANAGER = frozenset({"Sales Representative", "Account Executive", "Service Engineer", "Application Engineer"})
_SPONSOR = "executive-sponsor"


def procurement_only(seen: Seen) -> Verdict:
    threads = {contact for _, contact in seen.threads()}
    functions = [person.function for person in seen.present if person.id in threads]
    if any(one and one not in _BUYING for one in functions):
        return "clear"
    return "unknown" if len(functions) < 2 or "" in functions else "raised"


def no_customer_sponsor(seen: Seen) -> Verdict:
    roles = {role for person in seen.present for role in person.roles}
    if not roles:
        return "unknown"
    return "clear" if _SPONSOR in roles else "raised"


def peering_gap(seen: Seen) -> Verdict:
    ours = {user for user, _ in seen.person_days() if user in seen.org.active}
    titles = [seen.org.titles.get(user, "") for user in ours]
    if not ours or titles.count("") / len(ours) > 0.6 or titles_missing(seen):
        return "unknown"
    wanted = {person.function for person in seen.present if person.is_senior(HEAD)} - {"", "procurement"}
    return "raised" if wanted - {FUNCTIONS[title] for title in titles} else "clear"


def point_of_contact_authority(seen: Seen) -> Verdict:
    owner = seen.account.owner
    title = seen.org.titles.get(owner, "")
    if owner not in seen.org.active or owner in seen.org.ignored or not title:
        return "unknown"
    return "raised" if title in _BELOW_MANAGER else "clear"


def new_senior_contact(seen: Seen) -> Verdict:
    if not seen.present:
        return "unknown"
    touched = {contact for record in seen.records for contact in record.theirs}
    new = [one for one in seen.present if one.entered_on and 0 <= seen.age(one.entered_on) <= 30]
    return "raised" if any(one.is_senior(HEAD) and one.id not in touched for one in new) else "clear"


def exec_to_exec_lapse(seen: Seen) -> Verdict:
    senior = [person for person in seen.people if person.is_senior(VP)]
    theirs, ours = {person.id for person in senior}, seen.org.executives
    if not theirs or not ours:
        return "unknown"
    held = [day for user, contact, day in seen.two_way if user in ours and contact in theirs]
    return unless_away(seen, senior, lapsed(seen, held, (365 if seen.tier in "BC" else 183) + 14))


def exec_due_soon(seen: Seen) -> Verdict:
    """Told as `exec-reach-lapse` where that is raised. Due are 183 days; 30 before that it is soon."""
    told = exec_reach_lapse(seen)
    if told == "unknown":
        return "unknown"
    senior = [person for person in seen.people if person.is_senior(C)]
    theirs = {person.id for person in senior}
    held = [day for _, contact, day in seen.two_way if contact in theirs]
    soon = lapsed(seen, held, 183 - 30 - 1) == "raised"
    wanted = soon and told == "clear" and not theirs & seen.upcoming
    return "raised" if wanted and not seen.all_away(senior) else "clear"


def indirect_quarterly(seen: Seen) -> Verdict:
    if titles_missing(seen):
        return "unknown"
    main = seen.main_contact()
    for person in seen.present:
        if not person.is_senior(HEAD) or person.id == main:
            continue
        heard = [one.day for one in seen.records if person.id in one.theirs and one.state != "attempted"]
        begin = seen.since or seen.first_touch_on()
        start = max((day for day in (begin, person.entered_on) if day), default=None)
        since = max(heard, default=start)
        if since and seen.age(since) > (seen.account.contact_every_days or 92) and not seen.all_away([person]):
            return "raised"
    return "clear"


def no_show_trend(seen: Seen) -> Verdict:
    meetings = [record for record in seen.records if record.kind == "meeting"]
    if not any(seen.age(record.day) < 365 for record in meetings):
        return "unknown"
    missed = {record.day for record in meetings if record.state == "attempted" and seen.age(record.day) < 60}
    return "raised" if len(missed) >= 2 else "clear"


def no_account_plan(seen: Seen) -> Verdict:
    return _outdated(seen, seen.account.planned_on, 365)


def stale_plan(seen: Seen) -> Verdict:
    """Told as `no-account-plan` where that is raised."""
    if no_account_plan(seen) == "raised":
        return "clear"
    return _outdated(seen, seen.account.planned_on, 180 if seen.tier == "A" else 365)


def no_joint_plan(seen: Seen) -> Verdict:
    return _outdated(seen, seen.account.planned_together_on, 365)


def expectations_inventory(seen: Seen) -> Verdict:
    return _outdated(seen, seen.account.asked_on, 365)


def _outdated(seen: Seen, day: date | None, most_days: int) -> Verdict:
    """The fields are mapped in either CRM, so that an empty one says that it never was."""
    return "raised" if day is None or seen.age(day) > most_days else "clear"


MORE_DEFINITIONS: Mapping[str, Callable[[Seen], Verdict]] = MappingProxyType(
    {
        definition.__name__.replace("_", "-"): definition
        for definition in (
            procurement_only,
            no_customer_sponsor,
            peering_gap,
            point_of_contact_authority,
            new_senior_contact,
            exec_to_exec_lapse,
            exec_due_soon,
            indirect_quarterly,
            no_show_trend,
            no_account_plan,
            stale_plan,
            no_joint_plan,
            expectations_inventory,
        )
    }
)
#: Titles, roles, meetings and days of the account are told also where no message is logged.
MORE_HEARING_NOTHING = frozenset(
    {
        "no-customer-sponsor",
        "point-of-contact-authority",
        "new-senior-contact",
        "no-show-trend",
        "no-account-plan",
        "stale-plan",
        "no-joint-plan",
        "expectations-inventory",
    }
)
