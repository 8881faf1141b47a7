"""Replies that make no sense, to every kind of request: told in one line, no row lost, nothing sent twice."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.errors import AuthError, ConnectorError
from connectors.protocol import Ambiguous, CreateTask, Done, Outcome, TaskContent
from connectors.salesforce import bulk
from connectors.salesforce.connector import SalesforceConnector
from connectors.sandbox.salesforce_store import Row
from tests.connectors.salesforce_mirror import Change, Mirror, SpoiltSandbox, Wire, mirrored
from tests.connectors.salesforce_org import pulled, rows

NUMBERS = itertools.count(1)
DESCRIBE, QUERY, MORE, UPDATED, DELETED, COUNT, JOB, STATE, RESULTS = (
    "/describe$", "/queryAll/$", "/queryAll/01g", "/updated/$", "/deleted/$", "/recordCount$", "/jobs/query$",
    "/jobs/query/750[^/]+$", "/results$",
)  # fmt: skip
# What stands where a JSON object should.
NONSENSE: dict[str, bytes] = {
    "html": b"<html><body><h1>Down for maintenance</h1></body></html>",
    "empty": b"",
    "blank": b" \n",
    "cut short": b'{"totalSize": 3, "done": true, "reco',
    "not utf-8": b'{"records": "\xff\xfe"}',
    "null": b"null",
    "number": b"7",
    "text": b'"ok"',
    "list": b"[]",
    "list of nothing": b"[null]",
    "object": b"{}",
    "error in a success": b'[{"errorCode": "UNKNOWN_EXCEPTION", "message": "?"}]',
}
# Pages of the right form with the wrong things in it.
PAGES: dict[str, dict[str, Any]] = {
    "records is a number": {"totalSize": 1, "done": True, "records": 7},
    "records is a text": {"totalSize": 1, "done": True, "records": "Acme"},
    "records is an object": {"totalSize": 1, "done": True, "records": {"Id": "x"}},
    "records holds no objects": {"totalSize": 2, "done": True, "records": [None, 7, "x", []]},
    "the next page is a number": {"totalSize": 1, "done": False, "nextRecordsUrl": 7, "records": []},
    "the next page is missing": {"totalSize": 9, "done": False, "records": []},
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("bad")) as one:
        yield one


@pytest.fixture
def mirror(kept: Mirror) -> Iterator[Mirror]:
    kept.org.advance(3600)
    kept.org.control("DELETE", "journal")
    yield kept
    spoil(kept, None)
    kept.org.faults()


def spoil(mirror: Mirror, change: Change | None) -> None:
    assert isinstance(mirror.org.sandbox, SpoiltSandbox)
    mirror.org.sandbox.change = change


def replacing(path: str, body: bytes, *, times: int = 1000) -> Change:
    """The next replies of status 200 to that path have this body."""
    left = iter(range(times))

    def change(wire: Wire) -> Wire:
        if wire.status != 200 or not re.search(path, wire.path) or next(left, None) is None:
            return wire
        return wire.saying(body)

    return change


def rewriting(path: str, edit: Callable[[Any], None]) -> Change:
    """Each reply to that path has its JSON edited."""

    def change(wire: Wire) -> Wire:
        if wire.status != 200 or not re.search(path, wire.path):
            return wire
        document = orjson.loads(wire.body)
        edit(document)
        return wire.saying(orjson.dumps(document))

    return change


def connector(mirror: Mirror, **settings: Any) -> SalesforceConnector:
    made = SalesforceConnector("acme", mirror.org.settings(**settings), pause=lambda _: None)
    made._client.transport.headers["Sforce-Query-Options"] = "batchSize=200"
    return made


def one_line(mirror: Mirror, stream: str = "email_messages", **settings: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        pulled(connector(mirror, **settings), stream)
    check(caught.value)
    return caught.value


@contextmanager
def at_worst_one_line() -> Iterator[None]:
    """What looks like an answer and is none ends a stream, which then is not whole."""
    try:
        yield
    except ConnectorError as error:
        check(error)


def check(error: ConnectorError) -> None:
    assert str(error).startswith("acme: ")
    assert "\n" not in str(error)


def emails(mirror: Mirror, **settings: Any) -> set[str]:
    return set(rows(pulled(connector(mirror, **settings), "email_messages"), "activities"))


def whole(mirror: Mirror) -> set[str]:
    return {row["Id"] for row in mirror.org.records("EmailMessage") if not row["IsDeleted"]}


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("path", [DESCRIBE, QUERY, MORE], ids=["describe", "query", "next page"])
def test_a_reply_that_is_none_is_one_line_when_it_lasts_and_nothing_when_it_passes(
    mirror: Mirror, path: str, body: bytes
) -> None:
    spoil(mirror, replacing(path, body))
    one_line(mirror)
    spoil(mirror, replacing(path, body, times=1))
    with at_worst_one_line():
        assert emails(mirror) == whole(mirror)


@pytest.mark.parametrize("body", PAGES.values(), ids=PAGES)
def test_a_page_of_the_wrong_types_loses_no_row(mirror: Mirror, body: dict[str, Any]) -> None:
    spoil(mirror, replacing(QUERY, orjson.dumps(body)))
    one_line(mirror)


@pytest.mark.parametrize("fields", [7, "Id", None, {}, [], [None], [{}], [{"name": None}]])
def test_a_describe_without_fields_is_no_describe(mirror: Mirror, fields: Any) -> None:
    spoil(mirror, replacing(DESCRIBE, orjson.dumps({"name": "EmailMessage", "fields": fields})))
    told = one_line(mirror)
    assert "does not describe EmailMessage" in str(told)
    assert "grant" not in str(told)  # nobody took anything away


@pytest.mark.parametrize("counts", [7, "x", None, {}, [None], [{}], [{"name": "EmailMessage", "count": "many"}]])
def test_counts_of_the_wrong_types_are_no_counts(mirror: Mirror, counts: Any) -> None:
    spoil(mirror, replacing(COUNT, orjson.dumps({"sObjects": counts})))
    assert emails(mirror) == whole(mirror)


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_without_a_word_about_transactions_or_counts_everything_arrives(mirror: Mirror, body: bytes) -> None:
    spoil(mirror, replacing(f"{UPDATED}|{COUNT}", body))
    assert emails(mirror) == whole(mirror)


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_a_log_of_deletions_that_is_none_leaves_the_stream_unfinished(mirror: Mirror, body: bytes) -> None:
    before = pulled(connector(mirror), "opportunity_contact_roles")[-1].cursor
    spoil(mirror, replacing(DELETED, body))
    with pytest.raises(ConnectorError, match="acme: "):
        list(connector(mirror).pull("opportunity_contact_roles", before, Nobody()))


class Nobody:
    """A store that has no links."""

    def linked(self, kind: str, targets: Any) -> Iterator[tuple[str, str, str]]:
        return iter(())

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
@pytest.mark.parametrize("path", [JOB, STATE, RESULTS], ids=["job", "state", "result"])
def test_bulk_replies_that_are_none_lose_no_row(mirror: Mirror, path: str, body: bytes) -> None:
    for times in (1000, 1):
        spoil(mirror, replacing(path, body, times=times))
        with at_worst_one_line():
            assert emails(mirror, bulk_above_rows=0) == whole(mirror)


def disagreeing(job: str) -> Change:
    """Results of jobs of which `job` matches the id have fewer rows than their header promises."""

    def change(wire: Wire) -> Wire:
        if wire.status != 200 or not re.search(f"{job}.*{RESULTS}", wire.path):
            return wire
        return wire.saying(wire.body, **{"sforce-numberofrecords": "4711"})

    return change


def test_a_bulk_result_that_stays_broken_is_made_by_a_second_job(mirror: Mirror) -> None:
    pages = connector(mirror, bulk_above_rows=0).pull("email_messages", None, Nobody())
    first = next(pages)
    spoil(mirror, disagreeing(first.cursor["job"]))
    rest = list(pages)
    assert rows(rest, "activities").keys() == whole(mirror)
    assert rest[-1].last
    assert (mirror.org.served("bulk-create"), mirror.org.served("bulk-delete")) == (2, 2)
    assert not any(page.set_aside for page in rest)


def test_where_every_bulk_result_stays_broken_queries_load_and_it_is_told_once(mirror: Mirror) -> None:
    spoil(mirror, disagreeing("750"))
    pages = pulled(connector(mirror, bulk_above_rows=0), "email_messages")
    assert rows(pages, "activities").keys() == whole(mirror)
    assert (mirror.org.served("bulk-create"), mirror.org.served("bulk-delete")) == (2, 2)
    (told,) = (told for page in pages for told in page.set_aside)
    assert told.startswith("EmailMessage: bulk queries bring no whole result")
    assert "of 4711 records" in told
    assert pages[-1].cursor["job"] is None
    # And that is the end of it: the next pull is an increment.
    spoil(mirror, None)
    (page,) = pulled(connector(mirror, bulk_above_rows=0), "email_messages", pages[-1].cursor)
    assert page.records == 0


def test_a_worker_that_meets_a_broken_result_in_every_life_ends_the_load_all_the_same(mirror: Mirror) -> None:
    spoil(mirror, disagreeing("750"))
    begun = next(connector(mirror, bulk_above_rows=0).pull("email_messages", None, Nobody()))
    pages = pulled(connector(mirror, bulk_above_rows=0), "email_messages", begun.cursor)
    assert rows(pages, "activities").keys() == whole(mirror)


def test_newlines_quotes_and_nul_in_cells_of_a_bulk_result_are_kept_but_for_nul(
    mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_BYTES", 7)  # every cell is cut somewhere
    odd = 'Über\n"Chief", \r\nof\x00 “Staff”; \u2028 #N/A'
    who, other = (row["Id"] for row in mirror.org.records("Contact")[:2])
    mirror.org.control("PATCH", f"records/salesforce/Contact/{who}", {"Title": odd})
    mirror.org.control("PATCH", f"records/salesforce/Contact/{other}", {"Title": "\x00"})
    told = rows(pulled(connector(mirror, bulk_above_rows=0), "contacts"), "contacts")
    by_query = rows(pulled(connector(mirror), "contacts"), "contacts")
    assert told.keys() == by_query.keys()
    assert told[who]["title"] == odd.replace("\x00", "")
    assert told[other]["title"] == ""


def test_ids_of_fifteen_characters_name_the_same_records(mirror: Mirror) -> None:
    def edit(document: dict[str, Any]) -> None:
        for record in document["records"]:
            record |= {
                name: value[:15]
                for name, value in record.items()
                if name.endswith("Id") and isinstance(value, str) and len(value) == 18
            }

    normal = [pulled(connector(mirror), stream) for stream in ("contacts", "opportunities", "events")]
    spoil(mirror, rewriting("/queryAll/", edit))
    short = [pulled(connector(mirror), stream) for stream in ("contacts", "opportunities", "events")]
    assert [[page.rows for page in pages] for pages in short] == [[page.rows for page in pages] for pages in normal]
    assert [[page.links for page in pages] for pages in short] == [[page.links for page in pages] for pages in normal]


VALUES: list[Any] = [None, 7, 7.5, True, "?", "9999-99-99", [], {}, {"a": [1]}, "x" * 3_000, 2**63 - 1]
KEPT = {"Id", "SystemModstamp", "IsDeleted", "attributes"}


def test_values_of_the_wrong_type_in_every_field_are_stored_or_set_aside(mirror: Mirror, tmp_path: Path) -> None:
    """Whole records of one odd value, and records in which each field has another one: none stops a stream."""
    counts: list[int] = []

    def edit(document: dict[str, Any]) -> None:
        counts.append(len(document["records"]))
        for number, record in enumerate(document["records"]):
            names, start = [name for name in record if name not in KEPT], number % len(VALUES)
            turned = itertools.cycle(VALUES[start:] + VALUES[:start])
            record.update(zip(names, turned, strict=False) if number % 2 else dict.fromkeys(names, VALUES[start]))

    spoil(mirror, rewriting("/queryAll/", edit))
    afresh = Mirror(org=mirror.org, folder=tmp_path)
    told = afresh.whole()
    assert sum(one.records for one in told.values()) == sum(counts) > 500
    assert afresh.set_aside()
    afresh.close()


@pytest.mark.parametrize("value", [None, 7, True, "", "x", [], {}])
def test_records_whose_id_is_none_are_counted_by_their_reason(mirror: Mirror, value: Any) -> None:
    def edit(document: dict[str, Any]) -> None:
        for record in document["records"]:
            record["Id"] = value

    contacts = len(mirror.org.records("Contact"))
    spoil(mirror, rewriting("/queryAll/", edit))
    (page,) = pulled(connector(mirror), "contacts")
    assert page.set_aside == {"no id": contacts}


@pytest.mark.parametrize("how", ["refused with every request", "no token in the answer", "html", "empty", "list"])
def test_a_token_that_never_works_is_one_line_after_two_logins_at_most(mirror: Mirror, how: str) -> None:
    if how == "refused with every request":
        mirror.org.faults({"path": "/services/data/", "kind": "token-expired"})
        assert isinstance(one_line(mirror), AuthError)
        assert mirror.org.served("token") == 2
        return
    body = {"no token in the answer": b'{"instance_url": "x"}', "html": NONSENSE["html"], "empty": b"", "list": b"[]"}
    spoil(mirror, replacing("/oauth2/token", body[how]))
    assert "login endpoint" in str(one_line(mirror))
    assert mirror.org.served("describe") == 0


def new_task(mirror: Mirror) -> CreateTask:
    account: Row = mirror.org.records("Account")[0]
    content = TaskContent(
        assignee_id=account["OwnerId"], subject="Introduce", body="why", due_on=date(2026, 12, 1), severity="high"
    )
    key = f"hf1:bad:owner:{next(NUMBERS)}"
    return CreateTask(key=key, account_id=account["Id"], contact_id=None, content=content)


REPLIES_TO_WRITES = {
    **NONSENSE,
    "too few": b"[]",
    "too many": b'[{"id": "a", "success": true}, {"id": "b", "success": true}, {"id": "c", "success": true}]',
    "rows that are none": b"[null, 7]",
    "rows without anything": b"[{}, {}]",
}


@pytest.mark.parametrize("body", REPLIES_TO_WRITES.values(), ids=REPLIES_TO_WRITES)
def test_a_write_whose_answer_makes_no_sense_was_sent_once_and_is_looked_up(mirror: Mirror, body: bytes) -> None:
    """Each change is told once, none as done that nobody has seen done; its key tells what became of it."""
    changes = [new_task(mirror), new_task(mirror)]
    spoil(mirror, replacing("/composite/sobjects/Task/", body))
    outcomes: dict[str, Outcome] = {change.key: outcome for change, outcome in connector(mirror).apply(changes)}  # type: ignore[union-attr] # these are tasks
    spoil(mirror, None)
    assert outcomes.keys() == {change.key for change in changes}
    assert not [outcome for outcome in outcomes.values() if isinstance(outcome, Done)]
    assert all(isinstance(outcome, Ambiguous) for outcome in outcomes.values())
    assert mirror.org.served("collections-upsert") == 1
    found = connector(mirror).find_tasks([change.key for change in changes])
    assert found.keys() == outcomes.keys()


@pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
def test_a_task_that_was_written_but_cannot_be_read_back_is_ambiguous(mirror: Mirror, body: bytes) -> None:
    change = new_task(mirror)
    spoil(mirror, replacing(QUERY, body))
    told = []
    with at_worst_one_line():
        for _, outcome in connector(mirror).apply([change]):
            told.append(outcome)
    assert [type(outcome) for outcome in told] == [Ambiguous]
