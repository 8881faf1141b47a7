"""Which of our properties a portal has, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connectors.errors import RejectedError
from connectors.hubspot.client import Client
from connectors.hubspot.replies import results
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json
from connectors.protocol import Capabilities


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalFields:
    """`key_exists`: tasks have our key property. `capabilities` as the protocol wants them."""

    key_exists: bool
    capabilities: Capabilities


def portal_fields(client: Client, settings: HubspotSettings) -> PortalFields:
    """Ask the portal, with two calls; RejectedError names the first mapped property that it does not have."""
    key = definitions(client, "tasks").get(settings.fields.key)
    companies = definitions(client, "companies")
    _check(client, "companies", companies, settings.map.named())
    if settings.map.deals.competitor:
        _check(client, "deals", definitions(client, "deals"), {"deals.competitor": settings.map.deals.competitor})
    writable = {
        logical
        for logical, name in settings.fields.of_companies().items()
        if name in companies and not read_only(companies[name])
    }
    return PortalFields(
        key_exists=key is not None,
        capabilities=Capabilities(
            task_key_unique=key is not None and key.get("hasUniqueValue") is True,
            account_fields=frozenset(writable),
        ),
    )


def _check(client: Client, kind: str, known: Mapping[str, Json], mapped: Mapping[str, str]) -> None:
    for ours, name in mapped.items():
        # HubSpot leaves an unknown property out of its replies without a word: every record would look unmarked.
        if name not in known:
            raise RejectedError(
                f"{client.name}: {kind} have no property {name!r}; correct connections.{client.name}.map.{ours} "
                "or make the property in HubSpot",
                "UNKNOWN_PROPERTY",
            )


def definitions(client: Client, kind: str, *, archived: bool = False) -> dict[str, Json]:
    """The properties of an object by name: those in use, or the archived ones."""
    reply = client.get(client.paths.properties(kind), {"archived": "true"} if archived else None)
    return {str(one.get("name")): one for one in results(reply) if (one.get("archived") is True) is archived}


def read_only(definition: Json) -> bool:
    rights = definition.get("modificationMetadata")
    return isinstance(rights, dict) and rights.get("readOnlyValue") is True
