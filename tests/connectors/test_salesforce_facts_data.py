"""What is known of Salesforce's data (section 4 of the facts): see test_salesforce_facts.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.company import Company, SeedAccount, SeedDeal, SeedUser
from rules.customers import CustomerSettings
from rules.rule import NotApplicable
from rules.rulebook import read_rulebook
from sync.store.facts import FactsReader, Moment
from sync.store.records import forget_cursor
from tests.connectors.salesforce_mirror import NAME, Mirror, mirrored
from tests.connectors.salesforce_org import Org

HOUR, DAY = 3600, 86_400
UTC = ZoneInfo("UTC")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("facts"), accounts=4, touches_per_account=6) as one:
        yield one


@pytest.fixture
def mirror(kept: Mirror) -> Mirror:
    """One org for all tests, each an hour after the one before, with a store that has all of it."""
    kept.org.advance(HOUR)
    kept.whole()
    kept.org.advance(HOUR)
    kept.org.control("DELETE", "journal")
    return kept


def make(org: Org, name: str, **values: Any) -> str:
    return str(org.control("POST", f"records/salesforce/{name}", values)["Id"])


def change(org: Org, name: str, record_id: str, **values: Any) -> None:
    org.control("PATCH", f"records/salesforce/{name}/{record_id}", values)


def act(org: Org, do: str, who: str, **details: Any) -> dict[str, list[str]]:
    done: dict[str, list[str]] = org.control("POST", "act", {"crm": "salesforce", "who": who, "do": do, **details})[
        "salesforce"
    ]
    return done


def reps(org: Org) -> list[dict[str, Any]]:
    return [row for row in org.records("User") if row["IsActive"] and row["Username"][:8] != "holdfast"]


def person(org: Org) -> dict[str, Any]:
    return next(row for row in org.records("Contact") if row["AccountId"] and not row["IsDeleted"])


def with_whom(mirror: Mirror, activity: str) -> set[tuple[str, str]]:
    return {(side, target) for one, side, _, target in mirror.links() if one == activity}


def asked(org: Org) -> list[str]:
    """Every query that was sent, alone or for a job."""
    return [
        unquote_plus(each["query"]) for each in org.control("GET", "journal")["requests"] if each["query"][:2] == "q="
    ]


# --- 4.1 ----------------------------------------------------------------------------------------------------------


def test_4_1_a_row_whose_last_modified_date_lies_about_it_arrives(mirror: Mirror) -> None:
    who = person(mirror.org)["Id"]
    change(mirror.org, "Contact", who, Title="Chief of Old", LastModifiedDate="2001-01-01T00:00:00.000Z")
    mirror.whole()
    assert mirror.rows("contacts")[who]["title"] == "Chief of Old"


def test_4_1_rows_of_one_second_arrive_however_often_the_pull_dies_among_them(tmp_path: Path) -> None:
    with mirrored(tmp_path, accounts=25, touches_per_account=20) as one:
        one.org.sandbox.salesforce.store.database.execute(
            'UPDATE "EmailMessage" SET "SystemModstamp" = ?', ("2026-11-01T08:00:00.000+0000",)
        )
        emails = {row["Id"] for row in one.org.records("EmailMessage")}
        cursor, seen, deaths, last = None, Counter[str](), 0, False
        while not last:
            page = next(iter(one.connector(small_pages=True).pull("email_messages", cursor, Unread())))
            seen.update(row["id"] for row in page.rows["activities"])
            cursor, last, deaths = page.cursor, page.last, deaths + 1
        assert deaths > 2
        assert seen == Counter(emails)


class Unread:
    """A store that has no links yet."""

    def linked(self, kind: str, targets: Any) -> Iterator[tuple[str, str, str]]:
        return iter(())

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def test_4_1_a_renamed_parent_brings_no_child_and_no_child_keeps_its_name(mirror: Mirror) -> None:
    someone = person(mirror.org)
    change(mirror.org, "Account", someone["AccountId"], Name="Renamed & Sons")
    change(mirror.org, "User", reps(mirror.org)[0]["Id"], LastName="Married")
    pulled = mirror.whole()
    moved = {stream for stream, one in pulled.items() if one.changed}
    assert moved == {"accounts", "users"}
    # What belongs to a parent is joined here, never read through the child.
    columns = [query.split(" FROM ")[0] for query in asked(mirror.org)]
    assert columns
    assert not [each for each in columns if "." in each]


# --- 4.2 ----------------------------------------------------------------------------------------------------------


def test_4_2_a_user_who_was_deactivated_stays_and_is_inactive(mirror: Mirror) -> None:
    rep = reps(mirror.org)[0]
    act(mirror.org, "leave_company", rep["Email"])
    mirror.whole()
    assert not mirror.rows("users")[rep["Id"]]["active"]
    assert mirror.rows("users").keys() == {row["Id"] for row in mirror.org.records("User")}


# --- 4.3 ----------------------------------------------------------------------------------------------------------


def test_4_3_an_activity_is_about_the_account_that_salesforce_derives(mirror: Mirror) -> None:
    org, someone = mirror.org, person(mirror.org)
    done = {"Subject": "x", "Status": "Completed", "ActivityDate": "2026-10-30", "TaskSubtype": "Call"}
    other = next(row["Id"] for row in org.records("Account") if row["Id"] != someone["AccountId"])
    deal = make(org, "Opportunity", Name="Deal", AccountId=other, StageName="Prospecting", CloseDate="2026-12-01")
    case = make(org, "Case", Subject="No contact")
    tasks = {
        make(org, "Task", **done, WhoId=someone["Id"]): someone["AccountId"],
        make(org, "Task", **done, WhoId=someone["Id"], WhatId=deal): other,
        make(org, "Task", **done, WhatId=case): None,
        make(org, "Task", **done): None,
    }
    mirror.whole()
    about = {one: {target for side, target in with_whom(mirror, one) if side == "about"} for one in tasks}
    assert about == {one: {account} if account else set() for one, account in tasks.items()}


def test_4_3_archived_activity_arrives_and_what_is_archived_later_stays(tmp_path: Path) -> None:
    with mirrored(tmp_path) as one:
        archived = {row["Id"] for name in ("Task", "Event") for row in one.org.records(name) if row["IsArchived"]}
        counted = {row["Id"] for row in one.org.records("Event") if not row["IsChild"]}
        one.whole()
        assert archived & counted
        assert one.rows("activities").keys() >= archived & counted
        before = one.rows("activities").keys()
        one.org.advance(500 * DAY)
        one.whole()
        assert all(row["IsArchived"] for row in one.org.records("Event"))
        assert one.rows("activities").keys() == before


def test_4_3_a_meeting_of_three_of_ours_is_one_with_all_three(mirror: Mirror) -> None:
    first, *others = reps(mirror.org)[:3]
    someone, before = person(mirror.org), mirror.rows("activities").keys()
    guests = [row["Email"] for row in others]
    made = act(mirror.org, "hold_meeting", first["Email"], users=guests, contact=someone["Email"])["Event"]
    assert len(made) == 3
    mirror.whole()
    (meeting,) = mirror.rows("activities").keys() - before
    ours = {target for side, target in with_whom(mirror, meeting) if side == "ours"}
    assert ours == {first["Id"], *(row["Id"] for row in others)}


def test_4_3_event_relations_are_read_without_the_fields_of_shared_activities(mirror: Mirror) -> None:
    org, someone = mirror.org, person(mirror.org)
    org.set_up(hide=[f"EventRelation.{name}" for name in ("IsParent", "IsWhat", "IsInvitee")])
    host, guest = reps(org)[:2]
    event = act(org, "hold_meeting", host["Email"], users=[guest["Email"]], contact=someone["Email"])["Event"][0]
    change(org, "User", guest["Id"], IsActive=False)
    mirror.whole()
    # Who has left meanwhile was there all the same.
    assert with_whom(mirror, event) >= {("ours", guest["Id"]), ("theirs", someone["Id"])}
    org.advance(HOUR)
    org.control("DELETE", f"records/salesforce/Event/{event}")
    mirror.whole()
    assert event not in mirror.rows("activities")
    org.set_up(show=[f"EventRelation.{name}" for name in ("IsParent", "IsWhat", "IsInvitee")])


def test_4_3_the_master_of_a_series_is_no_meeting_and_its_occurrences_are(mirror: Mirror) -> None:
    times = {"Subject": "Weekly", "StartDateTime": "2026-10-05T09:00:00Z", "DurationInMinutes": 30}
    master = make(mirror.org, "Event", **times, IsRecurrence=True)
    occurrence = make(mirror.org, "Event", **times, RecurrenceActivityId=master)
    pattern = make(mirror.org, "Event", **times, IsRecurrence2=True, GroupEventType="3")
    lightning = make(mirror.org, "Event", **times, IsRecurrence2=True, GroupEventType="0")
    mirror.whole()
    found = mirror.rows("activities").keys() & {master, occurrence, pattern, lightning}
    assert found == {occurrence, lightning}


def test_4_3_an_event_that_is_hidden_later_is_told_by_verify(mirror: Mirror) -> None:
    """What sharing hides just does not come back: only a comparison of everything tells."""
    database = mirror.org.sandbox.salesforce.store.database
    hidden = next(row["Id"] for row in mirror.org.records("Event") if not row["IsChild"])
    database.execute('DELETE FROM "Event" WHERE "Id" = ?', (hidden,))
    mirror.whole()
    assert hidden in mirror.rows("activities")
    assert mirror.verify(repair=True)["activities"].surplus == 1
    assert hidden not in mirror.rows("activities")


@pytest.mark.parametrize("subtype", ["LinkedIn", "Cadence", "ListEmail", "WhatsApp (beta)"])
def test_4_3_a_subtype_that_nobody_knows_is_a_to_do_and_no_call(mirror: Mirror, subtype: str) -> None:
    task = make(mirror.org, "Task", Subject="x", Status="Completed", ActivityDate="2026-10-30")
    mirror.org.sandbox.salesforce.store.database.execute(
        'UPDATE "Task" SET "TaskSubtype" = ? WHERE "Id" = ?', (subtype, task)
    )
    mirror.whole()
    assert mirror.rows("activities")[task]["kind"] == "todo"


def ours(mirror: Mirror, activity: str) -> set[str]:
    return {target for side, target in with_whom(mirror, activity) if side == "ours"}


def logged(mirror: Mirror, do: str, doer: str) -> str:
    """The id of what somebody has just done, pulled."""
    made = act(mirror.org, do, doer, contact=person(mirror.org)["Email"])
    mirror.org.advance(HOUR)
    mirror.whole()
    (done,) = made["Event" if do == "hold_meeting" else "Task"]
    return done


@pytest.mark.parametrize("do", ["log_call", "hold_meeting"])
def test_4_3_who_did_it_stays_who_did_it_when_a_closed_task_changes_hands(mirror: Mirror, do: str) -> None:
    doer, heir, third = reps(mirror.org)[:3]
    done = logged(mirror, do, doer["Email"])
    assert ours(mirror, done) == {doer["Id"]}
    for owner in (heir, third):
        change(mirror.org, "Event" if do == "hold_meeting" else "Task", done, OwnerId=owner["Id"])
        mirror.org.advance(HOUR)
        mirror.whole()
        assert ours(mirror, done) == {doer["Id"]}


@pytest.mark.parametrize("subtype", ["Task", "Email", "Call"])
def test_4_3_whoever_takes_over_a_task_before_it_is_closed_has_done_it(mirror: Mirror, subtype: str) -> None:
    first, heir, third = reps(mirror.org)[:3]
    about = {"WhoId": person(mirror.org)["Id"], "TaskSubtype": subtype, "Subject": "x"}
    task = make(mirror.org, "Task", **about, OwnerId=first["Id"], ActivityDate="2026-10-30")
    mirror.whole()
    mirror.org.advance(HOUR)
    change(mirror.org, "Task", task, OwnerId=heir["Id"], Status="Completed")
    mirror.whole()
    assert ours(mirror, task) == {heir["Id"]}
    mirror.org.advance(HOUR)
    change(mirror.org, "Task", task, OwnerId=third["Id"])
    mirror.whole()
    assert ours(mirror, task) == {heir["Id"]}
    # Opened again, it is to be done by whoever has it.
    mirror.org.advance(HOUR)
    change(mirror.org, "Task", task, Status="Not Started")
    mirror.whole()
    assert ours(mirror, task) == {third["Id"]}


def test_4_3_whoever_takes_over_a_meeting_before_it_begins_has_held_it(mirror: Mirror) -> None:
    org, (first, heir, third) = mirror.org, reps(mirror.org)[:3]
    begins = (mirror.now + timedelta(days=1)).isoformat(timespec="seconds")
    event = make(org, "Event", Subject="x", StartDateTime=begins, DurationInMinutes=30, OwnerId=first["Id"])
    mirror.whole()
    org.advance(HOUR)
    change(org, "Event", event, OwnerId=heir["Id"])
    org.advance(2 * DAY)
    mirror.whole()
    assert ours(mirror, event) == {heir["Id"]}
    change(org, "Event", event, OwnerId=third["Id"])
    org.advance(HOUR)
    mirror.whole()
    assert ours(mirror, event) == {heir["Id"]}


def test_4_3_who_did_it_is_kept_when_everything_is_read_from_the_beginning_again(mirror: Mirror) -> None:
    doer, heir = reps(mirror.org)[:2]
    call = logged(mirror, "log_call", doer["Email"])
    change(mirror.org, "Task", call, OwnerId=heir["Id"])
    mirror.org.advance(HOUR)
    mirror.verify(repair=True)
    assert ours(mirror, call) == {doer["Id"]}
    forget_cursor(mirror.engine, NAME, "tasks")
    mirror.whole()
    assert ours(mirror, call) == {doer["Id"]}


# --- 4.4 ----------------------------------------------------------------------------------------------------------


def test_4_4_an_org_without_a_feature_is_never_asked_for_its_fields(mirror: Mirror) -> None:
    mirror.whole()
    text = " ".join(asked(mirror.org))
    assert "FROM Account " in text
    for name in ("IsPersonAccount", "__pc", "CurrencyIsoCode", "FROM AccountTeamMember", "FROM TaskRelation"):
        assert name not in text


def standings_of(mirror: Mirror) -> FactsReader:
    return FactsReader(mirror.engine, NAME, Moment.at(mirror.now, UTC), customers=CustomerSettings())


def test_4_4_a_person_account_is_told_from_a_company_and_no_customer(tmp_path: Path) -> None:
    with mirrored(tmp_path) as one:
        one.whole()
        assert not any(row["person"] for row in one.rows("accounts").values())
        before = {each: standing.why for each, standing in standings_of(one).standings.items()}
        assert len(set(before.values())) > 1
        one.org.advance(HOUR)
        one.org.set_up(have=["PersonAccounts"])
        paul = make(one.org, "Account", FirstName="Paul", LastName="Private", Type="Customer - Direct")
        contact = next(row for row in one.org.records("Contact") if row["AccountId"] == paul)
        assert (contact["Name"], contact["IsPersonAccount"]) == ("Paul Private", True)
        rep = reps(one.org)[0]["Email"]
        act(one.org, "hold_meeting", rep, contact=contact["Id"])
        deal = {"AccountId": paul, "StageName": "Closed Won", "CloseDate": "2026-10-01", "Amount": 9e9}
        make(one.org, "Opportunity", Name="Everything", **deal)
        one.org.advance(2 * DAY)  # a feature that is switched on shows at the next describe
        one.whole()
        accounts = one.rows("accounts")
        assert [each for each, row in accounts.items() if row["person"]] == [paul]
        assert accounts[paul]["name"] == "Paul Private"
        reader = standings_of(one)
        assert not reader.standings[paul].customer
        (facts,) = reader.read([paul])
        rulebook, _ = read_rulebook({})
        verdicts = list(rulebook.judge(facts).values())
        assert verdicts == [NotApplicable(reason="a person account, not a company")] * len(rulebook.rules)
        # What one person buys moves no company down the ranks.
        assert {each: standing.why for each, standing in reader.standings.items() if each != paul} == before


def test_4_4_accounts_that_are_each_others_parents_arrive(mirror: Mirror) -> None:
    first, second, third = (row["Id"] for row in mirror.org.records("Account")[:3])
    for child, parent in ((first, second), (second, first), (third, third)):
        change(mirror.org, "Account", child, ParentId=parent)
    mirror.whole()
    rows = mirror.rows("accounts")
    assert [rows[each]["parent_id"] for each in (first, second, third)] == [second, first, third]


@pytest.mark.parametrize(("currencies", "told"), [(["EUR", "USD"], {"EUR", "USD"}), (["EUR", "EUR"], {""})])
def test_4_4_an_amount_has_its_currency_where_the_org_has_several(
    tmp_path: Path, currencies: list[str], told: set[str]
) -> None:
    deals = [
        SeedDeal(id=f"d{number}", account="a", name="x", amount=5, currency=currency)
        for number, currency in enumerate(currencies)
    ]
    company = Company(
        users=[SeedUser(id="u", name="Jana Roth", email="jana.roth@seller.example")],
        accounts=[SeedAccount(id="a", name="Acme", owner="u")],
        deals=deals,
    )
    with mirrored(tmp_path, company=company) as one:
        one.whole()
        assert {row["currency"] for row in one.rows("deals").values()} == told
        assert one.set_aside() == []  # a feature that is off is no news


def test_4_4_neither_last_activity_date_nor_compound_fields_nor_texts_are_read(tmp_path: Path) -> None:
    with mirrored(tmp_path) as one:
        one.whole()
        one.org.advance(HOUR)
        one.whole()
        queries = asked(one.org)
        assert len(queries) > 20
        for name in ("LastActivityDate", "FIELDS(", "BillingAddress", "BillingStreet", "TextBody", "HtmlBody"):
            assert not [query for query in queries if name in query], name
        # The text of a task is read where it is ours, and of nothing else.
        texts = [query for query in queries if "Description" in query]
        assert all("Holdfast_Key__c" in query.split(" WHERE ")[1] for query in texts)
