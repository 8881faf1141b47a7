"""`/metrics` for Prometheus: what this process counted, and what the store says when it is asked.

Labels are names of connections, streams, rules and states; nothing of an account or a person is ever one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Engine

from sync import outbox
from sync.cycle import PARKED, Report
from sync.errors import StoreError
from sync.run.status import status_of
from sync.store import beats, cycles

Clock = Callable[[], datetime]
_SECONDS = (1, 3, 10, 30, 60, 180, 600, 1800, 3600, 7200)
#: Gauges by name: what they are, and their labels.
GAUGES = {
    "alive": ("1 while jobs are started and none hangs, as /healthz has it", ()),
    "store_readable": ("1 while the store can be read", ()),
    "last_success_timestamp_seconds": ("when the last good cycle ended", ("connection",)),
    "last_cycle_timestamp_seconds": ("when the last cycle ended, well or not", ("connection",)),
    "lag_seconds": ("age of what the store has of a stream", ("connection", "stream")),
    "api_calls_left": ("calls left today, where the CRM tells", ("connection",)),
    "records": ("live records in the store", ("connection", "table")),
    "set_aside_records": ("records that made no sense, in the last whole pull", ("connection", "stream")),
    "outbox_rows": ("changes that were written down, by state", ("connection", "state")),
    "parked_changes": ("changes that the CRM refused", ("connection",)),
    "held_back_changes": ("changes that waited for room or a quiet day, in the last cycle", ("connection",)),
    "tasks": ("tasks of ours, by state", ("connection", "state")),
    "verdicts": ("accounts under each verdict of a rule", ("connection", "rule", "verdict")),
    "evidence_coverage_ratio": ("share of accounts that a rule could judge", ("connection", "rule")),
    "beat_last_done_timestamp_seconds": ("when a beat of the schedule last ended", ("beat", "connection")),
    "beat_ok": ("1 where it was done, 0 where something stopped it", ("beat", "connection")),
}


class Metrics:
    """The counts of this process and the gauges of its store, in a registry of their own."""

    def __init__(self, engine: Engine, connections: Iterable[str], rules: Iterable[str], clock: Clock) -> None:
        self._engine = engine
        self._connections, self._rules = tuple(connections), tuple(rules)
        self._clock = clock
        self.alive: Callable[[], bool] = lambda: False
        self._registry = CollectorRegistry()
        self._registry.register(self)
        self._cycles = self._counter("cycles", "cycles of this process", "connection", "outcome")
        self._pulled = self._counter("records_pulled", "records that arrived", "connection", "stream")
        self._changed = self._counter("records_changed", "of them new or changed", "connection", "stream")
        self._calls = self._counter("api_calls", "requests sent to the CRM", "connection")
        self._retried = self._counter("api_retries", "requests sent again", "connection", "reason")
        self._written = self._counter("changes_written", "changes sent, by what became of them", "connection", "result")
        self._seconds = Histogram(
            "holdfast_cycle_seconds",
            "duration of cycles",
            ("connection",),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(f"holdfast_{name}", told, labels, registry=self._registry)

    def note(self, report: Report, seconds: float) -> None:
        """Count what a cycle did."""
        name = report.connection
        outcome = "refused" if report.refused else "failed" if report.errors else "done"
        self._cycles.labels(name, outcome).inc()
        self._seconds.labels(name).observe(seconds)
        self._calls.labels(name).inc(report.api_calls)
        for stream, pulled in report.pulled.items():
            self._pulled.labels(name, stream).inc(pulled.records)
            self._changed.labels(name, stream).inc(pulled.changed)
        for result, number in report.written.items():
            self._written.labels(name, result).inc(number)
        for reason, number in report.retried.items():
            self._retried.labels(name, reason).inc(number)

    def note_crash(self, connection: str) -> None:
        """Count a cycle that did not even begin, or that no report is left of."""
        self._cycles.labels(connection, "failed").inc()

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Nothing is asked of the store when the registry wants to know the names."""
        return iter([_gauge(name) for name in GAUGES])

    def collect(self) -> Iterator[Metric]:
        gauges = {name: _gauge(name) for name in GAUGES}
        gauges["alive"].add_metric((), self.alive())
        try:
            for name, labels, value in self._from_store():
                gauges[name].add_metric(labels, value)
            gauges["store_readable"].add_metric((), 1)
        except StoreError:
            gauges["store_readable"].add_metric((), 0)
        yield from gauges.values()

    def _from_store(self) -> Iterator[tuple[str, tuple[str, ...], float]]:
        now = self._clock()
        for connection in self._connections:
            if good := cycles.last_good(self._engine, connection):
                yield "last_success_timestamp_seconds", (connection,), good.timestamp()
            told = status_of(self._engine, connection, self._rules)
            yield "parked_changes", (connection,), len(outbox.parked(self._engine, connection, since=now - PARKED))
            for name, labels, value in _gauges_of(told, now):
                yield name, (connection, *labels), value
        for last in beats.last_runs(self._engine).values():
            if last.done_at:
                labels = (last.beat, last.connection)
                yield "beat_last_done_timestamp_seconds", labels, last.done_at.timestamp()
                yield "beat_ok", labels, last.outcome == "done"


def _gauge(name: str) -> GaugeMetricFamily:
    told, labels = GAUGES[name]
    return GaugeMetricFamily(f"holdfast_{name}", told, labels=labels)


def _gauges_of(told: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, tuple[str, ...], float]]:
    """The gauges of a connection from its status, without its name among their labels."""
    if last := told["last_cycle"]:
        yield "last_cycle_timestamp_seconds", (), datetime.fromisoformat(last["ended_at"]).timestamp()
    for stream, one in told["streams"].items():
        if one["complete_at"]:
            yield "lag_seconds", (stream,), (now - datetime.fromisoformat(one["complete_at"])).total_seconds()
        yield "set_aside_records", (stream,), sum(one["set_aside"].values())
    if told["api_left"] is not None:
        yield "api_calls_left", (), told["api_left"]
    yield "held_back_changes", (), told["held_back"]
    for name, table in (("records", "records"), ("outbox_rows", "outbox"), ("tasks", "tasks")):
        for label, number in told[table].items():
            yield name, (label,), number
    for rule, counted in told["findings"].items():
        for verdict, number in counted.items():
            yield "verdicts", (rule, verdict), number
        judged = counted["raised"] + counted["clear"]
        if possible := judged + counted["unknown"]:
            yield "evidence_coverage_ratio", (rule,), judged / possible
