"""None of our executives answers for a key customer.

For each key account somebody of the management should be responsible by name (Miller, Dynamic Business): whoever has
nobody of ours to call above the rep has nobody to stay for once the rep is gone.

What is counted: the field that `[connections.NAME.map] our_sponsor` names, which holds a user or an e-mail address.

Raised if the field is empty, or names nobody who is with us.

Unknown where the key is not mapped.

How to tune: there is no threshold. Where the sponsor is a role on the account team, leave this off and name the role
in `[rules.role-missing]`.
"""

from __future__ import annotations

from typing import Any

from rules.facts import AccountFacts
from rules.mapped_days import NEEDS, unmapped_text
from rules.people_measures import user_name
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text, say


class NoOurSponsor(Params):
    """`[rules.no-our-sponsor]`."""

    enabled: bool = False
    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER


@rule(params=NoOurSponsor, needs=NEEDS)
def check(facts: AccountFacts, params: NoOurSponsor) -> Verdict:
    """Judge whether somebody active of ours answers for the account."""
    named = facts.account.sponsor
    user = facts.users.get(named or "")
    numbers: dict[str, Any] = {
        "sponsor": user_name(facts, named) if named else None,
        "with_us": user is not None and user.active,
    }
    if named is None:
        return Unknown(reason=unmapped_text("our_sponsor"), numbers=numbers)
    if user and user.active:
        return Clear(message=say("{name} answers for it", name=user_name(facts, user.id)), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, named), numbers=numbers)


def _finding(facts: AccountFacts, named: str) -> Finding:
    told = {"account": facts.account.name, "name": user_name(facts, named), "as_of": day_text(facts.today)}
    if not named:
        why = say("No executive of ours is named who answers for {account} (as of {as_of}).", **told)
    elif named in facts.users:
        why = say("{name}, who answered for {account}, is no longer with us (as of {as_of}).", **told)
    else:
        why = say("{name} is to answer for {account}, and is none of our people (as of {as_of}).", **told)
    return Finding(
        headline=say("no executive of ours answers for it"),
        why=why,
        clears_when=say("Clears when the field in the CRM names somebody active of ours."),
        first_step=say("Ask an executive to answer for {account}, and to call their management once.", **told),
        figures=say("no sponsor of ours as of {as_of}", **told),
    )
