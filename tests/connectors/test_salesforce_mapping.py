"""What becomes of Salesforce's records, and what changes look like on their way: no wire, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.protocol import CloseTask, CreateTask, Page, Row, SetFields, TaskContent, UpdateTask
from connectors.salesforce import activities, leads, mapping, relations
from connectors.salesforce.payloads import Choices, choices, payload
from connectors.salesforce.settings import FieldNames, MappedFields, SalesforceSettings
from connectors.salesforce.values import addresses, day, id18, moment, quoted, truth
from connectors.salesforce.writing import batches
from tests.connectors.salesforce_org import Remembered

ACCOUNT, USER, CONTACT = "001000000000001AAA", "005000000000001AAA", "003000000000001AAA"
TASK, EVENT, EMAIL = "00T000000000001AAA", "00U000000000001AAA", "02s000000000001AAA"
LEAD, OTHER = "00Q000000000001AAA", "003000000000002AAA"
KEY = "Holdfast_Key__c"
SETTINGS = SalesforceSettings(
    base_url="http://127.0.0.1:1",
    auth="client-credentials",
    client_id="id",
    client_secret="s",
    map={"tier": "Tier__c", "key_account": "Key__c", "customer_since": "Since__c", "customer": "Is_Customer__c"},
)


def account(**fields: Any) -> Row:
    return mapping.accounts([{"Id": ACCOUNT, **fields}], SETTINGS).rows["accounts"][0]


def task_page(known: Remembered | None = None, **fields: Any) -> Page:
    record = {"Id": TASK, "ActivityDate": "2026-03-01", "IsClosed": True, "OwnerId": USER, **fields}
    return activities.tasks([record], known or Remembered(), key_field=KEY)


def task(**fields: Any) -> Row:
    return task_page(**fields).rows["activities"][0]


def event_page(known: Remembered | None = None, **fields: Any) -> Page:
    times = {"StartDateTime": "2026-03-01T09:00:00.000+0000", "EndDateTime": "2026-03-01T10:00:00.000+0000"}
    event = {"Id": EVENT, "OwnerId": USER, "Subject": "Review", **times, **fields}
    return activities.events([event], known or Remembered())


def email_page(**fields: Any) -> Page:
    sent = {"MessageDate": "2026-03-01T09:00:00.000+0000", "Incoming": False, "Status": "3"}
    return activities.emails([{"Id": EMAIL, **sent, **fields}])


def links(page: Page) -> set[tuple[str, str, str]]:
    return {(row["side"], row["kind"], row["target"]) for told in page.links for row in told.rows}


# --- values -------------------------------------------------------------------------------------------------------


def test_an_id_of_a_report_gets_its_checksum() -> None:
    assert id18("0018000000MkWnT") == "0018000000MkWnTAAV"
    assert id18("0018000000MkWnTAAV") == "0018000000MkWnTAAV"
    assert id18("short") is None
    assert id18(None) is None


def test_a_time_is_aware_and_nonsense_is_none() -> None:
    assert moment("2022-03-17T16:21:26.000+0000") == datetime(2022, 3, 17, 16, 21, 26, tzinfo=UTC)
    assert moment("2022-03-17T18:21:26.000+0200") == datetime(2022, 3, 17, 16, 21, 26, tzinfo=UTC)
    assert moment("1970-01-01T00:00:00.000Z") == datetime(1970, 1, 1, tzinfo=UTC)
    assert [moment(odd) for odd in ("yesterday", "", None, 17, "9999-12-31T23:59:59Z")] == [None] * 5
    assert [day(odd) for odd in ("2026-02-30", None, 5, "9999-12-31")] == [None] * 4


@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.integers())))
def test_no_value_of_any_kind_makes_reading_raise(value: Any) -> None:
    id18(value), moment(value), day(value), addresses(value), truth(value)


def test_addresses_are_taken_out_of_lists_and_display_names() -> None:
    assert addresses('Jane Roe <Jane@X.example>; "Doe, Jo" <jo@y.example>') == ["jane@x.example", "jo@y.example"]
    assert addresses("a@x.example;b@x.example, A@x.example nobody") == ["a@x.example", "b@x.example"]
    assert addresses(None) == []


def test_a_literal_cannot_leave_its_quotes() -> None:
    assert quoted(r"it's \ here") == r"'it\'s \\ here'"


# --- people, accounts, deals --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "active"),
    [
        ({"IsActive": True, "UserType": "Standard"}, True),
        ({"IsActive": True}, True),
        ({"IsActive": False, "UserType": "Standard"}, False),
        ({"IsActive": True, "UserType": "CspLitePortal"}, False),
        ({}, False),
    ],
    ids=["standard", "type hidden", "left", "portal user", "nothing known"],
)
def test_active_is_who_can_own_things(fields: dict[str, Any], active: bool) -> None:
    record = {"Id": USER, "Name": "Jana", "Email": "Jana@Seller.example", "ManagerId": None, **fields}
    (row,) = mapping.users([record]).rows["users"]
    assert row["active"] is active
    assert row["email"] == "jana@seller.example"


def test_an_account_tells_the_customers_own_fields_by_our_names() -> None:
    row = account(
        Type="Customer - Direct", Tier__c="A", Key__c=True, Since__c="2019-05-01", Is_Customer__c="Yes", ParentId=None
    )
    assert (row["tier"], row["flagged"], row["customer_flag"], row["customer_type"]) == ("A", True, True, True)
    assert row["customer_since"] == date(2019, 5, 1)
    assert account(Type="Prospect", Key__c="No")["flagged"] is False


@pytest.mark.parametrize(
    ("value", "sponsor"),
    [("005Hf0000000001", "005Hf0000000001IAA"), (" Peter@Seller.example ", "peter@seller.example"), (None, "")],
    ids=["a short id", "an address", "nobody"],
)
def test_a_mapped_sponsor_is_a_user_id_or_an_address(value: str | None, sponsor: str) -> None:
    settings = SETTINGS.model_copy(update={"map": MappedFields(our_sponsor="Sponsor__c")})
    record = {"Id": "001Hf0000000001IAA", "Name": "Acme", "Sponsor__c": value}
    (row,) = mapping.accounts([record], settings).rows["accounts"]
    assert row["sponsor"] == sponsor
    (unmapped,) = mapping.accounts([record], SETTINGS).rows["accounts"]
    assert "sponsor" not in unmapped


def test_our_fields_are_told_by_logical_name() -> None:
    fields = {"Holdfast_Risk__c": 72.0, "Holdfast_Next_Exec_Due__c": "2026-12-01", "Holdfast_Findings__c": None}
    assert account(**fields)["ours"] == {"risk": 72, "next_exec_due": "2026-12-01", "findings": None}


@pytest.mark.parametrize(
    ("website", "domain"),
    [("https://www.Acme.example/de?x", "acme.example"), ("acme.example", "acme.example"), ("http://[", ""), (None, "")],
)
def test_the_domain_is_the_host_of_the_website(website: str | None, domain: str) -> None:
    assert account(Website=website)["domain"] == domain


def test_a_contact_without_account_is_stored_and_a_deleted_one_is_gone() -> None:
    page = mapping.contacts([{"Id": CONTACT, "AccountId": None}, {"Id": "003000000000002AAA", "IsDeleted": True}])
    assert [row["account_id"] for row in page.rows["contacts"]] == [None]
    assert page.gone["contacts"] == ["003000000000002AAA"]
    assert page.records == 2


def test_a_record_without_an_id_is_set_aside_with_its_reason() -> None:
    assert mapping.contacts([{"Name": "who?"}]).set_aside == {"no id": 1}


def test_roles_become_words() -> None:
    assert mapping.role_words("Executive Sponsor;Decision Maker") == "decision-maker;executive-sponsor"
    assert mapping.role_words("Technical Buyer; ;Technical_Buyer") == "technical-buyer"
    record = {"Id": "07k000000000001AAA", "ContactId": CONTACT, "Roles": "Decision Maker", "IsActive": False}
    assert mapping.contact_roles([record]).rows["contact_roles"][0]["roles"] == ""


@pytest.mark.parametrize(
    ("record", "left_on"),
    [
        ({"IsDirect": True, "IsActive": False, "EndDate": "2026-03-04"}, date(2026, 3, 4)),
        ({"IsDirect": True, "IsActive": False, "SystemModstamp": "2026-05-06T07:08:09.000+0000"}, date(2026, 5, 6)),
        ({"IsDirect": True, "IsActive": True, "SystemModstamp": "2026-05-06T07:08:09.000+0000"}, None),
        ({"IsDirect": False, "IsActive": False, "EndDate": "2026-03-04"}, None),
    ],
)
def test_the_relation_with_the_own_account_says_when_somebody_left(
    record: dict[str, Any], left_on: date | None
) -> None:
    page = mapping.contact_roles([{"Id": "07k000000000001AAA", "ContactId": CONTACT, **record}])
    (row,) = page.rows["contact_roles"]
    assert (row["left_on"], row["left_why"]) == (left_on, "relation ended" if left_on else "")


def test_a_mailbox_that_sends_everything_back_says_that_somebody_left() -> None:
    (row,) = mapping.contacts([{"Id": CONTACT, "EmailBouncedDate": "2026-03-04T05:06:07.000+0000"}]).rows["contacts"]
    assert (row["left_on"], row["left_why"]) == (date(2026, 3, 4), "e-mail bounced")


def test_an_open_deal_has_no_closing_day() -> None:
    lost = {"Id": "006000000000001AAA", "CloseDate": "2026-01-02", "IsClosed": True, "IsWon": False, "Amount": 5}
    hoped = {"Id": "006000000000002AAA", "CloseDate": "2026-01-02", "IsClosed": False, "IsWon": False, "Amount": "?"}
    first, second = mapping.deals([lost, hoped], SETTINGS).rows["deals"]
    assert (first["closed_on"], first["won"], first["amount"]) == (date(2026, 1, 2), False, 5.0)
    assert (second["closed_on"], second["amount"]) == (None, None)


# --- tasks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, "held"),
        ({"CallDisposition": "Connected"}, "held"),
        ({"CallDisposition": "Not interested"}, "held"),
        ({"CallDisposition": "not connected"}, "attempted"),
        ({"CallDisposition": "No Answer"}, "attempted"),
        ({"CallDisposition": "Left voicemail", "CallDurationInSeconds": 150}, "attempted"),
        ({"CallDisposition": "could not be reached"}, "attempted"),
        ({"CallDisposition": "Wrong number"}, "attempted"),
        ({"CallDurationInSeconds": 119}, "attempted"),
        ({"CallDurationInSeconds": 120}, "held"),
        ({"CallDisposition": "Sales", "CallDurationInSeconds": 600}, "held"),
        ({"CallDisposition": "Sales"}, "attempted"),
        ({"IsClosed": False}, "void"),
    ],
    ids=str,
)
def test_a_call_was_held_or_attempted(fields: dict[str, Any], outcome: str) -> None:
    row = task(TaskSubtype="Call", CallType="Inbound", **fields)
    assert (row["kind"], row["direction"], row["outcome"]) == ("call", "inbound", outcome)


def test_a_call_has_a_day_and_no_hour() -> None:
    row = task(TaskSubtype="Call", CallType="Internal", CompletedDateTime="2026-03-05T10:00:00.000+0000")
    assert (row["on_day"], row["at"]) == (date(2026, 3, 1), datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert row["direction"] == "none"


def test_a_task_completed_long_before_it_was_due_happened_when_it_was_completed() -> None:
    row = task(TaskSubtype="Call", CompletedDateTime="2026-02-01T10:00:00.000+0000")
    assert (row["on_day"], row["at"]) == (None, datetime(2026, 2, 1, 10, tzinfo=UTC))


def test_other_tasks_are_to_dos_and_count_once_closed() -> None:
    assert (task()["kind"], task()["outcome"]) == ("todo", "held")
    assert task(IsClosed=False)["outcome"] == "void"


def test_a_task_without_any_date_is_set_aside() -> None:
    page = task_page(ActivityDate=None)
    assert page.rows["activities"] == []
    assert page.set_aside == {"task without a date": 1}


def test_what_a_queue_owns_was_done_by_whoever_entered_it() -> None:
    queue, other = "00G000000000001AAA", "005000000000002AAA"
    for owner, maker, expected in ((queue, USER, {USER}), (queue, queue, set()), (USER, other, {USER})):
        told = links(task_page(OwnerId=owner, CreatedById=maker))
        assert {target for side, _, target in told if side == "ours"} == expected


def test_links_tell_owner_contact_and_account_and_drop_queues() -> None:
    page = task_page(WhoId=CONTACT, AccountId=ACCOUNT)
    assert links(page) == {("ours", "user", USER), ("theirs", "contact", CONTACT), ("about", "account", ACCOUNT)}
    assert page.links[0].replaced == ["00T000000000001AAA"]
    assert links(task_page(OwnerId="00G000000000001AAA")) == set()


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"IsClosed": False, "Status": "Not Started"}, "open"),
        ({"IsClosed": False, "Status": "Deferred"}, "deferred"),
        ({"IsClosed": True, "Status": "Completed"}, "completed"),
        ({"IsClosed": True, "IsDeleted": True}, "deleted"),
    ],
)
def test_a_task_of_ours_is_never_an_activity(fields: dict[str, Any], status: str) -> None:
    ours = {KEY: "hf1:a:owner:1", "SystemModstamp": "2026-03-09T09:00:00.000+0000", **fields}
    page = task_page(**ours)
    assert page.rows["activities"] == []
    assert page.gone["activities"] == []
    (row,) = mapping.crm_tasks([{"Id": TASK, "OwnerId": USER, **ours}], key_field=KEY).rows["crm_tasks"]
    assert (row["key"], row["status"], row["assignee_id"]) == ("hf1:a:owner:1", status, USER)
    assert (row["ended_at"] is None) == (status in {"open", "deferred"})


# --- events -------------------------------------------------------------------------------------------------------


def test_a_meeting_lasts_from_start_to_end_and_is_held() -> None:
    (row,) = event_page().rows["activities"]
    assert (row["at"].hour, row["ends_at"].hour, row["outcome"], row["on_day"]) == (9, 10, "held", None)


def test_an_all_day_event_has_days_and_ends_with_the_last() -> None:
    midnight = "2026-03-01T00:00:00.000+0000"
    page = event_page(IsAllDayEvent=True, ActivityDate="2026-03-01", StartDateTime=midnight, EndDateTime=midnight)
    (row,) = page.rows["activities"]
    assert (row["on_day"], row["at"].hour) == (date(2026, 3, 1), 12)
    assert row["ends_at"] == datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields", [{"IsChild": True}, {"IsRecurrence": True}, {"GroupEventType": "3"}], ids=["invitee", "master", "pattern"]
)
def test_a_meeting_counts_once(fields: dict[str, Any]) -> None:
    assert event_page(**fields).rows["activities"] == []


def test_an_occurrence_of_a_series_counts() -> None:
    assert len(event_page(IsRecurrence2=True, GroupEventType="0").rows["activities"]) == 1


@pytest.mark.parametrize("subject", ["Canceled: Review", "cancelled: Review"])
def test_a_cancelled_meeting_is_void(subject: str) -> None:
    assert event_page(Subject=subject).rows["activities"][0]["outcome"] == "void"


def test_an_event_in_1970_is_stored_and_one_without_start_is_set_aside() -> None:
    early = event_page(StartDateTime="1970-01-01T00:00:00.000+0000", EndDateTime=None)
    assert early.rows["activities"][0]["ends_at"] == datetime(1970, 1, 1, tzinfo=UTC)
    assert event_page(StartDateTime=None).set_aside == {"event without a start": 1}


def relation(target: str, status: str = "Accepted", *, deleted: bool = False) -> dict[str, Any]:
    return {"EventId": EVENT, "RelationId": target, "Status": status, "IsDeleted": deleted}


def told(*invited: dict[str, Any]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    (link,) = relations.of_events(invited, Remembered()).links
    return (
        {(row["side"], row["target"]) for row in link.rows},
        {(row["side"], row["target"]) for row in link.removed},
    )


def test_an_invitation_links_whom_it_invites() -> None:
    assert told(relation(USER, "New"), relation(CONTACT)) == (
        {("ours", USER), ("theirs", CONTACT)},
        {("declined", CONTACT)},
    )


def test_a_declined_invitation_takes_back_what_was_linked() -> None:
    assert told(relation(USER, "Declined"), relation(CONTACT, "Declined")) == (
        {("declined", CONTACT)},
        {("ours", USER), ("theirs", CONTACT)},
    )


def test_a_deleted_invitation_removes_its_links_unless_it_was_made_anew() -> None:
    rows, removed = told(relation(CONTACT, deleted=True))
    assert (rows, removed) == (set(), {("theirs", CONTACT), ("declined", CONTACT)})
    assert told(relation(CONTACT, deleted=True), relation(CONTACT))[0] == {("theirs", CONTACT)}


def test_a_room_is_nobody_and_a_broken_relation_is_set_aside() -> None:
    page = relations.of_events([relation("023000000000001AAA"), relation("?")], Remembered())
    assert page.links[0].rows == []
    assert page.set_aside == {"invitation without event or invitee": 1}


def test_a_task_has_the_contacts_that_its_relations_tell_beside_its_own() -> None:
    shared = [{"TaskId": TASK, "RelationId": each} for each in (CONTACT, OTHER, ACCOUNT)]
    page = relations.of_tasks([*shared, {"TaskId": TASK, "RelationId": OTHER, "IsDeleted": True}], Remembered())
    assert links(page) == {("theirs", "contact", CONTACT)}
    assert {row["target"] for row in page.links[0].removed} == {CONTACT, OTHER}


# --- e-mails and the tasks that they stand for ---------------------------------------------------------------------


def test_a_task_that_comes_after_its_email_message_counts_nothing() -> None:
    known = Remembered([email_page(ActivityId=TASK)])
    page = task_page(known, TaskSubtype="Email")
    assert (page.rows["activities"], page.records) == ([], 1)


def test_a_task_that_came_before_its_email_message_is_gone_with_it_and_stays_so() -> None:
    assert len(task_page(TaskSubtype="Email").rows["activities"]) == 1
    email = email_page(ActivityId=TASK)
    assert email.gone["activities"] == [TASK]
    assert task_page(Remembered([email]), TaskSubtype="Email", Status="Edited").rows["activities"] == []


def test_an_email_task_without_an_email_message_went_out() -> None:
    known = Remembered([email_page(ActivityId="00T000000000009AAA")])
    (row,) = task_page(known, TaskSubtype="Email").rows["activities"]
    assert (row["kind"], row["direction"], row["outcome"]) == ("email", "outbound", "sent")


def test_the_task_stays_uncounted_when_its_email_message_is_deleted() -> None:
    known = Remembered([email_page(ActivityId=TASK), email_page(ActivityId=TASK, IsDeleted=True)])
    assert task_page(known, TaskSubtype="Email").rows["activities"] == []


# --- leads --------------------------------------------------------------------------------------------------------


def lead_page(known: Remembered | None = None, **fields: Any) -> Page:
    became = {"ConvertedContactId": CONTACT, "ConvertedAccountId": ACCOUNT, **fields}
    return leads.converted([{"Id": LEAD, "IsConverted": True, **became}], known or Remembered())


def linked_to(known: Remembered, activity: str) -> set[tuple[str, str, str]]:
    return {(side, kind, target) for one, side, kind, target in known.links if one == activity}


THROUGH = {("theirs", "contact", CONTACT), ("about", "account", ACCOUNT)}


def test_what_was_done_with_a_lead_is_the_contacts_once_it_is_converted() -> None:
    known = Remembered([task_page(WhoId=LEAD), event_page(WhoId=LEAD)])
    assert not THROUGH & linked_to(known, TASK)
    known.keep([lead_page(known)])
    assert linked_to(known, TASK) >= THROUGH
    assert linked_to(known, EVENT) >= THROUGH


def test_what_is_told_of_a_lead_that_was_converted_before_is_the_contacts_too() -> None:
    known = Remembered([lead_page()])
    assert links(task_page(known, WhoId=LEAD)) >= THROUGH
    assert links(event_page(known, WhoId=LEAD)) >= THROUGH


def test_a_lead_that_was_invited_and_declined_did_so_as_the_contact() -> None:
    known = Remembered([lead_page()])
    page = relations.of_events([relation(LEAD)], known)
    assert links(page) >= THROUGH
    known.keep([page])
    known.keep([relations.of_events([relation(LEAD, "Declined")], known)])
    assert ("declined", "contact", CONTACT) in linked_to(known, EVENT)
    assert ("theirs", "contact", CONTACT) not in linked_to(known, EVENT)
    # The account is met by others of its people.
    assert ("about", "account", ACCOUNT) in linked_to(known, EVENT)


def test_a_lead_stays_the_contact_that_it_became_when_it_is_deleted() -> None:
    known = Remembered([lead_page(IsDeleted=True)])
    assert links(task_page(known, WhoId=LEAD)) >= THROUGH


def test_a_lead_of_which_nothing_can_be_read_leads_nowhere() -> None:
    page = lead_page(ConvertedContactId=None, ConvertedAccountId=None)
    assert links(page) == set()
    assert page.records == 1


# --- e-mails ------------------------------------------------------------------------------------------------------


def test_an_email_out_is_from_ours_to_theirs() -> None:
    page = email_page(FromAddress="jana@seller.example", ToAddress="A@x.example; b@x.example", RelatedToId=ACCOUNT)
    assert links(page) == {
        ("ours", "address", "jana@seller.example"),
        ("theirs", "address", "a@x.example"),
        ("theirs", "address", "b@x.example"),
        ("about", "account", ACCOUNT),
    }
    assert page.rows["activities"][0]["direction"] == "outbound"


def test_an_email_in_is_from_theirs_to_ours() -> None:
    page = email_page(FromAddress="a@x.example", ToAddress="jana@seller.example", Incoming=True, RelatedToId="500x")
    assert links(page) == {("theirs", "address", "a@x.example"), ("ours", "address", "jana@seller.example")}


@pytest.mark.parametrize(
    ("fields", "outcome"), [({}, "sent"), ({"Status": "5"}, "void"), ({"IsBounced": True}, "void")]
)
def test_a_draft_or_a_bounced_email_is_void(fields: dict[str, Any], outcome: str) -> None:
    assert email_page(**fields).rows["activities"][0]["outcome"] == outcome


def test_an_email_without_a_date_is_set_aside() -> None:
    assert email_page(MessageDate=None).set_aside == {"e-mail without a date": 1}


# --- changes ------------------------------------------------------------------------------------------------------


CONTENT = TaskContent(
    assignee_id=USER, subject="s" * 100, body="b" * 40_000, due_on=date(2026, 12, 1), severity="critical"
)


def test_a_new_task_says_everything_once() -> None:
    change = CreateTask(key="hf1:a:owner:1", account_id=ACCOUNT, contact_id=None, content=CONTENT)
    record = payload(change, FieldNames(key="Our_Key__c"), Choices())
    assert record == {
        "attributes": {"type": "Task"},
        "Our_Key__c": "hf1:a:owner:1",
        "WhatId": ACCOUNT,
        "OwnerId": USER,
        "Subject": "s" * 80,
        "Description": "b" * 32_000,
        "ActivityDate": "2026-12-01",
        "Priority": "High",
    }


def test_an_update_sends_only_what_changed() -> None:
    change = UpdateTask(key="k", task_id="00T", account_id=ACCOUNT, changed={"severity": "low", "assignee_id": USER})
    record = payload(change, FieldNames(), Choices())
    assert record == {"attributes": {"type": "Task"}, "Id": "00T", "OwnerId": USER, "Priority": "Normal"}


def test_a_close_leaves_a_text_alone_that_a_human_edited() -> None:
    change = CloseTask(key="k", task_id="00T", account_id=ACCOUNT, reason="cleared", body=None)
    assert payload(change, FieldNames(), Choices(closed="Done")) == {
        "attributes": {"type": "Task"},
        "Id": "00T",
        "Status": "Done",
    }


def test_account_fields_go_by_their_api_names_and_none_empties_them() -> None:
    change = SetFields(account_id=ACCOUNT, fields={"risk": 7, "findings": None, "next_exec_due": date(2026, 12, 1)})
    assert payload(change, FieldNames(risk="Risk__c"), Choices()) == {
        "attributes": {"type": "Account"},
        "Id": ACCOUNT,
        "Risk__c": 7,
        "Holdfast_Findings__c": None,
        "Holdfast_Next_Exec_Due__c": "2026-12-01",
    }


def test_an_org_tells_its_own_words() -> None:
    statuses = [
        {"ApiName": "Later", "IsClosed": True, "SortOrder": 9},
        {"ApiName": "Erledigt", "IsClosed": True, "SortOrder": 3},
        {"ApiName": "Offen", "IsClosed": False, "SortOrder": 1},
    ]
    assert choices(statuses, ValueError("refused")) == Choices(closed="Erledigt")


def test_requests_hold_one_kind_of_change_in_order_of_accounts() -> None:
    fields = [SetFields(account_id=f"001{number:03d}", fields={"risk": 1}) for number in range(250, 0, -1)]
    close = CloseTask(key="k", task_id="t", account_id="001500", reason="", body=None)
    new = CreateTask(key="k", account_id="001400", contact_id=None, content=CONTENT)
    cut = list(batches([*fields, close, new]))
    assert [len(batch) for batch in cut] == [1, 1, 200, 50]
    assert cut[0] == [new]
    assert [change.account_id for change in cut[2][:2]] == ["001001", "001002"]


def test_what_finds_a_record_in_another_crm_is_read() -> None:
    assert account(BillingCountryCode="DE", BillingCountry="Germany")["country"] == "DE"
    assert account(BillingCountry="Germany")["country"] == "Germany"
    assert account()["country"] == ""
    (mail,) = email_page(MessageIdentifier="<Ab.1@Mail.example>").rows["activities"]
    assert mail["uid"] == "ab.1@mail.example"
