"""The overviews of one connection: for each page its numbers, its pictures and the CSV files of its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sync.pages import exposed as exposure
from sync.pages import peers, sheets
from sync.pages import quality as rule_quality
from sync.pages import spread as contact_spread
from sync.pages import trend as past
from sync.pages.changes import changes
from sync.pages.checkins import State, months
from sync.pages.frame import PAGES
from sync.pages.heatmap import heatmaps
from sync.pages.line import Line, richest_first, worst_first
from sync.pages.scene import Scene
from sync.pages.sheets import Sheet
from sync.pages.start import Start, health_of, needy, totals
from sync.pages.tally import Tally
from sync.pages.unjudged import Missing, functions_missing, nothing_key, remedy
from sync.store.attention import held_by_account
from sync.store.rule_records import rule_records

#: Accounts on one page of a list, so that no page is above 1.5 MB.
ACCOUNTS_AT_ONCE = 500
_CHECK_INS_AT_ONCE = 45
_WENT_DAYS = 365
_DUE_WITHIN_DAYS = (30, 60, 90)


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """One page, or several of a long list: `contents` are what the template is given for each.

    `missing` says why there is nothing to show, None where there is. `csv` are the files beside it, by name.
    """

    name: str
    contents: Sequence[Mapping[str, Any]]
    missing: Missing | None = None
    csv: Mapping[str, Sheet] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What it is called in the links."""
        return PAGES[self.name]


def overviews(tally: Tally) -> tuple[Start, list[Overview]]:
    """Return the connection's part of the start page, and its pages in the order of PAGES."""
    start = _start(tally)
    lines = start.queue.said(tally.lines) if start.queue else tally.lines
    missing = start.missing
    return start, [
        _accounts(lines, start, tally.lost),
        _coverage(lines, past.sole_share(tally.scene), missing),
        _check_ins(lines, tally.scene.today, missing),
        _peering(lines, tally.scene, missing),
        _people(tally, missing),
        _spread(lines, tally.scene, missing),
        _trend(tally),
        _quality(tally),
    ]


def _start(tally: Tally) -> Start:
    scene = tally.scene
    queue = tally.queue.told(scene) if scene.planned else None
    return Start(
        totals=totals(tally.lines),
        needy=needy(queue.said(tally.lines) if queue else tally.lines),
        changes=changes(scene, tally.lines, tally.news),
        queue=queue,
        unjudged=tuple(tally.reasons.told()),
        health=health_of(scene),
        missing=nothing_key(scene),
        untold=scene.reader.untold,
    )


def _accounts(lines: Sequence[Line], start: Start, lost: Sequence[Line]) -> Overview:
    """Return the list of key accounts; the CSV files of the start page stand beside it, one set per connection."""
    ordered = worst_first(lines)
    rules = sorted({one.rule for line in ordered for one in line.found})
    tiers = sorted({one.tier for one in ordered})
    queue = start.queue
    return Overview(
        name="accounts",
        missing=start.missing,
        contents=[
            {"lines": some, "rules": rules, "tiers": tiers, "total": len(ordered), "lost": [] if number else lost}
            for number, some in enumerate(_portions(ordered, ACCOUNTS_AT_ONCE))
        ],
        csv={
            "accounts": Sheet(columns=sheets.ACCOUNTS, rows=ordered),
            "findings": Sheet(columns=sheets.FINDINGS, rows=[(line, one) for line in ordered for one in line.found]),
            "changes": Sheet(columns=sheets.CHANGES, rows=start.changes.told),
            "unjudged": Sheet(columns=sheets.UNJUDGED, rows=start.unjudged),
            "queue": Sheet(columns=sheets.QUEUE, rows=queue.desks if queue else ()),
            "held-back": Sheet(columns=sheets.HELD, rows=queue.held if queue else ()),
        },
    )


def _portions(lines: Sequence[Line], size: int) -> Iterator[Sequence[Line]]:
    """Yield the lines in portions; one empty portion where there is none."""
    for begin in range(0, len(lines) or 1, size):
        yield lines[begin : begin + size]


def _coverage(lines: Sequence[Line], sole_share: float, missing: Missing | None) -> Overview:
    rows = [(line, reach) for line in richest_first(lines) for reach in line.reaches]
    return Overview(
        name="coverage",
        missing=missing,
        contents=[{"map": one, "sole": sole_share} for one in heatmaps(lines)],
        csv={"coverage": Sheet(columns=sheets.COVERAGE, rows=rows)},
    )


def _check_ins(lines: Sequence[Line], today: date, missing: Missing | None) -> Overview:
    ordered, calendar = richest_first(lines), months(today)
    late, due = _due(ordered, today)
    counted = {str(state): sum(one.check_in.state is state for one in ordered) for state in State}
    first = {"late": late, "due": due, "counted": counted}
    return Overview(
        name="checkins",
        missing=missing,
        contents=[
            {"lines": some, "months": calendar, "today": today, "lists": first if number == 0 else None}
            for number, some in enumerate(_portions(ordered, _CHECK_INS_AT_ONCE))
        ],
        csv={"checkins": Sheet(columns=sheets.check_ins(calendar), rows=ordered)},
    )


