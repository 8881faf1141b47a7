"""Acts the plan of one key account out: coverage, executive and twists in one ledger of person-days.

What the executive and the scenes of a twist need are person-days too, so those days are set first and the rest is
filled up around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from connectors.sandbox.situations import WINDOW_AGE, Coverage
from connectors.sandbox.timeline import Days, Diary
from connectors.sandbox.twists import EVERYBODY, HANDOVER_AGE, LEAVER_AGE, MAIN, QUARTER, REGULAR, By, Plan, Scene

# Far enough from the 270 days of the definition that only a planted gap comes near it.
_LONGEST_GAP = 255
_OLDEST_FREE_AGE = 360


@dataclass(frozen=True, kw_only=True, slots=True)
class Cast:
    """Who appears on the account: users of ours, contacts of theirs.

    All `known` were met once, the `regulars` among them again and again. `cold` never answers, `heir` is the contact
    of somebody who left; it and `executive` may be empty. `parts` are the contacts of the twists, by name, and
    `everybody` all of theirs.
    """

    top: str
    others: tuple[str, ...]
    predecessor: str
    outsider: str
    our_executive: str
    executive: str
    known: tuple[str, ...]
    regulars: tuple[str, ...]
    cold: str
    heir: str
    parts: Mapping[str, str]
    everybody: tuple[str, ...]

    def user(self, by: By) -> str:
        match by:
            case "top":
                return self.top
            case "other":
                return self.others[0]
            case "outsider":
                return self.outsider
            case _:
                return self.our_executive

    def contacts(self, whom: str) -> tuple[str, ...]:
        if whom == EVERYBODY:
            return self.everybody
        return ({MAIN: self.regulars[0], REGULAR: self.regulars[-1], **self.parts}[whom],)


def act_out(diary: Diary, cast: Cast, plan: Plan, *, exchanges_a_day: int = 1) -> None:
    """Write all touches of the account. More exchanges on a day leave its person-days as they are."""
    first, *ages = _days_of_top(plan)
    diary.write("meeting", first, cast.top, cast.known, outcome="completed", minutes=60)
    taken = {age for age in plan.appointed() if age not in (*plan.coverage.exact, plan.left_age)}
    for age in ages:
        if age not in taken:
            for _ in range(exchanges_a_day):
                _meet_regulars(diary, cast, plan, age)
    for age in plan.coverage.predecessor:
        _meet_some(diary, cast.known, age, cast.predecessor)
    _meet_others(diary, cast, plan)
    _meet_executive(diary, cast, plan)
    if plan.coverage.handed_over:
        diary.write("meeting", HANDOVER_AGE, cast.top, (cast.heir,), outcome="completed", minutes=45)
    for scene in plan.scenes:
        _play(diary, cast, scene)
    _fail_to_meet(diary, cast, plan)
    _write_what_is_no_touch(diary, cast, plan, ages[-1])


def _days_of_top(plan: Plan) -> list[int]:
    """Ages of the top person's days, oldest first: `top_days` of them in the window, no gap but a planted one."""
    coverage, days, fixed = plan.coverage, plan.days, plan.appointed()
    older = {*coverage.earlier, *_rhythm(days, coverage), *(age for age in fixed if age > WINDOW_AGE)}
    inside = {age for age in fixed if age <= WINDOW_AGE}
    while True:
        ages = sorted({*older, *inside, *_free_days(plan, inside | older)}, reverse=True)
        # With few days nobody asks for tenure, and a gap would do no harm.
        if coverage.expect == "unknown" or _unbroken([age for age in ages if age <= coverage.run_start]):
            return ages


def _free_days(plan: Plan, fixed: set[int]) -> list[int]:
    """As many days as are not fixed, all of them in the window but those of a quarter before it."""
    days, newest = plan.days, max(2, plan.left_age)
    if not plan.coverage.quarters:
        taken = sum(age <= WINDOW_AGE for age in fixed)
        return days.workdays(plan.coverage.top_days - taken, newest, _OLDEST_FREE_AGE, but=tuple(fixed))
    found: list[int] = []
    for number, count in enumerate(plan.coverage.quarters):
        low, high = number * QUARTER, (number + 1) * QUARTER - 1
        taken = sum(low <= age <= high for age in fixed)
        low = max(low, newest) if high < WINDOW_AGE else WINDOW_AGE + 1
        found += days.workdays(count - taken, low, high, but=tuple(fixed))
    return found


