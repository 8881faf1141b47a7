"""digest: what each manager is told of the week, shown, or sent to whoever has not had it yet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

import typer

from sync.cli.options import OPTIONS
from sync.cli.session import Session, console, open_session, print_json
from sync.connections import chosen
from sync.errors import ConfigError, NotFoundError
from sync.notices import digest as digests
from sync.notices.sending import digest_key, send_digests
from sync.notices.week import Week, week
from sync.store import notices

Manager = Annotated[str | None, typer.Option(help="Only this manager's, by e-mail address.")]


def add_to(app: typer.Typer) -> None:
    app.command()(digest)


def digest(
    manager: Manager = None,
    *,
    send: Annotated[bool, typer.Option("--send", help="Send it to whoever has not had this week's.")] = False,
) -> None:
    """What each manager is told of the week: overdue, new, gone, waiting. Shown; sent only with --send."""
    session = open_session()
    session.allow_person_views("digest")
    chosen(session.config, [])
    now = max(session.last_moment(name) for name in session.config.connections)
    told = week(session.engine, session.config, now)
    only = [manager.strip().lower()] if manager else []
    if only and only[0] not in {one.to for one in told.digests}:
        raise NotFoundError(f"--manager {manager}: has no digest this week; `holdfast digest` shows who has one")
    documents = _documents(session, told, now, only)
    if send:
        documents = _send(session, now, only, documents)
    if OPTIONS.json:
        print_json({"digests": documents, "unheard": dict(told.unheard)})
    else:
        console().print("\n".join(_lines(documents, told, live=session.config.writeback.mode == "live")), markup=False)
    session.finish()


def _documents(session: Session, told: Week, now: datetime, only: list[str]) -> list[dict[str, Any]]:
    some = [one for one in told.digests if not only or one.to in only]
    keys = {one.to: digest_key(one, now, session.config) for one in some}
    given = notices.given(session.engine, list(keys.values()))
    return [
        {
            "to": one.to,
            "name": one.name,
            "sent_at": given.get(keys[one.to]),
            "title": digests.title(now.astimezone(session.config.timezone).date(), session.config.language),
            "text": digests.text(one, session.config.language),
        }
        for one in some
    ]


def _send(session: Session, now: datetime, only: list[str], documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Send them, and return the documents with when it was; what no service took is a failure of the command."""
    if session.config.notices.digest_to is None:
        raise ConfigError(['notices.digest_to: is not set; write digest_to = "${NAME}" with an address of apprise'])
    given = {one.to: one.problem for one in send_digests(session.engine, session.config, now, only=only)}
    session.failures += dict.fromkeys(problem for problem in given.values() if problem)
    return [one | {"sent_at": now} if given.get(one["to"]) == "" else one for one in documents]


def _lines(documents: list[dict[str, Any]], told: Week, *, live: bool) -> Iterator[str]:
    if not documents:
        preview = "" if live else ' (preview: no task is made; writeback.mode = "live" makes them)'
        yield f"nobody has a digest this week: nothing is overdue, new, gone or waiting{preview}"
    for one in documents:
        sent = f"sent on {one['sent_at']:%Y-%m-%d %H:%M} UTC" if one["sent_at"] else "not sent"
        yield f"To {one['name']} <{one['to']}> ({sent})\n{one['title']}\n\n{one['text']}\n"
    for name, count in told.unheard.items():
        yield f"told to nobody: {count} of {name}, above whom nobody with an address is known; see [people.managers]"
