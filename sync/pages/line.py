"""One key account as a line of the overviews: the numbers that `explain` tells, and nothing of its touches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

from rules.catalog.exec_reach_lapse import ExecReachLapse
from rules.fields import account_fields
from rules.measures import Coverage, coverage
from rules.people_measures import is_senior
from rules.rule import Raised, Severity, Unknown
from rules.score import risk_score, scoring
from rules.titles import Level
from sync.outlook import Side
from sync.pages.agenda import Entry, agenda
from sync.pages.checkins import CheckIn, check_in
from sync.pages.peers import Peer, peers_of
from sync.pages.scene import Scene, Visit
from sync.pages.words import slug
from sync.report.account_plan import plan_told

_WINDOW_DAYS = 365  # where sole-rep, whose window is everybody's here, is off

_BADNESS = {str(severity): rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """One raised finding; `doing` says in a few words what is done about it, empty for a past day."""

    rule: str
    severity: str
    headline: str
    why: str
    first_step: str
    doing: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """One of ours on an account: person-days of 12 months, strength now, and whether an executive of theirs is met."""

    user_id: str
    name: str
    person_days: int
    strength: float
    executive: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One key account. Shares are 0 to 1, revenue is in the home currency, None is not known."""

    account_id: str
    name: str
    card: str  # the file of its card, from the connection's folder
    tier: str
    revenue: float | None
    owner: str
    score: int | None
    level: str
    label: str
    target: str  # what the label needs to be, empty where nothing is asked
    short_of: tuple[int, int]  # so many more of ours, and of theirs
    person_days: int
    top_share: float | None
    reaches: tuple[Reach, ...]
    check_in: CheckIn
    agenda: tuple[Entry, ...]  # written as its account passes, and not kept
    host: str  # who of ours should hold the next check-in, the owner where none is due
    peers: tuple[Peer, ...]
    found: tuple[Found, ...]  # the worst first
    unknown: Mapping[str, str]  # why, by rule

    @property
    def worst(self) -> str:
        """The worst severity, `unknown` where nothing is raised and something cannot be judged, else `clear`."""
        if self.found:
            return self.found[0].severity
        return "unknown" if self.unknown else "clear"

    @property
    def badness(self) -> int:
        """0 for critical; who has nothing raised comes last."""
        return _BADNESS.get(self.worst, len(_BADNESS) + (self.worst == "clear"))


def line_of(scene: Scene, visit: Visit) -> Line:
    """Return the line of a key account."""
    facts, verdicts = visit.facts, visit.outlook.verdicts
    account, standing, side = facts.account, facts.standing, scene.side
    how = scoring(side.rulebook, standing.tier, side.config.score)
    score = risk_score(verdicts, how)
    seen = coverage(facts, window_days(side, standing.tier))
    sole_rep = verdicts.get("sole-rep")
    params = check_in_params(side, standing.tier)
    owner = side.people.name(account.owner_id)
    checked = check_in(facts, verdicts.get("exec-reach-lapse"), params)
    entries = agenda(scene.name, facts, checked, params, side.people)
    label = account_fields(facts, verdicts, how)["coverage"] if sole_rep else seen.label
    target = side.config.customers.target(standing.tier)
    return Line(
        account_id=account.id,
        name=account.name,
        card=f"cards/{slug(account.id)}.html",
        tier=standing.tier,
        revenue=standing.revenue,
        owner=owner,
        score=score.value,
        level=score.level,
        label=str(label or ""),
        target=target.label if target else "",
        short_of=target.missing(seen) if target else (0, 0),
        person_days=seen.total,
        top_share=max(seen.person_days.values()) / seen.total if seen.total else None,
        reaches=_reaches(visit, seen, side),
        check_in=checked,
        agenda=entries,
        host=next((one.ours[0] for one in entries if one.state in {"due", "lapsed"} and one.ours), owner),
        peers=peers_of(facts, side.people, window_days(side, standing.tier)),
        found=tuple(sorted(_found(scene, visit), key=lambda one: (_BADNESS[one.severity], one.rule))),
        unknown={rule: intern(str(one.reason)) for rule, one in verdicts.items() if isinstance(one, Unknown)},
    )


def window_days(side: Side, tier: str) -> int:
    """Return how many days back person-days and threads are counted: as sole-rep counts them."""
    if "sole-rep" not in side.rulebook.rules:
        return _WINDOW_DAYS
    return int(side.rulebook.params("sole-rep", tier).model_dump()["window_days"])


def check_in_params(side: Side, tier: str) -> ExecReachLapse:
    """Return how often executives are to be met: as the rule has it for the tier, its defaults where it is off."""
    params = side.rulebook.params("exec-reach-lapse", tier) if "exec-reach-lapse" in side.rulebook.rules else None
    return params if isinstance(params, ExecReachLapse) else ExecReachLapse()


def _reaches(visit: Visit, seen: Coverage, side: Side) -> tuple[Reach, ...]:
    facts, strengths = visit.facts, defaultdict[str, float](float)
    for (user_id, _), strength in visit.strengths.items():
        strengths[user_id] += strength
    executives = {one.id for one in facts.contacts if is_senior(facts, one, Level.VP)}
    meeting = {user_id for user_id, contact_id in seen.threads if contact_id in executives}
    found = [
        Reach(
            user_id=user_id,
            name=side.people.name(user_id),
            person_days=days,
            strength=round(strengths[user_id], 2),
            executive=user_id in meeting,
        )
        for user_id, days in seen.person_days.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.person_days, one.name, one.user_id)))


def _found(scene: Scene, visit: Visit) -> Iterator[Found]:
    for rule, verdict in visit.outlook.verdicts.items():
        if isinstance(verdict, Raised):
            plan = plan_told(rule, visit.outlook, visit.remembered, scene.side) if scene.planned else None
            yield Found(
                rule=rule,
                severity=str(verdict.severity),
                # Lines of all accounts are kept, and read in English: not what else a text can be said in.
                headline=str(verdict.finding.headline),
                why=str(verdict.finding.why),
                first_step=str(verdict.finding.first_step),
                doing=_doing(plan) if plan else "",
            )


def _doing(plan: Mapping[str, Any]) -> str:
    """Return in a few words what `explain` tells of the plan for a finding."""
    who, why = plan.get("for", ""), plan.get("why", "")
    match plan["does"]:
        case "new task":
            return f"new task for {who}"
        case "leaves task":
            return f"on the task of {who}"
        case "waits":
            return f"waits for room: place {plan['place']} of {plan['queue_length']} for {who}"
        case "quiet":
            return f"quiet until {plan['until']}: {why}"
        case does:
            return f"{does}{f' of {who}' if who else ''}{f': {why}' if why else ''}"


def worst_first(lines: Sequence[Line]) -> list[Line]:
    """Return lines with the worst finding first, then by score and revenue (domain.md 4.15), then by name."""
    return sorted(lines, key=lambda one: (one.badness, -(one.score or 0), -(one.revenue or 0.0), one.name))


def richest_first(lines: Sequence[Line]) -> list[Line]:
    """Return lines by revenue, the largest first, then by contact, then by name."""
    return sorted(lines, key=lambda one: (-(one.revenue or 0.0), -one.person_days, one.name, one.account_id))
