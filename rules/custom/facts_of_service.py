"""Service: the account's tickets, cases in Salesforce. They are read where a rule that is on needs them."""

from __future__ import annotations

from rules.custom.fact import Unit, fact
from rules.facts import AccountFacts
from rules.tickets import HIGH_PRIORITIES, is_high, oldest, opened_within


@fact(Unit.COUNT, hears="tickets", needs="tickets")
def tickets_open(facts: AccountFacts) -> int:
    """Tickets that are open."""
    return sum(one.closed_on is None for one in facts.tickets)


@fact(Unit.COUNT, hears="tickets", needs="tickets")
def tickets_open_high(facts: AccountFacts) -> int:
    """Those of them whose priority is high, urgent or critical."""
    return sum(one.closed_on is None and is_high(one, HIGH_PRIORITIES) for one in facts.tickets)


@fact(Unit.DAYS, hears="tickets", needs="tickets")
def oldest_ticket_days(facts: AccountFacts) -> int | None:
    """Since the oldest of the open ones was opened. Not known without one."""
    first = oldest(one for one in facts.tickets if one.closed_on is None)
    return (facts.today - first.opened_on).days if first else None


@fact(Unit.COUNT, hears="tickets", needs="tickets")
def tickets_90d(facts: AccountFacts) -> int:
    """Tickets opened in the last 90 days."""
    return len(opened_within(facts, 90))
