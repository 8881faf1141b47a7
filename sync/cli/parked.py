"""parked list, retry, drop: rows that a CRM refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json
from sync.cli.stages import Connections
from sync.connections import chosen, remedies
from sync.errors import UsageError
from sync.parked import Parked, named, parked
from sync.store import written
from sync.store.engine import exclusive

Names = Annotated[list[str] | None, typer.Argument(help="Keys, account ids or account names; else all.")]

_OPS = {
    "create_task": "new task",
    "update_task": "changed task",
    "close_task": "closing a task",
    "set_fields": "account fields",
}


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Changes that a CRM refused, with its message and the remedy.", no_args_is_help=True)
    group.command("list")(list_parked)
    group.command()(retry)
    group.command()(drop)
    app.add_typer(group, name="parked")


def list_parked(
    connection: Connections = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also what was dropped.")] = False,
) -> None:
    """What the CRM refused, in its own words, since when, how often, and what to do about it."""
    session = open_session()
    found = list(_found(session, connection))
    shown = [one for one in found if everything or one.state != "given up"]
    if OPTIONS.json:
        print_json([asdict(one) for one in shown])
    else:
        console().print("\n".join(_list(shown, len(found) - len(shown))), markup=False)
    session.finish()


def _list(shown: Sequence[Parked], dropped: int) -> Iterator[str]:
    if not shown:
        yield "nothing is parked"
    for one in shown:
        yield from _lines(one)
    if dropped:
        yield f"{dropped} dropped: `holdfast parked list --all` shows them"


def retry(names: Names = None, connection: Connections = None) -> None:
    """The next cycle sends these again at once, as far as they are still due."""
    _mark(names or [], connection, "retried", "the next cycle tries it again if it is still due")


def drop(
    names: Names = None,
    connection: Connections = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that is parked.")] = False,
) -> None:
    """These are not sent again as they are; something else for the same account is."""
    if not names and not everything:
        raise UsageError(["parked drop: say which, by key or account, or --all"])
    told = "not sent again as it is; another text or value for it is, and `parked retry` takes this back"
    _mark(names or [], connection, "dropped", told)


def _mark(names: Sequence[str], connection: list[str] | None, state: str, told: str) -> None:
    session = open_session()
    with exclusive(session.engine):
        known = [one for one in _found(session, connection) if state == "retried" or one.state != "given up"]
        some = named(known, names)
        for name in {one.connection for one in some}:
            subjects = [one.subject for one in some if one.connection == name]
            written.mark(session.engine, name, subjects, state)
    if OPTIONS.json:
        print_json([{"connection": one.connection, "subject": one.subject, "state": state} for one in some])
    else:
        for one in some:
            typer.echo(f"{_what(one)}: {told}")
        if not some:
            typer.echo("nothing is parked")
    session.finish()


def _found(session: Session, names: list[str] | None) -> Iterator[Parked]:
    for name, settings in chosen(session.config, names or []).items():
        rows = written.refused(session.engine, name)
        known = written.account_names(session.engine, name)
        yield from parked(name, rows, names=known, remedies=remedies(settings), now=session.last_moment(name))


def _what(one: Parked) -> str:
    return f"{one.connection}: {one.account_name or one.account_id}, {_OPS[one.op]} ({one.subject})"


def _lines(one: Parked) -> Iterator[str]:
    often = f"{one.times} times since {one.since:%Y-%m-%d}" if one.times > 1 else f"on {one.since:%Y-%m-%d}"
    last = f", last on {one.last:%Y-%m-%d %H:%M} UTC" if one.times > 1 else ""
    yield _what(one)
    yield f"  refused {often}{last}: {f'{one.code}: ' if one.code else ''}{one.message}"
    yield f"  remedy: {one.remedy}"
    if one.state == "given up":
        yield "  dropped: not sent again as it is; `holdfast parked retry` takes that back"
    elif one.state == "not due":
        yield "  not tried since, because it is no longer due: `holdfast parked drop` takes it off the list"
