"""Where an account's record stands in its CRM, as an address for a browser."""

from __future__ import annotations

import re

from sync.config import Connection


def record_url(settings: Connection, account_id: str) -> str:
    """Return the address of an account's record, empty where the config does not tell it.

    HubSpot sends a browser on to the host of the portal's own data centre.
    """
    if settings.kind == "salesforce" and re.fullmatch(r"[A-Za-z0-9]{15,18}", account_id):
        return f"{settings.base_url}/lightning/r/Account/{account_id}/view"
    if settings.kind == "hubspot" and settings.portal and account_id.isdecimal():
        return f"https://app.hubspot.com/contacts/{settings.portal}/record/0-2/{account_id}"
    return ""
