"""What the worker does by the clock beside its cycles. A new beat is a function, its cron in the config, and a line.

No beat of its own is needed for judging everything once a day: the first cycle of a local day does that. Nor for slow
sweeps (HubSpot's associations and vanished records, Salesforce's late commits): connectors do them in the first cycle
that finds them due, and remember them in their cursors. Who wants both at night gives `schedule.cycle` a slot there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from rules.rulebook import Rulebook
from sync.config import Config
from sync.notices.sending import NoticeError, send_alerts, send_digests
from sync.store.copies import back_up, copies_of, new_copy_in
from sync.store.cycles import connections
from sync.store.retention import Horizon, drop_old

log = structlog.get_logger()

_ALERTS = "*/10 * * * *"  # soon enough for what has failed for hours; a look costs two small reads


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a beat works with."""

    config: Config
    rulebook: Rulebook
    engine: Engine


@dataclass(frozen=True, kw_only=True, slots=True)
class Beat:
    """`run` does it as of a moment; what it raises is logged, and kept as its outcome.

    `cron` reads its cron expression from the config, empty for never; it counts in `schedule.timezone`. One that is
    `alone` runs while no cycle does.
    """

    name: str
    cron: Callable[[Config], str]
    run: Callable[[Place, datetime], None]
    alone: bool = False


def _back_up(place: Place, now: datetime) -> None:
    """A new checked copy stands in `schedule.backup_to`, and of ours there the newest `backup_keep` stay."""
    folder = place.config.folder / place.config.schedule.backup_to
    path = new_copy_in(folder, place.engine, now)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = back_up(place.engine, path)
    old = copies_of(place.engine, folder)[: -place.config.schedule.backup_keep]
    for path in old:
        path.unlink()
    log.info("store_backed_up", file=copy.path.name, records=copy.records, removed=len(old))


def _drop_old(place: Place, now: datetime) -> None:
    """What is older than `[privacy]` and `schedule.keep_cycles_days` allow is gone."""
    kept = place.config.privacy
    horizon = Horizon(
        touches=kept.touches_since(now),
        audit=now - timedelta(days=kept.keep_audit_days),
        # Cycles tell when something was deleted.
        deleted=now - timedelta(days=min(kept.keep_deleted_days, place.config.schedule.keep_cycles_days)),
        cycles=now - timedelta(days=place.config.schedule.keep_cycles_days),
    )
    dropped = drop_old(place.engine, connections(place.engine), horizon)
    log.info("old_records_dropped", **asdict(dropped))


def _send_digests(place: Place, now: datetime) -> None:
    """Every manager with news has had this week's digest; raises NoticeError for those whose no service took."""
    failed = [one.problem for one in send_digests(place.engine, place.config, now) if one.problem]
    if failed:
        raise NoticeError(f"{failed[0]}; {len(failed)} not sent, `holdfast digest --send` tries again")


def _send_alerts(place: Place, now: datetime) -> None:
    """The operator has been told of what fails for long, and of what is well again."""
    for one in send_alerts(place.engine, place.config, now):
        if one.problem:
            raise NoticeError(one.problem)


BEATS = (
    Beat(name="alerts", cron=lambda config: _ALERTS if config.notices.alerts_to else "", run=_send_alerts),
    Beat(name="digest", cron=lambda config: config.schedule.digest, run=_send_digests),
    Beat(name="backup", cron=lambda config: config.schedule.backup, run=_back_up),
    Beat(name="retention", cron=lambda config: config.schedule.retention, run=_drop_old, alone=True),
)
