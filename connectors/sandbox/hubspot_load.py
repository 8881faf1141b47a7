"""Fills a HubSpot account with a company, as a portal would hold it after years of use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import orjson

from connectors.sandbox.company import (
    Company,
    SeedAccount,
    SeedContact,
    SeedDeal,
    SeedMailing,
    SeedTeamMember,
    SeedTicket,
    SeedTouch,
)
from connectors.sandbox.config_file import TEAM_PROPERTIES
from connectors.sandbox.crm import pages
from connectors.sandbox.hubspot_account import Account
from connectors.sandbox.hubspot_activities import KINDS, activity
from connectors.sandbox.hubspot_derived import born, calculate
from connectors.sandbox.hubspot_schema import COMPANY, CONTACT, DEAL, TICKET, ObjectType
from connectors.sandbox.hubspot_store import Record
from connectors.sandbox.hubspot_values import milliseconds, text_of

OWNER = 0  # stands for owners among the kinds that dataset ids lead to
_CHUNK = 20_000
_NOON = time(12, tzinfo=UTC)
_OPTION_OF_ROLE = {"economic-buyer": "BUDGET_HOLDER", "influencer": "INFLUENCER", "sponsor": "EXECUTIVE_SPONSOR"}
_LIFECYCLE_OF_TYPE = {"prospect": "opportunity", "lead": "lead", "": "lead"}
_LINKS_OF_KIND = {KINDS[name]: ids for name, ids in (
    ("email", (186, 198)), ("call", (182, 194)), ("meeting", (188, 200)), ("note", (190, 202)),
)}  # fmt: skip


@dataclass(kw_only=True, slots=True)
class _Loading:
    """What is known so far: ids by dataset id, and the first and last touch of everybody."""

    account: Account
    now: datetime
    start: datetime
    addresses: dict[str, str]  # of users and contacts
    first: dict[str, datetime]
    last: dict[str, datetime]
    owners: dict[str, str] = field(default_factory=dict)
    companies: dict[str, int] = field(default_factory=dict)
    contacts: dict[str, int] = field(default_factory=dict)
    owner_of: dict[str, str] = field(default_factory=dict)  # by the account's dataset id
    stage_of: dict[str, str] = field(default_factory=dict)
    since_of: dict[str, date | None] = field(default_factory=dict)
    mailed: dict[str, dict[str, str]] = field(default_factory=dict)  # properties by contact
    team_of: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # owners by property

    def add(self, kind: ObjectType, at: datetime, values: dict[str, str], *, record_id: int = 0) -> Record:
        """A record that came into being at that moment; calculated values follow."""
        at = min(at, self.now).astimezone(UTC)
        moment = milliseconds(at)
        record_id = record_id or self.account.data.new_id(kind)
        record = Record(kind=kind.number, id=record_id, created=moment, modified=moment)
        record.properties = born(kind, record_id, text_of(at), "CRM_UI")
        record.properties |= {name: value for name, value in values.items() if value}
        calculate(kind, record.properties, {}, text_of(at))
        return record


def load(account: Account, company: Company) -> None:
    """The account holds the company's people, accounts, touches and deals; dataset ids are remembered."""
    # Whole seconds, so that a company loaded twice is the same to the millisecond.
    now = account.clock.now().replace(microsecond=0)
    first, last = _touch_range(company.touches, now)
    start = min(first.values(), default=now)
    addresses = {user.id: user.email for user in company.users}
    addresses |= {contact.id: contact.email for contact in company.contacts if contact.email}
    loading = _Loading(account=account, now=now, start=start, addresses=addresses, first=first, last=last)
    if any(one.native_id for rows in (company.accounts, company.contacts, company.deals) for one in rows):
        account.install_salesforce()
    with account.data.store.bulk():
        _load_owners(loading, company)
        _load_teams(loading, company.team)
        loading.mailed.update(_mailed(company.mailings))
        for kind, pairs in (
            (COMPANY, _companies(loading, company.accounts)),
            (CONTACT, _contacts(loading, company.contacts)),
            (DEAL, _deals(loading, company.deals)),
            (TICKET, _tickets(loading, company.tickets)),
        ):
            _store(account, kind, list(pairs))
        _link_people(loading, company)
        for chunk in pages(sorted(company.touches, key=lambda touch: touch.at), _CHUNK):
            _load_touches(loading, chunk)


