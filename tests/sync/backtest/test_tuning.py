"""The values of a grid, the rulebooks made of them, and the load that each means."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time
from types import SimpleNamespace
from typing import Any, cast

import pytest

from rules.rule import discover
from sync.backtest.tuning import Load, grid, listed, numeric_keys, only, with_rules
from sync.config import Config
from sync.cycle import Work
from sync.errors import ConfigError
from sync.outlook import Side
from sync.people import People
from tests.builders import KEY, TODAY, USERS, account, facts, history, meetings


def test_a_grid_has_the_numbers_as_they_are_written() -> None:
    assert grid("0.7", "0.9", "0.05") == [0.7, 0.75, 0.8, 0.85, 0.9]
    assert grid("30", "100", "30") == [30, 60, 90]
    assert all(isinstance(one, int) for one in grid("30", "100", "30")), "a key in days takes no fraction"
    assert listed("0.8, 0.7,0.8") == [0.7, 0.8]


@pytest.mark.parametrize(
    "told", [("0.9", "0.7", "0.1"), ("1", "2", "0"), ("1", "2", "nan"), ("inf", "inf", "1"), ("1", "100", "1")]
)
def test_a_grid_that_is_none_is_refused(told: tuple[str, str, str]) -> None:
    with pytest.raises(ConfigError, match="FROM TO STEP"):
        grid(*told)


@pytest.mark.parametrize("told", ["", "a", "nan", ",".join(map(str, range(26)))])
def test_a_list_that_is_none_is_refused(told: str) -> None:
    with pytest.raises(ConfigError, match="--values"):
        listed(told)


def test_only_numbers_can_be_tuned() -> None:
    keys = numeric_keys(discover()["sole-rep"])
    assert "top_share" in keys
    assert not {"enabled", "severity", "route"} & set(keys)


def test_a_rule_that_is_off_is_tried_with_what_its_table_says() -> None:
    config = Config.model_validate({"rules": {"rep-concentration": {"top_share": 0.6}}})
    book = with_rules(config, ["rep-concentration"])
    assert book.params("rep-concentration", "A").model_dump()["top_share"] == 0.6
    assert set(only(book, ["rep-concentration"]).rules) == {"rep-concentration", "sole-rep"}, "it yields to sole-rep"


def test_a_rule_without_its_key_cannot_be_tried() -> None:
    with pytest.raises(ConfigError, match=r"rules.our-exec-lapse.enabled: needs people.executives"):
        with_rules(Config(), ["our-exec-lapse"])


def test_the_load_is_by_person_and_week_and_what_the_caps_let_through() -> None:
    config = Config.model_validate({"people": {"managers": {"jana.roth@seller.example": "anna.kim@seller.example"}}})
    book = only(with_rules(config, ["sole-rep"]), ["sole-rep"])
    load = Load(side=Side(config=config, rulebook=book, people=People.of(USERS, config.people)))
    now = datetime.combine(TODAY, time(7), UTC)
    work = Work(
        engine=cast("Any", None), config=config, rulebook=book, connector=cast("Any", SimpleNamespace()), now=now
    )
    for name in ("one", "two", "three", "four"):
        load.add(replace(facts([*meetings(20), *history(4)]), account=account(id=name, name=name), standing=KEY), work)
    told = load.told(Counter({"anna": 26, "jana": 13}), 52.0)
    assert told == {
        "new_per_person_week": pytest.approx(0.375),
        "busiest": "Anna Kim",
        "busiest_per_week": 0.5,
        "today": 4,
        "today_people": 1,
        "first_week": 3,
        "cap_new_per_week": 3,
    }
    assert load.told(Counter(), 0.0)["busiest"] is None
