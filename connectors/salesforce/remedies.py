"""What to do about a record or a login that an org refuses, by Salesforce's own word for it."""

from __future__ import annotations

_FIELDS = "`holdfast doctor` and `holdfast provision` say which right or field is missing"
_RIGHTS = "give the integration user that right on the object (permission set), or share the record with it"
_AUTOMATION = "let the org's admin exempt the integration user from that validation rule, flow or trigger"
_VALUE = "the org's admin says which value its rules want; an exemption for the integration user also helps"

REMEDIES = {
    "INACTIVE_OWNER_OR_USER": "give the account to an active user, or name a successor in [people.successors]",
    "OP_WITH_INVALID_USER_TYPE_EXCEPTION": "give the account to a user who may own tasks: not a portal or chatter user",
    "INVALID_OPERATION": "where it speaks of a queue: add Task to the queue's Supported Objects (Setup, Queues)",
    "TRANSFER_REQUIRES_READ": "let the assignee read the account: sharing, or another owner",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": _AUTOMATION,
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": _AUTOMATION,
    "CANNOT_EXECUTE_FLOW_TRIGGER": _AUTOMATION,
    "REQUIRED_FIELD_MISSING": "a field is required there: give it a default, or exempt the integration user",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": _VALUE,
    "FIELD_INTEGRITY_EXCEPTION": _VALUE,
    "FIELD_FILTER_VALIDATION_EXCEPTION": _VALUE,
    "STRING_TOO_LONG": f"the field is shorter than ours must be; {_FIELDS}",
    "INSUFFICIENT_ACCESS_OR_READONLY": _RIGHTS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": _RIGHTS,
    "INVALID_CROSS_REFERENCE_KEY": _RIGHTS,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _FIELDS,
    "INVALID_FIELD": _FIELDS,
    "ENTITY_IS_DELETED": "nothing: the next pull takes notice",
    "ENTITY_IS_LOCKED": "an approval holds the record: wait for it, or let the integration user edit locked records",
    "UNABLE_TO_LOCK_ROW": "nothing: somebody was changing the record; it is tried again",
    "DUPLICATE_VALUE": "a record that the integration user cannot see has the key: look for it in the recycle bin",
    "STORAGE_LIMIT_EXCEEDED": "free data storage in the org",
}

#: What is in the words of the token endpoint, in lower case, and what to mend.
LOGIN_REMEDIES = (
    (
        "hasn't approved this consumer",
        "in the External Client App set 'Permitted Users' to 'Admin approved users are pre-authorized', add the user",
    ),
    (
        "audience is invalid",
        "base_url must be the My Domain of the very org, with .sandbox. in it exactly where the org is a sandbox",
    ),
    ("expired", "set this machine's clock (the login is valid for three minutes)"),
    ("no client credentials user", "choose the 'Run As' user of the External Client App's Client Credentials Flow"),
    ("locked", "unlock the user in Setup, Users"),
    ("inactive", "activate the user in Setup, Users"),
    ("ip restricted", "relax the IP restrictions of the External Client App or add this machine's address"),
    ("not supported on this domain", "base_url must be the org's My Domain, like https://acme.my.salesforce.com"),
    ("invalid_client_id", "copy the consumer key anew from the External Client App"),
    ("client identifier invalid", "copy the consumer key anew from the External Client App"),
    ("invalid_client", "copy client id and secret anew from the External Client App"),
    ("invalid client", "copy client id and secret anew from the External Client App"),
    ("unsupported_grant_type", "enable this login's flow in the External Client App"),
    ("grant type", "enable this login's flow in the External Client App"),
    (
        "invalid_grant",
        "check that username is a user of this org and that the app holds the certificate of private_key_file",
    ),
)
