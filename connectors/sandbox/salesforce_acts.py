"""What reps and customers do, in Salesforce: the sandbox's `act` on this CRM."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from connectors.sandbox.company import SeedTouch
from connectors.sandbox.salesforce_convert import convert
from connectors.sandbox.salesforce_ids import full_id
from connectors.sandbox.salesforce_merge import merge, undelete
from connectors.sandbox.salesforce_store import Row, Store
from connectors.sandbox.salesforce_touches import TouchWriter
from connectors.sandbox.salesforce_writes import Author, create, delete, update

VERBS = (
    "complete_task",
    "delete_task",
    "defer_task",
    "reassign_task",
    "edit_task",
    "give_feedback",
    "log_call",
    "log_email",
    "hold_meeting",
    "leave_company",
    "change_owner",
    "merge",
    "undelete",
    "convert_lead",
)
DEFER_DAYS = 14
DIRECTIONS = ("inbound", "outbound")
_KEYS = {
    "User": ("Email", "Username", "Name"),
    "Account": ("Name",),
    "Contact": ("Email", "Name"),
    "Lead": ("Email", "Name"),
    "Task": ("Holdfast_Key__c",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Actors:
    """People acting at one moment. Everything raises ValueError (or RowError) with what to do about it."""

    store: Store
    now: datetime

    def act(self, who: str, do: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """The ids of what was touched or made, by object name."""
        match do:
            case "complete_task" | "delete_task" | "defer_task" | "reassign_task" | "edit_task" | "give_feedback":
                return self._with_task(who, do, details)
            case "log_call" | "log_email" | "hold_meeting":
                return self._touch(who, do, details)
            case "leave_company":
                return self._leave(who, details)
            case "change_owner":
                account = self._find("Account", details.get("account"))
                new = {"OwnerId": self._find("User", details.get("to"))["Id"]}
                update(self.store, "Account", account["Id"], new, self._author(who))
                return {"Account": [account["Id"]]}
            case "merge" | "convert_lead":
                return self._merge(who, details) if do == "merge" else self._convert(who, details)
            case "undelete":
                object_name, record_id = str(details.get("object")), full_id(str(details.get("id") or "")) or ""
                undelete(self.store, object_name, record_id, self._author(who))
                return {object_name: [record_id]}
            case _:
                raise ValueError(f"nobody knows how to {do!r}: use one of {', '.join(VERBS)}")

    def _author(self, who: str, *, free: bool = False) -> Author:
        return Author(user_id=self._find("User", who)["Id"], now=self.now, free=free)

    def _merge(self, who: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """`object` is Account or Contact; the records are `winner` and `loser`."""
        object_name = str(details.get("object") or "Account")
        if object_name not in _KEYS:
            raise ValueError(f"records of {object_name!r} cannot be merged")
        ids = [str(self._find(object_name, details.get(side))["Id"]) for side in ("winner", "loser")]
        merge(self.store, object_name, ids[0], ids[1], self._author(who))
        return {object_name: ids}

    def _convert(self, who: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """The `lead` becomes a contact of `account`: `contact`, or a new one."""
        lead, account = (self._find(name, details.get(name.lower())) for name in ("Lead", "Account"))
        contact = self._find("Contact", details["contact"])["Id"] if details.get("contact") else None
        leaving = bool(details.get("leaving_links"))
        author = self._author(who, free=True)
        made = convert(self.store, lead["Id"], account["Id"], contact, author, leaving_links=leaving)
        return {"Lead": [lead["Id"]], "Contact": [made]}

    def _with_task(self, who: str, do: str, details: Mapping[str, Any]) -> dict[str, Any]:
        task = self._find("Task", details.get("task"))
        author = self._author(who)
        if do == "delete_task":
            delete(self.store, "Task", task["Id"], author)
        else:
            update(self.store, "Task", task["Id"], self._task_change(do, details), author)
        return {"Task": [task["Id"]]}

    def _task_change(self, do: str, details: Mapping[str, Any]) -> dict[str, Any]:
        match do:
            case "complete_task":
                return {"Status": "Completed"}
            case "defer_task":
                until = details.get("until") or (self.now.date() + timedelta(days=DEFER_DAYS)).isoformat()
                return {"Status": "Deferred", "ActivityDate": until}
            case "give_feedback":
                return {"Holdfast_Feedback__c": details.get("answer")}
            case "reassign_task":
                return {"OwnerId": self._find("User", details.get("to"))["Id"]}
            case _:
                names = {
                    "subject": "Subject",
                    "body": "Description",
                    "due_on": "ActivityDate",
                    "feedback": "Holdfast_Feedback__c",
                }
                changed = {names[name]: details[name] for name in names if name in details}
                if not changed:
                    raise ValueError("edit_task changes nothing: give subject, body, due_on or feedback")
                return changed

    def _touch(self, who: str, do: str, details: Mapping[str, Any]) -> dict[str, Any]:
        author = self._author(who, free=True)
        direction = str(details.get("direction") or "outbound")
        if direction not in DIRECTIONS:
            raise ValueError(f"direction must be one of {', '.join(DIRECTIONS)} (is {direction!r})")
        users = [self._find("User", each) for each in (who, *_listed(details, "users"))]
        contacts = [self._find("Contact", each) for each in _listed(details, "contact", "contacts")]
        account = self._find("Account", details["account"]) if details.get("account") else None
        if not contacts and not account:
            raise ValueError(f"{do} needs an account or a contact")
        people = {row["Id"]: row["Id"] for row in (*users, *contacts)}
        touch = SeedTouch(
            id="",
            at=_moment(details.get("at")) or self.now,
            kind={"log_call": "call", "log_email": "email", "hold_meeting": "meeting"}[do],
            direction=direction,
            users=tuple(dict.fromkeys(row["Id"] for row in users)),
            contacts=tuple(row["Id"] for row in contacts),
            account=account["Id"] if account else "",
            subject=str(details.get("subject") or ""),
            outcome=str(details.get("outcome") or {"log_call": "connected", "hold_meeting": "completed"}.get(do, "")),
            minutes=details.get("minutes"),
        )
        bulk = _Recorded(store=self.store, author=author, made={})
        TouchWriter(
            bulk=bulk,
            addresses={row["Id"]: row["Email"] or "" for row in (*users, *contacts)},
            now=self.now,
            nobody=author.user_id,
            users={row["Id"]: row["Id"] for row in users},
            contacts={key: value for key, value in people.items() if value.startswith("003")},
            accounts={row["AccountId"]: row["AccountId"] for row in contacts if row["AccountId"]}
            | ({account["Id"]: account["Id"]} if account else {}),
            account_of={row["Id"]: row["AccountId"] for row in contacts if row["AccountId"]},
        ).write(touch)
        return bulk.made

    def _leave(self, who: str, details: Mapping[str, Any]) -> dict[str, Any]:
        """One of ours is deactivated; one of theirs (`contact`, or `who` if that is no user) has that job no more."""
        user = self._sought("User", who)
        if user and not details.get("contact"):
            update(self.store, "User", user["Id"], {"IsActive": False}, self._author(who, free=True))
            return {"User": [user["Id"]]}
        contact = self._find("Contact", details.get("contact") or who)
        ended = {"IsActive": False, "EndDate": self.now.date().isoformat()}
        # Who is gone does not see to it himself.
        author = self._author(who) if user else Author(user_id=contact["OwnerId"], now=self.now)
        relations = self.store.find("AccountContactRelation", "ContactId", contact["Id"])
        living = [row["Id"] for row in relations if not row["IsDeleted"]]
        for relation_id in living:
            update(self.store, "AccountContactRelation", relation_id, ended, author)
        return {"AccountContactRelation": living}

    def _find(self, object_name: str, wanted: Any) -> Row:
        """As `_sought`, which has to find one."""
        found = self._sought(object_name, wanted)
        if found is None:
            given = str(wanted or "")
            raise ValueError(
                f"Salesforce has no {object_name.lower()} {given!r}: give its id, dataset id, e-mail or name"
            )
        return found

    def _sought(self, object_name: str, wanted: Any) -> Row | None:
        """The living record by CRM id, dataset id, or one of the names that people use for it."""
        text = str(wanted or "")
        record_id = full_id(text)
        rows = self.store.find(object_name, "Id", record_id) if record_id else []
        rows += self._by_dataset_id(object_name, text)
        for column in _KEYS[object_name]:
            if not rows and text and column in self.store.objects[object_name].fields:
                rows = self.store.find(object_name, column, text)
        return next((row for row in rows if not row.get("IsDeleted")), None)

    def _by_dataset_id(self, object_name: str, dataset_id: str) -> list[Row]:
        found = self.store.database.execute("SELECT id FROM dataset_ids WHERE dataset_id = ?", (dataset_id,)).fetchall()
        ids = [record_id for (record_id,) in found if self.store.object_of(record_id) == object_name]
        return [row for record_id in ids for row in self.store.find(object_name, "Id", record_id)]


@dataclass(kw_only=True, slots=True)
class _Recorded:
    """Writes what a touch leaves one by one, as the API would, and remembers the ids."""

    store: Store
    author: Author
    made: dict[str, list[str]]

    def add(self, object_name: str, dataset_id: str, row: Mapping[str, Any], made: tuple[str, str]) -> str:
        flags = self.store.objects[object_name].booleans  # a bulk row has 0 and 1 for them
        given = {name: bool(value) if name in flags else value for name, value in row.items() if value is not None}
        record_id = create(self.store, object_name, given, self.author)
        self.made.setdefault(object_name, []).append(record_id)
        return record_id


def _listed(details: Mapping[str, Any], *names: str) -> list[str]:
    found: list[str] = []
    for name in names:
        value = details.get(name) or []
        found += value.split(";") if isinstance(value, str) else list(value)
    return found


def _moment(text: Any) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(str(text))
    if isinstance(moment, date) and moment.tzinfo is None:
        raise ValueError(f"at: {text!r} lacks its zone: write 2026-11-02T10:00:00Z")
    return moment
