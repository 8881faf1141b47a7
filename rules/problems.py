"""What is wrong with a table of the config, in plain words with its key path."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationError, ValidationInfo

from rules.rule import discover

#: (key path such as `rules.sole-rep.top_share`, message such as `must be at most 1 (is 80)`).
Problem = tuple[str, str]

_WORDS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "less_than_equal": lambda context: f"must be at most {context['le']:g}",
    "greater_than_equal": lambda context: f"must be at least {context['ge']:g}",
    "greater_than": lambda context: f"must be more than {context['gt']:g}",
    "less_than": lambda context: f"must be less than {context['lt']:g}",
    "enum": lambda context: f"must be one of {context['expected']}",
    "literal_error": lambda context: f"must be one of {context['expected']}",
    "int_type": lambda _: "must be a whole number",
    "int_parsing": lambda _: "must be a whole number",
    "int_from_float": lambda _: "must be a whole number",
    "float_type": lambda _: "must be a number",
    "float_parsing": lambda _: "must be a number",
    "bool_type": lambda _: "must be true or false",
    "bool_parsing": lambda _: "must be true or false",
    "string_type": lambda _: "must be text",
    "string_too_short": lambda _: "must not be empty",
    "tuple_type": lambda _: "must be a list",
    "list_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be a table",
    "model_type": lambda _: "must be a table",
    "value_error": lambda context: str(context["error"]),
}


def problems(error: ValidationError, table: str, known: Iterable[str]) -> list[Problem]:
    """Return what a model found wrong with the table at a key path, which knows the keys `known`."""
    return [
        problem(detail, ".".join((table, *map(str, detail["loc"]))), known)
        for detail in error.errors(include_url=False)
    ]


def problem(detail: Mapping[str, Any], path: str, known: Iterable[str]) -> Problem:
    """Return one error of Pydantic in our words; `known` are the keys of the table at hand."""
    if detail["type"] == "extra_forbidden":
        return path, unknown("key", path.rpartition(".")[2], known)
    words = _WORDS.get(detail["type"])
    message = words(detail.get("ctx", {})) if words else detail["msg"]
    # Our own validators word the whole message; secrets come without their input.
    whole = detail["type"] in {"missing", "value_error"} or "input" not in detail
    return path, message if whole else f"{message} (is {_shown(detail['input'])})"


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Return the message for a name that nobody knows, with the nearest known one."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    return (
        f"unknown {what}, the nearest known one is {near[0]}"
        if near
        else f"unknown {what}, known are {', '.join(names)}"
    )


def _known_rule(name: str, info: ValidationInfo) -> str:
    known = {*discover(), *(info.context or {}).get("rules", ())}
    if name not in known:
        raise ValueError(unknown("rule", name, known))
    return name


#: The id of a rule, in a table that speaks of rules: of the catalog, or of the config (`rules` of Pydantic's context).
RuleId = Annotated[str, AfterValidator(_known_rule)]


def _shown(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case float():
            return f"{value:g}"
        case dict():
            return "a table"
        case _:
            return str(value)
