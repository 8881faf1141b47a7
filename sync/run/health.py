"""Whether the worker is ready: the store can be read, and no connection has gone without a good cycle for too long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.combining import OrTrigger
from sqlalchemy import Engine

from sync.config import Config
from sync.errors import StoreError
from sync.run.cron import next_slot, trigger
from sync.store import cycles

_MISSED = 2  # slots in a row: one may fail


def slots_of(config: Config, connection: str) -> OrTrigger:
    """When the cycles of a connection are due."""
    own = config.schedule.connections.get(connection)
    expression = (own and own.cycle) or config.schedule.cycle
    return trigger(expression, ZoneInfo((own and own.timezone) or config.schedule.timezone))


def problems(engine: Engine, config: Config, now: datetime) -> Mapping[str, str]:
    """What keeps the worker from being ready, in one line by connection, or by `store`; empty when it is.

    A connection is late once two of its slots have passed since its last good cycle, and the time that a cycle may take
    after the second. Before its first good cycle it is not ready.
    """
    limit = timedelta(minutes=config.schedule.cycle_limit_minutes)
    try:
        good = {name: cycles.last_good(engine, name) for name in config.connections}
    except StoreError as error:
        return {"store": str(error)}
    told = {name: _problem(slots_of(config, name), ended_at, limit, now) for name, ended_at in good.items()}
    return {name: why for name, why in told.items() if why}


def _problem(slots: OrTrigger, good: datetime | None, limit: timedelta, now: datetime) -> str:
    if good is None:
        return "no cycle has ended well yet"
    slot: datetime | None = good
    for _ in range(_MISSED):
        slot = next_slot(slots, slot) if slot else None
    if slot and slot + limit <= now:
        return f"the last good cycle ended at {good:%Y-%m-%dT%H:%MZ}; see the log and `holdfast status`"
    return ""
