"""Every command, its line in the help, and the module that it comes from, which is imported when it runs.

Importing them all takes seconds, and `--help` needs none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

#: Command -> (module of `sync.cli`, its line), in the order of the help. A new command has its line here.
COMMANDS = {
    "init": ("init", "Ask a few questions and write a config; never a secret."),
    "doctor": ("doctor", "Try every precondition: ok, warn or fail, with the remedy."),
    "provision": ("care", "Make our fields in the CRM, or print the manual steps."),
    "run": ("stages", "Run one cycle: pull, evaluate, plan, apply."),
    "pull": ("stages", "Bring the store up to date; nothing is judged or written."),
    "evaluate": ("stages", "Judge every account by every enabled rule."),
    "plan": ("stages", "Print what would be written, by person, and a checksum."),
    "apply": ("stages", "Send the plan of this moment, or exactly that in a file."),
    "serve": ("serve", "Run cycles on schedule until stopped; SIGTERM ends cleanly."),
    "worker": ("worker", "Share the work of a PostgreSQL store with other workers."),
    "status": ("status", "Where every connection stands."),
    "report": ("report", "Where every key account stands, worst first."),
    "explain": ("look", "One account: every verdict, why, and what would clear it."),
    "calendar": ("calendar", "Executive check-ins, held and due, as CSV or iCalendar."),
    "litmus": ("litmus", "The twelve questions of the yearly test of an account."),
    "walkaway": ("walkaway", "What hangs on one of ours, and the pack to hand it over."),
    "rules": ("rules", "The manual of the rules, and what a change would do."),
    "digest": ("digest", "What each manager is told of the week; --send sends it."),
    "match": ("match", "Who is one in several CRMs, why, and what is left to decide."),
    "parked": ("parked", "Changes that a CRM refused: list, retry, drop."),
    "undo": ("undo", "Close the tasks we made since a time and nobody touched."),
    "audit": ("undo", "Every change we made: when, why, from what to what."),
    "verify": ("care", "Compare every record of the store with the CRM."),
    "reset": ("stages", "Pull a stream from the beginning at the next cycle."),
    "backup": ("backup", "Make a checked copy of the store."),
    "store": ("backup", "The store as a whole: move it to another database."),
    "forget": ("forget", "Erase a contact from the store."),
    "demo": ("demo", "Rehearse the whole way on a local sandbox."),
    "sandbox": ("sandbox", "A local CRM that speaks both APIs, for rehearsals."),
}


class Commands(TyperGroup):
    """The commands by name. What the help and a typing error need stands in COMMANDS; a module comes with its run."""

    def __init__(self, **attributes: Any) -> None:
        told = {name: TyperCommand(name, help=line) for name, (_, line) in COMMANDS.items()}
        super().__init__(**{**attributes, "commands": told})

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command itself, where `commands` has only its name and its line."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, load(name or ""), rest


def load(name: str) -> Any:
    """Import what a command comes from, and return the command."""
    app = typer.Typer(rich_markup_mode=None)
    app.callback()(lambda: None)  # a group, also around a single command
    import_module(f"sync.cli.{COMMANDS[name][0]}").add_to(app)
    return typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]  # a group has commands
