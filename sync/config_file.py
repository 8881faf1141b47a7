"""The config file and the environment become one Config; every error comes at once, each with its key path and line.

config.toml:12: rules.sole-rep.top_share: must be at most 1 (is 80)
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError

from rules.problems import Problem, problem
from rules.rule import discover
from rules.rulebook import Rulebook, read_rulebook
from sync.config import Config, NoticesSection, ServeSection
from sync.config_checks import (
    SETTINGS,
    credential_problems,
    horizon_problems,
    paths_with_a_value,
    tier_problems,
    turnover_problems,
)
from sync.config_lines import key_lines, line_of
from sync.errors import ConfigError

PREFIX = "HOLDFAST__"

_REFERENCE = re.compile(r"\$\{(\w+)\}")
_SECRETS = {
    name
    for settings in (*SETTINGS.values(), ServeSection, NoticesSection)
    for name, field in settings.model_fields.items()
    if "SecretStr" in str(field.annotation)
}


def find(path: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """The config file to use: the one named, else $HOLDFAST_CONFIG, else ./config.toml."""
    return path or Path(environ.get("HOLDFAST_CONFIG") or "config.toml")


def load(path: Path, environ: Mapping[str, str] = os.environ) -> tuple[Config, Rulebook]:
    """Return the checked config and the rulebook of its `[rules.*]`; raise ConfigError with every error there is."""
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(
            [
                (
                    f"{path}: cannot be read ({error.strerror}); name the file with --config, "
                    "or make one from config.example.toml"
                )
            ]
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: is not valid TOML: {error}"]) from error
    found = [*_override(tables, environ), *_resolve(tables, path.parent, environ)]
    rulebook, wrong = read_rulebook(
        rules if isinstance(rules := tables.get("rules", {}), dict) else {}, named=set(paths_with_a_value(tables))
    )
    found += [*wrong, *tier_problems(tables), *turnover_problems(tables), *horizon_problems(tables, rulebook)]
    try:
        of_rules = {"rules": [*rulebook.rules, *(rulebook.off.rules if rulebook.off else ())]}
        config = Config.model_validate({**tables, "folder": path.parent.resolve()}, context=of_rules)
    except ValidationError as error:
        # A secret that could not be read has been told: that its table lacks it now is no second error.
        told = {where for where, _ in found}
        keys = (where.rpartition(".") for where in told)
        tables_told = {table for table, _, key in keys if key.removesuffix("_file") in _SECRETS}
        more = [*_model_problems(error), *credential_problems(tables)]
        found += [one for one in dict.fromkeys(more) if one[0] not in told and one[0] not in tables_told]
    if found:
        lines = key_lines(text)
        raise ConfigError([_say(path, lines, where, message) for where, message in found])
    return config, rulebook


def _override(tables: dict[str, Any], environ: Mapping[str, str]) -> Iterator[Problem]:
    """Put `HOLDFAST__SECTION__KEY` values into the tables; a `-` of a key is written `_`."""
    for name, raw in sorted(environ.items()):
        if not name.startswith(PREFIX):
            continue
        table = tables
        *sections, key = name.removeprefix(PREFIX).lower().split("__")
        for section in sections:
            inner = table.setdefault(_spelling(table, section), {})
            if not isinstance(inner, dict):
                yield name, f"{section} is no table"
                break
            table = inner
        else:
            table[_spelling(table, key)] = _toml_value(raw)


# Names with a hyphen that need not stand in the file to be overridden.
_HYPHENATED = {rule.replace("-", "_"): rule for rule in discover()}


def _spelling(table: Mapping[str, Any], name: str) -> str:
    for known in table:
        if known.lower().replace("-", "_") == name:
            return known
    return _HYPHENATED.get(name, name)


def _toml_value(raw: str) -> Any:
    try:
        return tomllib.loads(f"value = {raw}")["value"]
    except tomllib.TOMLDecodeError:
        return raw


def _resolve(table: dict[str, Any], folder: Path, environ: Mapping[str, str], at: str = "") -> Iterator[Problem]:
    """Turn `${NAME}` and `NAME_file` into what they stand for; a secret that stands in the file itself is refused."""
    for key, value in list(table.items()):
        where, secret = f"{at}{key}", key.removesuffix("_file")
        for place, inner in _tables_within(value):
            yield from _resolve(inner, folder, environ, f"{where}{place}.")
        if not isinstance(value, str):
            continue
        if key != secret and secret in _SECRETS:
            del table[key]
            try:
                table[secret] = SecretStr((folder / value).read_text(encoding="utf-8").strip())
            except (OSError, UnicodeDecodeError) as error:
                told = getattr(error, "strerror", None) or "no text"
                yield where, f"file {value!r} cannot be read ({told}); relative paths begin beside the config"
        elif missing := [name for name in _REFERENCE.findall(value) if not environ.get(name)]:
            remedy = f"set it, or use {key}_file" if key in _SECRETS else "set it"
            yield where, f"environment variable {missing[0]} is not set; {remedy}"
            del table[key]
        elif _REFERENCE.search(value):
            text = _REFERENCE.sub(lambda found: environ[found[1]], value)
            table[key] = SecretStr(text) if key in _SECRETS else text
        elif key in _SECRETS:
            yield where, f'a secret must not stand in the file; write {key} = "${{NAME}}" or {key}_file = "path"'
            del table[key]
        elif where == "store.url" and urlsplit(value).password:
            yield where, 'a password must not stand in the file; write "postgresql://user:${NAME}@host/database"'


def _tables_within(value: Any) -> list[tuple[str, dict[str, Any]]]:
    """The tables that a value is or lists, each with what its place adds to the key path."""
    if isinstance(value, dict):
        return [("", value)]
    some = value if isinstance(value, list) else []
    return [(f".{index}", one) for index, one in enumerate(some) if isinstance(one, dict)]


def _model_problems(error: ValidationError) -> Iterator[Problem]:
    """What the models found wrong, in the words of `rules.problems`, each with the keys known at its own table."""
    for detail in error.errors(include_url=False):
        # Pydantic marks where a key of a table is wrong, not its value; our paths lead to the key anyway.
        where = [str(part) for part in detail["loc"] if part != "[key]"]
        # A connection's location names its kind between its name and its key.
        if where[:1] == ["connections"] and len(where) > 2:
            del where[2]
        if detail["type"].startswith("union_tag"):
            yield ".".join([*where, "kind"]), 'must be "salesforce" or "hubspot"'
            continue
        key, message = problem(detail, ".".join(where), _keys_beside(where))
        missing_secret = detail["type"] == "missing" and where[-1] in _SECRETS
        remedy = f'; set {where[-1]} = "${{NAME}}" or {where[-1]}_file = "path"' if missing_secret else ""
        yield key, message + remedy


def _keys_beside(where: Sequence[str]) -> list[str]:
    """The keys known in the table that the path leads to, in a connection those of every kind."""
    if where[:1] != ["connections"]:
        return _keys_at(Config, where[:-1])
    return [key for settings in SETTINGS.values() for key in _keys_at(settings, where[2:-1])]


def _keys_at(model: Any, path: Sequence[str]) -> list[str]:
    for part in path:
        if part.isdecimal():
            continue  # a place in an array of tables
        if get_origin(model) is dict:
            model = get_args(model)[-1]  # the part is a name that somebody chose
            continue
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        model = field.annotation if field else None
        model = model if get_origin(model) is dict else next(iter(get_args(model)), model)
    fields = getattr(model, "model_fields", {})
    return [field.alias or name for name, field in fields.items() if name != "folder"]


def _say(path: Path, lines: Mapping[str, int], where: str, message: str) -> str:
    place = line_of(lines, where)
    prefix = f"{path}:{place}" if place else f"{path}"
    return f"{prefix}: {where}: {message}" if where else f"{prefix}: {message}"
