"""Which notices were given, and what the ledger knows of what they tell: outages, and tasks that we closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, delete, func, select

from sync.store.ledger_tables import CycleRow, NoticeRow, OutboxRow, TaskRow
from sync.store.sql import chunks, insert, table_of

_NOTICES, _CYCLES, _OUTBOX, _TASKS = (table_of(row) for row in (NoticeRow, CycleRow, OutboxRow, TaskRow))
_FAILING, _WELL = "failing:", "well:"


def claim(engine: Engine, key: str, more: Iterable[str] = (), *, now: datetime) -> bool:
    """Note that this notice is given from now on, with what it tells of `more`; false if it was before.

    Committed before anything is sent: a worker that dies in between leaves a notice unsent, and never sends one twice.
    """
    rows = [{"key": one, "given_at": now} for one in (key, *more)]
    with engine.begin() as db:
        wanted = insert(db, _NOTICES).on_conflict_do_nothing().returning(_NOTICES.c.key)
        if db.execute(wanted.values(**rows[0])).first() is None:
            return False
        for row in rows[1:]:
            db.execute(wanted.values(**row))
    return True


def release(engine: Engine, keys: Iterable[str]) -> None:
    """These were not given after all: nobody took them."""
    with engine.begin() as db:
        for some in chunks(keys):
            db.execute(delete(_NOTICES).where(_NOTICES.c.key.in_(some)))


def given(engine: Engine, keys: Collection[str]) -> dict[str, datetime]:
    """When each of these was given, by key; the others are absent."""
    n = _NOTICES.c
    with engine.connect() as db:
        return dict(
            row for some in chunks(keys) for row in db.execute(select(n.key, n.given_at).where(n.key.in_(some))).all()
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Outage:
    """Cycles of a connection that failed one after the other: the first, when it began and the last ended, and why."""

    connection: str
    first_cycle: int
    since: datetime
    until: datetime
    cause: str

    @property
    def failing_key(self) -> str:
        """The key of the notice that it began."""
        return f"{_FAILING}{self.first_cycle}"

    @property
    def well_key(self) -> str:
        """The key of the notice that it is over."""
        return f"{_WELL}{self.first_cycle}"


def outage(engine: Engine, connection: str) -> Outage | None:
    """The cycles that failed since the last one that did not, None where the newest one did not fail."""
    c = _CYCLES.c
    ended = (c.connection == connection, c.ended_at.is_not(None))
    good = select(func.coalesce(func.max(c.id), 0)).where(*ended, c.error == "").scalar_subquery()
    failed = select(_CYCLES).where(*ended, c.id > good).order_by(c.id)
    with engine.connect() as db:
        first = db.execute(failed.limit(1)).first()
        last = db.execute(failed.order_by(None).order_by(c.id.desc()).limit(1)).first()
    if first is None or last is None:
        return None
    return Outage(
        connection=connection, first_cycle=first.id, since=first.started_at, until=last.ended_at, cause=last.error
    )


def outages_told(engine: Engine) -> list[Outage]:
    """Outages of which the beginning was told and the end not yet; `until` is the first good cycle since, or now."""
    n, c = _NOTICES.c, _CYCLES.c
    with engine.connect() as db:
        keys = list(db.execute(select(n.key).where(n.key.startswith(_FAILING) | n.key.startswith(_WELL))).scalars())
        told, over = (
            {int(key.removeprefix(kind)) for key in keys if key.startswith(kind)} for kind in (_FAILING, _WELL)
        )
        rows = db.execute(select(_CYCLES).where(c.id.in_(told - over)).order_by(c.id)).all()
    return [
        Outage(connection=row.connection, first_cycle=row.id, since=row.started_at, until=row.ended_at, cause=row.error)
        for row in rows
    ]


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """A task that we closed: whose it was, which rules it told, and the reason told on it."""

    account_id: str
    assignee_id: str
    rules: frozenset[str]
    reason: str


def closed_since(engine: Engine, connection: str, since: datetime) -> list[Closed]:
    """The tasks that we closed since then, in the order in which we did."""
    o, t = _OUTBOX.c, _TASKS.c
    same = and_(t.connection == o.connection, t.key == o.subject)
    closings = (o.connection == connection, o.op == "close_task", o.state == "done", o.created_at >= since)
    columns = (t.account_id, t.assignee_id, t.rules, o.change["reason"].as_string())
    with engine.connect() as db:
        rows = db.execute(select(*columns).join(_TASKS, same).where(*closings).order_by(o.id))
        return [
            Closed(account_id=account_id, assignee_id=assignee_id, rules=frozenset(rules), reason=reason)
            for account_id, assignee_id, rules, reason in rows
        ]
