"""Changes on their way to the CRM: written down before they are sent, settled when the answer is known.

    pending -> sending -> done | rejected | unknown -> done | lapsed
                               rejected -> retried | dropped, by `holdfast parked`

`sending` is committed before the request. What a crash or a lost answer leaves in `sending` or `unknown` is looked up
in the CRM by key before anything is sent again; what is not there is `lapsed` and planned anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, and_, exists, func, or_, select, update

from connectors.protocol import (
    Ambiguous,
    Change,
    CloseTask,
    CreateTask,
    Done,
    Outcome,
    Rejected,
    SetFields,
    Superseded,
    TaskState,
    UpdateTask,
)
from sync.arrival import Arrival, Sent, arrival
from sync.plan import HeldBack, Plan, Planned, as_written
from sync.store import ledger
from sync.store.before import values_before
from sync.store.ledger_tables import OutboxRow
from sync.store.sql import insert, table_of

_OUTBOX = table_of(OutboxRow)
_UNASSIGNABLE = "may not own tasks"
_OPERATIONS = {CreateTask: "create_task", UpdateTask: "update_task", CloseTask: "close_task", SetFields: "set_fields"}


def operation(change: Change) -> str:
    """create_task | update_task | close_task | set_fields."""
    return _OPERATIONS[type(change)]


def send(engine: Engine, plan: Plan, *, cycle: int, now: datetime) -> dict[int, Planned]:
    """Write the plan down as `sending`, and its new tasks into the ledger, in one transaction; return it by row id."""
    rows: dict[int, Planned] = {}
    with engine.begin() as db:
        before = values_before(db, plan.connection, [planned.change for planned in plan.changes])
        for planned in plan.changes:
            row = {
                "connection": plan.connection,
                "subject": _subject(planned.change),
                "cycle": cycle,
                "op": operation(planned.change),
                "change": _as_sent(planned),
                "before": before.get(_subject(planned.change)),
                "state": "sending",
                "message": "",
                "created_at": now,
            }
            row_id = db.execute(insert(db, _OUTBOX).values(**row).returning(_OUTBOX.c.id)).scalar_one()
            rows[row_id] = planned
            if isinstance(planned.change, CreateTask):
                _plan_task(db, plan.connection, planned, now)
    return rows


def _plan_task(db: Connection, connection: str, planned: Planned, now: datetime) -> None:
    assert isinstance(planned.change, CreateTask)
    values = {
        "account_id": planned.account_id,
        "route": planned.route,
        "state": "planned",
        "assignee_id": planned.assignee_id,
        "rules": dict(planned.rules),
        "written": {},
        "created_at": now,
        "crm_id": "",
        "ended_how": "",
    }
    ledger.save_task(db, connection, planned.change.key, values)


def settle(
    engine: Engine, connection: str, outcomes: Sequence[tuple[int, Planned, Outcome]], *, cycle: int, now: datetime
) -> None:
    """Commit outcomes to the outbox and the ledger, in one transaction."""
    with engine.begin() as db:
        for row_id, planned, outcome in outcomes:
            match outcome:
                case Done(task=task):
                    _settle_row(db, row_id, "done", "", now)
                    _done(db, connection, planned, task, now)
                    if task:
                        ledger.remember_task(db, connection, task, cycle)
                case Rejected(passing=True, message=message):
                    # Not `rejected`: nothing holds it back from the next cycle.
                    _settle_row(db, row_id, "lapsed", message, now)
                    ledger.delete_planned(db, connection, _subject(planned.change))
                case Rejected(code=code, message=message, unassignable=unassignable):
                    told = f"{code}: {message}" if code else message
                    _settle_row(db, row_id, "rejected", f"{_UNASSIGNABLE}: {told}" if unassignable else told, now)
                    ledger.delete_planned(db, connection, _subject(planned.change))
                case Superseded(account_id=into):
                    # Not `rejected`: the next cycle plans for the account that it was merged into.
                    _settle_row(db, row_id, "lapsed", f"merged into {into}", now)
                    ledger.delete_planned(db, connection, _subject(planned.change))
                case Ambiguous(message=message):
                    _settle_row(db, row_id, "unknown", message, None)


def _done(db: Connection, connection: str, planned: Planned, task: TaskState | None, now: datetime) -> None:
    match planned.change:
        case CreateTask(key=key):
            values: dict[str, Any] = {"state": "open", "crm_id": task.id if task else ""}
            ledger.change_task(db, connection, key, values | _written(task))
        case UpdateTask(key=key, changed=changed):
            ledger.change_task(db, connection, key, {"rules": dict(planned.rules), **_new_reader(changed)})
            if task:
                ledger.note_written(db, connection, key, _parts(task, changed))
        case CloseTask(key=key):
            ledger.end_task(db, connection, key, "closed", now)
        case SetFields(account_id=account_id, fields=fields):
            ledger.remember_fields(db, connection, account_id, fields)


def _new_reader(changed: Mapping[str, Any]) -> dict[str, Any]:
    return {"assignee_id": changed["assignee_id"]} if "assignee_id" in changed else {}


def _written(task: TaskState | None) -> dict[str, Any]:
    return {"written": as_written(task)} if task else {}


def _parts(task: TaskState, changed: Iterable[str]) -> dict[str, Any]:
    """Only what we wrote: the rest may be a human's, and must not pass for ours from now on."""
    now = as_written(task)
    return {part: now[part] for part in changed if part in now}


