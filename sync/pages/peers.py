"""The counterparts of a key account by function, as its card and the overview show them (domain.md 5.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from rules.facts import AccountFacts
from rules.function_patterns import Function
from rules.peering import Link, Pairing, peering
from rules.people_measures import contact_text
from sync.people import People

#: A function as a reader knows it.
NAMES = {
    Function.GENERAL: "General management",
    Function.FINANCE: "Finance",
    Function.PROCUREMENT: "Procurement",
    Function.OPERATIONS: "Operations",
    Function.IT: "IT",
    Function.DEVELOPMENT: "R&D",
    Function.SALES: "Sales",
    Function.MARKETING: "Marketing",
    Function.HR: "HR",
    Function.LEGAL: "Legal",
}

#: What a link says in words, for the key and for who does not see the mark.
SAID = {
    Link.PEERS: "counterparts in touch",
    Link.NEAR: "ours in touch, not with their counterpart",
    Link.GAP: "gap: nobody of ours",
    Link.LOW: "nobody senior there",
    Link.OURS: "only ours",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """One function at one account: names with titles, theirs the most senior first."""

    function: Function
    link: Link
    theirs: tuple[str, ...]
    ours: tuple[str, ...]
    last_on: date | None

    @property
    def name(self) -> str:
        return NAMES[self.function]


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionTotal:
    """One function over all accounts: on how many somebody senior there has it, and how these are linked."""

    function: Function
    peers: int
    near: int
    gaps: int

    @property
    def name(self) -> str:
        return NAMES[self.function]

    @property
    def accounts(self) -> int:
        return self.peers + self.near + self.gaps


def peers_of(facts: AccountFacts, people: People, window_days: int) -> tuple[Peer, ...]:
    """Return the account's functions in the order of NAMES."""
    return tuple(_peer(facts, one, people) for one in peering(facts, window_days))


def _peer(facts: AccountFacts, one: Pairing, people: People) -> Peer:
    titles = {user_id: facts.users[user_id].title for user_id in one.ours}
    return Peer(
        function=one.function,
        link=one.link,
        theirs=tuple(str(contact_text(contact)) for contact in one.theirs),
        ours=tuple(f"{people.name(one)} ({title})" for one, title in titles.items()),
        last_on=one.last_on,
    )


def function_totals(accounts: Iterable[Sequence[Peer]]) -> list[FunctionTotal]:
    """Return the functions that somebody senior of theirs has, those with most gaps first."""
    counted = Counter((peer.function, peer.link) for peers in accounts for peer in peers)
    totals = [
        FunctionTotal(
            function=function,
            peers=counted[function, Link.PEERS],
            near=counted[function, Link.NEAR],
            gaps=counted[function, Link.GAP],
        )
        for function in Function
    ]
    return sorted((one for one in totals if one.accounts), key=lambda one: -one.gaps)
