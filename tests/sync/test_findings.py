"""The life of a finding."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.rule import Clear, Finding, NotApplicable, Raised, Severity, Unknown
from sync.findings import FindingState, advance, put_off, take_over, unseen

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)


def text(figures: str = "41 of 43") -> Finding:
    return Finding(
        headline="known by one person", why="Why.", clears_when="Clears.", first_step="Step.", figures=figures
    )


def raised(severity: Severity = Severity.HIGH, figures: str = "41 of 43") -> Raised:
    return Raised(severity=severity, finding=text(figures), numbers={})


def opened(**verdicts: Raised) -> dict[str, FindingState]:
    return advance({}, {name.replace("_", "-"): verdict for name, verdict in verdicts.items()}, NOW)


def test_a_raised_verdict_opens_a_finding() -> None:
    state = opened(sole_rep=raised())["sole-rep"]
    assert state.open
    assert state.raised_at == NOW


def test_one_clear_evaluation_does_not_clear() -> None:
    states = advance(opened(sole_rep=raised()), {"sole-rep": Clear(message="shared")}, NOW + timedelta(days=1))
    assert states["sole-rep"].open


@pytest.mark.parametrize(("hours", "still_open"), [(19.9, True), (20, False)], ids=["too soon", "20 hours apart"])
def test_two_clear_evaluations_twenty_hours_apart_clear(hours: float, *, still_open: bool) -> None:
    first = advance(opened(sole_rep=raised()), {"sole-rep": Clear(message="shared")}, NOW)
    second = advance(first, {"sole-rep": Clear(message="shared")}, NOW + timedelta(hours=hours))
    assert second["sole-rep"].open is still_open
    assert second["sole-rep"].ended_why == ("" if still_open else "shared")


def test_what_is_judged_elsewhere_ends_here_at_once() -> None:
    why = {"sole-rep": NotApplicable(reason="judged as one with another")}
    assert advance(opened(sole_rep=raised()), why, NOW)["sole-rep"].open
    ended = advance(opened(sole_rep=raised()), why, NOW, elsewhere=True)["sole-rep"]
    assert (ended.open, ended.ended_why) == (False, "judged as one with another")


def test_raised_again_in_between_starts_the_clearing_anew() -> None:
    states = advance(opened(sole_rep=raised()), {"sole-rep": Clear(message="shared")}, NOW)
    states = advance(states, {"sole-rep": raised()}, NOW + timedelta(hours=10))
    states = advance(states, {"sole-rep": Clear(message="shared")}, NOW + timedelta(hours=25))
    assert states["sole-rep"].open


def test_not_applicable_clears_like_clear() -> None:
    states = advance(opened(sole_rep=raised()), {"sole-rep": NotApplicable(reason="not key")}, NOW)
    states = advance(states, {"sole-rep": NotApplicable(reason="not key")}, NOW + timedelta(days=1))
    assert not states["sole-rep"].open
    assert states["sole-rep"].ended_why == "not key"


@pytest.mark.parametrize(("days", "still_open"), [(59, True), (60, False)])
def test_unknown_keeps_a_finding_for_sixty_days(days: int, *, still_open: bool) -> None:
    states = advance(opened(sole_rep=raised()), {"sole-rep": Unknown(reason="P. Hall logs nothing")}, NOW)
    states = advance(states, {"sole-rep": Unknown(reason="P. Hall logs nothing")}, NOW + timedelta(days=days))
    assert states["sole-rep"].open is still_open
    if not still_open:
        assert states["sole-rep"].ended_why == "can no longer be judged: P. Hall logs nothing"


def test_unknown_never_opens_a_finding() -> None:
    assert advance({}, {"sole-rep": Unknown(reason="thin")}, NOW) == {}


def test_a_rule_without_a_verdict_keeps_what_it_had() -> None:
    before = opened(sole_rep=raised())
    assert advance(before, {}, NOW + timedelta(days=3)) == before


def test_figures_stay_while_the_set_of_findings_stays() -> None:
    states = advance(opened(sole_rep=raised(figures="41 of 43")), {"sole-rep": raised(figures="42 of 44")}, NOW)
    assert states["sole-rep"].text.figures == "41 of 43"


def test_a_change_of_the_set_tells_every_figure_anew() -> None:
    verdicts = {"sole-rep": raised(figures="42 of 44"), "exec-reach-lapse": raised(figures="231 days")}
    states = advance(opened(sole_rep=raised(figures="41 of 43")), verdicts, NOW)
    assert states["sole-rep"].text.figures == "42 of 44"


@pytest.mark.parametrize(
    ("how", "tier", "days"), [("completed", "A", 30), ("completed", "B", 60), ("deleted", "A", 90)]
)
def test_a_task_that_a_human_ended_puts_its_finding_off(how: str, tier: str, days: int) -> None:
    ended_on = date(2026, 11, 2)
    state = put_off(opened(sole_rep=raised())["sole-rep"], how, ended_on, tier)
    assert not state.wants_task(ended_on + timedelta(days=days - 1))
    assert state.wants_task(ended_on + timedelta(days=days))


def test_a_worse_severity_breaks_through() -> None:
    state = put_off(opened(sole_rep=raised(Severity.HIGH))["sole-rep"], "deleted", date(2026, 11, 2), "A")
    worse = advance({"sole-rep": state}, {"sole-rep": raised(Severity.CRITICAL)}, NOW)["sole-rep"]
    assert worse.wants_task(date(2026, 11, 3))


def memory(rule: str, severity: Severity, until: date | None, off: Severity | None, why: str = "") -> FindingState:
    state = FindingState(rule=rule, open=True, severity=severity, text=text(), raised_at=NOW)
    return replace(state, quiet_until=until, quiet_severity=off, quiet_why=why)


STATES = st.lists(
    st.builds(
        memory,
        st.sampled_from(["sole-rep", "going-quiet"]),
        st.sampled_from(Severity),
        st.none() | st.dates(NOW.date() - timedelta(days=2), NOW.date() + timedelta(days=3)),
        st.none() | st.sampled_from(Severity),
        st.sampled_from(["dismissed", "completed"]),
    ),
    max_size=2,
).map(lambda some: {state.rule: state for state in some})


@given(STATES, st.lists(STATES, max_size=3), st.randoms())
def test_what_accounts_that_are_one_remember_is_taken_over_once_in_whatever_order(
    own: dict[str, FindingState], others: list[dict[str, FindingState]], chance: random.Random
) -> None:
    after = take_over(own, others, NOW)
    shuffled = chance.sample(others, len(others))
    assert take_over(own, shuffled, NOW) == after
    assert take_over(after, others, NOW) == after
    assert take_over(take_over(own, others[:1], NOW), others[1:], NOW) == after
    assert take_over(own, [], NOW) == own


@given(STATES, st.lists(STATES, max_size=3))
def test_a_finding_wants_a_task_only_if_every_account_that_is_one_would_give_it(
    own: dict[str, FindingState], others: list[dict[str, FindingState]]
) -> None:
    today, after = NOW.date(), take_over(own, others, NOW)
    for rule, state in after.items():
        as_bad = [
            replace(one[rule], open=True, severity=state.severity).wants_task(today)
            for one in (own, *others)
            if rule in one
        ]
        assert replace(state, open=True).wants_task(today) == all(as_bad)
        assert replace(state, quiet_until=None, quiet_why="", quiet_severity=None) == (
            replace(own[rule], quiet_until=None, quiet_why="", quiet_severity=None)
            if rule in own
            else unseen(rule, NOW)
        )


def test_the_later_day_wins_with_its_why_and_severity() -> None:
    soon, late = date(2026, 12, 1), date(2027, 1, 31)
    own = memory("sole-rep", Severity.HIGH, soon, Severity.HIGH, "completed on 2026-10-02")
    theirs = memory("sole-rep", Severity.LOW, late, Severity.HIGH, "dismissed on 2026-11-02")
    (state,) = take_over({"sole-rep": own}, [{"sole-rep": theirs}], NOW).values()
    assert state == replace(own, quiet_until=late, quiet_why="dismissed on 2026-11-02")


def test_what_was_put_off_when_it_was_worse_is_not_told_again_for_an_older_dismissal() -> None:
    """Completed as critical, when the dismissal of what was merely high no longer held it."""
    own = memory("sole-rep", Severity.CRITICAL, date(2026, 12, 2), Severity.CRITICAL, "completed on 2026-11-02")
    theirs = memory("sole-rep", Severity.HIGH, date(2027, 1, 1), Severity.HIGH, "dismissed on 2026-10-03")
    assert take_over({"sole-rep": own}, [{"sole-rep": theirs}], NOW) == {"sole-rep": own}
