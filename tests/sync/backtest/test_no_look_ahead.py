"""The replay knows of a day what was in the store then: cutting the store there gives the same verdicts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from connectors.protocol import Links, Page
from rules.rule import discover
from rules.rulebook import read_rulebook
from sync.backtest.episodes import letter
from sync.backtest.months import Months
from sync.backtest.replay import replay
from sync.config import Config
from sync.cycle import Work, facts_reader
from sync.store.facts import Moment
from sync.store.past import Past
from sync.store.records import save_page

DAYS = (date(2025, 8, 31), date(2025, 12, 31), date(2026, 3, 31))
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
MINUTES = int((NOW - BEGIN).total_seconds() // 60)
USERS = ("u1", "u2", "u3")
ACCOUNTS = tuple(f"a{number}" for number in range(6))
RULEBOOK, PROBLEMS = read_rulebook({rule: {"enabled": True} for rule in discover()}, named={"people.executives"})
CONFIG = Config.model_validate({
    "schedule": {"timezone": "Europe/Berlin"},
    "customers": {"top_share": 0.5, "growth": 1.5},
    "people": {"executives": ["u3@seller.example"]},
})  # fmt: skip

Rows = dict[str, list[dict[str, Any]]]


def moment(chance: Random) -> datetime:
    return BEGIN + timedelta(minutes=chance.randrange(MINUTES))


def entered(chance: Random, at: datetime) -> datetime | None:
    """Mostly soon after it happened, sometimes long after or before; a few records do not say."""
    if chance.random() < 0.05:
        return None
    return at + timedelta(days=chance.choice((0, 0, 0, 1, 30, 200, -30)), minutes=chance.randrange(60))


def company(chance: Random) -> tuple[Rows, list[dict[str, str]]]:
    """Everything that can lead an activity to an account, entered at any time, and what counts only from a day on."""
    accounts: list[dict[str, Any]] = []
    for one in ACCOUNTS:
        row = {"id": one, "name": one, "owner_id": chance.choice(USERS), "customer_type": chance.random() < 0.5}
        accounts.append(
            row | {"flagged": chance.random() < 0.5, "created_at": moment(chance) if chance.random() < 0.5 else None}
        )
    contacts = [
        # Two of one account may share an address.
        {
            "id": f"c{n}",
            "account_id": ACCOUNTS[n % 6],
            "name": f"C {n}",
            "email": f"p{n % 9}@their.example",
            "title": chance.choice(("CEO", "Buyer", "")),
            "created_at": entered(chance, moment(chance)),
        }
        for n in range(18)
    ]
    deals = [
        {
            "id": f"d{n}",
            "account_id": chance.choice((*ACCOUNTS, None)),
            "amount": 1000.0 * chance.randint(1, 9),
            "won": chance.random() < 0.8,
            "closed_on": (at := moment(chance)).date(),
            "created_at": entered(chance, at),
        }
        for n in range(14)
    ]
    links = [
        {"activity_id": f"deals:d{n}", "side": "about", "kind": "account", "target": chance.choice(ACCOUNTS)}
        for n in range(14)
    ]
    activities = []
    for number in range(260):
        at, kind = moment(chance), chance.choice(("email", "email", "call", "meeting"))
        one = {"id": f"t{number}", "kind": kind, "at": at, "created_at": entered(chance, at)}
        one["direction"] = chance.choice(("inbound", "outbound")) if kind != "meeting" else "none"
        one["outcome"] = "sent" if kind == "email" else chance.choice(("held", "held", "attempted"))
        one["ends_at"] = at + timedelta(minutes=30) if kind == "meeting" else None
        activities.append(one)
        told = [("ours", "user", chance.choice(USERS))]
        for _ in range(chance.randint(1, 2)):
            side = "declined" if kind == "meeting" and chance.random() < 0.2 else "theirs"
            told.append(
                chance.choice(
                    (
                        (side, "contact", f"c{chance.randrange(18)}"),
                        (side, "address", f"p{chance.randrange(9)}@their.example"),
                    )
                )
            )
        told += [("about", "account", chance.choice(ACCOUNTS))] if chance.random() < 0.5 else []
        told += [("about", "deal", f"d{chance.randrange(14)}")] if chance.random() < 0.4 else []
        told += [("about", "meeting", f"m{chance.randrange(8)}")] if kind == "meeting" and chance.random() < 0.6 else []
        links += [
            {"activity_id": one["id"], "side": side, "kind": kind, "target": target} for side, kind, target in told
        ]
    return {"accounts": accounts, "contacts": contacts, "deals": deals, "activities": activities}, links


def save(engine: Engine, connection: str, rows: Rows, links: list[dict[str, str]]) -> None:
    users = [{"id": one, "name": one, "email": f"{one}@seller.example"} for one in USERS]
    told = [Links(source="own", rows=links, replaced=sorted({one["activity_id"] for one in links}))]
    save_page(engine, connection, "things", Page(rows={"users": users, **rows}, links=told), cycle=1, now=NOW)


def work(engine: Engine, connection: str) -> Work:
    connector = cast("Any", SimpleNamespace(name=connection))  # only its name is asked for
    return Work(engine=engine, config=CONFIG, rulebook=RULEBOOK, connector=connector, now=NOW)


@pytest.mark.parametrize("seed", range(10))
def test_a_store_cut_at_a_day_gives_the_verdicts_that_the_back_test_used_for_it(engine: Engine, seed: int) -> None:
    assert not PROBLEMS
    rows, links = company(Random(seed))
    save(engine, "whole", rows, links)
    months = Months(replayed=DAYS, open=(), blank=())
    found = replay(work(engine, "whole"), [RULEBOOK], months, Past("whole"))
    seen = set()
    for number, day in enumerate(DAYS):
        end = Moment.end_of(day, CONFIG.timezone)
        kept = {name: [one for one in some if end.knows(one["created_at"])] for name, some in rows.items()}
        cut = f"cut at {day}"
        save(engine, cut, kept, links)
        expected = {
            (facts.account.id, rule): letter(verdict)
            for facts in facts_reader(work(engine, cut), end).read()
            for rule, verdict in RULEBOOK.judge(facts).items()
            if facts.standing.customer and facts.standing.key
        }
        got = {
            (account_id, rule): row[number]
            for account_id, mine in found.letters.items()
            for (_, rule), row in mine.items()
            if (account_id, rule) in expected or row[number] != "-"
        }
        assert got == expected
        seen |= set(expected.values())
    assert {"r", "c", "u"} <= seen


@pytest.mark.parametrize("seed", range(6))
def test_facts_from_the_past_are_to_the_letter_those_of_the_day(engine: Engine, seed: int) -> None:
    rows, links = company(Random(100 + seed))
    rows["accounts"] = [one | {"created_at": None} for one in rows["accounts"]]
    save(engine, "crm", rows, links)
    past = Past("crm")
    touches = 0
    for day in (date(2023, 12, 31), *DAYS, date(2026, 10, 31)):
        end = Moment.end_of(day, CONFIG.timezone)
        read = list(facts_reader(work(engine, "crm"), end).read())
        assert list(facts_reader(work(engine, "crm"), end, past).read()) == read
        touches += sum(len(one.touches) + len(one.upcoming) for one in read)
    assert touches > 200
