"""Which fields this user can read and write, by describe: a hidden field looks like one that does not exist."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.errors import RejectedError
from connectors.salesforce.client import Client

Field = Mapping[str, Any]


class Schema:
    """The describes read so far, one call per object."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._objects: dict[str, Mapping[str, Field] | None] = {}

    def has_read(self, object_name: str) -> bool:
        """Whether asking about the object costs no call."""
        return object_name in self._objects

    def forget(self) -> None:
        """Every object is described anew when it is asked about."""
        self._objects.clear()

    def fields(self, object_name: str, *, fresh: bool = False) -> Mapping[str, Field] | None:
        """The visible fields by name, None where the org or this user has no such object."""
        if fresh or object_name not in self._objects:
            described = self._client.describe(object_name)
            self._objects[object_name] = described and {field["name"]: field for field in described.get("fields", ())}
        return self._objects[object_name]

    def readable(
        self, object_name: str, required: Sequence[str], optional: Sequence[str], *, fresh: bool
    ) -> tuple[str, ...] | None:
        """The wanted fields that can be read, in order; None where there is no such object.

        Raises RejectedError `HIDDEN_FIELD` where a required one is hidden.
        """
        visible = self.fields(object_name, fresh=fresh)
        if visible is None:
            return None
        if hidden := [name for name in required if name not in visible]:
            may_be_misspelt = any(name.endswith("__c") for name in hidden)
            raise RejectedError(
                f"{self._client.name}: {', '.join(f'{object_name}.{name}' for name in hidden)} cannot be read; "
                "grant read access to it to the integration user (permission set, field-level security)"
                + ("; or correct its name in [connections.NAME.map]" if may_be_misspelt else ""),
                "HIDDEN_FIELD",
            )
        return tuple(name for name in (*required, *optional) if name in visible)
