"""A store of any size, made up and written directly: what a large company's looks like after its first load."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.protocol import Links, Page
from sync.store.engine import open_engine

CONNECTION = "bench"
YEARS = 5
EXECUTIVES = ("rep3@seller.example", "rep4@seller.example")  # of ours
_CONTACTS = 4  # per account
_TEAM = 2  # of ours on each account, beside the owner
_TICKETS = 2  # per account, in the last 400 days
_ACCOUNTS_PER_USER = 200
_TITLES = (
    "CEO",
    "Chief Financial Officer",
    "Head of Purchasing",
    "Leiter Einkauf",
    "Plant Engineer",
    "VP Operations",
    "",
)
_AT_ONCE = 50_000

Row = tuple[Any, ...]


def make(path: Path, accounts: int, touches: int, now: datetime) -> None:
    """Write a migrated store with that many customers and touches up to `now`; the same numbers give the same store.

    Three of four touches are through the account's owner, the rest through anybody; every touch has a contact.
    """
    open_engine(f"sqlite:///{path}").dispose()
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA synchronous=OFF")
    chance = random.Random(accounts)
    users = max(5, accounts // _ACCOUNTS_PER_USER)
    _insert(db, "users", "id, name, email, title, active", (_user(number) for number in range(users)))
    _insert(
        db,
        "accounts",
        "id, name, domain, owner_id, customer_type, flagged, customer_flag, tier, ours",
        (_account(number, users) for number in range(accounts)),
    )
    _insert(
        db,
        "contacts",
        "id, account_id, name, email, title, seniority, roles, left_on, left_why",
        (_contact(number, chance) for number in range(accounts * _CONTACTS)),
    )
    _insert(
        db,
        "deals",
        "id, account_id, name, amount, currency, closed_on, won",
        (_deal(number, chance, now.date()) for number in range(accounts)),
    )
    beside = random.Random(accounts)  # of its own: what the default rules read stays as it is
    _insert(
        db,
        "team",
        "id, account_id, user_id, role, created_at",
        (_member(number, users, beside, now) for number in range(accounts * _TEAM)),
    )
    _insert(
        db,
        "tickets",
        "id, account_id, contact_id, priority, escalated, closed_at, changed_at, created_at",
        (_ticket(number, beside, now) for number in range(accounts * _TICKETS)),
    )
    making = _Making(accounts=accounts, users=users, touches=touches, now=now, chance=chance)
    activities = map(making.activity, range(touches))
    while some := list(islice(activities, _AT_ONCE)):
        _insert(db, "activities", "id, kind, direction, outcome, at, ends_at, created_at", iter(some))
        db.execute("BEGIN")
        db.executemany(f"INSERT INTO links VALUES ('{CONNECTION}', ?, 'own', ?, ?, ?)", making.links)
        db.execute("COMMIT")
        making.links.clear()
    db.close()


def _insert(db: sqlite3.Connection, table: str, columns: str, rows: Iterator[Row]) -> None:
    names = ["connection", "content", "changed_in", "deleted", *columns.split(", ")]
    places = ", ".join("?" * (len(names) - 4))
    db.execute("BEGIN")
    db.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ('{CONNECTION}', x'00', 1, 0, {places})",
        rows,
    )
    db.execute("COMMIT")


def _user(number: int) -> Row:
    return f"005{number:012}", f"Rep {number}", f"rep{number}@seller.example", "Account Manager", number % 20 != 7


def _account(number: int, users: int) -> Row:
    owner = f"005{number % users:012}"
    return f"001{number:012}", f"Customer {number}", f"c{number}.example", owner, True, False, False, "", "{}"


def _contact(number: int, chance: random.Random) -> Row:
    account = number // _CONTACTS
    left = (date(2026, 6, 1) + timedelta(days=number % 150)).isoformat() if chance.random() < 0.02 else None
    person = (f"003{number:012}", f"001{account:012}", f"Person {number}", f"p{number}@c{account}.example")
    return *person, chance.choice(_TITLES), "", "", left, "e-mail bounced" if left else ""


def _deal(number: int, chance: random.Random, today: date) -> Row:
    closed_on = today - timedelta(days=chance.randrange(1, 365 * YEARS))
    amount = round(chance.paretovariate(1.2) * 1000, 2)
    return f"006{number:012}", f"001{number:012}", f"Deal {number}", amount, "EUR", closed_on.isoformat(), True


def _member(number: int, users: int, chance: random.Random, now: datetime) -> Row:
    role = chance.choice(("Executive Sponsor", "Engineer", "Service Manager", ""))
    since = now - timedelta(days=chance.randrange(30, 1_000))
    return f"01M{number:012}", f"001{number // _TEAM:012}", f"005{chance.randrange(users):012}", role, _kept(since)


def _ticket(number: int, chance: random.Random, now: datetime) -> Row:
    """One of twenty is still open, and one of twenty was escalated."""
    account = number // _TICKETS
    opened = now - timedelta(days=400 * chance.random())
    closed = None if chance.random() < 0.05 else _kept(min(now, opened + timedelta(days=20 * chance.random())))
    contact = account * _CONTACTS + chance.randrange(_CONTACTS)
    named = (f"500{number:012}", f"001{account:012}", f"003{contact:012}")
    priority = chance.choice(("low", "medium", "high", ""))
    return *named, priority, chance.random() < 0.05, closed, closed or _kept(opened), _kept(opened)


def _kept(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.000000")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Making:
    """Activities with their links, numbered in the order of time."""

    accounts: int
    users: int
    touches: int
    now: datetime
    chance: random.Random
    links: list[Row] = field(default_factory=list)

    def activity(self, number: int) -> Row:
        """Who takes part goes to `links`."""
        chance, activity_id = self.chance, f"00T{number:012}"
        at = self.now - timedelta(days=365 * YEARS) * ((self.touches - number) / self.touches)
        account = chance.randrange(self.accounts)
        user = account % self.users if chance.random() < 0.75 else chance.randrange(self.users)
        contact = account * _CONTACTS + min(chance.randrange(_CONTACTS), chance.randrange(_CONTACTS))
        kind = chance.choices(("email", "call", "meeting"), (60, 20, 20))[0]
        if kind == "email":
            direction, outcome = chance.choice(("inbound", "outbound")), "sent"
            self.links.append((activity_id, "theirs", "address", f"p{contact}@c{account}.example"))
            self.links.append((activity_id, "ours", "address", f"rep{user}@seller.example"))
        else:
            direction, outcome = "none", "held" if chance.random() < 0.8 else "attempted"
            self.links.append((activity_id, "theirs", "contact", f"003{contact:012}"))
            self.links.append((activity_id, "ours", "user", f"005{user:012}"))
        self.links.append((activity_id, "about", "account", f"001{account:012}"))
        text = _kept(at)
        return activity_id, kind, direction, outcome, text, text if kind == "meeting" else None, text


def late_calls(accounts: int, changed: int, now: datetime) -> Page:
    """Calls of yesterday that owners enter today, one on each of `changed` accounts."""
    users = max(5, accounts // _ACCOUNTS_PER_USER)
    numbers = range(0, accounts, max(1, accounts // changed))[:changed]
    calls: list[dict[str, Any]] = []
    links: list[dict[str, str]] = []
    for number in numbers:
        call = f"late{number}"
        at = now - timedelta(days=1)
        calls.append({"id": call, "kind": "call", "direction": "outbound", "outcome": "held", "at": at})
        told = (
            ("ours", "user", f"005{number % users:012}"),
            ("theirs", "contact", f"003{number * _CONTACTS:012}"),
            ("about", "account", f"001{number:012}"),
        )
        links += [{"activity_id": call, "side": side, "kind": kind, "target": target} for side, kind, target in told]
    own = Links(source="own", rows=links, replaced=[call["id"] for call in calls])
    return Page(rows={"activities": calls}, links=[own], records=len(calls))
