"""One parameter of one rule over a grid of values: the rulebooks to compare, and the load that each means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from rules.facts import AccountFacts
from rules.rule import Rule
from rules.rulebook import Rulebook, read_rulebook
from sync.backtest.episodes import episodes
from sync.backtest.replay import Replay
from sync.config import Config
from sync.config_checks import paths_with_a_value
from sync.cycle import Work, people_of
from sync.errors import ConfigError, UsageError
from sync.outlook import Remembered, Side, outlook
from sync.preview import first_week
from sync.store.facts import FactsReader

#: More columns than this nobody reads, and each costs time.
MOST_VALUES = 25

_DAYS_A_WEEK = 7


def with_rules(
    config: Config, chosen: Sequence[str], changed: Mapping[str, Mapping[str, Any]] | None = None
) -> Rulebook:
    """Return the config's rulebook with the chosen rules on and these keys changed; ConfigError tells what is wrong."""
    custom = config.rules.get("custom", [])
    tables = {**config.rules, "custom": [{**one, "enabled": True} if one["id"] in chosen else one for one in custom]}
    for rule in set(chosen) - {one["id"] for one in custom}:
        tables[rule] = {**tables.get(rule, {}), **(changed or {}).get(rule, {}), "enabled": True}
    rulebook, problems = read_rulebook(tables, named=set(paths_with_a_value(config.model_dump(mode="json"))))
    if problems:
        raise ConfigError([f"{where}: {message}" for where, message in problems])
    return rulebook


def only(rulebook: Rulebook, chosen: Sequence[str]) -> Rulebook:
    """Return the rulebook with these rules, and those to which they yield where they are on."""
    wanted = {*chosen, *(one for rule in chosen for one in rulebook.rules[rule].unless)}
    return replace(rulebook, rules={name: rule for name, rule in rulebook.rules.items() if name in wanted})


def grid(first: str, last: str, step: str) -> list[float]:
    """Return the values from `first` to `last`, both included, as they are written: 0.7, 0.8, 0.9."""
    try:
        begin, end, by = (Decimal(one) for one in (first, last, step))
    except InvalidOperation:
        raise UsageError([f"FROM TO STEP: must be numbers (are {first} {last} {step})"]) from None
    if not by.is_finite() or by <= 0 or not begin.is_finite() or not end.is_finite() or end < begin:
        raise UsageError([f"FROM TO STEP: STEP must be above 0 and TO at least FROM (are {first} {last} {step})"])
    if (end - begin) / by >= MOST_VALUES:
        raise UsageError([f"FROM TO STEP: at most {MOST_VALUES} values; take a larger STEP (is {step})"])
    return [_number(begin + by * place) for place in range(int((end - begin) / by) + 1)]


def listed(values: str) -> list[float]:
    """Return the numbers of `0.7,0.8`, each once, in order."""
    try:
        found = sorted({Decimal(one.strip()) for one in values.split(",")})
    except InvalidOperation:
        raise UsageError([f"--values: must be numbers with commas between them (is {values!r})"]) from None
    if not all(one.is_finite() for one in found):
        raise UsageError([f"--values: must be finite numbers (are {values!r})"])
    if len(found) > MOST_VALUES:
        raise UsageError([f"--values: at most {MOST_VALUES} values (are {len(found)})"])
    return [_number(one) for one in found]


def _number(value: Decimal) -> float:
    # A whole number stays one: a parameter in days takes no other.
    return int(value) if value == value.to_integral_value() else float(value)


def numeric_keys(rule: Rule) -> list[str]:
    """Return the keys of a rule that can be tuned."""
    return [name for name, one in rule.params.model_fields.items() if one.annotation in (int, float)]


@dataclass(kw_only=True)
class Load:
    """What one rulebook asks of people: `today` counts the tasks that would be made now, by assignee."""

    side: Side
    today: Counter[str] = field(default_factory=Counter)

    def add(self, facts: AccountFacts, work: Work) -> None:
        """Count one account as it is now, as if nothing were remembered of it."""
        self.today.update(set(outlook(self.side, facts, Remembered(), work.now).assignees.values()))

    def told(self, begun: Counter[str], weeks: float) -> dict[str, Any]:
        """Return the load; `begun` are the tasks by person that so many weeks of the past would have brought."""
        limits = self.side.config.limits
        per_week = {person: number / weeks for person, number in begun.items()} if weeks else {}
        busiest = max(per_week, key=lambda person: (per_week[person], person), default=None)
        return {
            "new_per_person_week": sum(per_week.values()) / len(per_week) if per_week else 0.0,
            "busiest": busiest and self.side.people.name(busiest),
            "busiest_per_week": per_week[busiest] if busiest else 0.0,
            "today": sum(self.today.values()),
            "today_people": len(self.today),
            "first_week": sum(first_week(number, 0, limits) for number in self.today.values()),
            "cap_new_per_week": limits.max_new_per_person_per_week,
        }


def loads(work: Work, reader: FactsReader, rulebooks: Sequence[Rulebook]) -> list[Load]:
    """Return what each rulebook would ask of people today."""
    people = people_of(work, reader.users)
    found = [Load(side=Side(config=work.config, rulebook=one, people=people)) for one in rulebooks]
    for facts in reader.read([one for one in reader.accounts if reader.is_read(one)]):
        for load in found:
            load.add(facts, work)
    return found


def begun_by_person(found: Replay, which: int, rule: str, load: Load, reader: FactsReader) -> Counter[str]:
    """Return the episodes begun after the first month-end, by whose task it would be: of today's owners and tiers."""
    begun: Counter[str] = Counter()
    for account_id, rows in found.letters.items():
        number = sum(run[0] > 0 for run in episodes("".join(rows.get((which, rule), ()))))
        if number:
            route = load.side.rulebook.params(rule, reader.standings[account_id].tier).route
            account = reader.accounts[account_id]
            person = load.side.people.routes(account.owner_id, account.sponsor).get(route)
            if person:
                begun[person] += number
    return begun


def weeks_of(found: Replay) -> float:
    """Return how long the replay is, from its first month-end to its last."""
    return (found.months[-1] - found.months[0]).days / _DAYS_A_WEEK if found.months else 0.0
