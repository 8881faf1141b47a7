"""What an admin of the portal can set, and what differs from portal to portal: `POST /_sandbox/setup/hubspot`.

`unique_task_key` (bool: tasks can have unique properties), `missing_scopes` (a list such as
`crm.schemas.companies.write`), `association_page` (associations per record and page), `index_lag_seconds`,
`whole_batches` (bool: one bad input refuses its batch, trace ids or not), `id_order` (`numeric` or `string`: how a
search sorts and compares ids), `rates` (currency -> home currency per unit)
and `rules` (a list of `{"object", "when", "value", "needs"}`: validation rules that 2026-09 enforces).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.sandbox.hubspot_account import Account
from connectors.sandbox.hubspot_rules import Rule
from connectors.sandbox.hubspot_schema import object_type


def _names(given: Any) -> set[str]:
    return {str(one) for one in given}


def _id_order(given: Any) -> str:
    if given not in ("numeric", "string"):
        raise ValueError(f"id_order must be numeric or string (is {given!r})")
    return str(given)


_ON_ACCOUNT: Mapping[str, Callable[[Any], Any]] = {
    "unique_task_key": bool,
    "missing_scopes": _names,
    "association_page": int,
    "index_lag_seconds": float,
    "whole_batches": bool,
    "id_order": _id_order,
}


def set_up(account: Account, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What is named is set, all else stays; returns what was set. Raises ValueError, nothing set, for what is wrong."""
    data = account.data
    known = {**_ON_ACCOUNT, "rates": _rates, "rules": _rules}
    try:
        found = {name: known[name](value) for name, value in wanted.items()}
    except KeyError as error:
        raise ValueError(f"cannot set up {error}: use some of {', '.join(known)}") from error
    except (TypeError, AttributeError) as error:
        raise ValueError(f"setup: {error}") from error
    for name, value in found.items():
        setattr(account if name in _ON_ACCOUNT else data, name, value)
    return dict(wanted)


def _rates(given: Any) -> dict[str, float]:
    return {str(currency): float(rate) for currency, rate in given.items()}


def _rules(given: Any) -> list[Rule]:
    return [_rule(one) for one in given]


def _rule(given: Mapping[str, Any]) -> Rule:
    kind = object_type(str(given.get("object", "")))
    if kind is None or not {"when", "value", "needs"} <= set(given):
        raise ValueError("a rule needs object (companies, tasks ...), when, value and needs")
    return Rule(kind=kind, when=str(given["when"]), value=str(given["value"]), needs=str(given["needs"]))
