"""What is known of each rule: how often it is raised, and what people and time made of what it told.

A completed task may have been right or in the way, so no precision is claimed. What was deleted or called wrong was not
wanted: its share comes with a 95 % interval, and above a half the rule is one to look at (`sync.rule_report`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rules.rule import Verdict
from sync.findings import FindingState
from sync.pages.pictures import Dot, Label, Picture, Scale, Shape, Stroke
from sync.pages.words import share
from sync.rule_report import Record, together

MONTHS = 12  # so many months back findings that were told are counted
_WIDTH, _LEFT, _RIGHT, _ROW = 640, 180, 120, 26


@dataclass(frozen=True, kw_only=True)
class Month:
    """What a rule told in a month, by the month's first day, and what became of it."""

    rule: str
    month: date
    record: Record


@dataclass(frozen=True, kw_only=True)
class Quality:
    """One rule: accounts by verdict now, findings ever raised and ended, and what became of those told in 12 months."""

    rule: str
    what: str
    raised: int
    clear: int
    unknown: int
    ever: int
    ended: int
    months: Sequence[Month]

    @property
    def record(self) -> Record:
        """What it told in all the months."""
        return together(one.record for one in self.months)

    @property
    def base_rate(self) -> float | None:
        """The share of the accounts judged on which it is raised."""
        return self.raised / (self.raised + self.clear) if self.raised + self.clear else None

    @property
    def advice(self) -> str:
        """What to do about the rule, empty for nothing."""
        judged = self.raised + self.clear + self.unknown
        if judged and self.unknown * 2 > judged:
            return self.record.advice or "cannot be judged on most accounts: see the start page for why"
        return self.record.advice


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

    def quality(self, manuals: Mapping[str, str], records: Mapping[str, Mapping[date, Record]]) -> list[Quality]:
        """Return what is known of each rule that is on, by id; `manuals` are the rules' docstrings."""
        return [
            Quality(
                rule=rule,
                what=manual.strip().partition("\n\n")[0].replace("\n", " "),
                raised=self._counted[rule]["raised"],
                clear=self._counted[rule]["clear"],
                unknown=self._counted[rule]["unknown"],
                ever=self._counted[rule]["ever"],
                ended=self._counted[rule]["ended"],
                months=[
                    Month(rule=rule, month=month, record=record) for month, record in records.get(rule, {}).items()
                ],
            )
            for rule, manual in sorted(manuals.items())
        ]


def picture(rules: Sequence[Quality]) -> Picture | None:
    """Draw the share of what was not wanted with its interval for each rule that has anything settled."""
    drawn = [(one.rule, one.record) for one in rules if one.record.unwanted.of]
    if not drawn:
        return None
    worst, record = max(drawn, key=lambda one: one[1].unwanted.some / one[1].unwanted.of)
    return Picture(
        name="unwanted",
        title="Findings deleted or called wrong, of those settled",
        told=f"Most of {worst}: {record.unwanted.some} of {record.unwanted.of}. Lines are 95 % intervals.",
        width=_WIDTH,
        height=_ROW * len(drawn) + 30,
        shapes=tuple(_shapes(drawn)),
    )


def _shapes(drawn: Sequence[tuple[str, Record]]) -> Iterator[Shape]:
    scale = Scale(low=0, high=1, begin=_LEFT, end=_WIDTH - _RIGHT)
    bottom = _ROW * len(drawn) + 6
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        css = "even" if part == 0.5 else "grid"
        yield Stroke(x1=scale.at(part), y1=2, x2=scale.at(part), y2=bottom, css=css)
        yield Label(x=scale.at(part), y=bottom + 16, text=share(part), css="small", anchor="middle")
    for index, (rule, record) in enumerate(drawn):
        y = 4 + _ROW * (index + 0.5)
        low, middle, high = record.unwanted.interval or (0.0, 0.0, 0.0)
        yield Label(x=_LEFT - 10, y=y + 4, text=rule, anchor="end")
        yield Stroke(x1=scale.at(low), y1=y, x2=scale.at(high), y2=y, css="interval")
        yield Dot(x=scale.at(middle), y=y, radius=5, css="held")
        yield Label(x=scale.end + 12, y=y + 4, text=f"{record.unwanted.some} of {record.unwanted.of}", css="number")
