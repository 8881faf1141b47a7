"""HubSpot's HTTP surface: every path, dated and numbered, with who may call it and what it costs."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from connectors.sandbox import hubspot_admin as admin
from connectors.sandbox import hubspot_associations as associations
from connectors.sandbox import hubspot_batches as batches
from connectors.sandbox import hubspot_definitions as definitions
from connectors.sandbox import hubspot_objects as objects
from connectors.sandbox.crm import Exchange
from connectors.sandbox.hubspot_account import Account
from connectors.sandbox.hubspot_errors import HTML_414, RefusedError
from connectors.sandbox.hubspot_objects import Reply
from connectors.sandbox.hubspot_shapes import Call

VERSIONS = "2026-03|2026-09"
MAX_QUERY_CHARACTERS = 15_000
_JSON = "application/json;charset=utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One kind of call; `paths` are templates in which `{V}` is a dated version."""

    method: str
    paths: tuple[str, ...]
    operation: str
    write: bool
    handler: Callable[[Call], Reply]
    limited: bool = True  # needs a token and counts on the budgets


_OBJECTS = ("/crm/v3/objects/{type}", "/crm/objects/{V}/{type}")
_LINKED = ("/crm/v4/objects/{type}/{id}/associations", "/crm/objects/{V}/{type}/{id}/associations")
_ASSOCIATIONS = ("/crm/v4/associations/{from}/{to}", "/crm/associations/{V}/{from}/{to}")
_OWNERS = ("/crm/v3/owners", "/crm/owners/{V}")
_PROPERTIES = ("/crm/v3/properties/{type}", "/crm/properties/{V}/{type}")
_PIPELINES = ("/crm/v3/pipelines/{type}", "/crm/pipelines/{V}/{type}")
_ACCOUNT = ("/account-info/v3", "/account-info/{V}")
_OAUTH = ("/oauth/v1", "/oauth/v3", "/oauth/{V}")


def _on(
    method: str, stems: tuple[str, ...], rest: str, operation: str, handler: Callable[[Call], Reply], **more: bool
) -> Endpoint:
    write = more.pop("write", method != "GET")
    paths = tuple(stem + rest for stem in stems)
    return Endpoint(method=method, paths=paths, operation=operation, write=write, handler=handler, **more)


# The busiest first: routes are tried in this order.
ENDPOINTS = (
    _on("GET", _OBJECTS, "", "list", objects.list_records),
    _on("POST", _ASSOCIATIONS, "/batch/read", "associations-read", associations.read_associations, write=False),
    _on("POST", _OBJECTS, "/search", "search", objects.search_records, write=False),
    _on("POST", _OBJECTS, "/batch/read", "batch-read", batches.batch_read, write=False),
    _on("POST", _OBJECTS, "/batch/create", "batch-create", batches.batch_create),
    _on("POST", _OBJECTS, "/batch/update", "batch-update", batches.batch_update),
    _on("POST", _OBJECTS, "/batch/upsert", "batch-upsert", batches.batch_upsert),
    _on("POST", _OBJECTS, "/batch/archive", "batch-archive", batches.batch_archive),
    _on("POST", _OBJECTS, "/gdpr-delete", "gdpr-delete", objects.erase_contact),
    _on("POST", _OBJECTS, "/merge", "merge", objects.merge_records),
    _on("POST", _OBJECTS, "", "create", objects.create_record),
    _on("GET", _OBJECTS, "/{id}", "read", objects.read_record),
    _on("PATCH", _OBJECTS, "/{id}", "update", objects.update_record),
    _on("DELETE", _OBJECTS, "/{id}", "archive", objects.archive_record),
    _on("GET", _LINKED, "/{to}", "associations-list", associations.list_associations),
    _on("PUT", _LINKED, "/default/{to}/{to_id}", "associations-default", associations.put_default_association),
    _on("PUT", _LINKED, "/{to}/{to_id}", "associations-create", associations.put_association),
    _on("DELETE", _LINKED, "/{to}/{to_id}", "associations-archive", associations.delete_association),
    _on("POST", _ASSOCIATIONS, "/batch/create", "associations-create", associations.create_associations),
    _on("POST", _ASSOCIATIONS, "/batch/associate/default", "associations-default",
        associations.create_default_associations),
    _on("POST", _ASSOCIATIONS, "/batch/archive", "associations-archive", associations.archive_associations),
    _on("POST", _ASSOCIATIONS, "/batch/labels/archive", "associations-archive", associations.archive_labels),
    _on("GET", _ASSOCIATIONS, "/labels", "labels", associations.read_labels),
    _on("POST", _ASSOCIATIONS, "/labels", "labels-create", associations.create_label),
    _on("GET", _OWNERS, "", "owners", admin.list_owners),
    _on("GET", _OWNERS, "/", "owners", admin.list_owners),
    _on("GET", _OWNERS, "/{id}", "owner", admin.read_owner),
    _on("GET", _PROPERTIES, "", "properties", definitions.list_properties),
    _on("POST", _PROPERTIES, "", "property-create", definitions.create_property),
    _on("GET", _PROPERTIES, "/groups", "property-groups", definitions.list_groups),
    _on("POST", _PROPERTIES, "/groups", "property-group-create", definitions.create_group),
    _on("GET", _PROPERTIES, "/groups/{name}", "property-groups", definitions.read_group),
    _on("PATCH", _PROPERTIES, "/groups/{name}", "property-group-update", definitions.update_group),
    _on("DELETE", _PROPERTIES, "/groups/{name}", "property-group-archive", definitions.archive_group),
    _on("POST", _PROPERTIES, "/batch/create", "properties-create", definitions.create_properties),
    _on("POST", _PROPERTIES, "/batch/archive", "properties-archive", definitions.archive_properties),
    _on("POST", _PROPERTIES, "/batch/read", "properties", definitions.read_properties, write=False),
    _on("GET", _PROPERTIES, "/{name}", "property", definitions.read_property),
    _on("PATCH", _PROPERTIES, "/{name}", "property-update", definitions.update_property),
    _on("DELETE", _PROPERTIES, "/{name}", "property-archive", definitions.archive_property),
    _on("GET", _PIPELINES, "", "pipelines", definitions.list_pipelines),
    _on("GET", _PIPELINES, "/{id}", "pipelines", definitions.read_pipeline),
    _on("GET", _PIPELINES, "/{id}/stages", "pipelines", definitions.list_stages),
    _on("GET", _ACCOUNT, "/details", "account", admin.account_details),
    _on("GET", _ACCOUNT, "/api-usage/daily/private-apps", "api-usage", admin.api_usage),
    _on("POST", _OAUTH, "/token", "token", admin.issue_token, write=False, limited=False),
)  # fmt: skip


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{\w+\}", "[^/]+", path.replace("{V}", f"(?:{VERSIONS})")))


