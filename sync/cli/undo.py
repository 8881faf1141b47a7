"""undo, audit: what we wrote, taken back or told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer

from sync import apply as apply_stage
from sync.audit import HEADER, Entry, entries
from sync.cli.options import OPTIONS
from sync.cli.session import console, open_session, print_json
from sync.cli.stages import Connections
from sync.connections import chosen
from sync.cycle import Work, facts_reader, people_of
from sync.errors import NothingYetError, TasksLeftError
from sync.pages.csv_files import write_csv
from sync.store import cycles, ledger, written
from sync.store.engine import exclusive
from sync.store.facts import Moment
from sync.undo import PUT_OFF_DAYS, Made, made, put_off, undo_plan

Since = Annotated[str, typer.Option(help="ISO date or moment, such as 2026-11-02 or 2026-11-02T14:30; local time.")]


def add_to(app: typer.Typer) -> None:
    for command in (undo, audit):
        app.command()(command)


def undo(
    since: Since,
    connection: Connections = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this they are only listed.")] = False,
    put_off_days: Annotated[
        int, typer.Option(min=0, help="So long their findings make no new task, unless they get worse.")
    ] = PUT_OFF_DAYS,
) -> None:
    """Close the open tasks that we made since then and nobody touched; they are listed first."""
    session, told = open_session(), []
    begin = moment_told(since, session.config.timezone)
    with exclusive(session.engine):
        for work in session.works(connection):
            if not cycles.cursors(session.engine, work.name):
                said = f"{work.name}: nothing was pulled yet; `holdfast pull` finds our tasks first"
                session.fail(NothingYetError(said))
                continue
            with session.going_on():
                found = _made_since(work, begin)
                outcomes = _take_back(work, found, put_off_days) if yes else {}
                refused = [key for key, how in outcomes.items() if how != "closed"]
                if refused:
                    said = f"{work.name}: {len(refused)} tasks could not be closed; `holdfast parked list` says why"
                    session.fail(TasksLeftError(said))
                told.append((work, found, outcomes))
    if OPTIONS.json:
        print_json([_as_json(work, one, outcomes) for work, found, outcomes in told for one in found])
    else:
        lines = [line for work, found, outcomes in told for line in _undo_lines(work, found, outcomes, put_off_days)]
        console().print("\n".join(lines), markup=False)
    session.finish()


def moment_told(told: str, timezone: tzinfo) -> datetime:
    """A date is its first moment; without an offset it is local time."""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        raise typer.BadParameter(
            f"--since: must be an ISO date or moment such as 2026-11-02T14:30 (is {told!r})"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone)


def _made_since(work: Work, since: datetime) -> list[Made]:
    # What a killed run left open may stand in the CRM; what a lost store forgot stands there surely.
    apply_stage.recover(work.engine, work.connector, now=work.now)
    written.adopt_open(work.engine, work.name, list(work.rulebook.rules), work.now)
    created = written.made_since(work.engine, work.name, since)
    return made(
        ledger.read_tasks(work.engine, work.name),
        created,
        apply_stage.as_they_stand(work.connector, list(created)),
        names=written.account_names(work.engine, work.name),
        answers=written.given_answers(work.engine, work.name),
    )


def _take_back(work: Work, found: Sequence[Made], days: int) -> dict[str, str]:
    """Put the findings off and close the tasks; return what became of each, by key."""
    untouched = [one for one in found if not one.kept_why]
    today = work.now.astimezone(work.config.timezone).date()
    states = ledger.read_states(work.engine, work.name)
    # In this order: a crash in between leaves a task that the next undo closes, never one that is made anew.
    with work.engine.begin() as db:
        for one in untouched:
            off = put_off(states.get(one.account_id, {}), one.task.rules, work.now, today, days)
            ledger.save_states(db, work.name, {one.account_id: off})
    plan = undo_plan(work.name, untouched, today, work.config.language)
    apply_stage.apply(work.engine, work.connector, plan, cycle=cycles.newest(work.engine, work.name), now=work.now)
    left = written.open_keys(work.engine, work.name)
    return {one.task.key: "still open" if one.task.key in left else "closed" for one in untouched}


def _as_json(work: Work, one: Made, outcomes: dict[str, str]) -> dict[str, Any]:
    return {
        "connection": work.name,
        "key": one.task.key,
        "crm_id": one.task.crm_id,
        "account": {"id": one.account_id, "name": one.account_name},
        "assignee_id": one.task.reader,
        "subject": one.task.actual.subject if one.task.actual else None,
        "created_at": one.created_at.isoformat(),
        "outcome": "left alone" if one.kept_why else outcomes.get(one.task.key, "would be closed"),
        "why": one.kept_why,
    }


def _undo_lines(work: Work, found: Sequence[Made], outcomes: dict[str, str], days: int) -> Iterator[str]:
    users = facts_reader(work, Moment.at(work.now, work.config.timezone)).users
    people = people_of(work, users)
    taken = [one for one in found if not one.kept_why]
    head = "closed" if outcomes else "would be closed"
    yield f"{work.name}: {len(taken)} tasks {head}, {len(found) - len(taken)} left alone"
    for one in found:
        subject = one.task.actual.subject if one.task.actual else one.account_name
        how = f"left alone: {one.kept_why}" if one.kept_why else outcomes.get(one.task.key, "would be closed")
        made_at = one.created_at.astimezone(work.config.timezone)
        yield f"  {made_at:%Y-%m-%d %H:%M}  {people.name(one.task.reader)}: {subject}  ({how})"
    if taken and not outcomes:
        yield f"  with --yes; their findings then make no task for {days} days, unless they get worse"


def audit(
    since: Annotated[str | None, typer.Option(help="ISO date or moment; local time. Else everything.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write it as CSV to this file.")] = None,
    connection: Connections = None,
) -> None:
    """Every change that we made in the CRM: who, when, where, why, from which value to which."""
    session = open_session()
    begin = moment_told(since, session.config.timezone) if since else None

    def found() -> Iterator[Entry]:
        for name in chosen(session.config, connection or []):
            yield from entries(
                written.changes_made(session.engine, name, begin),
                names=written.account_names(session.engine, name),
                people=written.user_names(session.engine, name),
                task_ids=written.task_ids(session.engine, name),
            )

    if out:
        write_csv(out, HEADER, (list(asdict(one).values()) for one in found()))
        typer.echo(f"{out} written", err=True)
    if OPTIONS.json:
        print_json([asdict(one) for one in found()])
    elif not out:
        for one in found():
            console().print(_audit_line(one), markup=False)
    session.finish()


def _audit_line(one: Entry) -> str:
    """One line; a long text is told by its first."""
    before, after = (_short(text) for text in (one.before, one.after))
    unsure = "" if one.outcome == "done" else f"  [{one.outcome}]"
    return (
        f"{one.at:%Y-%m-%d %H:%M}Z  {one.connection}  {one.account_name or one.account_id}  {one.op} {one.value}: "
        f"{before} -> {after}  ({one.why}){unsure}"
    )


def _short(text: str | None, length: int = 60) -> str:
    line = " ".join((text or "empty").split())
    return line if len(line) <= length else f"{line[: length - 3]}..."
