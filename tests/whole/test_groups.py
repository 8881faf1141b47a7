"""A company in two CRMs, judged as one: its verdicts, its tasks, and what happens when one of the two is silent."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.whole.rehearsal import DAY, Rehearsal, rehearsal
from tests.whole.truth import switch_on_every_rule

CRMS = ("salesforce", "hubspot")
ACCOUNTS = 200
FIELD = {"salesforce": ("Account", "Holdfast_Risk_Level__c"), "hubspot": ("companies", "holdfast_risk_level")}
Verdicts = dict[tuple[str, str, str], dict[str, Any]]

pytestmark = pytest.mark.slow
SOAK = bool(os.environ.get("HOLDFAST_SOAK"))


@pytest.fixture(scope="module")
def grouped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """The company in both CRMs, after two live cycles of the group."""
    folder = tmp_path_factory.mktemp("grouped")
    with rehearsal(folder, seed=1, accounts=ACCOUNTS, split=True, rate_limits=False) as stage:
        stage.live()
        stage.holdfast("run")
        stage.forget_journal()
        stage.holdfast("run")
        assert stage.writes() == [], "a second cycle sends nothing"
        yield stage


@pytest.fixture(scope="module")
def verdicts(grouped: Rehearsal) -> Verdicts:
    """Of every rule, by connection, account and rule."""
    with pytest.MonkeyPatch.context() as patch:
        stage = Rehearsal(url=grouped.url, config=grouped.config, sandbox=grouped.sandbox, patch=patch)
        switch_on_every_rule(stage)
        stage.holdfast("pull")
        return stage.verdicts()


def truth(stage: Rehearsal) -> list[dict[str, Any]]:
    """What was planted, of the accounts that both CRMs together tell as one: not of those that only a human could join."""
    proposed = {one["salesforce_id"] for one in stage.get("pairs")["proposals"]}
    return [one for one in stage.get("truth")["accounts"] if one["salesforce_id"] not in proposed]


def home(account: dict[str, Any]) -> tuple[str, str]:
    """Where an account is judged: the config says Salesforce, where it can be."""
    return next((crm, account[f"{crm}_id"]) for crm in CRMS if account[f"{crm}_id"])


def wrong(stage: Rehearsal, verdicts: Verdicts) -> list[tuple[Any, ...]]:
    """Verdicts that are not those of the planted truth, with what the worker tested."""
    return [
        (account["name"], crm, rule, by_crm[crm], got["verdict"], got["reason"], got["numbers"])
        for account in truth(stage)
        for crm, account_id in (home(account),)
        for rule, by_crm in account["expect"].items()
        if (got := verdicts[crm, account_id, rule])["verdict"] != by_crm[crm]
    ]


def test_the_verdicts_on_the_union_are_those_of_the_planted_truth(grouped: Rehearsal, verdicts: Verdicts) -> None:
    assert wrong(grouped, verdicts) == []


@pytest.mark.parametrize("seed", range(2, 11) if SOAK else [2])
def test_they_are_for_other_seeds(seed: int, tmp_path: Path) -> None:
    with rehearsal(tmp_path, seed=seed, accounts=300 if SOAK else 100, split=True, rate_limits=False) as stage:
        switch_on_every_rule(stage)
        stage.holdfast("pull")
        assert wrong(stage, stage.verdicts()) == []


def test_they_are_those_of_the_same_company_in_one_crm(
    grouped: Rehearsal, verdicts: Verdicts, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With the same numbers; but for what one CRM does not keep, where the other was not told of it."""
    with rehearsal(tmp_path_factory.mktemp("one"), seed=1, accounts=ACCOUNTS, rate_limits=False) as whole:
        switch_on_every_rule(whole)
        whole.holdfast("pull", "--connection", "salesforce")
        alone = whole.verdicts("--connection", "salesforce")
        planted = whole.get("truth")["accounts"]
        ids = {account["name"]: account["salesforce_id"] for account in planted}
        # Titles of our people, who is away, and the like.
        less = {rule for one in planted for rule, by_crm in one["expect"].items() if len(set(by_crm.values())) > 1}
    differing: Counter[str] = Counter()
    compared = 0
    for account in truth(grouped):
        for rule in account["expect"]:
            one, other = alone["salesforce", ids[account["name"]], rule], verdicts[(*home(account), rule)]
            compared += 1
            differing[rule] += (one["verdict"], _counted(one)) != (other["verdict"], _counted(other))
    assert set(+differing) <= less
    assert differing.total() < compared / 100


def _counted(verdict: dict[str, Any]) -> dict[str, Any]:
    """The numbers that a rule tested; names and ids are each CRM's own."""
    return {name: value for name, value in (verdict["numbers"] or {}).items() if not isinstance(value, str)}


