"""OAuth under load: one renewal for all threads, in time, and every call has the new token."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from connectors.errors import ConnectorError, TransientError
from connectors.hubspot.login import Login
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.values import Json
from tests.connectors.hubspot_portal import Portal

THREADS = 16
SETTINGS = HubspotSettings(
    kind="hubspot", auth="oauth", client_id="id", client_secret=SecretStr("s"), refresh_token=SecretStr("r")
)


class Tokens:
    """An OAuth server that hands out t1, t2, t3 ... once `open` is set, each good for half an hour."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked = 0
        self.open = threading.Event()
        self.open.set()
        self.down = False
        self.looked = 0
        self.login = Login("acme", SETTINGS, clock=self.clock, renew=self.renew)

    def clock(self) -> float:
        self.looked += 1
        return self.now

    def renew(self, form: Mapping[str, str]) -> Json:
        assert form["grant_type"] == "refresh_token"
        self.asked += 1
        self.open.wait(5)
        if self.down:
            raise TransientError("connection acme: HubSpot failed with HTTP 503: down")
        return {"access_token": f"t{self.asked}", "expires_in": 1800}

    def rush(self) -> list[str]:
        """What as many threads as there are get when all ask while the first answer is on its way."""
        self.open.clear()
        before = self.looked
        together = threading.Barrier(THREADS + 1)

        def ask(_: int) -> str:
            together.wait(5)
            try:
                return self.login.token()
            except ConnectorError as error:
                return str(error)

        with ThreadPoolExecutor(THREADS) as pool:
            answers = [pool.submit(ask, number) for number in range(THREADS)]
            together.wait(5)
            # One looks at the clock three times before it asks, the others once before they wait for it.
            while self.looked < before + THREADS + 2:
                time.sleep(0.001)
            self.open.set()
            return [one.result(5) for one in answers]


def test_many_threads_renew_a_token_once() -> None:
    tokens = Tokens()
    assert tokens.rush() == ["t1"] * THREADS
    assert tokens.asked == 1


def test_a_token_is_renewed_before_it_ends_and_reaches_every_thread() -> None:
    tokens = Tokens()
    assert tokens.login.token() == "t1"
    tokens.now = 1739
    assert tokens.login.token() == "t1"
    tokens.now = 1741  # a minute before the end
    assert set(tokens.rush()) == {"t2"}
    assert tokens.asked == 2


def test_a_token_that_was_refused_is_not_renewed_by_each_who_was_refused_with_it() -> None:
    tokens = Tokens()
    assert tokens.login.token() == "t1"
    for _ in range(THREADS):
        tokens.login.void("t1")
        assert tokens.login.token() == "t2"
    assert tokens.asked == 2


def test_who_waits_for_a_renewal_that_fails_does_not_ask_again_at_once() -> None:
    tokens = Tokens()
    tokens.down = True
    assert all("503" in told for told in tokens.rush())
    assert tokens.asked == 1
    tokens.down = False
    assert tokens.login.token().startswith("t")


def test_a_short_lived_token_is_used_for_half_of_its_life() -> None:
    tokens = Tokens()
    tokens.login = Login(
        "acme",
        SETTINGS,
        clock=lambda: tokens.now,
        renew=lambda _: {"access_token": f"at {tokens.now}", "expires_in": 40},
    )
    for tokens.now in (0.0, 19.0):
        assert tokens.login.token() == "at 0.0"
    tokens.now = 21.0
    assert tokens.login.token() == "at 21.0"


@pytest.mark.parametrize("fault", [{}, {"operation": "token", "first": 2, "kind": "unavailable"}])
def test_a_portal_under_load_sees_one_login_and_no_stale_token(portal: Portal, fault: dict[str, object]) -> None:
    hubspot = portal.sandbox.hubspot
    connector = portal.connect(
        patient=True,
        auth="oauth",
        access_token=None,
        client_id=hubspot.client_id,
        client_secret=SecretStr(hubspot.client_secret),
        refresh_token=SecretStr(hubspot.refresh_token),
    )
    if fault:
        portal.faults(fault)
    client = connector._client
    path = client.paths.objects("companies")
    with ThreadPoolExecutor(8) as pool:
        assert all("results" in reply for reply in pool.map(lambda _: client.get(path), range(40)))
    entries = portal.control("GET", "journal")["requests"]
    logins = [one["status"] for one in entries if one["operation"] == "token"]
    assert logins.count(200) == 1
    assert len(logins) <= 3
    assert 401 not in {one["status"] for one in entries}
