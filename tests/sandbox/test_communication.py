"""What the seller's company itself sends: planted on both sides of the quarter, and kept as each CRM keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.company import Company, SeedMailing
from connectors.sandbox.config_file import EXECUTIVE
from connectors.sandbox.dataset import read_dataset
from connectors.sandbox.made_up import make_company
from connectors.sandbox.reckoning import reckon
from tests.sandbox.salesforce_served import Client, served, small_company

CLOCK = datetime(2026, 11, 2, 6, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
RULE = "company-communication"


@pytest.fixture(scope="module")
def company() -> Company:
    return make_company(1, 300, 40, CLOCK)


def verdicts(company: Company, situation: str, days_later: int = 0) -> dict[str, set[str]]:
    """By CRM, on the accounts with that situation; who has no titles tells nothing anywhere."""
    executives = [user.id for user in company.users if EXECUTIVE.search(user.title)]
    day = CLOCK.date() + timedelta(days=days_later)
    reckoned = reckon(company, day, BERLIN, executives=executives, ignored=(), key_share=0.3)
    accounts = [truth.account for truth in company.truth if situation in truth.planted]
    assert len(accounts) >= 3
    return {crm: {reckoned[one][RULE][crm] for one in accounts} - {"unknown"} for crm in ("salesforce", "hubspot")}


@pytest.mark.parametrize(
    ("situation", "salesforce", "hubspot"),
    [
        ("bulletin-92-days-ago", {"clear"}, {"clear"}),
        ("bulletin-93-days-ago", {"raised"}, {"raised"}),
        ("bulletin-answered-92-days-ago", {"clear"}, {"clear"}),
        ("bulletin-answered-93-days-ago", {"raised"}, {"raised"}),
        ("bulletin-then-unsubscribed", {"clear"}, {"clear"}),
        ("coming-to-what-is-ahead", {"clear"}, {"clear"}),
        ("no-mailing-ever", {"raised"}, {"raised"}),
    ],
    ids=str,
)
def test_what_is_planted_decides(company: Company, situation: str, salesforce: set[str], hubspot: set[str]) -> None:
    assert verdicts(company, situation) == {"salesforce": salesforce, "hubspot": hubspot}


def test_a_day_later_or_earlier_the_verdict_is_another(company: Company) -> None:
    assert set().union(*verdicts(company, "bulletin-92-days-ago", 1).values()) == {"raised"}
    assert set().union(*verdicts(company, "bulletin-93-days-ago", -1).values()) == {"clear"}
    assert set().union(*verdicts(company, "bulletin-answered-92-days-ago", 1).values()) == {"raised"}


def test_of_what_is_ahead_salesforce_counts_the_day_and_hubspot_the_mail(company: Company) -> None:
    found = verdicts(company, "invited-to-what-is-ahead")
    assert "raised" in found["salesforce"]
    assert found["hubspot"] == {"clear"}


def test_a_company_that_sends_nothing_tells_nothing(company: Company) -> None:
    silent = replace(company, mailings=[])
    assert verdicts(silent, "no-mailing-ever") == {"salesforce": set(), "hubspot": set()}


def test_nobody_else_hears_of_it() -> None:
    """What is planted otherwise stays as it was."""
    company = make_company(3, 60, 20, CLOCK)
    without = replace(company, mailings=[], contacts=[replace(one, opted_out=False) for one in company.contacts])
    executives = [user.id for user in company.users if EXECUTIVE.search(user.title)]
    both = (
        reckon(one, CLOCK.date(), BERLIN, executives=executives, ignored=(), key_share=0.3)
        for one in (company, without)
    )
    told, untold = ({account: {**rules, RULE: None} for account, rules in one.items()} for one in both)
    assert told == untold


MAILED = [
    SeedMailing(name="Bulletin", contact="c1", at=CLOCK - timedelta(days=40), starts_on=date(2026, 9, 23)),
    SeedMailing(name="Letter", contact="c1", at=CLOCK - timedelta(days=9), answered_on=date(2026, 10, 25)),
    SeedMailing(name="Bulletin", contact="c2", at=CLOCK - timedelta(days=40), starts_on=date(2026, 9, 23)),
]


def with_mailings() -> Company:
    small = small_company()
    contacts = [replace(one, opted_out=one.id == "c2") for one in small.contacts]
    return replace(small, contacts=contacts, mailings=MAILED)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served(company=with_mailings()) as one:
        yield one


def rows(client: Client, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.control("GET", f"records/salesforce/{name}")["records"]
    return found


def test_salesforce_keeps_a_campaign_with_its_members(client: Client) -> None:
    campaigns = {one["Id"]: one for one in rows(client, "Campaign")}
    assert sorted((one["Name"], one["StartDate"]) for one in campaigns.values()) == [
        ("Bulletin", "2026-09-23"),
        ("Letter", None),
    ]
    members = [
        (campaigns[one["CampaignId"]]["Name"], one["ContactId"], one["Status"], one["FirstRespondedDate"])
        for one in rows(client, "CampaignMember")
    ]
    assert sorted(members) == sorted(
        [
            ("Bulletin", client.id_of("c1"), "Sent", None),
            ("Bulletin", client.id_of("c2"), "Sent", None),
            ("Letter", client.id_of("c1"), "Responded", "2026-10-25"),
        ]
    )
    assert [one["HasOptedOutOfEmail"] for one in rows(client, "Contact") if one["Id"] == client.id_of("c2")] == [True]


def test_salesforce_takes_somebody_into_a_campaign_once(client: Client) -> None:
    campaign = client.call("POST", "sobjects/Campaign", json={"Name": "Fair"}).json()["id"]
    place = {"CampaignId": campaign, "ContactId": client.id_of("c2")}
    made = client.call("POST", "sobjects/CampaignMember", json=place)
    assert made.status_code == 201, made.text
    again = client.call("POST", "sobjects/CampaignMember", json=place)
    assert (again.status_code, again.json()[0]["errorCode"]) == (400, "DUPLICATE_VALUE")
    nobody = client.call("POST", "sobjects/CampaignMember", json={"CampaignId": campaign})
    assert nobody.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    derived = client.call("POST", "sobjects/CampaignMember", json={**place, "HasResponded": True})
    assert derived.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_salesforce_keeps_the_day_of_the_first_answer_and_no_bin_of_members(client: Client) -> None:
    campaign = client.call("POST", "sobjects/Campaign", json={"Name": "Dinner"}).json()["id"]
    made = client.call(
        "POST", "sobjects/CampaignMember", json={"CampaignId": campaign, "ContactId": client.id_of("c1")}
    )
    path = f"sobjects/CampaignMember/{made.json()['id']}"
    assert (client.call("GET", path).json()["HasResponded"], client.call("GET", path).json()["FirstRespondedDate"]) == (
        False,
        None,
    )
    client.call("PATCH", path, json={"Status": "Responded"})
    answered = client.call("GET", path).json()
    assert answered["HasResponded"]
    client.call("PATCH", path, json={"Status": "Sent"})
    turned = client.call("GET", path).json()
    assert (turned["HasResponded"], turned["FirstRespondedDate"]) == (False, answered["FirstRespondedDate"])
    assert client.call("DELETE", path).status_code == 204
    gone = client.call(
        "GET", "queryAll", params={"q": f"SELECT Id FROM CampaignMember WHERE CampaignId = '{campaign}'"}
    )
    assert gone.json()["records"] == []


def test_hubspot_keeps_the_first_and_the_newest_mailing_on_the_contact(client: Client) -> None:
    kept = {
        one["properties"]["email"]: one["properties"]
        for one in client.control("GET", "records/hubspot/contacts")["records"]
    }
    emails = {one.id: one.email for one in small_company().contacts}
    first = kept[emails["c1"]]
    assert first["hs_email_first_send_date"] < first["hs_email_last_send_date"]
    assert (first["hs_email_last_email_name"], first["hs_email_delivered"]) == ("Letter", "2")
    assert first["hs_email_last_click_date"].startswith("2026-10-25")
    assert "hs_email_last_click_date" not in kept[emails["c2"]]
    assert kept[emails["c2"]]["hs_email_optout"] == "true"


def test_mailings_are_read_from_a_folder_too(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("id,name\na1,Acme\n")
    (tmp_path / "contacts.csv").write_text("id,account,name,opted_out\nc1,a1,Max,yes\n")
    header = "name,contact,at,starts_on,answered_on\n"
    (tmp_path / "mailings.csv").write_text(header + "Bulletin,c1,2026-10-01T08:00:00Z,2026-10-02,\n")
    company = read_dataset(tmp_path)
    at = datetime(2026, 10, 1, 8, tzinfo=UTC)
    assert company.mailings == [SeedMailing(name="Bulletin", contact="c1", at=at, starts_on=date(2026, 10, 2))]
    assert company.contacts[0].opted_out
    (tmp_path / "mailings.csv").write_text(header + "Bulletin,c9,2026-10-01T08:00:00Z,,\n")
    with pytest.raises(ValueError, match=r"mailings\.csv, line 2, column contact: 'c9' is not in contacts\.csv"):
        read_dataset(tmp_path)
