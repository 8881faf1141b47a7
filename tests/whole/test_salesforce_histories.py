"""The boundary script: whatever happens in an org during and between pulls, the store ends up with all of it.

0 lost, 0 doubled, 0 stale, told by three witnesses: `verify`, a store that is loaded afresh, and the sandbox's records
read without any of our code.
"""

from __future__ import annotations

import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from connectors.protocol import ON_DEMAND
from connectors.salesforce import bulk
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_mirror import Mirror, SpoiltSandbox
from tests.connectors.salesforce_org import Org
from tests.whole.salesforce_expected import COLUMNS, Link, Read, expected_links, expected_rows, expected_tasks
from tests.whole.salesforce_life import EVENTS, Life

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
HISTORIES = 200 if SOAK else 12
HOUR, DAY = 3600, 86_400

Happening = tuple[str, int, int]

# What may go wrong with a pull, `after` so many requests; most of it for good.
FAULTS: tuple[Mapping[str, Any], ...] = (
    {"kind": "token-expired", "first": 1},
    {"kind": "unavailable", "first": 2},
    {"kind": "server-error", "first": 5},
    {"kind": "quota"},
    {"truncate": "cut", "first": 1},
    {"truncate": "short", "first": 2},
    {"cut": "before", "first": 3},
    {"cut": "after", "first": 1},
    {"status": 420, "html": True, "first": 5},
    {"operation": "query-more", "status": 400, "first": 1},
    {"operation": "query", "status": 400, "first": 1},
    {"operation": "deleted", "kind": "server-error"},
    {"operation": "updated", "status": 400},
    {"operation": "bulk-results", "status": 404, "first": 1},
    {"operation": "bulk-create", "cut": "after", "first": 1},
)


@dataclass(frozen=True, kw_only=True)
class Pull:
    """One cycle's pull. `during` says what happens before the request of that number; `dies_after` so many pages."""

    in_bulk: bool
    sweeps: bool
    dies_after: int | None
    fault: int | None
    faulty_after: int
    during: tuple[tuple[int, Happening], ...]


@dataclass(frozen=True, kw_only=True)
class Pause:
    seconds: int


class DeadError(Exception):
    """The worker was killed."""


happenings: st.SearchStrategy[Happening] = st.tuples(
    st.sampled_from(EVENTS), st.integers(0, 1000), st.integers(0, 1000)
)
pulls = st.builds(
    Pull,
    in_bulk=st.booleans(),
    sweeps=st.booleans(),
    dies_after=st.none() | st.integers(1, 15),
    fault=st.none() | st.integers(0, len(FAULTS) - 1),
    faulty_after=st.integers(0, 40),
    during=st.lists(st.tuples(st.integers(1, 40), happenings), max_size=6).map(tuple),
)
pauses = st.builds(Pause, seconds=st.sampled_from((1, 90, 20 * 60, HOUR, DAY, 2 * DAY)))
spells = st.lists(happenings, min_size=1, max_size=8).map(tuple)
histories = st.lists(st.one_of(pulls, spells, spells, pauses), min_size=8, max_size=16)

UNEVENTFUL = Pull(in_bulk=True, sweeps=False, dies_after=None, fault=None, faulty_after=0, during=())
# The worker is killed once the bulk query of contacts is made: its result does not know who came later.
A_RESULT_OLDER_THAN_A_NEWCOMER = [replace(UNEVENTFUL, dies_after=5), (("a_long_transaction_writes", 0, 573),)]


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    running = Org(SpoiltSandbox(accounts=8, touches_per_account=8, rate_limits=False))
    running.http.headers["Connection"] = "close"  # what is kept open is half closed after a pause
    with pytest.MonkeyPatch.context() as patch:
        # Results of several downloads, each of several pages.
        patch.setattr(bulk, "ROWS_PER_DOWNLOAD", 150)
        patch.setattr(bulk, "ROWS_PER_PAGE", 60)
        yield running
    running.close()


@pytest.mark.slow
@settings(
    max_examples=HISTORIES,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    # Shrinking takes minutes: in a soak it is worth them.
    phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if SOAK else [])],
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(history=histories)
@example(history=A_RESULT_OLDER_THAN_A_NEWCOMER)
def test_after_any_history_the_store_has_what_the_org_has(org: Org, history: list[Any]) -> None:
    sandbox = org.sandbox
    assert isinstance(sandbox, SpoiltSandbox)
    sandbox.reset()
    sandbox.salesforce.set_up({"have": ["TaskRelation"]})
    remember_owners(sandbox)
    with tempfile.TemporaryDirectory() as folder:
        mirror = Mirror(org=org, folder=Path(folder), needs=ON_DEMAND)
        life = Life(sandbox)
        for scene in history:
            live_through(mirror, sandbox, life, scene)
        life.happen("the_transactions_commit", 0, 0)
        sandbox.clock.advance(150)  # the log of deletions goes by whole minutes
        mirror.whole(small_pages=True)
        assert_all_witnesses_agree(mirror, Path(folder))
        mirror.close()


