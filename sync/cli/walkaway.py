"""walkaway: what hangs on one of ours, and the pack to hand it over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import typer

from rules.facts import AccountFacts
from rules.model import User
from rules.walkaway import walk_away
from sync.cli.look import AsOf
from sync.cli.options import OPTIONS
from sync.cli.session import console, open_session, print_json
from sync.cli.stages import Connections, as_of_day, moment_of, offline_works
from sync.cycle import Work, facts_reader
from sync.errors import NotFoundError, UsageError
from sync.people import People
from sync.report.walkaway import Case, ranking_text, walkaway_text, walkaway_told
from sync.store import ledger
from sync.store.facts import FactsReader


def add_to(app: typer.Typer) -> None:
    app.command()(walkaway)


def walkaway(
    user: Annotated[
        str | None, typer.Argument(help="E-mail address, id or name; none: everybody in [people] leaving.")
    ] = None,
    *,
    everybody: Annotated[
        bool, typer.Option("--all", help="Compare all of ours; only with [privacy] rank_people = true.")
    ] = False,
    as_of: AsOf = None,
    connection: Connections = None,
) -> None:
    """What hangs on one of ours: accounts lost, headless or weakened without them, and the pack to hand them over."""
    session, day = open_session(), as_of_day(as_of)
    session.allow_person_views("walkaway")
    if everybody and not session.config.privacy.rank_people:
        raise UsageError(["--all compares people: allowed only with [privacy] rank_people = true"])
    wanted = [user] if user else list(session.config.people.leaving)
    if not (wanted or everybody):
        raise UsageError(["walkaway: whom? Name a USER, or list addresses in [people] leaving"])
    told: list[dict[str, Any]] = []
    for work in offline_works(session, connection, day):
        reader = facts_reader(work, moment_of(work, day))
        found = list(reader.users.values()) if everybody else _named(reader.users, wanted)
        told += _told(work, reader, found, everybody=everybody)
    if not told:
        raise NotFoundError(f"{', '.join(wanted) or 'walkaway'}: none of our people has this address, id or name")
    _show(told, everybody=everybody)
    session.finish()


def _named(users: Mapping[str, User], wanted: Iterable[str]) -> list[User]:
    """Return the users meant, by address or id, else by name, else by part of a name; HoldfastError if that is many."""
    found = []
    for text in wanted:
        plain = text.casefold()
        some = [one for one in users.values() if text == one.id or plain == one.email.casefold()]
        some = some or [one for one in users.values() if plain == one.name.casefold()]
        some = some or [one for one in users.values() if plain in one.name.casefold()]
        if len(some) > 1:
            names = ", ".join(sorted(f"{one.name} <{one.email or one.id}>" for one in some)[:5])
            raise NotFoundError(f"{text}: {len(some)} of our people are meant ({names}); say the address or id")
        found += some
    return found


def _told(work: Work, reader: FactsReader, users: list[User], *, everybody: bool) -> Iterator[dict[str, Any]]:
    people = People.of(reader.users, work.config.people)
    cases = _cases(work, reader, [user.id for user in users])
    owners = Counter(account.owner_id for account in reader.accounts.values())
    for user in users:
        mine = cases[user.id]
        if everybody and not mine:
            continue
        others = owners[user.id] - sum(case.without.is_owner for case in mine)
        successor = people.ids_by_email.get(work.config.people.successors.get(user.email, ""))
        document = walkaway_told(user.id, mine, people, others_owned=others, successor_id=successor)
        yield {"connection": work.name, "as_of": reader.today.isoformat(), **document}


def _cases(work: Work, reader: FactsReader, user_ids: list[str]) -> dict[str, list[Case]]:
    """Return the accounts that concern each user, in one pass over the accounts."""
    tasks = ledger.read_tasks(work.engine, work.name)
    found: dict[str, list[Case]] = {user_id: [] for user_id in user_ids}
    for facts in reader.read():
        for user_id in _in_touch(facts) & found.keys():
            without = walk_away(facts, user_id)
            if without.concerns:
                mine = tuple(tasks.get(facts.account.id, ()))
                found[user_id].append(Case(facts=facts, without=without, tasks=mine))
    return found


def _in_touch(facts: AccountFacts) -> set[str]:
    """Return who of ours was ever in touch with a key account, or owns it."""
    if not (facts.standing.customer and facts.standing.key):
        return set()
    return {facts.account.owner_id or "", *(user_id for touch in facts.touches for user_id in touch.ours)}


def _show(told: list[dict[str, Any]], *, everybody: bool) -> None:
    if everybody:
        told.sort(key=lambda one: (one["connection"], -(one["exposed_revenue"] or 0.0), -one["orphans"]))
    if OPTIONS.json:
        print_json(told)
    elif everybody:
        for name in dict.fromkeys(one["connection"] for one in told):
            some = [one for one in told if one["connection"] == name]
            console().print(f"{name}, as of {some[0]['as_of']}\n{ranking_text(some)}\n", markup=False)
    else:
        console().print("\n\n".join(map(walkaway_text, told)), markup=False)
