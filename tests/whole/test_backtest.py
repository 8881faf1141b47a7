"""`rules backtest` and `rules tune` from the command line, against the sandbox."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.whole.rehearsal import Rehearsal, rehearsal

RULES = ("going-quiet", "single-contact", "sole-rep")
SILENT = ("--outcome", "silent-180", "--connection", "salesforce")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("backtest"), accounts=40, rate_limits=False) as running:
        running.holdfast("run")
        yield running


def test_a_back_test_says_of_each_rule_how_it_did_and_keeps_nothing(stage: Rehearsal) -> None:
    before = (stage.pulled("salesforce"), stage.kept("salesforce"), stage.sql("SELECT count(*) FROM cycles"))
    (told,) = stage.json("rules", "backtest", *RULES, *SILENT)
    assert list(told["rules"]) == list(RULES)
    assert (told["connection"], told["outcome"]["name"], len(told["month_ends"])) == ("salesforce", "silent-180", 24)
    for one in told["rules"].values():
        assert one["too_few"] == (one["outcomes"]["caught"] + one["outcomes"]["missed"] < 15)
        assert (one["precision"] is None) == one["too_few"]
        months = sum(one["account_months"].values())
        assert 0 < months <= told["accounts"] * 24
    assert (stage.pulled("salesforce"), stage.kept("salesforce"), stage.sql("SELECT count(*) FROM cycles")) == before


def test_without_a_name_it_is_the_rules_that_are_on_and_with_all_those_that_can_be(stage: Rehearsal) -> None:
    short = ("--months", "2", *SILENT)
    (on,) = stage.json("rules", "backtest", *short)
    (every,) = stage.json("rules", "backtest", "--all", *short)
    assert "sole-rep" in on["rules"]
    assert "rep-concentration" not in on["rules"]
    assert set(on["rules"]) | {"rep-concentration"} <= set(every["rules"])


def test_a_candidate_config_is_told_after_the_one_in_use(stage: Rehearsal) -> None:
    candidate = stage.config.with_name("candidate.toml")
    text = stage.config.read_text(encoding="utf-8")
    # A table of its own: the config that the sandbox writes has none for this rule.
    candidate.write_text(f"{text}\n[rules.single-contact]\nmin_touch_days = 400\n", encoding="utf-8")
    one, other = stage.json("rules", "backtest", "single-contact", "--against", str(candidate), *SILENT)
    assert (one["config"], other["config"]) == ("config.toml", "candidate.toml")
    judged = [told["rules"]["single-contact"]["accounts"]["judged"] for told in (one, other)]
    assert judged[0] > judged[1] == 0


def test_tuning_tells_each_value_with_its_load_and_chooses_none(stage: Rehearsal) -> None:
    (told,) = stage.json("rules", "tune", "single-contact", "min_touch_days", "4", "12", "4", "--months", "6", *SILENT)
    assert [one["value"] for one in told["values"]] == [4, 8, 12]
    judged = [one["record"]["accounts"]["judged"] for one in told["values"]]
    assert judged == sorted(judged, reverse=True)
    assert judged[0] > 0
    assert {"new_per_person_week", "first_week", "today", "cap_new_per_week"} <= set(told["values"][0]["load"])
    text = stage.holdfast(
        "rules", "tune", "single-contact", "min_touch_days", "--values", "8,4", "--months", "2", *SILENT
    )
    assert "Nothing is chosen here." in text
    assert max(map(len, text.splitlines())) < 100
    assert json.dumps(told).isascii()


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("backtest", "sole-reb"), 2, "unknown rule, the nearest known one is sole-rep"),
        (("backtest", "--outcome", "gone"), 2, "--outcome gone: no such outcome; known are churned, "),
        (("backtest", "--outcome", "field:x"), 2, "[connections.salesforce.map.outcomes] names no such field"),
        (
            ("tune", "sole-rep", "severity", "1", "2", "1"),
            2,
            "rules.sole-rep.severity: no number to tune; sole-rep has ",
        ),
        (("tune", "sole-rep", "top_share", "0.9", "0.7", "0.1"), 2, "TO at least FROM (are 0.9 0.7 0.1)"),
        (("tune", "sole-rep", "top_share", "0.1", "0.9", "0.001"), 2, "at most 25 values"),
        (("tune", "sole-rep", "top_share", "a", "b", "c"), 2, "must be numbers (are a b c)"),
        (("tune", "sole-rep", "top_share", "--values", "0.7;0.8"), 2, "--values: must be numbers with commas"),
        (("tune", "sole-rep", "top_share", "0.7"), 2, "which values? Say FROM TO STEP, or --values"),
        (
            ("tune", "sole-rep", "top_share", "0.9", "1.1", "0.1"),
            2,
            "rules.sole-rep.top_share: must be at most 1 (is 1.1)",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_is_one_line(stage: Rehearsal, arguments: tuple[str, ...], status: int, line: str) -> None:
    (told,) = stage.told("rules", *arguments, "--connection", "salesforce", status=status)
    assert line in told


@pytest.mark.parametrize(("crm", "field"), [("salesforce", "Customer_Since__c"), ("hubspot", "customer_since")])
def test_a_mapped_day_comes_from_the_crm_and_a_field_that_it_lacks_is_one_line(
    tmp_path: Path, crm: str, field: str
) -> None:
    with rehearsal(tmp_path, accounts=12, rate_limits=False) as running:
        running.set(**{f"HOLDFAST__CONNECTIONS__{crm.upper()}__MAP__OUTCOMES__BEGUN": field})
        running.holdfast("run", "--connection", crm)
        days = running.sql(f"SELECT json_extract(outcomes, '$.begun') FROM accounts WHERE connection = '{crm}'")
        since = running.sql(f"SELECT customer_since FROM accounts WHERE connection = '{crm}'")
        assert days == since
        assert any(day for (day,) in days)
        running.set(**{f"HOLDFAST__CONNECTIONS__{crm.upper()}__MAP__OUTCOMES__BEGUN": "Nowhere__c"})
        lines = running.told("run", "--connection", crm, status=1)
        assert any("Nowhere__c" in line for line in lines), lines


def test_deals_that_are_open_have_no_closing_day_and_lost_ones_have(tmp_path: Path) -> None:
    with rehearsal(tmp_path, accounts=12, rate_limits=False) as running:
        for stage in ("closedlost", "closedwon", "appointmentscheduled"):
            values = {"dealname": stage, "dealstage": stage, "closedate": "2026-03-01T00:00:00Z", "amount": "5"}
            running.post("records/hubspot/deals", {"properties": values})
        running.holdfast("run", "--connection", "hubspot")
        rows = dict(
            running.sql("SELECT name, closed_on || ' ' || won FROM deals WHERE name IN ('closedlost', 'closedwon')")
        )
        assert rows == {"closedlost": "2026-03-01 0", "closedwon": "2026-03-01 1"}
        assert running.sql("SELECT closed_on FROM deals WHERE name = 'appointmentscheduled'") == [(None,)]
