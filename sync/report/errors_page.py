"""The catalogue of errors, made from the errors themselves so that it cannot differ from them.

`make docs` (python -m sync.report.errors_page) writes docs/operator/errors.md; a test holds that this changes nothing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import TypeVar

import connectors
import sync
from connectors.errors import ConnectorError
from connectors.hubspot.remedies import REMEDIES as HUBSPOT
from connectors.salesforce.remedies import LOGIN_REMEDIES
from connectors.salesforce.remedies import REMEDIES as SALESFORCE
from sync.errors import ConfigError, HoldfastError, RefusedError

PAGE = Path("docs", "operator", "errors.md")
_APART = ("connectors.sandbox", "sync.store.migrations")  # no errors of ours, or not to be imported
_REMEDY = "Remedy: "
_Error = TypeVar("_Error", HoldfastError, ConnectorError)

_HEAD = """\
<!-- Made by `make docs` from the errors in the code: change their docstrings, or `remedies.py` of a CRM. -->
# Errors

Every expected failure is one line: what it is about, what happened, what to do, and the name under which it stands
here:

    store: another Holdfast process is running a cycle on it; wait, or stop that one [store-in-use]

The names do not change from one version to the next, so that alerts and scripts can rest on them. The exit status
tells the kind: 1 done in part or failed, 2 configuration or usage wrong and nothing attempted, 3 refused by a safety
limit and nothing sent, 130 interrupted. Nothing is lost by any of them, and running again goes on. A traceback is
never expected: tell the makers."""

_WORDS = """\
## Words of the CRMs

What a CRM says of a record that it refuses ([request-refused](#request-refused)), or of a login
([login-refused](#login-refused)). `holdfast parked list` has the remedy beside each refused change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An error of ours as an operator meets it."""

    name: str
    cause: str
    remedy: str
    status: int


def kinds() -> list[type[HoldfastError | ConnectorError]]:
    """Every class of errors that there is, the two roots left out, by name."""
    for package in (connectors, sync):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith(_APART):
                import_module(module.name)
    return sorted({*_below(HoldfastError), *_below(ConnectorError)}, key=lambda kind: kind.name)


def _below(kind: type[_Error]) -> Iterator[type[_Error]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def entry(kind: type[HoldfastError | ConnectorError]) -> Entry:
    """What the docstring of an error says of it. Raises ValueError where it names no remedy."""
    paragraphs = [re.sub(r"\s+", " ", part) for part in (kind.__doc__ or "").strip().split("\n\n")]
    remedies = [part.strip().removeprefix(_REMEDY) for part in paragraphs if part.strip().startswith(_REMEDY)]
    if len(remedies) != 1:
        raise ValueError(f"{kind.__name__}: its docstring needs one paragraph that begins with {_REMEDY!r}")
    status = 2 if issubclass(kind, ConfigError) else 3 if issubclass(kind, RefusedError) else 1
    return Entry(name=kind.name, cause=paragraphs[0].strip(), remedy=_capital(remedies[0]), status=status)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def page() -> str:
    """Return the whole page."""
    parts = [_HEAD, *(_section(entry(kind)) for kind in kinds()), _WORDS]
    parts += ["### Salesforce: a record", _table(SALESFORCE.items())]
    parts += ["### Salesforce: the login", _table(LOGIN_REMEDIES)]
    parts += ["### HubSpot: a record", _table(HUBSPOT.items())]
    return "\n\n".join(parts) + "\n"


def _section(one: Entry) -> str:
    return f"## {one.name}\n\n{one.cause}\n\n**Remedy.** {one.remedy}\n\n*Exit status {one.status}.*"


def _table(rows: Iterable[tuple[str, str]]) -> str:
    lines = (f"| `{word}` | {_capital(remedy)} |" for word, remedy in rows)
    return "\n".join(["| its word | remedy |", "|---|---|", *lines])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE} written\n")
