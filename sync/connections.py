"""From a configured connection to its connector, and to the time that the worker takes as now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from connectors.hubspot.settings import HubspotSettings
from connectors.protocol import Connector
from sync.config import Config, Connection
from sync.errors import ConfigError, UsageError


def connect(
    name: str,
    settings: Connection,
    needs: frozenset[str] = frozenset(),
    *,
    before_request: Callable[[], None] = lambda: None,
) -> Connector:
    """Return the connector of a connection; nothing is sent yet. `needs` are the record kinds that rules need.

    `before_request` is called, by whatever thread, right before each request is sent, after all waiting. What it raises
    goes up as it is, and the request is not sent.
    """
    # A CRM's client library costs a tenth of a second to import: only what is configured is.
    if isinstance(settings, HubspotSettings):
        from connectors.hubspot import connector as hubspot  # noqa: PLC0415

        return hubspot.connect(name, settings, needs, before_request=before_request)
    from connectors.salesforce import connector as salesforce  # noqa: PLC0415

    return salesforce.connect(name, settings, needs, before_request=before_request)


def chosen(config: Config, names: list[str]) -> dict[str, Connection]:
    """The connections to work on: those named, else all. Raises ConfigError for a name that is not there."""
    if not config.connections:
        raise ConfigError(["connections: none is configured; add a [connections.NAME] table"])
    unknown = [name for name in names if name not in config.connections]
    if unknown:
        raise UsageError([f"--connection {unknown[0]}: not configured; known are {', '.join(config.connections)}"])
    return {name: settings for name, settings in config.connections.items() if not names or name in names}


def now_for(config: Config, connector: Connector, rehearsal: datetime | None) -> datetime:
    """The worker's now: what a rehearsal says, the CRM's clock where so configured, else this machine's."""
    if rehearsal:
        return rehearsal
    if config.schedule.now == "crm":
        return connector.server_now()
    return datetime.now(UTC)


def rehearsal_now(config: Config, told: str | None) -> datetime | None:
    """The moment of `--now` or $HOLDFAST_NOW, accepted only while every connection points to this machine."""
    if not told:
        return None
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        raise UsageError([f"--now: must be ISO 8601 such as 2026-11-02T06:00:00Z (is {told!r})"]) from None
    if not config.loopback_only:
        raise UsageError(["--now: only for rehearsals; every connection must point to 127.0.0.1"])
    return moment if moment.tzinfo else moment.replace(tzinfo=config.timezone)


def remedies(settings: Connection) -> Mapping[str, str]:
    """What to do about a refused record, by the CRM's own word for the refusal."""
    if isinstance(settings, HubspotSettings):
        from connectors.hubspot.remedies import REMEDIES as HUBSPOT  # noqa: PLC0415 - as above

        return HUBSPOT
    from connectors.salesforce.remedies import REMEDIES as SALESFORCE  # noqa: PLC0415 - as above

    return SALESFORCE
