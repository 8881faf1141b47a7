"""The rules about a mapped day: one that is recent enough, an empty one, and none mapped."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from rules.facts import AccountFacts
from rules.rule import Clear, Raised, Rule, Severity, Unknown, Verdict, discover
from rules.rulebook import read_rulebook
from rules.wording import day_text
from tests.builders import KEY, account, day_before, facts

KEYS = {
    "no-account-plan": "plan_date",
    "stale-plan": "plan_date",
    "no-joint-plan": "joint_plan_date",
    "expectations-inventory": "expectations_date",
    "litmus-due": "litmus_date",
    "ceo-buy-in": "plan_approved_date",
}
RULES = {name: discover()[name] for name in KEYS}
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)


def judge(rule: Rule, day: date | None, **params: object) -> Verdict:
    known = facts(account=account(days={KEYS[rule.id]: day}))
    return rule.check(known, rule.params.model_validate(params))


@every_rule
def test_a_day_lasts_for_a_year_and_that_of_a_plan_for_half_of_one(rule: Rule) -> None:
    most = 180 if rule.id == "stale-plan" else 365
    assert isinstance(judge(rule, day_before(most)), Clear)
    verdict = judge(rule, day_before(most + 1))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {
        "last_on": day_before(most + 1).isoformat(),
        "age_days": most + 1,
        "due_on": day_before(1).isoformat(),
    }
    assert f"on {day_text(day_before(most + 1))}" in verdict.finding.why
    assert isinstance(judge(rule, day_before(most + 1), max_age_days=most + 1), Clear)


@every_rule
def test_a_day_ahead_is_as_good_as_today(rule: Rule) -> None:
    assert isinstance(judge(rule, day_before(0)), Clear)
    assert isinstance(judge(rule, day_before(-30)), Clear)


@every_rule
def test_an_empty_field_is_told_once(rule: Rule) -> None:
    verdict = judge(rule, None)
    assert isinstance(verdict, Clear if rule.id == "stale-plan" else Raised)
    assert verdict.numbers == {"last_on": None, "age_days": None, "due_on": None}


@every_rule
def test_without_a_mapping_the_key_is_named(rule: Rule) -> None:
    verdict = rule.check(facts(), rule.params.model_validate({}))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == f"nothing tells it: needs [connections.NAME.map] {KEYS[rule.id]}"


def planned(days_ago: int, tier: str) -> AccountFacts:
    return facts(account=account(days={"plan_date": day_before(days_ago)}), standing=replace(KEY, tier=tier))


@pytest.mark.parametrize(
    ("tier", "days_ago", "missing", "stale"),
    [
        ("A", 180, Clear, Clear),
        ("A", 181, Clear, Raised),
        ("B", 181, Clear, Clear),
        ("B", 365, Clear, Clear),
        ("A", 366, Raised, Clear),
        ("B", 366, Raised, Clear),
    ],
)
def test_a_plan_is_stale_before_it_is_none(tier: str, days_ago: int, missing: type, stale: type) -> None:
    tables = {name: {"enabled": True} for name in ("no-account-plan", "stale-plan")}
    book, found = read_rulebook(tables, RULES)
    assert found == []
    verdicts = book.judge(planned(days_ago, tier))
    assert (type(verdicts["no-account-plan"]), type(verdicts["stale-plan"])) == (missing, stale)


def test_a_missing_plan_is_worse_than_the_others() -> None:
    severities = {name: rule.params.model_fields["severity"].default for name, rule in RULES.items()}
    assert severities.pop("no-account-plan") is Severity.MEDIUM
    assert set(severities.values()) == {Severity.LOW}
