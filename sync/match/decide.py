"""Which records of several connections are one customer or one person. Pure, and the same in whatever order they come.

Keys are taken from the strongest kind to the weakest. Records that share a key are one if no connection would then
have two of them; else they are a conflict, for a human to decide, and no weaker key may join them meanwhile. What a
human said is the strongest key; a veto takes the tie between two away. A shared name proposes and decides nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations
from typing import NamedTuple


class By(IntEnum):
    """What a key is, strongest first. The store keeps the numbers."""

    HUMAN = 0  # a pair in the config, or a veto, which joins nobody
    NATIVE_ID = 1  # the id that the CRMs' own integration left, and the id that it names
    EMAIL = 2
    FORMER_EMAIL = 3  # of our people, whether they are still active or not
    DOMAIN = 4
    NAME = 5  # with the country: a proposal only

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    By.HUMAN: "the config says so",
    By.NATIVE_ID: "the id that the integration of the CRMs left",
    By.EMAIL: "the same e-mail address",
    By.FORMER_EMAIL: "the same e-mail address, of people who are active or not",
    By.DOMAIN: "the same domain",
    By.NAME: "the same name and country",
}
_DECIDING = tuple(by for by in By if by is not By.NAME)


# Named tuples: a group has a million of each, and they are hashed and compared all the time.
class Ref(NamedTuple):
    """A record of one connection."""

    connection: str
    id: str

    def __str__(self) -> str:
        return f"{self.connection}:{self.id}"


class Key(NamedTuple):
    by: By
    value: str


Pair = frozenset[Ref]


def human(pair: Pair, *, one: bool) -> Key:
    """What the config says of both: that they are one, or that they are not. The veto itself takes that tie away; what
    is left of it tells when one of them is not there.
    """
    left, right = sorted(pair)
    return Key(By.HUMAN, f"{left} {'=' if one else 'is not'} {right}")


class Reason(NamedTuple):
    """Records share a key."""

    key: Key
    members: tuple[Ref, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Same:
    """Records that are one, at most one of a connection, and why, strongest first."""

    members: tuple[Ref, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """Records that may be one: a human says so, or says that they are not."""

    members: tuple[Ref, ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """Records that cannot all be one, or point to nothing. None of them is joined by what is weaker."""

    members: tuple[Ref, ...]
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """All three in the order of their members; a record stands in at most one `same`."""

    same: tuple[Same, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


def decide(
    parties: Mapping[Ref, Collection[Key]],
    *,
    vetoes: Collection[Pair] = frozenset(),
    pointed_at: Collection[str] = (),
) -> Decision:
    """Return what the keys of these records decide, less the vetoes.

    The records must be closed: whoever shares a key with one of them is among them. `pointed_at` are the connections
    whose ids others' records name: an id that none of theirs has is lost.
    """
    return _Deciding(parties, frozenset(vetoes), frozenset(pointed_at)).decision()


class _Deciding:
    def __init__(
        self, parties: Mapping[Ref, Collection[Key]], vetoes: frozenset[Pair], pointed_at: frozenset[str]
    ) -> None:
        self._parties, self._pointed_at = parties, pointed_at
        self._vetoes: Mapping[Ref, frozenset[Ref]] = _both_ways(vetoes)
        self._sets: dict[Ref, tuple[Ref, ...]] = {}  # of those that are joined with somebody
        self._reasons: defaultdict[tuple[Ref, ...], list[Reason]] = defaultdict(list)
        self._blocked: set[Ref] = set()
        self._conflicts: list[Conflict] = []
        # By kind of key, the records that share each, in order; and what only one record has.
        self._shared: dict[By, dict[Key, list[Ref]]] = {by: {} for by in By}
        holders = _holders(parties)
        self._lone = {key: refs[0] for key, refs in holders.items() if len(refs) == 1}
        for key in sorted(holders.keys() - self._lone.keys()):
            self._shared[key.by][key] = sorted(holders[key])

    def decision(self) -> Decision:
        for by in _DECIDING:
            if by is By.NATIVE_ID:
                self._block_the_lost()
            self._level(by)
        return Decision(
            same=tuple(
                Same(members=members, reasons=tuple(self._reasons[members]))
                for members in sorted({*self._sets.values()})
            ),
            proposals=tuple(sorted(self._proposals(), key=lambda one: (one.members, one.why))),
            conflicts=tuple(sorted(self._conflicts, key=lambda one: (one.members, one.why))),
        )

    def _level(self, by: By) -> None:
        """Join what this kind of key joins, and tell what it cannot."""
        ties = [tie for key, refs in self._shared[by].items() for tie in self._ties(key, refs)]
        for some in _connected(ties, self._set_of):
            members = self._all_of(some)
            if self._can_be_one(members):
                former = {self._sets[ref] for ref in members if ref in self._sets}
                reasons = [reason for one in former for reason in self._reasons.pop(one)]
                self._reasons[members] = [*sorted(reasons), *sorted(some)]
                self._sets.update(dict.fromkeys(members, members))
            elif any(map(self._is_open, some)):
                self._blocked |= {ref for ref in members if ref not in self._sets}
                self._conflicts.append(Conflict(members=members, why=_told(by, some)))

    def _ties(self, key: Key, refs: Sequence[Ref]) -> Iterator[Reason]:
        """Who is tied to whom by a key that all of these have: all, if they are of several connections, but for vetoes
        and those that are blocked.
        """
        free = [ref for ref in refs if ref not in self._blocked] if self._blocked else refs
        if len(free) < 2 or free[0].connection == free[-1].connection:
            return
        if not self._vetoes or not any(ref in self._vetoes for ref in free):
            yield Reason(key, tuple(free))
            return
        pairs = (Reason(key, both) for both in combinations(free, 2) if self._may_be_one(*both))
        for some in _connected(pairs, lambda ref: (ref,)):
            yield Reason(key, tuple(sorted({ref for tie in some for ref in tie.members})))

    def _all_of(self, ties: Sequence[Reason]) -> tuple[Ref, ...]:
        """Whoever is tied, with the sets that they stand in."""
        if len(ties) == 1 and not any(ref in self._sets for ref in ties[0].members):
            return ties[0].members  # nearly always
        return tuple(sorted({one for tie in ties for ref in tie.members for one in self._set_of(ref)}))

    def _set_of(self, ref: Ref) -> tuple[Ref, ...]:
        return self._sets.get(ref) or (ref,)

    def _may_be_one(self, one: Ref, other: Ref) -> bool:
        return one.connection != other.connection and other not in self._vetoes.get(one, ())

    def _can_be_one(self, members: Sequence[Ref]) -> bool:
        apart = len({ref.connection for ref in members}) == len(members)
        vetoed = self._vetoes and any(other in self._vetoes.get(one, ()) for one in members for other in members)
        return apart and not vetoed

    def _is_open(self, tie: Reason) -> bool:
        """Whether it would join somebody who is alone, if nothing else were in the way.

        A third record with the domain of two that are one by something stronger is no question.
        """
        alone = (ref for ref in tie.members if ref not in self._sets)
        return any(
            all(self._may_be_one(one, member) for member in self._set_of(other))
            for one in alone
            for other in tie.members
            if other != one
        )

    def _block_the_lost(self) -> None:
        """What points to nobody is joined by nothing but the config."""
        for key, ref in [*self._lone.items(), *self._pointers()]:
            if key.by is By.HUMAN:
                self._conflicts.append(Conflict(members=(ref,), why=f"the config says {key.value}: one is not there"))
            elif key.by is By.NATIVE_ID and self._is_pointer(ref) and ref not in self._sets:
                self._blocked.add(ref)
                why = f"{key.by.words} points to {key.value}, which is deleted or was never seen"
                self._conflicts.append(Conflict(members=(ref,), why=why))

    def _pointers(self) -> Iterator[tuple[Key, Ref]]:
        """Those that point to one and the same, where that is nobody."""
        for key, refs in self._shared[By.NATIVE_ID].items():
            if all(map(self._is_pointer, refs)):
                yield from ((key, ref) for ref in refs)

    def _is_pointer(self, ref: Ref) -> bool:
        return bool(self._pointed_at) and ref.connection not in self._pointed_at

    def _proposals(self) -> Iterator[Proposal]:
        for key, refs in self._shared[By.NAME].items():
            free = [ref for ref in refs if ref not in self._sets and ref not in self._blocked]
            if any(self._may_be_one(one, other) for one, other in combinations(free, 2)):
                yield Proposal(members=tuple(free), why=f"{key.by.words}: {key.value}")


def _holders(parties: Mapping[Ref, Collection[Key]]) -> Mapping[Key, list[Ref]]:
    holders: defaultdict[Key, list[Ref]] = defaultdict(list)
    for ref, keys in parties.items():
        for key in keys:
            holders[key].append(ref)
    return holders


def _both_ways(vetoes: Iterable[Pair]) -> Mapping[Ref, frozenset[Ref]]:
    found: defaultdict[Ref, set[Ref]] = defaultdict(set)
    for one, other in map(tuple, vetoes):
        found[one].add(other)
        found[other].add(one)
    return {ref: frozenset(others) for ref, others in found.items()}


def _connected(ties: Iterable[Reason], set_of: Callable[[Ref], tuple[Ref, ...]]) -> Iterator[list[Reason]]:
    """The ties in bundles that have no record in common, sets counted as one record."""
    bundle_of: dict[Ref, list[Reason]] = {}
    for tie in ties:
        heads = [set_of(ref)[0] for ref in tie.members]
        if not any(head in bundle_of for head in heads):
            alone = [tie]
            bundle_of.update((head, alone) for head in heads)
            continue
        met = {id(found): found for head in heads if (found := bundle_of.get(head)) is not None}
        whole = max(met.values(), key=len)
        for other in met.values():
            if other is not whole:
                whole += other
        whole.append(tie)
        gone = {set_of(ref)[0] for found in met.values() if found is not whole for one in found for ref in one.members}
        bundle_of.update(dict.fromkeys([*heads, *gone], whole))
    yield from {id(bundle): bundle for bundle in bundle_of.values()}.values()


def _told(by: By, ties: Iterable[Reason]) -> str:
    values = sorted({tie.key.value for tie in ties})
    return f"{by.words} joins several of one connection: {', '.join(values[:3])}{' ...' if len(values) > 3 else ''}"
