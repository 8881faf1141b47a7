"""Several of our departments turn to the same person of a key customer, and no team keeps them together.

Infighting is among the reasons why customers go (Miller, Dynamic Business), and what they call good is the same word
from everybody who touches them (B2B stickiness). Three departments that write to one person within a month should at
least know of each other.

What is counted: who of ours turned to a contact in the last `window_days` days: wrote, called, whoever answered, or met
them. A department is that of the user in Salesforce, and the main team of the owner in HubSpot, compared without regard
to upper and lower case. Users that `[people] ignore` names do not count.

Raised if people of `departments` or more departments turned to the same contact, and nobody active is on the account's
team in the CRM. The contact with most of them is named.

Unknown where it hangs on people whose department the CRM does not tell, and where the CRM does not log messages.

How to tune: `departments` up where many have good reason to write. Where a team is kept for every account it is silent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import present
from rules.facts import AccountFacts
from rules.model import Contact
from rules.people_measures import contact_name, contact_text, is_reaction
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.team import TEAM_NEEDS, active_team, users_text
from rules.wording import day_text, joined, say, say_n


class Uncoordinated(Params):
    """`[rules.uncoordinated]`."""

    enabled: bool = False
    severity: Severity = Severity.LOW
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=1)] = 30
    departments: Annotated[int, Field(ge=2, description="so many of ours at one person are too many")] = 3


@rule(params=Uncoordinated, needs=TEAM_NEEDS, hears=frozenset({"email"}))
def check(facts: AccountFacts, params: Uncoordinated) -> Verdict:
    """Judge whether too many departments turn to one contact by themselves."""
    ours = _who_turned_to(facts, params.window_days)
    known = {one: _departments(facts, users) for one, users in ours.items()}
    unknown = {one: sum(not _department(facts, user) for user in users) for one, users in ours.items()}
    there = [one for one in present(facts) if one.id in ours]
    most = max(there, key=lambda one: (len(known[one.id]), one.id), default=None)
    numbers: dict[str, Any] = {
        "departments": len(known[most.id]) if most else 0,
        "contact": contact_name(most) if most else None,
        "team": len(active_team(facts)),
    }
    if active_team(facts):
        return Clear(message=say("a team keeps them together"), numbers=numbers)
    if most and len(known[most.id]) >= params.departments:
        finding = _finding(facts, params, most, ours[most.id])
        return Raised(severity=params.severity, finding=finding, numbers=numbers)
    if any(len(known[one.id]) + unknown[one.id] >= params.departments for one in there):
        return Unknown(reason=say("the departments of our people are missing"), numbers=numbers)
    return Clear(message=say("few departments turn to the same contact"), numbers=numbers)


def _who_turned_to(facts: AccountFacts, window_days: int) -> Mapping[str, frozenset[str]]:
    """Return who of ours turned to each contact in the window, by contact id."""
    after = facts.today - timedelta(days=window_days)
    found: defaultdict[str, set[str]] = defaultdict(set)
    for touch in facts.touches:
        if touch.day > after and is_reaction(touch):
            for contact_id in touch.theirs:
                found[contact_id].update(touch.ours)
    return {contact_id: frozenset(users - facts.ignored) for contact_id, users in found.items()}


def _departments(facts: AccountFacts, user_ids: frozenset[str]) -> Mapping[str, str]:
    """Return the departments of some users as the CRM writes them, by what names them in any spelling."""
    names = sorted(_department(facts, user_id) for user_id in user_ids)
    return {name.casefold(): name for name in names if name}


def _department(facts: AccountFacts, user_id: str) -> str:
    user = facts.users.get(user_id)
    return user.department if user else ""


def _finding(facts: AccountFacts, params: Uncoordinated, contact: Contact, ours: frozenset[str]) -> Finding:
    departments = _departments(facts, ours)
    told = {
        "account": facts.account.name,
        "person": contact_text(contact),
        "name": contact_name(contact),
        "departments": joined(departments.values()),
        "who": users_text(facts, sorted(ours)),
        "days": params.window_days,
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say_n("{n} department at the same contact", "{n} departments at the same contact", n=len(departments)),
        why=say(
            "{departments} turned to {person} of {account} in the {days} days to {as_of}, and no team is named: {who}.",
            **told,
        ),
        clears_when=say("Clears when fewer of our departments turn to one contact, or the account has a team."),
        first_step=say("Agree who speaks with {name} for us, and put them on the account's team.", **told),
        figures=say_n(
            "{n} department at {name} as of {as_of}",
            "{n} departments at {name} as of {as_of}",
            n=len(departments),
            **{key: told[key] for key in ("name", "as_of")},
        ),
        contact_id=contact.id,
    )
