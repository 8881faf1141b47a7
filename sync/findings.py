"""The life of a finding: raised, kept, cleared, put off. Pure; the memory is per account and rule, not per task.

nothing --Raised--> open --Clear or NotApplicable, twice, 20 hours apart--> ended
                     |  ^ Unknown changes nothing, for 60 days
                     task completed or deleted: quiet until a day, a worse severity breaks through
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Any

from rules.rule import Clear, Finding, NotApplicable, Raised, Severity, Unknown, Verdict
from rules.wording import ENGLISH, Language, say

CLEAR_APART = timedelta(hours=20)  # facts/domain.md 0a: two complete evaluations at least 20 hours apart
UNKNOWN_PATIENCE = timedelta(days=60)
COOL_DOWN_DAYS = {"A": 30}  # completed while still true: domain.md section 3
COOL_DOWN_OTHERWISE_DAYS = 60
DISMISSED_DAYS = 90  # deleted

_PARTS = tuple(part.name for part in fields(Finding))
_BADNESS = {severity: rank for rank, severity in enumerate(Severity)}  # 0 is worst
_UNTOLD = Finding(headline="", why="", clears_when="", first_step="", figures="")


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingState:
    """One rule's finding on one account. `text` is from the day on which the account's findings last changed; it and
    `ended_why` are in the language of that day.
    """

    rule: str
    open: bool
    severity: Severity
    text: Finding
    raised_at: datetime
    not_raised_since: datetime | None = None
    unknown_since: datetime | None = None
    ended_why: str = ""
    quiet_until: date | None = None
    quiet_why: str = ""
    quiet_severity: Severity | None = None

    def wants_task(self, today: date) -> bool:
        """Open, and neither cooling nor dismissed; a severity worse than the one put off breaks through."""
        if not self.open:
            return False
        if self.quiet_until is None or today >= self.quiet_until:
            return True
        return self.quiet_severity is not None and worse(self.severity, self.quiet_severity)


def unseen(rule: str, at: datetime) -> FindingState:
    """What there is of a finding that was never raised on the account, for memory that comes from elsewhere."""
    return FindingState(rule=rule, open=False, severity=Severity.LOW, text=_UNTOLD, raised_at=at)


def worse(one: Severity, other: Severity) -> bool:
    return _BADNESS[one] < _BADNESS[other]


def worst_first(states: Mapping[str, FindingState]) -> list[FindingState]:
    """The open findings, worst severity first, then by rule id."""
    return by_severity(state for state in states.values() if state.open)


def by_severity(states: Iterable[FindingState]) -> list[FindingState]:
    """Worst severity first, then by rule id."""
    return sorted(states, key=lambda state: (_BADNESS[state.severity], state.rule))


def advance(
    states: Mapping[str, FindingState],
    verdicts: Mapping[str, Verdict],
    now: datetime,
    language: Language = ENGLISH,
    *,
    elsewhere: bool = False,
) -> dict[str, FindingState]:
    """Return the account's findings after one complete evaluation. A rule without a verdict keeps what it had.

    What is judged `elsewhere` ends here at once: it stands there, and nobody gets two tasks for one customer.
    What is told anew is told in the language; another language alone is no reason to tell anything anew.
    """
    after = dict(states)
    apart = timedelta() if elsewhere else CLEAR_APART
    for rule, verdict in verdicts.items():
        state = _advance_one(rule, states.get(rule), verdict, now, language, apart=apart)
        if state:
            after[rule] = state
    if _signature(after) != _signature(states):
        # The text is about to be told anew, so every figure in it is told as of today.
        for rule, verdict in verdicts.items():
            if isinstance(verdict, Raised) and after[rule].open:
                after[rule] = replace(after[rule], text=verdict.finding.in_language(language))
    return after


def _signature(states: Mapping[str, FindingState]) -> set[tuple[str, Severity]]:
    return {(state.rule, state.severity) for state in states.values() if state.open}


def _advance_one(
    rule: str, state: FindingState | None, verdict: Verdict, now: datetime, language: Language, *, apart: timedelta
) -> FindingState | None:
    match verdict:
        case Raised():
            return _raise(rule, state, verdict, now)
        case Clear(message=why) | NotApplicable(reason=why) if state and state.open:
            since = state.not_raised_since or now
            still = now - since < apart
            ended_why = "" if still else language.told(why)
            return replace(state, open=still, not_raised_since=since, unknown_since=None, ended_why=ended_why)
        case Unknown(reason=reason) if state and state.open:
            since = state.unknown_since or now
            still = now - since < UNKNOWN_PATIENCE
            why = say("can no longer be judged: {reason}", reason=reason)
            return replace(state, open=still, unknown_since=since, ended_why="" if still else language.told(why))
        case _:
            return state


def _raise(rule: str, state: FindingState | None, verdict: Raised, now: datetime) -> FindingState:
    if state is None:
        return FindingState(rule=rule, open=True, severity=verdict.severity, text=verdict.finding, raised_at=now)
    if not state.open and state.quiet_until and now.date() >= state.quiet_until:
        # What was put off has ended since: this is another one, and nobody completed or dismissed it.
        state = replace(state, quiet_until=None, quiet_why="", quiet_severity=None)
    before = (state.open, state.severity, state.not_raised_since, state.unknown_since, state.ended_why)
    if before == (True, verdict.severity, None, None, ""):
        return state  # as nearly all are, day after day
    return replace(
        state,
        open=True,
        severity=verdict.severity,
        raised_at=state.raised_at if state.open else now,
        not_raised_since=None,
        unknown_since=None,
        ended_why="",
    )


def put_off(state: FindingState, how: str, ended_on: date, tier: str) -> FindingState:
    """The state after a human ended its task: `completed` cools down, `deleted` is a dismissal."""
    if how == "deleted":
        days, why = DISMISSED_DAYS, f"dismissed on {ended_on:%Y-%m-%d}"
    else:
        days, why = COOL_DOWN_DAYS.get(tier, COOL_DOWN_OTHERWISE_DAYS), f"completed on {ended_on:%Y-%m-%d}"
    until = ended_on + timedelta(days=days)
    return replace(state, quiet_until=until, quiet_why=why, quiet_severity=state.severity)


def take_over(
    states: Mapping[str, FindingState], others: Iterable[Mapping[str, FindingState]], now: datetime
) -> dict[str, FindingState]:
    """The account's findings, each as quiet as it is on any of the accounts that are one with it, `others`.

    What is quiet as bad as it stands comes before what is not; then the latest day wins. The order of the others
    changes nothing, nor does doing it twice.
    """
    after, today = dict(states), now.date()  # the day of `_raise`: what that lets go does not come back from here
    for theirs in (state for other in others for state in other.values()):
        if theirs.quiet_until and theirs.quiet_until > today:
            own = after.get(theirs.rule) or unseen(theirs.rule, now)
            if _strictness(theirs, own.severity, today) > _strictness(own, own.severity, today):
                after[theirs.rule] = replace(
                    own,
                    quiet_until=theirs.quiet_until,
                    quiet_why=theirs.quiet_why,
                    quiet_severity=theirs.quiet_severity,
                )
    return after


def _strictness(state: FindingState, severity: Severity, today: date) -> tuple[bool, date, int, str]:
    """Higher for what is to be remembered of a finding of that severity; equal only for the same memory."""
    quiet = not replace(state, open=True, severity=severity).wants_task(today)
    hardness = 1 if state.quiet_severity is None else -_BADNESS[state.quiet_severity]  # without one nothing breaks it
    return quiet, state.quiet_until or date.min, hardness, state.quiet_why


def text_as_json(text: Finding) -> dict[str, Any]:
    return {part: getattr(text, part) for part in _PARTS}


def text_from_json(told: Mapping[str, Any]) -> Finding:
    return Finding(**told)
