"""rules list, rules show: the manual of the rules, from the rules themselves."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from rules.rule import Rule, discover
from sync.cli.options import OPTIONS
from sync.cli.session import print_json
from sync.errors import HoldfastError

_BOUNDS = {Ge: (">=", "ge"), Gt: (">", "gt"), Le: ("<=", "le"), Lt: ("<", "lt")}


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The manual of the rules.", no_args_is_help=True)
    group.command("list")(list_rules)
    group.command("show")(show)
    app.add_typer(group, name="rules")


def list_rules() -> None:
    """Every rule, whether it is on by default, and what it finds."""
    told = [_told(rule) for rule in discover().values()]
    if OPTIONS.json:
        print_json(told)
        return
    for one in told:
        state = "on" if one["parameters"]["enabled"]["default"] else "off"
        typer.echo(f"{one['rule']:24} {state:4} {one['manual'].splitlines()[0]}")


def show(rule: Annotated[str, typer.Argument(help="Its id, as `rules list` prints it.")]) -> None:
    """One rule's manual, and every parameter with its default and range."""
    known = discover()
    if rule not in known:
        raise HoldfastError(f"{rule}: no such rule; known are {', '.join(known)}")
    told = _told(known[rule])
    if OPTIONS.json:
        print_json(told)
        return
    typer.echo(f"{rule}\n\n{told['manual']}\n\n[rules.{rule}]")
    for name, one in told["parameters"].items():
        default = str(one["default"]).lower() if isinstance(one["default"], bool) else one["default"]
        typer.echo(f"{name} = {default}{'   # ' + one['range'] if one['range'] else ''}")


def _told(rule: Rule) -> dict[str, Any]:
    parameters = {name: _parameter(field) for name, field in rule.params.model_fields.items()}
    return {"rule": rule.id, "manual": rule.manual.strip(), "needs": sorted(rule.needs), "parameters": parameters}


def _parameter(field: FieldInfo) -> dict[str, Any]:
    bounds = (
        f"{sign} {getattr(one, name)}"
        for one in field.metadata
        for kind, (sign, name) in _BOUNDS.items()
        if isinstance(one, kind)
    )
    choices = getattr(field.annotation, "__members__", {})
    told = " | ".join(str(one) for one in choices.values()) if choices else ", ".join(bounds)
    return {"default": str(field.default) if choices else field.default, "range": told}
