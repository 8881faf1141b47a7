"""What had been said of an account that is a key customer no more: "never again", as Dorman asks (domain.md 1I).

It rests on the ledger alone, so it stays as it was: which finding stood from when to when, what became of it, how the
score went, and which rules had nothing to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sync.findings import FindingState
from sync.pages.scene import Scene, Visit
from sync.store.history import Snapshot, snapshots_of

_DAYS_BACK = 365


@dataclass(frozen=True, kw_only=True, slots=True)
class Flag:
    """One finding as it last stood: raised on a day, gone on another (None where it was never seen to go)."""

    rule: str
    severity: str
    what: str
    raised_on: date
    ended_on: date | None
    ended_why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PostMortem:
    """The last 12 months of an account as a key customer; `risk` has the last score of each month, None for unknown."""

    last_key_on: date
    flags: tuple[Flag, ...]
    silent: tuple[str, ...]  # rules that are on now and raised nothing in that time
    risk: tuple[tuple[date, int | None], ...]


def post_mortem(scene: Scene, visit: Visit) -> PostMortem | None:
    """Return what was said of an account that was key and is not, None for all others."""
    account_id = visit.facts.account.id
    if visit.is_key or account_id not in scene.once_key:
        return None
    days = snapshots_of(scene.work.engine, scene.name, account_id)
    last = max(days)
    since = last - timedelta(days=_DAYS_BACK)
    flags = [one for one in _flags(visit.remembered.states, scene) if one.ended_on is None or one.ended_on > since]
    raised = {one.rule for one in flags}
    return PostMortem(
        last_key_on=last,
        flags=tuple(sorted(flags, key=lambda one: (one.raised_on, one.rule))),
        silent=tuple(rule for rule in scene.side.rulebook.rules if rule not in raised),
        risk=tuple(_by_month({day: one for day, one in days.items() if day > since})),
    )


def _flags(states: Mapping[str, FindingState], scene: Scene) -> Iterator[Flag]:
    zone = scene.moment.timezone
    for state in states.values():
        gone = state.not_raised_since or state.unknown_since
        yield Flag(
            rule=state.rule,
            severity=str(state.severity),
            what=state.text.headline,
            raised_on=state.raised_at.astimezone(zone).date(),
            ended_on=gone.astimezone(zone).date() if gone else None,
            ended_why=state.ended_why,
        )


def _by_month(days: Mapping[date, Snapshot]) -> Iterator[tuple[date, int | None]]:
    """Yield the last day of each month that has one, with the score of that day."""
    ordered: Sequence[date] = sorted(days)
    for number, day in enumerate(ordered):
        following = ordered[number + 1] if number + 1 < len(ordered) else None
        if following is None or (following.year, following.month) != (day.year, day.month):
            yield day, days[day].risk