def _touch_range(touches: Iterable[SeedTouch], now: datetime) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """First touch of any kind, and last contact that happened, by dataset id of account and contact."""
    first: dict[str, datetime] = {}
    last: dict[str, datetime] = {}
    for touch in touches:
        counts = touch.kind != "note" and touch.at <= now and touch.outcome not in ("cancelled", "scheduled")
        for who in (touch.account, *touch.contacts):
            if who not in first or touch.at < first[who]:
                first[who] = touch.at
            if counts and (who not in last or touch.at > last[who]):
                last[who] = touch.at
    return first, last


def _load_owners(loading: _Loading, company: Company) -> None:
    at = text_of(loading.start.astimezone(UTC))
    made = []
    for user in company.users:
        owner = loading.account.owners.add(
            name=user.name, email=user.email, at=at, active=user.active, team=user.department
        )
        loading.owners[user.id] = str(owner.id)
        made.append((user.id, OWNER, owner.id))
    loading.account.data.store.remember(made)


def _load_teams(loading: _Loading, team: Iterable[SeedTeamMember]) -> None:
    """Who has which role, as owners in properties of companies; roles for which the portal has none are lost."""
    for member in team:
        if (name := TEAM_PROPERTIES.get(member.role)) and member.user in loading.owners:
            loading.team_of[member.account][name] = loading.owners[member.user]


def _store(account: Account, kind: ObjectType, pairs: list[tuple[str, Record]]) -> None:
    account.data.store.add(record for _, record in pairs)
    account.data.store.remember((dataset_id, kind.number, record.id) for dataset_id, record in pairs)


def _born_at(loading: _Loading, dataset_id: str, since: date | None) -> datetime:
    if since is not None:
        return datetime.combine(since, _NOON)
    return loading.first.get(dataset_id, loading.start)


def _companies(loading: _Loading, accounts: Iterable[SeedAccount]) -> Iterator[tuple[str, Record]]:
    known = list(accounts)
    # All ids first: a parent may stand below its child.
    for account in known:
        loading.companies[account.id] = loading.account.data.new_id(COMPANY)
    for account in known:
        kind = account.type.lower()
        stage = "customer" if kind.startswith("customer") else _LIFECYCLE_OF_TYPE.get(kind, "other")
        owner = loading.owners.get(account.owner, "")
        loading.owner_of[account.id], loading.stage_of[account.id] = owner, stage
        loading.since_of[account.id] = account.customer_since
        values = {
            "name": account.name,
            "domain": account.domain,
            "country": account.country,
            "salesforceaccountid": account.native_id,
            "lifecyclestage": stage,
            "type": kind.upper() if kind in ("prospect", "partner", "reseller", "vendor") else "",
            "hubspot_owner_id": owner,
            "customer_since": account.customer_since.isoformat() if account.customer_since else "",
            "plan_date": account.planned_on.isoformat() if account.planned_on else "",
            "joint_plan_date": account.planned_together_on.isoformat() if account.planned_together_on else "",
            "expectations_date": account.asked_on.isoformat() if account.asked_on else "",
            "litmus_date": account.tested_on.isoformat() if account.tested_on else "",
            "plan_approved_date": account.approved_on.isoformat() if account.approved_on else "",
            "our_sponsor": loading.owners.get(account.sponsor, ""),
            "contact_every_days": str(account.contact_every_days or ""),
            "hs_parent_company_id": str(loading.companies.get(account.parent, "")),
            "notes_last_contacted": _last(loading, account.id),
            **loading.team_of[account.id],
        }
        at = _born_at(loading, account.id, account.customer_since)
        yield account.id, loading.add(COMPANY, at, values, record_id=loading.companies[account.id])


def _last(loading: _Loading, dataset_id: str) -> str:
    found = loading.last.get(dataset_id)
    return "" if found is None else text_of(found.astimezone(UTC))


