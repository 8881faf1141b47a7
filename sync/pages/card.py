"""The card of one key account: what `explain` tells of it, its people grid, its touches by day and its next steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rules.contact_measures import pair_days
from rules.facts import AccountFacts
from rules.measures import coverage
from rules.model import Contact
from rules.people_measures import by_rank, is_senior, left_on
from rules.titles import Level
from sync.pages.crm_link import record_url
from sync.pages.line import Line, window_days
from sync.pages.post_mortem import PostMortem, post_mortem
from sync.pages.scene import Scene, Visit
from sync.report.account import Explained
from sync.report.litmus import litmus_told
from sync.store import ledger

DAYS_BACK, DAYS_AHEAD = 365, 60
_CONTACTS_SHOWN, _OURS_SHOWN = 12, 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Bead:
    """The touches of one kind on one day: `state` is held, one-way or booked."""

    day: date
    kind: str
    state: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Knot:
    """A contact and one of ours: two-way touch-days of the window, strength now; both 0 where there is no tie."""

    days: int = 0
    strength: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One contact of theirs with a knot for each of ours in the grid."""

    name: str
    title: str
    senior: bool
    left_on: date | None
    knots: tuple[Knot, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Grid:
    """Ours across, theirs with a tie down, the most senior first; `silent` have none. `more_*` did not fit."""

    ours: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    silent: tuple[Row, ...] = ()
    more_ours: int = 0
    more_theirs: int = 0
    more_silent: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One next action: who should do what by when, `why` being the finding that asks for it."""

    what: str
    who: str
    by: date | None
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """All that the card of one account shows. `told` is the document of `explain`."""

    line: Line
    told: Mapping[str, Any]
    touches: Sequence[Mapping[str, Any]]  # of the last 12 months and those booked, as `told` has them
    beads: tuple[Bead, ...]
    grid: Grid
    steps: tuple[Step, ...]
    litmus: Mapping[str, Any]  # the document of `litmus`
    post_mortem: PostMortem | None  # of an account that was key and is not
    window_days: int
    crm_kind: str
    crm_url: str


def card_of(scene: Scene, visit: Visit, line: Line) -> Card:
    """Return the card of a key account."""
    facts, account_id = visit.facts, visit.facts.account.id
    told = Explained(
        connection=scene.name,
        side=scene.side,
        outlook=visit.outlook,
        remembered=visit.remembered,
        history=_history(scene, account_id),
        complete=scene.complete or frozenset(),
        planned=scene.planned,
    ).as_json()
    first = (facts.today - timedelta(days=DAYS_BACK)).isoformat()
    touches, upcoming = [one for one in told["touches"] if one["day"] > first], told["upcoming"]
    settings = scene.work.config.connections[scene.name]
    days = window_days(scene.side, facts.standing.tier)
    return Card(
        line=line,
        told=told,
        touches=(*touches, *upcoming),
        beads=tuple(_beads(touches, upcoming, facts.today + timedelta(days=DAYS_AHEAD))),
        grid=_grid(visit, days, scene),
        steps=tuple(_steps(line, told)),
        post_mortem=post_mortem(scene, visit),
        litmus=litmus_told(scene.litmus, facts, scene.side.people),
        window_days=days,
        crm_kind={"salesforce": "Salesforce", "hubspot": "HubSpot"}[settings.kind],
        crm_url=record_url(settings, account_id),
    )


def _history(scene: Scene, account_id: str) -> Sequence[Mapping[str, Any]]:
    if not scene.planned or account_id not in scene.with_tasks:
        return ()  # most accounts end here, spared the reading
    return ledger.read_history(scene.work.engine, scene.name, account_id)


def _beads(
    touches: Iterable[Mapping[str, Any]], upcoming: Iterable[Mapping[str, Any]], last_on: date
) -> Iterator[Bead]:
    """Yield touches by day, kind and what became of them, and meetings booked up to a day."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for one in touches:
        held = one["two_way"] or one["outcome"] == "held"
        counted[one["day"], one["kind"], "held" if held else "one-way"] += 1
    counted.update((one["day"], one["kind"], "booked") for one in upcoming if one["day"] <= last_on.isoformat())
    for (day, kind, state), count in sorted(counted.items()):
        yield Bead(day=date.fromisoformat(day), kind=kind, state=state, count=count)


def _grid(visit: Visit, days: int, scene: Scene) -> Grid:
    facts, people = visit.facts, scene.side.people
    met = Counter((contact_id, who) for contact_id, pairs in pair_days(facts, days).items() for who, _ in pairs)
    in_window = coverage(facts, days).person_days
    ours = sorted(in_window, key=lambda one: (-in_window[one], people.name(one), one))
    shown = ours[:_OURS_SHOWN]
    tied = {contact_id for contact_id, _ in met} | {contact_id for _, contact_id in visit.strengths}
    rows, silent = [], []
    for contact in by_rank(facts, facts.contacts):
        if contact.id in tied:
            knots = (
                Knot(days=met[contact.id, one], strength=round(visit.strengths.get((one, contact.id), 0.0), 2))
                for one in shown
            )
            rows.append(_row(facts, contact, knots))
        elif not left_on(facts, contact):
            silent.append(_row(facts, contact))
    # Who is in touch before who was once, each the most senior first.
    rows.sort(key=lambda row: not any(knot.days for knot in row.knots))
    return Grid(
        ours=tuple(people.name(one) for one in shown),
        rows=tuple(rows[:_CONTACTS_SHOWN]),
        silent=tuple(silent[:_CONTACTS_SHOWN]),
        more_ours=len(ours) - len(shown),
        more_theirs=max(0, len(rows) - _CONTACTS_SHOWN),
        more_silent=max(0, len(silent) - _CONTACTS_SHOWN),
    )


def _row(facts: AccountFacts, contact: Contact, knots: Iterable[Knot] = ()) -> Row:
    return Row(
        name=contact.name or contact.id,
        title=contact.title,
        senior=is_senior(facts, contact, Level.VP),
        left_on=left_on(facts, contact),
        knots=tuple(knots),
    )


def _steps(line: Line, told: Mapping[str, Any]) -> Iterator[Step]:
    """Yield what to do: the first step of each finding, then a check-in that is due and not told by one."""
    due_on_task = {
        rule: task["written"].get("due_on")
        for task in told["tasks"]
        if task["state"] == "open"
        for rule in task["rules"]
    }
    for found in line.found:
        plan = told["rules"][found.rule].get("plan") or {}
        due_on = plan.get("due_on") or due_on_task.get(found.rule)
        yield Step(
            what=found.first_step,
            who=plan.get("for") or line.owner,
            by=date.fromisoformat(due_on) if due_on else None,
            why=found.rule,
        )
    seen = line.check_in
    if seen.due_on and "exec-reach-lapse" not in {one.rule for one in line.found}:
        booked = f"; booked for {seen.booked_on:%Y-%m-%d}" if seen.booked_on else ", nothing is booked"
        who = seen.executive or "an executive of theirs"
        yield Step(what=f"Next exchange with {who}{booked}.", who=line.owner, by=seen.due_on, why="exec-reach-lapse")
