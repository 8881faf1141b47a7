"""What the ledger remembers of accounts, as `sync.outlook` wants it; read only."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sync.cycle import Work
from sync.outlook import Remembered
from sync.store import held_back, ledger


def remembered(work: Work, account_id: str | None = None) -> defaultdict[str, Remembered]:
    """Return what is known of every account, or of one: its findings, unfinished tasks, snooze. Nothing of others."""
    states, tasks = ledger.read_states(work.engine, work.name, account_id), ledger.read_tasks(work.engine, work.name)
    fields = ledger.read_our_fields(work.engine, work.name)
    held = held_back.by_account(work.engine, work.name, account_id)
    found: defaultdict[str, Remembered] = defaultdict(Remembered)
    for one in [account_id] if account_id else {*states, *tasks, *fields, *held}:
        snoozed = fields.get(one, {}).get("snooze_until")
        found[one] = Remembered(
            states=states.get(one, {}),
            tasks=tuple(tasks.get(one, ())),
            snoozed_until=date.fromisoformat(snoozed[:10]) if snoozed else None,
            held=held.get(one, ()),
        )
    return found
