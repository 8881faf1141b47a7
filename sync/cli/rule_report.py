"""rules report: what became of each rule's findings, month by month, and what to do about it; nothing is written."""

from __future__ import annotations

from typing import Annotated

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import console, open_session, print_json
from sync.cli.stages import Connections
from sync.connections import chosen
from sync.report import rules
from sync.store.rule_records import rule_records

Months = Annotated[int, typer.Option(min=1, max=120, help="How many months back, this one included.")]


def rule_report(months: Months = 12, connection: Connections = None) -> None:
    """What became of each rule's findings: told, done, dismissed, cleared, answered; and what came of it in 90 days."""
    session = open_session()
    told = {}
    for name in chosen(session.config, connection or []):
        now = session.last_moment(name)
        told[name] = rule_records(session.engine, name, now, session.config.timezone, months=months)
    if OPTIONS.json:
        print_json({name: rules.told(records) for name, records in told.items()})
    else:
        shown = "\n\n".join(rules.text(name, records, months) for name, records in told.items())
        console().print(shown, markup=False)
    session.finish()
