"""Sixteen definitions, each as plainly as it is written: what is raised, clear or unknown on one key account.

They stand in `facts/domain.md` (0a, 1, 4) with the defaults of every threshold. Nothing is shared with the worker's
rules and nothing is remembered between two questions: each counts again in the account's records.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from connectors.sandbox.reckoning_records import HEAD, VP, WINDOW_DAYS, C, Person, Record, Seen

Verdict = Literal["raised", "clear", "unknown", "not_applicable"]

_SATURDAY = 5


def sole_rep(seen: Seen) -> Verdict:
    if _too_little_evidence(seen):
        return "unknown"
    return "raised" if _one_link(seen) and _tenure(seen, _top(seen)) >= 730 else "clear"


def sole_rep_new(seen: Seen) -> Verdict:
    if _too_little_evidence(seen):
        return "unknown"
    return "raised" if _one_link(seen) and _tenure(seen, _top(seen)) < 730 else "clear"


def rep_concentration(seen: Seen) -> Verdict:
    """Told as `sole-rep` where that is raised."""
    if _too_little_evidence(seen):
        return "unknown"
    shares = _shares(seen)
    effective_reps = sum(shares.values()) ** 2 / sum(days**2 for days in shares.values())
    # Fewer than 1.6 by 1/HHI takes a top share above 0.75, so that the second half decides nothing by these defaults.
    concentrated = max(shares.values()) / sum(shares.values()) >= 0.7 or effective_reps < 1.6
    return "raised" if concentrated and sole_rep(seen) != "raised" else "clear"


def single_contact(seen: Seen) -> Verdict:
    contacts = {contact for _, contact in seen.threads()}
    if len(seen.person_days()) < 8 or not contacts:
        return "unknown"
    return "raised" if len(contacts) == 1 else "clear"


def going_quiet(seen: Seen) -> Verdict:
    """The last 90 days against the four times 90 before them."""
    first = seen.first_touch_on()
    if first is None or seen.age(first) < 450:
        return "unknown"
    now, *before = (len(seen.person_days(90 * n, 90 * n + 89)) for n in range(5))
    mean = sum(before) / 4
    if mean < 3:
        return "unknown"
    chance = sum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(now + 1))  # Poisson
    return "raised" if now <= mean / 2 and chance < 0.05 and now < min(before) else "clear"


def our_person_left(seen: Seen) -> Verdict:
    """The config names no successors and the CRM no former owners: there is the owner, or nobody."""
    days = seen.person_days()
    share = {user: count / len(days) for user, count in Counter(user for user, _ in days).items()}
    leavers = {user for user in seen.org.inactive if share.get(user, 0) >= 0.2}
    owner = seen.account.owner
    successor = owner if owner in seen.org.active and owner not in leavers else None
    threads, present = seen.threads(), {person.id for person in seen.present}
    unmet = {contact for user, contact in threads if user in leavers and contact in present}
    unmet -= {contact for user, contact in threads if user == successor}
    waited = [seen.age(seen.org.logged[user]) for user, contact in threads if user in leavers and contact in unmet]
    return "raised" if any(age > 14 for age in waited) else "clear"


def their_person_left(seen: Seen) -> Verdict:
    if not seen.org.knows_departures:
        return "unknown"
    year, total = seen.year(), len(seen.person_days())
    for person in seen.people:
        if person.left_on is None or seen.age(person.left_on) > 180:
            continue
        part = len({(user, day) for user, contact, day in year if contact == person.id})
        if (person.is_senior(VP) or (total and part / total >= 0.2)) and not _anybody_new(seen, person, person.left_on):
            return "raised"
    return "clear"


def no_senior_contact(seen: Seen) -> Verdict:
    if titles_missing(seen):
        return "unknown"
    threads = {contact for _, contact in seen.threads()}
    known = any(person.is_senior(HEAD) and person.id in threads for person in seen.present)
    return "clear" if known else "raised"


def senior_untouched(seen: Seen) -> Verdict:
    if titles_missing(seen):
        return "unknown"
    touched = {contact for record in seen.records for contact in record.theirs}
    untouched = any(person.is_senior(VP) and person.id not in touched for person in seen.present)
    return "raised" if untouched else "clear"


def no_complaint_backup(seen: Seen) -> Verdict:
    main = seen.main_contact()
    if len(seen.person_days()) < 8 or not main:
        return "unknown"
    return "raised" if len({user for user, contact in seen.threads() if contact == main}) == 1 else "clear"


def main_contact_meeting(seen: Seen) -> Verdict:
    main = seen.main_contact()
    if not main:
        return "unknown"
    met = [record.day for record in seen.records if record.state == "held" and main in record.theirs]
    last = max(met, default=seen.since or seen.first_touch_on())
    assert last is not None, "who is most in touch was touched once"
    usual = 90 if seen.tier in "BC" else 45
    late = seen.age(last) > (seen.account.contact_every_days or usual)
    away = seen.all_away(person for person in seen.people if person.id == main)
    return "raised" if late and main not in seen.upcoming and not away else "clear"


def quiet_key_account(seen: Seen) -> Verdict:
    peers = seen.org.attention
    if seen.revenue <= 0 or seen.since is None or len(peers) < 8:
        return "unknown"
    attention = len(seen.person_days()) / (seen.revenue / 1000)
    less = sum(peer < attention for peer in peers)
    asked = any(seen.age(one.opened_on) < WINDOW_DAYS for one in seen.issues)
    return "raised" if seen.age(seen.since) >= 730 and less < len(peers) // 4 and not asked else "clear"


def unanswered_inbound(seen: Seen) -> Verdict:
    for person in seen.present:
        about = [record for record in seen.records if person.id in record.theirs]
        reactions = [record.at for record in about if record.direction == "outbound" or _is_reaction(record)]
        waiting = [
            record.day
            for record in about
            if record.kind == "message"
            and record.direction == "inbound"
            and seen.age(record.day) < 30
            and not any(at > record.at for at in reactions)
        ]
        if waiting and workdays_after(min(waiting), seen.today) > 3:
            return "raised"
    return "clear"


def suspected_left(seen: Seen) -> Verdict:
    for person in seen.present:
        days = {
            day for _, contact, day in seen.two_way if contact == person.id and 120 <= seen.age(day) < 120 + WINDOW_DAYS
        }
        lately = [record for record in seen.records if person.id in record.theirs and seen.age(record.day) < 120]
        heard = any(
            record.state == "held" or (record.kind == "message" and record.direction == "inbound") for record in lately
        )
        if (
            len(days) >= 4
            and not heard
            and sum(record.is_try for record in lately) >= 3
            and not seen.all_away([person])
        ):
            return "raised"
    return "clear"


def exec_reach_lapse(seen: Seen) -> Verdict:
    senior = [person for person in seen.people if person.is_senior(C)]
    if not senior:
        return "unknown"
    theirs = {person.id for person in senior}
    held = [day for _, contact, day in seen.two_way if contact in theirs]
    return unless_away(seen, senior, lapsed(seen, held, 183 + 14))


def our_exec_lapse(seen: Seen) -> Verdict:
    """Off where no executives of ours are named."""
    if not seen.org.executives:
        return "not_applicable"
    held = [day for user, _, day in seen.two_way if user in seen.org.executives]
    return lapsed(seen, held, (365 if seen.tier in "BC" else 183) + 14)


def unless_away(seen: Seen, people: list[Person], verdict: Verdict) -> Verdict:
    return "clear" if verdict == "raised" and seen.all_away(people) else verdict


def lapsed(seen: Seen, held: list[date], most_days: int) -> Verdict:
    last = max(held, default=seen.since or seen.first_touch_on())
    if last is None:
        return "unknown"
    return "raised" if seen.age(last) > most_days else "clear"


def _too_little_evidence(seen: Seen) -> bool:
    """Fewer than 8 person-days, or an owner who logs nothing anywhere: a colleague would look sole by mistake."""
    owner = seen.account.owner
    judged = owner in seen.org.active and owner not in seen.org.ignored
    silent = judged and seen.age(seen.org.logged.get(owner, date.min)) >= 90
    return silent or len(seen.person_days()) < 8


def _shares(seen: Seen) -> dict[str, int]:
    return Counter(user for user, _ in seen.person_days())


def _top(seen: Seen) -> str:
    """Of two with as many days neither is the one link, whoever is named."""
    shares = _shares(seen)
    return max(shares, key=lambda user: shares[user])


def _one_link(seen: Seen) -> bool:
    shares = sorted(_shares(seen).values(), reverse=True)
    total = sum(shares)
    return shares[0] / total >= 0.8 and all(days / total < 0.1 for days in shares[1:])


def _tenure(seen: Seen, user: str) -> int:
    """Days since the first touch of the last run without a gap of more than 270; of any touch, answered or not."""
    days = sorted({record.day for record in seen.records if user in record.ours})
    breaks = [after for before, after in pairwise(days) if (after - before).days > 270]
    start = max(breaks, default=days[0])
    # Nobody knows who had the customer before the record begins.
    if seen.account.owner == user and start == seen.first_touch_on() and seen.since:
        start = min(start, seen.since)
    return seen.age(start)


def _anybody_new(seen: Seen, leaver: Person, left_on: date) -> bool:
    days: dict[str, list[date]] = defaultdict(list)
    for _, contact, day in seen.two_way:
        if contact and contact != leaver.id:
            days[contact].append(day)
    return any(min(met) > left_on for met in days.values())


def titles_missing(seen: Seen) -> bool:
    present = seen.present
    return not present or sum(not person.told for person in present) / len(present) > 0.6


def _is_reaction(record: Record) -> bool:
    """A call that came from nobody in particular was ours to make; whatever was held has been talked about."""
    return record.state == "held" or (record.kind == "call" and not record.direction)


def workdays_after(day: date, last: date) -> int:
    """Mondays to Fridays after the day, the last one included."""
    return sum((day + timedelta(days=n)).weekday() < _SATURDAY for n in range(1, (last - day).days + 1))


DEFINITIONS: Mapping[str, Callable[[Seen], Verdict]] = MappingProxyType(
    {
        definition.__name__.replace("_", "-"): definition
        for definition in (
            sole_rep,
            exec_reach_lapse,
            our_person_left,
            their_person_left,
            single_contact,
            going_quiet,
            rep_concentration,
            sole_rep_new,
            no_senior_contact,
            senior_untouched,
            no_complaint_backup,
            main_contact_meeting,
            quiet_key_account,
            unanswered_inbound,
            suspected_left,
            our_exec_lapse,
        )
    }
)
#: What silence proves nothing of is heard in messages; that somebody was never touched is known without.
HEARING_NOTHING = frozenset({"senior-untouched"})
