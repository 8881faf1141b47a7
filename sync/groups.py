"""Connections that belong together: the `[groups.NAME]` tables of the config, checked, and what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from connectors.salesforce.values import id18
from sync.match.decide import Pair, Ref
from sync.match.keys import registrable

#: What a pair or a veto can speak of, by its key in the config: the kind of record as the store names it.
KINDS = {"accounts": "account", "contacts": "contact", "people": "user"}
BOTH = "both"


class PairsSection(BaseModel):
    """Pairs of two records each, as `connection:id`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: tuple[tuple[str, ...], ...] = ()
    contacts: tuple[tuple[str, ...], ...] = ()
    people: tuple[tuple[str, ...], ...] = ()

    def of_kinds(self) -> Mapping[str, frozenset[Pair]]:
        """The pairs by the store's kind of record."""
        return {kind: frozenset(map(_pair, getattr(self, key))) for key, kind in KINDS.items()}


class GroupSection(BaseModel):
    """Connections whose records are one customer's; tasks and fields go where the group says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connections: tuple[str, ...] = Field()
    tasks_in: str = ""  # empty: where the account has an owner, in the order of `connections`
    fields_in: str = BOTH  # all of the group, or the one named
    shared_domains: tuple[str, ...] = ()
    pairs: PairsSection = PairsSection()
    vetoes: PairsSection = PairsSection()

    @field_validator("connections")
    @classmethod
    def _two_or_more(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) < 2 or len(set(value)) < len(value):
            raise ValueError(f"must be two or more different connections (is {_shown(value)})")
        return value

    @field_validator("tasks_in", "fields_in")
    @classmethod
    def _one_of_them(cls, value: str, info: ValidationInfo) -> str:
        some = info.data.get("connections")
        free = "" if info.field_name == "tasks_in" else BOTH
        if some and value not in {free, *some}:
            raise ValueError(f'must be one of {", ".join(some)}, or "{free}" (is "{value}")')
        return value

    @field_validator("shared_domains")
    @classmethod
    def _registered(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for domain in value:
            if not (registered := registrable(domain)) or registered != domain.strip().lower():
                remedy = f'; write "{registered}"' if registered else ""
                raise ValueError(f'must be domains as they are registered, such as acme.com (is "{domain}"){remedy}')
        return tuple(registrable(domain) for domain in value)

    @field_validator("pairs", "vetoes")
    @classmethod
    def _of_two_connections(cls, value: PairsSection, info: ValidationInfo) -> PairsSection:
        if some := info.data.get("connections"):
            for wrong in _wrong_pairs(value, some):
                raise ValueError(wrong)
        return value

    @field_validator("vetoes")
    @classmethod
    def _no_pair_is_a_veto(cls, value: PairsSection, info: ValidationInfo) -> PairsSection:
        pairs = info.data.get("pairs", PairsSection()).of_kinds()
        for key, kind in KINDS.items():
            for both in sorted(map(sorted, value.of_kinds()[kind] & pairs[kind])):
                raise ValueError(f"{key}: {both[0]} and {both[1]} stand in pairs too; take them out of one of the two")
        return value


def _wrong_pairs(value: PairsSection, connections: tuple[str, ...]) -> Iterator[str]:
    for key in KINDS:
        for pair in getattr(value, key):
            named = [one.partition(":") for one in pair]
            if len(pair) != 2 or not all(name in connections and record_id for name, _, record_id in named):
                example = f'["{connections[0]}:ID", "{connections[1]}:ID"]'
                yield f"{key}: must be pairs such as {example}, of connections of the group (is {_shown(pair)})"
            elif named[0][0] == named[1][0]:
                yield f"{key}: must be of two different connections; merge them in the CRM (is {_shown(pair)})"


def _pair(pair: tuple[str, ...]) -> Pair:
    named = (one.partition(":") for one in pair)
    return frozenset(Ref(connection=name, id=record_id.strip()) for name, _, record_id in named)


def _shown(some: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{one}"' for one in some) + "]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One group of the config. `pointed_at` are those of its connections to whose ids the others' records may point;
    `pairs` and `vetoes` stand by the store's kinds of record.
    """

    name: str
    connections: tuple[str, ...]
    tasks_in: str = ""
    fields_in: str = BOTH
    shared_domains: frozenset[str] = frozenset()
    pairs: Mapping[str, frozenset[Pair]] = field(default_factory=dict)
    vetoes: Mapping[str, frozenset[Pair]] = field(default_factory=dict)
    pointed_at: frozenset[str] = frozenset()

    @classmethod
    def of(cls, name: str, section: GroupSection, kinds: Mapping[str, str]) -> Group:
        """The group of that name; `kinds` are those of the connections, by name."""
        salesforce = frozenset(one for one in section.connections if kinds.get(one) == "salesforce")
        return cls(
            name=name,
            connections=section.connections,
            tasks_in=section.tasks_in,
            fields_in=section.fields_in,
            shared_domains=frozenset(section.shared_domains),
            pairs=_in_full(section.pairs, salesforce),
            vetoes=_in_full(section.vetoes, salesforce),
            pointed_at=salesforce,
        )

    def has_fields(self, connection: str) -> bool:
        """Whether a connection of the group gets our fields."""
        return self.fields_in in {BOTH, connection}


def _in_full(section: PairsSection, salesforce: Collection[str]) -> Mapping[str, frozenset[Pair]]:
    """The pairs by the store's kind of record, ids of Salesforce with all of their 18 characters."""
    return {
        kind: frozenset(
            frozenset(one._replace(id=id18(one.id) or one.id) if one.connection in salesforce else one for one in pair)
            for pair in pairs
        )
        for kind, pairs in section.of_kinds().items()
    }


def group_problem(groups: Mapping[str, GroupSection], connections: Mapping[str, object]) -> str:
    """What is wrong with the groups beside each other and the connections; empty where nothing is."""
    seen: dict[str, str] = {}
    for name, group in groups.items():
        for one in group.connections:
            if one not in connections:
                known = ", ".join(connections) or "none"
                return f"groups.{name}.connections: no such connection {one!r}; configured are: {known}"
            if one in seen:
                return f"groups.{name}.connections: {one!r} stands in groups.{seen[one]} too; take it out of one"
            seen[one] = name
    return ""
