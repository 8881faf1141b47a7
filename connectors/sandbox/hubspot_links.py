"""Associations between a portal's records: which may be made, what a Primary replaces, both directions kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.sandbox.hubspot_errors import invalid, no_such_record
from connectors.sandbox.hubspot_schema import (
    COMPANY,
    CONTACT,
    OBJECT_TYPES,
    PRIMARY,
    AssociationType,
    ObjectType,
    association_types,
)
from connectors.sandbox.hubspot_store import Store

Row = tuple[int, int, int, int, int]  # source kind, source id, target kind, target id, type id
_PARENT, _PRIMARY_COMPANY = 14, 1
_KIND_OF = {kind.number: kind for kind in OBJECT_TYPES}


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An association to be made from a record: to which record, by which type ids."""

    target: ObjectType
    target_id: int
    types: tuple[int, ...]


class Links:
    """All associations. `show(kind, id, name, value)` is called for properties that mirror one."""

    def __init__(self, store: Store, show: Callable[[ObjectType, int, str, str], None]) -> None:
        self.types = association_types()
        self._store = store
        self._show = show

    def check(self, source: ObjectType, link: Link) -> None:
        """RefusedError unless the types lead from source to target and the target is there."""
        for number in link.types:
            found = self.types.get(number)
            if found is None or (found.source, found.target) != (source, link.target):
                raise invalid(
                    f"associationTypeId {number} is not valid for associations from {source.type_id} "
                    f"to {link.target.type_id}",
                    context={"associationTypeId": [str(number)]},
                )
        target = self._store.get(link.target.number, link.target_id)
        if target is None or target.archived_at is not None:
            raise no_such_record(link.target, str(link.target_id))

    def unlabelled(self, source: ObjectType, target: ObjectType) -> AssociationType:
        """The plain association type between two kinds; RefusedError if there is none."""
        for found in self.types.values():
            if (found.source, found.target) == (source, target) and found.label is None:
                return found
        raise invalid(f"No association type exists from {source.type_id} to {target.type_id}")

    def make(self, source: ObjectType, source_id: int, link: Link) -> None:
        """Both directions stand; a Primary replaces the former one. Modification stamps stay as they are."""
        rows: list[Row] = []
        for number in link.types:
            found = self.types[number]
            if found.label is not None:
                rows += _both(self.unlabelled(found.source, found.target), source_id, link.target_id)
            if found.label == PRIMARY:
                self._replace_primary(found, source_id, link.target_id)
            rows += _both(found, source_id, link.target_id)
        self._store.associate(rows)
        self._mirror(rows)

    def unmake(self, source: ObjectType, source_id: int, target: ObjectType, target_id: int, types: set[int]) -> None:
        """Those association types between the two records are gone, all of them if `types` is empty."""
        present = self._store.linked(source.number, source_id, target.number, target_id - 1).fetchall()
        chosen = [number for found, number in present if found == target_id and (not types or number in types)]
        self._remove([(source.number, source_id, target.number, target_id, number) for number in chosen])

    def of(self, source: ObjectType, source_id: int) -> list[Link]:
        """What a record is associated with, one Link per type."""
        rows = self._store.all_links(source.number, source_id, source_id)
        return [
            Link(target=_KIND_OF[target], target_id=target_id, types=(number,)) for _, target, target_id, number in rows
        ]

    def drop(self, source: ObjectType, source_id: int) -> None:
        """The record is associated with nothing any more."""
        rows = self._store.all_links(source.number, source_id, source_id).fetchall()
        self._remove([(source.number, *row) for row in rows])

    def _replace_primary(self, found: AssociationType, source_id: int, target_id: int) -> None:
        # Only the company's side may have many: one Primary per contact, deal or ticket.
        if found.source is COMPANY:
            found, source_id, target_id = self.types[found.inverse], target_id, source_id
        for former, number in self._store.linked(found.source.number, source_id, found.target.number).fetchall():
            if number == found.id and former != target_id:
                self._store.dissociate(_both(found, source_id, former))

    def _remove(self, rows: Sequence[Row]) -> None:
        turned = [
            (target, target_id, source, source_id, self.types[number].inverse)
            for source, source_id, target, target_id, number in rows
        ]
        self._store.dissociate([*rows, *turned])
        self._mirror([*rows, *turned])

    def _mirror(self, rows: Sequence[Row]) -> None:
        for source, source_id, _, _, number in rows:
            if number == _PRIMARY_COMPANY:
                self._show(CONTACT, source_id, "associatedcompanyid", self._first(source, source_id, number))
            elif number == _PARENT:
                self._show(COMPANY, source_id, "hs_parent_company_id", self._first(source, source_id, number))

    def _first(self, source: int, source_id: int, number: int) -> str:
        linked = self._store.linked(source, source_id, COMPANY.number).fetchall()
        return next((str(target_id) for target_id, found in linked if found == number), "")


def _both(found: AssociationType, source_id: int, target_id: int) -> list[Row]:
    source, target = found.source.number, found.target.number
    return [
        (source, source_id, target, target_id, found.id),
        (target, target_id, source, source_id, found.inverse),
    ]
