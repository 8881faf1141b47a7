"""All that can become a touch of an account, in a form that is quick to read: 2,000,000 of them are a company's past.

A pack does not depend on the moment: what is not over yet is in it too, and says from when it counts. It is true until
a record that it was made of changes, which `affected` watches; our people stand in it as links name them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, make_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import compress, product, repeat
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select

from rules.model import Direction, Kind, Outcome, Touch
from sync.store.derived_tables import TouchPackRow
from sync.store.moment import Moment
from sync.store.same_touch import Mark
from sync.store.sql import among, chunks, insert, table_of

_PACKS = table_of(TouchPackRow)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000  # microseconds
_EPOCH_DAY = _EPOCH.toordinal()
_COLUMNS = 7  # of each touch; where any has a mail's or a calendar's id, one more
_datetime_of = datetime.fromtimestamp

TOUCH_KINDS = (Kind.EMAIL, Kind.CALL, Kind.MEETING, Kind.MESSAGE)
# A look-up each, where making a StrEnum of a string takes ten times as long.
_WHAT = tuple(product(TOUCH_KINDS, Direction, (Outcome.HELD, Outcome.ATTEMPTED, Outcome.SENT)))
_WHAT_NUMBER = {tuple(map(str, what)): number for number, what in enumerate(_WHAT)}
#: The ends of all time, in microseconds since 1970: what was always known, and what still holds.
ALWAYS, FOREVER = -(1 << 62), 1 << 62
_MEETINGS = frozenset(number for number, what in enumerate(_WHAT) if what[0] is Kind.MEETING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One activity that may be a touch of an account. `ours` are ids of users and addresses; both are sorted.

    `since` is the day from which it belongs to the account where only a deal that is won then leads there. Of the past,
    where what is known of one activity grew, there is an entry for each state of knowledge: it holds at the moments
    from `known_from` until before `known_until` (microseconds since 1970).
    """

    id: str
    kind: str
    direction: str
    outcome: str
    at: datetime
    ends_at: datetime | None
    on_day: date | None
    since: date | None
    ours: tuple[tuple[str, str], ...]  # (user | address, which)
    theirs: tuple[str, ...]  # contact ids
    uid: str = ""  # in the mail or the calendar
    known_from: int = ALWAYS
    known_until: int = FOREVER


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """`deals` are the ids of those that links lead to the account."""

    packed: bytes
    deals: list[str]

    @classmethod
    def of(cls, entries: Iterable[Entry], deals: Iterable[str] = ()) -> Pack:
        people: dict[tuple[str, str], int] = {}
        contacts: dict[str, int] = {}
        groups: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        rows = []
        ordered = sorted(entries, key=lambda one: (one.at, one.id))
        for one in ordered:
            ours = tuple(people.setdefault(person, len(people)) for person in one.ours)
            theirs = tuple(contacts.setdefault(contact, len(contacts)) for contact in one.theirs)
            row = (
                one.id,
                _WHAT_NUMBER[one.kind, one.direction, one.outcome],
                microseconds(one.at),
                max(0, (one.ends_at - one.at) // _MICROSECOND) if one.ends_at else 0,
                one.on_day.toordinal() if one.on_day else 0,
                one.since.toordinal() if one.since else 0,
                groups.setdefault((ours, theirs), len(groups)),
            )
            rows.append(row)
        columns = list(zip(*rows, strict=True)) or [()] * _COLUMNS
        if any(one.uid for one in ordered):
            columns.append(tuple(one.uid for one in ordered))
        known = [(one.known_from, one.known_until) for one in ordered]
        spans = list(zip(*known, strict=True)) if set(known) - {(ALWAYS, FOREVER)} else []
        packed = orjson.dumps([list(people), list(contacts), list(groups), columns, *spans])
        return cls(packed=packed, deals=sorted(deals))


class Unpacker:
    """Packs to touches, as of one moment. `called` says by which name a user id of the links goes."""

    def __init__(self, moment: Moment, user_by_email: Mapping[str, str], called: Callable[[str], str] = str) -> None:
        self._moment, self._user_by_email, self._called = moment, user_by_email, called
        self._cutoff = microseconds(moment.cutoff)
        self._knows = microseconds(moment.created_by) if moment.created_by else FOREVER - 1
        self._today = moment.today.toordinal()
        self._ahead: dict[int, int | None] = {}  # of UTC by its day, None where that changes within the day
        self._date_of = cache(date.fromordinal)

    def touches(self, packed: bytes) -> tuple[tuple[Touch, ...], tuple[Touch, ...]]:
        """Return the touches, and the meetings that have not begun, both sorted by (at, id)."""
        people, contacts, groups, columns, *spans = orjson.loads(packed)
        if spans:
            held = [start <= self._knows < end for start, end in zip(*spans, strict=True)]
            columns = [list(compress(column, held)) for column in columns]
        by_email = self._user_by_email
        users = [self._called(which) if named == "user" else by_email.get(which, "") for named, which in people]
        single_users, single_contacts = [(one,) if one else () for one in users], [(one,) for one in contacts]
        who = [
            (
                single_users[ours[0]] if len(ours) == 1 else _chosen(users, ours),
                single_contacts[theirs[0]] if len(theirs) == 1 else _chosen(contacts, theirs),
            )
            for ours, theirs in groups
        ]
        touches: list[Touch] = []
        upcoming: list[Touch] = []
        cutoff, today, known_ahead, date_of = self._cutoff, self._today, self._ahead.get, self._date_of
        for activity_id, what, at, lasts, on_day, since, group in zip(*columns[:_COLUMNS], strict=True):
            found = touches
            if on_day > today or (not on_day and at + lasts > cutoff):
                if what not in _MEETINGS or not (on_day or at > cutoff):
                    continue
                found = upcoming
            if on_day:
                day = on_day
            elif (ahead := known_ahead(at // _DAY)) is not None:
                day = (at + ahead) // _DAY + _EPOCH_DAY
            else:
                day = self._day_of(at)
            if since > today or (found is touches and day > today):
                continue
            kind, direction, outcome = _WHAT[what]
            ours, theirs = who[group]
            moment = _datetime_of(at / 1_000_000, UTC)
            touch = _Open(activity_id, kind, direction, outcome, moment, date_of(day), ours, theirs)
            touch.__class__ = Touch
            found.append(touch)
        return tuple(touches), tuple(upcoming)

    @staticmethod
    def marks(packed: bytes) -> dict[str, Mark]:
        """What else tells the touches that have any such thing, by their ids."""
        _, _, _, columns, *_ = orjson.loads(packed)
        ids, on_days = columns[0], columns[4]
        uids = columns[_COLUMNS] if len(columns) > _COLUMNS else repeat("", len(ids))
        told = zip(ids, uids, on_days, strict=True)
        return {one: Mark(uid=uid, by_day=bool(on_day)) for one, uid, on_day in told if uid or on_day}

    def _day_of(self, at: int) -> int:
        """The ordinal of the local day."""
        utc_day = at // _DAY
        if utc_day not in self._ahead:
            # Local time is set forward or back at most once in two days.
            first, last = self._ahead_at(utc_day * _DAY), self._ahead_at((utc_day + 1) * _DAY)
            self._ahead[utc_day] = first if first == last else None
        return (at + self._ahead_at(at)) // _DAY + _EPOCH_DAY

    def _ahead_at(self, at: int) -> int:
        """How many microseconds local time is ahead of UTC."""
        ahead = (_EPOCH + at * _MICROSECOND).astimezone(self._moment.timezone).utcoffset()
        return (ahead or timedelta()) // _MICROSECOND


# A frozen dataclass fills itself in nine times as long, and there are millions of touches: they are filled in as
# instances of this one, which has the same slots, and become frozen afterwards.
_Open: Any = make_dataclass("_Open", [one.name for one in fields(Touch)], slots=True)


def microseconds(at: datetime) -> int:
    """Since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def _chosen(names: Sequence[str], numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(sorted({names[number] for number in numbers} - {""}))


def read(db: Connection, connection: str, account_ids: Iterable[str]) -> dict[str, Pack]:
    """The packs of those of these accounts that have one."""
    chosen = select(_PACKS.c.account_id, _PACKS.c.packed, _PACKS.c.deals).where(_PACKS.c.connection == connection)
    return {
        account_id: Pack(packed=packed, deals=deals)
        for some in chunks(account_ids)
        for account_id, packed, deals in db.execute(chosen.where(among(db, _PACKS.c.account_id, some))).all()
    }


def save(db: Connection, connection: str, packs: Mapping[str, Pack]) -> None:
    """Keep packs of accounts that have none."""
    named = ((account_id, one.packed, one.deals) for account_id, one in packs.items())
    rows = [
        {"connection": connection, "account_id": account_id, "packed": packed, "deals": deals}
        for account_id, packed, deals in named
    ]
    if rows:
        db.execute(insert(db, _PACKS).on_conflict_do_nothing(), rows)


def forget(db: Connection, connection: str, account_ids: Iterable[str]) -> None:
    """Take away the packs of accounts."""
    for some in chunks(account_ids):
        db.execute(delete(_PACKS).where(_PACKS.c.connection == connection, _PACKS.c.account_id.in_(some)))


def forget_all(db: Connection, connection: str) -> None:
    db.execute(delete(_PACKS).where(_PACKS.c.connection == connection))


def have(db: Connection, connection: str) -> set[str]:
    """The ids of the accounts that have a pack."""
    return set(db.execute(select(_PACKS.c.account_id).where(_PACKS.c.connection == connection)).scalars())
