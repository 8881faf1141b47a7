"""Two configs compared: what is new, cleared or the same, whom it falls to, and what the caps let through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from rules.facts import AccountFacts
from rules.rule import Raised
from rules.rulebook import read_rulebook
from sync.config import Config, LimitsSection
from sync.findings import advance, put_off
from sync.outlook import Outlook, Remembered, Side, outlook
from sync.people import People
from sync.plan import OurTask
from sync.preview import Difference, first_week
from sync.report.preview import preview_text
from tests.builders import KEY, TODAY, USERS, account, facts, history, meetings

NOW = datetime.combine(TODAY, time(7), UTC)
ONLY_SOLE_REP = {rule: {"enabled": False} for rule in (
    "exec-reach-lapse", "going-quiet", "our-person-left", "single-contact", "their-person-left",
)}  # fmt: skip


def side(limits: Mapping[str, int] | None = None, **rules: Any) -> Side:
    """A config with `sole-rep` alone, for which Anna is Jana's manager, and these tables of rules."""
    tables = ONLY_SOLE_REP | {rule.replace("_", "-"): table for rule, table in rules.items()}
    rulebook, problems = read_rulebook(tables)
    assert not problems
    managers = {"jana.roth@seller.example": "anna.kim@seller.example"}
    config = Config.model_validate({"people": {"managers": managers}, "limits": limits or {}})
    return Side(config=config, rulebook=rulebook, people=People.of(USERS, config.people))


def sole(account_id: str = "acme", *, days: int = 20, tier: str = "A", revenue: float = 1000.0) -> AccountFacts:
    """An account that Jana alone has been in touch with for four years, on so many days of this one."""
    return replace(
        facts([*meetings(days), *history(4)]),
        account=account(id=account_id, name=account_id.title()),
        standing=replace(KEY, tier=tier, revenue=revenue),
    )


def compared(
    before: Side, after: Side, accounts: Iterable[AccountFacts], memory: Mapping[str, Remembered] | None = None
) -> dict[str, Any]:
    difference = Difference(before=before, after=after)
    for one in accounts:
        known = (memory or {}).get(one.account.id, Remembered())
        bare = replace(known, tasks=())
        difference.add(outlook(before, one, bare, NOW), outlook(after, one, bare, NOW), known)
    return difference.told()


def test_equal_configs_change_nothing() -> None:
    told = compared(side(), side(), [sole()])
    assert told["rules"]["sole-rep"] | {"by_tier": {}, "by_person": [], "on": {}} == {
        "new": 0, "cleared": 0, "same": 1, "by_tier": {}, "by_person": [], "on": {},
    }  # fmt: skip
    assert told["examples"] == {"new": [], "cleared": []}


def test_a_stricter_threshold_clears_and_a_looser_one_raises() -> None:
    loose, strict = side(), side(sole_rep={"min_touch_days": 15})
    accounts = [sole("many", days=20), sole("few", days=10)]
    there, back = compared(loose, strict, accounts), compared(strict, loose, accounts)
    assert {name: there["rules"]["sole-rep"][name] for name in ("new", "cleared", "same")} == {
        "new": 0, "cleared": 1, "same": 1,
    }  # fmt: skip
    assert back["rules"]["sole-rep"]["new"] == 1
    assert there["examples"]["cleared"][0]["account"] == {"id": "few", "name": "Few"}
    assert there["examples"]["cleared"][0]["why"] == "cannot be judged: not enough activity: 10 of 15 person-days"
    assert back["examples"]["new"][0]["why"].startswith("Few hangs on one link")
    assert there["unknown"]["sole-rep"] == {"not enough activity: n of n person-days": {"before": 0, "after": 1}}


def test_changes_are_told_by_tier_and_by_the_person_whose_task_it_would_be() -> None:
    off = side(sole_rep={"enabled": False})
    told = compared(off, side(), [sole("one"), sole("two", tier="B"), sole("three", tier="C")])["rules"]["sole-rep"]
    assert told["on"] == {"before": False, "after": True}
    assert {tier: changes["new"] for tier, changes in told["by_tier"].items()} == {"A": 1, "B": 1, "C": 1}
    assert {one["name"]: one["new"] for one in told["by_person"]} == {"Anna Kim": 2, "no task": 1}


