"""What the rules measure on the customer's side: the main contact, the senior ones, and how findings name them.

A contact whom the CRM says to have left by the as-of day is nobody to turn to any more: `present` leaves such out, and
with it the main contact, the senior contacts and the title gate. Nothing depends on the order of the touches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rules.facts import AccountFacts
from rules.model import Contact, Outcome
from rules.once import measured_once
from rules.people_measures import MESSAGES, by_rank, contact_name, is_counted, is_senior, left_on
from rules.titles import Level
from rules.two_way import two_way
from rules.wording import Text, listed, say, say_n, short_name

_LEVELS = {
    Level.C: say("at C level"),
    Level.VP: say("at VP level or above"),
    Level.HEAD: say("at head level or above"),
    Level.MANAGER: say("at manager level or above"),
    Level.OTHER: say("at other level or above"),
    Level.UNKNOWN: say("at unknown level or above"),
}

#: (user id, local day): one of ours was in two-way touch with the contact on that day.
PairDay = tuple[str, date]


@measured_once
def present(facts: AccountFacts) -> list[Contact]:
    """Return the contacts who have not left, in their order."""
    return [contact for contact in facts.contacts if not left_on(facts, contact)]


@measured_once
def pair_days(facts: AccountFacts, window_days: int) -> Mapping[str, frozenset[PairDay]]:
    """Return the two-way touch-days (domain.md 4.3) of the last `window_days` days by contact id, today included.

    They are those of `coverage`, contact by contact: a contact is in it exactly if the contact has a thread there.
    """
    found: defaultdict[str, set[PairDay]] = defaultdict(set)
    for touch, user_id, contact_id in two_way(facts, facts.today - timedelta(days=window_days)):
        if contact_id is not None:
            found[contact_id].add((user_id, touch.day))
    return {contact_id: frozenset(days) for contact_id, days in found.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class MainContact:
    """The contact with whom ours are most in touch, and the two-way touch-days that say so: at least one."""

    contact: Contact
    days: frozenset[PairDay]

    @property
    def our_ids(self) -> list[str]:
        """User ids of those of ours who have a thread with the contact, sorted."""
        return sorted({user_id for user_id, _ in self.days})


@measured_once
def main_contact(facts: AccountFacts, window_days: int) -> MainContact | None:
    """Return the present contact with most two-way touch-days in the window, None where nobody has one.

    Ties go to the one whose last such day is later, then to the smaller id.
    """
    days = pair_days(facts, window_days)
    candidates = [MainContact(contact=one, days=days[one.id]) for one in present(facts) if one.id in days]
    return min(candidates, key=_order, default=None)


def _order(one: MainContact) -> tuple[int, int, str]:
    return -len(one.days), -max(day for _, day in one.days).toordinal(), one.contact.id


def last_met_on(facts: AccountFacts, contact_id: str) -> date | None:
    """Return the day of the last held meeting or call of any of ours with a contact, over the whole record."""
    held = (
        touch.day
        for touch in facts.touches
        if touch.outcome is Outcome.HELD and touch.kind not in MESSAGES and contact_id in touch.theirs
        # Where nobody of ours is known to have been there, nothing was held with us: as in `measures.last_exchange`.
        if not facts.ignored.issuperset(touch.ours)
    )
    return max(held, default=None)


def booked_on(facts: AccountFacts, contact_id: str) -> date | None:
    """Return the day of the next meeting with a contact that any of ours who counts will be in."""
    return min(
        (meeting.day for meeting in facts.upcoming if contact_id in meeting.theirs and is_counted(facts, meeting)),
        default=None,
    )


@measured_once
def senior_contacts(facts: AccountFacts, level: Level) -> list[Contact]:
    """Return the present contacts of `level` or higher, and the executives by role: most senior first, then by name."""
    return by_rank(facts, (contact for contact in present(facts) if is_senior(facts, contact, level)))


@measured_once
def touched_ids(facts: AccountFacts) -> set[str]:
    """Return the contact ids of any touch by anybody who is not ignored, attempts included."""
    return {contact_id for touch in facts.touches if is_counted(facts, touch) for contact_id in touch.theirs}


@dataclass(frozen=True, kw_only=True, slots=True)
class TitleGate:
    """How many of the present contacts tell nothing of their place: neither title nor seniority nor role."""

    contacts: int
    untitled: int

    def closed_because(self, max_untitled: float) -> str:
        """Return why nobody can say who is senior there, empty where enough titles are known."""
        if not self.contacts:
            return say("no contact of theirs is known")
        if self.untitled / self.contacts > max_untitled:
            return say_n(
                "the titles of {untitled} of {n} contact are missing",
                "the titles of {untitled} of {n} contacts are missing",
                n=self.contacts,
                untitled=self.untitled,
            )
        return ""


@measured_once
def title_gate(facts: AccountFacts) -> TitleGate:
    """Count the present contacts, and those without title, seniority and role."""
    there = present(facts)
    untitled = sum(not (one.title.strip() or one.seniority.strip() or one.roles) for one in there)
    return TitleGate(contacts=len(there), untitled=untitled)


def people_text(contacts: Sequence[Contact], most: int = 3) -> Text:
    """Return `R. Chen (CFO), K. Ito (Plant) and 2 more`: at most `most` of them, in their order."""
    told = listed(map(_short_text, contacts[:most]))
    return say("{people} and {n} more", people=told, n=len(contacts) - most) if len(contacts) > most else told


def _short_text(contact: Contact) -> str:
    name = short_name(contact_name(contact))
    return f"{name} ({contact.title})" if contact.title else name


def level_text(level: Level) -> Text:
    """Return `at C level`, or `at head level or above`."""
    return _LEVELS[level]