def parked(engine: Engine, connection: str, *, since: datetime) -> dict[str, tuple[dict[str, Any], str]]:
    """What the CRM refused after `since`, or an operator dropped: subject to (the change as sent, the message)."""
    o, later = _OUTBOX.c, _OUTBOX.alias("later")
    refused = or_(and_(o.state == "rejected", o.settled_at > since), o.state == "dropped")
    taken = exists().where(
        later.c.connection == o.connection, later.c.subject == o.subject, later.c.state == "done", later.c.id > o.id
    )
    with engine.connect() as db:
        rows = db.execute(
            select(o.subject, o.change, o.message).where(o.connection == connection, refused, ~taken).order_by(o.id)
        )
        return {row.subject: (row.change, row.message) for row in rows}


def hold_back_parked(plan: Plan, refused: Mapping[str, tuple[dict[str, Any], str]]) -> Plan:
    """Return the plan without what the CRM has just refused in the same form: it would refuse it again."""
    changes, held_back = [], list(plan.held_back)
    for planned in plan.changes:
        sent, message = refused.get(_subject(planned.change), (None, ""))
        if sent is not None and _essence(sent) == _essence(_as_sent(planned)):
            held_back.append(
                HeldBack(
                    account_id=planned.account_id,
                    account_name=planned.account_name,
                    rules=tuple(planned.rules),
                    reason=f"parked: the CRM refused it ({message})",
                    assignee_id=planned.assignee_id,
                )
            )
        else:
            changes.append(planned)
    return replace(plan, changes=tuple(changes), held_back=tuple(held_back))


def unassignable(engine: Engine, connection: str, *, since: datetime) -> frozenset[str]:
    """Ids of the people to whom the CRM would give no task after `since`."""
    o = _OUTBOX.c
    statement = select(o.change).where(
        o.connection == connection, o.state == "rejected", o.settled_at > since, o.message.startswith(_UNASSIGNABLE)
    )
    with engine.connect() as db:
        sent = db.execute(statement).scalars().all()
    named = ((one.get("content") or one.get("changed") or {}).get("assignee_id") for one in sent)
    return frozenset(filter(None, named))


def _essence(sent: Mapping[str, Any]) -> Any:
    """What decides whether a refusal holds: a new task's due date moves daily and does not count."""
    content = sent.get("content")
    return {**sent, "content": {**content, "due_on": None, "body": None}} if content else sent


def _as_sent(planned: Planned) -> dict[str, Any]:
    told: dict[str, Any] = orjson.loads(orjson.dumps(asdict(planned.change)))
    return {**told, "rules": dict(planned.rules), "route": planned.route}


def unsettled(engine: Engine, connection: str) -> list[Sent]:
    """Rows in `sending` or `unknown`: left by a crash, or by an answer that was lost."""
    o = _OUTBOX.c
    with engine.connect() as db:
        rows = db.execute(
            select(o.id, o.op, o.subject, o.change, o.before)
            .where(o.connection == connection, o.state.in_(("pending", "sending", "unknown")))
            .order_by(o.id)
        ).mappings()
        return [Sent(**row) for row in rows]


def settle_by_lookup(
    engine: Engine, connection: str, rows: Iterable[Sent], found: Mapping[str, TaskState], now: datetime
) -> list[Sent]:
    """Settle rows by what the CRM was seen to hold: what arrived is done and returned, the rest is planned anew."""
    there = []
    with engine.begin() as db:
        for row in rows:
            arrived = arrival(row, found.get(row.subject))
            if arrived:
                there.append(row)
                _arrived(db, connection, row.subject, arrived, now)
            elif row.op == "create_task":
                ledger.delete_planned(db, connection, row.subject)
            # Not `rejected`: the CRM never refused it, so nothing holds it back.
            _settle_row(db, row.id, "done" if arrived else "lapsed", "", now)
    return there


def _arrived(db: Connection, connection: str, key: str, arrived: Arrival, now: datetime) -> None:
    if arrived.closed:
        ledger.end_task(db, connection, key, "closed", now)
        return
    ledger.change_task(db, connection, key, arrived.ledger)
    ledger.note_written(db, connection, key, arrived.written)


def _settle_row(db: Connection, row_id: int, state: str, message: str, now: datetime | None) -> None:
    db.execute(
        update(_OUTBOX).where(_OUTBOX.c.id == row_id).values(state=state, message=message[:2000], settled_at=now)
    )


def count(engine: Engine, connection: str) -> dict[str, int]:
    """Rows by state."""
    statement = (
        select(_OUTBOX.c.state, func.count()).where(_OUTBOX.c.connection == connection).group_by(_OUTBOX.c.state)
    )
    with engine.connect() as db:
        return dict(db.execute(statement).all())


def count_new(engine: Engine, connection: str, *, since: datetime) -> Counter[str]:
    """Tasks made since then, by the person who got them first; ended ones and those handed on too."""
    o = _OUTBOX.c
    reader = o.change["content"]["assignee_id"].as_string()
    statement = select(reader, func.count()).where(
        o.connection == connection, o.op == "create_task", o.state == "done", o.created_at >= since
    )
    with engine.connect() as db:
        return Counter(dict(db.execute(statement.group_by(reader)).all()))


def has_written(engine: Engine, connection: str) -> bool:
    """Whether anything of ours ever arrived in the CRM."""
    statement = select(_OUTBOX.c.id).where(_OUTBOX.c.connection == connection, _OUTBOX.c.state == "done").limit(1)
    with engine.connect() as db:
        return db.execute(statement).first() is not None


def _subject(change: Change) -> str:
    return f"fields:{change.account_id}" if isinstance(change, SetFields) else change.key
