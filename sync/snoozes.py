"""Until when people have put accounts off: the latest day that any of an account's CRMs says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Engine

from sync.store import ledger
from sync.store.facts import FactsReader


def snoozes(engine: Engine, reader: FactsReader, fields: Mapping[str, Mapping[str, Any]]) -> dict[str, date]:
    """The day by account, of those that have one; `fields` are our fields of the reader's own connection."""
    together, found = reader.together, dict[str, date]()
    for connection in together.sources:
        known = fields if connection == together.own else ledger.read_our_fields(engine, connection)
        for account_id, ours in known.items():
            if day := ours.get("snooze_until"):
                name = together.places.called(connection, account_id)
                found[name] = max(date.fromisoformat(day[:10]), found.get(name, date.min))
    return found
