"""The verdict that every rule must reach on every account of a company, in either CRM, from its plain rows.

An independent witness: written from `facts/domain.md`, without the worker's rules and without what planted the company.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal
from connectors.sandbox.names import EXECUTIVE_TITLES
from connectors.sandbox.reckoning_arrangements import ARRANGED_DEFINITIONS, ARRANGED_HEARING_NOTHING
from connectors.sandbox.reckoning_communication import (
    COMMUNICATION_DEFINITIONS,
    COMMUNICATION_HEARING_NOTHING,
    with_mailings,
)
from connectors.sandbox.reckoning_definitions import DEFINITIONS, HEARING_NOTHING, Verdict
from connectors.sandbox.reckoning_more import FUNCTIONS, MORE_DEFINITIONS, MORE_HEARING_NOTHING
from connectors.sandbox.reckoning_records import (
    CRMS,
    HEAD,
    VP,
    C,
    Crm,
    Org,
    Person,
    Record,
    Seen,
    records,
    two_way,
    without,
)
from connectors.sandbox.reckoning_service import SERVICE_DEFINITIONS, SERVICE_HEARING_NOTHING, with_service

LEVELS: Mapping[str, int] = MappingProxyType(
    {"": 0}
    | dict.fromkeys(EXECUTIVE_TITLES, C)
    | dict.fromkeys(("Vice President Operations", "VP Sales"), VP)
    | dict.fromkeys(
        (
            *("Head of Operations", "Head of Procurement", "Head of Quality", "Einkaufsleiter", "Leiterin Produktion"),
            *("Director of Purchasing", "Sales Director"),
        ),
        HEAD,
    )
    | dict.fromkeys(
        (
            *("Purchasing Manager", "Plant Manager", "Team Lead Logistics"),
            # A Spanish jefe is below a gerente, who is a manager.
            *("Responsable achats", "Jefe de compras", "Responsabile acquisti"),
        ),
        2,
    )
    | dict.fromkeys(
        (
            *("Buyer", "Quality Engineer", "Inkoper", "Supply Chain Planner", "Maintenance Engineer"),
            *("Assistant to the CEO", "Product Owner", "Account Executive"),
        ),
        1,
    )
)
"""How senior each title of a made-up company is."""

_ALL = {**DEFINITIONS, **MORE_DEFINITIONS, **SERVICE_DEFINITIONS, **COMMUNICATION_DEFINITIONS, **ARRANGED_DEFINITIONS}
_HEARING_NOTHING = (
    *(HEARING_NOTHING | MORE_HEARING_NOTHING | SERVICE_HEARING_NOTHING),
    *(COMMUNICATION_HEARING_NOTHING | ARRANGED_HEARING_NOTHING),
)
_DECIDING_ROLES = frozenset({"decision-maker", "executive-sponsor"})
_YEAR = timedelta(days=365)
_LATELY = timedelta(days=90)
_MANY_MEETINGS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A customer among the customers; `key` is None where none has revenue, `since` as in `Seen`."""

    key: bool | None
    tier: str
    revenue: float
    since: date | None


def reckon(
    company: Company,
    as_of: date,
    zone: ZoneInfo,
    *,
    executives: Collection[str],
    ignored: Collection[str],
    key_share: float,
    crms: Collection[Crm] = CRMS,
) -> dict[str, dict[str, dict[str, str]]]:
    """Return the verdict by account id, rule id and CRM, as of the end of a local day.

    Where the CRMs are `both`, either keeps what the other does not, and all else is kept as Salesforce keeps it.
    `executives` and `ignored` are ids of users. Raises KeyError for a contact of a key account whose title is not in
    LEVELS.
    """
    standings = _standings(company, as_of, key_share)
    result: dict[str, dict[str, dict[str, str]]] = {
        account.id: {rule: {} for rule in _ALL} for account in company.accounts
    }
    for crm in crms:
        told = _Told(company=company, crm=crm, today=as_of, ignored=frozenset(ignored))
        told.listen(zone)
        seen = told.key_accounts(standings, frozenset(executives) - frozenset(ignored))
        seen = with_mailings(with_service(seen, company, crm, zone), company, crm, zone)
        for account_id, rules in result.items():
            for rule, by_crm in rules.items():
                by_crm[crm] = _verdict(rule, standings.get(account_id), seen.get(account_id))
    return result