def _unbroken(ages: list[int]) -> bool:
    return all(before - after <= _LONGEST_GAP for before, after in pairwise(ages))


def _rhythm(days: Days, coverage: Coverage) -> list[int]:
    """From the first day of the run to the eve of the window, or of its quarters, every one to four months."""
    eve = len(coverage.quarters) * QUARTER - 1 if coverage.quarters else WINDOW_AGE
    ages = [coverage.run_start]
    while ages[-1] > eve + 130:
        ages.append(days.workday(max(ages[-1] - 120, eve + 2), ages[-1] - 30))
    return ages


def _meet_some(diary: Diary, contacts: tuple[str, ...], age: int, user: str) -> None:
    shuffled = list(contacts)
    diary.days.rng.shuffle(shuffled)
    diary.exchange(age, user, tuple(shuffled))


def _meet_regulars(diary: Diary, cast: Cast, plan: Plan, age: int) -> None:
    """A day of the top person: with the main contact alone where there is one, of late perhaps in writing."""
    if not plan.led:
        _meet_some(diary, cast.regulars, age, cast.top)
    elif any(age < twist.written_days for twist in plan.twists):
        diary.correspond(age, age, cast.top, cast.regulars[0])
    else:
        diary.exchange(age, cast.top, cast.regulars[:1])


def _meet_others(diary: Diary, cast: Cast, plan: Plan) -> None:
    """Days of the others that no scene has; the first of them, if gone, kept one contact to himself."""
    set_days = plan.appointed_other()
    contacts = cast.regulars[1:] if plan.led else cast.regulars
    for number, (user, count) in enumerate(zip(cast.others, plan.coverage.other_days, strict=True)):
        gone = plan.coverage.leaver and number == 0
        but = tuple(set_days) if number == 0 else plan.executive.held
        low = LEAVER_AGE if gone else 2
        ages = diary.days.workdays(count - (len(set_days) if number == 0 else 0), low, _OLDEST_FREE_AGE, but=but)
        for age in [*ages, LEAVER_AGE] if gone else ages:
            _meet_some(diary, (cast.heir,) if gone else contacts, age, user)


def _meet_executive(diary: Diary, cast: Cast, plan: Plan) -> None:
    executive = plan.executive
    user = cast.others[0] if executive.by_colleague else cast.top
    if executive.written:
        diary.correspond(executive.held[0], executive.held[1], user, cast.executive)
    else:
        for age in executive.held:
            # The last of the regulars: the first may be the main contact, whose meetings are counted.
            diary.exchange(age, user, (cast.executive, cast.regulars[-1]))
    for kind, outcome, age in executive.attempts:
        diary.attempt(kind, outcome, age, cast.top, cast.executive)
    if executive.booked:
        diary.plan_ahead(cast.top, cast.executive)


def _play(diary: Diary, cast: Cast, scene: Scene) -> None:
    user, contacts = cast.user(scene.by), cast.contacts(scene.whom)
    match scene.how:
        case "meeting":
            diary.write("meeting", scene.age, user, contacts, outcome="completed", minutes=45)
        case "missed":
            diary.attempt("meeting", "no-show", scene.age, user, contacts[0])
        case direction:
            diary.write("email", scene.age, user, contacts, direction=direction)


def _fail_to_meet(diary: Diary, cast: Cast, plan: Plan) -> None:
    """Attempts on somebody who never answers, inside the top person's run: they lengthen and bridge nothing."""
    days = diary.days
    tries = [("email", "")] * (plan.coverage.unanswered + days.rng.randint(0, 3))
    tries += [("call", "voicemail")] * days.rng.randint(0, 1) + [("meeting", "no-show")] * (
        days.rng.random() < 0.2 and not plan.kept
    )
    for kind, outcome in tries:
        diary.attempt(kind, outcome, days.workday(max(5, plan.left_age + 1), 350), cast.top, cast.cold)


def _write_what_is_no_touch(diary: Diary, cast: Cast, plan: Plan, last_age: int) -> None:
    rng = diary.days.rng
    if rng.random() < 0.4:
        diary.write("note", last_age, cast.top, cast.regulars[:1])
    booked = any(twist.booked for twist in plan.twists)
    if booked or (rng.random() < 0.2 and not plan.led and not plan.left_age):
        diary.plan_ahead(cast.top, cast.regulars[0])
