"""HubSpot's records become rows of the store's tables. Pure: no clock, no I/O, and no record makes it raise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from connectors.hubspot import activity
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.task_keys import key_of, without_key
from connectors.hubspot.values import (
    Json,
    Properties,
    day,
    moment,
    number,
    properties,
    sane_moment,
    text,
    truth,
)
from connectors.protocol import Cursor, Links, Page, Row, TaskState

NO_PROPERTIES = "record without properties"
OWNER_SOURCE = "owner"  # who of ours, as the activity's own properties tell it
MEETING_SOURCE = "ical"  # which meeting an activity is one of several records of

MERGED = ("hs_merged_object_ids",)
# Either alone can lack ids.
CONTACT_MERGED = (*MERGED, "hs_calculated_merged_vids")

_CUSTOMER_STAGES = {"customer", "evangelist"}
_NO = {"", "false", "no", "0"}
_LARGEST_SCORE = 2**53
_OUR_DATES = {"last_exec_exchange", "next_exec_due", "snooze_until"}
_TASK_STATUS = {"COMPLETED": "completed", "DEFERRED": "deferred"}  # all others are open


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """How records of one HubSpot object become rows of one table.

    `row` returns the row without its id, or the reason why the record is set aside. `owners` names our people in an
    activity, `same` what other records may be about too. Ids in the store begin with `prefix`.
    """

    kind: str  # HubSpot's plural name
    table: str
    properties: tuple[str, ...]
    row: Callable[[Properties], Row | str]
    watermark: str = "hs_lastmodifieddate"
    prefix: str = ""
    owners: Callable[[Properties], Iterable[str]] | None = None
    same: Callable[[Properties], str] | None = None
    merged: tuple[str, ...] = ()  # properties that name the ids which went into a record
    drifts: bool = False  # some of the properties are calculated: they move without the watermark


def in_home_currency(shape: Shape, currency: str) -> Shape:
    """The shape of deals in a portal of that home currency."""
    return replace(shape, row=partial(deal_row, home_currency=currency))


def shapes(settings: HubspotSettings) -> dict[str, Shape]:
    """The shapes of all objects that are read by list and search, by HubSpot's plural name, in the order of reading."""
    ours = settings.fields.of_companies()
    theirs = [name for _, name in settings.map if name]
    company = ("name", "domain", "type", "hubspot_owner_id", "lifecyclestage", "hs_parent_company_id", "createdate")
    found = [
        Shape(
            kind="companies",
            table="accounts",
            properties=tuple(dict.fromkeys((*company, *MERGED, *ours.values(), *theirs))),
            row=partial(account_row, settings),
            merged=MERGED,
            drifts=True,
        ),
        Shape(
            kind="contacts",
            table="contacts",
            properties=_CONTACT_PROPERTIES,
            row=contact_row,
            # Contacts alone: a search for their hs_lastmodifieddate finds nothing, without an error.
            watermark="lastmodifieddate",
            merged=CONTACT_MERGED,
        ),
        Shape(kind="deals", table="deals", properties=_DEAL_PROPERTIES, row=deal_row, merged=MERGED, drifts=True),
    ]
    found += [
        Shape(
            kind=kind,
            table="activities",
            properties=reading.properties,
            row=reading.row,
            prefix=f"{kind}:",
            owners=reading.owners,
            same=reading.same,
        )
        for kind, reading in activity.READINGS.items()
    ]
    return {shape.kind: shape for shape in found}


def merged_ids(shape: Shape, record: Json) -> list[str]:
    """The ids that went into the record by merges; they lead to it and are nobody's any more."""
    values = properties(record)
    if not any(values.get(name) for name in shape.merged):
        return []  # nearly every record
    # "id;id" or, from older times, "id:timestamp;id:timestamp".
    found = (part.partition(":")[0].strip() for name in shape.merged for part in text(values, name).split(";"))
    return [one for one in dict.fromkeys(found) if one.isdecimal() and one != str(record.get("id"))]


