"""What the ledger remembers of accounts, as `sync.outlook` wants it; read only."""

from __future__ import annotations

from collections import defaultdict

from sync.cycle import Work
from sync.outlook import Remembered
from sync.snoozes import snoozes
from sync.store import held_back, ledger
from sync.store.facts import FactsReader


def remembered(work: Work, reader: FactsReader, account_id: str | None = None) -> defaultdict[str, Remembered]:
    """Return what is known of every account, or of one: its findings, unfinished tasks, snooze. Nothing of others."""
    states, tasks = ledger.read_states(work.engine, work.name, account_id), ledger.read_tasks(work.engine, work.name)
    snoozed = snoozes(work.engine, reader, ledger.read_our_fields(work.engine, work.name))
    held = held_back.by_account(work.engine, work.name, account_id)
    found: defaultdict[str, Remembered] = defaultdict(Remembered)
    for one in [account_id] if account_id else {*states, *tasks, *snoozed, *held}:
        found[one] = Remembered(
            states=states.get(one, {}),
            tasks=tuple(tasks.get(one, ())),
            snoozed_until=snoozed.get(one),
            held=held.get(one, ()),
        )
    return found