def live_through(mirror: Mirror, sandbox: SpoiltSandbox, life: Life, scene: Any) -> None:
    match scene:
        case Pause():
            sandbox.clock.advance(scene.seconds)
        case Pull():
            pull(mirror, sandbox, life, scene)
        case _:
            for happening in scene:
                life.happen(*happening)


def pull(mirror: Mirror, sandbox: SpoiltSandbox, life: Life, scene: Pull) -> None:
    """A pull that may go wrong in any way: what it leaves behind is mended by later ones."""
    requests = pages = 0

    def before() -> None:
        nonlocal requests
        requests += 1
        for at, happening in scene.during:
            if at == requests:
                life.happen(*happening)

    def page_stored(*_: Any) -> None:
        nonlocal pages
        pages += 1
        if pages == scene.dies_after:
            raise DeadError

    if scene.fault is not None:
        sandbox.faults.replace([{"crm": "salesforce", "after": scene.faulty_after, **FAULTS[scene.fault]}])
    sandbox.before = before
    try:
        size = {"bulk_above_rows": 0 if scene.in_bulk else 50_000, "sweep_days": 3 if scene.sweeps else 0}
        mirror.pull(progress=page_stored, small_pages=True, **size)
    except DeadError:
        pass
    finally:
        sandbox.before = lambda: None
        sandbox.faults.replace(())


def assert_all_witnesses_agree(mirror: Mirror, folder: Path) -> None:
    assert {table: one for table, one in mirror.verify().items() if not one.sound} == {}
    read = mirror.org.records
    rows = {table: mirror.rows(table) for table in COLUMNS}
    for table, expected in expected_rows(read).items():
        told = {each: COLUMNS[table](row) for each, row in rows[table].items()}
        assert told == expected, table
    tasks = {
        each: (row["key"], row["status"], row["assignee_id"], row["account_id"])
        for each, row in mirror.rows("crm_tasks").items()
    }
    assert tasks == expected_tasks(read)
    # A link to a contact that is gone leads nowhere, and whoever won a merge has one of their own.
    nobody = {row["Id"] for row in read("Contact") if row["IsDeleted"]}
    links = {each for each in mirror.links() if each[3] not in nobody}
    expected = {each for each in expected_links(read, rows["activities"]) if each[3] not in nobody}
    former = former_owners(mirror.org.sandbox)
    assert_credited(links, expected, read, former)
    (folder / "afresh").mkdir()
    afresh = Mirror(org=mirror.org, folder=folder / "afresh", needs=ON_DEMAND)
    afresh.whole()
    assert {each for each in afresh.links() if each[3] not in nobody} == expected
    for table in (*COLUMNS, "crm_tasks"):
        assert stored(mirror, table) == stored(afresh, table), table
    afresh.close()


def remember_owners(sandbox: Sandbox) -> None:
    """The org itself forgets who owned what; from here on the database of the sandbox does not."""
    database = sandbox.salesforce.store.database
    database.execute("CREATE TABLE former (activity TEXT, owner TEXT)")
    for name in ("Task", "Event"):
        database.execute(
            f'CREATE TRIGGER former_of_{name} AFTER UPDATE OF "OwnerId" ON "{name}"'
            ' BEGIN INSERT INTO former VALUES (old."Id", old."OwnerId"); END'
        )


def former_owners(sandbox: Sandbox) -> dict[str, set[str]]:
    """By activity, who owned it before."""
    found = defaultdict[str, set[str]](set)
    for activity, owner in sandbox.salesforce.store.database.execute("SELECT activity, owner FROM former"):
        found[activity].add(owner)
    return found


def assert_credited(links: set[Link], expected: set[Link], read: Read, former: Mapping[str, set[str]]) -> None:
    """The links are those that the org tells, but that of what is over an owner of before may stand for today's: who
    did it is what the org cannot tell any more.
    """
    done = {row["Id"]: row["OwnerId"] for row in read("Task") if row["IsClosed"]}
    done |= {row["Id"]: row["OwnerId"] for row in read("Event")}
    lost, kept = expected - links, links - expected
    for activity, side, kind, target in lost:
        assert (side, kind, target) == ("ours", "user", done.get(activity)), activity
        assert any(each in former[activity] for one, each in ours_of(links) if one == activity), activity
    for activity, side, kind, target in kept:
        assert (side, kind) == ("ours", "user"), activity
        assert activity in done, activity
        assert target in former[activity], activity
        # One owner is credited, not each that there was.
        assert len([each for each in kept if each[0] == activity]) == 1, activity


def ours_of(links: set[Link]) -> Iterator[tuple[str, str]]:
    return ((activity, target) for activity, side, _, target in links if side == "ours")


def stored(mirror: Mirror, table: str) -> dict[str, dict[str, Any]]:
    """What stands in a table, but for what only the history of pulls tells."""
    told_by_history = {"changed_in", "left_on", "left_why", "reopened_at"}
    return {
        each: {name: value for name, value in row.items() if name not in told_by_history}
        for each, row in mirror.rows(table).items()
    }
