"""Logging to standard error: an event is a past-tense phrase with facts as keys, never a record's content.

Whatever is logged passes `redacted` first, our own lines and those of libraries alike: what is known or looks like a
secret, and e-mail addresses, are masked.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any

import structlog

MASK = "[hidden]"
_SHORTEST = 6  # shorter values would mask words that only look like them
_LOOKS_SECRET = re.compile(
    r"""
    (?<=bearer\ )[\w.!~+/=-]{8,} | (?<=basic\ )[A-Za-z0-9+/=]{8,}       # Authorization
    | \bpat-[a-z0-9]{2,4}-[\w-]{8,}                                     # HubSpot's tokens
    | \b00D[A-Za-z0-9]{9,15}![\w.]+                                     # Salesforce's session ids
    | \beyJ[\w-]{5,}\.[\w-]+\.[\w-]*                                    # JSON Web Tokens
    | -----BEGIN[^-]*-----[\s\S]*?(?:-----END[^-]*-----|$)              # keys
    | (?<=://)[^\s/:@]*:[^\s/@]+(?=@)                                   # a login in a URL
    | (?<=token=)[^\s&'"]+ | (?<=secret=)[^\s&'"]+ | (?<=password=)[^\s&'"]+ | (?<=assertion=)[^\s&'"]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SECRET_KEY = re.compile(r"authorization|password|secret|token|private_key", re.IGNORECASE)
_known: set[str] = set()


def hide(secrets: Iterable[str]) -> None:
    """From now on these values are masked in every line; of a key in several lines each line too."""
    for secret in secrets:
        _known.update(part for part in (secret, *secret.splitlines()) if len(part) >= _SHORTEST)


def masked(text: str) -> str:
    """The text without secrets and addresses."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return _ADDRESS.sub(MASK, _LOOKS_SECRET.sub(MASK, text))


def redacted(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the event with every text in it masked, and whatever is called a secret."""
    return {key: MASK if _SECRET_KEY.search(key) else _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    match value:
        case str():
            return masked(value)
        case bool() | int() | float() | None:
            return value
        case dict():
            return redacted(None, "", value)
        case list() | tuple() | set() | frozenset():
            return [_masked(one) for one in value]
        case _:
            return masked(str(value))


def configure(*, json: bool = False, quiet: bool = False) -> None:
    """From now on logs go to standard error, as lines for people or as JSON; `quiet` keeps warnings and worse.

    What libraries log, and Python's warnings, take the same way, from warnings on.
    """
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redacted,
    ]
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    of_libraries = logging.StreamHandler(sys.stderr)
    of_libraries.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [one for one in root.handlers if not isinstance(one.formatter, structlog.stdlib.ProcessorFormatter)]
    root.addHandler(of_libraries)
    root.setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    logging.captureWarnings(capture=True)
