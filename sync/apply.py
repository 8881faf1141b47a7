"""From the plan into the CRM, each change at most once in effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Engine

from connectors.errors import RejectedError
from connectors.protocol import Ambiguous, Connector, CreateTask, Done, Outcome, Rejected, Superseded, TaskState
from sync import outbox
from sync.leash import Leash
from sync.plan import Plan, Planned

log = structlog.get_logger()

_COMMIT_EVERY = 50  # outcomes; what a crash loses of them is looked up again
_COUNTED = {"create_task": "created", "update_task": "updated", "close_task": "closed", "set_fields": "fields"}


def apply(
    engine: Engine,
    connector: Connector,
    plan: Plan,
    *,
    cycle: int,
    now: datetime,
    leash: Leash | None = None,
    written: Counter[str] | None = None,
) -> None:
    """Send the plan; what became of it is added to `written` as it is settled, so that no error takes the counts along:
    created, updated, closed, fields, rejected, superseded, and unknown where the answer was lost. What is found to have
    arrived all the same counts as such too.

    Raises ConnectorError when the CRM cannot be written to any more, or refused something for a reason that passes, or
    when the leash is at its end; what was sent by then is settled.
    """
    leash, written = leash or Leash(), Counter() if written is None else written
    leash.check()
    if not plan.changes:
        return
    rows = outbox.send(engine, plan, cycle=cycle, now=now)
    row_ids = {id(planned.change): (row_id, planned) for row_id, planned in rows.items()}
    unsettled: list[tuple[int, Planned, Outcome]] = []
    passing: list[Rejected] = []
    try:
        for change, outcome in connector.apply([planned.change for planned in plan.changes]):
            unsettled.append((*row_ids[id(change)], outcome))
            passing += [outcome] if isinstance(outcome, Rejected) and outcome.passing else []
            if len(unsettled) >= _COMMIT_EVERY:
                _settle(engine, connector.name, unsettled, written, cycle=cycle, now=now)
                leash.check()
    finally:
        _settle(engine, connector.name, unsettled, written, cycle=cycle, now=now)
    if written["unknown"]:
        written.update(recover(engine, connector, now=now))
    if passing:
        raise RejectedError(passing[0].message, passing[0].code)


def _settle(
    engine: Engine,
    connection: str,
    outcomes: list[tuple[int, Planned, Outcome]],
    written: Counter[str],
    *,
    cycle: int,
    now: datetime,
) -> None:
    """Commit these outcomes, count them, and empty the list."""
    outbox.settle(engine, connection, outcomes, cycle=cycle, now=now)
    written.update(_counted(planned, outcome) for _, planned, outcome in outcomes)
    outcomes.clear()


def already_there(connector: Connector, plan: Plan) -> dict[str, TaskState]:
    """Tasks that the plan would make and that the CRM has already, in whatever state, by key."""
    keys = [planned.change.key for planned in plan.changes if isinstance(planned.change, CreateTask)]
    return dict(connector.find_tasks(keys)) if keys else {}


def as_they_stand(connector: Connector, keys: Sequence[str]) -> dict[str, TaskState]:
    """Tasks of these keys as the CRM has them at this moment, deleted ones too; nothing is written."""
    if not keys:
        return {}
    connector.capabilities()  # a connector asks for a reader's answer only where it knows of the field
    return dict(connector.find_tasks(keys))


def _counted(planned: Planned, outcome: Outcome) -> str:
    match outcome:
        case Done():
            return _COUNTED[outbox.operation(planned.change)]
        case Rejected(code=code, message=message):
            log.warning("change_rejected", op=outbox.operation(planned.change), code=code, reason=message)
            return "rejected"
        case Superseded(account_id=into):
            log.info("change_superseded", op=outbox.operation(planned.change), merged_into=into)
            return "superseded"
        case Ambiguous(message=message):
            log.warning("answer_lost", op=outbox.operation(planned.change), reason=message)
            return "unknown"


def recover(engine: Engine, connector: Connector, *, now: datetime) -> Counter[str]:
    """Look up in the CRM what a crash or a lost answer left open, and settle it; return counts of what has arrived."""
    rows = outbox.unsettled(engine, connector.name)
    if not rows:
        return Counter()
    keys = [row.subject for row in rows if row.op != "set_fields"]
    found = dict(connector.find_tasks(keys)) if keys else {}
    arrived = outbox.settle_by_lookup(engine, connector.name, rows, found, now)
    log.info("unsettled_changes_looked_up", connection=connector.name, rows=len(rows), arrived=len(arrived))
    return Counter(_COUNTED[row.op] for row in arrived)
