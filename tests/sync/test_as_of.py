"""Verdicts as of a day rest on nothing that was entered later, whatever it is and whenever it is said to have been."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from connectors.protocol import Links, Page
from rules.customers import CustomerSettings
from rules.rule import discover
from rules.rulebook import read_rulebook
from sync.store.facts import FactsReader, Moment
from sync.store.records import save_page

DAY = date(2026, 6, 30)
BERLIN = ZoneInfo("Europe/Berlin")
END = datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC)  # of that day in Berlin
PEOPLE = ("u1", "u2", "u3")
TABLES = {rule: {"enabled": True} for rule in discover()}
RULEBOOK, PROBLEMS = read_rulebook(TABLES, named={"people.executives"})


def save(engine: Engine, connection: str, rows: dict[str, Any], links: list[dict[str, str]]) -> None:
    told = [Links(source="own", rows=links, replaced=sorted({one["activity_id"] for one in links}))]
    save_page(engine, connection, "things", Page(rows=rows, links=told), cycle=1, now=END)


def history(chance: Random, count: int, *, begin: str, entered: tuple[int, int]) -> tuple[dict[str, Any], Any]:
    """Activity, contacts and won deals of one account, entered so many minutes after the day's end (or before)."""
    activities, links = [], []
    for number in range(count):
        at = END - timedelta(minutes=chance.randrange(-60 * 24 * 90, 60 * 24 * 900))
        kind = chance.choice(("email", "call", "meeting"))
        direction = "none" if kind == "meeting" else chance.choice(("inbound", "outbound"))
        activity: dict[str, Any] = {
            "id": f"{begin}{number}",
            "kind": kind,
            "direction": direction,
            "outcome": "sent" if kind == "email" else chance.choice(("held", "held", "attempted", "void")),
            "at": at,
            "ends_at": at if kind == "meeting" else None,
            "created_at": END + timedelta(minutes=chance.randint(*entered)),
        }
        activities.append(activity)
        who = (("ours", "user", chance.choice(PEOPLE)), ("theirs", "contact", chance.choice(("c1", "c2", "c3"))))
        links += [
            {"activity_id": activity["id"], "side": side, "kind": kind, "target": target}
            for side, kind, target in (*who, ("about", "account", "a1"))
        ]
    deal = {"id": f"{begin}d", "account_id": "a1", "amount": 5_000.0 * chance.randint(1, 9), "won": True}
    deal |= {"closed_on": DAY - timedelta(days=chance.randrange(900)), "created_at": activities[0]["created_at"]}
    person = {"id": f"{begin}c", "account_id": "a1", "name": "Robin Chen", "title": "CEO"}
    person |= {"email": f"{begin}@acme.example", "created_at": activities[-1]["created_at"]}
    return {"activities": activities, "deals": [deal], "contacts": [person]}, links


def verdicts(engine: Engine, connection: str) -> Any:
    customers = CustomerSettings.model_validate({"key": "all"})
    reader = FactsReader(
        engine,
        connection,
        Moment.end_of(DAY, BERLIN),
        customers=customers,
        executive_emails={"u3@seller.example"},
        with_peers=True,
    )
    return [RULEBOOK.judge(facts) for facts in reader.read()]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_entered_later_changes_no_verdict_as_of_a_day(engine: Engine, seed: int) -> None:
    assert not PROBLEMS
    chance, connection = Random(seed), f"c{seed}"
    users = [{"id": one, "name": one, "email": f"{one}@seller.example"} for one in PEOPLE]
    account = {"id": "a1", "name": "Acme", "owner_id": "u1", "customer_type": True}
    contacts = [{"id": f"c{n}", "account_id": "a1", "name": f"C {n}", "title": "Buyer"} for n in (1, 2, 3)]
    save(engine, connection, {"users": users, "accounts": [account], "contacts": contacts}, [])
    save(engine, connection, *history(chance, 60, begin="b", entered=(-(10**6), 0)))
    before = verdicts(engine, connection)
    save(engine, connection, *history(chance, 60, begin="l", entered=(1, 10**5)))
    assert verdicts(engine, connection) == before
