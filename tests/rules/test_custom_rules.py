"""Rules of the config: verdicts, texts, and what is refused before any account is judged."""

from __future__ import annotations

from typing import Any

import pytest

from rules.customers import TIER_A_SHARE
from rules.facts import AccountFacts, Standing
from rules.horizon import looks_back
from rules.rule import Clear, NotApplicable, Raised, Route, Severity, Unknown, Verdict, discover
from rules.rulebook import Rulebook, read_rulebook
from rules.score import ScoreSettings, risk_score, scoring
from sync.language import languages
from tests.builders import account, facts, mail, meetings, touch

OFF = {rule: {"enabled": False} for rule in discover()}
RARE: dict[str, Any] = {
    "id": "rarely-met",
    "when": "days_since_meeting > 60",
    "why": "Nobody met {account} since {last_meeting_on}.",
}


def book(*tables: dict[str, Any]) -> Rulebook:
    rulebook, found = read_rulebook({**OFF, "custom": list(tables)})
    assert found == []
    return rulebook


def judge(known: AccountFacts, **more: Any) -> Verdict:
    return book(RARE | more).judge(known)["rarely-met"]


def wrong(*tables: Any) -> list[tuple[str, str]]:
    return read_rulebook({"custom": list(tables)})[1]


def test_it_is_raised_with_its_texts_and_the_numbers_that_were_tested_and_told() -> None:
    verdict = judge(facts([touch(61)]))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.MEDIUM
    assert verdict.numbers == {"days_since_meeting": 61, "account": "Acme", "last_meeting_on": "2026-09-02"}
    assert verdict.finding.headline == "rarely met"
    assert verdict.finding.why == "Nobody met Acme since 2 Sep 2026. (As of 2 Nov 2026.)"
    assert verdict.finding.clears_when == "Clears when this is so no longer."
    assert verdict.finding.first_step.startswith("Talk it over")
    assert verdict.finding.figures == "rarely met, as of 2 Nov 2026"


def test_the_threshold_itself_is_clear() -> None:
    assert judge(facts([touch(60)])) == Clear(
        message="it does not hold that days_since_meeting > 60", numbers={"days_since_meeting": 60}
    )


def test_texts_of_the_config_are_told_as_they_are_written_with_facts_in_the_language() -> None:
    verdict = judge(
        facts(meetings(3, first_days_ago=70)),
        headline="{meetings_365d} meetings",
        clears_when="Clears when {main_contact} was met.",
        first_step="Call {owner}, who had {top_share}; {{braces}} stay.",
        why="{account} is worth {revenue}, last on {last_meeting_on}.",
    )
    assert isinstance(verdict, Raised)
    german = verdict.finding.in_language(languages()["de"])
    assert german.headline == "3 meetings"
    assert german.why == "Acme is worth 420 Tsd., last on 24. Aug. 2026. (Stand 2. Nov. 2026.)"
    assert german.clears_when == "Clears when Maria Lopez (Buyer) was met."
    assert "100 %" in german.first_step
    assert "{braces} stay" in german.first_step


def test_a_headline_that_is_too_long_gives_way_to_the_id() -> None:
    verdict = judge(facts([touch(61)], account=account(name="A" * 60)), headline="{account} is rarely met")
    assert isinstance(verdict, Raised)
    assert verdict.finding.headline == "rarely met"


def test_a_text_with_a_fact_that_is_not_known_says_so() -> None:
    verdict = judge(facts([touch(61)]), why="Growth: {revenue_growth}.")
    assert isinstance(verdict, Raised)
    assert verdict.finding.why.startswith("Growth: unknown.")


def test_what_is_not_known_is_unknown_and_named() -> None:
    assert judge(facts()) == Unknown(reason="not known: days_since_meeting", numbers={"days_since_meeting": None})


def test_what_fails_on_one_account_is_unknown_there_and_judged_on_another() -> None:
    rule = {"when": "person_days_365d / meetings_365d > 1"}
    verdict = judge(facts([mail(1), mail(2, inbound=True)]), **rule)
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "the expression fails: division by zero in CEL expression"
    assert isinstance(judge(facts([touch(3), mail(1), mail(2, inbound=True)]), **rule), Raised)


def test_nobody_can_judge_where_unknown_when_holds() -> None:
    verdict = judge(facts([touch(61)]), unknown_when="days_on_record < 90\n  || tier == 'C'")
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "not to be judged where days_on_record < 90 || tier == 'C'"
    assert isinstance(judge(facts([touch(91)]), unknown_when="days_on_record < 90"), Raised)


def test_where_the_crm_is_not_told_of_mail_what_rests_on_it_is_unknown() -> None:
    deaf = facts([touch(61)], untold={"email": "no e-mail is logged there"})
    verdict = judge(deaf, when="messages_in_90d == 0")
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "no e-mail is logged there"
    assert isinstance(judge(deaf), Raised), "meetings are logged"


def test_it_needs_a_team_only_where_it_names_one() -> None:
    assert "team" not in book(RARE).needs
    assert "team" in book(RARE | {"when": "team_size == 0"}).needs
    assert "team" in book(RARE | {"why": "{team_size} on the team."}).needs


