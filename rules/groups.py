"""What is ranked among the customers: one account, or those of one ultimate parent together (domain.md 4.1)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from rules.model import Account
from rules.revenue import Revenue, total


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One account that may be a customer, with what was won."""

    account: Account
    won: Revenue

    @property
    def amount(self) -> float | None:
        """A year's revenue: what the mapped field says, else what was won in 12 months; None where none is known."""
        return self.won.won_12m if self.account.revenue is None else self.account.revenue

    @property
    def since(self) -> date | None:
        """The day of the first won deal, else the mapped customer-since."""
        return self.won.first_won_on or self.account.customer_since


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Customers that are ranked as one, named after their ultimate parent, which need not be one of them.

    `amount` is what they have together, None where nothing is known.
    """

    top: Account
    members: tuple[Candidate, ...]
    amount: float | None

    @property
    def mapped(self) -> bool:
        """Whether a mapped field says the revenue, or some of it."""
        return any(one.account.revenue is not None for one in self.members)

    @property
    def flagged(self) -> bool:
        return any(one.account.flagged for one in self.members)

    @property
    def growth(self) -> float:
        """How many times the 12 months before was won in the last 12; 0 where nothing was won before."""
        now = total(one.won.won_12m for one in self.members)
        before = total(one.won.won_12m_before for one in self.members)
        return Revenue(won_12m=now, won_12m_before=before).growth


def alone(customers: Iterable[Candidate]) -> list[Group]:
    """Return each customer as a group of its own."""
    return [Group(top=one.account, members=(one,), amount=one.amount) for one in customers]


def together(customers: Iterable[Candidate], accounts: Mapping[str, Account]) -> list[Group]:
    """Return the customers grouped by ultimate parent; the way up may lead through any of `accounts`, by id."""
    tops = ultimate_parents({account.id: account.parent_id for account in accounts.values()})
    members: dict[str, list[Candidate]] = defaultdict(list)
    for one in customers:
        members[tops[one.account.id]].append(one)
    return [
        Group(top=accounts[top_id], members=tuple(some), amount=total(one.amount for one in some))
        for top_id, some in members.items()
    ]


def ultimate_parents(parents: Mapping[str, str | None]) -> dict[str, str]:
    """Return the account at the top of each account's chain of parents, by account id.

    An account without a known parent is its own. In a circle of parents the least id stands for everybody in it and
    below it.
    """
    tops: dict[str, str] = {}
    for start in parents:
        way: dict[str, None] = {}  # in order, and quick to ask
        last, above = start, start
        while above in parents and above not in tops and above not in way:
            way[above] = None
            last, above = above, parents[above] or ""
        if above in way:
            circle = list(way)
            top = min(circle[circle.index(above) :])
        else:
            top = tops.get(above, last)
        tops.update(dict.fromkeys(way, top))
    return tops
