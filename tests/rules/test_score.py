"""The risk score of domain.md 4.15 and the account's fields."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.facts import Standing
from rules.fields import EMPTY, account_fields
from rules.rule import Clear, Finding, NotApplicable, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from rules.score import WEIGHTS, level_word, risk_score
from tests.builders import KEY, account, day_before, facts, history, meetings, touch

TEXT = Finding(headline="", why="", clears_when="", first_step="", figures="")
CLEAR = Clear(message="")


def raised(severity: str) -> Raised:
    return Raised(severity=Severity(severity), finding=TEXT)


def every(verdict: Verdict) -> dict[str, Verdict]:
    return dict.fromkeys(WEIGHTS, verdict)


def test_the_weights_are_whole() -> None:
    assert sum(WEIGHTS.values()) == 100


@pytest.mark.parametrize(
    ("severity", "value", "level"),
    [("critical", 100, "critical"), ("high", 75, "critical"), ("medium", 50, "at risk"), ("low", 25, "watch")],
)
def test_all_raised_alike_give_the_value_of_their_severity(severity: str, value: int, level: str) -> None:
    score = risk_score(every(raised(severity)))
    assert (score.value, score.level, score.confidence) == (value, level, 1.0)


def test_the_score_is_decomposed_most_first() -> None:
    score = risk_score({**every(CLEAR), "sole-rep": raised("critical"), "going-quiet": raised("medium")})
    assert (score.value, score.level) == (33, "watch")
    assert list(score.points.items()) == [("sole-rep", 25.0), ("going-quiet", 7.5)]


def test_the_weight_of_what_is_unknown_goes_to_the_rest() -> None:
    verdicts = {
        **every(CLEAR),
        "sole-rep": raised("critical"),
        "service": Unknown(reason=""),
        "going-quiet": Unknown(reason=""),
    }
    score = risk_score(verdicts)
    assert score.value == round(100 * 25 / 75)
    assert score.confidence == 0.75


@pytest.mark.parametrize(
    ("rules", "published"),
    [(["sole-rep", "exec-reach-lapse"], False), (["sole-rep", "exec-reach-lapse", "single-contact"], False),
     (["sole-rep", "exec-reach-lapse", "our-person-left", "service"], True)],
    ids=["two rules: 0.40", "0.55", "exactly 0.60"],
)  # fmt: skip
def test_a_score_is_published_from_a_confidence_of_sixty_percent(rules: list[str], published: bool) -> None:
    score = risk_score(dict.fromkeys(rules, raised("critical")))
    assert (score.value is not None) is published
    assert (score.level == "unknown") is not published


def test_nothing_judged_is_unknown() -> None:
    assert risk_score(every(NotApplicable(reason=""))).value is None
    assert risk_score({}).confidence == 0


@pytest.mark.parametrize(
    ("value", "before", "word"),
    [(24, "", "ok"), (25, "ok", "watch"), (49, "", "watch"), (50, "", "at risk"), (74, "", "at risk"), (75, "", "critical"),
     (20, "watch", "watch"), (19, "watch", "ok"), (60, "critical", "at risk"), (71, "critical", "critical"), (30, "unknown", "watch")],
)  # fmt: skip
def test_a_level_gets_worse_at_once_and_better_five_points_below(value: int, before: str, word: str) -> None:
    assert level_word(value, before) == word


def judged(touches: list[Any], **more: Any) -> dict[str, Any]:
    known = facts(touches, **more)
    return account_fields(known, read_rulebook({})[0].judge(known))


def test_the_fields_of_a_key_customer() -> None:
    assert judged([*history(), *meetings(10), touch(30, to="berg")]) == {
        "risk": None,
        "risk_level": "unknown",
        "coverage": "1x2",
        "last_exec_exchange": day_before(30),
        "next_exec_due": date(2027, 4, 4),
    }


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
    [replace(KEY, customer=False), replace(KEY, key=False), replace(KEY, key=None)],
    ids=["no customer", "not key", "nobody can say"],
)
def test_all_fields_of_other_accounts_are_empty(standing: Standing) -> None:
    assert judged([touch(3)], standing=standing) == dict(EMPTY)
