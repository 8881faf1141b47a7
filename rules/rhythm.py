"""What a customer says about a rhythm: how often they want to hear from us, and who of them is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rules.facts import AccountFacts
from rules.model import Contact
from rules.people_measures import left_on
from rules.wording import Text, day_text, say


def cadence(facts: AccountFacts, usual_days: int) -> int:
    """Return how many days may pass: what was agreed with the customer, as a field says, else the rule's own."""
    return facts.account.contact_every_days or usual_days


def back_on(facts: AccountFacts, contacts: Sequence[Contact]) -> date | None:
    """Return the day on which the first of the contacts is back where all who have not left are away, else None.

    Who is away neither answers nor meets anybody: that must not be read as silence. On that day they are there again.
    """
    days = [one.back_on or facts.today for one in contacts if not left_on(facts, one)]
    first = min(days, default=facts.today)
    return first if first > facts.today else None


def away_text(day: date) -> Text:
    """Return why nothing is due until that day."""
    return say("away until {day}", day=day_text(day))
