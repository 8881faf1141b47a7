"""The picture of what another config would ask of people: tasks before and after, and the caps (domain.md 5.9).

It is drawn from the document of `rules preview --json`, so it tells the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sync.pages.csv_files import write_csv
from sync.pages.frame import Frame, render
from sync.pages.pictures import Box, Label, Picture, Scale, Shape, Stroke
from sync.pages.words import short, slug
from sync.preview import AFTER, BEFORE

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 720, 190, 60, 34, 22
_PEOPLE_SHOWN = 30

_COLUMNS = ("person", "open", "waiting_before", "waiting_after", "first_week_before", "first_week_after")


def most_first(people: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return people with most tasks under the other config first."""
    return sorted(people, key=lambda one: (-one["waiting"][AFTER], -one["waiting"][BEFORE], one["name"]))


def picture(told: Mapping[str, Any]) -> Picture | None:
    """Draw what would wait for each person before and after, and what a week lets through; None for nobody."""
    people = most_first(told["people"])[:_PEOPLE_SHOWN]
    if not people:
        return None
    caps = {side: told["caps"][side]["new_per_week"] for side in (BEFORE, AFTER)}
    most = max(*caps.values(), *(one["waiting"][side] for one in people for side in (BEFORE, AFTER)), 1)
    scale = Scale(low=0, high=most, begin=_LEFT, end=_WIDTH - _RIGHT)
    together = {side: sum(one["waiting"][side] for one in told["people"]) for side in (BEFORE, AFTER)}
    weeks = {side: sum(one["first_week"][side] for one in told["people"]) for side in (BEFORE, AFTER)}
    return Picture(
        name=f"difference-{slug(told['connection'])}",
        title=f"Tasks per person with {told['config']} and with {told['against']}",
        told=f"Together {together[BEFORE]} before and {together[AFTER]} after; in the first week the caps let through "
        f"{weeks[BEFORE]} before and {weeks[AFTER]} after.",
        width=_WIDTH,
        height=_TOP + _ROW * len(people) + 8,
        shapes=(*_bars(people, scale), *_caps(caps, scale, _TOP + _ROW * len(people))),
    )


def _bars(people: Sequence[Mapping[str, Any]], scale: Scale) -> Iterator[Shape]:
    for number, one in enumerate(people):
        top = _TOP + _ROW * number
        yield Label(x=_LEFT - 8, y=top + 19, text=short(one["name"], 26), anchor="end")
        for side, y, css in ((BEFORE, top + 3, "bar before"), (AFTER, top + 16, "bar after")):
            count, week = one["waiting"][side], one["first_week"][side]
            tip = f"{one['name']}: {count} {side}, {week} in the first week"
            yield Box(x=_LEFT, y=y, width=scale.at(count) - _LEFT, height=12, css=css, tip=tip)
            yield Label(x=scale.at(count) + 5, y=y + 10, text=f"{count} {side}", css="small")


def _caps(caps: Mapping[str, int], scale: Scale, bottom: float) -> Iterator[Shape]:
    """Yield a line for the cap of a week, one where both configs have the same, none where it is off."""
    for side, cap in caps.items():
        if not cap or (side == BEFORE and cap == caps[AFTER]):
            continue
        whose = "" if caps[BEFORE] == caps[AFTER] else f" {side}"
        yield Stroke(x1=scale.at(cap), y1=_TOP - 4, x2=scale.at(cap), y2=bottom, css="today")
        yield Label(x=scale.at(cap), y=_TOP - 8, text=f"{cap} new a week{whose}", css="small", anchor="middle")


def write_difference(out: Path, told: Sequence[Mapping[str, Any]]) -> Path:
    """The page and, for each connection, its people as CSV stand in the folder; returns the page."""
    out.mkdir(parents=True, exist_ok=True)
    for one in told:
        rows = (
            (who["name"], who["open"], *who["waiting"].values(), *who["first_week"].values())
            for who in most_first(one["people"])
        )
        write_csv(out / f"preview-{slug(one['connection'])}.csv", _COLUMNS, rows)
    frame = Frame(
        title="Preview",
        here="preview",
        root="",
        as_of=max(date.fromisoformat(one["as_of"]) for one in told),
        connection=", ".join(one["connection"] for one in told),
        connections=(),
        alone=True,
    )
    page = out / "preview.html"
    html = render("preview.html", frame, told=told, pictures=[picture(one) for one in told], most_first=most_first)
    page.write_text(html, encoding="utf-8")
    return page
