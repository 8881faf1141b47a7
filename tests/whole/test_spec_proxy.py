"""Traffic of connector and sandbox, held against documents derived from HubSpot's own client."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.conftest import SHARED
from tests.whole.rehearsal import rehearsal

TOOLS = SHARED / "tools"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TOOLS.exists(), reason="the checker (../shared/tools) is not here"),
]


@contextmanager
def checked(upstream: str, folder: Path) -> Iterator[str]:
    """The URL of a proxy that judges what passes, into folder/violations.jsonl."""
    specs = folder / "specs"
    subprocess.run(
        [sys.executable, str(TOOLS / "hubspot_spec_from_client.py"), str(specs)], check=True, capture_output=True
    )
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    arguments = ["--upstream", upstream, "--listen", address, "--specs", str(specs)]
    arguments += ["--out", str(folder / "violations.jsonl"), "--waivers", str(TOOLS / "waivers_client_specs.json")]
    command = [sys.executable, str(TOOLS / "hubspot_spec_proxy.py"), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as proxy:
        assert proxy.stdout
        proxy.stdout.readline()
        try:
            yield f"http://{address}"
        finally:
            proxy.terminate()


def test_a_load_an_increment_and_a_write_back_break_no_document(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=30, rate_limits=False) as stage, checked(stage.url, tmp_path) as proxy:
        stage.set(HOLDFAST__CONNECTIONS__HUBSPOT__BASE_URL=proxy, HOLDFAST__CONNECTIONS__HUBSPOT__API_VERSION="v3")
        stage.holdfast("run", "--connection", "hubspot")
        stage.holdfast("run", "--connection", "hubspot")
        stage.live()
        told = stage.json("run", "--connection", "hubspot")["connections"]["hubspot"]
        assert told["written"]["created"]
        summary = requests.get(f"{proxy}/__spec_proxy__/summary", timeout=30).json()
    lines = (tmp_path / "violations.jsonl").read_text(encoding="utf-8").splitlines()
    errors = [one for one in map(json.loads, lines) if one["level"] == "error"]
    assert not errors, errors[:3]
    exercised = " ".join(summary["exercised"])
    for operation in ("/search -> 200", "/batch/create -> 201", "/batch/update -> 200", "associations", "owners"):
        assert operation in exercised, operation
