"""What a rep or a customer does in the portal, by verbs: complete a task, log a call, leave the company ..."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.sandbox.hubspot_account import Account
from connectors.sandbox.hubspot_activities import KINDS, activity
from connectors.sandbox.hubspot_links import Link
from connectors.sandbox.hubspot_load import OWNER
from connectors.sandbox.hubspot_owners import Owner
from connectors.sandbox.hubspot_schema import COMPANY, CONTACT, TASK, ObjectType, object_type
from connectors.sandbox.hubspot_store import Record
from connectors.sandbox.hubspot_values import stamp, text_of

Done = dict[str, Any]
_DEFER = timedelta(days=14)
_MORNING = "T09:00:00.000Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """Who does it, and with what."""

    account: Account
    who: str
    details: Mapping[str, Any]

    def text(self, name: str, default: str = "") -> str:
        return str(self.details.get(name, default))


def act(account: Account, who: str, do: str, details: Mapping[str, Any]) -> Done:
    """Do it as `who` (dataset id, e-mail address, name or CRM id); returns the object and id that were touched."""
    verb = VERBS.get(do)
    if verb is None:
        raise ValueError(f"no verb `{do}`: one of {', '.join(VERBS)}")
    return verb(Deed(account=account, who=who, details=details))


def _complete_task(deed: Deed) -> Done:
    return _set_task(deed, {"hs_task_status": "COMPLETED"})


def _delete_task(deed: Deed) -> Done:
    record = _task(deed)
    deed.account.data.archive(TASK, record)
    return _done(TASK, record)


def _defer_task(deed: Deed) -> Done:
    """Put off until a day, two weeks if none is given."""
    later = text_of((deed.account.clock.now() + _DEFER).astimezone(UTC))
    return _set_task(deed, {"hs_task_status": "DEFERRED", "hs_timestamp": _due(deed.text("until", later))})


def _reassign_task(deed: Deed) -> Done:
    return _set_task(deed, {"hubspot_owner_id": str(_owner(deed.account, deed.text("to")).id)})


def _edit_task(deed: Deed) -> Done:
    names = {"subject": "hs_task_subject", "body": "hs_task_body", "feedback": "holdfast_feedback"}
    values = {ours: deed.text(name) for name, ours in names.items() if name in deed.details}
    if "due_on" in deed.details:
        values["hs_timestamp"] = _due(deed.text("due_on"))
    if not values:
        raise ValueError("edit_task needs one of subject, body, due_on, feedback")
    return _set_task(deed, values)


def _give_feedback(deed: Deed) -> Done:
    """`answer`: helpful, wrong or already handled."""
    return _set_task(deed, {"holdfast_feedback": deed.text("answer")})


def _log_call(deed: Deed) -> Done:
    return _log(deed, "call", deed.text("outcome", "connected"))


def _log_email(deed: Deed) -> Done:
    return _log(deed, "email", "")


def _hold_meeting(deed: Deed) -> Done:
    return _log(deed, "meeting", deed.text("outcome", "completed"))


def _leave_company(deed: Deed) -> Done:
    """One of ours becomes an archived owner; mail to one of theirs comes back, the change of job is noticed."""
    account = deed.account
    owner = None if deed.details.get("contact") else _find_owner(account, deed.who)
    if owner is not None:
        account.set_active(owner, active=False)
        return {"object": "owners", "id": str(owner.id)}
    contact = _record(account, CONTACT, deed.text("contact", deed.who))
    left = {
        "hs_email_hard_bounce_reason_enum": "UNKNOWN_USER",
        "hs_email_bounce": "1",
        "hs_employment_change_detected_date": stamp(account.data.now_ms),
    }
    account.data.set_values(CONTACT, contact, left)
    return _done(CONTACT, contact)


def _send_mailing(deed: Deed) -> Done:
    """The portal sends `contact` the marketing e-mail `name`, which they click if `clicked`: no stamp moves."""
    contact, now = _record(deed.account, CONTACT, deed.text("contact")), stamp(deed.account.data.now_ms)
    sent = {"hs_email_last_send_date": now, "hs_email_last_email_name": deed.text("name", "Bulletin")}
    sent["hs_email_delivered"] = str(int(contact.properties.get("hs_email_delivered", "0")) + 1)
    sent |= {"hs_email_first_send_date": now} if sent["hs_email_delivered"] == "1" else {}
    sent |= {"hs_email_last_click_date": now} if deed.details.get("clicked") else {}
    deed.account.data.set_values(CONTACT, contact, sent, touch=False)
    return _done(CONTACT, contact)


def _change_owner(deed: Deed) -> Done:
    company = _record(deed.account, COMPANY, deed.text("account"))
    owner = _owner(deed.account, deed.text("to"))
    return _done(COMPANY, deed.account.data.update(COMPANY, company, {"hubspot_owner_id": str(owner.id)}))


def _bulk_edit(deed: Deed) -> Done:
    """`values` on every record of `object`, all with one and the same modification stamp, as HubSpot's bulk jobs do."""
    kind, values = object_type(deed.text("object")), deed.details.get("values")
    if kind is None or not isinstance(values, dict):
        raise ValueError("bulk_edit needs object (contacts, companies ...) and values")
    return {"object": kind.plural, "records": deed.account.data.update_all(kind, values)}


