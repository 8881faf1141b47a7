"""What people and time made of each rule's findings, and what came of them; what to do about a rule. Pure.

Cases (`sync.cases`) are counted in the month in which they were told, however they ended later. What came of one is
looked at over 90 days (facts/domain.md 3: rule report), of all that are that old: whether the finding cleared, whether
more people of either side were in touch than before, whether an executive of theirs was met. A completed task may have
been right or in the way, so no precision is claimed; what was deleted or called wrong was not wanted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from rules.statistics import wilson
from sync.cases import Case, End

OUTCOME_DAYS = 90
ENOUGH = 15  # settled cases below this say nothing of a rule
_SETTLED = (End.DONE, End.DISMISSED, End.CLEARED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stand:
    """How an account stood on a day: how many of ours and of theirs were in touch, and when an executive was met."""

    day: date
    ours: int
    theirs: int
    executive_met_on: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A case and what came of it within 90 days; None while they last, or where nobody knows how the account stood."""

    case: Case
    cleared: bool | None = None
    wider: bool | None = None
    executive_met: bool | None = None

    @property
    def unwanted(self) -> bool:
        """Whether its reader deleted it or called it wrong."""
        return self.case.end is End.DISMISSED or self.case.answer == "wrong"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many of so many."""

    some: int
    of: int

    @property
    def interval(self) -> tuple[float, float, float] | None:
        """Low end, share and high end of the 95 % interval (Wilson), None of none."""
        return wilson(self.some, self.of) if self.of else None


@dataclass(frozen=True, kw_only=True)
class Record:
    """The cases of one rule over a time."""

    seen: Sequence[Seen] = ()

    @property
    def told(self) -> int:
        """How many there are."""
        return len(self.seen)

    @cached_property
    def ends(self) -> Counter[End]:
        """How many ended how."""
        return Counter(one.case.end for one in self.seen)

    @property
    def put_off(self) -> int:
        """How many their readers put off, however they ended."""
        return sum(one.case.put_off for one in self.seen)

    @property
    def answers(self) -> Counter[str]:
        """Helpful, wrong, already handled: how often each was answered."""
        return Counter(one.case.answer for one in self.seen if one.case.answer)

    @cached_property
    def unwanted(self) -> Share:
        """The cases deleted or called wrong, of those that people or time settled."""
        settled = [one for one in self.seen if one.case.end in _SETTLED]
        return Share(some=sum(one.unwanted for one in settled), of=len(settled))

    @property
    def cleared(self) -> Share:
        """Cleared within 90 days."""
        return _share(one.cleared for one in self.seen)

    @property
    def wider(self) -> Share:
        """More people of either side in touch within 90 days than when it was told."""
        return _share(one.wider for one in self.seen)

    @property
    def executive_met(self) -> Share:
        """An exchange held with an executive of theirs within 90 days."""
        return _share(one.executive_met for one in self.seen)

    @property
    def too_few(self) -> bool:
        """Whether too few are settled to judge the rule."""
        return self.unwanted.of < ENOUGH

    @property
    def advice(self) -> str:
        """What to do about the rule, empty for nothing: more than half of enough cases were not wanted."""
        some, of = self.unwanted.some, self.unwanted.of
        if self.too_few or 2 * some <= of:
            return ""
        low, _, _ = wilson(some, of)
        remedy = "switch it off or raise its threshold" if low > 1 / 2 else "look at its findings, raise its threshold"
        return f"{some} of {of} were deleted or called wrong: {remedy}"


def _share(seen: Iterable[bool | None]) -> Share:
    known = [one for one in seen if one is not None]
    return Share(some=sum(known), of=len(known))


def report(cases: Iterable[Case], stands: Mapping[str, Sequence[Stand]], today: date) -> dict[str, dict[date, Record]]:
    """Return the records by rule and first day of the month; `stands` are by account, the earliest first."""
    found: defaultdict[str, defaultdict[date, list[Seen]]] = defaultdict(lambda: defaultdict(list))
    for case in cases:
        seen = _seen(case, stands.get(case.account_id, ()), today)
        found[case.rule][case.told_on.replace(day=1)].append(seen)
    return {
        rule: {month: Record(seen=some) for month, some in sorted(by_month.items())}
        for rule, by_month in sorted(found.items())
    }


def together(records: Iterable[Record]) -> Record:
    """Return these as one."""
    return Record(seen=[one for record in records for one in record.seen])


def _seen(case: Case, stands: Sequence[Stand], today: date) -> Seen:
    until = case.told_on + timedelta(days=OUTCOME_DAYS)
    if until > today:
        return Seen(case=case)
    cleared = case.cleared_on is not None and case.cleared_on <= until
    before = [one for one in stands if one.day <= case.told_on]
    after = [one for one in stands if case.told_on < one.day <= until]
    if not (before and after):
        return Seen(case=case, cleared=cleared)
    was = before[-1]
    return Seen(
        case=case,
        cleared=cleared,
        wider=any(one.ours > was.ours or one.theirs > was.theirs for one in after),
        executive_met=any(day > case.told_on for day in _met_on(after)),
    )


def _met_on(stands: Iterable[Stand]) -> Iterator[date]:
    return (one.executive_met_on for one in stands if one.executive_met_on)
