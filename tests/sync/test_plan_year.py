"""A year of the plan against people who do as they like: what holds after every cycle, whatever happened before it.

Findings come and go, humans complete, delete, open again, put off, hand on and rewrite tasks, owners change and leave,
pulls break off and answers get lost. `World` keeps a CRM and a ledger in memory; `year_judge` says what must hold.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rules.rule import Clear, Finding, NotApplicable, Raised, Severity, Unknown, Verdict
from tests.sync import year_judge as judge
from tests.sync.year_world import ACCOUNTS, PEOPLE, REPS, RULES, Account, Kept, World

SOAK = bool(os.environ.get("HOLDFAST_SOAK"))
FATES = ("arrives", "is lost", "arrives untold")


class Year(RuleBasedStateMachine):
    """What may happen, in any order; the worker runs a cycle a day."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    # --- the world ----------------------------------------------------------------------------------------------------

    @initialize(owners=st.lists(st.sampled_from(REPS), min_size=len(ACCOUNTS), max_size=len(ACCOUNTS)))
    def begin(self, owners: list[str]) -> None:
        self.world.accounts = {name: Account(owner=owner) for name, owner in zip(ACCOUNTS, owners, strict=True)}

    @rule(
        names=st.sets(st.sampled_from(ACCOUNTS), max_size=8),
        found=st.sampled_from(list(RULES)),
        how=st.sampled_from(Severity),
    )
    def something_is_found(self, names: set[str], found: str, how: Severity) -> None:
        for name in names:
            text = Finding(
                headline=f"{found} says", why=f"{self.world.today}", clears_when="So.", first_step="Go.", figures="1"
            )
            self.world.accounts[name].verdicts[found] = Raised(severity=how, finding=text)

    @rule(
        names=st.sets(st.sampled_from(ACCOUNTS), max_size=8),
        found=st.sampled_from(list(RULES)),
        kind=st.sampled_from((Clear(message="shared"), Unknown(reason="thin"), NotApplicable(reason="not key"))),
    )
    def something_ends(self, names: set[str], found: str, kind: Verdict) -> None:
        for name in names:
            self.world.accounts[name].verdicts[found] = kind

    @rule(
        which=st.integers(0, 50),
        kind=st.sampled_from((Clear(message="shared"), Unknown(reason="thin"))),
        fate=st.sampled_from(("", "arrives", "is lost", "arrives untold")),
    )
    def what_is_told_ends(self, which: int, kind: Verdict, fate: str) -> None:
        """For two days, at whose end our closing has this fate; whatever it is, the task's reader completes it then."""
        told = [(kept, one) for kept in self.world.alive() for one in sorted(kept.ours.rules)]
        if told:
            kept, one = told[which % len(told)]
            self.world.account_of(kept).verdicts[one] = kind
            self.days_pass(days=1)
            if fate:
                self.a_cycle_loses_writes(fates=[fate])
            if fate and kept in self.world.alive():
                self.a_task_is_ended(which=self.world.alive().index(kept), how="completed")

    @rule(name=st.sampled_from(ACCOUNTS), owner=st.sampled_from(REPS))
    def an_owner_changes(self, name: str, owner: str) -> None:
        self.world.accounts[name].owner = owner

    @rule(name=st.sampled_from(ACCOUNTS), tier=st.sampled_from(("A", "B", "C", "")))
    def a_tier_changes(self, name: str, tier: str) -> None:
        self.world.accounts[name].tier = tier

    @rule(name=st.sampled_from(ACCOUNTS), days=st.integers(1, 60))
    def an_account_is_snoozed(self, name: str, days: int) -> None:
        self.world.accounts[name].snoozed_until = self.world.today + timedelta(days=days)

    @rule(who=st.sampled_from(PEOPLE))
    def somebody_leaves_or_returns(self, who: str) -> None:
        self.world.away ^= {who}

    @rule(which=st.integers(0, 50))
    def what_was_put_off_gets_worse(self, which: int) -> None:
        put_off = [(name, one) for name, account in self.world.accounts.items() for one in sorted(account.put_off)]
        if put_off:
            name, one = put_off[which % len(put_off)]
            self.something_is_found(names={name}, found=one, how=Severity.CRITICAL)

    # --- what humans do to our tasks ----------------------------------------------------------------------------------

    def pick(self, which: int) -> Kept:
        return self.world.alive()[which % len(self.world.alive())]

    @precondition(lambda self: self.world.alive())
    @rule(which=st.integers(0, 50), how=st.sampled_from(("completed", "deleted")))
    def a_task_is_ended(self, which: int, how: str) -> None:
        kept = self.pick(which)
        self.world.human(kept, status=how, ended_at=self.world.now)
        kept.ended_by_human = True

    @rule(which=st.integers(0, 50))
    def a_task_is_opened_again(self, which: int) -> None:
        ended = [kept for kept in self.world.tasks.values() if kept.ended_by_human]
        if ended:
            kept = ended[which % len(ended)]
            kept.ended_by_human, kept.opened_again = False, True
            self.world.human(kept, status="open", ended_at=None)

    @precondition(lambda self: self.world.alive())
    @rule(which=st.integers(0, 50), days=st.integers(-3, 60))
    def a_task_is_due_another_day(self, which: int, days: int) -> None:
        kept = self.pick(which)
        assert kept.crm
        assert kept.crm.due_on
        self.world.human(kept, due_on=kept.crm.due_on + timedelta(days=days))

    @precondition(lambda self: self.world.alive())
    @rule(which=st.integers(0, 50), status=st.sampled_from(("open", "deferred")))
    def a_task_is_deferred_or_taken_up(self, which: int, status: str) -> None:
        self.world.human(self.pick(which), status=status)

    @precondition(lambda self: self.world.alive())
    @rule(which=st.integers(0, 50), to=st.sampled_from(PEOPLE))
    def a_task_is_handed_on(self, which: int, to: str) -> None:
        self.world.human(self.pick(which), assignee_id=to)

    @precondition(lambda self: self.world.alive())
    @rule(which=st.integers(0, 50), parts=st.sampled_from((("subject",), ("body",), ("subject", "body"))))
    def a_task_is_rewritten(self, which: int, parts: tuple[str, ...]) -> None:
        self.world.human(self.pick(which), **dict.fromkeys(parts, "In my own words"))

    @rule(which=st.integers(0, 50), how=st.sampled_from(("rewritten", "completed", "due later")))
    def a_task_is_seen_to_before_we_were_answered(self, which: int, how: str) -> None:
        under_way = [
            kept for kept in self.world.alive() if kept.ours.key in {sent.subject for _, sent in self.world.unanswered}
        ]
        if under_way:
            kept = under_way[which % len(under_way)]
            number = self.world.alive().index(kept)
            match how:
                case "rewritten":
                    self.a_task_is_rewritten(which=number, parts=("body",))
                case "completed":
                    self.a_task_is_ended(which=number, how=how)
                case _:
                    self.a_task_is_due_another_day(which=number, days=30)

    # --- the worker ---------------------------------------------------------------------------------------------------

    @rule(days=st.integers(1, 40))
    def days_pass(self, days: int) -> None:
        for _ in range(days):
            self.world.now += timedelta(days=1)
            self.cycle()

    @rule()
    def a_second_cycle_on_the_same_day(self) -> None:
        self.world.now += timedelta(minutes=30)
        self.cycle()

    @rule(broken=st.sets(st.sampled_from(list(RULES)), min_size=1))
    def a_pull_breaks_off(self, broken: set[str]) -> None:
        """The streams that these rules rest on did not arrive whole: there is no verdict of theirs."""
        self.world.now += timedelta(days=1)
        before = self.world.findings_of(broken)
        self.cycle(broken=broken)
        assert self.world.findings_of(broken) == before, "nothing is cleared, raised or on its way to either"
        assert not self.world.last.changes, "nothing moves on a partial pull"

    @rule(fates=st.lists(st.sampled_from(FATES), min_size=1, max_size=8))
    def a_cycle_loses_writes(self, fates: list[str]) -> None:
        self.world.now += timedelta(days=1)
        self.cycle(fates=fates)

    def cycle(self, broken: Collection[str] = (), fates: Sequence[str] = ()) -> None:
        """Look up what was left open, take in what humans did, evaluate, plan, send."""
        self.world.catch_up()
        for account, before, told in self.world.evaluate(broken):
            judge.ends_are_proven(self.world, account, before, told)
        self.world.last = self.world.plan(whole=not broken)
        judge.plan_is_fair(self.world)
        self.world.send_all(fates or ("arrives",))
        if not broken and not fates:
            judge.nothing_is_left_to_do(self.world)
            judge.nothing_is_lost(self.world)

    @invariant()
    def what_humans_wrote_stands(self) -> None:
        judge.what_humans_wrote_stands(self.world)

    @invariant()
    def a_text_tells_its_findings(self) -> None:
        judge.a_text_tells_its_findings(self.world)


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
