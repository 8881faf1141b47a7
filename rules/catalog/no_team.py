"""A key customer has no team: at most one of ours is on it in the CRM.

Major customers deserve a dedicated team of at least two, in roles that are agreed (revolving-door article, step 2): who
leaves then takes no customer along.

What is counted: the active members of the account's team in the CRM, its active owner among them whether listed or
not. That is Account Teams in Salesforce; in HubSpot the owner properties of companies that
`[connections.NAME.map.team]` names. Who works on a deal alone is not on the account's team. Users that `[people]
ignore` names do not count.

Raised if they are fewer than `min_members`. Who of ours was in touch with the account without being on the team is
named: a team may be there that nobody wrote down.

Unknown where nobody is on the team of any account in the CRM: then it is not kept there.

How to tune: `min_members = 3` for tier A, where sales, service and an executive belong together.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.people_measures import user_name, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Verdict, rule
from rules.team import TEAM_NEEDS, in_touch, members, users_text
from rules.wording import Text, day_text, say, say_n


class NoTeam(Params):
    """`[rules.no-team]`."""

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.MANAGER
    min_members: Annotated[int, Field(ge=1, description="active members, the owner among them")] = 2
    window_days: Annotated[int, Field(ge=30, description="in touch within this: may be asked to join")] = 365


@rule(params=NoTeam, needs=TEAM_NEEDS, hears=frozenset({"team"}))
def check(facts: AccountFacts, params: NoTeam) -> Verdict:
    """Judge whether enough of ours are on the account."""
    there = sorted(members(facts), key=lambda user_id: user_name(facts, user_id))
    numbers: dict[str, Any] = {"members": len(there), "listed": len(facts.team)}
    if len(there) >= params.min_members:
        message = say_n("{n} active member", "{n} active members", n=len(there))
        return Clear(message=message, numbers=numbers)
    others = in_touch(facts, params.window_days)
    return Raised(severity=params.severity, finding=_finding(facts, params, there, others), numbers=numbers)


def _finding(facts: AccountFacts, params: NoTeam, there: list[str], others: list[str]) -> Finding:
    told = {
        "account": facts.account.name,
        "who": users_text(facts, there),
        "others": users_text(facts, others),
        "needed": params.min_members,
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
    }
    alone = (
        say("Nobody active is on the team of {account} in the CRM as of {as_of}", **told)
        if not there
        else say("Only {who} is on the team of {account} in the CRM as of {as_of}", **told)
        if len(there) == 1
        else say("Only {who} are on the team of {account} in the CRM as of {as_of}", **told)
    )
    more = say("; also in touch in the last {window}: {others}", **told) if others else ""
    return Finding(
        headline=say("no team"),
        why=say("{alone}{more}.", alone=alone, more=more),
        clears_when=say("Clears when {needed} active colleagues or more are on the team, the owner counted.", **told),
        first_step=_first_step(facts, others),
        figures=say_n("{n} on the team as of {as_of}", "{n} on the team as of {as_of}", n=len(there), **told),
    )


def _first_step(facts: AccountFacts, others: list[str]) -> Text:
    if others:
        return say("Put {name} on the team in the CRM, with a role.", name=user_name(facts, others[0]))
    return say("Name a second colleague with a role of their own, and put them on the team in the CRM.")
