"""What humans did to our tasks, taken into the ledger: completed ones cool down, deleted ones are dismissed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sqlalchemy import Engine

from connectors.protocol import TaskState
from rules.facts import Standing
from sync.findings import put_off, unseen
from sync.store import ledger, matches
from sync.wording import closed_by_us

_ENDED = ("completed", "deleted")


@dataclass(frozen=True, kw_only=True, slots=True)
class Observer:
    """One connection's ledger, and what is needed to put findings off."""

    engine: Engine
    connection: str
    rules: Collection[str]
    standings: Mapping[str, Standing]
    timezone: tzinfo
    now: datetime

    def observe(self, *, accounts_are_whole: bool) -> None:
        """Catch up with the CRM as it was last pulled. Tasks of accounts that are gone end too."""
        if accounts_are_whole:
            ledger.follow_merged_accounts(self.engine, self.connection)
            ledger.end_tasks_of_gone_accounts(self.engine, self.connection, self.now)
        for task, account_id, rules in ledger.unsettled(self.engine, self.connection):
            if account_id is None:
                self.adopt(task)
            elif task.status in _ENDED:
                self._end(task, account_id, rules)
            else:
                with self.engine.begin() as db:
                    ledger.reopen_task(db, self.connection, task.key)

    def adopt(self, task: TaskState) -> None:
        """Take a task that only the CRM remembers into the ledger, as after a lost store.

        Its text says which findings it told. If a human ended it, they are put off; all of its account's, where a
        human wrote a text of their own.
        """
        told = [rule for rule in self.rules if rule in task.body]
        if task.status in _ENDED and not closed_by_us(task.body) and task.account_id:
            self._put_off(task, task.account_id, told or self.rules)
        with self.engine.begin() as db:
            ledger.adopt_task(db, self.connection, task, told, self.now)

    def _end(self, task: TaskState, account_id: str, rules: Collection[str]) -> None:
        # Our own closing can arrive after its sender died and was looked up.
        how = "closed" if task.status == "completed" and closed_by_us(task.body) else task.status
        # In this order: a crash in between puts off once more, rather than never.
        if how != "closed":
            self._put_off(task, account_id, rules)
        with self.engine.begin() as db:
            ledger.end_task(db, self.connection, task.key, how, task.ended_at or self.now)

    def _put_off(self, task: TaskState, account_id: str, rules: Collection[str]) -> None:
        known = ledger.read_states(self.engine, self.connection, account_id).get(account_id, {})
        standing = self.standings.get(account_id)
        day = (task.ended_at or self.now).astimezone(self.timezone).date()
        states = [
            put_off(known.get(rule) or unseen(rule, self.now), task.status, day, standing.tier if standing else "")
            for rule in rules
        ]
        # A finding that was never seen has no severity to compare with: it stays quiet however bad it turns out.
        states = [replace(state, quiet_severity=None) if state.rule not in known else state for state in states]
        with self.engine.begin() as db:
            ledger.save_states(db, self.connection, {account_id: states})
            if standing and standing.elsewhere:
                # Its home takes it over when it is judged: it is due.
                matches.raise_news(db, self.connection, [account_id])
