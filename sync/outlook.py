"""What a config makes of one account and its tasks now, without keeping anything. Pure.

`explain` tells it of one account, `rules preview` compares it under two configs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from connectors.protocol import CreateTask
from rules.facts import AccountFacts
from rules.rule import Raised, Verdict
from rules.rulebook import Rulebook
from sync.config import Config
from sync.findings import FindingState, advance
from sync.people import People
from sync.plan import HeldBack, OurTask, Plan, Situation
from sync.planner import make_plan


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One config, with its rules and what its people are to each other."""

    config: Config
    rulebook: Rulebook
    people: People


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What the ledger knows of one account: its findings, its unfinished tasks, and whether it is put off.

    `held` is what the last plan of all accounts held back of it, for want of room above all.
    """

    states: Mapping[str, FindingState] = field(default_factory=dict)
    tasks: tuple[OurTask, ...] = ()
    snoozed_until: date | None = None
    held: tuple[HeldBack, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """One account as the next complete evaluation leaves it: verdicts and findings by rule, and its tasks' plan."""

    facts: AccountFacts
    verdicts: Mapping[str, Verdict]
    states: Mapping[str, FindingState]
    plan: Plan

    @property
    def assignees(self) -> dict[str, str]:
        """The id of the person whose new task tells it, by rule that is raised now."""
        raised = {rule for rule, verdict in self.verdicts.items() if isinstance(verdict, Raised)}
        return {rule: one.assignee_id for one in self.plan.of(CreateTask) for rule in one.rules if rule in raised}


def outlook(side: Side, facts: AccountFacts, remembered: Remembered, now: datetime) -> Outlook:
    """Judge an account under a config, advance what is remembered of it, and plan its tasks; fields are left out."""
    verdicts = side.rulebook.judge(facts)
    standing, owner_id = facts.standing, facts.account.owner_id
    states = advance(remembered.states, verdicts, now, side.config.language, elsewhere=standing.elsewhere)
    situation = Situation(
        account_id=facts.account.id,
        account_name=facts.account.name,
        tier=standing.tier if standing.customer and standing.key else "",
        findings=states,
        rule_routes={rule: side.rulebook.params(rule, standing.tier).route for rule in verdicts},
        routes=side.people.routes(owner_id, facts.account.sponsor),
        tasks=remembered.tasks,
        snoozed_until=remembered.snoozed_until,
        in_pilot=side.people.in_pilot(side.config.writeback.pilot, owner_id, standing.tier),
        language=side.config.language,
    )
    nothing_due = not remembered.tasks and not any(state.open for state in states.values())
    some = [] if nothing_due else [situation]
    plan = make_plan("", some, side.people.days(side.config.calendar, facts.today), frozenset())
    return Outlook(facts=facts, verdicts=verdicts, states=states, plan=plan)
