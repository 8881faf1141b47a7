"""The benchmark of a first load alone: contacts of 40 properties from a portal that is larger than any sandbox."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.processes import made_portal, measured
from tests.bench.table import Figure, Table


def loaded(contacts: int) -> Iterator[Table]:
    """So many contacts into SQLite, beside a bare loop over the same pages."""
    with tempfile.TemporaryDirectory() as folder, made_portal(contacts) as url:
        ours = measured("contacts", url=url, store=Path(folder) / "ours.db")
        bare = measured("bare_contacts", url=url, store=Path(folder) / "bare.db")
    if ours["records"] != contacts or bare["records"] != contacts:
        raise SystemExit(f"bench: {ours['records']} and {bare['records']} contacts")
    seconds, cpu_seconds = ours["seconds"], ours["cpu_seconds"]
    yield Table(
        name="contacts",
        title=f"{contacts:,} HubSpot contacts of 40 properties into SQLite",
        figures=(
            Figure(
                what="records",
                value=contacts / seconds,
                unit="records/s",
                floor=contacts / bare["seconds"],
                target=">= 12,000, ratio >= 0.5",
            ),
            Figure(
                what="records by processor time",
                value=contacts / cpu_seconds,
                unit="records/s",
                floor=contacts / bare["cpu_seconds"],
            ),
            Figure(what="API calls", value=ours["calls"], unit="calls", floor=bare["calls"]),
            Figure(what="peak memory", value=ours["peak_mb"], unit="MB", floor=bare["peak_mb"], target="< 120"),
        ),
    )
