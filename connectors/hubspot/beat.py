"""What is done once a day instead of in every cycle, by the portal's clock and kept in the cursor."""

from __future__ import annotations

from connectors.protocol import Cursor

# A day, less what a schedule may come early: a daily cycle must not miss every second beat by a minute.
BEAT_MILLISECONDS = 23 * 60 * 60 * 1000


def is_due(cursor: Cursor, now: int) -> bool:
    """Whether the last beat began a day ago, or never; `now` in milliseconds, as `beat` in the cursor."""
    return now - int(cursor.get("beat", 0)) >= BEAT_MILLISECONDS
