"""Findings told to somebody, one by one, and how each ended. Pure.

A *case* is one rule on one task, from the moment in which the task first told it. Whoever completes or deletes the
task ends all that it still tells. What left the task before, or was on it when we closed it, cleared if the finding had
cleared by then, and was withdrawn otherwise: another reader, another config, taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

from sync.store.spans import Span

_BY_PEOPLE = {"completed": "done", "deleted": "dismissed"}


class End(StrEnum):
    """How a case ended, as far as it has."""

    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True, slots=True)
class ToldTask:
    """A task of ours with the moment in which it first told each rule; `rules` are those that it told last.

    `put_off` is whether its reader deferred it or gave it a later date, as last seen.
    """

    account_id: str
    told_at: Mapping[str, datetime]
    rules: frozenset[str]
    ended_how: str = ""  # completed | deleted | closed | account gone; empty for one that is open
    put_off: bool = False
    answer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One rule's finding as one task told it. Days are local; `cleared_on` is None where it has not cleared since."""

    account_id: str
    rule: str
    told_on: date
    end: End
    put_off: bool = False
    answer: str = ""
    cleared_on: date | None = None


def cases(tasks: Iterable[ToldTask], spans: Iterable[Span], timezone: tzinfo) -> Iterator[Case]:
    """Yield the cases of these tasks; `spans` are the findings that ended, in the order of their endings."""
    cleared: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    for span in spans:
        if span.ended_as == "clear":
            cleared[span.account_id, span.rule].append(span.ended_at)
    for task in tasks:
        for rule, told_at in task.told_at.items():
            cleared_at = _first_after(cleared[task.account_id, rule], told_at)
            yield Case(
                account_id=task.account_id,
                rule=rule,
                told_on=told_at.astimezone(timezone).date(),
                end=_end(task, rule, cleared=cleared_at is not None),
                put_off=task.put_off,
                answer=task.answer,
                cleared_on=cleared_at.astimezone(timezone).date() if cleared_at else None,
            )


def _first_after(moments: Sequence[datetime], after: datetime) -> datetime | None:
    return next((moment for moment in moments if moment >= after), None)


def _end(task: ToldTask, rule: str, *, cleared: bool) -> End:
    still_told = rule in task.rules
    if still_told and not task.ended_how:
        return End.OPEN
    if still_told and task.ended_how in _BY_PEOPLE:
        return End(_BY_PEOPLE[task.ended_how])
    return End.CLEARED if cleared else End.WITHDRAWN
