"""Acts a planted pair of situations out on one key account: coverage and executive in one ledger of person-days.

An executive's exchange is a person-day too, so those days are set first and the rest is filled up around them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from connectors.sandbox.executives import Executive
from connectors.sandbox.situations import WINDOW_AGE, Coverage
from connectors.sandbox.timeline import Days, Diary

# Far enough from the 270 days of the definition that only a planted gap comes near it.
_LONGEST_GAP = 255


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """Who appears on the account: users of ours, contacts of theirs. `cold` never answers; `executive` may be empty."""

    top: str
    others: tuple[str, ...]
    predecessor: str
    executive: str
    regulars: tuple[str, ...]
    cold: str


def act_out(diary: Diary, cast: Cast, coverage: Coverage, executive: Executive, *, exchanges_a_day: int = 1) -> None:
    """Write all touches of the account. More exchanges on a day leave its person-days as they are."""
    set_days = () if executive.by_colleague else executive.held
    ages = _days_of_top(diary.days, coverage, set_days)
    for age in ages:
        if age not in set_days:
            for _ in range(exchanges_a_day):
                _meet_regulars(diary, cast, age, cast.top)
    for age in coverage.predecessor:
        _meet_regulars(diary, cast, age, cast.predecessor)
    _meet_others(diary, cast, coverage, executive)
    _meet_executive(diary, cast, executive)
    _fail_to_meet(diary, cast, coverage)
    _write_what_is_no_touch(diary, cast, ages)


def _days_of_top(days: Days, coverage: Coverage, set_days: tuple[int, ...]) -> list[int]:
    """Ages of the top person's days, oldest first: `top_days` of them in the window, no gap but a planted one."""
    fixed = (*set_days, *coverage.exact)
    older = [*coverage.earlier, *_rhythm(days, coverage.run_start), *(age for age in fixed if age > WINDOW_AGE)]
    inside = [age for age in fixed if age <= WINDOW_AGE]
    while True:
        free = days.workdays(coverage.top_days - len(inside), 2, 360, but=fixed)
        ages = sorted({*older, *inside, *free}, reverse=True)
        # With few days nobody asks for tenure, and a gap would do no harm.
        if coverage.expect == "unknown" or _unbroken([age for age in ages if age <= coverage.run_start]):
            return ages


def _unbroken(ages: list[int]) -> bool:
    return all(before - after <= _LONGEST_GAP for before, after in pairwise(ages))


def _rhythm(days: Days, run_start: int) -> list[int]:
    """From the first day of the run to the eve of the window, every one to four months."""
    ages = [run_start]
    while ages[-1] > WINDOW_AGE + 130:
        ages.append(days.workday(max(ages[-1] - 120, WINDOW_AGE + 2), ages[-1] - 30))
    return ages


def _meet_regulars(diary: Diary, cast: Cast, age: int, user: str) -> None:
    regulars = list(cast.regulars)
    diary.days.rng.shuffle(regulars)
    diary.exchange(age, user, tuple(regulars))


def _meet_others(diary: Diary, cast: Cast, coverage: Coverage, executive: Executive) -> None:
    """Whoever meets the executive as a colleague has that day already."""
    taken = len(executive.held) if executive.by_colleague else 0
    for user, count in zip(cast.others, coverage.other_days, strict=True):
        for age in diary.days.workdays(count - taken, 2, 360, but=executive.held):
            _meet_regulars(diary, cast, age, user)
        taken = 0


def _meet_executive(diary: Diary, cast: Cast, executive: Executive) -> None:
    user = cast.others[0] if executive.by_colleague else cast.top
    if executive.written:
        diary.correspond(executive.held[0], executive.held[1], user, cast.executive)
    else:
        for age in executive.held:
            diary.exchange(age, user, (cast.executive, cast.regulars[0]))
    for kind, outcome, age in executive.attempts:
        diary.attempt(kind, outcome, age, cast.top, cast.executive)


def _fail_to_meet(diary: Diary, cast: Cast, coverage: Coverage) -> None:
    """Attempts on somebody who never answers, inside the top person's run: they lengthen and bridge nothing."""
    days = diary.days
    tries = [("email", "")] * (coverage.unanswered + days.rng.randint(0, 3))
    tries += [("call", "voicemail")] * days.rng.randint(0, 1) + [("meeting", "no-show")] * (days.rng.random() < 0.2)
    for kind, outcome in tries:
        diary.attempt(kind, outcome, days.workday(5, 350), cast.top, cast.cold)


def _write_what_is_no_touch(diary: Diary, cast: Cast, ages: list[int]) -> None:
    rng = diary.days.rng
    if rng.random() < 0.4:
        diary.write("note", ages[-1], cast.top, cast.regulars[:1])
    if rng.random() < 0.2:
        diary.plan_ahead(cast.top, cast.regulars[0])
