"""Every fact that a rule of the config may name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from rules.custom import facts_of_account, facts_of_contact, facts_of_ours, facts_of_service, facts_of_theirs
from rules.custom.fact import Fact

GROUPS: tuple[ModuleType, ...] = (facts_of_account, facts_of_contact, facts_of_ours, facts_of_theirs, facts_of_service)


def facts_in(group: ModuleType) -> list[Fact]:
    """Return the facts of a module, in its order."""
    return [one for one in vars(group).values() if isinstance(one, Fact)]


#: Every fact by name.
FACTS: Mapping[str, Fact] = MappingProxyType({one.name: one for group in GROUPS for one in facts_in(group)})
