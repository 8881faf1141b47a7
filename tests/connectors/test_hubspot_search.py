"""A window of changes is read whole, however the portal sorts and whatever happens while it is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import TransientError
from connectors.hubspot.paths import Paths
from connectors.hubspot.search import Query, Window, changed

QUERY = Query(kind="contacts", watermark="lastmodifieddate", properties=("email",))


class Index:
    """HubSpot's search over records that are only an id and a time of change, with its cap and its offsets."""

    name = "acme"
    paths = Paths("2026-09")

    def __init__(self, changed_at: dict[int, int], *, sort: Callable[[int], Any] = int, cap: int = 10_000) -> None:
        self.changed_at = changed_at
        self.sort = sort
        self.cap = cap
        self.calls = 0
        self.largest_page = 200
        self.after_call: Callable[[int], None] = lambda _: None

    def search(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        assert path == "/crm/objects/2026-09/contacts/search"
        time, *others = body["filterGroups"][0]["filters"]
        above = int(others[-1]["value"]) if others else -1
        low, high = int(time["value"]), int(time["highValue"])
        found = sorted((i for i, at in self.changed_at.items() if low <= at <= high and i > above), key=self.sort)
        start, size = int(body.get("after", 0)), min(body["limit"], self.largest_page)
        assert start + size <= self.cap
        page = found[start : start + size]
        reply: dict[str, Any] = {"total": len(found), "results": [{"id": str(i)} for i in page]}
        if start + size < len(found):
            reply["paging"] = {"next": {"after": str(start + size)}}
        self.after_call(self.calls)
        return reply


def read(index: Index, low: int, high: int) -> tuple[set[int], int]:
    ids: set[int] = set()
    complete_to = -1
    for found in changed(index, QUERY, Window(low=low, high=high)):  # type: ignore[arg-type]  # a double of Client
        ids |= {int(record["id"]) for record in found.records}
        assert found.complete_to >= complete_to
        complete_to = found.complete_to
        # What is said to be complete must have been seen: this is where a cursor moves to.
        assert all(i in ids for i, at in index.changed_at.items() if low <= at <= complete_to)
    return ids, complete_to


def test_a_window_without_news_costs_one_call() -> None:
    index = Index({})
    assert read(index, 0, 100) == (set(), 100)
    assert index.calls == 1


def test_more_than_the_cap_is_split_by_time_and_each_part_counts_once_it_is_read() -> None:
    index = Index({i: i % 5_000 for i in range(1, 24_001)})
    ids, complete_to = read(index, 0, 5_000)
    assert (len(ids), complete_to) == (24_000, 5_000)
    parts = list(changed(index, QUERY, Window(low=0, high=5_000)))  # type: ignore[arg-type]  # a double of Client
    assert sorted({part.complete_to for part in parts}) == [-1, 1250, 2500, 3750, 5000]


def test_a_bulk_job_of_one_millisecond_is_read_by_id_beyond_the_cap() -> None:
    index = Index(dict.fromkeys(range(1, 10_301), 7))
    ids, complete_to = read(index, 0, 9)
    assert (len(ids), complete_to) == (10_300, 9)


def test_ids_sorted_as_text_lose_nothing() -> None:
    index = Index(dict.fromkeys(range(99_900, 100_300), 7), sort=str)
    assert len(read(index, 0, 9)[0]) == 400


def test_a_record_that_leaves_while_it_is_read_takes_no_other_with_it() -> None:
    index = Index(dict.fromkeys(range(1, 1001), 7))

    def touched(call: int) -> None:
        if call == 1:
            index.changed_at.update({1: 50, 2: 50, 3: 50})

    index.after_call = touched
    ids, _ = read(index, 0, 9)
    assert ids == set(range(1, 1001))


def test_records_leaving_under_offsets_make_it_read_again() -> None:
    index = Index(dict.fromkeys(range(99_900, 100_400), 7), sort=str)

    def touched(call: int) -> None:
        if call == 3:
            index.changed_at[100_000] = 50

    index.after_call = touched
    assert len(read(index, 0, 9)[0]) == 500


def test_short_pages_are_followed_to_the_end() -> None:
    index = Index(dict.fromkeys(range(1, 60), 7))
    index.largest_page = 7
    assert len(read(index, 0, 9)[0]) == 59


def test_a_search_that_does_not_advance_is_an_error_and_no_endless_loop() -> None:
    class Stuck(Index):
        def search(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
            self.calls += 1
            return {"total": 9, "results": [{"id": "5"}], "paging": {"next": {"after": "5"}}}

    index = Stuck({})
    with pytest.raises(TransientError):
        read(index, 0, 9)
    assert index.calls < 10


@given(
    records=st.dictionaries(st.integers(1, 3000), st.integers(0, 40), max_size=300),
    text=st.booleans(),
    leaving=st.dictionaries(st.integers(1, 8), st.integers(1, 3000), max_size=4),
    page=st.integers(3, 50),
)
def test_everything_that_stays_in_the_window_is_seen(
    records: dict[int, int], text: bool, leaving: dict[int, int], page: int
) -> None:
    index = Index(dict(records), sort=str if text else int)
    index.largest_page = page

    def touched(call: int) -> None:
        if leaving.get(call) in index.changed_at:
            index.changed_at[leaving[call]] = 99

    index.after_call = touched
    try:
        ids, complete_to = read(index, 5, 35)
    except TransientError:
        assert leaving  # it may give up for now, and then says so
    else:
        assert complete_to == 35
        assert ids >= {i for i, at in index.changed_at.items() if 5 <= at <= 35}
