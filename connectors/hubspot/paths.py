"""Where things are in HubSpot's API: the only place that knows its version."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of a dated version (`2026-09`) or of the numbered ones (`v3`, with v4 for associations)."""

    version: str

    def objects(self, kind: str, action: str = "") -> str:
        """`kind` is a plural name such as `companies`; `action` such as `search` or `batch/read`."""
        root = f"/crm/v3/objects/{kind}" if self._numbered else f"/crm/objects/{self.version}/{kind}"
        return f"{root}/{action}" if action else root

    def associations(self, from_kind: str, to_kind: str) -> str:
        root = "/crm/v4/associations" if self._numbered else f"/crm/associations/{self.version}"
        return f"{root}/{from_kind}/{to_kind}/batch/read"

    def properties(self, kind: str) -> str:
        return f"/crm/v3/properties/{kind}" if self._numbered else f"/crm/properties/{self.version}/{kind}"

    def property_groups(self, kind: str) -> str:
        return f"{self.properties(kind)}/groups"

    @property
    def owners(self) -> str:
        return "/crm/v3/owners" if self._numbered else f"/crm/owners/{self.version}"

    @property
    def account(self) -> str:
        return "/account-info/v3/details" if self._numbered else f"/account-info/{self.version}/details"

    @property
    def token(self) -> str:
        return "/oauth/v1/token" if self._numbered else f"/oauth/{self.version}/token"

    @property
    def _numbered(self) -> bool:
        return self.version == "v3"
