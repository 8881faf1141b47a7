"""Handlers of Bulk API 2.0 queries: a job, its states, and its result as CSV pages (facts/salesforce.md 2.9)."""

from __future__ import annotations

import base64
import csv
import io
import re
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.salesforce_calls import ApiError, Call, Context, Reply, not_found
from connectors.sandbox.salesforce_ids import make_id
from connectors.sandbox.salesforce_store import stamp
from connectors.sandbox.soql import SoqlError
from connectors.sandbox.soql_compile import Compiled

LARGEST_PAGE = 50_000
UNSUPPORTED = frozenset({"TaskPriority", "TaskStatus"})
_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\+0000")
_NEXT_STATE = {"UploadComplete": "InProgress", "InProgress": "JobComplete"}


@dataclass(kw_only=True, slots=True)
class Job:
    """A query whose rows are fixed when it is made; it comes a state further each time somebody looks."""

    told: dict[str, Any]
    compiled: Compiled
    row_ids: array[int]


def create_job(context: Context, call: Call) -> Reply:
    asked = call.body if isinstance(call.body, dict) else {}
    operation, text = asked.get("operation"), asked.get("query")
    if operation not in {"query", "queryAll"} or not isinstance(text, str):
        raise ApiError(400, "INVALIDJOB", "operation must be query or queryAll, and query a SOQL statement")
    try:
        compiled, row_ids = context.queries.fix(text, context.clock.now(), everything=operation == "queryAll")
    except SoqlError as error:
        raise ApiError(400, error.code, str(error)) from None
    if compiled.sobject in UNSUPPORTED:
        raise ApiError(400, "INVALIDENTITY", f"Entity '{compiled.sobject}' is not supported by the Bulk API.")
    if compiled.counts:
        raise ApiError(400, "API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    at = stamp(context.clock.now())
    told = {
        "id": make_id("750", len(context.jobs) + 1),
        "operation": operation,
        "object": compiled.sobject,
        "createdById": context.user_id,
        "createdDate": at,
        "systemModstamp": at,
        "state": "UploadComplete",
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(call.base.rpartition("v")[2]),
        "lineEnding": asked.get("lineEnding", "LF"),
        "columnDelimiter": asked.get("columnDelimiter", "COMMA"),
    }
    context.jobs[told["id"]] = Job(told=told, compiled=compiled, row_ids=row_ids)
    return Reply(body=told)


def show_job(context: Context, _call: Call, job_id: str) -> Reply:
    job = _job(context, job_id)
    job.told["state"] = _NEXT_STATE.get(job.told["state"], job.told["state"])
    done = len(job.row_ids) if job.told["state"] == "JobComplete" else 0
    return Reply(body=job.told | {"numberRecordsProcessed": done, "retries": 0, "totalProcessingTime": done})


def abort_job(context: Context, call: Call, job_id: str) -> Reply:
    job = _job(context, job_id)
    if not isinstance(call.body, dict) or call.body.get("state") != "Aborted":
        raise ApiError(400, "INVALIDJOBSTATE", "a query job can only be set to Aborted")
    job.told["state"] = "Aborted"
    return Reply(body=job.told)


def delete_job(context: Context, _call: Call, job_id: str) -> Reply:
    _job(context, job_id)
    context.jobs[job_id] = None  # its number is not given again
    return Reply(status=204)


def show_results(context: Context, call: Call, job_id: str) -> Reply:
    """A page of CSV under a header row; the locator of the next one is the word `null` on the last."""
    job = _job(context, job_id)
    if job.told["state"] != "JobComplete":
        return Reply(status=204)
    if float(call.base.rpartition("v")[2]) != job.told["apiVersion"]:
        raise ApiError(409, "API_ERROR", "The job was created with another version of the API")
    start = _start(call.query.get("locator", ""))
    most = call.query.get("maxRecords", str(LARGEST_PAGE))
    if not most.isdigit() or int(most) < 1:
        raise ApiError(400, "API_ERROR", f"maxRecords must be a number (is {most})")
    ids = job.row_ids[start : start + min(int(most), LARGEST_PAGE)]
    end = start + len(ids)
    rows = context.queries.rows(job.compiled, ids)  # what was deleted for good since the job began is not among them
    headers = {
        "Sforce-NumberOfRecords": str(len(rows)),
        "Sforce-Locator": _locator(end) if end < len(job.row_ids) else "null",
        "content-type": "text/csv",
    }
    return Reply(body=_csv(job.compiled, rows, job.told), records=len(rows), headers=headers)


def _job(context: Context, job_id: str) -> Job:
    found: Job | None = context.jobs.get(job_id)
    if found is None:
        raise not_found()
    return found


def _locator(start: int) -> str:
    return base64.urlsafe_b64encode(str(start).encode()).decode().rstrip("=")


def _start(locator: str) -> int:
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
    except ValueError:
        text = ""
    if locator and not text.isdigit():
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(text or 0)


def _csv(compiled: Compiled, rows: Sequence[Sequence[Any]], told: Mapping[str, Any]) -> bytes:
    """All cells quoted; a stamp ends in Z, and null and empty look the same."""
    out = io.StringIO()
    delimiter = {"TAB": "\t", "SEMICOLON": ";", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
    writer = csv.writer(
        out,
        quoting=csv.QUOTE_ALL,
        lineterminator="\r\n" if told["lineEnding"] == "CRLF" else "\n",
        delimiter=delimiter.get(told["columnDelimiter"], ","),
    )
    writer.writerow(".".join(leaf.path) for leaf in compiled.leaves)
    booleans = [leaf.boolean for leaf in compiled.leaves]
    for row in rows:
        writer.writerow(map(_cell, row[1:], booleans))
    return out.getvalue().encode()


def _cell(value: Any, boolean: bool) -> str:
    if value is None:
        return ""
    if boolean:
        return "true" if value == 1 else "false"
    return _STAMP.sub(r"\1Z", value) if isinstance(value, str) and _STAMP.fullmatch(value) else str(value)
