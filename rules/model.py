"""The words that all packages share: people, accounts, deals and touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """The channel of an activity. Only the first three can be a touch."""

    EMAIL = "email"
    CALL = "call"
    MEETING = "meeting"
    MESSAGE = "message"  # SMS, WhatsApp, LinkedIn: one-way unless answered, like an e-mail
    NOTE = "note"  # never a touch, but evidence that its author logs
    TODO = "todo"  # a to-do without a channel: never a touch


class Direction(StrEnum):
    """Who spoke: OUTBOUND is us to them. Meetings and unknown calls have NONE."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    NONE = "none"


class Outcome(StrEnum):
    """What became of an activity, by itself. E-mails are SENT; whether one was answered is worked out per pair."""

    HELD = "held"  # a meeting that took place, a call that connected
    ATTEMPTED = "attempted"  # voicemail, no answer, no-show: tried, nobody there
    SENT = "sent"  # an e-mail or message that went out or came in
    VOID = "void"  # cancelled, bounced, failed, scheduled, not yet ended: no touch at all


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """One of our people."""

    id: str
    name: str
    email: str = ""
    title: str = ""
    active: bool = True
    manager_id: str | None = None
    department: str = ""  # as the CRM has it; in HubSpot the owner's main team


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """One of the customer's people. Roles are in the field's words: `decision-maker`, `executive-sponsor`, ...

    `left_on` is the day on which the CRM itself says that the person left the company, None where it does not;
    `left_why` what it saw, in a few words (`e-mail bounced`, `relation ended`, `job change detected`). `entered_on` is
    the local day on which the contact was entered in the CRM. `back_on` is when somebody who is away said to be back,
    None where the CRM tells of no absence.
    """

    id: str
    account_id: str
    name: str
    email: str = ""
    title: str = ""
    seniority: str = ""  # an explicit field of the CRM (hs_seniority, a level picklist), as it stands there
    roles: frozenset[str] = frozenset()
    left_on: date | None = None
    left_why: str = ""
    entered_on: date | None = None
    back_on: date | None = None
    opted_out: bool = False  # wants no mailings; told where a rule that is on needs them


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamMember:
    """One of ours on the team of an account, or of one of its deals (`deal_id`). The owner is not on it as such.

    `role` is the CRM's own word (`Executive Sponsor`), empty where it names none; `since` is the day on which the CRM
    was told, None where that is not known.
    """

    account_id: str
    user_id: str
    role: str = ""
    since: date | None = None
    deal_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ticket:
    """A case or ticket: something that a customer asked to have put right, by local days.

    `closed_on` is None while it is open. `priority` is the CRM's own word in lower case, empty where it has none.
    `escalated` is as it is now, whatever the day; `reopened_on` the day on which it was last opened again, None where
    that never happened or nobody saw it.
    """

    id: str
    account_id: str
    opened_on: date
    closed_on: date | None = None
    contact_id: str | None = None
    priority: str = ""
    escalated: bool = False
    reopened_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mailing:
    """What came from the company itself to one of the customer's people, a mailing, an invitation or event: local days.

    `name` is that of the campaign. `got_on` is None where the CRM keeps only the newest mailing to each contact and
    that came later; `answered_on` is None where nobody saw an answer.
    """

    contact_id: str
    name: str = ""
    got_on: date | None = None
    answered_on: date | None = None

    @property
    def heard_on(self) -> date | None:
        """The last day on which the contact showed to know of it, else that of getting it."""
        return max((day for day in (self.got_on, self.answered_on) if day), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Deal:
    """One deal, won or with a competitor; the amount is in the home currency.

    `competitor` is who else bids, as a mapped field says: empty for nobody, None where none is mapped. One that is
    neither won nor has a `closed_on` is open.
    """

    id: str
    account_id: str
    name: str = ""
    amount: float | None = None
    closed_on: date | None = None
    won: bool = False
    competitor: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """One company. `customer_type` is true where the CRM's own type says customer."""

    id: str
    name: str
    domain: str = ""
    owner_id: str | None = None
    sponsor: str | None = None  # ours, from a mapped field: a user id, else what it says; None: unmapped, "": nobody
    contact_every_days: int | None = None  # what was agreed with them, from a mapped field
    customer_type: bool = False
    customer_since: date | None = None  # from a mapped field, never a creation date
    parent_id: str | None = None
    flagged: bool = False  # the mapped key-account flag
    customer_flag: bool = False  # the mapped field of `[customers] is`, when that names one
    tier: str = ""  # from a mapped picklist, else empty
    revenue: float | None = None  # a year's, from a mapped field, never the company's own turnover
    type: str = ""  # the CRM's own word for it: Salesforce Type, HubSpot type
    person: bool = False  # a consumer, where the CRM keeps people among its accounts
    days: Mapping[str, date | None] = field(default_factory=dict)  # mapped, by key: `plan_date`; None: an empty field


@dataclass(frozen=True, kw_only=True, slots=True)
class Touch:
    """One activity seen from one account: `theirs` holds only contacts of that account, `ours` user ids.

    `at` is aware and UTC; `day` is the local day in the configured timezone. A kind that is no touch (NOTE, TODO)
    and an outcome VOID never get here.
    """

    id: str
    kind: Kind
    direction: Direction
    outcome: Outcome
    at: datetime
    day: date
    ours: tuple[str, ...] = ()
    theirs: tuple[str, ...] = ()
