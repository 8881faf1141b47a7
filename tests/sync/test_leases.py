"""The row that says who does what: taken by one, lost by who is away for too long, and asked before every commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from sync.errors import LeaseLostError, StoreError, StoreInUseError
from sync.store import cycles, leases
from sync.store.engine import exclusive, open_engine
from sync.store.leases import Key, Lease
from sync.store.queue_schema import make_schema
from tests.conftest import open_engine_raw

ACME: Key = ("cycle", "acme")
OTHER: Key = ("cycle", "other")
LONG, OVER = 60.0, -1.0  # seconds

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture
def url(postgresql_url: str) -> str:
    admin = open_engine_raw(postgresql_url)
    with admin.connect() as db:
        for statement in ("DROP SCHEMA public CASCADE", "CREATE SCHEMA public"):
            db.execute(text(statement))
    admin.dispose()
    return postgresql_url


@pytest.fixture
def store(url: str) -> Iterator[Engine]:
    """A store with one connection that is due."""
    opened = open_engine(url, name="one worker")
    leases.enter(opened, ACME, "daily", leases.clock(opened))
    yield opened
    opened.dispose()


@pytest.fixture
def other(url: str) -> Iterator[Engine]:
    """The same store as another worker opened it."""
    opened = open_engine(url, name="another worker")
    yield opened
    opened.dispose()


def taken(store: Engine, name: str = "one worker", seconds: float = LONG) -> Lease:
    lease = leases.take(store, ACME, name, seconds=seconds)
    assert lease
    return lease


def give_notice(engine: Engine, key: str) -> None:
    with engine.begin() as db:
        db.execute(text("INSERT INTO notices VALUES (:key, now())"), {"key": key})


def notices(engine: Engine) -> list[str]:
    with engine.connect() as db:
        return list(db.execute(text("SELECT key FROM notices ORDER BY key")).scalars())


def test_what_is_held_nobody_else_takes_and_what_is_released_is_due_at_its_time(store: Engine) -> None:
    first = taken(store)
    assert leases.take(store, ACME, "another worker", seconds=LONG) is None
    leases.release(store, first, leases.clock(store) + timedelta(hours=1))
    assert leases.take(store, ACME, "another worker", seconds=LONG) is None
    leases.release(store, first, leases.clock(store))
    assert taken(store, "another worker").epoch == first.epoch + 1


def test_what_is_never_due_is_not_taken(store: Engine) -> None:
    leases.release(store, taken(store), None)
    assert leases.take(store, ACME, "one worker", seconds=LONG) is None
    assert leases.queue_due(store, [ACME], again_after_seconds=OVER) == []


def test_a_lease_that_ran_out_is_queued_and_taken_as_what_is_due(store: Engine) -> None:
    first = taken(store)
    assert leases.queue_due(store, [ACME], again_after_seconds=LONG) == []
    leases.renew(store, [first], seconds=OVER)
    assert leases.queue_due(store, [ACME], again_after_seconds=LONG) == [ACME]
    assert taken(store, "another worker").epoch == 2


def test_what_is_queued_is_queued_again_only_when_its_job_seems_lost(store: Engine) -> None:
    assert leases.queue_due(store, [ACME], again_after_seconds=LONG) == [ACME]
    assert leases.queue_due(store, [ACME], again_after_seconds=LONG) == []
    assert leases.queue_due(store, [ACME], again_after_seconds=OVER) == [ACME]


def test_what_is_due_longest_comes_first_and_only_of_what_is_asked_for(store: Engine) -> None:
    leases.enter(store, OTHER, "daily", leases.clock(store) - timedelta(hours=1))
    assert leases.queue_due(store, [OTHER], again_after_seconds=LONG) == [OTHER]
    assert leases.queue_due(store, [ACME, OTHER], again_after_seconds=OVER) == [OTHER, ACME]


def test_entering_again_changes_nothing_unless_the_cron_was_changed(store: Engine) -> None:
    leases.enter(store, ACME, "daily", None)
    assert leases.queue_due(store, [ACME], again_after_seconds=LONG) == [ACME]
    leases.enter(store, ACME, "never", None)
    assert leases.queue_due(store, [ACME], again_after_seconds=OVER) == []


def test_who_lost_a_lease_neither_renews_nor_releases_it(store: Engine) -> None:
    mine = taken(store, seconds=OVER)
    theirs = taken(store, "another worker")
    leases.renew(store, [mine], seconds=OVER)
    leases.release(store, mine, None)
    assert leases.take(store, ACME, "one worker", seconds=LONG) is None
    with leases.guarded(store, theirs) as guard:
        guard.check()


def test_nothing_is_committed_and_no_request_allowed_once_the_lease_is_anothers(store: Engine, other: Engine) -> None:
    with leases.guarded(store, taken(store)) as guard:
        guard.check()
        give_notice(guard.engine, "before")
        leases.renew(store, [guard.lease], seconds=OVER)
        taken(other, "another worker")
        for _ in range(2):
            with pytest.raises(LeaseLostError, match="cycle acme: this worker was away for too long"):
                give_notice(guard.engine, "after")
        with pytest.raises(LeaseLostError):
            guard.check()
        assert guard.requests == 1
    give_notice(store, "unguarded")  # by a session that may have been the guarded one's
    assert notices(other) == ["before", "unguarded"]


def test_a_lease_that_ran_out_but_was_not_taken_is_still_good(store: Engine) -> None:
    with leases.guarded(store, taken(store, seconds=OVER)) as guard:
        guard.check()
        give_notice(guard.engine, "late")
    assert notices(store) == ["late"]


def test_who_takes_over_waits_for_no_transaction_of_the_dead(store: Engine, other: Engine) -> None:
    with leases.guarded(store, taken(store, seconds=OVER)) as guard:
        with guard.engine.connect() as db:
            db.execute(text("INSERT INTO notices VALUES ('mine', now())"))
            assert leases.end_sessions_of_the_dead(other) >= 2
            give_notice(other, "mine")  # would wait for the other transaction's end
            with pytest.raises(StoreError, match="the database refuses"):
                db.commit()
        for _ in range(2):
            with pytest.raises(StoreError):
                guard.check()
    assert notices(store) == ["mine"], "new sessions are there for whoever asks"


def test_the_sessions_of_the_living_are_left_alone(store: Engine, other: Engine) -> None:
    with leases.guarded(store, taken(store)) as guard:
        assert leases.end_sessions_of_the_dead(other) == 0
        guard.check()


def test_a_command_and_a_guard_never_have_the_store_together(store: Engine, other: Engine) -> None:
    lease = taken(store)
    with exclusive(other), pytest.raises(StoreInUseError), leases.guarded(store, lease):
        pytest.fail("not reached")
    with leases.guarded(store, lease), leases.guarded(other, lease):
        command = exclusive(other)
        with pytest.raises(StoreError, match="another Holdfast process"):
            command.__enter__()
    with exclusive(other):
        pass


def test_what_must_be_alone_waits_for_all_others_and_they_for_it(store: Engine, other: Engine) -> None:
    lease = taken(store)
    for first, then in ((False, True), (True, False), (True, True)):
        with (
            leases.guarded(store, lease, alone=first),
            pytest.raises(StoreInUseError, match="the work waits for the end of that"),
            leases.guarded(other, lease, alone=then),
        ):
            pytest.fail("not reached")
    with leases.guarded(other, lease, alone=True) as guard:
        guard.check()


def test_calls_of_a_killed_cycle_count_against_the_day(store: Engine) -> None:
    began = datetime(2026, 11, 2, 12, tzinfo=UTC)
    ended, killed = (cycles.begin(store, "acme", began) for _ in range(2))
    cycles.end(store, ended, {"api_calls": 5}, "", began)
    for calls in (20, 30, 25):
        cycles.note_calls(store, "acme", calls)
    cycles.tell(store, cycles.begin(store, "other", began), {"api_calls": 1000})
    assert cycles.calls_since(store, "acme", began - timedelta(days=1)) == 35
    cycles.end(store, killed, {"api_calls": 28}, "", began)
    cycles.note_calls(store, "acme", 99)
    assert cycles.calls_since(store, "acme", began - timedelta(days=1)) == 33


def test_the_queues_tables_are_made_once_and_apart_from_the_stores(store: Engine) -> None:
    for _ in range(2):
        make_schema(
            store, "queue_of_test", "CREATE TABLE jobs (told text DEFAULT '100%'); CREATE TABLE events (id int)"
        )
    with store.begin() as db:
        db.execute(text("INSERT INTO queue_of_test.jobs DEFAULT VALUES"))
        assert db.execute(text("SELECT told FROM queue_of_test.jobs")).scalar() == "100%"
        db.execute(text("DROP SCHEMA queue_of_test CASCADE"))
        assert db.execute(text("SELECT to_regclass('jobs')")).scalar() is None
