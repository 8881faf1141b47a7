"""What an org is asked for, in its resources' own words, and whether an answer has the form that it should have."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from connectors.budget import DailyBudget
from connectors.errors import AmbiguousWriteError, RejectedError, TransientError
from connectors.retry import ATTEMPTS
from connectors.salesforce.refusals import refusal
from connectors.salesforce.session import sent_at
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.transport import Record, Transport
from connectors.salesforce.values import id18

FRESH_SECONDS = 60.0  # how long a Date header may stand for the CRM's clock


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One page of a query. `total` is how many rows the whole query has, `more` the path of the next page, `asked_at`
    the CRM's clock before it was asked.
    """

    records: list[Record]
    total: int
    more: str | None
    asked_at: datetime


class Client:
    """One org over HTTP. Methods raise ConnectorError and nothing else, after the retries of connectors/retry.py."""

    def __init__(
        self,
        name: str,
        settings: SalesforceSettings,
        *,
        pause: Callable[[float], None] = time.sleep,
        before_request: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self.transport = Transport(name, settings, pause=pause, before_request=before_request)

    @property
    def budget(self) -> DailyBudget:
        return self.transport.budget

    @property
    def calls(self) -> int:
        """Requests sent so far, logins and resends included."""
        return self.transport.calls

    def server_now(self, *, attempts: int = ATTEMPTS) -> datetime:
        """The Date header of a reply not older than FRESH_SECONDS; asks the list of versions where there is none."""
        heard = self.transport.session.heard
        if heard is None or time.monotonic() - heard.received > FRESH_SECONDS:
            self.transport.call("GET", "/services/data/", attempts=attempts)
            heard = self.transport.session.heard
        if heard is None:
            raise TransientError(f"{self.name}: Salesforce's replies carry no Date header; is a proxy removing it?")
        return heard.at

    def query(self, soql: str) -> Answer:
        """The first page of a query over all rows, deleted and archived ones too."""
        return self._page("queryAll/", {"q": soql})

    def next_page(self, more: str) -> Answer:
        """The page that `Answer.more` names. Raises RejectedError `INVALID_QUERY_LOCATOR` where it has expired."""
        return self._page(more, None)

    def query_whole(self, soql: str) -> list[Record]:
        """All rows of a query whose answer is small."""
        answer = self.query(soql)
        records = answer.records
        while answer.more:
            answer = self.next_page(answer.more)
            records += answer.records
        return records

    def queries(self, soqls: Sequence[str]) -> list[list[Record] | RejectedError]:
        """The rows of up to five queries in one call; a query that is refused gives its error in its place.

        For queries too long for a URL, and where calls must be saved.
        """
        parts = [
            {
                "method": "GET",
                "url": f"{self.transport.root}queryAll/?q={quote(soql, safe='')}",
                "referenceId": f"q{number}",
            }
            for number, soql in enumerate(soqls)
        ]
        body = {"allOrNone": False, "compositeRequest": parts}
        content = self._object("POST", "composite", body=body)
        # Subrequests may be answered in any order.
        by_reference = {part.get("referenceId"): part for part in _objects(content.get("compositeResponse")) or ()}
        return [self._part(by_reference.get(f"q{number}", {})) for number in range(len(soqls))]

    def describe(self, object_name: str) -> Record | None:
        """The object's describe, None where the org or this user has no such object."""
        try:
            described = self._object("GET", f"sobjects/{object_name}/describe")
        except RejectedError as error:
            if error.code in {"NOT_FOUND", "INVALID_TYPE"}:
                return None
            raise
        if not all(field.get("name") for field in _objects(described.get("fields")) or ({},)):
            raise TransientError(f"{self.name}: Salesforce's answer does not describe {object_name}")
        return described

    def deleted(self, object_name: str, since: datetime, until: datetime) -> list[str]:
        """Ids of the object's records deleted in that time, which may not reach back further than 15 days."""
        # Salesforce ignores the seconds.
        times = {"start": since.isoformat(timespec="seconds"), "end": until.isoformat(timespec="seconds")}
        content = self._object("GET", f"sobjects/{object_name}/deleted/", params=times)
        if (gone := _objects(content.get("deletedRecords"))) is None:
            raise TransientError(f"{self.name}: Salesforce's answer is no log of deletions")
        return [str(record["id"]) for record in gone if record.get("id")]

    def covered(self, object_name: str, since: datetime, until: datetime) -> str:
        """`latestDateCovered` of the object's updated records in that time, which may not reach back over 30 days."""
        times = {"start": since.isoformat(timespec="seconds"), "end": until.isoformat(timespec="seconds")}
        return str(self._object("GET", f"sobjects/{object_name}/updated/", params=times).get("latestDateCovered"))

    def update(self, records: Sequence[Record]) -> list[Record]:
        """The reply to each record, in order, of one collections update of at most 200 records."""
        return self._write("composite/sobjects", records)

    def upsert(self, object_name: str, key_field: str, records: Sequence[Record]) -> list[Record]:
        """The reply to each record, in order, of one collections upsert of at most 200 records."""
        return self._write(f"composite/sobjects/{object_name}/{key_field}", records)

    def ask(self, path: str, params: Mapping[str, str] | None = None) -> Record:
        """What a resource tells (`limits/recordCount`)."""
        return self._object("GET", path, params=params)

    def start(self, path: str, body: Record) -> tuple[Record, datetime]:
        """What a job that was made at `path` tells, and the CRM's clock before it was asked for.

        A job that reads may be made twice: the one that nobody knows of does no harm.
        """
        reply, content = self.transport.call("POST", path, body=body)
        asked_at = sent_at(reply)
        if asked_at is None or not isinstance(content, dict) or not content.get("id"):
            raise TransientError(f"{self.name}: Salesforce's answer is no job with a Date header")
        return content, asked_at

    def download(self, path: str, params: Mapping[str, str]) -> requests.Response:
        """The reply whose body is still to be read; whoever reads it closes it. Not tried again."""
        return self.transport.download(path, params)

    def remove(self, path: str) -> None:
        """Delete what stands at `path`."""
        self.transport.call("DELETE", path)

    def wait(self, seconds: float) -> None:
        self.transport.pause(seconds)

    def tooling(self, soql: str) -> list[Record]:
        """The first page of a query of the Tooling API. Raises RejectedError where this user may not use it."""
        content = self._object("GET", "tooling/query/", params={"q": soql})
        records: list[Record] = content.get("records", [])
        return records

    def create(self, path: str, values: Record) -> str:
        """The id of the record made at `path` (`sobjects/PermissionSet`). Never sent twice by itself."""
        _, content = self.transport.call("POST", path, body=values, write=True)
        if not isinstance(content, dict) or not content.get("id"):
            raise AmbiguousWriteError(f"{self.name}: Salesforce did not answer with the id of what it made")
        return str(content["id"])

    def change(self, path: str, values: Record) -> None:
        """Change the record at `path` (`sobjects/FieldPermissions/0FP...`)."""
        self.transport.call("PATCH", path, body=values, write=True)

    def user_id(self) -> str:
        """The id of the user that we are logged in as."""
        identity = str(self._object("GET", "").get("identity", ""))
        if (found := id18(identity.rpartition("/")[2])) is None:
            raise TransientError(f"{self.name}: Salesforce does not say who is logged in")
        return found

    def close(self) -> None:
        self.transport.close()

    def _object(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, body: Record | None = None
    ) -> Record:
        _, content = self.transport.call(method, path, params=params, body=body)
        if not isinstance(content, dict):
            raise TransientError(f"{self.name}: Salesforce's answer has not the form that it should have")
        return content

    def _write(self, path: str, records: Sequence[Record]) -> list[Record]:
        body = {"allOrNone": False, "records": list(records)}
        _, content = self.transport.call("PATCH", path, body=body, write=True)
        replies = _objects(content)
        if replies is None or len(replies) != len(records) or not all(map(_tells, replies)):
            raise AmbiguousWriteError(f"{self.name}: Salesforce did not answer each of {len(records)} records")
        return replies

    def _page(self, path: str, params: Mapping[str, str] | None) -> Answer:
        reply, content = self.transport.call("GET", path, params=params)
        asked_at, records = sent_at(reply), _objects(content.get("records")) if isinstance(content, dict) else None
        if asked_at is None or records is None or not _ends(content):
            raise TransientError(f"{self.name}: Salesforce's answer is no page of records with a Date header")
        total = content.get("totalSize")
        return Answer(
            records=records,
            total=total if isinstance(total, int) else len(records),
            more=_more(content),
            asked_at=asked_at,
        )

    def _part(self, part: Mapping[str, Any]) -> list[Record] | RejectedError:
        status, body = part.get("httpStatusCode", 500), part.get("body")
        if status != 200 or not isinstance(body, dict):
            error = refusal(self.name, status, body, write=False)
            if isinstance(error, RejectedError):
                return error
            raise error
        records = _objects(body.get("records"))
        if records is None or not _ends(body):
            raise TransientError(f"{self.name}: Salesforce's answer is no page of records")
        more = _more(body)
        while more:
            answer = self.next_page(more)
            records += answer.records
            more = answer.more
        return records


def _objects(value: Any) -> list[Record] | None:
    """The value where it is a list of JSON objects."""
    return value if isinstance(value, list) and all(isinstance(each, dict) for each in value) else None


def _tells(reply: Mapping[str, Any]) -> bool:
    """Whether the reply to one record says what became of it."""
    return bool(reply.get("id")) if reply.get("success") is True else bool(reply.get("errors"))


def _ends(page: Mapping[str, Any]) -> bool:
    """Whether a page is the last one or names the next."""
    return bool(page.get("done")) or isinstance(page.get("nextRecordsUrl"), str)


def _more(page: Mapping[str, Any]) -> str | None:
    return None if page.get("done") else page.get("nextRecordsUrl")
