"""What the service key may read in the portal, object by object and property by property.

Nothing is written. Which scopes a service key has is told nowhere: reading one record of each object shows it. The
right to write shows at the first write alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import partial

from connectors.diagnosis import Line, State, fail, ok, refused, trying, warn
from connectors.errors import RejectedError
from connectors.hubspot.client import Client
from connectors.hubspot.mapping import shapes
from connectors.hubspot.portal_fields import definitions
from connectors.hubspot.replies import results
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.task_states import task_properties
from connectors.hubspot.values import Json

# Without these nothing can be judged; without another kind of activity its touches are missing.
NEEDED = frozenset({"companies", "contacts", "deals", "tasks"})
# Properties that a portal has only with a feature switched on, or only since a while.
_FEATURES = frozenset(
    {
        "hs_employment_change_detected_date",
        "hs_job_change_detected_date",
        "hs_returning_to_office_detected_date",
        "hs_calculated_merged_vids",
        "hs_merged_object_ids",
        "hs_email_hard_bounce_reason_enum",
        "hs_ticket_reopened_at",
        "hs_salesforceopportunityid",  # these three come with the integration of Salesforce
        "salesforceaccountid",
        "salesforcecontactid",
    }
)
_CHOICES = {"hs_task_status": {"NOT_STARTED", "COMPLETED"}, "hs_task_priority": {"HIGH", "MEDIUM", "LOW"}}


def diagnose(client: Client, settings: HubspotSettings, needs: frozenset[str] = frozenset()) -> Iterator[Line]:
    """One line per object that is read, then what the portal's tasks allow."""
    yield from trying(partial(_owners, client))
    ours = {*settings.fields.of_companies().values(), settings.fields.key, settings.fields.feedback}
    mapped = {"companies": set(settings.map.named().values()), "deals": {settings.map.deals.competitor} - {""}}
    wanted = {kind: set(shape.properties) for kind, shape in shapes(settings, needs).items()}
    wanted["tasks"] = set(task_properties(settings.fields.key))
    for kind, names in wanted.items():
        yield from trying(partial(_object, client, kind, names - ours, mapped.get(kind, set())))
    yield from trying(partial(_choices, client))


def _owners(client: Client) -> Iterator[Line]:
    try:
        found = results(client.get(client.paths.owners, {"limit": "1"}))
    except RejectedError as error:
        yield refused(error)
        return
    if found:
        yield ok("owners: can be read")
    else:
        yield fail("owners: the portal tells of none", "grant the scope crm.objects.owners.read to the service key")


def _object(client: Client, kind: str, names: Collection[str], mapped: Collection[str]) -> Iterator[Line]:
    worst = State.FAIL if kind in NEEDED else State.WARN
    try:
        client.get(client.paths.objects(kind), {"limit": "1"})
        known = definitions(client, kind).keys()
    except RejectedError as error:
        line = refused(error, worst)
        yield Line(state=worst, what=f"{kind}: {line.what}", remedy=line.remedy)
        return
    if gone := sorted(set(mapped) - known):
        table = f"[connections.{client.name}.map]"
        yield fail(f"{kind}: there is no property {', '.join(gone)}", f"correct {table}, or make the property")
    elif hidden := sorted(set(names) - known - _FEATURES):
        yield warn(f"{kind}: {', '.join(hidden)} cannot be read; what rests on that is left out", _grant(kind))
    else:
        yield ok(f"{kind}: {len(names)} properties can be read")


def _grant(kind: str) -> str:
    return f"look for them in Settings > Properties ({kind}) and at the scopes of the service key"


def _choices(client: Client) -> Iterator[Line]:
    """The values that we write into tasks must be among the portal's options."""
    try:
        told = definitions(client, "tasks")
    except RejectedError:
        return  # told with the object
    lacking = {name: wanted - _options(told.get(name, {})) for name, wanted in _CHOICES.items() if name in told}
    if missing := sorted(value for values in lacking.values() for value in values):
        yield fail(
            f"tasks: the portal has no {', '.join(missing)} among its statuses and priorities",
            "add them in Settings > Properties > Task properties",
        )
    else:
        yield ok("tasks: statuses and priorities are HubSpot's own")


def _options(definition: Mapping[str, object]) -> set[str]:
    options = definition.get("options")
    some: list[Json] = options if isinstance(options, list) else []
    return {str(option.get("value")) for option in some}
