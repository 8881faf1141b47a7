"""What the rules measure on one account: person-days, threads, tenure and executive exchanges (domain.md 4 and 0a).

Nothing here depends on the order of the touches, and everything is linear in their number but for sorting messages.
Users that the config ignores are dropped everywhere; one that is in no user list counts under the id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter

from rules.facts import AccountFacts
from rules.model import Direction, Kind, Outcome, Touch
from rules.once import measured_once

#: How far apart two messages of a pair may be to answer each other: 30 x 24 hours on time stamps, both ends included.
ANSWER_WITHIN = timedelta(days=30)

_MESSAGES = frozenset({Kind.EMAIL, Kind.MESSAGE})
_NOBODY = (None,)
_BY_TIME, _DAY = attrgetter("at"), attrgetter("day")


#: The messages of one pair while they are read in time order: when either side last wrote, and what waits for an answer
#: from the other; index 0 is ours to them, 1 theirs to us.
_Thread = tuple[list[datetime | None], tuple[list[Touch], list[Touch]]]


def answered(messages: Iterable[Touch], ignored: Collection[str] = ()) -> Sequence[tuple[Touch, str, str]]:
    """Return (message, user id, contact id) for each two-way message of a pair, once each, in no order that counts.

    A message is two-way if the same pair has one in the other direction within ANSWER_WITHIN before or after it,
    through whichever of the written channels.
    """
    threads: dict[tuple[str, str], _Thread] = {}
    found: list[tuple[Touch, str, str]] = []
    for touch in sorted(messages, key=_BY_TIME):
        at, direction = touch.at, touch.direction
        if direction is Direction.NONE:
            continue
        ours, theirs = (0, 1) if direction is Direction.OUTBOUND else (1, 0)
        for user_id in touch.ours:
            if user_id in ignored:
                continue
            for contact_id in touch.theirs:
                pair = (user_id, contact_id)
                thread = threads.get(pair)
                if thread is None:
                    thread = threads[pair] = ([None, None], ([], []))
                last_at, waiting = thread
                opposite_at = last_at[theirs]
                if opposite_at is not None and at - opposite_at <= ANSWER_WITHIN:
                    found.append((touch, user_id, contact_id))
                else:
                    waiting[ours].append(touch)
                # Whoever waits longer than this for the first answer waits for ever: each message is looked at once.
                if earlier := waiting[theirs]:
                    found += [(one, user_id, contact_id) for one in earlier if at - one.at <= ANSWER_WITHIN]
                    earlier.clear()
                last_at[ours] = at
    return found


#: (touch, user id, contact id) of a pair, with None for the contact where nobody of theirs is known to have been there.
TwoWay = tuple[Touch, str, str | None]


@measured_once
def all_two_way(facts: AccountFacts) -> Sequence[TwoWay]:
    """Return every two-way touch of the whole record for each pair in it, in no order that counts.

    A meeting or call that was held is two-way for every one of ours in it, also where no contact is known. A message
    counts by its pair (see `answered`).
    """
    ignored, messages = facts.ignored, list[Touch]()
    found: list[TwoWay] = []
    for touch in facts.touches:
        if touch.kind in _MESSAGES:
            messages.append(touch)
        elif touch.outcome is Outcome.HELD:
            for user_id in touch.ours:
                if user_id not in ignored:
                    found += [(touch, user_id, contact_id) for contact_id in touch.theirs or _NOBODY]
    found += answered(messages, ignored)
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Who of ours was in two-way touch with an account in a window: person-days by user id, and active threads.

    A thread is a (user id, contact id) with at least one two-way touch (domain.md 4.5).
    """

    person_days: Mapping[str, int]
    threads: frozenset[tuple[str, str]]

    @property
    def total(self) -> int:
        """Person-days of all of ours together."""
        return sum(self.person_days.values())

    @property
    def label(self) -> str:
        """`m x n` as `1x3`: our people by their contacts with an active thread."""
        return f"{len({user for user, _ in self.threads})}x{len({contact for _, contact in self.threads})}"


