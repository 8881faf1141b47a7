"""status, explain, report, rules: what stands in the store, for people and scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from rules.facts import AccountFacts
from sync.cli.memory import remembered
from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json
from sync.cli.stages import Connections, as_of_day, moment_of, offline_works
from sync.connections import chosen
from sync.cycle import Work, facts_reader, verdicts_as_of
from sync.errors import HoldfastError
from sync.outlook import Side, outlook
from sync.pages.scene import Scene
from sync.pages.site import Site
from sync.people import People
from sync.report.account import Explained
from sync.report.account_text import explained_text
from sync.report.summary import summary, summary_text
from sync.run.status import status_of
from sync.store import cycles, ledger

AsOf = Annotated[str | None, typer.Option(help="ISO date: as of the end of that day.")]


def add_to(app: typer.Typer) -> None:
    for command in (status, explain, report):
        app.command()(command)


def status(connection: Connections = None) -> None:
    """Where every connection stands: last cycle, streams, budget, writes, findings."""
    session = open_session()
    told = {
        name: status_of(session.engine, name, session.rulebook.rules)
        for name in chosen(session.config, connection or [])
    }
    if OPTIONS.json:
        print_json({"connections": told})
    else:
        console().print("\n".join(line for name, one in told.items() for line in _status_lines(name, one)))
    session.finish()


def _status_lines(name: str, told: dict[str, Any]) -> Iterator[str]:
    last = told["last_cycle"]
    if not last:
        yield f"{name}: no cycle yet; `holdfast run` makes the first"
        return
    yield f"{name}: cycle {last['id']} ended {last['ended_at'][:16]}Z" + (f", {last['error']}" if last["error"] else "")
    left = f", {told['api_left']:,} left today" if told["api_left"] is not None else ""
    yield f"  API calls {told['api_calls']}{left}"
    yield "  records: " + ", ".join(f"{number:,} {what}" for what, number in told["records"].items())
    late = [stream for stream, one in told["streams"].items() if not one["complete_at"]]
    if late:
        yield f"  never complete: {', '.join(late)}"
    for stream, one in told["streams"].items():
        for reason, number in one["set_aside"].items():
            yield f"  set aside in {stream}: {number} ({reason})"
    yield "  tasks: " + (", ".join(f"{number} {state}" for state, number in told["tasks"].items()) or "none")
    yield "  writes: " + (", ".join(f"{number} {state}" for state, number in told["outbox"].items()) or "none")
    for rule, counted in told["findings"].items():
        yield f"  {rule}: " + ", ".join(f"{number} {verdict.replace('_', ' ')}" for verdict, number in counted.items())
    for rule, counted in told["feedback"].items():
        yield f"  answers to {rule}: " + ", ".join(f"{number} {answer}" for answer, number in sorted(counted.items()))


def explain(
    account: Annotated[str, typer.Argument(help="Its id or name.")], as_of: AsOf = None, connection: Connections = None
) -> None:
    """Every rule's verdict on one account, the touches behind it, what would clear it, what was written."""
    session = open_session()
    named = _facts_named(session, account, as_of, connection)
    found = [_explain(work, facts, planned=as_of is None) for work, facts in named]
    if not found:
        raise HoldfastError(f"{account}: no account has this id or name; `holdfast report` lists them")
    if OPTIONS.json:
        print_json([one.as_json() for one in found])
    else:
        console().print("\n\n".join(explained_text(one.as_json()) for one in found), markup=False)
    session.finish()


def _facts_named(
    session: Session, account: str, as_of: str | None, names: list[str] | None
) -> Iterator[tuple[Work, AccountFacts]]:
    day = as_of_day(as_of)
    for work in offline_works(session, names, day):
        reader = facts_reader(work, moment_of(work, day))
        wanted = [one.id for one in reader.accounts.values() if account in (one.id, one.name)]
        wanted = wanted or [one.id for one in reader.accounts.values() if account.lower() in one.name.lower()]
        for facts in reader.read(wanted):
            yield work, facts


def _explain(work: Work, facts: AccountFacts, *, planned: bool) -> Explained:
    account_id = facts.account.id
    people = People.of(facts.users, work.config.people)
    side = Side(config=work.config, rulebook=work.rulebook, people=people)
    known = remembered(work, account_id)[account_id]
    return Explained(
        connection=work.name,
        side=side,
        outlook=outlook(side, facts, known, work.now),
        remembered=known,
        history=ledger.read_history(work.engine, work.name, account_id),
        complete=frozenset(cycles.newest_told(work.engine, work.name).get("complete", ())),
        planned=planned,
    )


def report(
    out: Annotated[Path | None, typer.Option(help="A folder for the pages, report.txt and report.json.")] = None,
    as_of: AsOf = None,
    connection: Connections = None,
) -> None:
    """Where every key account stands, worst first; as pages with tables and pictures where a folder is named."""
    session, day = open_session(), as_of_day(as_of)
    works = list(offline_works(session, connection, day))
    site = Site(out, [work.name for work in works]) if out else None
    told = []
    for work in works:
        moment = moment_of(work, day)
        if site:
            scene = Scene.of(work, moment, planned=day is None)
            judged, people = site.record(scene), scene.side.people
        else:
            judged = verdicts_as_of(work, moment)
            people = People.of(facts_reader(work, moment).users, work.config.people)
        told.append(summary(work.name, judged, people, moment.today))
    if site and out and told:
        site.finish()
        write_report(out, told)
        typer.echo(f"{out / 'index.html'} written, report.txt and report.json beside it", err=True)
    if OPTIONS.json:
        print_json(told)
    elif not out:
        console().print("\n\n".join(map(summary_text, told)), markup=False)
    session.finish()


def write_report(out: Path, told: list[dict[str, Any]]) -> None:
    """report.txt and report.json stand in the folder."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "report.txt").write_text("\n\n".join(map(summary_text, told)) + "\n", encoding="utf-8")
    (out / "report.json").write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
