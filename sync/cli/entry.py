"""The console script: it imports late, so that an interrupt in the first second is told as any other."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

_COLLECT_EVERY = 10_000  # new objects, of which a command's imports make some 300,000 that all stay


def run() -> NoReturn:
    """Run one command and leave with its exit status."""
    # Python's own 700 makes the collector look through the same modules hundreds of times while they are imported.
    gc.set_threshold(_COLLECT_EVERY)
    try:
        from sync.cli.main import main  # noqa: PLC0415 - half a second of imports

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the state is consistent, run again to go on\n")
        sys.exit(130)
