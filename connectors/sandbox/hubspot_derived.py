"""Values that HubSpot sets itself: what a record is born with, what it calculates, what an activity leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

import orjson

from connectors.sandbox.hubspot_schema import (
    CALL,
    COMMUNICATION,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    MEETING,
    TASK,
    TICKET,
    ObjectType,
)

_DEFAULTS = {
    DEAL: {"pipeline": "default"},
    TICKET: {"hs_pipeline": "0"},
    TASK: {"hs_task_status": "NOT_STARTED", "hs_task_priority": "NONE", "hs_task_type": "TODO"},
    EMAIL: {"hs_email_status": "SENT"},
}
_STAGES = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    "opportunity",
    "customer",
    "evangelist",
)
_AT_PAR: Mapping[str, float] = {}
_CONTACTED = {CALL, EMAIL, MEETING, COMMUNICATION}
_LAST_OF_COMPANY = {
    CALL: "hs_last_logged_call_date",
    MEETING: "hs_last_booked_meeting_date",
    TASK: "hs_last_open_task_date",
}


def born(kind: ObjectType, record_id: int, at: str, source: str) -> dict[str, str]:
    """What every new record of that kind carries; `at` as it is stored."""
    stamps = {"hs_object_id": str(record_id), kind.created: at, kind.modified: at, "hs_object_source_label": source}
    return stamps | _DEFAULTS.get(kind, {})


def keeps_lifecycle(present: str | None, wanted: str | None) -> bool:
    """Whether a write of the lifecycle stage is passed over: it only moves forward, unless cleared first."""
    if present not in _STAGES or wanted not in _STAGES:
        return False
    return _STAGES.index(wanted) < _STAGES.index(present)


def calculate(
    kind: ObjectType,
    properties: dict[str, str],
    before: dict[str, str],
    now: str,
    *,
    rates: Mapping[str, float] = _AT_PAR,
) -> None:
    """Bring the calculated values of a record in line with the others; `rates`: home currency per unit of another."""
    owner = properties.get("hubspot_owner_id")
    if owner != before.get("hubspot_owner_id"):
        _set(properties, "hs_all_owner_ids", owner)
        _set(properties, "hubspot_owner_assigneddate", now if owner else None)
    if kind is DEAL:
        _calculate_deal(properties, rates)
    elif kind is TICKET:
        properties["hs_is_closed"] = _word(properties.get("hs_pipeline_stage") == "4")
    elif kind is TASK:
        _calculate_task(properties, before, now)
    elif kind is EMAIL:
        _read_headers(properties, before)
    elif kind is MEETING and "hs_timestamp" in properties:
        properties.setdefault("hs_meeting_start_time", properties["hs_timestamp"])


def activity_effects(kind: ObjectType, properties: dict[str, str], now: str) -> dict[ObjectType, dict[str, str]]:
    """Which of their dates move when such an activity hangs on a company, a contact or a deal."""
    at = properties.get("hs_timestamp", now)
    if at > now:
        every = {"notes_next_activity_date": at}
        return {COMPANY: every, CONTACT: every}
    every = {"notes_last_updated": at}
    if kind in _CONTACTED:
        every["notes_last_contacted"] = at
    company = dict(every)
    if kind in _LAST_OF_COMPANY:
        company[_LAST_OF_COMPANY[kind]] = at
    elif kind is EMAIL and properties.get("hs_email_direction") == "EMAIL":
        company["hs_last_logged_outgoing_email_date"] = at
    return {COMPANY: company, CONTACT: every, DEAL: every}


def _set(properties: dict[str, str], name: str, value: str | None) -> None:
    if value:
        properties[name] = value
    else:
        properties.pop(name, None)


def _word(condition: Any) -> str:
    return "true" if condition else "false"


def _calculate_deal(properties: dict[str, str], rates: Mapping[str, float]) -> None:
    stage = properties.get("dealstage")
    properties["hs_is_closed"] = _word(stage in ("closedwon", "closedlost"))
    properties["hs_is_closed_won"] = _word(stage == "closedwon")
    properties["hs_is_closed_lost"] = _word(stage == "closedlost")
    amount, rate = properties.get("amount"), rates.get(properties.get("deal_currency_code", ""))
    _set(properties, "amount_in_home_currency", f"{float(amount) * rate:.15g}" if amount and rate else amount)


def _calculate_task(properties: dict[str, str], before: dict[str, str], now: str) -> None:
    done = properties.get("hs_task_status") == "COMPLETED"
    properties["hs_task_is_completed"] = str(int(done))
    properties["hs_task_is_open"] = str(int(not done))
    if not done:
        properties.pop("hs_task_completion_date", None)
    elif before.get("hs_task_status") != "COMPLETED":
        properties["hs_task_completion_date"] = now


def _read_headers(properties: dict[str, str], before: dict[str, str]) -> None:
    """The from and to fields are read-only: they come out of `hs_email_headers`."""
    text = properties.get("hs_email_headers")
    if text is None or text == before.get("hs_email_headers"):
        return
    try:
        headers = orjson.loads(text)
        sender, receivers = headers.get("from") or {}, headers.get("to") or []
        properties["hs_email_from_email"] = parseaddr(sender.get("email", ""))[1]
        properties["hs_email_to_email"] = ";".join(parseaddr(one.get("email", ""))[1] for one in receivers)
    except (ValueError, AttributeError):
        return
