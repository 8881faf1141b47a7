"""What is asked of an object, from where a stream stands."""

from __future__ import annotations

from connectors.salesforce.place import Place
from connectors.salesforce.source import Source
from connectors.salesforce.values import quoted


def in_order(source: Source, place: Place, piece: int | None) -> str:
    """All rows from the watermark on, or behind the last one that arrived, oldest first.

    Inclusive at the watermark, since rows of one transaction share their stamp.
    """
    at, row = place.last_stamp, place.last_id
    behind = f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {quoted(row)}))" if at and row else ""
    limit = f" LIMIT {piece}" if piece else ""
    return f"{_select(source, place, behind or _since(place.since))} ORDER BY SystemModstamp, Id{limit}"


def in_bulk(source: Source, place: Place) -> str:
    """The same rows in any order, and perhaps some more of the last stamp.

    Neither ORDER BY nor LIMIT: they would keep Salesforce from splitting the work.
    """
    return _select(source, place, _since(place.last_stamp or place.since))


def _since(stamp: str | None) -> str:
    return f"SystemModstamp >= {stamp}" if stamp else ""


def _select(source: Source, place: Place, wanted: str) -> str:
    columns = ", ".join(("Id", "SystemModstamp", *place.fields))
    conditions = " AND ".join(filter(None, (" ".join(source.only), wanted)))
    where = f" WHERE {conditions}" if conditions else ""
    return f"SELECT {columns} FROM {source.object_name}{where}"  # noqa: S608 - names
