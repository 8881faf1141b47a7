"""Every change that we made in a CRM, one entry per value: who, when, where, why, from what to what. Pure.

It tells what we wrote and what that replaced: our own texts, dates, owners and fields. Nothing of anybody's messages
is in it, since we never read them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WHO = "holdfast"
_CREATED = ("assignee_id", "subject", "body", "due_on", "severity")
_OUTCOMES = {"done": "done", "sending": "not known yet", "unknown": "not known yet"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One value that changed. `at` is when the CRM had taken it, or when it was sent where that is not known yet.

    `why` are the rules whose findings it tells, or the reason of a closing. `before` and `after` are None where there
    was nothing, or where nothing is left; `before` of a change from the time when it was not kept is `not kept`.
    """

    at: datetime
    connection: str
    who: str
    cycle: int
    op: str
    account_id: str
    account_name: str
    key: str
    crm_id: str
    why: str
    value: str
    before: str | None
    after: str | None
    outcome: str


HEADER = tuple(Entry.__dataclass_fields__)


def entries(
    rows: Iterable[Mapping[str, Any]],
    *,
    names: Mapping[str, str],
    people: Mapping[str, str],
    task_ids: Mapping[str, str],
) -> Iterator[Entry]:
    """The entries of these rows of the outbox, in their order; a row that changed several values makes several.

    `names` are those of accounts, `people` those of users, `task_ids` the CRM's ids of our tasks by key.
    """
    for row in rows:
        change, fields = row["change"], row["op"] == "set_fields"
        account_id = change["account_id"]
        for value, *both in _values(row["op"], change, row["before"]):
            before, after = (_person(one, people) for one in both) if value == "assignee_id" else both
            yield Entry(
                at=row["settled_at"] or row["created_at"],
                connection=row["connection"],
                who=WHO,
                cycle=row["cycle"],
                op=row["op"],
                account_id=account_id,
                account_name=names.get(account_id, ""),
                key="" if fields else row["subject"],
                crm_id=account_id if fields else task_ids.get(row["subject"], ""),
                why=_why(row["op"], change),
                value=value,
                before=before,
                after=after,
                outcome=_OUTCOMES[row["state"]],
            )


def _values(
    op: str, change: Mapping[str, Any], held: Mapping[str, Any] | None
) -> Iterator[tuple[str, str | None, str | None]]:
    """(value, before, after) of everything that the change says."""
    match op:
        case "create_task":
            yield from ((name, None, _told(change["content"][name])) for name in _CREATED)
            return
        case "update_task":
            after = dict(change["changed"])
        case "close_task":
            after = {"status": "completed"} | ({} if change["body"] is None else {"body": change["body"]})
        case _:
            after = dict(change["fields"])
    for name, value in after.items():
        yield name, "not kept" if held is None else _told(held.get(name)), _told(value)


def _why(op: str, change: Mapping[str, Any]) -> str:
    if op == "close_task":
        return str(change["reason"])
    return ", ".join(change.get("rules", ())) or ("the account's evaluation" if op == "set_fields" else "")


def _person(user_id: str | None, people: Mapping[str, str]) -> str | None:
    return f"{people[user_id]} ({user_id})" if user_id and user_id in people else user_id


def _told(value: Any) -> str | None:
    if value is None or value == "":
        return None
    text = str(value)
    # HubSpot returns a text as the HTML that it made of it.
    if not text.startswith("<"):
        return text
    lines = re.sub(r"</p>\s*(?=<p)", "\n\n", re.sub(r"<br\s*/?>", "\n", text))
    return html.unescape(re.sub(r"<[^>]*>", "", lines))
