"""The benchmark of evaluation alone, on a made-up store that is larger than any sandbox."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.processes import measured
from tests.bench.table import Figure, Table

TOUCHES = 40  # per customer
CHANGED = 500


def judged(accounts: int) -> Iterator[Table]:
    """All customers judged by the default rules, every one of them key, then those that changed, then all by every rule."""
    touches, changed = accounts * TOUCHES, min(CHANGED, accounts // 10)
    with tempfile.TemporaryDirectory() as folder:
        store, ordered = Path(folder) / "made.db", Path(folder) / "ordered.db"
        measured("make_store", store=store, ordered=ordered, accounts=accounts, touches=touches)
        first = measured("judge", store=store, hours=0)
        full = measured("judge", store=store, hours=24)
        some = measured("judge", store=store, hours=25, changed=changed, accounts=accounts)
        measured("judge", store=store, hours=26, every_rule=True)  # the first time, when all findings are new
        every = measured("judge", store=store, hours=48, every_rule=True)
        bare = measured("person_days", ordered=ordered)
    if full["accounts"] != accounts or some["accounts"] < changed:
        raise SystemExit(f"bench: judged {full['accounts']} and {some['accounts']} accounts")
    yield Table(
        name="judge",
        title=f"{accounts:,} customers with {touches:,} touches judged by the default rules",
        figures=(
            Figure(what="the first evaluation after a load", value=first["seconds"], unit="s"),
            Figure(what="a full one", value=full["seconds"], unit="s", floor=bare["seconds"], target="<= 20"),
            Figure(what="its processor time", value=full["cpu_seconds"], unit="s", floor=bare["cpu_seconds"]),
            Figure(what="its touches", value=touches / full["seconds"], unit="touches/s"),
            Figure(what="its peak memory", value=full["peak_mb"], unit="MB", target="<= 200"),
            Figure(what=f"after calls on {changed} accounts, judged", value=some["accounts"], unit="accounts"),
            Figure(what="in", value=some["seconds"], unit="s", target="<= 1"),
            Figure(what="with a processor time of", value=some["cpu_seconds"], unit="s"),
        ),
    )
    yield Table(
        name="judge-all",
        title=f"the same judged by all {every['rules']} rules there are, the day after they were first",
        figures=(
            Figure(what="a full one", value=every["seconds"], unit="s", floor=bare["seconds"], target="<= 60"),
            Figure(what="its processor time", value=every["cpu_seconds"], unit="s", floor=bare["cpu_seconds"]),
            Figure(what="its peak memory", value=every["peak_mb"], unit="MB", floor=bare["peak_mb"], target="<= 300"),
        ),
    )
