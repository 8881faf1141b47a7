"""Many small portals in one process: `python -m tests.bench.portals COUNT DELAY_MS FOLDER` writes FOLDER/config.toml and
prints one line of JSON when they listen; a line on its standard input is answered with what their journals say.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from connectors.sandbox.server import Sandbox

_CONFIG = """
[schedule]
cycle = "0 0 1 1 *"
now = "crm"
[writeback]
mode = "live"
[limits]
baseline = false
"""
_CONNECTION = """
[connections.portal-{number}]
kind = "hubspot"
base_url = "{base_url}"
access_token_file = "{token_file}"
"""


def main(count: int, delay_milliseconds: float, folder: Path) -> None:
    portals = [Sandbox(seed=number, accounts=10, touches_per_account=10) for number in range(1, count + 1)]
    told = _CONFIG
    for number, portal in enumerate(portals, 1):
        portal.faults.replace([{"delay_ms": delay_milliseconds}])
        portal.start_in_thread()
        given = portal.credentials()["hubspot"]
        token_file = folder / f"token-{number}"
        token_file.write_text(given["access_token"], encoding="utf-8")
        token_file.chmod(0o600)
        told += _CONNECTION.format(number=number, base_url=given["base_url"], token_file=token_file)
    (folder / "config.toml").write_text(told, encoding="utf-8")
    print(json.dumps({"portals": count}), flush=True)
    for _ in sys.stdin:
        print(json.dumps(_journals(portals)), flush=True)
        for portal in portals:
            portal.reset()
            portal.faults.replace([{"delay_ms": delay_milliseconds}])


def _journals(portals: list[Sandbox]) -> dict[str, Any]:
    """Requests served, and those of them that were refused as too fast."""
    entries = [one for portal in portals for one in portal.journal.entries]
    return {"requests": len(entries), "too_fast": sum(one["status"] == 429 for one in entries)}


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
