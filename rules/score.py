"""Verdicts to one risk score, with its decomposition: domain.md 4.15.

score = round(100 * sum(w * s) / sum(w over what could be judged)); confidence = that sum over the whole table.
It orders accounts and is never a forecast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rules.rule import Clear, Raised, Severity, Verdict

#: All default rules, those to come as well: a score from a part of them would look surer than it is.
WEIGHTS: Mapping[str, int] = MappingProxyType({
    "sole-rep": 25,
    "exec-reach-lapse": 15,
    "single-contact": 15,
    "going-quiet": 15,
    "our-person-left": 10,
    "their-person-left": 10,
    "service": 10,
})  # fmt: skip

#: How bad a raised rule is, 0 to 1; a clear one is 0.
SEVERITY_VALUES: Mapping[Severity, float] = MappingProxyType({
    Severity.CRITICAL: 1.0,
    Severity.HIGH: 0.75,
    Severity.MEDIUM: 0.5,
    Severity.LOW: 0.25,
})  # fmt: skip

PUBLISH_FROM_CONFIDENCE = 0.6
UNKNOWN_LEVEL = "unknown"

#: The level words and the score from which each holds, worst first.
LEVELS: Mapping[str, int] = MappingProxyType({"critical": 75, "at risk": 50, "watch": 25, "ok": 0})

#: A level gets better only when the score is this far below its border.
HYSTERESIS = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """The risk of one account: `value` 0 to 100, higher is worse, None below PUBLISH_FROM_CONFIDENCE.

    `points` has what each raised rule adds, most first, unrounded; it adds up to the score before rounding.
    """

    value: int | None
    level: str
    confidence: float
    points: Mapping[str, float]


def risk_score(
    verdicts: Mapping[str, Verdict], weights: Mapping[str, int] = WEIGHTS, previous_level: str = ""
) -> Score:
    """Return the score of one account's verdicts by rule id. Rules that `weights` does not name add nothing."""
    judged = {rule: verdict for rule, verdict in verdicts.items() if rule in weights and _is_judged(verdict)}
    evaluable = sum(weights[rule] for rule in judged)
    confidence = evaluable / (sum(weights.values()) or 1)
    points = {
        rule: 100 * weights[rule] * SEVERITY_VALUES[verdict.severity] / evaluable
        for rule, verdict in judged.items()
        if isinstance(verdict, Raised) and evaluable
    }
    points = dict(sorted(points.items(), key=lambda one: (-one[1], one[0])))
    if confidence < PUBLISH_FROM_CONFIDENCE:
        return Score(value=None, level=UNKNOWN_LEVEL, confidence=confidence, points=points)
    value = int(sum(points.values()) + 0.5)
    return Score(value=value, level=level_word(value, previous_level), confidence=confidence, points=points)


def level_word(value: int, previous: str = "") -> str:
    """Return the word for a score: worse at once, better only HYSTERESIS points below the border."""
    word = next(word for word, least in LEVELS.items() if value >= least)
    least_before = LEVELS.get(previous, 0)
    return previous if LEVELS[word] < least_before <= value + HYSTERESIS else word


def _is_judged(verdict: Verdict) -> bool:
    return isinstance(verdict, Raised | Clear)
