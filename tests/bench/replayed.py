"""The benchmark of back-tests, on a made-up store."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.processes import measured
from tests.bench.table import Figure, Table

MONTHS = 24
TOUCHES = 40  # per customer


def replayed(accounts: int) -> Iterator[Table]:
    """The default rules over two years, every customer key."""
    touches = accounts * TOUCHES
    with tempfile.TemporaryDirectory() as folder:
        store, ordered = Path(folder) / "made.db", Path(folder) / "ordered.db"
        measured("make_store", store=store, ordered=ordered, accounts=accounts, touches=touches)
        ours = measured("backtest", store=store, months=MONTHS)
        bare = measured("person_days", ordered=ordered)
    if (ours["accounts"], ours["months"]) != (accounts, MONTHS) or not ours["outcomes"]:
        raise SystemExit(f"bench: replayed {ours}")
    yield Table(
        name="backtest",
        title=f"{accounts:,} customers with {touches:,} touches judged at {MONTHS} month-ends by the default rules",
        figures=(
            # The floor counts the person-days of all touches once for each month-end.
            Figure(what="all", value=ours["seconds"], unit="s", floor=MONTHS * bare["seconds"], target="<= 120"),
            Figure(what="processor time", value=ours["cpu_seconds"], unit="s", floor=MONTHS * bare["cpu_seconds"]),
            Figure(what="account-months", value=accounts * MONTHS / ours["seconds"], unit="accounts/s"),
            Figure(what="peak memory", value=ours["peak_mb"], unit="MB"),
        ),
    )
