"""Who is one and what a human has to decide, as documents, with what to write into the config."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from sync.groups import KINDS, Group
from sync.match.decide import By, Key, Ref, human
from sync.store import match_records as records
from sync.store import match_state as state
from sync.store import matches
from sync.store.match_state import Db, Member
from sync.store.matches import Asked

Told = dict[str, Any]
#: The plural that the config uses, by kind of record.
PLURALS = {kind: key for key, kind in KINDS.items()} | {"deal": "deals"}
_SHOWN = 20  # members of one question


def pairs(db: Db, group: Group, kinds: Iterable[str]) -> Iterator[Told]:
    """Each set of records that are one: {kind, members, why}; of accounts also `home`, the one that is judged."""
    for kind in kinds:
        for some in state.every_set(db, group.connections, kind):
            home = {"home": str(ref)} if (ref := next((ref for ref, one in some.items() if one.home), None)) else {}
            reasons = _reasons(next(iter(some.values())))
            yield {"kind": kind, "members": _members(db, kind, some), "why": reasons, **home}


def members_of(db: Db, account: Ref) -> Told:
    """The accounts that are one with this, itself among them: {members, why}; empty where it is alone."""
    if not (own := state.members(db, "account", [account]).get(account)):
        return {}
    some = sorted(state.sets(db, "account", [own.party]))
    return {"members": _members(db, "account", some), "why": _reasons(own)}


def _reasons(member: Member) -> list[str]:
    keys = [Key(By[by.upper()], value) for by, value in member.why]
    said = {key.value for key in keys if key.by is By.EMAIL}
    return [reason_told(key) for key in keys if key.by is not By.FORMER_EMAIL or key.value not in said]


def questions(db: Db, group: Group) -> list[Told]:
    """Everything that a human has to decide: {kind, asks, members, why, remedy}."""
    return [_question(db, group, one) for one in matches.read_questions(db, group.connections)]


def reason_told(key: Key) -> str:
    return key.by.words if key.by is By.HUMAN else f"{key.by.words}: {key.value}"


def why(db: Db, group: Group, kind: str, one: Ref, other: Ref) -> Told:
    """What joins two records of a kind, or keeps them apart: {kind, members, one, why, remedy}."""
    both = (one, other)
    there, keys = state.members(db, kind, both), state.keys_of(db, kind, both)
    apart = {human(pair, one=False) for pair in group.vetoes.get(kind, ())}
    own = {ref: {*some} - apart for ref, some in keys.items()}
    told = {"kind": kind, "members": _members(db, kind, both)}
    if len(there) == 2 and there[one].party == there[other].party:
        return {
            **told,
            "one": True,
            "why": _reasons(there[one]),
            "remedy": f"to part them: {_write(group, 'vetoes', kind, [both])}",
        }
    shared = sorted({*own.get(one, ())} & {*own.get(other, ())})
    reasons = [*_apart(db, group, kind, both), *(f"they share {reason_told(key)}" for key in shared)]
    if not shared:
        reasons += [f"{ref} can be found by {_keys(own.get(ref, ()))}" for ref in both]
    remedy = f"to join them: {_write(group, 'pairs', kind, [both])}" if _may_be_paired(one, other) else ""
    return {**told, "one": False, "why": reasons, "remedy": remedy}


def _apart(db: Db, group: Group, kind: str, both: tuple[Ref, Ref]) -> Iterator[str]:
    """What keeps two apart, strongest first."""
    if both[0].connection == both[1].connection:
        yield "both are of one connection, whose own records are never taken for one: merge them in the CRM"
    if frozenset(both) in group.vetoes.get(kind, ()):
        yield f"the config says that they are two: groups.{group.name}.vetoes.{PLURALS[kind]}"
    for ref, mate in _mates(db, kind, both):
        yield f"{ref} is one with {mate}"
    for asked in matches.read_questions(db, group.connections):
        if asked.kind == kind and not {*map(tuple, both)}.isdisjoint(asked.members):
            members = ", ".join(str(Ref(*one)) for one in asked.members[:_SHOWN])
            yield f"{asked.asks} of {members}{_rest(asked.members)}: {asked.why}"


def _mates(db: Db, kind: str, both: Collection[Ref]) -> Iterator[tuple[Ref, Ref]]:
    for ref, own in state.members(db, kind, both).items():
        yield from ((ref, mate) for mate in state.sets(db, kind, [own.party]) if mate != ref)


def _keys(keys: Iterable[Key]) -> str:
    return "; ".join(reason_told(key) for key in sorted(keys)) or "nothing"


def _members(db: Db, kind: str, refs: Iterable[Ref]) -> list[Told]:
    known = [*refs]
    called = records.names(db, kind, known)
    return [{"connection": ref.connection, "id": ref.id, "name": called.get(ref, "")} for ref in known]


def _question(db: Db, group: Group, asked: Asked) -> Told:
    refs = [Ref(*one) for one in asked.members]
    return {
        "kind": asked.kind,
        "asks": asked.asks,
        "members": _members(db, asked.kind, refs),
        "why": asked.why,
        "remedy": _remedy(group, asked, refs),
    }


def _remedy(group: Group, asked: Asked, refs: Sequence[Ref]) -> str:
    across = [both for both in combinations(refs, 2) if _may_be_paired(*both)]
    if asked.asks == "circle":
        return "correct the parent accounts in the CRMs" + (
            f", or say who is one: {_write(group, 'pairs', asked.kind, across[:1])}" if across else ""
        )
    if not across or asked.kind == "deal":
        for key, said in (("pairs", group.pairs), ("vetoes", group.vetoes)):
            if any(human(pair, one=key == "pairs").value in asked.why for pair in said.get(asked.kind, ())):
                return f"correct the id under [groups.{group.name}.{key}], or take that line out"
        return "correct or empty the id in the CRM, or say who is meant under pairs"
    same, apart = (_write(group, key, asked.kind, some) for key, some in (("pairs", across[:1]), ("vetoes", across)))
    return f"one: {same}; or {'two' if refs == [*across[0]] else 'none of them'}: {apart}"


def _may_be_paired(one: Ref, other: Ref) -> bool:
    return one.connection != other.connection


def _write(group: Group, key: str, kind: str, some: Sequence[tuple[Ref, Ref]]) -> str:
    quoted = ", ".join(f'["{one}", "{other}"]' for one, other in some[:_SHOWN])
    return f"[groups.{group.name}.{key}] {PLURALS[kind]} = [{quoted}]{_rest(some)}"


def _rest(some: Sequence[Any]) -> str:
    return f", and {len(some) - _SHOWN} more" if len(some) > _SHOWN else ""


def lines(told: Told) -> Iterator[str]:
    """A pair or a question for people."""
    some = [f"{one['connection']}:{one['id']} {one['name']}".rstrip() for one in told["members"]]
    yield f"{told.get('asks', 'one')}: {', '.join(some[:_SHOWN])}{_rest(some)}"
    reasons = told["why"]
    yield from (f"  {reason}" for reason in ([reasons] if isinstance(reasons, str) else reasons))
    if told.get("home"):
        yield f"  judged as {told['home']}"
    if told.get("remedy"):
        yield f"  {told['remedy']}"
