"""The `[rules.*]` tables, and which rules speak of an account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.customers import CustomerSettings
from rules.facts import AccountFacts, Standing
from rules.problems import problems
from rules.rule import Clear, NotApplicable, Raised, Route, Severity, Unknown, discover
from rules.rulebook import Rulebook, read_rulebook, unused_tiers
from tests.builders import KEY, facts, history, meetings, touch

ON = {"sole-rep", "exec-reach-lapse", "our-person-left", "their-person-left", "single-contact", "going-quiet"}

KEYS = {rule.switched_on_by for rule in discover().values()}


def book(**tables: Any) -> Rulebook:
    rulebook, found = read_rulebook({name.replace("_", "-"): table for name, table in tables.items()})
    assert found == []
    return rulebook


def wrong(**tables: Any) -> list[tuple[str, str]]:
    return read_rulebook({name.replace("_", "-"): table for name, table in tables.items()})[1]


def hanging(standing: Standing = KEY) -> AccountFacts:
    """An account that both rules raise at their usual severity."""
    return facts([*history(), *meetings(10), touch(250, to="berg")], standing=standing)


def test_without_tables_every_rule_has_its_defaults() -> None:
    rulebook = book()
    assert set(rulebook.rules) == ON
    assert rulebook.params("sole-rep", "A").route is Route.MANAGER
    assert rulebook.params("exec-reach-lapse", "Gold").route is Route.OWNER


def test_every_rule_judges_a_key_customer() -> None:
    verdicts = book().judge(hanging())
    assert set(verdicts) == ON
    assert {rule for rule, verdict in verdicts.items() if isinstance(verdict, Raised)} == {
        "exec-reach-lapse",
        "sole-rep",
    }


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (replace(KEY, customer=False), NotApplicable(reason="not a customer")),
        (replace(KEY, key=False), NotApplicable(reason="not key")),
        (replace(KEY, key=False, excluded="excluded without end: x"), NotApplicable(reason="excluded without end: x")),
        (replace(KEY, key=None), Unknown(reason="no revenue is known, so nobody can say which customers are key")),
    ],
    ids=["not a customer", "not key", "excluded", "nobody can say"],
)
def test_other_accounts_are_not_judged(standing: Standing, expected: object) -> None:
    assert set(map(repr, book().judge(hanging(standing)).values())) == {repr(expected)}


@pytest.mark.parametrize(
    ("tier", "severity"),
    [
        ("A", Severity.CRITICAL),
        ("B", Severity.HIGH),
        ("C", Severity.HIGH),
        ("b", Severity.HIGH),
        ("Gold", Severity.CRITICAL),
    ],
)
def test_the_severity_of_lower_tiers_is_one_step_milder(tier: str, severity: Severity) -> None:
    verdict = book().judge(hanging(replace(KEY, tier=tier)))["sole-rep"]
    assert isinstance(verdict, Raised)
    assert verdict.severity is severity


def test_a_severity_that_a_tier_states_is_taken_as_it_stands() -> None:
    rulebook = book(sole_rep={"tier": {"B": {"severity": "critical"}}})
    verdict = rulebook.judge(hanging(replace(KEY, tier="B")))["sole-rep"]
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.CRITICAL


def test_the_mildest_severity_stays() -> None:
    verdict = book(sole_rep={"severity": "low"}).judge(hanging(replace(KEY, tier="B")))["sole-rep"]
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.LOW


def test_a_tier_takes_what_it_does_not_state_from_the_rule() -> None:
    rulebook = book(sole_rep={"window_days": 400, "tier": {"b": {"min_touch_days": 20}}})
    params = rulebook.params("sole-rep", "B").model_dump()
    assert (params["window_days"], params["min_touch_days"]) == (400, 20)
    assert isinstance(rulebook.judge(hanging(replace(KEY, tier="B")))["sole-rep"], Unknown)
    assert isinstance(rulebook.judge(hanging())["sole-rep"], Raised)


def test_a_rule_can_be_switched_off_for_all_or_for_a_tier() -> None:
    assert "sole-rep" not in book(sole_rep={"enabled": False}).rules
    rulebook = book(sole_rep={"tier": {"C": {"enabled": False}}})
    assert rulebook.judge(hanging(replace(KEY, tier="C")))["sole-rep"] == NotApplicable(
        reason="switched off for tier C"
    )
    only_b = book(sole_rep={"enabled": False, "tier": {"B": {"enabled": True}}})
    assert isinstance(only_b.judge(hanging(replace(KEY, tier="B")))["sole-rep"], Raised)
    assert isinstance(only_b.judge(hanging())["sole-rep"], NotApplicable)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"top_share": 80}, "must be at most 1 (is 80)"),
        ({"top_share": 0}, "must be more than 0 (is 0)"),
        ({"top_share": float("nan")}, "must be at most 1 (is nan)"),
        ({"second_share": -0.5}, "must be at least 0 (is -0.5)"),
        ({"window_days": 29}, "must be at least 30 (is 29)"),
        ({"min_touch_days": 0}, "must be at least 1 (is 0)"),
        ({"min_touch_days": "many"}, 'must be a whole number (is "many")'),
        ({"min_touch_days": 8.5}, "must be a whole number (is 8.5)"),
        ({"min_touch_days": True}, "must not be true or false"),
        ({"top_share": [1]}, "must be a number (is [1])"),
        ({"severity": "grave"}, "must be one of 'critical', 'high', 'medium' or 'low' (is \"grave\")"),
        ({"enabled": "perhaps"}, 'must be true or false (is "perhaps")'),
    ],
)
def test_a_wrong_value_is_told_in_plain_words(table: dict[str, Any], message: str) -> None:
    assert wrong(sole_rep=table) == [(f"rules.sole-rep.{next(iter(table))}", message)]


def test_borders_are_allowed() -> None:
    book(
        sole_rep={"top_share": 1, "second_share": 0, "window_days": 30, "min_touch_days": 1, "tenure_days": 0,
                  "max_gap_days": 1, "evidence_days": 0},
        exec_reach_lapse={"cadence_days": 1, "grace_days": 0, "level": "vp"},
    )  # fmt: skip


def test_every_problem_is_told_at_once_with_its_key_path() -> None:
    found = wrong(
        sole_reb={},
        sole_rep={"top_shares": 0.9, "window_days": 5, "tier": {"B": {"min_touch_dais": 3, "tenure_days": -1}, "C": 7}},
        exec_reach_lapse="often",
    )
    assert found == [
        ("rules.sole-reb", "unknown rule, the nearest known one is sole-rep"),
        ("rules.exec-reach-lapse", "must be a table"),
        ("rules.sole-rep.window_days", "must be at least 30 (is 5)"),
        ("rules.sole-rep.top_shares", "unknown key, the nearest known one is top_share"),
        ("rules.sole-rep.tier.B.tenure_days", "must be at least 0 (is -1)"),
        ("rules.sole-rep.tier.B.min_touch_dais", "unknown key, the nearest known one is min_touch_days"),
        ("rules.sole-rep.tier.C", "must be a table"),
    ]


def test_a_name_like_no_other_is_answered_with_the_known_ones() -> None:
    assert wrong(xyzzy={}) == [("rules.xyzzy", f"unknown rule, known are {', '.join(discover())}")]


def test_a_rule_that_a_key_switches_on_is_on_with_it_and_off_without() -> None:
    assert "our-exec-lapse" in read_rulebook({}, named={"people.executives"})[0].rules
    assert "our-exec-lapse" not in read_rulebook({}, named={"people.ignore"})[0].rules
    off, found = read_rulebook({"our-exec-lapse": {"enabled": False}}, named={"people.executives"})
    assert ("our-exec-lapse" in off.rules, found) == (False, [])


@pytest.mark.parametrize("table", [{"enabled": True}, {"tier": {"B": {"enabled": True}}}], ids=["all", "a tier"])
def test_a_rule_cannot_be_on_without_the_key_that_switches_it_on(table: dict[str, Any]) -> None:
    assert wrong(our_exec_lapse=table) == [
        ("rules.our-exec-lapse.enabled", "needs people.executives, which has no value; set it")
    ]


@pytest.mark.parametrize("route", list(Route))
def test_every_rule_takes_every_route(route: Route) -> None:
    rulebook, found = read_rulebook({rule: {"enabled": True, "route": str(route)} for rule in discover()}, named=KEYS)
    assert found == []
    assert {rulebook.params(rule, tier).route for rule in discover() for tier in "ABC"} == {route}


def test_a_tier_that_no_account_has_is_told_with_those_there_are() -> None:
    remedy = "[connections.NAME.map] tier names a field with your own"
    assert unused_tiers({"rules.sole-rep.tier.b": "b", "rules.sole-rep.tier.Gold": "Gold"}) == [
        ("rules.sole-rep.tier.Gold", f"no account has this tier: there are A, B, C; {remedy}")
    ]
    assert unused_tiers({"rules.sole-rep.tier.Gold": "Gold"}, {"Gold", "", "a"}) == []


def test_a_waived_rule_says_why_and_the_others_speak() -> None:
    known = replace(hanging(), waived={"sole-rep": "waived without end: agreed"})
    verdicts = book().judge(known)
    assert verdicts["sole-rep"] == NotApplicable(reason="waived without end: agreed")
    assert isinstance(verdicts["exec-reach-lapse"], Raised)


def test_the_words_serve_other_tables_too() -> None:
    try:
        CustomerSettings.model_validate({"is": "tipe", "kee": "all"})
    except ValueError as error:
        found = problems(error, "customers", ["is", "key", "top_share"])  # type: ignore[arg-type]  # it is a ValidationError
    assert found == [
        ("customers.is", "must be one of 'won-deal-or-type', 'won-deal', 'type' or 'field' (is \"tipe\")"),
        ("customers.kee", "unknown key, the nearest known one is key"),
    ]


def test_a_clear_verdict_keeps_its_words() -> None:
    verdict = book().judge(facts([touch(3, to="berg")]))["exec-reach-lapse"]
    assert isinstance(verdict, Clear)
