"""Workers that pull connections which are judged together wait for each other: of half a pull nothing can be judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from sqlalchemy import Engine

from sync.leash import Leash
from sync.store import cycles, leases

MOST_SECONDS = 600
_LOOK_SECONDS = 1


def await_pulls(
    engine: Engine, connections: Collection[str], leash: Leash, sleep: Callable[[float], object] = time.sleep
) -> None:
    """Return once no other worker pulls any of these, after ten minutes in any case; the leash is asked meanwhile.

    Whoever pulls has not told yet what arrived; whoever died meanwhile holds its lease no longer.
    """
    for _ in range(0, MOST_SECONDS, _LOOK_SECONDS):
        held = leases.held(engine) if connections else frozenset()
        if not any(name in held and cycles.is_pulling(engine, name) for name in connections):
            return
        leash.check()
        sleep(_LOOK_SECONDS)
