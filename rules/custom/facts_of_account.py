"""The account itself."""

from __future__ import annotations

from datetime import date, timedelta

from rules import measures
from rules.custom.fact import Unit, fact
from rules.facts import AccountFacts
from rules.people_measures import user_address, user_name
from rules.revenue import revenue_of


@fact(Unit.DAY)
def today(facts: AccountFacts) -> date:
    """The local day as of which the account is judged."""
    return facts.today


@fact(Unit.TEXT)
def account(facts: AccountFacts) -> str:
    """Its name."""
    return facts.account.name


@fact(Unit.TEXT)
def account_type(facts: AccountFacts) -> str | None:
    """The CRM's own word for it (Salesforce Type, HubSpot type). Not known where it has none."""
    return facts.account.type or None


@fact(Unit.TEXT)
def tier(facts: AccountFacts) -> str:
    """A, B or C by revenue, else what the mapped field says."""
    return facts.standing.tier


@fact(Unit.YES_OR_NO)
def has_parent(facts: AccountFacts) -> bool:
    """Whether the CRM has it below another account."""
    return facts.account.parent_id is not None


@fact(Unit.TEXT)
def owner(facts: AccountFacts) -> str | None:
    """The name of the account's owner."""
    return user_name(facts, facts.account.owner_id) if facts.account.owner_id else None


@fact(Unit.TEXT)
def owner_email(facts: AccountFacts) -> str | None:
    """The e-mail address of the account's owner, in lower case where the CRM has it so."""
    return user_address(facts, facts.account.owner_id) if facts.account.owner_id else None


@fact(Unit.YES_OR_NO)
def owner_active(facts: AccountFacts) -> bool | None:
    """Whether the owner is an active user of the CRM."""
    user = facts.users.get(facts.account.owner_id or "")
    return user.active if user else None


@fact(Unit.MONEY)
def revenue(facts: AccountFacts) -> float | None:
    """A year's revenue by the mapped field, else what was won in the last 365 days. Not known where neither is."""
    return facts.standing.revenue


@fact(Unit.NUMBER)
def revenue_growth(facts: AccountFacts) -> float | None:
    """What was won in the last 365 days divided by the 365 before. Not known where nothing was won in those."""
    won = revenue_of(facts.deals, facts.today)
    return won.growth if won.won_12m_before else None


@fact(Unit.COUNT)
def deals_won_365d(facts: AccountFacts) -> int:
    """Deals won in the last 365 days, by their close date."""
    after = facts.today - timedelta(days=365)
    return sum(1 for one in facts.deals if one.won and one.closed_on and after < one.closed_on <= facts.today)


@fact(Unit.DAYS)
def days_since_deal_won(facts: AccountFacts) -> int | None:
    """Since the close date of the newest won deal. Not known without one."""
    won = [one.closed_on for one in facts.deals if one.won and one.closed_on and one.closed_on <= facts.today]
    return (facts.today - max(won)).days if won else None


@fact(Unit.DAY)
def customer_since(facts: AccountFacts) -> date | None:
    """The close date of the first won deal, else the mapped field."""
    return measures.customer_since(facts)


@fact(Unit.DAYS)
def days_as_customer(facts: AccountFacts) -> int | None:
    """Since `customer_since`."""
    since = measures.customer_since(facts)
    return (facts.today - since).days if since else None
