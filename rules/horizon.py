"""How far back the rules that are on look: who keeps touches for less takes verdicts away."""

from __future__ import annotations

from collections.abc import Iterator

from rules.rule import Params
from rules.rulebook import Rulebook

# A window can end on the day that a finding is about; a tenure of enough days is known only where a touch before it is.
_TOGETHER = (("window_days", "raised_days"), ("window_days", "grace_days"), ("tenure_days", "max_gap_days"))


def looks_back(rulebook: Rulebook) -> Iterator[tuple[int, str]]:
    """Yield (days, the parameters that say so, as `rules.sole-rep.tenure_days`) of every rule that is on, per tier."""
    for rule_id, by_tier in rulebook.by_tier.items():
        for tier, params in by_tier.items():
            if params.enabled:
                at = f"rules.{rule_id}.tier.{tier}" if tier and params != by_tier[""] else f"rules.{rule_id}"
                yield from ((days, f"{at}.{keys}") for keys, days in _days(params))
        if (rule := rulebook.rules.get(rule_id)) and rule.looks_back_days:
            yield rule.looks_back_days, f"a fact of {rule_id}"


def _days(params: Params) -> Iterator[tuple[str, int]]:
    told = {name: value for name, value in params if name.endswith("_days") and isinstance(value, int)}
    yield from told.items()
    for both in _TOGETHER:
        if told.keys() >= set(both):
            yield " + ".join(both), sum(told[name] for name in both)
