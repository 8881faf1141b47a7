"""Groups of accounts, rolled up to their ultimate parents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.customers import CustomerSettings, Revenue, standings
from rules.facts import Standing
from rules.groups import ultimate_parents
from rules.model import Account
from tests.builders import TODAY, day_before

NAMES = [f"a{number}" for number in range(8)]


@pytest.mark.parametrize(
    ("parents", "tops"),
    [
        ({"a": None, "b": "a", "c": "b"}, {"a": "a", "b": "a", "c": "a"}),
        ({"a": "gone"}, {"a": "a"}),
        ({"a": "a"}, {"a": "a"}),
        ({"d": "c", "c": "b", "b": "c"}, {"b": "b", "c": "b", "d": "b"}),
    ],
    ids=["chain", "unknown parent", "its own parent", "circle"],
)
def test_everybody_stands_under_the_top(parents: dict[str, str | None], tops: dict[str, str]) -> None:
    assert ultimate_parents(parents) == tops


@given(st.dictionaries(st.sampled_from(NAMES), st.none() | st.sampled_from(NAMES)), st.randoms())
def test_a_top_is_its_own_top_whatever_the_order(parents: dict[str, str | None], chance: Any) -> None:
    tops = ultimate_parents(parents)
    assert set(tops) == set(parents)
    assert all(tops[top] == top for top in tops.values())
    assert all(tops[name] == tops[above] for name, above in parents.items() if above in parents)
    shuffled = list(parents)
    chance.shuffle(shuffled)
    assert ultimate_parents({name: parents[name] for name in shuffled}) == tops


def rolled(*rows: tuple[Account, Revenue], **table: Any) -> dict[str, Standing]:
    return standings(rows, CustomerSettings.model_validate({"roll_up": "parent", **table}), TODAY)


def won(amount: float, days_ago: int = 10) -> Revenue:
    return Revenue(first_won_on=day_before(days_ago), won_12m=amount, ever_won=True)


HOLDING = Account(id="h", name="Holding")
PLANT = Account(id="p", name="Plant", parent_id="h")
SHOP = Account(id="s", name="Shop", parent_id="p", flagged=True)
OTHER = Account(id="o", name="Other")


def test_a_group_is_ranked_by_what_its_customers_have_together() -> None:
    found = rolled((HOLDING, Revenue()), (PLANT, won(60)), (SHOP, won(50)), (OTHER, won(100)), top_share=0.5)
    why = "no. 1 of 2 customers by revenue (110 won in 12 months by 2 accounts of Holding); flagged as key account"
    assert found["p"] == Standing(customer=True, key=True, tier="A", revenue=60, why=why)
    assert found["s"] == Standing(customer=True, key=True, tier="A", revenue=50, why=why)
    assert found["o"].key is False


def test_a_parent_that_is_no_customer_does_not_become_one() -> None:
    found = rolled((HOLDING, Revenue()), (PLANT, won(60)))
    assert (found["h"].customer, found["h"].key, found["h"].why) == (False, False, "no customer by won-deal-or-type")
    assert found["p"].why == "no. 1 of 1 customers by revenue (60 won in 12 months)"


def test_without_roll_up_every_account_stands_for_itself() -> None:
    rows = [(HOLDING, won(1)), (PLANT, won(60)), (SHOP, won(50)), (OTHER, won(100))]
    found = rolled(*rows, top_share=0.25, roll_up="none")
    assert {name for name, standing in found.items() if standing.key} == {"o", "s"}
    assert found["p"].why == "no. 2 of 4 customers by revenue (60 won in 12 months)"


def test_a_mapped_field_and_won_deals_add_up() -> None:
    mapped = Account(id="p", name="Plant", parent_id="h", revenue=40.0)
    found = rolled((HOLDING, won(2)), (mapped, won(1000)))
    assert "(42 a year by the mapped field by 2 accounts of Holding)" in found["h"].why


def test_the_growth_of_a_group_is_that_of_its_sums() -> None:
    before = [Revenue(ever_won=True, won_12m=30, won_12m_before=10), Revenue(ever_won=True, won_12m=5)]
    found = rolled((HOLDING, before[0]), (PLANT, before[1]), (OTHER, won(900)), top_share=0.1, growth=3.5)
    assert found["p"].key
    assert found["p"].why.startswith("won 3.5 times the 12 months before; no. 2 of 2")


def test_a_tier_is_ones_own_else_the_parents_else_the_groups() -> None:
    gold = Account(id="h", name="Holding", tier="Gold")
    own = Account(id="s", name="Shop", parent_id="h", tier="b")
    found = rolled((gold, Revenue()), (PLANT, won(60)), (own, won(50)), (OTHER, won(1)))
    assert [found[name].tier for name in ("p", "s", "o")] == ["Gold", "B", "C"]


def test_an_exclusion_is_of_one_account_of_the_group() -> None:
    found = rolled((HOLDING, won(2)), (PLANT, won(60)), exclude=[{"account": "Holding", "reason": "ours"}])
    assert found["h"].excluded == "excluded without end: ours"
    assert (found["h"].key, found["p"].key) == (False, True)


@given(st.lists(st.tuples(st.integers(0, 50), st.none() | st.integers(0, 9)), min_size=1, max_size=10))
def test_rolling_up_keeps_the_accounts_and_their_revenue(rows: list[tuple[int, int | None]]) -> None:
    accounts = [
        (Account(id=f"{number}", name="A", parent_id=None if parent is None else f"{parent}"), won(amount))
        for number, (amount, parent) in enumerate(rows)
    ]
    found = rolled(*accounts)
    assert {name: standing.revenue for name, standing in found.items()} == {
        account.id: revenue.won_12m for account, revenue in accounts
    }
    tops = ultimate_parents({account.id: account.parent_id for account, _ in accounts})
    assert len({(top, found[name].key, found[name].tier) for name, top in tops.items()}) == len(set(tops.values()))
