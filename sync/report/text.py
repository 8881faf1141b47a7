"""What people read in a terminal: one cycle, a plan, verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from connectors.protocol import CloseTask, CreateTask, SetFields, UpdateTask
from sync.people import People
from sync.plan import HeldBack, Plan, Planned

if TYPE_CHECKING:
    from sync.cycle import Report

VERDICTS = ("raised", "clear", "unknown", "not_applicable")


def run_text(reports: Iterable[Report], seconds: float, *, live: bool) -> Text:
    """One cycle in a few lines per connection."""
    lines = []
    for report in reports:
        pulled = report.pulled.values()
        changed, records = sum(one.changed for one in pulled), sum(one.records for one in pulled)
        left = f", {report.api_left:,} left today" if report.api_left is not None else ""
        lines.append(
            f"{report.connection}: {records:,} records, {changed:,} changed; {report.api_calls} API calls{left}"
        )
        stopped = [name for name, one in report.pulled.items() if not one.complete]
        if stopped:
            lines.append(f"  incomplete: {', '.join(stopped)}; what rests on them keeps its last verdict")
        for rule, counted in report.findings.items():
            lines.append(f"  {rule}: " + ", ".join(f"{counted[name]} {name.replace('_', ' ')}" for name in VERDICTS))
        lines.append(f"  {_written(report, live=live)}")
    return Text("\n".join([*lines, f"{seconds:.1f} s"]))


#: What becomes of a change, in the word under which it is counted once it is written.
_DONE = {"create_task": "created", "update_task": "updated", "close_task": "closed", "set_fields": "fields"}


def _written(report: Report, *, live: bool) -> str:
    """What was done, never read as well done where a cause stopped it; a preview knows of no plan then."""
    if not live:
        told = ", ".join(f"{report.planned[what]} {word}" for what, word in _DONE.items() if report.planned[what])
        otherwise = "not known, since the cycle did not come that far" if report.causes else "nothing"
        return f'would write: {told or otherwise} (preview; writeback.mode = "live" writes, `holdfast plan` shows it)'
    counts = report.told()["written"]
    done = ", ".join(f"{counts[what]} {what}" for what in _DONE.values() if counts[what])
    besides = [f"{counts[what]} {what.replace('_', ' ')}" for what in ("rejected", "held_back") if counts[what]]
    well = "nothing in this cycle" if report.causes else "nothing" if besides else "nothing, all is as it should be"
    return "; ".join([f"written: {done or well}", *filter(None, [", ".join(besides)])])


def plan_text(plan: Plan, people: People, *, whole: bool = True) -> str:
    """The plan grouped by person, fields counted at the end; of a pull that is not `whole` there is none."""
    lines = [f"{plan.connection}:"]
    by_person: dict[str, list[Planned]] = defaultdict(list)
    for planned in plan.changes:
        if not isinstance(planned.change, SetFields):
            by_person[people.name(planned.assignee_id)].append(planned)
    for name, some in sorted(by_person.items()):
        lines.append(f"  {name}")
        lines += [f"    {_line(planned, people)}" for planned in some]
    fields = plan.of(SetFields)
    if fields:
        lines.append(f"  account fields: {len(fields)} accounts")
        lines += [f"    {planned.account_name}: {_fields(planned)}" for planned in fields]
    lines += _held(plan, people)
    if not plan.changes:
        lines.append(
            "  nothing to write" if whole else "  no plan: the last pull is not complete, `holdfast run` goes on"
        )
    return "\n".join(lines)


def _held(plan: Plan, people: People) -> Iterator[str]:
    """Yield who waits for what: the queues with their places, everything else counted by its reason."""
    queues: dict[str, list[HeldBack]] = defaultdict(list)
    for held in plan.held_back:
        if held.place:
            queues[people.name(held.assignee_id)].append(held)
    for name, some in sorted(queues.items()):
        yield f"  waiting for room: {name}"
        yield from (f"    {held.place:>3}. {held.account_name} ({', '.join(held.rules)})" for held in some)
    for reason, number in Counter(held.reason for held in plan.held_back if not held.place).items():
        yield f"  held back: {number} ({reason})"


def _line(planned: Planned, people: People) -> str:
    match planned.change:
        case CreateTask(content=content):
            return f"new    {content.subject}  (due {content.due_on:%Y-%m-%d})"
        case UpdateTask(changed=changed):
            parts = ", ".join(_replaced(part, planned.before, people) for part in changed)
            return f"update {changed.get('subject', planned.account_name)}  ({parts})"
        case CloseTask(reason=reason):
            return f"close  {planned.account_name}: {reason}"
        case _:
            return planned.account_name


def _replaced(part: str, before: Mapping[str, Any], people: People) -> str:
    """A part of a task that is rewritten, with what it was; a body is too long for that, `--json` has it."""
    match part:
        case "subject":
            return f"was: {before.get(part, '')}"
        case "assignee_id":
            return f"from {people.name(before.get(part, ''))}"
        case _:
            return part


def _fields(planned: Planned) -> str:
    assert isinstance(planned.change, SetFields)
    return ", ".join(_field(name, value, planned.before.get(name)) for name, value in planned.change.fields.items())


def _field(name: str, value: Any, before: Any) -> str:
    return f"{name}={'empty' if value is None else value}" + ("" if before is None else f" (was {before})")


def verdict_table(verdicts: Iterable[Mapping[str, Any]], as_of: date | None) -> Table:
    """Counts by connection and rule, then one line per raised verdict."""
    table = Table(title=f"As of {as_of}" if as_of else None, title_justify="left", box=None, pad_edge=False)
    for column in ("connection", "rule", "account", "verdict", "why"):
        table.add_column(column, overflow="fold")
    counted: Counter[tuple[str, str, str]] = Counter()
    for one in verdicts:
        counted[one["connection"], one["rule"], one["verdict"]] += 1
        if one["verdict"] == "raised":
            told = f"{one['verdict']} ({one['severity']})"
            table.add_row(one["connection"], one["rule"], one["account"]["name"], told, one["message"])
    for (connection, rule, verdict), number in sorted(counted.items()):
        table.add_row(connection, rule, "", verdict.replace("_", " "), f"{number} accounts")
    return table
