"""Calls, e-mails, meetings, notes and communications become rows of `activities`, in the words of `rules.model`.

The same meeting can stand in the portal once per attendee or calendar (one `hs_i_cal_uid` on several records). The
records stay apart, since each may bring people that the others lack and each can vanish alone; a link of kind `meeting`
names what they have in common, so that whoever counts meetings can fold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from connectors.hubspot.automatic import automatic
from connectors.hubspot.values import Properties, number, sane_moment, text
from connectors.protocol import Row
from rules.model import Direction, Kind, Outcome

HELD_CALL_MILLISECONDS = 120_000  # facts/domain.md 0a

NO_TIME = "activity without a time"
ABSURD_TIME = "activity with an absurd time"

_CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
# The outcomes that every portal has; a custom one says nothing that we know.
_NOT_CONNECTED = {
    "9d9162e7-6cf3-4944-bf63-4dff82258764",  # busy
    "a4c4c377-d246-4b32-a13b-75a56a4cd0ff",  # left live message
    "b2cf5968-551e-4856-9783-52b3da59a7d0",  # left voicemail
    "73a0d17f-1163-4015-bdd5-ec830791da20",  # no answer
    "17b47fee-58de-441e-a44c-c6300d46f273",  # wrong number
}
_CALL_NEVER_TOOK_PLACE = {"CANCELED", "FAILED", "QUEUED", "RINGING", "CONNECTING", "CALLING_CRM_USER", "IN_PROGRESS"}
_EMAIL_NOT_SENT = {"BOUNCED", "FAILED", "SCHEDULED"}
_MEETING_OUTCOMES = {"NO_SHOW": Outcome.ATTEMPTED, "CANCELED": Outcome.VOID, "RESCHEDULED": Outcome.VOID}
_CALL_DIRECTIONS = {"INBOUND": Direction.INBOUND, "OUTBOUND": Direction.OUTBOUND}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What is asked of one type of activity, and how it becomes a row (or the reason why it is set aside). `same` names
    what several records are about, empty where each stands alone.
    """

    properties: tuple[str, ...]
    row: Callable[[Properties], Row | str]
    owners: Callable[[Properties], Iterable[str]]
    same: Callable[[Properties], str] | None = None


def call_row(values: Properties) -> Row | str:
    direction = _CALL_DIRECTIONS.get(text(values, "hs_call_direction").upper(), Direction.NONE)
    return _row(Kind.CALL, values, _time(values, "hs_timestamp"), call_outcome(values), direction)


def call_outcome(values: Properties) -> Outcome:
    """HELD if connected, or of at least 120 s, or completed where neither disposition nor duration is known."""
    status = text(values, "hs_call_status").upper()
    disposition = text(values, "hs_call_disposition").lower()
    duration = number(values, "hs_call_duration")
    if status in _CALL_NEVER_TOOK_PLACE:
        return Outcome.VOID
    if disposition == _CONNECTED:
        return Outcome.HELD
    if disposition in _NOT_CONNECTED:
        return Outcome.ATTEMPTED  # however long: a voicemail can take two minutes
    if duration is not None:
        return Outcome.HELD if duration >= HELD_CALL_MILLISECONDS else Outcome.ATTEMPTED
    return Outcome.HELD if status == "COMPLETED" else Outcome.ATTEMPTED


def email_row(values: Properties) -> Row | str:
    """SENT unless it never left or no person wrote it: a calendar's answer and an auto-reply answer nothing."""
    inbound = text(values, "hs_email_direction").upper() == "INCOMING_EMAIL"
    void = text(values, "hs_email_status").upper() in _EMAIL_NOT_SENT or automatic(values)
    outcome = Outcome.VOID if void else Outcome.SENT
    direction = Direction.INBOUND if inbound else Direction.OUTBOUND
    uid = text(values, "hs_email_message_id")
    return _row(Kind.EMAIL, values, _time(values, "hs_timestamp"), outcome, direction, uid=uid)


def meeting_row(values: Properties) -> Row | str:
    """HELD unless it says otherwise: also SCHEDULED, no outcome and a portal's own; it counts once it has ended, and is
    upcoming until it begins.
    """
    at = _time(values, "hs_meeting_start_time", "hs_timestamp")
    outcome = _MEETING_OUTCOMES.get(text(values, "hs_meeting_outcome").upper(), Outcome.HELD)
    row = _row(Kind.MEETING, values, at, outcome, Direction.NONE, uid=text(values, "hs_i_cal_uid"))
    if isinstance(row, str):
        return row
    end = sane_moment(values.get("hs_meeting_end_time"))
    return row | {"ends_at": max(end, row["at"]) if end else row["at"]}


def same_meeting(values: Properties) -> str:
    """The meeting's iCal id with its start, since a series has one id for all of its meetings."""
    uid, at = text(values, "hs_i_cal_uid"), _time(values, "hs_meeting_start_time", "hs_timestamp")
    return f"{uid}@{at:%Y-%m-%dT%H:%MZ}" if uid and isinstance(at, datetime) else ""


def note_row(values: Properties) -> Row | str:
    # Not VOID, though a note is no touch: it is evidence that its author logs.
    return _row(Kind.NOTE, values, _time(values, "hs_timestamp"), Outcome.SENT, Direction.NONE)


def message_row(values: Properties) -> Row | str:
    return _row(Kind.MESSAGE, values, _time(values, "hs_timestamp"), Outcome.SENT, Direction.OUTBOUND)


def owner(values: Properties) -> list[str]:
    found = text(values, "hubspot_owner_id")
    return [found] if found else []


def meeting_owners(values: Properties) -> list[str]:
    """The organiser and our attendees, each once: owner ids, not user ids."""
    attendees = (part.strip() for part in text(values, "hs_attendee_owner_ids").split(";"))
    return list(dict.fromkeys([*owner(values), *(part for part in attendees if part)]))


def _row(
    kind: Kind, values: Properties, at: datetime | str, outcome: Outcome, direction: Direction, *, uid: str = ""
) -> Row | str:
    if isinstance(at, str):
        return at
    return {
        "kind": kind.value,
        "direction": direction.value,
        "outcome": outcome.value,
        "at": at,
        "on_day": None,
        "ends_at": None,
        "uid": uid.lower().strip("<> "),
        "created_at": sane_moment(values.get("hs_createdate")),
    }


def _time(values: Properties, *names: str) -> datetime | str:
    """The first sane instant among the properties, else why there is none."""
    raw = [values.get(name) for name in names]
    for value in raw:
        if found := sane_moment(value):
            return found
    return ABSURD_TIME if any(value not in (None, "") for value in raw) else NO_TIME


_COMMON = ("hs_timestamp", "hubspot_owner_id", "hs_createdate")

READINGS = {
    "calls": Reading(
        properties=(*_COMMON, "hs_call_direction", "hs_call_status", "hs_call_disposition", "hs_call_duration"),
        row=call_row,
        owners=owner,
    ),
    "emails": Reading(
        properties=(*_COMMON, "hs_email_direction", "hs_email_status", "hs_email_subject", "hs_email_message_id"),
        row=email_row,
        owners=owner,
    ),
    "meetings": Reading(
        properties=(
            *_COMMON,
            "hs_meeting_start_time",
            "hs_meeting_end_time",
            "hs_meeting_outcome",
            "hs_attendee_owner_ids",
            "hs_i_cal_uid",
        ),
        row=meeting_row,
        owners=meeting_owners,
        same=same_meeting,
    ),
    "notes": Reading(properties=_COMMON, row=note_row, owners=owner),
    "communications": Reading(properties=_COMMON, row=message_row, owners=owner),
}
