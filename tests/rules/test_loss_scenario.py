"""loss-scenario: a competitor on an open deal, or on one that was lost of late."""

from __future__ import annotations

import pytest

from rules.catalog.loss_scenario import LossScenario, check
from rules.model import Deal
from rules.rule import Clear, Raised, Unknown, Verdict
from tests.builders import day_before, deal, facts


def judge(*deals: Deal) -> Verdict:
    return check.check(facts(deals=deals), LossScenario())


def bid(days_ago: int | None, competitor: str | None = "Nordwerk", *, won: bool = False) -> Deal:
    closed_on = None if days_ago is None else day_before(days_ago)
    return Deal(
        id=f"d{days_ago}", account_id="acme", name="Line 4", closed_on=closed_on, won=won, competitor=competitor
    )


@pytest.mark.parametrize(("days", "expected"), [(0, Raised), (364, Raised), (365, Clear)])
def test_a_loss_is_told_for_a_year(days: int, expected: type) -> None:
    assert isinstance(judge(bid(days)), expected)


def test_an_open_deal_goes_before_a_lost_one() -> None:
    verdict = judge(bid(10, "Brightline"), bid(None))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == 'Nordwerk bids for the deal "Line 4" of Acme (as of 2 Nov 2026).'
    assert verdict.finding.figures == "Nordwerk, Brightline in play as of 2 Nov 2026"
    assert verdict.numbers == {"deals": 2, "competitor": "Nordwerk", "lost_on": None}


def test_a_lost_deal_tells_its_day() -> None:
    verdict = judge(bid(10))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == (
        'Nordwerk bid for the deal "Line 4" of Acme, which we lost on 23 Oct 2026 (as of 2 Nov 2026).'
    )


def test_who_was_beaten_is_no_danger() -> None:
    assert isinstance(judge(bid(10, won=True)), Clear)
    assert isinstance(judge(bid(10, "", won=True)), Clear)


def test_without_a_mapping_the_key_is_named() -> None:
    for verdict in (judge(deal(10)), judge()):
        assert isinstance(verdict, Unknown)
        assert "needs [connections.NAME.map.deals] competitor" in verdict.reason
