"""What is read of a connection as a whole: what its CRM cannot tell, and whom our snapshots saw as owners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, Table, and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from rules.model import Kind, Outcome
from rules.wording import say
from sync.store.ledger_tables import SnapshotRow
from sync.store.mailings import any_mailing
from sync.store.moment import Moment
from sync.store.sql import PULLED, table_of

_ACCOUNTS, _ACTIVITIES, _CONTACTS, _ROLES, _TEAM, _TICKETS = (
    PULLED[name] for name in ("accounts", "activities", "contacts", "contact_roles", "team", "tickets")
)
_SNAPSHOTS = table_of(SnapshotRow)
_MESSAGES, _MET = (str(Kind.EMAIL), str(Kind.MESSAGE)), (str(Kind.MEETING), str(Kind.CALL))

#: Where so many meetings and calls were held in so many days and no message is known, messages are not logged.
ENOUGH_HELD = 500
SILENCE_DAYS = 90


def untold(db: Connection, connection: str, moment: Moment, needs: frozenset[str]) -> dict[str, str]:
    """What the connection's CRM cannot tell, and why, by the words of `rules.facts.AccountFacts.untold`.

    That there are no teams, tickets or mailings is told where rules need them.
    """
    found: dict[str, str] = {}
    if _logs_no_messages(db, connection, moment):
        found["email"] = say("the CRM holds no e-mail or message of the last {days} days", days=SILENCE_DAYS)
    if not any(_tells_departures(db, connection, moment)):
        found["departures"] = say("nothing in the CRM says that a contact left")
    if "team" in needs and not _is_there(db, connection, moment, _TEAM):
        found["team"] = say("nobody is on the team of any account in the CRM")
    if "tickets" in needs and not _is_there(db, connection, moment, _TICKETS):
        found["tickets"] = say("the CRM shows no case or ticket; `holdfast doctor` says why")
    if "mailings" in needs and not any_mailing(db, connection, moment):
        found["mailings"] = say("the CRM shows no mailing to any contact; `holdfast doctor` says why")
    return found


def _logs_no_messages(db: Connection, connection: str, moment: Moment) -> bool:
    a = _ACTIVITIES.c
    # By time stamps: the window is about many, and a day at its border changes nothing.
    after = moment.cutoff - timedelta(days=SILENCE_DAYS)
    recent = (a.connection == connection, a.at > after, a.at <= moment.cutoff, ~a.deleted, moment.known(_ACTIVITIES))

    def some(most: int, *which: ColumnElement[bool]) -> int:
        found = select(a.id).where(*recent, *which).limit(most).subquery()
        return int(db.execute(select(func.count()).select_from(found)).scalar_one())

    if some(1, a.kind.in_(_MESSAGES), a.outcome != str(Outcome.VOID)):
        return False
    return some(ENOUGH_HELD, a.kind.in_(_MET), a.outcome == str(Outcome.HELD)) >= ENOUGH_HELD


def _tells_departures(db: Connection, connection: str, moment: Moment) -> Iterator[bool]:
    for table in (_CONTACTS, _ROLES):
        yield _is_there(db, connection, moment, table, table.c.left_on <= moment.today)


def _is_there(db: Connection, connection: str, moment: Moment, table: Table, *which: ColumnElement[bool]) -> bool:
    """Whether there is any such row."""
    any_row = select(table.c.id).where(table.c.connection == connection, ~table.c.deleted, moment.known(table), *which)
    return db.execute(any_row.limit(1)).first() is not None


def former_owners(
    db: Connection, connection: str, account_ids: Sequence[str], today: date
) -> dict[str, dict[str, date]]:
    """Every owner but the present one that our snapshots of the days before saw, with the last of those days, by
    account and user id. That of `today` is left out: until the day is over, it is still written.
    """
    seen, account = _SNAPSHOTS.c, _ACCOUNTS.c
    mine = and_(account.connection == seen.connection, account.id == seen.account_id)
    # Not `!=`: there is a snapshot for every day, and these find the few of other owners in the index.
    others = (seen.owner_id < account.owner_id, seen.owner_id > account.owner_id)
    ownerless = and_(account.owner_id.is_(None), seen.owner_id.is_not(None))
    found: dict[str, dict[str, date]] = defaultdict(dict)
    for other in (*others, ownerless):
        rows = db.execute(
            select(seen.account_id, seen.owner_id, func.max(seen.day))
            .select_from(_ACCOUNTS.join(_SNAPSHOTS, mine))
            .where(account.connection == connection, account.id.in_(account_ids), seen.day < today, other)
            .group_by(seen.account_id, seen.owner_id)
        )
        for account_id, owner_id, day in rows.all():
            found[account_id][owner_id] = day
    return found
