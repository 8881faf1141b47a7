"""First loads through Bulk API 2.0 jobs: the same rows as by queries, whatever breaks off on the way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.errors import TransientError
from connectors.protocol import Connector, Cursor, Page
from connectors.salesforce import bulk
from connectors.salesforce.bulk import records
from connectors.salesforce.connector import SalesforceConnector
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import UNREAD, Org, Remembered, load, pulled, rows

HOUR = 3600
NUMBERS = itertools.count(1)


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
    # All but the object that this org lacks, and those of which few rows are wanted.
    assert org.served("bulk-create") == len(by_query.keys() - {"task_relations", "leads", "our_tasks", "holidays"})


@pytest.mark.usefixtures("small")
def test_a_load_in_bulk_costs_no_more_than_five_calls_an_object_above_its_pages(org: Org) -> None:
    connector = in_bulk(org)
    connector.server_now()
    spent = {}
    known = Remembered()
    for stream in connector.streams():
        before = connector.api_calls - org.served("bulk-state") - org.served("bulk-results")
        known.keep(pulled(connector, stream.name, known=known))
        spent[stream.name] = connector.api_calls - org.served("bulk-state") - org.served("bulk-results") - before
    # Describe, job and its deletion; the first stream also counts the records and asks for transactions.
    assert spent.pop("users") == 5
    assert spent.pop("our_tasks") + spent.pop("tasks") <= 5
    assert max(spent.values()) == 3


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


def test_a_result_of_days_ago_is_followed_by_the_news_since(org: Org) -> None:
    made = next(iter(in_bulk(org).pull("contacts", None, UNREAD)))
    assert made.cursor["job"]
    org.advance(3 * 24 * HOUR)
    *_, person, away = [row["Id"] for row in org.records("Contact") if not row["IsDeleted"]]
    org.control("PATCH", f"records/salesforce/Contact/{person}", {"LastName": "After the job"})
    org.control("DELETE", f"records/salesforce/Contact/{away}")
    pages = pulled(in_bulk(org), "contacts", made.cursor)
    assert rows(pages, "contacts")[person]["name"].endswith("After the job")
    assert away in pages[-1].gone["contacts"]
    assert pages[-1].cursor["since"] > made.cursor["until"]


# --- large increments ---------------------------------------------------------------------------------------------


def renamed(org: Org) -> tuple[Cursor, int]:
    """A cursor of before nearly all contacts were renamed and one was deleted; and how many that were."""
    cursor = pulled(org.connect(), "contacts")[-1].cursor
    org.advance(HOUR)
    *people, last = [row["Id"] for row in org.records("Contact") if not row["IsDeleted"]][20:]
    for person in people:
        org.control("PATCH", f"records/salesforce/Contact/{person}", {"LastName": f"Mass {next(NUMBERS)}"})
    org.control("DELETE", f"records/salesforce/Contact/{last}")
    org.advance(HOUR)
    org.control("DELETE", "journal")
    return cursor, len(people) + 1


def paged(org: Org, above_rows: int) -> SalesforceConnector:
    """Queries with small pages, and little that they are for."""
    connector = SalesforceConnector("acme", org.settings(bulk_above_rows=above_rows), pause=lambda _: None)
    connector._client.transport.headers["Sforce-Query-Options"] = "batchSize=200"
    return connector


@pytest.fixture(scope="module")
def crowded() -> Iterator[Org]:
    """Of more accounts and contacts than one page has."""
    org = Org(Sandbox(accounts=220, touches_per_account=1))
    yield org
    org.close()


@pytest.fixture
def crowd(crowded: Org) -> Org:
    crowded.faults()
    crowded.advance(HOUR)
    return crowded


def test_an_increment_that_is_too_large_for_queries_goes_on_in_bulk_behind_its_first_page(crowd: Org) -> None:
    cursor, count = renamed(crowd)
    by_query = pulled(crowd.connect(), "contacts", cursor)
    crowd.control("DELETE", "journal")
    by_job = pulled(paged(crowd, 250), "contacts", cursor)
    assert count > 250
    assert rows(by_job, "contacts") == rows(by_query, "contacts")
    gone = [{one for page in pages for one in page.gone["contacts"]} for pages in (by_job, by_query)]
    assert gone[0] == gone[1] != set()
    assert (crowd.served("query"), crowd.served("query-more"), crowd.served("bulk-create")) == (1, 0, 1)
    assert by_job[-1].cursor["since"] > cursor["since"]
    assert by_job[-1].cursor["job"] is None
    (again,) = pulled(paged(crowd, 250), "contacts", by_job[-1].cursor)
    assert again.records == 0


def test_an_increment_that_queries_can_bring_stays_with_them(crowd: Org) -> None:
    cursor, count = renamed(crowd)
    pulled(paged(crowd, count), "contacts", cursor)
    assert (crowd.served("query"), crowd.served("bulk-create")) == (1, 0)


def test_a_large_increment_that_dies_after_every_page_loses_nothing(crowd: Org) -> None:
    cursor, _ = renamed(crowd)
    whole = rows(pulled(crowd.connect(), "contacts", cursor), "contacts")
    seen: dict[str, Any] = {}
    last, lives = False, 0
    while not last:
        for _, page in zip(range(2), paged(crowd, 250).pull("contacts", cursor, UNREAD), strict=False):
            seen |= rows([page], "contacts")
            cursor, last = page.cursor, page.last
        lives += 1
    assert seen == whole
    assert lives > 1
    assert crowd.served("bulk-create") == 1


def test_a_first_load_of_which_the_counts_know_nothing_goes_on_in_bulk_too(crowd: Org) -> None:
    whole = rows(pulled(crowd.connect(), "contacts"), "contacts")
    crowd.control("DELETE", "journal")
    crowd.faults({"operation": "record-count", "status": 400})
    assert rows(pulled(paged(crowd, 250), "contacts"), "contacts") == whole
    assert crowd.served("bulk-create") == 1


@pytest.mark.parametrize(
    "fault",
    [{"operation": "bulk-create", "status": 400}, {"operation": "bulk-results", "status": 404}],
    ids=["refused", "result-gone"],
)
def test_a_large_increment_that_bulk_does_not_bring_is_brought_by_queries(crowd: Org, fault: dict[str, Any]) -> None:
    cursor, _ = renamed(crowd)
    whole = rows(pulled(crowd.connect(), "contacts", cursor), "contacts")
    crowd.control("DELETE", "journal")
    crowd.faults(fault)
    pages = pulled(paged(crowd, 250), "contacts", cursor)
    assert rows(pages, "contacts") == whole
    assert crowd.served("bulk-create") == 1
    assert pages[-1].cursor["job"] is None


def test_a_merge_among_many_changes_brings_its_children(crowd: Org) -> None:
    winner, loser, *others = [row for row in crowd.records("Account") if not row["IsDeleted"]]
    children = {row["Id"] for row in crowd.records("Contact") if row["AccountId"] == loser["Id"]}
    cursor = pulled(crowd.connect(), "accounts")[-1].cursor
    crowd.advance(HOUR)
    for account in others:
        crowd.control("PATCH", f"records/salesforce/Account/{account['Id']}", {"Phone": "1"})
    who = next(user["Email"] for user in crowd.records("User") if user["IsActive"])
    merged = {"crm": "salesforce", "who": who, "do": "merge", "winner": winner["Id"], "loser": loser["Id"]}
    crowd.advance(HOUR)
    crowd.control("POST", "act", merged)
    pages = pulled(paged(crowd, 210), "accounts", cursor)
    # The youngest changes are on no first page: Bulk told of the merge.
    assert loser["Id"] in {one for page in pages for one in page.gone.get("accounts", ())}
    assert children
    assert rows(pages, "contacts").keys() >= children
    assert {row["account_id"] for row in rows(pages, "contacts").values()} == {winner["Id"]}


# --- while a job runs ---------------------------------------------------------------------------------------------


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
