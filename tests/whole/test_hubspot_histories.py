"""Random histories of a portal: whatever happens, and whenever, after the catch-up beat the store is the portal."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

import pytest
from sqlalchemy import Engine

from connectors.hubspot import lanes, links, loading, reading, search, tasks, vanished
from connectors.hubspot.connector import HubspotConnector
from connectors.hubspot.settings import HubspotSettings
from connectors.sandbox import hubspot_search
from sync.pull import pull
from sync.store import cycles
from sync.store.engine import open_engine
from sync.verify import verify
from tests.connectors.hubspot_portal import ACTIVITIES, HOUR, Portal
from tests.whole.hubspot_people import People

HISTORIES = 200 if os.environ.get("HOLDFAST_SOAK") else 12
DAY = 24 * HOUR
CONNECTION = "acme"
# Each pull that is disturbed meets one of these.
FAULTS: tuple[tuple[dict[str, Any], ...], ...] = (
    ({"probability": 0.2, "kind": "unavailable"}, {"probability": 0.1, "cut": "before"}),
    ({"probability": 0.2, "truncate": "cut"}, {"probability": 0.2, "truncate": "short"}),
    ({"probability": 0.2, "status": 502, "html": True}, {"probability": 0.1, "empty": True}),
    ({"every": 4, "kind": "rate-limit"}, {"operation": "search", "every": 3, "kind": "search-rate-limit"}),
    ({"after": 7, "kind": "unavailable"},),
    ({"after": 25, "kind": "quota"},),
    ({"operation": "associations-read", "after": 3, "kind": "unavailable"},),
    ({"operation": "list", "after": 4, "kind": "locked"},),
    ({"after": 12, "first": 1, "kind": "migration", "retry_after": 7200},),
    ({"operation": "search", "index_lag_seconds": 600},),
)


class Meanwhile:
    """The connector's clock, which flies; `deeds` times somebody acts between two of the looks at it."""

    def __init__(self, people: People, random: Random) -> None:
        self._people, self._random = people, random
        self._lock = Lock()
        self._seconds = 0.0
        self.deeds = 0

    def __call__(self) -> float:
        with self._lock:
            self._seconds += 5
            if self.deeds and self._random.random() < 0.1:
                self.deeds -= 1
                self._people.act()
            return self._seconds


class History:
    """One portal, one store, and everything that happens to them."""

    def __init__(self, portal: Portal, engine: Engine, seed: int) -> None:
        self.portal, self.engine = portal, engine
        self._random = Random(seed)
        self.people = People(portal, self._random)
        self._meanwhile = Meanwhile(self.people, self._random)
        self.setup = {
            "id_order": "string" if seed % 2 else "numeric",
            "association_page": self._random.choice((2, 500)),
            "index_lag_seconds": self._random.choice((0, 5, 300, 2 * HOUR)),
        }
        portal.control("POST", "setup/hubspot", self.setup)
        self._grow_ids()
        self.connector = self._connect()

    def _grow_ids(self) -> None:
        """What is made from now on has ids a digit longer, before or behind those that are there in the order of text."""
        ids = self.portal.sandbox.hubspot.account.data._ids
        ids.update({kind: 10 ** len(str(last)) - self._random.randint(1, 60) for kind, last in ids.items()})

    def _connect(self) -> HubspotConnector:
        token = self.portal.sandbox.hubspot.access_token
        given = {"kind": "hubspot", "base_url": self.portal.url, "access_token": token}
        settings = HubspotSettings.model_validate(given)
        one = HubspotConnector(CONNECTION, settings, clock=self._meanwhile, sleep=lambda _: None)
        self.portal.connectors.append(one)
        return one

    def happens(self) -> None:
        """Some rounds of people acting and of pulls, in which people act too and the portal is not always well."""
        for _ in range(self._random.randint(2, 5)):
            for _ in range(self._random.randint(0, 8)):
                self.people.act()
                self.portal.advance(self._random.choice((0, 0, 1, 40)))
            faults = self._random.choice(FAULTS) if self._random.random() < 0.5 else ()
            self.portal.faults(*({"write": False, "seed": self._random.random(), **fault} for fault in faults))
            self._meanwhile.deeds = self._random.choice((0, 2, 6))
            self.people.told.append(f"pull with {faults}")
            self.pull()
            self._meanwhile.deeds = 0
            self.portal.faults()
            if self._random.random() < 0.3:
                self.connector = self._connect()  # the worker was started again
            self.portal.advance(self._random.choice((20, HOUR, HOUR, 5 * HOUR, DAY)))

    def catches_up(self) -> None:
        """What was cut short is finished, and a day later everything is looked at once more."""
        self.connector = self._connect()
        for seconds in (HOUR, DAY):
            self.portal.advance(seconds)
            self.people.told.append("quiet pull")
            assert self.pull() == {}

    def pull(self) -> dict[str, str]:
        """One pull of every stream; what stopped those that did not arrive whole."""
        now = self._now()
        cycle = cycles.begin(self.engine, CONNECTION, now)
        found = pull(self.engine, self.connector, cycle=cycle, now=now)
        cycles.end(self.engine, cycle, {}, "", now)
        return {name: pulled.error for name, pulled in found.items() if not pulled.complete}

    def _now(self) -> datetime:
        return datetime.fromisoformat(self.portal.control("GET", "clock")["now"])

    def unsound(self) -> dict[str, Any]:
        found = verify(self.engine, self.connector, repair=False, now=self._now())
        return {kind: compared for kind, compared in found.items() if not compared.sound}


