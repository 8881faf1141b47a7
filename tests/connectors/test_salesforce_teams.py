"""Account and deal teams: read where a rule needs them, although no query shows who was taken off one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.protocol import ON_DEMAND
from rules.customers import CustomerSettings
from rules.model import TeamMember
from sync.pull import complete_kinds
from sync.store.facts import FactsReader, Moment
from tests.connectors.salesforce_mirror import NAME, Mirror, mirrored

HOUR, DAY = 3600, 86_400
TEAMS = {"account_team_members", "opportunity_team_members"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("teams"), needs=ON_DEMAND, accounts=4, touches_per_account=4) as one:
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


def drop(mirror: Mirror, name: str, record_id: str) -> None:
    mirror.org.control("DELETE", f"records/salesforce/{name}/{record_id}")


def ids(mirror: Mirror, name: str) -> list[str]:
    return [row["Id"] for row in mirror.org.records(name) if not row.get("IsDeleted")]


def join(mirror: Mirror, role: str = "Sales Rep", **about: Any) -> str:
    name = "AccountTeamMember" if "AccountId" in about else "OpportunityTeamMember"
    return make(mirror, name, UserId=ids(mirror, "User")[1], TeamMemberRole=role, **about)


def asked_of(mirror: Mirror) -> str:
    return " ".join(each["query"] + each["path"] for each in mirror.org.control("GET", "journal")["requests"])


def team(mirror: Mirror, account: str) -> tuple[TeamMember, ...]:
    """As rules are told of it."""
    moment = Moment.at(mirror.now, ZoneInfo("UTC"))
    everybody = CustomerSettings.model_validate({"is": "won-deal-or-type", "key": "all"})
    reader = FactsReader(mirror.engine, NAME, moment, customers=everybody, needs=ON_DEMAND)
    (facts,) = reader.read([account])
    return facts.team


def customer(mirror: Mirror) -> str:
    """A new customer with nobody on its team."""
    return make(mirror, "Account", Name="Acme", Type="Customer - Direct")


def test_nobody_is_asked_for_a_team_that_no_rule_needs(mirror: Mirror) -> None:
    idle = Mirror(org=mirror.org, folder=mirror.folder)
    try:
        pulled = idle.whole()
        assert not TEAMS & pulled.keys()
        assert "TeamMember" not in asked_of(mirror)
        mirror.whole()
        assert "AccountTeamMember" in asked_of(mirror)
    finally:
        idle.close()


def test_who_is_on_a_team_is_told_with_role_and_day(mirror: Mirror) -> None:
    account = customer(mirror)
    deal = make(mirror, "Opportunity", Name="Deal", AccountId=account, StageName="Prospecting", CloseDate="2026-12-01")
    today, user = mirror.now.date(), ids(mirror, "User")[1]
    join(mirror, AccountId=account)
    join(mirror, "Executive Sponsor", OpportunityId=deal)
    mirror.whole()
    assert team(mirror, account) == (
        TeamMember(account_id=account, user_id=user, role="Sales Rep", since=today),
        TeamMember(account_id=account, user_id=user, role="Executive Sponsor", since=today, deal_id=deal),
    )


def test_4_2_who_is_taken_off_a_team_is_gone_although_no_query_shows_it(mirror: Mirror) -> None:
    account = customer(mirror)
    deal = make(mirror, "Opportunity", Name="Deal", AccountId=account, StageName="Prospecting", CloseDate="2026-12-01")
    members = {
        "AccountTeamMember": join(mirror, AccountId=account),
        "OpportunityTeamMember": join(mirror, OpportunityId=deal),
    }
    mirror.whole()
    assert mirror.rows("team").keys() >= set(members.values())
    mirror.org.advance(HOUR)
    for name, member in members.items():
        drop(mirror, name, member)
    mirror.org.advance(HOUR)
    mirror.whole()
    assert not mirror.rows("team").keys() & set(members.values())
    assert team(mirror, account) == ()
    assert mirror.verify()["team"].sound


def test_a_removal_that_salesforces_log_has_forgotten_is_told_and_mended_by_verify(mirror: Mirror) -> None:
    member = join(mirror, AccountId=customer(mirror))
    mirror.whole()
    drop(mirror, "AccountTeamMember", member)
    mirror.org.advance(20 * DAY)
    mirror.whole()
    assert any("15 days" in told for told in mirror.set_aside())
    assert mirror.verify(repair=True)["team"].surplus == 1
    assert member not in mirror.rows("team")


def test_the_team_of_a_deal_that_was_deleted_is_nobodys(mirror: Mirror) -> None:
    account = customer(mirror)
    deal = make(mirror, "Opportunity", Name="Deal", AccountId=account, StageName="Prospecting", CloseDate="2026-12-01")
    join(mirror, OpportunityId=deal)
    mirror.whole()
    assert len(team(mirror, account)) == 1
    mirror.org.advance(HOUR)
    drop(mirror, "Opportunity", deal)
    mirror.whole()
    assert team(mirror, account) == ()


def test_4_4_who_joins_the_team_of_a_deal_twice_is_on_it_once_with_the_later_role(mirror: Mirror) -> None:
    account = customer(mirror)
    deal = make(mirror, "Opportunity", Name="Deal", AccountId=account, StageName="Prospecting", CloseDate="2026-12-01")
    member = join(mirror, OpportunityId=deal)
    mirror.whole()
    mirror.org.advance(HOUR)
    who = next(row["UserId"] for row in mirror.org.records("OpportunityTeamMember") if row["Id"] == member)
    again = make(mirror, "OpportunityTeamMember", OpportunityId=deal, UserId=who, TeamMemberRole="Lead")
    mirror.whole()
    assert again == member
    assert [(row["user_id"], row["role"]) for row in mirror.rows("team").values() if row["deal_id"] == deal] == [
        (who, "Lead")
    ]


def test_a_merge_brings_the_team_to_the_winner(mirror: Mirror) -> None:
    winner, loser = customer(mirror), customer(mirror)
    member = join(mirror, AccountId=loser)
    for _ in range(2):  # until its stamp lies behind every look-back: the merge leaves it there
        mirror.org.advance(HOUR)
        mirror.whole()
    mirror.org.advance(HOUR)
    who = mirror.org.records("User")[1]["Email"]
    merge = {"crm": "salesforce", "who": who, "do": "merge", "winner": winner, "loser": loser}
    mirror.org.control("POST", "act", merge)
    mirror.whole()
    assert mirror.rows("team")[member]["account_id"] == winner


def test_an_org_without_teams_lacks_nothing(mirror: Mirror) -> None:
    mirror.org.set_up(lack=["AccountTeamMember", "OpportunityTeamMember"])
    try:
        other = mirror.folder / "without"
        other.mkdir()
        bare = Mirror(org=mirror.org, folder=other, needs=ON_DEMAND)
        pulled = bare.whole()
        assert {pulled[stream].records for stream in TEAMS} == {0}
        assert bare.set_aside() == []
        moment = Moment.at(mirror.now, ZoneInfo("UTC"))
        reader = FactsReader(bare.engine, NAME, moment, customers=CustomerSettings(), needs=ON_DEMAND)
        assert "team" in reader.untold
        bare.close()
    finally:
        mirror.org.set_up(have=["AccountTeamMember", "OpportunityTeamMember"])


def test_a_role_that_is_hidden_leaves_the_member(mirror: Mirror) -> None:
    mirror.org.set_up(hide=["AccountTeamMember.TeamMemberRole"])
    member = join(mirror, AccountId=customer(mirror))
    mirror.whole()
    mirror.org.set_up(show=["AccountTeamMember.TeamMemberRole"])
    assert mirror.rows("team")[member]["role"] == ""


def test_a_team_that_did_not_arrive_is_not_taken_for_whole(mirror: Mirror) -> None:
    mirror.org.set_up(hide=["AccountTeamMember.UserId"])
    mirror.org.advance(2 * DAY)
    pulled = mirror.pull()
    mirror.org.set_up(show=["AccountTeamMember.UserId"])
    connector = mirror.connector()
    whole = complete_kinds(connector.streams(), {name: one.complete for name, one in pulled.items()})
    assert "team" not in whole
    assert "accounts" in whole
    assert "AccountTeamMember.UserId" in pulled["account_team_members"].error
    # What is on demand and not asked for is not missing.
    nothing = complete_kinds(mirror.org.connect().streams(), {})
    assert nothing == ON_DEMAND
    connector.close()
