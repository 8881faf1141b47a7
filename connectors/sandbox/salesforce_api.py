"""The HTTP side of the Salesforce org: paths to handlers, sessions, the daily quota, headers and error bodies."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.sandbox import salesforce_bulk as bulk
from connectors.sandbox import salesforce_collections as collections
from connectors.sandbox import salesforce_records as records
from connectors.sandbox import salesforce_resources as org
from connectors.sandbox import salesforce_tooling as tooling
from connectors.sandbox.salesforce_calls import ApiError, Call, Context, Reply, not_found
from connectors.sandbox.salesforce_composite import composite
from connectors.sandbox.salesforce_login import LoginError, Logins
from connectors.sandbox.salesforce_objects import API_VERSIONS
from connectors.sandbox.soql import SoqlError

DAILY_CALLS = 115_000  # Enterprise Edition with 15 licences
LONGEST_URI = 16_384
COMPRESSED_FROM = 8_192  # bytes
RETIRED_BELOW = 31
JSON = "application/json;charset=UTF-8"
VERSION_PATH = re.compile(r"(/services/data/v(\d+)\.0)(?:/(.*))?")


@dataclass(frozen=True, slots=True)
class _Endpoint:
    method: str
    pattern: re.Pattern[str]
    operation: str
    write: bool
    handler: Callable[..., Reply]


@dataclass(slots=True)
class Quota:
    """Calls of the last 24 hours, counted from the first one."""

    most: int = DAILY_CALLS
    used: int = 0
    since: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Count one call; False where there is none left."""
        if self.since is None or not timedelta(0) <= now - self.since < timedelta(days=1):
            self.since, self.used = now, 0
        self.used += 1
        return self.used <= self.most

    @property
    def header(self) -> dict[str, str]:
        return {"Sforce-Limit-Info": f"api-usage={min(self.used, self.most)}/{self.most}"}


def _query(context: Context, call: Call, *, everything: bool = False) -> Reply:
    wanted = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    batch = int(wanted[1]) if wanted else 2000
    try:
        body, count = context.queries.query(
            call.query.get("q", ""), context.clock.now(), call.base, batch, everything=everything
        )
    except SoqlError as error:
        raise ApiError(400, error.code, str(error)) from None
    return Reply(body=body, records=count)


def _query_all(context: Context, call: Call) -> Reply:
    return _query(context, call, everything=True)


def _query_more(context: Context, call: Call, locator: str) -> Reply:
    try:
        body, count = context.queries.more(locator, call.base)
    except SoqlError as error:
        raise ApiError(400, error.code, str(error)) from None
    return Reply(body=body, records=count)


def _endpoint(
    method: str, pattern: str, operation: str, handler: Callable[..., Reply], *, write: bool = False
) -> _Endpoint:
    spelled = pattern.replace("{name}", r"([A-Za-z]\w*)").replace("{id}", r"([^/]+)").replace("{value}", r"(.+)")
    return _Endpoint(method, re.compile(spelled + "/?"), operation, write, handler)


