"""What a running worker answers over HTTP beside its pages: probes, metrics, and its status as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.errors import StoreError


@dataclass(frozen=True, kw_only=True, slots=True)
class Probes:
    """What is asked of a running worker: whether it lives, what keeps it from being ready, its metrics, its status."""

    alive: Callable[[], bool]
    problems: Callable[[], Mapping[str, str]]
    metrics: Callable[[], bytes]
    status: Callable[[], dict[str, Any]]


def app(probes: Probes) -> Starlette:
    """`/healthz` and `/readyz` (200, or 503), `/metrics`, and `/` (the status as JSON), read-only.

    A store that cannot be read is 503 and its reason in one line.
    """

    def healthz(_: Request) -> Response:
        living = probes.alive()
        return JSONResponse({"ok": living}, status_code=200 if living else 503)

    def readyz(_: Request) -> Response:
        wrong = probes.problems()
        return JSONResponse({"ready": not wrong, "problems": dict(wrong)}, status_code=503 if wrong else 200)

    def metrics(_: Request) -> Response:
        return Response(probes.metrics(), media_type=CONTENT_TYPE_LATEST)

    def index(_: Request) -> Response:
        try:
            return JSONResponse(probes.status())
        except StoreError as error:
            return JSONResponse({"error": str(error)}, status_code=503)

    endpoints = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics, "/": index}
    return Starlette(routes=[Route(path, endpoint) for path, endpoint in endpoints.items()])
