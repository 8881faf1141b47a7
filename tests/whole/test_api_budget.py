"""A cycle says beforehand what it will cost, keeps to its share of the org's calls, and goes on by itself."""

from __future__ import annotations

from pathlib import Path

from tests.whole.rehearsal import rehearsal

SHARE = {"HOLDFAST__CONNECTIONS__SALESFORCE__API_RESERVE_FOR_WRITES": "0"}


def test_a_cycle_is_forecast_and_one_that_has_used_its_share_is_told_and_gone_on_with(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=20, rate_limits=False) as stage:
        only = ("run", "--connection", "salesforce")
        most = stage.sandbox.salesforce.quota.most
        stage.set(**SHARE, HOLDFAST__CONNECTIONS__SALESFORCE__API_SHARE_PER_CYCLE=str(22 / most))
        stopped = stage.told(*only, status=1)
        assert [
            line for line in stopped if "api_share_per_cycle" in line and "the next cycle goes on from here" in line
        ]
        stage.set(HOLDFAST__CONNECTIONS__SALESFORCE__API_SHARE_PER_CYCLE="1.0")
        one = stage.json(*only)["connections"]["salesforce"]
        assert all(stream["complete"] for stream in one["pulled"].values())
        again = stage.json(*only)["connections"]["salesforce"]
        assert again["forecast"].startswith(f"about {one['api_calls']} calls, ")
        # What earlier cycles of the day have used counts.
        stage.set(HOLDFAST__CONNECTIONS__SALESFORCE__API_SHARE_PER_DAY=str(30 / most))
        assert [line for line in stage.told(*only, status=1) if "api_share_per_day" in line]
