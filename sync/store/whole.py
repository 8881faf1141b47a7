"""What is read of a connection as a whole: what its CRM cannot tell, and whom our snapshots saw as owners."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.sql.elements import ColumnElement

from rules.model import Kind, Outcome
from sync.store.ledger_tables import SnapshotRow
from sync.store.moment import Moment
from sync.store.sql import PULLED, table_of

_ACCOUNTS, _ACTIVITIES, _CONTACTS, _ROLES = (
    PULLED[name] for name in ("accounts", "activities", "contacts", "contact_roles")
)
_SNAPSHOTS = table_of(SnapshotRow)
_MESSAGES, _MET = (str(Kind.EMAIL), str(Kind.MESSAGE)), (str(Kind.MEETING), str(Kind.CALL))

#: Where so many meetings and calls were held in so many days and no message is known, messages are not logged.
ENOUGH_HELD = 500
SILENCE_DAYS = 90


def untold(db: Connection, connection: str, moment: Moment) -> dict[str, str]:
    """What the connection's CRM cannot tell, and why: `email`, `departures` (`rules.facts.AccountFacts.untold`)."""
    found = {}
    if _logs_no_messages(db, connection, moment):
        found["email"] = f"the CRM holds no e-mail or message of the last {SILENCE_DAYS} days"
    if not any(_tells_departures(db, connection, moment)):
        found["departures"] = "nothing in the CRM says that a contact left"
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


def _tells_departures(db: Connection, connection: str, moment: Moment) -> list[bool]:
    return [
        db.execute(
            select(table.c.id)
            .where(table.c.connection == connection, ~table.c.deleted, table.c.left_on <= moment.today)
            .where(moment.known(table))
            .limit(1)
        ).first()
        is not None
        for table in (_CONTACTS, _ROLES)
    ]


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
