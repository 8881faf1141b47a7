"""From the CRM into the store: page by page, the cursor committed with each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Engine

from connectors.errors import AuthError, ConnectorError, QuotaError, TransientError
from connectors.protocol import ON_DEMAND, Connector, Page, Stream
from sync.errors import named
from sync.leash import Leash
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
    engine: Engine,
    connector: Connector,
    *,
    cycle: int,
    now: datetime,
    progress: Progress | None = None,
    leash: Leash | None = None,
    touches_since: datetime | None = None,
) -> dict[str, Pulled]:
    """Bring the store up to date with the CRM, stream by stream; a stream that fails stays incomplete.

    Of touches from before `touches_since` nothing is stored.

    Refused credentials, a used-up quota, a leash that is at its end and a CRM that cannot be reached end the pull: the
    remaining streams stay incomplete. Nothing is raised.
    """
    leash = leash or Leash()
    store = partial(save_page, engine, connector.name, cycle=cycle, now=now, touches_since=touches_since)
    known = KnownRecords(engine, connector.name, cycle)
    result = {stream.name: Pulled() for stream in connector.streams()}
    for name, pulled in result.items():
        try:
            leash.check()
            pages = connector.pull(name, read_cursor(engine, connector.name, name), known)
            _store_stream(connector.name, name, pages, store, pulled, progress=progress, leash=leash)
        except ConnectorError as error:
            pulled.error = named(error)
            log.warning("stream_stopped", connection=connector.name, stream=name, reason=str(error))
            if _is_final(error):
                break
    return result


def _is_final(error: ConnectorError) -> bool:
    """Whether the next stream would only wait for the same: `not sent` after all attempts is a CRM out of reach."""
    return isinstance(error, AuthError | QuotaError) or (isinstance(error, TransientError) and not error.sent)


def _store_stream(
    connection: str,
    name: str,
    pages: Iterable[Page],
    store: Callable[[str, Page], tuple[int, int]],
    pulled: Pulled,
    *,
    progress: Progress | None,
    leash: Leash,
) -> None:
    for page in pages:
        changed, gone = store(name, page)
        pulled.records += page.records
        pulled.changed += changed
        pulled.deleted += gone
        pulled.pages += 1
        pulled.complete = page.last
        if progress:
            progress(connection, name, pulled.records)
        if not page.last:
            leash.check()
        del page  # or it would be held while the next one is made
    log.info(
        "stream_pulled",
        connection=connection,
        stream=name,
        records=pulled.records,
        changed=pulled.changed,
        complete=pulled.complete,
    )


def complete_kinds(streams: Iterable[Stream], complete: Mapping[str, bool]) -> frozenset[str]:
    """The record kinds of which every stream that feeds them arrived whole.

    A kind that is read on demand is whole where no stream feeds it: this CRM does not know it, or nobody needs it.
    """
    streams = list(streams)
    fed = {kind for stream in streams for kind in stream.feeds}
    broken = {kind for stream in streams if not complete.get(stream.name) for kind in stream.feeds}
    return frozenset(fed | ON_DEMAND) - broken
