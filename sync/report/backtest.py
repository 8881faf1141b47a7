"""Back-tests as text for people: plain, aligned, under 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.backtest.episodes import ENOUGH

_WIDTH = 98
_REASONS_SHOWN = 2
_COLUMNS = f"{'episodes':>9}{'precision':>17}{'base':>6}{'lift':>6}{'recall':>17}{'lead':>7}{'alerts':>8}"

LEGEND = (
    "episodes: runs of months raised, begun at risk / all; precision: of those at risk, with the outcome within the "
    "window of their first month-end; base: the same of all judged months at risk; recall: of all outcomes, raised "
    "before; lead: median days from an episode's begin to the outcome; alerts: episodes per account and year; in "
    "brackets: 95 % intervals (Wilson)"
)


def backtest_text(told: Mapping[str, Any]) -> str:
    """Return one connection's document of `rules backtest --json` for people."""
    lines = [*_head(told), "", f"{'rule':24}{_COLUMNS}"]
    for rule, one in told["rules"].items():
        lines += _row(rule, one)
    lines += ["", *_wrapped(LEGEND), "", *_unjudged(told["rules"])]
    few = {rule: one for rule, one in told["rules"].items() if one["too_few"]}
    lines += [line for rule, one in few.items() for line in _examples(rule, one)]
    return "\n".join([*lines, *_biases(told["biases"])])


def tune_text(told: Mapping[str, Any]) -> str:
    """Return one connection's document of `rules tune --json` for people."""
    lines = [*_head(told), "", f"{told['rule']}: {told['key']} (now {told['now']})", f"{'value':24}{_COLUMNS}"]
    for one in told["values"]:
        lines += _row(str(one["value"]), one["record"])
    lines += ["", f"{'value':10}{'new tasks a week per person':>29}{'busiest':>25}{'tasks today':>18}{'week 1':>12}"]
    lines += [_load(one["value"], one["load"]) for one in told["values"]]
    return "\n".join([*lines, "", *_wrapped(LEGEND), "", *_wrapped(told["note"]), "", *_biases(told["biases"])])


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    outcome, months, left = told["outcome"], told["month_ends"], told["left_out"]
    yield f"{told['connection']}: {len(months)} month-ends from {months[0]} to {months[-1]}, as known then"
    yield from _wrapped(f"outcome {outcome['name']}: {outcome['means']} (within {outcome['horizon_days']} days)")
    yield (
        f"{told['accounts']} key accounts, {told['account_months_at_risk']} months of theirs at risk, "
        f"{told['outcomes']} outcomes"
    )
    if over := left["window_not_over"]:
        yield f"left out: {len(over)} month-ends from {over[0]} on, whose {outcome['horizon_days']} days are not over"
    if blank := left["nothing_known_yet"]:
        yield f"left out: {len(blank)} month-ends up to {blank[-1]}, when nothing had been entered yet"


def _row(name: str, one: Mapping[str, Any]) -> list[str]:
    begun = f"{one['episodes_at_risk']}/{one['episodes']}"
    first = f"{_cut(name, 23):24}{begun:>9}"
    alerts = _plain(one["alerts_per_account_year"], 2)
    if one["too_few"]:
        could = one["outcomes"]["caught"] + one["outcomes"]["missed"]
        return [f"{first}  too few to judge: {could} outcomes of {ENOUGH}".ljust(24 + 62) + f"{alerts:>8}"]
    lead = one["lead_days_median"]
    figures = (
        f"{first}{_share(one['precision']):>17}{_percent(one['base_rate']['share']):>6}{_plain(one['lift'], 1):>6}"
        f"{_share(one['recall']):>17}{'-' if lead is None else f'{lead:.0f} d':>7}{alerts:>8}"
    )
    return [figures]


def _load(value: float, load: Mapping[str, Any]) -> str:
    cap = load["cap_new_per_week"]
    busiest = f"{_cut(load['busiest'], 15)} {load['busiest_per_week']:.2f}" if load["busiest"] else "nobody"
    weekly = f"{load['new_per_person_week']:.2f}" + (f" (cap {cap})" if cap else "")
    today = f"{load['today']} for {load['today_people']}"
    return f"{value!s:10}{weekly:>29}{busiest:>25}{today:>18}{load['first_week']:>12}"


def _unjudged(rules: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "not evaluable (accounts never judged; outcomes without any verdict before them)"
    for rule, one in rules.items():
        accounts, outcomes = one["accounts"]["unknown"], one["outcomes"]["unjudged"]
        if not accounts and not outcomes:
            continue
        yield f"  {rule:22}{accounts:>6} accounts {outcomes:>6} outcomes of {one['outcomes']['all']}"
        for reason, number in list(one["not_evaluable"].items())[:_REASONS_SHOWN]:
            yield _cut(f"    {number:>6} months: {reason}", _WIDTH)
    yield ""


def _examples(rule: str, one: Mapping[str, Any]) -> Iterator[str]:
    if not one["examples"]:
        return
    yield f"{rule}: examples only"
    for example in one["examples"]:
        flagged = f", raised from {example['flagged_on']}" if example["flagged_on"] else ""
        outcome = f", outcome on {example['outcome_on']}" if example["outcome_on"] else ""
        yield _cut(f"  {example['kind']}: {example['account']['name']}{flagged}{outcome}", _WIDTH)
    yield ""


def _biases(biases: Sequence[str]) -> Iterator[str]:
    yield "what bends these figures"
    for one in biases:
        yield from _wrapped(one, "  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent or "  ")


def _share(told: Mapping[str, Any] | None) -> str:
    if told is None or told["share"] is None:
        return "-"
    return f"{_percent(told['share'])} ({100 * told['low']:.0f}-{100 * told['high']:.0f})"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _plain(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3].rstrip() + "..."
