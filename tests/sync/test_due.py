"""Judging only what is due leaves what judging everything would: over random histories, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from connectors.protocol import Links, Page
from rules.rule import discover
from rules.rulebook import read_rulebook
from sync.config import Config
from sync.cycle import Work, facts_reader
from sync.judging import evaluate_stage
from sync.store.derived_tables import EvaluatedRow, EvaluationRow
from sync.store.engine import open_engine
from sync.store.facts import Moment
from sync.store.ledger_tables import FindingRow, SnapshotRow, VerdictRow
from sync.store.records import save_page
from sync.store.sql import table_of

BEGIN = datetime(2026, 11, 2, 8, tzinfo=UTC)
WHOLE = frozenset({"users", "accounts", "contacts", "deals", "activity", "tasks"})
CONFIG = Config.model_validate({
    "customers": {"key": "all", "is": "won-deal-or-type"},
    "schedule": {"timezone": "Europe/Berlin"},
    "people": {"executives": ["u0@ours.example"]},
    "waivers": [{"account": "Beta", "rule": "going-quiet", "reason": "quiet season"}],
})  # fmt: skip
# Low thresholds: a short history is to reach as many verdicts as it can.
TABLES: Mapping[str, Any] = {
    "sole-rep": {"min_touch_days": 1, "tenure_days": 1, "evidence_days": 1},
    "single-contact": {"min_touch_days": 1},
}
USERS, ACCOUNTS, CONTACTS, DEALS = (tuple(f"{letter}{number}" for number in range(3)) for letter in "uacd")
ACTIVITIES = tuple(f"t{number}" for number in range(6))
ADDRESSES = tuple(f"{who}@{side}.example" for side, some in (("ours", USERS), ("theirs", CONTACTS)) for who in some)
_numbers = count()

Save = Callable[[Page], None]


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from((None, *values))


moments = st.builds(
    lambda days, hours: timedelta(days=-days, hours=hours), st.sampled_from((0, 0, 1, 5, 40, 400)), st.integers(-20, 30)
)
people = st.one_of(
    st.tuples(st.just("ours"), st.just("user"), st.sampled_from(USERS)),
    st.tuples(st.sampled_from(("theirs", "declined")), st.just("contact"), st.sampled_from(CONTACTS)),
    st.tuples(st.sampled_from(("ours", "theirs")), st.just("address"), st.sampled_from(ADDRESSES)),
    st.tuples(st.just("about"), st.just("account"), st.sampled_from(ACCOUNTS)),
    st.tuples(st.just("about"), st.just("deal"), st.sampled_from(DEALS)),
)
kinds = st.sampled_from(("email", "email", "call", "meeting", "meeting", "message", "note", "todo"))
activities = st.fixed_dictionaries({
    "id": st.sampled_from(ACTIVITIES),
    "kind": kinds,
    "direction": st.sampled_from(("inbound", "outbound", "none")),
    "outcome": st.sampled_from(("held", "held", "sent", "attempted", "void")),
    "ago": moments,
    "lasts": maybe(1, 30),
    "all_day": st.booleans(),
    "links": st.lists(people, max_size=6),
})  # fmt: skip
records = st.one_of(
    st.tuples(
        st.just("users"),
        st.fixed_dictionaries({
            "id": st.sampled_from(USERS),
            "email": st.sampled_from(ADDRESSES[:4]),
            "active": st.booleans(),
        }),
    ),
    st.tuples(
        st.just("accounts"),
        st.fixed_dictionaries({
            "id": st.sampled_from(ACCOUNTS),
            "name": st.sampled_from(("Acme", "Beta")),
            "owner_id": maybe(*USERS),
            "customer_type": st.booleans(),
            "tier": st.sampled_from(("", "B")),
        }),
    ),
    st.tuples(
        st.just("contacts"),
        st.fixed_dictionaries({
            "id": st.sampled_from(CONTACTS),
            "account_id": maybe(*ACCOUNTS),
            "email": st.sampled_from(("", *ADDRESSES[2:])),
            "title": st.sampled_from(("", "CEO")),
            "left_on": maybe(date(2026, 10, 1), date(2026, 11, 3)),
        }),
    ),
    st.tuples(
        st.just("contact_roles"),
        st.fixed_dictionaries({
            "id": st.sampled_from(("r0", "r1")),
            "contact_id": st.sampled_from(CONTACTS),
            "roles": st.sampled_from(("", "decision-maker")),
            "left_on": maybe(date(2026, 10, 9)),
        }),
    ),
    st.tuples(
        st.just("deals"),
        st.fixed_dictionaries({
            "id": st.sampled_from(DEALS),
            "account_id": maybe(*ACCOUNTS),
            "amount": maybe(100.0, 5000.0),
            "closed_on": maybe(date(2026, 1, 1), date(2026, 11, 3), date(2026, 11, 4)),
            "won": st.booleans(),
        }),
    ),
)  # fmt: skip
gone = st.one_of(
    st.tuples(st.just(table), st.sampled_from(ids))
    for table, ids in (("activities", ACTIVITIES), ("contacts", CONTACTS), ("accounts", ACCOUNTS), ("deals", DEALS))
)
steps = st.one_of(
    st.tuples(st.just("activity"), activities),
    st.tuples(st.just("activity"), activities),
    st.tuples(st.just("record"), records),
    st.tuples(st.just("gone"), gone),
    st.tuples(st.just("deal leads to"), st.tuples(st.sampled_from(DEALS), maybe(*ACCOUNTS))),
    st.tuples(st.just("wait"), st.sampled_from((1, 1, 3, 9, 24, 24, 72))),
    st.tuples(st.just("evaluate"), st.none()),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Any:
    opened = open_engine(f"sqlite:///{tmp_path_factory.mktemp('due') / 'store.db'}")
    yield opened
    opened.dispose()


class Twins:
    """Two connections with the same records: on one only what is due is judged, on the other everything, always."""

    def __init__(self, engine: Engine, rules: frozenset[str]) -> None:
        number = next(_numbers)
        self.engine, self.now, self.names = engine, BEGIN, (f"due{number}", f"all{number}")
        catalog = {name: rule for name, rule in discover().items() if name not in rules}
        tables = {
            name: {"enabled": True, **TABLES.get(name, {})} for name, rule in catalog.items() if not rule.switched_on_by
        }
        self.rulebook, problems = read_rulebook(tables, catalog, named=["people.executives"])
        assert not problems
        for table, ids in (("users", USERS), ("accounts", ACCOUNTS), ("contacts", CONTACTS)):
            self.save(Page(rows={table: [dict(self._first(table, one)) for one in ids]}))

    def save(self, page: Page) -> None:
        for name in self.names:
            save_page(self.engine, name, "things", page, cycle=1, now=self.now)

    def evaluate(self) -> None:
        """Everything that is kept is the same on both."""
        for name in self.names:
            work = Work(
                engine=self.engine,
                config=CONFIG,
                rulebook=self.rulebook,
                connector=SimpleNamespace(name=name),  # only its name is asked for
                now=self.now,
                complete=WHOLE,
            )
            if name == self.names[1]:
                with self.engine.begin() as db:
                    db.execute(delete(table_of(EvaluatedRow)).where(table_of(EvaluatedRow).c.connection == name))
            list(evaluate_stage(work, facts_reader(work, Moment.at(self.now, CONFIG.timezone))))
        for row, without in (
            (VerdictRow, {"judged_at"}),
            (FindingRow, set()),
            (SnapshotRow, set()),
            (EvaluationRow, set()),
        ):
            due, everything = (self._kept(row, name, without) for name in self.names)
            assert due == everything

    def _kept(self, row: Any, name: str, without: set[str]) -> list[dict[str, Any]]:
        table = table_of(row)
        with self.engine.connect() as db:
            chosen = select(table).where(table.c.connection == name).order_by(*table.primary_key.columns)
            return [
                {column: value for column, value in one.items() if column not in {"connection", *without}}
                for one in db.execute(chosen).mappings()
            ]

    @staticmethod
    def _first(table: str, one: str) -> Mapping[str, Any]:
        number = one[1:]
        return {
            "users": {"id": one, "name": one, "email": f"{one}@ours.example"},
            "accounts": {"id": one, "name": f"Customer {number}", "owner_id": f"u{number}", "customer_type": True},
            "contacts": {"id": one, "account_id": f"a{number}", "email": f"{one}@theirs.example", "title": "CEO"},
        }[table]

    def do(self, what: str, told: Any) -> None:
        match what:
            case "activity":
                self._activity(**told)
            case "record":
                table, row = told
                self.save(Page(rows={table: [row]}))
            case "gone":
                table, one = told
                self.save(Page(gone={table: [one]}))
            case "deal leads to":
                deal, account = told
                links = [_link(f"deals:{deal}", "about", "account", account)] if account else []
                self.save(Page(links=[Links(source="deals", rows=links, replaced=[f"deals:{deal}"])]))
            case "wait":
                self.now += timedelta(hours=told)
            case "evaluate":
                self.evaluate()

    def _activity(self, *, ago: timedelta, lasts: int | None, all_day: bool, links: list[Any], **row: Any) -> None:
        at = self.now + ago
        on_day = at.date() if all_day else None
        ends_at = at + timedelta(minutes=lasts) if lasts else None
        told = [_link(row["id"], *link) for link in links]
        self.save(
            Page(
                rows={"activities": [{**row, "at": at, "on_day": on_day, "ends_at": ends_at}]},
                links=[Links(source="own", rows=told, replaced=[row["id"]])],
            )
        )


def _link(activity_id: str, side: str, kind: str, target: str) -> dict[str, str]:
    return {"activity_id": activity_id, "side": side, "kind": kind, "target": target}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(steps, min_size=4, max_size=25))
def test_what_is_due_leaves_what_everything_would(engine: Engine, history: list[tuple[str, Any]]) -> None:
    twins = Twins(engine, frozenset({"quiet-key-account"}))
    twins.evaluate()
    for what, told in history:
        twins.do(what, told)
    twins.evaluate()


@settings(max_examples=5, deadline=None)
@given(history=st.lists(steps, min_size=4, max_size=15))
def test_a_rule_that_compares_accounts_is_judged_on_all_of_them(engine: Engine, history: list[tuple[str, Any]]) -> None:
    twins = Twins(engine, frozenset())
    twins.evaluate()
    for what, told in history:
        twins.do(what, told)
    twins.evaluate()
