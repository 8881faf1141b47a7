"""One meeting that a CRM keeps several times, once per attendee or calendar, counts once, with the people of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rules.model import Outcome
from sync.store.packs import Entry

MEETING = "meeting"  # the kind of the links that name what several activities are

# What says most about whether it took place, first.
_TELLING = (str(Outcome.HELD), str(Outcome.ATTEMPTED))


def fold(entries: Iterable[Entry], meeting_of: Mapping[str, str]) -> list[Entry]:
    """The entries of one account, those of one meeting (`meeting_of`: activity id to the target of its MEETING link)
    as one entry under the smallest of their ids; it took place if any of them says so.
    """
    alone: list[Entry] = []
    copies: dict[str, list[Entry]] = {}
    for one in entries:
        if meeting := meeting_of.get(one.id):
            copies.setdefault(meeting, []).append(one)
        else:
            alone.append(one)
    return [*alone, *map(_one_of, copies.values())]


def _one_of(copies: list[Entry]) -> Entry:
    first, *others = sorted(copies, key=lambda one: one.id)
    if not others:
        return first
    outcomes = {one.outcome for one in copies}
    return replace(
        first,
        outcome=next((one for one in _TELLING if one in outcomes), first.outcome),
        ends_at=max((one.ends_at for one in copies if one.ends_at), default=None),
        since=None if any(one.since is None for one in copies) else min(one.since for one in copies if one.since),
        ours=tuple(sorted({person for one in copies for person in one.ours})),
        theirs=tuple(sorted({person for one in copies for person in one.theirs})),
    )
