"""What we found, wrote and remember: reads and writes of the ledger, per connection."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, delete, func, or_, select, update

from connectors.protocol import TaskState
from rules.rule import Clear, NotApplicable, Raised, Severity, Unknown, Verdict
from sync.findings import FindingState, text_as_json, text_from_json
from sync.plan import OurTask, as_written
from sync.store import evaluations, forgotten, spans
from sync.store.ledger_tables import FindingRow, OutboxRow, SnapshotRow, TaskRow, VerdictRow
from sync.store.prepared import upsert_whole
from sync.store.sql import PULLED, insert, table_of
from sync.wording import closed_by_us

_FINDINGS, _TASKS, _VERDICTS, _SNAPSHOTS, _OUTBOX = (
    table_of(row) for row in (FindingRow, TaskRow, VerdictRow, SnapshotRow, OutboxRow)
)
_CRM_TASKS = PULLED["crm_tasks"]
_SEEN = (
    *("key", "id", "status", "account_id", "assignee_id", "subject", "body", "due_on"),
    *("created_at", "ended_at", "feedback"),
)
_WORDS = {Raised: "raised", Clear: "clear", Unknown: "unknown", NotApplicable: "not_applicable"}
UNFINISHED = ("planned", "open")
_ENDED = ("completed", "deleted")  # by a human
States = dict[str, dict[str, FindingState]]  # account id -> rule -> state


def read_states(
    engine: Engine, connection: str, account_id: str | None = None, *, among: Collection[str] | None = None
) -> States:
    """Every finding ever raised on the connection's accounts, or on one or some of them, in order of both."""
    states: States = defaultdict(dict)
    chosen = select(_FINDINGS).where(_FINDINGS.c.connection == connection).order_by(*_FINDINGS.primary_key)
    chosen = chosen.where(_FINDINGS.c.account_id == account_id) if account_id else chosen
    chosen = chosen if among is None else chosen.where(_FINDINGS.c.account_id.in_(among))
    with engine.connect() as db:
        for row in db.execute(chosen).mappings():
            known = {name: row[name] for name in row if name not in ("connection", "account_id", "text")}
            known["severity"] = Severity(row["severity"])
            known["quiet_severity"] = Severity(row["quiet_severity"]) if row["quiet_severity"] else None
            states[row["account_id"]][row["rule"]] = FindingState(text=text_from_json(row["text"]), **known)
    return states


def waiting(engine: Engine, connection: str, *, not_raised_by: datetime, unknown_by: datetime) -> list[str]:
    """Accounts with an open finding that has not been raised, or could not be judged, since then."""
    f = _FINDINGS.c
    since = or_(f.not_raised_since <= not_raised_by, f.unknown_since <= unknown_by)
    with engine.connect() as db:
        return list(db.execute(select(f.account_id).where(f.connection == connection, f.open, since)).scalars())


def save_states(db: Connection, connection: str, states: Mapping[str, Iterable[FindingState]]) -> None:
    """Put these findings of accounts into the ledger."""
    rows = [
        {
            "connection": connection,
            "account_id": account_id,
            "rule": state.rule,
            "open": state.open,
            "severity": str(state.severity),
            "text": text_as_json(state.text),
            "raised_at": state.raised_at,
            "not_raised_since": state.not_raised_since,
            "unknown_since": state.unknown_since,
            "ended_why": state.ended_why,
            "quiet_until": state.quiet_until,
            "quiet_why": state.quiet_why,
            "quiet_severity": str(state.quiet_severity or ""),
        }
        for account_id, some in states.items()
        for state in some
    ]
    upsert_whole(db, _FINDINGS, rows)


def save_verdicts(
    db: Connection, connection: str, verdicts: Mapping[str, Mapping[str, Verdict]], now: datetime
) -> None:
    """Replace the newest verdicts of accounts, by account and rule."""
    rows = [
        {"connection": connection, "account_id": account_id, "rule": rule, "judged_at": now, **verdict_as_row(verdict)}
        for account_id, some in verdicts.items()
        for rule, verdict in some.items()
    ]
    upsert_whole(db, _VERDICTS, rows)


