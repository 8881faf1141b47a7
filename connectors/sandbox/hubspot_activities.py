"""Touches as HubSpot holds them: an e-mail, call, meeting or note with its own properties, seen from one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.sandbox.hubspot_schema import CALL, EMAIL, MEETING, NOTE, ObjectType
from connectors.sandbox.hubspot_values import text_of

KINDS: Mapping[str, ObjectType] = {"email": EMAIL, "call": CALL, "meeting": MEETING, "note": NOTE}

# Outcome of a call: (GUID of the disposition, status); the GUIDs are the same in every portal.
_CALL_OUTCOMES = {
    "connected": ("f240bbac-87c9-4f6e-bf70-924b57d47db7", "COMPLETED"),
    "voicemail": ("b2cf5968-551e-4856-9783-52b3da59a7d0", "COMPLETED"),
    "live-message": ("a4c4c377-d246-4b32-a13b-75a56a4cd0ff", "COMPLETED"),
    "wrong-number": ("17b47fee-58de-441e-a44c-c6300d46f273", "COMPLETED"),
    "no-answer": ("73a0d17f-1163-4015-bdd5-ec830791da20", "NO_ANSWER"),
    "busy": ("9d9162e7-6cf3-4944-bf63-4dff82258764", "BUSY"),
}
_MEETING_OUTCOMES = {
    "completed": "COMPLETED",
    "held": "COMPLETED",
    "no-show": "NO_SHOW",
    "cancelled": "CANCELED",
    "canceled": "CANCELED",
    "scheduled": "SCHEDULED",
    "rescheduled": "RESCHEDULED",
}
_MEETING_MINUTES = 30


def activity(  # noqa: PLR0917 called a million times in a load
    kind: str,
    at: datetime,
    direction: str,
    subject: str,
    outcome: str,
    minutes: int | None,
    owners: Sequence[str],
    uid: str,
) -> dict[str, str]:
    """The properties of one touch, without stamps of record; `owners` are owner ids, the first one owns it."""
    at = at.astimezone(UTC)
    found = {"hs_timestamp": text_of(at)}
    if owners:
        found["hubspot_owner_id"] = owners[0]
    match kind:
        case "email":
            found["hs_email_direction"] = "INCOMING_EMAIL" if direction == "inbound" else "EMAIL"
            found["hs_email_status"] = {"bounced": "BOUNCED", "failed": "FAILED"}.get(outcome, "SENT")
            found["hs_email_subject"] = subject
        case "call":
            found["hs_call_title"] = subject
            found |= _call(direction, outcome, minutes)
        case "meeting":
            found["hs_meeting_title"] = subject
            found |= _meeting(at, outcome, minutes, owners, uid)
        case "note":
            found["hs_note_body"] = subject
        case _:
            raise ValueError(f"no touch of kind `{kind}`: one of {', '.join(KINDS)}")
    return {name: value for name, value in found.items() if value}


def _call(direction: str, outcome: str, minutes: int | None) -> dict[str, str]:
    disposition, status = _CALL_OUTCOMES.get(outcome, ("", "COMPLETED"))
    return {
        "hs_call_direction": "INBOUND" if direction == "inbound" else "OUTBOUND",
        "hs_call_status": status,
        "hs_call_disposition": disposition,
        # Calls logged by hand often have no duration; those that came about by software have milliseconds.
        "hs_call_duration": "" if minutes is None else str(minutes * 60_000),
    }


def _meeting(at: datetime, outcome: str, minutes: int | None, owners: Sequence[str], uid: str) -> dict[str, str]:
    end = at + timedelta(minutes=_MEETING_MINUTES if minutes is None else minutes)
    return {
        "hs_meeting_start_time": text_of(at),
        "hs_meeting_end_time": text_of(end),
        "hs_meeting_outcome": _MEETING_OUTCOMES.get(outcome, ""),
        "hs_attendee_owner_ids": ";".join(owners),
        "hs_i_cal_uid": f"{uid}@calendar.example",
    }
