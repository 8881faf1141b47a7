"""The company that lives in two CRMs: the parts are the whole, links and spellings are as the CRMs keep them."""

from __future__ import annotations

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from connectors.sandbox.company import Company
from connectors.sandbox.made_up import make_company
from connectors.sandbox.salesforce_ids import full_id
from connectors.sandbox.server import Sandbox
from connectors.sandbox.split import KINDS, Split, divide
from connectors.sandbox.split_spelling import FREE_MAIL, SHARED_DOMAIN
from sync.cli.main import main

CLOCK = datetime(2026, 11, 2, 6, tzinfo=UTC)
SEEDS = range(1, 4)
ROWS = ("users", "accounts", "contacts", "touches", "deals", "tickets")
CONFLICTS = {"deleted-id", "one-to-many", "one-domain", "chain", "circular-parents", "several-addresses", "one-address"}


def company(seed: int, accounts: int = 300) -> Company:
    return make_company(seed, accounts, 40, CLOCK)


@pytest.fixture(scope="module", params=SEEDS)
def parted(request: pytest.FixtureRequest) -> tuple[Company, Split]:
    whole = company(request.param)
    return whole, divide(whole, request.param)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    sandbox = Sandbox(seed=1, accounts=120, split=True, rate_limits=False)
    sandbox.start_in_thread()
    yield sandbox
    sandbox.stop()


def control(sandbox: Sandbox, path: str, **query: Any) -> Any:
    reply = requests.get(f"{sandbox.url}/_sandbox/{path}", params=query, timeout=60)
    reply.raise_for_status()
    return reply.json()


def test_both_halves_together_are_the_company(parted: tuple[Company, Split]) -> None:
    whole, split = parted
    for name in ROWS:
        halves = [{row.id for row in getattr(half, name)} for half in split.halves.values()]
        gone = {row.id for row in split.halves["salesforce"].accounts if row.deleted}
        assert set.union(*halves) - gone == {row.id for row in getattr(whole, name)}, name
    assert {one.name for one in fields(Company) if one.type.startswith("list[")} == {*ROWS, "team", "mailings"}
    mailings = Counter((one.contact, one.name) for half in split.halves.values() for one in half.mailings)
    assert mailings == Counter((one.contact, one.name) for one in whole.mailings)
    members = Counter((one.account, one.user, one.role) for half in split.halves.values() for one in half.team)
    assert members == Counter((one.account, one.user, one.role) for one in whole.team)


def test_whoever_was_in_a_touch_is_known_wherever_the_touch_is(parted: tuple[Company, Split]) -> None:
    _, split = parted
    for crm, half in split.halves.items():
        users, accounts = {one.id for one in half.users}, {one.id for one in half.accounts}
        contacts = {one.id: one.account for one in half.contacts}
        assert set(contacts.values()) <= accounts
        for touch in half.touches:
            assert touch.account in accounts
            assert users >= set(touch.users)
            assert contacts.keys() >= set(touch.contacts)
        assert accounts >= {one.account for one in half.deals} | {one.account for one in half.tickets}
        assert accounts >= {one.account for one in half.team}
        assert users >= {one.user for one in half.team}
        assert contacts.keys() >= {one.contact for one in half.tickets if one.contact}
        if crm == "salesforce":
            assert users >= {one.owner for one in half.accounts if not one.deleted}


def test_everything_is_in_one_crm_alone_and_in_the_other_alone_and_in_both(parted: tuple[Company, Split]) -> None:
    _, split = parted
    for kind in KINDS:
        name = "users" if kind == "people" else kind
        there = {crm: {row.id for row in getattr(half, name)} for crm, half in split.halves.items()}
        both = there["salesforce"] & there["hubspot"]
        assert both == {*split.pairs[kind], *(split.proposals if kind == "accounts" else ())}
        assert min(map(len, (both, there["salesforce"] - both, there["hubspot"] - both))) >= 2, name
    assert {kind: set(split.pairs[kind].values()) for kind in KINDS} == {
        "accounts": {"native", "domain"},
        "contacts": {"native", "email"},
        "people": {"email"},
        "deals": {"native", "name"},
        "touches": {"uid", "minute", "day"},
    }
    assert split.proposals


def test_what_a_pair_is_found_by_is_there_in_both_crms(parted: tuple[Company, Split]) -> None:
    _, split = parted
    salesforce, hubspot = ({name: {row.id: row for row in getattr(half, name)} for name in ROWS}
                           for half in (split.halves["salesforce"], split.halves["hubspot"]))  # fmt: skip
    for account, by in split.pairs["accounts"].items():
        if by == "domain":
            assert _own_part(salesforce["accounts"][account].website) == _own_part(hubspot["accounts"][account].domain)
        else:
            assert split.natives[account] == account
    for contact, by in split.pairs["contacts"].items():
        ours, theirs = salesforce["contacts"][contact], hubspot["contacts"][contact]
        assert by == "native" or ours.email.lower() in (theirs.email, *theirs.other_emails)
    for user in split.pairs["people"]:
        assert salesforce["users"][user].email.lower() == hubspot["users"][user].email
    for touch, by in split.pairs["touches"].items():
        uids = {rows["touches"][touch].uid.strip("<>").lower() for rows in (salesforce, hubspot)}
        assert (len(uids), "" in uids) == (1, by != "uid")


