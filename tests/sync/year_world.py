"""A company in memory for a year: its accounts, a CRM with our tasks, the people who see to them, and our ledger.

`World` plays the CRM and the store to the pure parts of the worker. It also remembers what people did, apart from what
the worker makes of it: `tests.sync.year_judge` judges by that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from connectors.protocol import Change, CloseTask, CreateTask, SetFields, TaskState, UpdateTask
from rules.rule import Clear, Route, Severity, Verdict
from sync.arrival import Sent, arrival
from sync.findings import FindingState, advance, put_off
from sync.outbox import operation
from sync.plan import OurTask, Plan, Planned, Situation, as_written
from sync.planner import Days, make_plan
from sync.queue import Caps, Load, release

RULES = {
    "sole-rep": Route.MANAGER,
    "single-contact": Route.MANAGER,
    "exec-reach-lapse": Route.OWNER,
    "going-quiet": Route.OWNER,
    "our-person-left": Route.SUCCESSOR,
}
REPS = ("jana", "peter", "sabine")
MANAGER = "boss"
PEOPLE = (*REPS, MANAGER)
ACCOUNTS = tuple(f"a{number}" for number in range(9))
CAPS = Caps(open=5, new=3)
PAUSES = {"A": 30, "B": 60}  # days after a completed task; facts of the domain, not read from the code under test


@dataclass(kw_only=True)
class Kept:
    """A task of ours: the row of the ledger, and the task in the CRM."""

    ours: OurTask
    crm: TaskState | None = None
    ended: bool = False
    humans: dict[str, Any] = field(default_factory=dict)  # part: what a human made of it
    ended_by_human: bool = False
    opened_again: bool = False


@dataclass(kw_only=True)
class Account:
    owner: str
    tier: str = "A"
    verdicts: dict[str, Verdict] = field(default_factory=lambda: {rule: Clear(message="fine") for rule in RULES})
    states: dict[str, FindingState] = field(default_factory=dict)
    written: dict[str, Any] = field(default_factory=dict)
    snoozed_until: date | None = None
    put_off: dict[str, tuple[date, Severity]] = field(default_factory=dict)  # by rule: until when, how bad it was
    # By rule: what it is, first seen when.
    since: dict[str, tuple[type[Verdict], datetime]] = field(default_factory=dict)


@dataclass(kw_only=True)
class World:
    now: datetime = datetime(2026, 1, 5, 6, tzinfo=UTC)
    accounts: dict[str, Account] = field(default_factory=dict)
    tasks: dict[str, Kept] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)
    made: list[tuple[date, str]] = field(default_factory=list)  # (day, who): every task that we ever made
    unanswered: list[tuple[Planned, Sent]] = field(default_factory=list)  # what was sent without an answer
    last: Plan = field(default_factory=lambda: Plan(connection="acme"))

    @property
    def today(self) -> date:
        return self.now.date()

    # --- our tasks, and people who see to them ------------------------------------------------------------------------

    def alive(self) -> list[Kept]:
        return [kept for kept in self.tasks.values() if kept.crm and kept.crm.status in ("open", "deferred")]

    def seen(self) -> Iterator[Kept]:
        """The unfinished tasks of the ledger, each with the CRM's newest."""
        for kept in self.tasks.values():
            if not kept.ended:
                kept.ours = replace(kept.ours, actual=kept.crm)
                yield kept

    def open_on(self, name: str) -> list[Kept]:
        return [kept for kept in self.seen() if kept.ours.key.split(":")[1] == name]

    def account_of(self, kept: Kept) -> Account:
        return self.accounts[kept.ours.key.split(":")[1]]

    def human(self, kept: Kept, **changed: Any) -> None:
        """Somebody changes these parts of a task in the CRM."""
        assert kept.crm
        kept.crm = replace(kept.crm, **changed)
        # Whoever puts a part back as we had it leaves it to us again.
        back = {part for part, value in as_written(kept.crm).items() if kept.ours.written.get(part) == value}
        kept.humans = {part: value for part, value in (kept.humans | changed).items() if part not in back}

    def is_put_off(self, kept: Kept) -> bool:
        """Deferred, or due at a later day than we had set, that has not come yet."""
        crm = kept.crm
        if crm is None or crm.due_on is None:
            return False
        later = crm.due_on > self.today and crm.due_on.isoformat() > str(kept.ours.written.get("due_on"))
        return crm.status == "deferred" or later

    # --- the worker: look up, take in, judge, plan --------------------------------------------------------------------

    def catch_up(self) -> None:
        """Look up what was left open, and take in what humans did."""
        self.recover()
        self.observe()
        self.open_again()

    def recover(self) -> None:
        """What was sent without an answer is looked up; what is not there as it was sent is planned anew."""
        for planned, sent in self.unanswered:
            if isinstance(planned.change, SetFields):
                continue
            kept = self.tasks[sent.subject]
            found = arrival(sent, kept.crm)
            if found:
                kept.ended = found.closed
                kept.ours = replace(kept.ours, written={**kept.ours.written, **found.written}, **found.ledger)
            elif isinstance(planned.change, CreateTask):
                del self.tasks[sent.subject]
        self.unanswered = []

    def observe(self) -> None:
        for kept in list(self.seen()):
            crm, account = kept.crm, self.account_of(kept)
            if crm and kept.ours.state == "open" and crm.status in ("completed", "deleted"):
                kept.ended = True
                for told in kept.ours.rules if kept.ended_by_human else ():
                    self.is_put_off_by(account, told, crm)

    def is_put_off_by(self, account: Account, told: str, crm: TaskState) -> None:
        """A human ended the task that told it: the worker's memory, and ours."""
        assert crm.ended_at
        ended_on, state = crm.ended_at.date(), account.states[told]
        days = 90 if crm.status == "deleted" else PAUSES.get(account.tier, 60)
        account.put_off[told] = (ended_on + timedelta(days=days), state.severity)
        account.states[told] = put_off(state, crm.status, ended_on, account.tier)

    def open_again(self) -> None:
        for kept in self.tasks.values():
            if kept.ended and kept.crm and "ended_at" in kept.humans and kept.crm.status in ("open", "deferred"):
                kept.ended = False

    def evaluate(
        self, broken: Collection[str]
    ) -> Iterator[tuple[Account, dict[str, FindingState], dict[str, Verdict]]]:
        """Yield each account with its findings before and the verdicts that arrived: none of the rules of `broken`."""
        for account in self.accounts.values():
            told = {one: verdict for one, verdict in account.verdicts.items() if one not in broken}
            before, account.states = account.states, advance(account.states, told, self.now)
            yield account, before, told

    def findings_of(self, rules: Collection[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
        return {
            (name, one): (state.open, state.severity, state.not_raised_since, state.unknown_since)
            for name, account in self.accounts.items()
            for one, state in account.states.items()
            if one in rules
        }

    def plan(self, *, whole: bool = True) -> Plan:
        situations = [self.situation(name, whole=whole) for name in self.accounts]
        made = make_plan("acme", situations, Days(today=self.today), frozenset({"findings"}))
        return release(made, self.loads(), CAPS)

    def loads(self) -> dict[str, Load]:
        monday = self.today - timedelta(days=self.today.weekday())
        held = Counter(kept.ours.reader for kept in self.seen())
        new = Counter(who for day, who in self.made if day >= monday)
        return {who: Load(open=held[who], new=new[who]) for who in {*held, *new}}

    def situation(self, name: str, *, whole: bool) -> Situation:
        account = self.accounts[name]
        told = sorted(state.rule for state in account.states.values() if state.open)
        return Situation(
            account_id=name,
            account_name=name,
            tier=account.tier,
            findings=account.states,
            rule_routes=RULES,
            routes=self.routes(account.owner),
            tasks=[kept.ours for kept in self.seen() if kept.ours.key.split(":")[1] == name],
            fields={"findings": " ".join(told) or None} if whole else None,
            actual_fields=account.written,
            used_keys=frozenset(self.tasks),
            snoozed_until=account.snoozed_until,
            priority=float(int(name[1:]) % 3),
        )

    def routes(self, owner: str) -> dict[Route, str]:
        chains = {Route.OWNER: (owner, MANAGER), Route.MANAGER: (MANAGER, owner), Route.SUCCESSOR: (owner, MANAGER)}
        found = {route: [who for who in chain if who not in self.away] for route, chain in chains.items()}
        return {route: chain[0] for route, chain in found.items() if chain}

    # --- the worker: send ---------------------------------------------------------------------------------------------

    def send_all(self, fates: Sequence[str]) -> None:
        """Each change of the plan in turn `arrives`, `is lost`, or `arrives untold`."""
        for number, planned in enumerate(self.last.changes):
            self.send(planned, fates[number % len(fates)])

    def send(self, planned: Planned, fate: str) -> None:
        change, sent = planned.change, self.row(planned)
        if isinstance(change, CreateTask):
            assert change.key not in self.tasks, "an episode is never told twice"
            written: dict[str, Any] = {"written": {}, "assignee_id": planned.assignee_id, "rules": dict(planned.rules)}
            ours = OurTask(key=change.key, route=planned.route, state="planned", crm_id="", **written)
            self.tasks[change.key] = Kept(ours=ours)
        if fate != "is lost":
            self.arrive(change)
        if fate == "arrives":
            self.told(planned)
        else:
            self.unanswered.append((planned, sent))

    def row(self, planned: Planned) -> Sent:
        """The change as the outbox keeps it."""
        change: Any = planned.change
        key = getattr(change, "key", "")
        written = self.tasks[key].ours.written if key in self.tasks else {}
        before = {part: written.get(part) for part in getattr(change, "changed", ())}
        told = {**orjson.loads(orjson.dumps(asdict(change))), "rules": dict(planned.rules)}
        return Sent(id=0, op=operation(change), subject=key, change=told, before=before)

    def arrive(self, change: Change) -> None:
        """What the CRM makes of a change."""
        match change:
            case CreateTask(key=key, content=content):
                parts = {part: getattr(content, part) for part in ("assignee_id", "subject", "body", "due_on")}
                self.tasks[key].crm = TaskState(key=key, id=key, status="open", account_id=change.account_id, **parts)
                self.made.append((self.today, content.assignee_id))
            case UpdateTask(key=key, changed=changed):
                self.tasks[key].crm = replace(self.crm(key), **changed)
            case CloseTask(key=key, body=body):
                text = body if body is not None else self.crm(key).body
                self.tasks[key].crm = replace(self.crm(key), status="completed", ended_at=self.now, body=text)
            case SetFields(account_id=name, fields=fields):
                self.accounts[name].written |= fields

    def crm(self, key: str) -> TaskState:
        found = self.tasks[key].crm
        assert found
        return found

    def told(self, planned: Planned) -> None:
        """What the ledger makes of an answer."""
        match planned.change:
            case CreateTask(key=key):
                kept = self.tasks[key]
                kept.ours = replace(kept.ours, state="open", crm_id=key, written=as_written(self.crm(key)))
            case UpdateTask(key=key, changed=changed):
                kept, now = self.tasks[key], as_written(self.crm(key))
                written = {**kept.ours.written, **{part: now[part] for part in changed}}
                who = changed.get("assignee_id", kept.ours.assignee_id)
                kept.ours = replace(kept.ours, written=written, rules=dict(planned.rules), assignee_id=who)
            case CloseTask(key=key):
                self.tasks[key].ended = True