ENDPOINTS = (
    _endpoint("GET", "", "resources", org.resources),
    _endpoint("GET", "query", "query", _query),
    _endpoint("GET", "queryAll", "query", _query_all),
    _endpoint("GET", "recent", "recent", org.recent),
    _endpoint("GET", "(?:query|queryAll)/{id}", "query-more", _query_more),
    _endpoint("GET", "sobjects", "describe-global", records.show_objects),
    _endpoint("GET", "sobjects/{name}", "describe-object", records.show_object),
    _endpoint("GET", "sobjects/{name}/describe", "describe", records.show_fields),
    _endpoint("GET", "sobjects/{name}/updated", "updated", records.updated),
    _endpoint("GET", "sobjects/{name}/deleted", "deleted", records.deleted),
    _endpoint("POST", "sobjects/{name}", "create", records.create_one, write=True),
    _endpoint("GET", "sobjects/{name}/{id}", "get", records.read_one),
    _endpoint("PATCH", "sobjects/{name}/{id}", "update", records.update_one, write=True),
    _endpoint("DELETE", "sobjects/{name}/{id}", "delete", records.delete_one, write=True),
    _endpoint("GET", "sobjects/{name}/{id}/{value}", "get-by-key", records.read_by_key),
    _endpoint("PATCH", "sobjects/{name}/{id}/{value}", "upsert", records.upsert_one, write=True),
    _endpoint("POST", "composite/sobjects", "collections-create", collections.create_many, write=True),
    _endpoint("PATCH", "composite/sobjects", "collections-update", collections.update_many, write=True),
    _endpoint("DELETE", "composite/sobjects", "collections-delete", collections.delete_many, write=True),
    _endpoint("GET", "composite/sobjects/{name}", "collections-read", collections.read_many),
    _endpoint("POST", "composite/sobjects/{name}", "collections-read", collections.read_many),
    _endpoint("PATCH", "composite/sobjects/{name}/{id}", "collections-upsert", collections.upsert_many, write=True),
    _endpoint("POST", "jobs/query", "bulk-create", bulk.create_job),
    _endpoint("GET", "jobs/query/{id}", "bulk-state", bulk.show_job),
    _endpoint("PATCH", "jobs/query/{id}", "bulk-abort", bulk.abort_job),
    _endpoint("DELETE", "jobs/query/{id}", "bulk-delete", bulk.delete_job),
    _endpoint("GET", "jobs/query/{id}/results", "bulk-results", bulk.show_results),
    _endpoint("GET", "limits/recordCount", "record-count", org.record_count),
    _endpoint("GET", "tooling/query", "tooling-query", tooling.query_tooling),
    _endpoint("POST", "tooling/sobjects/CustomField", "tooling-create", tooling.create_field, write=True),
    _endpoint("GET", "tooling/sobjects/CustomField/{id}", "tooling-get", tooling.read_field),
)


