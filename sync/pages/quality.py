"""What the ledger knows of each rule: how often it is raised, and what people and time made of its tasks.

A completed task may have been right or in the way, so no precision is claimed. What was deleted was not wanted: its
share of the tasks that people ended comes with a 95 % interval (Wilson), and above a half the rule is one to look at.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rules.rule import Verdict
from sync.findings import FindingState
from sync.pages.history import PastTask
from sync.pages.pictures import Dot, Label, Picture, Scale, Shape, Stroke
from sync.pages.words import share

_Z = 1.96
_ENOUGH_ENDED = 10  # before a share of dismissed tasks says anything
_WIDTH, _LEFT, _RIGHT, _ROW = 640, 180, 120, 26


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """One rule. Accounts by verdict now, findings ever raised and ended, and its tasks by how they ended.

    `dismissed_share` is of the tasks that people completed or deleted, with its interval; None without any.
    """

    rule: str
    what: str
    raised: int
    clear: int
    unknown: int
    ever: int
    ended: int
    open_tasks: int
    completed: int
    deleted: int
    closed: int

    @property
    def base_rate(self) -> float | None:
        """The share of the accounts judged on which it is raised."""
        return self.raised / (self.raised + self.clear) if self.raised + self.clear else None

    @property
    def by_people(self) -> int:
        """Tasks that people ended."""
        return self.completed + self.deleted

    @property
    def dismissed_share(self) -> tuple[float, float, float] | None:
        """Low end, share and high end."""
        return wilson(self.deleted, self.by_people) if self.by_people else None

    @property
    def advice(self) -> str:
        """What to do about the rule, empty for nothing."""
        judged = self.raised + self.clear + self.unknown
        if self.by_people >= _ENOUGH_ENDED and 2 * self.deleted > self.by_people:
            return "more than half of its tasks were deleted: raise its threshold or switch it off"
        if judged and self.unknown * 2 > judged:
            return "cannot be judged on most accounts: see the start page for why"
        return ""


def wilson(some: int, total: int) -> tuple[float, float, float]:
    """Return the low end, the share itself and the high end of the 95 % interval (Wilson 1927), total above 0."""
    part, squared = some / total, _Z * _Z
    middle = (part + squared / (2 * total)) / (1 + squared / total)
    half = _Z * math.sqrt(part * (1 - part) / total + squared / (4 * total * total)) / (1 + squared / total)
    return max(0.0, middle - half), part, min(1.0, middle + half)


class Verdicts:
    """Counts verdicts and findings account by account, so that none need be kept."""

    def __init__(self) -> None:
        self._counted: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, verdicts: Mapping[str, Verdict], states: Mapping[str, FindingState]) -> None:
        """Count one account."""
        for rule, verdict in verdicts.items():
            self._counted[rule][type(verdict).__name__.lower()] += 1
        for rule, state in states.items():
            self._counted[rule]["ever"] += 1
            self._counted[rule]["ended"] += not state.open

    def quality(self, manuals: Mapping[str, str], tasks: Iterable[PastTask]) -> list[Quality]:
        """Return what is known of each rule that is on, by id; `manuals` are the rules' docstrings."""
        ended: Counter[tuple[str, str]] = Counter(
            (rule, one.ended_how or one.state) for one in tasks for rule in one.rules
        )
        return [
            Quality(
                rule=rule,
                what=manual.strip().partition("\n\n")[0].replace("\n", " "),
                raised=self._counted[rule]["raised"],
                clear=self._counted[rule]["clear"],
                unknown=self._counted[rule]["unknown"],
                ever=self._counted[rule]["ever"],
                ended=self._counted[rule]["ended"],
                open_tasks=ended[rule, "open"] + ended[rule, "planned"],
                completed=ended[rule, "completed"],
                deleted=ended[rule, "deleted"],
                closed=ended[rule, "closed"],
            )
            for rule, manual in sorted(manuals.items())
        ]


def picture(rules: Sequence[Quality]) -> Picture | None:
    """Draw the share of dismissed tasks with its interval for each rule that has any ended by people."""
    drawn = [one for one in rules if one.by_people]
    if not drawn:
        return None
    worst = max(drawn, key=lambda one: one.deleted / one.by_people)
    return Picture(
        name="dismissed",
        title="Tasks deleted, of those that people ended",
        told=f"Most of {worst.rule}: {worst.deleted} of {worst.by_people}. Lines are 95 % intervals.",
        width=_WIDTH,
        height=_ROW * len(drawn) + 30,
        shapes=tuple(_shapes(drawn)),
    )


def _shapes(drawn: Sequence[Quality]) -> Iterator[Shape]:
    scale = Scale(low=0, high=1, begin=_LEFT, end=_WIDTH - _RIGHT)
    bottom = _ROW * len(drawn) + 6
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        css = "even" if part == 0.5 else "grid"
        yield Stroke(x1=scale.at(part), y1=2, x2=scale.at(part), y2=bottom, css=css)
        yield Label(x=scale.at(part), y=bottom + 16, text=share(part), css="small", anchor="middle")
    for index, one in enumerate(drawn):
        y = 4 + _ROW * (index + 0.5)
        low, middle, high = one.dismissed_share or (0.0, 0.0, 0.0)
        yield Label(x=_LEFT - 10, y=y + 4, text=one.rule, anchor="end")
        yield Stroke(x1=scale.at(low), y1=y, x2=scale.at(high), y2=y, css="interval")
        yield Dot(x=scale.at(middle), y=y, radius=5, css="held")
        yield Label(x=scale.end + 12, y=y + 4, text=f"{one.deleted} of {one.by_people}", css="number")
