"""sandbox serve: a local CRM that speaks both APIs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from sync.errors import UsageError


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="A local CRM that speaks both APIs, for rehearsals and tests.", no_args_is_help=True)
    group.command()(serve)
    group.callback()(lambda: None)  # keeps `serve` a word of its own while it is the only one
    app.add_typer(group, name="sandbox")


def serve(
    host: Annotated[str, typer.Option()] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same company.")] = 1,
    accounts: Annotated[int, typer.Option(min=1)] = 200,
    touches_per_account: Annotated[int, typer.Option(min=0)] = 40,
    clock: Annotated[str, typer.Option(help="Where the CRM's own clock starts.")] = "2026-11-02T06:00:00Z",
    dataset: Annotated[Path | None, typer.Option(help="A folder of CSV files instead of a made-up company.")] = None,
    faults: Annotated[str | None, typer.Option(help="A JSON file of fault rules, or a built-in name.")] = None,
    write_config: Annotated[Path | None, typer.Option(help="Write a config that connects to both CRMs.")] = None,
    *,
    split: Annotated[
        bool, typer.Option("--split", help="Part the company: each CRM has some of it, most both.")
    ] = False,
    bare: Annotated[bool, typer.Option("--bare", help="Leave our custom fields out.")] = False,
    rate_limits: Annotated[bool, typer.Option("--rate-limits/--no-rate-limits")] = True,
) -> None:
    """Serve both CRMs on one port; one line of JSON says where, when it listens."""
    # What serves two CRMs is heavy, and no other command needs it.
    from connectors.sandbox.server import Sandbox  # noqa: PLC0415

    try:
        sandbox = Sandbox(
            host=host,
            port=port,
            seed=seed,
            accounts=accounts,
            touches_per_account=touches_per_account,
            clock=datetime.fromisoformat(clock),
            dataset=dataset,
            faults=faults,
            bare=bare,
            rate_limits=rate_limits,
            split=split,
        )
    except (ValueError, OSError) as error:
        raise UsageError([str(error)]) from error
    sandbox.serve_forever(write_config=write_config)
