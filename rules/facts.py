"""AccountFacts: all that a rule may know about one account on one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from rules.model import Account, Contact, Deal, Touch, User
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


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountFacts:
    """One account as of the end of `today` (local day): nothing later is in it.

    `touches` are sorted by (at, id) and reach back to the first one known. `users` maps every known user by id;
    somebody in a touch who is not in it is known by the id alone. `ignored` are user ids that no measure counts.
    `last_logged` is the local day of each user's newest activity of any kind on any account, absent for nobody's.
    `titles` is the organisation's own list of titles.
    """

    today: date
    account: Account
    standing: Standing
    users: Mapping[str, User] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    touches: tuple[Touch, ...] = ()
    deals: tuple[Deal, ...] = ()
    last_logged: Mapping[str, date] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    titles: TitleRules = BUILT_IN
