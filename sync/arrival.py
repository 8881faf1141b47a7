"""What became of a change whose answer was lost, by the task that the CRM has now. Pure.

Between the crash and the look-up a human may have been there. A part that reads as it was sent is ours; any other was
changed since and stays the human's: it is measured against what was sent, as it would be against an answer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.protocol import TaskState
from sync.plan import as_written

_TEXTS = ("subject", "body")
_MAY_BE_CUT = 10_000  # characters: no CRM cuts a text that is shorter


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A row of the outbox whose outcome is not known; `before` is what the CRM held of what it replaces."""

    id: int
    op: str
    subject: str
    change: Mapping[str, Any]
    before: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """What the ledger learns from a change that is in the CRM: values of the task's row, and parts that we wrote."""

    ledger: Mapping[str, Any] = field(default_factory=dict)
    written: Mapping[str, Any] = field(default_factory=dict)
    closed: bool = False


def arrival(sent: Sent, task: TaskState | None) -> Arrival | None:
    """What arrived of a change, by its task as the CRM has it (None: it has none); None where nothing did."""
    if task is None:
        return None
    match sent.op:
        case "create_task":
            return _created(sent.change["content"], task)
        case "update_task":
            return _updated(sent, task)
        case "close_task" if task.status == "completed" and _closed_by_us(sent.change["body"], task):
            return Arrival(closed=True)
        case _:
            return None


def _created(content: Mapping[str, Any], task: TaskState) -> Arrival:
    now = as_written(task)
    written = {part: now[part] if _reads(task, part, content[part]) else content[part] for part in now}
    return Arrival(ledger={"state": "open", "crm_id": task.id}, written=written)


def _updated(sent: Sent, task: TaskState) -> Arrival | None:
    """A part that reads as sent, and did not before, proves that all arrived; one that was so before proves nothing."""
    changed, before = sent.change["changed"], sent.before or {}
    ours = [part for part, value in changed.items() if _reads(task, part, value)]
    if all(_same(part, str(before.get(part) or ""), str(changed[part])) for part in ours):
        return None
    reader = {"assignee_id": changed["assignee_id"]} if "assignee_id" in changed else {}
    now = as_written(task)
    return Arrival(ledger={"rules": sent.change["rules"], **reader}, written={part: now[part] for part in ours})


def _closed_by_us(body: str | None, task: TaskState) -> bool:
    """A human may have completed it before we came: our closing puts its reason on top of the text that it sends."""
    reason = _bare((body or "").partition("\n")[0])
    return any(reason in _bare(text) for text in _readings(task.body))


def _reads(task: TaskState, part: str, value: Any) -> bool:
    return _same(part, str(as_written(task)[part] or ""), str(value))


def _same(part: str, seen: str, sent: str) -> bool:
    """Whether the CRM's value is the one that was sent. CRMs put texts into HTML, tidy it, and cut what is too long."""
    if part not in _TEXTS:
        return seen == sent
    wanted = _bare(sent)
    return any(_fits(_bare(text), wanted) for text in _readings(seen))


def _fits(seen: str, wanted: str) -> bool:
    return seen == wanted or (len(seen) > _MAY_BE_CUT and wanted.startswith(seen))


def _readings(text: str) -> tuple[str, str]:
    """As plain text, and as HTML: a plain `<b>` is one in a name, and markup in a body."""
    return text, html.unescape(re.sub(r"<[^>]*>", "", text))


def _bare(text: str) -> str:
    return "".join(one for one in text if one.isprintable() and not one.isspace())