def _due(lines: Sequence[Line], today: date) -> tuple[list[Line], dict[int, list[Line]]]:
    """Return those past due and those due within each span of days, the earliest first."""
    late: list[Line] = []
    due: dict[int, list[Line]] = {days: [] for days in _DUE_WITHIN_DAYS}
    known = [(one.check_in.due_on, one) for one in lines if one.check_in.due_on]
    for due_on, line in sorted(known, key=lambda one: one[0]):
        within = next((days for days in _DUE_WITHIN_DAYS if due_on <= today + timedelta(days=days)), None)
        if due_on < today:
            late.append(line)
        elif within:
            due[within].append(line)
    return late, due


def _peering(lines: Sequence[Line], scene: Scene, missing: Missing | None) -> Overview:
    ordered = richest_first(lines)
    totals = peers.function_totals(line.peers for line in ordered)
    missing = missing or functions_missing(scene, has_theirs=bool(totals))
    functions = [one for one in peers.NAMES if any(peer.function is one for line in ordered for peer in line.peers)]
    return Overview(
        name="peering",
        missing=missing,
        contents=[
            {"lines": some, "functions": functions, "totals": totals if number == 0 else None}
            for number, some in enumerate(_portions(ordered, _CHECK_INS_AT_ONCE))
        ],
        csv={"peering": Sheet(columns=sheets.PEERS, rows=[(line, one) for line in ordered for one in line.peers])},
    )


def _people(tally: Tally, missing: Missing | None) -> Overview:
    if not tally.scene.work.config.privacy.rank_people:
        one = "`holdfast walkaway PERSON` tells what hangs on one person without comparing."
        missing = Missing(
            what="This page compares people, which is switched off.",
            how="[privacy] rank_people = true shows it; ask your works council or data protection officer first. "
            + (one if tally.scene.work.config.privacy.person_views else "It needs person_views = true as well."),
        )
        return Overview(name="people", missing=missing, contents=[{"people": (), "picture": None}])
    users = tally.scene.reader.users.values()
    names = {one.id: tally.scene.side.people.name(one.id) + ("" if one.active else " (left us)") for one in users}
    people = exposure.exposed(tally.shares, names)
    if not missing and people and not any(sum(one.accounts[:2]) + one.orphans for one in people):
        missing = Missing(
            what="Nobody of ours is all that an account, or anybody there, has: nothing would be lost with one person.",
            how=f"If that is so because no contact is on record: {remedy('no contact is on record')}",
        )
    return Overview(
        name="people",
        missing=missing,
        contents=[{"people": people, "picture": exposure.picture(people)}],
        csv={"people": Sheet(columns=sheets.EXPOSED, rows=people)},
    )


def _spread(lines: Sequence[Line], scene: Scene, missing: Missing | None) -> Overview:
    told = contact_spread.spread(lines)
    if not missing and not told.accounts:
        missing = Missing(
            what=f"None of the {len(lines):,} key accounts has a known revenue, so there is nothing to compare.",
            how="Record amounts on won deals, or map a field ([connections.NAME.map] revenue).",
        )
    elif not missing and told.gini is None:
        missing = Missing(
            what="No exchange with any key account is on record in 12 months.", how=remedy("no contact is on record")
        )
    held = held_by_account(scene.work.engine, scene.work.name, scene.moment, _WENT_DAYS)
    contents = {
        "spread": told,
        "lorenz": contact_spread.lorenz(told),
        "holding": contact_spread.holding(told),
        "went": contact_spread.went(held, scene.reader.standings),
    }
    return Overview(
        name="spread",
        missing=missing,
        contents=[contents],
        csv={"spread": Sheet(columns=sheets.SPREAD, rows=told.accounts)},
    )


def _trend(tally: Tally) -> Overview:
    scene = tally.scene
    points = past.trend(scene, scene.past_tasks)
    missing = None
    if len(points) < 2:
        have = f"so far there are some of one day, {points[0].day:%Y-%m-%d}" if points else "there are none yet"
        missing = Missing(
            what=f"A trend needs our own snapshots of two days; {have}.",
            how="A snapshot of each key account is taken on every day with a `holdfast run`, or by `holdfast serve`.",
        )
    return Overview(
        name="trend",
        missing=missing,
        contents=[{"points": points, "pictures": past.pictures(points)}],
        csv={"trend": Sheet(columns=sheets.TREND, rows=points)},
    )


def _quality(tally: Tally) -> Overview:
    scene = tally.scene
    manuals = {rule.id: rule.manual for rule in scene.work.rulebook.rules.values()}
    work = scene.work
    records = rule_records(work.engine, work.name, work.now, work.config.timezone, months=rule_quality.MONTHS)
    told = tally.verdicts.quality(manuals, records)
    months = [month for one in told for month in one.months]
    return Overview(
        name="quality",
        contents=[{"rules": told, "months": months, "picture": rule_quality.picture(told)}],
        csv={
            "quality": Sheet(columns=sheets.QUALITY, rows=told),
            "quality-months": Sheet(columns=sheets.QUALITY_MONTHS, rows=months),
        },
    )
