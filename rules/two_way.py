"""The two-way touches of an account one by one, and what is told from them over time: spans and pair strength.

`measures.coverage` counts the same touches over one window; here they keep their day and their pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from rules.facts import AccountFacts
from rules.measures import TwoWay, all_two_way, last_exchange
from rules.model import Contact, Kind
from rules.once import measured_once
from rules.statistics import strength

#: How long until a touch counts half where the strength of a pair over a year is ranked (domain.md 4.6).
HALF_LIFE_DAYS = 180

# What a touch-day of a pair weighs by its channel (domain.md 4.3).
_WEIGHTS = {Kind.MEETING: 3.0, Kind.CALL: 2.0, Kind.EMAIL: 1.0, Kind.MESSAGE: 1.0}


def two_way(facts: AccountFacts, after: date = date.min) -> Iterator[TwoWay]:
    """Yield (touch, user id, contact id) for each two-way touch of a pair on a day later than `after`.

    A meeting or call that was held without a known contact comes once for each of ours with None. A message may be
    answered from before `after`.
    """
    return (one for one in all_two_way(facts) if one[0].day > after)


@measured_once
def person_days_by_span(facts: AccountFacts, span_days: int, spans: int) -> list[int]:
    """Return the person-days of the last `spans` spans of `span_days` days each, the one that ends today first."""
    today = facts.today.toordinal()
    first = date.fromordinal(today - span_days * spans)
    found = [0] * spans
    for _, day in {(user_id, touch.day) for touch, user_id, _ in all_two_way(facts) if touch.day > first}:
        found[(today - day.toordinal()) // span_days] += 1
    return found


def pair_strengths(facts: AccountFacts, half_life_days: float = HALF_LIFE_DAYS) -> Mapping[tuple[str, str], float]:
    """Return the strength of each (user id, contact id) over the whole record, for ranking only.

    Each (pair, kind, local day) counts once, however many touches it has, weighed by its channel and its age.
    """
    weighted: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    counted = {(user_id, contact_id, touch.kind, touch.day) for touch, user_id, contact_id in two_way(facts)}
    for user_id, contact_id, kind, day in counted:
        if contact_id is not None:
            weighted[user_id, contact_id].append((_WEIGHTS[kind], (facts.today - day).days))
    return {pair: strength(some, half_life_days) for pair, some in weighted.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class LastMet:
    """Whom of theirs any of ours last had a real exchange with, and when."""

    contact: Contact
    on: date


@measured_once
def last_met(facts: AccountFacts) -> LastMet | None:
    """Return the contact still there with the last held exchange; of several in one meeting the first by name, id."""
    present = (one for one in facts.contacts if one.left_on is None or one.left_on > facts.today)
    there = {one.id: one for one in sorted(present, key=lambda one: (one.name, one.id))}
    last = last_exchange(facts, list(there))
    if last.held_on is None or last.contact_id is None:
        return None
    return LastMet(contact=there[last.contact_id], on=last.held_on)
