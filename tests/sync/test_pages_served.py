"""The pages over HTTP: made anew after a cycle, to nobody who asks by a foreign name, and nothing outside the folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from sync.pages.served import Pages, with_pages

TIMEOUT_SECONDS = 20.0


@pytest.fixture(autouse=True)
def logging_anew() -> None:
    """Whoever ran before may have sent the log to a stream that is closed by now."""
    structlog.reset_defaults()


def probe() -> Starlette:
    return Starlette(routes=[Route("/", lambda _: JSONResponse({"status": "ok"}))])


@contextmanager
def serving(make: Callable[[Path], None], stamp: Callable[[], object]) -> Iterator[str]:
    pages = Pages(make, stamp)
    config = uvicorn.Config(with_pages(probe(), pages), port=0, log_config=None, log_level="critical", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up = time.monotonic() + TIMEOUT_SECONDS
    while not server.started:
        assert time.monotonic() < give_up
        time.sleep(0.002)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(TIMEOUT_SECONDS)
        pages.close()


def get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)


def write(folder: Path) -> None:
    (folder / "index.html").write_text("<h1>start</h1>")
    (folder / "acme").mkdir()
    (folder / "acme" / "accounts.csv").write_text("a")


@pytest.fixture
def url() -> Iterator[str]:
    with serving(write, lambda: 1) as served:
        yield served


def test_a_browser_is_sent_to_the_report_and_a_script_gets_the_status(url: str) -> None:
    browser = get(url, Accept="text/html,*/*")
    assert (browser.status_code, browser.headers["location"]) == (307, "/report/")
    assert get(url).json() == {"status": "ok"}


def test_pages_come_with_a_policy_and_are_kept_by_nobody(url: str) -> None:
    page = get(f"{url}/report/")
    assert page.text == "<h1>start</h1>"
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert get(f"{url}/report/acme/accounts.csv").status_code == 200


@pytest.mark.parametrize(
    "path", ["nothing.html", "acme", "..%2f..%2fetc/passwd", "%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"]
)
def test_nothing_else_is_given_out(url: str, path: str) -> None:
    assert get(f"{url}/report/{path}").status_code == 404


def test_newer_pages_are_made_once_a_cycle_has_ended_and_older_ones_are_served_meanwhile() -> None:
    made, stamp, go = [], [1], threading.Semaphore(1)

    def make(folder: Path) -> None:
        assert go.acquire(timeout=TIMEOUT_SECONDS)
        made.append(folder)
        (folder / "index.html").write_text(str(len(made)))

    with serving(make, lambda: stamp[0]) as url:
        assert [get(f"{url}/report/").text for _ in range(3)] == ["1", "1", "1"]
        stamp[0] = 2
        assert get(f"{url}/report/").text == "1"
        go.release()
        give_up = time.monotonic() + TIMEOUT_SECONDS
        while get(f"{url}/report/").text != "2":
            assert time.monotonic() < give_up
    assert len(made) == 2
    assert not made[0].exists()


def test_pages_that_cannot_be_made_are_told_and_tried_again() -> None:
    wrong = [True]

    def make(folder: Path) -> None:
        if wrong[0]:
            raise ValueError("no store")
        write(folder)

    with serving(make, lambda: 1) as url:
        answer = get(f"{url}/report/")
        assert (answer.status_code, "no store" in answer.text) == (503, True)
        wrong[0] = False
        give_up = time.monotonic() + TIMEOUT_SECONDS
        while get(f"{url}/report/").status_code != 200:
            assert time.monotonic() < give_up
