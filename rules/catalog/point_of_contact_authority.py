"""Who owns a key customer has no authority to decide, going by the title.

A customer is easier to keep where the designated point of contact can decide something (B2B stickiness). A title is a
weak sign of that, which is why the rule is off until you know that yours mean something.

What is counted: the level of the owner's title, as the built-in words have it; `[titles]` wins over them.

Raised if that is below `level`.

Unknown where the account has no active owner, or one whom `[people] ignore` names, and where the CRM keeps no title of
the owner (HubSpot keeps none of its users).

How to tune: `[titles]` with `"account executive" = "manager"` tells that such a title carries authority with you.
"""

from __future__ import annotations

from typing import Any

from rules.facts import AccountFacts
from rules.people_measures import user_address, user_name
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level, level_of_title
from rules.wording import day_text, say


class PointOfContactAuthority(Params):
    """`[rules.point-of-contact-authority]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.MANAGER
    level: Level = Level.MANAGER


@rule(params=PointOfContactAuthority, needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}))
def check(facts: AccountFacts, params: PointOfContactAuthority) -> Verdict:
    """Judge whether the owner's title is high enough."""
    owner = facts.users.get(facts.account.owner_id or "")
    title = owner.title.strip() if owner else ""
    level = (facts.titles.level(title) or level_of_title(title)) if title else Level.UNKNOWN
    numbers: dict[str, Any] = {"owner": user_address(facts, owner.id) if owner else None, "owner_level": level.value}
    if owner is None or not owner.active or owner.id in facts.ignored:
        return Unknown(reason=say("the account has no active owner"), numbers=numbers)
    if not title:
        return Unknown(reason=say("the CRM keeps no title of {name}", name=user_name(facts, owner.id)), numbers=numbers)
    if level.rank >= params.level.rank:
        return Clear(message=say("the owner is {title}", title=title), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, owner.id, title), numbers=numbers)


def _finding(facts: AccountFacts, owner_id: str, title: str) -> Finding:
    told = {
        "account": facts.account.name,
        "name": user_name(facts, owner_id),
        "title": title,
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("owner without authority to decide"),
        why=say("{account} is a key customer and owned by {name} ({title}), as of {as_of}.", **told),
        clears_when=say("Clears when somebody whose title carries more authority owns the account."),
        first_step=say(
            "Agree with {name} what can be decided without asking, and tell the customer whom to ask else.", **told
        ),
        figures=say("the owner is {title} as of {as_of}", **told),
    )