def _restore(deed: Deed) -> Done:
    """An archived record (`object`, `id`) is back."""
    kind = object_type(deed.text("object"))
    record = deed.account.data.find(kind, deed.text("id")) if kind else None
    if kind is None or record is None or record.archived_at is None:
        raise ValueError("restore needs object (companies, contacts ...) and the id of an archived one")
    deed.account.data.restore(kind, record)
    return _done(kind, record)


VERBS: Mapping[str, Callable[[Deed], Done]] = {
    "complete_task": _complete_task,
    "delete_task": _delete_task,
    "defer_task": _defer_task,
    "reassign_task": _reassign_task,
    "edit_task": _edit_task,
    "give_feedback": _give_feedback,
    "log_call": _log_call,
    "log_email": _log_email,
    "hold_meeting": _hold_meeting,
    "leave_company": _leave_company,
    "send_mailing": _send_mailing,
    "change_owner": _change_owner,
    "bulk_edit": _bulk_edit,
    "restore": _restore,
}


def _log(deed: Deed, kind: str, outcome: str) -> Done:
    direction = deed.text("direction") or "outbound"
    if direction not in ("inbound", "outbound"):
        raise ValueError(f"direction must be one of inbound, outbound (is {direction!r})")
    data, minutes = deed.account.data, deed.details.get("minutes")
    owners = [_owner(deed.account, who) for who in (deed.who, *_several(deed, "users", "user"))]
    links = _links(deed, KINDS[kind])
    if not links:
        raise ValueError(f"a {kind} needs an account or a contact")
    values = activity(
        kind,
        _moment(deed),
        direction,
        deed.text("subject", f"{kind.capitalize()} logged"),
        outcome,
        None if minutes is None else int(minutes),
        list(dict.fromkeys(str(owner.id) for owner in owners)),
        f"{kind}-{data.now_ms}",
    )
    return _done(KINDS[kind], data.create(KINDS[kind], values, links, source="CRM_UI"))


def _links(deed: Deed, kind: ObjectType) -> list[Link]:
    ends = [(CONTACT, contact) for contact in _several(deed, "contacts", "contact")]
    ends += [(COMPANY, company) for company in _several(deed, "account")]
    return [
        Link(
            target=target,
            target_id=_record(deed.account, target, wanted).id,
            types=(deed.account.data.links.unlabelled(kind, target).id,),
        )
        for target, wanted in ends
    ]


def _several(deed: Deed, *names: str) -> list[str]:
    """Values of those keys: one, a list, or joined by `;`."""
    found: list[str] = []
    for name in names:
        given = deed.details.get(name) or []
        found += given.split(";") if isinstance(given, str) else [str(one) for one in given]
    return found


def _moment(deed: Deed) -> datetime:
    if "at" not in deed.details:
        return deed.account.clock.now()
    moment = datetime.fromisoformat(deed.text("at"))
    if moment.tzinfo is None:
        raise ValueError(f"at: {deed.text('at')!r} lacks its zone: write 2026-11-02T10:00:00Z")
    return moment


def _due(day: str) -> str:
    return day if "T" in day else day + _MORNING


def _set_task(deed: Deed, values: Mapping[str, str]) -> Done:
    return _done(TASK, deed.account.data.update(TASK, _task(deed), values))


def _task(deed: Deed) -> Record:
    data, wanted = deed.account.data, deed.text("task")
    record = data.find(TASK, wanted) or data.with_value(TASK, "holdfast_key", wanted)
    if record is None or record.archived_at is not None:
        raise ValueError(f"no open or completed task `{wanted}`: give its id or its holdfast_key")
    return record


def _record(account: Account, kind: ObjectType, wanted: str) -> Record:
    """By dataset id, CRM id, e-mail address or name."""
    data = account.data
    made = [crm_id for number, crm_id in data.store.made_from(wanted) if number == kind.number]
    found = data.find(kind, str(made[0]) if made else wanted)
    for name in ("email", "name"):
        if found is None and name in data.definitions[kind]:
            found = data.with_value(kind, name, wanted)
    if found is None or found.archived_at is not None:
        raise ValueError(f"no {kind.singular} `{wanted}`: give a dataset id, a CRM id, an e-mail address or a name")
    return found


def _find_owner(account: Account, who: str) -> Owner | None:
    made = [crm_id for number, crm_id in account.data.store.made_from(who) if number == OWNER]
    return account.owners.get(str(made[0])) if made else account.owners.named(who)


def _owner(account: Account, who: str) -> Owner:
    found = _find_owner(account, who)
    if found is None:
        raise ValueError(f"no user `{who}`: give a dataset id, an owner id, an e-mail address or a name")
    return found


def _done(kind: ObjectType, record: Record) -> Done:
    return {"object": kind.plural, "id": str(record.id)}