def verdict_as_row(verdict: Verdict) -> dict[str, Any]:
    """A verdict in the words of `evaluate --json`."""
    message = verdict.finding.why if isinstance(verdict, Raised) else getattr(verdict, "message", "")
    reason = getattr(verdict, "reason", "")
    return {
        "verdict": verdict_word(verdict),
        "severity": str(verdict.severity) if isinstance(verdict, Raised) else "",
        "reason": str(reason),
        "message": str(message),
        "numbers": dict(verdict.numbers),
    }


def verdict_word(verdict: Verdict) -> str:
    """Raised | clear | unknown | not_applicable."""
    return _WORDS[type(verdict)]


def count_verdicts(engine: Engine, connection: str, rules: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many accounts stand under each verdict, by rule."""
    counted = {rule: dict.fromkeys(("raised", "clear", "unknown", "not_applicable"), 0) for rule in rules}
    live = PULLED["accounts"]
    there = and_(live.c.connection == _VERDICTS.c.connection, live.c.id == _VERDICTS.c.account_id, ~live.c.deleted)
    with engine.connect() as db:
        rows = db.execute(
            select(_VERDICTS.c.rule, _VERDICTS.c.verdict, func.count())
            .join(live, there)
            .where(_VERDICTS.c.connection == connection)
            .group_by(_VERDICTS.c.rule, _VERDICTS.c.verdict)
        )
        for rule, verdict, number in rows:
            if rule in counted:
                counted[rule][verdict] = number
    return counted


def read_our_fields(engine: Engine, connection: str, among: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
    """Our account fields as the CRM has them, by account and logical name, where it has any."""
    table = PULLED["accounts"]
    statement = select(table.c.id, table.c.ours).where(table.c.connection == connection, ~table.c.deleted)
    statement = statement if among is None else statement.where(table.c.id.in_(among))
    with engine.connect() as db:
        return {account_id: ours for account_id, ours in db.execute(statement) if ours}


def remember_fields(db: Connection, connection: str, account_id: str, written: Mapping[str, Any]) -> None:
    """Note the account fields that the CRM has just taken: its index may show them to us only later."""
    table = PULLED["accounts"]
    mine = (table.c.connection == connection, table.c.id == account_id)
    ours = dict(db.execute(select(table.c.ours).where(*mine)).scalar() or {})
    ours |= {name: value.isoformat() if isinstance(value, date) else value for name, value in written.items()}
    kept = {name: value for name, value in ours.items() if value is not None}
    db.execute(update(table).where(*mine).values(ours=kept))


def remember_task(db: Connection, connection: str, task: TaskState, cycle: int) -> None:
    """Note a task as the CRM has just returned it; the next pull of it replaces this."""
    row = {name: getattr(task, name) for name in _SEEN}
    row |= forgotten.read(db, connection).stand_ins(row, ("subject", "body"))
    if not task.feedback:
        # Answers to writes do not tell it; only a pull can say that there is none any more.
        del row["feedback"]
    _upsert(
        db,
        _CRM_TASKS,
        [{**row, "connection": connection, "content": b"", "changed_in": cycle, "deleted": False}],
        key=("connection", "id"),
    )


def save_snapshots(db: Connection, connection: str, day: date, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep how key accounts stood on a day; a later evaluation of that day replaces it."""
    named = {"connection": connection, "day": day}
    upsert_whole(db, _SNAPSHOTS, [{**named, "account_id": account_id, **one} for account_id, one in values.items()])


def read_used_keys(engine: Engine, connection: str) -> frozenset[str]:
    """Every key that a task of ours ever had."""
    with engine.connect() as db:
        return frozenset(db.execute(select(_TASKS.c.key).where(_TASKS.c.connection == connection)).scalars())


def read_tasks(engine: Engine, connection: str) -> dict[str, list[OurTask]]:
    """Unfinished tasks by account, each with what the CRM was last seen to hold."""
    tasks: dict[str, list[OurTask]] = defaultdict(list)
    with engine.connect() as db:
        rows = db.execute(
            select(_TASKS)
            .where(_TASKS.c.connection == connection, _TASKS.c.state.in_(UNFINISHED))
            .order_by(_TASKS.c.key)
        ).mappings()
        seen = _seen(db, connection)
        for row in rows:
            known = {
                name: row[name]
                for name in ("key", "route", "state", "crm_id", "assignee_id", "rules", "written", "adopted_on")
            }
            tasks[row["account_id"]].append(OurTask(**known, actual=seen.get(row["key"])))
    return tasks


def read_history(engine: Engine, connection: str, account_id: str) -> list[dict[str, Any]]:
    """Every task we ever made for an account, oldest first, as a dict of its columns."""
    with engine.connect() as db:
        rows = db.execute(
            select(_TASKS)
            .where(_TASKS.c.connection == connection, _TASKS.c.account_id == account_id)
            .order_by(_TASKS.c.created_at, _TASKS.c.key)
        )
        return [dict(row) for row in rows.mappings()]


def _seen(db: Connection, connection: str) -> dict[str, TaskState]:
    """Our tasks as the CRM has them, by key."""
    rows = db.execute(select(_CRM_TASKS).where(_CRM_TASKS.c.connection == connection)).mappings()
    states = (TaskState(**{name: row[name] for name in _SEEN} | _gone(row)) for row in rows)
    return {state.key: state for state in states}


def _gone(row: Mapping[Any, Any]) -> dict[str, str]:
    return {"status": "deleted"} if row["deleted"] else {}


def unsettled(engine: Engine, connection: str) -> list[tuple[TaskState, str | None, dict[str, str]]]:
    """Tasks in the CRM that the ledger has not caught up with: (as the CRM has it, account if in the ledger, rules).

    These are tasks that a human ended while the ledger has them open, or opened again after having ended them, and
    tasks that the ledger has never seen (after a lost store), for which the account is None. What we closed and a human
    opened again is the human's alone.
    """
    with engine.connect() as db:
        seen = _seen(db, connection)
        ledger = {
            row.key: row
            for row in db.execute(
                select(_TASKS.c.key, _TASKS.c.account_id, _TASKS.c.state, _TASKS.c.ended_how, _TASKS.c.rules).where(
                    _TASKS.c.connection == connection
                )
            )
        }
    found: list[tuple[TaskState, str | None, dict[str, str]]] = []
    for key, state in seen.items():
        row = ledger.get(key)
        if row is None:
            found.append((state, None, {}))
        elif (row.state == "open" and state.status in _ENDED) or (
            row.ended_how in _ENDED and state.status not in _ENDED
        ):
            found.append((state, row.account_id, row.rules))
    return found


def follow_merged_accounts(engine: Engine, connection: str) -> None:
    """Where an account was merged away and the CRM moved our open task, its row and its account's memory move along."""
    loser, winner = PULLED["accounts"].alias("loser"), PULLED["accounts"].alias("winner")
    moved = (
        select(_TASKS.c.key, _TASKS.c.account_id, winner.c.id)
        .join(_CRM_TASKS, and_(_CRM_TASKS.c.connection == connection, _CRM_TASKS.c.key == _TASKS.c.key))
        .join(loser, and_(loser.c.connection == connection, loser.c.id == _TASKS.c.account_id, loser.c.deleted))
        .join(
            winner, and_(winner.c.connection == connection, winner.c.id == _CRM_TASKS.c.account_id, ~winner.c.deleted)
        )
        .where(_TASKS.c.connection == connection, _TASKS.c.state == "open")
    )
    with engine.begin() as db:
        for key, old, new in db.execute(moved).all():
            change_task(db, connection, key, {"account_id": new})
            known = select(_FINDINGS.c.rule).where(_FINDINGS.c.connection == connection, _FINDINGS.c.account_id == new)
            mine = (_FINDINGS.c.connection == connection, _FINDINGS.c.account_id == old, ~_FINDINGS.c.rule.in_(known))
            db.execute(update(_FINDINGS).where(*mine).values(account_id=new))
            spans.follow(db, connection, old, new)
            evaluations.forget(db, connection, [new])


def end_tasks_of_gone_accounts(engine: Engine, connection: str, now: datetime) -> None:
    accounts = PULLED["accounts"]
    gone = select(accounts.c.id).where(accounts.c.connection == connection, accounts.c.deleted)
    where = (_TASKS.c.connection == connection, _TASKS.c.state == "open", _TASKS.c.account_id.in_(gone))
    with engine.begin() as db:
        db.execute(update(_TASKS).where(*where).values(state="ended", ended_how="account gone", ended_at=now))


def end_task(db: Connection, connection: str, key: str, how: str, now: datetime) -> None:
    where = (_TASKS.c.connection == connection, _TASKS.c.key == key)
    db.execute(update(_TASKS).where(*where).values(state="ended", ended_how=how, ended_at=now))


def reopen_task(db: Connection, connection: str, key: str) -> None:
    change_task(db, connection, key, {"state": "open", "ended_how": "", "ended_at": None})


def adopt_task(db: Connection, connection: str, state: TaskState, told: Iterable[str], now: datetime) -> None:
    """Take a task of ours that the ledger does not know into it; `told` are the rules that its text names.

    How severe they were is known only where it was sent from this store, by a run that was killed meanwhile.
    """
    is_open, ours = state.status in ("open", "deferred"), closed_by_us(state.body)
    sent = db.execute(
        select(_OUTBOX.c.change)
        .where(_OUTBOX.c.connection == connection, _OUTBOX.c.subject == state.key, _OUTBOX.c.op == "create_task")
        .order_by(_OUTBOX.c.id.desc())
    ).scalar()
    row = {
        "connection": connection,
        "key": state.key,
        "account_id": state.account_id or "",
        "route": (sent or {}).get("route", ""),
        "state": "open" if is_open else "ended",
        "crm_id": state.id,
        "assignee_id": state.assignee_id or "",
        "rules": (sent or {}).get("rules") or dict.fromkeys(told, ""),
        "written": as_written(state),
        "created_at": state.created_at or now,
        "ended_at": None if is_open else state.ended_at or now,
        "ended_how": "" if is_open else "closed" if ours else state.status,
        "adopted_on": now.date(),
    }
    _upsert(db, _TASKS, [row], key=("connection", "key"))


def save_task(db: Connection, connection: str, key: str, values: Mapping[str, Any]) -> None:
    """Insert or change one task of the ledger."""
    _upsert(db, _TASKS, [{"connection": connection, "key": key, **values}], key=("connection", "key"))


def change_task(db: Connection, connection: str, key: str, values: Mapping[str, Any]) -> None:
    db.execute(update(_TASKS).where(_TASKS.c.connection == connection, _TASKS.c.key == key).values(**values))


def note_written(db: Connection, connection: str, key: str, parts: Mapping[str, Any]) -> None:
    """Take over parts of a task as the CRM returned them after our writing; the others keep what they had."""
    mine = (_TASKS.c.connection == connection, _TASKS.c.key == key)
    before = db.execute(select(_TASKS.c.written).where(*mine)).scalar() or {}
    db.execute(update(_TASKS).where(*mine).values(written={**before, **parts}))


def delete_planned(db: Connection, connection: str, key: str) -> None:
    """Forget a task that never reached the CRM, so that its key is free again."""
    db.execute(
        delete(_TASKS).where(_TASKS.c.connection == connection, _TASKS.c.key == key, _TASKS.c.state == "planned")
    )


def count_tasks(engine: Engine, connection: str) -> dict[str, int]:
    """Tasks of the ledger by state."""
    statement = select(_TASKS.c.state, func.count()).where(_TASKS.c.connection == connection).group_by(_TASKS.c.state)
    with engine.connect() as db:
        return dict(db.execute(statement).all())


def _upsert(db: Connection, table: Any, rows: Sequence[Mapping[str, Any]], key: tuple[str, ...] = ()) -> None:
    if not rows:
        return
    statement = insert(db, table)
    names = key or tuple(column.name for column in table.primary_key)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in names}
    db.execute(statement.on_conflict_do_update(index_elements=names, set_=changed), list(rows))