def test_a_rule_that_goes_off_clears_what_it_raised() -> None:
    told = compared(side(), side(sole_rep={"enabled": False}), [sole()])
    assert told["examples"]["cleared"][0]["why"] == "the rule is off"
    assert told["people"][0]["waiting"] == {"before": 1, "after": 0}


def test_another_route_moves_the_task_and_not_the_finding() -> None:
    told = compared(side(), side(sole_rep={"route": "owner"}), [sole()])
    assert told["rules"]["sole-rep"]["same"] == 1
    assert {one["name"]: one["waiting"] for one in told["people"]} == {
        "Anna Kim": {"before": 1, "after": 0},
        "Jana Roth": {"before": 0, "after": 1},
    }


def test_examples_are_the_ten_worst_by_severity_then_revenue() -> None:
    accounts = [sole(f"b{number}", tier="B", revenue=9000.0 + number) for number in range(8)]
    accounts += [sole(f"a{number}", revenue=float(number)) for number in range(5)]
    told = compared(side(sole_rep={"enabled": False}), side(), accounts)["examples"]["new"]
    assert [one["account"]["id"] for one in told] == ["a4", "a3", "a2", "a1", "a0", "b7", "b6", "b5", "b4", "b3"]


@pytest.mark.parametrize(
    ("waiting", "in_hand", "cap_open", "cap_week", "expected"),
    [
        (7, 0, 5, 3, 3),
        (2, 0, 5, 3, 2),
        (7, 4, 5, 3, 1),
        (7, 6, 5, 3, 0),
        (7, 0, 0, 0, 7),
        (7, 9, 0, 3, 3),
        (7, 0, 5, 0, 5),
    ],
    ids=["week", "queue", "room", "over", "no caps", "no open cap", "no week cap"],
)
def test_the_first_week_is_what_queue_and_caps_allow(
    waiting: int, in_hand: int, cap_open: int, cap_week: int, expected: int
) -> None:
    limits = LimitsSection(max_open_per_person=cap_open, max_new_per_person_per_week=cap_week)
    assert first_week(waiting, in_hand, limits) == expected


def test_a_task_that_is_open_already_does_not_wait() -> None:
    task = OurTask(
        key="hf1:acme:manager:1", route="manager", state="open", crm_id="1", assignee_id="anna", rules={}, written={}
    )
    (anna,) = compared(side(), side(sole_rep={"route": "owner"}), [sole()], {"acme": Remembered(tasks=(task,))})[
        "people"
    ]
    assert anna["name"] == "Jana Roth", "Anna has her task, so nothing waits for her"
    told = compared(side(), side(), [sole(), sole("two")], {"acme": Remembered(tasks=(task,))})["people"]
    assert [(one["open"], one["waiting"]["after"]) for one in told] == [(1, 1)]


def raised(one: Outlook) -> Raised:
    verdict = one.verdicts["sole-rep"]
    assert isinstance(verdict, Raised)
    return verdict


def test_what_was_put_off_stays_put_off_under_both() -> None:
    state = advance({}, {"sole-rep": raised(outlook(side(), sole(), Remembered(), NOW))}, NOW)["sole-rep"]
    quiet = Remembered(states={"sole-rep": put_off(state, "deleted", TODAY, "A")})
    told = compared(side(), side(), [sole()], {"acme": quiet})
    assert told["people"] == []
    assert told["rules"]["sole-rep"]["by_person"] == [
        {"id": None, "name": "no task", "new": 0, "cleared": 0, "same": 1}
    ]
    snoozed = Remembered(snoozed_until=TODAY + timedelta(days=9))
    assert compared(side(), side(), [sole()], {"acme": snoozed})["people"] == []


def test_the_text_fits_a_change_request() -> None:
    accounts = [sole(f"account number {number} with a very long name indeed" * 2) for number in range(40)]
    told = compared(side(), side(sole_rep={"min_touch_days": 30}), accounts)
    text = preview_text({
        "connection": "salesforce", "config": "config.toml", "against": "new.toml",
        "as_of": date(2026, 11, 2).isoformat(), "notes": ["connections.salesforce differs too"], **told,
    })  # fmt: skip
    assert text.isascii()
    assert max(map(len, text.splitlines())) < 100
    assert "cleared, the worst 10 of 40" in text
    assert "caps per person: 3 new a week, 5 open" in text
    assert "40 -> 0" in text