def _verdict(rule: str, standing: Standing | None, seen: Seen | None) -> Verdict:
    if standing is None or standing.key is False:
        return "not_applicable"
    if seen is None:
        return "unknown"
    verdict = _ALL[rule](seen)
    unheard = seen.org.deaf and rule not in _HEARING_NOTHING
    return "unknown" if unheard and verdict != "not_applicable" else verdict


def _standings(company: Company, as_of: date, key_share: float) -> dict[str, Standing]:
    """By account id, of customers only: a deal won by then, or a type that begins with Customer.

    Key is the top share of them by what was won in 12 months, rounded up, ties at the border included. Tier A holds
    80 % of that revenue, A and B 95 %.
    """
    won: dict[str, list[SeedDeal]] = defaultdict(list)
    for deal in company.deals:
        if deal.won and deal.closed_on and deal.closed_on <= as_of:
            won[deal.account].append(deal)
    customers = [one for one in company.accounts if one.id in won or one.type.lower().startswith("customer")]
    revenue = {one.id: _won_in_a_year(won[one.id], as_of) for one in customers}
    ranked = sorted(customers, key=lambda one: (-revenue[one.id], one.id))
    # As a fraction, since 0.07 x 100 is more than 7 in floats.
    count = math.ceil(Fraction(str(key_share)) * len(ranked))
    border = min((revenue[one.id] for one in ranked[:count] if revenue[one.id] > 0), default=None)
    standings: dict[str, Standing] = {}
    before, total = 0.0, sum(revenue.values())
    for one in ranked:
        share = before / total if total else 0.0
        standings[one.id] = Standing(
            key=None if border is None else revenue[one.id] >= border,
            tier="A" if share < 0.8 else "B" if share < 0.95 else "C",
            revenue=revenue[one.id],
            since=min((deal.closed_on for deal in won[one.id] if deal.closed_on), default=one.customer_since),
        )
        before += revenue[one.id]
    return standings


def _won_in_a_year(deals: Iterable[SeedDeal], as_of: date) -> float:
    return sum(deal.amount or 0.0 for deal in deals if deal.closed_on and deal.closed_on > as_of - _YEAR)


