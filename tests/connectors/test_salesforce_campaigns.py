"""Salesforce's campaigns and their members, read where a rule needs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.diagnosis import Diagnosable
from rules.customers import CustomerSettings
from rules.facts import AccountFacts
from rules.model import Mailing
from sync.pull import complete_kinds
from sync.store.facts import FactsReader, Moment
from tests.connectors.salesforce_mirror import NAME, Mirror, mirrored

HOUR, DAY = 3600, 86_400
MAILINGS = frozenset({"mailings"})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("campaigns"), needs=MAILINGS, accounts=4, touches_per_account=4) as one:
        yield one


@pytest.fixture
def mirror(kept: Mirror) -> Mirror:
    """One org for all tests, each an hour after the one before, with a store that has all of it."""
    kept.org.advance(HOUR)
    kept.whole()
    kept.org.advance(HOUR)
    kept.org.control("DELETE", "journal")
    return kept


def make(mirror: Mirror, name: str, **values: Any) -> str:
    return str(mirror.org.control("POST", f"records/salesforce/{name}", values)["Id"])


def change(mirror: Mirror, name: str, record_id: str, **values: Any) -> None:
    mirror.org.control("PATCH", f"records/salesforce/{name}/{record_id}", values)


def somebody(mirror: Mirror, **more: Any) -> tuple[str, str]:
    """The ids of a new customer and of one who works there."""
    account = make(mirror, "Account", Name="Acme", Type="Customer - Direct")
    return account, make(mirror, "Contact", LastName="Berg", AccountId=account, **more)


def member(mirror: Mirror, contact: str, **campaign: Any) -> tuple[str, str]:
    """The ids of a new campaign and of the contact's place in it."""
    made = make(mirror, "Campaign", **{"Name": "Bulletin", **campaign})
    return made, make(mirror, "CampaignMember", CampaignId=made, ContactId=contact)


def facts(mirror: Mirror, account: str, on: date | None = None) -> AccountFacts:
    """As rules are told."""
    everybody = CustomerSettings.model_validate({"is": "won-deal-or-type", "key": "all"})
    utc = ZoneInfo("UTC")
    moment = Moment.end_of(on, utc) if on else Moment.at(mirror.now, utc)
    reader = FactsReader(mirror.engine, NAME, moment, customers=everybody, needs=MAILINGS)
    (found,) = reader.read([account])
    return found


def mailings(mirror: Mirror, account: str, on: date | None = None) -> tuple[Mailing, ...]:
    return facts(mirror, account, on).mailings


def asked(mirror: Mirror) -> str:
    return " ".join(one["query"] + one["path"] for one in mirror.org.control("GET", "journal")["requests"])


def test_nobody_is_asked_for_campaigns_that_no_rule_needs(mirror: Mirror) -> None:
    idle = Mirror(org=mirror.org, folder=mirror.folder)
    try:
        assert not idle.whole().keys() & {"campaigns", "campaign_members"}
        assert "Campaign" not in asked(mirror)
        assert "HasOptedOutOfEmail" not in asked(mirror)
    finally:
        idle.close()


def test_a_member_got_it_when_entered_or_when_the_campaign_began(mirror: Mirror) -> None:
    account, contact = somebody(mirror)
    today = mirror.now.date()
    member(mirror, contact, StartDate=str(today - timedelta(days=30)))
    member(mirror, contact, Name="Customer day", StartDate=str(today + timedelta(days=30)))
    mirror.whole()
    assert mailings(mirror, account) == (Mailing(contact_id=contact, name="Bulletin", got_on=today),)
    mirror.org.advance(30 * DAY)
    begun = Mailing(contact_id=contact, name="Customer day", got_on=today + timedelta(days=30))
    assert mailings(mirror, account)[1] == begun


def test_whoever_answers_has_heard_of_what_is_ahead(mirror: Mirror) -> None:
    account, contact = somebody(mirror)
    today = mirror.now.date()
    _, place = member(mirror, contact, StartDate=str(today + timedelta(days=30)))
    mirror.whole()
    mirror.org.advance(3 * DAY)
    change(mirror, "CampaignMember", place, Status="Responded")
    mirror.org.advance(HOUR)
    mirror.whole()
    answered = today + timedelta(days=3)
    assert mailings(mirror, account) == (
        Mailing(contact_id=contact, name="Bulletin", got_on=answered, answered_on=answered),
    )
    assert mailings(mirror, account, answered - timedelta(days=1)) == (), "as of a day before, nobody had"


def test_what_changes_on_a_campaign_reaches_those_who_are_in_it(mirror: Mirror) -> None:
    """No stamp of a member moves with it."""
    account, contact = somebody(mirror)
    campaign, _ = member(mirror, contact)
    mirror.whole()
    mirror.org.advance(2 * DAY)
    change(mirror, "Campaign", campaign, Name="Letter of the board")
    mirror.whole()
    assert [one.name for one in mailings(mirror, account)] == ["Letter of the board"]
    change(mirror, "Campaign", campaign, Status="Aborted")
    mirror.org.advance(HOUR)
    mirror.whole()
    assert mailings(mirror, account) == ()


