"""What must hold of every plan and after every cycle of a `World`, judged by what its people did, never by the planner.

Each function asserts; its name says what.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from connectors.protocol import CloseTask, CreateTask, UpdateTask
from rules.rule import Clear, NotApplicable, Raised, Severity, Unknown, Verdict
from sync.findings import FindingState
from sync.plan import Planned
from tests.sync.year_world import CAPS, PAUSES, Account, Kept, World

DUE_DAYS = {"critical": 3, "high": 5, "medium": 10, "low": 20}  # business days, which are never fewer than days
CLEAR_HOURS, UNKNOWN_DAYS = 20, 60
BADNESS = ("low", "medium", "high", "critical")


def ends_are_proven(world: World, account: Account, before: dict[str, FindingState], told: dict[str, Verdict]) -> None:
    """What ends was not raised at two evaluations 20 hours apart, or could not be judged for 60 days."""
    for one, verdict in told.items():
        kind = Clear if isinstance(verdict, NotApplicable) else type(verdict)
        was, since = account.since.get(one, (kind, world.now))
        # Not to know says nothing against what was seen before.
        if was is not kind and not (was is Clear and kind is Unknown):
            was, since = kind, world.now
        account.since[one] = (was, since)
        if one in before and before[one].open and not account.states[one].open:
            enough = timedelta(days=UNKNOWN_DAYS) if kind is Unknown else timedelta(hours=CLEAR_HOURS)
            assert kind is not Raised
            assert world.now - since >= enough, (one, verdict, since)


def plan_is_fair(world: World) -> None:
    """No change goes against what a human did, and nobody gets more than the caps allow."""
    caps_hold(world)
    for planned in world.last.changes:
        match planned.change:
            case CreateTask() as change:
                creation_is_due(world, planned, change)
            case UpdateTask() as change:
                update_leaves_humans_alone(world, planned, change)
            case CloseTask(key=key, body=body):
                assert body is None or "body" not in world.tasks[key].humans
                has_a_reason(world, planned, key)


def caps_hold(world: World) -> None:
    monday = world.today - timedelta(days=world.today.weekday())
    held = Counter(kept.crm.assignee_id for kept in world.alive() if kept.crm)
    made = Counter(who for day, who in world.made if day >= monday)
    new = Counter(one.change.content.assignee_id for one in world.last.changes if isinstance(one.change, CreateTask))
    taken = Counter(
        one.change.changed["assignee_id"]
        for one in world.last.changes
        if isinstance(one.change, UpdateTask) and "assignee_id" in one.change.changed
    )
    for who in new | taken:
        assert who not in world.away
        assert held[who] + new[who] + taken[who] <= CAPS.open, (who, held, world.last)
        assert not new[who] or made[who] + new[who] <= CAPS.new, (who, made, world.last)


def creation_is_due(world: World, planned: Planned, change: CreateTask) -> None:
    account, content = world.accounts[planned.account_id], change.content
    no_pause_is_broken(world, account, planned.rules)
    assert not (account.snoozed_until and account.snoozed_until > world.today)
    assert account.tier in PAUSES
    assert (content.due_on - world.today).days >= DUE_DAYS[content.severity]
    assert content.due_on.weekday() < 5


def update_leaves_humans_alone(world: World, planned: Planned, change: UpdateTask) -> None:
    kept = world.tasks[change.key]
    assert not kept.humans.keys() & change.changed.keys(), "a human's part is never written"
    assert kept.crm
    assert kept.crm.status in ("open", "deferred")
    no_pause_is_broken(world, world.accounts[planned.account_id], planned.rules.keys() - kept.ours.rules.keys())
    if {"subject", "body"} & change.changed.keys() and world.is_put_off(kept):
        something_is_worse(planned, kept)


def no_pause_is_broken(world: World, account: Account, told: Collection[str]) -> None:
    assert not {one for one in told if is_quiet(world, account, one)}, (told, account, world.today)


def is_quiet(world: World, account: Account, one: str) -> bool:
    """Whether a human ended a task on it, the pause is not over, and it has not become worse since."""
    until, how_bad = account.put_off.get(one, (world.today, Severity.LOW))
    return world.today < until and _badness(account.states[one].severity) <= _badness(how_bad)


def something_is_worse(planned: Planned, kept: Kept) -> None:
    """What a human put off is written to only for something worse than all that it tells."""
    news = [how for one, how in planned.rules.items() if how != kept.ours.rules.get(one)]
    told = max(map(_badness, kept.ours.rules.values()), default=0)
    assert max(map(_badness, news), default=0) > told, (planned, kept)


def has_a_reason(world: World, planned: Planned, key: str) -> None:
    """What we close has ended, is told to the same person elsewhere, has a new reader without room, or is in tier C."""
    account, kept = world.accounts[planned.account_id], world.tasks[key]
    true = {one for one in kept.ours.rules if account.states[one].open}
    elsewhere = {one for other in world.open_on(planned.account_id) if other is not kept for one in other.ours.rules}
    written = {
        one
        for other in world.last.changes
        if other.account_id == planned.account_id and isinstance(other.change, UpdateTask)
        for one in other.rules
    }
    waits = {one for held in world.last.held_back if held.account_id == planned.account_id for one in held.rules}
    assert not (true - elsewhere - written - waits) or account.tier == "C", planned


def nothing_is_left_to_do(world: World) -> None:
    """Planning again, after a cycle without faults, gives nothing but what found room through it."""
    moved = [one for one in world.last.changes if isinstance(one.change, CloseTask) or hands_on(one)]
    waited = {(held.account_id, one) for held in world.last.held_back for one in held.rules}
    again = world.plan()
    if not moved:
        assert not again.changes, again.changes
    for planned in again.changes:
        assert isinstance(planned.change, CreateTask | UpdateTask), again
        of_task = world.tasks.get(planned.change.key)
        news = set(planned.rules) - (set(of_task.ours.rules) if of_task else set())
        assert {(planned.account_id, one) for one in news} <= waited, again


def nothing_is_lost(world: World) -> None:
    """After a cycle without faults every finding is in the account's fields, and told once, or waits visibly, or rests."""
    for name, account in world.accounts.items():
        found = sorted(one for one, state in account.states.items() if state.open)
        assert account.written.get("findings") == (" ".join(found) or None)
        held = [one for one in world.last.held_back if one.account_id == name]
        if any("put off" in one.reason for one in held):
            assert any(world.is_put_off(kept) for kept in world.open_on(name))
        texts_are_up_to_date(world, name)
        for one in found if account.tier in PAUSES else ():
            is_told_once(world, name, one, waits=any(one in some.rules for some in held))


