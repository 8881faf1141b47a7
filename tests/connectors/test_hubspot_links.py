"""Associations as the portal answers them: partly, in pages, with labels and with numbers for ids."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import TransientError
from connectors.hubspot.link_streams import activity_links, deal_companies
from connectors.hubspot.links import associated
from connectors.hubspot.paths import Paths

NOW = datetime(2026, 11, 2, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
NONE_FOUND = "crm.associations.NO_ASSOCIATIONS_FOUND"


class Wire:
    """Answers each request with the next of `replies` and remembers what was asked."""

    name = "acme"
    paths = Paths("2026-09")

    def __init__(self, *replies: dict[str, Any]) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, list[dict[str, str]]]] = []

    def associations(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((path, body["inputs"]))
        return self.replies.pop(0) if self.replies else {"results": []}

    def server_now(self, *, at_most_seconds_old: float) -> datetime:
        return NOW


class Changed:
    """A store in which exactly these activities or deals changed."""

    cycle = 8

    def __init__(self, *ids: str) -> None:
        self.ids = ids
        self.since: int | None = None

    def activities(self, id_prefix: str, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        self.since = changed_since
        assert or_after == datetime(2026, 10, 3, tzinfo=UTC)
        return iter(self.ids)

    def deals(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        self.since = changed_since
        assert or_after == datetime(2026, 10, 3, tzinfo=UTC)
        return iter(self.ids)

    def live(self, table: str, id_prefix: str = "") -> Iterator[str]:
        return iter(sorted(self.ids))


def result(
    from_id: str, *targets: int, primary: tuple[int, str | None] | None = None, after: str = ""
) -> dict[str, Any]:
    types = [{"category": "HUBSPOT_DEFINED", "typeId": 341, "label": None}]
    if primary:
        types.insert(0, {"category": "HUBSPOT_DEFINED", "typeId": primary[0], "label": primary[1]})
    found: dict[str, Any] = {
        "from": {"id": from_id},
        "to": [{"toObjectId": target, "associationTypes": types} for target in targets],
    }
    if after:
        found["paging"] = {"next": {"after": after, "link": "ignore"}}
    return found


def refused(code: str, *ids: str) -> dict[str, Any]:
    return {"subCategory": code, "category": "OBJECT_NOT_FOUND", "message": "No.", "context": {"fromObjectId": ids}}


def test_every_page_of_every_record_is_read() -> None:
    wire = Wire({"results": [result("1", 10, 11, after="p2"), result("2", 10)]}, {"results": [result("1", 12)]})
    found = associated(wire, "calls", "contacts", ["1", "2"])  # type: ignore[arg-type]  # a double of Client
    assert [found.of("1"), found.of("2"), found.of("3")] == [["10", "11", "12"], ["10"], []]
    assert wire.asked[1][1] == [{"id": "1", "after": "p2"}]


def test_pages_that_do_not_advance_are_an_error() -> None:
    wire = Wire(*[{"results": [result("1", 10, after="p2")]}] * 3)
    with pytest.raises(TransientError):
        associated(wire, "calls", "contacts", ["1"])  # type: ignore[arg-type]  # a double of Client


@pytest.mark.parametrize("primary", [(5, "Primary"), (5, None), (901, "Primary")], ids=["both", "by type", "by label"])
def test_the_primary_company_of_a_deal_comes_alone(primary: tuple[int, str | None]) -> None:
    wire = Wire({"results": [result("7", 20), result("7", 21, primary=primary), result("8", 30, 31)]})
    known = Changed("7", "8", "9")
    first, last = deal_companies(wire, {"cycle": 5, "beat": NOW_MS}, known)  # type: ignore[arg-type]  # doubles
    (links,) = first.links
    assert [(row["activity_id"], row["side"], row["kind"], row["target"]) for row in links.rows] == [
        ("deals:7", "about", "account", "21"),
        ("deals:8", "about", "account", "30"),
        ("deals:8", "about", "account", "31"),
    ]
    assert links.replaced == ["deals:7", "deals:8", "deals:9"]
    assert (known.since, last.cursor, last.last) == (6, {"cycle": 8, "beat": NOW_MS}, True)


def test_nothing_found_is_an_answer_and_a_refusal_is_not() -> None:
    errors = [refused(NONE_FOUND, "1"), refused("OBJECT_NOT_READABLE", "2")]
    wire = Wire({"results": [result("3", 10)], "errors": errors})
    page = next(activity_links(wire, "calls", None, Changed("calls:1", "calls:2", "calls:3")))  # type: ignore[arg-type]
    contacts, *_ = page.links
    assert (contacts.source, contacts.replaced) == ("assoc:contacts", ["calls:1", "calls:3"])
    assert page.set_aside == {"associations refused (OBJECT_NOT_READABLE)": 1}
    assert page.cursor["pass"]["last"] == "calls:3"


def test_nothing_changed_costs_no_call() -> None:
    wire, known = Wire(), Changed()
    (page,) = activity_links(wire, "emails", {"cycle": 7, "beat": NOW_MS}, known)  # type: ignore[arg-type]  # doubles
    assert (wire.asked, known.since, page.last) == ([], 8, True)


def test_more_than_a_thousand_records_are_asked_in_thousands() -> None:
    wire = Wire()
    pages = list(activity_links(wire, "notes", None, Changed(*(f"notes:{n}" for n in range(2500)))))  # type: ignore[arg-type]
    assert sorted(len(inputs) for _, inputs in wire.asked) == [500] * 3 + [1000] * 6
    assert [page.records for page in pages] == [1000, 1000, 500, 0]
