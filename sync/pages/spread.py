"""How contact is spread over revenue, and revenue over people: a Lorenz curve with its Gini, and "n hold 60 %".

The curve orders key accounts by person-days per revenue, the least first, and adds both up: on the diagonal contact
follows revenue. Gini = 1 - 2 x the area below it (trapezoids). Revenue is held by those in touch, in proportion to
their person-days.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rules.facts import Standing
from rules.statistics import attention
from sync.pages.line import Line
from sync.pages.pictures import Dot, Label, Picture, Scale, Shape, Stroke, Trail
from sync.pages.words import share

#: The share of revenue for which the number of people is told.
HELD_SHARE = 0.6

_SIDE, _LEFT, _BOTTOM = 320, 56, 44
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_POINTS = 400  # on a curve: more cannot be seen


@dataclass(frozen=True, kw_only=True, slots=True)
class Attended:
    """One key account on the curve: its share of all contact and of all revenue."""

    line: Line
    days_share: float
    revenue_share: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """`curve` and `holders` are points in shares of 0 to 1, from the origin; `holders` is by number of people.

    `gini` is None without a person-day, `needed` where nobody is in touch with so much revenue; `unheld` is the share
    of revenue with nobody in touch. `without_revenue` key accounts are in neither.
    """

    accounts: tuple[Attended, ...]
    curve: tuple[tuple[float, float], ...]
    gini: float | None
    holders: tuple[float, ...]
    needed: int | None
    unheld: float
    without_revenue: int


def spread(lines: Sequence[Line]) -> Spread:
    """Return how contact and revenue are spread over the key accounts with revenue."""
    some = [one for one in lines if one.revenue and one.revenue > 0]
    revenue = math.fsum(one.revenue or 0.0 for one in some)
    days = sum(one.person_days for one in some)
    ordered = sorted(some, key=_order)
    accounts = tuple(
        Attended(
            line=one,
            days_share=one.person_days / days if days else 0.0,
            revenue_share=(one.revenue or 0.0) / revenue,
        )
        for one in ordered
    )
    curve = tuple(_running([(one.revenue_share, one.days_share) for one in accounts]))
    holders = _holders(some, revenue)
    needed = next((n for n, held in enumerate(holders) if held >= HELD_SHARE), None)
    return Spread(
        accounts=accounts,
        curve=curve,
        gini=round(_gini(curve), 3) if days else None,
        holders=holders,
        needed=needed,
        unheld=max(0.0, 1 - holders[-1]) if some else 0.0,
        without_revenue=len(lines) - len(some),
    )


def _order(line: Line) -> tuple[float, float, str]:
    """Orders accounts: the least contact for their revenue first, of those without any the largest."""
    revenue = line.revenue or 1.0
    return attention(line.person_days, revenue), -revenue, line.name


def _running(pairs: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    x = y = 0.0
    yield x, y
    for dx, dy in pairs:
        x, y = x + dx, y + dy
        yield min(x, 1.0), min(y, 1.0)


def _gini(curve: Sequence[tuple[float, float]]) -> float:
    area = math.fsum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in pairwise(curve))
    return max(0.0, 1 - 2 * area)


def _holders(lines: Sequence[Line], revenue: float) -> tuple[float, ...]:
    """Return the share of revenue that the first n people hold together, from n = 0."""
    held: defaultdict[str, float] = defaultdict(float)
    for line in lines:
        for reach in line.reaches:
            held[reach.user_id] += (line.revenue or 0.0) * reach.person_days / line.person_days
    found = [0.0]
    for amount in sorted(held.values(), reverse=True):
        found.append(min(1.0, found[-1] + amount / revenue))
    return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class Went:
    """Whom of all accounts meetings and calls were with, in shares of 0 to 1 that add up to 1."""

    key: float
    customers: float
    others: float


def went(held: Mapping[str, int], standings: Mapping[str, Standing]) -> Went | None:
    """Return what part went to key customers, to other customers and to everybody else; None where nothing was held.

    `held` are meetings and calls by account id; an account that is not there any more is nobody's.
    """
    known = {account_id: count for account_id, count in held.items() if account_id in standings}
    total = sum(known.values())
    if not total:
        return None
    customers = sum(count for account_id, count in known.items() if standings[account_id].customer)
    key = sum(
        count for account_id, count in known.items() if standings[account_id].customer and standings[account_id].key
    )
    return Went(key=key / total, customers=(customers - key) / total, others=(total - customers) / total)


def lorenz(told: Spread) -> Picture | None:
    """Draw the curve of contact over revenue; None without revenue or contact."""
    if told.gini is None:
        return None
    half = next(x for x, y in told.curve if y >= 0.5)
    return Picture(
        name="lorenz",
        title=f"Contact over revenue, Gini {told.gini:.2f}",
        told=f"The customers with {share(half)} of the revenue that get least for it have half of all contact. "
        "On the dashed line contact would follow revenue.",
        width=_LEFT + _SIDE + 16,
        height=_SIDE + _BOTTOM + 8,
        shapes=tuple(_curve(told.curve)),
    )


def _curve(curve: Sequence[tuple[float, float]]) -> Iterator[Shape]:
    x, y = _axes()
    yield from _frame(x, y, [(one, share(one)) for one in _QUARTERS], "share of revenue, least attended first")
    yield Stroke(x1=x.at(0), y1=y.at(0), x2=x.at(1), y2=y.at(1), css="even")
    points = tuple((x.at(one), y.at(two)) for one, two in _thinned(curve))
    yield Trail(points=(*points, (x.at(1), y.at(0))), css="area")
    yield Trail(points=points, css="curve")
    yield Label(x=x.at(0.03), y=y.at(0.93), text="share of contact", css="small")


def holding(told: Spread) -> Picture | None:
    """Draw how much revenue the first n people hold; None where nobody holds any."""
    if len(told.holders) < 2:
        return None
    return Picture(
        name="holding",
        title="Revenue by the number of people who hold it",
        told=_few(told) or f"Nobody is in touch with {share(told.unheld)} of the revenue.",
        width=_LEFT + _SIDE + 16,
        height=_SIDE + _BOTTOM + 8,
        shapes=tuple(_steps(told)),
    )


def _few(told: Spread) -> str:
    if told.needed is None:
        return ""
    return f"{told.needed} of {len(told.holders) - 1} people hold {share(told.holders[told.needed])} of the revenue."


def _steps(told: Spread) -> Iterator[Shape]:
    people = len(told.holders) - 1
    x, y = _axes()
    x = Scale(low=0, high=people, begin=x.begin, end=x.end)
    ticks = range(0, people + 1, max(1, -(-people // 6)))
    yield from _frame(x, y, [(one, str(one)) for one in ticks], "people, who holds most first")
    yield Trail(points=tuple((x.at(n), y.at(held)) for n, held in enumerate(told.holders)), css="curve")
    if told.needed is not None:
        held = told.holders[told.needed]
        yield Stroke(x1=x.at(0), y1=y.at(HELD_SHARE), x2=x.at(people), y2=y.at(HELD_SHARE), css="even")
        yield Dot(x=x.at(told.needed), y=y.at(held), radius=5, css="held")
        yield Label(x=x.at(told.needed) + 10, y=y.at(held) + 22, text=f"{told.needed} hold {share(held)}", css="strong")
    yield Label(x=x.begin + 8, y=y.at(0.96), text="share of revenue", css="small")


def _axes() -> tuple[Scale, Scale]:
    return (
        Scale(low=0, high=1, begin=_LEFT, end=_LEFT + _SIDE),
        Scale(low=0, high=1, begin=_SIDE + 8, end=8),
    )


def _frame(x: Scale, y: Scale, ticks: Sequence[tuple[float, str]], across: str) -> Iterator[Shape]:
    for part in _QUARTERS:
        yield Stroke(x1=x.begin, y1=y.at(part), x2=x.end, y2=y.at(part), css="grid")
        yield Label(x=x.begin - 8, y=y.at(part) + 4, text=share(part), css="small", anchor="end")
    for value, text in ticks:
        yield Label(x=x.at(value), y=_SIDE + 24, text=text, css="small", anchor="middle")
    yield Label(x=(x.begin + x.end) / 2, y=_SIDE + 42, text=across, css="small", anchor="middle")


def _thinned(curve: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    step = max(1, len(curve) // _POINTS)
    return [*curve[:-1:step], curve[-1]]
