"""provision, verify: what is done now and then, beside the cycles."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import console, open_session, print_json
from sync.cli.stages import Connections
from sync.errors import StoreDiffersError, UnconfirmedError, UnprovisionedError
from sync.store.engine import exclusive
from sync.verify import verify as compare


def add_to(app: typer.Typer) -> None:
    for command in (provision, verify):
        app.command()(command)


def provision(
    connection: Connections = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be made.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make our fields in the CRM and the access to them, or print the manual steps."""
    session, told = open_session(), []
    if not (dry_run or yes):
        _ask(connection or sorted(session.config.connections))
    for work in session.works(connection):
        with session.going_on():
            told += [(work.name, step) for step in work.connector.provision(dry_run=dry_run)]
    for name, step in told:
        if step.state in ("wrong", "manual"):
            session.fail(UnprovisionedError(f"{name}: {step.name}: {step.told}"))
    if OPTIONS.json:
        print_json([{"connection": name, **asdict(step)} for name, step in told])
    else:
        for name, step in told:
            console().print(f"{name:12} {step.state:10} {step.name}", markup=False)
    session.finish()


def _ask(names: list[str]) -> None:
    if not sys.stdin.isatty():
        raise UnconfirmedError("provision: changes the CRM; look with --dry-run, then say --yes")
    typer.confirm(f"Make Holdfast's fields in {', '.join(names)}?", abort=True)


def verify(
    connection: Connections = None,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Make the store equal to the CRM.")] = False,
) -> None:
    """Read every record once more and compare: how many are missing, stale or surplus in the store."""
    session, told = open_session(), {}
    with exclusive(session.engine):
        for work in session.works(connection):
            with session.going_on():
                since = session.config.privacy.touches_since(work.now)
                told[work.name] = compare(
                    session.engine, work.connector, repair=repair, now=work.now, touches_since=since
                )
    if OPTIONS.json:
        print_json({name: {kind: asdict(one) for kind, one in found.items()} for name, found in told.items()})
    else:
        typer.echo(f"{'':12} {'':15} {'CRM':>9} {'store':>9} {'missing':>9} {'stale':>9} {'surplus':>9}")
    for name, found in told.items():
        for kind, one in found.items():
            if not OPTIONS.json:
                figures = " ".join(
                    f"{value:>9,}" for value in (one.crm, one.store, one.missing, one.stale, one.surplus)
                )
                typer.echo(f"{name:12} {kind:15} {figures}{'' if one.complete else '  incomplete'}")
            if one.error:
                session.failures.append(one.error)
            elif not one.sound and not repair:
                session.fail(
                    StoreDiffersError(f"{name}: {kind} differ from the CRM; `holdfast verify --repair` mends them")
                )
    session.finish()
