"""The pictures of an account's card: where its score comes from, and its touches over a year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from rules.wording import day_text
from sync.pages.card import DAYS_AHEAD, DAYS_BACK, Bead, Card
from sync.pages.pictures import Box, Dot, Label, Picture, Scale, Shape, Stroke

_LANES = ("meeting", "call", "email", "message")
_LANE_NAMES: Mapping[str, str] = {"meeting": "meetings", "call": "calls", "email": "e-mails", "message": "messages"}
_WIDTH, _LEFT, _RIGHT = 720, 80, 20
_FALL_WIDTH, _FALL_LEFT, _FALL_RIGHT = 460, 130, 34
_ROW, _LANE = 24, 24
_BORDERS = ((25, "watch"), (50, "at risk"), (75, "critical"))


def waterfall(card: Card) -> Picture | None:
    """Draw how the score adds up, rule by rule; None where there is no score or nothing adds to it."""
    points: Mapping[str, int] = card.told["score"]["points"]
    value = card.told["score"]["value"]
    if value is None or not points:
        return None
    scale = Scale(low=0, high=100, begin=_FALL_LEFT, end=_FALL_WIDTH - _FALL_RIGHT)
    height = _ROW * (len(points) + 1) + 24
    told = ", ".join(f"{rule} adds {number}" for rule, number in points.items())
    return Picture(
        name="waterfall",
        title=f"Risk {value} of 100, {card.told['score']['level']}",
        told=f"{told}; together {value}.",
        width=_FALL_WIDTH,
        height=height,
        shapes=tuple(_steps(points, value, scale, height)),
    )


def _steps(points: Mapping[str, int], value: int, scale: Scale, height: float) -> Iterator[Shape]:
    for border, word in _BORDERS:
        yield Stroke(x1=scale.at(border), y1=4, x2=scale.at(border), y2=height - 18, css="grid")
        yield Label(x=scale.at(border), y=height - 5, text=f"{border} {word}", css="small", anchor="middle")
    before, y = 0, 4.0
    for rule, number in points.items():
        yield Label(x=_FALL_LEFT - 8, y=y + 15, text=rule, anchor="end")
        wide = scale.at(before + number) - scale.at(before)
        tip = f"{rule}: {number} points"
        yield Box(x=scale.at(before), y=y + 3, width=wide, height=_ROW - 9, css="risk part", tip=tip)
        yield Label(x=scale.at(before + number) + 5, y=y + 15, text=f"+{number}", css="number")
        before, y = before + number, y + _ROW
        yield Stroke(x1=scale.at(before), y1=y - 6, x2=scale.at(before), y2=y + 3, css="tie")
    yield Label(x=_FALL_LEFT - 8, y=y + 15, text="risk", css="strong", anchor="end")
    yield Box(x=scale.at(0), y=y + 3, width=scale.at(value) - scale.at(0), height=_ROW - 9, css="risk whole")
    yield Label(x=scale.at(value) + 5, y=y + 15, text=str(value), css="strong")


def timeline(card: Card, today: date) -> Picture | None:
    """Draw the touches of 12 months by kind and day, and the meetings booked; None without any."""
    if not card.beads:
        return None
    lanes = [kind for kind in _LANES if any(bead.kind == kind for bead in card.beads)]
    first, last = today - timedelta(days=DAYS_BACK), today + timedelta(days=DAYS_AHEAD)
    scale = Scale(low=first.toordinal(), high=last.toordinal(), begin=_LEFT, end=_WIDTH - _RIGHT)
    height = _LANE * len(lanes) + 34
    held, tried = (
        sum(one.count for one in card.beads if one.state == state and one.day <= today) for state in ("held", "one-way")
    )
    booked = sum(one.state == "booked" for one in card.beads)
    return Picture(
        name="timeline",
        title=f"Touches of 12 months up to {day_text(today)}",
        told=f"Answered or held: {held}; one-way, or nobody was there: {tried}; days with a meeting booked: {booked}.",
        width=_WIDTH,
        height=height,
        shapes=(*_months(scale, first, last, height), *_lanes(card, lanes, scale, today, height)),
    )


def _months(scale: Scale, first: date, last: date, height: float) -> Iterator[Shape]:
    month = (first + timedelta(days=31)).replace(day=1)
    while month <= last:
        x = scale.at(month.toordinal())
        yield Stroke(x1=x, y1=4, x2=x, y2=height - 20, css="grid")
        if x < scale.end - _LANE:
            # January is told by its year.
            yield Label(
                x=x + 2, y=height - 6, text=day_text(month).split(" ")[2 if month.month == 1 else 1], css="small"
            )
        month = (month + timedelta(days=32)).replace(day=1)


def _lanes(card: Card, lanes: list[str], scale: Scale, today: date, height: float) -> Iterator[Shape]:
    for index, kind in enumerate(lanes):
        y = 4 + _LANE * index + _LANE / 2
        yield Label(x=0, y=y + 4, text=_LANE_NAMES[kind])
        yield Stroke(x1=scale.begin, y1=y, x2=scale.end, y2=y, css="lane")
        yield from (_mark(bead, scale.at(bead.day.toordinal()), y) for bead in card.beads if bead.kind == kind)
    x = scale.at(today.toordinal())
    yield Stroke(x1=x, y1=4, x2=x, y2=height - 20, css="today")


def _mark(bead: Bead, x: float, y: float) -> Shape:
    tip = f"{day_text(bead.day)}: {bead.count} {bead.kind} {bead.state}"
    match bead.state:
        case "held":
            return Dot(x=x, y=y, radius=4.5, css="held", tip=tip)
        case "one-way":
            return Dot(x=x, y=y, radius=3.5, css="tried", tip=tip)
        case _:
            return Box(x=x - 4, y=y - 4, width=8, height=8, css="booked", tip=tip)
