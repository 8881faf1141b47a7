"""The numbers behind the pictures: each is known here by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.catalog.exec_reach_lapse import ExecReachLapse, check
from rules.facts import AccountFacts
from rules.model import Kind, Outcome
from rules.rule import NotApplicable, Unknown
from rules.walkaway import State as Without
from sync.cases import Case, End
from sync.pages.checkins import CheckIn, Mark, State, check_in, months
from sync.pages.exposed import Share, exposed, shares
from sync.pages.heatmap import COLUMNS, ROWS, heat, heatmaps
from sync.pages.line import Found, Line, Reach, richest_first, worst_first
from sync.pages.quality import Verdicts, picture
from sync.pages.spread import holding, lorenz, spread
from sync.pages.trend import Point, pictures
from sync.pages.unjudged import Reasons, remedy
from sync.rule_report import Record, Seen
from sync.rule_report import Share as Part
from tests.builders import TODAY, facts, mail, meetings, touch

PARAMS = ExecReachLapse()


def reach(user: str = "jana", days: int = 10, **more: Any) -> Reach:
    return Reach(user_id=user, name=user.title(), person_days=days, strength=float(days), executive=False, **more)


def found(rule: str = "sole-rep", severity: str = "critical") -> Found:
    return Found(rule=rule, severity=severity, headline="h", why="w", first_step="f")


def line(name: str = "Acme", *reaches: Reach, revenue: float | None = 100.0, **more: Any) -> Line:
    days = sum(one.person_days for one in reaches)
    usual = Line(
        account_id=name.lower(),
        name=name,
        card=f"cards/{name.lower()}.html",
        tier="A",
        revenue=revenue,
        owner="Jana",
        score=50,
        level="at risk",
        label="1x1",
        target="",
        short_of=(0, 0),
        person_days=days,
        top_share=max((one.person_days for one in reaches), default=0) / days if days else None,
        reaches=reaches,
        check_in=CheckIn(state=State.UNKNOWN),
        agenda=(),
        host="Jana",
        peers=(),
        found=(),
        unknown={},
    )
    return replace(usual, **more)


def test_contact_that_follows_revenue_has_no_gini() -> None:
    told = spread([line("A", reach(days=10), revenue=100), line("B", reach(days=20), revenue=200)])
    assert told.gini == 0
    assert told.curve[-1] == (1, 1)


def test_contact_that_all_goes_to_a_tenth_of_the_revenue_has_a_gini_of_nine_tenths() -> None:
    told = spread([line("A", reach(days=10), revenue=10), line("B", revenue=90)])
    assert told.gini == pytest.approx(0.9)
    assert [one.line.name for one in told.accounts] == ["B", "A"]


def test_three_people_hold_sixty_percent() -> None:
    lines = [line(name, reach(name, 5), revenue=20) for name in "ABCDE"]
    told = spread(lines)
    assert told.needed == 3
    assert told.holders == pytest.approx((0, 0.2, 0.4, 0.6, 0.8, 1))
    assert told.unheld == pytest.approx(0)
    picture = holding(told)
    assert picture
    assert picture.told == "3 of 5 people hold 60 % of the revenue."


def test_a_shared_account_is_held_in_proportion_to_the_person_days() -> None:
    told = spread([line("A", reach("jana", 3), reach("peter", 1))])
    assert told.holders == (0, 0.75, 1)


def test_revenue_that_nobody_is_in_touch_with_is_held_by_nobody() -> None:
    told = spread([line("A", reach(), revenue=50), line("B", revenue=50)])
    assert told.unheld == pytest.approx(0.5)
    assert told.needed is None


def test_without_revenue_or_contact_there_is_no_curve() -> None:
    none = spread([line("A", reach(), revenue=None)])
    assert (none.accounts, none.gini, none.without_revenue) == ((), None, 1)
    assert lorenz(none) is None
    assert lorenz(spread([line("A")])) is None
    assert holding(spread([])) is None


def test_a_long_curve_is_drawn_with_few_points() -> None:
    told = spread([line(f"A{n}", reach(days=n + 1), revenue=1) for n in range(5000)])
    picture = lorenz(told)
    assert picture
    assert max(len(getattr(shape, "points", ())) for shape in picture.shapes) < 1000


def test_a_heatmap_shows_the_largest_accounts_and_the_busiest_people_first() -> None:
    people = [reach(f"u{n:02}", 20 - n) for n in range(COLUMNS + 3)]
    small, large = line("Small", reach("u05", 1), revenue=1), line("Large", *people, revenue=9)
    (told,) = heatmaps([small, large])
    assert [row.line.name for row in told.rows] == ["Large", "Small"]
    assert told.ours[0] == "U00"
    assert (len(told.ours), told.more_ours) == (COLUMNS, 3)
    assert told.rows[0].others == sum(one.person_days for one in people[COLUMNS:])
    assert told.rows[1].reaches[0] is None


def test_heatmaps_come_in_pages_and_one_is_there_without_any_account() -> None:
    assert [len(one.rows) for one in heatmaps([line(f"A{n}") for n in range(ROWS + 1)])] == [ROWS, 1]
    assert [len(one.rows) for one in heatmaps([])] == [0]


def test_the_colour_goes_up_with_the_strength() -> None:
    assert [heat(value) for value in (0, 0.1, 2, 2.1, 6.1, 12.1, 99)] == [0, 1, 1, 2, 3, 4, 5]


def seen(one: AccountFacts) -> CheckIn:
    return check_in(one, check.check(one, PARAMS), PARAMS)


def marks(one: AccountFacts) -> dict[str, set[Mark]]:
    told = seen(one).marks
    return {f"{month:%y-%m}": set(some) for month, some in zip(months(TODAY), told, strict=True) if some}


def test_the_calendar_has_twelve_months_with_three_to_come() -> None:
    assert [f"{one:%y-%m}" for one in (months(TODAY)[0], months(TODAY)[-1])] == ["26-03", "27-02"]
    assert len(months(TODAY)) == 12
    assert months(date(2026, 1, 31))[0] == date(2025, 5, 1)


def test_a_check_in_that_was_held_is_due_half_a_year_later() -> None:
    one = facts([touch(days_ago=(TODAY - date(2026, 8, 10)).days, to="berg")])
    told = seen(one)
    assert (told.state, told.last_held_on, told.due_on) == (State.IN_TIME, date(2026, 8, 10), date(2027, 2, 9))
    assert marks(one) == {"26-08": {Mark.HELD}, "27-02": {Mark.DUE}}


def test_a_month_is_lapsed_once_the_grace_is_over() -> None:
    one = facts([touch(days_ago=(TODAY - date(2026, 3, 10)).days, to="berg")])
    assert seen(one).state is State.LAPSED
    assert marks(one) == {"26-03": {Mark.HELD}, "26-09": {Mark.LAPSED}, "26-10": {Mark.LAPSED}, "26-11": {Mark.LAPSED}}


def test_what_was_tried_in_vain_is_shown_beside_what_is_lapsed() -> None:
    tried = mail(days_ago=(TODAY - date(2026, 10, 5)).days, to="berg")
    one = facts([touch(days_ago=(TODAY - date(2026, 3, 10)).days, to="berg"), tried])
    assert marks(one)["26-10"] == {Mark.ATTEMPTED, Mark.LAPSED}
    assert seen(one).attempts == 1


def test_an_answered_mail_is_held_and_no_attempt() -> None:
    one = facts([mail(40, to="berg"), mail(35, to="berg", inbound=True)])
    assert marks(one)["26-09"] == {Mark.HELD}


def test_a_voicemail_is_an_attempt() -> None:
    one = facts([touch(60, to="berg"), touch(2, to="berg", kind=Kind.CALL, outcome=Outcome.ATTEMPTED)])
    assert marks(one)["26-10"] == {Mark.ATTEMPTED}


def test_a_meeting_that_is_booked_is_told() -> None:
    one = facts([touch(60, to="berg")], upcoming=(touch(-10, to="lopez"), touch(-20, to="berg")))
    assert seen(one).booked_on == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("verdict", "why"),
    [
        (None, "the rule exec-reach-lapse is off"),
        (Unknown(reason="no executive of theirs is known"), "no executive of theirs is known"),
        (NotApplicable(reason="waived"), "waived"),
    ],
    ids=["off", "unknown", "waived"],
)
def test_a_check_in_that_cannot_be_judged_says_why(verdict: Any, why: str) -> None:
    told = check_in(facts(), verdict, PARAMS)
    assert (told.state, told.why, told.marks) == (State.UNKNOWN, why, ())


def test_what_would_be_lost_is_added_up_by_person() -> None:
    some = [
        Share(user_id="jana", state=Without.LOST, revenue=100.0, orphans=2),
        Share(user_id="jana", state=Without.HEADLESS, revenue=None, orphans=0),
        Share(user_id="jana", state=Without.WEAKENED, revenue=50.0, orphans=1),
        Share(user_id="peter", state=Without.FINE, revenue=300.0, orphans=0),
    ]
    first, second = exposed(some, {"jana": "Jana Roth"})
    assert (first.name, first.accounts, first.revenue) == ("Jana Roth", (2, 1, 0), (100.0, 50.0, 0.0))
    assert (first.orphans, first.without_revenue) == (3, 1)
    assert (second.name, second.revenue) == ("peter", (0.0, 0.0, 300.0))


def test_an_account_with_one_link_is_lost_without_it() -> None:
    (one,) = shares(facts(meetings(20)))
    assert (one.user_id, one.state, one.orphans) == ("jana", Without.LOST, 1)


def record(how: End, count: int) -> Record:
    case = Case(account_id="acme", rule="a", told_on=date(2026, 6, 1), end=how)
    return Record(seen=[Seen(case=case)] * count)


def test_what_became_of_what_a_rule_told_is_counted_over_the_months() -> None:
    months = {date(2026, 6, 1): record(End.DONE, 2), date(2026, 7, 1): record(End.DISMISSED, 3)}
    one, other = Verdicts().quality({"a": "What a is.\n\nMore.", "b": ""}, {"a": months})
    assert (one.what, one.record.told, other.record.told) == ("What a is.", 5, 0)
    assert one.record.unwanted == Part(some=3, of=5)
    assert other.base_rate is None


def test_a_rule_that_is_mostly_dismissed_is_one_to_look_at_and_is_drawn() -> None:
    told = Verdicts().quality({"a": "", "b": ""}, {"a": {date(2026, 6, 1): record(End.DISMISSED, 16)}})
    assert "switch it off" in told[0].advice
    assert told[1].advice == ""
    drawn = picture(told)
    assert drawn
    assert drawn.told.startswith("Most of a: 16 of 16")
    assert picture(told[1:]) is None


def test_verdicts_are_counted_and_what_does_not_apply_is_not() -> None:
    counted = Verdicts()
    for verdict in (Unknown(reason="x"), Unknown(reason="x"), NotApplicable(reason="waived")):
        counted.add({"a": verdict}, {})
    (one,) = counted.quality({"a": ""}, {})
    assert (one.raised, one.clear, one.unknown) == (0, 0, 2)
    assert "cannot be judged" in one.advice


def test_reasons_are_counted_without_their_own_figures() -> None:
    reasons = Reasons()
    for number in (3, 5):
        reasons.add({"sole-rep": Unknown(reason=f"not enough activity: {number} of 8 person-days")})
    (one,) = reasons.told()
    assert (one.reason, one.accounts) == ("not enough activity: n of n person-days", 2)
    assert one.how


def test_every_reason_that_a_rule_gives_has_a_remedy() -> None:
    given = (
        "no executive of theirs is known",
        "the titles of 3 of 4 contacts are missing",
        "no contact of theirs is known",
        "P. Hall logs nothing",
        "not enough activity: 3 of 8 person-days",
        "too little contact to tell",
        "no contact is on record",
        "the record begins on 2 Nov 2026, 450 days are needed",
        "nobody of theirs is in touch with us",
        "the meetings and calls do not say whom of theirs we met",
        "nothing says since when they are a customer",
        "nothing says since when they are a customer, and there is no touch",
        "no revenue is known, so nobody can say which customers are key",
        "too few key customers to compare with: 3",
        "no executive of ours is a user of this CRM",
        "the CRM holds no e-mail or message of the last 90 days",
        "nothing in the CRM says that a contact left",
    )
    assert [reason for reason in given if not remedy(reason)] == []


def test_who_needs_somebody_comes_first_whatever_the_revenue() -> None:
    critical, high = line("Low", revenue=1, found=(found(),)), line("High", revenue=9, found=(found("x", "high"),))
    unknown, clear = line("Unknown", unknown={"a": "why"}), line("Clear")
    assert [one.name for one in worst_first([clear, unknown, high, critical])] == ["Low", "High", "Unknown", "Clear"]
    assert [one.name for one in richest_first([critical, high])] == ["High", "Low"]


def test_an_account_knows_its_worst_finding() -> None:
    cases: Mapping[str, Line] = {
        "critical": line(found=(found(), found("b", "low"))),
        "unknown": line(unknown={"a": "why"}),
        "clear": line(),
    }
    assert {name: one.worst for name, one in cases.items()} == {name: name for name in cases}


def point(day: date, **more: Any) -> Point:
    usual: dict[str, Any] = {
        "day": day,
        "accounts": 3,
        "single": 0.5,
        "met": None,
        "ours": 1.0,
        "theirs": 2.0,
        "risk": 30.0,
        "open_tasks": 4,
        "cleared": 0,
        "done": 0,
    }
    return Point(**usual | more)


def test_a_trend_of_one_day_is_no_picture_and_a_number_without_values_is_left_out() -> None:
    assert pictures([point(TODAY)]) == []
    drawn = pictures([point(date(2026, 10, 26)), point(TODAY, single=0.25)])
    assert [one.name for one in drawn] == ["trend-single", "trend-risk", "trend-ours", "trend-theirs", "trend-tasks"]
    assert drawn[0].told == "From 50 % on 26 Oct 2026 to 25 % on 2 Nov 2026."
