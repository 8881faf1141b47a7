"""Account by person: who of ours is in touch with which key account, a screenful of accounts at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sync.pages.line import Line, Reach, richest_first

ROWS, COLUMNS = 40, 14

#: From which strength on each of the five steps of colour begins (domain.md 4.6: a meeting today is 3).
HEAT_FROM = (0.0, 2.0, 6.0, 12.0, 25.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class HeatRow:
    """One account: a reach or None for each column, and the person-days of those of ours who have no column."""

    line: Line
    reaches: tuple[Reach | None, ...]
    others: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Heatmap:
    """A page of accounts by revenue; `ours` are the names across, who has most person-days on this page first."""

    ours: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    more_ours: int


def heat(strength: float) -> int:
    """Return the step of colour, 0 for no tie to 5 for a strong one."""
    return sum(strength > least for least in HEAT_FROM)


def heatmaps(lines: Sequence[Line]) -> Iterator[Heatmap]:
    """Yield the pages, the largest accounts first; one empty page where there is no account."""
    ordered = richest_first(lines)
    for begin in range(0, len(ordered) or 1, ROWS):
        yield _heatmap(ordered[begin : begin + ROWS])


def _heatmap(lines: Sequence[Line]) -> Heatmap:
    days: defaultdict[str, int] = defaultdict(int)
    names: dict[str, str] = {}
    for line in lines:
        for reach in line.reaches:
            days[reach.user_id] += reach.person_days
            names[reach.user_id] = reach.name
    everybody = sorted(days, key=lambda one: (-days[one], names[one], one))
    shown = everybody[:COLUMNS]
    rows = []
    for line in lines:
        by_user = {reach.user_id: reach for reach in line.reaches}
        others = sum(reach.person_days for reach in line.reaches if reach.user_id not in shown)
        rows.append(HeatRow(line=line, reaches=tuple(by_user.get(one) for one in shown), others=others))
    return Heatmap(ours=tuple(names[one] for one in shown), rows=tuple(rows), more_ours=len(everybody) - len(shown))
