"""A small store in which everything that can name a contact does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from connectors.protocol import CreateTask, Done, Links, Page, TaskContent, TaskState
from rules.rule import Finding, Raised, Severity
from sync import outbox
from sync.findings import FindingState
from sync.plan import Plan, Planned
from sync.store import cycles, ledger
from sync.store.records import save_page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
KEY = "hf1:a1:owner:1"
SUBJECT, BODY = "Acme: only Maria Lopez answers", "Only Maria Lopez (maria@acme.example) answers."
FINDING = Finding(
    headline="Only Maria Lopez answers",
    why="Only Maria Lopez (maria@acme.example) answers; Marianne Lopezzi does not.",
    clears_when="Clears when another answers.",
    first_step="Ask MARIA LOPEZ for an introduction.",
    figures="1x1",
    contact_id="c1",
)


def page() -> Page:
    """What a CRM tells of Acme: a contact with a role, a case and a mailing, a meeting with her, an e-mail from her, our task."""
    rows: dict[str, list[dict[str, Any]]] = {
        "users": [{"id": "u1", "name": "Jana Roth", "email": "jana@seller.example"}],
        "accounts": [
            {
                "id": "a1",
                "name": "Acmé\0 \U0001f600",
                "owner_id": "u1",
                "ours": {"risk": 3, "findings": "Maria Lopez new"},
                "revenue": 0.1,
            }
        ],
        "contacts": [
            {"id": "c1", "account_id": "a1", "name": "Maria Lopez", "email": "maria@acme.example", "created_at": NOW},
            {"id": "c2", "account_id": "a1", "name": "Marianne Lopezzi", "email": "marianne@acme.example"},
        ],
        "contact_roles": [{"id": "r1", "contact_id": "c1", "roles": "decision-maker"}],
        "tickets": [{"id": "k1", "account_id": "a1", "contact_id": "c1", "created_at": NOW}],
        "campaigns": [{"id": "b1", "name": "Bulletin"}],
        "mailings": [{"id": "l1", "contact_id": "c1", "campaign_id": "b1", "got_at": NOW}],
        "activities": [{"id": "m1", "kind": "meeting", "outcome": "held", "at": NOW, "ends_at": NOW}],
        "crm_tasks": [{"id": "t1", "key": KEY, "account_id": "a1", "subject": SUBJECT, "body": BODY}],
    }
    links = [
        {"activity_id": "m1", "side": side, "kind": kind, "target": target}
        for side, kind, target in (
            ("ours", "user", "u1"),
            ("theirs", "contact", "c1"),
            ("theirs", "contact", "c2"),
            ("theirs", "address", "maria@acme.example"),
        )
    ]
    told = Links(source="own", rows=links, replaced=["m1"])
    return Page(rows=rows, links=[told], cursor={"after": "é"}, last=True)


def seen(*, assignee_id: str) -> TaskState:
    """Our task as the CRM has it."""
    return TaskState(
        key=KEY,
        id="t1",
        status="open",
        account_id="a1",
        assignee_id=assignee_id,
        subject=SUBJECT,
        body=BODY,
        due_on=NOW.date(),
    )


def fill(engine: Engine, connection: str = "acme") -> None:
    """The page is stored, and so are a finding about the contact and a task of ours that tells it."""
    cycle = cycles.begin(engine, connection, NOW)
    save_page(engine, connection, "things", page(), cycle=cycle, now=NOW)
    raised = Raised(severity=Severity.HIGH, finding=FINDING, numbers={"by": ["Maria Lopez"]})
    state = FindingState(rule="single-contact", open=True, severity=Severity.HIGH, text=FINDING, raised_at=NOW)
    content = TaskContent(assignee_id="u1", due_on=NOW.date(), severity="high", subject=SUBJECT, body=BODY)
    change = CreateTask(key=KEY, account_id="a1", contact_id="c1", content=content)
    planned = Planned(
        change=change, account_id="a1", account_name="Acme", rules={"single-contact": "high"}, route="owner"
    )
    ((row, _),) = outbox.send(engine, Plan(connection=connection, changes=(planned,)), cycle=cycle, now=NOW).items()
    outbox.settle(engine, connection, [(row, planned, Done(task=seen(assignee_id="u1")))], cycle=cycle, now=NOW)
    with engine.begin() as db:
        ledger.save_verdicts(db, connection, {"a1": {"single-contact": raised}}, NOW)
        ledger.save_states(db, connection, {"a1": [state]})
    cycles.end(engine, cycle, {"complete": ["accounts"], "errors": ["Maria Lopez: no"]}, "Maria Lopez: no", NOW)


def content(engine: Engine) -> dict[str, list[Any]]:
    with engine.connect() as db:
        return {
            name: sorted(tuple(map(str, row)) for row in db.execute(select(table)))
            for name, table in SQLModel.metadata.tables.items()
        }
