"""What a manager is told once a week: of each person who reports to them, what is overdue, new, gone and waiting. Pure.

It speaks of accounts, not of how anybody works: people come by name, not by number. A finding past due for long is
raised with the manager once, here, and never as a second task (facts/domain.md 3, escalation).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rules.wording import ENGLISH, Language, Text, day_text, listed, say
from sync.pages.words import harmless

PAGE_LINES = 50
_ACCOUNT_LENGTH, _WHY_LENGTH = 40, 120


class Kind(StrEnum):
    """Why an account is told, in the order in which it is."""

    ESCALATED = "escalated"
    OVERDUE = "overdue"
    NEW = "new"
    CLOSED = "closed"
    WAITING = "waiting"


_ORDER = tuple(Kind)


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One account of one person. `why` are the findings in a few words, of a closed task why it closed.

    `due_on` is set for what is open, `place` of `queue_length` for what waits. `keys` name the findings that are
    escalated by this line.
    """

    kind: Kind
    account: str
    why: str
    due_on: date | None = None
    place: int = 0
    queue_length: int = 0
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Desk:
    """One person: how many tasks of ours are open, and what there is to tell."""

    name: str
    open: int
    items: tuple[Item, ...]

    def count(self, *kinds: Kind) -> int:
        """How many lines there are of these kinds."""
        return sum(item.kind in kinds for item in self.items)

    def with_more(self, other: Desk) -> Desk:
        """The same person in another CRM too."""
        return replace(self, open=self.open + other.open, items=in_order((*self.items, *other.items)))


def in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    """What matters most first, then by place in the queue and by name."""
    return tuple(sorted(items, key=lambda item: (_ORDER.index(item.kind), item.place, item.account)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """What one manager is told; `to` is their e-mail address."""

    to: str
    name: str
    desks: tuple[Desk, ...]

    @property
    def has_news(self) -> bool:
        """Whether there is anything to tell but that tasks are open."""
        return any(desk.items for desk in self.desks)

    @property
    def escalations(self) -> tuple[str, ...]:
        """The keys of the findings that it escalates."""
        return tuple(key for desk in self.desks for item in desk.items for key in item.keys)


def title(today: date, language: Language = ENGLISH) -> str:
    """The subject line."""
    return say("Holdfast: your customers in the week to {day}", day=day_text(today)).in_language(language)


def text(digest: Digest, language: Language = ENGLISH) -> str:
    """Plain text of about a page. Where not everything fits, escalations do, and the rest is counted."""
    desks = sorted((desk for desk in digest.desks if desk.open or desk.items), key=lambda desk: desk.name)
    escalated = sum(desk.count(Kind.ESCALATED) for desk in desks)
    room = max(0, PAGE_LINES - 3 * len(desks) - escalated) // max(1, len(desks))
    told = [line for desk in desks for line in (*_desk(desk, room, language), "")]
    ends = say(
        "What is closed went because its reason is gone; what waits becomes a task when there is room. The tasks "
        "stand in the CRM, and an answer on one (helpful, wrong, already handled) is read."
    )
    return "\n".join([*told, language.told(ends)])


def _desk(desk: Desk, room: int, language: Language) -> Iterator[str]:
    yield f"{_short(desk.name, _ACCOUNT_LENGTH)}: {language.told(listed(_counts(desk)))}"
    others = [item for item in desk.items if item.kind is not Kind.ESCALATED]
    shown = [item for item in desk.items if item.kind is Kind.ESCALATED] + others[:room]
    yield from (f"  {language.told(_line(item))}" for item in shown)
    if more := len(desk.items) - len(shown):
        yield f"  {language.told(say('and {n} more', n=more))}"


def _counts(desk: Desk) -> Iterator[Text]:
    yield say("{n} open", n=desk.open)
    if late := desk.count(Kind.OVERDUE, Kind.ESCALATED):
        yield say("{n} overdue", n=late)
    if new := desk.count(Kind.NEW):
        yield say("{n} new", n=new)
    if closed := desk.count(Kind.CLOSED):
        yield say("{n} closed", n=closed)
    if waiting := desk.count(Kind.WAITING):
        yield say("{n} waiting", n=waiting)


def _line(item: Item) -> Text:
    values = {"account": _short(item.account, _ACCOUNT_LENGTH), "why": _short(item.why, _WHY_LENGTH)}
    day = day_text(item.due_on) if item.due_on else ""
    match item.kind:
        case Kind.ESCALATED:
            return say("escalated, due since {day}: {account}: {why}", day=day, **values)
        case Kind.OVERDUE:
            return say("overdue since {day}: {account}: {why}", day=day, **values)
        case Kind.NEW:
            return say("new, due {day}: {account}: {why}", day=day, **values)
        case Kind.CLOSED:
            return say("closed: {account}: {why}", **values)
        case Kind.WAITING:
            return say(
                "waiting, place {place} of {length}: {account}: {why}",
                place=item.place,
                length=item.queue_length,
                **values,
            )


def _short(told: str, length: int) -> str:
    plain = harmless(told)
    return plain if len(plain) <= length else plain[: length - 3].rstrip() + "..."
