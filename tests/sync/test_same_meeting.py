"""A meeting that is stored many times is one meeting."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sync.store.packs import Entry
from sync.store.same_meeting import fold

AT = datetime(2026, 10, 6, 8, 30, tzinfo=UTC)


def entry(name: str, **changes: Any) -> Entry:
    given = {
        "id": f"meetings:{name}",
        "kind": "meeting",
        "direction": "none",
        "outcome": "held",
        "at": AT,
        "ends_at": AT,
        "on_day": None,
        "since": None,
        "ours": (),
        "theirs": (),
    }
    return Entry(**{**given, **changes})


def test_copies_of_one_meeting_are_one_with_the_people_of_all() -> None:
    ours = (("user", "7"),), (("user", "8"),)
    found = fold(
        [
            entry("2", ours=ours[1], theirs=("c2",), outcome="attempted", since=date(2026, 1, 1)),
            entry("1", ours=ours[0], theirs=("c1",)),
            entry("3", theirs=("c1",)),
        ],
        {"meetings:1": "u@1", "meetings:2": "u@1"},
    )
    assert [one.id for one in found] == ["meetings:3", "meetings:1"]
    folded = found[1]
    assert (folded.outcome, folded.since) == ("held", None)
    assert (folded.ours, folded.theirs) == ((*ours[0], *ours[1]), ("c1", "c2"))


def test_what_stands_alone_stays_as_it_is() -> None:
    entries = [entry("1"), entry("2")]
    assert fold(entries, {"meetings:2": "u@1"}) == entries
