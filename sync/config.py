"""What can be configured, as one frozen Config; `sync.config_file` reads it from TOML and environment."""

from __future__ import annotations

import ipaddress
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.hubspot.settings import HubspotSettings
from connectors.salesforce.settings import SalesforceSettings
from rules.customers import CustomerSettings
from rules.titles import BUILT_IN, TitleRules


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSection(Section):
    url: str = "sqlite:///holdfast.db"


class ScheduleSection(Section):
    cycle: str = "*/30 6-20 * * mon-fri"
    timezone: str = "UTC"
    now: Literal["local", "crm"] = "local"

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"no such timezone (is {value!r}); use a name such as Europe/Berlin") from None
        return value

    @field_validator("cycle")
    @classmethod
    def _cron(cls, value: str) -> str:
        try:
            CronTrigger.from_crontab(value)
        except ValueError as error:
            raise ValueError(f"no cron expression of five fields (is {value!r}): {error}") from None
        return value


class WritebackSection(Section):
    mode: Literal["preview", "live"] = "preview"


class PeopleSection(Section):
    """People are named by their e-mail addresses."""

    executives: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    managers: dict[str, str] = Field(default_factory=dict)
    successors: dict[str, str] = Field(default_factory=dict)

    @field_validator("executives", "ignore")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.lower() for address in value)

    @field_validator("managers", "successors")
    @classmethod
    def _lower_both(cls, value: dict[str, str]) -> dict[str, str]:
        return {person.lower(): other.lower() for person, other in value.items()}


class CalendarSection(Section):
    holidays: tuple[str, ...] = ()  # ISO dates

    @field_validator("holidays")
    @classmethod
    def _dates(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for day in value:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
                raise ValueError(f"must be dates such as 2026-12-25 (is {day!r})")
        return value

    @property
    def days(self) -> frozenset[date]:
        return frozenset(date.fromisoformat(day) for day in self.holidays)


class LimitsSection(Section):
    """0 switches a limit off. Caps and baseline are accepted and take effect with the task policy."""

    baseline: bool = True
    max_open_per_person: int = Field(default=5, ge=0)
    max_new_per_person_per_week: int = Field(default=3, ge=0)
    max_new_tasks_per_run: int = Field(default=200, ge=0)
    max_closed_share: float = Field(default=0.34, ge=0, le=1)


class PrivacySection(Section):
    """Reserved: what is not stored, how long, what is shown per person."""


Connection = Annotated[SalesforceSettings | HubspotSettings, Field(discriminator="kind")]


class Config(Section):
    """The whole configuration, checked. `folder` is where relative paths begin."""

    store: StoreSection = StoreSection()
    schedule: ScheduleSection = ScheduleSection()
    writeback: WritebackSection = WritebackSection()
    connections: dict[str, Connection] = Field(default_factory=dict)
    customers: CustomerSettings = CustomerSettings()
    people: PeopleSection = PeopleSection()
    titles: TitleRules = BUILT_IN
    calendar: CalendarSection = CalendarSection()
    rules: dict[str, Any] = Field(default_factory=dict)  # checked by rules.rulebook, which knows every rule's keys
    limits: LimitsSection = LimitsSection()
    privacy: PrivacySection = PrivacySection()
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _crm_clock_is_for_rehearsals(self) -> Config:
        if self.schedule.now == "crm" and not self.loopback_only:
            raise ValueError('schedule.now: "crm" is only accepted while every connection points to 127.0.0.1')
        return self

    @property
    def loopback_only(self) -> bool:
        """Whether every connection points to this machine."""
        return all(is_loopback(str(settings.base_url)) for settings in self.connections.values())

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.schedule.timezone)

    @property
    def store_url(self) -> str:
        """The store's URL, a relative SQLite path taken from the config's folder."""
        scheme, _, path = self.store.url.partition(":///")
        if scheme != "sqlite" or path.startswith("/") or not path:
            return self.store.url
        return f"sqlite:///{(self.folder / path).resolve()}"


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
