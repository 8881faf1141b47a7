"""The console script: it imports late, so that an interrupt in the first second is told as any other."""

from __future__ import annotations

import sys
from typing import NoReturn


def run() -> NoReturn:
    """Run one command and leave with its exit status."""
    try:
        from sync.cli.main import main  # noqa: PLC0415 - half a second of imports

        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; the state is consistent, run again to go on\n")
        sys.exit(130)
