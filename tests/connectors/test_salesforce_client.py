"""What the client does with the wire: logins, refusals, lost answers, quotas. `responses` plays Salesforce."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr, ValidationError

from connectors.errors import (
    AmbiguousWriteError,
    AuthError,
    ConnectorError,
    QuotaError,
    RateLimitedError,
    RejectedError,
    TransientError,
)
from connectors.protocol import (
    Ambiguous,
    CloseTask,
    CreateTask,
    Done,
    Rejected,
    SetFields,
    TaskContent,
    UpdateTask,
)
from connectors.salesforce.client import Client
from connectors.salesforce.connector import SalesforceConnector
from connectors.salesforce.refusals import one_line
from connectors.salesforce.session import Bearer
from connectors.salesforce.settings import SalesforceSettings
from tests.connectors.salesforce_org import UNREAD

ORG = "https://acme.my.salesforce.com"
DATA = f"{ORG}/services/data/v66.0"
TOKEN = f"{ORG}/services/oauth2/token"
DATE = {"Date": "Mon, 02 Nov 2026 06:00:00 GMT"}
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]

ACCOUNT, OTHER_ACCOUNT = "001000000000001AAA", "001000000000002AAA"
USER, CONTACT = "005000000000001AAA", "003000000000001AAA"
TASK = "00T000000000001AAA"


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def org() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def by_secret(**changes: Any) -> SalesforceSettings:
    given = {"base_url": ORG, "auth": "client-credentials", "client_id": "id", "client_secret": SecretStr("s3cret")}
    return SalesforceSettings(**{**given, **changes})


def by_key(private_key: str, **changes: Any) -> SalesforceSettings:
    given = {"base_url": ORG, "consumer_key": "3MVG9", "username": "worker@acme.example", "private_key": private_key}
    return SalesforceSettings(**{**given, **changes})


def tokens(org: responses.RequestsMock, *values: str) -> None:
    for value in values:
        org.post(TOKEN, json={"access_token": value, "instance_url": ORG, "token_type": "Bearer"})


def rows(*records: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    reply: dict[str, Any] = {"totalSize": len(records), "done": more is None, "records": list(records)}
    return reply | ({"nextRecordsUrl": more} if more else {})


def client(settings: SalesforceSettings | None = None, waits: list[float] | None = None) -> Client:
    return Client("acme", settings or by_secret(), pause=(waits if waits is not None else []).append)


def connector(settings: SalesforceSettings | None = None, waits: list[float] | None = None) -> SalesforceConnector:
    return SalesforceConnector("acme", settings or by_secret(), pause=(waits if waits is not None else []).append)


def failure(call: Any) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught:
        call()
    assert "\n" not in str(caught.value)
    return caught.value


# --- logging in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base_url", "audience"),
    [
        (ORG, "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
    ids=["production", "sandbox org"],
)
def test_a_jwt_says_who_logs_in_where(
    org: responses.RequestsMock, private_key: str, base_url: str, audience: str
) -> None:
    sent = org.post(f"{base_url}/services/oauth2/token", json={"access_token": "t"})
    org.get(f"{base_url}/services/data/", json=[], headers=DATE)
    client(by_key(private_key, base_url=base_url)).server_now()
    form = parse_qs(sent.calls[0].request.body)
    claims = jwt.decode(form["assertion"][0], options={"verify_signature": False})
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("3MVG9", "worker@acme.example", audience)


def test_client_credentials_go_in_the_basic_header_and_the_token_on_every_request(org: responses.RequestsMock) -> None:
    login = org.post(TOKEN, json={"access_token": "first"})
    page = org.get(f"{DATA}/queryAll/", json=rows(), headers=DATE)
    acme = client()
    acme.query("SELECT Id FROM Account")
    acme.query("SELECT Id FROM Account")
    assert login.call_count == 1
    assert login.calls[0].request.headers["Authorization"].startswith("Basic ")
    assert [call.request.headers["Authorization"] for call in page.calls] == ["Bearer first"] * 2
    assert acme.calls == 3


@pytest.mark.parametrize(
    ("error", "description", "mend"),
    [
        ("invalid_grant", "user hasn't approved this consumer", "Permitted Users"),
        ("invalid_grant", "audience is invalid", "base_url"),
        ("invalid_grant", "user is locked", "unlock"),
        ("invalid_grant", "expired authorization code", "clock"),
        ("invalid_grant", "no client credentials user enabled", "Run As"),
        ("invalid_grant", "authentication failure", "username"),
        ("invalid_client_id", "client identifier invalid", "consumer key"),
        ("invalid_client", "invalid client credentials", "secret"),
    ],
)
def test_a_refused_login_names_connection_credential_and_remedy(
    org: responses.RequestsMock, error: str, description: str, mend: str
) -> None:
    org.post(TOKEN, status=400, json={"error": error, "error_description": description})
    told = failure(lambda: client().query("SELECT Id FROM Account"))
    assert isinstance(told, AuthError)
    assert str(told).startswith("acme: Salesforce refuses client_id and client_secret")
    assert description in str(told)
    assert mend in str(told)
    assert "s3cret" not in str(told)


def test_a_key_that_is_none_is_told_without_showing_it() -> None:
    broken = "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----"
    told = failure(lambda: client(by_key(broken)).query("SELECT Id FROM Account"))
    assert isinstance(told, AuthError)
    assert "private_key_file" in str(told)
    assert "nonsense" not in str(told)


def test_a_login_endpoint_that_is_down_is_tried_again_even_for_a_write(org: responses.RequestsMock) -> None:
    org.post(TOKEN, status=503, body="")
    tokens(org, "t")
    org.patch(f"{DATA}/composite/sobjects", json=[{"id": ACCOUNT, "success": True, "errors": []}])
    waits: list[float] = []
    client(waits=waits).update([{"Id": ACCOUNT}])
    assert len(waits) == 1


def test_an_expired_token_is_renewed_once_and_the_request_sent_again(org: responses.RequestsMock) -> None:
    tokens(org, "old", "new")
    org.patch(f"{DATA}/composite/sobjects", status=401, json=EXPIRED)
    resent = org.patch(f"{DATA}/composite/sobjects", json=[{"id": ACCOUNT, "success": True, "errors": []}])
    acme = client()
    acme.update([{"Id": ACCOUNT, "Name": "x"}])
    assert resent.calls[0].request.headers["Authorization"] == "Bearer new"
    assert b'"Name":"x"' in resent.calls[0].request.body
    assert acme.calls == 4


def test_a_token_that_is_refused_when_new_ends_in_one_line(org: responses.RequestsMock) -> None:
    tokens(org, "old", "new")
    asked = org.get(f"{DATA}/queryAll/", status=401, json=EXPIRED)
    told = failure(lambda: client().query("SELECT Id FROM Account"))
    assert isinstance(told, AuthError)
    assert asked.call_count == 2


def test_many_threads_on_an_expired_token_log_in_once() -> None:
    logins: list[int] = []

    def login() -> str:
        logins.append(1)
        return "the same token as before"

    bearer = Bearer(login)
    bearer(requests.Request("GET", ORG).prepare())
    threads = [threading.Thread(target=bearer.renew, args=(1,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(logins) == 2


# --- refusals and lost answers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "expected", "attempts"),
    [
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], QuotaError, 1),
        (
            403,
            [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentPerOrgLongTxn Limit exceeded."}],
            RateLimitedError,
            5,
        ),
        (403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "API is not enabled"}], AuthError, 1),
        (403, [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}], RejectedError, 1),
        (403, [{"errorCode": "X", "message": "This session is not valid for use with the REST API"}], AuthError, 1),
        (400, [{"errorCode": "MALFORMED_QUERY", "message": "unexpected token"}], RejectedError, 1),
        (404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], RejectedError, 1),
        (410, [{"errorCode": "UNSUPPORTED_API_VERSION", "message": "gone"}], RejectedError, 1),
        (420, "<html>slow down</html>", RateLimitedError, 5),
        (429, "", RateLimitedError, 5),
        (500, [{"errorCode": "UNKNOWN_EXCEPTION", "message": "An unexpected error occurred"}], TransientError, 5),
        (503, "", TransientError, 5),
        (301, "", RejectedError, 1),
        (200, "<html>maintenance</html>", TransientError, 5),
    ],
)
def test_each_refusal_of_a_read_has_its_class_and_its_number_of_attempts(
    org: responses.RequestsMock, status: int, body: Any, expected: type[ConnectorError], attempts: int
) -> None:
    tokens(org, "t")
    told = {"body": body} if isinstance(body, str) else {"json": body}
    asked = org.get(f"{DATA}/queryAll/", status=status, **told)
    assert type(failure(lambda: client().query("SELECT Id FROM Account"))) is expected
    assert asked.call_count == attempts


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (requests.ReadTimeout(), AmbiguousWriteError),
        (requests.ConnectionError("Connection aborted."), AmbiguousWriteError),
        (requests.exceptions.ChunkedEncodingError(), AmbiguousWriteError),
        (requests.ConnectTimeout(), TransientError),
    ],
    ids=["no answer in time", "cut", "half a body", "never connected"],
)
def test_a_write_whose_answer_is_lost_is_ambiguous_and_not_sent_again(
    org: responses.RequestsMock, body: Exception, expected: type[ConnectorError]
) -> None:
    tokens(org, "t")
    sent = org.patch(f"{DATA}/composite/sobjects", body=body)
    assert type(failure(lambda: client().update([{"Id": ACCOUNT}]))) is expected
    assert sent.call_count == (1 if expected is AmbiguousWriteError else 5)


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_gateway_that_gives_up_on_a_write_leaves_it_ambiguous(org: responses.RequestsMock, status: int) -> None:
    tokens(org, "t")
    org.patch(f"{DATA}/composite/sobjects", status=status, body="")
    assert isinstance(failure(lambda: client().update([{"Id": ACCOUNT}])), AmbiguousWriteError)


def test_a_refused_connection_was_not_sent() -> None:
    settings = by_secret(base_url="http://127.0.0.1:9")
    told = failure(lambda: client(settings).query("SELECT Id FROM Account"))
    assert isinstance(told, TransientError)
    assert not told.sent


def test_messages_hold_neither_query_nor_token_nor_line_breaks() -> None:
    quoted = "\nSELECT Id, Secret__c FROM Account\n   ^\nERROR at Row:1:Column:8\nNo such column 'Secret__c' on entity"
    assert one_line(quoted) == "No such column 'Secret__c' on entity"
    assert "WHERE" not in one_line("cannot parse: select Id from Contact WHERE Email = 'x@y.example'")
    assert one_line("at https://a.example/x?q=SELECT+1 now") == "at https://a.example/x now"
    assert "00Dxx0000001gER!AQ" not in one_line("token 00Dxx0000001gER!AQcAQH0dMHZfz972 refused")


def test_headers_tell_the_quota_and_the_clock(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    usage = {"Sforce-Limit-Info": "per-app-api-usage=17/250(appName=x); api-usage=18/5000"}
    versions = org.get(f"{ORG}/services/data/", json=[], headers=DATE | usage)
    acme = client()
    assert acme.server_now() == datetime(2026, 11, 2, 6, tzinfo=UTC)
    assert acme.server_now() == datetime(2026, 11, 2, 6, tzinfo=UTC)
    assert acme.budget.left == 4982
    assert versions.call_count == 1


# --- reading ------------------------------------------------------------------------------------------------------


def described(org: responses.RequestsMock, name: str, fields: str, **details: Any) -> responses.BaseResponse:
    body = {"fields": [{"name": field, "updateable": True, **details} for field in fields.split()]}
    return org.get(f"{DATA}/sobjects/{name}/describe", json=body, headers=DATE)


CONTACT_FIELDS = "Id SystemModstamp IsDeleted AccountId Name CreatedDate Email"


def contact(number: int, stamp: str = "2026-01-01T00:00:00.000+0000") -> dict[str, Any]:
    return {"Id": f"003{number:012d}AAA", "SystemModstamp": stamp, "Name": f"No {number}", "IsDeleted": False}


def asked(reply: responses.BaseResponse) -> list[str]:
    return [call.request.params["q"] for call in reply.calls]


def test_a_first_load_reads_from_the_beginning_and_follows_the_locator(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    described(org, "Contact", f"{CONTACT_FIELDS} Title")
    more = "/services/data/v66.0/queryAll/01g000000000001AAA-2000"
    first = org.get(f"{DATA}/queryAll/", json=rows(contact(1), more=more), headers=DATE)
    org.get(f"{ORG}{more}", json=rows(contact(2)), headers={"Date": "Mon, 02 Nov 2026 06:09:00 GMT"})
    pages = list(connector().pull("contacts", None, UNREAD))
    assert asked(first) == [
        f"SELECT {', '.join(CONTACT_FIELDS.split())}, Title FROM Contact ORDER BY SystemModstamp, Id"
    ]
    assert [page.last for page in pages] == [False, True]
    assert [row["name"] for page in pages for row in page.rows["contacts"]] == ["No 1", "No 2"]
    # A quarter of an hour (and a second for the way) before the first request, not before the last.
    assert pages[-1].cursor["since"] == "2026-11-02T05:44:59Z"


def test_a_pull_that_broke_off_goes_on_behind_its_last_row(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    described(org, "Contact", CONTACT_FIELDS)
    more = "/services/data/v66.0/queryAll/01g000000000001AAA-2000"
    org.get(f"{DATA}/queryAll/", json=rows(contact(7), more=more), headers=DATE)
    broken = next(iter(connector().pull("contacts", None, UNREAD)))
    org.remove("GET", f"{DATA}/queryAll/")
    again = org.get(f"{DATA}/queryAll/", json=rows(), headers={"Date": "Mon, 02 Nov 2026 08:00:00 GMT"})
    org.get(f"{ORG}/services/data/", json=[], headers=DATE)
    rest, news = connector().pull("contacts", broken.cursor, UNREAD)
    assert (rest.last, news.last) == (False, True)
    assert "(SystemModstamp > 2026-01-01T00:00:00Z OR (SystemModstamp = 2026-01-01T00:00:00Z" in asked(again)[0]
    assert "AND Id > '003000000000007AAA'))" in asked(again)[0]
    assert rest.cursor["since"] == broken.cursor["until"] == "2026-11-02T05:44:59Z"
    assert "SystemModstamp >= 2026-11-02T05:44:59Z ORDER" in asked(again)[1]
    assert news.cursor["since"] == "2026-11-02T07:44:59Z"


def test_a_stale_locator_starts_again_behind_the_last_row(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    described(org, "Contact", CONTACT_FIELDS)
    more = "/services/data/v66.0/queryAll/01g000000000001AAA-2000"
    org.get(f"{DATA}/queryAll/", json=rows(contact(1), more=more), headers=DATE)
    org.get(f"{ORG}{more}", status=400, json=[{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid locator"}])
    second = org.get(f"{DATA}/queryAll/", json=rows(contact(2)), headers=DATE)
    pages = list(connector().pull("contacts", None, UNREAD))
    assert [row["name"] for page in pages for row in page.rows["contacts"]] == ["No 1", "No 2"]
    assert "AND Id > '003000000000001AAA'" in asked(second)[-1]


def test_a_field_that_was_hidden_meanwhile_is_left_out(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    described(org, "Contact", CONTACT_FIELDS)
    org.get(f"{ORG}/services/data/", json=[], headers=DATE)
    body = [{"errorCode": "INVALID_FIELD", "message": "ERROR at Row:1:Column:8\nNo such column 'Title'"}]
    query = org.get(f"{DATA}/queryAll/", status=400, json=body, headers=DATE)
    again = org.get(f"{DATA}/queryAll/", json=rows(contact(1)), headers=DATE)
    wanted = [*CONTACT_FIELDS.split()[2:], "Title"]
    cursor = {
        "fields": wanted,
        "hidden": ["MasterRecordId", "EmailBouncedDate"],
        "described_at": "2026-11-02T05:00:00Z",
        "since": "2026-11-01T00:00:00Z",
        "swept_on": "2026-11-02",
        "until": None,
        "last_stamp": None,
        "last_id": None,
    }
    (page,) = connector().pull("contacts", cursor, UNREAD)
    assert "Title" in asked(query)[0]
    assert "Title" not in asked(again)[0]
    assert "SystemModstamp >= 2026-11-01T00:00:00Z" in asked(again)[0]
    assert page.cursor["hidden"] == ["Title", "MasterRecordId", "EmailBouncedDate"]


def test_a_hidden_required_field_names_itself_and_the_remedy(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    described(org, "Contact", CONTACT_FIELDS.replace(" AccountId", ""))
    told = failure(lambda: list(connector().pull("contacts", None, UNREAD)))
    assert isinstance(told, RejectedError)
    assert "Contact.AccountId" in str(told)
    assert "grant read access" in str(told)


def test_a_field_that_became_visible_is_read_from_the_beginning(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    described(org, "Contact", f"{CONTACT_FIELDS} Title")
    org.get(f"{ORG}/services/data/", json=[], headers=DATE)
    query = org.get(f"{DATA}/queryAll/", json=rows(contact(1)), headers=DATE)
    cursor = {
        "fields": CONTACT_FIELDS.split()[2:],
        "hidden": ["Title", "MasterRecordId"],
        "described_at": "2026-11-01T05:00:00Z",
        "since": "2026-11-01T00:00:00Z",
        "swept_on": "2026-11-02",
        "until": None,
        "last_stamp": None,
        "last_id": None,
    }
    list(connector().pull("contacts", cursor, UNREAD))
    assert "WHERE" not in asked(query)[0]
    assert "Title" in asked(query)[0]


def test_an_org_without_contacts_to_multiple_accounts_lacks_nothing(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    org.get(
        f"{DATA}/sobjects/AccountContactRelation/describe",
        status=404,
        json=[{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}],
        headers=DATE,
    )
    acme = connector()
    (page,) = acme.pull("account_contact_relations", None, UNREAD)
    before = acme.api_calls
    (again,) = acme.pull("account_contact_relations", page.cursor, UNREAD)
    assert page.last
    assert again.last
    assert acme.api_calls == before


def test_a_query_that_takes_too_long_is_asked_in_pieces(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    described(org, "Contact", CONTACT_FIELDS)
    slow = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}]
    org.get(f"{DATA}/queryAll/", status=400, json=slow)
    org.get(f"{DATA}/queryAll/", json=rows(*map(contact, range(2000))), headers=DATE)
    last = org.get(f"{DATA}/queryAll/", json=rows(contact(2000)), headers=DATE)
    pages = list(connector().pull("contacts", None, UNREAD))
    assert [page.records for page in pages] == [2000, 1]
    assert asked(last)[0].endswith("ORDER BY SystemModstamp, Id LIMIT 2000")


# --- writing ------------------------------------------------------------------------------------------------------


def new_task(key: str = "hf1:a:owner:1", account: str = ACCOUNT) -> CreateTask:
    content = TaskContent(
        assignee_id=USER, subject="s", body="b", due_on=datetime(2026, 12, 1, tzinfo=UTC).date(), severity="high"
    )
    return CreateTask(key=key, account_id=account, contact_id=CONTACT, content=content)


def writable(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    status = [{"ApiName": "Held", "IsClosed": True, "SortOrder": 4}, {"ApiName": "Over", "IsClosed": True}]
    priority = [{"ApiName": "Hoch", "IsHighPriority": True}, {"ApiName": "Normal", "IsDefault": True}]
    parts = [
        {"referenceId": "q0", "httpStatusCode": 200, "body": rows(*status)},
        {"referenceId": "q1", "httpStatusCode": 200, "body": rows(*priority)},
    ]
    org.post(f"{DATA}/composite", json={"compositeResponse": parts}, headers=DATE)


def upserts(org: responses.RequestsMock, *replies: Any, **kwargs: Any) -> responses.BaseResponse:
    return org.patch(f"{DATA}/composite/sobjects/Task/Holdfast_Key__c", json=list(replies), **kwargs)


def refused_row(code: str, message: str = "no") -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": message, "fields": []}]}


def task_record(key: str = "hf1:a:owner:1", task_id: str = TASK) -> dict[str, Any]:
    return {"Id": task_id, "Holdfast_Key__c": key, "Subject": "as the org has it", "IsClosed": False}


WRITTEN = {"id": TASK, "success": True, "errors": [], "created": True}


def test_a_created_task_is_told_as_the_org_returned_it(org: responses.RequestsMock) -> None:
    writable(org)
    sent = upserts(org, WRITTEN)
    org.get(f"{DATA}/queryAll/", json=rows(task_record()), headers=DATE)
    ((_, outcome),) = connector().apply([new_task()])
    assert isinstance(outcome, Done)
    assert outcome.task is not None
    assert outcome.task.subject == "as the org has it"
    assert b'"Priority":"Hoch"' in sent.calls[0].request.body
    assert b'"allOrNone":false' in sent.calls[0].request.body


def test_each_row_has_its_own_outcome(org: responses.RequestsMock) -> None:
    writable(org)
    upserts(org, WRITTEN, refused_row("INACTIVE_OWNER_OR_USER", "operation performed with inactive user"))
    org.get(f"{DATA}/queryAll/", json=rows(task_record()), headers=DATE)
    good, bad = new_task(), new_task("hf1:b:owner:1", OTHER_ACCOUNT)
    outcomes = {change.account_id: outcome for change, outcome in connector().apply([bad, good])}
    assert isinstance(outcomes[ACCOUNT], Done)
    assert outcomes[OTHER_ACCOUNT] == Rejected(
        code="INACTIVE_OWNER_OR_USER", message="operation performed with inactive user", unassignable=True
    )


def test_a_locked_row_is_sent_again_alone(org: responses.RequestsMock) -> None:
    writable(org)
    upserts(org, WRITTEN, refused_row("UNABLE_TO_LOCK_ROW"))
    upserts(org, refused_row("UNABLE_TO_LOCK_ROW"))
    alone = upserts(org, WRITTEN)
    org.get(f"{DATA}/queryAll/", json=rows(task_record()), headers=DATE)
    waits: list[float] = []
    outcomes = list(connector(waits=waits).apply([new_task(), new_task("hf1:b:owner:1", OTHER_ACCOUNT)]))
    assert [type(outcome) for _, outcome in outcomes] == [Done, Done]
    assert len(waits) == 2
    assert b"hf1:a:owner:1" not in alone.calls[-1].request.body


def test_a_row_that_stays_locked_is_given_up(org: responses.RequestsMock) -> None:
    writable(org)
    sent = upserts(org, refused_row("UNABLE_TO_LOCK_ROW"))
    ((_, outcome),) = connector().apply([new_task()])
    assert isinstance(outcome, Rejected)
    assert outcome.code == "UNABLE_TO_LOCK_ROW"
    assert sent.call_count == 5


def test_a_key_that_the_org_has_already_counts_as_done(org: responses.RequestsMock) -> None:
    writable(org)
    upserts(org, refused_row("DUPLICATE_VALUE", f"duplicate value found: record with id: {TASK}"))
    org.get(f"{DATA}/queryAll/", json=rows(task_record()), headers=DATE)
    ((_, outcome),) = connector().apply([new_task()])
    assert isinstance(outcome, Done)
    assert outcome.task is not None
    assert outcome.task.id == TASK


def test_a_lost_answer_makes_every_change_of_the_request_ambiguous(org: responses.RequestsMock) -> None:
    writable(org)
    org.patch(f"{DATA}/composite/sobjects/Task/Holdfast_Key__c", body=requests.ReadTimeout())
    fields = SetFields(account_id=ACCOUNT, fields={"risk": None})
    org.patch(f"{DATA}/composite/sobjects", json=[{"id": ACCOUNT, "success": True, "errors": []}])
    outcomes = list(connector().apply([fields, new_task(), new_task("hf1:b:owner:1")]))
    assert [type(outcome) for _, outcome in outcomes] == [Ambiguous, Ambiguous, Done]


def test_what_was_written_but_not_read_back_is_ambiguous_before_the_quota_is_told(org: responses.RequestsMock) -> None:
    writable(org)
    upserts(org, WRITTEN)
    over = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    org.get(f"{DATA}/queryAll/", status=403, json=over)
    outcomes = connector().apply([new_task()])
    assert isinstance(next(outcomes)[1], Ambiguous)
    with pytest.raises(QuotaError):
        next(outcomes)


def test_updates_and_closes_share_a_request_and_send_only_what_is_named(org: responses.RequestsMock) -> None:
    writable(org)
    sent = org.patch(f"{DATA}/composite/sobjects", json=[WRITTEN, WRITTEN])
    org.get(f"{DATA}/queryAll/", json=rows(task_record()), headers=DATE)
    update = UpdateTask(key="k", task_id=TASK, account_id=ACCOUNT, changed={"subject": "x" * 90})
    close = CloseTask(key="l", task_id=TASK, account_id=ACCOUNT, reason="cleared", body=None)
    assert len(list(connector().apply([close, update]))) == 2
    assert sent.calls[0].request.body == (
        b'{"allOrNone":false,"records":['
        b'{"attributes":{"type":"Task"},"Id":"00T000000000001AAA","Status":"Over"},'
        b'{"attributes":{"type":"Task"},"Id":"00T000000000001AAA","Subject":"' + b"x" * 80 + b'"}]}'
    )


def test_a_living_task_with_the_key_is_found_before_a_deleted_one(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    deleted = task_record(task_id="00T000000000009AAA") | {"IsDeleted": True}
    query = org.get(f"{DATA}/queryAll/", json=rows(task_record(), deleted), headers=DATE)
    found = connector().find_tasks(["hf1:a:owner:1", "it's none"])
    assert {key: task.id for key, task in found.items()} == {"hf1:a:owner:1": TASK}
    assert r"Holdfast_Key__c IN ('hf1:a:owner:1','it\'s none')" in asked(query)[0]


def test_capabilities_say_what_exists_and_can_be_written(org: responses.RequestsMock) -> None:
    tokens(org, "t")
    task = described(org, "Task", "Holdfast_Key__c", unique=True, externalId=True)
    described(org, "Account", "Holdfast_Risk__c Holdfast_Findings__c")
    acme = connector()
    assert acme.capabilities() == acme.capabilities()
    assert acme.capabilities().task_key_unique
    assert acme.capabilities().account_fields == {"risk", "findings"}
    assert task.call_count == 1


# --- settings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"base_url": "http://acme.my.salesforce.com"}, "https"),
        ({"base_url": "https://login.salesforce.com"}, "My Domain"),
        ({"base_url": f"{ORG}/services"}, "scheme and host"),
        ({"api_version": "v66.0"}, '"66.0"'),
        ({"client_secret": None}, "client_secret_file"),
        ({"auth": "jwt"}, "consumer_key"),
        ({"fields": {"risk": "Risk__c FROM User--"}}, "pattern"),
        ({"password": "x"}, "Extra"),
    ],
)
def test_wrong_settings_are_told_with_the_remedy_and_without_the_secret(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told) as caught:
        by_secret(**changes)
    assert "s3cret" not in str(caught.value)
