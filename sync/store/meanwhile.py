"""What became true since the last evaluation without any record of the account changing."""

from __future__ import annotations

from sqlalchemy import Engine

from sync.store import evaluations, logged, packs
from sync.store.affected import Affected
from sync.store.facts import FactsReader


def catch_up(engine: Engine, reader: FactsReader) -> None:
    """Take away the evaluations that time alone has made untrue; everything that is kept, where nothing is or the clock
    went back.
    """
    connection, moment = reader.connection, reader.moment
    with engine.begin() as db:
        until = evaluations.cutoff(db, connection)
        if until is None or moment.cutoff < until:
            packs.forget_all(db, connection)
            evaluations.forget_all(db, connection)
        elif until.astimezone(moment.timezone).date() == moment.today:  # with another day everything is due
            for source in reader.together.sources:
                over = Affected(connection=source)
                over.activities.update(evaluations.over_between(db, source, until, moment.cutoff))
                names = {reader.together.places.called(source, account_id) for account_id in over.accounts(db)}
                evaluations.forget(db, connection, names & reader.accounts.keys())
        logged.keep(db, connection, reader.logged)
        evaluations.set_cutoff(db, connection, moment.cutoff)
