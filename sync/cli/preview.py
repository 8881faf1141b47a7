"""rules preview: what another config would raise, clear and ask of people, on today's store; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from connectors.protocol import ON_DEMAND
from rules.model import User
from rules.rulebook import Rulebook
from sync import config_file, connections
from sync.cli.memory import remembered
from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json
from sync.cli.stages import Connections
from sync.config import Config
from sync.cycle import Work, facts_reader, people_of
from sync.errors import ConfigError, NothingYetError
from sync.outlook import Side, outlook
from sync.pages.difference import write_difference
from sync.preview import Difference
from sync.report.preview import preview_text
from sync.store import cycles
from sync.store.facts import Moment

#: Sections that decide neither what a rule sees of an account nor the day it is.
_NO_FACTS = {"rules", "limits", "writeback", "score", "store", "connections", "privacy", "folder"}


def preview(
    against: Annotated[Path, typer.Option(help="The other config, whole, with the same connections.")],
    connection: Connections = None,
    out: Annotated[Path | None, typer.Option(help="A folder for preview.html, the same as a picture.")] = None,
) -> None:
    """What another config would raise and clear, and what people would get, on today's store. Nothing is written."""
    session = open_session()
    candidate, rulebook = config_file.load(against)
    same_connections(session.config, candidate, against)
    told = [
        _compare(session, name, candidate, rulebook, against)
        for name in connections.chosen(session.config, connection or [])
    ]
    if out:
        typer.echo(f"{write_difference(out, told)} written", err=True)
    if OPTIONS.json:
        print_json(told)
    elif not out:
        console().print("\n\n".join(map(preview_text, told)), markup=False)
    session.finish()


def same_connections(current: Config, candidate: Config, against: Path) -> None:
    """Raise ConfigError unless both configs have the same connections."""
    ours, theirs = set(current.connections), set(candidate.connections)
    lines = [f"{against}: connections.{name}: is missing; compare two whole configs" for name in sorted(ours - theirs)]
    lines += [f"{against}: connections.{name}: is not in the config in use" for name in sorted(theirs - ours)]
    if lines:
        raise ConfigError(lines)


def _compare(session: Session, name: str, candidate: Config, rulebook: Rulebook, against: Path) -> dict[str, Any]:
    last = cycles.last(session.engine, name)
    if last is None:
        raise NothingYetError(f"{name}: no cycle yet; `holdfast run` makes the first")
    connector = connections.connect(name, session.config.connections[name])
    session.opened.append(connector)
    now = last["started_at"]
    before = session.work(connector, now)
    after = Work(engine=session.engine, config=candidate, rulebook=rulebook, connector=connector, now=now)
    difference = _difference(before, after)
    return {
        "connection": name,
        "config": session.path.name,
        "against": against.name,
        "as_of": Moment.at(now, candidate.timezone).today.isoformat(),
        "notes": [*_notes(session.config, candidate, name), *_unread(session, rulebook, against)],
        **difference.told(),
    }


def _notes(current: Config, candidate: Config, name: str) -> Iterator[str]:
    if current.connections[name] != candidate.connections[name]:
        yield f"connections.{name} differs too; what it would pull is not known yet and is left out here"


def _unread(session: Session, rulebook: Rulebook, against: Path) -> Iterator[str]:
    """Records that only rules of the candidate need: without them these rules judge what is not there."""
    if unread := sorted((rulebook.needs - session.rulebook.needs) & ON_DEMAND):
        yield (
            f"{session.path.name} does not read {', '.join(unread)}, which rules of {against.name} judge by: "
            f"`holdfast pull --config {against}` reads them, and writes nothing to the CRM"
        )


def _difference(before: Work, after: Work) -> Difference:
    """Judge every account under both configs, in one pass over the facts where both see the same."""
    readers = [facts_reader(work, Moment.at(work.now, work.config.timezone)) for work in _reading(before, after)]
    sides = [_side(work, readers[-1].users) for work in (before, after)]
    difference, memory = Difference(before=sides[0], after=sides[1]), remembered(before, readers[0])
    for both in zip(*(reader.read() for reader in readers), strict=True):
        known = memory[both[0].account.id]
        # As if no task were open: one that is would hide whose it would be under the other config.
        bare = replace(known, tasks=())
        outlooks = [
            outlook(side, facts, bare, before.now) for side, facts in zip(sides, (both[0], both[-1]), strict=True)
        ]
        difference.add(outlooks[0], outlooks[1], known)
    return difference


def _reading(before: Work, after: Work) -> list[Work]:
    """Return what to read facts for: one that knows the rules of both where all else is equal, else each."""
    if before.config.model_dump(exclude=_NO_FACTS) != after.config.model_dump(exclude=_NO_FACTS):
        return [before, after]
    rules = {**before.rulebook.rules, **after.rulebook.rules}
    by_tier = {**before.rulebook.by_tier, **after.rulebook.by_tier}
    both = Rulebook(rules=rules, by_tier=by_tier)
    return [Work(engine=after.engine, config=after.config, rulebook=both, connector=after.connector, now=after.now)]


def _side(work: Work, users: Mapping[str, User]) -> Side:
    people = people_of(work, users)
    return Side(config=work.config, rulebook=work.rulebook, people=people)
