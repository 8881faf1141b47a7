"""init: a few questions become the first config."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from sync.cli.options import OPTIONS
from sync.config_file import find
from sync.errors import UsageError
from sync.first_config import QUESTIONS, SECRET_FILES, Answers, answered, rendered

_SECRETS = {
    "salesforce": "the private key (PEM) of the certificate that the External Client App has",
    "hubspot": "the service key",
}


class Crm(StrEnum):
    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"
    BOTH = "both"


def add_to(app: typer.Typer) -> None:
    app.command()(init)


def init(
    crm: Annotated[Crm | None, typer.Option(help="Which CRM to connect; asked where it is not said.")] = None,
    out: Annotated[Path | None, typer.Option(help="The file to write; else that of --config.")] = None,
    *,
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing; placeholders stand in the file.")] = False,
) -> None:
    """Ask at most eight questions and write a commented config. Secrets are never asked for, only where they are."""
    path = out or find(OPTIONS.config)
    if path.exists():
        raise UsageError([f"{path}: is there already and is left as it is; name another file with --out"])
    if not (defaults or sys.stdin.isatty()):
        raise UsageError(["init: there is nobody to ask; say --defaults, and edit the file"])
    start = Answers(timezone=local_timezone())
    answers = replace(start, crms=_crms(crm or Crm.BOTH)) if defaults else ask(start, crm, typer.prompt)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(rendered(answers))
    except FileExistsError:
        raise UsageError([f"{path}: is there already and is left as it is; name another file with --out"]) from None
    typer.echo(_next_steps(path, answers), err=True)


def ask(start: Answers, crm: Crm | None, prompt: Callable[..., str]) -> Answers:
    """Ask one question after the other, each until its answer holds."""
    while crm is None:
        told = prompt(f"Which CRM: {', '.join(Crm)}", default=str(Crm.SALESFORCE)).strip().lower()
        with suppress(ValueError):
            crm = Crm(told)
    answers = replace(start, crms=_crms(crm))
    for question in QUESTIONS:
        if question.crm in ("", *answers.crms):
            answers = _asked(answers, question.about, question.text, prompt)
    return answers


def _asked(answers: Answers, about: str, text: str, prompt: Callable[..., str]) -> Answers:
    default = getattr(answers, about)
    shown = ", ".join(default) if isinstance(default, tuple) else str(default)
    while True:
        try:
            return answered(answers, about, prompt(text, default=shown))
        except ValueError as error:
            typer.echo(f"  {error}", err=True)


def _crms(crm: Crm) -> tuple[str, ...]:
    return ("salesforce", "hubspot") if crm is Crm.BOTH else (str(crm),)


def local_timezone() -> str:
    """Return the name of this machine's timezone, UTC where it has none."""
    told = os.environ.get("TZ", "").removeprefix(":") or os.path.realpath("/etc/localtime").partition("zoneinfo/")[2]
    try:
        return ZoneInfo(told).key
    except (KeyError, ValueError, OSError):
        return "UTC"


def _next_steps(path: Path, answers: Answers) -> str:
    files = [f"  {path.parent / SECRET_FILES[name][1]}  {_SECRETS[name]}" for name in answers.crms]
    config = "" if path == Path("config.toml") else f" --config {path}"
    return "\n".join(
        [
            f"{path} is written. Next:",
            "put the secrets where it looks for them, readable by you alone (chmod 600):",
            *files,
            f"holdfast doctor{config}    # is everything in place?",
        ]
    )
