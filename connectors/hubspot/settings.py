"""The `[connections.NAME]` table of a HubSpot portal, checked."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

# Property names go into comma-separated queries; HubSpot itself makes them of these characters.
PropertyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]+$")]
OptionalName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DealProperties(_Table):
    """The customer's own deal properties, by our names; empty where there is none."""

    competitor: OptionalName = ""


class CustomerProperties(_Table):
    """The customer's own company properties, by our names; empty where there is none. `deals` are those of deals."""

    tier: OptionalName = ""
    revenue: OptionalName = ""
    key_account: OptionalName = ""
    customer_since: OptionalName = ""
    customer: OptionalName = ""
    our_sponsor: OptionalName = ""
    plan_date: OptionalName = ""
    joint_plan_date: OptionalName = ""
    expectations_date: OptionalName = ""
    litmus_date: OptionalName = ""
    plan_approved_date: OptionalName = ""
    contact_every_days: OptionalName = ""
    deals: DealProperties = DealProperties()
    team: dict[str, PropertyName] = Field(default_factory=dict)  # properties that name an owner, by that one's role
    outcomes: dict[str, PropertyName] = Field(default_factory=dict)  # dates that a back-test can ask for, by your names

    def days(self) -> dict[str, str]:
        """Those of a day that rules go by, by the key that names them."""
        keys = ("plan_date", "joint_plan_date", "expectations_date", "litmus_date", "plan_approved_date")
        return {key: name for key in keys if (name := getattr(self, key))}

    def named(self) -> dict[str, str]:
        """Properties of companies by the key that names them, those of `team` and `outcomes` by `team.ROLE` and
        `outcomes.NAME`.
        """
        tables = {"team": self.team, "outcomes": self.outcomes}
        single = {key: str(name) for key, name in self if name and key not in {*tables, "deals"}}
        return single | {f"{table}.{key}": name for table, names in tables.items() for key, name in names.items()}


class OurProperties(_Table):
    """Our own properties by logical name; all on companies but `feedback` and `key`, which are on tasks."""

    risk: PropertyName = "holdfast_risk"
    risk_level: PropertyName = "holdfast_risk_level"
    coverage: PropertyName = "holdfast_coverage"
    findings: PropertyName = "holdfast_findings"
    last_exec_exchange: PropertyName = "holdfast_last_exec_exchange"
    next_exec_due: PropertyName = "holdfast_next_exec_due"
    snooze_until: PropertyName = "holdfast_snooze_until"
    feedback: PropertyName = "holdfast_feedback"
    key: PropertyName = "holdfast_key"

    def of_companies(self) -> dict[str, str]:
        """Logical name -> property of companies."""
        return {name: str(value) for name, value in self if name not in ("feedback", "key")}


class HubspotSettings(_Table):
    """One portal: where it is, how to log in, how fast to go, and what its properties are called.

    `search_per_second` is a mean over five seconds: the portal's 5 per second are shared with every other app.
    `burst_per_10s` is learnt upward from the portal's headers, unless it is set. `roles` translates the portal's
    association labels into roles (`decision-maker`, `executive-sponsor` ...); other labels are taken at their word.
    `task_queue` is the id of the task queue that new tasks go into, empty for none; `portal` the portal's number, with
    which pages link to records.
    """

    kind: Literal["hubspot"]
    auth: Literal["token", "oauth"] = "token"
    api_version: str = "2026-09"
    base_url: str = "https://api.hubapi.com"
    access_token: SecretStr | None = None
    client_id: str = ""
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    map: CustomerProperties = CustomerProperties()
    fields: OurProperties = OurProperties()
    roles: Mapping[str, str] = Field(default_factory=dict)
    task_queue: str = Field(default="", coerce_numbers_to_str=True)
    portal: str = Field(default="", pattern=r"^\d*$", coerce_numbers_to_str=True)
    burst_per_10s: int = Field(default=100, ge=1)
    search_per_second: int = Field(default=4, ge=1)
    index_lag_seconds: float = Field(default=10, ge=0, le=3600)

    @field_validator("api_version")
    @classmethod
    def _known_form(cls, value: str) -> str:
        if value != "v3" and not re.fullmatch(r"20\d\d-\d\d", value):
            raise ValueError(f'must be a dated version such as "2026-09", or "v3" (is {value!r})')
        return value

    @field_validator("task_queue")
    @classmethod
    def _a_queue_s_id(cls, value: str) -> str:
        if value and not (value.isascii() and value.isdigit()):
            raise ValueError(f"must be a queue's id, the digits in its address in HubSpot (is {value!r})")
        return value

    @field_validator("roles")
    @classmethod
    def _by_lower_case(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        return {label.strip().lower(): role.strip().lower() for label, role in value.items()}

    @field_validator("base_url")
    @classmethod
    def _encrypted_unless_loopback(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError(f"must be scheme and host only, such as https://api.hubapi.com (is {value!r})")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise ValueError(f"must begin with https:// (is {value!r}); http is only for this machine")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _credentials_are_there(self) -> HubspotSettings:
        if wrong := self.credentials_problem(dict(self)):
            raise ValueError(wrong)
        return self

    @staticmethod
    def credentials_problem(values: Mapping[str, Any]) -> str:
        """What is wrong with the credentials of a table, "" if nothing: also told where other keys are wrong too."""
        auth = values.get("auth") or "token"
        for key in ("access_token",) if auth == "token" else ("client_id", "client_secret", "refresh_token"):
            value = values.get(key)
            if not (value.get_secret_value().strip() if isinstance(value, SecretStr) else value):
                remedy = (
                    f'set {key} = "..."' if key == "client_id" else f'set {key}_file = "path" or {key} = "${{NAME}}"'
                )
                return f'{key} is missing for auth = "{auth}"; {remedy}'
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