def mapped(shape: Shape, records: Sequence[Json], cursor: Cursor, *, last: bool = False) -> Page:
    """One page of rows, with the links that the records themselves tell; archived and merged ones are gone."""
    rows: list[Row] = []
    links: list[Row] = []
    meetings: list[Row] = []
    gone: list[str] = []
    merged: dict[str, str] = {}
    aside: Counter[str] = Counter()
    for record in records:
        record_id = record.get("id")
        if not record_id:
            aside["no id"] += 1
            continue
        row_id = f"{shape.prefix}{record_id}"
        if record.get("archived") is True:
            gone.append(row_id)
            continue
        if not isinstance(record.get("properties"), dict):
            # No record without values, which has nulls: stored, it would wipe out what is known of it.
            aside[NO_PROPERTIES] += 1
            continue
        merged |= {f"{shape.prefix}{one}": row_id for one in merged_ids(shape, record)}
        values = properties(record)
        row = shape.row(values)
        if isinstance(row, str):
            aside[row] += 1
            continue
        rows.append({"id": row_id, **row})
        if shape.owners:
            links += [_ours(row_id, owner) for owner in shape.owners(values)]
        if shape.same and (meeting := shape.same(values)):
            meetings.append({"activity_id": row_id, "side": "about", "kind": "meeting", "target": meeting})
    return Page(
        rows={shape.table: rows},
        links=_told(shape, rows, links, meetings),
        gone={shape.table: [*gone, *merged]} if gone or merged else {},
        merged={shape.table: merged} if merged else {},
        records=len(records),
        set_aside=dict(aside),
        cursor=cursor,
        last=last,
    )


def _told(shape: Shape, rows: Sequence[Row], owners: Sequence[Row], meetings: Sequence[Row]) -> list[Links]:
    """What the records themselves tell of whom and what they are linked to."""
    told = [(OWNER_SOURCE, owners)] if shape.owners else []
    told += [(MEETING_SOURCE, meetings)] if shape.same else []
    return [Links(source=source, rows=some, replaced=[row["id"] for row in rows]) for source, some in told]


def _ours(activity_id: str, owner_id: str) -> Row:
    return {"activity_id": activity_id, "side": "ours", "kind": "user", "target": owner_id}


def account_row(settings: HubspotSettings, values: Properties) -> Row:
    theirs = settings.map
    return {
        "name": text(values, "name"),
        "domain": text(values, "domain").lower(),
        "owner_id": text(values, "hubspot_owner_id") or None,
        "customer_type": text(values, "lifecyclestage") in _CUSTOMER_STAGES,
        "customer_since": day(values, theirs.customer_since),
        "parent_id": text(values, "hs_parent_company_id") or None,
        "flagged": _marked(values, theirs.key_account),
        "customer_flag": _marked(values, theirs.customer),
        "tier": text(values, theirs.tier),
        "revenue": number(values, theirs.revenue),
        "type": text(values, "type"),
        "ours": _our_values(settings.fields.of_companies(), values),
        "created_at": sane_moment(values.get("createdate")),
    }


def _marked(values: Properties, name: str) -> bool:
    """A checkbox that is ticked, or a picklist that says anything but no."""
    return text(values, name).lower() not in _NO


def _our_values(names: Mapping[str, str], values: Properties) -> Row:
    """Our properties by logical name, empty ones left out: `risk` an int, dates ISO strings, the rest text."""
    found = {logical: _our_value(logical, values, name) for logical, name in names.items()}
    return {logical: value for logical, value in found.items() if value not in (None, "")}


def _our_value(logical: str, values: Properties, name: str) -> float | str | None:
    if logical == "risk":
        score = number(values, name)
        # What somebody wrote over ours can be longer than any column; a float stays one.
        return round(score) if score is not None and abs(score) < _LARGEST_SCORE else score
    if logical in _OUR_DATES:
        on = day(values, name)
        return on.isoformat() if on else None
    return text(values, name)


# "Confirmed no longer employed", where the portal enriches its contacts.
_LEFT = ("hs_employment_change_detected_date", "hs_job_change_detected_date")
_CONTACT_PROPERTIES = (
    "firstname",
    "lastname",
    "email",
    "jobtitle",
    "associatedcompanyid",
    "hs_seniority",
    "hs_buying_role",
    "createdate",
    *_LEFT,
    "hs_email_hard_bounce_reason_enum",
    "lastmodifieddate",
    *CONTACT_MERGED,
)


