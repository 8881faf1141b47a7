"""Verdicts to the values of the account's fields in the CRM, by our logical names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from rules.facts import AccountFacts
from rules.rule import Clear, Raised, Unknown, Verdict
from rules.score import Scoring, risk_score

#: The fields made here; `findings` is made from `Finding.figures` where the memory of findings is.
FIELDS = ("risk", "risk_level", "coverage", "last_exec_exchange", "next_exec_due")

Value = int | str | date | None

EMPTY: Mapping[str, Value] = MappingProxyType(dict.fromkeys(FIELDS))


def account_fields(
    facts: AccountFacts,
    verdicts: Mapping[str, Verdict],
    how: Scoring | None = None,
    previous_level: str = "",
) -> dict[str, Value]:
    """Return the value of every name in FIELDS; None empties the field.

    All are None unless the account is a customer, key and not excluded. `verdicts` come from complete data; `how`
    gives the weights of the risk (`rules.score.scoring`), and without any it is unknown; `previous_level` is the level
    that the CRM has, for the hysteresis of the level words.
    """
    if not (facts.standing.customer and facts.standing.key) or facts.standing.excluded:
        return dict(EMPTY)
    score = risk_score(verdicts, how or Scoring(), previous_level)
    last, due = _exec_days(verdicts.get("exec-reach-lapse"))
    return {
        "risk": score.value,
        "risk_level": score.level,
        "coverage": _coverage(verdicts.get("sole-rep")),
        "last_exec_exchange": last,
        "next_exec_due": due,
    }


def _coverage(verdict: Verdict | None) -> str | None:
    """Return the label `m x n`; none where the owner logs nothing, since it would show a colleague as the only link."""
    match verdict:
        case Raised() | Clear() | Unknown() if not verdict.numbers.get("silent_owner"):
            label: str | None = verdict.numbers.get("coverage")
            return label
        case _:
            return None


def _exec_days(verdict: Verdict | None) -> tuple[date | None, date | None]:
    match verdict:
        case Raised() | Clear():
            return _day(verdict.numbers.get("last_held_on")), _day(verdict.numbers.get("due_on"))
        case _:
            return None, None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
