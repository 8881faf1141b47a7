"""match list, why, export: who is one in several CRMs, and what a human has to decide about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json
from sync.errors import NotFoundError, UsageError
from sync.groups import Group
from sync.match import told
from sync.match.decide import Ref
from sync.pages.csv_files import write_csv
from sync.store import match_records as records
from sync.store.match_state import Db

_HEADER = ("group", "kind", "what", "number", "connection", "id", "name", "home", "why", "remedy")
Named = Annotated[str, typer.Argument(help="connection:id, id, name or e-mail address.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Who is one in several CRMs, and what is left to decide.", no_args_is_help=True)
    group.command("list")(list_matches)
    group.command()(why)
    group.command()(export)
    app.add_typer(group, name="match")


def list_matches(
    *, everything: Annotated[bool, typer.Option("--all", help="Contacts and deals that are one, too.")] = False
) -> None:
    """What is left to decide, with what to write into the config, and who is one."""
    session = open_session()
    with session.engine.connect() as db:
        if OPTIONS.json:
            print_json([_group_told(db, group) for group in _groups(session)])
        else:
            for group in _groups(session):
                for line in _lines(db, group, everything=everything):
                    console().print(line, markup=False)
    session.finish()


def why(one: Named, other: Named) -> None:
    """What joins two records, or keeps them apart."""
    session = open_session()
    with session.engine.connect() as db:
        found = [
            {"group": group.name, **told.why(db, group, kind, *both)}
            for group in _groups(session)
            for kind, both in _both(db, group, one, other)
        ]
    if not found:
        raise NotFoundError(f"{one}, {other}: no two records of a group are called so; see `holdfast match export`")
    if OPTIONS.json:
        print_json(found)
    else:
        for document in found:
            heading = "one" if document["one"] else "apart"
            console().print("\n".join(told.lines({**document, "asks": heading})), markup=False)
    session.finish()


def export(out: Annotated[Path, typer.Option(help="The CSV file to write.")] = Path("matches.csv")) -> None:
    """Everything that `list` tells, as CSV: a row for each record."""
    session = open_session()
    try:
        with session.engine.connect() as db:
            write_csv(out, _HEADER, (row for group in _groups(session) for row in _rows(db, group)))
    except OSError as error:
        raise UsageError([f"--out {out}: cannot be written ({error.strerror}); name another file"]) from error
    typer.echo(f"{out}: written", err=True)
    session.finish()


def _groups(session: Session) -> list[Group]:
    config = session.config
    found = {name: config.group_of(section.connections[0]) for name, section in config.groups.items()}
    if not found:
        raise UsageError(["match: no connections belong together; write [groups.NAME] into the config"])
    return [group for group in found.values() if group]


def _group_told(db: Db, group: Group) -> dict[str, Any]:
    asked = told.questions(db, group)
    return {
        "group": group.name,
        "pairs": list(told.pairs(db, group, records.KINDS)),
        "proposals": [one for one in asked if one["asks"] == "proposal"],
        "conflicts": [one for one in asked if one["asks"] != "proposal"],
    }


def _lines(db: Db, group: Group, *, everything: bool) -> Iterator[str]:
    asked = told.questions(db, group)
    yield f"{group.name}: {', '.join(group.connections)}; {len(asked)} to decide"
    for one in asked:
        yield from told.lines(one)
    for one in told.pairs(db, group, records.KINDS if everything else ("user", "account")):
        yield from told.lines(one)


def _rows(db: Db, group: Group) -> Iterator[tuple[Any, ...]]:
    found = [("pair", one) for one in told.pairs(db, group, records.KINDS)]
    found += [(one["asks"], one) for one in told.questions(db, group)]
    for number, (what, one) in enumerate(found, start=1):
        reasons = one["why"] if isinstance(one["why"], str) else "; ".join(one["why"])
        for member in one["members"]:
            home = one.get("home") == f"{member['connection']}:{member['id']}"
            yield (
                *(group.name, one["kind"], what, number, *member.values()),
                *("home" if home else "", reasons, one.get("remedy", "")),
            )


def _both(db: Db, group: Group, one: str, other: str) -> Iterator[tuple[str, tuple[Ref, Ref]]]:
    """The pairs of records of one kind that are meant."""
    for kind in ("account", "contact", "user", "deal"):
        some = (records.named(db, group.connections, kind, text) for text in (one, other))
        found = {tuple(sorted(both)) for both in product(*some) if both[0] != both[1]}
        across = sorted(both for both in found if both[0].connection != both[1].connection) or sorted(found)
        if len(across) > 1:
            shown = "; ".join(f"{left} and {right}" for left, right in across[:5])
            raise NotFoundError(f"{one}, {other}: {len(across)} pairs are meant ({shown}); say them by connection:id")
        if across:
            yield kind, (across[0][0], across[0][1])
            return
