"""The HubSpot portal as the sandbox's server drives it: a company loaded, acts of people, raw records."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.company import Company, SeedTouch
from connectors.sandbox.crm import Clock
from connectors.sandbox.hubspot_portal import HubspotPortal
from tests.sandbox.hubspot_served import START, portal, small_company


@pytest.fixture
def filled() -> HubspotPortal:
    made = portal()
    made.load(small_company())
    return made


def values(filled: HubspotPortal, kind: str, dataset_id: str) -> dict[str, str]:
    record = filled.record(kind, filled.ids(dataset_id)[0])
    assert record is not None
    found: dict[str, str] = record["properties"]
    return found


def task(filled: HubspotPortal, key: str = "hf1:a") -> str:
    acme = filled.ids("acme")[0]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 192}]
    properties = {"hs_task_subject": "Call", "hs_timestamp": "2026-11-10T09:00:00Z", "holdfast_key": key}
    made = filled.create("tasks", {"properties": properties, "associations": [{"to": {"id": acme}, "types": types}]})
    found: str = made["id"]
    return found


def test_a_company_lands_as_a_portal_would_hold_it(filled: HubspotPortal) -> None:
    acme = values(filled, "companies", "acme")
    assert acme["createdate"] == acme["hs_lastmodifieddate"] == "2020-03-01T12:00:00.000Z"
    assert (acme["lifecyclestage"], acme["customer_since"]) == ("customer", "2020-03-01")
    assert acme["hubspot_owner_id"] == filled.ids("jana")[0]
    group = values(filled, "companies", "group")
    assert (group["lifecyclestage"], group["createdate"]) == ("opportunity", "2026-09-02T10:00:00.000Z")


def test_contacts_carry_title_role_and_primary_company(filled: HubspotPortal) -> None:
    maria = values(filled, "contacts", "maria")
    assert maria["hs_buying_role"] == "DECISION_MAKER;EXECUTIVE_SPONSOR"
    assert (maria["firstname"], maria["lastname"], maria["jobtitle"]) == ("Maria de la", "Lopez", "CEO")
    assert maria["associatedcompanyid"] == filled.ids("acme")[0]
    assert values(filled, "contacts", "left")["hs_email_hard_bounce_reason_enum"] == "UNKNOWN_USER"


def test_owners_are_not_users_and_who_has_gone_is_archived(filled: HubspotPortal) -> None:
    owners, _ = filled.records("owners", "", 10)
    assert all(owner["id"] != str(owner["userIdIncludingInactive"]) for owner in owners)
    gone = filled.record("owners", filled.ids("gone")[0])
    assert gone is not None
    assert (gone["archived"], gone["userId"]) == (True, None)


@pytest.mark.parametrize(
    ("touch", "kind", "expected"),
    [
        ("t1", "emails", {"hs_email_direction": "EMAIL", "hs_email_status": "SENT", "hs_email_subject": "email!"}),
        ("t2", "emails", {"hs_email_direction": "INCOMING_EMAIL"}),
        ("t3", "calls", {"hs_call_status": "NO_ANSWER", "hs_call_disposition": "73a0d17f-1163-4015-bdd5-ec830791da20"}),
        ("t4", "calls", {"hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED", "hs_call_duration": "420000"}),
        ("t5", "meetings", {"hs_meeting_outcome": "COMPLETED", "hs_meeting_end_time": "2026-09-06T10:45:00.000Z"}),
        ("t6", "meetings", {"hs_meeting_outcome": "NO_SHOW"}),
        ("t7", "notes", {"hs_note_body": "note!"}),
    ],
)
def test_a_touch_becomes_the_activity_it_was(
    filled: HubspotPortal, touch: str, kind: str, expected: dict[str, str]
) -> None:
    found = values(filled, kind, touch)
    assert expected.items() <= found.items()
    assert found["hs_timestamp"] == found["hs_createdate"] == found["hs_lastmodifieddate"]
    assert found["hubspot_owner_id"] == filled.ids("jana")[0]


def test_a_meeting_names_all_of_ours_and_all_ends_are_associated(filled: HubspotPortal) -> None:
    assert values(filled, "meetings", "t5")["hs_attendee_owner_ids"] == ";".join(filled.ids("jana") + filled.ids("tom"))
    record = filled.record("meetings", filled.ids("t5")[0])
    assert record is not None
    assert record["associations"] == {
        "contacts": [{"id": filled.ids("maria")[0], "typeId": 200}],
        "companies": [{"id": filled.ids("acme")[0], "typeId": 188}],
    }


def test_an_unknown_kind_of_touch_is_refused() -> None:
    with pytest.raises(ValueError, match="no touch of kind `fax`: one of email, call, meeting, note"):
        portal().load(Company(touches=[SeedTouch(id="t", at=START, kind="fax")]))


def test_ids_leave_gaps_and_two_kinds_may_share_one(filled: HubspotPortal) -> None:
    ids = [int(one["id"]) for one in filled.records("deals", "", 10)[0]]
    assert ids != list(range(ids[0], ids[0] + len(ids)))
    assert abs(int(filled.ids("acme")[0]) - int(filled.ids("maria")[0])) < 1000


def test_raw_records_page_and_show_deleted_ones(filled: HubspotPortal) -> None:
    first, after = filled.records("deals", "", 2)
    assert after == first[-1]["id"]
    filled.delete("deals", first[0]["id"])
    rest, end = filled.records("deals", after, 2)
    assert (len(first), len(rest), end) == (2, 1, None)
    assert [one["archived"] for one in filled.records("deals", "", 10)[0]] == [True, False, False]
    assert filled.counts()["deals"] == 2


def test_another_user_may_create_and_change_but_not_break_rules(filled: HubspotPortal) -> None:
    made = filled.create("companies", {"name": "New"})
    assert filled.update("companies", made["id"], {"phone": "1"})["properties"]["phone"] == "1"
    with pytest.raises(ValueError, match="PROPERTY_DOESNT_EXIST"):
        filled.update("companies", made["id"], {"nothing": "1"})
    with pytest.raises(ValueError, match="no object `widgets` in HubSpot: one of contacts"):
        filled.create("widgets", {})
    with pytest.raises(ValueError, match="no company 9"):
        filled.update("companies", "9", {"phone": "1"})


def test_tasks_are_worked_on_by_id_or_key(filled: HubspotPortal) -> None:
    number = task(filled)
    for do, details, name, expected in (
        ("edit_task", {"subject": "Meet", "due_on": "2026-11-12"}, "hs_task_subject", "Meet"),
        ("edit_task", {"feedback": "already handled"}, "holdfast_feedback", "already handled"),
        ("defer_task", {"until": "2026-12-01"}, "hs_timestamp", "2026-12-01T09:00:00.000Z"),
        ("reassign_task", {"to": "tom"}, "hubspot_owner_id", filled.ids("tom")[0]),
        ("complete_task", {}, "hs_task_status", "COMPLETED"),
    ):
        assert filled.act("jana", do, {"task": "hf1:a"} | details) == {"object": "tasks", "id": number}
        assert filled.record("tasks", number)["properties"][name] == expected  # type: ignore[index]
    assert filled.record("tasks", number)["properties"]["hs_task_completion_date"]  # type: ignore[index]
    filled.act("jana", "delete_task", {"task": number})
    assert filled.record("tasks", number)["archived"] is True  # type: ignore[index]
    with pytest.raises(ValueError, match="no open or completed task `hf1:a`"):
        filled.act("jana", "complete_task", {"task": "hf1:a"})


@pytest.mark.parametrize(
    ("do", "details", "kind"),
    [
        ("log_call", {"outcome": "connected", "minutes": 5}, "calls"),
        ("log_email", {"direction": "inbound"}, "emails"),
        ("hold_meeting", {"users": ["tom"], "minutes": 30}, "meetings"),
    ],
)
def test_a_logged_activity_hangs_on_everybody_and_stirs_their_stamps(
    filled: HubspotPortal, do: str, details: dict[str, Any], kind: str
) -> None:
    who = {"account": "Acme", "contact": "maria@acme.example", "at": "2026-11-01T10:00:00Z"}
    done = filled.act("jana@seller.example", do, who | details)
    record = filled.record(kind, done["id"])
    assert record is not None
    assert done["object"] == kind
    assert record["properties"]["hs_timestamp"] == "2026-11-01T10:00:00.000Z"
    assert record["createdAt"].startswith("2026-11-02T06:00")
    assert set(record["associations"]) == {"contacts", "companies"}
    acme = values(filled, "companies", "acme")
    assert acme["hs_lastmodifieddate"].startswith("2026-11-02T06:00")
    assert acme["notes_last_contacted"] == "2026-11-01T10:00:00.000Z"


def test_people_leave_on_either_side(filled: HubspotPortal) -> None:
    filled.act("tom", "leave_company", {})
    assert filled.record("owners", filled.ids("tom")[0])["archived"] is True  # type: ignore[index]
    filled.act("", "leave_company", {"contact": "maria"})
    maria = values(filled, "contacts", "maria")
    assert maria["hs_employment_change_detected_date"] == maria["lastmodifieddate"]


def test_an_account_changes_hands_but_only_to_somebody_active(filled: HubspotPortal) -> None:
    filled.act("jana", "change_owner", {"account": "acme", "to": "Tom Beck"})
    assert values(filled, "companies", "acme")["hubspot_owner_id"] == filled.ids("tom")[0]
    with pytest.raises(ValueError, match="INVALID_OPTION"):
        filled.act("jana", "change_owner", {"account": "acme", "to": "gone"})


@pytest.mark.parametrize(
    ("do", "details", "message"),
    [
        ("dance", {}, "no verb `dance`: one of complete_task"),
        ("log_call", {}, "needs an account or a contact"),
        ("log_call", {"account": "nobody"}, "no company `nobody`"),
        ("log_email", {"account": "acme", "direction": "sideways"}, "direction must be one of"),
        ("edit_task", {"task": "1"}, "edit_task needs one of"),
        ("change_owner", {"account": "acme", "to": "nobody"}, "no user `nobody`"),
    ],
)
def test_an_act_that_cannot_be_says_why(filled: HubspotPortal, do: str, details: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        filled.act("jana", do, details)


def test_a_reset_portal_is_empty_and_knows_its_schema(filled: HubspotPortal) -> None:
    filled.reset()
    assert set(filled.counts().values()) == {0}
    assert filled.ids("acme") == []
    filled.load(small_company())
    assert filled.counts()["contacts"] == 2


def test_two_portals_filled_alike_are_alike() -> None:
    def everything() -> list[Any]:
        made = HubspotPortal(Clock(datetime(2026, 11, 2, 6, tzinfo=UTC)))
        made.load(small_company())
        return [made.records(kind, "", 100) for kind in ("companies", "contacts", "emails", "meetings", "owners")]

    assert everything() == everything()


def test_a_bare_portal_lacks_our_properties() -> None:
    made = portal(bare=True)
    with pytest.raises(ValueError, match="PROPERTY_DOESNT_EXIST"):
        made.create("companies", {"name": "x", "holdfast_risk": "1"})


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        ("quota", 429, b"You have reached your daily limit."),
        ("rate-limit", 429, b"TEN_SECONDLY_ROLLING"),
        ("search-rate-limit", 429, b"You have reached your secondly limit."),
        ("token-expired", 401, b"EXPIRED_AUTHENTICATION"),
        ("forbidden", 403, b"MISSING_SCOPES"),
        ("locked", 423, b"error"),
        ("migration", 477, b"error"),
        ("unavailable", 503, b"error"),
        ("server-error", 500, b"error"),
        ("", 502, b"<html>"),
        ("", 414, b"414 Request-URI Too Large"),
        ("", 404, b"OBJECT_NOT_FOUND"),
    ],
)
def test_an_outage_is_told_in_its_true_form(kind: str, status: int, told: bytes) -> None:
    answered, headers, body = portal().error(kind, status, 7)
    assert (answered, headers["Retry-After"]) == (status, "7")
    assert told in body
