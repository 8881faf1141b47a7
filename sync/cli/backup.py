"""backup, store move: the store as a whole."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Engine

from sync.cli.options import OPTIONS
from sync.cli.session import open_session, print_json
from sync.errors import UsageError
from sync.store.copies import back_up, new_copy_in
from sync.store.engine import exclusive, open_engine
from sync.store.move import move as copy_all


def add_to(app: typer.Typer) -> None:
    app.command()(backup)
    group = typer.Typer(help="The store as a whole.", no_args_is_help=True)
    group.command()(move)
    group.callback()(lambda: None)  # keeps `move` a word of its own while it is the only one
    app.add_typer(group, name="store")


def backup(
    to: Annotated[
        Path | None, typer.Option(help="A new file, or a folder; else the folder `backups` beside the store.")
    ] = None,
) -> None:
    """Make a checked copy of the store, also while the worker runs."""
    session = open_session()
    path = _place(session.engine, to)
    copy = back_up(session.engine, path)
    if OPTIONS.json:
        print_json({"path": str(copy.path), "bytes": copy.bytes, "records": copy.records})
    else:
        typer.echo(f"{copy.path}: {copy.records:,} records, {copy.bytes / 10**6:,.1f} MB, checked")
    session.finish()


def _place(engine: Engine, to: Path | None) -> Path:
    folder = to if to and to.is_dir() else Path(engine.url.database or "").parent / "backups"
    named = new_copy_in(folder, engine, datetime.now(UTC))
    if to and not to.is_dir():
        return to
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return named


def move(
    to: Annotated[str, typer.Option(help="URL of an empty database; ${NAME} takes a password from the environment.")],
) -> None:
    """Copy the whole store to another database. The old one is left as it is."""
    session = open_session()
    target = open_engine(_url(to))
    try:
        if target.url == session.engine.url:
            raise UsageError(["--to: is the store in use"])
        with exclusive(session.engine), exclusive(target):
            moved = copy_all(session.engine, target)
    finally:
        target.dispose()
    if OPTIONS.json:
        print_json({"to": _shown(to), "tables": moved})
    else:
        typer.echo(f"{sum(moved.values()):,} records in {len(moved)} tables copied")
        typer.echo(f'now write [store] url = "{_shown(to)}" into {session.path}; the old store is left as it is')
    session.finish()


def _url(told: str) -> str:
    """The URL with what it takes from the environment. Raises ConfigError for one that is none."""
    if missing := [name for name in re.findall(r"\$\{(\w+)\}", told) if not os.environ.get(name)]:
        raise UsageError([f"--to: environment variable {missing[0]} is not set; set it"])
    url = re.sub(r"\$\{(\w+)\}", lambda found: os.environ[found[1]], told)
    if not re.match(r"(sqlite:///|postgresql(\+psycopg)?://)\S", url):
        raise UsageError(['--to: must be "sqlite:///FILE" or "postgresql://user:${NAME}@host/database"'])
    return url


def _shown(told: str) -> str:
    """The URL as it may stand in a config: with a name instead of a password."""
    return re.sub(r"(://[^:/@]+):(?!\$\{)[^@]*@", r"\1:${STORE_PASSWORD}@", told)
