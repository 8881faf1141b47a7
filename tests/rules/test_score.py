"""The risk score of domain.md 4.15 and the account's fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.facts import Standing
from rules.fields import EMPTY, account_fields
from rules.rule import Clear, Finding, NotApplicable, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from rules.score import SEVERITY_VALUES, ScoreSettings, Scoring, level_word, risk_score, scoring
from tests.builders import KEY, account, day_before, facts, history, meetings, touch

TEXT = Finding(headline="", why="", clears_when="", first_step="", figures="")
CLEAR = Clear(message="")
UNKNOWN = Unknown(reason="")
WEIGHTS = {
    "sole-rep": 25,
    "exec-reach-lapse": 15,
    "single-contact": 15,
    "going-quiet": 15,
    "our-person-left": 10,
    "their-person-left": 10,
    "service": 10,
}
HOW = Scoring(weights=WEIGHTS)


def raised(severity: str) -> Raised:
    return Raised(severity=Severity(severity), finding=TEXT)


def every(verdict: Verdict) -> dict[str, Verdict]:
    return dict.fromkeys(WEIGHTS, verdict)


@pytest.mark.parametrize(
    ("severity", "value", "level"),
    [("critical", 100, "critical"), ("high", 75, "critical"), ("medium", 50, "at risk"), ("low", 25, "watch")],
)
def test_all_raised_alike_give_the_value_of_their_severity(severity: str, value: int, level: str) -> None:
    score = risk_score(every(raised(severity)), HOW)
    assert (score.value, score.level, score.confidence) == (value, level, 1.0)


def test_the_score_is_decomposed_most_first() -> None:
    score = risk_score({**every(CLEAR), "sole-rep": raised("critical"), "going-quiet": raised("medium")}, HOW)
    assert (score.value, score.level) == (33, "watch")
    assert list(score.points.items()) == [("sole-rep", 25.0), ("going-quiet", 7.5)]
    assert score.whole_points == {"sole-rep": 25, "going-quiet": 8}


def test_the_weight_of_what_is_unknown_goes_to_the_rest() -> None:
    verdicts = {
        **every(CLEAR),
        "sole-rep": raised("critical"),
        "service": Unknown(reason=""),
        "going-quiet": Unknown(reason=""),
    }
    score = risk_score(verdicts, HOW)
    assert score.value == round(100 * 25 / 75)
    assert score.confidence == 0.75


@pytest.mark.parametrize(
    ("rules", "published"),
    [(["sole-rep", "exec-reach-lapse"], False), (["sole-rep", "exec-reach-lapse", "single-contact"], False),
     (["sole-rep", "exec-reach-lapse", "our-person-left", "service"], True)],
    ids=["two rules: 0.40", "0.55", "exactly 0.60"],
)  # fmt: skip
def test_a_score_is_published_from_a_confidence_of_sixty_percent(rules: list[str], published: bool) -> None:
    score = risk_score(dict.fromkeys(rules, raised("critical")), HOW)
    assert (score.value is not None) is published
    assert (score.level == "unknown") is not published


def test_the_confidence_asked_for_is_a_setting() -> None:
    verdicts = {**every(UNKNOWN), "sole-rep": CLEAR}
    assert risk_score(verdicts, replace(HOW, publish_from=0.25)).value == 0
    assert risk_score(verdicts, replace(HOW, publish_from=0.26)).value is None


def test_a_rule_without_weight_adds_nothing() -> None:
    score = risk_score({**every(CLEAR), "service": raised("critical"), "other": raised("critical")},
                       Scoring(weights=WEIGHTS | {"service": 0}))  # fmt: skip
    assert (score.value, score.confidence, score.points) == (0, 1.0, {})


VERDICTS = st.sampled_from([CLEAR, UNKNOWN, NotApplicable(reason=""), *(raised(one) for one in SEVERITY_VALUES)])


@given(st.dictionaries(st.sampled_from(list("abcdefgh")), st.tuples(VERDICTS, st.integers(0, 40))), st.floats(0, 1))
def test_the_decomposition_adds_up(rules: dict[str, tuple[Verdict, int]], publish_from: float) -> None:
    verdicts = {rule: verdict for rule, (verdict, _) in rules.items()}
    how = Scoring(weights={rule: weight for rule, (_, weight) in rules.items()}, publish_from=publish_from)
    score = risk_score(verdicts, how)
    assert list(score.points.values()) == sorted(score.points.values(), reverse=True)
    assert all(abs(score.whole_points[rule] - points) < 1 for rule, points in score.points.items())
    if score.value is not None:
        assert 0 <= score.value <= 100
        assert score.confidence >= publish_from
        assert sum(score.whole_points.values()) == score.value
        assert abs(sum(score.points.values()) - score.value) <= 0.5 + 1e-6
        worst = {rule: raised("critical") if isinstance(one, Raised) else one for rule, one in verdicts.items()}
        assert (risk_score(worst, how).value or 0) >= score.value


def test_weights_are_those_of_the_rules_that_are_on_for_the_tier() -> None:
    tables = {"sole-rep": {"tier": {"B": {"enabled": False}}}, "going-quiet": {"enabled": False}}
    rulebook, found = read_rulebook(tables)
    assert found == []
    settings = ScoreSettings.model_validate({"publish_from": 0.5, "weights": {"single-contact": 40}})
    own = {"exec-reach-lapse": 15, "our-person-left": 10, "single-contact": 40, "sole-rep": 25, "their-person-left": 10}
    assert scoring(rulebook, "A", settings) == Scoring(weights=own, publish_from=0.5)
    assert set(scoring(rulebook, "B", settings).weights) == own.keys() - {"sole-rep"}


@pytest.mark.parametrize(
    "table",
    [
        {"weights": {"sole-repp": 3}},
        {"weights": {"sole-rep": -1}},
        {"weights": {"sole-rep": True}},
        {"publish_from": 60},
    ],
)
def test_a_wrong_setting_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ScoreSettings.model_validate(table)


def test_nothing_judged_is_unknown() -> None:
    assert risk_score(every(NotApplicable(reason="")), HOW).value is None
    assert risk_score({}, HOW).confidence == 0
    assert risk_score({}, Scoring(publish_from=0)).level == "unknown"


@pytest.mark.parametrize(
    ("value", "before", "word"),
    [(24, "", "ok"), (25, "ok", "watch"), (49, "", "watch"), (50, "", "at risk"), (74, "", "at risk"), (75, "", "critical"),
     (20, "watch", "watch"), (19, "watch", "ok"), (60, "critical", "at risk"), (71, "critical", "critical"), (30, "unknown", "watch")],
)  # fmt: skip
def test_a_level_gets_worse_at_once_and_better_five_points_below(value: int, before: str, word: str) -> None:
    assert level_word(value, before) == word


def judged(touches: list[Any], **more: Any) -> dict[str, Any]:
    known = facts(touches, **more)
    rulebook = read_rulebook({})[0]
    how = scoring(rulebook, known.standing.tier, ScoreSettings())
    return account_fields(known, rulebook.judge(known), how)


def test_the_fields_of_a_key_customer() -> None:
    assert judged([*history(), *meetings(10), touch(30, to="berg")]) == {
        "risk": 33,
        "risk_level": "watch",
        "coverage": "1x2",
        "last_exec_exchange": day_before(30),
        "next_exec_due": date(2027, 4, 4),
    }


@pytest.mark.parametrize(("before", "level"), [("critical", "critical"), ("", "at risk"), ("watch", "at risk")])
def test_the_level_that_stands_in_the_crm_is_given_up_late(before: str, level: str) -> None:
    verdicts: dict[str, Verdict] = {"sole-rep": raised("critical"), "going-quiet": CLEAR}
    how = Scoring(weights={"sole-rep": 71, "going-quiet": 29})
    found = account_fields(facts([touch(3)]), verdicts, how, before)
    assert (found["risk"], found["risk_level"]) == (71, level)


def test_without_weights_the_risk_is_unknown() -> None:
    found = account_fields(facts([touch(3)]), {"sole-rep": CLEAR})
    assert (found["risk"], found["risk_level"]) == (None, "unknown")


def test_never_met_is_due_and_has_no_last_day() -> None:
    found = judged(meetings(10))
    assert found["last_exec_exchange"] is None
    assert isinstance(found["next_exec_due"], date)


def test_coverage_is_shown_with_thin_activity_but_not_where_the_owner_logs_nothing() -> None:
    assert judged([touch(3)])["coverage"] == "1x1"
    assert judged([touch(3, by="peter")], logs=("peter",), account=account(owner_id="jana"))["coverage"] is None


def test_the_exec_fields_are_empty_where_no_executive_is_known() -> None:
    found = judged([touch(3)], contacts=())
    assert (found["last_exec_exchange"], found["next_exec_due"]) == (None, None)


@pytest.mark.parametrize(
    "standing",
    [replace(KEY, customer=False), replace(KEY, key=False), replace(KEY, key=None), replace(KEY, excluded="ours")],
    ids=["no customer", "not key", "nobody can say", "excluded"],
)
def test_all_fields_of_other_accounts_are_empty(standing: Standing) -> None:
    assert judged([touch(3)], standing=standing) == dict(EMPTY)
