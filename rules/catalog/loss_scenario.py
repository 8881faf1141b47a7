"""Somebody else bids for the business of a key customer.

To know what it would take to lose a customer, look at who else is calling on them (Lewis, second habit), and agree
beforehand on how each of ours, and our friends there, will answer.

What is counted: the customer's deals that are open, and those that were lost in the last `window_days` days, where the
field that `[connections.NAME.map.deals] competitor` names is filled.

Raised if there is one. Named is the latest, an open one first.

Unknown where the key is not mapped, and where no deal of theirs is known.

How to tune: `window_days` is how long a loss is told.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.mapped_days import NEEDS
from rules.model import Deal
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text, listed, say


class LossScenario(Params):
    """`[rules.loss-scenario]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1)] = 365


@rule(params=LossScenario, needs=NEEDS)
def check(facts: AccountFacts, params: LossScenario) -> Verdict:
    """Judge whether a competitor is in play."""
    after = facts.today - timedelta(days=params.window_days)
    rivals = [one for one in facts.deals if one.competitor and not one.won and (one.closed_on or date.max) > after]
    rivals.sort(key=lambda one: (one.closed_on or date.max, one.id), reverse=True)
    numbers: dict[str, Any] = {
        "deals": len(rivals),
        "competitor": rivals[0].competitor if rivals else None,
        "lost_on": rivals[0].closed_on.isoformat() if rivals and rivals[0].closed_on else None,
    }
    if rivals:
        return Raised(severity=params.severity, finding=_finding(facts, params, rivals), numbers=numbers)
    if all(one.competitor is None for one in facts.deals):
        reason = say("no deal of theirs tells it: needs [connections.NAME.map.deals] competitor")
        return Unknown(reason=reason, numbers=numbers)
    return Clear(message=say("no deal names a competitor"), numbers=numbers)


def _finding(facts: AccountFacts, params: LossScenario, rivals: list[Deal]) -> Finding:
    first = rivals[0]
    told = {
        "account": facts.account.name,
        "rival": first.competitor,
        "rivals": listed(dict.fromkeys(one.competitor or "" for one in rivals)),
        "deal": first.name or first.id,
        "lost": day_text(first.closed_on) if first.closed_on else "",
        "days": params.window_days,
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("a competitor bids for it"),
        why=say('{rival} bids for the deal "{deal}" of {account} (as of {as_of}).', **told)
        if first.closed_on is None
        else say('{rival} bid for the deal "{deal}" of {account}, which we lost on {lost} (as of {as_of}).', **told),
        clears_when=say("Clears when no open deal, and none lost within {days} days, names a competitor.", **told),
        first_step=say("Agree what {rival} could win {account} with, and how each of ours answers.", **told),
        figures=say("{rivals} in play as of {as_of}", **told),
    )
