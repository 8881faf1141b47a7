"""Everything about one account as a document: verdicts, numbers, the touches behind them, what the plan does about it.

Of a touch it tells the day, the kind and the people, never what was said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rules.model import Touch
from rules.rule import Raised, Verdict
from rules.score import risk_score, scoring
from rules.two_way import two_way
from sync.findings import FindingState
from sync.outlook import Outlook, Remembered, Side
from sync.report.account_people import contacts_told, people_told
from sync.report.account_plan import plan_told
from sync.store.ledger import verdict_as_row

_BEHIND = 10  # touches told with each rule; all of the account's are told once


@dataclass(frozen=True, kw_only=True)
class Explained:
    """One account on one connection as one config judges it, with what the ledger remembers of it.

    `complete` are the record kinds that arrived whole in the last cycle. `planned` is false for a past day, for which
    nobody can say what was planned.
    """

    connection: str
    side: Side
    outlook: Outlook
    remembered: Remembered
    history: Sequence[Mapping[str, Any]] = ()
    complete: frozenset[str] = field(default_factory=frozenset)
    planned: bool = True
    one_with: Mapping[str, Any] = field(default_factory=dict)  # `sync.match.told.members_of`; empty where it is alone

    def as_json(self) -> dict[str, Any]:
        facts, people = self.outlook.facts, self.side.people
        account, standing = facts.account, facts.standing
        return {
            "connection": self.connection,
            "as_of": facts.today.isoformat(),
            "account": {"id": account.id, "name": account.name, "owner": people.name(account.owner_id)},
            "standing": {
                "customer": standing.customer,
                "key": standing.key,
                "tier": standing.tier,
                "revenue": standing.revenue,
                "why": standing.why,
                "excluded": standing.excluded,
            },
            **({"one_with": dict(self.one_with)} if self.one_with else {}),
            "score": self._score(),
            "untold": dict(facts.untold),
            "writeback": self.side.config.writeback.mode,
            "rules": {rule: self._rule(rule, verdict) for rule, verdict in self.outlook.verdicts.items()},
            "people": people_told(facts, people),
            "contacts": contacts_told(facts, people),
            "tasks": list(self.history),
            "touches": [self._touch(touch) for touch in facts.touches],
            "upcoming": [self._touch(touch) for touch in facts.upcoming],
        }

    def _score(self) -> dict[str, Any]:
        how = scoring(self.side.rulebook, self.outlook.facts.standing.tier, self.side.config.score)
        score = risk_score(self.outlook.verdicts, how)
        return {
            "value": score.value,
            "level": score.level,
            "confidence": round(score.confidence, 2),
            "points": score.whole_points,
        }

    def _rule(self, rule: str, verdict: Verdict) -> dict[str, Any]:
        told = verdict_as_row(verdict)
        if isinstance(verdict, Raised):
            told |= {"clears_when": verdict.finding.clears_when, "first_step": verdict.finding.first_step}
        told["waived"] = rule in self.outlook.facts.waived
        told["incomplete"] = sorted(self.side.rulebook.rules[rule].needs - self.complete) if self.complete else []
        behind = self._behind(rule, verdict)
        told["touches"] = {"count": len(behind), "newest": [self._touch(one) for one in behind[: -_BEHIND - 1 : -1]]}
        if state := self.remembered.states.get(rule):
            told["memory"] = _memory_told(state)
        if self.planned:
            told["plan"] = plan_told(rule, self.outlook, self.remembered, self.side)
        return told

    def _behind(self, rule: str, verdict: Verdict) -> list[Touch]:
        """Return the touches that a rule looks at, oldest first: of its window, with the contact it names if any."""
        facts = self.outlook.facts
        window_days = self.side.rulebook.params(rule, facts.standing.tier).model_dump().get("window_days")
        contact_id = verdict.finding.contact_id if isinstance(verdict, Raised) else None
        within = [one for one in facts.touches if window_days is None or (facts.today - one.day).days < window_days]
        return [touch for touch in within if contact_id in touch.theirs] or within

    @cached_property
    def _two_way(self) -> frozenset[str]:
        return frozenset(touch.id for touch, _, _ in two_way(self.outlook.facts))

    @cached_property
    def _contacts(self) -> Mapping[str, str]:
        return {contact.id: contact.name or contact.id for contact in self.outlook.facts.contacts}

    def _touch(self, touch: Touch) -> dict[str, Any]:
        return {
            "day": touch.day.isoformat(),
            "kind": str(touch.kind),
            "direction": str(touch.direction),
            "outcome": str(touch.outcome),
            "two_way": touch.id in self._two_way,
            "ours": [self.side.people.name(user_id) for user_id in touch.ours],
            "theirs": [self._contacts.get(contact_id, contact_id) for contact_id in touch.theirs],
            "sources": list(self.outlook.facts.sources.get(touch.id, ())),
        }


def _memory_told(state: FindingState) -> dict[str, Any]:
    return {
        "open": state.open,
        "raised_at": state.raised_at.isoformat(),
        "not_raised_since": state.not_raised_since.isoformat() if state.not_raised_since else None,
        "unknown_since": state.unknown_since.isoformat() if state.unknown_since else None,
        "ended_why": state.ended_why,
        "quiet_until": state.quiet_until.isoformat() if state.quiet_until else None,
        "quiet_why": state.quiet_why,
    }
