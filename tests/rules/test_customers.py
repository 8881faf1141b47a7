"""Who is a customer, key and of which tier: domain.md 4.8 and 0a."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rules.customers import CustomerSettings, Revenue, revenue_of, standings
from rules.facts import Standing
from rules.model import Account, Deal
from tests.builders import TODAY, account, day_before, deal


def settings(**table: Any) -> CustomerSettings:
    return CustomerSettings.model_validate(table)


def ranked(*amounts: float | None, **table: Any) -> dict[str, Standing]:
    """Standings of customers a00, a01, ... who were won with these amounts."""
    accounts = [
        (Account(id=f"a{number:02}", name="A"), Revenue(first_won_on=day_before(10), won_12m=amount, ever_won=True))
        for number, amount in enumerate(amounts)
    ]
    return standings(accounts, settings(**table), TODAY)


def keys(found: dict[str, Standing]) -> list[str]:
    return [account_id for account_id, standing in sorted(found.items()) if standing.key]


WON = Revenue(first_won_on=TODAY, ever_won=True)
LATER = Revenue(first_won_on=day_before(-1))


@pytest.mark.parametrize("is_", ["won-deal-or-type", "won-deal", "type", "field"])
def test_a_person_account_is_no_customer_and_has_no_rank(is_: str) -> None:
    person = Account(id="p", name="Paul", customer_type=True, customer_flag=True, flagged=True, person=True)
    companies = [
        (Account(id=each, name=each, customer_type=True, customer_flag=True), Revenue(won_12m=1, ever_won=True))
        for each in "abcde"
    ]
    bought = Revenue(first_won_on=TODAY, won_12m=1e9, ever_won=True)
    found = standings([(person, bought), *companies], settings(**{"is": is_}), TODAY)
    assert (found["p"].customer, found["p"].key) == (False, False)
    assert found["p"].excluded == "a person account, not a company"
    without = standings(companies, settings(**{"is": is_}), TODAY)
    assert {each: found[each] for each in without} == without


@pytest.mark.parametrize(
    ("is_", "known", "revenue", "customer"),
    [
        ("won-deal-or-type", account(customer_type=False), WON, True),
        ("won-deal-or-type", account(customer_type=True), Revenue(), True),
        ("won-deal-or-type", account(customer_type=False, customer_flag=True), Revenue(), False),
        ("won-deal", account(customer_type=True), Revenue(), False),
        ("won-deal", account(), Revenue(first_won_on=TODAY), True),
        ("won-deal", account(), LATER, False),
        ("won-deal", account(), Revenue(ever_won=True), True),
        ("type", account(customer_type=False), WON, False),
        ("field", account(customer_flag=True), Revenue(), True),
        ("field", account(customer_flag=False), WON, False),
    ],
)
def test_who_is_a_customer(is_: str, known: Account, revenue: Revenue, customer: bool) -> None:
    standing = standings([(known, revenue)], settings(**{"is": is_}), TODAY)[known.id]
    assert standing.customer is customer
    assert customer or standing.key is False


def test_key_is_the_first_fifth_by_revenue_rounded_up() -> None:
    assert keys(ranked(10, 50, 30, 20, 40)) == ["a01"]
    assert keys(ranked(10, 50, 30, 20, 40, 5)) == ["a01", "a04"]


def test_ties_at_the_border_are_key_too() -> None:
    assert keys(ranked(50, 50, 50, 20, 10)) == ["a00", "a01", "a02"]


def test_nobody_without_revenue_is_key_by_share() -> None:
    assert keys(ranked(7, None, 0, -3, None, top_share=1.0)) == ["a00"]


def test_a_share_of_many_is_counted_exactly() -> None:
    assert len(keys(ranked(*range(1, 101), top_share=0.07))) == 7


def test_without_any_revenue_nobody_can_say_who_is_key() -> None:
    found = ranked(None, 0)
    assert [standing.key for standing in found.values()] == [None, None]
    assert found["a00"].why == "no revenue is known"


def test_a_customer_that_is_none_does_not_count_for_the_share() -> None:
    others = [(Account(id=f"p{number}", name="P"), Revenue(won_12m=99.0)) for number in range(20)]
    found = standings([*others, (account(), replace(WON, won_12m=5.0))], settings(), TODAY)
    assert keys(found) == ["acme"]


def test_tiers_by_cumulative_revenue() -> None:
    found = ranked(79, 2, 14, 4, 1)
    assert [found[account_id].tier for account_id in ("a00", "a02", "a03", "a01", "a04")] == ["A", "A", "B", "C", "C"]


@pytest.mark.parametrize(
    ("amounts", "tiers"), [((80.0, 15.0, 5.0), "ABC"), ((79.0, 15.0, 6.0), "AAB")], ids=["on the borders", "just below"]
)
def test_a_tier_begins_where_those_before_hold_its_share(amounts: tuple[float, ...], tiers: str) -> None:
    assert "".join(standing.tier for standing in ranked(*amounts).values()) == tiers


def test_equal_revenue_is_ordered_by_id_for_the_tier() -> None:
    assert [ranked(40, 40, 20)[name].tier for name in ("a00", "a01", "a02")] == ["A", "A", "B"]


@pytest.mark.parametrize(("key", "tier"), [("all", "A"), ("flag", "A"), ("top-share", "C")])
def test_no_revenue_is_tier_a_where_the_account_is_key_otherwise(key: str, tier: str) -> None:
    known = account(flagged=key == "flag")
    rows = [(known, Revenue(ever_won=True)), (account(id="rich"), replace(WON, won_12m=100.0))]
    assert standings(rows, settings(key=key), TODAY)["acme"].tier == tier


def test_a_mapped_tier_wins() -> None:
    rows = [(account(tier=" b "), replace(WON, won_12m=100.0)), (account(id="gold", tier="Gold"), WON)]
    found = standings(rows, settings(), TODAY)
    assert (found["acme"].tier, found["gold"].tier) == ("B", "Gold")


def test_flag_and_all_need_no_revenue() -> None:
    rows = [(account(flagged=True), Revenue()), (account(id="other"), Revenue())]
    assert keys(standings(rows, settings(key="flag"), TODAY)) == ["acme"]
    assert keys(standings(rows, settings(key="all"), TODAY)) == ["acme", "other"]


def test_why_is_told_in_plain_words() -> None:
    found = ranked(420_000, 2_100_000, 950, 420_000, 0)
    assert [found[name].why for name in ("a00", "a01", "a02", "a03", "a04")] == [
        "no. 2 of 5 customers by revenue (420k won in 12 months)",
        "no. 1 of 5 customers by revenue (2.1M won in 12 months)",
        "no. 4 of 5 customers by revenue (950 won in 12 months)",
        "no. 2 of 5 customers by revenue (420k won in 12 months)",
        "nothing won in 12 months",
    ]


@pytest.mark.parametrize(
    ("days_ago", "won"),
    [(0, 1000.0), (364, 1000.0), (365, None), (-1, None)],
    ids=["today", "last day of 12 months", "one day too early", "tomorrow"],
)
def test_revenue_is_what_was_won_in_twelve_months(days_ago: int, won: float | None) -> None:
    found = revenue_of([deal(days_ago)], TODAY)
    assert found.won_12m == won
    assert found.ever_won is (days_ago >= 0)


def test_open_deals_and_deals_without_amount_are_no_revenue() -> None:
    found = revenue_of([deal(5, amount=None), replace(deal(9), won=False)], TODAY)
    assert found == Revenue(first_won_on=day_before(5), won_12m=None, ever_won=True)
    assert revenue_of([Deal(id="d", account_id="acme", amount=7.0, won=True)], TODAY) == Revenue(ever_won=True)


def test_settings_have_the_words_of_the_config() -> None:
    assert settings(**{"is": "type"}).is_ == "type"
    with pytest.raises(ValidationError):
        settings(top_share=0)


def standing(known: Account, revenue: Revenue, *others: float, **table: Any) -> Standing:
    """Of one customer among others that were won with these amounts."""
    rest = [
        (account(id=f"o{number}", name=f"Other {number}"), replace(WON, won_12m=amount))
        for number, amount in enumerate(others)
    ]
    return standings([(known, revenue), *rest], settings(**table), TODAY)[known.id]


def test_a_flagged_account_is_key_beside_the_first_by_revenue() -> None:
    small = replace(WON, won_12m=5.0)
    found = standing(account(flagged=True), small, 900, 800)
    assert found.key is True
    assert found.why == "flagged as key account; no. 3 of 3 customers by revenue (5 won in 12 months)"
    assert standing(account(), small, 900, 800).key is False


def test_a_flag_makes_key_where_no_revenue_is_known() -> None:
    found = standing(account(flagged=True), WON)
    assert (found.key, found.why, found.tier) == (True, "flagged as key account", "A")


@pytest.mark.parametrize(
    ("growth", "before", "key"),
    [(2, 50.0, True), (2, 51.0, False), (0, 1.0, False), (2, None, False), (2, 0.0, False)],
    ids=["twice", "not quite", "off", "nothing before", "zero before"],
)
def test_growth_makes_key_too(growth: float, before: float | None, *, key: bool) -> None:
    grown = replace(WON, won_12m=100.0, won_12m_before=before)
    found = standing(account(), grown, 900, 800, growth=growth)
    assert found.key is key
    if key:
        assert found.why.startswith("won 2.0 times the 12 months before; no. 3 of 3")


def test_growth_compares_whole_years() -> None:
    found = revenue_of([deal(364, amount=30), deal(365, amount=10), deal(729, amount=5), deal(730, amount=99)], TODAY)
    assert (found.won_12m, found.won_12m_before, found.growth) == (30, 15, 2.0)


def test_a_mapped_field_says_what_the_revenue_is() -> None:
    found = standing(account(revenue=2000.0), replace(WON, won_12m=1.0), 900)
    assert (found.key, found.revenue) == (True, 2000.0)
    assert found.why == "no. 1 of 2 customers by revenue (2k a year by the mapped field)"
    assert standing(account(revenue=0.0), replace(WON, won_12m=1.0), 900).why == "no revenue by the mapped field"
    assert standing(account(), replace(WON, won_12m=950.0), 900).revenue == 950.0, "not filled: what was won counts"


RICH = replace(WON, won_12m=9e6, first_won_on=day_before(89))
TENDER = {"acme": day_before(-30)}


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"exclude": [{"account": "Acme", "reason": "ours"}]}, "excluded without end: ours"),
        ({"exclude": [{"account": "acme", "reason": "ours", "until": TODAY}]}, "excluded until 2 Nov 2026: ours"),
        ({"exclude": [{"account": "acme", "reason": "ours", "until": day_before(1)}]}, ""),
        ({"quiet_until": TENDER}, "quiet until 2 Dec 2026: no-contact period"),
        ({"quiet_until": {"Acme": day_before(1)}}, ""),
        ({"exclude_types": ["partner"]}, "excluded: its type is Partner"),
        ({"exclude_types": ["Competitor"]}, ""),
        ({"exclude_younger_than_days": 90}, "excluded: a customer for less than 90 days"),
        ({"exclude_younger_than_days": 89}, ""),
        ({}, ""),
    ],
)
def test_an_excluded_customer_is_not_key_and_says_why(table: dict[str, Any], reason: str) -> None:
    found = standing(account(type="Partner"), RICH, 900, **table)
    assert found.excluded == reason
    assert found.key is (not reason)
    assert found.why.startswith("no. 1 of 2"), "it keeps its rank"


def test_an_exclusion_makes_nobody_else_key() -> None:
    rows = [(account(), RICH), (account(id="second"), replace(WON, won_12m=5.0))]
    table = settings(top_share=0.5, exclude=[{"account": "acme", "reason": "ours"}])
    assert keys(standings(rows, table, TODAY)) == []


def test_nobody_knows_the_age_of_a_customer_without_any_day() -> None:
    table = {"exclude_younger_than_days": 90}
    assert standing(account(), Revenue(), 900, **table).excluded == ""
    assert standing(account(customer_since=day_before(3)), Revenue(), 900, **table).excluded


def test_a_prospect_is_no_customer_rather_than_excluded() -> None:
    table = {"exclude": [{"account": "acme", "reason": "ours"}]}
    found = standing(account(customer_type=False), Revenue(), 900, **table)
    assert (found.customer, found.excluded) == (False, "")


@pytest.mark.parametrize("growth", [1, 0.5, -1, math.nan, math.inf])
def test_growth_is_more_than_one_or_off(growth: float) -> None:
    with pytest.raises(ValidationError, match="must be more than 1, or 0 for off"):
        settings(growth=growth)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30), st.sampled_from([0.05, 0.2, 0.5, 1.0]))
def test_at_least_the_share_is_key_and_nobody_richer_is_left_out(amounts: list[int], top_share: float) -> None:
    found = ranked(*map(float, amounts), top_share=top_share)
    key = [standing.revenue or 0 for standing in found.values() if standing.key]
    rest = [standing.revenue or 0 for standing in found.values() if not standing.key]
    if any(amounts):
        assert len(key) >= min(math.ceil(top_share * len(amounts)), sum(amount > 0 for amount in amounts))
        assert not rest or min(key) > max(rest)
