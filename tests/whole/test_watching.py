"""What watches the worker: metrics with what deploy/ asks of them, readiness, and nobody's name in either."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from sync import config_file
from sync.run.health import problems
from sync.run.metrics import GAUGES, Metrics
from sync.store import beats, cycles
from sync.store.engine import open_engine
from tests.whole.rehearsal import Rehearsal, rehearsal

DEPLOY = Path(__file__).parents[2] / "deploy"
CRMS = ("salesforce", "hubspot")
SECONDS = 7.0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    folder = tmp_path_factory.mktemp("watching")
    with rehearsal(folder, accounts=12, touches_per_account=8, rate_limits=False) as running:
        running.live()
        yield running


@pytest.fixture(scope="module")
def metrics(stage: Rehearsal) -> Metrics:
    """Those of a worker that has run a cycle for every connection, one of them with a lost answer, and a backup."""
    config, rulebook = config_file.load(stage.config)
    engine = open_engine(config.store_url)
    made = Metrics(engine, config.connections, rulebook.rules, lambda: datetime.now(UTC))
    made.alive = lambda: True
    stage.faults(*({"crm": crm, "status": 503, "after": 8, "first": 1} for crm in CRMS))
    for crm in CRMS:
        made.note(stage.cycle(crm), SECONDS)
    stage.faults()
    made.note_crash("hubspot")
    beats.started(engine, "backup", "", datetime.now(UTC))
    beats.ended(engine, "backup", "", datetime.now(UTC), "store: no room")
    return made


def exposed(metrics: Metrics) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Every sample by name and labels."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(metrics.text().decode()):
        found.setdefault(family.name, {})
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def asked_by(expression: str) -> set[str]:
    return set(re.findall(r"\bholdfast_[a-z_]+", re.sub(r'"[^"]*"', '""', expression)))


def labels_asked(expression: str) -> Iterator[tuple[str, str]]:
    """Metric and label of every selector."""
    for name, inside in re.findall(r"\b(holdfast_[a-z_]+)\{([^}]*)\}", expression):
        for label in re.findall(r'(\w+)\s*[!=]~?\s*"', inside):
            yield name, label


def expressions() -> list[str]:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "holdfast.rules.yml").read_text(encoding="utf-8"))
    alerts = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    board = json.loads((DEPLOY / "grafana" / "holdfast.json").read_text(encoding="utf-8"))
    drawn = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    return [*alerts, *drawn, *(one["query"] for one in board["templating"]["list"] if "holdfast_" in one["query"])]


def test_whatever_alerts_and_dashboard_ask_for_is_exposed(metrics: Metrics) -> None:
    there = exposed(metrics)
    for expression in expressions():
        assert asked_by(expression) <= set(there), expression
        for name, label in labels_asked(expression):
            assert all(label in dict(labels) for labels in there[name]), expression
            assert there[name], expression


def test_whatever_is_exposed_is_drawn_or_alerted_on(metrics: Metrics) -> None:
    asked = set().union(*map(asked_by, expressions()))
    shown = {re.sub(r"_(total|bucket)$", "", name) for name in asked}
    families = {family.name for family in text_string_to_metric_families(metrics.text().decode())}
    assert {name for name in families - shown if not name.endswith("_created")} == set()
    assert {f"holdfast_{name}" for name in GAUGES} <= families


def test_alert_rules_have_the_form_that_prometheus_wants() -> None:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "holdfast.rules.yml").read_text(encoding="utf-8"))
    assert set(rules) == {"groups"}
    names = []
    for group in rules["groups"]:
        assert set(group) <= {"name", "interval", "rules"}
        for rule in group["rules"]:
            assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
            assert set(rule["annotations"]) == {"summary", "remedy"}
            assert rule["labels"]["severity"] in ("critical", "warning", "info")
            assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
            for opening, closing in ("()", "{}", "[]"):
                assert rule["expr"].count(opening) == rule["expr"].count(closing)
            names.append(rule["alert"])
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"Holdfast[A-Za-z]+", name) for name in names)


def test_the_dashboard_is_whole() -> None:
    board = json.loads((DEPLOY / "grafana" / "holdfast.json").read_text(encoding="utf-8"))
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    places = [
        (x, y)
        for panel in panels
        for place in [panel["gridPos"]]
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(places) == len(set(places)), "no panel lies over another"
    assert max(x for x, _ in places) < 24


def test_figures_are_those_of_the_cycles_and_the_store(stage: Rehearsal, metrics: Metrics) -> None:
    there = exposed(metrics)
    status = stage.json("status")["connections"]
    for crm in CRMS:
        of = ("connection", crm)
        assert there["holdfast_cycles_total"][of, ("outcome", "done")] == 1
        assert there["holdfast_cycle_seconds_sum"][(of,)] == SECONDS
        assert there["holdfast_api_calls_total"][(of,)] == status[crm]["api_calls"]
        assert there["holdfast_api_retries_total"][of, ("reason", "failed")] == 1
        assert there["holdfast_records"][of, ("table", "accounts")] == status[crm]["records"]["accounts"] > 0
        assert there["holdfast_tasks"][of, ("state", "open")] == len(stage.our_tasks(crm))
        for rule, counted in status[crm]["findings"].items():
            for verdict, number in counted.items():
                assert there["holdfast_verdicts"][of, ("rule", rule), ("verdict", verdict)] == number
        assert there["holdfast_last_success_timestamp_seconds"][(of,)] == pytest.approx(
            datetime.now(UTC).timestamp(), abs=600
        )
    assert there["holdfast_cycles_total"][("connection", "hubspot"), ("outcome", "failed")] == 1
    assert there["holdfast_beat_ok"][("beat", "backup"), ("connection", "")] == 0
    assert there["holdfast_alive"][()] == there["holdfast_store_readable"][()] == 1


def test_no_account_and_no_person_is_named(stage: Rehearsal, metrics: Metrics) -> None:
    text = metrics.text().decode()
    names = stage.sql("SELECT name FROM accounts UNION SELECT name FROM users UNION SELECT email FROM users")
    names += stage.sql("SELECT name FROM contacts UNION SELECT id FROM accounts UNION SELECT email FROM contacts")
    assert len(names) > 50
    assert [name for (name,) in names if len(name) > 3 and name in text] == []


def test_a_store_that_cannot_be_read_is_a_figure_and_no_failure(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    metrics = Metrics(engine, ["acme"], [], lambda: datetime.now(UTC))
    with engine.begin() as db:
        db.exec_driver_sql("DROP TABLE cycles")
    assert exposed(metrics)["holdfast_store_readable"][()] == 0
    config = config_file.Config.model_validate(CONFIG)
    (told,) = problems(engine, config, datetime.now(UTC)).items()
    assert told[0] == "store"
    engine.dispose()


CONFIG = {
    "connections": {"acme": {"kind": "hubspot", "access_token": "token"}},
    "schedule": {"cycle": "0 6-20 * * mon-fri", "cycle_limit_minutes": 60},
}


@pytest.mark.parametrize(
    ("ended", "now", "ready"),
    [
        ("2026-11-02T06:10", "2026-11-02T08:55", True),
        ("2026-11-02T06:10", "2026-11-02T09:00", False),
        ("2026-10-30T20:05", "2026-11-02T07:55", True),
        ("2026-10-30T20:05", "2026-11-02T08:05", False),
    ],
    ids=["one failed", "two failed", "over a weekend", "after a weekend"],
)
def test_a_connection_that_misses_two_slots_makes_the_worker_unready(
    tmp_path: Path, ended: str, now: str, *, ready: bool
) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    config = config_file.Config.model_validate(CONFIG)
    at = datetime.fromisoformat(f"{ended}Z")
    assert problems(engine, config, at) == {"acme": "no cycle has ended well yet"}
    cycles.end(engine, cycles.begin(engine, "acme", at), {}, "", at)
    later = at + timedelta(minutes=30)
    cycles.end(engine, cycles.begin(engine, "acme", later), {}, "acme: no network", later)
    assert (problems(engine, config, datetime.fromisoformat(f"{now}Z")) == {}) is ready
    engine.dispose()
