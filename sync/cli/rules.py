"""rules list, rules show: the manual of the rules; rules preview: the difference that another config would make."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from rules.problems import unknown
from rules.rule import discover
from sync import config_file
from sync.cli.backtest import backtest, tune
from sync.cli.options import OPTIONS
from sync.cli.preview import preview
from sync.cli.rule_report import rule_report
from sync.cli.session import print_json
from sync.errors import ConfigError, NotFoundError
from sync.report.manual import first_line, state, table_lines, told


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The manual of the rules, and what a change of theirs would do.", no_args_is_help=True)
    group.command("list")(list_rules)
    group.command("show")(show)
    group.command("preview")(preview)
    group.command("backtest")(backtest)
    group.command("tune")(tune)
    group.command("report")(rule_report)
    app.add_typer(group, name="rules")


def list_rules() -> None:
    """Every rule, whether it is on by default or by which key, and what it finds; those of the config last."""
    rules = list(_known().values())
    states = [state(one) for one in rules]
    if OPTIONS.json:
        print_json(rules)
        return
    wide, on = max(len(one["rule"]) for one in rules), max(map(len, states))
    for one, is_on in zip(rules, states, strict=True):
        typer.echo(f"{one['rule']:{wide}}  {is_on:{on}}  {first_line(one)}")


def show(rule: Annotated[str, typer.Argument(help="Its id, as `rules list` prints it.")]) -> None:
    """One rule's manual, and every parameter with its default, range and meaning."""
    known = _known()
    if rule not in known:
        raise NotFoundError(f"{rule}: {unknown('rule', rule, known)}")
    one = known[rule]
    if OPTIONS.json:
        print_json(one)
        return
    if rule not in discover():
        typer.echo(f"{rule} ({state(one)})\n\n{one['manual']}\n\nChange it in its [[rules.custom]] of the config.")
        return
    on = {"on": "on by default", "off": "off by default"}.get(state(one), f"on as soon as {state(one)} has a value")
    typer.echo(f"{rule} ({on})\n\n{one['manual']}\n")
    typer.echo("\n".join(table_lines(one)))


def _known() -> dict[str, dict[str, Any]]:
    """Return what every rule says of itself, by id; a config that is missing or wrong only costs the rules in it."""
    found = {rule_id: told(rule) for rule_id, rule in discover().items()}
    try:
        _, rulebook = config_file.load(config_file.find(OPTIONS.config))
    except ConfigError as error:
        if OPTIONS.config:
            typer.echo(f"without the rules of the config: {error.lines[0]}", err=True)
        return found
    all_rules = {**(rulebook.off.rules if rulebook.off else {}), **rulebook.rules}
    custom = sorted(all_rules.keys() - found.keys())
    return found | {rule_id: {**told(all_rules[rule_id]), "on": rule_id in rulebook.rules} for rule_id in custom}