def contact_row(values: Properties) -> Row:
    email = text(values, "email").lower()
    name = f"{text(values, 'firstname')} {text(values, 'lastname')}".strip()
    roles = {role.strip().lower().replace("_", "-") for role in text(values, "hs_buying_role").split(";")}
    return {
        "account_id": text(values, "associatedcompanyid") or None,
        "name": name or email,
        "email": email,
        "title": text(values, "jobtitle"),
        "seniority": text(values, "hs_seniority"),
        "roles": ";".join(sorted(roles - {""})),
        **_left(values),
        "created_at": sane_moment(values.get("createdate")),
    }


def _left(values: Properties) -> Row:
    """When and why the person seems to have left; of a mailbox that is gone the portal keeps no day, so that is the
    day of the record's last change, of which the store keeps the earliest.
    """
    noticed = [found for name in _LEFT if (found := day(values, name))]
    if noticed:
        return {"left_on": min(noticed), "left_why": "job change detected"}
    gone = text(values, "hs_email_hard_bounce_reason_enum") == "UNKNOWN_USER"
    bounced_on = day(values, "lastmodifieddate") if gone else None
    return {"left_on": bounced_on, "left_why": "e-mail bounced" if bounced_on else ""}


_DEAL_PROPERTIES = (
    "dealname",
    "amount",
    "amount_in_home_currency",
    "deal_currency_code",
    "closedate",
    "hs_is_closed_won",
    "createdate",
    *MERGED,
)


def deal_row(values: Properties, *, home_currency: str = "") -> Row:
    """A deal; the amount is in the portal's home currency wherever the portal has converted it."""
    converted = number(values, "amount_in_home_currency")
    own_currency = text(values, "deal_currency_code")
    return {
        "account_id": None,  # its links tell
        "name": text(values, "dealname"),
        "amount": number(values, "amount") if converted is None else converted,
        "currency": own_currency if converted is None else home_currency,
        "closed_on": day(values, "closedate"),
        "won": truth(values, "hs_is_closed_won"),
        "created_at": sane_moment(values.get("createdate")),
    }


def user_row(owner: Json) -> Row:
    """An owner: all that HubSpot says of our people stands at the top level. It knows no managers."""
    email = text(owner, "email").lower()
    return {
        "id": text(owner, "id"),
        "name": f"{text(owner, 'firstName')} {text(owner, 'lastName')}".strip() or email,
        "email": email,
        "title": "",
        "active": owner.get("archived") is not True,
        "manager_id": None,
    }


def task_properties(key_property: str, feedback_property: str = "") -> tuple[str, ...]:
    """What is read of a task of ours. A portal leaves out what it does not have."""
    feedback = (feedback_property,) if feedback_property else ()
    return (
        key_property,
        *feedback,
        "hs_task_subject",
        "hs_task_body",
        "hs_task_status",
        "hs_timestamp",
        "hubspot_owner_id",
        "hs_task_completion_date",
        "hs_createdate",
    )


def task_state(
    record: Json, key_property: str, account_id: str | None = None, *, feedback_property: str = ""
) -> TaskState:
    """A task as the portal has it; `body` is its HTML without a key in it, `due_on` the UTC day of its due time."""
    values = properties(record)
    archived = record.get("archived") is True
    status = "deleted" if archived else _TASK_STATUS.get(text(values, "hs_task_status").upper(), "open")
    ended = {"deleted": record.get("archivedAt"), "completed": values.get("hs_task_completion_date")}
    return TaskState(
        key=key_of(record, key_property),
        id=text(record, "id"),
        status=status,
        account_id=account_id,
        assignee_id=text(values, "hubspot_owner_id") or None,
        subject=text(values, "hs_task_subject"),
        body=without_key(text(values, "hs_task_body")),
        due_on=day(values, "hs_timestamp"),
        created_at=sane_moment(values.get("hs_createdate") or record.get("createdAt")),
        ended_at=moment(ended.get(status)),
        feedback=text(values, feedback_property).strip().lower(),
    )