@pytest.fixture(scope="module")
def running() -> Iterator[Portal]:
    portal = Portal(accounts=5, touches_per_account=18)
    yield portal
    portal.close()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred records are then as a hundred thousand: many pages, many batches, and more than a search can show."""
    for module in (reading, loading, vanished, tasks):
        monkeypatch.setattr(module, "LIST_PAGE_SIZE", 20)
    for module, name, value in (
        (loading, "LANES_FROM_PAGES", 2),
        (loading, "GROUP_SIZE", 30),
        (lanes, "ENOUGH_RECORDS", 5),
        (links, "BATCH_SIZE", 15),
        (search, "PAGE_SIZE", 8),
        (search, "RESULT_CAP", 32),
        (hubspot_search, "MAX_RESULTS", 32),
    ):
        monkeypatch.setattr(module, name, value)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.dispose()


@pytest.mark.slow
@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("seed", range(HISTORIES))
def test_after_the_catch_up_beat_nothing_is_lost_doubled_or_stale(
    running: Portal, engine: Engine, tmp_path: Path, seed: int
) -> None:
    running.sandbox.reset(seed % 5)
    history = History(running, engine, seed)
    history.happens()
    history.catches_up()
    log = "\n".join([str(history.setup), *history.people.told])
    assert history.unsound() == {}, log
    stored, there = in_store(tmp_path / "store.db"), in_portal(running)
    for what, of_portal in there.items():
        assert stored[what] == of_portal, log


Rows = dict[str, dict[str, Any]]


def in_portal(portal: Portal) -> dict[str, Rows]:
    """What the store must hold, straight from the portal's own records: by kind and id."""
    live = {
        kind: [one for one in portal.records(kind) if not one["archived"]]
        for kind in ("companies", "contacts", "deals", *ACTIVITIES)
    }
    activities = {f"{kind}:{one['id']}": one for kind in ACTIVITIES for one in live[kind]}
    deals = {f"deals:{one['id']}": one for one in live["deals"]}
    return {
        "users": {one["id"]: not one["archived"] for one in portal.records("owners")},
        "accounts": {
            one["id"]: (_of(one, "name"), _of(one, "hubspot_owner_id"), _of(one, "hs_parent_company_id"))
            for one in live["companies"]
        },
        "contacts": {one["id"]: (_of(one, "email"), _of(one, "jobtitle"), _company(one)) for one in live["contacts"]},
        "deals": {one["id"]: (_of(one, "dealname"), float(_of(one, "amount") or 0)) for one in live["deals"]},
        "activities": {
            row_id: _seconds(_of(one, "hs_meeting_start_time") or _of(one, "hs_timestamp"))
            for row_id, one in activities.items()
        },
        "links": {row_id: _ours(one) | _about(one) for row_id, one in activities.items()}
        | {
            row_id: {("account", company) for company in _primary(one, 5) or _linked(one, "companies")}
            for row_id, one in deals.items()
        },
    }


def _of(record: dict[str, Any], name: str) -> str:
    return str(record["properties"].get(name) or "")


def _seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


def _linked(record: dict[str, Any], kind: str) -> set[str]:
    return {one["id"] for one in record["associations"].get(kind, ())}


def _primary(record: dict[str, Any], type_id: int) -> set[str]:
    return {one["id"] for one in record["associations"].get("companies", ()) if one["typeId"] == type_id}


def _company(contact: dict[str, Any]) -> str:
    """The primary one; without one that which the contact names itself, if it hangs on it, else the oldest."""
    linked, named = _linked(contact, "companies"), _of(contact, "associatedcompanyid")
    chosen = _primary(contact, 1) or (linked & {named}) or set(sorted(linked, key=int)[:1])
    return next(iter(chosen), "")


def _ours(activity: dict[str, Any]) -> set[tuple[str, str]]:
    people = [_of(activity, "hubspot_owner_id"), *_of(activity, "hs_attendee_owner_ids").split(";")]
    return {("user", one) for one in people if one}


def _about(activity: dict[str, Any]) -> set[tuple[str, str]]:
    words = {"contacts": "contact", "companies": "account", "deals": "deal"}
    return {(word, target) for kind, word in words.items() for target in _linked(activity, kind)}


def in_store(path: Path) -> dict[str, Rows]:
    """The same of the store, read from its tables."""
    with closing(sqlite3.connect(path)) as db:

        def rows(columns: str, table: str) -> list[Any]:
            return db.execute(f"SELECT {columns} FROM {table} WHERE NOT deleted ORDER BY id").fetchall()

        found: dict[str, Rows] = {
            "users": {one: bool(active) for one, active in rows("id, active", "users")},
            "accounts": {
                one: tuple(value or "" for value in rest)
                for one, *rest in rows("id, name, owner_id, parent_id", "accounts")
            },
            "contacts": {
                one: tuple(value or "" for value in rest)
                for one, *rest in rows("id, email, title, account_id", "contacts")
            },
            "deals": {one: (name, float(amount or 0)) for one, name, amount in rows("id, name, amount", "deals")},
            "activities": {
                one: datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
                for one, at in rows("id, at", "activities")
            },
        }
        live = {*found["activities"], *(f"deals:{one}" for one in found["deals"])}
        found["links"] = {one: set() for one in live}
        # Besides, links may name what several records of one meeting have in common.
        kinds = "kind IN ('user', 'contact', 'account', 'deal')"
        told = db.execute(f"SELECT activity_id, kind, target FROM links WHERE {kinds}")
        for activity_id, kind, target in told:
            if activity_id in live:
                found["links"][activity_id].add((kind, target))
    return found
