"""A back-test of one connection: whether the store can answer what is asked, and the answer as a document."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.rulebook import Rulebook
from sync.backtest.months import Months, month_ends
from sync.backtest.outcomes import CHURNED, FIELD, HORIZON_DAYS, OUTCOMES, Fate, Outcome, outcome_named
from sync.backtest.replay import Replay, fates, read_courses, replay
from sync.cycle import Work, facts_reader
from sync.errors import NothingYetError, UsageError
from sync.store import courses
from sync.store.courses import Traces
from sync.store.facts import FactsReader, Moment
from sync.store.past import LATE, Past

_INPUTS = {
    "deals": "the store knows no won deal: pull deals, or choose --outcome silent-180",
    "lost deals": "the store knows no lost deal: record why renewals end, or choose another --outcome",
    "touches": "no key account ever had a two-way touch: choose an outcome of deals or a mapped day",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """What a back-test stands on; `reader` is of the present, which is the moment of the last cycle."""

    work: Work
    outcome: Outcome
    months: Months
    traces: Traces
    reader: FactsReader
    past: Past


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What the rulebooks said at each month-end, and what came of each account after it."""

    ground: Ground
    replay: Replay
    fates: Mapping[str, Sequence[Fate | None]]


def prepare(work: Work, outcome: str, months: int, past: Past, *, mapped: Collection[str] = ()) -> Ground:
    """Return the ground; `mapped` are the names of the connection's mapped days.

    HoldfastError where the store cannot answer for want of data, ConfigError for an outcome that nobody defined.
    """
    chosen = _outcome(outcome, mapped, f"[connections.{work.name}.map.outcomes]")
    reader = facts_reader(work, Moment.at(work.now, work.config.timezone))
    with work.engine.connect() as db:
        traces = courses.traces(db, work.name)
    known = traces.first_known.astimezone(work.config.timezone).date() if traces.first_known else None
    has = {"deals": traces.won, "lost deals": traces.won and traces.lost}
    if not has.get(chosen.needs, True):
        raise NothingYetError(f"{work.name}: --outcome {chosen.name}: {_INPUTS[chosen.needs]}")
    ends = month_ends(reader.today, months, known)
    if not ends.replayed:
        begins = f"what the store knows was entered from {known} on" if known else "the store knows no activity"
        raise NothingYetError(
            f"{work.name}: nothing to replay: the last month-end whose {HORIZON_DAYS} days are over is "
            f"{ends.blank[-1]}, and {begins}; try again when more time has passed"
        )
    return Ground(work=work, outcome=chosen, months=ends, traces=traces, reader=reader, past=past)


def _outcome(name: str, mapped: Collection[str], table: str) -> Outcome:
    if name.startswith(FIELD) and name.removeprefix(FIELD) not in mapped:
        known = f"known are {', '.join(sorted(mapped))}" if mapped else "it maps nothing"
        raise UsageError([f"--outcome {name}: {table} names no such field; {known}: map a date field of the CRM there"])
    try:
        return outcome_named(name, marked=CHURNED in mapped)
    except KeyError:
        names = [*OUTCOMES, f"{FIELD}NAME"]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
        raise UsageError([f"--outcome {name}: no such outcome; {hint}"]) from None


def try_rules(ground: Ground, rulebooks: Sequence[Rulebook]) -> Answer:
    """Replay the months under each rulebook; HoldfastError where nobody can be judged or no outcome be told."""
    work, outcome = ground.work, ground.outcome
    found = replay(work, rulebooks, ground.months, ground.past)
    if not found.letters:
        why = (
            "no revenue is known, so nobody can say which customers are key: map revenue or set [customers] key"
            if found.unranked
            else "no account was a key customer then: see [customers] in the config"
        )
        raise NothingYetError(f"{work.name}: nothing to replay: {why}")
    known = read_courses(work, outcome, ground.reader, ground.past, found.letters)
    has = {"deals": "won", "lost deals": "lost", "touches": "touched"}.get(outcome.needs, "marked")
    if not any(getattr(course, has) for course in known.values()):
        field = f"[connections.{work.name}.map.outcomes] {outcome.needs}"
        marked = (
            f"no key account has a day in {field}: it must be a date field (a checkbox does not say since when); "
            "once it is mapped, `holdfast reset accounts` and a cycle fill it"
        )
        raise NothingYetError(f"{work.name}: --outcome {outcome.name}: {_INPUTS.get(outcome.needs, marked)}")
    return Answer(ground=ground, replay=found, fates=fates(outcome, known, found.months))


def told(answer: Answer, rules: Sequence[str], which: int = 0) -> dict[str, Any]:
    """Return what one rulebook's rules would have done, as `rules backtest --json` prints it for a connection."""
    ground, found = answer.ground, answer.replay
    names = {account_id: account.name for account_id, account in ground.reader.accounts.items()}
    return {
        **head(answer),
        "rules": {rule: found.record(which, rule, answer.fates).told(names) for rule in rules},
        "biases": list(biases(ground)),
    }


def head(answer: Answer) -> dict[str, Any]:
    """Return what was asked and of how many."""
    ground, found = answer.ground, answer.replay
    months, outcome = ground.months, ground.outcome
    at_risk = [one for some in answer.fates.values() for one in some if one]
    outcomes = {(account_id, one.on) for account_id, some in answer.fates.items() for one in some if one and one.on}
    return {
        "connection": ground.work.name,
        "as_of": ground.reader.today.isoformat(),
        "outcome": {"name": outcome.name, "means": outcome.means, "horizon_days": HORIZON_DAYS},
        "month_ends": [one.isoformat() for one in months.replayed],
        "left_out": {
            "window_not_over": [one.isoformat() for one in months.open],
            "nothing_known_yet": [one.isoformat() for one in months.blank],
        },
        "accounts": len(found.letters),
        "account_months_at_risk": len(at_risk),
        "outcomes": len(outcomes),
    }


def biases(ground: Ground) -> Iterator[str]:
    """Yield what makes the figures wrong and in which direction, with its size where the store knows it."""
    past, traces = ground.past, ground.traces
    if past.read:
        share = f"{past.late} of {past.read} touches were entered more than {LATE.days} days after they happened"
        yield f"late entries: {share}; a month-end knows only what had been entered"
    yield "today's values: owner, tier, type, titles, e-mail addresses and roles are those of today"
    yield f"gone: {traces.accounts_gone} accounts and {traces.contacts_gone} contacts that the CRM deleted are not seen"
    yield "merged accounts: the history of both stands under the one that stayed, also before the merge"
    if traces.first_email:
        yield f"e-mail: the first one known is of {traces.first_email.date()}; silence before it may be missing capture"
    else:
        yield "e-mail: none is known; what was only written looks like silence"
    yield "treated accounts: one that somebody saved because of a warning counts as a false alarm"
