"""A company that stands whole in both CRMs, judged as one: as in one of them alone, and every task once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.whole.rehearsal import Rehearsal, rehearsal

pytestmark = pytest.mark.slow

_GROUP = """
[groups.main]
connections = ["salesforce", "hubspot"]
tasks_in = "salesforce"
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """After one live cycle of the group."""
    with rehearsal(tmp_path_factory.mktemp("union"), seed=3, accounts=40, rate_limits=False) as stage:
        stage.config.write_text(stage.config.read_text() + _GROUP)
        stage.live()
        stage.holdfast("run")
        yield stage


def test_what_stands_twice_is_judged_as_what_stands_once(both: Rehearsal) -> None:
    """But for what one of the CRMs cannot tell of: the other can."""
    joined, planted = both.judged("salesforce"), {crm: both.truth(crm) for crm in ("salesforce", "hubspot")}
    names = {one["salesforce_id"]: one["hubspot_id"] for one in both.get("truth")["accounts"]}
    assert len({verdict for (_, rule), verdict in joined.items() if rule == "sole-rep"}) == 4
    for (account_id, rule), verdict in planted["salesforce"].items():
        assert joined[account_id, rule] in {verdict, planted["hubspot"][names[account_id], rule]}
    agreed = {key for key, verdict in planted["salesforce"].items() if joined[key] == verdict}
    assert len(agreed) > 0.98 * len(planted["salesforce"])


def test_every_touch_that_both_keep_counts_once(both: Rehearsal) -> None:
    whole = [one for one in both.get("truth")["accounts"] if "sole rep" in " ".join(one["planted"])]
    told, *_ = both.json("explain", (whole or both.get("truth")["accounts"])[0]["salesforce_id"])
    assert told["connection"] == "salesforce"
    assert {tuple(touch["sources"]) for touch in told["touches"]} == {("salesforce", "hubspot")}


def test_tasks_stand_in_one_crm_and_a_second_cycle_sends_nothing(both: Rehearsal) -> None:
    there = both.open_tasks("salesforce")
    assert there
    assert set(there.values()) == {1}
    assert not both.open_tasks("hubspot")
    both.forget_journal()
    both.holdfast("run")
    assert both.writes() == []


def test_the_same_fields_stand_in_both(both: Rehearsal) -> None:
    ours, theirs = both.our_fields("salesforce"), both.our_fields("hubspot")
    told = 0
    for one in both.get("truth")["accounts"]:
        here, there = ours[one["salesforce_id"]], theirs[one["hubspot_id"]]
        assert here.get("Holdfast_Risk_Level__c") == (there.get("holdfast_risk_level") or None)
        told += bool(there.get("holdfast_risk_level"))
    assert told
