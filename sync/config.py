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
from rules.exemptions import Waiver
from rules.score import ScoreSettings
from rules.titles import BUILT_IN, TitleRules
from sync.days_off import public_holidays


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


class PilotSection(Section):
    """Whose accounts get tasks; an empty list asks for nothing. People are named by their e-mail addresses."""

    owners: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()  # with everybody below them
    tiers: tuple[str, ...] = ()

    @field_validator("owners", "managers")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.lower() for address in value)


class WritebackSection(Section):
    mode: Literal["preview", "live"] = "preview"
    pilot: PilotSection = PilotSection()


class PeopleSection(Section):
    """People are named by their e-mail addresses."""

    executives: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()  # for whom `holdfast walkaway` makes the hand-over packs
    managers: dict[str, str] = Field(default_factory=dict)
    successors: dict[str, str] = Field(default_factory=dict)

    @field_validator("executives", "ignore", "leaving")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.lower() for address in value)

    @field_validator("managers", "successors")
    @classmethod
    def _lower_both(cls, value: dict[str, str]) -> dict[str, str]:
        return {person.lower(): other.lower() for person, other in value.items()}


class CalendarSection(Section):
    """`country` as `DE` or, with a region, `DE-BY`; `people` gives single persons another, by e-mail address."""

    country: str = ""
    people: dict[str, str] = Field(default_factory=dict)
    holidays: tuple[str, ...] = ()  # ISO dates, for everybody
    quiet_days: tuple[str, ...] = ()  # ISO dates, or first/last: no new task on these

    @field_validator("country")
    @classmethod
    def _known_country(cls, value: str) -> str:
        if value:
            public_holidays(value, 2026)
        return value

    @field_validator("people")
    @classmethod
    def _known_countries(cls, value: dict[str, str]) -> dict[str, str]:
        for region in value.values():
            public_holidays(region, 2026)
        return {person.lower(): region for person, region in value.items()}

    @field_validator("quiet_days")
    @classmethod
    def _spans(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for span in value:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d(/\d{4}-\d\d-\d\d)?", span):
                raise ValueError(f"must be dates or spans such as 2026-12-24/2027-01-01 (is {span!r})")
            first, _, last = span.partition("/")
            if last and date.fromisoformat(last) < date.fromisoformat(first):
                raise ValueError(f"must begin before it ends (is {span!r})")
        return value

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

    def days_off(self, email: str, year: int) -> frozenset[date]:
        """The holidays of a person in a year and the next."""
        region = self.people.get(email, self.country)
        return self.days | (public_holidays(region, year) if region else frozenset())

    def quiet_until(self, today: date) -> date | None:
        """The last day of the quiet days that today is one of."""
        spans = [span.partition("/") for span in self.quiet_days]
        days = [(date.fromisoformat(first), date.fromisoformat(last or first)) for first, _, last in spans]
        return max((last for first, last in days if first <= today <= last), default=None)


class LimitsSection(Section):
    """0 switches a limit off."""

    baseline: bool = True
    max_open_per_person: int = Field(default=5, ge=0)
    max_new_per_person_per_week: int = Field(default=3, ge=0)
    max_new_tasks_per_run: int = Field(default=200, ge=0)
    max_closed_share: float = Field(default=0.34, ge=0, le=1)


class PrivacySection(Section):
    """What is told of single people: `rank_people` allows to compare them."""

    rank_people: bool = False


Connection = Annotated[SalesforceSettings | HubspotSettings, Field(discriminator="kind")]


class Config(Section):
    """The whole configuration, checked. `folder` is where relative paths begin."""

    store: StoreSection = StoreSection()
    schedule: ScheduleSection = ScheduleSection()
    writeback: WritebackSection = WritebackSection()
    connections: dict[str, Connection] = Field(default_factory=dict)
    customers: CustomerSettings = CustomerSettings()
    people: PeopleSection = PeopleSection()
    waivers: tuple[Waiver, ...] = ()
    score: ScoreSettings = ScoreSettings()
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

    def accounts_named(self, today: date) -> dict[str, str]:
        """Every account that an exclusion, a no-contact period or a waiver of today names, by key path."""
        tables = {"customers.exclude": self.customers.exclude, "waivers": self.waivers}
        named = {
            f"{path}.{index}.account": one.account
            for path, some in tables.items()
            for index, one in enumerate(some)
            if one.holds(today)
        }
        quiet = self.customers.quiet_until.items()
        return named | {f"customers.quiet_until.{name}": name for name, day in quiet if today <= day}

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
