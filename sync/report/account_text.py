"""The document of `explain` for people: what is raised first, then what cannot be judged, then what is clear."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rules.rule import Severity

_WIDTH = 110
_TOUCHES_SHOWN = 25
_BEHIND_SHOWN = 3
_BADNESS = {str(severity): rank for rank, severity in enumerate(Severity)}


def explained_text(told: Mapping[str, Any]) -> str:
    """Return the document of `Explained.as_json` for people."""
    return "\n".join(
        [
            *_head(told),
            *_rules(told["rules"], told["writeback"]),
            *_people(told),
            *_tasks(told["tasks"]),
            *_touches(told),
        ]
    )


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    account, standing, score = told["account"], told["standing"], told["score"]
    yield f"{account['name']} ({account['id']} in {told['connection']}), as of {told['as_of']}"
    yield f"  owner {account['owner']}; tier {standing['tier']}; {standing['why'] or 'not a customer'}"
    if standing["excluded"] and standing["excluded"] != standing["why"]:
        yield f"  {standing['excluded']}"
    if one := told.get("one_with"):
        others = ", ".join(f"{member['connection']}: {member['name']} ({member['id']})" for member in one["members"])
        yield f"  one customer in {others}; by {'; '.join(one['why'])}"
    if standing["customer"] and standing["key"]:
        points = " + ".join(f"{points} {rule}" for rule, points in score["points"].items())
        value = "not shown" if score["value"] is None else f"{score['value']} of 100, {score['level']}"
        judged = f"{score['confidence']:.0%} of the weight could be judged"
        yield f"  risk {value}{f': {points}' if points else ''}; {judged}"
    for reason in told["untold"].values():
        yield f"  not told by this CRM: {reason}"


def _rules(rules: Mapping[str, Any], mode: str) -> Iterator[str]:
    """Yield the rules, what is raised first, the worst of it on top; those that do not apply in one line a reason."""
    for verdict in ("raised", "unknown", "clear"):
        some = [(rule, one) for rule, one in rules.items() if one["verdict"] == verdict]
        for rule, one in sorted(some, key=lambda pair: _BADNESS.get(pair[1]["severity"], 0)):
            yield ""
            yield from _rule(rule, one, mode)
    silent: defaultdict[str, list[str]] = defaultdict(list)
    for rule, one in rules.items():
        if one["verdict"] == "not_applicable":
            silent[one["reason"]].append(rule)
    if silent:
        yield ""
    for reason, unspoken in silent.items():
        named = "no rule speaks of it" if len(unspoken) == len(rules) else f"not applicable: {', '.join(unspoken)}"
        yield from _wrapped(f"{named} ({reason})", "")


def _rule(rule: str, one: Mapping[str, Any], mode: str) -> Iterator[str]:
    severity = f" ({one['severity']})" if one["severity"] else ""
    yield f"{one['verdict'].upper()} {rule}{severity}"
    yield from _wrapped(one["message"] or one["reason"])
    if one["numbers"]:
        yield from _wrapped("tested: " + ", ".join(f"{name} {_shown(value)}" for name, value in one["numbers"].items()))
    yield from _behind(one["touches"], _BEHIND_SHOWN if one["verdict"] == "raised" else 0)
    for name in ("first_step", "clears_when"):
        if name in one:
            yield from _wrapped(one[name])
    yield from _memory(one.get("memory"))
    if one["incomplete"]:
        yield f"  keeps its last verdict: {', '.join(one['incomplete'])} did not arrive whole in the last cycle"
    if plan := one.get("plan"):
        yield from _wrapped(f"plan: {_planned(plan)}" + (" (preview: nothing is written)" if mode != "live" else ""))


def _behind(touches: Mapping[str, Any], most: int) -> Iterator[str]:
    shown = touches["newest"][:most]
    said = "; ".join(f"{one['day']} {_what(one)}, {_who(one)}" for one in shown)
    noun = "touch" if touches["count"] == 1 else "touches"
    yield from _wrapped(f"looks at {touches['count']} {noun}{f', the newest: {said}' if said else ''}")


def _memory(memory: Mapping[str, Any] | None) -> Iterator[str]:
    if memory and memory["open"] and memory["not_raised_since"]:
        yield f"  not raised since {memory['not_raised_since'][:16]}; clears if that still holds 20 hours later"
    if memory and memory["open"] and memory["unknown_since"]:
        yield f"  not to be judged since {memory['unknown_since'][:10]}; closed after 60 days of that"
    if memory and not memory["open"] and memory["ended_why"]:
        yield from _wrapped(f"raised {memory['raised_at'][:10]}, ended: {memory['ended_why']}")


def _planned(plan: Mapping[str, Any]) -> str:
    who, why = plan.get("for", ""), plan.get("why", "")
    match plan["does"]:
        case "new task":
            return f"a new task for {who}, due {plan['due_on']}"
        case "leaves task":
            return f"stands in the task of {who}, which needs no change"
        case "waits":
            return f"waits for room: place {plan['place']} of {plan['queue_length']} for {who}"
        case "quiet":
            return f"quiet until {plan['until']}: {why}"
        case does:
            return f"{does}{f' of {who}' if who else ''}{f': {why}' if why else ''}"


def _people(told: Mapping[str, Any]) -> Iterator[str]:
    if told["people"]:
        yield "\nours, by person-days of 12 months"
    for one in told["people"]:
        mark = " (ignored)" if one["ignored"] else "" if one["active"] else " (left us)"
        yield f"  {one['person_days']:>4}  last {one['last_on']}  {one['name']}{mark}"
    if told["contacts"]:
        yield "theirs, the most senior first: last exchange, last touch, who is in touch"
    for one in told["contacts"]:
        who = f"{one['name']} ({', '.join(filter(None, (one['title'], *one['roles'])))})".replace(" ()", "")
        left = f"; left {one['left_on']}, {one['left_why']}" if one["left_on"] else ""
        days = f"{one['last_two_way_on'] or '-':10}  {one['last_on'] or '-':10}"
        yield f"  {one['level']:7}  {days}  {who}: {', '.join(one['threads']) or 'nobody in 12 months'}{left}"


def _tasks(tasks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for task in tasks:
        how = f", {task['ended_how']}" if task["ended_how"] else ""
        subject = task["written"].get("subject", "")
        yield f"task {task['key']} ({task['state']}{how}), {', '.join(task['rules'])}: {subject}"


def _touches(told: Mapping[str, Any]) -> Iterator[str]:
    for one in told["upcoming"]:
        yield f"booked for {one['day']}: {one['kind']} {_who(one)}"
    touches = told["touches"]
    yield f"{len(touches)} touches, newest first" + (":" if touches else "")
    for one in list(reversed(touches))[:_TOUCHES_SHOWN]:
        yield f"  {one['day']}  {_what(one):32} {_who(one)}"
    if len(touches) > _TOUCHES_SHOWN:
        yield f"  ... {len(touches) - _TOUCHES_SHOWN} older ones in --json"


def _what(one: Mapping[str, Any]) -> str:
    """Return `meeting held`, `email inbound, answered`, `call attempted outbound`."""
    direction = "" if one["direction"] == "none" else f" {one['direction']}"
    if one["outcome"] == "sent":
        return f"{one['kind']}{direction}, {'answered' if one['two_way'] else 'one-way'}"
    return f"{one['kind']} {one['outcome']}{direction}"


def _who(one: Mapping[str, Any]) -> str:
    known_by = f" [{', '.join(one['sources'])}]" if one["sources"] else ""
    return f"{', '.join(one['ours']) or '?'} with {', '.join(one['theirs']) or 'the account'}{known_by}"


def _shown(value: Any) -> str:
    if not isinstance(value, float):
        return "-" if value is None else str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _wrapped(text: str, indent: str = "  ") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent + "  ")
