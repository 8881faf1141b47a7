"""The newest marketing e-mail to each contact, as its own properties tell it: they need no scope of their own.

HubSpot keeps the day of the first and of the newest one; what came between stands only in the log of e-mail events.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connectors.hubspot.values import Json, Properties, day, properties, sane_moment, text
from connectors.protocol import Page, Row

_FIRST, _NEWEST, _NAME = "hs_email_first_send_date", "hs_email_last_send_date", "hs_email_last_email_name"
# Not that it was opened: mail programs fetch every picture by themselves.
_ANSWERS = ("hs_email_last_click_date", "hs_email_last_reply_date")
MAILING_PROPERTIES = (_FIRST, _NEWEST, _NAME, *_ANSWERS, "hs_email_optout")


def with_mailings(page: Page, records: Sequence[Json]) -> Page:
    """The page of contacts, with the newest mailing to each of them that ever got one, where the portal was asked."""
    live = {row["id"] for row in page.rows["contacts"]}
    told = (_mailing(str(record["id"]), properties(record)) for record in records if str(record.get("id")) in live)
    rows = [row for row in told if row]
    return replace(page, rows={**page.rows, "mailings": rows}) if rows else page


def _mailing(contact_id: str, values: Properties) -> Row | None:
    newest = sane_moment(values.get(_NEWEST))
    answers = [on for name in _ANSWERS if (on := day(values, name))]
    if newest is None:
        return None
    return {
        "id": contact_id,
        "contact_id": contact_id,
        "campaign_id": None,
        "name": text(values, _NAME),
        "got_at": newest,
        "answered_on": max(answers, default=None),
        "created_at": sane_moment(values.get(_FIRST)) or newest,
    }
