"""`kill -9` at random moments of pull and apply: no second task, no lost touch, and nothing left to write."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.whole.rehearsal import Rehearsal, rehearsal

CRMS = ["salesforce", "hubspot"]
FIRST_LOADS = 12  # kills of a first cycle, per CRM
LATER_CYCLES = 6  # kills of cycles that make, change and close tasks, per CRM
HELD_SECONDS = 0.4  # how long a held request stays on its way; it takes effect after its sender's death
TIMEOUT_SECONDS = 30


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """When the process is killed: `seconds` after its start, after its request number `request` was answered, or
    while that one is held on its way. Of `write` moments only the requests that write are counted.
    """

    seconds: float = 0
    request: int = 0
    write: bool = False
    held: bool = False
    later: float = 0  # seconds beyond that

    def rule(self, crm: str) -> dict[str, object]:
        which = {"crm": crm, "after": self.request - 1, "first": 1} | ({"write": True} if self.write else {})
        return which | {"delay_ms": HELD_SECONDS * 1000}


def first_loads(random: Random, requests: int) -> Iterator[Moment]:
    """Moments of a first cycle of so many requests: its start, its pull, its apply."""
    for turn in range(FIRST_LOADS):
        later, request = random.uniform(0, 0.02), random.randint(1, requests)
        match turn % 4:
            case 0:
                yield Moment(seconds=random.uniform(0.3, 1.4))
            case 1:
                yield Moment(request=request, later=later)
            case 2:
                yield Moment(request=request, held=True, later=later)
            case _:
                yield Moment(request=random.randint(1, 2), write=True, held=turn % 8 == 3, later=later)


def later_cycles(random: Random) -> Iterator[Moment]:
    """Moments of cycles in which there is something to write: before, during and after each of the writes."""
    for turn in range(LATER_CYCLES):
        write = Moment(request=random.randint(1, 2), write=True, held=turn % 2 == 0, later=random.uniform(0, 0.02))
        yield Moment(request=random.randint(2, 20), later=write.later) if turn % 3 == 2 else write


def kill(stage: Rehearsal, crm: str, moment: Moment) -> bool:
    """Run a cycle in a process of its own and kill it at the moment; true if it had a request on its way."""
    stage.forget_journal()
    stage.faults(*([moment.rule(crm)] if moment.held else []))
    with stage.spawn("run", "--connection", crm, "--quiet") as process:
        give_up = time.monotonic() + TIMEOUT_SECONDS
        while process.poll() is None and not reached(stage, moment, process_started=give_up - TIMEOUT_SECONDS):
            a_moment(give_up)
        time.sleep(moment.later)
        process.kill()
        _, told = process.communicate()
    assert told == "", "whatever was interrupted, nothing is said of it"
    on_its_way = moment.held and reached(stage, moment, process_started=0)
    stage.faults()
    return on_its_way


def landed(stage: Rehearsal) -> None:
    """The request that was on its way when its sender died has had its effect."""
    give_up = time.monotonic() + TIMEOUT_SECONDS
    while not any(one["milliseconds"] >= HELD_SECONDS * 1000 for one in list(stage.sandbox.journal.entries)):
        a_moment(give_up)


def a_moment(give_up: float) -> None:
    assert time.monotonic() < give_up
    time.sleep(0.001)


def reached(stage: Rehearsal, moment: Moment, *, process_started: float) -> bool:
    if moment.held:
        return bool(stage.sandbox.faults.told()[0]["fired"])
    if moment.seconds:
        return time.monotonic() - process_started >= moment.seconds
    entries = stage.sandbox.journal.entries
    return sum(one["write"] or not moment.write for one in list(entries)) >= moment.request


def assert_nothing_is_left(stage: Rehearsal, crm: str) -> None:
    """A further run writes nothing, and no change is under way or held back."""
    stage.forget_journal()
    told = stage.json("run", "--connection", crm)["connections"][crm]
    assert stage.writes() == []
    assert told["written"]["held_back"] == 0
    status = stage.json("status", "--connection", crm)["connections"][crm]
    assert set(status["outbox"]) <= {"done", "lapsed"}
    assert set(status["tasks"]) <= {"open", "ended"}


def assert_tasks(stage: Rehearsal, crm: str, expected: set[tuple[str, str]]) -> None:
    """There is one open task for each of these (account, route), and no key stands twice."""
    keys = [one["key"] for one in stage.our_tasks(crm)]
    assert len(keys) == len(set(keys))
    assert stage.open_tasks(crm) == dict.fromkeys(expected, 1)


@pytest.mark.slow
@pytest.mark.parametrize("crm", CRMS)
def test_a_first_cycle_killed_at_any_moment_loses_and_doubles_nothing(
    crm: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with rehearsal(tmp_path_factory.mktemp(crm), accounts=50, rate_limits=False) as stage:
        stage.live()
        stage.holdfast("run", "--connection", crm)
        pulled, tasks, fields = stage.pulled(crm), set(stage.open_tasks(crm)), stage.our_fields(crm)
        requests = len(stage.get("journal")["requests"])
        assert tasks
        for moment in first_loads(Random(f"first {crm}"), requests):
            stage.begin_again()
            on_its_way = kill(stage, crm, moment)
            stage.holdfast("run", "--connection", crm)
            if on_its_way:
                landed(stage)
            assert_tasks(stage, crm, tasks)
            assert stage.judged(crm) == stage.truth(crm), moment
            assert stage.pulled(crm) == pulled, moment
            assert_nothing_is_left(stage, crm)
            assert_tasks(stage, crm, tasks)
            assert stage.our_fields(crm) == fields


@pytest.mark.slow
@pytest.mark.parametrize("crm", CRMS)
def test_a_cycle_killed_while_it_makes_and_changes_tasks_ends_where_it_would_have(
    crm: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with rehearsal(tmp_path_factory.mktemp(crm), accounts=50, rate_limits=False) as stage:
        stage.live()
        stage.only("sole-rep", "exec-reach-lapse")
        # Fewer key accounts empty fields, another severity tells tasks anew. No task closes at once: an account that is
        # no longer key clears like any other, on two evaluations 20 hours apart.
        settings = [
            {"HOLDFAST__CUSTOMERS__TOP_SHARE": share, "HOLDFAST__RULES__SOLE_REP__SEVERITY": severity}
            for share, severity in (("0.3", "critical"), ("0.1", "high"), ("0.3", "medium"))
        ]
        undisturbed = []
        for setting in settings:
            stage.begin_again()
            stage.set(**setting)
            stage.holdfast("run", "--connection", crm)
            undisturbed.append((set(stage.open_tasks(crm)), stage.our_fields(crm)))
        # Accounts alone: where both routes lead to one person, another severity makes another route the worst.
        assert {account for account, _ in undisturbed[0][0]} > {account for account, _ in undisturbed[1][0]} > set()
        for turn, moment in enumerate(later_cycles(Random(f"later {crm}"))):
            tasks, fields = undisturbed[-1][0], undisturbed[turn % len(settings)][1]
            stage.set(**settings[turn % len(settings)])
            on_its_way = kill(stage, crm, moment)
            stage.holdfast("run", "--connection", crm)
            if on_its_way:
                landed(stage)
            assert_tasks(stage, crm, tasks)
            assert_nothing_is_left(stage, crm)
            assert_tasks(stage, crm, tasks)
            assert {account: told for account, told in stage.our_fields(crm).items() if any(told.values())} == {
                account: told for account, told in fields.items() if any(told.values())
            }


@pytest.mark.slow
@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("held", [True, False], ids=["on its way", "answered"])
def test_a_cycle_killed_while_it_closes_tasks_closes_them_and_puts_nothing_off(
    crm: str, tmp_path: Path, *, held: bool
) -> None:
    with rehearsal(tmp_path, accounts=50, rate_limits=False) as stage:
        stage.live()
        stage.only("sole-rep", "exec-reach-lapse")
        stage.holdfast("run", "--connection", crm)
        before = set(stage.open_tasks(crm))
        stage.set(HOLDFAST__CUSTOMERS__TOP_SHARE="0.1")
        stage.holdfast("run", "--connection", crm)
        assert set(stage.open_tasks(crm)) == before, "one evaluation closes nothing"
        stage.advance(21 * 3600)
        on_its_way = kill(stage, crm, Moment(request=1, write=True, held=held))
        stage.holdfast("run", "--connection", crm)
        if on_its_way:
            landed(stage)
        verdicts = stage.verdicts("--connection", crm)
        not_key = {
            account for account, _ in before if verdicts[crm, account, "sole-rep"]["verdict"] == "not_applicable"
        }
        assert not_key
        left = stage.open_tasks(crm)
        assert not {account for account, _ in left} & not_key
        assert set(left.values()) == {1}
        for account in not_key:
            (told,) = stage.json("explain", account, "--connection", crm)
            assert {one["ended_how"] for one in told["tasks"]} == {"closed"}
            assert not [one for one in told["rules"].values() if one.get("memory", {}).get("quiet_until")]
        assert_nothing_is_left(stage, crm)


def test_apply_after_a_killed_run_looks_up_what_was_under_way(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=20, rate_limits=False) as stage:
        stage.live()
        assert kill(stage, "salesforce", Moment(request=1, write=True, held=True))
        stage.holdfast("apply", "--connection", "salesforce")
        landed(stage)
        assert set(stage.open_tasks("salesforce").values()) == {1}
        assert_nothing_is_left(stage, "salesforce")


def test_an_interrupted_run_says_so_in_one_line_and_the_next_one_goes_on(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=25, rate_limits=False) as stage:
        stage.live()
        stage.faults({"delay_ms": 200})  # it is never done before it is told to stop
        with stage.spawn("run", "--quiet") as process:
            give_up = time.monotonic() + TIMEOUT_SECONDS
            while len(stage.sandbox.journal.entries) < 5:
                a_moment(give_up)
            process.send_signal(signal.SIGINT)
            _, told = process.communicate()
        assert process.returncode == 130, told
        assert told == "interrupted; the state is consistent, run again to go on\n"
        stage.faults()
        stage.holdfast("run")
        assert_nothing_is_left(stage, "salesforce")


def test_an_edit_between_a_crash_and_the_next_run_stays_the_humans(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=25, rate_limits=False) as stage:
        stage.live()
        stage.holdfast("run", "--connection", "salesforce")
        task = next(one for one in stage.our_tasks("salesforce") if "sole-rep" in one["body"])
        # The new severity is told in every task of the rule; the process dies before its request arrives.
        stage.set(HOLDFAST__RULES__SOLE_REP__SEVERITY="high")
        stage.faults({"write": True, "cut": "before"})
        assert stage.cycle("salesforce").written["unknown"]
        stage.faults()
        stage.sql("UPDATE outbox SET state = 'sending' WHERE op = 'update_task'")
        stage.act("salesforce", "edit_task", who=task["owner"], task=task["id"], subject="Mine now")
        stage.set(HOLDFAST__RULES__SOLE_REP__SEVERITY="medium")
        stage.holdfast("run", "--connection", "salesforce")
        stage.set(HOLDFAST__RULES__SOLE_REP__SEVERITY="low")
        stage.holdfast("run", "--connection", "salesforce")
        (kept,) = (one for one in stage.our_tasks("salesforce") if one["id"] == task["id"])
        assert kept["subject"] == "Mine now"


@pytest.mark.slow
def test_a_store_whose_making_was_killed_is_made_by_the_next_command(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=2, rate_limits=False) as stage:
        random, store = Random("store"), tmp_path / "holdfast.db"
        for _ in range(8):
            stage.begin_again()
            with stage.spawn("status", "--quiet") as process:
                give_up = time.monotonic() + TIMEOUT_SECONDS
                while not store.exists():
                    a_moment(give_up)
                time.sleep(random.uniform(0, 0.08))
                process.kill()
                process.communicate()
            stage.holdfast("status")
            assert stage.sql("SELECT count(*) FROM alembic_version") == [(1,)]


def test_two_commands_that_make_the_store_at_once_both_succeed(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=2, rate_limits=False) as stage:
        both = [stage.spawn("status", "--quiet") for _ in range(2)]
        told = [process.communicate(timeout=TIMEOUT_SECONDS)[1] for process in both]
        assert told == ["", ""]
        assert [process.returncode for process in both] == [0, 0]
