"""What the pages of one connection are made from, and each of its accounts in turn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from rules.facts import AccountFacts
from rules.litmus import Litmus
from rules.two_way import pair_strengths
from sync import outbox
from sync.cycle import Work, facts_reader, people_of
from sync.outlook import Outlook, Remembered, Side, outlook
from sync.plan import HeldBack, OurTask
from sync.snoozes import snoozes
from sync.store import cycles, held_back, ledger
from sync.store.facts import FactsReader, Moment
from sync.store.history import PastTask, once_key, past_tasks
from sync.store.sql import chunks

_AT_ONCE = 200
_REMEMBERED = timedelta(days=730)  # so long an account that was lost keeps its card
_PARKED = timedelta(hours=20)  # a refused change is planned again after that, as in a cycle


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One account as the next complete evaluation leaves it, with what the ledger remembers of it."""

    facts: AccountFacts
    outlook: Outlook
    remembered: Remembered

    @property
    def is_key(self) -> bool:
        """Whether the account is a key customer, and has a card."""
        return self.facts.standing.customer and bool(self.facts.standing.key)

    @cached_property
    def strengths(self) -> Mapping[tuple[str, str], float]:
        """How strong each tie is now, by user id and contact id."""
        return pair_strengths(self.facts)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One connection at one moment. `planned` is false for a past day, of which nobody can say what was planned.

    `complete` are the record kinds that arrived whole in the last cycle, None before the first.
    """

    work: Work
    moment: Moment
    reader: FactsReader
    side: Side
    planned: bool
    tasks: Mapping[str, list[OurTask]]
    fields: Mapping[str, Mapping[str, Any]]
    parked: Mapping[str, tuple[dict[str, Any], str]]
    held: Mapping[str, tuple[HeldBack, ...]]  # by the last plan, of each account
    complete: frozenset[str] | None
    past_tasks: Sequence[PastTask]

    @classmethod
    def of(cls, work: Work, moment: Moment, *, planned: bool = True) -> Scene:
        """Return the connection as of a moment; reads people and standings, no account's touches yet."""
        engine, name, reader = work.engine, work.name, facts_reader(work, moment)
        people = people_of(work, reader.users)
        whole = cycles.newest_told(engine, name)
        return cls(
            work=work,
            moment=moment,
            reader=reader,
            side=Side(config=work.config, rulebook=work.rulebook, people=people),
            planned=planned,
            tasks=ledger.read_tasks(engine, name) if planned else {},
            fields=ledger.read_our_fields(engine, name) if planned else {},
            parked=outbox.parked(engine, name, since=work.now - _PARKED) if planned else {},
            held=held_back.by_account(engine, name) if planned else {},
            past_tasks=past_tasks(engine, name),
            complete=frozenset(whole.get("complete", ())) if whole else None,
        )

    @cached_property
    def litmus(self) -> Litmus:
        """The litmus test as the last cycle's record kinds allow it."""
        return Litmus(self.side.rulebook, self.complete)

    @cached_property
    def with_tasks(self) -> frozenset[str]:
        """The ids of the accounts that ever had a task of ours."""
        return frozenset(task.account_id for task in self.past_tasks)

    @property
    def name(self) -> str:
        return self.work.name

    @property
    def today(self) -> date:
        return self.moment.today

    @property
    def needed(self) -> frozenset[str]:
        """The record kinds without which nothing is planned."""
        return frozenset({"tasks"}).union(*(rule.needs for rule in self.work.rulebook.rules.values()))

    @property
    def is_whole(self) -> bool:
        """Whether the last cycle brought all of them."""
        return self.complete is not None and self.needed <= self.complete

    @cached_property
    def once_key(self) -> frozenset[str]:
        """The ids of the accounts that were key customers within two years, as our own snapshots saw it."""
        return once_key(self.work.engine, self.name, self.today - _REMEMBERED) if self.planned else frozenset()

    def visits(self, account_ids: Collection[str] | None = None) -> Iterator[Visit]:
        """Yield every account, or these, in their order. Facts are read in chunks and forgotten once they are used."""
        for some in chunks(self.reader.accounts if account_ids is None else account_ids, _AT_ONCE):
            known = self._remembered(some)
            for facts in self.reader.read(some):
                remembered = known[facts.account.id]
                seen = outlook(self.side, facts, remembered, self.work.now)
                seen = replace(seen, plan=outbox.hold_back_parked(seen.plan, self.parked))
                yield Visit(facts=facts, outlook=seen, remembered=remembered)

    @cached_property
    def _snoozes(self) -> Mapping[str, date]:
        return snoozes(self.work.engine, self.reader, self.fields) if self.planned else {}

    def _remembered(self, account_ids: list[str]) -> dict[str, Remembered]:
        states = ledger.read_states(self.work.engine, self.name, among=account_ids) if self.planned else {}
        found = {}
        for account_id in account_ids:
            found[account_id] = Remembered(
                states=states.get(account_id, {}),
                tasks=tuple(self.tasks.get(account_id, ())),
                snoozed_until=self._snoozes.get(account_id),
                held=self.held.get(account_id, ()),
            )
        return found
