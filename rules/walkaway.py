"""What goes if one of ours goes: every account without that person, and the totals (leave-one-out, domain.md 4.10).

The graph of an account is its active threads: pairs of one of ours and a contact with a two-way touch in the window.
Threads of colleagues who have left hold nothing any more, nor do threads with contacts who have; both are left out,
so that only the person in question is taken away. It is a simulation for a hand-over, never a forecast.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rules.facts import AccountFacts
from rules.model import Contact, Touch
from rules.people_measures import by_rank, is_senior, left_on
from rules.titles import Level
from rules.two_way import pair_strengths, two_way

#: Sales lost in the first year after a rep was replaced, as a share: the mean over all reassigned customers of one
#: Fortune-500 distributor (Shi, Sridhar, Grewal, Lilien 2017). A range to be told with its source, never a forecast.
FIRST_YEAR_LOSS = (0.132, 0.176)

_LAST_TOUCHES = 5


class State(StrEnum):
    """What becomes of an account; the order of definition is from bad to good.

    LOST: nobody else is in touch. HEADLESS: nobody else is in touch with anybody of `head` level or higher, though
    somebody there was reached. WEAKENED: half of the contacts or more have no thread left. FINE: none of these.
    """

    LOST = "lost"
    HEADLESS = "headless"
    WEAKENED = "weakened"
    FINE = "fine"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandOver:
    """One contact whom the person is in touch with: when last, and who else is, the strongest link first."""

    contact: Contact
    last_on: date
    others: tuple[str, ...] = ()

    @property
    def is_orphan(self) -> bool:
        """Tell whether the contact knows nobody else of ours."""
        return not self.others


@dataclass(frozen=True, kw_only=True, slots=True)
class Successor:
    """An active colleague who has threads on the account: how strong they are, and with how many contacts.

    `shared` of these contacts are ones of the person who goes. The strength ranks, it is no number for a reader.
    """

    user_id: str
    strength: float
    contacts: int
    shared: int


@dataclass(frozen=True, kw_only=True, slots=True)
class WalkAway:
    """What one account is without one user.

    `contacts` are those to hand over, the most senior first; `contacts_before` and `contacts_after` count the contacts
    with a thread. `last_touches` are the newest of the user's, newest first. `successors` are the best first.
    """

    account_id: str
    user_id: str
    state: State
    is_owner: bool
    contacts: tuple[HandOver, ...]
    contacts_before: int
    contacts_after: int
    last_touches: tuple[Touch, ...]
    successors: tuple[Successor, ...]
    revenue: float | None

    @property
    def orphans(self) -> tuple[HandOver, ...]:
        """The contacts who know nobody else of ours."""
        return tuple(one for one in self.contacts if one.is_orphan)

    @property
    def concerns(self) -> bool:
        """Tell whether the user has anything to hand over: threads, a state that gets worse, or the account itself."""
        return self.is_owner or bool(self.contacts) or self.state is not State.FINE


def walk_away(facts: AccountFacts, user_id: str, window_days: int = 365) -> WalkAway:
    """Return what the account is without the user, by the threads of the last `window_days` days, today included."""
    graph = _graph(facts, user_id, window_days)
    strengths = pair_strengths(facts)
    people = {contact.id: contact for contact in facts.contacts}
    mine = [people.get(one) or _nameless(facts, one) for one in graph.last_on]
    return WalkAway(
        account_id=facts.account.id,
        user_id=user_id,
        state=_state(facts, graph),
        is_owner=facts.account.owner_id == user_id,
        contacts=tuple(_hand_over(graph, contact, strengths) for contact in by_rank(facts, mine)),
        contacts_before=len(graph.known_by),
        contacts_after=len(graph.kept),
        last_touches=_last_touches(facts, user_id),
        successors=tuple(_successors(graph, strengths)),
        revenue=facts.standing.revenue,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Graph:
    """Who is in touch with whom: `known_by` user ids by contact id, `people` also those who met nobody by name.

    `last_on` is the user's last two-way day with each contact of theirs.
    """

    user_id: str
    known_by: Mapping[str, set[str]]
    people: frozenset[str]
    last_on: Mapping[str, date]

    @property
    def kept(self) -> set[str]:
        """Contacts whom somebody else is in touch with."""
        return {contact_id for contact_id, users in self.known_by.items() if users - {self.user_id}}


def _graph(facts: AccountFacts, user_id: str, window_days: int) -> _Graph:
    known_by: defaultdict[str, set[str]] = defaultdict(set)
    last_on: dict[str, date] = {}
    people: set[str] = set()
    gone = {one.id for one in facts.contacts if left_on(facts, one)}
    still_ours = {one.id for one in facts.users.values() if one.active} | {user_id}
    for touch, by, contact_id in two_way(facts, facts.today - timedelta(days=window_days)):
        if by not in still_ours or contact_id in gone:
            continue
        people.add(by)
        if contact_id is not None:
            known_by[contact_id].add(by)
            if by == user_id:
                last_on[contact_id] = max(touch.day, last_on.get(contact_id, touch.day))
    return _Graph(user_id=user_id, known_by=dict(known_by), people=frozenset(people), last_on=last_on)


def _state(facts: AccountFacts, graph: _Graph) -> State:
    before, kept = graph.known_by.keys(), graph.kept
    if graph.user_id not in graph.people:
        return State.FINE
    # Somebody who alone had meetings that name no contact is the only link as well, though no thread says so.
    if (before and not kept) or graph.people == {graph.user_id}:
        return State.LOST
    heads = {one.id for one in facts.contacts if is_senior(facts, one, Level.HEAD)}
    if not heads.isdisjoint(before) and heads.isdisjoint(kept):
        return State.HEADLESS
    return State.WEAKENED if before and 2 * len(kept) <= len(before) else State.FINE


def _hand_over(graph: _Graph, contact: Contact, strengths: Mapping[tuple[str, str], float]) -> HandOver:
    others = graph.known_by[contact.id] - {graph.user_id}
    ranked = sorted(others, key=lambda by: (-strengths[by, contact.id], by))
    return HandOver(contact=contact, last_on=graph.last_on[contact.id], others=tuple(ranked))


def _successors(graph: _Graph, strengths: Mapping[tuple[str, str], float]) -> list[Successor]:
    """Return everybody else with a thread, ranked by the sum of their strengths, then by user id."""
    found = []
    for by in graph.people - {graph.user_id}:
        contacts = {contact_id for contact_id, users in graph.known_by.items() if by in users}
        if contacts:
            total = math.fsum(strengths[by, contact_id] for contact_id in contacts)
            shared = len(contacts & graph.last_on.keys())
            found.append(Successor(user_id=by, strength=total, contacts=len(contacts), shared=shared))
    return sorted(found, key=lambda one: (-one.strength, one.user_id))


def _last_touches(facts: AccountFacts, user_id: str) -> tuple[Touch, ...]:
    mine = (touch for touch in facts.touches if user_id in touch.ours)
    return tuple(sorted(mine, key=lambda one: (one.at, one.id), reverse=True)[:_LAST_TOUCHES])


def _nameless(facts: AccountFacts, contact_id: str) -> Contact:
    return Contact(id=contact_id, account_id=facts.account.id, name="")


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposure:
    """What hangs on one user over many accounts; amounts are in the home currency, None where no revenue is known.

    `exposed_revenue` is that of lost and headless accounts, `weakened_revenue` stands apart from it; of the accounts in
    these three states `without_revenue` have none known and add nothing. `orphans` counts contacts with no other link.
    """

    accounts: Mapping[State, int]
    owned: int
    orphans: int
    exposed_revenue: float | None
    weakened_revenue: float | None
    without_revenue: int

    @property
    def first_year_loss(self) -> tuple[float, float] | None:
        """The exposed revenue times FIRST_YEAR_LOSS, from low to high."""
        if self.exposed_revenue is None:
            return None
        low, high = FIRST_YEAR_LOSS
        return self.exposed_revenue * low, self.exposed_revenue * high


def exposure(cases: Iterable[WalkAway]) -> Exposure:
    """Return the totals over one user's accounts; those that do not concern the user count as fine."""
    told = list(cases)
    exposed = [one.revenue for one in told if one.state in (State.LOST, State.HEADLESS)]
    weakened = [one.revenue for one in told if one.state is State.WEAKENED]
    return Exposure(
        accounts={state: sum(one.state is state for one in told) for state in State},
        owned=sum(one.is_owner for one in told),
        orphans=sum(len(one.orphans) for one in told),
        exposed_revenue=_sum(exposed),
        weakened_revenue=_sum(weakened),
        without_revenue=sum(revenue is None for revenue in (*exposed, *weakened)),
    )


def _sum(amounts: list[float | None]) -> float | None:
    """Return the sum of the known amounts, 0 of none at all, None where there are some and none is known."""
    known = [amount for amount in amounts if amount is not None]
    return math.fsum(known) if known or not amounts else None
