"""explain: what stands in the store of one account, for people and scripts."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rules.facts import AccountFacts
from sync.cli.memory import remembered
from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json
from sync.cli.stages import Connections, as_of_day, moment_of, offline_works
from sync.cycle import Work, facts_reader, people_of
from sync.errors import NotFoundError
from sync.match.decide import Ref
from sync.match.told import members_of
from sync.outlook import Side, outlook
from sync.report.account import Explained
from sync.report.account_text import explained_text
from sync.store import cycles, ledger
from sync.store.facts import FactsReader

AsOf = Annotated[str | None, typer.Option(help="ISO date: as of the end of that day.")]


def add_to(app: typer.Typer) -> None:
    app.command()(explain)


def explain(
    account: Annotated[str, typer.Argument(help="Its id, connection:id or name.")],
    as_of: AsOf = None,
    connection: Connections = None,
) -> None:
    """Every rule's verdict on one account, the touches behind it, what would clear it, what was written."""
    session = open_session()
    found = [
        _explain(work, reader, facts, planned=as_of is None)
        for work, reader, ids in _named(session, account, as_of, connection)
        for facts in reader.read(ids)
    ]
    if OPTIONS.json:
        print_json([one.as_json() for one in found])
    else:
        console().print("\n\n".join(explained_text(one.as_json()) for one in found), markup=False)
    session.finish()


def facts_named(
    session: Session, account: str, as_of: str | None, names: list[str] | None
) -> list[tuple[Work, AccountFacts]]:
    """Return the accounts with this id or name, else with it in their name; HoldfastError where there is none."""
    named = _named(session, account, as_of, names)
    return [(work, facts) for work, reader, ids in named for facts in reader.read(ids)]


def _named(
    session: Session, account: str, as_of: str | None, names: list[str] | None
) -> list[tuple[Work, FactsReader, list[str]]]:
    """The ids of these accounts, each connection's with what reads them; HoldfastError where there is none."""
    day, found = as_of_day(as_of), []
    for work in offline_works(session, names, day):
        reader = facts_reader(work, moment_of(work, day))
        wanted = [one.id for one in reader.accounts.values() if account in (one.id, f"{work.name}:{one.id}", one.name)]
        wanted = wanted or [one.id for one in reader.accounts.values() if account.lower() in one.name.lower()]
        found += [(work, reader, wanted)] if wanted else []
    if not found:
        raise NotFoundError(f"{account}: no account has this id or name; `holdfast report` lists them")
    return found


def _explain(work: Work, reader: FactsReader, facts: AccountFacts, *, planned: bool) -> Explained:
    account_id = facts.account.id
    people = people_of(work, facts.users)
    side = Side(config=work.config, rulebook=work.rulebook, people=people)
    known = remembered(work, reader, account_id)[account_id]
    return Explained(
        connection=work.name,
        side=side,
        outlook=outlook(side, facts, known, work.now),
        remembered=known,
        history=ledger.read_history(work.engine, work.name, account_id),
        complete=frozenset(cycles.newest_told(work.engine, work.name).get("complete", ())),
        planned=planned,
        one_with=_one_with(work, account_id),
    )


def _one_with(work: Work, account_id: str) -> dict[str, Any]:
    """The same customer's accounts in the other connections of the group, and why they are one."""
    with work.engine.connect() as db:
        return members_of(db, Ref(work.name, account_id))
