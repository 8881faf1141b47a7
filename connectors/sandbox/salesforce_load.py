"""A company as a Salesforce org would hold it after years of use: the records that people, calls and mails leave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal, SeedTicket, SeedUser
from connectors.sandbox.salesforce_schema import TEXTS
from connectors.sandbox.salesforce_store import Store, stamp
from connectors.sandbox.salesforce_touches import TouchWriter

_BATCH = 20_000
CURRENCY = "EUR"  # of the company, for a deal that names none
OPEN_DEAL_DAYS = 90  # an open deal without a day of its own closes so many days ahead


class Bulk:
    """Rows on their way into the store, object by object; every object's rows have the same columns."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._columns: dict[str, tuple[str, ...]] = {}
        self._texts: dict[str, list[tuple[int, int]]] = {}  # by object: place and length of each text
        self._waiting: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self._ids: list[tuple[str, str]] = []

    def add(self, object_name: str, dataset_id: str, row: Mapping[str, Any], made: tuple[str, str]) -> str:
        """The new record's id. `made` is when (a stamp) and by whom it was made; `dataset_id` may be empty."""
        record_id = self._store.next_id(object_name)
        when, who = made
        if object_name not in self._columns:
            system = ("Id", "CreatedDate", "LastModifiedDate", "SystemModstamp", "CreatedById", "LastModifiedById")
            self._columns[object_name] = (*system, *row)
            fields = [self._store.objects[object_name].fields[name] for name in row]
            self._texts[object_name] = [(place, each.length) for place, each in enumerate(fields) if each.type in TEXTS]
        values = list(row.values())
        for place, most in self._texts[object_name]:
            # What does not fit cannot have been typed in.
            if values[place] and len(values[place]) > most > 0:
                values[place] = values[place][:most]
        waiting = self._waiting[object_name]
        waiting.append((record_id, when, when, when, who, who, *values))
        if dataset_id:
            self._ids.append((dataset_id, record_id))
        if len(waiting) >= _BATCH:
            self.flush()
        return record_id

    def flush(self) -> None:
        for object_name, rows in self._waiting.items():
            self._store.insert_many(object_name, self._columns[object_name], rows)
        self._waiting.clear()
        self._store.database.executemany("INSERT INTO dataset_ids VALUES (?, ?)", self._ids)
        self._ids.clear()


