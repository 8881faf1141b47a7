"""The benchmark of matching: who is one in two CRMs, on a made-up store with both."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.processes import measured
from tests.bench.table import Figure, Table

CHANGED = 1_000


def paired(accounts: int, contacts: int) -> Iterator[Table]:
    """Everything matched after the first loads, then what changed, and nothing."""
    changed = min(CHANGED, contacts // 10)
    with tempfile.TemporaryDirectory() as folder:
        store, sizes = Path(folder) / "sides.db", {"accounts": accounts, "contacts": contacts}
        measured("make_sides", store=store, **sizes)
        bare = measured("bare_match", store=store)
        first = measured("match_all", store=store, **sizes)
        some = measured("match_some", store=store, contacts=contacts, changed=changed, cycle=3)
        none = measured("match_some", store=store, contacts=contacts, changed=0, cycle=4)
    yield Table(
        name="match",
        title=f"{accounts:,} accounts and {contacts:,} contacts a side",
        figures=(
            Figure(what="all of them", value=first["seconds"], unit="s", floor=bare["seconds"], target="< 60"),
            Figure(what="its processor time", value=first["cpu_seconds"], unit="s", floor=bare["cpu_seconds"]),
            Figure(what="pairs", value=first["pairs"], unit="pairs", floor=bare["pairs"]),
            Figure(what="its peak memory", value=first["peak_mb"], unit="MB", floor=bare["peak_mb"], target="<= 300"),
            Figure(what=f"after {changed:,} contacts changed", value=some["seconds"], unit="s", target="< 2"),
            Figure(what="its processor time", value=some["cpu_seconds"], unit="s"),
            Figure(what="after nothing changed", value=none["seconds"], unit="s", target="< 2"),
        ),
    )
