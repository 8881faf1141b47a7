"""People, accounts, deals and our own tasks: from Salesforce's records to rows of the store's tables. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from connectors.protocol import Page, Row, TaskState
from connectors.salesforce.settings import FieldNames, SalesforceSettings
from connectors.salesforce.values import day, id18, moment, number, text, truth, whole_days

Record = Mapping[str, Any]

_LARGEST_SCORE = 2**53


def users(records: Sequence[Record]) -> Page:
    """Every user. Active is who can own things in Salesforce: portal, guest and automated users (UserType other than
    Standard) are kept for their names and are inactive.
    """
    return _table("users", records, _user)


def accounts(records: Sequence[Record], settings: SalesforceSettings) -> Page:
    return _table("accounts", records, lambda record: _account(record, settings))


def contacts(records: Sequence[Record]) -> Page:
    return _table("contacts", records, _contact)


def contact_roles(records: Sequence[Record]) -> Page:
    """Roles of AccountContactRelation (`Roles`, `A;B`) and OpportunityContactRole (`Role`), one row per record.

    A relation that is not active any more keeps its row and loses its roles; that of a contact with its own account
    (IsDirect) then says when the person left: at its EndDate, else when it was last changed.
    """
    return _table("contact_roles", records, _contact_role)


def team(records: Sequence[Record]) -> Page:
    """Members of AccountTeamMember and OpportunityTeamMember, of which each names one of account and deal."""
    return _table("team", records, _team_member)


def cases(records: Sequence[Record]) -> Page:
    """Cases. Salesforce does not tell when one was opened again; `changed_at` is the latest that it can have been."""
    return _table("tickets", records, _case)


def campaigns(records: Sequence[Record]) -> Page:
    """Campaigns; of their states only that of being called off is told: many orgs never touch the others."""
    return _table("campaigns", records, _campaign)


def campaign_members(records: Sequence[Record]) -> Page:
    """Contacts that belong to a campaign, as mailings; FirstRespondedDate is when one answered."""
    return _table("mailings", records, _campaign_member)


def deals(records: Sequence[Record], settings: SalesforceSettings) -> Page:
    return _table("deals", records, lambda record: _deal(record, settings.map.deals.competitor))


def crm_tasks(records: Sequence[Record], *, key_field: str, feedback_field: str = "") -> Page:
    """Our tasks. A deleted one is a row too: that somebody deleted it is their answer."""
    states = [task_state(record, key_field, feedback_field) for record in records if id18(record.get("Id"))]
    return Page(rows={"crm_tasks": [task_row(state) for state in states]}, records=len(records))


def task_state(record: Record, key_field: str, feedback_field: str = "") -> TaskState:
    """A task of ours as the CRM has it; without a feedback where no field is named for it."""
    ended = record.get("IsDeleted") or record.get("IsClosed")
    return TaskState(
        key=text(record.get(key_field)),
        id=id18(record.get("Id")) or "",
        status=_task_status(record),
        account_id=id18(record.get("AccountId")),
        assignee_id=id18(record.get("OwnerId")),
        subject=text(record.get("Subject")),
        body=text(record.get("Description")),
        due_on=day(record.get("ActivityDate")),
        created_at=moment(record.get("CreatedDate")),
        ended_at=(moment(record.get("CompletedDateTime")) or moment(record.get("SystemModstamp"))) if ended else None,
        feedback=text(record.get(feedback_field)).strip().lower(),
    )


def task_row(state: TaskState) -> Row:
    """The same as a row of `crm_tasks`."""
    return {name: getattr(state, name) for name in TaskState.__dataclass_fields__}


def role_words(roles: str) -> str:
    """`Decision Maker;Executive Sponsor` as `decision-maker;executive-sponsor`: sorted, lower case, hyphens."""
    words = {re.sub(r"[\W_]+", "-", role).strip("-").lower() for role in roles.split(";")}
    return ";".join(sorted(words - {""}))


def _table(table: str, records: Sequence[Record], make: Callable[[Record], Row]) -> Page:
    rows: list[Row] = []
    gone: list[str] = []
    set_aside: Counter[str] = Counter()
    for record, record_id in identified(records, set_aside):
        if record.get("IsDeleted"):
            gone.append(record_id)
        else:
            rows.append({"id": record_id, **make(record)})
    return Page(rows={table: rows}, gone={table: gone}, records=len(records), set_aside=set_aside)


def identified(records: Sequence[Record], set_aside: Counter[str]) -> Iterable[tuple[Record, str]]:
    """Each record with its 18-character id; those without one are counted in `set_aside`."""
    for record in records:
        if (record_id := id18(record.get("Id"))) is None:
            set_aside["no id"] += 1
        else:
            yield record, record_id


def _user(record: Record) -> Row:
    return {
        "name": text(record.get("Name")),
        "email": text(record.get("Email")).lower(),
        "title": text(record.get("Title")),
        "active": record.get("IsActive") is True and record.get("UserType", "Standard") == "Standard",
        "manager_id": id18(record.get("ManagerId")),
        "department": text(record.get("Department")).strip(),
    }


def _account(record: Record, settings: SalesforceSettings) -> Row:
    def mapped(name: str | None) -> Any:
        return record.get(name) if name else None

    return {
        "name": text(record.get("Name")),
        "domain": _domain(text(record.get("Website"))),
        "owner_id": id18(record.get("OwnerId")),
        "customer_type": text(record.get("Type")).lower().startswith("customer"),
        "customer_since": day(mapped(settings.map.customer_since)),
        "parent_id": id18(record.get("ParentId")),
        "flagged": truth(mapped(settings.map.key_account)),
        "customer_flag": truth(mapped(settings.map.customer)),
        "tier": text(mapped(settings.map.tier)),
        "revenue": number(mapped(settings.map.revenue)),
        "type": text(record.get("Type")),
        # The code, where the org has picklists of countries, is one spelling for all.
        "country": text(record.get("BillingCountryCode")) or text(record.get("BillingCountry")),
        "person": record.get("IsPersonAccount") is True,
        "contact_every_days": whole_days(mapped(settings.map.contact_every_days)),
        **({"sponsor": _one_of_ours(mapped(settings.map.our_sponsor))} if settings.map.our_sponsor else {}),
        **({"outcomes": _outcomes(record, settings.map.outcomes)} if settings.map.outcomes else {}),
        **({"days": _days(record, settings.map.days())} if settings.map.days() else {}),
        "ours": our_fields(record, settings.fields),
        "created_at": moment(record.get("CreatedDate")),
    }


def _one_of_ours(value: Any) -> str:
    """A user id or, from a field of text, an e-mail address; empty where nobody is named."""
    return id18(value) or text(value).strip().lower()


def _outcomes(record: Record, names: Mapping[str, str]) -> Row:
    """The mapped days as ISO strings; empty ones, and what is no day, left out."""
    return {ours: on for ours, on in _days(record, names).items() if on}


def _days(record: Record, names: Mapping[str, str]) -> Row:
    """The mapped days as ISO strings; None for an empty one, and for what is no day."""
    found = {ours: day(record.get(name)) for ours, name in names.items()}
    return {ours: on.isoformat() if on else None for ours, on in found.items()}


def our_fields(record: Record, names: FieldNames) -> Row:
    """Our Account fields that the record shows, by logical name: `risk` an int, dates as ISO strings."""
    ours = {logical: record[api] for logical, api in names.on_account().items() if api in record}
    # What somebody wrote over ours can be longer than any column; a float stays one.
    if isinstance(ours.get("risk"), float) and abs(ours["risk"]) < _LARGEST_SCORE:
        ours["risk"] = round(ours["risk"])
    return ours


def _contact(record: Record) -> Row:
    return {
        "account_id": id18(record.get("AccountId")),
        "name": text(record.get("Name")),
        "email": text(record.get("Email")).lower(),
        "title": text(record.get("Title")),
        "seniority": "",
        "roles": "",
        "left_on": (bounced_on := day(record.get("EmailBouncedDate"))),
        "left_why": "e-mail bounced" if bounced_on else "",
        "opted_out": record.get("HasOptedOutOfEmail") is True,
        "created_at": moment(record.get("CreatedDate")),
    }


def _contact_role(record: Record) -> Row:
    ended = record.get("IsActive") is False
    roles = text(record.get("Roles")) or text(record.get("Role"))
    left_on = day(record.get("EndDate")) or (day(record.get("SystemModstamp")) if ended else None)
    left = record.get("IsDirect") is True and left_on is not None
    return {
        "contact_id": id18(record.get("ContactId")) or "",
        "roles": "" if ended else role_words(roles),
        "left_on": left_on if left else None,
        "left_why": "relation ended" if left else "",
        "created_at": moment(record.get("CreatedDate")),
    }


def _team_member(record: Record) -> Row:
    return {
        "account_id": id18(record.get("AccountId")),
        "deal_id": id18(record.get("OpportunityId")),
        "user_id": id18(record.get("UserId")) or "",
        "role": text(record.get("TeamMemberRole")),
        "created_at": moment(record.get("CreatedDate")),
    }


def _case(record: Record) -> Row:
    return {
        "account_id": id18(record.get("AccountId")),
        "contact_id": id18(record.get("ContactId")),
        "priority": text(record.get("Priority")).strip().lower(),
        "escalated": record.get("IsEscalated") is True,
        "closed_at": moment(record.get("ClosedDate")) if record.get("IsClosed") else None,
        "reopened_at": None,
        "changed_at": moment(record.get("SystemModstamp")),
        "created_at": moment(record.get("CreatedDate")),
    }


def _campaign(record: Record) -> Row:
    return {
        "name": text(record.get("Name")),
        "starts_on": day(record.get("StartDate")),
        "aborted": text(record.get("Status")).strip().lower() == "aborted",
        "created_at": moment(record.get("CreatedDate")),
    }


def _campaign_member(record: Record) -> Row:
    entered_at = moment(record.get("CreatedDate"))
    return {
        "contact_id": id18(record.get("ContactId")) or "",
        "campaign_id": id18(record.get("CampaignId")),
        "name": "",
        "got_at": entered_at,
        "answered_on": day(record.get("FirstRespondedDate")),
        "created_at": entered_at,
    }


def _deal(record: Record, competitor: str | None) -> Row:
    return {
        "account_id": id18(record.get("AccountId")),
        "name": text(record.get("Name")),
        "amount": number(record.get("Amount")),
        "currency": text(record.get("CurrencyIsoCode")),
        # An open deal's CloseDate is a hope.
        "closed_on": day(record.get("CloseDate")) if record.get("IsClosed") else None,
        "won": record.get("IsWon") is True,
        **({"competitor": text(record.get(competitor)).strip()} if competitor else {}),
        "created_at": moment(record.get("CreatedDate")),
    }


def _domain(website: str) -> str:
    try:
        host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _task_status(record: Record) -> str:
    if record.get("IsDeleted"):
        return "deleted"
    if record.get("IsClosed"):
        return "completed"
    return "deferred" if "deferred" in text(record.get("Status")).lower() else "open"
