"""Few tasks at a time: who waits, in which order, and that nobody is ever given more than there is room for."""

from __future__ import annotations

from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connectors.protocol import CloseTask, CreateTask, TaskContent, UpdateTask
from rules.rule import Severity
from sync.plan import Plan, Planned
from sync.queue import BASELINE, Caps, Load, baseline, priority, release


def new(account: str, who: str = "jana", pressing: float = 1.0) -> Planned:
    content = TaskContent(assignee_id=who, subject="S", body="B", due_on=date(2026, 11, 5), severity="high")
    change = CreateTask(key=f"hf1:{account}:owner:1", account_id=account, contact_id=None, content=content)
    return Planned(
        change=change, account_id=account, account_name=account, route="owner", assignee_id=who, priority=pressing
    )


def handed(account: str, who: str = "jana") -> Planned:
    key = f"hf1:{account}:owner:1"
    update = UpdateTask(key=key, task_id="t", account_id=account, changed={"assignee_id": who})
    close = CloseTask(key=key, task_id="t", account_id=account, reason="no room", body="B")
    return Planned(change=update, account_id=account, account_name=account, assignee_id=who, instead=close)


def plan(*changes: Planned) -> Plan:
    return Plan(connection="acme", changes=changes)


def accounts(made: Plan) -> list[str]:
    return [one.account_id for one in made.of(CreateTask)]


def test_the_most_pressing_come_first_and_the_rest_wait_with_their_places() -> None:
    made = release(plan(*(new(f"a{n}", pressing=n) for n in range(5))), {}, Caps(open=5, new=3))
    assert accounts(made) == ["a2", "a3", "a4"]
    assert [(held.account_id, held.reason) for held in made.held_back] == [
        ("a1", "waits: no. 1 of 2 in the queue (3 open, 3 new this week)"),
        ("a0", "waits: no. 2 of 2 in the queue (3 open, 3 new this week)"),
    ]


def test_open_tasks_leave_less_room() -> None:
    made = release(plan(new("a1"), new("a2")), {"jana": Load(open=4, new=0)}, Caps(open=5, new=3))
    assert accounts(made) == ["a1"]


def test_the_week_counts_what_was_made_in_it_though_it_is_done() -> None:
    made = release(plan(new("a1"), new("a2")), {"jana": Load(open=0, new=2)}, Caps(open=5, new=3))
    assert accounts(made) == ["a1"]


def test_zero_is_no_limit() -> None:
    made = release(plan(*(new(f"a{n}") for n in range(20))), {"jana": Load(open=50, new=50)}, Caps(open=0, new=0))
    assert len(accounts(made)) == 20
    assert not made.held_back


def test_a_task_that_changes_hands_comes_before_new_ones_and_closes_where_the_hands_are_full() -> None:
    loads = {"jana": Load(open=4, new=3)}
    made = release(plan(new("a1"), handed("b1"), handed("b2")), loads, Caps(open=5, new=3))
    assert [type(one.change) for one in made.changes] == [UpdateTask, CloseTask]
    assert {held.account_id for held in made.held_back} == {"a1", "b2"}


def test_a_baseline_makes_no_task_and_says_why() -> None:
    made = baseline(plan(new("a1"), handed("b1")))
    assert [type(one.change) for one in made.changes] == [UpdateTask]
    assert [held.reason for held in made.held_back] == [BASELINE]


def test_revenue_raises_the_priority_and_a_severity_stands_in_for_a_missing_score() -> None:
    assert priority(50, [Severity.HIGH], 1e6) > priority(50, [Severity.HIGH], 1e3) > priority(50, [], None)
    assert priority(None, [Severity.CRITICAL], 1e3) == priority(100, [], 1e3)


PEOPLE = st.sampled_from(["jana", "peter", "sabine"])
LOADS = st.dictionaries(PEOPLE, st.builds(Load, open=st.integers(0, 8), new=st.integers(0, 5)))
CAPS = st.builds(Caps, open=st.integers(0, 6), new=st.integers(0, 4))


@given(wishes=st.lists(st.tuples(PEOPLE, st.booleans(), st.floats(0, 9)), max_size=30), loads=LOADS, caps=CAPS)
def test_no_cap_is_broken_and_nothing_is_lost(
    wishes: list[tuple[str, bool, float]], loads: dict[str, Load], caps: Caps
) -> None:
    changes = [
        new(f"a{n}", who, pressing) if is_new else handed(f"a{n}", who)
        for n, (who, is_new, pressing) in enumerate(wishes)
    ]
    made = release(plan(*changes), loads, caps)
    given_now = Counter(one.assignee_id for one in made.changes if not isinstance(one.change, CloseTask))
    made_now = Counter(one.assignee_id for one in made.of(CreateTask))
    for who in given_now:
        load = loads.get(who, Load())
        assert not caps.open or load.open + given_now[who] <= caps.open
        assert not caps.new or load.new + made_now[who] <= max(caps.new, load.new)
    told = [one.account_id for one in made.changes if not isinstance(one.change, CloseTask)]
    assert sorted([*told, *(held.account_id for held in made.held_back)]) == sorted(one.account_id for one in changes)
