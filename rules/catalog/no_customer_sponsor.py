"""No contact of a key customer is marked as our sponsor there.

Somebody in a high position who wants us to succeed is worth cultivating (B2B stickiness), and whether we have a sponsor
there is a question of the annual litmus test. Who it is can only be said by those who know: by a role in the CRM.

What is counted: the roles of the contacts who have not left: in Salesforce those of the account's contact relations and
of the contact roles of its deals, in HubSpot the buying roles.

Raised if none of them is `executive-sponsor`, though somebody has a role: roles are kept for this customer then.

Unknown where no contact there has any role: nobody can tell then whether a sponsor is missing or only not marked.

How to tune: there is no threshold. Where nobody keeps roles, leave the rule off.
"""

from __future__ import annotations

from typing import Any

from rules.contact_measures import pair_days, present, senior_contacts
from rules.facts import AccountFacts
from rules.people_measures import by_rank, contact_name, contact_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import Text, day_text, say, say_n

SPONSOR = "executive-sponsor"
_PROBABLE_DAYS = 365


class NoCustomerSponsor(Params):
    """`[rules.no-customer-sponsor]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER


@rule(params=NoCustomerSponsor, needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}))
def check(facts: AccountFacts, params: NoCustomerSponsor) -> Verdict:
    """Judge whether somebody there is marked as our sponsor."""
    there = present(facts)
    with_role = sum(bool(one.roles) for one in there)
    sponsors = by_rank(facts, (one for one in there if SPONSOR in one.roles))
    numbers: dict[str, Any] = {
        "contacts": len(there),
        "with_role": with_role,
        "contact": contact_name(sponsors[0]) if sponsors else None,
    }
    if sponsors:
        return Clear(message=say("{name} is the sponsor there", name=contact_text(sponsors[0])), numbers=numbers)
    if not with_role:
        return Unknown(reason=say("no contact of theirs has a role in the CRM"), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, with_role), numbers=numbers)


def _finding(facts: AccountFacts, with_role: int) -> Finding:
    account, as_of = facts.account.name, day_text(facts.today)
    roles = say_n("{n} contact has another role", "{n} contacts have other roles", n=with_role)
    return Finding(
        headline=say("no sponsor named there"),
        why=say(
            "Nobody at {account} is marked as our sponsor; {roles} (as of {as_of}).",
            account=account,
            roles=roles,
            as_of=as_of,
        ),
        clears_when=say("Clears when a contact there has the role of executive sponsor in the CRM."),
        first_step=_first_step(facts),
        figures=say("no sponsor; {roles} as of {as_of}", roles=roles, as_of=as_of),
    )


def _first_step(facts: AccountFacts) -> Text:
    """Propose the most senior one who is in touch with us."""
    days = pair_days(facts, _PROBABLE_DAYS)
    probable = [one for one in senior_contacts(facts, Level.VP) if one.id in days]
    if not probable:
        return say("Agree who there could become our sponsor, and how to win that person.")
    return say(
        "Mark the sponsor in the CRM; {name} is in touch with us and may be the one.", name=contact_text(probable[0])
    )
