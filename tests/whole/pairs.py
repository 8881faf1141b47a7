"""What the worker takes for one in two CRMs, beside what the sandbox parted."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from tests.whole.rehearsal import Rehearsal

Member = str  # `connection:id`
Pair = frozenset[Member]

#: Kinds of the truth, by what the worker calls them.
KINDS = {"accounts": "account", "contacts": "contact", "people": "user", "deals": "deal"}


def listed(stage: Rehearsal) -> dict[str, Any]:
    """What `match list` tells of the only group."""
    (group,) = stage.json("match", "list")
    return dict(group)


def matched(group: dict[str, Any], kind: str) -> set[Pair]:
    """Every two records that the worker takes for one; of a set of three there are three pairs."""
    return {frozenset(both) for members in _members(group, kind, "pairs") for both in combinations(members, 2)}


def asked(group: dict[str, Any], kind: str, what: str) -> list[set[Member]]:
    """The members of each of the `proposals` or `conflicts` that a human is to decide."""
    return list(map(set, _members(group, kind, what)))


def _members(group: dict[str, Any], kind: str, what: str) -> list[list[Member]]:
    return [
        [f"{member['connection']}:{member['id']}" for member in one["members"]]
        for one in group[what]
        if one["kind"] == KINDS[kind]
    ]


def planted(told: dict[str, Any], kind: str) -> set[Pair]:
    """The pairs of the truth: accounts, contacts, people, deals; `proposals` too."""
    return {frozenset({f"salesforce:{one['salesforce_id']}", f"hubspot:{one['hubspot_id']}"}) for one in told[kind]}
