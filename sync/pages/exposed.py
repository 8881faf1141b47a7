"""Revenue at risk by rep: what would be lost, weakened or safe if one of ours left, over all key accounts.

About accounts, not about people: it says where a second link is missing, never how well anybody works. It compares
people, and is therefore made only with `[privacy] rank_people = true`.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rules.facts import AccountFacts
from rules.walkaway import State, walk_away
from rules.wording import count_text, money_text
from sync.pages.pictures import Box, Label, Picture, Scale, Shape
from sync.pages.words import short

DRAWN = 20
_WIDTH, _LEFT, _RIGHT, _ROW = 720, 170, 70, 24
_EXPOSED = (State.LOST, State.HEADLESS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """One account seen from one of ours who is in touch with it or owns it."""

    user_id: str
    state: State
    revenue: float | None
    orphans: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Exposed:
    """One of ours: key accounts by what becomes of them, and their revenue where it is known."""

    name: str
    accounts: tuple[int, int, int]  # exposed, weakened, safe
    revenue: tuple[float, float, float]
    orphans: int
    without_revenue: int


def shares(facts: AccountFacts) -> Iterator[Share]:
    """Yield what the account is without each of ours who was ever in touch with it, or owns it."""
    in_touch = {facts.account.owner_id or "", *(user_id for touch in facts.touches for user_id in touch.ours)}
    for user_id in sorted(in_touch - {""} - facts.ignored):
        without = walk_away(facts, user_id)
        if without.concerns:
            orphans = len(without.orphans)
            yield Share(user_id=user_id, state=without.state, revenue=without.revenue, orphans=orphans)


def exposed(found: Iterable[Share], names: dict[str, str]) -> list[Exposed]:
    """Return everybody with a share, who has most exposed revenue first. `names` are by user id."""
    by_user: defaultdict[str, list[Share]] = defaultdict(list)
    for one in found:
        by_user[one.user_id].append(one)
    told = [_one(names.get(user_id, user_id), some) for user_id, some in by_user.items()]
    return sorted(told, key=lambda one: ([-amount for amount in one.revenue[:2]], -one.accounts[0], one.name))


def _one(name: str, some: Sequence[Share]) -> Exposed:
    groups = (
        [one for one in some if one.state in _EXPOSED],
        [one for one in some if one.state is State.WEAKENED],
        [one for one in some if one.state is State.FINE],
    )
    lost, weakened, safe = (math.fsum(one.revenue or 0.0 for one in group) for group in groups)
    return Exposed(
        name=name,
        accounts=(len(groups[0]), len(groups[1]), len(groups[2])),
        revenue=(lost, weakened, safe),
        orphans=sum(one.orphans for one in some),
        without_revenue=sum(one.revenue is None for one in some),
    )


def picture(people: Sequence[Exposed]) -> Picture | None:
    """Draw a bar of exposed, weakened and safe revenue for those with most exposed; None where nobody has revenue."""
    drawn = [one for one in people if sum(one.revenue)][:DRAWN]
    if not drawn:
        return None
    first = drawn[0]
    where = count_text(first.accounts[0], "account")
    return Picture(
        name="exposed",
        title="Revenue by what becomes of the account without the person",
        told=f"Most exposed: {first.name} with {money_text(first.revenue[0])} on {where}.",
        width=_WIDTH,
        height=_ROW * len(drawn) + 8,
        shapes=tuple(_bars(drawn)),
    )


def _bars(drawn: Sequence[Exposed]) -> Iterator[Shape]:
    scale = Scale(low=0, high=max(sum(one.revenue) for one in drawn), begin=_LEFT, end=_WIDTH - _RIGHT)
    for index, one in enumerate(drawn):
        y = 4.0 + _ROW * index
        yield Label(x=_LEFT - 8, y=y + 14, text=short(one.name, 24), anchor="end")
        before = 0.0
        for amount, css in zip(one.revenue, ("exposed", "weakened", "safe"), strict=True):
            wide = scale.at(before + amount) - scale.at(before)
            tip = f"{one.name}: {money_text(amount)} {css}"
            if wide:
                yield Box(x=scale.at(before), y=y, width=wide, height=_ROW - 6, css=f"bar {css}", tip=tip)
            if wide > 34:
                x = scale.at(before) + wide / 2
                yield Label(x=x, y=y + 13, text=money_text(amount), css=f"on-{css}", anchor="middle")
            before += amount
        yield Label(x=scale.at(before) + 6, y=y + 14, text=money_text(before), css="number")
