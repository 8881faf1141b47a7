"""What happens on which key account: situations dealt out so that each stands somewhere and none spoils another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Generic, TypeVar

from connectors.sandbox.attention import ATTENTION
from connectors.sandbox.counterparts import COUNTERPARTS
from connectors.sandbox.departures import DEPARTURES, HANDOVERS
from connectors.sandbox.executives import EXECUTIVE, EXECUTIVE_IN_LITTLE, Executive, no_executive_known
from connectors.sandbox.little import COVERAGE_IN_LITTLE
from connectors.sandbox.planning import PLANNING
from connectors.sandbox.quiet import QUIET
from connectors.sandbox.rhythms import RHYTHMS, executive_came
from connectors.sandbox.situations import SOLE_REP, Coverage
from connectors.sandbox.threads import THREADS, THREADS_IN_LITTLE
from connectors.sandbox.timeline import Days
from connectors.sandbox.twists import Maker, Plan

COVERAGE: tuple[Callable[[Days], Coverage], ...] = (*SOLE_REP, *HANDOVERS, *QUIET)

_VISITED = 0.8  # of the accounts, by an executive of ours, where nothing stands against it

T = TypeVar("T")


def cast_plans(days: Days, revenues: Sequence[int], rest: int) -> list[Plan]:
    """A plan for each of the revenues, which fall; `rest` is what all other customers together bought for.

    Every plan has a coverage and an executive, most have a twist of each list. Where there are as many
    accounts as situations, each of them is dealt.
    """
    little = len(revenues) < len(COVERAGE)
    covers = [make(days) for make in _in_turn(COVERAGE_IN_LITTLE if little else COVERAGE, len(revenues))]
    days.rng.shuffle(covers)
    covers.sort(key=lambda coverage: not coverage.large)
    plans = [
        Plan(days=days, coverage=coverage, executive=no_executive_known(days), revenue=revenue, tier=tier)
        for coverage, revenue, tier in zip(covers, revenues, _tiers(revenues, rest), strict=True)
    ]
    days.rng.shuffle(plans)
    executives = _Deck(rng=days.rng, cards=EXECUTIVE_IN_LITTLE if little else EXECUTIVE)
    plans = [executives.deal(plan, _with_executive) for plan in plans]
    threads = THREADS_IN_LITTLE if little else THREADS
    for makers in ((*threads, *DEPARTURES), RHYTHMS, COUNTERPARTS, ATTENTION, PLANNING):
        twists = _Deck(rng=days.rng, cards=makers)
        plans = [twists.deal(plan, _with_twist) for plan in plans]
    visits = [days.rng.random() < _VISITED for _ in plans]
    return [
        (visited and _with_twist(plan, executive_came)) or plan for plan, visited in zip(plans, visits, strict=True)
    ]


def _in_turn(makers: Sequence[T], count: int) -> list[T]:
    return [makers[number % len(makers)] for number in range(count)]


def _tiers(revenues: Sequence[int], rest: int) -> list[str]:
    """A for those before whom the larger ones hold less than 80 % of all revenue, B below 95 %, else C."""
    total, before, tiers = sum(revenues) + rest, 0, []
    for revenue in revenues:
        tiers.append("A" if before / total < 0.8 else "B" if before / total < 0.95 else "C")
        before += revenue
    return tiers


@dataclass(kw_only=True, slots=True)
class _Deck(Generic[T]):
    """Cards in their own order at first, then shuffled; one for which there was no use waits for the next account."""

    rng: Random
    cards: Sequence[T]
    hand: list[T] = field(default_factory=list)

    def deal(self, plan: Plan, use: Callable[[Plan, T], Plan | None]) -> Plan:
        """The plan with the first card of which there is use, else as it is."""
        if len(self.hand) < len(self.cards):
            self.hand += self.rng.sample(self.cards, len(self.cards)) if self.hand else self.cards
        for place, card in enumerate(self.hand):
            found = use(plan, card)
            if found is not None:
                del self.hand[place]
                return found
        return plan


def _with_executive(plan: Plan, make: Callable[[Days], Executive]) -> Plan | None:
    found = replace(plan, executive=make(plan.days))
    return found if found.works() else None


def _with_twist(plan: Plan, make: Maker) -> Plan | None:
    twist = make(plan)
    if twist is None:
        return None
    found = replace(plan, twists=(*plan.twists, twist))
    return found if found.works() else None
