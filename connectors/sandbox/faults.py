"""Rules that pick requests and say what goes wrong with them.

A rule is a JSON object. Which requests: `crm`, `method`, `path` (regular expression, found anywhere), `operation`,
`write`; of those every n-th (`every`), by chance (`probability`, `seed`), only after so many (`after`) and at most so
often (`first`). What happens: `kind` (one of `_KINDS`) or `status` with the API's true body, `retry_after` seconds,
`html` or `empty` instead of the body, `truncate` (`"cut"`: the connection ends in mid-body; `"short"`: half a body as
if it were whole), `delay_ms`, `cut` (`"before"` or `"after"` the request had its effect; no answer either way),
`applied` (the request has its effect although the answer is an error). `rows` and `index_lag_seconds` are for the CRM's
own handlers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from connectors.sandbox.crm import Exchange

_WHICH = frozenset({"crm", "method", "path", "operation", "write", "every", "probability", "seed", "after", "first"})
_WHAT = frozenset({"kind", "status", "retry_after", "html", "empty", "truncate", "delay_ms", "cut", "applied"})
_FOR_HANDLERS = frozenset({"rows", "index_lag_seconds"})
_KINDS = (
    "quota",
    "rate-limit",
    "search-rate-limit",
    "token-expired",
    "unauthorized",
    "forbidden",
    "unavailable",
    "locked",
    "migration",
    "server-error",
)
_CHOICES = {
    "cut": ("before", "after"),
    "truncate": ("cut", "short"),
    "crm": ("salesforce", "hubspot"),
    "kind": _KINDS,
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("method", "path", "operation"), (str,)),
    **dict.fromkeys(("write", "html", "empty", "applied"), (bool,)),
    **dict.fromkeys(("every", "after", "first", "status"), (int,)),
    **dict.fromkeys(("probability", "retry_after", "delay_ms", "index_lag_seconds"), (int, float)),
    "seed": (int, float, str),
    "rows": (dict,),
}
_STATUSES = range(200, 600)

NAMED: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "flaky": (
        {"probability": 0.05, "seed": 1, "kind": "unavailable"},
        {"probability": 0.03, "seed": 2, "write": False, "cut": "before"},
        {"probability": 0.02, "seed": 3, "truncate": "cut", "write": False},
    ),
    "lost-replies": ({"write": True, "probability": 0.2, "seed": 1, "cut": "after"},),
    "slow": ({"delay_ms": 300},),
    "quota": ({"after": 20, "kind": "quota"},),
    "expired-token": ({"after": 3, "first": 1, "kind": "token-expired"},),
    "rate-limit": ({"every": 5, "kind": "rate-limit", "retry_after": 1},),
    "html": ({"every": 7, "status": 503, "html": True},),
    "index-lag": ({"crm": "hubspot", "operation": "search", "index_lag_seconds": 30},),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What goes wrong with one request; the defaults are: nothing."""

    kind: str = ""
    status: int = 0
    retry_after: float | None = None
    html: bool = False
    empty: bool = False
    truncate: str = ""
    delay_ms: float = 0
    cut: str = ""
    applied: bool = False
    for_handlers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def replaces(self) -> bool:
        """The answer is an error whatever the handler says."""
        return bool(self.kind or self.status or self.html or self.empty)


@dataclass(kw_only=True, slots=True)
class _Rule:
    which: Mapping[str, Any]
    what: Mapping[str, Any]
    chance: Random
    seen: int = 0
    fired: int = 0

    def fires(self, exchange: Exchange) -> bool:
        if not self._picks(exchange):
            return False
        self.seen += 1
        late = self.seen > self.which.get("after", 0)
        turn = (self.seen - self.which.get("after", 0)) % self.which.get("every", 1) == 0
        due = late and turn and self.fired < self.which.get("first", self.fired + 1)
        # One draw per picked request, so that the same seed meets the same requests.
        lucky = self.chance.random() < self.which.get("probability", 1)
        fires = bool(due and lucky)
        self.fired += fires
        return fires

    def _picks(self, exchange: Exchange) -> bool:
        which = self.which
        same = all(getattr(exchange, name) == which[name] for name in ("crm", "operation", "write") if name in which)
        method = which.get("method", exchange.method).upper() == exchange.method
        return same and method and re.search(which.get("path", ""), exchange.path) is not None


class Faults:
    """The rules in force. All that fire on a request act together, the later ones winning."""

    def __init__(self, rules: Sequence[Mapping[str, Any]] = ()) -> None:
        self.replace(rules)

    def replace(self, rules: Sequence[Mapping[str, Any]]) -> None:
        """Raises ValueError, naming the rule and what is wrong with it; the former rules then stay."""
        checked = [_checked(number, rule) for number, rule in enumerate(rules, start=1)]
        self._rules = checked

    def pick(self, exchange: Exchange) -> Fault:
        what: dict[str, Any] = {}
        for rule in self._rules:
            if rule.fires(exchange):
                what |= rule.what
        handlers = {name: what[name] for name in what if name in _FOR_HANDLERS}
        return Fault(for_handlers=handlers, **{name: what[name] for name in what if name in _WHAT})

    def told(self) -> list[dict[str, Any]]:
        return [{**rule.which, **rule.what, "seen": rule.seen, "fired": rule.fired} for rule in self._rules]


def read_faults(name_or_file: str) -> Sequence[Mapping[str, Any]]:
    """The rules of a name or of a JSON file (a list, or an object with `rules`). Raises ValueError with the remedy."""
    if name_or_file in NAMED:
        return NAMED[name_or_file]
    path = Path(name_or_file)
    if not path.is_file():
        raise ValueError(f"{name_or_file}: neither a file nor one of {', '.join(NAMED)}")
    try:
        found = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from None
    rules = found.get("rules") if isinstance(found, dict) else found
    if not isinstance(rules, list):
        raise ValueError(f"{path}: must hold a list of rules")  # noqa: TRY004 # the reader's mistake, not ours
    return rules


def _checked(number: int, rule: Mapping[str, Any]) -> _Rule:
    unknown = set(rule) - _WHICH - _WHAT - _FOR_HANDLERS
    if unknown:
        known = ", ".join(sorted(_WHICH | _WHAT | _FOR_HANDLERS))
        raise ValueError(f"rule {number}: no {', '.join(sorted(unknown))}: use {known}")
    for name, value in rule.items():
        if wrong := _wrong(name, value):
            raise ValueError(f"rule {number}: {name} {wrong} (is {value!r})")
    return _Rule(
        which={name: rule[name] for name in rule if name in _WHICH},
        what={name: rule[name] for name in rule if name not in _WHICH},
        chance=Random(rule.get("seed", number)),  # noqa: S311 # chance that repeats is the point
    )


def _wrong(name: str, value: Any) -> str:
    """What is wrong with that value of a rule; empty where nothing is."""
    if not _fits(value, wanted := _TYPES.get(name, (str,))):
        return f"must be {' or '.join(each.__name__ for each in wanted)}"
    if name in _CHOICES and value not in _CHOICES[name]:
        return f"must be one of {', '.join(_CHOICES[name])}"
    if name == "every" and value < 1:
        return "must be at least 1"
    if name == "status" and value not in _STATUSES:
        return f"must lie between {_STATUSES[0]} and {_STATUSES[-1]}"
    if name == "path":
        try:
            re.compile(value)
        except re.error as error:
            return f"is no regular expression: {error}"
    return ""


def _fits(value: Any, wanted: tuple[type, ...]) -> bool:
    # True and False are whole numbers to Python, and none to whoever writes a rule.
    return isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool))
