"""A company as both CRMs are filled with it: people, accounts, contacts, touches and deals, in neutral words.

The rows are those of the dataset folder (`design/commands.md` section 2): a made-up company and a folder of CSV files
end in the same `Company`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedUser:
    id: str
    name: str
    email: str
    title: str = ""
    active: bool = True
    manager: str = ""
    department: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedAccount:
    id: str
    name: str
    domain: str = ""
    owner: str = ""
    type: str = ""  # `Customer`, `Prospect`, `Partner` ...
    customer_since: date | None = None
    parent: str = ""
    planned_on: date | None = None
    planned_together_on: date | None = None
    asked_on: date | None = None  # what they expect
    tested_on: date | None = None  # by the litmus test
    approved_on: date | None = None  # the plan, by our management
    sponsor: str = ""  # one of our users
    contact_every_days: int | None = None  # as agreed with them
    country: str = ""
    website: str = ""  # as somebody typed it into Salesforce; empty: made of the domain
    native_id: str = ""  # of the same account in Salesforce, as the CRMs' own integration left it in HubSpot
    deleted: bool = False  # in Salesforce


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedContact:
    id: str
    account: str
    name: str
    email: str
    title: str = ""
    role: str = ""  # `decision-maker`, `executive-sponsor`, ... joined by `;`
    active: bool = True
    left_on: date | None = None  # the day on which the CRM learnt that an inactive one had left; None: the last touch
    entered_on: date | None = None  # in the CRM; None: as the account, else at the first touch
    back_on: date | None = None  # who is away, and said so
    opted_out: bool = False  # wants no mailings
    other_emails: tuple[str, ...] = ()  # which HubSpot keeps beside the first one
    native_id: str = ""  # as an account's


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedTouch:
    id: str
    at: datetime
    kind: str  # email | call | meeting | note
    direction: str = ""  # inbound | outbound | empty
    users: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    account: str = ""
    subject: str = ""
    outcome: str = (
        ""  # call: connected | no-answer | voicemail ...; meeting: completed | no-show | cancelled | scheduled
    )
    minutes: int | None = None
    uid: str = ""  # an e-mail's message id, where the CRM keeps it


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedDeal:
    id: str
    account: str
    name: str
    amount: float | None = None
    currency: str = ""
    closed_on: date | None = None
    won: bool = False
    competitor: str = ""
    native_id: str = ""  # as an account's


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedTicket:
    id: str
    account: str
    contact: str = ""
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    priority: str = ""
    escalated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedMailing:
    """Something of the seller's own that went to a contact; `name` is that of the campaign, which `starts_on` a day."""

    name: str
    contact: str
    at: datetime
    starts_on: date | None = None
    answered_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedTeamMember:
    account: str
    user: str
    role: str = ""
    since: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Truth:
    """What was planted on one account, and the verdict each rule must reach on each CRM, by rule id.

    `stated` are the verdicts that what was planted decides by itself, whatever the CRM.
    """

    account: str
    planted: tuple[str, ...]
    expect: dict[str, dict[str, str]]
    stated: Mapping[str, str] = field(default_factory=dict)


def _nothing_planted() -> list[Truth]:
    return []


@dataclass(kw_only=True)
class Company:
    """Everything there is; `tell` works the truth out when it is first asked for."""

    users: list[SeedUser] = field(default_factory=list)
    accounts: list[SeedAccount] = field(default_factory=list)
    contacts: list[SeedContact] = field(default_factory=list)
    touches: list[SeedTouch] = field(default_factory=list)
    deals: list[SeedDeal] = field(default_factory=list)
    tickets: list[SeedTicket] = field(default_factory=list)
    team: list[SeedTeamMember] = field(default_factory=list)
    mailings: list[SeedMailing] = field(default_factory=list)
    as_of: date | None = None
    tell: Callable[[], list[Truth]] = field(default=_nothing_planted, repr=False, compare=False)

    @cached_property
    def truth(self) -> list[Truth]:
        """One for every account of a made-up company, none for others."""
        return self.tell()
