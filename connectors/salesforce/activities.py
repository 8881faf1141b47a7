"""Tasks, events and e-mails: from Salesforce's records to activities and their links.

What happened twice in Salesforce counts once: of a meeting with several of ours the parent Event, of an e-mail the
EmailMessage and not the Task that Salesforce makes beside it. The EmailMessage tells that it stands for the Task;
whichever of the two arrives first, the other finds that in the store.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from connectors.protocol import Known, Links, Page, Row
from connectors.salesforce.credit import with_first_owners
from connectors.salesforce.leads import PEOPLE_OF_THEIRS, link, with_contacts
from connectors.salesforce.mapping import Record, identified
from connectors.salesforce.values import addresses, day, id18, moment, text

HELD_CALL_SECONDS = 120
DRAFT = "5"  # EmailMessage.Status
USER = "005"  # what the ids of users begin with
PATTERN = "3"  # Event.GroupEventType of the record that holds a Lightning series' pattern

# What reps and telephony write as the result of a call; what says no is asked first ("not connected").
_NOBODY_THERE = re.compile(
    r"no[\s-]*answer|n['o]?t (be |been )?(answer|connect|reach|available|home)|unanswered|unreach|unavailable|missed"
    r"|no connect|disconnected|voice\s*-?mail|mailbox|machine|\bvm\b|left (a |live )?(message|msg)|busy"
    r"|(wrong|bad|invalid) number|no[\s-]*show",
    re.IGNORECASE,
)
_SOMEBODY_THERE = re.compile(
    r"connect|answer|spoke|talk|convers|reach|discuss|interest|complete|held|success|meeting|demo|call ?back",
    re.IGNORECASE,
)
_CANCELLED = re.compile(r"\s*cancell?ed:", re.IGNORECASE)


class _UnusableError(Exception):
    """A record that makes no sense; the text is the reason, for counting."""


def tasks(records: Sequence[Record], known: Known, *, key_field: str) -> Page:
    """Tasks as activities, without ours and without those for which an EmailMessage stands.

    A Task of subtype Email without one comes from BCC-to-Salesforce and counts as an e-mail that went out.
    """
    others = [record for record in records if not record.get(key_field)]
    mails = [record["Id"] for record in others if record.get("TaskSubtype") == "Email" and id18(record.get("Id"))]
    twins = {task for _, _, task in known.linked("task", mails)} if mails else set()
    page = _activities("tasks", [record for record in others if record.get("Id") not in twins], _task)
    page = with_first_owners(page, others, known)
    return replace(with_contacts(page, known), records=len(records))


def events(records: Sequence[Record], known: Known) -> Page:
    """Meetings. An invitee's copy (IsChild) and the pattern of a series are no meetings of their own."""
    page = _activities("events", [record for record in records if not _is_shadow(record)], _event)
    page = with_first_owners(page, records, known)
    return replace(with_contacts(page, known), records=len(records))


def emails(records: Sequence[Record]) -> Page:
    """E-mails, linked by the addresses of From and To; who stands in Cc is nobody.

    The Task that an e-mail stands for is gone, and stays so when the e-mail is deleted.
    """
    page = _activities("email_messages", records, _email)
    ends = ((id18(record.get("Id")), id18(record.get("ActivityId"))) for record in records)
    twins = [link(email, "about", "task", task) for email, task in ends if email and task]
    (told,) = page.links
    gone = [*page.gone["activities"], *(row["target"] for row in twins)]
    return replace(page, links=[replace(told, rows=[*told.rows, *twins])], gone={"activities": gone})


def _activities(source: str, records: Sequence[Record], make: Callable[[Record, str], tuple[Row, list[Row]]]) -> Page:
    rows: list[Row] = []
    links: list[Row] = []
    gone: list[str] = []
    set_aside: Counter[str] = Counter()
    for record, record_id in identified(records, set_aside):
        if record.get("IsDeleted"):
            gone.append(record_id)
            continue
        try:
            row, told = make(record, record_id)
        except _UnusableError as reason:
            set_aside[str(reason)] += 1
            continue
        rows.append({"id": record_id, "created_at": moment(record.get("CreatedDate")), **row})
        links += told
    known = Links(source=source, rows=links, replaced=[row["id"] for row in rows])
    return Page(
        rows={"activities": rows},
        links=[known],
        gone={"activities": gone},
        records=len(records),
        set_aside=set_aside,
    )


