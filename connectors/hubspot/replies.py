"""What the answers of lists, searches and batches have in common; every field of them can be missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from connectors.hubspot.values import Json, one_line


def results(reply: Json) -> list[Json]:
    found = reply.get("results")
    return [record for record in found if isinstance(record, dict)] if isinstance(found, list) else []


def next_page(reply: Json) -> str:
    """Where the next page begins, "" on the last one. HubSpot's `link` is not for use."""
    paging = reply.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    return str(following.get("after") or "") if isinstance(following, dict) else ""


def row_errors(reply: Json) -> Iterator[tuple[Json, str, str]]:
    """(context, code, message) of every error in a 207, or in the body of a refusal."""
    for error in reply.get("errors") or ():
        if isinstance(error, dict):
            context = error.get("context")
            code = str(error.get("subCategory") or error.get("category") or error.get("code") or "")
            yield context if isinstance(context, dict) else {}, code, in_words(error.get("message") or code)


def in_words(message: Any) -> str:
    """A message of the portal on one line; of invalid values, which it lists as JSON within the text, what is said."""
    line = str(message)
    try:
        problems = orjson.loads(line[line.index("[{") :])
        said = [f"{one['message']} ({one['error']})" for one in problems]
    except (ValueError, KeyError, TypeError):
        return one_line(line)
    return one_line("; ".join(dict.fromkeys(said)))
