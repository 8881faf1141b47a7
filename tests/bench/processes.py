"""Processes of their own: the sandbox, and one for every program that is measured, so that its memory is its own."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HOLDFAST = Path(sys.executable).with_name("holdfast")


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A sandbox that listens: what it announced of its URL and logins, and the config of a worker for it."""

    announced: Mapping[str, Any]
    config: Path
    accounts: int

    @property
    def url(self) -> str:
        return str(self.announced["url"])

    def advance(self, seconds: int) -> None:
        """The CRMs' own clock goes on."""
        body = json.dumps({"advance_seconds": seconds}).encode()
        urllib.request.urlopen(f"{self.url}/_sandbox/clock", data=body).close()

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """What the journal has of the requests after number `since`."""
        with urllib.request.urlopen(f"{self.url}/_sandbox/journal?since={since}") as reply:
            found: list[dict[str, Any]] = json.load(reply)["requests"]
        return found


@contextmanager
def sandbox(folder: Path, accounts: int) -> Iterator[Served]:
    """A sandbox with that many accounts and no rate limits, until the end of the block."""
    config = folder / "config.toml"
    command = [_HOLDFAST, "sandbox", "serve", "--no-rate-limits", "--accounts", str(accounts), "--write-config", config]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            if not line:
                raise SystemExit("the sandbox did not start")
            yield Served(announced=json.loads(line), config=config, accounts=accounts)
        finally:
            server.terminate()


@contextmanager
def made_portal(contacts: int) -> Iterator[str]:
    """The URL of a portal of that many made-up contacts, until the end of the block."""
    command = [sys.executable, "-m", "tests.bench.made_portal", str(contacts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield str(json.loads(server.stdout.readline())["url"])
        finally:
            server.terminate()


def measured(program: str, **arguments: Any) -> dict[str, Any]:
    """What the program of `tests.bench.worker` returned, with its `seconds`, `cpu_seconds` and `peak_mb`."""
    # Linux hands the peak memory of the parent on to a child: nothing large may be loaded in this process.
    command = [sys.executable, "-m", "tests.bench.worker", program, json.dumps(arguments, default=str)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"bench: {program} failed (see above)")
    result: dict[str, Any] = json.loads(done.stdout)
    return result
