"""What one e-mail, call, meeting or note leaves behind in Salesforce (facts/salesforce.md 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from connectors.sandbox.company import SeedTouch
from connectors.sandbox.salesforce_derived import ARCHIVED_AFTER
from connectors.sandbox.salesforce_store import stamp

MEETING_MINUTES = 30  # where the length is not told: a Salesforce event must have one
CALL_TYPES = {"inbound": "Inbound", "outbound": "Outbound"}
READ, SENT = "1", "3"  # EmailMessage.Status
CANCELLED = {"cancelled", "canceled"}
MISSED = {"no-show", "rescheduled"} | CANCELLED
SUBJECT_LENGTH = 255


class Bulk(Protocol):
    def add(self, object_name: str, dataset_id: str, row: Mapping[str, Any], made: tuple[str, str]) -> str: ...


@dataclass(kw_only=True)
class TouchWriter:
    """Writes touches. `users`, `contacts` and `accounts` give record ids by dataset id, `account_of` a contact's
    account, `addresses` a person's e-mail address. `made` is when a record was made (a stamp) and by whom.
    """

    bulk: Bulk
    addresses: Mapping[str, str]
    now: datetime
    nobody: str
    users: Mapping[str, str]
    contacts: Mapping[str, str]
    accounts: Mapping[str, str]
    account_of: Mapping[str, str]
    archived_until: str = field(init=False)

    def __post_init__(self) -> None:
        self.archived_until = (self.now - ARCHIVED_AFTER).date().isoformat()

    def write(self, touch: SeedTouch) -> None:
        made = (stamp(min(touch.at, self.now)), self._users_of(touch)[0])
        match touch.kind:
            case "email":
                self._email(touch, made)
            case "meeting":
                self._meeting(touch, made)
            case _:
                self._tasks(touch, made)

    def _users_of(self, touch: SeedTouch) -> list[str]:
        return [self.users[each] for each in touch.users if each in self.users] or [self.nobody]

    def _contacts_of(self, touch: SeedTouch) -> list[str]:
        return [self.contacts[each] for each in touch.contacts if each in self.contacts]

    def _account_id(self, touch: SeedTouch) -> str | None:
        account = touch.account or next(
            (self.account_of[each] for each in touch.contacts if each in self.account_of), ""
        )
        return self.accounts.get(account)

    def _about(self, touch: SeedTouch) -> dict[str, str | None]:
        return {"WhatId": self.accounts.get(touch.account), "AccountId": self._account_id(touch)}

    def _task(self, touch: SeedTouch, made: tuple[str, str], who: str | None, owner: str, **values: Any) -> str:
        at = stamp(touch.at)
        done = touch.at <= self.now
        row = {
            **self._about(touch),
            "WhoId": who,
            "OwnerId": owner,
            "Subject": None,
            "ActivityDate": at[:10],
            "Status": "Completed" if done else "Not Started",
            "Priority": "Normal",
            "IsClosed": int(done),
            "CompletedDateTime": at if done else None,
            "IsArchived": int(done and at[:10] <= self.archived_until),
            "TaskSubtype": "Task",
            "CallType": None,
            "CallDurationInSeconds": None,
            "CallDisposition": None,
            "Description": None,
        } | values
        return self.bulk.add("Task", touch.id, row, made)

    def _tasks(self, touch: SeedTouch, made: tuple[str, str]) -> None:
        """A call or a note: a task has one owner and one contact, so that every further person makes one more."""
        values: dict[str, Any] = {"Subject": (touch.subject or touch.kind.capitalize())[:SUBJECT_LENGTH]}
        if touch.kind == "note" and len(touch.subject) > SUBJECT_LENGTH:
            values["Description"] = touch.subject
        if touch.kind == "call":
            values |= {
                "TaskSubtype": "Call",
                "CallType": CALL_TYPES.get(touch.direction),
                "CallDurationInSeconds": None if touch.minutes is None else touch.minutes * 60,
                "CallDisposition": touch.outcome or None,
            }
        users = self._users_of(touch)
        contacts: list[str | None] = [*self._contacts_of(touch)] or [None]
        for number in range(max(len(users), len(contacts))):
            who, owner = contacts[min(number, len(contacts) - 1)], users[min(number, len(users) - 1)]
            self._task(touch, made, who, owner, **values)

    def _email(self, touch: SeedTouch, made: tuple[str, str]) -> None:
        incoming = touch.direction == "inbound"
        users = [each for each in touch.users if each in self.users]
        contacts = [each for each in touch.contacts if each in self.contacts]
        senders, receivers = (contacts, users) if incoming else (users, contacts)
        sender, copied = senders[:1], senders[1:]
        subject = touch.subject or "(no subject)"
        owner = self._users_of(touch)[0]
        who = next(iter(self._contacts_of(touch)), None)
        # Enhanced Email makes a task of every message.
        task_id = self._task(touch, made, who, owner, Subject=f"Email: {subject}"[:SUBJECT_LENGTH], TaskSubtype="Email")
        row = {
            "ActivityId": task_id,
            "RelatedToId": self.accounts.get(touch.account),
            "Subject": subject,
            "Incoming": int(incoming),
            "FromAddress": ";".join(self.addresses[each] for each in sender) or None,
            "ToAddress": ";".join(self.addresses[each] for each in receivers) or None,
            "CcAddress": ";".join(self.addresses[each] for each in copied) or None,
            "MessageDate": stamp(touch.at),
            "Status": READ if incoming else SENT,
            "MessageIdentifier": touch.uid or None,
        }
        message_id = self.bulk.add("EmailMessage", touch.id, row, made)
        for kind, people in (("FromAddress", sender), ("ToAddress", receivers), ("CcAddress", copied)):
            for each in people:
                self._relate_email(made, message_id, kind, each)

    def _relate_email(self, made: tuple[str, str], message_id: str, kind: str, person: str) -> None:
        is_user = person in self.users
        row = {
            "EmailMessageId": message_id,
            "RelationId": self.users[person] if is_user else self.contacts[person],
            "RelationType": kind,
            "RelationAddress": self.addresses[person] or None,
            "RelationObjectType": "User" if is_user else "Contact",
        }
        self.bulk.add("EmailMessageRelation", "", row, made)

    def _meeting(self, touch: SeedTouch, made: tuple[str, str]) -> None:
        users, contacts = self._users_of(touch), self._contacts_of(touch)
        row = self._event_row(touch, contacts)
        event_id = self.bulk.add("Event", touch.id, row | {"OwnerId": users[0]}, made)
        for user_id in users[1:]:
            # Every further user of ours has a child event in his own calendar.
            self.bulk.add("Event", "", row | {"OwnerId": user_id, "IsChild": 1}, made)
        held = touch.outcome not in MISSED
        happened = touch.at <= self.now and touch.outcome != "scheduled"
        for invited in (*users[1:], *contacts):
            is_user = invited in users
            status = "New" if not happened and held else "Accepted" if held or is_user else "Declined"
            relation = {
                "EventId": event_id,
                "RelationId": invited,
                "AccountId": row["AccountId"],
                "IsInvitee": 1,
                "Status": status,
            }
            self.bulk.add("EventRelation", "", relation, made)

    def _event_row(self, touch: SeedTouch, contacts: list[str]) -> dict[str, Any]:
        minutes = touch.minutes if touch.minutes is not None else MEETING_MINUTES
        start, end = stamp(touch.at), stamp(touch.at.astimezone(UTC) + timedelta(minutes=minutes))
        subject = touch.subject or "Meeting"
        return {
            **self._about(touch),
            "WhoId": next(iter(contacts), None),
            "OwnerId": None,
            "Subject": (f"Canceled: {subject}" if touch.outcome in CANCELLED else subject)[:SUBJECT_LENGTH],
            "StartDateTime": start,
            "ActivityDateTime": start,
            "EndDateTime": end,
            "EndDate": end[:10],
            "ActivityDate": start[:10],
            "DurationInMinutes": minutes,
            "ShowAs": "Busy",
            "EventSubtype": "Event",
            "IsArchived": int(start[:10] <= self.archived_until),
            "IsGroupEvent": int(len(touch.users) > 1 or bool(contacts)),
            "IsChild": 0,
        }