def test_what_is_judged_elsewhere_says_so_and_has_no_verdict_of_its_own(grouped: Rehearsal, verdicts: Verdicts) -> None:
    pairs = grouped.get("pairs")["accounts"]
    assert pairs
    for pair in pairs:
        told = [one for (crm, account, _), one in verdicts.items() if (crm, account) == ("hubspot", pair["hubspot_id"])]
        assert {one["verdict"] for one in told} == {"not_applicable"}
        assert all(pair["salesforce_id"] in one["reason"] for one in told)


def test_the_members_of_a_conflict_keep_verdicts_of_their_own(grouped: Rehearsal, verdicts: Verdicts) -> None:
    wanted = {home(account): account["expect"] for account in truth(grouped)}
    members = [
        (crm, record_id)
        for one in grouped.get("pairs")["conflicts"]
        for crm, _, record_id in (member.partition(":") for member in one["members"])
        if one["of"] == "accounts"
    ]
    assert len(members) >= 12
    for crm, account_id in members:
        expect = wanted[crm, account_id]
        assert {rule: verdicts[crm, account_id, rule]["verdict"] for rule in expect} == {
            rule: by_crm[crm] for rule, by_crm in expect.items()
        }


def test_a_customer_has_its_tasks_once_where_the_group_says(grouped: Rehearsal) -> None:
    there = {crm: grouped.open_tasks(crm) for crm in CRMS}
    assert all(there.values()), "some customers are in HubSpot alone"
    for counted in there.values():
        assert set(counted.values()) == {1}, "one task for an account and a person"
    homes = {home(account) for account in truth(grouped)}
    assert {(crm, account) for crm, counted in there.items() for account, _ in counted} <= homes
    joined = {pair["hubspot_id"] for pair in grouped.get("pairs")["accounts"]}
    assert not {account for account, _ in there["hubspot"]} & joined
    due = {
        (of["connection"], account["id"])
        for of in grouped.json("report")
        for account in of["accounts"]
        if account["tier"] in {"A", "B"}
        and any(verdict["verdict"] == "raised" for verdict in account["verdicts"].values())
    }
    assert {(crm, account) for crm, counted in there.items() for account, _ in counted} == due


def test_a_customers_fields_are_the_same_in_both_crms(grouped: Rehearsal) -> None:
    levels = {crm: grouped.our_fields(crm) for crm in CRMS}
    written = 0
    for pair in grouped.get("pairs")["accounts"]:
        ours, theirs = levels["salesforce"][pair["salesforce_id"]], levels["hubspot"][pair["hubspot_id"]]
        assert _as_text(ours) == _as_text(theirs)
        written += bool(_as_text(ours))
    assert written > 20


def _as_text(fields: dict[str, Any]) -> dict[str, str]:
    """The fields that are not empty, as HubSpot would name and keep them."""
    told = {name.lower().removesuffix("__c"): value for name, value in fields.items() if value not in {None, ""}}
    return {name: str(value).removesuffix(".0") for name, value in told.items()}


def test_while_one_of_the_two_is_silent_the_union_keeps_what_it_had(grouped: Rehearsal) -> None:
    grouped.holdfast("run")
    joined = {pair["salesforce_id"] for pair in grouped.get("pairs")["accounts"]}
    before, tasks_before = _kept(grouped, joined), _tasks(grouped)
    grouped.advance(DAY)
    grouped.faults({"crm": "hubspot", "path": "emails", "status": 500, "kind": "server-error"})
    # Another threshold is news for every account.
    grouped.set(HOLDFAST__RULES__SOLE_REP__TOP_SHARE="0.55")
    grouped.told("run", status=1)
    meanwhile, tasks_meanwhile = _kept(grouped, joined), _tasks(grouped)
    grouped.faults()
    grouped.holdfast("run")
    after = _kept(grouped, joined)

    assert meanwhile["both"] == before["both"] != after["both"]
    assert meanwhile["hubspot alone"] == before["hubspot alone"]
    assert meanwhile["salesforce alone"] != before["salesforce alone"], "it rests on Salesforce and nothing else"
    touched = {key.split(":")[1] for key in tasks_meanwhile if tasks_meanwhile[key] != tasks_before.get(key)}
    assert not touched & joined


def _kept(stage: Rehearsal, joined: set[str]) -> dict[str, list[Any]]:
    """The verdicts that the store keeps, by where their accounts are."""
    salesforce, hubspot = (stage.kept(crm)["verdicts"] for crm in CRMS)
    return {
        "both": [row for row in salesforce if row[0] in joined],
        "salesforce alone": [row for row in salesforce if row[0] not in joined],
        "hubspot alone": hubspot,
    }


def _tasks(stage: Rehearsal) -> dict[str, dict[str, Any]]:
    return {one["key"]: one for crm in CRMS for one in stage.our_tasks(crm)}
