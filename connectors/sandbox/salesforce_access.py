"""Who sees what in the org: the profile of the integration user, and what permission sets add to it.

A field that was made through the API belongs to no profile and to no permission set: nobody sees it before somebody
grants it (facts/salesforce.md 2.10). A hidden field looks like one that does not exist.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connectors.sandbox import salesforce_persons as persons
from connectors.sandbox.salesforce_schema import Field, Sobject
from connectors.sandbox.salesforce_store import Store

Named = tuple[str, str]  # object, field
HIDDEN, READ_ONLY, WHOLE = "hidden", "read-only", "whole"
SHARED_ACTIVITIES = "TaskRelation"  # the object that an org has with this feature alone

_GRANTS = (
    'SELECT "SobjectType", "Field", max("PermissionsEdit") FROM "FieldPermissions" WHERE "PermissionsRead" = 1 AND'
    ' "ParentId" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = ?)'
    ' GROUP BY "SobjectType", "Field"'
)


@dataclass(kw_only=True, slots=True)
class Access:
    """What the integration user may do. `profile` names the fields that its profile does not give in full, `lacks` the
    objects of features that the org has not switched on: nobody has them.

    `customizes`: may use the Tooling API; `permits`: may make and assign permission sets.
    """

    user_id: str
    profile: dict[Named, str] = field(default_factory=dict)
    lacks: set[str] = field(default_factory=lambda: {SHARED_ACTIVITIES})
    customizes: bool = True
    permits: bool = True
    _seen: tuple[object, Mapping[str, Sobject]] | None = None

    def visible(self, store: Store) -> Mapping[str, Sobject]:
        """The objects as the integration user has them, through every API but Tooling."""
        granted = self._granted(store) if self.profile else {}
        key = (id(store.objects), frozenset(self.profile.items()), frozenset(granted.items()), frozenset(self.lacks))
        if self._seen is None or self._seen[0] != key:
            hidden = self.lacks | {name for name, each in store.objects.items() if each.tooling}
            shown = {name: each for name, each in store.objects.items() if name not in hidden}
            limited = {name for name, _ in self.profile}
            objects = {name: self._limited(each, granted) if name in limited else each for name, each in shown.items()}
            self._seen = (key, objects)
        return self._seen[1]

    def _granted(self, store: Store) -> dict[Named, str]:
        found = store.database.execute(_GRANTS, (self.user_id,)).fetchall()
        return {(name, each.partition(".")[2]): WHOLE if edit else READ_ONLY for name, each, edit in found}

    def _limited(self, sobject: Sobject, granted: Mapping[Named, str]) -> Sobject:
        shown = (self._field(sobject.name, each, granted) for each in sobject.fields.values())
        return replace(sobject, fields={each.name: each for each in shown if each})

    def _field(self, object_name: str, each: Field, granted: Mapping[Named, str]) -> Field | None:
        levels = {self.profile.get((object_name, each.name), WHOLE), granted.get((object_name, each.name), HIDDEN)}
        if WHOLE in levels:
            return each
        return replace(each, createable=False, updateable=False) if READ_ONLY in levels else None

    def switch(self, store: Store, names: Iterable[str], *, on: bool) -> None:
        """The org has these objects and features, or lacks them. Raises ValueError for what no org has."""
        wanted = set(names)
        if on and persons.FEATURE in wanted:
            persons.switch_on(store)
            wanted.remove(persons.FEATURE)
        for name in wanted:
            if name not in store.objects:
                raise ValueError(f"no object {name!r} in Salesforce that an org can {'have' if on else 'lack'}")
        self.lacks = self.lacks - wanted if on else self.lacks | wanted

    def limit(self, store: Store, names: Iterable[str], level: str) -> None:
        """The profile gives these fields (`Account.Type`) at `level`. Raises ValueError for what the org lacks."""
        for name in names:
            object_name, _, field_name = name.partition(".")
            if field_name not in getattr(store.objects.get(object_name), "fields", {}):
                raise ValueError(f"no field {name!r} in Salesforce")
            self.profile[object_name, field_name] = level