def test_it_looks_back_as_far_as_its_facts_do() -> None:
    rulebook = book(RARE | {"when": "person_days_90d > 3 && usual_person_days_90d < 1.0", "why": "{account}"})
    assert list(looks_back(rulebook)) == [(450, "a fact of rarely-met")]
    assert list(looks_back(book(RARE | {"when": "tier == 'A'", "why": "{account}"}))) == []


def test_it_is_switched_routed_and_tiered_as_any_rule() -> None:
    table = RARE | {
        "severity": "critical",
        "route": "manager",
        "tier": {"B": {"severity": "low"}, "C": {"enabled": False}},
    }
    rulebook = book(table)
    assert rulebook.params("rarely-met", "A").route is Route.MANAGER
    severities = {}
    for tier in "ABC":
        standing = Standing(customer=True, key=True, tier=tier, revenue=TIER_A_SHARE)
        verdict = rulebook.judge(facts([touch(61)], standing=standing))["rarely-met"]
        severities[tier] = verdict.severity if isinstance(verdict, Raised) else type(verdict)
    assert severities == {"A": Severity.CRITICAL, "B": Severity.LOW, "C": NotApplicable}
    off = book(RARE | {"enabled": False})
    assert "rarely-met" not in off.rules
    assert "rarely-met" in off.asking(["rarely-met"]).rules


def test_it_speaks_of_key_customers_without_a_waiver_alone() -> None:
    assert isinstance(judge(facts([touch(61)], standing=Standing(customer=True, key=False))), NotApplicable)
    assert isinstance(judge(facts([touch(61)], waived={"rarely-met": "waived without end"})), NotApplicable)


def test_it_weighs_nothing_in_the_score_unless_told() -> None:
    for weight, value in ((0, None), (10, 50)):
        rulebook = book(RARE | {"weight": weight})
        score = risk_score(rulebook.judge(facts([touch(61)])), scoring(rulebook, "A", ScoreSettings()))
        assert score.value == value


def test_its_manual_has_the_condition_and_what_the_facts_mean() -> None:
    manual = book(RARE | {"unknown_when": "tier == 'C'"}).rules["rarely-met"].manual
    assert manual.startswith(RARE["why"])
    assert "    days_since_meeting > 60" in manual
    assert "    tier == 'C'" in manual
    assert "    last_meeting_on: The day of the last meeting that was held." in manual


@pytest.mark.parametrize(
    ("table", "where", "message"),
    [
        (
            {"when": "days_since_meting > 3"},
            "when",
            "column 1: unknown fact days_since_meting, the nearest known one is ",
        ),
        ({"when": "tier > 3"}, "when", "column 8: cannot compare tier (a text) with 3 (a whole number)"),
        ({"when": "tier >"}, "when", "column 7: ends too early"),
        ({"when": 3}, "when", "must be text, a CEL expression"),
        ({"unknown_when": "days_on_record"}, "unknown_when", "column 1: must be true or false, and is a whole number"),
        ({"id": "sole-rep"}, "id", 'is the id of a built-in rule, take another (is "sole-rep")'),
        ({"id": "Rarely Met"}, "id", "must be up to 40 lower-case letters, words joined by hyphens"),
        ({"id": "a" * 41}, "id", "must be up to 40 lower-case letters"),
        ({"why": "{acount} was not met."}, "why", "{acount}: unknown fact, the nearest known one is account"),
        ({"why": "{account.name} was not met."}, "why", "{account.name}: unknown fact"),
        ({"why": "{} was not met."}, "why", "{} names no fact"),
        ({"why": "{revenue:.2f} a year."}, "why", "{revenue} must stand alone"),
        ({"why": "{account!r} a year."}, "why", "{account} must stand alone"),
        ({"why": "{account was not met."}, "why", "has braces without their other half"),
        ({"why": ""}, "why", "must not be empty"),
        ({"headline": ""}, "headline", "must not be empty"),
        ({"weight": -1}, "weight", "must be at least 0 (is -1)"),
        ({"severity": "dire"}, "severity", "must be one of 'critical', 'high', 'medium' or 'low' (is \"dire\")"),
        ({"route": "ceo"}, "route", "must be one of"),
        ({"enabled": 3}, "enabled", "must be true or false"),
        ({"frist_step": "Call."}, "frist_step", "unknown key, the nearest known one is first_step"),
        ({"tier": {"B": {"when": "true"}}}, "tier.B.when", "unknown key"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_at_its_key(table: dict[str, Any], where: str, message: str) -> None:
    ((path, told),) = wrong(RARE | table)
    assert path == f"rules.custom.0.{where}"
    assert told.startswith(message)


def test_what_is_missing_is_told() -> None:
    assert wrong({}) == [(f"rules.custom.0.{key}", "is missing") for key in ("id", "when", "why")]


def test_an_id_is_taken_once() -> None:
    message = 'is the id of another rule of the config, take another (is "rarely-met")'
    assert wrong(RARE, RARE) == [("rules.custom.1.id", message)]


def test_single_brackets_are_told() -> None:
    _, found = read_rulebook({"custom": RARE})
    assert found == [("rules.custom", "must be tables in double brackets: [[rules.custom]]")]
    assert wrong("x") == [("rules.custom.0", 'must be a table (is "x")')]
