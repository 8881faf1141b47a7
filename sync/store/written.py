"""What we wrote into the CRMs, read back: refused changes, the audit, the tasks of a span, what readers answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Select, Table, and_, exists, select, update

from sync.store import ledger
from sync.store.ledger_tables import OutboxRow, TaskRow
from sync.store.sql import PULLED, chunks, table_of

_OUTBOX, _TASKS, _CRM_TASKS = table_of(OutboxRow), table_of(TaskRow), PULLED["crm_tasks"]
_REFUSED = ("rejected", "retried", "dropped")
#: `sending` and `unknown` may have arrived: they are told until they are looked up.
_MADE = ("done", "sending", "unknown")


def refused(engine: Engine, connection: str) -> Iterator[Mapping[str, Any]]:
    """Every refusal of a change that no later attempt at the same subject overcame, oldest first."""
    o, later = _OUTBOX.c, _OUTBOX.alias("later")
    taken = exists().where(
        later.c.connection == o.connection, later.c.subject == o.subject, later.c.state == "done", later.c.id > o.id
    )
    chosen = select(_OUTBOX).where(o.connection == connection, o.state.in_(_REFUSED), ~taken).order_by(o.id)
    with engine.connect() as db:
        yield from map(dict, db.execute(chosen).mappings())


def mark(engine: Engine, connection: str, subjects: Iterable[str], state: str) -> None:
    """What was refused (or dropped) of these subjects is `retried` or `dropped`."""
    o = _OUTBOX.c
    with engine.begin() as db:
        for some in chunks(subjects):
            mine = (o.connection == connection, o.subject.in_(some), o.state.in_(("rejected", "dropped")))
            db.execute(update(_OUTBOX).where(*mine).values(state=state))


def changes_made(engine: Engine, connection: str, since: datetime | None = None) -> Iterator[Mapping[str, Any]]:
    """Every change that the CRM took, or may have taken, in the order in which they were sent."""
    o = _OUTBOX.c
    chosen = select(_OUTBOX).where(o.connection == connection, o.state.in_(_MADE)).order_by(o.id)
    chosen = chosen if since is None else chosen.where(o.created_at >= since)
    with engine.connect() as db:
        yield from map(dict, db.execution_options(yield_per=1000).execute(chosen).mappings())


def account_names(engine: Engine, connection: str) -> dict[str, str]:
    """The name of every account, deleted ones included."""
    return _names(engine, connection, PULLED["accounts"])


def user_names(engine: Engine, connection: str) -> dict[str, str]:
    """The name of every one of ours, inactive ones included."""
    return _names(engine, connection, PULLED["users"])


def _names(engine: Engine, connection: str, table: Table) -> dict[str, str]:
    with engine.connect() as db:
        return dict(db.execute(select(table.c.id, table.c.name).where(table.c.connection == connection)).all())


def task_ids(engine: Engine, connection: str) -> dict[str, str]:
    """The CRM's id of every task that we ever made, by key."""
    with engine.connect() as db:
        return dict(db.execute(select(_TASKS.c.key, _TASKS.c.crm_id).where(_TASKS.c.connection == connection)).all())


def made_since(engine: Engine, connection: str, since: datetime) -> dict[str, datetime]:
    """When each of our open tasks was made, by key; older ones are absent."""
    t = _TASKS.c
    mine = select(t.key, t.created_at).where(t.connection == connection, t.state == "open", t.created_at >= since)
    with engine.connect() as db:
        return dict(db.execute(mine.order_by(t.created_at, t.key)).all())


def open_keys(engine: Engine, connection: str) -> frozenset[str]:
    """The keys of our tasks that are open as far as the ledger knows."""
    t = _TASKS.c
    with engine.connect() as db:
        return frozenset(db.execute(select(t.key).where(t.connection == connection, t.state == "open")).scalars())


def adopt_open(engine: Engine, connection: str, rules: Collection[str], now: datetime) -> int:
    """Take tasks that are open in the CRM and unknown to the ledger into it; return how many."""
    lost = [task for task, account, _ in ledger.unsettled(engine, connection) if account is None]
    found = [task for task in lost if task.status in ("open", "deferred")]
    with engine.begin() as db:
        for task in found:
            ledger.adopt_task(db, connection, task, [rule for rule in rules if rule in task.body], now)
    return len(found)


def answers(engine: Engine, connection: str) -> dict[str, Counter[str]]:
    """How often readers answered `helpful`, `wrong` or `already handled`, by rule: a task answers for all it tells."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    with engine.connect() as db:
        for rules, feedback in db.execute(_answered(connection)).all():
            for rule in rules:
                counted[rule][feedback] += 1
    return dict(counted)


def _answered(connection: str) -> Select[Any]:
    same = and_(_CRM_TASKS.c.connection == _TASKS.c.connection, _CRM_TASKS.c.key == _TASKS.c.key)
    given = (_TASKS.c.connection == connection, _CRM_TASKS.c.feedback != "")
    return select(_TASKS.c.rules, _CRM_TASKS.c.feedback).join(_CRM_TASKS, same).where(*given)


def given_answers(engine: Engine, connection: str) -> dict[str, str]:
    """The answer on each task that has one, by key."""
    c = _CRM_TASKS.c
    with engine.connect() as db:
        return dict(db.execute(select(c.key, c.feedback).where(c.connection == connection, c.feedback != "")).all())
