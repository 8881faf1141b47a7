"""A first load over several lanes: every record once it is there, whatever the ids are like, and wherever it is cut."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import RejectedError, TransientError
from connectors.hubspot import loading
from connectors.hubspot.lanes import Lane, OutOfOrderError, evenly, read_lanes
from connectors.hubspot.loading import everything, grouped
from connectors.hubspot.mapping import shapes
from connectors.hubspot.overlap import overlapped
from connectors.hubspot.paths import Paths
from connectors.hubspot.settings import HubspotSettings
from connectors.protocol import Cursor
from tests.connectors.hubspot_portal import Portal, Store, pull_stream

CALLS = shapes(HubspotSettings.model_validate({"kind": "hubspot", "access_token": "t"}))["calls"]


class Lists:
    """A portal that has nothing but a list of ids, in the order of numbers or of strings; `exclusive`: a page begins
    behind the id that it is asked for.
    """

    name = "acme"
    paths = Paths("2026-09")

    def __init__(self, ids: list[int], order: Callable[[int], Any] = int) -> None:
        self.ids = sorted(ids, key=order)
        self.order = order
        self.calls = 0
        self.refused = False
        self.exclusive = False
        self.broken_from = -1

    def server_now(self) -> datetime:
        return datetime(2026, 11, 2, tzinfo=UTC)

    def get(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        self.calls += 1
        if 0 <= self.broken_from <= self.calls:
            raise TransientError("lost")
        after = query.get("after", "")
        if after.startswith("#"):
            begin = int(after[1:])
        elif after:
            if self.refused:
                raise RejectedError("Invalid paging token", "VALIDATION_ERROR")
            wanted = self.order(int(after) + self.exclusive)
            begin = next((n for n, one in enumerate(self.ids) if self.order(one) >= wanted), len(self.ids))
        else:
            begin = 0
        page = self.ids[begin : begin + 100]
        reply: dict[str, Any] = {"results": [{"id": str(one), "properties": {}} for one in page]}
        if begin + 100 < len(self.ids):
            reply["paging"] = {"next": {"after": f"#{begin + 100}"}}
        return reply

    def search(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        newest = [{"id": str(self.ids[-1])}] if self.ids else []
        return {"total": len(self.ids), "results": newest}


def load(portal: Lists, cursor: Cursor | None = None) -> Iterator[tuple[list[int], Cursor, bool]]:
    for records, reached, last in everything(portal, CALLS, cursor):  # type: ignore[arg-type]  # a double of Client
        yield [int(one["id"]) for one in records], reached, last


def spread(count: int, chance: random.Random) -> list[int]:
    """Ids as portals have them: some old and small, most in a few dense clumps far apart."""
    clumps = [chance.randrange(1, 10**11) for _ in range(6)]
    return sorted({chance.choice(clumps) + chance.randrange(4 * count) for _ in range(count)} | set(range(512, 700)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("exclusive", [False, True])
def test_lanes_bring_every_record_and_none_twice(seed: int, exclusive: bool) -> None:
    ids = spread(5_000, random.Random(seed))
    portal = Lists(ids)
    portal.exclusive = exclusive
    parts = list(load(portal))
    found = [one for some, _, _ in parts for one in some]
    assert sorted(found) == ids
    assert [last for *_, last in parts].count(True) == 1
    assert parts[-1][2]
    assert portal.calls < len(ids) / 100 + 40  # what entering a list costs


@pytest.mark.parametrize("seed", range(6))
def test_a_load_cut_at_any_page_goes_on_and_loses_nothing(seed: int) -> None:
    chance = random.Random(seed)
    ids = spread(4_000, chance)
    found: set[int] = set()
    cursor: Cursor | None = None
    done = False
    while not done:
        stop = chance.randrange(2, 25)
        for number, (some, reached, last) in enumerate(load(Lists(ids), cursor)):
            found.update(some)
            cursor, done = reached, last
            if number == stop or done:
                break
    assert sorted(found) == ids


def test_a_list_in_the_order_of_strings_is_read_in_one_lane() -> None:
    ids = list(range(7_000, 12_000))
    found = [one for some, *_ in load(Lists(ids, order=str)) for one in some]
    assert sorted(set(found)) == ids


def test_a_portal_that_lets_nobody_enter_its_list_is_read_from_the_beginning() -> None:
    ids = list(range(1, 5_000))
    portal = Lists(ids)
    portal.refused = True
    assert sorted({one for some, *_ in load(portal) for one in some}) == ids


def test_a_small_object_is_read_without_a_search_and_an_empty_one_too() -> None:
    for ids in ([], list(range(1, 90))):
        portal = Lists(ids)
        portal.search = None  # type: ignore[assignment, method-assign]  # not to be called
        ((found, cursor, last),) = load(portal)
        assert (found, last, portal.calls) == (ids, True, 1)
        assert not loading.is_load(cursor)


def test_what_arrived_before_an_error_is_kept() -> None:
    portal = Lists(list(range(1, 5_000)))
    portal.broken_from = 15
    kept: list[tuple[Any, Cursor, bool]] = []
    with pytest.raises(TransientError):
        kept.extend(grouped(everything(portal, CALLS, None)))  # type: ignore[arg-type]  # a double of Client
    assert sum(len(records) for records, *_ in kept) >= 1_000
    assert all(loading.is_load(reached) for _, reached, _ in kept)


def test_a_lane_that_does_not_advance_is_an_error_and_one_out_of_order_another() -> None:
    stuck = {"results": [{"id": "5"}], "paging": {"next": {"after": "4"}}}
    with pytest.raises(TransientError):
        list(read_lanes(lambda _: stuck, [Lane.at(5, None)], newest=9, what="calls"))
    with pytest.raises(OutOfOrderError):
        list(read_lanes(lambda _: {"results": [{"id": "7"}, {"id": "6"}]}, evenly(1, 9, 1), newest=9, what="calls"))


def test_overlapped_work_comes_in_order_and_fails_in_its_turn() -> None:
    def work(number: int) -> int:
        if number == 5:
            raise ValueError(number)
        return number * number

    done: list[int] = []
    with pytest.raises(ValueError, match="5"):
        done.extend(overlapped(work, range(100), at_once=3))
    assert done == [0, 1, 4, 9, 16]
    results = overlapped(work, range(4))
    assert list(results) == [0, 1, 4, 9]


def test_a_large_object_of_a_portal_arrives_whole_over_lanes() -> None:
    portal = Portal(accounts=40, touches_per_account=120)
    try:
        store = Store()
        pages = list(pull_stream(portal.connect(), store, "emails"))
        assert pages[-1].last
        assert {row_id.removeprefix("emails:") for row_id in store.rows["activities"]} == {
            one["id"] for one in portal.records("emails")
        }
        assert "lanes" not in store.cursors["emails"]
        assert [operation for operation, _ in portal.served()].count("search") == 1
    finally:
        portal.close()
