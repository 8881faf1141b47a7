"""The benchmarks: what is run against what, and which figures are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.bench.dialects import FIRST_PAGE, calls_per_object, token
from tests.bench.processes import Served, measured
from tests.bench.table import Figure, Table

CRMS = ("salesforce", "hubspot")
HALF_AN_HOUR = 1800  # seconds
_APART = ("associations", "login")
Measured = Mapping[str, Any]


class Bench:
    """One sandbox of one size, and the stores that were loaded from it: later benchmarks use those of earlier ones."""

    def __init__(self, served: Served, folder: Path) -> None:
        self._served, self._folder = served, folder
        # What the sandbox stamped when it started then lies behind what a pull looks back to.
        served.advance(HALF_AN_HOUR)
        self._loads: dict[str, dict[str, Any]] = {}

    def all(self) -> dict[str, Callable[[], Iterator[Table]]]:
        """The benchmarks by name, in the order in which they build on each other."""
        return {
            "sandbox": self.sandbox,
            "first-load": self.first_load,
            "unchanged": self.unchanged,
            "evaluate": self.evaluate,
        }

    def sandbox(self) -> Iterator[Table]:
        figures = []
        for crm, (first, most) in FIRST_PAGE.items():
            asked = {"url": self._served.url, "first": first, "most": most, "token": token(crm, self._served.announced)}
            for gzip in (False, True):
                got = measured("pages", **asked, gzip=gzip)
                what = f"{crm}, {got['records'] / got['pages']:,.0f} per page{', gzip' if gzip else ''}"
                target = "" if gzip else ">= 20,000"
                rate = got["records"] / got["seconds"]
                figures.append(Figure(what=what, value=rate, unit="records/s", target=target))
        yield self._table("sandbox", "pages served to a bare client on loopback", figures)

    def first_load(self) -> Iterator[Table]:
        for crm in CRMS:
            ours, plain = self._loaded(crm), self._plain(crm)
            figures = [
                _rate("records", ours, plain, "ratio >= 0.5"),
                Figure(what="API calls", value=ours["calls"], unit="calls", floor=plain["calls"]),
                *_costs(ours, plain),
            ]
            yield self._table("first-load", f"{crm}, {ours['records']:,} records into SQLite", figures)

    def unchanged(self) -> Iterator[Table]:
        for crm in CRMS:
            self._loaded(crm)
            before = len(self._served.requests())
            ours = measured("pull", config=self._served.config, crm=crm, store=self._store(crm), cycle=2, paced=True)
            calls = calls_per_object(self._served.requests(before))
            objects = {name: count for name, count in calls.items() if name not in _APART}
            most = max(objects, key=lambda name: objects[name])
            figures = [
                Figure(what="API calls", value=ours["calls"], unit="calls"),
                Figure(what=f"of them for one object ({most})", value=objects[most], unit="calls", target="<= 3"),
                Figure(what="of them for associations", value=calls["associations"], unit="calls"),
                Figure(what="records that came again", value=ours["records"], unit="records"),
                Figure(what="records taken for news", value=ours["changed"], unit="records", target="0"),
                Figure(
                    what="time, waiting for the call budget included", value=ours["seconds"], unit="s", target="< 2"
                ),
                Figure(what="processor time", value=ours["cpu_seconds"], unit="s"),
            ]
            yield self._table("unchanged", f"{crm}, a second pull without news", figures)

    def evaluate(self) -> Iterator[Table]:
        for crm in CRMS:
            self._loaded(crm)
            store = self._store(crm)
            ours = measured("evaluate", config=self._served.config, crm=crm, store=store)
            bare = measured("touches", store=store)
            figures = [
                Figure(what="accounts", value=ours["accounts"] / ours["seconds"], unit="accounts/s"),
                _rate("touches", ours, bare),
                *_costs(ours, bare),
                Figure(
                    what="2,000,000 touches would take",
                    value=2_000_000 * ours["seconds"] / ours["touches"],
                    unit="s",
                    target="<= 20",
                ),
            ]
            title = f"{crm}, all {ours['accounts']:,} accounts evaluated in full, {ours['touches']:,} touches"
            yield self._table("evaluate", title, figures)

    def _loaded(self, crm: str) -> dict[str, Any]:
        """The first load of that CRM, run once."""
        if crm not in self._loads:
            given = {"config": self._served.config, "crm": crm}
            # The first one wakes the sandbox up for the one that counts.
            measured("pull", **given, store=self._folder / f"{crm}-unused.db")
            self._loads[crm] = measured("pull", **given, store=self._store(crm))
        return self._loads[crm]

    def _plain(self, crm: str) -> dict[str, Any]:
        """The floor of a first load: a bare loop through the same client, parse and mapping."""
        store = self._folder / f"{crm}-plain.db"
        return measured("plain_load", config=self._served.config, crm=crm, store=store)

    def _store(self, crm: str) -> Path:
        return self._folder / f"{crm}.db"

    def _table(self, name: str, title: str, figures: list[Figure]) -> Table:
        return Table(name=name, title=f"{title} ({self._served.accounts:,} accounts)", figures=tuple(figures))


def _rate(what: str, ours: Measured, bare: Measured, target: str = "") -> Figure:
    return Figure(
        what=what,
        value=ours[what] / ours["seconds"],
        unit=f"{what}/s",
        floor=bare[what] / bare["seconds"],
        target=target,
    )


def _costs(ours: Measured, bare: Measured) -> list[Figure]:
    return [
        Figure(what="time", value=ours["seconds"], unit="s", floor=bare["seconds"]),
        Figure(what="processor time", value=ours["cpu_seconds"], unit="s", floor=bare["cpu_seconds"]),
        Figure(what="peak memory", value=ours["peak_mb"], unit="MB", floor=bare["peak_mb"], target="< 150"),
    ]
