"""Giving notices: a weekly digest to each manager, and an alert when a connection fails for long and when it is well.

Each is given at most once, whatever happens: it is noted before it is sent. A worker that dies in between leaves one
unsent, which costs less than one that comes again after every restart. What no service took is taken back, and the
next beat tries again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from sqlalchemy import Engine

from sync.config import MANAGER, Config
from sync.errors import HoldfastError
from sync.notices import digest as digests
from sync.notices.digest import Digest
from sync.notices.week import week
from sync.store import cycles, notices
from sync.store.notices import Outage

if TYPE_CHECKING:
    from apprise import Apprise

log = structlog.get_logger()


class NoticeError(HoldfastError):
    """No service took a notice, or none could: the line names the config's key, never an address, which is a secret.

    Remedy: try the address with apprise's own command; a digest goes out again with `holdfast digest --send`.
    """

    name = "notice-not-sent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A digest that was sent, or why it was not."""

    to: str
    problem: str = ""


def send_digests(engine: Engine, config: Config, now: datetime, *, only: Iterable[str] = ()) -> list[Given]:
    """Send this week's digests, of all managers or of those with `only` these addresses, to whoever has none yet.

    A week begins on Monday. Nobody gets two in a week, whatever the beat. Without `notices.digest_to` nothing is sent.
    """
    target, chosen, given = config.notices.digest_to, frozenset(only), []
    for one in week(engine, config, now).digests if target else ():
        key = digest_key(one, now, config)
        if (chosen and one.to not in chosen) or not notices.claim(engine, key, one.escalations, now=now):
            continue
        title = digests.title(now.astimezone(config.timezone).date(), config.language)
        try:
            assert target
            address = target.get_secret_value().replace(MANAGER, quote(one.to, safe=""))
            _send("notices.digest_to", address, title, digests.text(one, config.language))
        except NoticeError as error:
            notices.release(engine, [key, *one.escalations])
            log.warning("digest_failed", reason=str(error))
            given.append(Given(to=one.to, problem=str(error)))
        else:
            log.info("digest_sent", people=len(one.desks))
            given.append(Given(to=one.to))
    return given


def digest_key(one: Digest, now: datetime, config: Config) -> str:
    """What stands for a manager's digest of the week."""
    year, number, _ = now.astimezone(config.timezone).date().isocalendar()
    return f"digest:{year}-W{number:02}:{one.to}"


def send_alerts(engine: Engine, config: Config, now: datetime) -> list[Given]:
    """Tell the operator of each connection whose cycles have failed for `notices.alert_after_hours`, once, and of each
    that is well again, once. Without `notices.alerts_to` nothing is sent.
    """
    target, given = config.notices.alerts_to, []
    for key, title, text in _alerts(engine, config) if target else ():
        if not notices.claim(engine, key, now=now):
            continue
        try:
            assert target
            _send("notices.alerts_to", target.get_secret_value(), title, text)
        except NoticeError as error:
            notices.release(engine, [key])
            log.warning("alert_failed", reason=str(error))
            given.append(Given(to=key, problem=str(error)))
        else:
            log.info("alert_sent", notice=key)
            given.append(Given(to=key))
    return given


def _alerts(engine: Engine, config: Config) -> Iterable[tuple[str, str, str]]:
    """Yield (key, title, text) of what there is to tell."""
    after = timedelta(hours=config.notices.alert_after_hours)
    failing = {name: notices.outage(engine, name) for name in config.connections}
    for name, one in failing.items():
        if one and one.until - one.since >= after:
            yield one.failing_key, f"Holdfast: {name} fails since {_moment(one.since, config)}", _failing(one, config)
    for told in notices.outages_told(engine):
        last = cycles.last(engine, told.connection)
        if told.connection in config.connections and failing[told.connection] is None and last:
            title = f"Holdfast: {told.connection} is well again"
            yield told.well_key, title, _well(told, last["ended_at"], config)


def _failing(one: Outage, config: Config) -> str:
    return (
        f"Every cycle of {one.connection} since {_moment(one.since, config)} has failed, the last at "
        f"{_moment(one.until, config)}:\n\n{one.cause}\n\n"
        f"Until it is mended, nothing of {one.connection} is judged anew or written; the other connections go on. "
        "`holdfast doctor` tries every precondition and tells the remedy."
    )


def _well(one: Outage, ended_at: datetime, config: Config) -> str:
    return (
        f"A cycle of {one.connection} ended at {_moment(ended_at, config)} without an error; they had failed since "
        f"{_moment(one.since, config)}. Nothing was lost: what changed meanwhile is pulled."
    )


def _moment(at: datetime, config: Config) -> str:
    return f"{at.astimezone(config.timezone):%Y-%m-%d %H:%M}"


def _send(key: str, addresses: str, title: str, text: str) -> None:
    """Every address has taken the notice, else NoticeError; after that some may have taken it nevertheless."""
    service = _service(key, addresses)
    if not service.notify(title=title, body=text, body_format="text"):
        raise NoticeError(
            f"{key}: not every service took the notice; check its addresses, with `apprise -vv` if in doubt"
        )


def understood(key: str, addresses: str) -> int:
    """How many addresses there are, all of services that apprise knows; NoticeError where it does not."""
    return len(_service(key, addresses.replace(MANAGER, "somebody%40yours.example")))


def _service(key: str, addresses: str) -> Apprise:
    try:
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        raise NoticeError(f"{key}: needs the package apprise; pip install 'holdfast[notices]'") from None
    service = Apprise(asset=AppriseAsset(app_id="Holdfast", app_desc="Holdfast"))
    for number, address in enumerate(addresses.split(), start=1):
        # Else mail comes as HTML.
        plain = address if "format=" in address else f"{address}{'&' if '?' in address else '?'}format=text"
        if not service.add(plain):
            raise NoticeError(f"{key}: apprise knows no service for address {number}; see github.com/caronc/apprise")
    return service
