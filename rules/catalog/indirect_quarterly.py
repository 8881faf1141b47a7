"""A senior contact of a key customer, not the main one, has heard nothing from us for a quarter.

Whoever is not our daily contact should hear from us quarterly or more often (Dorman), or the relationship is one with
the main contact alone.

What is counted: senior contacts are those of `level` or higher, and those with the role of an executive; the main
contact, with whom ours had most two-way touch-days in the last `window_days` days, and those who have left are not
among them. Somebody heard from us on the day of any message of or to them by any of ours, answered or not, and of any
meeting that took place or call that connected. A missed call tells nobody anything. Where there was none, the clock
starts at the later of two days: that on which the contact was entered, and that of the first won deal, else
customer-since, else the account's first touch. Users that `[people] ignore` names do not count.

Raised if that is more than `cadence_days` ago for at least one of them. Who waits longest is named first. How often
the customer asked to hear from us goes before it, where `[connections.NAME.map] contact_every_days` names a field that
tells it. Whom the CRM says to be away waits for nothing until they are back.

Unknown where no contact is known, where more than `max_untitled` of them have neither title nor seniority nor role, and
where the CRM does not log messages. Clear where nobody senior but the main contact is known. Company mailings are not
counted: they are not one to one, and a CRM keeps them apart from what people write.

How to tune: `level = "vp"` asks for less, a longer `cadence_days` as well.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from rules.contact_measures import level_text, main_contact, people_text, senior_contacts, title_gate
from rules.facts import AccountFacts
from rules.measures import customer_since, first_touch_on
from rules.model import Contact, Outcome
from rules.people_measures import contact_name, contact_text, is_counted
from rules.rhythm import back_on, cadence
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.titles import Level
from rules.wording import day_text, say, say_n

_TOLD = frozenset({Outcome.HELD, Outcome.SENT})


class IndirectQuarterly(Params):
    """`[rules.indirect-quarterly]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    window_days: Annotated[int, Field(ge=30)] = 365
    level: Level = Level.HEAD
    cadence_days: Annotated[int, Field(ge=1)] = 92
    max_untitled: Annotated[float, Field(ge=0, le=1)] = 0.6


@rule(
    params=IndirectQuarterly,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: IndirectQuarterly) -> Verdict:
    """Judge whether every senior contact is kept in the know."""
    gate, main = title_gate(facts), main_contact(facts, params.window_days)
    others = [one for one in senior_contacts(facts, params.level) if main is None or one.id != main.contact.id]
    since = _since(facts, others)
    cadence_days = cadence(facts, params.cadence_days)
    due = [one for one in others if one.id in since and (facts.today - since[one.id]).days > cadence_days]
    late = [one for one in due if not back_on(facts, [one])]
    late.sort(key=lambda one: (since[one.id], one.name, one.id))
    numbers: dict[str, Any] = {
        "contacts": gate.contacts,
        "untitled_contacts": gate.untitled,
        "senior_contacts": len(others),
        "uninformed": len(late),
        "contact": contact_name(late[0]) if late else None,
        "since": since[late[0].id].isoformat() if late else None,
    }
    if reason := gate.closed_because(params.max_untitled):
        return Unknown(reason=reason, numbers=numbers)
    if not late:
        message = say("every other senior contact heard from us") if others else say("no other senior contact is known")
        return Clear(message=message, numbers=numbers)
    finding = _finding(facts, params.level, cadence_days, late, since[late[0].id])
    return Raised(severity=params.severity, finding=finding, numbers=numbers)


def _since(facts: AccountFacts, contacts: list[Contact]) -> dict[str, date]:
    """Return the day from which each contact's quarter runs, by id; without those for whom nothing tells one."""
    begin = customer_since(facts) or first_touch_on(facts)
    starts = ((one, [day for day in (begin, one.entered_on) if day]) for one in contacts)
    found = {one.id: max(days) for one, days in starts if days}
    heard: dict[str, date] = {}
    for touch in facts.touches if contacts else ():
        if touch.outcome in _TOLD and is_counted(facts, touch):
            for contact_id in touch.theirs:
                heard[contact_id] = max(touch.day, heard.get(contact_id, touch.day))
    return found | {one.id: heard[one.id] for one in contacts if one.id in heard}


def _finding(facts: AccountFacts, level: Level, cadence_days: int, late: list[Contact], since: date) -> Finding:
    first, *others = late
    told = {
        "account": facts.account.name,
        "person": contact_text(first),
        "name": contact_name(first),
        "level": level_text(level),
        "since": day_text(since),
        "as_of": day_text(facts.today),
        "others": say(", nor recently {people}", people=people_text(others)) if others else "",
    }
    return Finding(
        headline=say("senior contact uninformed since {since}", **told),
        why=say("{person} of {account} heard nothing from us since {since}{others} (as of {as_of}).", **told),
        clears_when=say(
            "Clears when each contact {level} had a message, call or meeting within {days} days.",
            days=cadence_days,
            **told,
        ),
        first_step=say("Send {name} three lines: what we did for {account} this quarter, and what comes next.", **told),
        figures=say_n(
            "{n} senior contact uninformed as of {as_of}",
            "{n} senior contacts uninformed as of {as_of}",
            n=len(late),
            as_of=told["as_of"],
        ),
        contact_id=first.id,
    )