def _own_part(address: str) -> str:
    """What stands before the ending that many firms share."""
    host = urlsplit(address.lower() if "//" in address else f"//{address.lower()}").hostname or ""
    for ending in (".co.uk", ".com.au"):
        host = host.removesuffix(ending)
    labels = host.split(".")
    return labels[-1] if host.endswith(labels[-1]) and len(labels[-1]) > 3 else labels[-2]


def test_the_spellings_differ_as_they_do_in_life(parted: tuple[Company, Split]) -> None:
    _, split = parted
    salesforce, hubspot = split.halves["salesforce"], split.halves["hubspot"]
    websites = [one.website for one in salesforce.accounts]
    for sample in ("https://www.", "HTTPS://", "shop.", "/contact", ".co.uk"):
        assert any(sample in website for website in websites), sample
    domains = [one.domain for one in hubspot.accounts]
    assert any(domain.startswith("www.") for domain in domains)
    assert any(domain.isupper() for domain in domains)
    assert any(one.email.isupper() for one in salesforce.contacts)
    assert any(one.email != one.email.lower() for one in salesforce.users)
    assert {len(one.other_emails) for one in hubspot.contacts} == {0, 1, 2, 3, 4}
    assert any(one.email.endswith(FREE_MAIL) for one in hubspot.contacts)
    emails = [each for one in hubspot.contacts for each in (one.email, *one.other_emails)]
    assert len(set(emails)) == len(emails), "an address leads to one contact of a portal"
    names = {one.id: one.name for one in salesforce.accounts}
    assert any(names.get(one.id, one.name) != one.name for one in hubspot.accounts)
    assert any(not one.owner for one in hubspot.accounts)
    assert {"", "Germany", "DE", "USA"} <= {one.country for one in (*salesforce.accounts, *hubspot.accounts)}


def test_each_trouble_is_planted_on_what_is_in_one_crm_alone(parted: tuple[Company, Split]) -> None:
    _, split = parted
    assert {one.kind for one in split.conflicts} == CONFLICTS
    members = [member for one in split.conflicts for member in one.members]
    assert len(set(members)) == len(members), "each has one trouble at most"
    for crm, row_id in members:
        other = split.halves["hubspot" if crm == "salesforce" else "salesforce"]
        assert row_id not in {one.id for one in other.accounts} | {one.id for one in other.contacts}
    for trap in (FREE_MAIL[0], SHARED_DOMAIN):
        for half in split.halves.values():
            assert any(trap in (one.website or one.domain).lower() for one in half.accounts), trap
    own_parts = Counter(_own_part(one.website) for one in split.halves["salesforce"].accounts if one.website)
    linked = {
        _own_part(one.website) for one in split.halves["salesforce"].accounts if one.id in split.pairs["accounts"]
    }
    assert any(count > 1 and own_part in linked for own_part, count in own_parts.items()), "beside a pair"


def test_the_same_seed_parts_a_company_in_the_same_way_and_another_in_another() -> None:
    one, again, other = (divide(company(1, 60), seed) for seed in (1, 1, 2))
    assert one == again
    assert one.pairs != other.pairs


@pytest.mark.parametrize("accounts", [1, 2, 5, 11, 40])
def test_a_company_of_any_size_can_be_parted(accounts: int) -> None:
    whole = company(1, accounts)
    split = divide(whole, 1)
    assert {one.id for half in split.halves.values() for one in half.touches} == {one.id for one in whole.touches}


def test_pairs_are_told_with_the_ids_of_both_crms(running: Sandbox) -> None:
    told = control(running, "pairs")
    assert set(told) == {*KINDS, "proposals", "conflicts"}
    objects = {"accounts": ("Account", "companies"), "contacts": ("Contact", "contacts"), "people": ("User", "owners"),
               "deals": ("Opportunity", "deals")}  # fmt: skip
    for kind, (in_salesforce, in_hubspot) in objects.items():
        for pair in told[kind]:
            assert running.salesforce.record(in_salesforce, pair["salesforce_id"])
            assert running.hubspot.record(in_hubspot, pair["hubspot_id"])
    prefixes = Counter(pair["salesforce_id"][:3] for pair in told["touches"])
    assert set(prefixes) == {"02s", "00U", "00T"}, "e-mails, meetings, calls"
    assert {member.partition(":")[0] for one in told["conflicts"] for member in one["members"]} == {
        "salesforce",
        "hubspot",
    }
    assert all(one["why"] for one in told["conflicts"])
    text = json.dumps(told)
    control_again = Sandbox(seed=1, accounts=120, split=True, rate_limits=False)
    assert control_again.split is not None
    assert json.dumps(control_again.split.told({n: c.ids for n, c in control_again.crms.items()})) == text


