"""What became true since the last evaluation without any record of the account changing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, Engine

from sync.store import evaluations, logged, packs
from sync.store.affected import Affected
from sync.store.facts import FactsReader


def catch_up(engine: Engine, reader: FactsReader) -> None:
    """Take away the evaluations that time alone has made untrue, or what the accounts' owners logged since; everything
    that is kept, where nothing is or the clock went back.
    """
    connection, moment = reader.connection, reader.moment
    with engine.begin() as db:
        until = evaluations.cutoff(db, connection)
        if until is None or moment.cutoff < until:
            packs.forget_all(db, connection)
            evaluations.forget_all(db, connection)
        elif until.astimezone(moment.timezone).date() == moment.today:  # with another day everything is due
            over = Affected(connection=connection)
            over.activities.update(evaluations.over_between(db, connection, until, moment.cutoff))
            evaluations.forget(db, connection, over.accounts(db))
            before = logged.by_user(logged.kept(db, connection), moment, reader.user_by_email)
            _forget_where_logging_changed(db, reader, before)
        logged.keep(db, connection, reader.logged)
        evaluations.set_cutoff(db, connection, moment.cutoff)


def _forget_where_logging_changed(db: Connection, reader: FactsReader, before: Mapping[str, date]) -> None:
    """Rules look at what an account's owner logged, and at when somebody who is gone last did."""
    now = reader.last_logged
    changed = {user_id for user_id in before.keys() | now.keys() if before.get(user_id) != now.get(user_id)}
    if any(user_id in reader.users and not reader.users[user_id].active for user_id in changed):
        evaluations.forget_all(db, reader.connection)
    elif changed:
        owned = [account.id for account in reader.accounts.values() if account.owner_id in changed]
        evaluations.forget(db, reader.connection, owned)
