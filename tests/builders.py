"""Facts with dull defaults: one key customer of ours as of 2 Nov 2026, days in UTC."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rules.facts import AccountFacts, Standing
from rules.model import Account, Contact, Deal, Direction, Kind, Outcome, Touch, User

TODAY = date(2026, 11, 2)

JANA = User(id="jana", name="Jana Roth", email="jana.roth@seller.example", title="Key Account Manager")
PETER = User(id="peter", name="Peter Hall", email="peter.hall@seller.example", title="Service Manager")
ANNA = User(id="anna", name="Anna Kim", email="anna.kim@seller.example")
USERS = {user.id: user for user in (JANA, PETER, ANNA)}

LOPEZ = Contact(id="lopez", account_id="acme", name="Maria Lopez", title="Buyer")
BERG = Contact(id="berg", account_id="acme", name="Karin Berg", title="CEO")

KEY = Standing(customer=True, key=True, tier="A", revenue=420_000.0, why="no. 5 of 180 customers")

_numbers = itertools.count(1)


def day_before(days_ago: int) -> date:
    return TODAY - timedelta(days=days_ago)


def touch(
    days_ago: int = 1,
    *,
    by: str | tuple[str, ...] = "jana",
    to: str | tuple[str, ...] = "lopez",
    kind: Kind = Kind.MEETING,
    direction: Direction | None = None,
    outcome: Outcome | None = None,
    at: datetime | None = None,
) -> Touch:
    """A held meeting of Jana with Maria Lopez yesterday at noon; written kinds are SENT and go out."""
    written = kind in {Kind.EMAIL, Kind.MESSAGE}
    moment = at or datetime.combine(day_before(days_ago), time(12), UTC)
    return Touch(
        id=f"t{next(_numbers):06}",
        kind=kind,
        direction=direction or (Direction.OUTBOUND if written else Direction.NONE),
        outcome=outcome or (Outcome.SENT if written else Outcome.HELD),
        at=moment,
        day=moment.date(),
        ours=(by,) if isinstance(by, str) else by,
        theirs=(to,) if isinstance(to, str) else to,
    )


def mail(days_ago: int = 1, *, inbound: bool = False, **more: Any) -> Touch:
    """An e-mail from Jana to Maria Lopez, or from her."""
    direction = Direction.INBOUND if inbound else Direction.OUTBOUND
    return touch(days_ago, kind=Kind.EMAIL, direction=direction, **more)


def meetings(count: int, *, by: str = "jana", first_days_ago: int = 1, every: int = 7) -> list[Touch]:
    """Held meetings of one person on so many days."""
    return [touch(first_days_ago + every * number, by=by) for number in range(count)]


def history(years: int = 4, *, by: str = "jana") -> list[Touch]:
    """An unanswered mail every 100 days over years: tenure without a person-day."""
    return [mail(days_ago, by=by) for days_ago in range(100, 365 * years, 100)]


def deal(days_ago: int, *, amount: float | None = 1000.0, account_id: str = "acme") -> Deal:
    return Deal(
        id=f"d{next(_numbers):06}", account_id=account_id, amount=amount, closed_on=day_before(days_ago), won=True
    )


def account(**more: Any) -> Account:
    return replace(Account(id="acme", name="Acme", owner_id="jana", customer_type=True), **more)


def facts(
    touches: Iterable[Touch] = (), *, logs: Iterable[str] = ("jana", "peter", "anna"), **more: Any
) -> AccountFacts:
    """Acme, a key customer of Jana's with Maria Lopez (buyer) and Karin Berg (CEO); everybody logged today."""
    usual = AccountFacts(
        today=TODAY,
        account=account(),
        standing=KEY,
        users=USERS,
        contacts=(LOPEZ, BERG),
        touches=tuple(sorted(touches, key=lambda one: (one.at, one.id))),
        last_logged=dict.fromkeys(logs, TODAY),
    )
    return replace(usual, **more)