def is_told_once(world: World, name: str, one: str, *, waits: bool) -> None:
    account, tasks = world.accounts[name], world.open_on(name)
    told = sum(one in kept.ours.rules for kept in tasks if kept in world.alive())
    opened_again = any(kept.opened_again and one in kept.ours.rules for kept in tasks)
    assert told <= 1 or not world.routes(account.owner) or opened_again, ("told twice", one, tasks)
    assert told or waits or is_quiet(world, account, one), ("lost", name, one, world.last)


def texts_are_up_to_date(world: World, name: str) -> None:
    """A task tells how bad things are; of one that a human put off, only what is no worse than it says waits."""
    account = world.accounts[name]
    waits = {one for held in world.last.held_back if held.account_id == name for one in held.rules}
    states = {one: state for one, state in account.states.items() if state.open and one not in waits}
    now = {one: str(state.severity) for one, state in states.items()}
    for kept in world.open_on(name):
        told = kept.ours.rules
        put_off, rewritten = world.is_put_off(kept), {"subject", "body"} <= kept.humans.keys()
        if any(other.opened_again for other in world.open_on(name)):
            continue  # it may tell what another tells by now
        if rewritten or kept.ours.state != "open" or account.tier not in PAUSES or not world.routes(account.owner):
            continue
        if not put_off:
            assert {one: told[one] for one in told if one in now} == {one: now[one] for one in told if one in now}
        worst = max(map(_badness, told.values()), default=0)
        assert all(_badness(now[one]) <= worst for one in told if one in now), ("worse, and not told", kept)


def what_humans_wrote_stands(world: World) -> None:
    for kept in world.tasks.values():
        for part, value in kept.humans.items():
            if part != "status" and not (part == "ended_at" and kept.crm and kept.crm.status != value):
                assert getattr(kept.crm, part) == value, (part, kept)


def a_text_tells_its_findings(world: World) -> None:
    under_way = {getattr(planned.change, "key", "") for planned, _ in world.unanswered}
    for kept in world.tasks.values():
        if kept.ours.key in under_way:
            continue
        if kept.crm and not kept.ended and "body" not in kept.humans and kept.ours.state == "open":
            assert all(one in kept.crm.body for one in kept.ours.rules)


def _badness(severity: str) -> int:
    return BADNESS.index(str(severity))


def hands_on(planned: Planned) -> bool:
    return isinstance(planned.change, UpdateTask) and "assignee_id" in planned.change.changed
