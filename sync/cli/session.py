"""What a command opens: config, store, connectors; and how it prints."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import typer
from sqlalchemy import Engine

from connectors.errors import ConnectorError
from connectors.protocol import Connector
from rules.rulebook import Rulebook
from sync import config_file, connections, log
from sync.cli.options import OPTIONS
from sync.config import Config, secrets_of
from sync.errors import HoldfastError, RefusedError, UsageError, named
from sync.store import cycles
from sync.store.engine import open_engine

if TYPE_CHECKING:
    from rich.console import Console

    from sync.cycle import Report, Work
    from sync.pull import Progress as PullProgress


@dataclass
class Session:
    """One command's view of the world. What went wrong is told at the end: `failures` make the exit status 1,
    `refusals` 3.
    """

    path: Path
    config: Config
    rulebook: Rulebook
    engine: Engine
    failures: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    opened: list[Connector] = field(default_factory=list)

    def works(self, names: list[str] | None = None) -> Iterator[Work]:
        """Each chosen connection, ready to work on; one that cannot be reached is told and left out."""
        rehearsal = connections.rehearsal_now(self.config, OPTIONS.now)
        for name, settings in connections.chosen(self.config, names or []).items():
            connector = connections.connect(name, settings, self.rulebook.needs)
            self.opened.append(connector)
            now = None
            with self.going_on():
                now = connections.now_for(self.config, connector, rehearsal)
            if now:
                yield self.work(connector, now)

    def work(self, connector: Connector, now: datetime) -> Work:
        from sync.cycle import Work  # noqa: PLC0415 - half a second of imports that `status` can do without

        return Work(engine=self.engine, config=self.config, rulebook=self.rulebook, connector=connector, now=now)

    def last_moment(self, name: str) -> datetime:
        """The machine's time, or that of a rehearsal: told, or the newest cycle's where the clock is the CRM's."""
        if told := connections.rehearsal_now(self.config, OPTIONS.now):
            return told
        last = cycles.last(self.engine, name) if self.config.schedule.now == "crm" else None
        return last["started_at"] if last else datetime.now(UTC)

    def allow_person_views(self, command: str) -> None:
        """Raise UsageError for a command about single people where the config has none of them."""
        if not self.config.privacy.person_views:
            raise UsageError([f"{command} tells of single people: allowed only with [privacy] person_views = true"])

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """What stops the work on one connection is told at the end, and the next one goes on."""
        try:
            yield
        except ConnectorError as error:
            self.fail(error)
        except RefusedError as error:
            self.refusals.append(named(error))

    def fail(self, error: HoldfastError | ConnectorError) -> None:
        """Something went wrong that does not end the command; it is told at the end."""
        self.failures.append(named(error))

    def note(self, report: Report) -> None:
        """Remember what kept a cycle from being done."""
        self.failures += report.errors
        self.refusals += filter(None, [report.refused])

    def finish(self) -> None:
        """Close everything, print what failed, one line per cause, and leave with the status that it makes."""
        for connector in self.opened:
            connector.close()
        self.engine.dispose()
        causes = [*self.failures, *self.refusals]
        for line in dict.fromkeys(causes):
            typer.echo(line, err=True)
        if causes:
            raise typer.Exit(3 if self.refusals else 1)


def open_session(*, name: str = "") -> Session:
    """Read the config, open the store; raises ConfigError or StoreError. `name` is that of our sessions there."""
    path = config_file.find(OPTIONS.config)
    config, rulebook = config_file.load(path)
    log.hide(secrets_of(config))
    return Session(path=path, config=config, rulebook=rulebook, engine=open_engine(config.store_url, name=name))


def print_json(document: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE, default=str))
    sys.stdout.buffer.flush()


def console() -> Console:
    from rich.console import Console  # noqa: PLC0415 - heavy, and what prints JSON or plain lines needs none

    return Console(soft_wrap=True, highlight=False)


@contextmanager
def pull_progress() -> Iterator[PullProgress | None]:
    """A progress display on standard error while pulling, only on a terminal."""
    if OPTIONS.quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console  # noqa: PLC0415 - as above
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn  # noqa: PLC0415 - as above

    shown = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed} records"))
    with Progress(*columns, console=shown, transient=True) as bars:
        known: dict[tuple[str, str], Any] = {}

        def tell(connection: str, stream: str, records: int) -> None:
            if (connection, stream) not in known:
                known[connection, stream] = bars.add_task(f"{connection} {stream}", total=None)
            bars.update(known[connection, stream], completed=records)

        yield tell
