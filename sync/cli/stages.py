"""run, pull, evaluate, plan, apply, reset: the stages, one by one or all."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from sync import connections, cycle
from sync.apply import recover
from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json, pull_progress
from sync.connections import chosen
from sync.cycle import Report, Work, facts_reader, judge_stage, people_of, plan_stage, send, verdicts_as_of
from sync.errors import NotFoundError, PlanMovedError, named
from sync.judging import evaluate_stage
from sync.people import People
from sync.plan import Plan
from sync.plan_file import read_plan, why_not
from sync.report.text import plan_text, run_text, verdict_table
from sync.report.told import plan_as_json
from sync.store import cycles
from sync.store.engine import exclusive
from sync.store.facts import Moment
from sync.store.ledger import verdict_as_row
from sync.store.records import forget_cursor

Connections = Annotated[list[str] | None, typer.Option("--connection", help="Only this connection; repeatable.")]
Accept = Annotated[int, typer.Option(min=0, help="Allow this many new tasks once, above the limit.")]


def add_to(app: typer.Typer) -> None:
    for command in (run, pull, evaluate, plan, apply, reset):
        app.command()(command)


def run(
    connection: Connections = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, whatever writeback.mode says.")] = False,
    accept: Accept = 0,
) -> None:
    """Run one cycle: pull, evaluate, plan, apply."""
    session, started, reports = open_session(), time.monotonic(), []
    live = session.config.writeback.mode == "live" and not dry_run
    with exclusive(session.engine), pull_progress() as progress:
        for works in _together(session, connection):
            reports += cycle.run_together(works, live=live, accept=accept, progress=progress)
    for report in reports:
        session.note(report)
    seconds = round(time.monotonic() - started, 2)
    if OPTIONS.json:
        print_json(_run_told(reports, seconds))
    else:
        console().print(run_text(reports, seconds, live=live))
    session.finish()


def _together(session: Session, names: list[str] | None) -> Iterator[list[Work]]:
    """The chosen connections, each with those that are judged together with it."""
    chosen_ones, seen = chosen(session.config, names or []), set[str]()
    for name in chosen_ones:
        if name not in seen:
            group = session.config.group_of(name)
            some = [one for one in group.connections if one in chosen_ones] if group else [name]
            seen.update(some)
            yield list(session.works(some))


def _run_told(reports: list[Report], seconds: float) -> dict[str, Any]:
    findings: dict[str, Counter[str]] = {}
    for report in reports:
        for rule, counted in report.findings.items():
            findings.setdefault(rule, Counter()).update(counted)
    return {
        "cycle": max((report.cycle for report in reports), default=None),
        "connections": {report.connection: report.told() for report in reports},
        "findings": {rule: dict(counted) for rule, counted in findings.items()},
        "seconds": seconds,
    }


def pull(connection: Connections = None) -> None:
    """Bring the store up to date with the CRMs; nothing is judged or written."""
    session, reports = open_session(), []
    with exclusive(session.engine), pull_progress() as progress:
        for work in session.works(connection):
            reports.append(cycle.pull_only(work, progress=progress))
            session.note(reports[-1])
    told_all = {report.connection: report.told()["pulled"] for report in reports}
    if OPTIONS.json:
        print_json({"connections": told_all})
    else:
        for name, streams in told_all.items():
            for stream, told in streams.items():
                mark = "" if told["complete"] else "  INCOMPLETE"
                typer.echo(f"{name:12} {stream:28} {told['records']:>8} records {told['changed']:>8} changed{mark}")
    session.finish()


def evaluate(
    as_of: Annotated[str | None, typer.Option(help="ISO date: judge as of the end of that day; keeps nothing.")] = None,
    connection: Connections = None,
) -> None:
    """Judge every account by every enabled rule."""
    session = open_session()
    day = as_of_day(as_of)
    verdicts: list[dict[str, Any]] = []
    today = day
    for work in offline_works(session, connection, day):
        moment = moment_of(work, day)
        today = moment.today
        verdicts += _verdicts(work, moment, keep=day is None)
    if OPTIONS.json:
        print_json({"as_of": today.isoformat() if today else None, "verdicts": verdicts})
    else:
        console().print(verdict_table(verdicts, today))
    session.finish()


def _verdicts(work: Work, moment: Moment, *, keep: bool) -> list[dict[str, Any]]:
    if keep:
        _complete_as_pulled(work)
        with exclusive(work.engine):
            list(evaluate_stage(work, facts_reader(work, moment)))
    return [
        {
            "connection": work.name,
            "account": {"id": facts.account.id, "name": facts.account.name},
            "rule": rule,
            **verdict_as_row(verdict),
        }
        for facts, judged in verdicts_as_of(work, moment)
        for rule, verdict in judged.items()
    ]


def offline_works(session: Any, names: list[str] | None, day: date | None) -> Any:
    """The chosen connections. Judging as of a past day asks no CRM for the time."""
    if day is None:
        yield from session.works(names)
        return
    for name, settings in connections.chosen(session.config, names or []).items():
        yield session.work(connections.connect(name, settings), datetime.now(UTC))


def moment_of(work: Work, day: date | None) -> Moment:
    timezone = work.config.timezone
    return Moment.at(work.now, timezone) if day is None else Moment.end_of(day, timezone)


def as_of_day(told: str | None) -> date | None:
    try:
        return date.fromisoformat(told) if told else None
    except ValueError:
        raise typer.BadParameter(
            f"must be an ISO date such as 2026-09-30 (is {told!r})", param_hint="--as-of"
        ) from None


def _complete_as_pulled(work: Work) -> None:
    """Take over from the newest cycle which record kinds are whole: none, if it was killed in mid-pull."""
    work.complete = frozenset(cycles.newest_told(work.engine, work.name).get("complete", ()))


def plan(
    out: Annotated[Path | None, typer.Option(help="Also write the plan as JSON to this file, for `apply`.")] = None,
    connection: Connections = None,
) -> None:
    """Print what would be written, grouped by person, and a checksum. Nothing is sent."""
    session = open_session()
    told, texts = [], []
    with exclusive(session.engine):
        for work, made, people in _plans(session, connection):
            told.append(plan_as_json(made, people))
            texts.append(plan_text(made, people, whole=work.is_whole))
    document = _document(told)
    if out:
        out.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    if OPTIONS.json:
        print_json(document)
    else:
        console().print("\n".join([*texts, f"checksum {document['checksum']}"]))
    session.finish()


def _document(told: list[dict[str, Any]]) -> dict[str, Any]:
    """The plans of all connections in one."""
    return {
        "checksum": "-".join(one["checksum"] for one in told),
        "changes": [change for one in told for change in one["changes"]],
        "held_back": [held for one in told for held in one["held_back"]],
    }


def _plans(
    session: Session, names: list[str] | None, before: Callable[[Work], object] = _complete_as_pulled
) -> Iterator[tuple[Work, Plan, People]]:
    """The plan of each chosen connection, and who gets its tasks; `before` makes a connection ready."""
    for works in _together(session, names):
        judged = []
        for work in works:
            with session.going_on():
                before(work)
                judged.append((work, judge_stage(work)))
        for work, reader in judged:
            with session.going_on():
                made = plan_stage(work, reader)
                yield work, made, people_of(work, reader.users)


def apply(
    file: Annotated[
        Path | None, typer.Argument(help="A plan made by `plan --out`; refused if it no longer fits.")
    ] = None,
    connection: Connections = None,
    accept: Accept = 0,
) -> None:
    """Send the plan of this moment, or exactly the plan in FILE."""
    session = open_session()
    reports: list[Report] = []
    with exclusive(session.engine):
        planned: list[tuple[Work, Plan]] = []
        told: list[dict[str, Any]] = []
        for work, made, people in _plans(session, connection, _recovered):
            planned.append((work, made))
            told.append(plan_as_json(made, people))
        if file and (cause := why_not(read_plan(file), _document(told))):
            session.refusals.append(named(PlanMovedError(f"{file}: {cause}")))
            planned = []
        for work, made in planned:
            report = Report(
                connection=work.name, cycle=cycles.newest(session.engine, work.name), held_back=len(made.held_back)
            )
            reports.append(report)
            with session.going_on():
                send(work, report, made, accept)
    written = {report.connection: report.told()["written"] for report in reports}
    if OPTIONS.json:
        print_json(written)
    else:
        for name, counted in written.items():
            typer.echo(f"{name}: {', '.join(f'{number} {what}' for what, number in counted.items())}")
    session.finish()


def _recovered(work: Work) -> None:
    # What a killed run left open may stand in the CRM already: it must not be planned again.
    recover(work.engine, work.connector, now=work.now)
    _complete_as_pulled(work)


def reset(
    stream: Annotated[str, typer.Argument(help="The stream, as `run` names it.")], connection: Connections = None
) -> None:
    """Pull a stream from the beginning at the next cycle."""
    session = open_session()
    for name in chosen(session.config, connection or []):
        if forget_cursor(session.engine, name, stream):
            typer.echo(f"{name}: {stream} will be pulled from the beginning")
        else:
            known = ", ".join(row["stream"] for row in cycles.cursors(session.engine, name)) or "none yet"
            session.fail(NotFoundError(f"{name}: no stream {stream!r} was pulled; known are {known}"))
    session.finish()
