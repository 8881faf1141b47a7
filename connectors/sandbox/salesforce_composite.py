"""The composite resource: up to 25 calls in one, which may use each other's results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

import orjson

from connectors.sandbox.salesforce_calls import ApiError, Call, Context, Reply

MOST_CALLS = 25
MOST_QUERIES = 5  # queries and collections
REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")
VERSION = re.compile(r"(/services/data/v\d+\.\d)/(.*)")
_HALTED = [
    {
        "errorCode": "PROCESSING_HALTED",
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
    },
]


def composite(context: Context, call: Call, handle: Callable[[Call], Reply]) -> Reply:
    """Each call's outcome under its reference; with `allOrNone` one failure undoes them all."""
    asked = call.body.get("compositeRequest") if isinstance(call.body, dict) else None
    if not isinstance(asked, list) or not asked:
        raise ApiError(400, "JSON_PARSER_ERROR", "compositeRequest must hold a list of requests")
    _check_limits(asked)
    results: dict[str, Any] = {}
    outcomes = []
    with _undoable(context) as undo:
        for each in asked:
            outcome = _one(call, each, results, handle)
            results[outcome["referenceId"]] = outcome["body"]
            outcomes.append(outcome)
        if call.body.get("allOrNone") and any(each["httpStatusCode"] >= 400 for each in outcomes):
            undo()
            outcomes = [_halted(each) if each["httpStatusCode"] < 400 else each for each in outcomes]
    return Reply(body={"compositeResponse": outcomes}, records=call.exchange.records)


def _check_limits(asked: list[Any]) -> None:
    if len(asked) > MOST_CALLS:
        message = f"The number of subrequests exceeds the limit of {MOST_CALLS}"
        raise ApiError(400, "LIMIT_EXCEEDED", message)
    heavy = sum(1 for each in asked if re.search(r"/v\d+\.\d/(query|composite/sobjects)", str(each.get("url"))))
    if heavy > MOST_QUERIES:
        message = f"The number of query and collection subrequests exceeds the limit of {MOST_QUERIES}"
        raise ApiError(400, "LIMIT_EXCEEDED", message)


def _one(call: Call, asked: Mapping[str, Any], results: Mapping[str, Any], handle: Callable[[Call], Reply]) -> Any:
    status, body = 400, None
    try:
        url = _filled(str(asked.get("url", "")), results)
        found = VERSION.fullmatch(url)
        if found is None:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        path, _, query = found[2].partition("?")
        inner = replace(
            call,
            method=str(asked.get("method", "GET")).upper(),
            base=found[1],
            path=unquote(path),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers={**call.headers, **{k.lower(): v for k, v in asked.get("httpHeaders", {}).items()}},
            body=_filled_all(asked.get("body"), results),
        )
        reply = handle(inner)
        status, body = reply.status, orjson.loads(reply.body) if isinstance(reply.body, bytes) else reply.body
        call.exchange.records += reply.records
    except ApiError as error:
        status, body = error.status, error.body
    return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": str(asked.get("referenceId", ""))}


def _halted(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {**outcome, "body": _HALTED, "httpStatusCode": 400}


@contextmanager
def _undoable(context: Context) -> Iterator[Callable[[], Any]]:
    with context.store.transaction("composite"):
        yield lambda: context.store.database.execute("ROLLBACK TO composite")


def _filled_all(value: Any, results: Mapping[str, Any]) -> Any:
    match value:
        case str():
            return _filled(value, results)
        case dict():
            return {name: _filled_all(each, results) for name, each in value.items()}
        case list():
            return [_filled_all(each, results) for each in value]
        case _:
            return value


def _filled(text: str, results: Mapping[str, Any]) -> str:
    """`@{reference.field}` replaced by what that call answered."""
    return REFERENCE.sub(lambda found: _looked_up(found[1], found[2], results), text)


def _looked_up(reference: str, path: str, results: Mapping[str, Any]) -> str:
    value = results.get(reference)
    for step in re.findall(r"\w+", path):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]  # type: ignore[index] # a miss is caught
        except (KeyError, IndexError, TypeError, ValueError):
            message = f"Invalid reference specified. No value for {reference}.{path} found"
            raise ApiError(400, "PROCESSING_HALTED", message) from None
    return str(value)
