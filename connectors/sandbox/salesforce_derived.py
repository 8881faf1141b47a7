# ruff: noqa: S608 # table and column names are the schema's own; values are bound
"""What Salesforce works out by itself when a record is written: derived fields, and the marks left on the account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from connectors.sandbox.salesforce_store import Row, Store, stamp
from connectors.sandbox.salesforce_values import RowError

STAGES = {"Closed Won": (1, 1, 100.0), "Closed Lost": (1, 0, 0.0)}  # closed, won, probability
ARCHIVED_AFTER = timedelta(days=365)


def derive(store: Store, object_name: str, row: Row, before: Mapping[str, Any] | None, now: datetime) -> None:
    """Fill in place what follows from the other fields; `before` is the row as it was, None at its making."""
    match object_name:
        case "Contact" | "Lead" | "User":
            row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)
        case "Task":
            _task(store, row, before, now)
        case "Event":
            _event(store, row, before)
        case "Opportunity":
            closed, won, probability = STAGES.get(row.get("StageName") or "", (0, 0, 10.0))
            row |= {"IsClosed": closed, "IsWon": won}
            if before is None or before["StageName"] != row.get("StageName"):
                row["Probability"] = probability
        case "Case":
            row["IsClosed"] = int(row["Status"] == "Closed")
            row["ClosedDate"] = (row.get("ClosedDate") or stamp(now)) if row["IsClosed"] else None
        case "CampaignMember":
            _member(store, row, now)
        case "EmailMessageRelation" if row.get("RelationId"):
            row["RelationObjectType"] = store.object_of(row["RelationId"])


def account_of(store: Store, what_id: str | None, who_id: str | None) -> str | None:
    """The account that an activity counts for: its WhatId's, else its contact's."""
    what = store.object_of(what_id) if what_id else None
    if what == "Account":
        return what_id
    if what in {"Opportunity", "Case"}:
        found = store.get(what, str(what_id))
        return found["AccountId"] if found else None
    if who_id and what is None and store.object_of(who_id) == "Contact":
        found = store.get("Contact", who_id)
        return found["AccountId"] if found else None
    return None


def _member(store: Store, row: Row, now: datetime) -> None:
    """Somebody is in a campaign once; the day of the first answer stays, whatever the status becomes."""
    if not (row.get("ContactId") or row.get("LeadId")):
        raise RowError("REQUIRED_FIELD_MISSING", "Must specify either a contact or lead", ("ContactId",))
    whom = (row.get("ContactId"), row.get("LeadId"))
    members = store.find("CampaignMember", "CampaignId", row["CampaignId"])
    if any((one["ContactId"], one["LeadId"]) == whom and one["Id"] != row.get("Id") for one in members):
        raise RowError("DUPLICATE_VALUE", "Already a campaign member.", ("ContactId",))
    row["HasResponded"] = int(row.get("Status") == "Responded")
    if row["HasResponded"]:
        row["FirstRespondedDate"] = row.get("FirstRespondedDate") or stamp(now)[:10]


def _task(store: Store, row: Row, before: Mapping[str, Any] | None, now: datetime) -> None:
    row["AccountId"] = account_of(store, row.get("WhatId"), row.get("WhoId"))
    statuses = store.find("TaskStatus", "ApiName", row["Status"])
    closed = int(bool(statuses) and statuses[0]["IsClosed"] == 1)
    if closed and not (before and before["IsClosed"]):
        row["CompletedDateTime"] = row.get("CompletedDateTime") or stamp(now)
    elif not closed:
        row["CompletedDateTime"] = None
    priorities = store.find("TaskPriority", "ApiName", row["Priority"])
    row |= {"IsClosed": closed, "IsHighPriority": int(bool(priorities) and priorities[0]["IsHighPriority"] == 1)}


def _event(store: Store, row: Row, before: Mapping[str, Any] | None) -> None:
    row["AccountId"] = account_of(store, row.get("WhatId"), row.get("WhoId"))
    start = row.get("StartDateTime") or row.get("ActivityDateTime")
    if start is None and row.get("IsAllDayEvent") and row.get("ActivityDate"):
        start = f"{row['ActivityDate']}T00:00:00.000+0000"
    if start is None:
        raise RowError(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", ("ActivityDateTime",)
        )
    minutes = row.get("DurationInMinutes")
    begins = datetime.fromisoformat(start)
    end = row.get("EndDateTime")
    moved = before is not None and before["StartDateTime"] != start and before["EndDateTime"] == end
    if end is None or moved or (before is not None and before["DurationInMinutes"] != minutes):
        if minutes is None:
            raise RowError(
                "REQUIRED_FIELD_MISSING", "Required fields are missing: [DurationInMinutes]", ("DurationInMinutes",)
            )
        end = stamp(begins + timedelta(minutes=minutes))
    length = datetime.fromisoformat(end) - begins
    if length < timedelta(0):
        raise RowError("FIELD_INTEGRITY_EXCEPTION", "Event duration cannot be negative", ("DurationInMinutes",))
    row |= {
        "StartDateTime": start,
        "ActivityDateTime": start,
        "EndDateTime": end,
        "EndDate": end[:10],
        "ActivityDate": start[:10],
        "DurationInMinutes": int(length.total_seconds() // 60),
    }


def touch_account(store: Store, rows: Mapping[str, Any] | None, now: datetime) -> None:
    """After a write of an activity, its account (and contact) tells the last activity and has a new stamp."""
    if not rows:
        return
    for object_name, column in (("Account", "AccountId"), ("Contact", "WhoId")):
        record_id = rows.get(column)
        if record_id and store.object_of(record_id) == object_name and store.get(object_name, record_id):
            values = {"LastActivityDate": last_activity(store, column, record_id), "SystemModstamp": stamp(now)}
            store.update(object_name, record_id, values)


def last_activity(store: Store, column: str, record_id: str) -> str | None:
    """The latest day of a closed task or an event."""
    (found,) = store.database.execute(
        "SELECT max(day) FROM ("
        f'SELECT max("ActivityDate") AS day FROM "Task" WHERE "{column}" = ?1 AND "IsClosed" = 1 AND "IsDeleted" = 0'
        f' UNION ALL SELECT max("ActivityDate") FROM "Event" WHERE "{column}" = ?1 AND "IsDeleted" = 0)',
        (record_id,),
    ).fetchone()
    return str(found) if found else None


def archive(store: Store, now: datetime) -> None:
    """Closed tasks and events of a year ago and more are archived; their stamps do not move."""
    day = (now - ARCHIVED_AFTER).date().isoformat()
    store.database.execute(
        'UPDATE "Task" SET "IsArchived" = 1 WHERE "IsArchived" = 0 AND "IsClosed" = 1'
        ' AND ifnull("ActivityDate", substr("CreatedDate", 1, 10)) <= ?',
        (day,),
    )
    store.database.execute(
        'UPDATE "Event" SET "IsArchived" = 1 WHERE "IsArchived" = 0 AND "ActivityDate" <= ?',
        (day,),
    )
