"""Who of ours has which role on a company: owners in properties that `[connections.NAME.map.team]` names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from connectors.hubspot.mapping import Shape
from connectors.hubspot.values import Json, properties, text
from connectors.protocol import Page, Row


def with_team(page: Page, shape: Shape, records: Sequence[Json]) -> Page:
    """The page of companies, and who has which role on each; nothing tells since when."""
    if not shape.team:
        return page
    live = {row["id"] for row in page.rows[shape.table]}
    held = {
        member: row for record in records if str(record.get("id")) in live for member, row in _members(shape, record)
    }
    left = [member for member, row in held.items() if row is None]
    gone = {"team": [*left, *team_ids(shape, page.gone.get(shape.table, ()))]}
    return replace(page, rows={**page.rows, "team": list(filter(None, held.values()))}, gone={**page.gone, **gone})


def team_ids(shape: Shape, company_ids: Iterable[str]) -> list[str]:
    """The ids under which the store keeps who has which role on these companies."""
    return [f"{one}:{role}" for one in company_ids for role in shape.team]


def _members(shape: Shape, record: Json) -> Iterable[tuple[str, Row | None]]:
    """Each role's row by its id, None where nobody has it."""
    company_id = str(record["id"])
    for (role, name), member in zip(shape.team.items(), team_ids(shape, [company_id]), strict=True):
        owner_id = text(properties(record), name)
        row: Row = {"id": member, "account_id": company_id, "user_id": owner_id, "role": role}
        yield member, row if owner_id else None