def _contacts(loading: _Loading, contacts: Iterable[SeedContact]) -> Iterator[tuple[str, Record]]:
    store = loading.account.data.store
    for contact in contacts:
        first_name, _, last_name = contact.name.rpartition(" ")
        values = {
            "email": contact.email,
            "hs_additional_emails": ";".join(contact.other_emails),
            "salesforcecontactid": contact.native_id,
            "firstname": first_name,
            "lastname": last_name,
            "jobtitle": contact.title,
            "hs_buying_role": _buying_roles(contact.role),
            "hubspot_owner_id": loading.owner_of.get(contact.account, ""),
            "lifecyclestage": loading.stage_of.get(contact.account, ""),
            "associatedcompanyid": str(loading.companies.get(contact.account, "")),
            "notes_last_contacted": _last(loading, contact.id),
            # Who has left shows as mail that comes back and as a job that is another's.
            "hs_employment_change_detected_date": "" if contact.active else _left_at(loading, contact),
            "hs_email_hard_bounce_reason_enum": "" if contact.active else "UNKNOWN_USER",
            "hs_email_bounce": "" if contact.active else "1",
            "hs_returning_to_office_detected_date": _noon_of(contact.back_on) if contact.back_on else "",
            "hs_email_optout": "true" if contact.opted_out else "",
            **loading.mailed.get(contact.id, {}),
        }
        at = _born_at(loading, contact.id, contact.entered_on or loading.since_of.get(contact.account))
        record = loading.add(CONTACT, at, values)
        loading.contacts[contact.id] = record.id
        for address in filter(None, (contact.email, *contact.other_emails)):
            store.hold(CONTACT.number, "email", address.lower(), record.id)
        yield contact.id, record


def _mailed(mailings: Iterable[SeedMailing]) -> dict[str, dict[str, str]]:
    """What the portal keeps of marketing e-mails on each contact: the first and the newest, and how many."""
    found: dict[str, dict[str, str]] = {}
    for one in sorted(mailings, key=lambda mailing: mailing.at):
        at = text_of(one.at.astimezone(UTC))
        held = found.setdefault(one.contact, {"hs_email_first_send_date": at, "hs_email_delivered": "0"})
        held |= {"hs_email_last_send_date": at, "hs_email_last_email_name": one.name}
        held["hs_email_delivered"] = str(int(held["hs_email_delivered"]) + 1)
        if one.answered_on:
            clicked = text_of(datetime.combine(one.answered_on, _NOON))
            held["hs_email_last_click_date"] = max(clicked, held.get("hs_email_last_click_date", ""))
    return found


def _left_at(loading: _Loading, contact: SeedContact) -> str:
    if contact.left_on is None:
        return _last(loading, contact.id)
    return _noon_of(contact.left_on)


def _noon_of(day: date) -> str:
    return text_of(datetime.combine(day, _NOON).astimezone(UTC))


def _buying_roles(roles: str) -> str:
    words = [role.strip().lower() for role in roles.split(";") if role.strip()]
    return ";".join(_OPTION_OF_ROLE.get(word, word.upper().replace("-", "_").replace(" ", "_")) for word in words)


def _deals(loading: _Loading, deals: Iterable[SeedDeal]) -> Iterator[tuple[str, Record]]:
    for deal in deals:
        closed = datetime.combine(deal.closed_on, _NOON) if deal.closed_on else None
        stage = (
            "closedwon" if deal.won else "closedlost" if closed and closed <= loading.now else "appointmentscheduled"
        )
        values = {
            "dealname": deal.name,
            "amount": "" if deal.amount is None else f"{deal.amount:.15g}",
            "deal_currency_code": deal.currency,
            "competitor": deal.competitor,
            "closedate": text_of(closed) if closed else "",
            "dealstage": stage,
            "hubspot_owner_id": loading.owner_of.get(deal.account, ""),
            "hs_salesforceopportunityid": deal.native_id,
        }
        at = closed or loading.first.get(deal.account, loading.start)
        record = loading.add(DEAL, at, values)
        _link(loading, DEAL, record.id, COMPANY, loading.companies.get(deal.account), (341, 5))
        yield deal.id, record


