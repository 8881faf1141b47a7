"""Where an account's record stands in its CRM, as an address for a browser."""

from __future__ import annotations

import re

from sync.config import Connection


def record_url(settings: Connection, account_id: str) -> str:
    """Return the address of an account's record, empty where the config does not tell it.

    A HubSpot record's address holds the portal's number, which the config has not.
    """
    if settings.kind == "salesforce" and re.fullmatch(r"[A-Za-z0-9]{15,18}", account_id):
        return f"{settings.base_url}/lightning/r/Account/{account_id}/view"
    return ""
