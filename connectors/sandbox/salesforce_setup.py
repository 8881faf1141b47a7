"""The org's setup as its admin changes it, for the control `setup/salesforce`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.sandbox.salesforce_access import HIDDEN, READ_ONLY, WHOLE
from connectors.sandbox.salesforce_calls import Context
from connectors.sandbox.salesforce_writes import Author

_LEVELS = {"hide": HIDDEN, "read_only": READ_ONLY, "show": WHOLE}


def set_up(context: Context, wanted: Mapping[str, Any], somebody: Author) -> dict[str, Any]:
    """How it stands afterwards. Raises ValueError for what cannot be set up, RowError for a commit that is refused.

    `hide`, `read_only` and `show` take fields (`Account.Type`) as the integration user's profile gives them; `lack` and
    `have` take objects that an org has only with a feature switched on (`TaskRelation`: Shared Activities), and
    `PersonAccounts`, which an org can have and never lack again;
    `customizes`, `permits` and `updates_inactive_owners` are its rights to make fields, to make permission sets, and to
    write to records of inactive owners. `validations` replaces the validation rules (`object`, `field`, `pattern`,
    `message`), `lock` takes `id` and `times`. `write_late` takes writes (`object`, `values`, and `id` unless the record
    is new) of a transaction that begins now and shows with `commit`, stamped as of now.
    """
    access, rules = context.access, context.rules
    for name, value in wanted.items():
        match name:
            case "hide" | "read_only" | "show":
                access.limit(context.store, value, _LEVELS[name])
            case "lack" | "have":
                access.switch(context.store, value, on=name == "have")
            case "customizes" | "permits":
                setattr(access, name, bool(value))
            case "updates_inactive_owners":
                rules.updates_inactive_owners = bool(value)
            case "validations":
                rules.validations = list(value)
            case "lock":
                rules.lock(value)
            case "write_late":
                context.transactions.begin(somebody, value)
            case "commit":
                with context.store.transaction():
                    context.transactions.commit(context.store)
            case _:
                raise ValueError(f"nothing to set up by {name!r}")
    return {
        "fields": {".".join(named): level for named, level in access.profile.items()},
        "lacks": sorted(access.lacks),
        "customizes": access.customizes,
        "permits": access.permits,
        "updates_inactive_owners": rules.updates_inactive_owners,
        "validations": rules.validations,
        "locks": rules.locks,
        "waiting": len(context.transactions.waiting),
    }
