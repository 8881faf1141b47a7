"""The order of the stages, and what a partial pull means for the rest. The only file that knows both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Engine

from connectors.errors import ConnectorError
from connectors.protocol import Budgeted, Connector, CreateTask, Retrying
from rules.facts import AccountFacts
from rules.model import User
from rules.rulebook import Rulebook
from sync import apply as apply_stage
from sync import outbox, queue
from sync.config import Config
from sync.errors import RefusedError, named
from sync.judging import evaluate_stage
from sync.leash import Leash
from sync.match.stage import MATCHED, match
from sync.observe import Observer
from sync.people import People
from sync.plan import Plan, refuse_if_outsized
from sync.planner import make_plan
from sync.pull import Progress, Pulled, complete_kinds, pull
from sync.situations import Ours, known_elsewhere, situations
from sync.snoozes import snoozes
from sync.store import cycles, held_back, ledger
from sync.store.facts import FactsReader, Moment
from sync.store.holidays import read_holidays
from sync.store.past import Past
from sync.waiting import await_pulls

log = structlog.get_logger()

_DONE = object()
PARKED = timedelta(hours=20)  # a refused change is tried again the next day


@dataclass(kw_only=True)
class Report:
    """What one cycle did on one connection, as `run --json` tells it."""

    connection: str
    cycle: int = 0
    pulled: dict[str, Pulled] = field(default_factory=dict)
    api_calls: int = 0
    api_left: int | None = None
    retried: Mapping[str, int] = field(default_factory=dict)  # requests sent again, by reason
    forecast: str = ""
    written: Counter[str] = field(default_factory=Counter)
    held_back: int = 0
    planned: Counter[str] = field(default_factory=Counter)
    findings: dict[str, dict[str, int]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    refused: str = ""
    live: bool = False  # whether a plan was sent, be it an empty one

    @property
    def causes(self) -> list[str]:
        """Everything that kept the cycle from being done, one line each."""
        return list(dict.fromkeys([*self.errors, *filter(None, [self.refused])]))

    def told(self) -> dict[str, Any]:
        written = {name: self.written[name] for name in ("created", "updated", "closed", "fields", "rejected")}
        return {
            "pulled": {name: asdict(pulled) for name, pulled in self.pulled.items()},
            "api_calls": self.api_calls,
            "api_left": self.api_left,
            "api_retried": dict(self.retried),
            "forecast": self.forecast,
            "written": {**written, "held_back": self.held_back},
            "planned": dict(self.planned),
            "live": self.live,
            "errors": self.causes,
        }


@dataclass(kw_only=True)
class Work:
    """One connection in one cycle: everything that the stages share."""

    engine: Engine
    config: Config
    rulebook: Rulebook
    connector: Connector
    now: datetime
    complete: frozenset[str] = frozenset()
    leash: Leash = field(default_factory=Leash)

    @property
    def name(self) -> str:
        return self.connector.name

    @property
    def needed(self) -> frozenset[str]:
        """The record kinds that the rules and our tasks rest on; nothing is planned without them."""
        return frozenset({"tasks"}).union(*(rule.needs for rule in self.rulebook.rules.values()))

    @property
    def is_whole(self) -> bool:
        """Whether all of them arrived."""
        return self.needed <= self.complete


def run(work: Work, *, live: bool, accept: int = 0, progress: Progress | None = None) -> Report:
    """One whole cycle: recover, pull, evaluate, plan, and apply when `live`; what stopped it stands in the report."""
    return run_together([work], live=live, accept=accept, progress=progress)[0]


def run_together(
    works: Sequence[Work], *, live: bool, accept: int = 0, progress: Progress | None = None
) -> list[Report]:
    """The same of connections that are judged together: each is pulled before any is judged, and judged before any is
    written to. What stops one does not stop the others.
    """
    reports = [Report(connection=work.name) for work in works]
    going = [
        (report, _stages(work, report, live=live, accept=accept, progress=progress))
        for work, report in zip(works, reports, strict=True)
    ]
    while going:
        going = [one for one in going if _goes_on(*one)]
    return reports


def _goes_on(report: Report, stages: Iterator[None]) -> bool:
    """Run the next stages of a connection; false once there are none."""
    with _bound(report):
        return next(stages, _DONE) is not _DONE


def _bound(report: Report) -> AbstractContextManager[None]:
    """What is logged meanwhile names the connection and its cycle."""
    return structlog.contextvars.bound_contextvars(connection=report.connection, cycle=report.cycle)


def _stages(work: Work, report: Report, *, live: bool, accept: int, progress: Progress | None) -> Iterator[None]:
    """A cycle, which stops where connections that are judged together wait for each other."""
    with _recorded(work, report):
        pull_stage(work, report, progress)
        await_pulls(work.engine, _others(work), work.leash)
        work.leash.check()
        yield
        reader = judge_stage(work)
        yield
        plan = plan_stage(work, reader)
        report.planned = Counter(outbox.operation(planned.change) for planned in plan.changes)
        report.held_back = len(plan.held_back)
        if live:
            send(work, report, plan, accept)


def pull_only(work: Work, *, progress: Progress | None = None) -> Report:
    """The first stage of a cycle alone; what stopped it stands in the report."""
    report = Report(connection=work.name)
    with _bound(report), _recorded(work, report):
        pull_stage(work, report, progress)
    return report


@contextmanager
def _recorded(work: Work, report: Report) -> Iterator[None]:
    """A cycle begins and ends in the store, whatever stops it; one that was killed stays without its end."""
    report.cycle = cycles.begin(work.engine, work.name, work.now)
    structlog.contextvars.bind_contextvars(cycle=report.cycle)
    try:
        yield
    except ConnectorError as error:
        report.errors.append(named(error))
    except RefusedError as error:
        report.refused = named(error)
    finally:
        report.findings = ledger.count_verdicts(work.engine, work.name, work.rulebook.rules)
        report.api_calls, report.api_left = work.connector.api_calls, work.connector.api_left
        report.retried = dict(work.connector.api_retried) if isinstance(work.connector, Retrying) else {}
        told = {**report.told(), "complete": sorted(work.complete)}
        cycles.end(work.engine, report.cycle, told, "; ".join(report.causes), datetime.now(UTC))


def pull_stage(work: Work, report: Report, progress: Progress | None = None) -> None:
    """Settle what the last run left open, then bring the store up to date; `work.complete` says what arrived whole."""
    if isinstance(work.connector, Budgeted):
        report.forecast = _forecast(work, work.connector)
    report.written += apply_stage.recover(work.engine, work.connector, now=work.now)
    report.pulled = pull(
        work.engine,
        work.connector,
        cycle=report.cycle,
        now=work.now,
        progress=progress,
        leash=work.leash,
        touches_since=work.config.privacy.touches_since(work.now),
    )
    whole = {name: pulled.complete for name, pulled in report.pulled.items()}
    work.complete = complete_kinds(work.connector.streams(), whole)
    cycles.tell(work.engine, report.cycle, {"complete": sorted(work.complete)})
    report.errors += dict.fromkeys(pulled.error for pulled in report.pulled.values() if pulled.error)
    # Of half the records, two would look like one that are not.
    if work.complete >= MATCHED:
        match(work.engine, work.name, work.config.group_of(work.name), cycle=report.cycle)


def _forecast(work: Work, connector: Budgeted) -> str:
    """What the cycle will cost and what is left, told before it begins."""
    last = cycles.last(work.engine, work.name)
    spent = cycles.calls_since(work.engine, work.name, work.now - timedelta(days=1))
    told = connector.forecast(spent=spent, expected=last["told"].get("api_calls") if last else None)
    log.info("cycle_forecast", connection=work.name, forecast=told)
    return told


def send(work: Work, report: Report, plan: Plan, accept: int = 0) -> None:
    """Apply the plan unless it is outsized (RefusedError, nothing sent).

    Keys of new tasks are looked up first: a store that was lost may plan what the CRM had long ago.
    """
    open_tasks = ledger.count_tasks(work.engine, work.name).get("open", 0)
    limits = work.config.limits
    refuse_if_outsized(
        plan,
        open_tasks,
        max_new=limits.max_new_tasks_per_run,
        max_closed_share=limits.max_closed_share,
        accepted=accept,
    )
    there = apply_stage.already_there(work.connector, plan)
    observer = _observer(work, facts_reader(work, Moment.at(work.now, work.config.timezone))) if there else None
    accounts = {one.change.key: one.account_id for one in plan.changes if isinstance(one.change, CreateTask)}
    for key, task in there.items():
        assert observer
        # A deleted task may have lost its account.
        observer.adopt(replace(task, account_id=task.account_id or accounts[key]))
    plan = plan.without(there)
    apply_stage.apply(
        work.engine,
        work.connector,
        plan,
        cycle=report.cycle,
        now=work.now,
        leash=work.leash,
        written=report.written,
    )
    report.live = True


def judge_stage(work: Work) -> FactsReader:
    """Take in what humans did to our tasks, evaluate everything and keep the outcome; return what it was read with."""
    reader = facts_reader(work, Moment.at(work.now, work.config.timezone))
    _observer(work, reader).observe(accounts_are_whole="accounts" in work.complete)
    for _ in evaluate_stage(work, reader):
        work.leash.check()
    return reader


def plan_stage(work: Work, reader: FactsReader) -> Plan:
    """Return what would be written, as the last evaluation left it."""
    fields = ledger.read_our_fields(work.engine, work.name)
    ours = Ours(
        people=people_of(work, reader.users, outbox.unassignable(work.engine, work.name, since=work.now - PARKED)),
        tasks=ledger.read_tasks(work.engine, work.name),
        used_keys=ledger.read_used_keys(work.engine, work.name),
        fields=fields,
        snoozes=snoozes(work.engine, reader, fields),
    )
    today = work.now.astimezone(work.config.timezone).date()
    writable = work.connector.capabilities().account_fields
    plan = make_plan(work.name, situations(work, reader, ours), ours.people.days(work.config.calendar, today), writable)
    plan = outbox.hold_back_parked(plan, outbox.parked(work.engine, work.name, since=work.now - PARKED))
    plan = released(work, plan, Counter(task.reader for some in ours.tasks.values() for task in some), today)
    if work.is_whole:
        held_back.replace_all(work.engine, work.name, plan.held_back)
    return plan


def released(work: Work, plan: Plan, held: Mapping[str, int], today: date) -> Plan:
    """The plan with no more new tasks than people have room for, and none at all in the first live run.

    `held` are the open tasks of each person, by user id. A preview shows what would come after that run: it is there to
    be looked at.
    """
    limits = work.config.limits
    first_live = work.config.writeback.mode == "live" and not cycles.was_live(work.engine, work.name)
    if limits.baseline and first_live and not outbox.has_written(work.engine, work.name):
        return queue.baseline(plan)
    monday = datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time(), work.config.timezone)
    new = outbox.count_new(work.engine, work.name, since=monday)
    loads = {who: queue.Load(open=held.get(who, 0), new=new[who]) for who in {*held, *new}}
    caps = queue.Caps(open=limits.max_open_per_person, new=limits.max_new_per_person_per_week)
    return queue.release(plan, loads, caps)


def _observer(work: Work, reader: FactsReader) -> Observer:
    return Observer(
        engine=work.engine,
        connection=work.name,
        rules=list(work.rulebook.rules),
        standings=reader.standings,
        timezone=work.config.timezone,
        now=work.now,
    )


def facts_reader(work: Work, moment: Moment, past: Past | None = None) -> FactsReader:
    return FactsReader(
        work.engine,
        work.name,
        moment,
        customers=work.config.customers,
        titles=work.config.titles,
        ignored_emails=frozenset(work.config.people.ignore),
        executive_emails=frozenset(work.config.people.executives),
        successor_emails=work.config.people.successors,
        holidays=work.config.calendar.days,
        waivers=work.config.waivers,
        with_peers="quiet-key-account" in work.rulebook.rules,
        needs=work.rulebook.needs,
        past=past,
        others=_others(work),
    )


def _others(work: Work) -> list[str]:
    """The connections that are judged together with this one."""
    group = work.config.group_of(work.name)
    return [name for name in group.connections if name != work.name] if group else []


def people_of(work: Work, users: Mapping[str, User], unassignable: frozenset[str] = frozenset()) -> People:
    """Who gets tasks on a connection, and when its people are off. Whom only another CRM knows gets none here."""
    year = work.now.astimezone(work.config.timezone).year
    return People.of(
        users,
        work.config.people,
        unassignable.union(filter(known_elsewhere(work), users)),
        queue_id=work.config.queue_id(work.name),
        holidays=read_holidays(work.engine, work.name, year),
    )


def verdicts_as_of(work: Work, moment: Moment) -> Iterator[tuple[AccountFacts, dict[str, Any]]]:
    """Every rule's verdict on every account as of a moment; nothing is kept."""
    for facts in facts_reader(work, moment).read():
        yield facts, dict(work.rulebook.judge(facts))
