"""What to do about a record that a portal refuses, by HubSpot's own word for it."""

from __future__ import annotations

_FIELDS = "`holdfast doctor` and `holdfast provision` say which property or scope is missing"

_OWNER = "give the company to an active owner, or name a successor in [people.successors]"

#: The most exact words first: an owner who left is no option, says the portal.
REMEDIES = {
    "active owners": _OWNER,
    "INVALID_OWNER": _OWNER,
    "hs_queue_membership_ids": "set task_queue of the connection to the id of a task queue that the portal has",
    "INVALID_OPTION": f"a property does not know the value; {_FIELDS}",
    "PROPERTY_DOESNT_EXIST": _FIELDS,
    "READ_ONLY_VALUE": _FIELDS,
    "MISSING_SCOPES": "grant the scope to the service key in Settings > Integrations",
    "OBJECT_NOT_FOUND": "nothing: the record was deleted or merged; the next pull takes notice",
    "VALIDATION_ERROR": "the message names the property; a rule of the portal may want another value or a required one",
    "CONFLICT": "another record has the value already; `holdfast verify --repair` finds it",
}
