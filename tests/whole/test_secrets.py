"""Canaries: no secret shows anywhere, and no customer where it has no business, whatever the worker is put through."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from sync import log
from tests.whole.rehearsal import Rehearsal, rehearsal
from tests.whole.test_serve import serving

SERVE_TOKEN = "canary-serve-token-7f3a91"
TIMEOUT_SECONDS = 30.0
COMMANDS = (
    ("status", "--json"),
    ("status",),
    ("plan", "--json"),
    ("plan",),
    ("evaluate", "--json"),
    ("audit", "--json"),
    ("parked", "list", "--json"),
    ("rules", "list"),
    ("run", "--json"),
)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("canaries")
    with rehearsal(folder, accounts=10, touches_per_account=8, rate_limits=False) as running:
        running.live()
        (folder / "serve.token").write_text(SERVE_TOKEN)
        running.config.write_text(running.config.read_text() + '\n[serve]\ntoken_file = "serve.token"\n')
        running.holdfast("run")
        yield running


def secrets(stage: Rehearsal) -> list[str]:
    """Everything that the config takes from files, a key line by line, and what stands for it in a header."""
    files = [*stage.config.parent.glob("sandbox-*"), stage.config.parent / "serve.token"]
    lines = [line for file in files for line in file.read_text().splitlines() if not line.startswith("-----")]
    assert len(lines) > 10
    return [*lines, *(base64.b64encode(f":{line}".encode()).decode() for line in lines)]


def customers(stage: Rehearsal) -> list[str]:
    """Names of accounts and contacts, and addresses of contacts and of our people."""
    rows = stage.sql("SELECT name FROM accounts UNION SELECT name FROM contacts UNION SELECT email FROM contacts")
    rows += stage.sql("SELECT email FROM users")
    # The login's own name is told where it is refused: it stands in the config, and its admin must know it.
    names = [name for (name,) in rows if len(name) > 5 and name not in stage.config.read_text()]
    assert len(names) > 30
    return names


def found(canaries: list[str], text: str) -> list[str]:
    return [canary for canary in canaries if canary in text]


def test_no_command_prints_a_secret(stage: Rehearsal, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = [stage.holdfast(*command) for command in COMMANDS]
    told += [stage.holdfast("doctor", "--json", status=_status_of_doctor(stage))]
    stage.holdfast("report", "--out", str(tmp_path / "pages"))
    stage.holdfast("plan", "--out", str(tmp_path / "plan.json"))
    told += [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    told += capfd.readouterr()
    assert len(told) > 20
    assert found(secrets(stage), "\n".join(told)) == []


def _status_of_doctor(stage: Rehearsal) -> int:
    """Some lines of a small company may fail; what the doctor prints is looked at either way."""
    try:
        stage.holdfast("doctor", "--json")
    except AssertionError:
        return 1
    return 0


def test_the_store_and_its_copy_hold_no_secret(stage: Rehearsal) -> None:
    stage.holdfast("backup")
    files = [path for pattern in ("holdfast.db*", "backups/*.db") for path in stage.config.parent.glob(pattern)]
    assert len(files) > 1
    kept = b"".join(path.read_bytes() for path in files).decode("latin-1")
    assert found(secrets(stage), kept) == []


def test_what_is_refused_tells_no_secret(stage: Rehearsal) -> None:
    """Every kind of failure in both CRMs, told in a line and in the log of a cycle."""
    kinds: list[dict[str, Any]] = [
        {"status": 401},
        {"status": 403},
        {"status": 400},
        {"status": 500, "html": True},
        {"truncate": "cut"},
        {"cut": "before"},
    ]
    told = []
    for kind in kinds:
        stage.faults(kind)
        told += stage.told("pull", status=1)
        stage.faults()
    assert len(told) >= len(kinds)
    assert found(secrets(stage) + customers(stage), "\n".join(told)) == []
    kept = json.dumps(stage.sql("SELECT error, told FROM cycles"))
    assert found(secrets(stage) + customers(stage), kept) == []


def test_a_served_worker_tells_no_secret_and_names_no_customer(stage: Rehearsal) -> None:
    stage.faults({"crm": "hubspot", "status": 401, "after": 20})
    with serving(stage) as served:
        (ready,) = served.wait_for("serving")
        served.wait_for("cycle_failed")
        login = {"Authorization": f"Bearer {SERVE_TOKEN}"}
        assert requests.get(f"{ready['url']}/", timeout=TIMEOUT_SECONDS).status_code == 401
        paths = ("", "metrics", "healthz", "readyz", "report/nothing.html")
        answers = [requests.get(f"{ready['url']}/{path}", headers=login, timeout=TIMEOUT_SECONDS) for path in paths]
        page = requests.get(f"{ready['url']}/report/", auth=("anybody", SERVE_TOKEN), timeout=TIMEOUT_SECONDS)
        assert page.status_code == 200
        assert served.end()[0] == 0
        time.sleep(0.005)
    stage.faults()
    while not served._lines.empty():
        served.logged.append(json.loads(served._lines.get()))
    told = "\n".join([*(answer.text + str(answer.headers) for answer in answers), json.dumps(served.logged)])
    assert found(secrets(stage) + customers(stage), told) == []
    assert found(secrets(stage), page.text) == []
    cycle_lines = [line for line in served.logged if line["event"] in ("stream_pulled", "stream_stopped")]
    assert cycle_lines
    assert all(isinstance(line["cycle"], int) and line["connection"] for line in cycle_lines)


SECRET = "canary-9d1f6c\nsecond-line-of-it"


@pytest.fixture(autouse=True)
def logging_anew() -> Iterator[None]:
    yield
    log._known.clear()
    structlog.reset_defaults()


@given(before=st.text(max_size=20), after=st.text(max_size=20), depth=st.integers(0, 3))
@example(before="x", after="", depth=0)
def test_a_known_secret_is_masked_wherever_it_stands(before: str, after: str, depth: int) -> None:
    log.hide([SECRET])
    value: Any = f"{before}{SECRET}{after}"
    for _ in range(depth):
        value = {"a": [value, (value,)], "error": ValueError(value)}
    told = str(log.redacted(None, "", {"event": "it_happened", "reason": value}))
    assert "canary" not in told
    assert "second-line" not in told


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer SECRETSECRET.x-y_z",
        "pat-na1-SECRET12-aaaa-bbbb",
        "session 00D5g000004SECRET!AQcAQH0dMHZfz972 expired",
        "eyJhbGciOi.SECRETpayload.c2ln",
        "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----",
        "postgresql://holdfast:SECRETpw@db/holdfast",
        "grant_type=refresh_token&refresh_token=SECRET1234&client_id=1",
        "client_secret=SECRET1234",
        "written to SECRET.person@customer.example",
    ],
)
def test_what_looks_like_a_secret_or_an_address_is_masked(text: str) -> None:
    told = log.masked(text)
    assert "SECRET" not in told
    assert log.MASK in told


@pytest.mark.parametrize(
    "text",
    [
        "cycle 12 ended",
        "https://api.hubapi.com/crm/objects/2026-09/contacts",
        "about 140 calls, 61,000 left today",
        "00D",
    ],
)
def test_what_is_none_is_left_alone(text: str) -> None:
    assert log.masked(text) == text


def test_every_line_is_json_also_of_libraries_and_warnings(capfd: pytest.CaptureFixture[str]) -> None:
    import logging

    log.hide([SECRET])
    log.configure(json=True)
    logging.getLogger("urllib3").warning("retrying %s", SECRET)
    structlog.get_logger().warning("it_happened", api_token="x", numbers=[1, 2.5, None, True])
    try:
        raise ValueError(SECRET)
    except ValueError:
        structlog.get_logger().exception("it_crashed")
        logging.getLogger("uvicorn.error").exception("in the application")
    logging.getLogger("py.warnings").warning("%s", f"a.py:1: UserWarning: {SECRET}")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert len(lines) == 5
    assert lines[1] | {"timestamp": ""} == {
        "event": "it_happened",
        "api_token": log.MASK,
        "numbers": [1, 2.5, None, True],
        "level": "warning",
        "timestamp": "",
    }
    assert all(re.fullmatch(r"\d{4}-.*Z", line["timestamp"]) for line in lines)
    assert "canary" not in json.dumps(lines)
