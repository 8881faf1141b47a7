"""Two CRMs of one company, made up and written directly: three of four records are in both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.protocol import Page
from sync.groups import Group
from sync.store.engine import open_engine

SALESFORCE, HUBSPOT = "sf", "hs"
GROUP = Group(name="main", connections=(SALESFORCE, HUBSPOT), tasks_in=SALESFORCE, pointed_at=frozenset({SALESFORCE}))
_USERS = 500
# Which of the columns that keys are made of each side has.
_COLUMNS = {
    "accounts": "id, name, domain, country, native_id, owner_id, customer_type, flagged, customer_flag, tier, type, "
    "person, ours",
    "contacts": "id, account_id, name, email, other_emails, native_id, title, seniority, roles, left_why",
    "users": "id, name, email, title, active",
}

Row = tuple[Any, ...]


def make(path: Path, accounts: int, contacts: int) -> None:
    """Write a migrated store with so many accounts and contacts a side; the same numbers give the same store."""
    open_engine(f"sqlite:///{path}").dispose()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    for side in (SALESFORCE, HUBSPOT):
        _insert(db, side, "users", (_user(side, number) for number in range(_USERS)))
        _insert(db, side, "accounts", (_account(side, number, accounts) for number in range(accounts)))
        _insert(db, side, "contacts", (_contact(side, number, accounts, contacts) for number in range(contacts)))
    db.close()


def renamed(number: int, contacts: int) -> Page:
    """So many contacts of the one side with addresses that belong to nobody of the other."""
    step = max(1, contacts // number)
    rows = [
        {"id": _id(HUBSPOT, "c", place), "name": f"Contact {place}", "email": f"new{place}@elsewhere.example"}
        for place in range(0, step * number, step)
    ]
    return Page(rows={"contacts": rows}, records=len(rows), cursor={}, last=True)


def expected(accounts: int, contacts: int) -> int:
    """How many pairs of accounts and contacts there are to be found: not those that share a name alone."""
    by_name = sum(1 for number in range(accounts) if _is_twin(number) and number % 10 == 9)
    twins = sum(1 for number in range(accounts) if _is_twin(number)) - by_name
    return twins + sum(1 for number in range(contacts) if _is_twin(number))


def _is_twin(number: int) -> bool:
    return number % 4 != 3


def _there(side: str, number: int, total: int) -> int:
    """What is in the other side alone gets a number of its own."""
    return number if _is_twin(number) or side == SALESFORCE else number + total


def _id(side: str, kind: str, number: int) -> str:
    # In no order that the other side's ids have, as in life.
    return (
        f"{'001' if kind == 'a' else '003'}{number:012d}AAA"
        if side == SALESFORCE
        else str(number * 7919 % 10**9 + 10**9)
    )


def _user(side: str, number: int) -> Row:
    return f"{side}{number}", f"User {number}", f"user{number}@ours.example", "", 1


def _account(side: str, number: int, total: int) -> Row:
    of = _there(side, number, total)
    native = _id(SALESFORCE, "a", of) if side == HUBSPOT and _is_twin(number) and number % 10 < 4 else ""
    domain = "" if number % 10 == 9 else f"https://www.company{of}.com" if side == SALESFORCE else f"company{of}.com"
    return (
        *(_id(side, "a", number), f"Company {of}", domain, "DE" if side == SALESFORCE else "Germany", native),
        *(f"{side}{number % _USERS}", 1, 0, 0, "", "", 0, "{}"),
    )


def _contact(side: str, number: int, accounts: int, total: int) -> Row:
    of = _there(side, number, total)
    native = _id(SALESFORCE, "c", of) if side == HUBSPOT and _is_twin(number) and number % 10 < 4 else ""
    return (
        *(_id(side, "c", number), _id(side, "a", number % accounts), f"Contact {of}", f"person{of}@company.example"),
        *("", native, "", "", "", ""),
    )


def _insert(db: sqlite3.Connection, side: str, table: str, rows: Iterator[Row]) -> None:
    names = ["connection", "content", "changed_in", "deleted", *_COLUMNS[table].split(", ")]
    places = ", ".join("?" * (len(names) - 4))
    db.execute("BEGIN")
    db.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ('{side}', x'00', 1, 0, {places})", rows)
    db.execute("COMMIT")