@dataclass(kw_only=True, slots=True)
class _Told:
    """What one CRM was told by the end of the day: records by account, contacts of meetings ahead, newest days."""

    company: Company
    crm: Crm
    today: date
    ignored: frozenset[str]
    records: dict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    upcoming: set[str] = field(default_factory=set)
    logged: dict[str, date] = field(default_factory=dict)  # by user
    last_touch: dict[str, date] = field(default_factory=dict)  # by contact, in UTC
    deals: dict[str, list[SeedDeal]] = field(default_factory=lambda: defaultdict(list))  # by account
    held: int = 0  # meetings and calls of the last 90 days
    messages: int = 0

    def listen(self, zone: ZoneInfo) -> None:
        """Take in all touches of the company."""
        home = {contact.id: contact.account for contact in self.company.contacts}
        without_address = {user.id for user in self.company.users if not user.email}
        without_address |= {contact.id for contact in self.company.contacts if not contact.email}
        for touch in self.company.touches:
            day = touch.at.astimezone(UTC).date()
            for contact in touch.contacts if day <= self.today else ():
                self.last_touch[contact] = max(day, self.last_touch.get(contact, day))
            if touch.kind == "note" and self.crm != "salesforce":
                # In Salesforce a note is a task done without a channel: that proves no work with customers.
                self._log(touch.users[:1], touch.at.astimezone(zone).date())
            for record in records(touch, self.crm, zone, without_address):
                self._hear(record, {touch.account, *(home[one] for one in record.theirs)}, home)

    def _hear(self, record: Record, accounts: Collection[str], home: Mapping[str, str]) -> None:
        if record.day <= self.today:
            self._log(record.ours, record.day)
            if self.today - record.day < _LATELY:
                self.held += record.state == "held"
                self.messages += record.kind == "message"
        counted = without(record, self.ignored)
        if counted is None:
            return
        if record.day > self.today:
            self.upcoming.update(counted.theirs if counted.kind == "meeting" and counted.state == "held" else ())
            return
        for account in accounts:
            theirs = tuple(one for one in counted.theirs if home[one] == account)
            self.records[account].append(replace(counted, theirs=theirs))

    def _log(self, users: Iterable[str], day: date) -> None:
        for user in users if day <= self.today else ():
            self.logged[user] = max(day, self.logged.get(user, day))

    def key_accounts(self, standings: Mapping[str, Standing], executives: frozenset[str]) -> dict[str, Seen]:
        """Every key account as this CRM shows it, by id."""
        people: dict[str, list[Person]] = defaultdict(list)
        key = {account_id for account_id, standing in standings.items() if standing.key}
        with_deal = {deal.account for deal in self.company.deals}
        for deal in self.company.deals:
            self.deals[deal.account].append(deal)
        for contact in self.company.contacts:
            if contact.account in key:
                people[contact.account].append(self._person(contact, with_deal))
        org = Org(
            active=frozenset(user.id for user in self.company.users if user.active),
            inactive=frozenset(user.id for user in self.company.users if not user.active),
            ignored=self.ignored,
            executives=executives,
            logged=self.logged,
            deaf=self.held >= _MANY_MEETINGS and not self.messages,
            knows_departures=any(self._left_on(contact) for contact in self.company.contacts),
            titles={user.id: user.title for user in self.company.users} if self.crm != "hubspot" else {},
            departments={user.id: user.department for user in self.company.users},
            sponsored=Counter(account.sponsor for account in self.company.accounts if account.id in key),
        )
        seen = {
            account.id: self._see(account, standings[account.id], people[account.id], org)
            for account in self.company.accounts
            if account.id in key
        }
        attention = [len(one.person_days()) / (one.revenue / 1000) for one in seen.values() if one.revenue > 0]
        org = replace(org, attention=tuple(attention))
        return {account_id: replace(one, org=org) for account_id, one in seen.items()}

    def _see(self, account: SeedAccount, standing: Standing, people: Iterable[Person], org: Org) -> Seen:
        return Seen(
            today=self.today,
            account=account,
            tier=standing.tier,
            since=standing.since,
            revenue=standing.revenue,
            people=tuple(people),
            records=tuple(self.records[account.id]),
            two_way=frozenset(two_way(self.records[account.id])),
            upcoming=frozenset(self.upcoming),
            org=org,
            deals=tuple(self.deals[account.id]),
        )

    def _person(self, contact: SeedContact, with_deal: Collection[str]) -> Person:
        roles = [role.strip() for role in contact.role.split(";") if role.strip()]
        if self.crm == "salesforce" and not contact.active:
            # The ended relation has no roles any more; a deal names a contact's first one.
            roles = roles[:1] if contact.account in with_deal else []
        left_on = self._left_on(contact)
        return Person(
            id=contact.id,
            level=LEVELS[contact.title],
            decides=not _DECIDING_ROLES.isdisjoint(roles),
            told=bool(contact.title or roles),
            left_on=left_on if left_on and left_on <= self.today else None,
            function=FUNCTIONS[contact.title],
            roles=frozenset(roles),
            entered_on=contact.entered_on,
            back_on=contact.back_on if self.crm != "salesforce" else None,
        )

    def _left_on(self, contact: SeedContact) -> date | None:
        """The day that both loads give to who is not active: what the row says, else that of the last touch."""
        return None if contact.active else contact.left_on or self.last_touch.get(contact.id)
