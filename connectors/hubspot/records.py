"""Companies, contacts, deals and owners become rows, in the words of `rules.model`; activities do in `activity`."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json, Properties, day, number, sane_moment, text, truth, whole_days
from connectors.protocol import Row

_COMPANY_PROPERTIES = (
    "name",
    "domain",
    "type",
    "hubspot_owner_id",
    "lifecyclestage",
    "hs_parent_company_id",
    "country",
    "salesforceaccountid",  # a portal without the integration leaves it out of its replies
    "createdate",
)
_CUSTOMER_STAGES = {"customer", "evangelist"}
_NO = {"", "false", "no", "0"}
_LARGEST_SCORE = 2**53
_OUR_DATES = {"last_exec_exchange", "next_exec_due", "snooze_until"}


def company_properties(settings: HubspotSettings) -> tuple[str, ...]:
    """HubSpot's own, ours, and those that the customer has named, each once."""
    theirs = settings.map.named().values()
    return tuple(dict.fromkeys((*_COMPANY_PROPERTIES, *settings.fields.of_companies().values(), *theirs)))


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
        "contact_every_days": whole_days(values, theirs.contact_every_days),
        "country": text(values, "country"),
        "native_id": text(values, "salesforceaccountid"),
        **({"sponsor": text(values, theirs.our_sponsor).strip().lower()} if theirs.our_sponsor else {}),
        **({"outcomes": _outcomes(values, theirs.outcomes)} if theirs.outcomes else {}),
        **({"days": _days(values, theirs.days())} if theirs.days() else {}),
        "ours": _our_values(settings.fields.of_companies(), values),
        "created_at": sane_moment(values.get("createdate")),
    }


def _outcomes(values: Properties, names: Mapping[str, str]) -> Row:
    """The mapped days as ISO strings; empty ones, and what is no day, left out."""
    return {ours: on for ours, on in _days(values, names).items() if on}


def _days(values: Properties, names: Mapping[str, str]) -> Row:
    """The mapped days as ISO strings; None for an empty one, and for what is no day."""
    found = {ours: day(values, name) for ours, name in names.items()}
    return {ours: on.isoformat() if on else None for ours, on in found.items()}


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
_BACK = "hs_returning_to_office_detected_date"  # from automatic replies, where the portal enriches its contacts
CONTACT_PROPERTIES = (
    "firstname",
    "lastname",
    "email",
    "hs_additional_emails",
    "salesforcecontactid",
    "jobtitle",
    "associatedcompanyid",
    "hs_seniority",
    "hs_buying_role",
    "createdate",
    *_LEFT,
    _BACK,
    "hs_email_hard_bounce_reason_enum",
    "lastmodifieddate",
)


def contact_row(values: Properties) -> Row:
    email = text(values, "email").lower()
    name = f"{text(values, 'firstname')} {text(values, 'lastname')}".strip()
    roles = {role.strip().lower().replace("_", "-") for role in text(values, "hs_buying_role").split(";")}
    return {
        "account_id": text(values, "associatedcompanyid") or None,
        "name": name or email,
        "email": email,
        "other_emails": _addresses(values, "hs_additional_emails"),
        "native_id": text(values, "salesforcecontactid"),
        "title": text(values, "jobtitle"),
        "seniority": text(values, "hs_seniority"),
        "roles": ";".join(sorted(roles - {""})),
        **_left(values),
        "back_on": day(values, _BACK),
        "opted_out": truth(values, "hs_email_optout"),
        "created_at": sane_moment(values.get("createdate")),
    }


def _addresses(values: Properties, name: str) -> str:
    """Several addresses, lower case, sorted, each once, joined as the portal joins them."""
    return ";".join(sorted({one.strip() for one in text(values, name).lower().split(";")} - {""}))


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


DEAL_PROPERTIES = (
    "dealname",
    "amount",
    "amount_in_home_currency",
    "deal_currency_code",
    "closedate",
    "hs_is_closed",
    "hs_is_closed_won",
    "hs_salesforceopportunityid",
    "createdate",
)


def deal_properties(settings: HubspotSettings) -> tuple[str, ...]:
    """HubSpot's own, and the one that the customer has named."""
    return (*DEAL_PROPERTIES, *filter(None, [settings.map.deals.competitor]))


def deal_row(values: Properties, *, home_currency: str = "", competitor: str = "") -> Row:
    """A deal; the amount is in the portal's home currency wherever the portal has converted it. `competitor` is the
    property that names one.
    """
    converted = number(values, "amount_in_home_currency")
    own_currency = text(values, "deal_currency_code")
    won = truth(values, "hs_is_closed_won")
    return {
        "account_id": None,  # its links tell
        "name": text(values, "dealname"),
        "amount": number(values, "amount") if converted is None else converted,
        "currency": own_currency if converted is None else home_currency,
        # An open deal's closedate is a hope.
        "closed_on": day(values, "closedate") if won or truth(values, "hs_is_closed") else None,
        "won": won,
        **({"competitor": text(values, competitor).strip()} if competitor else {}),
        "native_id": text(values, "hs_salesforceopportunityid"),
        "created_at": sane_moment(values.get("createdate")),
    }


def user_row(owner: Json) -> Row:
    """An owner: all that HubSpot says of our people stands at the top level. It knows no managers, and for a department
    only the teams of which one is the owner's main one.
    """
    email = text(owner, "email").lower()
    teams = owner.get("teams")
    main = [one for one in teams if isinstance(one, dict) and one.get("primary") is True] if teams else []
    return {
        "id": text(owner, "id"),
        "name": f"{text(owner, 'firstName')} {text(owner, 'lastName')}".strip() or email,
        "email": email,
        "title": "",
        "active": owner.get("archived") is not True,
        "manager_id": None,
        "department": text(main[0], "name").strip() if main else "",
    }
