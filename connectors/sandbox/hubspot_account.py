"""One HubSpot account: records, owners, schema, budgets and tokens, shared by handlers, loading and acting."""

from __future__ import annotations

import re
import secrets
import time
from typing import Any

from connectors.sandbox.crm import Clock, iso
from connectors.sandbox.hubspot_errors import unauthorized
from connectors.sandbox.hubspot_limits import Limits
from connectors.sandbox.hubspot_owners import Owner, Owners
from connectors.sandbox.hubspot_properties import SALESFORCE_GROUP, born_with, group_of, of_the_integration
from connectors.sandbox.hubspot_records import Records
from connectors.sandbox.hubspot_schema import OBJECT_TYPES, ObjectType

PORTAL_ID = 26_892_217
ZONE = "Europe/Berlin"
CURRENCY = "EUR"
TOKEN_SECONDS = 1800


class Account:
    """One account; `data` holds its records. Whoever reads or writes holds `data.store.lock`."""

    def __init__(
        self,
        clock: Clock,
        *,
        bare: bool,
        rate_limits: bool,
        unique_task_key: bool,
        association_page: int,
        index_lag_seconds: float,
    ) -> None:
        self.clock = clock
        self.portal_id = PORTAL_ID
        self.access_token = "pat-na1-5e1f0c2a-7b64-4d0e-9a3c-2f8d61b7c4e9"  # noqa: S105 opens this sandbox only
        self.client_id = "3c1de0f2-6a5b-4b7e-8d2f-90ab12cd34ef"
        self.client_secret = "b7f0a6d4-1e2c-4f3a-8b5d-6c7e8f901234"  # noqa: S105 opens this sandbox only
        self.refresh_token = "na1-7d2e-4c1b-9f60-5b3a8e0d2c14"  # noqa: S105 opens this sandbox only
        self.association_page = association_page
        self.index_lag_seconds = index_lag_seconds
        self.limits = Limits(portal_id=PORTAL_ID, zone=ZONE, enabled=rate_limits)
        self.whole_batches = False  # one bad input refuses its batch, trace ids or not
        self.id_order = "numeric"  # in which a search sorts and compares ids
        self._bare = bare
        self.unique_task_key = unique_task_key
        self.missing_scopes: set[str] = set()  # of those that property definitions want
        self.empty()

    def empty(self) -> None:
        """No records, no owners, the schema as at the start; tokens of the refresh grant are void."""
        self.owners = Owners()
        self.issued: dict[str, float] = {}  # token -> when it ends, in monotonic seconds
        definitions = born_with(bare=self._bare, unique_task_key=self.unique_task_key)
        self.groups = {
            kind: {name: group(name, name.capitalize(), -1) for name in _groups_of(definitions[kind], kind)}
            for kind in OBJECT_TYPES
        }
        self.data = Records(
            now=self.clock.now, definitions=definitions, active_owner=self.owners.is_active, portal_id=PORTAL_ID
        )

    def install_salesforce(self) -> None:
        """The portal has the properties that the integration with Salesforce brings along."""
        for kind, added in of_the_integration().items():
            self.data.definitions[kind] |= added
            self.groups[kind][SALESFORCE_GROUP] = group(SALESFORCE_GROUP, "Salesforce information", -1)

    def authorize(self, header: str) -> str:
        """The bearer token of a request; RefusedError 401 if it is none of ours or has expired."""
        match = re.fullmatch(r"[Bb]earer (\S+)", header)
        token = match[1] if match else ""
        if token == self.access_token:
            return token
        if token not in self.issued:
            raise unauthorized()
        if self.issued[token] < time.monotonic():
            raise unauthorized(expired=True)
        return token

    def issue_token(self) -> str:
        """A new access token, good for 30 minutes of real time."""
        token = f"na1-{secrets.token_urlsafe(32)}"
        self.issued[token] = time.monotonic() + TOKEN_SECONDS
        return token

    def set_active(self, owner: Owner, *, active: bool) -> None:
        """The user behind the owner was deactivated, or came back."""
        owner.active = active
        owner.updated_at = iso(self.clock.now())

    def url_of(self, kind: ObjectType, record_id: int | str) -> str:
        return f"https://app.hubspot.com/contacts/{self.portal_id}/record/{kind.type_id}/{record_id}"


def group(name: str, label: str, display_order: int) -> dict[str, Any]:
    """A property group as the API sends it."""
    return {"name": name, "label": label, "displayOrder": display_order, "archived": False}


def _groups_of(definitions: dict[str, Any], kind: ObjectType) -> list[str]:
    return sorted({definition.group for definition in definitions.values()} | {group_of(kind)})