class Loader:
    """Fills an org that has nothing but its fixed tables and its integration user."""

    def __init__(self, store: Store, company: Company, now: datetime, integration_user: str) -> None:
        self._store = store
        self._company = company
        self._now = now
        self._nobody = integration_user
        self._bulk = Bulk(store)
        self._first, self._last = _touched(company)
        self._addresses = {user.id: user.email for user in company.users}
        self._dawn = min([*self._first.values(), now])
        self._users: dict[str, str] = {}
        self._accounts: dict[str, str] = {}
        self._contacts: dict[str, str] = {}
        self._account_of: dict[str, str] = {}
        self._owner_of: dict[str, str] = {}
        self._since_of: dict[str, date | None] = {}

    def load(self) -> None:
        self._store.drop_indexes()
        with self._store.transaction():
            self._load_people()
            self._load_business()
            writer = TouchWriter(
                bulk=self._bulk,
                addresses=self._addresses | {contact.id: contact.email for contact in self._company.contacts},
                now=self._now,
                nobody=self._nobody,
                users=self._users,
                contacts=self._contacts,
                accounts=self._accounts,
                account_of=self._account_of,
            )
            for touch in self._company.touches:
                writer.write(touch)
            self._bulk.flush()
        self._store.index()

    def _load_people(self) -> None:
        for user in self._company.users:
            self._users[user.id] = self._add_user(user)
        for account in self._company.accounts:
            self._accounts[account.id] = self._add_account(account)
        for contact in self._company.contacts:
            self._contacts[contact.id] = self._add_contact(contact)
        self._bulk.flush()
        for user in self._company.users:
            if user.manager in self._users:
                self._store.update("User", self._users[user.id], {"ManagerId": self._users[user.manager]})
        for account in self._company.accounts:
            if account.parent in self._accounts:
                self._store.update("Account", self._accounts[account.id], {"ParentId": self._accounts[account.parent]})
            if account.deleted:
                self._store.update("Account", self._accounts[account.id], {"IsDeleted": 1})

    def _load_business(self) -> None:
        with_deal: dict[str, str] = {}
        for deal in self._company.deals:
            with_deal.setdefault(deal.account, self._add_deal(deal))
        for contact in self._company.contacts:
            self._add_relation(contact, with_deal.get(contact.account))
        for ticket in self._company.tickets:
            self._add_case(ticket)
        for member in self._company.team:
            since = _midnight(member.since) if member.since else self._dawn
            row = {
                "AccountId": self._accounts.get(member.account),
                "UserId": self._users.get(member.user),
                "TeamMemberRole": member.role or None,
                "AccountAccessLevel": "Read",
            }
            self._bulk.add("AccountTeamMember", "", row, self._made(since))
        self._load_mailings()

    def _load_mailings(self) -> None:
        campaigns: dict[str, str] = {}
        for mailing in self._company.mailings:
            made = self._made(mailing.at)
            if mailing.name not in campaigns:
                starts_on = mailing.starts_on.isoformat() if mailing.starts_on else None
                # As many orgs have it: nobody ever turned the state of a campaign.
                row = {"Name": mailing.name, "Status": "Planned", "StartDate": starts_on, "OwnerId": self._nobody}
                campaigns[mailing.name] = self._bulk.add("Campaign", "", row, made)
            answered_on = mailing.answered_on.isoformat() if mailing.answered_on else None
            member = {
                "CampaignId": campaigns[mailing.name],
                "ContactId": self._contacts.get(mailing.contact),
                "Status": "Responded" if answered_on else "Sent",
                "HasResponded": int(answered_on is not None),
                "FirstRespondedDate": answered_on,
            }
            self._bulk.add("CampaignMember", "", member, made)

    def _made(self, when: datetime, who: str | None = None) -> tuple[str, str]:
        return stamp(min(when, self._now)), who or self._nobody

    def _add_user(self, user: SeedUser) -> str:
        first, last = _names(user.name)
        row = {
            "Username": user.email,
            "FirstName": first,
            "LastName": last,
            "Name": user.name,
            "Email": user.email,
            "Title": user.title or None,
            "Department": user.department or None,
            "IsActive": int(user.active),
            "UserType": "Standard",
            "TimeZoneSidKey": "Europe/Berlin",
        }
        return self._bulk.add("User", user.id, row, self._made(self._dawn))

    def _add_account(self, account: SeedAccount) -> str:
        owner = self._users.get(account.owner, self._nobody)
        self._owner_of[account.id] = owner
        self._since_of[account.id] = account.customer_since
        row = {
            "Name": account.name,
            "Type": account.type or None,
            "BillingCountry": account.country or None,
            "Website": account.website or (f"https://www.{account.domain}" if account.domain else None),
            "OwnerId": owner,
            "LastActivityDate": self._last.get(account.id),
            "Customer_Since__c": account.customer_since.isoformat() if account.customer_since else None,
            "Plan_Date__c": account.planned_on.isoformat() if account.planned_on else None,
            "Joint_Plan_Date__c": account.planned_together_on.isoformat() if account.planned_together_on else None,
            "Expectations_Date__c": account.asked_on.isoformat() if account.asked_on else None,
            "Litmus_Date__c": account.tested_on.isoformat() if account.tested_on else None,
            "Plan_Approved_Date__c": account.approved_on.isoformat() if account.approved_on else None,
            "Our_Sponsor__c": self._addresses.get(account.sponsor),
            "Contact_Every_Days__c": account.contact_every_days,
        }
        return self._bulk.add(
            "Account", account.id, row, self._made(self._born(account.customer_since, account.id), owner)
        )

    def _add_contact(self, contact: SeedContact) -> str:
        owner = self._owner_of.get(contact.account, self._nobody)
        first, last = _names(contact.name)
        self._account_of[contact.id] = contact.account
        row = {
            "AccountId": self._accounts.get(contact.account),
            "FirstName": first,
            "LastName": last,
            "Name": contact.name,
            "Email": contact.email or None,
            "Title": contact.title or None,
            "HasOptedOutOfEmail": int(contact.opted_out),
            "OwnerId": owner,
            "LastActivityDate": self._last.get(contact.id),
        }
        return self._bulk.add("Contact", contact.id, row, self._made(self._contact_born(contact), owner))

    def _left_on(self, contact: SeedContact) -> str | None:
        if contact.left_on:
            return contact.left_on.isoformat()
        last, today = self._last.get(contact.id), self._now.date().isoformat()
        return min(last, today) if last else None

    def _contact_born(self, contact: SeedContact) -> datetime:
        if contact.entered_on:
            return _midnight(contact.entered_on) + timedelta(hours=12)  # the same day in nearly every zone
        return self._born(self._since_of.get(contact.account), contact.id)

    def _born(self, since: date | None, dataset_id: str) -> datetime:
        return _midnight(since) if since else self._first.get(dataset_id, self._dawn)

    def _add_relation(self, contact: SeedContact, deal_id: str | None) -> None:
        account_id, contact_id = self._accounts.get(contact.account), self._contacts[contact.id]
        made = self._made(self._contact_born(contact))
        roles = [_in_words(role) for role in contact.role.split(";") if role.strip()]
        if account_id:
            row = {
                "AccountId": account_id,
                "ContactId": contact_id,
                "IsDirect": 1,
                # Salesforce has no other standard mark for somebody who left.
                "IsActive": int(contact.active),
                "EndDate": None if contact.active else self._left_on(contact),
                "Roles": ";".join(roles) or None,
            }
            self._bulk.add("AccountContactRelation", "", row, made)
        if deal_id and roles:
            role = {"OpportunityId": deal_id, "ContactId": contact_id, "Role": roles[0], "IsPrimary": 0}
            self._bulk.add("OpportunityContactRole", "", role, made)

    def _add_deal(self, deal: SeedDeal) -> str:
        over = deal.closed_on is not None and (deal.won or deal.closed_on <= self._now.date())
        closed_on = deal.closed_on or (self._now + timedelta(days=OPEN_DEAL_DAYS)).date()
        owner = self._owner_of.get(deal.account, self._nobody)
        row = {
            "AccountId": self._accounts.get(deal.account),
            "Name": deal.name or f"Deal {deal.id}",  # Salesforce has no deal without a name
            "StageName": "Closed Won" if deal.won else "Closed Lost" if over else "Prospecting",
            "IsWon": int(deal.won),
            "IsClosed": int(over or deal.won),
            "Probability": 100.0 if deal.won else 0.0 if over else 10.0,
            "Amount": deal.amount,
            "CloseDate": closed_on.isoformat(),
            "Competitor__c": deal.competitor or None,
            "OwnerId": owner,
        }
        if "CurrencyIsoCode" in self._store.objects["Opportunity"].fields:
            row["CurrencyIsoCode"] = deal.currency or CURRENCY
        made = self._made(_midnight(closed_on) if over else self._first.get(deal.account, self._dawn), owner)
        return self._bulk.add("Opportunity", deal.id, row, made)

    def _add_case(self, ticket: SeedTicket) -> str:
        row = {
            "CaseNumber": ticket.id,
            "AccountId": self._accounts.get(ticket.account),
            "ContactId": self._contacts.get(ticket.contact),
            "Status": "Closed" if ticket.closed_at else "Escalated" if ticket.escalated else "New",
            "Priority": ticket.priority.capitalize() or "Medium",
            "IsClosed": int(ticket.closed_at is not None),
            "ClosedDate": stamp(ticket.closed_at) if ticket.closed_at else None,
            "IsEscalated": int(ticket.escalated),
            "OwnerId": self._owner_of.get(ticket.account, self._nobody),
        }
        return self._bulk.add("Case", ticket.id, row, self._made(ticket.opened_at or self._dawn))


def _touched(company: Company) -> tuple[dict[str, datetime], dict[str, str]]:
    """First moment and last day of touch, by the dataset ids of accounts and contacts alike."""
    first: dict[str, datetime] = {}
    last: dict[str, str] = {}
    for touch in company.touches:
        day = touch.at.astimezone(UTC).date().isoformat()
        for each in (touch.account, *touch.contacts):
            if each not in first or touch.at < first[each]:
                first[each] = touch.at
            if last.get(each, "") < day:
                last[each] = day
    return first, last


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _names(name: str) -> tuple[str | None, str]:
    first, _, last = name.strip().rpartition(" ")
    return first or None, last or name or "Unknown"


def _in_words(role: str) -> str:
    """`decision-maker` as the picklist has it: `Decision Maker`."""
    return role.strip().replace("-", " ").replace("_", " ").title()
