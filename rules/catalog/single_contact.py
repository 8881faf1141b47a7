"""Only one person of a key customer is in touch with us.

A relationship that one contact carries ends when that contact leaves, falls out with us or loses the budget. Of all
coverage, our people by theirs, 1x1 is the riskiest (Butler Street), and ties to more of a customer's people pay most
where those people change often (Palmatier 2008, 446 B2B exchanges). The remedy is an introduction.

What is counted: the customer's people who have a thread with us, that is at least one two-way touch with any of ours in
the last `window_days` days: a meeting that was held, a call that connected, or a message that the same two people
answered within 30 days. Whom we only write to does not count, nor do meetings of users that `[people] ignore` names. A
contact who has left since counts for the window.

Raised if there are at least `min_touch_days` person-days, and exactly one contact has a thread. A person-day is one of
ours and a local day with at least one two-way touch with the account.

Unknown with fewer person-days, since a few days with one contact are chance; where no contact at all has a thread,
since then the meetings and calls do not say whom we met; and where the CRM does not log messages.

How to tune: raise `min_touch_days` to 12 where accounts with little contact are named too often; a shorter
`window_days` finds those whom one contact carries of late.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import people_text, present
from rules.facts import AccountFacts
from rules.measures import coverage
from rules.model import Contact
from rules.people_measures import (
    by_rank,
    contact_days,
    contact_name,
    contact_text,
    left_on,
    too_few_days,
    window_text,
)
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import Text, day_text, say, short_name


class SingleContact(Params):
    """`[rules.single-contact]`."""

    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    min_touch_days: Annotated[int, Field(ge=1)] = 8


@rule(
    params=SingleContact,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    weight=15,
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: SingleContact) -> Verdict:
    """Judge whether one contact carries the relationship."""
    seen = coverage(facts, params.window_days)
    ids = sorted({contact_id for _, contact_id in seen.threads})
    only = _contact(facts, ids[0]) if len(ids) == 1 else None
    silent = [one for one in present(facts) if one.id not in ids]
    numbers: dict[str, Any] = {
        "person_days": seen.total,
        "contacts_in_touch": len(ids),
        "contact": contact_name(only) if only else None,
        "silent_contacts": len(silent),
        "coverage": seen.label,
    }
    if seen.total < params.min_touch_days:
        return Unknown(reason=too_few_days(seen.total, params.min_touch_days), numbers=numbers)
    if not ids:
        return Unknown(reason=say("the meetings and calls do not say whom of theirs we met"), numbers=numbers)
    if only is None:
        return Clear(message=say("{n} contacts are in touch with us", n=len(ids)), numbers=numbers)
    finding = _finding(facts, params, only, by_rank(facts, silent), seen.total)
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _contact(facts: AccountFacts, contact_id: str) -> Contact:
    """Return the contact, by the id alone where nothing else is known."""
    unknown = Contact(id=contact_id, account_id=facts.account.id, name="")
    return next((one for one in facts.contacts if one.id == contact_id), unknown)


def _finding(facts: AccountFacts, params: SingleContact, only: Contact, silent: list[Contact], total: int) -> Finding:
    told = {
        "person": contact_text(only),
        "short": short_name(contact_name(only)),
        "account": facts.account.name,
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
        "days": contact_days(total),
        "others": say("known but silent: {people}", people=people_text(silent))
        if silent
        else say("nobody else of theirs is known"),
    }
    return Finding(
        headline=say("only one contact answers us"),
        why=say(
            "Only {person} of {account} answered or met us in the {window} to {as_of}, over {days}; {others}.", **told
        ),
        clears_when=say(
            "Clears when a second contact of theirs has had a meeting or a call with any of ours, or exchanged "
            "messages, within {window}.",
            **told,
        ),
        first_step=_first_step(facts, only, silent),
        figures=say("only {short} answers, {days} as of {as_of}", **told),
        contact_id=only.id,
    )


def _first_step(facts: AccountFacts, only: Contact, silent: list[Contact]) -> Text:
    """Ask the one contact for an introduction; one who has left can give none."""
    name, other = contact_name(only), contact_text(silent[0]) if silent else ""
    if gone_on := left_on(facts, only):
        whom = say("{other} for a first talk", other=other) if other else say("who follows")
        return say("{name} left on {day}: ask {whom}.", name=name, day=day_text(gone_on), whom=whom)
    return say("Ask {name} for one introduction, to {whom}.", name=name, whom=other or say("a colleague"))
