"""What happens to a portal's records: checks on the way in, calculated values, associations, merges, stamps."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.sandbox.hubspot_derived import activity_effects, born, calculate, keeps_lifecycle
from connectors.sandbox.hubspot_errors import (
    Problem,
    RefusedError,
    invalid,
    invalid_values,
    missing_properties,
)
from connectors.sandbox.hubspot_links import Link, Links
from connectors.sandbox.hubspot_properties import Property
from connectors.sandbox.hubspot_rules import Rule
from connectors.sandbox.hubspot_schema import (
    ACTIVITIES,
    COMPANY,
    CONTACT,
    OBJECT_TYPES,
    ObjectType,
)
from connectors.sandbox.hubspot_store import Record, Store
from connectors.sandbox.hubspot_values import Values, milliseconds, stamp

# Contacts and companies count from the same low number, as two kinds in one portal may share an id;
# activities are beyond 32 bits.
_FIRST_ID = {kind: 17_687_016_786 if kind in ACTIVITIES else 20_101 for kind in OBJECT_TYPES}
_NEEDS_ONE_OF = {CONTACT: ("email", "firstname", "lastname"), COMPANY: ("name", "domain")}


class Records:
    """All records of one portal. Whoever calls holds `store.lock`; `now` comes from the CRM's clock."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        definitions: dict[ObjectType, dict[str, Property]],
        active_owner: Callable[[str], bool],
        portal_id: int,
    ) -> None:
        self.store = Store()
        self.definitions = definitions
        self.links = Links(self.store, self._show)
        self.portal_id = portal_id
        self.rates: dict[str, float] = {}  # home currency per unit of another; at par where nothing is said
        self.rules: list[Rule] = []
        self._now = now
        self._active_owner = active_owner
        self._ids = dict(_FIRST_ID)
        self._steps = random.Random(2)  # noqa: S311 gaps between ids, the same in every portal

    @property
    def now_ms(self) -> int:
        return milliseconds(self._now())

    def new_id(self, kind: ObjectType) -> int:
        """The next id of that kind; ids ascend and have gaps."""
        self._ids[kind] += self._steps.randrange(1, 40)
        return self._ids[kind]

    def find(self, kind: ObjectType, key: str, id_property: str = "") -> Record | None:
        """The record that an id, a merged-away id or a unique property's value means; archived ones too."""
        if id_property and id_property != "hs_object_id":
            self.check_unique(kind, id_property)
            found = self.store.holder(kind.number, id_property, key.lower())
            return None if found is None else self.store.get(kind.number, found)
        if not key.isdecimal() or len(key) > len(str(2**62)):
            return None
        number = int(key)
        return self.store.get(kind.number, self.store.merged_into(kind.number, number) or number)

    def with_value(self, kind: ObjectType, name: str, value: str) -> Record | None:
        """The oldest record, archived ones left out, whose property has that value, capitals or not."""
        if name not in self.definitions[kind] or not value:
            return None
        where = f"fold(json_extract(properties, '$.{name}')) = ?"
        _, found = self.store.search(kind.number, where, [value.lower()], "created, id", 1, 0, None)
        return found[0] if found else None

    def check_unique(self, kind: ObjectType, name: str) -> None:
        definition = self.definitions[kind].get(name)
        if definition is None or definition.archived or not definition.unique:
            raise invalid(
                f"Unable to perform update/upsert by non-unique {kind.type_id} property {name} "
                f"in portal ID {self.portal_id}"
            )

    def create(
        self,
        kind: ObjectType,
        values: Mapping[str, Any],
        links: Sequence[Link] = (),
        *,
        source: str = "INTEGRATION",
        ruled: bool = False,
    ) -> Record:
        """A new record with its associations; RefusedError, and nothing written, if anything is wrong with it.

        `ruled`: the portal's own validation rules are enforced too, as the API does from 2026-09 on.
        """
        kept = self._checked(kind, values)
        filled = {name for name, value in kept.items() if value}
        missing = [name for name in kind.required if name not in filled]
        one_of = _NEEDS_ONE_OF.get(kind, ())
        if missing or (one_of and not filled.intersection(one_of)):
            raise missing_properties(kind, missing or one_of)
        self._check_conflicts(kind, None, kept)
        self._check_rules(kind, kept, ruled=ruled)
        for link in links:
            self.links.check(kind, link)
        now = self.now_ms
        record = Record(kind=kind.number, id=self.new_id(kind), created=now, modified=now, written=now)
        record.properties = born(kind, record.id, stamp(now), source)
        record.properties |= {name: value for name, value in kept.items() if value}
        calculate(kind, record.properties, {}, stamp(now), rates=self.rates)
        with self.store.transaction():
            self.store.add([record])
            self._hold(kind, record.id, kept)
            for link in links:
                self.links.make(kind, record.id, link)
            self._log_activity(kind, record)
        # Associations may have mirrored values onto the record.
        return self.store.get(kind.number, record.id) or record

    def update(self, kind: ObjectType, record: Record, values: Mapping[str, Any], *, ruled: bool = False) -> Record:
        """The record with these values ("" clears) and a new modification stamp, even if nothing differs."""
        kept = self._checked(kind, values)
        self._check_conflicts(kind, record.id, kept)
        self._check_rules(kind, record.properties | kept, ruled=ruled)
        if keeps_lifecycle(record.properties.get("lifecyclestage"), kept.get("lifecyclestage")):
            del kept["lifecyclestage"]
        with self.store.transaction():
            self._hold(kind, record.id, kept)
            self._change(kind, record, kept)
        return record

    def update_all(self, kind: ObjectType, values: Mapping[str, Any]) -> int:
        """Those values on every record, under one stamp; returns how many records there are."""
        kept = self._checked(kind, values)
        now = self.now_ms
        with self.store.transaction():
            records = [one for one in self.store.everything(kind.number, 0, -1) if one.archived_at is None]
            for record in records:
                self._change(kind, record, kept, at=now)
        return len(records)

    def set_values(self, kind: ObjectType, record: Record, values: Mapping[str, str], *, touch: bool = True) -> None:
        """Write values that only the CRM itself sets; those that it calculates `touch` no stamp."""
        self._change(kind, record, values, touch=touch)

    def archive(self, kind: ObjectType, record: Record) -> None:
        """The record is only in archived lists from now on, without associations. E-mails are gone for good."""
        now = self.now_ms
        with self.store.transaction():
            self.store.release(kind.number, record.id)
            self.links.drop(kind, record.id)
            if kind.plural == "emails":
                self.store.drop(kind.number, record.id, now)
                return
            record.archived_at = stamp(now)
            self.store.put(record, now)

    def restore(self, kind: ObjectType, record: Record) -> None:
        """An archived record is back, without its associations; no stamp moves."""
        record.archived_at = None
        self._check_conflicts(kind, record.id, record.properties)
        with self.store.transaction():
            self._hold(kind, record.id, record.properties)
            self.store.put(record, self.now_ms)

    def erase(self, kind: ObjectType, record: Record) -> None:
        """The record is gone for good, from every list, as by a deletion under the GDPR."""
        with self.store.transaction():
            self.store.release(kind.number, record.id)
            self.links.drop(kind, record.id)
            self.store.drop(kind.number, record.id, self.now_ms)

    def merge(self, kind: ObjectType, primary: Record, other: Record) -> Record:
        """A new record with a new id that both old ids lead to; the primary's values and Primary labels win."""
        now = self.now_ms
        merged = Record(
            kind=kind.number,
            id=self.new_id(kind),
            created=min(primary.created, other.created),
            modified=now,
            written=now,
        )
        merged.properties = {**other.properties, **primary.properties}
        earlier = [value for value in (r.properties.get("hs_merged_object_ids") for r in (primary, other)) if value]
        merged.properties["hs_merged_object_ids"] = ";".join([*earlier, str(primary.id), str(other.id)])
        if kind is CONTACT:
            former = [r.properties.get("hs_calculated_merged_vids", "") for r in (primary, other)]
            vids = [*filter(None, former), *(f"{record.id}:{now}" for record in (primary, other))]
            merged.properties["hs_calculated_merged_vids"] = ";".join(vids)
        merged.properties |= {
            "hs_object_id": str(merged.id),
            kind.created: stamp(merged.created),
            kind.modified: stamp(now),
        }
        with self.store.transaction():
            # The loser's links come first: a Primary of the winner then replaces them.
            pair = {primary.id, other.id}
            links = [link for record in (other, primary) for link in self.links.of(kind, record.id)]
            links = [link for link in links if link.target is not kind or link.target_id not in pair]
            for record in (primary, other):
                self.store.release(kind.number, record.id)
                self.links.drop(kind, record.id)
                self.store.drop(kind.number, record.id, now)
                self.store.merge(kind.number, record.id, merged.id)
            self.store.add([merged])
            self._hold(kind, merged.id, merged.properties)
            for link in links:
                self.links.make(kind, merged.id, link)
        return self.store.get(kind.number, merged.id) or merged

    # Inside

    def _checked(self, kind: ObjectType, values: Mapping[str, Any]) -> dict[str, str]:
        kept, problems = Values(self.definitions[kind], self._active_owner).check(values)
        if problems:
            raise invalid_values(problems)
        return kept

    def _check_rules(self, kind: ObjectType, properties: Mapping[str, str], *, ruled: bool) -> None:
        for rule in self.rules if ruled else ():
            rule.check(kind, properties)

    def _uniques(self, kind: ObjectType, values: Mapping[str, str]) -> dict[str, str]:
        known = self.definitions[kind]
        return {name: value for name, value in values.items() if name in known and known[name].unique}

    def _check_conflicts(self, kind: ObjectType, record_id: int | None, values: Mapping[str, str]) -> None:
        for name, value in self._uniques(kind, values).items():
            holder = self.store.holder(kind.number, name, value.lower()) if value else None
            if holder is None or holder == record_id:
                continue
            if kind is CONTACT and name == "email" and record_id is None:
                raise RefusedError(409, f"Contact already exists. Existing ID: {holder}", "CONFLICT")
            raise self._taken(kind, name, value, record_id, holder)

    def _taken(self, kind: ObjectType, name: str, value: str, record_id: int | None, holder: int) -> RefusedError:
        place = "on a new record" if record_id is None else f"on {record_id}"
        message = (
            f"Cannot set PropertyValueCoordinates{{portalId={self.portal_id}, objectTypeId=ObjectTypeId"
            f"{{legacyObjectType={kind.singular.upper()}}}, propertyName={name}, value={value}}} "
            f"{place}. {holder} already has that value."
        )
        if record_id is not None:
            return invalid(message)
        return invalid_values([Problem(name=name, code="CONFLICTING_UNIQUE_VALUE", message=message)])

    def _hold(self, kind: ObjectType, record_id: int, values: Mapping[str, str]) -> None:
        for name, value in self._uniques(kind, values).items():
            self.store.release(kind.number, record_id, name)
            if value:
                self.store.hold(kind.number, name, value.lower(), record_id)

    def _change(
        self, kind: ObjectType, record: Record, values: Mapping[str, str], *, touch: bool = True, at: int = 0
    ) -> None:
        now = at or self.now_ms
        before = dict(record.properties)
        for name, value in values.items():
            record.properties[name] = value
            if value == "":
                del record.properties[name]
        calculate(kind, record.properties, before, stamp(now), rates=self.rates)
        if touch:
            record.modified = now
            record.properties[kind.modified] = stamp(now)
        self.store.put(record, now)

    def _show(self, kind: ObjectType, record_id: int, name: str, value: str) -> None:
        """A property that mirrors an association: no stamp moves, as for calculated values."""
        record = self.store.get(kind.number, record_id)
        if record is not None and record.properties.get(name, "") != value:
            self._change(kind, record, {name: value}, touch=False)

    def _log_activity(self, kind: ObjectType, record: Record) -> None:
        """An activity shows on the companies, contacts and deals it hangs on, which moves their stamps."""
        if kind not in ACTIVITIES:
            return
        for target, values in activity_effects(kind, record.properties, stamp(self.now_ms)).items():
            for target_id in {found for found, _ in self.store.linked(kind.number, record.id, target.number)}:
                present = self.store.get(target.number, target_id)
                if present is not None:
                    newer = {n: v for n, v in values.items() if v > present.properties.get(n, "")}
                    self._change(target, present, newer)
