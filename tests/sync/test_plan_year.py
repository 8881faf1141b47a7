"""A year of the plan against people who do as they like: what holds after every cycle, whatever happened before it.

Findings come and go, humans complete, delete, open again, put off, hand on and rewrite tasks, owners change and leave,
pulls break off and answers get lost. `Year` keeps a CRM and a ledger in memory, and judges every plan by what it saw
people do: by the CRM, and by its own memory of who put off what, never by the planner's.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connectors.protocol import Change, CloseTask, CreateTask, SetFields, TaskState, UpdateTask
from rules.rule import Clear, Finding, NotApplicable, Raised, Route, Severity, Unknown, Verdict
from sync.arrival import Sent, arrival
from sync.findings import FindingState, advance, put_off
from sync.outbox import operation
from sync.plan import OurTask, Plan, Planned, Situation, as_written
from sync.planner import Days, make_plan
from sync.queue import Caps, Load, release

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
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
DUE_DAYS = {"critical": 3, "high": 5, "medium": 10, "low": 20}  # business days, which are never fewer than days
CLEAR_HOURS, UNKNOWN_DAYS = 20, 60
PAUSES = {"A": 30, "B": 60}  # days after a completed task; facts of the domain, not read from the code under test
BADNESS = ("low", "medium", "high", "critical")


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
    since: dict[str, tuple[type[Verdict], datetime]] = field(
        default_factory=dict
    )  # by rule: what it is, first seen when


class Year(RuleBasedStateMachine):
    """The world, and a worker that runs a cycle a day in it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 1, 5, 6, tzinfo=UTC)
        self.accounts: dict[str, Account] = {}
        self.tasks: dict[str, Kept] = {}
        self.away: set[str] = set()
        self.made: list[tuple[date, str]] = []  # (day, who): every task that we ever made
        self.unanswered: list[tuple[Planned, Sent]] = []  # what was sent without an answer
        self.last: Plan = Plan(connection="acme")

    @property
    def today(self) -> date:
        return self.now.date()

    # --- the world ----------------------------------------------------------------------------------------------------

    @initialize(owners=st.lists(st.sampled_from(REPS), min_size=len(ACCOUNTS), max_size=len(ACCOUNTS)))
    def begin(self, owners: list[str]) -> None:
        self.accounts = {name: Account(owner=owner) for name, owner in zip(ACCOUNTS, owners, strict=True)}

    @rule(
        names=st.sets(st.sampled_from(ACCOUNTS), max_size=8),
        found=st.sampled_from(list(RULES)),
        how=st.sampled_from(Severity),
    )
    def something_is_found(self, names: set[str], found: str, how: Severity) -> None:
        for name in names:
            text = Finding(
                headline=f"{found} says", why=f"{self.today}", clears_when="So.", first_step="Go.", figures="1"
            )
            self.accounts[name].verdicts[found] = Raised(severity=how, finding=text)

    @rule(
        names=st.sets(st.sampled_from(ACCOUNTS), max_size=8),
        found=st.sampled_from(list(RULES)),
        kind=st.sampled_from((Clear(message="shared"), Unknown(reason="thin"), NotApplicable(reason="not key"))),
    )
    def something_ends(self, names: set[str], found: str, kind: Verdict) -> None:
        for name in names:
            self.accounts[name].verdicts[found] = kind

    @rule(
        which=st.integers(0, 50),
        kind=st.sampled_from((Clear(message="shared"), Unknown(reason="thin"))),
        fate=st.sampled_from(("", "arrives", "is lost", "arrives untold")),
    )
    def what_is_told_ends(self, which: int, kind: Verdict, fate: str) -> None:
        """For two days, at whose end our closing has this fate; whatever it is, the task's reader completes it then."""
        told = [(kept, one) for kept in self.alive() for one in sorted(kept.ours.rules)]
        if told:
            kept, one = told[which % len(told)]
            self.account_of(kept).verdicts[one] = kind
            self.days_pass(days=1)
            if fate:
                self.a_cycle_loses_writes(fates=[fate])
            if fate and kept in self.alive():
                self.a_task_is_ended(which=self.alive().index(kept), how="completed")

    @rule(name=st.sampled_from(ACCOUNTS), owner=st.sampled_from(REPS))
    def an_owner_changes(self, name: str, owner: str) -> None:
        self.accounts[name].owner = owner

    @rule(name=st.sampled_from(ACCOUNTS), tier=st.sampled_from(("A", "B", "C", "")))
    def a_tier_changes(self, name: str, tier: str) -> None:
        self.accounts[name].tier = tier

    @rule(name=st.sampled_from(ACCOUNTS), days=st.integers(1, 60))
    def an_account_is_snoozed(self, name: str, days: int) -> None:
        self.accounts[name].snoozed_until = self.today + timedelta(days=days)

    @rule(who=st.sampled_from(PEOPLE))
    def somebody_leaves_or_returns(self, who: str) -> None:
        self.away ^= {who}

    # --- what humans do to our tasks ----------------------------------------------------------------------------------

    def alive(self) -> list[Kept]:
        return [kept for kept in self.tasks.values() if kept.crm and kept.crm.status in ("open", "deferred")]

    def pick(self, which: int) -> Kept:
        return self.alive()[which % len(self.alive())]

    def _human(self, kept: Kept, **changed: Any) -> None:
        assert kept.crm
        kept.crm = replace(kept.crm, **changed)
        # Whoever puts a part back as we had it leaves it to us again.
        back = {part for part, value in as_written(kept.crm).items() if kept.ours.written.get(part) == value}
        kept.humans = {part: value for part, value in (kept.humans | changed).items() if part not in back}

    @precondition(lambda self: self.alive())
    @rule(which=st.integers(0, 50), how=st.sampled_from(("completed", "deleted")))
    def a_task_is_ended(self, which: int, how: str) -> None:
        kept = self.pick(which)
        self._human(kept, status=how, ended_at=self.now)
        kept.ended_by_human = True

    def account_of(self, kept: Kept) -> Account:
        return self.accounts[kept.ours.key.split(":")[1]]

    @rule(which=st.integers(0, 50))
    def a_task_is_opened_again(self, which: int) -> None:
        ended = [kept for kept in self.tasks.values() if kept.ended_by_human]
        if ended:
            kept = ended[which % len(ended)]
            kept.ended_by_human, kept.opened_again = False, True
            self._human(kept, status="open", ended_at=None)

    @precondition(lambda self: self.alive())
    @rule(which=st.integers(0, 50), days=st.integers(-3, 60))
    def a_task_is_due_another_day(self, which: int, days: int) -> None:
        kept = self.pick(which)
        assert kept.crm
        assert kept.crm.due_on
        self._human(kept, due_on=kept.crm.due_on + timedelta(days=days))

    @precondition(lambda self: self.alive())
    @rule(which=st.integers(0, 50), status=st.sampled_from(("open", "deferred")))
    def a_task_is_deferred_or_taken_up(self, which: int, status: str) -> None:
        self._human(self.pick(which), status=status)

    @precondition(lambda self: self.alive())
    @rule(which=st.integers(0, 50), to=st.sampled_from(PEOPLE))
    def a_task_is_handed_on(self, which: int, to: str) -> None:
        self._human(self.pick(which), assignee_id=to)

    @precondition(lambda self: self.alive())
    @rule(which=st.integers(0, 50), parts=st.sampled_from((("subject",), ("body",), ("subject", "body"))))
    def a_task_is_rewritten(self, which: int, parts: tuple[str, ...]) -> None:
        self._human(self.pick(which), **dict.fromkeys(parts, "In my own words"))

    # --- the worker ---------------------------------------------------------------------------------------------------

    @rule(which=st.integers(0, 50), how=st.sampled_from(("rewritten", "completed", "due later")))
    def a_task_is_seen_to_before_we_were_answered(self, which: int, how: str) -> None:
        under_way = [kept for kept in self.alive() if kept.ours.key in {sent.subject for _, sent in self.unanswered}]
        if under_way:
            kept = under_way[which % len(under_way)]
            number = self.alive().index(kept)
            match how:
                case "rewritten":
                    self.a_task_is_rewritten(which=number, parts=("body",))
                case "completed":
                    self.a_task_is_ended(which=number, how=how)
                case _:
                    self.a_task_is_due_another_day(which=number, days=30)

    @rule(which=st.integers(0, 50))
    def what_was_put_off_gets_worse(self, which: int) -> None:
        put_off = [(name, one) for name, account in self.accounts.items() for one in sorted(account.put_off)]
        if put_off:
            name, one = put_off[which % len(put_off)]
            self.something_is_found(names={name}, found=one, how=Severity.CRITICAL)

    @rule(days=st.integers(1, 40))
    def days_pass(self, days: int) -> None:
        for _ in range(days):
            self.now += timedelta(days=1)
            self.cycle()

    @rule()
    def a_second_cycle_on_the_same_day(self) -> None:
        self.now += timedelta(minutes=30)
        self.cycle()

    @rule(broken=st.sets(st.sampled_from(list(RULES)), min_size=1))
    def a_pull_breaks_off(self, broken: set[str]) -> None:
        """The streams that these rules rest on did not arrive whole: there is no verdict of theirs."""
        self.now += timedelta(days=1)
        before = self.findings_of(broken)
        self.cycle(broken=broken)
        assert self.findings_of(broken) == before, "nothing is cleared, raised or on its way to either"
        assert not self.last.changes, "nothing moves on a partial pull"

    def findings_of(self, rules: set[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
        return {
            (name, one): (state.open, state.severity, state.not_raised_since, state.unknown_since)
            for name, account in self.accounts.items()
            for one, state in account.states.items()
            if one in rules
        }

    @rule(fates=st.lists(st.sampled_from(("arrives", "is lost", "arrives untold")), min_size=1, max_size=8))
    def a_cycle_loses_writes(self, fates: list[str]) -> None:
        self.now += timedelta(days=1)
        self.cycle(fates=fates)

    def cycle(self, broken: frozenset[str] | set[str] = frozenset(), fates: list[str] | None = None) -> None:
        """Look up what was left open, take in what humans did, evaluate, plan, send."""
        self.recover()
        self.observe()
        self.open_again()
        for account in self.accounts.values():
            told = {one: verdict for one, verdict in account.verdicts.items() if one not in broken}
            before, account.states = account.states, advance(account.states, told, self.now)
            self.ends_are_proven(account, before, told)
        self.last = self.plan(whole=not broken)
        self.judge(self.last)
        for number, planned in enumerate(self.last.changes):
            self.send(planned, fates[number % len(fates)] if fates else "arrives")
        if not broken and not fates:
            self.settled()

    def ends_are_proven(self, account: Account, before: dict[str, FindingState], told: dict[str, Verdict]) -> None:
        """What ends was not raised at two evaluations 20 hours apart, or could not be judged for 60 days."""
        for one, verdict in told.items():
            kind = Clear if isinstance(verdict, NotApplicable) else type(verdict)
            was, since = account.since.get(one, (kind, self.now))
            # Not to know says nothing against what was seen before.
            if was is not kind and not (was is Clear and kind is Unknown):
                was, since = kind, self.now
            account.since[one] = (was, since)
            if one in before and before[one].open and not account.states[one].open:
                enough = timedelta(days=UNKNOWN_DAYS) if kind is Unknown else timedelta(hours=CLEAR_HOURS)
                assert kind is not Raised
                assert self.now - since >= enough, (one, verdict, since)

    def plan(self, *, whole: bool = True) -> Plan:
        situations = [self.situation(name, whole=whole) for name in self.accounts]
        made = make_plan("acme", situations, Days(today=self.today), frozenset({"findings"}))
        return release(made, self.loads(), CAPS)

    def loads(self) -> dict[str, Load]:
        monday = self.today - timedelta(days=self.today.weekday())
        held = Counter(kept.ours.reader for kept in self.seen())
        new = Counter(who for day, who in self.made if day >= monday)
        return {who: Load(open=held[who], new=new[who]) for who in {*held, *new}}

    def seen(self) -> Iterator[Kept]:
        """The unfinished tasks of the ledger, each with the CRM's newest."""
        for kept in self.tasks.values():
            if not kept.ended:
                kept.ours = replace(kept.ours, actual=kept.crm)
                yield kept

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

    # --- what must hold -----------------------------------------------------------------------------------------------

    def judge(self, plan: Plan) -> None:
        """No change goes against what a human did, and nobody gets more than the caps allow."""
        held = Counter(kept.crm.assignee_id for kept in self.alive() if kept.crm)
        monday = self.today - timedelta(days=self.today.weekday())
        made = Counter(who for day, who in self.made if day >= monday)
        given: Counter[str] = Counter()
        new: Counter[str] = Counter()
        for planned in plan.changes:
            account = self.accounts[planned.account_id]
            match planned.change:
                case CreateTask(content=content):
                    self.no_pause_is_broken(account, set(planned.rules))
                    assert not (account.snoozed_until and account.snoozed_until > self.today)
                    assert account.tier in PAUSES
                    assert (content.due_on - self.today).days >= DUE_DAYS[content.severity]
                    assert content.due_on.weekday() < 5
                    assert content.assignee_id not in self.away
                    given[content.assignee_id] += 1
                    new[content.assignee_id] += 1
                case UpdateTask(key=key, changed=changed):
                    kept = self.tasks[key]
                    assert not kept.humans.keys() & changed.keys(), "a human's part is never written"
                    assert kept.crm
                    assert kept.crm.status in ("open", "deferred")
                    self.no_pause_is_broken(account, set(planned.rules) - set(kept.ours.rules))
                    if {"subject", "body"} & changed.keys() and self.is_put_off(kept):
                        self.something_is_worse(planned, kept)
                    if "assignee_id" in changed:
                        assert changed["assignee_id"] not in self.away
                        given[changed["assignee_id"]] += 1
                case CloseTask(key=key, body=body):
                    assert body is None or "body" not in self.tasks[key].humans
                    self.has_a_reason(planned, key)
        for who, number in given.items():
            assert held[who] + number <= CAPS.open, (who, held, plan)
        for who, number in new.items():
            assert made[who] + number <= CAPS.new, (who, made, plan)

    def no_pause_is_broken(self, account: Account, told: set[str]) -> None:
        assert not {one for one in told if self.is_quiet(account, one)}, (told, account, self.today)

    def is_quiet(self, account: Account, one: str) -> bool:
        """Whether a human ended a task on it, the pause is not over, and it has not become worse since."""
        until, how_bad = account.put_off.get(one, (self.today, Severity.LOW))
        return self.today < until and _badness(account.states[one].severity) <= _badness(how_bad)

    def something_is_worse(self, planned: Planned, kept: Kept) -> None:
        """What a human put off is written to only for something worse than all that it tells."""
        news = [how for one, how in planned.rules.items() if how != kept.ours.rules.get(one)]
        told = max(map(_badness, kept.ours.rules.values()), default=0)
        assert max(map(_badness, news), default=0) > told, (planned, kept)

    def has_a_reason(self, planned: Planned, key: str) -> None:
        """What we close has ended, is told to the same person elsewhere, has a new reader without room, or is in tier C."""
        account, kept = self.accounts[planned.account_id], self.tasks[key]
        true = {one for one in kept.ours.rules if account.states[one].open}
        elsewhere = {one for other in self.open_on(planned.account_id) if other is not kept for one in other.ours.rules}
        written = {
            one
            for other in self.last.changes
            if other.account_id == planned.account_id and isinstance(other.change, UpdateTask)
            for one in other.rules
        }
        waits = {one for held in self.last.held_back if held.account_id == planned.account_id for one in held.rules}
        assert not (true - elsewhere - written - waits) or account.tier == "C", planned

    def open_on(self, name: str) -> list[Kept]:
        return [kept for kept in self.seen() if kept.ours.key.split(":")[1] == name]

    def settled(self) -> None:
        """After a cycle without faults nothing is left to do but what found room through it, and nothing is lost."""
        moved = [one for one in self.last.changes if isinstance(one.change, CloseTask) or _hands_on(one)]
        waited = {(held.account_id, one) for held in self.last.held_back for one in held.rules}
        again = self.plan()
        if not moved:
            assert not again.changes, again.changes
        for planned in again.changes:
            assert isinstance(planned.change, CreateTask | UpdateTask), again
            of_task = self.tasks.get(planned.change.key)
            news = set(planned.rules) - (set(of_task.ours.rules) if of_task else set())
            assert {(planned.account_id, one) for one in news} <= waited, again
        for name, account in self.accounts.items():
            found = sorted(one for one, state in account.states.items() if state.open)
            assert account.written.get("findings") == (" ".join(found) or None)
            told = Counter(one for kept in self.open_on(name) if kept in self.alive() for one in kept.ours.rules)
            waits = {one for held in self.last.held_back if held.account_id == name for one in held.rules}
            if any(held.account_id == name and "put off" in held.reason for held in self.last.held_back):
                assert any(self.is_put_off(kept) for kept in self.open_on(name))
            self.texts_are_up_to_date(name)
            for state in account.states.values():
                if state.open and account.tier in PAUSES:
                    opened_again = any(
                        kept.opened_again and state.rule in kept.ours.rules for kept in self.open_on(name)
                    )
                    assert told[state.rule] <= 1 or not self.routes(account.owner) or opened_again, (
                        "told twice",
                        state.rule,
                        self.open_on(name),
                    )
                    shown = told[state.rule] or state.rule in waits or self.is_quiet(account, state.rule)
                    assert shown, ("lost", name, state, self.last)

    def texts_are_up_to_date(self, name: str) -> None:
        """A task tells how bad things are; of one that a human put off, only what is no worse than it says waits."""
        account = self.accounts[name]
        waits = {one for held in self.last.held_back if held.account_id == name for one in held.rules}
        states = {one: state for one, state in account.states.items() if state.open and one not in waits}
        now = {one: str(state.severity) for one, state in states.items()}
        for kept in self.open_on(name):
            told = kept.ours.rules
            put_off, rewritten = self.is_put_off(kept), {"subject", "body"} <= kept.humans.keys()
            if any(other.opened_again for other in self.open_on(name)):
                continue  # it may tell what another tells by now
            if rewritten or kept.ours.state != "open" or account.tier not in PAUSES or not self.routes(account.owner):
                continue
            if not put_off:
                assert {one: told[one] for one in told if one in now} == {one: now[one] for one in told if one in now}
            worst = max(map(_badness, told.values()), default=0)
            assert all(_badness(now[one]) <= worst for one in told if one in now), ("worse, and not told", kept)

    def is_put_off(self, kept: Kept) -> bool:
        """Deferred, or due at a later day than we had set, that has not come yet."""
        crm = kept.crm
        if crm is None or crm.due_on is None:
            return False
        later = crm.due_on > self.today and crm.due_on.isoformat() > str(kept.ours.written.get("due_on"))
        return crm.status == "deferred" or later

    @invariant()
    def what_humans_wrote_stands(self) -> None:
        for kept in self.tasks.values():
            for part, value in kept.humans.items():
                if part != "status" and not (part == "ended_at" and kept.crm and kept.crm.status != value):
                    assert getattr(kept.crm, part) == value, (part, kept)

    @invariant()
    def a_text_tells_its_findings(self) -> None:
        under_way = {getattr(planned.change, "key", "") for planned, _ in self.unanswered}
        for kept in self.tasks.values():
            if kept.ours.key in under_way:
                continue
            if kept.crm and not kept.ended and "body" not in kept.humans and kept.ours.state == "open":
                assert all(one in kept.crm.body for one in kept.ours.rules)


def _badness(severity: str) -> int:
    return BADNESS.index(str(severity))


def _hands_on(planned: Planned) -> bool:
    return isinstance(planned.change, UpdateTask) and "assignee_id" in planned.change.changed


TestYear = Year.TestCase
TestYear.settings = settings(
    max_examples=150 if SOAK else 40 if os.environ.get("HOLDFAST_CI") else 6,
    stateful_step_count=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    phases=(Phase.generate,),  # what it finds is a year long: shrinking takes longer than reading it
)
