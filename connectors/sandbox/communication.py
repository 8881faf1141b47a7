"""What the seller's company itself sends its customers' people: planted when everything else stands.

It touches nobody, so that no other verdict hangs on it. Ages are whole days before the as-of day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from connectors.sandbox.company import Company, SeedContact, SeedMailing
from connectors.sandbox.service import Stated
from connectors.sandbox.timeline import Days

_JUNIOR = frozenset({"Buyer", "Quality Engineer", "Supply Chain Planner", "Maintenance Engineer"})
_QUARTER = 92
_EVENT = "Customer day"


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A key account on which something is planted, with those of its people who are still there."""

    days: Days
    people: tuple[SeedContact, ...]

    def sent(self, age: int, *, answered: int | None = None, event_age: int | None = None) -> list[SeedMailing]:
        """Something to everybody there, so many days ago; the answer's age, and that of the event that it is about."""
        name = f"Bulletin of {self.days.date(age):%d %b %Y}" if event_age is None else _EVENT
        made = SeedMailing(
            name=name,
            contact="",
            at=self.days.at(age, 0),
            answered_on=None if answered is None else self.days.date(answered),
            starts_on=self._starts_on(age, event_age),
        )
        return [replace(made, contact=one.id) for one in self.people]

    def _starts_on(self, age: int, event_age: int | None) -> date:
        return self.days.date(age if event_age is None else event_age)


Mailings = Callable[[Stage], Sequence[SeedMailing] | None]  # None where the account has no use for it


def _to_buyers(on: Stage) -> list[SeedMailing] | None:
    buyers = tuple(one for one in on.people if one.title in _JUNIOR and not one.role)
    return replace(on, people=buyers).sent(5) if buyers and len(buyers) < len(on.people) else None


_SENT: Mapping[str, Mailings] = {
    "bulletin-92-days-ago": lambda on: on.sent(_QUARTER),
    "bulletin-93-days-ago": lambda on: on.sent(_QUARTER + 1),
    "bulletin-answered-92-days-ago": lambda on: on.sent(_QUARTER + 30, answered=_QUARTER),
    "bulletin-answered-93-days-ago": lambda on: on.sent(_QUARTER + 30, answered=_QUARTER + 1),
    "bulletin-to-buyers": _to_buyers,
    "bulletin-then-unsubscribed": lambda on: on.sent(_QUARTER + 30),
    "invited-to-what-is-ahead": lambda on: on.sent(20, event_age=-30),
    "coming-to-what-is-ahead": lambda on: on.sent(20, answered=10, event_age=-30),
    "no-mailing-ever": lambda _: [],
}


def plant_mailings(company: Company, days: Days, seed: int, stated: dict[str, Stated]) -> None:
    """Let the company speak to its key accounts; what was planted is added to what is stated of the account."""
    # Chance of its own: whoever is planted otherwise stays as planted.
    rng, hand = Random(f"mailings {seed}"), list[str]()  # noqa: S311 - chance that repeats is the point
    people: dict[str, list[SeedContact]] = defaultdict(list)
    for contact in company.contacts:
        if contact.active:
            people[contact.account].append(contact)
    unsubscribed: set[str] = set()
    for account in company.accounts:
        planted, verdicts = stated[account.id]
        if not verdicts:
            continue  # not key
        if len(hand) < len(_SENT):
            hand += rng.sample(sorted(_SENT), len(_SENT))
        name, sent = _dealt(hand, Stage(days=days, people=tuple(people[account.id])))
        company.mailings += sent
        if name == "bulletin-then-unsubscribed":
            unsubscribed.update(one.id for one in people[account.id])
        stated[account.id] = ((*planted, name), verdicts)
    company.contacts = [replace(one, opted_out=True) if one.id in unsubscribed else one for one in company.contacts]


def _dealt(hand: list[str], on: Stage) -> tuple[str, list[SeedMailing]]:
    """The first situation of the hand for which the account has use; it is out of the hand then."""
    for place, name in enumerate(hand):
        if (found := _SENT[name](on)) is not None:
            del hand[place]
            return name, list(found)
    raise AssertionError("there is always one of no mailing at all")
