"""A plan in a file against the plan of this moment: it is sent exactly as it stands there, or not at all. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from sync.errors import UsageError

_TOLD_AT_MOST = 3


def read_plan(file: Path) -> dict[str, Any]:
    """The document that `plan --out` wrote. Raises ConfigError for anything else."""
    try:
        document = orjson.loads(file.read_bytes())
        # What every plan has, in the form in which it has it.
        return {"checksum": str(document["checksum"]), "changes": [dict(one) for one in document["changes"]]}
    except OSError as error:
        raise UsageError([f"{file}: cannot be read ({error.strerror}); make one with `plan --out FILE`"]) from error
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError([f"{file}: is no plan ({error}); make one with `plan --out FILE`"]) from error


def why_not(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Why the plan of then cannot be sent now, empty if it can.

    The CRM or the store has moved, or somebody changed the file: then it does not say what its checksum stands for.
    """
    before, after = _by_target(then), _by_target(now)
    moved = [_named(one) for target, one in {**before, **after}.items() if before.get(target) != after.get(target)]
    if then["checksum"] != now["checksum"]:
        told = "; ".join(moved[:_TOLD_AT_MOST]) or "the order of its changes"
        more = f" and {len(moved) - _TOLD_AT_MOST} more" if len(moved) > _TOLD_AT_MOST else ""
        sums = f"checksum {then['checksum']}, now {now['checksum']}"
        return f"the plan no longer fits ({sums}); what moved: {told}{more}; make it anew with `plan --out`"
    if moved:
        return f"was changed since `plan --out` wrote it ({moved[0]}); change the config and make it anew"
    return ""


def _by_target(document: Mapping[str, Any]) -> dict[tuple[str, str, str], dict[str, Any]]:
    return {
        (one.get("connection", ""), one.get("op", ""), str(one.get("key") or _id(one.get("account")))): _essence(one)
        for one in document["changes"]
    }


def _essence(one: Mapping[str, Any]) -> dict[str, Any]:
    """A change without names of accounts and people, which may be corrected in the CRM at any time."""
    return {**one, "account": _id(one.get("account")), "assignee": _id(one.get("assignee"))}


def _id(told: Any) -> str:
    return str(told.get("id", "")) if isinstance(told, dict) else ""


def _named(one: Mapping[str, Any]) -> str:
    return f"{one.get('connection')} {one.get('op')} {one.get('key') or one.get('account')}"
