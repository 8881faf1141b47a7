"""litmus: the twelve questions of the yearly test of one account."""

from __future__ import annotations

from typing import Annotated

import typer

from rules.litmus import Litmus
from sync.cli.look import AsOf, facts_named
from sync.cli.options import OPTIONS
from sync.cli.session import console, open_session, print_json
from sync.cli.stages import Connections
from sync.people import People
from sync.report.litmus import litmus_text, litmus_told
from sync.store import cycles


def add_to(app: typer.Typer) -> None:
    app.command()(litmus)


def litmus(
    account: Annotated[str, typer.Argument(help="Its id, connection:id or name.")],
    as_of: AsOf = None,
    connection: Connections = None,
) -> None:
    """The twelve questions of the yearly litmus test on one account, each PASS, FAIL or UNKNOWN with its evidence."""
    session = open_session()
    told = []
    for work, facts in facts_named(session, account, as_of, connection):
        whole = cycles.newest_told(work.engine, work.name)
        test = Litmus(work.rulebook, whole.get("complete", ()) if whole else None)
        people = People.of(facts.users, work.config.people)
        told.append({"connection": work.name, **litmus_told(test, facts, people)})
    if OPTIONS.json:
        print_json(told)
    else:
        console().print("\n\n".join(map(litmus_text, told)), markup=False)
    session.finish()