def test_leads_are_nobodys_contacts(mirror: Mirror) -> None:
    campaign = make(mirror, "Campaign", Name="Trade fair")
    lead = make(mirror, "Lead", LastName="Roy", Company="Nord")
    place = make(mirror, "CampaignMember", CampaignId=campaign, LeadId=lead)
    mirror.whole()
    assert place not in mirror.rows("mailings")


@pytest.mark.parametrize("of", ["CampaignMember", "Campaign", "Contact"])
def test_a_member_that_is_taken_out_is_gone(mirror: Mirror, of: str) -> None:
    """There is no bin for members: only the log of deletions knows of one."""
    account, contact = somebody(mirror)
    campaign, place = member(mirror, contact)
    mirror.whole()
    assert len(mailings(mirror, account)) == 1
    mirror.org.advance(HOUR)
    which = {"CampaignMember": place, "Campaign": campaign, "Contact": contact}[of]
    mirror.org.control("DELETE", f"records/salesforce/{of}/{which}")
    mirror.org.advance(HOUR)
    mirror.whole()
    assert mailings(mirror, account) == ()
    compared = mirror.verify()
    assert (compared["mailings"].sound, compared["campaigns"].sound) == (True, True)


def test_a_merge_brings_what_they_got_to_the_winner(mirror: Mirror) -> None:
    account, winner = somebody(mirror)
    loser = make(mirror, "Contact", LastName="Berg", AccountId=account)
    _, place = member(mirror, loser)
    for _ in range(2):  # until its stamp lies behind every look-back: the merge leaves it there
        mirror.org.advance(HOUR)
        mirror.whole()
    mirror.org.advance(HOUR)
    who = mirror.org.records("User")[1]["Email"]
    mirror.org.control(
        "POST",
        "act",
        {"crm": "salesforce", "who": who, "do": "merge", "object": "Contact", "winner": winner, "loser": loser},
    )
    mirror.whole()
    assert mirror.rows("mailings")[place]["contact_id"] == winner


def test_who_wants_no_mailings_is_told_of(mirror: Mirror) -> None:
    account, contact = somebody(mirror, HasOptedOutOfEmail=True)
    mirror.whole()
    assert [one.opted_out for one in facts(mirror, account).contacts] == [True]
    change(mirror, "Contact", contact, HasOptedOutOfEmail=False)
    mirror.org.advance(HOUR)
    mirror.whole()
    assert [one.opted_out for one in facts(mirror, account).contacts] == [False]


def test_a_rule_that_is_switched_on_later_learns_who_wanted_none_before(mirror: Mirror) -> None:
    folder = mirror.folder / "later"
    folder.mkdir()
    account, contact = somebody(mirror, HasOptedOutOfEmail=True)
    before = Mirror(org=mirror.org, folder=folder)
    before.whole()
    assert not before.rows("contacts")[contact]["opted_out"]
    before.close()
    after = Mirror(org=mirror.org, folder=folder, needs=MAILINGS)
    after.whole()
    assert after.rows("contacts")[contact]["opted_out"]
    assert account in after.rows("accounts")
    after.close()


def test_an_org_without_the_marketing_feature_lacks_nothing_and_says_so(mirror: Mirror) -> None:
    lacking = ["Campaign", "CampaignMember"]
    mirror.org.set_up(lack=lacking)
    try:
        folder = mirror.folder / "without"
        folder.mkdir()
        bare = Mirror(org=mirror.org, folder=folder, needs=MAILINGS)
        pulled = bare.whole()
        assert (pulled["campaigns"].records, pulled["campaign_members"].records) == (0, 0)
        assert bare.set_aside() == []
        moment = Moment.at(mirror.now, ZoneInfo("UTC"))
        reader = FactsReader(bare.engine, NAME, moment, customers=CustomerSettings(), needs=MAILINGS)
        assert reader.untold["mailings"] == "the CRM shows no mailing to any contact; `holdfast doctor` says why"
        connector = bare.connector()
        assert isinstance(connector, Diagnosable)
        lines = [line for line in connector.diagnose() if line.what.startswith("Campaign")]
        assert [(line.state, "Marketing User" in line.remedy) for line in lines] == [("warn", True)] * 2
        connector.close()
        bare.close()
    finally:
        mirror.org.set_up(have=lacking)


def test_members_that_did_not_arrive_are_not_taken_for_whole(mirror: Mirror) -> None:
    mirror.org.set_up(hide=["CampaignMember.CampaignId"])
    mirror.org.advance(2 * DAY)
    pulled = mirror.pull()
    mirror.org.set_up(show=["CampaignMember.CampaignId"])
    connector = mirror.connector()
    whole = complete_kinds(connector.streams(), {name: one.complete for name, one in pulled.items()})
    assert "mailings" not in whole
    assert "CampaignMember.CampaignId" in pulled["campaign_members"].error
    connector.close()


def test_the_day_of_an_answer_may_be_hidden(mirror: Mirror) -> None:
    account, contact = somebody(mirror)
    _, place = member(mirror, contact)
    change(mirror, "CampaignMember", place, Status="Responded")
    mirror.org.set_up(hide=["CampaignMember.FirstRespondedDate"])
    mirror.org.advance(2 * DAY)
    mirror.whole()
    assert [one.answered_on for one in mailings(mirror, account)] == [None]
    mirror.org.set_up(show=["CampaignMember.FirstRespondedDate"])
