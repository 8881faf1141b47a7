"""From facts to verdicts, findings and field values. Pure: `sync.cycle` reads the facts and keeps the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rules.facts import AccountFacts
from rules.fields import account_fields
from rules.rule import Verdict
from rules.rulebook import Rulebook
from rules.score import Scoring
from rules.wording import ENGLISH, Language
from sync.findings import FindingState, advance, worst_first
from sync.wording import findings_field


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One account after an evaluation.

    `verdicts` holds only the rules whose record kinds arrived whole; the others keep what they had. `fields` are the
    desired values of our account fields by logical name, None where a rule could not be judged for that reason.
    """

    facts: AccountFacts
    verdicts: Mapping[str, Verdict]
    states: Mapping[str, FindingState]
    fields: Mapping[str, Any] | None


def judge(
    facts: AccountFacts,
    rulebook: Rulebook,
    states: Mapping[str, FindingState],
    complete: frozenset[str],
    now: datetime,
    *,
    how: Scoring | None = None,
    previous_level: str = "",
    language: Language = ENGLISH,
) -> Judged:
    """Evaluate every enabled rule on one account; `complete` are the record kinds that arrived whole, `previous_level`
    is the risk level that the CRM has. Findings and fields speak the language, the verdicts English.
    """
    verdicts = rulebook.judge(facts)
    whole = {rule: verdict for rule, verdict in verdicts.items() if rulebook.rules[rule].needs <= complete}
    after = advance(states, whole, now, language, elsewhere=facts.standing.elsewhere)
    fields: dict[str, Any] | None = None
    if len(whole) == len(verdicts):
        fields = dict(account_fields(facts, verdicts, how, previous_level))
        in_scope = facts.standing.customer and facts.standing.key
        fields["findings"] = findings_field(worst_first(after)) if in_scope else None
    return Judged(facts=facts, verdicts=whole, states=after, fields=fields)


def fields_as_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Field values in a form that JSON can hold and `fields_from_json` turns back."""
    return {name: {"day": value.isoformat()} if isinstance(value, date) else value for name, value in fields.items()}


def fields_from_json(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: date.fromisoformat(value["day"]) if isinstance(value, dict) else value for name, value in told.items()
    }
