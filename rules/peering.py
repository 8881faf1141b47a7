"""Who is whose counterpart: function by function, theirs and ours, and when they last spoke (domain.md 1B and 5.5).

Buyers talk to sellers by themselves; a finance director or a plant manager needs somebody of their own trade. Functions
are told by titles (`rules.functions`), on both sides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rules.contact_measures import present
from rules.facts import AccountFacts
from rules.function_patterns import Function
from rules.functions import functions_of
from rules.model import Contact
from rules.people_measures import by_rank, is_senior
from rules.titles import Level
from rules.two_way import two_way


class Link(StrEnum):
    """How a function is linked.

    PEERS: one of theirs and one of ours of this function were in two-way touch. NEAR: somebody senior of theirs has it,
    and so has somebody of ours who is in touch with the account, but not with them. GAP: somebody senior of theirs has
    it, nobody of ours who is in touch. LOW: only people below `head` level have it there. OURS: only ours have it.
    """

    PEERS = "peers"
    NEAR = "near"
    GAP = "gap"
    LOW = "low"
    OURS = "ours"


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairing:
    """One function at one account: theirs, the most senior first, and user ids of ours, the last in touch first.

    `last_on` is the last day on which two of them were in two-way touch, whenever that was; for NEAR and OURS the last
    day of any of ours of the function with the account. None where there is none.
    """

    function: Function
    link: Link
    theirs: tuple[Contact, ...]
    ours: tuple[str, ...]
    last_on: date | None


def peering(facts: AccountFacts, window_days: int = 365) -> tuple[Pairing, ...]:
    """Return every function that somebody there has, or one of ours who is in touch, in the order of Function.

    In touch is who is active and had a two-way touch with the account in the last `window_days` days, today included.
    """
    theirs = _by_function({one.id: functions_of(one, facts.titles) for one in present(facts)})
    last_on = _last_days(facts)
    after = facts.today - timedelta(days=window_days)
    near = {user_id: max(days.values()) for user_id, days in last_on.items()}
    ours_near = {user_id for user_id, day in near.items() if day > after and _is_active(facts, user_id)}
    ours = _by_function({one: functions_of(facts.users[one], facts.titles) for one in ours_near})
    people = {one.id: one for one in facts.contacts}
    return tuple(
        _pairing(
            facts,
            function,
            theirs=[people[one] for one in theirs[function]],
            ours=ours[function],
            last_on=last_on,
            after=after,
        )
        for function in Function
        if theirs[function] or ours[function]
    )


def _pairing(
    facts: AccountFacts,
    function: Function,
    *,
    theirs: list[Contact],
    ours: set[str],
    last_on: Mapping[str, Mapping[str | None, date]],
    after: date,
) -> Pairing:
    ids = {one.id for one in theirs}
    together = [day for one in ours for contact_id, day in last_on[one].items() if contact_id in ids]
    any_day = [day for one in ours for day in last_on[one].values()]
    senior = any(is_senior(facts, one, Level.HEAD) for one in theirs)
    if together and max(together) > after:
        link = Link.PEERS
    elif not theirs:
        link = Link.OURS
    elif not senior:
        link = Link.LOW
    else:
        link = Link.NEAR if ours else Link.GAP
    return Pairing(
        function=function,
        link=link,
        theirs=tuple(by_rank(facts, theirs)),
        ours=tuple(sorted(ours, key=lambda one: (-max(last_on[one].values()).toordinal(), one))),
        last_on=max(together or any_day, default=None),
    )


def _by_function(functions: Mapping[str, frozenset[Function]]) -> defaultdict[Function, set[str]]:
    found: defaultdict[Function, set[str]] = defaultdict(set)
    for one, some in functions.items():
        for function in some:
            found[function].add(one)
    return found


def _last_days(facts: AccountFacts) -> Mapping[str, Mapping[str | None, date]]:
    """Return the last two-way day of each of ours with each contact, None standing for nobody known."""
    found: defaultdict[str, dict[str | None, date]] = defaultdict(dict)
    for touch, user_id, contact_id in two_way(facts):
        days = found[user_id]
        days[contact_id] = max(touch.day, days.get(contact_id, touch.day))
    return found


def _is_active(facts: AccountFacts, user_id: str) -> bool:
    return user_id in facts.users and facts.users[user_id].active
