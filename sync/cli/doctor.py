"""doctor: everything that must hold before a first cycle, tried and told with its remedy."""

from __future__ import annotations

from collections import Counter
from typing import Any

import typer

from connectors.diagnosis import State
from sync import config_file, connections
from sync.cli.options import OPTIONS
from sync.cli.session import print_json
from sync.doctor import Examination, Told
from sync.errors import ConfigError

_COLORS = {State.OK: typer.colors.GREEN, State.WARN: typer.colors.YELLOW, State.FAIL: typer.colors.RED}


def add_to(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor() -> None:
    """Try every precondition and tell it: ok, warn or fail, with the remedy. Changes nothing in a CRM."""
    path = config_file.find(OPTIONS.config)
    try:
        config, rulebook = config_file.load(path)
        rehearsal = connections.rehearsal_now(config, OPTIONS.now)
    except ConfigError as error:
        if OPTIONS.json:
            _print([{"about": "config", "state": "fail", "what": line, "remedy": ""} for line in error.lines])
        raise
    examination = Examination(path=path, config=config, rulebook=rulebook, rehearsal=rehearsal, pictures={})
    found: list[dict[str, Any]] = []
    try:
        for told in examination.lines():
            found.append(_document(told))
            if not OPTIONS.json:
                _echo(told)
    finally:
        examination.close()
    if OPTIONS.json:
        _print(found)
    counted = Counter(one["state"] for one in found)
    if not OPTIONS.json:
        typer.echo(", ".join(f"{counted[state]} {state}" for state in State))
    if counted[State.FAIL]:
        raise typer.Exit(1)


def _document(told: Told) -> dict[str, Any]:
    line = told.line
    return {"about": told.about, "state": str(line.state), "what": line.what, "remedy": line.remedy}


def _echo(told: Told) -> None:
    line = told.line
    typer.secho(f"{line.state:5}", fg=_COLORS[line.state], nl=False)
    typer.echo(f"{told.about:12} {line.what}")
    if line.remedy:
        typer.echo(f"{'':18}-> {line.remedy}")


def _print(found: list[dict[str, Any]]) -> None:
    counted = Counter(one["state"] for one in found)
    print_json({"counts": {str(state): counted[state] for state in State}, "lines": found})
