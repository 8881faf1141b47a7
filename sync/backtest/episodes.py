"""From verdicts at month-ends and what came after to a rule's record: episodes, precision, recall, lead time. Pure.

A rule that says the same of an account month after month has said it once: such a run is one episode. What the figures
mean exactly stands at `Record`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median
from typing import Any

from rules.rule import Clear, NotApplicable, Raised, Unknown, Verdict
from rules.statistics import wilson
from sync.backtest.outcomes import Fate

#: Fewer outcomes than this say nothing of a rule (domain.md 3).
ENOUGH = 15
EXAMPLES = 5

RAISED, CLEAR, UNKNOWN, OUTSIDE = "r", "c", "u", "-"
_JUDGED = (RAISED, CLEAR)


def letter(verdict: Verdict) -> str:
    """The verdict in one letter: a year of them is a word."""
    match verdict:
        case Raised():
            return RAISED
        case Clear():
            return CLEAR
        case Unknown():
            return UNKNOWN
        case NotApplicable():
            return OUTSIDE


def episodes(letters: str) -> list[list[int]]:
    """Return the runs of month-ends at which the rule was raised, by their numbers.

    A single month-end that could not be judged ends no run, as it closes no task; all else does.
    """
    runs: list[list[int]] = []
    for number, one in enumerate(letters):
        if one != RAISED:
            continue
        goes_on = runs and (runs[-1][-1] == number - 1 or letters[runs[-1][-1] + 1 : number] == UNKNOWN)
        if goes_on:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many of so many."""

    some: int
    total: int

    @property
    def part(self) -> float | None:
        return self.some / self.total if self.total else None

    def told(self) -> dict[str, Any]:
        """The share with its 95 % interval (Wilson), None where there is nothing to divide by."""
        low, part, high = wilson(self.some, self.total) if self.total else (None, None, None)
        return {"share": part, "low": low, "high": high, "some": self.some, "of": self.total}


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """`flagged_on` is the month-end on which the episode began, `outcome_on` the day of the outcome."""

    kind: str  # caught | false alarm | missed | not judged
    account_id: str
    flagged_on: date | None
    outcome_on: date | None


@dataclass(kw_only=True)
class Record:
    """How one rule did, over the accounts added so far.

    `precision`: of the episodes that began at risk, those with the outcome within the horizon of their first month-end.
    `base`: of all month-ends at which the rule was raised or clear and the account at risk, those with the outcome.
    `recall`: of all outcomes of accounts that the rule speaks of, those with the rule raised, and the account at risk,
    at a month-end not more than the horizon before. `lead_days`: from the first month-end of that episode to the
    outcome. An outcome is known by its account and day. `unjudged` outcomes have only UNKNOWN before them.
    """

    months: tuple[date, ...]
    verdicts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)  # judged | raised | unknown
    episodes: int = 0
    at_risk: int = 0
    hits: int = 0
    base_some: int = 0
    base_total: int = 0
    caught: int = 0
    missed: int = 0
    unjudged: int = 0
    lead_days: list[int] = field(default_factory=list)
    examples: dict[str, list[Example]] = field(default_factory=dict)

    def add(self, account_id: str, letters: str, fates: Sequence[Fate | None]) -> None:
        """Count one account: its verdict and what came of it, for each month-end."""
        self.verdicts.update(letters)
        self.accounts["raised"] += RAISED in letters
        self.accounts["judged"] += RAISED in letters or CLEAR in letters
        self.accounts["unknown"] += UNKNOWN in letters and not set(letters) & set(_JUDGED)
        judged = [one for one, verdict in zip(fates, letters, strict=True) if one and verdict in _JUDGED]
        self.base_total += len(judged)
        self.base_some += sum(one.on is not None for one in judged)
        runs = episodes(letters)
        self._count_alarms(account_id, runs, fates)
        self._count_outcomes(account_id, letters, runs, fates)

    def _count_alarms(self, account_id: str, runs: Sequence[list[int]], fates: Sequence[Fate | None]) -> None:
        self.episodes += len(runs)
        for run in runs:
            came = fates[run[0]]
            if came is None:
                continue
            self.at_risk += 1
            if came.on:
                self.hits += 1
            else:
                self._keep("false alarm", account_id, self.months[run[0]], None)

    def _count_outcomes(
        self, account_id: str, letters: str, runs: Sequence[list[int]], fates: Sequence[Fate | None]
    ) -> None:
        ahead: dict[date, list[int]] = {}
        for number, one in enumerate(fates):
            if one and one.on and letters[number] != OUTSIDE:
                ahead.setdefault(one.on, []).append(number)
        for on, numbers in ahead.items():
            raised = [number for number in numbers if letters[number] == RAISED]
            if raised:
                begun = self.months[next(run[0] for run in runs if raised[0] in run)]
                self.caught += 1
                self.lead_days.append((on - begun).days)
                self._keep("caught", account_id, begun, on)
            elif any(letters[number] == CLEAR for number in numbers):
                self.missed += 1
                self._keep("missed", account_id, None, on)
            else:
                self.unjudged += 1
                self._keep("not judged", account_id, None, on)

    def _keep(self, kind: str, account_id: str, flagged_on: date | None, outcome_on: date | None) -> None:
        some = self.examples.setdefault(kind, [])
        if len(some) < EXAMPLES:
            some.append(Example(kind=kind, account_id=account_id, flagged_on=flagged_on, outcome_on=outcome_on))

    @property
    def too_few(self) -> bool:
        """Whether there were too few outcomes that the rule could have foretold to say how it does."""
        return self.caught + self.missed < ENOUGH

    @property
    def alerts_per_account_year(self) -> float | None:
        """Episodes begun per year of an account that the rule could judge."""
        judged = sum(self.verdicts[one] for one in _JUDGED)
        return self.episodes * 12 / judged if judged else None

    def told(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Return the record as JSON shows it; the figures are None where there are too few outcomes."""
        outcomes = self.caught + self.missed + self.unjudged
        precision, base = Share(some=self.hits, total=self.at_risk), Share(some=self.base_some, total=self.base_total)
        lift = precision.part / base.part if precision.part is not None and base.part else None
        figures = {
            "precision": precision.told(),
            "recall": Share(some=self.caught, total=outcomes).told(),
            "lift": lift,
            "lead_days_median": median(self.lead_days) if self.lead_days else None,
        }
        return {
            "accounts": {name: self.accounts[name] for name in ("judged", "raised", "unknown")},
            "account_months": {
                name: self.verdicts[one] for name, one in (("raised", RAISED), ("clear", CLEAR), ("unknown", UNKNOWN))
            },
            "episodes": self.episodes,
            "episodes_at_risk": self.at_risk,
            "alerts_per_account_year": self.alerts_per_account_year,
            "outcomes": {"all": outcomes, "caught": self.caught, "missed": self.missed, "unjudged": self.unjudged},
            "base_rate": base.told(),
            "too_few": self.too_few,
            **(dict.fromkeys(figures) if self.too_few else figures),
            "not_evaluable": dict(self.reasons.most_common()),
            "examples": [_example_told(one, names) for some in self.examples.values() for one in some],
        }


def _example_told(one: Example, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "account": {"id": one.account_id, "name": names.get(one.account_id, one.account_id)},
        "flagged_on": one.flagged_on and one.flagged_on.isoformat(),
        "outcome_on": one.outcome_on and one.outcome_on.isoformat(),
    }
