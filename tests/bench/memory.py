"""The benchmark of what a first load of Salesforce holds in memory, however large the org is."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.processes import measured, sandbox
from tests.bench.table import Figure, Table

ACTIVITIES_PER_ACCOUNT = 43  # of the made-up company
SMALLER = 10  # times


def held(activities: int) -> Iterator[Table]:
    """About so many activities, with all that is around them, and a tenth of it before."""
    small, large = (_load(most // ACTIVITIES_PER_ACCOUNT) for most in (activities // SMALLER, activities))
    yield Table(
        name="memory",
        title=f"a first load of {large['activities']:,} Salesforce activities, and of {small['activities']:,}",
        figures=(
            Figure(what="peak memory", value=large["peak_mb"], unit="MB", target="< 150"),
            Figure(what="of the smaller load", value=small["peak_mb"], unit="MB"),
            Figure(what="records", value=large["records"], unit="records"),
            Figure(what="API calls", value=large["calls"], unit="calls"),
            Figure(what="time", value=large["seconds"], unit="s"),
            Figure(what="processor time", value=large["cpu_seconds"], unit="s"),
        ),
    )


def _load(accounts: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, sandbox(Path(folder), accounts) as served:
        return measured("pull", config=served.config, crm="salesforce", store=Path(folder) / "held.db")
