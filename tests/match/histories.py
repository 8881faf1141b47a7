"""Random small companies in three connections, and what the store tells of who is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select
from sqlmodel import SQLModel

from connectors.protocol import Page
from sync.groups import Group
from sync.match.decide import Pair, Ref
from sync.match.stage import match
from sync.store.match_tables import MatchedRow, MatchKeyRow, MatchQuestionRow, MatchRow
from sync.store.records import save_page
from sync.store.sql import PULLED, table_of

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
CONNECTIONS = ("hs", "other", "sf")
GROUP = Group(name="main", connections=CONNECTIONS, tasks_in="sf", pointed_at=frozenset({"sf"}))
MADE: tuple[type[SQLModel], ...] = (MatchRow, MatchKeyRow, MatchQuestionRow, MatchedRow)


def account_id(connection: str, number: int) -> str:
    return f"00100000000000{number}AAA" if connection == "sf" else f"{connection}-a{number}"


def contact_id(connection: str, number: int) -> str:
    return f"00300000000000{number}AAA" if connection == "sf" else f"{connection}-c{number}"


DOMAINS = st.sampled_from(["", "acme.com", "https://www.ACME.com/de", "byte.com", "gmail.com"])
PEOPLE = st.sampled_from(["", "ann@acme.com", "Bob@acme.com", "cy@byte.com"])


def _native(connection: str, make: Any) -> st.SearchStrategy[str]:
    some = [make("sf", number) for number in range(3)]
    return st.sampled_from(["", "", *some, some[0][:15], "00100000000000ZAAA"]) if connection != "sf" else st.just("")


def _accounts(connection: str) -> st.SearchStrategy[dict[str, Any]]:
    ids = st.integers(0, 2).map(lambda number: account_id(connection, number))
    return st.fixed_dictionaries(
        {
            "id": ids,
            "name": st.sampled_from(["Acme GmbH", "ACME", "Byte"]),
            "domain": DOMAINS,
            "country": st.sampled_from(["", "DE", "Germany"]),
            "native_id": _native(connection, account_id),
            "owner_id": st.sampled_from([None, "u1"]),
            "parent_id": st.none() | ids,
        }
    )


def _contacts(connection: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "id": st.integers(0, 2).map(lambda number: contact_id(connection, number)),
            "account_id": st.integers(0, 2).map(lambda number: account_id(connection, number)),
            "email": PEOPLE.map(str.lower),
            "other_emails": st.lists(PEOPLE, max_size=2).map(lambda some: ";".join(some).lower()),
            "native_id": _native(connection, contact_id),
        }
    )


def _pages(connection: str) -> st.SearchStrategy[tuple[str, Page]]:
    def unique(rows: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]]]:
        return st.lists(rows, max_size=3, unique_by=lambda row: row["id"])

    gone = st.lists(st.integers(0, 2).map(lambda number: account_id(connection, number)), max_size=1)
    return st.builds(
        lambda accounts, contacts, gone: (
            connection,
            Page(rows={"accounts": accounts, "contacts": contacts}, gone={"accounts": gone}, cursor={}, last=True),
        ),
        unique(_accounts(connection)),
        unique(_contacts(connection)),
        gone,
    )


#: What the cycles of the connections brought, one after the other.
HISTORIES = st.lists(st.sampled_from(CONNECTIONS).flatmap(_pages), max_size=8)
_REFS = [Ref(name, account_id(name, number)) for name in CONNECTIONS for number in range(3)]
PAIRS = st.frozensets(
    st.tuples(st.sampled_from(_REFS), st.sampled_from(_REFS))
    .filter(lambda both: both[0].connection != both[1].connection)
    .map(frozenset),
    max_size=2,
)


def saying(pairs: Iterable[Pair] = (), vetoes: Iterable[Pair] = ()) -> Group:
    vetoed = frozenset(vetoes)
    return replace(GROUP, pairs={"account": frozenset(pairs) - vetoed}, vetoes={"account": vetoed})


def emptied(engine: Engine) -> None:
    with engine.begin() as db:
        for table in (*map(table_of, MADE), PULLED["accounts"], PULLED["contacts"]):
            db.execute(delete(table))


def lived(engine: Engine, history: Iterable[tuple[str, Page]], group: Group) -> int:
    """The history's cycles, after a first one of each connection that brought nothing; return the last one's number."""
    cycle = 0
    for connection, page in [*((name, Page(cursor={}, last=True)) for name in group.connections), *history]:
        cycle += 1
        save_page(engine, connection, "all", page, cycle=cycle, now=NOW)
        match(engine, connection, group, cycle=cycle)
    return cycle


def told(engine: Engine) -> Mapping[str, list[tuple[Any, ...]]]:
    """All that matching keeps, but for how far it is and the news, which only grow."""
    with engine.connect() as db:
        return {
            table.name: sorted(
                tuple(map(repr, row))
                for row in db.execute(select(*(c for c in table.c if c.name not in ("news", "cycle"))))
            )
            for table in map(table_of, MADE)
        }
