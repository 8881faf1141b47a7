"""forget: a contact goes from the store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import open_session, print_json
from sync.errors import UsageError
from sync.store import cycles
from sync.store.engine import exclusive
from sync.store.erasure import Erased, erase_contact


def add_to(app: typer.Typer) -> None:
    app.command()(forget)


def forget(contact: Annotated[str, typer.Option(help="The contact's e-mail address.")]) -> None:
    """Erase a contact from the store, on every connection that it knows: records, links, and their name in our texts.

    What the CRM has of them stays out from now on; a record that somebody makes there later, with the same address,
    comes in. The CRM itself, and copies of the store, are not reached.
    """
    if "@" not in contact.strip("@ "):
        raise UsageError([f"--contact: must be an e-mail address (is {contact!r})"])
    session = open_session()
    with exclusive(session.engine):
        found = {
            name: erase_contact(session.engine, name, contact, session.last_moment(name))
            for name in dict.fromkeys([*session.config.connections, *cycles.connections(session.engine)])
        }
    if OPTIONS.json:
        print_json({name: asdict(one) for name, one in found.items()})
    else:
        for name, one in found.items():
            typer.echo(_told(name, one))
        typer.echo(
            "not reached: the CRM itself with the texts of our tasks there, copies of the store, earlier reports"
        )
    session.finish()


def _told(name: str, one: Erased) -> str:
    if one == Erased():
        return f"{name}: nothing is known of this address; it stays out"
    return f"{name}: erased {one.contacts} contacts and {one.links} links, and their name from {one.texts} texts"
