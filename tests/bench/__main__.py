"""Run the benchmarks and print one plain table each:
`python -m tests.bench [--smoke] [--only NAME] [--contacts N] [--activities N] [--json FILE]`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.bench.benches import Bench
from tests.bench.commands import answered
from tests.bench.contacts import loaded
from tests.bench.judging import judged
from tests.bench.memory import held
from tests.bench.paired import paired
from tests.bench.processes import sandbox
from tests.bench.replayed import replayed
from tests.bench.shared_work import shared
from tests.bench.table import Table

NAMES = ("sandbox", "first-load", "unchanged", "evaluate")
# Accounts of the made-up company, and what is run on it: 2,500 accounts have some 100,000 activities.
SIZES: dict[int, tuple[str, ...]] = {300: ("first-load", "unchanged"), 2500: NAMES}
SMOKE: dict[int, tuple[str, ...]] = {100: NAMES}
# Customers of the made-up store, each with 40 touches, that the worker alone is measured on.
MADE, MADE_SMOKE = 50_000, 100
# And those that a back-test is measured on.
REPLAYED, REPLAYED_SMOKE = 5_000, 60
# Contacts of the made-up portal.
CONTACTS, CONTACTS_SMOKE = 100_000, 3_000
# Activities of the made-up org of which one first load is held against that of a tenth: takes minutes, alone.
ACTIVITIES, ACTIVITIES_SMOKE = 1_000_000, 4_000
# Accounts and touches of the store that commands are timed on.
ANSWERED, ANSWERED_SMOKE = (5_000, 1_000_000), (100, 4_000)
# Accounts and contacts of each of two CRMs that are matched.
PAIRED, PAIRED_SMOKE = (100_000, 500_000), (200, 1_000)
# Portals that workers share, and the milliseconds after which each answers.
PORTALS, PORTALS_SMOKE = (12, 50), (3, 10)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small company: whether it runs, not how fast")
    parser.add_argument(
        "--only",
        choices=(*NAMES, "judge", "backtest", "contacts", "memory", "commands", "match", "workers"),
        help="one benchmark",
    )
    parser.add_argument("--contacts", type=int, default=CONTACTS, help="how many the made-up portal has")
    parser.add_argument("--activities", type=int, default=ACTIVITIES, help="how many the org of `memory` has")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    chosen = parser.parse_args()
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    print(machine)
    tables = []
    names = [chosen.only] if chosen.only else [*NAMES, "judge", "backtest", "contacts", "commands", "match", "workers"]
    made = judged(MADE_SMOKE if chosen.smoke else MADE) if "judge" in names else ()
    past = replayed(REPLAYED_SMOKE if chosen.smoke else REPLAYED) if "backtest" in names else ()
    load = loaded(CONTACTS_SMOKE if chosen.smoke else chosen.contacts) if "contacts" in names else ()
    many = held(ACTIVITIES_SMOKE if chosen.smoke else chosen.activities) if "memory" in names or chosen.smoke else ()
    asked = answered(*(ANSWERED_SMOKE if chosen.smoke else ANSWERED)) if "commands" in names else ()
    both = paired(*(PAIRED_SMOKE if chosen.smoke else PAIRED)) if "match" in names else ()
    work = shared(*(PORTALS_SMOKE if chosen.smoke else PORTALS)) if "workers" in names else ()
    for table in chain(run(SMOKE if chosen.smoke else SIZES, names), made, past, load, many, asked, both, work):
        print(f"\n{table}", flush=True)
        tables.append(table.told())
    if chosen.json:
        chosen.json.write_text(json.dumps({"machine": machine, "tables": tables}, indent=2) + "\n", encoding="utf-8")


def run(sizes: dict[int, tuple[str, ...]], names: list[str]) -> Iterator[Table]:
    """The tables of the chosen benchmarks, as they are done."""
    for accounts, possible in sizes.items():
        chosen = [name for name in possible if name in names]
        if chosen:
            with tempfile.TemporaryDirectory() as folder, sandbox(Path(folder), accounts) as served:
                benches = Bench(served, Path(folder)).all()
                for name in chosen:
                    yield from benches[name]()


if __name__ == "__main__":
    main()
