"""Changes that a CRM refused: what it said, since when, how often, and what to do about it. Pure.

A refused change is held back for 20 hours and then tried once more, as long as it is still due. `retried` takes that
wait away; `dropped` makes it last until something else is to be written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sync.errors import NotFoundError

#: Later than that after its last refusal, a change that is still due would have been tried again.
STILL_DUE = timedelta(days=2)
_CODE = re.compile(r"([A-Z][A-Z0-9_]{2,}): (.*)", re.DOTALL)
_OTHERWISE = "the message is the CRM's own: its admin knows the rule behind it"


@dataclass(frozen=True, kw_only=True, slots=True)
class Parked:
    """One change as it was refused last. `subject` is the task's key, or `fields:<account id>`.

    `state`: `parked`, `given up` (dropped by an operator) or `not due` (it has not been wanted since).
    """

    connection: str
    subject: str
    op: str
    account_id: str
    account_name: str
    rules: tuple[str, ...]
    code: str
    message: str
    remedy: str
    since: datetime
    last: datetime
    times: int
    state: str


def parked(
    connection: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    names: Mapping[str, str],
    remedies: Mapping[str, str],
    now: datetime,
) -> list[Parked]:
    """The refusals of a connection by subject, the newest last; what an operator has had tried again is not parked."""
    by_subject: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_subject.setdefault(row["subject"], []).append(row)
    found = [_one(connection, some, names, remedies, now) for some in by_subject.values() if _stands(some)]
    return sorted(found, key=lambda one: (one.last, one.subject))


def _stands(rows: Sequence[Mapping[str, Any]]) -> bool:
    return bool(rows[-1]["state"] != "retried")


def _one(
    connection: str,
    rows: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    remedies: Mapping[str, str],
    now: datetime,
) -> Parked:
    row = rows[-1]
    found = _CODE.fullmatch(row["message"])
    code, message = (found[1], found[2]) if found else ("", row["message"])
    last = row["settled_at"] or row["created_at"]
    account_id = row["change"]["account_id"]
    return Parked(
        connection=connection,
        subject=row["subject"],
        op=row["op"],
        account_id=account_id,
        account_name=names.get(account_id, ""),
        rules=tuple(row["change"].get("rules", ())),
        code=code,
        message=message,
        remedy=_remedy(code, message, remedies),
        since=rows[0]["settled_at"] or rows[0]["created_at"],
        last=last,
        times=len(rows),
        state="given up" if row["state"] == "dropped" else "not due" if now - last > STILL_DUE else "parked",
    )


def _remedy(code: str, message: str, remedies: Mapping[str, str]) -> str:
    """By the most exact word for it: HubSpot's stands in the message, beside a general code."""
    exact = next((mend for word, mend in remedies.items() if word in message), "")
    return exact or remedies.get(code, _OTHERWISE)


def named(found: Sequence[Parked], wanted: Sequence[str]) -> list[Parked]:
    """Those of the given subjects, account ids or account names; all where none is given.

    Raises NotFoundError for a word that matches none.
    """
    chosen: dict[tuple[str, str], Parked] = {}
    for word in wanted:
        hits = [
            one for one in found if word in (one.subject, one.account_id) or word.lower() == one.account_name.lower()
        ]
        if not hits:
            raise NotFoundError(f"{word}: nothing of that key, account id or account name is parked; see `parked list`")
        chosen |= {(one.connection, one.subject): one for one in hits}
    return list(chosen.values()) if wanted else list(found)
