"""Everything about one account: verdicts, numbers, the touches behind them, what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.facts import AccountFacts
from rules.model import Touch
from rules.rule import Raised, Verdict
from sync.findings import FindingState
from sync.people import People
from sync.store.ledger import verdict_as_row

_TOUCHES_SHOWN = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """One account on one connection, with what the ledger remembers of it."""

    connection: str
    facts: AccountFacts
    verdicts: Mapping[str, Verdict]
    states: Mapping[str, FindingState]
    tasks: Sequence[Mapping[str, Any]]
    people: People

    def as_json(self) -> dict[str, Any]:
        account, standing = self.facts.account, self.facts.standing
        return {
            "connection": self.connection,
            "as_of": self.facts.today.isoformat(),
            "account": {"id": account.id, "name": account.name, "owner": self.people.name(account.owner_id)},
            "standing": {
                "customer": standing.customer,
                "key": standing.key,
                "tier": standing.tier,
                "revenue": standing.revenue,
                "why": standing.why,
            },
            "rules": {rule: self._rule(rule, verdict) for rule, verdict in self.verdicts.items()},
            "tasks": list(self.tasks),
            "touches": [self._touch(touch) for touch in self.facts.touches],
        }

    def _rule(self, rule: str, verdict: Verdict) -> dict[str, Any]:
        told = verdict_as_row(verdict)
        if isinstance(verdict, Raised):
            told |= {"clears_when": verdict.finding.clears_when, "first_step": verdict.finding.first_step}
        state = self.states.get(rule)
        if state:
            told["memory"] = {
                "open": state.open,
                "raised_at": state.raised_at.isoformat(),
                "not_raised_since": state.not_raised_since.isoformat() if state.not_raised_since else None,
                "quiet_until": state.quiet_until.isoformat() if state.quiet_until else None,
                "quiet_why": state.quiet_why,
            }
        return told

    def _touch(self, touch: Touch) -> dict[str, Any]:
        contacts = {contact.id: contact.name for contact in self.facts.contacts}
        return {
            "day": touch.day.isoformat(),
            "kind": str(touch.kind),
            "direction": str(touch.direction),
            "outcome": str(touch.outcome),
            "ours": [self.people.name(user_id) for user_id in touch.ours],
            "theirs": [contacts.get(contact_id, contact_id) for contact_id in touch.theirs],
        }


def explained_text(told: Mapping[str, Any]) -> str:
    """The document of `Explained.as_json` for people."""
    account, standing = told["account"], told["standing"]
    lines = [
        f"{account['name']} ({account['id']} in {told['connection']}), as of {told['as_of']}",
        f"  owner {account['owner']}; tier {standing['tier']}; {standing['why'] or 'not a customer'}",
        "",
    ]
    for rule, verdict in told["rules"].items():
        lines += [*_rule_lines(rule, verdict), ""]
    lines += [*_task_lines(told["tasks"]), *_touch_lines(told["touches"])]
    return "\n".join(lines)


def _rule_lines(rule: str, verdict: Mapping[str, Any]) -> Iterable[str]:
    severity = f" ({verdict['severity']})" if verdict["severity"] else ""
    yield f"{rule}: {verdict['verdict'].replace('_', ' ').upper()}{severity}"
    yield f"  {verdict['message'] or verdict['reason']}"
    if verdict["numbers"]:
        yield "  " + ", ".join(f"{name} {_shown(value)}" for name, value in verdict["numbers"].items())
    for name in ("first_step", "clears_when"):
        if name in verdict:
            yield f"  {verdict[name]}"
    memory = verdict.get("memory")
    if memory and memory["quiet_until"]:
        yield f"  held back until {memory['quiet_until']}: its task was {memory['quiet_why']}"
    if memory and memory["open"] and memory["not_raised_since"]:
        yield f"  not raised since {memory['not_raised_since']}; clears if that still holds 20 hours later"


def _shown(value: Any) -> str:
    return "-" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)


def _task_lines(tasks: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    for task in tasks:
        how = f", {task['ended_how']}" if task["ended_how"] else ""
        subject = task["written"].get("subject", "")
        yield f"task {task['key']} ({task['state']}{how}), {', '.join(task['rules'])}: {subject}"


def _touch_lines(touches: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    yield f"{len(touches)} touches, newest first" + (":" if touches else "")
    for touch in list(reversed(touches))[:_TOUCHES_SHOWN]:
        who = f"{', '.join(touch['ours']) or '?'} with {', '.join(touch['theirs']) or 'the account'}"
        yield f"  {touch['day']}  {touch['kind']:8} {touch['direction']:8} {touch['outcome']:9} {who}"
    if len(touches) > _TOUCHES_SHOWN:
        yield f"  ... {len(touches) - _TOUCHES_SHOWN} older ones in --json"
