"""Records that are read only where a rule needs them: teams, and accounts that are a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from connectors.protocol import Links, Page
from rules.customers import CustomerSettings
from rules.facts import AccountFacts
from rules.model import TeamMember, Ticket
from rules.rulebook import read_rulebook
from sync import connections
from sync.cli.session import Session
from sync.config import Config
from sync.store import evaluations
from sync.store.erasure import erase_contact
from sync.store.facts import FactsReader, Moment
from sync.store.records import KnownRecords, save_page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
BEGUN = datetime(2026, 9, 1, 12, tzinfo=UTC)
TEAM = frozenset({"team"})
LOGIN = {"auth": "client-credentials", "client_id": "id", "client_secret": "x", "base_url": "http://127.0.0.1:1"}


def save(engine: Engine, *links: Links, cycle: int = 1, gone: dict[str, list[str]] | None = None, **rows: Any) -> None:
    save_page(engine, "acme", "stream", Page(rows=rows, links=links, gone=gone or {}), cycle=cycle, now=NOW)


def facts(engine: Engine, moment: Moment | None = None, needs: frozenset[str] = TEAM) -> AccountFacts:
    settings = CustomerSettings.model_validate({"key": "all"})
    moment = moment or Moment.at(NOW, ZoneInfo("Europe/Berlin"))
    reader = FactsReader(engine, "acme", moment, customers=settings, needs=needs)
    (found,) = reader.read(["a"])
    return found


@pytest.fixture
def store(engine: Engine) -> Engine:
    """A customer with a deal, one of ours on the team of each, the second at half past midnight in Berlin."""
    save(
        engine,
        accounts=[{"id": "a", "name": "Acme", "customer_type": True}],
        deals=[{"id": "d", "account_id": "a"}],
        team=[
            {"id": "m1", "account_id": "a", "user_id": "u2", "role": "Sales Rep"},
            {"id": "m2", "deal_id": "d", "user_id": "u1", "created_at": datetime(2026, 5, 1, 22, 30, tzinfo=UTC)},
        ],
    )
    return engine


def test_a_team_is_that_of_the_account_and_of_its_deals(store: Engine) -> None:
    assert facts(store).team == (
        TeamMember(account_id="a", user_id="u1", since=date(2026, 5, 2), deal_id="d"),
        TeamMember(account_id="a", user_id="u2", role="Sales Rep"),
    )
    save(store, gone={"team": ["m1"], "deals": ["d"]})
    assert facts(store).team == ()


def test_as_of_a_day_nobody_is_on_a_team_that_they_joined_later(store: Engine) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert [one.user_id for one in facts(store, Moment.end_of(date(2026, 5, 1), berlin)).team] == ["u2"]
    assert [one.user_id for one in facts(store, Moment.end_of(date(2026, 5, 2), berlin)).team] == ["u1", "u2"]


def test_without_a_rule_that_needs_it_a_team_is_neither_read_nor_missed(store: Engine) -> None:
    assert facts(store, needs=frozenset()).team == ()
    save(store, gone={"team": ["m1", "m2"]})
    assert "team" in facts(store).untold
    assert "team" not in facts(store, needs=frozenset()).untold


@pytest.mark.parametrize("member", ["m1", "m2"], ids=["of the account", "of its deal"])
def test_an_account_is_judged_anew_when_its_team_changes(store: Engine, member: str) -> None:
    with store.begin() as db:
        evaluations.set_cutoff(db, "acme", NOW)
        row = evaluations.Evaluation(basis=b"", standing=b"", fields={})
        evaluations.save(db, "acme", {"a": row})
    save(store, accounts=[{"id": "a", "name": "Acme", "customer_type": True}])
    assert evaluated(store) == ["a"]
    save(store, gone={"team": [member]})
    assert evaluated(store) == []


def evaluated(engine: Engine) -> list[str]:
    with engine.connect() as db:
        return list(db.execute(text("SELECT account_id FROM evaluations")).scalars())


TICKETS = frozenset({"tickets"})


def test_a_ticket_without_an_account_is_that_of_its_contact(store: Engine) -> None:
    """Days are local: half past midnight in Berlin is the next day."""
    opened = datetime(2026, 10, 1, 22, 30, tzinfo=UTC)
    save(
        store,
        contacts=[{"id": "c", "account_id": "a", "name": "Ann Lee"}],
        tickets=[
            {"id": "t1", "account_id": "a", "created_at": opened, "closed_at": NOW, "priority": "high"},
            {"id": "t2", "contact_id": "c", "created_at": opened},
            {"id": "t3", "account_id": "b", "contact_id": "c", "created_at": opened},
            {"id": "t4", "account_id": "a", "created_at": datetime(2026, 11, 5, tzinfo=UTC)},
        ],
    )
    known: dict[str, Any] = {"account_id": "a", "opened_on": date(2026, 10, 2)}
    assert facts(store, needs=TICKETS).tickets == (
        Ticket(id="t1", **known, closed_on=date(2026, 11, 2), priority="high"),
        Ticket(id="t2", **known, contact_id="c"),
    )
    assert facts(store, needs=TEAM).tickets == ()
    assert "tickets" not in facts(store, needs=TICKETS).untold
    save(store, gone={"tickets": ["t1", "t2", "t3", "t4"]})
    assert (
        facts(store, needs=TICKETS).untold["tickets"] == "the CRM shows no case or ticket; `holdfast doctor` says why"
    )


@pytest.mark.parametrize("ticket", [{"account_id": "a"}, {"contact_id": "c"}], ids=["its own", "of its contact"])
def test_an_account_is_judged_anew_when_a_ticket_changes(store: Engine, ticket: dict[str, str]) -> None:
    save(store, contacts=[{"id": "c", "account_id": "a", "name": "Ann Lee"}])
    with store.begin() as db:
        evaluations.set_cutoff(db, "acme", NOW)
        row = evaluations.Evaluation(basis=b"", standing=b"", fields={})
        evaluations.save(db, "acme", {"a": row})
    assert evaluated(store) == ["a"]
    save(store, tickets=[{"id": "t", "created_at": NOW, **ticket}])
    assert evaluated(store) == []


def test_what_was_closed_and_is_open_was_opened_again_when_the_crm_last_changed_it(store: Engine) -> None:
    def told(closed_at: datetime | None, changed_at: datetime, reopened_at: datetime | None = None) -> date | None:
        times = {"created_at": BEGUN, "closed_at": closed_at, "changed_at": changed_at, "reopened_at": reopened_at}
        save(store, tickets=[{"id": "t", "account_id": "a", **times}])
        (ticket,) = facts(store, needs=TICKETS).tickets
        return ticket.reopened_on

    days = [BEGUN + timedelta(days=number) for number in range(6)]
    assert told(None, days[0]) is None
    assert told(days[1], days[1]) is None
    assert told(None, days[3]) == days[3].date()
    assert told(None, days[4]) == days[3].date(), "an edit opens nothing"
    assert told(None, days[4], reopened_at=days[2]) == days[2].date(), "the CRM knows better"


def test_of_what_is_done_the_store_knows_who_was_credited(store: Engine) -> None:
    def link(activity: str, side: str, kind: str, target: str) -> dict[str, str]:
        return {"activity_id": activity, "side": side, "kind": kind, "target": target}

    def activity(activity_id: str, outcome: str) -> dict[str, Any]:
        return {"id": activity_id, "kind": "call", "outcome": outcome, "at": NOW}

    told = [
        link("done", "ours", "user", "u1"),
        link("open", "ours", "user", "u1"),
        link("done", "theirs", "contact", "c"),
    ]
    guests = Links(source="event_relations", rows=[link("done", "ours", "user", "u2")])
    rows = [activity("done", "attempted"), activity("open", "void"), activity("nobody", "held")]
    save(store, Links(source="tasks", rows=told), guests, activities=rows)
    known = KnownRecords(store, "acme", 2)
    assert known.credited("tasks", ["done", "open", "nobody", "unknown"]) == {"done": "u1"}
    assert known.credited("events", ["done"]) == {}
    assert KnownRecords(store, "other", 2).credited("tasks", ["done"]) == {}


def test_forgetting_a_consumer_forgets_the_account_that_bears_their_name(store: Engine) -> None:
    save(
        store,
        accounts=[{"id": "p", "name": "Paul Private", "person": True}],
        contacts=[
            {"id": "c1", "account_id": "p", "name": "Paul Private", "email": "paul@home.example"},
            {"id": "c2", "account_id": "a", "name": "Ann Lee", "email": "ann@acme.example"},
        ],
    )
    erase_contact(store, "acme", "paul@home.example", NOW)
    erase_contact(store, "acme", "ann@acme.example", NOW)
    with store.connect() as db:
        assert list(db.execute(text("SELECT id FROM accounts")).scalars()) == ["a"]


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    config = Config.model_validate({"connections": {"acme": {"kind": "salesforce", **LOGIN}}})
    rulebook, _ = read_rulebook({})
    made = Session(path=Path("config.toml"), config=config, rulebook=rulebook, engine=engine)
    yield made
    for connector in made.opened:
        connector.close()


@pytest.mark.parametrize("needed", [True, False], ids=["needed", "not needed"])
def test_a_connector_is_told_what_the_rules_that_are_on_need(session: Session, *, needed: bool) -> None:
    rules = dict(session.rulebook.rules)
    rules["sole-rep"] = replace(rules["sole-rep"], needs=rules["sole-rep"].needs | TEAM)
    rules["single-contact"] = replace(rules["single-contact"], needs=rules["single-contact"].needs - TEAM)
    if not needed:
        rules = {name: replace(rule, needs=rule.needs - TEAM) for name, rule in rules.items()}
    session.rulebook = replace(session.rulebook, rules=rules)
    (work,) = session.works()
    assert any(stream.feeds & TEAM for stream in work.connector.streams()) is needed


def test_a_connector_that_is_told_nothing_reads_nothing_on_demand(session: Session) -> None:
    with closing(connections.connect("acme", session.config.connections["acme"])) as connector:
        assert not any(stream.feeds & TEAM for stream in connector.streams())
