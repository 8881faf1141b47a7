"""A role that a key customer's team must have is held by nobody who is with us.

Structured roles make a team of several people (revolving-door article, step 2): one for the contract, one for
the technical side, an executive who stands behind both.

What is counted: the roles of the active members of the account's team in the CRM (the Team Role of Account Teams in
Salesforce; in HubSpot the keys of `[connections.NAME.map.team]`), compared without regard to upper and lower case.
Who works on a deal alone does not count, nor do users that `[people] ignore` names.

Raised if one of `roles` is held by nobody. Says nothing as long as `roles` is empty.

Unknown where nobody is on the team of any account in the CRM.

How to tune: `roles` in the words of your CRM, and a table of its own for a tier that needs more or fewer:
`[rules.role-missing.tier.A]`.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.people_measures import fitting_headline
from rules.rule import Clear, Finding, NotApplicable, Params, Raised, Route, Severity, Verdict, rule
from rules.team import TEAM_NEEDS, active_team, members, users_text
from rules.wording import day_text, listed, say, say_n


class RoleMissing(Params):
    """`[rules.role-missing]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.MANAGER
    roles: tuple[str, ...] = Field(default=(), description="which every team must have, in the words of the CRM")


@rule(params=RoleMissing, needs=TEAM_NEEDS, hears=frozenset({"team"}))
def check(facts: AccountFacts, params: RoleMissing) -> Verdict:
    """Judge whether every role is held."""
    if not params.roles:
        return NotApplicable(reason=say("[rules.role-missing] roles names none"))
    held = {one.role.strip().lower() for one in active_team(facts)}
    missing = [role for role in params.roles if role.strip().lower() not in held]
    numbers: dict[str, Any] = {"roles": len(params.roles), "missing": ", ".join(missing)}
    if not missing:
        return Clear(message=say("every role is held"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, missing), numbers=numbers)


def _finding(facts: AccountFacts, missing: list[str]) -> Finding:
    there = sorted(members(facts))
    told = {
        "account": facts.account.name,
        "roles": listed(missing),
        "role": missing[0],
        "who": users_text(facts, there) if there else say("nobody"),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=fitting_headline(say("no {roles} on the team", **told), say("roles on the team are empty")),
        why=say("Nobody active on the team of {account} is {roles} as of {as_of}; on it: {who}.", **told),
        clears_when=say_n(
            "Clears when somebody active has the role.", "Clears when somebody active has each of them.", n=len(missing)
        ),
        first_step=say("Name somebody as {role}, and put them on the team in the CRM.", **told),
        figures=say("without {roles} as of {as_of}", **told),
    )
