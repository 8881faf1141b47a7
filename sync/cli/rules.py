"""rules list, rules show: the manual of the rules; rules preview: the difference that another config would make."""

from __future__ import annotations

from typing import Annotated

import typer

from rules.rule import discover
from sync.cli.options import OPTIONS
from sync.cli.preview import preview
from sync.cli.session import print_json
from sync.errors import HoldfastError
from sync.report.manual import first_line, state, table_lines, told


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The manual of the rules, and what a change of theirs would do.", no_args_is_help=True)
    group.command("list")(list_rules)
    group.command("show")(show)
    group.command("preview")(preview)
    app.add_typer(group, name="rules")


def list_rules() -> None:
    """Every rule, whether it is on by default or by which key, and what it finds."""
    rules = [told(rule) for rule in discover().values()]
    if OPTIONS.json:
        print_json(rules)
        return
    for one in rules:
        typer.echo(f"{one['rule']:22} {state(one):18} {first_line(one)}")


def show(rule: Annotated[str, typer.Argument(help="Its id, as `rules list` prints it.")]) -> None:
    """One rule's manual, and every parameter with its default, range and meaning."""
    known = discover()
    if rule not in known:
        raise HoldfastError(f"{rule}: no such rule; known are {', '.join(known)}")
    one = told(known[rule])
    if OPTIONS.json:
        print_json(one)
        return
    on = {"on": "on by default", "off": "off by default"}.get(state(one), f"on as soon as {state(one)} has a value")
    typer.echo(f"{rule} ({on})\n\n{one['manual']}\n")
    typer.echo("\n".join(table_lines(one)))
