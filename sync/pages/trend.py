"""How the key accounts as a whole have moved, from own snapshots: one point a week, in a young store one a day."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import fmean, median

from sync.pages.pictures import Dot, Label, Picture, Scale, Shape, Stroke, Trail
from sync.pages.scene import Scene
from sync.pages.words import day, share
from sync.store.history import PastTask, Snapshot, snapshot_days, snapshots_on

WEEKS = 53
HALF_YEAR_DAYS = 183
SOLE_SHARE = 0.8  # where sole-rep is off

_DAILY_UP_TO = 14  # days of snapshots
_WIDTH, _HEIGHT, _LEFT, _RIGHT = 340, 150, 44, 62


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """All key accounts on one day. Shares are of those of which it can be told, None where it can be of none."""

    day: date
    accounts: int
    single: float | None  # with one person at sole-rep's share of the contact or more
    met: float | None  # with an executive exchange held within half a year
    ours: float | None  # median of our people per account
    theirs: float | None  # median of their people per account
    risk: float | None  # mean
    open_tasks: int
    cleared: int  # tasks closed until then since their reason was gone
    done: int  # tasks completed by people until then


def trend(scene: Scene, tasks: Sequence[PastTask]) -> list[Point]:
    """Return the points of a year up to the moment, oldest first; reads the snapshots of one day at a time."""
    sole = sole_share(scene)
    days = snapshot_days(scene.work.engine, scene.name, scene.today)
    return [_point(one, snapshots_on(scene.work.engine, scene.name, one), tasks, sole, scene) for one in _chosen(days)]


def sole_share(scene: Scene) -> float:
    """Return from which share of the contact on an account hangs on one person: sole-rep's for tier A."""
    if "sole-rep" not in scene.side.rulebook.rules:
        return SOLE_SHARE
    return float(scene.side.rulebook.params("sole-rep", "A").model_dump()["top_share"])


def _chosen(days: Sequence[date]) -> list[date]:
    """Return the last day of each week, of a year; all of them where there are few."""
    if len(days) <= _DAILY_UP_TO:
        return list(days)
    weeks = {one.isocalendar()[:2]: one for one in days}
    return list(weeks.values())[-WEEKS:]


def _point(on: date, snapshots: Mapping[str, Snapshot], tasks: Sequence[PastTask], sole: float, scene: Scene) -> Point:
    some = list(snapshots.values())
    met_after = on - timedelta(days=HALF_YEAR_DAYS)
    labels = [re.fullmatch(r"(\d+)x(\d+)", one.coverage or "") for one in some]
    sizes = [(int(label[1]), int(label[2])) for label in labels if label]
    end = datetime.combine(on + timedelta(days=1), datetime.min.time(), scene.moment.timezone)
    ended = [one for one in tasks if one.ended_at and one.ended_at < end]
    return Point(
        day=on,
        accounts=len(some),
        single=_part([one.top_share >= sole for one in some if one.top_share is not None]),
        met=_part([one.last_exec_exchange >= met_after for one in some if one.last_exec_exchange is not None]),
        ours=median(m for m, _ in sizes) if sizes else None,
        theirs=median(n for _, n in sizes) if sizes else None,
        risk=round(fmean(risks), 1) if (risks := [one.risk for one in some if one.risk is not None]) else None,
        open_tasks=sum(one.created_at < end for one in tasks) - len(ended),
        cleared=sum(one.ended_how == "closed" for one in ended),
        done=sum(one.ended_how == "completed" for one in ended),
    )


def _part(those: Sequence[bool]) -> float | None:
    return sum(those) / len(those) if those else None


def pictures(points: Sequence[Point]) -> list[Picture]:
    """Draw one small curve for each number that moves; none of a single day."""
    if len(points) < 2:
        return []
    wanted: list[tuple[str, str, Callable[[Point], float | None], Callable[[float], str], float | None]] = [
        ("single", "Key accounts that hang on one person", lambda one: one.single, share, 1.0),
        ("met", "Executive met within half a year", lambda one: one.met, share, 1.0),
        ("risk", "Mean risk", lambda one: one.risk, _number, 100.0),
        ("ours", "Our people per account, median", lambda one: one.ours, _number, None),
        ("theirs", "Their people per account, median", lambda one: one.theirs, _number, None),
        ("tasks", "Open tasks", lambda one: float(one.open_tasks), _number, None),
    ]
    found = []
    for name, title, value, text, top in wanted:
        known = [(one.day, number) for one in points if (number := value(one)) is not None]
        if len(known) > 1:
            found.append(_picture(name, title, known, text, top))
    return found


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _picture(
    name: str, title: str, known: Sequence[tuple[date, float]], text: Callable[[float], str], top: float | None
) -> Picture:
    (first_on, first), (last_on, last) = known[0], known[-1]
    high = top or float(math.ceil(max(1.0, *(value for _, value in known)) * 1.2))
    return Picture(
        name=f"trend-{name}",
        title=title,
        told=f"From {text(first)} on {day(first_on)} to {text(last)} on {day(last_on)}.",
        width=_WIDTH,
        height=_HEIGHT,
        shapes=tuple(_shapes(known, high, text)),
    )


def _shapes(known: Sequence[tuple[date, float]], high: float, text: Callable[[float], str]) -> Iterator[Shape]:
    (first_on, _), (last_on, last) = known[0], known[-1]
    x = Scale(low=first_on.toordinal(), high=last_on.toordinal(), begin=_LEFT, end=_WIDTH - _RIGHT)
    y = Scale(low=0, high=high, begin=_HEIGHT - 24, end=10)
    for value in (0.0, high / 2, high):
        yield Stroke(x1=_LEFT, y1=y.at(value), x2=_WIDTH - _RIGHT, y2=y.at(value), css="grid")
    for value in (0.0, high):
        yield Label(x=_LEFT - 6, y=y.at(value) + 4, text=text(value), css="small", anchor="end")
    yield Label(x=_LEFT, y=_HEIGHT - 6, text=day(first_on), css="small")
    yield Label(x=_WIDTH - _RIGHT, y=_HEIGHT - 6, text=day(last_on), css="small", anchor="end")
    yield Trail(points=tuple((x.at(on.toordinal()), y.at(value)) for on, value in known), css="curve")
    yield from (Dot(x=x.at(on.toordinal()), y=y.at(value), radius=2.2, css="held") for on, value in _few(known))
    yield Label(x=x.end + 8, y=y.at(last) + 5, text=text(last), css="strong")


def _few(known: Sequence[tuple[date, float]]) -> Iterable[tuple[date, float]]:
    return known if len(known) <= 2 * _DAILY_UP_TO else known[-1:]
