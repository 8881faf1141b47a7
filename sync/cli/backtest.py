"""rules backtest, rules tune: how rules would have done over the past, and under other values; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from rules.problems import unknown
from rules.rule import discover
from rules.rulebook import Rulebook
from sync import config_file, connections
from sync.backtest import trial, tuning
from sync.cli.options import OPTIONS
from sync.cli.preview import same_connections
from sync.cli.session import Session, console, open_session, print_json
from sync.cli.stages import Connections
from sync.config import Config
from sync.cycle import Work
from sync.errors import NothingYetError, UsageError
from sync.report.backtest import backtest_text, tune_text
from sync.store import cycles
from sync.store.past import Past

_NOTE = (
    "Nothing is chosen here. Where intervals overlap, the past does not tell two values apart; and the best of many "
    "values tried on one past looks better than it is."
)

Outcome = Annotated[
    str, typer.Option(help="churned, revenue-halved, lost-renewal, silent-180, or field:NAME for a mapped day.")
]
Months = Annotated[int, typer.Option(min=1, max=120, help="How many month-ends whose window is over.")]


def backtest(
    rule: Annotated[list[str] | None, typer.Argument(help="Their ids; none: those that are on.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All rules, also those that are off.")] = False,
    months: Months = 24,
    outcome: Outcome = "churned",
    against: Annotated[Path | None, typer.Option(help="A candidate config, shown after the one in use.")] = None,
    connection: Connections = None,
) -> None:
    """What rules would have said at past month-ends with what was known then, and what came of it. Nothing is kept."""
    session, told = open_session(), []
    sides = [(session.path, session.config, session.rulebook)]
    if against:
        candidate, rulebook = config_file.load(against)
        same_connections(session.config, candidate, against)
        sides.append((against, candidate, rulebook))
    for work in _works(session, connection):
        past = Past(work.name)
        for path, config, rulebook in sides:
            rules = _asked(rule, rulebook, everything=everything)
            book = _with_on(config, rulebook, rules)
            ground = _ground(replace(work, config=config, rulebook=book), outcome, months, past)
            told.append({"config": path.name, **trial.told(trial.try_rules(ground, [book]), rules)})
    _show(session, told, lambda one: f"{one['config']} on {backtest_text(one)}")


def _asked(named: Sequence[str] | None, rulebook: Rulebook, *, everything: bool) -> list[str]:
    """Return the rules that are meant; of all those that can be on at all."""
    catalog, on = discover(), list(rulebook.rules)
    of_config = [*on, *(rulebook.off.rules if rulebook.off else ())]
    known = [*catalog, *(one for one in of_config if one not in catalog)]
    if wrong := [one for one in named or () if one not in known]:
        raise UsageError([unknown("rule", one, known) for one in wrong])
    able = [one for one in known if one in on or one not in catalog or not catalog[one].switched_on_by]
    return list(dict.fromkeys(named)) if named else able if everything else on


def _with_on(config: Config, rulebook: Rulebook, rules: list[str]) -> Rulebook:
    """Return a rulebook that has these rules, with those to which they yield."""
    off = [one for one in rules if one not in rulebook.rules]
    return tuning.only(tuning.with_rules(config, off) if off else rulebook, rules)


def tune(
    rule: Annotated[str, typer.Argument(help="Its id, as `rules list` prints it.")],
    key: Annotated[str, typer.Argument(help="A numeric key of its table, as `rules show` prints it.")],
    grid: Annotated[list[str] | None, typer.Argument(metavar="FROM TO STEP", help="The values to try.")] = None,
    *,
    values: Annotated[str | None, typer.Option(help="The values themselves instead: 0.7,0.8,0.9")] = None,
    months: Months = 24,
    outcome: Outcome = "churned",
    connection: Connections = None,
) -> None:
    """One number of one rule over a grid: the back-test of each value, and the tasks per person and week beside it."""
    tried = _values(grid or [], values)
    session, told = open_session(), []
    for work in _works(session, connection):
        _asked([rule], work.rulebook, everything=False)
        books = [_with(work, rule, {key: value}, key) for value in tried]
        ground = _ground(replace(work, rulebook=books[0]), outcome, months, Past(work.name))
        told.append(_tuned(trial.try_rules(ground, books), books, rule=rule, key=key, tried=tried))
    _show(session, told, tune_text)


def _values(grid: Sequence[str], values: str | None) -> list[float]:
    match grid, values:
        case [], str():
            return tuning.listed(values)
        case [first, last, step], None:
            return tuning.grid(first, last, step)
        case _:
            raise UsageError(["rules tune: which values? Say FROM TO STEP, or --values 0.7,0.8,0.9"])


def _with(work: Work, rule: str, changed: dict[str, Any], key: str) -> Rulebook:
    known = discover()
    keys = tuning.numeric_keys(known[rule]) if rule in known else []
    if key not in keys:
        raise UsageError([f"rules.{rule}.{key}: no number to tune; {rule} has {', '.join(keys) or 'none'}"])
    return tuning.only(tuning.with_rules(work.config, [rule], {rule: changed}), [rule])


def _tuned(
    answer: trial.Answer, books: Sequence[Rulebook], *, rule: str, key: str, tried: Sequence[float]
) -> dict[str, Any]:
    ground, found = answer.ground, answer.replay
    names = {account_id: account.name for account_id, account in ground.reader.accounts.items()}
    weeks, told = tuning.weeks_of(found), []
    for which, (value, load) in enumerate(zip(tried, tuning.loads(ground.work, ground.reader, books), strict=True)):
        begun = tuning.begun_by_person(found, which, rule, load, ground.reader)
        record = found.record(which, rule, answer.fates).told(names)
        told.append({"value": value, "record": record, "load": load.told(begun, weeks)})
    now = tuning.with_rules(ground.work.config, [rule]).params(rule, "").model_dump()[key]
    document = {"rule": rule, "key": key, "now": now, "values": told, "note": _NOTE}
    return {**trial.head(answer), **document, "biases": list(trial.biases(ground))}


def _works(session: Session, names: list[str] | None) -> Iterator[Work]:
    """The chosen connections at the moment of their last cycle: no CRM is asked for anything."""
    for name, settings in connections.chosen(session.config, names or []).items():
        last = cycles.last(session.engine, name)
        if last is None:
            raise NothingYetError(f"{name}: no cycle yet; `holdfast run` makes the first")
        connector = connections.connect(name, settings)
        session.opened.append(connector)
        yield session.work(connector, last["started_at"])


def _ground(work: Work, outcome: str, months: int, past: Past) -> trial.Ground:
    mapped = work.config.connections[work.name].map.outcomes
    return trial.prepare(work, outcome, months, past, mapped=mapped)


def _show(session: Session, told: list[dict[str, Any]], text: Callable[[dict[str, Any]], str]) -> None:
    if OPTIONS.json:
        print_json(told)
    else:
        console().print("\n\n".join(map(text, told)), markup=False)
    session.finish()
