"""What can be configured, as one frozen Config; `sync.config_file` reads it from TOML and environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connectors.hubspot.settings import HubspotSettings
from connectors.salesforce.settings import SalesforceSettings
from rules.customers import CustomerSettings
from rules.exemptions import Waiver
from rules.problems import unknown
from rules.score import ScoreSettings
from rules.titles import BUILT_IN, TitleRules
from rules.wording import Language
from sync.days_off import public_holidays
from sync.groups import Group, GroupSection, group_problem
from sync.language import languages
from sync.run.cron import trigger


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSection(Section):
    url: str = "sqlite:///holdfast.db"


def _cron(value: str) -> str:
    trigger(value)
    return value


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"no such timezone (is {value!r}); use a name such as Europe/Berlin") from None
    return value


Cron = Annotated[str, AfterValidator(_cron)]
CronOrNever = Annotated[str, AfterValidator(lambda value: value and _cron(value))]
Timezone = Annotated[str, AfterValidator(_timezone)]


class ConnectionSchedule(Section):
    """What differs for one connection; None is as for all."""

    cycle: Cron | None = None
    timezone: Timezone | None = None


class ScheduleSection(Section):
    """When `holdfast serve` does what: cron expressions of five fields, an empty one for never."""

    cycle: Cron = "*/30 6-20 * * mon-fri"
    timezone: Timezone = "UTC"
    now: Literal["local", "crm"] = "local"
    cycle_limit_minutes: int = Field(default=120, ge=1)
    backup: CronOrNever = ""
    backup_to: str = "backups"  # relative: beside the config
    backup_keep: int = Field(default=7, ge=1)
    digest: CronOrNever = "0 7 * * mon"
    retention: CronOrNever = "15 4 * * *"
    keep_cycles_days: int = Field(default=400, ge=30)
    connections: dict[str, ConnectionSchedule] = Field(default_factory=dict)


class ServeSection(Section):
    """Who may look, where `serve` listens on more than this machine; either key is enough."""

    token: SecretStr | None = None
    trusted_proxy_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]*$")


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
    language: str = "en"
    pilot: PilotSection = PilotSection()

    @field_validator("language")
    @classmethod
    def _known_language(cls, value: str) -> str:
        if value not in languages():
            raise ValueError(f'{unknown("language", value, languages())} (is "{value}")')
        return value


class PeopleSection(Section):
    """People are named by their e-mail addresses."""

    executives: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()  # for whom `holdfast walkaway` makes the hand-over packs
    fallback: str = ""  # who gets what nobody else can: stands for a queue
    managers: dict[str, str] = Field(default_factory=dict)
    successors: dict[str, str] = Field(default_factory=dict)

    @field_validator("executives", "ignore", "leaving")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(address.lower() for address in value)

    @field_validator("fallback")
    @classmethod
    def _an_address(cls, value: str) -> str:
        if value and "@" not in value:
            raise ValueError(f'must be the e-mail address of one of yours (is "{value}")')
        return value.lower()

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


#: What stands for a manager's e-mail address in `notices.digest_to`.
MANAGER = "{manager_email}"


class NoticesSection(Section):
    """Notices beside the CRM, by addresses of apprise (`mailtos://...`), several with white space between them.

    They hold secrets. `digest_to` may have `{manager_email}` in it. Where one is not set, such notices are not sent.
    """

    digest_to: SecretStr | None = None
    alerts_to: SecretStr | None = None
    alert_after_hours: float = Field(default=6, gt=0)

    @field_validator("digest_to", "alerts_to")
    @classmethod
    def _addresses(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        text = value.get_secret_value() if value else ""
        some, places = text.split(), re.findall(r"\{[^{}]*\}", text)
        # The value is a secret: no message may show any of it.
        if value and not (some and all("://" in address for address in some)):
            raise ValueError("must be addresses such as mailtos://user:password@smtp.example?to=ops@yours.example")
        if set(places) - ({MANAGER} if info.field_name == "digest_to" else set()):
            raise ValueError(f"must have nothing in braces but {MANAGER}, and that only in digest_to")
        return value


class PrivacySection(Section):
    """What is told of single people, and how long what is kept.

    `person_views` allows pages and commands about one of ours, `rank_people` those that compare them.
    """

    person_views: bool = True
    rank_people: bool = False
    keep_touches_days: int = Field(default=0, ge=0)  # 0 = for ever
    keep_deleted_days: int = Field(default=90, ge=1)
    keep_audit_days: int = Field(default=730, ge=90)

    def touches_since(self, now: datetime) -> datetime | None:
        """The moment from which on touches are kept; None where all are."""
        return now - timedelta(days=self.keep_touches_days) if self.keep_touches_days else None


Connection = Annotated[SalesforceSettings | HubspotSettings, Field(discriminator="kind")]


class Config(Section):
    """The whole configuration, checked. `folder` is where relative paths begin."""

    store: StoreSection = StoreSection()
    schedule: ScheduleSection = ScheduleSection()
    serve: ServeSection = ServeSection()
    writeback: WritebackSection = WritebackSection()
    connections: dict[str, Connection] = Field(default_factory=dict)
    groups: dict[str, GroupSection] = Field(default_factory=dict)
    customers: CustomerSettings = CustomerSettings()
    people: PeopleSection = PeopleSection()
    waivers: tuple[Waiver, ...] = ()
    score: ScoreSettings = ScoreSettings()
    titles: TitleRules = BUILT_IN
    calendar: CalendarSection = CalendarSection()
    rules: dict[str, Any] = Field(default_factory=dict)  # checked by rules.rulebook, which knows every rule's keys
    limits: LimitsSection = LimitsSection()
    notices: NoticesSection = NoticesSection()
    privacy: PrivacySection = PrivacySection()
    folder: Path = Field(default=Path(), exclude=True)

    @model_validator(mode="after")
    def _crm_clock_is_for_rehearsals(self) -> Config:
        if self.schedule.now == "crm" and not self.loopback_only:
            raise ValueError('schedule.now: "crm" is only accepted while every connection points to 127.0.0.1')
        return self

    @model_validator(mode="after")
    def _nothing_is_told_of_single_people_unless_allowed(self) -> Config:
        if not self.privacy.person_views:
            if self.privacy.rank_people:
                raise ValueError("privacy.rank_people: needs person_views = true; turn it off too")
            if self.notices.digest_to:
                raise ValueError("notices.digest_to: tells of single people, needs privacy.person_views = true")
        return self

    @model_validator(mode="after")
    def _schedules_are_of_connections(self) -> Config:
        if unknown := [name for name in self.schedule.connections if name not in self.connections]:
            known = ", ".join(self.connections) or "none"
            raise ValueError(f"schedule.connections.{unknown[0]}: no such connection; configured are: {known}")
        return self

    @model_validator(mode="after")
    def _groups_are_of_connections(self) -> Config:
        if wrong := group_problem(self.groups, self.connections):
            raise ValueError(wrong)
        return self

    def group_of(self, connection: str) -> Group | None:
        """The group that a connection belongs to."""
        kinds = {name: settings.kind for name, settings in self.connections.items()}
        for name, section in self.groups.items():
            if connection in section.connections:
                return Group.of(name, section, kinds)
        return None

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

    def queue_id(self, connection: str) -> str:
        """The queue of a connection's CRM that takes tasks, empty where there is none."""
        return str(getattr(self.connections.get(connection), "task_owner_queue", ""))

    @property
    def loopback_only(self) -> bool:
        """Whether every connection points to this machine."""
        return all(is_loopback(str(settings.base_url)) for settings in self.connections.values())

    @property
    def language(self) -> Language:
        """The language of tasks and of the findings field."""
        return languages()[self.writeback.language]

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


def secrets_of(model: BaseModel) -> Iterator[str]:
    """Every secret of a config, in plain text, and the password of a store's URL."""
    for _, value in model:
        for one in value.values() if isinstance(value, dict) else [value]:
            if isinstance(one, SecretStr):
                yield one.get_secret_value()
            elif isinstance(one, BaseModel):
                yield from secrets_of(one)
    if isinstance(model, StoreSection):
        yield urlsplit(model.url).password or ""
