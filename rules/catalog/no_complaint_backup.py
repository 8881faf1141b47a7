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
from rules.people_measures import contact_name, contact_text, user_name, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import count_text, day_text, short_name


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
        reason = f"not enough activity: {total} of {params.min_touch_days} person-days"
        return Unknown(reason=reason, numbers=numbers)
    if main is None:
        return Unknown(reason="nobody of theirs is in touch with us", numbers=numbers)
    if len(main.our_ids) > 1:
        return Clear(message=f"the main contact knows {len(main.our_ids)} of ours", numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, main, total), numbers=numbers)


def _finding(facts: AccountFacts, params: NoComplaintBackup, main: MainContact, total: int) -> Finding:
    user_id = main.our_ids[0]
    ours, name = user_name(facts, user_id), contact_name(main.contact)
    as_of, window = day_text(facts.today), window_text(params.window_days)
    days = f"{len(main.days)} of {count_text(total, 'contact day')}"
    return Finding(
        headline="main contact knows only one of ours",
        why=f"{contact_text(main.contact)}, the main contact at {facts.account.name}, was in touch with {ours} alone "
        f"in the {window} to {as_of}, on {days}, and has nobody else of ours to turn to with a complaint.",
        clears_when=f"Clears when a second person of ours has had a meeting or a call with {name}, or exchanged "
        f"messages, within {window}.",
        first_step=f"Introduce {_second(facts, user_id)} to {name} as a second address.",
        figures=f"{short_name(name)} knows only {short_name(ours)}, {days} as of {as_of}",
        contact_id=main.contact.id,
    )


def _second(facts: AccountFacts, user_id: str) -> str:
    """Name the manager of the one they know, if there is one who can take a complaint."""
    user = facts.users.get(user_id)
    manager = facts.users.get(user.manager_id or "") if user else None
    if manager is None or not manager.active or manager.id == user_id or manager.id in facts.ignored:
        return "a colleague"
    return user_name(facts, manager.id)
