"""Which open task of an account tells which findings, so that none is told twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sync.findings import FindingState, by_severity
from sync.plan import OurTask, Situation

Groups = Mapping[str, Sequence[FindingState]]  # the findings that each person gets, worst first


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Findings for one person, worst first, and the task that they belong on; None where one must be made."""

    assignee_id: str
    findings: list[FindingState]
    task: OurTask | None = None


def match(situation: Situation, wanted: Groups, today: date) -> list[Match]:
    """Return a match for each person who gets something, and one for each further task whose findings stay on it."""
    staying = _staying(situation, wanted, today)
    apart = {state.rule for own in staying.values() for _, state in own}
    left = {who: [state for state in some if state.rule not in apart] for who, some in wanted.items()}
    left = {who: some for who, some in left.items() if some}
    found = _belonging(situation, left)
    readers = {one.key for one in found.values()}
    matches = []
    for reader, some in left.items():
        task = found.get(reader)
        stays = staying.get(task.key, []) if task else []
        findings = by_severity([*some, *(state for _, state in stays)])
        matches.append(Match(assignee_id=reader, findings=findings, task=task))
    for other in situation.tasks:
        stays = staying.get(other.key, [])
        if stays and other.key not in readers:
            # Its own reader's while there is something for them on it.
            reader = next((who for who, _ in stays if who == other.assignee_id), stays[0][0])
            matches.append(Match(assignee_id=reader, findings=by_severity(state for _, state in stays), task=other))
    return [replace(one, findings=told) for one in matches if (told := _to_be_told(one, today))]


def _to_be_told(one: Match, today: date) -> list[FindingState]:
    """What is quiet stays where it stands, and moves to no other task."""
    rules = one.task.rules if one.task else ()
    return [state for state in one.findings if state.wants_task(today) or state.rule in rules]


def _staying(situation: Situation, wanted: Groups, today: date) -> dict[str, list[tuple[str, FindingState]]]:
    """By task: what stays on it, each with the person who would get it otherwise. What two tasks tell stays on one."""
    staying: dict[str, list[tuple[str, FindingState]]] = {}
    seen: set[str] = set()
    for task in situation.tasks:
        rules = set(task.rules) - seen if task.stays(today) else set()
        own = [(who, state) for who, some in wanted.items() for state in some if state.rule in rules]
        if own:
            staying[task.key] = own
            seen |= rules
    return staying


def _belonging(situation: Situation, wanted: Groups) -> dict[str, OurTask]:
    """Each person's task: in their hands already, else made for the route of their findings, else telling one of them.

    The best fit is given first, whoever's it is: nobody gets what is another's already.
    """
    fits = [(*_fit(situation, task, who, some), who, task) for who, some in wanted.items() for task in situation.tasks]
    found: dict[str, OurTask] = {}
    for in_hands, by_route, told, who, task in sorted(fits, key=lambda one: one[:3], reverse=True):
        free = who not in found and all(task.key != other.key for other in found.values())
        if free and (in_hands or by_route or told):
            found[who] = task
    return found


def _fit(situation: Situation, task: OurTask, who: str, some: Sequence[FindingState]) -> tuple[bool, bool, int]:
    by_route = task.route in {situation.rule_routes[state.rule] for state in some}
    return task.assignee_id == who, by_route, len({state.rule for state in some} & set(task.rules))
