"""Our sponsor of a key customer answers for more key customers than one person can.

An executive who plays a regular part needs the time for it (Miller, Dynamic Business; revolving-door article, step 3):
two real exchanges a year with each of twenty customers are one every nine days.

What is counted: the key accounts of the same CRM whose field, as `[connections.NAME.map] our_sponsor` names it, names
the same person.

Raised if they are more than `max_accounts`, on each of them. Clear where nobody who is with us is named, which
`no-our-sponsor` tells.

Unknown where the key is not mapped.

How to tune: `max_accounts` by what else your executives do. By default it makes no task: it is told in the report,
for whoever hands the accounts out.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.mapped_days import NEEDS, unmapped_text
from rules.people_measures import user_name
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text, say


class SponsorOverloaded(Params):
    """`[rules.sponsor-overloaded]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.REPORT
    max_accounts: Annotated[int, Field(ge=1, description="key accounts that one sponsor can answer for")] = 10


@rule(params=SponsorOverloaded, needs=NEEDS)
def check(facts: AccountFacts, params: SponsorOverloaded) -> Verdict:
    """Judge whether the sponsor has few enough accounts."""
    named = facts.account.sponsor
    user = facts.users.get(named or "")
    count = facts.sponsored.get(user.id, 0) if user else 0
    numbers: dict[str, Any] = {"sponsor": user_name(facts, named) if named else None, "accounts": count}
    if named is None:
        return Unknown(reason=unmapped_text("our_sponsor"), numbers=numbers)
    if user is None or not user.active:
        return Clear(message=say("nobody of ours answers for it"), numbers=numbers)
    if count <= params.max_accounts:
        return Clear(message=say("{name} answers for it", name=user_name(facts, user.id)), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, user.id, count), numbers=numbers)


def _finding(facts: AccountFacts, params: SponsorOverloaded, user_id: str, count: int) -> Finding:
    told = {
        "account": facts.account.name,
        "name": user_name(facts, user_id),
        "count": count,
        "most": params.max_accounts,
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("its sponsor answers for too many"),
        why=say("{name} answers for {count} key customers, {account} among them (as of {as_of}).", **told),
        clears_when=say("Clears when {name} answers for no more than {most}, or somebody else for {account}.", **told),
        first_step=say("Agree which of them another executive takes over.", **told),
        figures=say("sponsor of {count} as of {as_of}", **told),
    )
