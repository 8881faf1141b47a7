"""Matching after a pull: what the store tells of who is one is true of what it holds.

What changed is found by the cycle that changed it; with it comes whoever shares a key with it or did so before, and so
on until the records are closed. All of these are decided anew, nobody else is. Everything is matched anew where the
config says something else than when it was matched last. One transaction: a run that was killed has not been.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

import orjson
import structlog
from sqlalchemy import Engine

from sync.groups import Group
from sync.match.circles import circles
from sync.match.decide import By, Decision, Key, Ref, decide, human
from sync.match.keys import keys
from sync.store import match_records as records
from sync.store import match_state as state
from sync.store.match_state import Db, Member, Question
from sync.store.matches import raise_news

log = structlog.get_logger()

#: The kinds of records that must have arrived whole.
MATCHED = frozenset({"users", "accounts", "contacts", "deals"})
_VERSION = 2  # raised when the same records and config are decided otherwise than before
_TUPLES_AT_ONCE = 100_000  # more than a portion makes
_CIRCLE = "each is above the other as a parent"


def match(engine: Engine, connection: str, group: Group | None, *, cycle: int) -> None:
    """Bring up to date which records of a group are one, after a pull of one of its connections that was whole.

    Of a connection without a group nothing is kept.
    """
    if group is None:
        with engine.connect() as db:
            there = state.matched(db, [connection])
        if there:
            with engine.begin() as db:
                state.hold(db)
                state.forget(db, connection)
        return
    with _seldom_collected(), engine.begin() as db:
        state.hold(db)
        for former in state.members_of(db, group.name) - {*group.connections}:
            state.forget(db, former)
        arrived = frozenset({*state.matched(db, group.connections), connection})
        _Matching(db=db, group=group, arrived=arrived).up_to(connection, cycle)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """The collector of cycles comes seldom: it would take a third of the time to go through the same tuples again and
    again, among which there are no cycles.
    """
    usual = gc.get_threshold()
    gc.set_threshold(_TUPLES_AT_ONCE, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@dataclass(frozen=True, kw_only=True)
class _Matching:
    """One run over one group. `arrived` are the connections of which there is a whole pull."""

    db: Db
    group: Group
    arrived: frozenset[str]

    def up_to(self, connection: str, cycle: int) -> None:
        before = state.matched(self.db, self.arrived)
        anew = connection not in before or any(told != self._digest for told, _ in before.values())
        if anew:
            state.clear_keys(self.db, self.group.connections)
        for kind in records.KINDS:
            portions = self._everything(kind) if anew else self._news(kind, connection, before[connection][1])
            decided = sum(self._decided(kind, some) for some in portions if some)
            if kind == "account" and (anew or decided):
                self._dissolve_circles()
        for name in sorted(self.arrived) if anew else [connection]:
            # What a cycle changes elsewhere meanwhile comes with its own matching.
            up_to = cycle if name == connection else before[name][1]
            state.set_matched(self.db, self.group.name, name, self._digest, up_to)
        log.info("records_matched", group=self.group.name, connection=connection, anew=anew)

    @cached_property
    def _digest(self) -> bytes:
        """What the decisions rest on beside the records."""
        group = self.group
        told = {
            "version": _VERSION,
            "arrived": sorted(self.arrived),
            "home": [group.connections, group.tasks_in],
            "pointed_at": sorted(group.pointed_at),
            "shared": sorted(group.shared_domains),
            "said": [
                {kind: sorted(sorted(map(str, pair)) for pair in pairs) for kind, pairs in said.items()}
                for said in (group.pairs, group.vetoes)
            ],
        }
        return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()

    # --- who is to be decided

    def _everything(self, kind: str) -> Iterator[list[Ref]]:
        """All keys are made; then every record comes that can be tied to another connection's, or was."""
        for connection in sorted(self.arrived):
            for rows in records.changed(self.db, connection, kind, after=-1):
                state.add_keys(self.db, kind, chain.from_iterable(self._keyed(kind, connection, row) for row in rows))
        # Whoever is tied is tied to somebody of a connection before the last. What points to nobody may be alone:
        # those that are pointed at come last.
        asked = state.questioned(self.db, self.group.connections, kind)
        walked = sorted(self.arrived, key=lambda one: (one in self.group.pointed_at, one))
        for connection in walked[:-1]:
            yield from state.with_keys(self.db, connection, kind)
        for connection in walked:
            yield from state.without_keys(self.db, connection, kind)
        yield sorted({*self._human[kind]} | asked)

    def _news(self, kind: str, connection: str, after: int) -> Iterator[list[Ref]]:
        """The records that changed, with whoever had a key in common that they have no more."""
        circled = self._circled(kind)
        for rows in records.changed(self.db, connection, kind, after=after):
            now = {Ref(connection, row["id"]): {key for _, key in self._keyed(kind, connection, row)} for row in rows}
            there = state.keys_of(self.db, kind, now)
            stale = sorted(ref for ref, own in now.items() if own != {*there.get(ref, ())})
            state.drop_keys(self.db, kind, stale)
            state.add_keys(self.db, kind, ((ref, key) for ref in stale for key in sorted(now[ref])))
            lost = {key for ref in stale for key in there.get(ref, ()) if key not in now[ref]}
            left = state.holders(self.db, kind, self.group.connections, lost)
            # Who has the same keys is decided as before; but an account's owner and parent count too.
            yield sorted({*(now if kind == "account" else stale)} | left | circled)

    def _circled(self, kind: str) -> set[Ref]:
        """Those in circles of parents: any change elsewhere can open one."""
        return state.questioned(self.db, self.group.connections, kind, "circle") if kind == "account" else set()

    def _keyed(self, kind: str, connection: str, row: Mapping[str, Any]) -> Iterator[tuple[Ref, Key]]:
        """The keys of a record, none of a deleted one."""
        if row["deleted"]:
            return
        ref, own = Ref(connection, row["id"]), connection in self.group.pointed_at
        for key in keys(kind, row, own=own, shared=self.group.shared_domains):
            yield ref, key
        for key in self._human[kind].get(ref, ()):
            yield ref, key

    @cached_property
    def _human(self) -> Mapping[str, Mapping[Ref, list[Key]]]:
        """The keys that the config gives, by kind of record."""
        found: dict[str, dict[Ref, list[Key]]] = {kind: {} for kind in records.KINDS}
        for said in (self.group.pairs, self.group.vetoes):
            for kind, pair in ((kind, pair) for kind, pairs in said.items() for pair in pairs):
                for ref in pair if self.arrived >= {one.connection for one in pair} else ():
                    found[kind].setdefault(ref, []).append(human(pair, one=said is self.group.pairs))
        return found

    # --- what is decided

    def _decided(self, kind: str, seeds: Sequence[Ref]) -> int:
        """Decide about these and whoever is tied to them; return how many that were."""
        parties = self._closed(kind, seeds)
        vetoes = self.group.vetoes.get(kind, frozenset())
        told = decide(parties, vetoes=vetoes, pointed_at=self.group.pointed_at & self.arrived)
        self._write(kind, parties, self._members(kind, told))
        state.replace_questions(self.db, kind, parties, _asked(told))
        return len(parties)

    def _closed(self, kind: str, seeds: Sequence[Ref]) -> dict[Ref, list[Key]]:
        """The seeds with their keys, and whoever they are tied to, or were, at any distance."""
        parties: dict[Ref, list[Key]] = {}
        asked: set[Key] = set()
        before = state.members(self.db, kind, seeds)
        ahead = {*seeds, *state.sets(self.db, kind, {one.party for one in before.values()})}
        while ahead:
            found = state.keys_of(self.db, kind, ahead)
            parties |= {ref: found.get(ref, []) for ref in ahead}
            new = {key for own in found.values() for key in own} - asked
            asked |= new
            ahead = state.holders(self.db, kind, self.group.connections, new) - parties.keys()
        return parties

    def _members(self, kind: str, told: Decision) -> dict[Ref, Member]:
        one_of_each = [ref for one in told.same for ref in one.members]
        owned = records.owned(self.db, one_of_each) if kind == "account" else set[Ref]()
        found: dict[Ref, Member] = {}
        for one in told.same:
            home = self._home(one.members, owned) if kind == "account" else None
            why = [[reason.key.by.name.lower(), reason.key.value] for reason in one.reasons]
            party = str(one.members[0])
            found |= {ref: Member(party=party, home=ref == home, why=why) for ref in one.members}
        return found

    def _home(self, members: Sequence[Ref], owned: Collection[Ref]) -> Ref:
        there = {ref.connection: ref for ref in members}
        if self.group.tasks_in in there:
            return there[self.group.tasks_in]
        in_order = [there[one] for one in self.group.connections if one in there]
        return next((ref for ref in in_order if ref in owned), in_order[0])

    def _write(self, kind: str, touched: Iterable[Ref], wanted: Mapping[Ref, Member]) -> None:
        there = state.members(self.db, kind, touched)
        gone = there.keys() - wanted.keys()
        new = {ref: one for ref, one in wanted.items() if there.get(ref) != one}
        state.drop_members(self.db, kind, gone)
        state.write_members(self.db, kind, new, news=state.first_news(self.db, self.group.connections))
        self._tell_accounts(kind, gone | new.keys())

    def _tell_accounts(self, kind: str, changed: Collection[Ref]) -> None:
        """Verdicts rest on who is whose counterpart, too."""
        if kind == "user" and changed:
            for connection in self.group.connections:
                raise_news(self.db, connection)
        elif kind != "account":
            for connection, ids in records.by_connection(changed).items():
                raise_news(self.db, connection, records.accounts_of(self.db, kind, connection, ids))

    # --- parents

    def _dissolve_circles(self) -> None:
        """Sets whose accounts are above each other are none, unless the config says so."""
        parents = records.parents(self.db, self.group.connections)
        met = {*parents.keys(), *parents.values()}
        party = {ref: one.party for ref, one in state.members(self.db, "account", met).items()}
        above: dict[str, set[str]] = {}
        for ref, parent in parents.items():
            above.setdefault(party.get(ref, str(ref)), set()).add(party.get(parent, str(parent)))
        for circle in circles(above):
            joined = state.sets(self.db, "account", circle)
            refs = {*joined, *(ref for ref in met if ref not in party and str(ref) in circle)}
            self._tell_circle(refs, [ref for ref, one in joined.items() if not _is_human(one)])

    def _tell_circle(self, refs: Collection[Ref], dissolved: Collection[Ref]) -> None:
        state.drop_members(self.db, "account", dissolved)
        state.add_question(self.db, "account", Question(asks="circle", members=tuple(sorted(refs)), why=_CIRCLE))


def _is_human(member: Member) -> bool:
    return any(by == By.HUMAN.name.lower() for by, _ in member.why)


def _asked(told: Decision) -> Iterator[Question]:
    for one in told.proposals:
        yield Question(asks="proposal", members=one.members, why=one.why)
    for other in told.conflicts:
        yield Question(asks="conflict", members=other.members, why=other.why)
