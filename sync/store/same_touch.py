"""The same mail, call or meeting that several CRMs keep: by its id, else by kind, people, direction and time. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from rules.model import Direction, Outcome, Touch

_T = TypeVar("_T")

# What says most about whether it took place, first.
_TELLING = (Outcome.HELD, Outcome.ATTEMPTED)


class Mark(NamedTuple):
    """What tells a touch beside itself: the id that it has in the mail or the calendar, and whether only its day is
    known.
    """

    uid: str = ""
    by_day: bool = False


UNMARKED = Mark()


class Seen(NamedTuple):
    """A touch by the reader's names, its mark, and who knows it."""

    touch: Touch
    mark: Mark
    connection: str


def same_touches(parts: Iterable[Iterable[Seen]]) -> list[list[Seen]]:
    """The touches of all parts, those that are one together, in the order of the parts."""
    return paired(parts, _touch_keys, _same_touch)


def _touch_keys(seen: Seen) -> Iterable[Hashable]:
    """The likeliest first: where a CRM knows only the day of a call, one of that day with the same outcome."""
    touch = seen.touch
    what = (touch.kind, touch.direction)
    if seen.mark.uid:
        yield seen.mark.uid
    yield (*what, touch.at.replace(second=0, microsecond=0))
    yield (*what, touch.day, touch.outcome)
    yield (*what, touch.day)


def _same_touch(one: Seen, other: Seen) -> bool:
    if one.mark.uid and other.mark.uid:
        return one.mark.uid == other.mark.uid
    by_day = one.mark.by_day or other.mark.by_day
    at, then = (seen.touch.at.replace(second=0, microsecond=0) for seen in (one, other))
    people = ((one.touch.ours, other.touch.ours), (one.touch.theirs, other.touch.theirs))
    # Each CRM knows some of those who took part: that they have one in common is all that can be asked.
    return (by_day or at == then) and all(not a or not b or set(a) & set(b) for a, b in people)


def one_touch(copies: Sequence[Seen]) -> Touch:
    first = copies[0].touch
    if len(copies) == 1:
        return first
    touches = [seen.touch for seen in copies]
    timed = next((seen.touch for seen in copies if not seen.mark.by_day), first)
    outcomes = {one.outcome for one in touches}
    return replace(
        first,
        at=timed.at,
        day=timed.day,
        direction=next((one.direction for one in touches if one.direction is not Direction.NONE), first.direction),
        outcome=next((one for one in _TELLING if one in outcomes), first.outcome),
        ours=tuple(sorted({one for touch in touches for one in touch.ours})),
        theirs=tuple(sorted({one for touch in touches for one in touch.theirs})),
    )


def paired(
    parts: Iterable[Iterable[_T]], keys: Callable[[_T], Iterable[Hashable]], same: Callable[[_T, _T], bool]
) -> list[list[_T]]:
    """Every item once, together with what is the same in later parts, of each part one at most.

    What is the same has a key in common; the first of an item's keys that finds something decides.
    """
    found: list[list[_T]] = []
    by_key: dict[Hashable, list[list[_T]]] = defaultdict(list)
    for part in parts:
        taken: set[int] = set()
        here: list[tuple[_T, list[_T]]] = []
        for item in part:
            there = (group for key in keys(item) for group in by_key.get(key, ()))
            group = next((one for one in there if id(one) not in taken and all(same(item, other) for other in one)), [])
            if not group:
                found.append(group)
            taken.add(id(group))
            here.append((item, group))
        for item, group in here:
            group.append(item)
            for key in keys(item):
                by_key[key].append(group)
    return found
