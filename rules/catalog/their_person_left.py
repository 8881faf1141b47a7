"""A person who carried the tie at a key customer has left, and nobody new there has been in touch since.

A tie that one of theirs carried ends with that person's job; who follows brings ties of their own. Ties that bridge
two groups fade fast unless somebody renews them: nine of ten are gone a year later (Burt 2002).

What is counted: contacts of whom the CRM itself says that they left (a relation that ended, a job change that was
detected, a mailbox that is gone), at most `raised_days` days ago. One matters who is an executive, by a level of
`level` or higher or by the role of decision-maker or executive sponsor; or who took part in `share` or more of the
person-days of the last `window_days` days, a person-day being one of ours on a local day with at least one two-way
touch with the account.

Raised for one who matters, unless somebody new has come since: a contact whose first two-way touch of all is later
than the departure. One severity worse for an executive. Of several the executive is named, then the latest to leave.
Unknown where nothing in the CRM says that contacts leave, and where the CRM is not told of e-mails.

To tune: a lower `share` also speaks of lesser contacts; `raised_days` is how long it is worth asking who follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import pair_days
from rules.facts import AccountFacts
from rules.measures import coverage
from rules.model import Contact
from rules.people_measures import contact_name, contact_text, fitting_headline, is_senior, left_on, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.two_way import last_met, two_way
from rules.wording import day_text, say, short_name

# How the CRMs' signs of a departure (`Contact.left_why`) are said.
_SIGNS = {
    "job change detected": say("job change detected"),
    "e-mail bounced": say("e-mail bounced"),
    "relation ended": say("relation ended"),
}


class TheirPersonLeft(Params):
    """`[rules.their-person-left]`."""

    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    share: Annotated[float, Field(gt=0, le=1)] = 0.2
    raised_days: Annotated[int, Field(ge=1)] = 180
    level: Level = Level.VP


@rule(
    params=TheirPersonLeft,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    weight=10,
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: TheirPersonLeft) -> Verdict:
    """Judge whether somebody who mattered has left and nobody has come instead."""
    left = [(contact, day) for contact in facts.contacts if (day := left_on(facts, contact))]
    if not left and "departures" in facts.untold:
        return Unknown(reason=facts.untold["departures"], numbers={"left": 0})
    recent = [(contact, day) for contact, day in left if (facts.today - day).days <= params.raised_days]
    losses = _losses(facts, params, recent) if recent else []
    unfilled = [loss for loss in losses if not _is_anybody_new(facts, loss)]
    loss = next(iter([*unfilled, *losses]), None)
    numbers: Mapping[str, Any] = {
        "left": len(left),
        "contact": contact_name(loss.contact) if loss else None,
        "left_on": loss.left_on.isoformat() if loss else None,
        "executive": loss.executive if loss else None,
        "contact_days": loss.days if loss else None,
        "person_days": loss.total if loss else None,
    }
    if not unfilled:
        new, nobody = say("somebody new has been in touch since"), say("nobody who mattered left of late")
        return Clear(message=new if losses else nobody, numbers=numbers)
    severity = params.severity.worse if unfilled[0].executive else params.severity
    return Raised(severity=severity, finding=_finding(facts, params, unfilled[0]), numbers=numbers)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Loss:
    """Somebody who left and mattered; `days` of all `total` person-days in the window were with them."""

    contact: Contact
    left_on: date
    executive: bool
    days: int
    total: int


def _losses(facts: AccountFacts, params: TheirPersonLeft, recent: list[tuple[Contact, date]]) -> list[_Loss]:
    """Return those who mattered: executives first, then the latest to leave."""
    total, days = coverage(facts, params.window_days).total, pair_days(facts, params.window_days)
    losses = [
        _Loss(
            contact=contact,
            left_on=day,
            executive=is_senior(facts, contact, params.level),
            days=len(days.get(contact.id, ())),
            total=total,
        )
        for contact, day in recent
    ]
    matter = [one for one in losses if one.executive or (one.days and one.days / total >= params.share)]
    return sorted(matter, key=lambda one: (not one.executive, -one.left_on.toordinal(), one.contact.id))


def _is_anybody_new(facts: AccountFacts, loss: _Loss) -> bool:
    met = [
        (contact_id, touch.day) for touch, _, contact_id in two_way(facts) if contact_id not in {None, loss.contact.id}
    ]
    return bool({one for one, day in met if day > loss.left_on} - {one for one, day in met if day <= loss.left_on})


def _finding(facts: AccountFacts, params: TheirPersonLeft, loss: _Loss) -> Finding:
    name = contact_name(loss.contact)
    told = {
        "person": contact_text(loss.contact),
        "name": name,
        "short": short_name(name),
        "account": facts.account.name,
        "day": day_text(loss.left_on),
        "part": say("{days} of {total} contact days", days=loss.days, total=loss.total),
        "window": window_text(params.window_days),
        "sign": say(" ({why})", why=_SIGNS.get(loss.contact.left_why, loss.contact.left_why))
        if loss.contact.left_why
        else "",
        "as_of": day_text(facts.today),
    }
    asked = last_met(facts)
    return Finding(
        headline=fitting_headline(say("{short} left on {day}", **told), say("a key contact left on {day}", **told)),
        why=say(
            "The CRM says that {person}, who had a part in {part} of the {window} to {as_of}, left {account} on "
            "{day}{sign}, and nobody new there has been in touch since.",
            **told,
        ),
        clears_when=say(
            "Clears when somebody of theirs who was never in touch before has met us, taken a call or exchanged "
            "messages after {day}.",
            **told,
        ),
        first_step=say(
            "Ask {asked} who follows {name}, and for an introduction.", asked=contact_text(asked.contact), **told
        )
        if asked
        else say("Find out who follows {name}, and ask for a first meeting.", **told),
        figures=say("{short} left {day}, {part} as of {as_of}", **told),
        contact_id=loss.contact.id,
    )
