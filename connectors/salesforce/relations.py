"""Who takes part in an activity beside those whom it names itself: invitees of events, further contacts of tasks.

Each relation is told by itself, so what it said before it changed is removed with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from connectors.protocol import Known, Links, Page, Row
from connectors.salesforce.leads import PEOPLE_OF_THEIRS, link, with_contacts
from connectors.salesforce.mapping import Record
from connectors.salesforce.values import id18

_ENDED = "ended"


def of_events(records: Sequence[Record], known: Known) -> Page:
    """Who was invited to events: our users unless they declined, people of theirs as `theirs` or, declined, as
    `declined`.
    """
    return with_contacts(_page("event_relations", "EventId", records), known)


def of_tasks(records: Sequence[Record], known: Known) -> Page:
    """With whom tasks were done, where Shared Activities let a task have several contacts."""
    return with_contacts(_page("task_relations", "TaskId", records), known)


def _page(source: str, column: str, records: Sequence[Record]) -> Page:
    rows: dict[tuple[str, str], Row | None] = {}
    removed: dict[tuple[str, str], list[Row]] = {}
    set_aside: Counter[str] = Counter()
    for record in records:
        activity, target = id18(record.get(column)), id18(record.get("RelationId"))
        if activity is None or target is None:
            set_aside["invitation without event or invitee" if column == "EventId" else "relation without ends"] += 1
            continue
        kind, possible = _sides(target)
        told = {side: link(activity, side, kind, target) for side in possible}
        rows[activity, target] = told.pop(_side(record, possible), None)
        removed[activity, target] = list(told.values())
    links = Links(
        source=source,
        rows=[row for row in rows.values() if row],
        removed=[row for ended in removed.values() for row in ended],
    )
    return Page(links=[links], records=len(records), set_aside=set_aside)


def _sides(target: str) -> tuple[str, tuple[str, ...]]:
    """The kind of who is named and the sides on which they can stand; none for rooms, queues and accounts."""
    if target.startswith("005"):
        return "user", ("ours",)
    kind = PEOPLE_OF_THEIRS.get(target[:3])
    return (kind, ("theirs", "declined")) if kind else ("", ())


def _side(record: Record, possible: Sequence[str]) -> str:
    if record.get("IsDeleted") or record.get("Status") == "Uninvited" or not possible:
        return _ENDED
    return "declined" if record.get("Status") == "Declined" else possible[0]
