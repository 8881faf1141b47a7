"""Exclusions and waivers: for whom, why, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from rules.exemptions import Exemption, Waiver, named, unmatched, waived
from rules.model import Account
from tests.builders import TODAY, day_before

ACME = Account(id="001A", name="Acme Corp", domain="acme.example")
TWINS = [Account(id=name, name="Twin Ltd", domain=f"{name}.example") for name in ("t1", "t2")]
ACCOUNTS = [ACME, *TWINS]


def waiver(**more: Any) -> Waiver:
    return Waiver.model_validate({"account": "Acme Corp", "rule": "sole-rep", "reason": "agreed", **more})


@pytest.mark.parametrize("text", ["001A", "acme.example", "ACME.example", "Acme Corp", " acme  corp "])
def test_an_account_is_named_by_id_domain_or_name(text: str) -> None:
    assert named([text], ACCOUNTS) == {text: ("001A",)}


def test_an_id_is_meant_exactly_and_before_a_domain_and_a_name() -> None:
    assert named(["001a"], ACCOUNTS) == {"001a": ()}
    lookalikes = [replace(ACME, id="x", domain="001A"), replace(ACME, id="y", name="acme.example", domain="")]
    assert named(["001A", "acme.example"], [*lookalikes, *ACCOUNTS]) == {"001A": ("001A",), "acme.example": ("001A",)}


def test_an_account_without_a_domain_is_not_found_by_nothing() -> None:
    assert named(["nobody"], [Account(id="a", name="")]) == {"nobody": ()}


def test_a_waiver_says_why_and_until_when() -> None:
    told = waived([waiver(until=date(2027, 1, 31)), waiver(rule="going-quiet", account="t1")], ACCOUNTS, TODAY)
    assert told == {
        "001A": {"sole-rep": "waived until 31 Jan 2027: agreed"},
        "t1": {"going-quiet": "waived without end: agreed"},
    }


@pytest.mark.parametrize(("days_ago", "holds"), [(0, True), (1, False)], ids=["its last day", "one day later"])
def test_a_waiver_holds_on_its_last_day_and_not_after(days_ago: int, *, holds: bool) -> None:
    assert bool(waived([waiver(until=day_before(days_ago))], ACCOUNTS, TODAY)) is holds


def test_a_name_of_two_accounts_waives_nothing() -> None:
    assert waived([waiver(account="Twin Ltd")], ACCOUNTS, TODAY) == {}


def test_what_names_no_account_or_several_is_told_with_the_remedy() -> None:
    found = unmatched({"waivers.0.account": "Acne", "waivers.1.account": "Twin Ltd", "x": "t1"}, [ACCOUNTS, []])
    assert found == [
        ("waivers.0.account", 'no account has this id, domain or name (is "Acne"); nothing follows from it'),
        ("waivers.1.account", '"Twin Ltd" names 2 accounts (t1, t2); write the id of the one meant'),
    ]


def test_an_account_in_one_of_the_connections_is_enough() -> None:
    assert unmatched({"waivers.0.account": "t1"}, [[ACME], TWINS]) == []
    assert unmatched({"waivers.0.account": "Acme Corp"}, [[ACME], [replace(ACME, id="77")]]) == []


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"rule": "sole-repp"}, "unknown rule, the nearest known one is sole-rep"),
        ({"reason": " "}, "at least 1 character"),
        ({"until": "soon"}, "must be a day such as 2027-01-31 (is soon)"),
        ({"until": "2027-02-30"}, "must be a day such as 2027-01-31 (is 2027-02-30)"),
        ({"until": 7}, "must be a day such as 2027-01-31 (is 7)"),
        ({"until": datetime(2027, 1, 1, 9)}, "must be a day such as"),  # noqa: DTZ001 - as TOML reads a local time
    ],
)
def test_a_wrong_waiver_is_refused(table: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        waiver(**table)
    assert message in str(caught.value)


def test_a_waiver_needs_its_reason() -> None:
    with pytest.raises(ValidationError, match="reason"):
        Exemption.model_validate({"account": "Acme Corp"})
