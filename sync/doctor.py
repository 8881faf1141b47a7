"""Every precondition, tried and told: the machine, the store, each CRM, and whether the data can carry the verdicts.

Checks are small; each yields its lines and stops nothing but itself.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from connectors.diagnosis import Diagnosable, Line, State, fail, ok, refused, trying, warn
from connectors.errors import ConnectorError
from connectors.protocol import Budgeted, Connector
from rules.exemptions import unmatched
from rules.rulebook import Rulebook, unused_tiers
from rules.wording import count_text
from sync import connections
from sync.config import Config
from sync.config_checks import tiers_named
from sync.cycle import Work, facts_reader
from sync.errors import CycleError, HoldfastError
from sync.evidence import Picture, judge_evidence
from sync.notices.sending import understood
from sync.store import cycles
from sync.store.condition import try_store
from sync.store.engine import open_engine
from sync.store.evidence import read_evidence
from sync.store.moment import Moment

SKEW = timedelta(seconds=30)  # the login of Salesforce is valid for three minutes
FEW_CALLS = 1000
GIGABYTE = 10**9


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """A line and what it is about: a connection, else `config`, `store`, `notices` or `people`."""

    about: str
    line: Line


@dataclass(kw_only=True)
class Examination:
    """One run of the doctor. `pictures` are the connections whose records are there, as they are found."""

    path: Path
    config: Config
    rulebook: Rulebook
    rehearsal: datetime | None
    pictures: dict[str, Picture]
    engine: Engine | None = None

    def lines(self) -> Iterator[Told]:
        """Yield every line; the store stays open until `close`."""
        yield from self._about("config", partial(config_lines, self.path, self.config, self.rulebook))
        yield from self._about("store", self._store)
        for name in self.config.connections:
            yield from self._about(name, partial(self._connection, name))
        yield from self._about("notices", partial(notice_lines, self.config))
        yield from self._about("people", partial(people_lines, self.config, self.pictures))
        yield from self._about("config", partial(named_lines, self.config, self.pictures, self._today()))

    def close(self) -> None:
        if self.engine:
            self.engine.dispose()

    def _about(self, about: str, check: Callable[[], Iterator[Line]]) -> Iterator[Told]:
        try:
            for line in check():
                yield Told(about=about, line=line)
        except (HoldfastError, ConnectorError) as error:
            yield Told(about=about, line=refused(error))
        except OSError as error:
            told = f"{error.filename}: {error.strerror}"
            yield Told(about=about, line=fail(told, "check the path and its rights"))

    def _store(self) -> Iterator[Line]:
        self.engine = open_engine(self.config.store_url)
        yield from store_lines(self.engine)

    def _connection(self, name: str) -> Iterator[Line]:
        connector = connections.connect(name, self.config.connections[name], self.rulebook.needs)
        try:
            now = self.rehearsal or (datetime.now(UTC) if self.config.schedule.now == "local" else None)
            try:
                heard, lines = clock(connector, compared=self.config.schedule.now == "local" and not self.rehearsal)
            except ConnectorError as error:
                yield refused(error)
            else:
                now = now or heard
                yield from lines
                yield from crm_lines(connector, live=self.config.writeback.mode == "live")
            if self.engine:
                yield from self._records(self.engine, connector, now)
        finally:
            connector.close()

    def _records(self, engine: Engine, connector: Connector, now: datetime | None) -> Iterator[Line]:
        last = cycles.last(engine, connector.name)
        yield from cycle_lines(last, cycles.cursors(engine, connector.name))
        if last is None:
            return
        now = now or last["started_at"]
        work = Work(engine=engine, config=self.config, rulebook=self.rulebook, connector=connector, now=now)
        reader = facts_reader(work, Moment.at(now, self.config.timezone))
        self.pictures[connector.name] = Picture(
            users=reader.users,
            accounts=reader.accounts,
            standings=reader.standings,
            untold=reader.untold,
            evidence=read_evidence(engine, connector.name, reader.moment, reader.user_by_email),
            elsewhere=len(reader.together.elsewhere),
        )
        yield from judge_evidence(self.pictures[connector.name], self.config)

    def _today(self) -> datetime:
        return (self.rehearsal or datetime.now(UTC)).astimezone(self.config.timezone)


def config_lines(path: Path, config: Config, rulebook: Rulebook) -> Iterator[Line]:
    """Yield what a config that could be loaded still says or lacks."""
    if not config.connections:
        yield fail(f"{path}: no connection is configured", "add a [connections.NAME] table")
        return
    yield ok(f"{path}: {len(config.connections)} connections, {len(rulebook.rules)} rules on, {config.writeback.mode}")
    for name, table in tomllib.loads(path.read_text(encoding="utf-8")).get("connections", {}).items():
        for key, value in table.items():
            if key.endswith("_file") and (path.parent / str(value)).stat().st_mode & 0o077:
                told = f"{value} (connections.{name}.{key}) can be read by other users of this machine"
                yield warn(told, f"chmod 600 {path.parent / str(value)}")


def store_lines(engine: Engine) -> Iterator[Line]:
    """Yield whether the store takes writes, and has room for more."""
    condition = try_store(engine)
    if condition.path is None:
        yield ok(f"{condition.engine}: opens and takes writes")
        return
    yield ok(f"{condition.path.name} ({condition.bytes / 10**6:,.1f} MB): opens and takes writes")
    if condition.path.stat().st_mode & 0o077:
        yield warn(f"{condition.path.name} can be read by other users", f"chmod 600 {condition.path}")
    free = shutil.disk_usage(condition.path.parent).free
    if free < max(GIGABYTE, 2 * condition.bytes):
        yield warn(f"{free / GIGABYTE:.1f} GB are free beside the store", "make room, or move the store")


def clock(connector: Connector, *, compared: bool) -> tuple[datetime, list[Line]]:
    """Log in, and return the CRM's clock and what it says of ours. Its Date header counts in whole seconds."""
    before = datetime.now(UTC)
    heard = connector.server_now()
    after = datetime.now(UTC)
    skew = max(before - timedelta(seconds=1) - heard, heard - after, timedelta())
    lines = [ok("login: accepted")]
    if not compared:
        lines.append(ok("clock: a rehearsal, this machine's is not used"))
    elif skew > SKEW:
        ahead = "behind" if heard > after else "ahead of"
        told = f"clock: this machine is {skew.total_seconds():,.0f} s {ahead} the CRM"
        lines.append(warn(told, "set it by NTP; past three minutes Salesforce refuses the login"))
    else:
        lines.append(ok("clock: agrees with the CRM's"))
    return heard, lines


