"""The `[connections.NAME]` table of a Salesforce org, checked.

Secrets arrive resolved: the config loader reads `private_key_file` and `client_secret_file` into `private_key` and
`client_secret` before this is validated.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

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


class MappedFields(BaseModel):
    """The customer's own Account fields, by our names."""

    model_config = _STRICT

    tier: ApiName | None = None
    key_account: ApiName | None = None
    customer_since: ApiName | None = None
    customer: ApiName | None = None


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
    map: MappedFields = Field(default_factory=MappedFields)
    fields: FieldNames = Field(default_factory=FieldNames)

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
        needed = {
            "jwt": {"consumer_key": self.consumer_key, "username": self.username, "private_key_file": self.private_key},
            "client-credentials": {"client_id": self.client_id, "client_secret_file": self.client_secret},
        }[self.auth]
        missing = [key for key, value in needed.items() if not value]
        if missing:
            raise ValueError(f'auth = "{self.auth}" needs {", ".join(needed)}; missing: {", ".join(missing)}')
        if self.auth == "jwt" and "-----BEGIN" not in (self.private_key or SecretStr("")).get_secret_value():
            raise ValueError("private_key_file must hold a private key in PEM form (-----BEGIN PRIVATE KEY-----)")
        return self
