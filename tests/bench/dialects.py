"""What the benchmarks must know of the two CRMs: pages of 15 fields, tokens, and which object a request is about."""

from __future__ import annotations

import json
import re
import urllib.request
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus, urlencode

_TASK_FIELDS = (
    "Id, SystemModstamp, CreatedDate, LastModifiedDate, Subject, Status, Priority, OwnerId, WhoId, WhatId, AccountId, "
    "ActivityDate, TaskSubtype, IsClosed, CallDurationInSeconds"
)
_CALL_PROPERTIES = (
    "hs_object_id,hs_createdate,hs_lastmodifieddate,hs_object_source_label,hs_timestamp,hubspot_owner_id,hs_call_title,"
    "hs_call_direction,hs_call_status,hs_call_disposition,hs_call_duration,hs_all_owner_ids,hs_call_body,"
    "hs_activity_type,hubspot_owner_assigneddate"
)
# The path of the first page, and how many pages are enough.
FIRST_PAGE = {
    "salesforce": (f"/services/data/v66.0/query?q={quote(f'SELECT {_TASK_FIELDS} FROM Task')}", 40),
    "hubspot": (f"/crm/objects/2026-09/calls?limit=100&properties={_CALL_PROPERTIES}", 200),
}


def token(crm: str, announced: Mapping[str, Any]) -> str:
    """A bearer token, by what the sandbox announced when it began to listen."""
    if crm == "hubspot":
        return str(announced["hubspot"]["access_token"])
    names = ("client_id", "client_secret")
    form = {"grant_type": "client_credentials"} | {name: announced["salesforce"][name] for name in names}
    url = f"{announced['url']}/services/oauth2/token"
    with urllib.request.urlopen(url, data=urlencode(form).encode()) as reply:
        return str(json.load(reply)["access_token"])


def calls_per_object(requests: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Requests of the sandbox's journal by the object that they are about; `associations` and `login` are apart."""
    return Counter(_object(one["path"], unquote_plus(one["query"])) for one in requests)


def _object(path: str, query: str) -> str:
    if "/associations/" in path:
        return "associations"
    found = re.search(r"/sobjects/(\w+)|/crm/objects/[^/]+/(\w+)|/crm/(owners)", path) or re.search(
        r"FROM (\w+)", query
    )
    return next(filter(None, found.groups())) if found else "login"
