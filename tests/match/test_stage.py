"""What the store tells of who is one, after any history."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import Engine, event

from connectors.protocol import Page
from sync.match.decide import Pair, Ref
from sync.match.stage import match
from sync.store import matches
from sync.store.engine import open_engine
from sync.store.match_state import members
from sync.store.records import save_page
from tests.match.histories import (
    CONNECTIONS,
    GROUP,
    HISTORIES,
    NOW,
    PAIRS,
    account_id,
    contact_id,
    emptied,
    lived,
    saying,
    told,
)

History = list[tuple[str, Page]]
# One store for all examples: making one takes longer than they do.
STORE = settings(
    max_examples=300 if os.environ.get("HOLDFAST_SOAK") else 15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path_factory.mktemp('matching') / 'store.db'}")
    event.listen(opened, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    opened.dispose()
    yield opened
    opened.dispose()


@pytest.mark.slow
@given(HISTORIES, PAIRS, PAIRS)
@STORE
def test_matching_what_changed_is_matching_everything(
    store: Engine, history: History, pairs: frozenset[Pair], vetoes: frozenset[Pair]
) -> None:
    emptied(store)
    group = saying(pairs, vetoes)
    last = lived(store, history, group)
    step_by_step = told(store)
    for connection in CONNECTIONS:
        match(store, connection, None, cycle=last)
    assert not any(told(store).values())
    for connection in CONNECTIONS:
        match(store, connection, group, cycle=last)
    assert told(store) == step_by_step


@pytest.mark.slow
@given(HISTORIES, PAIRS, PAIRS)
@STORE
def test_a_veto_and_a_pair_that_are_taken_back_leave_nothing(
    store: Engine, history: History, pairs: frozenset[Pair], vetoes: frozenset[Pair]
) -> None:
    emptied(store)
    last = lived(store, history, GROUP)
    before = told(store)
    match(store, "hs", saying(pairs, vetoes), cycle=last)
    match(store, "sf", GROUP, cycle=last)
    assert told(store) == before


@pytest.mark.slow
@given(HISTORIES)
@STORE
def test_matching_twice_changes_nothing(store: Engine, history: History) -> None:
    emptied(store)
    last = lived(store, history, GROUP)
    before = told(store)
    for connection in CONNECTIONS:
        match(store, connection, GROUP, cycle=last + 1)
    assert told(store) == before


@pytest.mark.slow
@given(HISTORIES)
@STORE
def test_the_order_of_connections_and_of_records_changes_nothing(store: Engine, history: History) -> None:
    emptied(store)
    lived(store, history, GROUP)
    in_order = {name: rows for name, rows in told(store).items() if name != "matched"}  # that knows the config
    emptied(store)
    for connection, page in history:
        turned = replace(page, rows={name: rows[::-1] for name, rows in page.rows.items()})
        save_page(store, connection, "all", turned, cycle=1, now=NOW)
    turned_group = replace(GROUP, connections=CONNECTIONS[::-1])
    for connection in CONNECTIONS[::-1]:
        match(store, connection, turned_group, cycle=1)
    assert {name: rows for name, rows in told(store).items() if name != "matched"} == in_order


def account(connection: str, number: int, **more: Any) -> dict[str, Any]:
    return {"id": account_id(connection, number), "name": f"Company {number}", **more}


def contact(connection: str, number: int, **more: Any) -> dict[str, Any]:
    return {"id": contact_id(connection, number), "account_id": account_id(connection, number), **more}


def pulled(engine: Engine, cycle: int, connection: str, **rows: list[dict[str, Any]]) -> None:
    gone = {"accounts": [row["id"] for row in rows.pop("gone", [])]}
    page = Page(rows=rows, gone=gone, cursor={}, last=True)
    save_page(engine, connection, "all", page, cycle=cycle, now=NOW)


def test_an_account_is_judged_where_tasks_go_else_where_it_has_an_owner(engine: Engine) -> None:
    pulled(engine, 1, "sf", accounts=[account("sf", 1, domain="acme.com")])
    pulled(engine, 2, "hs", accounts=[account("hs", 1, domain="acme.com", owner_id="u1")])
    free = replace(GROUP, connections=("sf", "hs"), tasks_in="")

    def home() -> str:
        with engine.connect() as db:
            return next(ref[0] for ref, one in matches.read(db, ("sf", "hs"), "account").items() if one.home)

    for connection in free.connections:
        match(engine, connection, free, cycle=2)
    assert home() == "hs"
    pulled(engine, 3, "sf", accounts=[account("sf", 1, domain="acme.com", owner_id="u2")])
    match(engine, "sf", free, cycle=3)
    assert home() == "sf"
    match(engine, "sf", replace(free, tasks_in="hs"), cycle=4)
    assert home() == "hs"


def test_accounts_that_would_be_above_each_other_are_told_and_not_joined(engine: Engine) -> None:
    a, b = "acme.com", "byte.com"
    pulled(
        engine,
        1,
        "sf",
        accounts=[account("sf", 1, domain=a, parent_id=account_id("sf", 2)), account("sf", 2, domain=b)],
    )
    pulled(engine, 2, "hs", accounts=[account("hs", 1, domain=a), account("hs", 2, domain=b)])
    two = replace(GROUP, connections=("hs", "sf"))
    for connection in two.connections:
        match(engine, connection, two, cycle=2)
    with engine.connect() as db:
        assert len(matches.read(db, two.connections, "account")) == 4
    # Only the one that gets a parent changes; the circle takes the other pair with it.
    pulled(engine, 3, "hs", accounts=[account("hs", 2, domain=b, parent_id=account_id("hs", 1))])
    match(engine, "hs", two, cycle=3)
    with engine.connect() as db:
        assert not matches.read(db, two.connections, "account")
        (question,) = matches.read_questions(db, two.connections)
    assert (question.asks, len(question.members)) == ("circle", 4)
    pulled(engine, 4, "hs", accounts=[account("hs", 2, domain=b)])
    match(engine, "hs", two, cycle=4)
    with engine.connect() as db:
        assert len(matches.read(db, two.connections, "account")) == 4
        assert not matches.read_questions(db, two.connections)


def test_news_of_any_member_and_of_who_is_whose_counterpart_are_news_of_the_set(engine: Engine) -> None:
    two = replace(GROUP, connections=("hs", "sf"))
    pulled(
        engine, 1, "sf", accounts=[account("sf", 1, domain="acme.com")], contacts=[contact("sf", 1, email="a@acme.com")]
    )
    pulled(
        engine, 2, "hs", accounts=[account("hs", 1, domain="acme.com")], contacts=[contact("hs", 1, email="b@acme.com")]
    )
    for connection in two.connections:
        match(engine, connection, two, cycle=2)

    def news() -> set[int]:
        with engine.connect() as db:
            return {one.news for one in matches.read(db, two.connections, "account", [account_id("sf", 1)]).values()}

    assert news() == {0}
    with engine.begin() as db:
        matches.raise_news(db, "hs", [account_id("hs", 1)])
    assert news() == {1}
    pulled(engine, 3, "hs", contacts=[contact("hs", 1, email="a@acme.com")])
    match(engine, "hs", two, cycle=3)
    (after,) = news()
    assert after > 1


def test_a_set_that_comes_again_counts_news_from_above(engine: Engine) -> None:
    two = replace(GROUP, connections=("hs", "sf"))
    apart = {"account": frozenset({frozenset({Ref("sf", account_id("sf", 1)), Ref("hs", account_id("hs", 1))})})}
    pulled(engine, 1, "sf", accounts=[account("sf", 1, domain="acme.com")])
    pulled(engine, 2, "hs", accounts=[account("hs", 1, domain="acme.com")])
    for connection in two.connections:
        match(engine, connection, two, cycle=2)
    with engine.begin() as db:
        matches.raise_news(db, "sf", [account_id("sf", 1)])
        before = next(iter(matches.read(db, ["sf", "hs"], "account").values())).news
    match(engine, "hs", replace(two, vetoes=apart), cycle=3)
    match(engine, "hs", two, cycle=4)
    with engine.connect() as db:
        assert next(iter(matches.read(db, ["sf", "hs"], "account").values())).news > before


def test_a_connection_that_leaves_its_group_is_matched_with_nobody(engine: Engine) -> None:
    for cycle, name in enumerate(CONNECTIONS, start=1):
        pulled(engine, cycle, name, accounts=[account(name, 1, domain="acme.com")])
        match(engine, name, GROUP, cycle=cycle)
    without = replace(GROUP, connections=("hs", "sf"))
    match(engine, "hs", without, cycle=4)
    with engine.connect() as db:
        assert {ref[0] for ref in matches.read(db, CONNECTIONS, "account")} == {"hs", "sf"}
    match(engine, "sf", None, cycle=5)
    match(engine, "hs", None, cycle=6)
    assert not any(told(engine).values())


def test_an_id_is_lost_only_once_the_crm_that_it_names_has_arrived(engine: Engine) -> None:
    two = replace(GROUP, connections=("hs", "sf"))
    pulled(engine, 1, "hs", accounts=[account("hs", 1, native_id=account_id("sf", 1))])
    match(engine, "hs", two, cycle=1)
    with engine.connect() as db:
        assert not matches.read_questions(db, two.connections)
    match(engine, "sf", two, cycle=2)
    with engine.connect() as db:
        (question,) = matches.read_questions(db, two.connections)
    assert account_id("sf", 1) in question.why
    pulled(engine, 3, "sf", accounts=[account("sf", 1)])
    match(engine, "sf", two, cycle=3)
    with engine.connect() as db:
        assert not matches.read_questions(db, two.connections)
        found = members(db, "account", [Ref("hs", account_id("hs", 1))])
    assert [one.why for one in found.values()] == [[["native_id", account_id("sf", 1)]]]


def test_a_deleted_account_is_nobodys_counterpart(engine: Engine) -> None:
    two = replace(GROUP, connections=("hs", "sf"))
    pulled(engine, 1, "sf", accounts=[account("sf", 1, domain="acme.com")])
    pulled(engine, 2, "hs", accounts=[account("hs", 1, domain="acme.com")])
    for connection in two.connections:
        match(engine, connection, two, cycle=2)
    pulled(engine, 3, "sf", gone=[account("sf", 1)])
    match(engine, "sf", two, cycle=3)
    with engine.connect() as db:
        assert not matches.read(db, two.connections, "account")