@dataclass(kw_only=True, slots=True)
class SalesforceApi:
    """Answers the paths under `/services/`."""

    context: Context
    logins: Logins
    quota: Quota = field(default_factory=Quota)

    def routes(self) -> Sequence[BaseRoute]:
        return (
            Route("/services/oauth2/token", self._token, methods=["POST"]),
            Route("/services/oauth2/revoke", self._revoke, methods=["POST"]),
            Route("/services/data", self._versions),
            Route("/services/data/", self._versions),
            Route("/id/{organization}/{user}", self._who),
            Route("/services/{rest:path}", self._data, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
        )

    def classify(self, method: str, path: str) -> tuple[str, bool]:
        """The operation of a request and whether it writes; a composite writes if one of its calls does."""
        if path.startswith("/id/"):
            return "identity", False
        if path.startswith("/services/oauth2/"):
            return path.rsplit("/", 1)[-1], False
        found = VERSION_PATH.fullmatch(path)
        rest = (found[3] or "") if found else ""
        if found is None:
            return "versions", False
        if (method, rest.rstrip("/")) == ("POST", "composite"):
            return "composite", False
        if rest.rstrip("/") == "limits":
            return "limits", False
        endpoint, _ = _matching(method, rest)
        return (endpoint.operation, endpoint.write) if endpoint else ("unknown", False)

    async def _versions(self, request: Request) -> Response:
        listed = [
            {"label": f"Release {number}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
            for number in API_VERSIONS
        ]
        return Response(orjson.dumps(listed), media_type=JSON, headers=self.quota.header)

    async def _token(self, request: Request) -> Response:
        form = await _form(request)
        own_url = _own_url(request)
        try:
            token = self.logins.grant(form, request.headers.get("authorization", ""), own_url)
        except LoginError as error:
            body = {"error": error.error, "error_description": str(error)}
            return Response(orjson.dumps(body), 400, media_type=JSON, headers=self.quota.header)
        user_id = self.context.user_id
        body = {
            "access_token": token,
            "instance_url": own_url,
            "id": f"{own_url}/id/{self.context.organization_id}/{user_id}",
            "token_type": "Bearer",
            "issued_at": str(int(self.context.clock.now().timestamp() * 1000)),
            "signature": "c2FuZGJveA==",
            "scope": "api",
        }
        return Response(orjson.dumps(body), media_type=JSON, headers=self.quota.header)

    async def _who(self, request: Request) -> Response:
        context = self.context
        asked = (request.path_params["organization"], request.path_params["user"])
        if not self.logins.valid(request.headers.get("authorization", "")):
            return Response(b"Bad_OAuth_Token", 403, media_type="text/html")
        if asked != (context.organization_id, context.user_id):
            return Response(b"Bad_Id", 404, media_type="text/html")
        own_url = _own_url(request)
        return Response(orjson.dumps(org.identity(context, own_url)), media_type=JSON)

    async def _revoke(self, request: Request) -> Response:
        known = self.logins.revoke((await _form(request)).get("token", ""))
        if known:
            return Response(b"", headers=self.quota.header)
        body = {"error": "unsupported_token_type", "error_description": "this token type is not supported"}
        return Response(orjson.dumps(body), 400, media_type=JSON, headers=self.quota.header)

    async def _data(self, request: Request) -> Response:
        raw = await request.body()
        try:
            reply = self._answer(request, raw)
        except ApiError as error:
            reply = Reply(status=error.status, body=error.body)
        request.state.exchange.records = reply.records
        return self._response(request, reply)

    def _answer(self, request: Request, raw: bytes) -> Reply:
        found = VERSION_PATH.fullmatch(request.url.path)
        if found is None:
            raise not_found()
        if int(found[2]) < RETIRED_BELOW:
            raise ApiError(410, "UNSUPPORTED_API_VERSION", "The requested API version is retired.")
        if int(found[2]) not in API_VERSIONS:
            raise not_found()
        if len(request.url.path) + len(request.url.query) > LONGEST_URI:
            return Reply(status=414)
        if not self.logins.valid(request.headers.get("authorization", "")):
            raise ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if not self.quota.take(self.context.clock.now()):
            raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        call = Call(
            method=request.method,
            base=found[1],
            path=found[3] or "",
            query=dict(request.query_params),
            headers=request.headers,
            body=_json(raw),
            exchange=request.state.exchange,
        )
        if (call.method, call.path.rstrip("/")) == ("POST", "composite"):
            return composite(self.context, call, self.handle)
        return self.handle(call)

    def handle(self, call: Call) -> Reply:
        """Answer one call, whether it came alone or inside a composite. Raises ApiError."""
        if call.method == "GET" and call.path.rstrip("/") == "limits":
            return Reply(body=self._limits())
        endpoint, arguments = _matching(call.method, call.path)
        if endpoint is None:
            if any(_matching(method, call.path)[0] for method in ("GET", "POST", "PATCH", "DELETE")):
                message = f"HTTP Method '{call.method}' not allowed."
                raise ApiError(405, "METHOD_NOT_ALLOWED", message)
            raise not_found()
        call.exchange.write = call.exchange.write or endpoint.write
        return endpoint.handler(self.context, call, *arguments)

    def _limits(self) -> dict[str, Any]:
        left = max(self.quota.most - self.quota.used, 0)
        whole = {"DailyBulkV2QueryJobs": 10_000, "DailyBulkV2QueryFileStorageMB": 976_562, "DataStorageMB": 10_240}
        return {
            "DailyApiRequests": {"Max": self.quota.most, "Remaining": left},
            **{name: {"Max": most, "Remaining": most} for name, most in whole.items()},
        }

    def _response(self, request: Request, reply: Reply) -> Response:
        headers = {**self.quota.header, **reply.headers}
        if reply.body is None:
            return Response(b"", reply.status, headers=headers)
        body = reply.body if isinstance(reply.body, bytes) else orjson.dumps(reply.body)
        if len(body) >= COMPRESSED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
            body = gzip.compress(body, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
        return Response(body, reply.status, media_type=headers.pop("content-type", JSON), headers=headers)


def _matching(method: str, path: str) -> tuple[_Endpoint | None, tuple[str, ...]]:
    for endpoint in ENDPOINTS:
        if endpoint.method == method and (found := endpoint.pattern.fullmatch(path)):
            return endpoint, found.groups()
    return None, ()


def _own_url(request: Request) -> str:
    """Where the client found us: at the outermost proxy, where there is one."""
    here = {"proto": request.url.scheme, "host": request.url.netloc}
    told = {name: request.headers.get(f"x-forwarded-{name}", own) for name, own in here.items()}
    return "://".join(each.partition(",")[0].strip() for each in told.values())


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


def _json(raw: bytes) -> Any:
    if not raw.strip():
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ApiError(400, "JSON_PARSER_ERROR", f"{error} [line:1, column:1]") from None
