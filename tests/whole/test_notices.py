"""Queue places, digests and the rule report over both CRMs: what a person asks for from the command line."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise looks for it
CRMS = ("salesforce", "hubspot")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Both CRMs after a first live run in which nobody gets more than one new task."""
    with rehearsal(tmp_path_factory.mktemp("notices"), accounts=30, touches_per_account=15, rate_limits=False) as ran:
        ran.live()
        ran.set(HOLDFAST__LIMITS__MAX_NEW_PER_PERSON_PER_WEEK="1")
        ran.holdfast("run")
        yield ran


@pytest.mark.parametrize("crm", CRMS)
def test_what_waits_says_its_place_wherever_it_is_told(stage: Rehearsal, crm: str, tmp_path: Path) -> None:
    queue = stage.json("status", "--connection", crm)["connections"][crm]["queue"]
    assert queue
    held = [one for one in stage.json("plan", "--connection", crm)["held_back"] if one["place"]]
    places = [(one["account"]["id"], one["place"], one["queue_length"]) for one in held]
    assert places == [(one["account"]["id"], one["place"], one["queue_length"]) for one in queue]
    first = queue[0]
    place = f"place {first['place']} of {first['queue_length']} for {first['assignee']['name']}"
    assert f"waits for room: {first['account']['name']}, {place}" in stage.holdfast("status", "--connection", crm)
    assert f"{first['place']}. {first['account']['name']}" in stage.holdfast("plan", "--connection", crm)
    explained = stage.holdfast("explain", first["account"]["id"], "--connection", crm)
    assert f"plan: waits for room: {place}" in explained
    stage.holdfast("report", "--out", str(tmp_path), "--connection", crm)
    cards = [path.read_text() for path in (tmp_path / crm / "cards").glob("*.html")]
    assert sum(f"waits for room: {place}" in card for card in cards) == 1


def test_an_incomplete_pull_leaves_the_places_as_they_were(stage: Rehearsal) -> None:
    before = stage.json("status")["connections"]["hubspot"]["queue"]
    stage.faults({"crm": "hubspot", "path": "/crm/", "status": 403})
    stage.told("run", "--connection", "hubspot", status=1)
    stage.faults()
    assert stage.json("status")["connections"]["hubspot"]["queue"] == before


def test_a_digest_is_shown_sent_once_and_tells_every_open_task_of_the_week(stage: Rehearsal) -> None:
    bodies: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    shown = stage.json("digest")["digests"]
    assert all(one["sent_at"] is None for one in shown)
    (line,) = stage.told("digest", "--send", status=2)
    assert "notices.digest_to" in line
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        (stage.config.parent / "digest.address").write_text(f"json://127.0.0.1:{server.server_port}/x\n")
        stage.set(HOLDFAST__NOTICES__DIGEST_TO_FILE="digest.address")
        first = shown[0]["to"]
        stage.holdfast("digest", "--send", "--manager", first)
        assert [body["message"] for body in bodies] == [shown[0]["text"]]
        stage.holdfast("digest", "--send")
        stage.holdfast("digest", "--send")
        server.shutdown()
        thread.join()
    assert sorted(body["message"] for body in bodies) == sorted(one["text"] for one in shown)
    assert all(one["sent_at"] for one in stage.json("digest")["digests"])
    told = sum(body["message"].count("  new, due ") for body in bodies)
    unheard = sum(stage.json("digest")["unheard"].values())
    queued = sum(len(stage.json("status")["connections"][crm]["queue"]) for crm in CRMS)
    waiting = sum(body["message"].count("  waiting, place ") for body in bodies)
    assert told + waiting + unheard == sum(len(stage.our_tasks(crm)) for crm in CRMS) + queued
    (line,) = stage.told("digest", "--manager", "nobody@yours.example", status=1)
    assert "--manager nobody@yours.example" in line


def test_the_rule_report_tells_what_people_did(stage: Rehearsal) -> None:
    tasks = [one for one in stage.our_tasks("salesforce") if not one["closed"]]
    stage.act("salesforce", "delete_task", task=tasks[0]["id"], who=tasks[0]["owner"])
    stage.act("salesforce", "complete_task", task=tasks[1]["id"], who=tasks[1]["owner"])
    stage.advance(DAY)
    stage.holdfast("run", "--connection", "salesforce")
    found = stage.json("rules", "report", "--connection", "salesforce")["salesforce"]
    ends = {key: sum(one["total"][key] for one in found.values()) for key in ("told", "done", "dismissed", "open")}
    assert ends["done"] >= 1
    assert ends["dismissed"] >= 1
    assert ends["told"] == sum(ends[key] for key in ("done", "dismissed", "open"))
    assert all(one["too_few"] and not one["advice"] for one in found.values())
    assert "too few to judge" in stage.holdfast("rules", "report", "--months", "1")
