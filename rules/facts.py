"""AccountFacts: all that a rule may know about one account on one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.model import Account, Contact, Deal, Mailing, TeamMember, Ticket, Touch, User
from rules.titles import BUILT_IN, TitleRules


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How an account stands among the customers on a day (domain.md 4.8).

    `key` is None where it cannot be told (no revenue known in the whole org). `revenue` is the sum of deals won in
    the 12 months up to the day, None where none is known. `why` says in a few words why it is key or not.
    """

    customer: bool
    key: bool | None
    tier: str = "A"
    revenue: float | None = None
    why: str = ""
    excluded: str = ""  # why no rule speaks of the account whatever it bought; empty for most
    elsewhere: bool = False  # it is judged as one with an account of another CRM, where its findings stand


@dataclass(frozen=True, kw_only=True, slots=True)
class Peers:
    """What an account is compared with: `attention` is sorted, one value for each key account with revenue.

    Attention is person-days of the last 365 days per 1,000 of revenue (domain.md 1D, quiet-key-account).
    """

    attention: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFacts:
    """One account as of the end of `today` (local day): nothing later is in it.

    `touches` are sorted by (at, id) and reach back to the first one known. `users` maps every known user by id;
    somebody in a touch who is not in it is known by the id alone. `ignored` are user ids that no measure counts.
    `team` is sorted by (user, deal), `tickets` by (day of opening, id), `mailings` by (contact, day, name); they are
    empty unless a rule that is on needs them, and where the CRM has none.
    `last_logged` is the local day of each user's newest activity of any kind on any account, absent for nobody's.
    `titles` is the organisation's own list of titles.

    `upcoming` are meetings that had been entered and lie ahead, sorted by (at, id). `executives` are ours, by user id;
    `successors` map a user id to the one who takes over. `former_owners` are users who owned the account before its
    owner, each with the last day on which our own snapshots saw that. `untold` names what the CRM cannot tell and
    why: `email` (messages are not logged there), `departures` (nothing says that a contact left), `team` (nobody is on
    any account's team), `tickets` and `mailings` (there is not one). `waived` maps a rule id to why it is waived for
    the account. `peers` is None unless a rule that is on needs it. `sponsored` are how many key accounts
    name each of our people as their sponsor, by user id. `sources` name, by the ids of touches, the
    connections that know each; empty for an account that one connection knows.
    """

    today: date
    account: Account
    standing: Standing
    users: Mapping[str, User] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    touches: tuple[Touch, ...] = ()
    deals: tuple[Deal, ...] = ()
    team: tuple[TeamMember, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    mailings: tuple[Mailing, ...] = ()
    last_logged: Mapping[str, date] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    titles: TitleRules = BUILT_IN
    upcoming: tuple[Touch, ...] = ()
    executives: frozenset[str] = frozenset()
    successors: Mapping[str, str] = field(default_factory=dict)
    former_owners: Mapping[str, date] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    untold: Mapping[str, str] = field(default_factory=dict)
    waived: Mapping[str, str] = field(default_factory=dict)
    peers: Peers | None = None
    sponsored: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
