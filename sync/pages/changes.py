"""What changed among the key accounts in a week: findings that came and went, and how snapshots moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sync.findings import FindingState
from sync.pages.line import Line
from sync.pages.scene import Scene, Visit
from sync.pages.words import share
from sync.store.history import Snapshot, snapshot_days, snapshots_on

WEEK_DAYS = 7
_STEP = 10  # points of risk, or hundredths of top share, below which nothing has moved


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One change of one account: `kind` is raised, ended, worse, better, met or owner."""

    line: Line
    kind: str
    what: str
    on: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """The changes since a day, the worst kind first. `since` is None where there is nothing to compare with."""

    since: date | None
    told: tuple[Change, ...]

    def count(self, kind: str) -> int:
        """How many there are of a kind."""
        return sum(one.kind == kind for one in self.told)


_KINDS = ("raised", "worse", "owner", "met", "better", "ended")


def news(scene: Scene, visit: Visit, line: Line) -> Iterator[Change]:
    """Yield which findings of an account were raised or ended in the last week, as the ledger remembers."""
    after = scene.today - timedelta(days=WEEK_DAYS)
    for state in visit.remembered.states.values():
        raised_on = state.raised_at.astimezone(scene.moment.timezone).date()
        if state.open and raised_on > after:
            yield Change(line=line, kind="raised", what=f"{state.rule}: {state.text.headline}", on=raised_on)
        ended_on = _ended_on(state, scene)
        if ended_on and ended_on > after:
            yield Change(line=line, kind="ended", what=f"{state.rule}: {state.ended_why}", on=ended_on)


def _ended_on(state: FindingState, scene: Scene) -> date | None:
    """Return since when an ended finding has no longer been raised, or been judged."""
    since = state.not_raised_since or state.unknown_since
    return since.astimezone(scene.moment.timezone).date() if since and not state.open else None


def changes(scene: Scene, lines: Iterable[Line], found: Sequence[Change]) -> Changes:
    """Return all changes of a week; `found` are those of findings. Snapshots are read of one day alone.

    Compared is with the last snapshots that are a week old or more, in a younger store with its first.
    """
    days = snapshot_days(scene.work.engine, scene.name, scene.today - timedelta(days=1))
    old = [one for one in days if one <= scene.today - timedelta(days=WEEK_DAYS)]
    since = old[-1] if old else days[0] if days else None
    before = snapshots_on(scene.work.engine, scene.name, since) if since else {}
    moved = [one for line in lines for one in _moves(line, before, since, scene)]
    told = sorted(
        [*found, *moved], key=lambda one: (_KINDS.index(one.kind), one.line.badness, -(one.line.revenue or 0.0))
    )
    return Changes(since=since, told=tuple(told))


def _moves(line: Line, before: Mapping[str, Snapshot], since: date | None, scene: Scene) -> Iterator[Change]:
    was = before.get(line.account_id)
    if was is None:
        return
    owner = scene.side.people.name(was.owner_id)
    if owner != line.owner:
        yield Change(line=line, kind="owner", what=f"owner {owner} → {line.owner}", on=None)
    if was.risk is not None and line.score is not None and abs(line.score - was.risk) >= _STEP:
        kind = "worse" if line.score > was.risk else "better"
        yield Change(line=line, kind=kind, what=f"risk {was.risk} → {line.score}", on=None)
    if was.top_share is not None and line.top_share is not None:
        step = line.top_share - was.top_share
        if abs(step) * 100 >= _STEP:
            what = f"top share {share(was.top_share)} → {share(line.top_share)}"
            yield Change(line=line, kind="worse" if step > 0 else "better", what=what, on=None)
    met_on = line.check_in.last_held_on
    if since and met_on and met_on > since and met_on != was.last_exec_exchange:
        yield Change(line=line, kind="met", what=f"executive met: {line.check_in.executive}", on=met_on)
