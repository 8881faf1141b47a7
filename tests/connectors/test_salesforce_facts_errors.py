"""Section 2.11 of the facts, row by row: what each refusal does to a pull or a write. See test_salesforce_facts.py."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
import pytest

from connectors.errors import AuthError, ConnectorError, RejectedError
from connectors.protocol import CreateTask, Done, Outcome, Rejected, TaskContent, UpdateTask
from connectors.salesforce.connector import SalesforceConnector
from tests.connectors.salesforce_mirror import Change, Mirror, SpoiltSandbox, Wire, mirrored
from tests.connectors.salesforce_org import pulled, rows

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("errors")) as one:
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


def refusing(status: int, code: str, message: str, *, path: str, query: str = "", times: int = 1000) -> Change:
    """The next replies to requests of that path and query say no."""
    left = iter(range(times))

    def change(wire: Wire) -> Wire:
        if path not in wire.path or query not in wire.query or next(left, None) is None:
            return wire
        return wire.saying(orjson.dumps([{"errorCode": code, "message": message}]), status)

    return change


def patient(mirror: Mirror) -> tuple[SalesforceConnector, list[float]]:
    """A connector in small pages, and what it has waited."""
    waits: list[float] = []
    connector = SalesforceConnector("acme", mirror.org.settings(), pause=waits.append)
    connector._client.transport.headers["Sforce-Query-Options"] = "batchSize=200"
    return connector, waits


def failure(mirror: Mirror, stream: str = "contacts") -> ConnectorError:
    connector, _ = patient(mirror)
    with pytest.raises(ConnectorError) as caught:
        pulled(connector, stream)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("acme: ")
    return caught.value


def task(mirror: Mirror, subject: str = "Introduce") -> CreateTask:
    account = mirror.org.records("Account")[0]
    content = TaskContent(
        assignee_id=account["OwnerId"], subject=subject, body="why", due_on=date(2026, 12, 1), severity="high"
    )
    key = f"hf1:errors:owner:{next(NUMBERS)}"
    return CreateTask(key=key, account_id=account["Id"], contact_id=None, content=content)


def test_403_too_many_long_calls_are_waited_out_and_are_no_quota(mirror: Mirror) -> None:
    mirror.org.faults({"operation": "query", "kind": "rate-limit", "first": 2})
    connector, waits = patient(mirror)
    assert pulled(connector, "contacts")[-1].last
    assert waits == [30.0, 30.0]


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.", AuthError),
        ("API_CURRENTLY_DISABLED", "API is currently disabled for this user", AuthError),
        ("INVALID_AUTH_HEADER", "This session is not valid for use with the REST API", AuthError),
        ("INSUFFICIENT_ACCESS", "You do not have the level of access necessary.", RejectedError),
    ],
)
def test_403_a_refusal_that_an_admin_must_mend_is_not_tried_again(
    mirror: Mirror, code: str, message: str, expected: type[ConnectorError]
) -> None:
    spoil(mirror, refusing(403, code, message, path="/queryAll"))
    told = failure(mirror)
    assert type(told) is expected
    assert message[:20] in str(told)
    assert mirror.org.served("query") == 1


@pytest.mark.parametrize("code", ["QUERY_TIMEOUT", "QUERY_TOO_COMPLICATED"])
def test_400_a_query_that_takes_too_long_is_asked_in_pieces_and_nothing_is_lost(mirror: Mirror, code: str) -> None:
    whole = rows(pulled(patient(mirror)[0], "email_messages"), "activities")
    said = "Your query request was running for too long."

    def change(wire: Wire) -> Wire:
        if "/queryAll" in wire.path and "q=" in wire.query and "LIMIT+200&" not in f"{wire.query}&":
            return wire.saying(orjson.dumps([{"errorCode": code, "message": said}]), 400)
        return wire

    spoil(mirror, change)
    told = pulled(patient(mirror)[0], "email_messages")
    assert rows(told, "activities") == whole
    assert sum(page.records for page in told) == len(whole)


def test_400_a_query_that_takes_too_long_in_the_smallest_pieces_is_one_line(mirror: Mirror) -> None:
    spoil(mirror, refusing(400, "QUERY_TIMEOUT", "Your query request was running for too long.", path="/queryAll"))
    assert "running for too long" in str(failure(mirror))


def test_400_a_stale_locator_starts_again_behind_the_last_row(mirror: Mirror) -> None:
    whole = rows(pulled(patient(mirror)[0], "email_messages"), "activities")
    spoil(mirror, refusing(400, "INVALID_QUERY_LOCATOR", "invalid query locator", path="/queryAll/01g", times=1))
    told = pulled(patient(mirror)[0], "email_messages")
    assert [row["id"] for page in told for row in page.rows["activities"]] == list(whole)


def test_400_a_malformed_query_is_one_line_without_the_query(mirror: Mirror) -> None:
    said = "\nSELECT Id FROM Contact\n       ^\nERROR at Row:1:Column:8\nunexpected token: 'FROM'"
    spoil(mirror, refusing(400, "MALFORMED_QUERY", said, path="/queryAll"))
    told = failure(mirror)
    assert "SELECT" not in str(told)
    assert "unexpected token" in str(told)


def applied(mirror: Mirror, *changes: Any) -> dict[str, Outcome]:
    return {change.key: outcome for change, outcome in patient(mirror)[0].apply(changes)}


@pytest.mark.parametrize(
    "code",
    [
        "DUPLICATES_DETECTED",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "REQUIRED_FIELD_MISSING",
        "STRING_TOO_LONG",
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "FIELD_INTEGRITY_EXCEPTION",
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "INVALID_CROSS_REFERENCE_KEY",
        "SOMETHING_THAT_NOBODY_HAS_HEARD_OF",
    ],
)
def test_a_row_that_the_org_refuses_costs_itself_alone_in_the_orgs_own_words(mirror: Mirror, code: str) -> None:
    refused, fine = task(mirror, "Refused"), task(mirror, "Fine")
    message = f"Ask Marie about {code}."
    rule = {"match": {"Subject": "Refused"}, "code": code, "message": message}
    mirror.org.faults({"operation": "collections-upsert", "rows": rule})
    told = applied(mirror, refused, fine)
    assert told[refused.key] == Rejected(code=code, message=message)
    assert isinstance(told[fine.key], Done)
    assert mirror.org.served("collections-upsert") == 1


def test_a_task_that_is_gone_is_refused_alone_and_the_next_pull_knows(mirror: Mirror) -> None:
    gone, here = task(mirror), task(mirror)
    made = applied(mirror, gone, here)
    ids = {key: outcome.task.id for key, outcome in made.items() if isinstance(outcome, Done) and outcome.task}
    mirror.whole()
    mirror.org.advance(3600)
    mirror.org.control("DELETE", f"records/salesforce/Task/{ids[gone.key]}")
    updates = [
        UpdateTask(key=each.key, task_id=ids[each.key], account_id=each.account_id, changed={"subject": "Anew"})
        for each in (gone, here)
    ]
    told = applied(mirror, *updates)
    refused = told[gone.key]
    assert isinstance(refused, Rejected)
    assert refused.code == "ENTITY_IS_DELETED"
    assert isinstance(told[here.key], Done)
    mirror.whole()
    assert mirror.rows("crm_tasks")[ids[gone.key]]["status"] == "deleted"


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503, "kind": "unavailable"},
        {"status": 503, "empty": True},
        {"status": 500, "kind": "server-error"},
        {"status": 502, "html": True},
        {"status": 504, "empty": True},
        {"status": 420, "html": True},
        {"status": 429, "empty": True},
        {"status": 406, "html": True},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
@pytest.mark.parametrize("operation", ["describe", "query", "query-more"])
def test_what_passes_is_tried_again_until_it_has_passed(mirror: Mirror, operation: str, fault: dict[str, Any]) -> None:
    mirror.org.faults({"operation": operation, **fault, "first": 4})
    connector, waits = patient(mirror)
    assert len(rows(pulled(connector, "email_messages"), "activities")) == len(mirror.org.records("EmailMessage"))
    assert len(waits) == 4


def test_410_a_retired_version_is_told_with_the_key_to_change(mirror: Mirror) -> None:
    spoil(
        mirror,
        refusing(410, "UNSUPPORTED_API_VERSION", "The requested API version is retired.", path="/services/data/v"),
    )
    told = failure(mirror)
    assert "api_version" in str(told)
    assert mirror.org.served("describe") == 1
