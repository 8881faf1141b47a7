"""Is the store whole? Every record is read from the CRM once more and compared: missing, stale, surplus."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from connectors.errors import ConnectorError
from connectors.protocol import Connector, Page
from sync.errors import named
from sync.store import cycles, records
from sync.store.admission import admissible


@dataclass(kw_only=True, slots=True)
class Compared:
    """One kind of record. `missing`: the CRM has it, the store not; `stale`: both, but not alike; `surplus`: only the
    store. `complete` is false where the CRM could not be read to the end: then surplus is not told.
    """

    crm: int = 0
    store: int = 0
    missing: int = 0
    stale: int = 0
    surplus: int = 0
    complete: bool = True
    error: str = ""

    @property
    def sound(self) -> bool:
        return self.complete and not (self.missing or self.stale or self.surplus)


def verify(
    engine: Engine, connector: Connector, *, repair: bool, now: datetime, touches_since: datetime | None = None
) -> dict[str, Compared]:
    """Compare the store with the CRM, by kind of record; with `repair` the store is made equal to it.

    What the store may not hold (who was forgotten, touches from before `touches_since`) is neither counted nor missing.
    Costs as many calls as a first load. Records that change while this runs may be told as stale.
    """
    cycle = cycles.begin(engine, connector.name, now)
    known = records.KnownRecords(engine, connector.name, cycle)
    store = partial(records.save_page, engine, connector.name, cycle=cycle, now=now, touches_since=touches_since)
    found: dict[str, Compared] = defaultdict(Compared)
    seen: dict[str, set[str]] = defaultdict(set)
    for stream in connector.streams():
        tables: set[str] = set()
        try:
            for page in connector.pull(stream.name, None, known):
                tables |= page.rows.keys()
                _compare(engine, connector.name, admissible(engine, connector.name, page, touches_since), found, seen)
                _see(page, seen)
                if repair:
                    store(stream.name, page)
        except ConnectorError as error:
            for table in tables | _fed(stream.feeds):
                found[table].complete, found[table].error = False, named(error)
    for table, compared in found.items():
        _count_surplus(engine, connector.name, table, compared, seen[table])
        if repair and compared.complete and compared.surplus:
            gone = [one for one in records.live_ids(engine, connector.name, table) if one not in seen[table]]
            records.mark_gone(engine, connector.name, table, gone, cycle)
    cycles.end(engine, cycle, {}, "", now)
    return dict(found)


def _fed(kinds: frozenset[str]) -> set[str]:
    """The tables behind the record kinds that a stream feeds."""
    return {{"activity": "activities", "tasks": "crm_tasks"}.get(kind, kind) for kind in kinds}


def _see(page: Page, seen: dict[str, set[str]]) -> None:
    """The CRM has these: a touch that has grown too old since the last retention is no surplus."""
    for table, rows in page.rows.items():
        seen[table].update(row["id"] for row in rows)


def _compare(
    engine: Engine, connection: str, page: Page, found: dict[str, Compared], seen: dict[str, set[str]]
) -> None:
    for table, rows in page.rows.items():
        ours = records.contents(engine, connection, table, [row["id"] for row in rows])
        for row in rows:
            if row["id"] in seen[table]:
                continue
            seen[table].add(row["id"])
            found[table].crm += 1
            held = ours.get(row["id"])
            found[table].missing += held is None
            # What we have just written is kept as the CRM returned it, without a content of its own.
            found[table].stale += held is not None and held != b"" and held != records.content(row)


def _count_surplus(engine: Engine, connection: str, table: str, compared: Compared, seen: set[str]) -> None:
    for one in records.live_ids(engine, connection, table):
        compared.store += 1
        compared.surplus += compared.complete and one not in seen