def _tickets(loading: _Loading, tickets: Iterable[SeedTicket]) -> Iterator[tuple[str, Record]]:
    for ticket in tickets:
        priority = ticket.priority.upper()
        values = {
            "subject": f"Ticket {ticket.id}",
            "hs_pipeline_stage": "1" if ticket.closed_at is None else "4",
            "closed_date": "" if ticket.closed_at is None else text_of(ticket.closed_at.astimezone(UTC)),
            "hs_ticket_priority": {"NORMAL": "MEDIUM", "CRITICAL": "URGENT"}.get(priority, priority),
            "escalated": "true" if ticket.escalated else "false",
        }
        record = loading.add(TICKET, ticket.opened_at or loading.start, values)
        _link(loading, TICKET, record.id, COMPANY, loading.companies.get(ticket.account), (339, 26))
        _link(loading, TICKET, record.id, CONTACT, loading.contacts.get(ticket.contact), (16,))
        yield ticket.id, record


def _link_people(loading: _Loading, company: Company) -> None:
    for contact in company.contacts:
        _link(loading, CONTACT, loading.contacts[contact.id], COMPANY, loading.companies.get(contact.account), (279, 1))
    for account in company.accounts:
        parent = loading.companies.get(account.parent)
        _link(loading, COMPANY, loading.companies[account.id], COMPANY, parent, (14,))


def _link(  # noqa: PLR0917 six ends of one line
    loading: _Loading, source: ObjectType, source_id: int, target: ObjectType, target_id: int | None,
    types: tuple[int, ...],
) -> None:  # fmt: skip
    if target_id is None:
        return
    known = loading.account.data.links.types
    rows = [(source.number, source_id, target.number, target_id, number) for number in types]
    turned = [(target.number, target_id, source.number, source_id, known[number].inverse) for number in types]
    loading.account.data.store.associate(rows + turned)


def _envelope(addresses: dict[str, str], touch: SeedTouch) -> dict[str, str]:
    """Who wrote to whom: the first of the sending side to all of the other one, its further people in copy."""
    ours, theirs = ([addresses[one] for one in side if one in addresses] for side in (touch.users, touch.contacts))
    senders, receivers = (theirs, ours) if touch.direction == "inbound" else (ours, theirs)
    headers: dict[str, Any] = {"to": [{"email": each} for each in receivers]}
    headers["cc"] = [{"email": each} for each in senders[1:]]
    if senders:
        headers["from"] = {"email": senders[0]}
    return {
        "hs_email_headers": orjson.dumps(headers).decode(),
        "hs_email_from_email": senders[0] if senders else "",
        "hs_email_to_email": ";".join(receivers),
    }


def _load_touches(loading: _Loading, touches: Iterable[SeedTouch]) -> None:
    store = loading.account.data.store
    inverse = {number: found.inverse for number, found in loading.account.data.links.types.items()}
    records, made, links = [], [], []
    for touch in touches:
        owners = [loading.owners[user] for user in touch.users if user in loading.owners]
        values = activity(
            touch.kind, touch.at, touch.direction, touch.subject, touch.outcome, touch.minutes, owners, touch.id
        )
        if touch.kind == "email":
            values |= _envelope(loading.addresses, touch) | {"hs_email_message_id": touch.uid}
        kind = KINDS[touch.kind]
        record = loading.add(kind, touch.at, values)
        records.append(record)
        made.append((touch.id, kind.number, record.id))
        to_company, to_contact = _LINKS_OF_KIND[kind]
        ends = [
            (CONTACT.number, loading.contacts[one], to_contact) for one in touch.contacts if one in loading.contacts
        ]
        if touch.account in loading.companies:
            ends.append((COMPANY.number, loading.companies[touch.account], to_company))
        for target, target_id, number in ends:
            links.append((kind.number, record.id, target, target_id, number))
            links.append((target, target_id, kind.number, record.id, inverse[number]))
    store.add(records)
    store.remember(made)
    store.associate(links)
