"""quiet-key-account: the lowest quarter by contact days for the revenue, among customers of years."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.catalog.quiet_key_account import QuietKeyAccount, check
from rules.facts import AccountFacts, Peers
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from tests.builders import KEY, account, day_before, deal, facts, meetings

RULE = check.check


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, QuietKeyAccount.model_validate(params))


def quiet(days: int = 2, others: int = 11, *, revenue: float | None = 100_000.0, **more: object) -> AccountFacts:
    """Acme of 100k revenue; the other key customers have 1, 2, 3 ... contact days for as much."""
    own = () if revenue is None else (days / (revenue / 1000) if revenue else 0.0,)
    peers = Peers(attention=tuple(sorted((*(number / 100 for number in range(1, others + 1)), *own))))
    usual = facts(meetings(days), standing=replace(KEY, revenue=revenue), deals=(deal(2000),), peers=peers)
    return replace(usual, **more)  # type: ignore[arg-type]  # replace checks the names


def test_little_attention_for_the_revenue_is_raised_with_its_numbers() -> None:
    verdict = judge(quiet())
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.MEDIUM
    assert dict(verdict.numbers) == {
        "person_days": 2,
        "revenue": 100_000.0,
        "attention": 0.02,
        "quieter_peers": 1,
        "peers": 12,
        "customer_since": day_before(2000).isoformat(),
        "tickets": 0,
    }


@pytest.mark.parametrize(
    ("days", "others", "expected"),
    [(3, 11, Raised), (4, 11, Clear), (3, 10, Clear), (2, 10, Raised), (2, 7, Raised), (3, 7, Clear), (0, 7, Raised)],
    ids=[
        "two of twelve have less",
        "three of twelve have less",
        "two of eleven have less",
        "one of eleven has less",
        "one of eight has less",
        "two of eight have less",
        "none has less",
    ],
)
def test_fewer_than_a_quarter_may_have_less(days: int, others: int, expected: type) -> None:
    assert isinstance(judge(quiet(days, others)), expected)


def test_equal_attention_is_not_less() -> None:
    peers = Peers(attention=(0.02,) * 8)
    assert isinstance(judge(quiet(2, peers=peers)), Raised)


@pytest.mark.parametrize(
    ("since", "expected"), [(730, Raised), (729, Clear)], ids=["exactly two years", "one day short"]
)
def test_only_customers_of_years_are_named(since: int, expected: type) -> None:
    assert isinstance(judge(quiet(deals=(deal(since),))), expected)
    by_field = account(customer_since=day_before(since))
    assert isinstance(judge(quiet(deals=(), account=by_field)), expected)


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (quiet(revenue=None), "no revenue is known"),
        (quiet(revenue=0.0), "no revenue is known"),
        (quiet(deals=()), "nothing says since when they are a customer"),
        (quiet(others=6), "too few key customers to compare with: 7"),
        (quiet(peers=None), "too few key customers to compare with: 0"),
        (quiet(others=6, deals=(deal(10),)), "too few key customers to compare with: 7"),
    ],
    ids=["no revenue", "a revenue of nothing", "since when", "seven peers", "no peers", "new and seven peers"],
)
def test_what_cannot_be_compared_is_unknown(known: AccountFacts, reason: str) -> None:
    verdict = judge(known)
    assert isinstance(verdict, Unknown)
    assert verdict.reason == reason


def test_eight_peers_are_enough_and_the_number_is_a_setting() -> None:
    assert isinstance(judge(quiet(others=7)), Raised)
    assert isinstance(judge(quiet(others=7), min_peers=9), Unknown)
    assert isinstance(judge(quiet(others=3), min_peers=4), Clear)


def test_the_text_is_stable_short_and_no_judgement() -> None:
    verdict = judge(quiet())
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "little attention for its revenue"
    assert text.why == (
        "Acme had 2 contact days with us in the 12 months to 2 Nov 2026, for a revenue of 100k; beside the 11 other key "
        "customers, only 1 gets less for theirs."
    )
    assert (
        text.clears_when
        == "Clears when 12 months have 4 contact days or more, by what the others get as of 2 Nov 2026."
    )
    assert text.first_step == (
        "Visit Maria Lopez (Buyer), last in real exchange with us on 1 Nov 2026; ask how they see us, and agree on a "
        "regular meeting."
    )
    assert text.figures == "2 contact days for 100k, 1 of 11 get less, as of 2 Nov 2026"


@pytest.mark.parametrize("others", [7, 8, 11, 15, 16])
def test_what_it_asks_for_clears_it(others: int) -> None:
    verdict = judge(quiet(0, others))
    assert isinstance(verdict, Raised)
    enough = next(days for days in range(40) if isinstance(judge(quiet(days, others)), Clear))
    assert f"have {enough} contact days or more" in verdict.finding.clears_when


def test_somebody_never_met_is_to_be_introduced() -> None:
    verdict = judge(quiet(0))
    assert isinstance(verdict, Raised)
    assert verdict.finding.first_step.startswith("Introduce yourself there; ask how")
    assert "none gets less" in verdict.finding.why
