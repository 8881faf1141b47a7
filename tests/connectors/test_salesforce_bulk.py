"""First loads through Bulk API 2.0 jobs: the same rows as by queries, whatever breaks off on the way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import TransientError
from connectors.protocol import Connector, Cursor, Page
from connectors.salesforce import bulk
from connectors.salesforce.bulk import records
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import UNREAD, Org, load, pulled, rows

HOUR = 3600


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    org = Org(Sandbox(accounts=25, touches_per_account=20))
    yield org
    org.close()


@pytest.fixture
def org(served: Org) -> Org:
    served.faults()
    served.advance(HOUR)
    served.control("DELETE", "journal")
    return served


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Results of several downloads, each of several pages."""
    monkeypatch.setattr(bulk, "ROWS_PER_DOWNLOAD", 150)
    monkeypatch.setattr(bulk, "ROWS_PER_PAGE", 60)


def in_bulk(org: Org) -> Connector:
    return org.connect(bulk_above_rows=0)


def told(pages: list[Page]) -> dict[str, Any]:
    """What the store would hold afterwards."""
    links = {tuple(sorted(link.items())) for page in pages for each in page.links for link in each.rows}
    tables = {table for page in pages for table in page.rows}
    gone = {(table, each) for page in pages for table, ids in page.gone.items() for each in ids}
    return {"links": links, "gone": gone, **{table: rows(pages, table) for table in tables}}


@pytest.mark.usefixtures("small")
def test_a_load_in_bulk_brings_what_queries_bring_type_by_type(org: Org) -> None:
    by_query, by_job = load(org.connect()), load(in_bulk(org))
    for stream, pages in by_query.items():
        assert told(by_job[stream]) == told(pages), stream
        assert by_job[stream][-1].cursor.keys() == pages[-1].cursor.keys()
    assert org.served("bulk-create") == len(by_query)


def test_a_load_in_bulk_costs_as_few_calls_as_it_can(org: Org) -> None:
    connector = in_bulk(org)
    pulled(connector, "users")  # with login, counts and transactions
    before, polls = connector.api_calls, org.served("bulk-state")
    pulled(connector, "events")
    # Describe, job, one page of the result, deletion.
    assert connector.api_calls - before - (org.served("bulk-state") - polls) == 4


def test_small_objects_are_read_by_query(org: Org) -> None:
    load(org.connect(bulk_above_rows=10_000))
    assert org.served("bulk-create") == 0
    assert org.served("record-count") == 1


def test_an_increment_after_a_load_in_bulk_is_a_query(org: Org) -> None:
    cursor = pulled(in_bulk(org), "contacts")[-1].cursor
    org.advance(HOUR)
    org.control("DELETE", "journal")
    person = org.records("Contact")[0]
    org.control("PATCH", f"records/salesforce/Contact/{person['Id']}", {"LastName": "Later"})
    (page,) = pulled(in_bulk(org), "contacts", cursor)
    assert rows([page], "contacts").keys() == {person["Id"]}
    assert (org.served("bulk-create"), org.served("record-count")) == (0, 0)


def test_what_changes_while_the_job_runs_comes_with_the_next_increment(org: Org) -> None:
    pages = in_bulk(org).pull("contacts", None, UNREAD)
    next(pages)
    person = org.records("Contact")[1]
    org.advance(HOUR)
    org.control("PATCH", f"records/salesforce/Contact/{person['Id']}", {"LastName": "Meanwhile"})
    rest = list(pages)
    org.advance(HOUR)
    (page,) = pulled(org.connect(), "contacts", rest[-1].cursor)
    assert rows([page], "contacts")[person["Id"]]["name"].endswith("Meanwhile")


@pytest.mark.usefixtures("small")
def test_a_load_that_dies_after_every_page_goes_on_with_its_job(org: Org) -> None:
    whole = rows(pulled(org.connect(), "email_messages"), "activities")
    seen: dict[str, Any] = {}
    cursor: Cursor | None = None
    deaths, last = 0, False
    while not last:
        # Two pages a life: what is committed in the middle of a download is begun again.
        for page in [*zip(range(4), in_bulk(org).pull("email_messages", cursor, UNREAD), strict=False)]:
            seen |= rows([page[1]], "activities")
            cursor, last = page[1].cursor, page[1].last
        deaths += 1
    assert seen == whole
    assert deaths > 2
    assert org.served("bulk-create") == 1


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "bulk-results", "kind": "token-expired", "after": 1, "first": 1},
        {"operation": "bulk-results", "kind": "unavailable", "first": 2},
        {"operation": "bulk-results", "status": 420, "html": True, "first": 1},
        {"operation": "bulk-results", "truncate": "cut", "after": 1, "first": 1},
        {"operation": "bulk-results", "truncate": "short", "first": 1},
        {"operation": "bulk-results", "cut": "before", "first": 1},
        {"operation": "bulk-state", "kind": "unavailable", "first": 2},
        {"operation": "bulk-create", "cut": "after", "first": 1},
        {"operation": "bulk-delete", "kind": "server-error"},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
