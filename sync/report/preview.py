"""The comparison of two configs as text for a change request: plain, aligned, under 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from sync.preview import AFTER, BEFORE

_WIDTH = 98
_PEOPLE_SHOWN = 25
_REASONS_SHOWN = 5


def preview_text(told: Mapping[str, Any]) -> str:
    """Return one connection's document of `rules preview --json` for people."""
    asked = f"{told['connection']}: {told['against']} against {told['config']}, {told['accounts']} accounts"
    lines = [
        f"{asked}, as of the last cycle ({told['as_of']})",
        *(line for note in told["notes"] for line in textwrap.wrap(f"note: {note}", _WIDTH, subsequent_indent="  ")),
        "",
        *_rules(told["rules"]),
        "",
        *_people(told["people"], told["caps"]),
        "",
        *_examples(told),
        *_unknown(told["unknown"]),
    ]
    return "\n".join(lines)


def _rules(rules: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'findings':44}{'new':>8}{'cleared':>9}{'same':>8}"
    for rule, one in rules.items():
        yield _row(rule + _switched(one["on"]), one)
        if not _moved(one):
            continue
        for tier, changes in one["by_tier"].items():
            yield _row(f"  tier {tier}", changes)
        for changes in sorted(filter(_moved, one["by_person"]), key=_moved, reverse=True):
            yield _row(f"  for {changes['name']}" if changes["id"] else "  without a task", changes)


def _moved(changes: Mapping[str, Any]) -> int:
    return int(changes["new"] + changes["cleared"])


def _switched(on: Mapping[str, bool]) -> str:
    if on[BEFORE] == on[AFTER]:
        return ""
    return " (switched on)" if on[AFTER] else " (switched off)"


def _row(name: str, changes: Mapping[str, int]) -> str:
    signed = (f"+{changes['new']}", f"-{changes['cleared']}", f"={changes['same']}")
    return f"{_cut(name, 43):44}{signed[0]:>8}{signed[1]:>9}{signed[2]:>8}"


def _people(people: list[Mapping[str, Any]], caps: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'tasks per person':44}{'open':>6}{'waiting':>16}{'in the first week':>22}"
    if not people:
        yield "  nobody gets any"
        return
    most_first = sorted(people, key=lambda one: (-one["waiting"][AFTER], -one["waiting"][BEFORE], one["name"]))
    for one in most_first[:_PEOPLE_SHOWN]:
        yield _person(one["name"], [one])
    if len(people) > _PEOPLE_SHOWN:
        yield _person(f"... {len(people) - _PEOPLE_SHOWN} more in --json", most_first[_PEOPLE_SHOWN:])
    yield _person("together", people)
    capped = " -> ".join(
        f"{caps[side]['new_per_week']} new a week, {caps[side]['open']} open" for side in (BEFORE, AFTER)
    )
    yield f"  caps per person: {capped} (0 = none)"


def _person(name: str, some: list[Mapping[str, Any]]) -> str:
    waiting, week = (
        " -> ".join(str(sum(one[what][side] for one in some)) for side in (BEFORE, AFTER))
        for what in ("waiting", "first_week")
    )
    return f"{_cut('  ' + name, 43):44}{sum(one['open'] for one in some):>6}{waiting:>16}{week:>22}"


def _examples(told: Mapping[str, Any]) -> Iterator[str]:
    for change, some in told["examples"].items():
        total = sum(one[change] for one in told["rules"].values())
        if not total:
            continue
        yield f"{change}, {'the worst ' if total > len(some) else ''}{len(some)} of {total}"
        for one in some:
            yield _cut(f"  {one['account']['name']} (tier {one['tier']}): {one['rule']}, {one['severity']}", _WIDTH)
            said = f"{one['why']} [{one['person']}]"
            yield from textwrap.wrap(said, _WIDTH, initial_indent="    ", subsequent_indent="    ")
        yield ""


def _unknown(unknown: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Iterator[str]:
    yield "accounts that cannot be judged"
    if not any(unknown.values()):
        yield "  none"
    for rule, reasons in unknown.items():
        if not reasons:
            continue
        yield f"  {rule:42}{_both(reasons.values()):>14}"
        most_first = sorted(reasons.items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))
        for reason, number in most_first[:_REASONS_SHOWN]:
            shown = textwrap.wrap(reason, _WIDTH - 24, subsequent_indent="  ") or [""]
            yield f"    {_both([number]):>14}  {shown[0]}"
            yield from (f"    {'':14}  {line}" for line in shown[1:])
        if len(reasons) > _REASONS_SHOWN:
            rest = [number for _, number in most_first[_REASONS_SHOWN:]]
            yield f"    {_both(rest):>14}  {len(rest)} other reasons, in --json"


def _both(numbers: Any) -> str:
    return " -> ".join(str(sum(one[side] for one in numbers)) for side in (BEFORE, AFTER))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3].rstrip() + "..."
