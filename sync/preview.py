"""The difference that two configs make on the same store, account by account, and what it means for people. Pure."""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from rules.rule import Clear, NotApplicable, Raised, Severity, Unknown, Verdict
from sync.config import LimitsSection
from sync.outlook import Outlook, Remembered, Side

NEW, CLEARED, SAME = CHANGES = ("new", "cleared", "same")
BEFORE, AFTER = SIDES = ("before", "after")
EXAMPLES = 10

_BADNESS = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One account that a rule newly raises or no longer does; `why` is the finding, or what is said instead of it."""

    account_id: str
    account: str
    rule: str
    severity: Severity
    tier: str
    revenue: float | None
    person: str
    why: str

    def badness(self) -> tuple[int, float, str, str]:
        """Orders examples: the worst first, then by revenue."""
        return _BADNESS[self.severity], -(self.revenue or 0.0), self.account, self.rule


@dataclass(kw_only=True)
class Difference:
    """The two configs compared on the accounts added so far.

    `counted` is by (rule, `tier` or `person` or ``, its name, change), `unknown` by (rule, reason, side), `queue` and
    `in_hand` count the tasks by (user id, side) that would be made and that are open already.
    """

    before: Side
    after: Side
    accounts: int = 0
    counted: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    unknown: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    queue: Counter[tuple[str, str]] = field(default_factory=Counter)
    in_hand: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Example]] = field(default_factory=lambda: {NEW: [], CLEARED: []})

    def add(self, before: Outlook, after: Outlook, remembered: Remembered) -> None:
        """Count one account."""
        self.accounts += 1
        with_task = {task.assignee_id for task in remembered.tasks}
        self.in_hand.update(with_task)
        for side, one in zip(SIDES, (before, after), strict=True):
            self.queue.update((person, side) for person in set(one.assignees.values()) - with_task)
            self.unknown.update(
                # A reason's own figures differ from account to account.
                (rule, re.sub(r"\d+", "n", verdict.reason), side)
                for rule, verdict in one.verdicts.items()
                if isinstance(verdict, Unknown)
            )
        for rule in sorted({*before.verdicts, *after.verdicts}):
            self._add_rule(rule, before, after)

    def _add_rule(self, rule: str, before: Outlook, after: Outlook) -> None:
        was, is_now = before.verdicts.get(rule), after.verdicts.get(rule)
        match was, is_now:
            case Raised(), Raised():
                change, shown = SAME, after
            case _, Raised():
                change, shown = NEW, after
            case Raised(), _:
                change, shown = CLEARED, before
            case _:
                return
        person = shown.assignees.get(rule, "")
        for kind, name in (("", ""), ("tier", shown.facts.standing.tier), ("person", person)):
            self.counted[rule, kind, name, change] += 1
        raised = shown.verdicts[rule]
        if change in self.examples and isinstance(raised, Raised):
            one = self._example(rule, raised, shown, _why_not(is_now) if change == CLEARED else raised.finding.why)
            self.examples[change] = heapq.nsmallest(EXAMPLES, [*self.examples[change], one], key=Example.badness)

    def _example(self, rule: str, raised: Raised, shown: Outlook, why: str) -> Example:
        account, standing = shown.facts.account, shown.facts.standing
        return Example(
            account_id=account.id,
            account=account.name,
            rule=rule,
            severity=raised.severity,
            tier=standing.tier,
            revenue=standing.revenue,
            person=self._name(shown.assignees.get(rule, "")),
            why=why,
        )

    def _name(self, user_id: str) -> str:
        return self.after.people.name(user_id) if user_id else "no task"

    def _sides(self) -> Iterable[tuple[str, Side]]:
        return zip(SIDES, (self.before, self.after), strict=True)

    def told(self) -> dict[str, Any]:
        """Return the comparison as `rules preview --json` prints it for one connection."""
        rules = sorted({*self.before.rulebook.rules, *self.after.rulebook.rules})
        return {
            "accounts": self.accounts,
            "rules": {rule: self._rule_told(rule) for rule in rules},
            "people": self._people_told(),
            "caps": {side: _caps_told(one.config.limits) for side, one in self._sides()},
            "examples": {change: [_example_told(one) for one in some] for change, some in self.examples.items()},
            "unknown": {rule: self._unknown_told(rule) for rule in rules},
        }

    def _rule_told(self, rule: str) -> dict[str, Any]:
        return {
            "on": {side: rule in one.rulebook.rules for side, one in self._sides()},
            **self._changes(rule, "", ""),
            "by_tier": {name: self._changes(rule, "tier", name) for name in self._names(rule, "tier")},
            "by_person": [
                {"id": name or None, "name": self._name(name), **self._changes(rule, "person", name)}
                for name in self._names(rule, "person")
            ],
        }

    def _names(self, rule: str, kind: str) -> Iterable[str]:
        return sorted({name for of, by, name, _ in self.counted if of == rule and by == kind})

    def _changes(self, rule: str, kind: str, name: str) -> dict[str, int]:
        return {change: self.counted[rule, kind, name, change] for change in CHANGES}

    def _people_told(self) -> list[dict[str, Any]]:
        """Return for each person the open tasks, and on each side those that wait and those of the first week."""
        told = []
        for user_id in sorted({user_id for user_id, _ in self.queue}, key=lambda one: (self._name(one), one)):
            waiting = {side: self.queue[user_id, side] for side in SIDES}
            weeks = {
                side: first_week(waiting[side], self.in_hand[user_id], of.config.limits) for side, of in self._sides()
            }
            one = {"id": user_id, "name": self._name(user_id), "open": self.in_hand[user_id]}
            told.append({**one, "waiting": waiting, "first_week": weeks})
        return told

    def _unknown_told(self, rule: str) -> dict[str, dict[str, int]]:
        reasons = sorted({reason for of, reason, _ in self.unknown if of == rule})
        return {reason: {side: self.unknown[rule, reason, side] for side in SIDES} for reason in reasons}


def _caps_told(limits: LimitsSection) -> dict[str, int]:
    return {"open": limits.max_open_per_person, "new_per_week": limits.max_new_per_person_per_week}


def first_week(waiting: int, in_hand: int, limits: LimitsSection) -> int:
    """Return how many of a person's waiting tasks the caps let through in the first week; a cap of 0 is none."""
    room = max(0, limits.max_open_per_person - in_hand) if limits.max_open_per_person else waiting
    return min(waiting, room, limits.max_new_per_person_per_week or waiting)


def _why_not(verdict: Verdict | None) -> str:
    match verdict:
        case None:
            return "the rule is off"
        case Clear(message=why):
            return why
        case Unknown(reason=why):
            return f"cannot be judged: {why}"
        case NotApplicable(reason=why):
            return why
        case Raised(finding=finding):
            return finding.why


def _example_told(one: Example) -> dict[str, Any]:
    return {
        "account": {"id": one.account_id, "name": one.account},
        "rule": one.rule,
        "severity": str(one.severity),
        "tier": one.tier,
        "revenue": one.revenue,
        "person": one.person,
        "why": one.why,
    }
