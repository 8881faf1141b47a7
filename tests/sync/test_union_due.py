"""Judging only what is due leaves what judging everything would, also where two connections are judged as one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
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
from sync.match.stage import match
from sync.store import cycles
from sync.store.derived_tables import EvaluatedRow, EvaluationRow
from sync.store.engine import open_engine
from sync.store.facts import Moment
from sync.store.ledger_tables import FindingRow, SnapshotRow, VerdictRow
from sync.store.records import save_page
from sync.store.sql import table_of
from tests.sync.test_due import ACCOUNTS, BEGIN, CONTACTS, TABLES, USERS, WHOLE, _link, gone, records, steps

_numbers = count()
_TOLD: tuple[tuple[type, set[str]], ...] = (
    (VerdictRow, {"judged_at"}),
    (FindingRow, set()),
    (SnapshotRow, set()),
    (EvaluationRow, {"basis"}),
)

# On which of the two it happens; half of the time on both.
places = st.sampled_from(("sf", "hs", "both", "both"))
more_records = st.one_of(
    st.tuples(
        st.just("accounts"),
        st.fixed_dictionaries({
            "id": st.sampled_from(ACCOUNTS),
            "name": st.sampled_from(("Acme", "Beta")),
            "domain": st.sampled_from(("a0.example", "a1.example", "a2.example", "")),
            "owner_id": st.sampled_from((None, *USERS)),
            "customer_type": st.booleans(),
        }),
    ),
    records,
)  # fmt: skip
more_steps = st.one_of(steps, st.tuples(st.just("record"), more_records), st.tuples(st.just("gone"), gone))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path_factory.mktemp('union-due') / 'store.db'}")
    yield opened
    opened.dispose()


def config_of(*names: str) -> Config:
    """Both are one group; a third of the rules needs nothing but what every CRM has."""
    token = {"kind": "hubspot", "access_token": "x"}
    return Config.model_validate({
        "connections": dict.fromkeys(names, token),
        "groups": {names[0][:-2]: {"connections": names}},
        "customers": {"key": "all", "is": "won-deal-or-type"},
        "schedule": {"timezone": "Europe/Berlin"},
        "people": {"executives": ["u0@ours.example"]},
        "waivers": [{"account": "Beta", "rule": "going-quiet", "reason": "quiet season"}],
    })  # fmt: skip


class Groups:
    """Two groups with the same records: of one only what is due is judged, of the other everything, always."""

    def __init__(self, engine: Engine) -> None:
        number = next(_numbers)
        self.engine, self.now = engine, BEGIN
        self.groups = {side: [f"{side}{number}{crm}" for crm in ("sf", "hs")] for side in ("qdue", "qall")}
        catalog = discover()
        tables = {
            name: {"enabled": True, **TABLES.get(name, {})} for name, rule in catalog.items() if not rule.switched_on_by
        }
        self.rulebook, problems = read_rulebook(tables, catalog, named=["people.executives"])
        assert not problems
        for table, ids in (("users", USERS), ("accounts", ACCOUNTS), ("contacts", CONTACTS)):
            self.save("both", Page(rows={table: [self._first(table, one) for one in ids]}))

    def save(self, place: str, page: Page) -> None:
        for names in self.groups.values():
            for name in names:
                if place == "both" or name.endswith(place):
                    cycle = cycles.begin(self.engine, name, self.now)
                    save_page(self.engine, name, "things", page, cycle=cycle, now=self.now)

    def evaluate(self) -> None:
        """Everything that is kept is the same in both."""
        for side, names in self.groups.items():
            config = config_of(*names)
            for name in names:
                cycle = cycles.begin(self.engine, name, self.now)
                match(self.engine, name, config.group_of(name), cycle=cycle)
                cycles.tell(self.engine, cycle, {"complete": sorted(WHOLE)})
            for name in names:
                connector: Any = SimpleNamespace(name=name)  # only its name is asked for
                work = Work(
                    engine=self.engine,
                    config=config,
                    rulebook=self.rulebook,
                    connector=connector,
                    now=self.now,
                    complete=WHOLE,
                )
                if side == "qall":
                    with self.engine.begin() as db:
                        db.execute(delete(table_of(EvaluatedRow)).where(table_of(EvaluatedRow).c.connection == name))
                list(evaluate_stage(work, facts_reader(work, Moment.at(self.now, config.timezone))))
        for row, without in _TOLD:
            due, everything = (self._kept(row, names, without) for names in self.groups.values())
            assert due == everything

    def _kept(self, row: Any, names: list[str], without: set[str]) -> list[str]:
        table = table_of(row)
        with self.engine.connect() as db:
            chosen = select(table).where(table.c.connection.in_(names)).order_by(*table.primary_key.columns)
            rows = [
                {column: value for column, value in one.items() if column not in {*without, "standing"}}
                | {"standing": re.sub(rb" \d+$", b"", one.get("standing", b""))}
                for one in db.execute(chosen).mappings()
            ]
        side = names[0][:4]
        return [repr(one).replace(side, "") for one in rows]

    @staticmethod
    def _first(table: str, one: str) -> dict[str, Any]:
        number = one[1:]
        told: dict[str, dict[str, Any]] = {
            "users": {"name": one, "email": f"{one}@ours.example"},
            "accounts": {
                "name": f"Customer {number}",
                "domain": f"a{number}.example",
                "owner_id": f"u{number}",
                "customer_type": True,
            },
            "contacts": {"account_id": f"a{number}", "email": f"{one}@theirs.example", "title": "CEO"},
        }
        return {"id": one, **told[table]}

    def do(self, place: str, what: str, told: Any) -> None:
        match_on = place
        if what == "activity":
            self._activity(match_on, **told)
        elif what == "record":
            table, row = told
            self.save(match_on, Page(rows={table: [row]}))
        elif what == "gone":
            table, one = told
            self.save(match_on, Page(gone={table: [one]}))
        elif what == "deal leads to":
            deal, account = told
            links = [_link(f"deals:{deal}", "about", "account", account)] if account else []
            self.save(match_on, Page(links=[Links(source="deals", rows=links, replaced=[f"deals:{deal}"])]))
        elif what == "wait":
            self.now += timedelta(hours=told)
        else:
            self.evaluate()

    def _activity(
        self, place: str, *, ago: timedelta, lasts: int | None, all_day: bool, links: list[Any], **row: Any
    ) -> None:
        at = self.now + ago
        on_day = at.date() if all_day else None
        ends_at = at + timedelta(minutes=lasts) if lasts else None
        told = [_link(row["id"], *link) for link in links]
        page = Page(
            rows={"activities": [{**row, "at": at, "on_day": on_day, "ends_at": ends_at}]},
            links=[Links(source="own", rows=told, replaced=[row["id"]])],
        )
        self.save(place, page)


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(st.tuples(places, more_steps), min_size=4, max_size=20))
def test_what_is_due_in_a_group_leaves_what_everything_would(
    engine: Engine, history: list[tuple[str, tuple[str, Any]]]
) -> None:
    groups = Groups(engine)
    groups.evaluate()
    for place, (what, told) in history:
        groups.do(place, what, told)
    groups.evaluate()
