"""calendar: the executive check-ins of all key accounts, for the calendars of those who hold them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rules.catalog.exec_reach_lapse import ExecReachLapse
from sync.cli.look import AsOf
from sync.cli.options import OPTIONS
from sync.cli.session import console, open_session, print_json
from sync.cli.stages import Connections, as_of_day, moment_of, offline_works
from sync.cycle import Work, facts_reader
from sync.errors import UsageError
from sync.pages.agenda import COLUMNS, Entry, agenda, icalendar_of
from sync.pages.checkins import check_in
from sync.pages.csv_files import write_csv
from sync.people import People
from sync.store.facts import Moment

_RULE = "exec-reach-lapse"
_SHOWN = 40


def add_to(app: typer.Typer) -> None:
    app.command()(calendar)


def calendar(
    out: Annotated[Path | None, typer.Option(help="A file to write: NAME.ics or NAME.csv.")] = None,
    as_of: AsOf = None,
    connection: Connections = None,
) -> None:
    """Who of ours meets which executive of theirs when: held in 12 months, booked, due and lapsed."""
    if out and out.suffix not in {".ics", ".csv"}:
        raise UsageError([f"--out {out}: must end in .ics (calendars) or .csv (spreadsheets)"])
    session, day = open_session(), as_of_day(as_of)
    found: list[tuple[str, Entry]] = []
    works = list(offline_works(session, connection, day))
    for work in works:
        found += ((work.name, one) for one in _entries(work, moment_of(work, day)))
    if out and out.suffix == ".ics":
        out.write_bytes(icalendar_of(found, max(work.now for work in works)))
    elif out:
        write_csv(out, COLUMNS, (one.row(name) for name, one in found))
    if out:
        typer.echo(f"{out}: {len(found)} entries", err=True)
    if OPTIONS.json:
        print_json([{"connection": name, **asdict(one), "day": one.day.isoformat()} for name, one in found])
    elif not out:
        console().print("\n".join(_lines(found)), markup=False)
    session.finish()


def _entries(work: Work, moment: Moment) -> Iterator[Entry]:
    """Yield the entries of every key account, whether the rule is on or not."""
    asked = work.rulebook.asking({_RULE})
    reader = facts_reader(work, moment)
    people = People.of(reader.users, work.config.people)
    for facts in reader.read():
        if facts.standing.customer and facts.standing.key:
            params = asked.params(_RULE, facts.standing.tier)
            assert isinstance(params, ExecReachLapse)
            seen = check_in(facts, asked.judge(facts)[_RULE], params)
            yield from agenda(work.name, facts, seen, params, people)


def _lines(found: list[tuple[str, Entry]]) -> Iterator[str]:
    """Yield what is past due first, then what is due or booked, by day; what was held is in the files."""
    ahead = sorted((one for one in found if one[1].state != "held"), key=lambda one: one[1].day)
    for name, one in ahead[:_SHOWN]:
        people = f"{', '.join(one.ours) or '?'} with {', '.join(one.theirs) or 'an executive of theirs'}"
        yield f"{one.day}  {one.state:7}{one.account} ({name}): {people}"
    held = len(found) - len(ahead)
    more = f"{len(ahead) - _SHOWN} more, and " if len(ahead) > _SHOWN else ""
    yield f"{more}{held} held in 12 months: --out FILE.ics or FILE.csv has all"
