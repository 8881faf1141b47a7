"""The portal's limits: kept by all threads together, waited for where that helps, and told where it does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from connectors.errors import QuotaError, RateLimitedError
from connectors.hubspot.budgets import Budgets, Kind
from connectors.hubspot.settings import HubspotSettings
from tests.connectors.hubspot_portal import Portal, Store, pull
from tests.connectors.test_hubspot_client import Server, client, told

NOW = datetime(2026, 11, 2, 22, tzinfo=UTC)  # an hour before midnight in Berlin


class Time:
    """A clock that moves by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def budgets(time: Time, **more: int) -> Budgets:
    settings = HubspotSettings.model_validate({"kind": "hubspot", "access_token": SecretStr("t"), **more})
    return Budgets("acme", settings, clock=lambda: time.now, sleep=time.sleep)


def seconds_for(time: Time, one: Budgets, kind: Kind, calls: int) -> float:
    began = time.now
    for _ in range(calls):
        one.take(kind)
    return time.now - began


def test_each_kind_of_call_keeps_its_own_pace() -> None:
    time = Time()
    one = budgets(time)
    assert seconds_for(time, one, Kind.SEARCH, 21) == pytest.approx(5.1, abs=0.3)
    one.hear({"X-HubSpot-RateLimit-Max": "190"})
    assert seconds_for(time, one, Kind.ASSOCIATIONS, 150) == 0
    assert seconds_for(time, one, Kind.BURST, 40) == 0  # associations count in the burst too
    assert seconds_for(time, one, Kind.BURST, 1) == pytest.approx(10.1)


def test_associations_have_a_lower_limit_than_the_burst() -> None:
    time = Time()
    one = budgets(time)
    one.hear({"X-HubSpot-RateLimit-Max": "190"})
    assert seconds_for(time, one, Kind.ASSOCIATIONS, 151) == pytest.approx(10.1)


def test_a_limit_that_one_thread_ran_into_is_waited_for_by_all() -> None:
    time = Time()
    one = budgets(time)
    refused = RateLimitedError("too fast", 10.0, policy="TEN_SECONDLY_ROLLING")
    assert one.refused(refused, Kind.ASSOCIATIONS, NOW) is refused
    one.take(Kind.SEARCH)
    assert time.now == 0
    one.take(Kind.BURST)
    assert time.now == 10


def test_a_locked_record_holds_up_nobody_else() -> None:
    time = Time()
    one = budgets(time)
    one.refused(RateLimitedError("locked", 2.0), Kind.BURST, NOW)
    one.take(Kind.BURST)
    assert time.now == 0


def test_the_end_of_the_day_s_calls_is_deferred_until_the_portal_s_midnight() -> None:
    time = Time()
    one = budgets(time)
    one.in_zone("Europe/Berlin")
    error = one.refused(QuotaError("used up"), Kind.BURST, NOW)
    assert isinstance(error, QuotaError)
    assert "waits until its midnight, 2026-11-03 00:00 Europe/Berlin" in str(error)
    assert error.until == datetime(2026, 11, 2, 23, tzinfo=UTC)
    time.now = 3599
    for kind in Kind:
        with pytest.raises(QuotaError, match="2026-11-03"):
            one.take(kind)
    time.now = 3601
    one.take(Kind.BURST)


def test_a_portal_whose_midnight_is_not_known_is_asked_again_after_an_hour() -> None:
    time = Time()
    one = budgets(time)
    one.in_zone("Nowhere/Special")
    assert "its midnight" in str(one.refused(QuotaError("used up"), Kind.BURST, NOW))
    time.now = 3601
    one.take(Kind.BURST)


def test_a_day_that_is_used_up_costs_one_refused_call() -> None:
    server = Server()
    one = client(server)
    server.answers = [told(200, timeZone="Europe/Berlin"), told(429, policyName="DAILY", message="x")]
    one.account()
    for _ in range(3):
        with pytest.raises(QuotaError, match=r"2026-11-03 00:00 Europe/Berlin"):
            one.get("/x")
    assert len(server.asked) == 2
    one.close()
    server.close()


def test_threads_share_what_the_portal_grants() -> None:
    time = Time()
    one = budgets(time, burst_per_10s=100)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: one.take(Kind.BURST), range(300)))
    assert time.now >= 20.2


@pytest.mark.slow
def test_at_full_speed_less_than_one_request_in_a_hundred_is_refused() -> None:
    portal = Portal(accounts=100, touches_per_account=60, rate_limits=True)
    try:
        connector = portal.connect(patient=True)
        client = connector._client
        client.account()
        with ThreadPoolExecutor(8) as pool:
            path = client.paths.objects("companies")
            replies = list(pool.map(lambda _: client.get(path, {"limit": "1"}), range(420)))
        assert all(replies)
        pull(connector, Store())
        entries = portal.control("GET", "journal")["requests"]
        refused = [one for one in entries if one["status"] == 429]
        assert len(entries) > 420
        assert len(refused) / len(entries) < 0.01
    finally:
        portal.close()


def test_a_forecast_says_what_a_cycle_takes_and_what_is_left() -> None:
    portal = Portal(rate_limits=True)
    try:
        told = portal.connect().forecast(spent=7, expected=1400)
        assert told.startswith("about 1,400 calls, 999,99")
        assert told.endswith("left today")
        assert portal.connect(base_url="http://127.0.0.1:9").forecast(spent=0, expected=None) == ""
    finally:
        portal.close()
