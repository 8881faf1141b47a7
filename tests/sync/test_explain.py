"""explain: what the plan does about each finding, and the text of an account with many rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from rules.facts import AccountFacts
from rules.rulebook import read_rulebook
from sync.config import Config
from sync.findings import FindingState, advance, put_off
from sync.outlook import Remembered, Side, outlook
from sync.people import People
from sync.plan import OurTask
from sync.report.account import Explained
from sync.report.account_text import explained_text
from tests.builders import KEY, TODAY, USERS, facts, history, meetings, touch

NOW = datetime.combine(TODAY, time(7), UTC)
SOLE = facts([*meetings(20), *history(4)])


def side(**rules: Any) -> Side:
    rulebook, problems = read_rulebook({rule.replace("_", "-"): table for rule, table in rules.items()})
    assert not problems
    config = Config.model_validate({"people": {"managers": {"jana.roth@seller.example": "anna.kim@seller.example"}}})
    return Side(config=config, rulebook=rulebook, people=People.of(USERS, config.people))


def explained(one: AccountFacts = SOLE, known: Remembered | None = None, by: Side | None = None) -> dict[str, Any]:
    chosen, remembered = by or side(), known or Remembered()
    seen = outlook(chosen, one, remembered, NOW)
    return Explained(connection="portal", side=chosen, outlook=seen, remembered=remembered).as_json()


def plan(rule: str = "sole-rep", **more: Any) -> Any:
    return explained(**more)["rules"][rule]["plan"]


def states(one: AccountFacts = SOLE) -> Mapping[str, FindingState]:
    return advance({}, side().rulebook.judge(one), NOW - timedelta(days=2))


def task(state: str = "open", **rules: str) -> OurTask:
    return OurTask(
        key="hf1:acme:manager:1",
        route="manager",
        state=state,
        crm_id="1",
        assignee_id="anna",
        rules={rule.replace("_", "-"): severity for rule, severity in rules.items()},
        written={"body": "text"},
    )


def test_a_finding_without_a_task_gets_one() -> None:
    assert plan() == {
        "does": "new task",
        "task": "hf1:acme:manager:1",
        "for": "Anna Kim",
        "due_on": "2026-11-05",
    }


def test_a_finding_on_an_open_task_stays_on_it() -> None:
    known = Remembered(states=states(), tasks=(task(sole_rep="critical"),))
    assert plan(known=known) == {"does": "leaves task", "task": "hf1:acme:manager:1", "for": "Anna Kim"}


def test_a_task_is_rewritten_when_a_finding_joins() -> None:
    known = Remembered(states=states(), tasks=(task(sole_rep="critical", going_quiet="high"),))
    assert plan(known=known)["does"] == "rewrites task"


def test_a_task_whose_finding_has_ended_is_closed() -> None:
    shared = facts([*meetings(12), *meetings(12, by="peter", first_days_ago=2)])
    known = Remembered(
        states={"sole-rep": replace(states()["sole-rep"], not_raised_since=NOW - timedelta(days=1))},
        tasks=(task(sole_rep="critical"),),
    )
    told = plan(one=shared, known=known)
    assert told["does"] == "closes task"
    assert told["why"].startswith("in touch with more than one of ours")


def test_what_holds_a_task_back_is_told() -> None:
    snoozed = Remembered(snoozed_until=TODAY + timedelta(days=5))
    assert plan(known=snoozed) == {"does": "held back", "why": "account snoozed until 2026-11-07"}
    nobody = {user_id: replace(user, active=False) for user_id, user in USERS.items()}
    by = replace(side(), people=People.of(nobody, side().config.people))
    assert plan(one=replace(SOLE, users=nobody), by=by)["does"] == "held back"


def test_a_finding_that_was_put_off_is_quiet_until_a_day() -> None:
    dismissed = Remembered(states={"sole-rep": put_off(states()["sole-rep"], "deleted", TODAY, "A")})
    assert plan(known=dismissed) == {
        "does": "quiet",
        "until": "2027-01-31",
        "why": "its task was dismissed on 2026-11-02",
    }


def test_a_finding_for_the_report_and_one_of_tier_c_get_no_task() -> None:
    assert plan(by=side(sole_rep={"route": "report"}))["does"] == "report only"
    tier_c = replace(SOLE, standing=replace(KEY, tier="C"))
    assert plan(one=tier_c) == {"does": "no task", "why": "accounts of tier C get none"}


def test_what_is_clear_has_no_plan() -> None:
    assert plan(one=facts([*meetings(9), *meetings(9, by="peter", first_days_ago=3)])) is None


def test_a_past_day_tells_no_plan() -> None:
    chosen = side()
    seen = outlook(chosen, SOLE, Remembered(), NOW)
    past = Explained(connection="portal", side=chosen, outlook=seen, remembered=Remembered(), planned=False)
    assert "plan" not in past.as_json()["rules"]["sole-rep"]


def test_touches_behind_a_rule_are_those_of_its_window_and_its_contact() -> None:
    told = explained()["rules"]
    assert told["sole-rep"]["touches"]["count"] == 23, "20 meetings and 3 mails of 365 days, not those of four years"
    assert told["sole-rep"]["touches"]["newest"][0] == {
        "day": "2026-11-01",
        "kind": "meeting",
        "direction": "none",
        "outcome": "held",
        "two_way": True,
        "ours": ["Jana Roth"],
        "theirs": ["Maria Lopez"],
        "sources": [],
    }
    met = facts([*SOLE.touches, touch(300, to="berg")])
    assert explained(met)["rules"]["exec-reach-lapse"]["touches"]["count"] == 1, "the one with Karin Berg"
    assert told["exec-reach-lapse"]["touches"]["count"] == len(SOLE.touches), "nobody met her, in all of these"


def test_the_text_has_what_is_raised_first_and_what_does_not_apply_in_one_line() -> None:
    one = replace(SOLE, waived={"going-quiet": "waived until 31 Jan 2027: merger"}, untold={"departures": "no word"})
    text = explained_text(
        explained(one, by=side(no_complaint_backup={"enabled": True, "tier": {"A": {"enabled": False}}}))
    )
    order = [text.index(part) for part in ("RAISED sole-rep", "RAISED single-contact", "UNKNOWN", "CLEAR")]
    assert order == sorted(order)
    assert "not applicable: going-quiet (waived until 31 Jan 2027: merger)" in text
    assert "not applicable: no-complaint-backup (switched off for tier A)" in text
    assert "not told by this CRM: no word" in text
    assert "plan: a new task for Anna Kim, due 2026-11-05 (preview: nothing is written)" in text
    assert "20  last 2026-11-01  Jana Roth" in text
    assert "Karin Berg (CEO): nobody in 12 months" in text


def test_of_an_account_that_is_not_key_only_that_is_said() -> None:
    text = explained_text(explained(replace(SOLE, standing=replace(KEY, key=False))))
    assert "no rule speaks of it (not key)" in text
    assert "sole-rep" not in text
