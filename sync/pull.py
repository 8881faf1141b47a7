"""From the CRM into the store: page by page, the cursor committed with each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Engine

from connectors.errors import AuthError, ConnectorError, QuotaError, TransientError
from connectors.protocol import Connector, Stream
from sync.store.records import KnownRecords, read_cursor, save_page

log = structlog.get_logger()

Progress = Callable[[str, str, int], None]  # (connection, stream, records so far)


@dataclass(kw_only=True, slots=True)
class Pulled:
    """What arrived of one stream. `complete` is true once its last page was stored."""

    records: int = 0
    changed: int = 0
    deleted: int = 0
    pages: int = 0
    complete: bool = False
    error: str = ""


def pull(
    engine: Engine, connector: Connector, *, cycle: int, now: datetime, progress: Progress | None = None
) -> dict[str, Pulled]:
    """Bring the store up to date with the CRM, stream by stream; a stream that fails stays incomplete.

    Refused credentials, a used-up quota and a CRM that cannot be reached end the pull: the remaining streams stay
    incomplete. Nothing is raised.
    """
    result = {stream.name: Pulled() for stream in connector.streams()}
    for name, pulled in result.items():
        try:
            _pull_stream(engine, connector, name, pulled, cycle=cycle, now=now, progress=progress)
        except ConnectorError as error:
            pulled.error = str(error)
            log.warning("stream_stopped", connection=connector.name, stream=name, reason=str(error))
            if _is_final(error):
                break
    return result


def _is_final(error: ConnectorError) -> bool:
    """Whether the next stream would only wait for the same: `not sent` after all attempts is a CRM out of reach."""
    return isinstance(error, AuthError | QuotaError) or (isinstance(error, TransientError) and not error.sent)


def _pull_stream(
    engine: Engine,
    connector: Connector,
    name: str,
    pulled: Pulled,
    *,
    cycle: int,
    now: datetime,
    progress: Progress | None,
) -> None:
    known = KnownRecords(engine, connector.name, cycle)
    for page in connector.pull(name, read_cursor(engine, connector.name, name), known):
        changed, gone = save_page(engine, connector.name, name, page, cycle=cycle, now=now)
        pulled.records += page.records
        pulled.changed += changed
        pulled.deleted += gone
        pulled.pages += 1
        pulled.complete = page.last
        if progress:
            progress(connector.name, name, pulled.records)
    log.info(
        "stream_pulled",
        connection=connector.name,
        stream=name,
        records=pulled.records,
        changed=pulled.changed,
        complete=pulled.complete,
    )


def complete_kinds(streams: Iterable[Stream], complete: Mapping[str, bool]) -> frozenset[str]:
    """The record kinds of which every stream that feeds them arrived whole."""
    streams = list(streams)
    broken = {kind for stream in streams if not complete.get(stream.name) for kind in stream.feeds}
    return frozenset(kind for stream in streams for kind in stream.feeds) - broken