def crm_lines(connector: Connector, *, live: bool) -> Iterator[Line]:
    """Yield what the CRM allows us, by its own word."""
    if isinstance(connector, Diagnosable):
        yield from trying(connector.diagnose)
    yield from trying(partial(field_lines, connector, live=live))
    yield from trying(partial(budget_lines, connector))


def field_lines(connector: Connector, *, live: bool) -> Iterator[Line]:
    """Yield what `holdfast provision` would do, and what only a person can."""
    worst = State.FAIL if live else State.WARN
    steps = list(connector.provision(dry_run=True))
    lacking = [step.name for step in steps if step.state == "would make"]
    # Of a field that is missing it goes without saying that there is no access to it.
    missing = [name for name in lacking if not name.startswith("access to ")]
    if missing or lacking:
        remedy = f"holdfast provision --connection {connector.name}"
        yield Line(state=worst, what=f"missing: {', '.join(missing or lacking)}", remedy=remedy)
    for step in steps:
        if step.state in ("wrong", "manual"):
            yield Line(state=worst, what=f"{step.name}: is {step.state}", remedy=step.told)
    if all(step.state == "exists" for step in steps):
        yield ok("fields of ours: all are there, and we may write them")


def budget_lines(connector: Connector) -> Iterator[Line]:
    """Yield what is left of the calls of the day, and what a cycle takes."""
    told = connector.forecast(spent=0, expected=None) if isinstance(connector, Budgeted) else ""
    left = connector.api_left
    if left is None:
        yield ok("API budget: the CRM tells no daily limit")
    elif left < FEW_CALLS:
        yield warn(f"API budget: {left:,} calls are left today", "run less often ([schedule] cycle), or buy more calls")
    else:
        yield ok(f"API budget: {told or f'{left:,} left today'}")


def cycle_lines(last: dict[str, Any] | None, cursors: list[dict[str, Any]]) -> Iterator[Line]:
    """Yield how the last cycle went, and which records never came."""
    if last is None:
        yield ok("nothing was pulled yet; run `holdfast run`, and the doctor again to judge the data")
        return
    if last["error"]:
        yield refused(CycleError(f"the last cycle failed: {last['error']}"), State.WARN)
    if late := [row["stream"] for row in cursors if row["complete_at"] is None]:
        told = f"never pulled to the end: {', '.join(late)}"
        yield warn(told, "run `holdfast run` until they are; what rests on them is left alone")
    for row in cursors:
        for reason, count in row["set_aside"].items():
            yield warn(f"{row['stream']}: {count:,} records were set aside: {reason}", "mend them in the CRM")


def notice_lines(config: Config) -> Iterator[Line]:
    """Yield whether apprise understands the addresses of notices; nothing is sent to any."""
    for key in ("digest_to", "alerts_to"):
        if address := getattr(config.notices, key):
            count = understood(f"notices.{key}", address.get_secret_value())
            yield ok(f"notices.{key}: apprise understands {count_text(count, 'address')}; nothing was sent")


def people_lines(config: Config, pictures: dict[str, Picture]) -> Iterator[Line]:
    """Yield addresses of `[people]` that are nobody's, where any users are known."""
    known = {user.email for picture in pictures.values() for user in picture.users.values()}
    if not config.people.executives:
        yield warn("no executives of ours are named: our-exec-lapse is off", "name them in [people] executives")
    people = config.people
    named = {
        "executives": people.executives,
        "ignore": people.ignore,
        "leaving": people.leaving,
        "fallback": tuple(filter(None, [people.fallback])),
        "managers": (*people.managers, *people.managers.values()),
        "successors": (*people.successors, *people.successors.values()),
    }
    for key, addresses in named.items():
        if unknown := sorted(set(addresses) - known) if known else []:
            told = f"[people] {key}: no user has the address {', '.join(unknown)}"
            yield warn(told, "correct it; nothing follows from it")


def named_lines(config: Config, pictures: dict[str, Picture], today: datetime) -> Iterator[Line]:
    """Yield accounts and tiers that the config names and no connection has."""
    if not pictures or len(pictures) < len(config.connections):
        return  # what is missing may stand in a connection that was not pulled yet
    wrong = unmatched(config.accounts_named(today.date()), [list(one.accounts.values()) for one in pictures.values()])
    tiers = {stands.tier for picture in pictures.values() for stands in picture.standings.values()}
    tables = {"rules": config.rules, "writeback": {"pilot": {"tiers": config.writeback.pilot.tiers}}}
    for path, told in [*wrong, *unused_tiers(tiers_named(tables), tiers)]:
        what, _, remedy = told.partition("; ")
        yield warn(f"{path}: {what}", remedy)
