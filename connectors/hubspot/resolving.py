"""Where ids of merged records lead: single reads follow them, batches and associations refuse them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from connectors.errors import AuthError, RejectedError
from connectors.hubspot.client import Client
from connectors.hubspot.reading import by_id
from connectors.hubspot.refusals import is_missing_scope
from connectors.protocol import CreateTask

_ID = "hs_object_id"


def current_ids(client: Client, kind: str, ids: Iterable[str]) -> dict[str, str]:
    """The id under which each record stands now, its own or that of the one it went into; left out if it is gone.

    One call per 100 ids, and one for each that is not there under its own. Raises AuthError for a missing scope.
    """
    wanted = list(dict.fromkeys(ids))
    try:
        there = {str(record.get("id")) for record in by_id(client, kind, (_ID,), wanted)}
    except RejectedError as error:
        if is_missing_scope(error):
            raise AuthError(str(error)) from error
        raise
    return {one: found for one in wanted if (found := one if one in there else _followed(client, kind, one))}


def _followed(client: Client, kind: str, record_id: str) -> str:
    try:
        found = client.get(client.paths.objects(kind, record_id), {"properties": _ID})
    except RejectedError:
        return ""
    return str(found.get("id") or "")


def retargeted(client: Client, creates: Sequence[CreateTask]) -> Mapping[str, CreateTask]:
    """By key, those of the tasks whose company or contact is found under another id, with that id.

    A contact that is gone is left out of its task.
    """
    companies = current_ids(client, "companies", (one.account_id for one in creates))
    contacts = current_ids(client, "contacts", (one.contact_id for one in creates if one.contact_id))
    found = {
        one.key: replace(one, account_id=companies[one.account_id], contact_id=contacts.get(one.contact_id or ""))
        for one in creates
        if one.account_id in companies
    }
    return {one.key: found[one.key] for one in creates if one.key in found and found[one.key] != one}
