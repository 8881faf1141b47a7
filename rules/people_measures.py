"""What the rules about single people measure, on either side, and how their findings name them (domain.md 1C to 1E).

As in `rules.measures`: nothing depends on the order of the touches, and users that the config ignores are dropped.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from operator import attrgetter

from rules.facts import AccountFacts
from rules.measures import Coverage, coverage
from rules.model import Contact, Direction, Kind, Outcome, Touch
from rules.once import measured_once
from rules.titles import Level, is_executive_by_role, level_of
from rules.two_way import two_way
from rules.wording import Text, first_that_fits, full_name, say, say_n

MESSAGES = frozenset({Kind.EMAIL, Kind.MESSAGE})
_OURS = attrgetter("ours")

_INVOLVED_DAYS = 365

#: How long a headline may be, so that a task's subject holds two.
HEADLINE_LENGTH = 50


def left_on(facts: AccountFacts, contact: Contact) -> date | None:
    """Return the day on which the contact left, None for one who has not left by today."""
    return contact.left_on if contact.left_on and contact.left_on <= facts.today else None


def is_senior(facts: AccountFacts, contact: Contact, level: Level) -> bool:
    """Tell whether a contact is of a level or higher, or has the role of an executive, whatever the title."""
    return _rank(facts, contact) >= level.rank or is_executive_by_role(contact)


def by_rank(facts: AccountFacts, contacts: Iterable[Contact]) -> list[Contact]:
    """Return contacts, the most senior first, then by name and id."""
    return sorted(contacts, key=lambda one: (-_rank(facts, one), one.name, one.id))


def _rank(facts: AccountFacts, contact: Contact) -> int:
    known = _ranks(facts).get(contact.id)
    # Somebody may be asked about whom the account's contacts do not hold (`walkaway`).
    return level_of(contact, facts.titles).rank if known is None else known


@measured_once
def _ranks(facts: AccountFacts) -> Mapping[str, int]:
    return {contact.id: level_of(contact, facts.titles).rank for contact in facts.contacts}


def is_counted(facts: AccountFacts, touch: Touch) -> bool:
    """Tell whether anybody of ours in the touch counts; one that names nobody of ours (a shared mailbox) does."""
    return not touch.ours or not facts.ignored.issuperset(touch.ours)


def is_reaction(touch: Touch) -> bool:
    """Tell whether ours turned to theirs: a message or a call to them, reached or not, or a meeting that was held."""
    if touch.kind in MESSAGES:
        return touch.direction is Direction.OUTBOUND
    return touch.outcome is Outcome.HELD or (touch.kind is Kind.CALL and touch.direction is not Direction.INBOUND)


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """The last held exchange of one of ours with an account."""

    on: date
    user_id: str


def last_held(facts: AccountFacts, user_ids: Collection[str]) -> Held | None:
    """Return the last held exchange of any of some users with the account, None where there is none.

    A meeting or call counts without a contact, since the account had the person there. A written exchange counts on
    the day of its later message, which is the latest two-way message of a pair (see `measures.last_exchange`).
    """
    # Of two at the same moment the first by id, whatever the order of the touches.
    held = sorted(((touch, user_id) for touch, user_id, _ in two_way(facts) if user_id in user_ids), key=_user_id)
    last = max(held, key=lambda one: (one[0].day, one[0].at), default=None)
    return Held(on=last[0].day, user_id=last[1]) if last else None


def _user_id(one: tuple[Touch, str]) -> str:
    return one[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutiveMeeting:
    """The last held exchange of one of ours with one of theirs, of those that were asked for."""

    on: date
    user_id: str
    contact: Contact


def last_between(
    facts: AccountFacts, user_ids: Collection[str], contacts: Sequence[Contact]
) -> ExecutiveMeeting | None:
    """Return the last held exchange of any of some users with any of some contacts, None where there is none.

    Of several in one meeting the first contact in their order is named, and of ours the first by id.
    """
    places = {one.id: place for place, one in enumerate(contacts)}
    held = (
        (touch, user_id, contact_id)
        for touch, user_id, contact_id in two_way(facts)
        if user_id in user_ids and contact_id in places
    )
    ordered = sorted(held, key=lambda one: (places[one[2] or ""], one[1]))
    last = max(ordered, key=lambda one: (one[0].day, one[0].at), default=None)
    if last is None:
        return None
    touch, user_id, contact_id = last
    return ExecutiveMeeting(on=touch.day, user_id=user_id, contact=contacts[places[contact_id or ""]])


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaver:
    """One of ours who is gone from an account since `departed_on`; `contact_ids` are whom they had a thread with.

    `inactive` tells one who is gone from the firm from one who handed the account over.
    """

    user_id: str
    days: int
    departed_on: date
    inactive: bool
    contact_ids: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """Who of ours is gone from an account, most person-days first, and what there is to hand over.

    `contacts` are those still there who had a thread with a leaver, by rank; `unmet` those of them without one with
    the successor, which are all where there is no successor. `total` are the person-days of all of ours, None where
    nobody is gone and nothing was counted.
    """

    total: int | None = None
    leavers: Sequence[Leaver] = ()
    successor_id: str | None = None
    contacts: Sequence[Contact] = ()
    unmet: Sequence[Contact] = ()


def handover(facts: AccountFacts, window_days: int, share: float) -> Handover:
    """Return what those leave behind who had `share` or more of the person-days of the last `window_days` days.

    Gone is who is inactive, or owned the account earlier and does not now. The successor is the account's owner if
    active and not gone with such a share, else the one named for the leaver with most person-days, if active.
    """
    gone = {user_id for user_id in set(chain.from_iterable(map(_OURS, facts.touches))) if _is_gone(facts, user_id)}
    if not gone:
        return Handover()  # most accounts end here, spared the counting
    seen = coverage(facts, window_days)
    carried = {user_id for user_id, days in seen.person_days.items() if days / seen.total >= share}
    leavers = sorted(
        (_leaver(facts, user_id, seen) for user_id in gone & carried),
        key=lambda one: (-one.days, user_address(facts, one.user_id)),
    )
    successor_id = _successor(facts, leavers)
    known = {contact_id for one in leavers for contact_id in one.contact_ids}
    contacts = by_rank(facts, (one for one in facts.contacts if one.id in known and not left_on(facts, one)))
    unmet = [one for one in contacts if (successor_id, one.id) not in seen.threads]
    return Handover(total=seen.total, leavers=leavers, successor_id=successor_id, contacts=contacts, unmet=unmet)


def _is_gone(facts: AccountFacts, user_id: str) -> bool:
    return _is_inactive(facts, user_id) or (user_id in facts.former_owners and user_id != facts.account.owner_id)


def _is_inactive(facts: AccountFacts, user_id: str | None) -> bool:
    user = facts.users.get(user_id or "")
    return user is not None and not user.active


def _leaver(facts: AccountFacts, user_id: str, seen: Coverage) -> Leaver:
    inactive = _is_inactive(facts, user_id)
    touched = (touch.day for touch in facts.touches if user_id in touch.ours)
    return Leaver(
        user_id=user_id,
        days=seen.person_days[user_id],
        departed_on=(facts.last_logged.get(user_id) or max(touched)) if inactive else facts.former_owners[user_id],
        inactive=inactive,
        contact_ids=frozenset(contact_id for of, contact_id in seen.threads if of == user_id),
    )


def _successor(facts: AccountFacts, leavers: Sequence[Leaver]) -> str | None:
    owner_id = facts.account.owner_id
    if _is_present(facts, owner_id) and owner_id not in {one.user_id for one in leavers}:
        return owner_id
    named = facts.successors.get(leavers[0].user_id) if leavers else None
    return named if _is_present(facts, named) else None


def _is_present(facts: AccountFacts, user_id: str | None) -> bool:
    user = facts.users.get(user_id or "")
    return user is not None and user.active and user.id not in facts.ignored


@dataclass(frozen=True, kw_only=True, slots=True)
class Involved:
    """One of ours to be asked: touches of any kind in the window, and the last of them."""

    user_id: str
    touches: int
    last_on: date


def involved(facts: AccountFacts) -> list[Involved]:
    """Return everybody of ours with a touch of any kind in 12 months who has not gone: most touches first."""
    after = facts.today - timedelta(days=_INVOLVED_DAYS)
    mine: dict[str, list[date]] = {}
    for user_id, day in _touched(facts, after):
        mine.setdefault(user_id, []).append(day)
    found = [
        Involved(user_id=user_id, touches=len(days), last_on=max(days))
        for user_id, days in mine.items()
        if not _has_gone(facts, user_id)
    ]
    return sorted(found, key=lambda one: (-one.touches, one.user_id))


def _has_gone(facts: AccountFacts, user_id: str) -> bool:
    user = facts.users.get(user_id)
    return user is not None and not user.active


def _touched(facts: AccountFacts, after: date) -> Iterator[tuple[str, date]]:
    for touch in facts.touches:
        if touch.day > after:
            yield from ((user_id, touch.day) for user_id in touch.ours if user_id not in facts.ignored)


def user_name(facts: AccountFacts, user_id: str) -> str:
    """Return the name of somebody of ours, the id for somebody unknown."""
    return full_name(facts.users.get(user_id), user_id)


def user_address(facts: AccountFacts, user_id: str) -> str:
    """Return the e-mail address of somebody of ours, the id where none is known."""
    user = facts.users.get(user_id)
    return (user.email if user else "") or user_id


def contact_name(contact: Contact) -> str:
    """Return the name by which a reader knows one of theirs, the id for somebody without a name."""
    return contact.name or contact.id


def contact_text(contact: Contact) -> str:
    """Return `Karin Berg (CEO)`, the name alone without a title."""
    return f"{contact_name(contact)} ({contact.title})" if contact.title else contact_name(contact)


def window_text(days: int) -> Text:
    """Return `12 months` or `90 days`."""
    return say("12 months") if days == 365 else say_n("{n} day", "{n} days", n=days)


def contact_days(days: int) -> Text:
    """Return `1 contact day` or `43 contact days`."""
    return say_n("{n} contact day", "{n} contact days", n=days)


def too_few_days(days: int, needed: int) -> Text:
    """Return why nothing can be told from so few person-days."""
    return say("not enough activity: {days} of {needed} person-days", days=days, needed=needed)


def fitting_headline(named: Text, nameless: Text) -> Text:
    """Return the headline that names somebody, the other where a long name makes it too long."""
    return first_that_fits(HEADLINE_LENGTH, named, nameless)
