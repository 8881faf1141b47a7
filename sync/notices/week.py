"""The digests of a week, read from the store: no CRM is asked, and no account judged."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from rules.rule import Severity
from rules.workdays import add_workdays
from sync.config import Config
from sync.findings import FindingState, worst_first
from sync.notices.digest import Desk, Digest, Item, Kind, in_order
from sync.people import People
from sync.plan import OurTask
from sync.store import held_back, ledger, notices, spans, written
from sync.store.holidays import read_holidays
from sync.store.people import read_users
from sync.store.sql import chunks

WEEK = timedelta(days=7)
ESCALATE_WORKDAYS = 10  # past due, facts/domain.md 3
_ESCALATED = (Severity.CRITICAL, Severity.HIGH)


@dataclass(frozen=True, kw_only=True)
class Week:
    """The digests, and how many lines of whom nobody is told, by name: their manager is not known or has no address."""

    digests: tuple[Digest, ...]
    unheard: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """One connection, read for the week that ends now."""

    engine: Engine
    config: Config
    connection: str
    now: datetime
    people: People
    names: Mapping[str, str]
    tasks: Mapping[str, list[OurTask]]  # by account

    @property
    def today(self) -> date:
        return self.now.astimezone(self.config.timezone).date()


def week(engine: Engine, config: Config, now: datetime) -> Week:
    """What managers are told of the seven days to `now`, over all connections, by the managers' addresses.

    A finding that was escalated before is not escalated again.
    """
    desks: defaultdict[str, dict[str, Desk]] = defaultdict(dict)
    names: dict[str, str] = {}
    unheard: Counter[str] = Counter()
    for connection in config.connections:
        reading = _read(engine, config, connection, now)
        users = reading.people.users
        for user_id, desk in _desks(reading).items():
            manager, person = users.get(reading.people.superior(user_id) or ""), users.get(user_id)
            if manager and manager.email:
                names[manager.email] = manager.name
                mine, who = desks[manager.email], (person and person.email) or f"{connection}:{user_id}"
                mine[who] = mine[who].with_more(desk) if who in mine else desk
            elif desk.items:
                unheard[desk.name] += len(desk.items)
    digests = (Digest(to=to, name=names[to], desks=tuple(some.values())) for to, some in sorted(desks.items()))
    return Week(digests=tuple(one for one in digests if one.has_news), unheard=dict(sorted(unheard.items())))


def _read(engine: Engine, config: Config, connection: str, now: datetime) -> _Reading:
    with engine.connect() as db:
        users = read_users(db, connection)
    return _Reading(
        engine=engine,
        config=config,
        connection=connection,
        now=now,
        people=People.of(
            users,
            config.people,
            queue_id=config.queue_id(connection),
            holidays=read_holidays(engine, connection, now.year),
        ),
        names=written.account_names(engine, connection),
        tasks=ledger.read_tasks(engine, connection),
    )


def _desks(reading: _Reading) -> dict[str, Desk]:
    """Everything there is to tell, by the id of the person it is told of."""
    tasks = [task for some in reading.tasks.values() for task in some if task.state == "open"]
    counted = Counter(task.reader for task in tasks)
    items: defaultdict[str, list[Item]] = defaultdict(list)
    for user_id, item in (*_open(reading), *_closed(reading), *_waiting(reading)):
        items[user_id].append(item)
    return {
        user_id: Desk(
            name=reading.people.name(user_id),
            open=counted[user_id],
            items=in_order(items[user_id]),
        )
        for user_id in (*counted, *(one for one in list(items) if one not in counted))
    }


def _open(reading: _Reading) -> Iterator[tuple[str, Item]]:
    """Yield open tasks that are new or overdue, by reader."""
    new = written.made_since(reading.engine, reading.connection, reading.now - WEEK)
    states = _states(reading, reading.tasks)
    told_before = notices.given(
        reading.engine,
        [_key(reading, account_id, state) for account_id, some in states.items() for state in some.values()],
    )
    for account_id, some in reading.tasks.items():
        worst = worst_first(states.get(account_id, {}))
        for task in some:
            told = [state for state in worst if state.rule in task.rules]
            keys = [_key(reading, account_id, state) for state in told if _is_escalated(reading, task, state)]
            fresh = tuple(key for key in keys if key not in told_before)
            if kind := _kind(reading, task, fresh, is_new=task.key in new):
                yield (
                    task.reader,
                    Item(
                        kind=kind,
                        account=reading.names.get(account_id, account_id),
                        why="; ".join(state.text.headline for state in told),
                        due_on=_due_on(task),
                        keys=fresh,
                    ),
                )


def _kind(reading: _Reading, task: OurTask, escalated: Collection[str], *, is_new: bool) -> Kind | None:
    """Why a task is told, None for one that is neither new nor overdue."""
    due_on = _due_on(task)
    if task.state != "open":
        return None
    if escalated:
        return Kind.ESCALATED
    if due_on and due_on < reading.today and not task.snoozed(reading.today):
        return Kind.OVERDUE
    return Kind.NEW if is_new else None


def _is_escalated(reading: _Reading, task: OurTask, state: FindingState) -> bool:
    """Whether a finding that is severe and still true is on a task that is past due for long."""
    due_on = _due_on(task)
    if due_on is None or task.snoozed(reading.today) or state.severity not in _ESCALATED or state.not_raised_since:
        return False
    reader = reading.people.users.get(task.reader)
    off = reading.people.holidays | reading.config.calendar.days_off(reader.email if reader else "", due_on.year)
    return add_workdays(due_on, ESCALATE_WORKDAYS, off) <= reading.today


def _key(reading: _Reading, account_id: str, state: FindingState) -> str:
    """Of one finding: raised anew after it ended, it is another."""
    return f"escalated:{reading.connection}:{account_id}:{state.rule}:{state.raised_at.isoformat()}"


def _due_on(task: OurTask) -> date | None:
    """When it is due in the CRM, or as we wrote it until it is seen there."""
    if task.actual:
        return task.actual.due_on
    due_on = task.written.get("due_on")
    return date.fromisoformat(due_on) if due_on else None


def _states(reading: _Reading, account_ids: Iterable[str]) -> ledger.States:
    found: ledger.States = {}
    for some in chunks(account_ids):
        found |= ledger.read_states(reading.engine, reading.connection, among=some)
    return found


def _closed(reading: _Reading) -> Iterator[tuple[str, Item]]:
    """Yield tasks that we closed in the week because a finding of theirs had cleared."""
    # It was clear for twenty hours before it counted as gone, longer where no cycle ran meanwhile.
    ended = spans.read(reading.engine, reading.connection, since=reading.now - 2 * WEEK)
    cleared = {(span.account_id, span.rule) for span in ended if span.ended_as == "clear"}
    for one in notices.closed_since(reading.engine, reading.connection, reading.now - WEEK):
        if any((one.account_id, rule) in cleared for rule in one.rules):
            name = reading.names.get(one.account_id, one.account_id)
            yield one.assignee_id, Item(kind=Kind.CLOSED, account=name, why=one.reason)


def _waiting(reading: _Reading) -> Iterator[tuple[str, Item]]:
    """Yield what waits for room; a preview gives nobody anything, so that nothing waits."""
    held = held_back.read(reading.engine, reading.connection) if reading.config.writeback.mode == "live" else []
    waiting = [one for one in held if one.place]
    states = _states(reading, {one.account_id for one in waiting})
    for one in waiting:
        told = [state for state in worst_first(states.get(one.account_id, {})) if state.rule in one.rules]
        why = "; ".join(state.text.headline for state in told)
        yield (
            one.assignee_id,
            Item(
                kind=Kind.WAITING,
                account=one.account_name,
                why=why,
                place=one.place,
                queue_length=one.queue_length,
            ),
        )
