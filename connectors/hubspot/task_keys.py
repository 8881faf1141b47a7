"""Where the key of a task of ours stands: in a property of tasks, or, where a portal lets us have none, in its text."""

from __future__ import annotations

import html
import re

from connectors.hubspot.values import Json, properties, text

# One word, so that a search for it as a token finds all tasks of ours.
MARK = "holdfastkey"
_LINE = re.compile(rf"\s*(?:<p[^>]*>)?\s*{MARK}\s+([^\s<]+)\s*(?:</p>)?\s*", re.IGNORECASE)


def with_key(body: str, key: str) -> str:
    """The HTML of a task's body with its key as the last line."""
    return f"{body}<p>{MARK} {html.escape(key)}</p>"


def without_key(body: str) -> str:
    """The HTML as it was before `with_key`."""
    return _LINE.sub("", body)


def key_of(record: Json, key_property: str) -> str:
    """The key that a task carries, empty if it is none of ours; the property has it, else the text."""
    values = properties(record)
    if held := text(values, key_property):
        return held
    found = _LINE.search(text(values, "hs_task_body"))
    return html.unescape(found[1]) if found else ""


def filter_of_ours(key_property: str) -> Json:
    """The filter of a search for tasks that carry a key, "" being the name of a property that there is not."""
    if key_property:
        return {"propertyName": key_property, "operator": "HAS_PROPERTY"}
    return {"propertyName": "hs_task_body", "operator": "CONTAINS_TOKEN", "value": MARK}
