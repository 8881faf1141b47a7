"""What the last plan held back, kept so that whoever explains an account can say what its task waits for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Engine, delete, select

from sync.plan import HeldBack
from sync.store.ledger_tables import HeldBackRow
from sync.store.sql import insert, table_of

_HELD = table_of(HeldBackRow)


def replace_all(engine: Engine, connection: str, held: Iterable[HeldBack]) -> None:
    """These are what is held back on the connection now, in this order."""
    rows = [{"connection": connection, **asdict(one)} for one in held]
    with engine.begin() as db:
        db.execute(delete(_HELD).where(_HELD.c.connection == connection))
        if rows:
            db.execute(insert(db, _HELD), rows)


def read(engine: Engine, connection: str, account_id: str | None = None) -> list[HeldBack]:
    """What the last plan of a connection held back, or that of one account, in the plan's order."""
    columns = [_HELD.c[name] for name in HeldBack.__dataclass_fields__]
    chosen = select(*columns).where(_HELD.c.connection == connection).order_by(_HELD.c.id)
    chosen = chosen if account_id is None else chosen.where(_HELD.c.account_id == account_id)
    with engine.connect() as db:
        return [HeldBack(**{**row, "rules": tuple(row["rules"])}) for row in db.execute(chosen).mappings()]


def by_account(engine: Engine, connection: str, account_id: str | None = None) -> dict[str, tuple[HeldBack, ...]]:
    """The same by account id; accounts of which nothing is held back are absent."""
    found: dict[str, tuple[HeldBack, ...]] = {}
    for one in read(engine, connection, account_id):
        found[one.account_id] = (*found.get(one.account_id, ()), one)
    return found
