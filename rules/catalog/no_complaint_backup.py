"""The main contact of a key customer knows only one person of ours.

A customer who knows one of us has nobody to complain to about that one. The third of Lewis's seven habits is that there
is somebody else whom the customer can go to.

What is counted: the main contact is the one with most two-way touch-days in the last `window_days` days: pairs of one
of ours and a local day with a meeting that was held, a call that connected, or a message that the same two people
answered within 30 days. Ties go to the one with the later last day. Contacts who have left are no main contact.
Colleagues who are inactive count, users that `[people] ignore` names do not.

Raised if there are at least `min_touch_days` person-days (one of ours and a local day with a two-way touch with anybody
there), and one person of ours alone has such a touch with the main contact.

Unknown with fewer person-days, where nobody of theirs is in touch, and where the CRM does not log messages.

How to tune: a shorter `window_days` asks for a second person of late; `min_touch_days` keeps accounts with little
contact out.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import MainContact, main_contact
from rules.facts import AccountFacts
from rules.measures import coverage
from rules.people_measures import contact_name, contact_text, too_few_days, user_name, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import day_text, say, say_n, short_name


class NoComplaintBackup(Params):
    """`[rules.no-complaint-backup]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    min_touch_days: Annotated[int, Field(ge=1)] = 8


@rule(
    params=NoComplaintBackup,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: NoComplaintBackup) -> Verdict:
    """Judge whether the main contact has a second person of ours to turn to."""
    total = coverage(facts, params.window_days).total
    main = main_contact(facts, params.window_days)
    numbers: dict[str, Any] = {
        "person_days": total,
        "contact": contact_name(main.contact) if main else None,
        "contact_days": len(main.days) if main else 0,
        "our_people": len(main.our_ids) if main else 0,
    }
    if total < params.min_touch_days:
        return Unknown(reason=too_few_days(total, params.min_touch_days), numbers=numbers)
    if main is None:
        return Unknown(reason=say("nobody of theirs is in touch with us"), numbers=numbers)
    if len(main.our_ids) > 1:
        return Clear(message=say("the main contact knows {n} of ours", n=len(main.our_ids)), numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, main, total), numbers=numbers)


def _finding(facts: AccountFacts, params: NoComplaintBackup, main: MainContact, total: int) -> Finding:
    user_id = main.our_ids[0]
    ours, name = user_name(facts, user_id), contact_name(main.contact)
    told = {
        "name": name,
        "window": window_text(params.window_days),
        "as_of": day_text(facts.today),
        "days": say_n("{days} of {n} contact day", "{days} of {n} contact days", n=total, days=len(main.days)),
    }
    return Finding(
        headline=say("main contact knows only one of ours"),
        why=say(
            "{person}, the main contact at {account}, was in touch with {ours} alone in the {window} to {as_of}, on "
            "{days}, and has nobody else of ours to turn to with a complaint.",
            person=contact_text(main.contact),
            account=facts.account.name,
            ours=ours,
            **told,
        ),
        clears_when=say(
            "Clears when a second person of ours has had a meeting or a call with {name}, or exchanged messages, "
            "within {window}.",
            **told,
        ),
        first_step=say("Introduce {second} to {name} as a second address.", second=_second(facts, user_id), **told),
        figures=say(
            "{short} knows only {ours}, {days} as of {as_of}", short=short_name(name), ours=short_name(ours), **told
        ),
        contact_id=main.contact.id,
    )


def _second(facts: AccountFacts, user_id: str) -> str:
    """Name the manager of the one they know, if there is one who can take a complaint."""
    user = facts.users.get(user_id)
    manager = facts.users.get(user.manager_id or "") if user else None
    if manager is None or not manager.active or manager.id == user_id or manager.id in facts.ignored:
        return say("a colleague")
    return user_name(facts, manager.id)