@measured_once
def coverage(facts: AccountFacts, window_days: int) -> Coverage:
    """Return the person-days and threads of the last `window_days` days, today included.

    A person-day is a local day with at least one two-way touch of that person. A meeting or call that was held is
    two-way for every one of ours in it, also where no contact is known; it makes a thread with each contact. A message
    counts by its pair, and may be answered from outside the window.
    """
    after = facts.today - timedelta(days=window_days)
    recent = [one for one in all_two_way(facts) if one[0].day > after]
    person_days: dict[str, int] = {}
    for user_id, _ in {(user_id, touch.day) for touch, user_id, _ in recent}:
        person_days[user_id] = person_days.get(user_id, 0) + 1
    threads = frozenset((user_id, contact_id) for _, user_id, contact_id in recent if contact_id is not None)
    return Coverage(person_days=person_days, threads=threads)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenure:
    """How long a person has been in touch: `days` from `since` to today; `at_least` where the record opens later."""

    since: date
    days: int
    at_least: bool = False


@measured_once
def tenure(facts: AccountFacts, user_id: str, max_gap_days: int) -> Tenure | None:
    """Return the tenure of a person's last unbroken run of touches, None for somebody without any.

    Any touch counts, one-way and attempted too, over the whole history. A gap of more than `max_gap_days` between two
    touch days breaks a run; a final silence does not. Where the run begins on the first day of the account's
    record and the person owns the account, the first won deal, else customer-since, counts if it is earlier: nobody
    knows who held the account before the record begins, so it is told as "at least".
    """
    days = sorted({touch.day for touch in facts.touches if user_id in touch.ours})
    if not days:
        return None
    since = days[-1]
    for day in reversed(days):
        if (since - day).days > max_gap_days:
            break
        since = day
    earlier = customer_since(facts) if facts.account.owner_id == user_id and since == days[0] else None
    if earlier is not None and earlier < since == first_touch_on(facts):
        return Tenure(since=earlier, days=(facts.today - earlier).days, at_least=True)
    return Tenure(since=since, days=(facts.today - since).days)


@measured_once
def customer_since(facts: AccountFacts) -> date | None:
    """Return the day of the first won deal, else the mapped customer-since, else None. Never a creation date."""
    won = [deal.closed_on for deal in facts.deals if deal.won and deal.closed_on and deal.closed_on <= facts.today]
    return min(won) if won else facts.account.customer_since


@measured_once
def first_touch_on(facts: AccountFacts) -> date | None:
    """Return the first day of the account's record: of any touch by anybody who is not ignored."""
    ignored = facts.ignored
    touches = facts.touches
    if ignored:
        touches = tuple(one for one in touches if not (one.ours and ignored.issuperset(one.ours)))
    return min(map(_DAY, touches), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """The last held exchange of any of ours with one of some contacts, and what was tried since.

    `held_on` and `contact_id` are None where none was ever held; `attempts` counts what went out since and came to
    nothing: unanswered messages and calls or meetings where nobody was there.
    """

    held_on: date | None
    contact_id: str | None
    attempts: int


def last_exchange(facts: AccountFacts, contact_ids: Sequence[str]) -> Exchange:
    """Return the last held exchange with one of `contact_ids`, and what was tried since.

    Of several in one meeting the first in the order of `contact_ids` is named. A meeting or call that was held counts
    on its day. A written exchange counts on the day of its later message, which is the latest two-way message of
    a pair: had that one its answer after it, the answer would be the later one.
    """
    wanted = {contact_id: -place for place, contact_id in reversed(list(enumerate(contact_ids)))}
    held = [
        # Of two contacts met at the same moment the preferred one is named, whatever the order of the touches.
        (touch.day, touch.at, wanted[contact_id], contact_id)
        for touch, _, contact_id in all_two_way(facts)
        if contact_id in wanted
    ]
    day, at, _, contact_id = max(held, default=(date.min, None, 0, None))
    attempts = sum(
        1
        for touch in facts.touches
        if touch.day >= day
        and (at is None or (touch.day, touch.at) > (day, at))
        and not wanted.keys().isdisjoint(touch.theirs)
        and not facts.ignored.issuperset(touch.ours)
        and _is_attempt(touch)
    )
    return Exchange(held_on=day if at else None, contact_id=contact_id, attempts=attempts)


def _is_attempt(touch: Touch) -> bool:
    if touch.kind in _MESSAGES:
        return touch.direction is Direction.OUTBOUND
    return touch.outcome is Outcome.ATTEMPTED and touch.direction is not Direction.INBOUND
