"""What happens in an org while somebody copies it: one method for each kind of event, picked by numbers.

Works on the sandbox itself instead of over HTTP, so that a thing can happen between any two requests of a pull.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.sandbox.salesforce_org import SalesforceOrg
from connectors.sandbox.salesforce_store import stamp
from connectors.sandbox.server import Sandbox

Record = dict[str, Any]

DELETED = ("Contact", "Opportunity", "Task", "Event", "EmailMessage", "EventRelation", "Account", "Case")
TEAMS = ("AccountTeamMember", "OpportunityTeamMember")
SUBTYPES = ("Task", "Call", "Email", "LinkedIn")
RESTAMPED = ("EmailMessage", "Task", "Contact", "Event")


class Life:
    """Each method takes two numbers that choose among what there is; what cannot be, like a merge of what was deleted,
    does not happen.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._made = 0

    @property
    def _crm(self) -> SalesforceOrg:
        return self._sandbox.salesforce

    def happen(self, verb: str, one: int, other: int) -> None:
        """What `verb` names happens, unless Salesforce refuses it."""
        try:
            getattr(self, verb)(one, other)
        except (ValueError, LookupError, ZeroDivisionError):
            return

    # --- people and accounts ------------------------------------------------------------------------------------------

    def a_contact_is_renamed(self, one: int, other: int) -> None:
        self._change("Contact", one, LastName=f"Renamed {other}", Title=self._new("Title"))

    def a_contact_moves(self, one: int, other: int) -> None:
        self._change("Contact", one, AccountId=self._pick("Account", other)["Id"])

    def a_contact_is_made(self, one: int, other: int) -> None:
        account = self._pick("Account", one)["Id"]
        self._crm.create("Contact", {"LastName": self._new("Newcomer"), "AccountId": account, "Email": None})

    def an_account_changes_hands(self, one: int, other: int) -> None:
        self._change("Account", one, OwnerId=self._user(other))

    def an_account_gets_a_parent(self, one: int, other: int) -> None:
        self._change("Account", one, ParentId=self._pick("Account", other)["Id"])

    def a_user_leaves_or_comes_back(self, one: int, other: int) -> None:
        self._change("User", one, IsActive=bool(other % 2))

    def a_deal_is_won_or_opened_again(self, one: int, other: int) -> None:
        stage = ("Closed Won", "Closed Lost", "Prospecting")[other % 3]
        self._change("Opportunity", one, StageName=stage, Amount=float(other))

    def somebody_gets_a_role(self, one: int, other: int) -> None:
        who, deal = self._pick("Contact", one)["Id"], self._pick("Opportunity", other)["Id"]
        self._crm.create("OpportunityContactRole", {"ContactId": who, "OpportunityId": deal, "Role": "Evaluator"})

    def somebody_loses_a_role(self, one: int, other: int) -> None:
        self._crm.delete("OpportunityContactRole", self._pick("OpportunityContactRole", one)["Id"])

    def somebody_joins_a_team(self, one: int, other: int) -> None:
        name = ("Account", "Opportunity")[one % 2]
        member = {"UserId": self._user(other), "TeamMemberRole": ("Sales Rep", "Executive Sponsor", None)[other % 3]}
        self._crm.create(f"{name}TeamMember", {f"{name}Id": self._pick(name, one)["Id"], **member})

    def somebody_gets_another_role_on_a_team(self, one: int, other: int) -> None:
        self._change(TEAMS[other % 2], one, TeamMemberRole="Sales Manager")

    def somebody_leaves_a_team(self, one: int, other: int) -> None:
        name = TEAMS[other % 2]
        self._crm.delete(name, self._pick(name, one)["Id"])

    def somebody_asks_for_something(self, one: int, other: int) -> None:
        ends = {"AccountId": self._pick("Account", one)["Id"], "ContactId": self._pick("Contact", other)["Id"]}
        self._crm.create("Case", {"Subject": self._new("Case"), "Priority": ("High", "Medium")[other % 2], **ends})

    def a_case_is_closed_or_opened_again(self, one: int, other: int) -> None:
        closed = bool(other % 2)
        at = stamp(self._sandbox.clock.now()) if closed else None
        self._change("Case", one, Status="Closed" if closed else "Working", IsClosed=closed, ClosedDate=at)

    # --- activity -----------------------------------------------------------------------------------------------------

    def an_email_is_sent(self, one: int, other: int) -> None:
        self._act("log_email", one, other, direction=("inbound", "outbound")[other % 2])

    def a_call_is_made(self, one: int, other: int) -> None:
        self._act("log_call", one, other)

    def a_meeting_is_held(self, one: int, other: int) -> None:
        others = [self._pick("User", other + more)["Email"] for more in range(other % 3)]
        self._act("hold_meeting", one, other, users=others)

    def an_invitation_is_answered(self, one: int, other: int) -> None:
        self._change("EventRelation", one, Status=("Declined", "Accepted", "Uninvited")[other % 3])

    def somebody_is_invited(self, one: int, other: int) -> None:
        guest = self._pick("Contact", one)["Id"] if one % 2 else self._user(one)
        event = next(row for row in self._rotated("Event", other) if not row["IsChild"])
        self._crm.create("EventRelation", {"EventId": event["Id"], "RelationId": guest, "Status": "New"})

    def a_task_is_shared(self, one: int, other: int) -> None:
        who, task = self._pick("Contact", one)["Id"], self._pick("Task", other)["Id"]
        self._crm.create("TaskRelation", {"TaskId": task, "RelationId": who})

    def a_sharing_ends(self, one: int, other: int) -> None:
        self._crm.delete("TaskRelation", self._pick("TaskRelation", one)["Id"])

    def a_task_is_done_or_opened_again(self, one: int, other: int) -> None:
        self._change("Task", one, Status=("Completed", "Not Started", "Deferred")[other % 3])

    def a_task_is_reassigned(self, one: int, other: int) -> None:
        self._change("Task", one, OwnerId=self._user(other))

    def an_event_is_put_off(self, one: int, other: int) -> None:
        self._change("Event", one, StartDateTime=f"2026-10-{1 + other % 28:02d}T09:00:00Z")

    def an_event_is_called_off(self, one: int, other: int) -> None:
        self._change("Event", one, Subject="Canceled: no time")

    def an_email_turns_out_to_be_about_somebody_else(self, one: int, other: int) -> None:
        self._change("EmailMessage", one, RelatedToId=self._pick("Account", other)["Id"])

    def a_task_of_ours_is_made(self, one: int, other: int) -> None:
        key = {"Holdfast_Key__c": self._new("hf1"), "Subject": "Introduce a colleague", "OwnerId": self._user(other)}
        self._crm.create("Task", {**key, "WhatId": self._pick("Account", one)["Id"]})

    def a_task_of_ours_is_ended(self, one: int, other: int) -> None:
        ours = [row for row in self._living("Task") if row["Holdfast_Key__c"]]
        task = ours[one % len(ours)]["Id"]
        if other % 2:
            self._crm.delete("Task", task)
        else:
            self._crm.update("Task", task, {"Status": "Completed"})

    # --- leads --------------------------------------------------------------------------------------------------------

    def a_lead_is_called(self, one: int, other: int) -> None:
        lead = self._crm.create("Lead", {"LastName": self._new("Lead"), "Company": "Acme"})["Id"]
        done = {"WhoId": lead, "OwnerId": self._user(other), "Status": "Completed", "ActivityDate": "2026-10-05"}
        self._crm.create("Task", {**done, "TaskSubtype": SUBTYPES[one % len(SUBTYPES)]})

    def a_lead_becomes_a_contact(self, one: int, other: int) -> None:
        leads = [row for row in self._living("Lead") if not row["IsConverted"]]
        details = {"lead": leads[one % len(leads)]["Id"], "account": self._pick("Account", other)["Id"]}
        self._crm.act(self._user(one), "convert_lead", {**details, "leaving_links": bool(other % 2)})

    # --- deletions, merges, transactions ------------------------------------------------------------------------------

    def something_is_deleted(self, one: int, other: int) -> None:
        name = DELETED[other % len(DELETED)]
        self._crm.delete(name, self._pick(name, one)["Id"])

    def something_comes_out_of_the_bin(self, one: int, other: int) -> None:
        name = DELETED[other % len(DELETED)]
        gone = [row for row in self._all(name) if row["IsDeleted"] and not row.get("MasterRecordId")]
        self._crm.act(self._user(one), "undelete", {"object": name, "id": gone[one % len(gone)]["Id"]})

    def two_accounts_are_merged(self, one: int, other: int) -> None:
        self._merge("Account", one, other)

    def two_contacts_are_merged(self, one: int, other: int) -> None:
        self._merge("Contact", one, other)

    def everything_of_a_kind_is_restamped(self, one: int, other: int) -> None:
        """As an admin who renames a value of a picklist does: all in one second."""
        name = RESTAMPED[one % len(RESTAMPED)]
        now = stamp(self._sandbox.clock.now())
        self._crm.store.database.execute(f'UPDATE "{name}" SET "SystemModstamp" = ?', (now,))

    def a_long_transaction_writes(self, one: int, other: int) -> None:
        who, account = self._pick("Contact", one)["Id"], self._pick("Account", other)["Id"]
        start = {"StartDateTime": "2026-10-07T09:00:00Z", "DurationInMinutes": 30, "Subject": "Late"}
        writes: Sequence[Record] = (
            {"object": "Contact", "id": who, "values": {"Title": self._new("Late")}},
            {"object": "Contact", "values": {"LastName": self._new("Late"), "AccountId": account}},
            {"object": "Event", "values": {**start, "WhoId": who, "WhatId": account}},
            {"object": "Opportunity", "values": {"Name": self._new("Late"), "StageName": "Prospecting"}},
        )
        self._crm.set_up({"write_late": [writes[other % len(writes)]]})

    def the_transactions_commit(self, one: int = 0, other: int = 0) -> None:
        self._crm.set_up({"commit": True})

    def time_passes(self, one: int, other: int) -> None:
        self._sandbox.clock.advance((0, 1, 59, 61, 600, 1200)[one % 6])

    # ------------------------------------------------------------------------------------------------------------------

    def _all(self, name: str) -> list[Record]:
        return self._crm.records(name, "", 100_000)[0]

    def _living(self, name: str) -> list[Record]:
        return [row for row in self._all(name) if not row.get("IsDeleted")]

    def _rotated(self, name: str, by: int) -> list[Record]:
        rows = self._living(name)
        return rows[by % len(rows) :] + rows[: by % len(rows)]

    def _pick(self, name: str, number: int) -> Record:
        rows = self._living(name)
        return rows[number % len(rows)]

    def _user(self, number: int) -> str:
        active = [row["Id"] for row in self._living("User") if row["IsActive"]]
        return str(active[number % len(active)])

    def _new(self, what: str) -> str:
        self._made += 1
        return f"{what} {self._made}"

    def _change(self, name: str, number: int, **values: Any) -> None:
        self._crm.update(name, self._pick(name, number)["Id"], values)

    def _act(self, do: str, one: int, other: int, **details: Any) -> None:
        self._crm.act(self._user(other), do, {"contact": self._pick("Contact", one)["Id"], **details})

    def _merge(self, name: str, one: int, other: int) -> None:
        ids = {"winner": self._pick(name, one)["Id"], "loser": self._pick(name, other)["Id"]}
        if len(set(ids.values())) == 2:
            self._crm.act(self._user(one), "merge", {"object": name, **ids})


EVENTS = tuple(name for name in vars(Life) if not name.startswith("_") and name != "happen")