_PATTERNS = [(endpoint, [_pattern(path) for path in endpoint.paths]) for endpoint in ENDPOINTS]


def classify(method: str, path: str) -> tuple[str, bool]:
    """(operation, write) of a request; `unknown`, and a write by its method, if no path fits."""
    for endpoint, patterns in _PATTERNS:
        if endpoint.method == method and any(pattern.fullmatch(path) for pattern in patterns):
            return endpoint.operation, endpoint.write
    return "unknown", method not in ("GET", "HEAD")


def routes(account: Account) -> Sequence[BaseRoute]:
    """Starlette routes for every endpoint, in both spellings."""
    return [
        Route(path.replace("{V}", version), _served(account, endpoint), methods=[endpoint.method])
        for endpoint in ENDPOINTS
        for path in endpoint.paths
        for version in (VERSIONS.split("|") if "{V}" in path else [""])
    ]


def _served(account: Account, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        exchange: Exchange = request.state.exchange
        exchange.operation, exchange.write = endpoint.operation, endpoint.write
        if len(request.url.query) > MAX_QUERY_CHARACTERS:
            return Response(HTML_414, 414, media_type="text/html")
        call = Call(
            account=account,
            exchange=exchange,
            path=request.path_params,
            query=parse_qs(request.url.query, keep_blank_values=True),
            raw_body=b"" if endpoint.method == "GET" else await request.body(),
            url=request.url.path,
            host=f"{request.url.scheme}://{request.url.netloc}",
            content_type=request.headers.get("content-type", ""),
        )
        return _answer(endpoint, call, request.headers.get("authorization", ""))

    return serve


def _answer(endpoint: Endpoint, call: Call, authorization: str) -> Response:
    headers: dict[str, str] = {}
    try:
        if endpoint.limited:
            token = call.account.authorize(authorization)
            headers = call.account.limits.spend(token, search=endpoint.operation == "search")
        with call.account.data.store.lock:
            status, found = endpoint.handler(call)
    except RefusedError as refused:
        status, found = refused.status, refused.body
        headers = headers | refused.headers
    return _response(status, found, headers)


def _response(status: int, found: dict[str, Any] | None, headers: dict[str, str]) -> Response:
    if found is None:
        return Response(status_code=status, headers=headers)
    return Response(orjson.dumps(found), status, headers=headers, media_type=_JSON)