def test_the_ids_that_the_integration_left_lead_to_records_of_salesforce(running: Sandbox) -> None:
    told = control(running, "pairs")
    lengths: Counter[int] = Counter()
    for kind, plural, name in (("accounts", "companies", "salesforceaccountid"),
                               ("contacts", "contacts", "salesforcecontactid"),
                               ("deals", "deals", "hs_salesforceopportunityid")):  # fmt: skip
        linked = {pair["hubspot_id"]: pair["salesforce_id"] for pair in told[kind] if pair["by"] == "native"}
        values = {one["id"]: one["properties"][name] or "" for one in _listed(running, plural, name)}
        lengths.update(map(len, values.values()))
        assert {one: full_id(values[one]) for one in linked} == linked
        assert linked
    assert set(lengths) == {0, 15, 18}
    (gone,) = [one for one in told["conflicts"] if one["kind"] == "deleted-id"]
    company_id = gone["members"][0].partition(":")[2]
    native = full_id(_record(running, "hubspot", "companies", company_id)["properties"]["salesforceaccountid"]) or ""
    assert _record(running, "salesforce", "Account", native)["IsDeleted"] is True


def _listed(sandbox: Sandbox, plural: str, name: str) -> Iterator[dict[str, Any]]:
    """All records as the API lists them, with one property."""
    query = {"limit": "100", "properties": name}
    while True:
        headers = {"Authorization": f"Bearer {sandbox.hubspot.access_token}"}
        url = f"{sandbox.url}/crm/v3/objects/{plural}"
        page = requests.get(url, params=query, headers=headers, timeout=60).json()
        yield from page["results"]
        if "paging" not in page:
            return
        query["after"] = page["paging"]["next"]["after"]


def _record(sandbox: Sandbox, crm: str, name: str, record_id: str) -> dict[str, Any]:
    found = sandbox.crms[crm].record(name, record_id)
    assert found is not None
    return found


def test_a_message_has_one_id_in_both_crms(running: Sandbox) -> None:
    told = [one for one in control(running, "pairs")["touches"] if one["by"] == "uid"]
    assert told
    for pair in told:
        ours = _record(running, "salesforce", "EmailMessage", pair["salesforce_id"])["MessageIdentifier"]
        theirs = _record(running, "hubspot", "emails", pair["hubspot_id"])["properties"]["hs_email_message_id"]
        assert ours.strip("<>").lower() == theirs.strip("<>").lower()


def test_what_was_planted_is_told_of_the_company_as_a_whole(running: Sandbox) -> None:
    told = control(running, "truth")["accounts"]
    whole = company(1, 120)
    assert [one["planted"] for one in told] == [list(one.planted) for one in whole.truth]
    differing = Counter(
        rule
        for one, alone in zip(told, whole.truth, strict=True)
        for rule, by_crm in alone.expect.items()
        if one["expect"][rule] != dict.fromkeys(by_crm, by_crm["salesforce"])
    )
    less = {rule for one in whole.truth for rule, by_crm in one.expect.items() if len(set(by_crm.values())) > 1}
    assert set(differing) <= less, "only where one CRM keeps less than the other"
    assert 0 < differing.total() < sum(len(one["expect"]) for one in told) / 200
    alone = Counter((one["salesforce_id"] is None, one["hubspot_id"] is None) for one in told)
    assert set(alone) == {(False, False), (True, False), (False, True)}


def test_the_written_config_makes_a_group_of_both(running: Sandbox, tmp_path: Path) -> None:
    running.write_config(tmp_path / "config.toml")
    assert tomllib.loads((tmp_path / "config.toml").read_text("utf-8"))["groups"] == {
        "main": {
            "connections": ["salesforce", "hubspot"],
            "tasks_in": "salesforce",
            "fields_in": "both",
            "shared_domains": [SHARED_DOMAIN],
        },
    }


def test_a_reset_parts_the_company_of_the_new_seed() -> None:
    sandbox = Sandbox(seed=1, accounts=11, split=True)
    sandbox.reset(2)
    assert sandbox.split == divide(company(2, 11), 2)


def test_without_split_both_crms_hold_the_whole_and_there_are_no_pairs(tmp_path: Path) -> None:
    sandbox = Sandbox(seed=1, accounts=11)
    sandbox.start_in_thread()
    try:
        reply = requests.get(f"{sandbox.url}/_sandbox/pairs", timeout=60)
        assert (reply.status_code, "--split" in reply.json()["error"]) == (400, True)
        sandbox.write_config(tmp_path / "config.toml")
    finally:
        sandbox.stop()
    assert "groups" not in tomllib.loads((tmp_path / "config.toml").read_text("utf-8"))
    assert "salesforceaccountid" not in sandbox.hubspot.account.data.definitions[_companies(sandbox)]


def _companies(sandbox: Sandbox) -> Any:
    return next(kind for kind in sandbox.hubspot.account.data.definitions if kind.plural == "companies")


def test_a_dataset_cannot_be_split(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only a made-up company can be split"):
        Sandbox(dataset=tmp_path, split=True)


def test_the_command_says_in_one_line_that_a_dataset_cannot_be_split(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sandbox", "serve", "--split", "--dataset", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("only a made-up company can be split: no dataset with --split")
