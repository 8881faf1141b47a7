"""The pages over HTTP beside the probe: made when somebody asks and a cycle has ended since, read-only."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.pages.frame import policy

log = structlog.get_logger()

_LOOK_EVERY_SECONDS = 0.05
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}


class Pages:
    """The newest pages, in a folder of their own until `close`.

    `make` writes them into an empty folder; `stamp` tells what they rest on, and another one makes them stale. While
    newer ones are made the older ones are served.
    """

    def __init__(self, make: Callable[[Path], None], stamp: Callable[[], object]) -> None:
        self._make, self._stamp = make, stamp
        self._place = tempfile.TemporaryDirectory(prefix="holdfast-pages-", ignore_cleanup_errors=True)
        self._busy = threading.Lock()
        self._made_for: object = None
        self._number = 0
        self.folder: Path | None = None
        self.problem = ""

    def refresh(self) -> None:
        """Begin to make newer pages where these are stale and nobody is at it."""
        stamp = self._stamp()
        if (self.folder and stamp == self._made_for) or not self._busy.acquire(blocking=False):
            return
        # A daemon: a report in the making must not hold up the end of the process.
        threading.Thread(target=self._renew, args=[stamp], daemon=True).start()

    def close(self) -> None:
        """The folder is gone."""
        self._place.cleanup()

    def _renew(self, stamp: object) -> None:
        try:
            folder = Path(self._place.name) / str(self._number)
            folder.mkdir()
            self._number += 1
            self._make(folder)
            self.folder, self._made_for, self.problem = folder, stamp, ""
        except Exception as error:  # noqa: BLE001 - whatever it was, the next request tries again, and the worker goes on
            self.problem = f"{type(error).__name__}: {error}"
            log.warning("pages_not_made", reason=self.problem)
        finally:
            self._busy.release()


def with_pages(probe: ASGIApp, pages: Pages) -> ASGIApp:
    """Return the probe with the pages under `/report/`, to which a browser that asks for `/` is sent.

    Whoever gets here may look: who may is the business of what stands before this app.
    """

    async def page(request: Request) -> Response:
        pages.refresh()
        while pages.folder is None and not pages.problem:  # noqa: ASYNC110 - a thread sets it, and nobody may wait for it
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        if pages.folder is None:
            return PlainTextResponse(f"the report cannot be made: {pages.problem}", status_code=503)
        return _file(pages.folder, request.path_params["path"] or "index.html")

    routes = Starlette(routes=[Route("/report/{path:path}", page)])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/report/"):
            await routes(scope, receive, send)
        elif scope["type"] == "http" and (path == "/report" or (path == "/" and _is_browser(scope))):
            await RedirectResponse("/report/")(scope, receive, send)
        else:
            await probe(scope, receive, send)

    return app


def _is_browser(scope: Scope) -> bool:
    return "text/html" in Headers(scope=scope).get("accept", "")


def _file(folder: Path, name: str) -> Response:
    path = (folder / name).resolve()
    if not (path.is_relative_to(folder.resolve()) and path.is_file()):
        return PlainTextResponse("there is no such page", status_code=404)
    return FileResponse(path, headers={**_HEADERS, "Content-Security-Policy": policy()})
