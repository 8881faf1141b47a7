"""forget: a contact goes from the store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import open_session, print_json
from sync.errors import ConfigError
from sync.store.engine import exclusive
from sync.store.erasure import Erased, erase_contact


def add_to(app: typer.Typer) -> None:
    app.command()(forget)


def forget(contact: Annotated[str, typer.Option(help="The contact's e-mail address.")]) -> None:
    """Erase a contact from the store: records, links, and their name in our texts, on every connection.

    The CRM keeps what it has; erase the contact there first, or it is sent anew when somebody changes it.
    """
    if "@" not in contact.strip("@ "):
        raise ConfigError([f"--contact: must be an e-mail address (is {contact!r})"])
    session = open_session()
    with exclusive(session.engine):
        found = {name: erase_contact(session.engine, name, contact) for name in session.config.connections}
    if OPTIONS.json:
        print_json({name: asdict(one) for name, one in found.items()})
    else:
        for name, one in found.items():
            typer.echo(_told(name, one))
    session.finish()


def _told(name: str, one: Erased) -> str:
    if one == Erased():
        return f"{name}: nothing is known of this address"
    return f"{name}: erased {one.contacts} contacts and {one.links} links, and their name from {one.texts} texts"
