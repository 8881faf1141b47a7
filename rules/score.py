"""Verdicts to one risk score, with its decomposition: domain.md 4.15.

score = round(100 * sum(w * s) / sum(w over what could be judged)); confidence = that sum over all enabled rules.
It orders accounts and is never a forecast.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from rules.problems import RuleId
from rules.rule import Clear, Raised, Severity, Verdict
from rules.rulebook import Rulebook

#: How bad a raised rule is, 0 to 1; a clear one is 0.
SEVERITY_VALUES: Mapping[Severity, float] = MappingProxyType({
    Severity.CRITICAL: 1.0,
    Severity.HIGH: 0.75,
    Severity.MEDIUM: 0.5,
    Severity.LOW: 0.25,
})  # fmt: skip

UNKNOWN_LEVEL = "unknown"

_JUDGED = (Raised, Clear)

#: The level words and the score from which each holds, worst first.
LEVELS: Mapping[str, int] = MappingProxyType({"critical": 75, "at risk": 50, "watch": 25, "ok": 0})

#: A level gets better only when the score is this far below its border.
HYSTERESIS = 5


class ScoreSettings(BaseModel):
    """The table `[score]`: weights by rule id where they differ from the rules' own, and when a score is shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    publish_from: Annotated[float, Field(ge=0, le=1)] = 0.6
    weights: dict[RuleId, Annotated[int, Field(strict=True, ge=0)]] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Scoring:
    """How the accounts of one tier are scored: the weights of its enabled rules, and the confidence asked for.

    The sum of weights runs over all of them, so that a score from a part does not look surer than it is.
    """

    weights: Mapping[str, int] = field(default_factory=dict)
    publish_from: float = 0.6


def scoring(rulebook: Rulebook, tier: str, settings: ScoreSettings) -> Scoring:
    """Return how accounts of a tier are scored: by the enabled rules' own weights and what the config says instead."""
    weights = {
        rule.id: settings.weights.get(rule.id, rule.weight)
        for rule in rulebook.rules.values()
        if rulebook.params(rule.id, tier).enabled
    }
    return Scoring(weights=weights, publish_from=settings.publish_from)


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """The risk of one account: `value` 0 to 100, higher is worse, None below the confidence that is asked for.

    `points` has what each raised rule adds, most first, unrounded; it adds up to the score before rounding.
    """

    value: int | None
    level: str
    confidence: float
    points: Mapping[str, float]

    @property
    def whole_points(self) -> dict[str, int]:
        """The points as whole numbers that add up to the rounded score: the largest remainders are rounded up."""
        whole = {rule: math.floor(points) for rule, points in self.points.items()}
        missing = _rounded(self.points) - sum(whole.values())
        for rule in sorted(whole, key=lambda rule: whole[rule] - self.points[rule])[:missing]:
            whole[rule] += 1
        return whole


def risk_score(verdicts: Mapping[str, Verdict], how: Scoring, previous_level: str = "") -> Score:
    """Return the score of one account's verdicts by rule id. Rules without a weight add nothing.

    `previous_level` is the word that stands in the CRM, for the hysteresis.
    """
    judged = {rule: verdict for rule, verdict in verdicts.items() if how.weights.get(rule) and _is_judged(verdict)}
    evaluable = sum(how.weights[rule] for rule in judged)
    confidence = evaluable / (sum(how.weights.values()) or 1)
    points = {
        rule: 100 * how.weights[rule] * SEVERITY_VALUES[verdict.severity] / evaluable
        for rule, verdict in judged.items()
        if isinstance(verdict, Raised)
    }
    points = dict(sorted(points.items(), key=lambda one: (-one[1], one[0])))
    if not judged or confidence < how.publish_from:
        return Score(value=None, level=UNKNOWN_LEVEL, confidence=confidence, points=points)
    value = _rounded(points)
    return Score(value=value, level=level_word(value, previous_level), confidence=confidence, points=points)


def level_word(value: int, previous: str = "") -> str:
    """Return the word for a score: worse at once, better only HYSTERESIS points below the border."""
    word = next(word for word, least in LEVELS.items() if value >= least)
    least_before = LEVELS.get(previous, 0)
    return previous if LEVELS[word] < least_before <= value + HYSTERESIS else word


def _rounded(points: Mapping[str, float]) -> int:
    # A half goes up; the sum of thirds must not fall short of one.
    return math.floor(round(math.fsum(points.values()), 6) + 0.5)


def _is_judged(verdict: Verdict) -> bool:
    return isinstance(verdict, _JUDGED)
