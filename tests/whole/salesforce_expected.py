"""What a store must hold of an org, worked out from the sandbox's records alone: nothing here comes from the connector."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Record = Mapping[str, Any]
Read = Callable[[str], list[dict[str, Any]]]
Link = tuple[str, str, str, str]  # activity, side, kind, target


def expected_rows(read: Read) -> dict[str, dict[str, tuple[Any, ...]]]:
    """By table: the ids of what lives, each with what must stand in the store's row of it, in the order of COLUMNS."""
    messages = living(read("EmailMessage"))
    # Whoever deletes an e-mail means its task too.
    twins = {row["ActivityId"] for row in read("EmailMessage")}
    others = [task for task in living(read("Task")) if not task["Holdfast_Key__c"] and task["Id"] not in twins]
    meetings = [event for event in living(read("Event")) if not event["IsChild"]]
    roles = (*living(read("AccountContactRelation")), *living(read("OpportunityContactRole")))
    return {
        "users": {
            row["Id"]: (row["Name"], _lower(row["Email"]), row["IsActive"], row["ManagerId"]) for row in read("User")
        },
        "accounts": {
            row["Id"]: (row["Name"], row["OwnerId"], row["ParentId"], row["Type"] or "")
            for row in living(read("Account"))
        },
        "contacts": {
            row["Id"]: (row["Name"], _lower(row["Email"]), row["AccountId"], row["Title"] or "")
            for row in living(read("Contact"))
        },
        "contact_roles": {row["Id"]: (row["ContactId"],) for row in roles},
        "team": {
            row["Id"]: (row.get("AccountId"), row.get("OpportunityId"), row["UserId"], row["TeamMemberRole"] or "")
            for row in (*read("AccountTeamMember"), *read("OpportunityTeamMember"))
        },
        "tickets": {
            row["Id"]: (row["AccountId"], row["ContactId"], row["Priority"].lower(), row["IsClosed"])
            for row in living(read("Case"))
        },
        "campaigns": {row["Id"]: (row["Name"], row["StartDate"]) for row in living(read("Campaign"))},
        "mailings": {
            row["Id"]: (row["CampaignId"], row["ContactId"], row["FirstRespondedDate"])
            for row in read("CampaignMember")
            if row["ContactId"]
        },
        "deals": {
            row["Id"]: (row["Name"], row["AccountId"], row["Amount"], row["IsWon"], row["CloseDate"] if row["IsClosed"] else None)
            for row in living(read("Opportunity"))
        },
        "activities": {
            **{row["Id"]: (_kind(row), None, not row["IsClosed"]) for row in others},
            **{row["Id"]: ("meeting", _time(row["StartDateTime"]), _is_off(row)) for row in meetings},
            **{row["Id"]: ("email", _time(row["MessageDate"]), False) for row in messages},
        },
    }  # fmt: skip


def expected_tasks(read: Read) -> dict[str, tuple[Any, ...]]:
    """Our tasks by id, deleted ones too: key, status, assignee, account."""
    return {
        row["Id"]: (row["Holdfast_Key__c"], _status(row), row["OwnerId"], row["AccountId"])
        for row in read("Task")
        if row["Holdfast_Key__c"]
    }


def expected_links(read: Read, activities: Iterable[str]) -> set[Link]:
    """Who took part in which of these activities, and which account each is about."""
    wanted = set(activities)
    became = {row["Id"]: row for row in read("Lead") if row["IsConverted"]}
    links: set[Link] = set()
    for row in (*read("Task"), *(event for event in read("Event") if not event["IsChild"])):
        links |= _one(row["Id"], "ours", row["OwnerId"], became) | _one(row["Id"], "theirs", row["WhoId"], became)
        links |= {(row["Id"], "about", "account", row["AccountId"])} if row["AccountId"] else set()
    for row in living(read("EventRelation")):
        side = {"Declined": "declined", "Uninvited": ""}.get(row["Status"], "theirs")
        links |= _one(row["EventId"], side, row["RelationId"], became)
    for row in living(read("TaskRelation")):
        links |= _one(row["TaskId"], "theirs", row["RelationId"], became)
    for row in read("EmailMessage"):
        sides = ("theirs", "ours") if row["Incoming"] else ("ours", "theirs")
        for side, column in zip(sides, ("FromAddress", "ToAddress"), strict=True):
            links |= {(row["Id"], side, "address", each.lower()) for each in (row[column] or "").split(";") if each}
        if (row["RelatedToId"] or "").startswith("001"):
            links.add((row["Id"], "about", "account", row["RelatedToId"]))
    return {each for each in links if each[0] in wanted}


# What of each table is compared, in the order of `expected_rows`.
COLUMNS: Mapping[str, Callable[[Record], tuple[Any, ...]]] = {
    "users": lambda row: (row["name"], row["email"], bool(row["active"]), row["manager_id"]),
    "accounts": lambda row: (row["name"], row["owner_id"], row["parent_id"], row["type"]),
    "contacts": lambda row: (row["name"], row["email"], row["account_id"], row["title"]),
    "contact_roles": lambda row: (row["contact_id"],),
    "team": lambda row: (row["account_id"], row["deal_id"], row["user_id"], row["role"]),
    "tickets": lambda row: (row["account_id"], row["contact_id"], row["priority"], row["closed_at"] is not None),
    "campaigns": lambda row: (row["name"], row["starts_on"]),
    "mailings": lambda row: (row["campaign_id"], row["contact_id"], row["answered_on"]),
    "deals": lambda row: (row["name"], row["account_id"], row["amount"], bool(row["won"]), row["closed_on"]),
    "activities": lambda row: (
        row["kind"],
        None if row["id"].startswith("00T") else datetime.fromisoformat(row["at"]).replace(tzinfo=UTC),
        row["outcome"] == "void",
    ),
}


def living(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in rows if not row.get("IsDeleted")]


def _one(activity: str, side: str, target: str | None, became: Mapping[str, Record]) -> set[Link]:
    """The links of one person; whoever was a lead stands for the contact and the account that came of it."""
    match (target or "")[:3], side:
        case "005", "ours" | "theirs":
            return {(activity, "ours", "user", str(target))}
        case "003", "theirs" | "declined":
            return {(activity, side, "contact", str(target))}
        case "00Q", "theirs" | "declined" if target in became:
            lead = became[str(target)]
            contact = {(activity, side, "contact", lead["ConvertedContactId"])}
            return contact | {(activity, "about", "account", lead["ConvertedAccountId"])}
    return set()


def _kind(task: Record) -> str:
    return {"Call": "call", "Email": "email"}.get(task["TaskSubtype"], "todo")


def _is_off(event: Record) -> bool:
    return bool(event["Subject"].startswith("Canceled:"))


def _status(task: Record) -> str:
    if task["IsDeleted"]:
        return "deleted"
    return "completed" if task["IsClosed"] else "deferred" if task["Status"] == "Deferred" else "open"


def _time(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp)


def _lower(address: str | None) -> str:
    return (address or "").lower()
