"""Cron expressions of five fields, one or several, and whether a slot of theirs has come. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

GRACE = timedelta(hours=20)  # a slot that was slept through is still kept for so long
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_INSTANT = timedelta(microseconds=1)


def trigger(expression: str, timezone: ZoneInfo | None = None) -> OrTrigger:
    """The slots of an expression, or of several with `;` between them. Raises ValueError in one line for what is none.

    Days of the week are numbered as crontab does, 0 and 7 for Sunday: APScheduler 3 takes 0 for Monday
    (https://github.com/agronholm/apscheduler/issues/286). A day must match both its fields, as APScheduler has it.
    """
    return OrTrigger([_single(one.strip(), timezone) for one in expression.split(";")])


def _single(expression: str, timezone: ZoneInfo | None) -> CronTrigger:
    fields = expression.split()
    try:
        if len(fields) == 5:
            fields[4] = ",".join(_named(part) for part in fields[4].split(","))
        return CronTrigger.from_crontab(" ".join(fields), timezone=timezone)
    except ValueError as error:
        raise ValueError(f"no cron expression of five fields (is {expression!r}): {error}") from None


def _named(part: str) -> str:
    """Numbers of days as names; a range becomes a list, for `0-6` would end before it begins."""
    found = re.fullmatch(r"([0-7])(?:-([0-7]))?(?:/(\d))?", part)
    if not found:
        return part
    first, last, step = int(found[1]), int(found[2] or found[1]), int(found[3] or 1)
    if last < first or not step:
        raise ValueError(f"days {part} end before they begin")
    return ",".join(_DAYS[day % 7] for day in range(first, last + 1, step))


def is_due(slots: OrTrigger, last: datetime, now: datetime, *, daily: bool = False) -> bool:
    """Whether a slot has come since `last` that is no older than GRACE; several of them are one.

    With `daily` the hour that comes twice when summer time ends counts once.
    """
    after = max(min(last, now), now - GRACE)
    slot = next_slot(slots, after)
    while slot and daily and slot.fold:
        slot = next_slot(slots, slot)
    return slot is not None and slot <= now


def next_slot(slots: OrTrigger, after: datetime) -> datetime | None:
    """The first slot later than that moment, None where there is none, as on 30 February."""
    # In UTC: arithmetic on local times stands still in the hour that summer time skips.
    found: datetime | None = slots.get_next_fire_time(None, after.astimezone(UTC) + _INSTANT)
    return found