def test_a_fault_in_the_middle_of_a_bulk_load_is_survived(org: Org, fault: dict[str, Any]) -> None:
    whole = rows(pulled(org.connect(), "email_messages"), "activities")
    logins = org.served("token")
    org.faults(fault)
    assert rows(pulled(in_bulk(org), "email_messages"), "activities") == whole
    assert org.served("token") - logins <= 2


@pytest.mark.parametrize(
    "fault",
    [
        {"operation": "bulk-create", "status": 400},
        {"operation": "bulk-state", "status": 404},
        {"operation": "bulk-results", "status": 404},
        {"operation": "record-count", "status": 400},
    ],
    ids=["refused", "lost", "result-gone", "no-counts"],
)
def test_where_bulk_is_not_to_be_had_queries_load(org: Org, fault: dict[str, Any]) -> None:
    whole = rows(pulled(org.connect(), "contacts"), "contacts")
    org.faults(fault)
    pages = pulled(in_bulk(org), "contacts")
    assert rows(pages, "contacts") == whole
    assert pages[-1].cursor["job"] is None


def test_a_job_that_was_deleted_meanwhile_is_no_end(org: Org) -> None:
    first = next(in_bulk(org).pull("contacts", None, UNREAD))
    client = org.connect()._client  # type: ignore[attr-defined] # as another admin tool would
    client.remove(f"jobs/query/{first.cursor['job']}")
    pages = pulled(in_bulk(org), "contacts", first.cursor)
    assert rows(pages, "contacts") == rows(pulled(org.connect(), "contacts"), "contacts")


def test_a_job_is_deleted_once_its_rows_are_there(org: Org) -> None:
    pulled(in_bulk(org), "contacts")
    assert org.served("bulk-delete") == 1


def test_a_hidden_field_is_told_in_a_bulk_load_too(org: Org) -> None:
    org.set_up(hide=["Contact.Title"])
    pages = pulled(in_bulk(org), "contacts")
    org.set_up(show=["Contact.Title"])
    assert [reason[:13] for page in pages for reason in page.set_aside] == ["Contact.Title"]


def read(text: str | bytes, size: int = 3, **types: str) -> list[dict[str, Any]]:
    raw = text.encode() if isinstance(text, str) else text
    return list(records("acme", (raw[at : at + size] for at in range(0, len(raw), size)), types))


def test_awkward_cells_are_read_as_they_were_written() -> None:
    text = '"Id","Name","IsDeleted","Amount"\n"1","a ""b"",\r\nÜ—\0x","true","1.5"\n"2","","false",""\n'
    assert read(text, IsDeleted="boolean", Amount="currency") == [
        {"Id": "1", "Name": 'a "b",\r\nÜ—x', "IsDeleted": True, "Amount": 1.5},
        {"Id": "2", "Name": None, "IsDeleted": False, "Amount": None},
    ]


@pytest.mark.parametrize(
    "text",
    ['"Id","Name"\n"1","a', '"Id","Name"\n"1"\n', '"Id","N"\n"1","2","3"\n', '"Id"\n"1"x\n', '"Id","N"\n"1","x"\n"2"'],
)
def test_a_result_that_is_cut_off_is_not_taken_for_whole(text: str) -> None:
    with pytest.raises(TransientError, match="acme: a bulk query's result is no CSV"):
        read(text)


def test_a_result_without_rows_is_whole() -> None:
    assert read('"Id","Name"\n') == []
    assert read("") == []


def test_a_job_that_ends_without_a_result_leaves_the_load_to_queries(org: Org) -> None:
    pages = in_bulk(org).pull("contacts", None, UNREAD)
    first = next(pages)
    client = org.connect()._client  # type: ignore[attr-defined] # as an admin in Setup, Bulk Data Load Jobs
    client.change(f"jobs/query/{first.cursor['job']}", {"state": "Aborted"})
    rest = list(pages)
    assert rows(rest, "contacts") == rows(pulled(org.connect(), "contacts"), "contacts")
    assert rest[-1].last
