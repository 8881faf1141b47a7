"""The `[connections.NAME]` table of a Salesforce org, checked.

Secrets arrive resolved: the config loader reads `private_key_file` and `client_secret_file` into `private_key` and
`client_secret` before this is validated.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from connectors.budget import Shares
from connectors.salesforce.values import id18

# Names end up in SOQL, so they must be names and nothing else.
ApiName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")]

_STRICT = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)
_LOGIN_HOSTS = ("login.salesforce.com", "test.salesforce.com")


def is_loopback(host: str | None) -> bool:
    """Whether `host` is this machine: `localhost` or a loopback address."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


class MappedDealFields(BaseModel):
    """The customer's own Opportunity fields, by our names."""

    model_config = _STRICT

    competitor: ApiName | None = None


class MappedFields(BaseModel):
    """The customer's own Account fields, by our names; `deals` are those of Opportunity."""

    model_config = _STRICT

    tier: ApiName | None = None
    revenue: ApiName | None = None
    key_account: ApiName | None = None
    customer_since: ApiName | None = None
    customer: ApiName | None = None
    our_sponsor: ApiName | None = None
    plan_date: ApiName | None = None
    joint_plan_date: ApiName | None = None
    expectations_date: ApiName | None = None
    litmus_date: ApiName | None = None
    plan_approved_date: ApiName | None = None
    contact_every_days: ApiName | None = None
    deals: MappedDealFields = MappedDealFields()
    outcomes: dict[str, ApiName] = Field(default_factory=dict)  # dates that a back-test can ask for, by your names

    def days(self) -> dict[str, str]:
        """Those of a day that rules go by, by the key that names them."""
        keys = ("plan_date", "joint_plan_date", "expectations_date", "litmus_date", "plan_approved_date")
        return {key: name for key in keys if (name := getattr(self, key))}

    def named(self) -> dict[str, str]:
        """API names of Account fields by the key that names them, those of `outcomes` by `outcomes.NAME`."""
        single = {key: str(name) for key, name in self if name and key not in ("outcomes", "deals")}
        return single | {f"outcomes.{key}": name for key, name in self.outcomes.items()}


class FieldNames(BaseModel):
    """What our own fields are called in this org, by logical name."""

    model_config = _STRICT

    risk: ApiName = "Holdfast_Risk__c"
    risk_level: ApiName = "Holdfast_Risk_Level__c"
    coverage: ApiName = "Holdfast_Coverage__c"
    findings: ApiName = "Holdfast_Findings__c"
    last_exec_exchange: ApiName = "Holdfast_Last_Exec_Exchange__c"
    next_exec_due: ApiName = "Holdfast_Next_Exec_Due__c"
    snooze_until: ApiName = "Holdfast_Snooze_Until__c"
    feedback: ApiName = "Holdfast_Feedback__c"
    key: ApiName = "Holdfast_Key__c"

    def on_account(self) -> dict[str, str]:
        """API names of our Account fields, by logical name."""
        return {name: str(getattr(self, name)) for name in (*WRITTEN_FIELDS, "snooze_until")}


# The Account fields that we write; `snooze_until` is people's.
WRITTEN_FIELDS = ("risk", "risk_level", "coverage", "findings", "last_exec_exchange", "next_exec_due")


class SalesforceSettings(BaseModel):
    """One Salesforce org and how to log in to it."""

    model_config = _STRICT

    kind: Literal["salesforce"] = "salesforce"
    auth: Literal["jwt", "client-credentials"] = "jwt"
    api_version: str = "66.0"
    base_url: str
    consumer_key: str | None = None
    username: str | None = None
    private_key: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    bulk_above_rows: int = Field(default=50_000, ge=0)
    task_owner_queue: str = ""  # id of a queue that may own tasks, empty for none
    holidays: bool = True  # whether the org's own count for its people
    sweep_days: int = Field(default=3, ge=0, le=14)  # Salesforce's log of deletions keeps 15 days
    api_share_per_day: float = Field(default=0.5, gt=0, le=1)
    api_share_per_cycle: float = Field(default=0.25, gt=0, le=1)
    api_reserve_for_writes: int = Field(default=100, ge=0)
    map: MappedFields = Field(default_factory=MappedFields)
    fields: FieldNames = Field(default_factory=FieldNames)

    @property
    def shares(self) -> Shares:
        """What of the org's calls is ours."""
        return Shares(
            per_day=self.api_share_per_day, per_cycle=self.api_share_per_cycle, reserve=self.api_reserve_for_writes
        )

    @property
    def loopback(self) -> bool:
        """Whether the org is a sandbox server on this machine."""
        return is_loopback(urlsplit(self.base_url).hostname)

    @field_validator("api_version")
    @classmethod
    def _is_a_version(cls, version: str) -> str:
        number, _, rest = version.partition(".")
        if not number.isdecimal() or rest != "0" or int(number) < 53:
            raise ValueError(f'must be a version of the REST API from "53.0" on, like "66.0" (is "{version[:20]}")')
        return version

    @field_validator("task_owner_queue")
    @classmethod
    def _is_a_queue(cls, value: str) -> str:
        if value and not (found := id18(value) or "").startswith("00G"):
            raise ValueError(f'must be a queue\'s id, which begins with "00G" (is "{value[:40]}"); see Setup, Queues')
        return found if value else ""

    @field_validator("base_url")
    @classmethod
    def _is_my_domain(cls, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.username or parts.password or parts.query or parts.fragment or parts.path not in {"", "/"}:
            raise ValueError("must be scheme and host alone, like https://acme.my.salesforce.com")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
            raise ValueError("must begin with https:// (http:// is for loopback only)")
        if not host or host in _LOGIN_HOSTS or host.endswith(".lightning.force.com"):
            raise ValueError("must be the org's My Domain, like https://acme.my.salesforce.com (Setup, My Domain)")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _has_its_credentials(self) -> SalesforceSettings:
        if wrong := self.credentials_problem(dict(self)):
            raise ValueError(wrong)
        return self

    @staticmethod
    def credentials_problem(values: Mapping[str, Any]) -> str:
        """What is wrong with the credentials of a table, "" if nothing: also told where other keys are wrong too."""
        auth = values.get("auth") or "jwt"
        keys = {
            "jwt": ("consumer_key", "username", "private_key"),
            "client-credentials": ("client_id", "client_secret"),
        }.get(str(auth), ())
        # Secrets are told by the key that takes them from a file.
        shown = {key: f"{key}_file" if key in ("private_key", "client_secret") else key for key in keys}
        missing = [shown[key] for key in keys if not values.get(key)]
        if missing:
            return f'auth = "{auth}" needs {", ".join(shown.values())}; missing: {", ".join(missing)}'
        key = values.get("private_key")
        if auth == "jwt" and "-----BEGIN" not in (key.get_secret_value() if isinstance(key, SecretStr) else ""):
            return "private_key_file must hold a private key in PEM form (-----BEGIN PRIVATE KEY-----)"
        return ""
