"""HubSpot's records become rows, and changes become payloads: pure, and never with a crash."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from connectors.hubspot.activity import ABSURD_TIME, NO_TIME
from connectors.hubspot.mapping import Shape, mapped, shapes
from connectors.hubspot.payloads import body_html, create_input, fields_input, update_input
from connectors.hubspot.records import user_row
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.task_states import task_state
from connectors.protocol import CloseTask, CreateTask, Page, SetFields, TaskContent, UpdateTask
from sync.store import tables

CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
VOICEMAIL = "b2cf5968-551e-4856-9783-52b3da59a7d0"
NOT_CONNECTED = {
    "busy": "9d9162e7-6cf3-4944-bf63-4dff82258764",
    "left live message": "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",
    "left voicemail": VOICEMAIL,
    "no answer, says the rep": "73a0d17f-1163-4015-bdd5-ec830791da20",
    "wrong number": "17b47fee-58de-441e-a44c-c6300d46f273",
}
NEVER_TOOK_PLACE = ("CANCELED", "FAILED", "RINGING", "CONNECTING", "CALLING_CRM_USER", "IN_PROGRESS")
AT = "2026-03-02T09:30:00Z"


def settings(**more: Any) -> HubspotSettings:
    return HubspotSettings.model_validate({"kind": "hubspot", "access_token": SecretStr("pat-x"), **more})


def shape(kind: str, **more: Any) -> Shape:
    return shapes(settings(**more))[kind]


def page(kind: str, *properties: dict[str, Any], **more: Any) -> Page:
    records = [{"id": str(n), "properties": values} for n, values in enumerate(properties, start=1)]
    return mapped(shape(kind, **more), records, {})


def row(kind: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = page(kind, properties, **more)
    (rows,) = found.rows.values()
    assert len(rows) == 1, found.set_aside
    return rows[0]


@pytest.mark.parametrize("kind", list(shapes(settings())))
def test_every_row_has_exactly_the_columns_of_its_table(kind: str) -> None:
    models = {
        "accounts": tables.AccountRow,
        "contacts": tables.ContactRow,
        "deals": tables.DealRow,
        "activities": tables.ActivityRow,
    }
    found = row(kind, {"hs_timestamp": AT})
    columns = set(models[shape(kind).table].__table__.columns.keys())  # type: ignore[attr-defined]  # SQLModel
    # Person accounts are Salesforce's; outcomes, days, sponsor and competitor are told where they are mapped.
    untold = {"connection", "content", "changed_in", "deleted", "person", "outcomes", "days", "sponsor", "competitor"}
    assert set(found) == columns - untold


def test_a_company_becomes_an_account_with_our_values_by_logical_name() -> None:
    found = row(
        "companies",
        {
            "name": " Acme ",
            "domain": "ACME.example",
            "hubspot_owner_id": "77",
            "lifecyclestage": "evangelist",
            "hs_parent_company_id": "9",
            "createdate": "2024-01-17T19:55:04.281Z",
            "since": "2019-05-01",
            "top": "true",
            "type": "PARTNER",
            "arr": "42000.5",
            "holdfast_risk": "62",
            "holdfast_risk_level": "at risk",
            "holdfast_findings": "",
            "holdfast_snooze_until": "2026-12-24",
        },
        map={"customer_since": "since", "key_account": "top", "revenue": "arr"},
    )
    assert found == {
        "contact_every_days": None,
        "id": "1",
        "name": "Acme",
        "domain": "acme.example",
        "owner_id": "77",
        "customer_type": True,
        "customer_since": date(2019, 5, 1),
        "parent_id": "9",
        "flagged": True,
        "customer_flag": False,
        "tier": "",
        "revenue": 42_000.5,
        "type": "PARTNER",
        "country": "",
        "native_id": "",
        "ours": {"risk": 62, "risk_level": "at risk", "snooze_until": "2026-12-24"},
        "created_at": datetime(2024, 1, 17, 19, 55, 4, 281000, UTC),
    }


def test_a_contact_without_a_name_is_called_by_its_address_and_its_roles_are_sorted_words() -> None:
    found = row("contacts", {"email": "Eva@Acme.example", "hs_buying_role": "EXECUTIVE_SPONSOR;DECISION_MAKER;"})
    assert (found["name"], found["email"]) == ("eva@acme.example", "eva@acme.example")
    assert found["roles"] == "decision-maker;executive-sponsor"
    assert found["account_id"] is None


@pytest.mark.parametrize(
    ("values", "left_on", "why"),
    [
        ({"hs_employment_change_detected_date": "2026-03-04T00:00:00Z"}, date(2026, 3, 4), "job change detected"),
        (
            {"hs_email_hard_bounce_reason_enum": "UNKNOWN_USER", "lastmodifieddate": "2026-05-06T07:08:09Z"},
            date(2026, 5, 6),
            "e-mail bounced",
        ),
        ({"hs_email_hard_bounce_reason_enum": "MAILBOX_FULL", "lastmodifieddate": "2026-05-06T07:08:09Z"}, None, ""),
        ({"lastmodifieddate": "2026-05-06T07:08:09Z"}, None, ""),
    ],
)
def test_the_portal_says_when_somebody_left(values: dict[str, str], left_on: date | None, why: str) -> None:
    row = shapes(settings())["contacts"].row(values)
    assert isinstance(row, dict)
    assert (row["left_on"], row["left_why"]) == (left_on, why)


def test_contacts_alone_are_watched_by_lastmodifieddate() -> None:
    assert {
        kind: one.watermark for kind, one in shapes(settings()).items() if one.watermark != "hs_lastmodifieddate"
    } == {"contacts": "lastmodifieddate"}


def test_a_won_deal_has_amount_and_day() -> None:
    found = row("deals", {"dealname": "D", "amount": "1200.50", "closedate": AT, "hs_is_closed_won": "true"})
    assert (found["amount"], found["closed_on"], found["won"]) == (1200.5, date(2026, 3, 2), True)
    assert row("deals", {"amount": "NaN", "hs_is_closed_won": "false"})["amount"] is None


@pytest.mark.parametrize(
    ("kind", "told"), [("notes", ("note", "none", "sent")), ("communications", ("message", "outbound", "sent"))]
)
def test_a_note_is_a_note_and_a_communication_a_message_of_ours(kind: str, told: tuple[str, str, str]) -> None:
    values = {"hs_timestamp": AT, "hs_createdate": "2026-03-05T08:00:00.000Z", "hubspot_owner_id": "7"}
    found = row(kind, values)
    assert (found["kind"], found["direction"], found["outcome"]) == told
    assert found["at"] == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    ((owner,),) = (links.rows for links in page(kind, values).links)
    assert (owner["side"], owner["kind"], owner["target"]) == ("ours", "user", "7")


@pytest.mark.parametrize(
    ("properties", "outcome"),
    [
        pytest.param({"hs_call_disposition": CONNECTED}, "held", id="connected"),
        pytest.param(
            {"hs_call_disposition": CONNECTED.upper(), "hs_call_duration": "5"}, "held", id="connected, short"
        ),
        pytest.param(
            {"hs_call_disposition": VOICEMAIL, "hs_call_duration": "130000"}, "attempted", id="long voicemail"
        ),
        pytest.param({"hs_call_duration": "120000"}, "held", id="exactly two minutes"),
        pytest.param({"hs_call_duration": "119999", "hs_call_status": "COMPLETED"}, "attempted", id="a little short"),
        pytest.param({"hs_call_status": "COMPLETED"}, "held", id="completed, nothing known"),
        pytest.param({"hs_call_disposition": "custom-1", "hs_call_status": "COMPLETED"}, "held", id="own outcome"),
        pytest.param({"hs_call_status": "NO_ANSWER"}, "attempted", id="no answer"),
        pytest.param({"hs_call_status": "CANCELED", "hs_call_disposition": CONNECTED}, "void", id="cancelled"),
        pytest.param({"hs_call_status": "QUEUED"}, "void", id="queued"),
        pytest.param({}, "attempted", id="nothing known"),
        *(
            pytest.param({"hs_call_disposition": one, "hs_call_status": "COMPLETED"}, "attempted", id=name)
            for name, one in NOT_CONNECTED.items()
        ),
        *(pytest.param({"hs_call_status": one}, "void", id=one) for one in NEVER_TOOK_PLACE),
    ],
)
def test_a_call_is_held_only_if_somebody_was_spoken_with(properties: dict[str, Any], outcome: str) -> None:
    assert row("calls", {"hs_timestamp": AT, **properties})["outcome"] == outcome


@pytest.mark.parametrize(
    ("direction", "status", "expected"),
    [
        ("INCOMING_EMAIL", None, ("inbound", "sent")),
        ("EMAIL", "SENT", ("outbound", "sent")),
        ("FORWARDED_EMAIL", None, ("outbound", "sent")),
        ("EMAIL", "BOUNCED", ("outbound", "void")),
        ("EMAIL", "SCHEDULED", ("outbound", "void")),
        (None, None, ("outbound", "sent")),
    ],
)
def test_an_email_is_inbound_only_if_it_came_in(
    direction: str | None, status: str | None, expected: tuple[str, str]
) -> None:
    found = row("emails", {"hs_timestamp": AT, "hs_email_direction": direction, "hs_email_status": status})
    assert (found["direction"], found["outcome"]) == expected


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("COMPLETED", "held"),
        ("SCHEDULED", "held"),
        (None, "held"),
        ("Demo given", "held"),
        ("NO_SHOW", "attempted"),
        ("CANCELED", "void"),
        ("RESCHEDULED", "void"),
    ],
)
def test_a_meeting_counts_unless_it_says_otherwise(outcome: str | None, expected: str) -> None:
    assert row("meetings", {"hs_timestamp": AT, "hs_meeting_outcome": outcome})["outcome"] == expected


def test_a_meeting_credits_owner_and_attendees_once_and_ends_when_it_ends() -> None:
    found = page(
        "meetings",
        {
            "hs_timestamp": "2026-03-02T08:00:00Z",
            "hs_meeting_start_time": AT,
            "hs_meeting_end_time": "2026-03-02T10:30:00.500Z",
            "hubspot_owner_id": "7",
            "hs_attendee_owner_ids": "7;8; 9;",
        },
    )
    (meeting,) = found.rows["activities"]
    assert meeting["id"] == "meetings:1"
    assert (meeting["at"].hour, meeting["at"].minute) == (9, 30)
    assert meeting["ends_at"] == datetime(2026, 3, 2, 10, 30, 0, 500000, UTC)
    links, _ = found.links  # and which meeting it is
    assert links.replaced == ["meetings:1"]
    assert [(link["side"], link["kind"], link["target"]) for link in links.rows] == [
        ("ours", "user", "7"),
        ("ours", "user", "8"),
        ("ours", "user", "9"),
    ]


def test_what_makes_no_sense_is_counted_and_the_rest_arrives() -> None:
    found = page(
        "calls",
        {"hs_timestamp": None},
        {"hs_timestamp": "1970-01-01T00:00:00Z"},
        {"hs_timestamp": "9999999999999999999"},
        {"hs_timestamp": "yesterday"},
        {"hs_timestamp": 1772443800000, "hs_call_duration": 130000, "hubspot_owner_id": 12},
    )
    assert found.set_aside == {NO_TIME: 1, ABSURD_TIME: 3}
    (call,) = found.rows["activities"]
    assert (call["outcome"], call["at"].year) == ("held", 2026)
    assert found.links[0].rows[0]["target"] == "12"
    assert found.records == 5


def test_archived_records_are_gone() -> None:
    found = mapped(shape("notes"), [{"id": 5, "archived": True, "properties": {"hs_timestamp": AT}}], {})
    assert found.gone == {"activities": ["notes:5"]}
    assert found.rows == {"activities": []}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data(), kind=st.sampled_from(list(shapes(settings()))))
def test_no_record_makes_the_mapping_raise(data: st.DataObject, kind: str) -> None:
    names = st.sampled_from(shape(kind).properties)
    values = data.draw(_JSON | st.dictionaries(names, _JSON))
    record = {"id": data.draw(st.none() | st.integers(1) | st.text()), "properties": values}
    found = mapped(shape(kind), [record], {})
    assert sum(map(len, found.rows.values())) + sum(found.set_aside.values()) == 1


def test_an_archived_owner_is_an_inactive_user() -> None:
    owner = {"id": 41, "email": "J.Roth@Seller.example", "firstName": "Jana", "lastName": None, "archived": True}
    assert user_row(owner) == {
        "id": "41",
        "name": "Jana",
        "email": "j.roth@seller.example",
        "title": "",
        "active": False,
        "manager_id": None,
        "department": "",
    }


@pytest.mark.parametrize(
    ("status", "archived", "expected"),
    [
        ("NOT_STARTED", False, "open"),
        ("WAITING", False, "open"),
        ("DEFERRED", False, "deferred"),
        ("COMPLETED", False, "completed"),
        ("NOT_STARTED", True, "deleted"),
        (None, False, "open"),
    ],
)
def test_a_task_has_one_of_four_states(status: str | None, archived: bool, expected: str) -> None:
    record = {
        "id": "5",
        "archived": archived,
        "archivedAt": "2026-03-05T10:00:00Z",
        "properties": {
            "holdfast_key": "hf1:1:owner:1",
            "hs_task_status": status,
            "hs_timestamp": "2026-03-04T09:00:00Z",
            "hs_task_body": "<p>As it was returned</p>",
            "hs_task_completion_date": "2026-03-03T10:00:00.100Z",
        },
    }
    state = task_state(record, "holdfast_key", "1")
    assert (state.status, state.due_on, state.body) == (expected, date(2026, 3, 4), "<p>As it was returned</p>")
    assert (state.ended_at is None) == (expected in ("open", "deferred"))


def content(severity: Literal["critical", "high", "medium", "low"] = "high", body: str = "Why") -> TaskContent:
    return TaskContent(assignee_id="7", subject="S", body=body, due_on=date(2026, 11, 24), severity=severity)


def test_a_new_task_carries_key_trace_due_time_and_both_associations() -> None:
    sent = create_input(
        CreateTask(key="hf1:512:owner:1", account_id="512", contact_id="33", content=content()), "holdfast_key"
    )
    assert sent["objectWriteTraceId"] == sent["properties"]["holdfast_key"] == "hf1:512:owner:1"
    assert sent["properties"]["hs_timestamp"] == "2026-11-24T09:00:00.000Z"
    assert sent["properties"]["hs_task_priority"] == "HIGH"
    links = [(link["to"]["id"], link["types"][0]["associationTypeId"]) for link in sent["associations"]]
    assert links == [("512", 192), ("33", 204)]


def test_a_body_is_escaped_and_keeps_paragraphs_and_lines() -> None:
    assert (
        body_html('A <b> & "c"\nline two\n\n\nnext\n')
        == "<p>A &lt;b&gt; &amp; &quot;c&quot;<br>line two</p><p>next</p>"
    )
    assert body_html("") == ""


def test_an_update_names_only_what_changed() -> None:
    change = UpdateTask(key="k", task_id="5", account_id="1", changed={"due_on": date(2026, 12, 1), "severity": "low"})
    assert update_input(change, "holdfast_key")["properties"] == {
        "hs_timestamp": "2026-12-01T09:00:00.000Z",
        "hs_task_priority": "LOW",
    }


def test_closing_leaves_a_text_alone_that_a_human_edited() -> None:
    change = CloseTask(key="k", task_id="5", account_id="1", reason="cleared", body=None)
    assert update_input(change, "holdfast_key")["properties"] == {"hs_task_status": "COMPLETED"}


def test_fields_are_sent_as_text_and_none_empties() -> None:
    change = SetFields(account_id="512", fields={"risk": 62, "coverage": None, "next_exec_due": date(2026, 12, 1)})
    names = settings(fields={"coverage": "our_coverage"}).fields.of_companies()
    assert fields_input(change, names)["properties"] == {
        "holdfast_risk": "62",
        "our_coverage": "",
        "holdfast_next_exec_due": "2026-12-01",
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"base_url": "http://api.example"}, "must begin with https://"),
        ({"base_url": "ftp://127.0.0.1"}, "must be scheme and host only"),
        ({"api_version": "v4"}, "must be a dated version"),
        ({"access_token": SecretStr(" ")}, "access_token is missing"),
        ({"auth": "oauth"}, "client_id is missing"),
        ({"search_per_second": 0}, "greater than or equal to 1"),
        ({"fields": {"risk": "a,b"}}, "should match pattern"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_line(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(**wrong)
    (error,) = caught.value.errors()
    assert said in error["msg"]
    assert "\n" not in error["msg"]


def test_what_finds_a_record_in_another_crm_is_read() -> None:
    company = row("companies", {"country": "Germany", "salesforceaccountid": "0015g00000AbCdE"})
    assert (company["country"], company["native_id"]) == ("Germany", "0015g00000AbCdE")
    contact = row("contacts", {"hs_additional_emails": "B@x.de; a@x.de;b@x.de", "salesforcecontactid": "0035g"})
    assert (contact["other_emails"], contact["native_id"]) == ("a@x.de;b@x.de", "0035g")
    assert row("deals", {"hs_salesforceopportunityid": "0065g"})["native_id"] == "0065g"
    assert (
        row("emails", {"hs_timestamp": AT, "hs_email_message_id": "<Ab.1@Mail.example>"})["uid"] == "ab.1@mail.example"
    )
    assert row("meetings", {"hs_timestamp": AT, "hs_i_cal_uid": "U1@Cal.example"})["uid"] == "u1@cal.example"
    assert row("calls", {"hs_timestamp": AT})["uid"] == ""
