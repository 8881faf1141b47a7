"""A small company in a served sandbox, and a bare client of its Salesforce side."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests

from connectors.sandbox.company import (
    Company,
    SeedAccount,
    SeedContact,
    SeedDeal,
    SeedTeamMember,
    SeedTicket,
    SeedTouch,
    SeedUser,
    Truth,
)
from connectors.sandbox.server import Sandbox

START = datetime(2026, 11, 2, 6, tzinfo=UTC)
VERSION = "/services/data/v66.0"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def small_company() -> Company:
    """Two reps with a manager, two accounts, three contacts, one touch of each kind."""

    def days(count: int) -> datetime:
        return START - timedelta(days=count) + timedelta(hours=4)

    return Company(
        users=[
            SeedUser(
                id="u1", name="Jana Roth", email="jana.roth@seller.example", title="Account Manager", manager="u3"
            ),
            SeedUser(id="u2", name="Paul Hall", email="paul.hall@seller.example", manager="u3"),
            SeedUser(id="u3", name="Mia Keller", email="m.keller@seller.example", title="Chief Sales Officer"),
            SeedUser(id="u4", name="Old Timer", email="old.timer@seller.example", active=False),
        ],
        accounts=[
            SeedAccount(
                id="a1",
                name="Acme GmbH",
                domain="acme.example",
                owner="u1",
                type="Customer - Direct",
                customer_since=date(2020, 5, 1),
            ),
            SeedAccount(id="a2", name="Bolt AG", domain="bolt.example", owner="u2", type="Prospect", parent="a1"),
        ],
        contacts=[
            SeedContact(
                id="c1",
                account="a1",
                name="Carla Voss",
                email="carla@acme.example",
                title="CFO",
                role="decision-maker;influencer",
            ),
            SeedContact(id="c2", account="a1", name="Dirk Ott", email="dirk@acme.example", active=False),
            SeedContact(id="c3", account="a2", name="Eva Lind", email="eva@bolt.example"),
        ],
        touches=[
            SeedTouch(
                id="t1",
                at=days(10),
                kind="email",
                direction="outbound",
                users=("u1", "u2"),
                contacts=("c1",),
                account="a1",
                subject="Offer",
            ),
            SeedTouch(
                id="t2",
                at=days(9),
                kind="email",
                direction="inbound",
                users=("u1",),
                contacts=("c1",),
                account="a1",
                subject="Re: Offer",
            ),
            SeedTouch(
                id="t3",
                at=days(8),
                kind="call",
                direction="outbound",
                users=("u1",),
                contacts=("c1",),
                account="a1",
                outcome="connected",
                minutes=12,
            ),
            SeedTouch(
                id="t4",
                at=days(7),
                kind="meeting",
                users=("u1", "u2"),
                contacts=("c1", "c2"),
                account="a1",
                subject="Review",
                outcome="completed",
                minutes=45,
            ),
            SeedTouch(
                id="t5", at=days(400), kind="meeting", users=("u1",), contacts=("c1",), account="a1", outcome="no-show"
            ),
            SeedTouch(
                id="t6",
                at=days(500),
                kind="note",
                users=("u2",),
                contacts=("c3",),
                account="a2",
                subject="Met at the fair",
            ),
        ],
        deals=[
            SeedDeal(id="d1", account="a1", name="First", amount=1200.5, closed_on=date(2026, 2, 1), won=True),
            SeedDeal(id="d2", account="a1", name="Lost", amount=10, closed_on=date(2026, 3, 1)),
            SeedDeal(id="d3", account="a2", name="Open"),
        ],
        tickets=[SeedTicket(id="k1", account="a1", contact="c1", opened_at=days(20), priority="high", escalated=True)],
        team=[SeedTeamMember(account="a1", user="u2", role="Sales Manager", since=date(2025, 1, 1))],
        tell=lambda: [
            Truth(account="a1", planted=("sole",), expect={"sole-rep": {"salesforce": "raised", "hubspot": "raised"}})
        ],
        as_of=START.date(),
    )


@dataclass
class Client:
    """Speaks bare HTTP with the Salesforce side, logged in by JWT."""

    sandbox: Sandbox
    url: str
    token: str = ""

    def __post_init__(self) -> None:
        self.http = requests.Session()
        self.http.trust_env = False
        self.token = self.login().json()["access_token"]

    def login(self, **claims: Any) -> requests.Response:
        given = self.sandbox.credentials()["salesforce"]
        asserted = {
            "iss": given["consumer_key"],
            "sub": given["username"],
            "aud": "https://login.salesforce.com",
            "exp": str(int(time.time() + 180)),
        } | claims
        assertion = jwt.encode(asserted, self.sandbox.salesforce.logins.private_key_pem, algorithm="RS256")
        return self.http.post(
            f"{self.url}/services/oauth2/token", data={"grant_type": JWT_GRANT, "assertion": assertion}
        )

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        whole = path if path.startswith("/services") else f"{VERSION}/{path}"
        return self.http.request(method, self.url + whole, headers=headers, timeout=20, **options)

    def query(self, soql: str, resource: str = "query", **headers: str) -> dict[str, Any]:
        reply = self.call("GET", f"{resource}/", params={"q": soql}, headers=headers)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    def rows(self, soql: str, resource: str = "queryAll") -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k != "attributes"} for row in self.query(soql, resource)["records"]]

    def refusal(self, soql: str) -> tuple[int, str, str]:
        reply = self.call("GET", "query", params={"q": soql})
        (told,) = reply.json()
        return reply.status_code, told["errorCode"], told["message"]

    def upsert(self, *records: dict[str, Any], **envelope: Any) -> list[dict[str, Any]]:
        body = {"records": [{"attributes": {"type": "Task"}, **record} for record in records], **envelope}
        reply = self.call("PATCH", "composite/sobjects/Task/Holdfast_Key__c", json=body)
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()
        return found

    def id_of(self, dataset_id: str, prefix: str = "") -> str:
        return next(each for each in self.sandbox.salesforce.ids(dataset_id) if each.startswith(prefix))

    def control(self, method: str, path: str, **options: Any) -> Any:
        reply = self.http.request(method, f"{self.url}/_sandbox/{path}", timeout=20, **options)
        return reply.json()

    def journal(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control("GET", "journal")["requests"]
        return found


@contextmanager
def served(**options: Any) -> Iterator[Client]:
    sandbox = Sandbox(**{"company": small_company(), "clock": START, **options})
    url = sandbox.start_in_thread()
    client = Client(sandbox=sandbox, url=url)
    try:
        yield client
    finally:
        client.http.close()
        sandbox.stop()


class LoopbackSession(requests.Session):
    """simple-salesforce writes https in front of every URL; this puts the sandbox there."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.trust_env = False
        self._base = base

    def request(self, method: str, url: str, **options: Any) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(url)
        return super().request(method, self._base + parts.path + (f"?{parts.query}" if parts.query else ""), **options)
