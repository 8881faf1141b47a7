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


def refused_properties(error: Json) -> set[str]:
    """The properties whose values an error is about, a row's or a whole refusal's, as far as it names them."""
    found = {str(one["name"]) for one in _problems(str(error.get("message"))) if one.get("name")}
    for context in (error.get("context"), *(context for context, _, _ in row_errors(error))):
        told = context.get("propertyName") if isinstance(context, dict) else None
        found |= {str(name) for name in (told if isinstance(told, list) else ())}
    return found


def in_words(message: Any) -> str:
    """A message of the portal on one line; of invalid values, which it lists as JSON within the text, what is said."""
    line = str(message)
    said = [_problem(one) for one in _problems(line) if {"message", "error"} <= one.keys()]
    return one_line("; ".join(dict.fromkeys(said)) or line)


def _problem(one: Json) -> str:
    name, said = str(one.get("name") or ""), str(one["message"])
    return f"{'' if name in said else f'{name}: '}{said} ({one['error']})"


def _problems(message: str) -> list[Json]:
    """What is wrong with single values, which a message lists as JSON within its text."""
    try:
        found = orjson.loads(message[message.index("[{") :])
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