def _task(record: Record, record_id: str) -> tuple[Row, list[Row]]:
    subtype = record.get("TaskSubtype")
    at, on_day = _done_when(record)
    row = {"kind": "todo", "direction": "none", "outcome": "held", "at": at, "on_day": on_day, "ends_at": None}
    if subtype == "Call":
        direction = text(record.get("CallType")).lower()
        row["kind"] = "call"
        row["outcome"] = _call_outcome(record)
        row["direction"] = direction if direction in {"inbound", "outbound"} else "none"
    elif subtype == "Email":
        row |= {"kind": "email", "outcome": "sent", "direction": "outbound"}
    if not record.get("IsClosed"):
        row["outcome"] = "void"  # planned, not done
    return row, _people(record, record_id)


def _done_when(record: Record) -> tuple[datetime, date | None]:
    """When a task happened: on its day, unless that lies after the moment at which it was completed."""
    on_day, completed = day(record.get("ActivityDate")), moment(record.get("CompletedDateTime"))
    # A day of slack: the day is local, somewhere up to 14 hours ahead of UTC.
    if on_day and not (completed and on_day > completed.date() + timedelta(days=1)):
        return _noon(on_day), on_day
    at = completed or moment(record.get("CreatedDate"))
    if at is None:
        raise _UnusableError("task without a date")
    return at, None


def _call_outcome(record: Record) -> str:
    said, seconds = text(record.get("CallDisposition")), record.get("CallDurationInSeconds")
    if _NOBODY_THERE.search(said):
        return "attempted"
    lasted = isinstance(seconds, int | float) and seconds >= HELD_CALL_SECONDS
    nothing_known = not said and seconds is None
    return "held" if lasted or nothing_known or _SOMEBODY_THERE.search(said) else "attempted"


def _is_shadow(record: Record) -> bool:
    # IsRecurrence marks a Classic series' master alone, but IsRecurrence2 every occurrence of a Lightning series:
    # its pattern record is told by GroupEventType.
    return bool(record.get("IsChild") or record.get("IsRecurrence") or record.get("GroupEventType") == PATTERN)


def _event(record: Record, record_id: str) -> tuple[Row, list[Row]]:
    on_day = None
    at, ends_at = moment(record.get("StartDateTime")), moment(record.get("EndDateTime"))
    if record.get("IsAllDayEvent"):
        on_day = day(record.get("ActivityDate")) or (at.date() if at else None)
        last_day = max(filter(None, (on_day, ends_at.date() if ends_at else None)), default=None)
        at = _noon(on_day) if on_day else None
        ends_at = _midnight_after(last_day) if last_day else None
    if at is None:
        raise _UnusableError("event without a start")
    row = {
        "kind": "meeting",
        "direction": "none",
        # Held once it has ended, which the evaluation awaits.
        "outcome": "void" if _CANCELLED.match(text(record.get("Subject"))) else "held",
        "at": at,
        "on_day": on_day,
        "ends_at": max(at, ends_at or at),
    }
    return row, _people(record, record_id)


def _email(record: Record, record_id: str) -> tuple[Row, list[Row]]:
    at = moment(record.get("MessageDate")) or moment(record.get("CreatedDate"))
    if at is None:
        raise _UnusableError("e-mail without a date")
    inbound = bool(record.get("Incoming"))
    unsent = text(record.get("Status")) == DRAFT or bool(record.get("IsBounced"))
    row = {
        "kind": "email",
        "direction": "inbound" if inbound else "outbound",
        "outcome": "void" if unsent else "sent",
        "at": at,
        "on_day": None,
        "ends_at": None,
        "uid": text(record.get("MessageIdentifier")).lower().strip("<> "),
    }
    senders, receivers = ("theirs", "ours") if inbound else ("ours", "theirs")
    links = [link(record_id, senders, "address", address) for address in addresses(record.get("FromAddress"))]
    links += [link(record_id, receivers, "address", address) for address in addresses(record.get("ToAddress"))]
    about = id18(record.get("RelatedToId"))
    if about and about.startswith("001"):
        links.append(link(record_id, "about", "account", about))
    return row, links


def _people(record: Record, record_id: str) -> list[Row]:
    """Links of a Task or Event: who did it, contact or lead, and account.

    Where a queue or a calendar owns it, which is nobody, whoever entered it did it.
    """
    owner, maker, who, account = (id18(record.get(name)) for name in ("OwnerId", "CreatedById", "WhoId", "AccountId"))
    links = []
    ours = next((each for each in (owner, maker) if each and each.startswith(USER)), None)
    if ours:
        links.append(link(record_id, "ours", "user", ours))
    if who and (kind := PEOPLE_OF_THEIRS.get(who[:3])):
        links.append(link(record_id, "theirs", kind, who))
    if account:
        links.append(link(record_id, "about", "account", account))
    return links


def _noon(on_day: date) -> datetime:
    return datetime.combine(on_day, time(12), tzinfo=UTC)


def _midnight_after(last_day: date) -> datetime:
    return datetime.combine(last_day, time(0), tzinfo=UTC) + timedelta(days=1)
