"""The command line's entry: common options before or after the command, exit statuses, one line per cause.

0 done · 1 done in part or failed · 2 usage or configuration wrong, nothing attempted · 3 refused by a safety limit ·
130 interrupted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connectors.errors import ConnectorError
from sync.cli.commands import Commands
from sync.cli.options import OPTIONS, common_first
from sync.errors import ConfigError, FileError, HoldfastError, RefusedError, UsageError, named

_INTERRUPTED = 130

app = typer.Typer(
    name="holdfast",
    cls=Commands,
    rich_markup_mode=None,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Finds customers that hang on one rep or whose executives nobody speaks with, and says so in the CRM.",
)


@app.callback()
def common(
    config: Annotated[
        Path | None, typer.Option(help="The config file; else $HOLDFAST_CONFIG, else ./config.toml.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only warnings and errors on standard error.")] = False,
    log_format: Annotated[str, typer.Option(help="console or json.")] = "console",
    now: Annotated[
        str | None, typer.Option(envvar="HOLDFAST_NOW", help="The worker's own now, for rehearsals on loopback.")
    ] = None,
) -> None:
    """Options that go before or after every command."""
    if log_format not in ("console", "json"):
        raise typer.BadParameter("must be console or json", param_hint="--log-format")
    OPTIONS.config, OPTIONS.json, OPTIONS.quiet, OPTIONS.now = config, json, quiet, now
    from sync import log  # noqa: PLC0415 - the help needs no logging, and it takes a while to import

    log.configure(json=log_format == "json", quiet=quiet)


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status; expected errors are told in one line each."""
    try:
        status = typer.main.get_command(app)(common_first(arguments), prog_name="holdfast", standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except typer.TyperException as error:
        return _failed(UsageError([f"usage: {error}; see --help"]))
    except (KeyboardInterrupt, typer.Abort):
        status = _INTERRUPTED
    except (HoldfastError, ConnectorError) as error:
        return _failed(error)
    except OSError as error:
        if not error.filename:
            raise
        return _failed(FileError(f"{error.filename}: {error.strerror}; check the path and its rights"))
    # Typer makes a status of most interrupts by itself.
    if status == _INTERRUPTED:
        typer.echo("interrupted; the state is consistent, run again to go on", err=True)
    return status if isinstance(status, int) else 0


def _failed(error: HoldfastError | ConnectorError) -> int:
    """Tell an error, and return the exit status that its kind has."""
    typer.echo(named(error), err=True)
    return 2 if isinstance(error, ConfigError) else 3 if isinstance(error, RefusedError) else 1
