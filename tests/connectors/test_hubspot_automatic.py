"""What a machine wrote is no answer, what is one meeting is told as one, and what lies ahead is upcoming."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.hubspot.activity import email_row, meeting_row, same_meeting
from connectors.hubspot.automatic import automatic
from connectors.hubspot.mapping import mapped, shapes
from connectors.hubspot.settings import HubspotSettings
from connectors.protocol import Row

AT = "2026-10-06T08:30:00Z"


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("Accepted: Quarterly review", "calendar"),
        ("Zugesagt: Jahresgespräch", "calendar"),
        ("Canceled event: Call with Acme @ Tue", "calendar"),
        ("Refusé : Point trimestriel", "calendar"),
        ("Automatic reply: Your offer", "away"),
        ("Automatische Antwort: Ihr Angebot", "away"),
        ("[Out of office]", "away"),
        ("Abwesenheitsnotiz", "away"),
        ("Offer accepted: next steps", ""),
        ("AW: Automatische Antwort auf die Ausschreibung", ""),
        ("Invitation: dinner at the fair", ""),
        ("We accepted your terms", ""),
        ("", ""),
    ],
)
def test_a_machine_s_e_mail_is_known_by_how_its_subject_begins(subject: str, told: str) -> None:
    assert automatic({"hs_email_subject": subject}) == told


def test_an_auto_reply_is_no_touch_and_an_answer_is_one() -> None:
    incoming = {"hs_timestamp": AT, "hs_email_direction": "INCOMING_EMAIL", "hs_email_status": "SENT"}
    reply, answer = (
        email_row(incoming | {"hs_email_subject": subject}) for subject in ("Automatic reply: Hello", "Re: Hello")
    )
    assert isinstance(reply, dict)
    assert isinstance(answer, dict)
    assert (reply["outcome"], answer["outcome"]) == ("void", "sent")


def meetings(*values: Row) -> list[Row]:
    shape = shapes(HubspotSettings.model_validate({"kind": "hubspot", "access_token": "t"}))["meetings"]
    page = mapped(shape, [{"id": str(n), "properties": one} for n, one in enumerate(values, 1)], {})
    return [row for links in page.links for row in links.rows if row["kind"] == "meeting"]


def test_records_of_one_meeting_name_the_same_meeting() -> None:
    copies: list[Row] = [
        {"hs_i_cal_uid": "u1", "hs_meeting_start_time": AT, "hubspot_owner_id": owner} for owner in ("7", "8")
    ]
    first, second = meetings(*copies)
    assert (first["activity_id"], second["activity_id"]) == ("meetings:1", "meetings:2")
    assert first["target"] == second["target"]


def test_meetings_of_a_series_are_not_one_meeting() -> None:
    week = {"hs_i_cal_uid": "u1", "hs_meeting_start_time": AT}
    assert same_meeting(week) != same_meeting(week | {"hs_meeting_start_time": "2026-10-13T08:30:00Z"})
    assert meetings({"hs_meeting_start_time": AT}) == []  # without an iCal id each stands alone


def test_a_meeting_that_is_scheduled_counts_once_it_has_ended_and_is_upcoming_until_then() -> None:
    ahead = {"hs_meeting_start_time": "2027-01-12T09:00:00Z", "hs_meeting_end_time": "2027-01-12T10:00:00Z"}
    row = meeting_row(ahead | {"hs_meeting_outcome": "SCHEDULED"})
    assert isinstance(row, dict)
    assert (row["outcome"], row["at"]) == ("held", datetime(2027, 1, 12, 9, tzinfo=UTC))
    assert row["ends_at"] == datetime(2027, 1, 12, 10, tzinfo=UTC)
