"""The manual of the rules, made from the rules themselves so that it cannot differ from them.

`make docs` (python -m sync.report.manual) writes docs/rules, the `[rules.*]` tables of config.example.toml and the list
in the README; a test holds that this changes nothing.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from rules.rule import Params, Route, Rule, Severity, discover
from sync.report.custom_manual import custom_page
from sync.report.examples import example_task
from sync.report.manual_words import MEANINGS, ROUTES, UNHEARD
from sync.report.practice import index_page

_BOUNDS = {Ge: (">=", "ge"), Gt: (">", "gt"), Le: ("<=", "le"), Lt: ("<", "lt")}
_SHAPES: Mapping[type, str] = MappingProxyType({tuple: "a list", dict: "a table"})
_COMMENT_AT = 41
COMMON = frozenset(Params.model_fields)
#: Pages of docs/rules that are about no rule and are not made here.
BY_HAND = frozenset({"evidence"})


def told(rule: Rule) -> dict[str, Any]:
    """Return what a rule says of itself, as `rules list --json` and `rules show --json` print it."""
    return {
        "rule": rule.id,
        "manual": rule.manual.strip(),
        "on": rule.switched_on_by or bool(rule.params.model_fields["enabled"].default),
        "needs": sorted(rule.needs),
        "hears": sorted(rule.hears),
        "unless": sorted(rule.unless),
        "weight": rule.weight,
        "parameters": {name: _parameter(rule, name, field) for name, field in rule.params.model_fields.items()},
    }


def _parameter(rule: Rule, name: str, field: FieldInfo) -> dict[str, Any]:
    choices = [str(one) for one in getattr(field.annotation, "__members__", {}).values()]
    bounds = (
        f"{sign} {getattr(one, limit)}"
        for one in field.metadata
        for kind, (sign, limit) in _BOUNDS.items()
        if isinstance(one, kind)
    )
    found: dict[str, Any] = {
        "default": str(field.default) if choices else _as_in_a_table(field.default),
        "range": " | ".join(choices) or ", ".join(bounds) or _SHAPES.get(type(field.default), ""),
        "meaning": field.description or MEANINGS.get(name, ""),
    }
    by_tier = {tier: values[name] for tier, values in rule.params.by_tier.items() if name in values}
    return found | ({"by_tier": by_tier} if by_tier else {})


def _as_in_a_table(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def state(one: Mapping[str, Any]) -> str:
    """Return whether a rule of `told` works without being asked to: `on`, `off`, or the key that switches it on."""
    return one["on"] if isinstance(one["on"], str) else "on" if one["on"] else "off"


def first_line(one: Mapping[str, Any]) -> str:
    return str(one["manual"].partition("\n")[0])


def table_lines(one: Mapping[str, Any], *, common: bool = True) -> Iterator[str]:
    """Yield the rule's table of the config with every default, each key with its meaning.

    Without `common` what every rule has (`enabled`, `severity`, `route`) stands there without its meaning.
    """
    yield f"[rules.{one['rule']}]"
    for name, parameter in one["parameters"].items():
        comment = "; ".join(filter(None, (parameter["meaning"], parameter["range"])))
        yield _aligned(f"{name} = {json.dumps(parameter['default'])}", "" if name in COMMON and not common else comment)
    for tier in sorted({tier for parameter in one["parameters"].values() for tier in parameter.get("by_tier", ())}):
        yield f"[rules.{one['rule']}.tier.{tier}]"
        for name, parameter in one["parameters"].items():
            if tier in parameter.get("by_tier", ()):
                yield f"{name} = {json.dumps(parameter['by_tier'][tier])}"


def _aligned(line: str, comment: str) -> str:
    return f"{line:<{_COMMENT_AT}}# {comment}" if comment else line


def page(rule: Rule) -> str:
    """Return a rule's page of docs/rules."""
    one = told(rule)
    _, _, rest = one["manual"].partition("\n")
    parts = [
        f"<!-- Made by `make docs` from rules/catalog/{rule.id.replace('-', '_')}.py: change that file. -->",
        f"# {rule.id}\n\n**{first_line(one)}**",
        rest.strip(),
        "\n".join(_at_a_glance(rule, one)),
        "## Parameters\n\n" + "\n".join(_parameter_rows(one)),
        "## An example\n\n" + _example(rule),
        "## How to tune\n\n" + _tuning(one),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _at_a_glance(rule: Rule, one: Mapping[str, Any]) -> Iterator[str]:
    yield "| | |\n|---|---|"
    match state(one):
        case "on":
            yield f"| switched on | by default; `enabled = false` in `[rules.{rule.id}]` switches it off |"
        case "off":
            yield f"| switched on | by `enabled = true` in `[rules.{rule.id}]` |"
        case key:
            yield f"| switched on | as soon as `{key}` has a value, without which it cannot work |"
    severity, route = (one["parameters"][name]["default"] for name in ("severity", "route"))
    milder = "" if severity == Severity.LOW else "; one step milder for tiers B and C, unless their own table names one"
    yield f"| severity | {severity}{milder} |"
    yield f"| its task goes to | {ROUTES[Route(route)]} |"
    yield f"| needs, pulled whole | {', '.join(one['needs'])} |"
    for name in one["hears"]:
        yield f"| UNKNOWN | where {UNHEARD[name]} |"
    if one["unless"]:
        yield f"| says nothing | where {' or '.join(f'[`{other}`]({other}.md)' for other in one['unless'])} is raised |"
    yield f"| weight in the risk score | {one['weight']}, unless `[score.weights]` says otherwise |"


def _parameter_rows(one: Mapping[str, Any]) -> Iterator[str]:
    yield "| key | default | may be | meaning |\n|---|---|---|---|"
    for name, parameter in one["parameters"].items():
        tiers = "".join(f"; tier {tier}: {value}" for tier, value in parameter.get("by_tier", {}).items())
        may_be = (parameter["range"] or "true, false").replace(" | ", ", ")
        yield f"| `{name}` | {json.dumps(parameter['default'])}{tiers} | {may_be} | {parameter['meaning']} |"


def _example(rule: Rule) -> str:
    text = example_task(rule)
    if text is None:
        return "None of the made-up accounts shows this rule; `holdfast evaluate` does on your own."
    return "On a made-up account:\n\n" + "\n".join(f"    {line}".rstrip() for line in text.splitlines())


def _tuning(one: Mapping[str, Any]) -> str:
    """Return how to change the rule and look first, with a table of what decides."""
    shown = [name for name in one["parameters"] if name not in COMMON]
    lines = [f"[rules.{one['rule']}]", *(["enabled = true"] if state(one) == "off" else [])]
    lines += [f"{name} = {json.dumps(one['parameters'][name]['default'])}" for name in shown]
    lines += ["", f"[rules.{one['rule']}.tier.B]", 'severity = "low"']
    return (
        "Copy the config, change the copy, and look before it is used:\n\n"
        + "\n".join(f"    {line}".rstrip() for line in lines)
        + "\n\n`holdfast rules preview --against new.toml` tells which accounts would be raised or cleared, and how\n"
        "many tasks each person would get. `holdfast explain ACCOUNT` shows the numbers that were tested on one\n"
        "account, which is better waived than tuned away: see docs/admin.md."
    )


def config_part(rules: Iterable[Rule]) -> str:
    """Return the `[rules.*]` tables of the example config; those of rules that are off are commented out."""
    tables = []
    for one in _on_first(rules):
        prefix = "" if state(one) == "on" else "# "
        on = {"on": "", "off": " Off until enabled."}.get(state(one), f" On as soon as {state(one)} has a value.")
        lines = "\n".join(f"{prefix}{line}" for line in table_lines(one, common=False))
        tables.append(f"# {first_line(one)}{on}\n{lines}\n")
    return "\n".join(tables)


def readme_part(rules: Iterable[Rule]) -> str:
    """Return the README's list of the rules."""
    lines = ["| rule | what it finds | on |", "|---|---|---|"]
    for one in _on_first(rules):
        mark = {"on": "yes", "off": "if chosen"}.get(state(one), f"with `{state(one)}`")
        lines.append(f"| [`{one['rule']}`](docs/rules/{one['rule']}.md) | {first_line(one).rstrip('.')} | {mark} |")
    return "\n".join(lines) + "\n"


def _on_first(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return what the rules say of themselves: those that are on, then those a key switches on, then the others."""
    return sorted(map(told, rules), key=lambda one: {"on": 0, "off": 2}.get(state(one), 1))


def documents(root: Path) -> dict[Path, str]:
    """Return every file of the manual under the project's root as it should be."""
    rules = list(discover().values())
    config, readme = root / "config.example.toml", root / "README.md"
    return {
        **{root / "docs" / "rules" / f"{rule.id}.md": page(rule) for rule in rules},
        root / "docs" / "rules" / "custom.md": custom_page(),
        root / "docs" / "rules" / "index.md": index_page(),
        config: _between(
            config, r"# --- rules[^\n]*\n(?:#[^\n]*\n)*", r"# --- end of the rules", f"\n{config_part(rules)}\n"
        ),
        readme: _between(readme, r"## The rules\n\n", r"\n## ", readme_part(rules)),
    }


def _between(path: Path, start: str, end: str, text: str) -> str:
    """Return the file's text with what stands between two patterns replaced."""
    found = re.search(f"(?s)({start})(.*?)({end})", before := path.read_text(encoding="utf-8"))
    if found is None:
        raise LookupError(f"{path}: no place for the rules, between {start!r} and {end!r}")
    return before[: found.start(2)] + text + before[found.start(3) :]


def main(root: Path = Path()) -> None:
    """Write what differs and name it; pages of rules that are gone are removed."""
    wanted = documents(root)
    for path, text in wanted.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path} written\n")
    by_hand = {root / "docs" / "rules" / f"{name}.md" for name in BY_HAND}
    for path in set((root / "docs" / "rules").glob("*.md")) - set(wanted) - by_hand:
        path.unlink()
        sys.stdout.write(f"{path} removed\n")


if __name__ == "__main__":
    main()
