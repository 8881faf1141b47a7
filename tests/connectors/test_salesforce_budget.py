"""One budget for reads and writes: told beforehand, kept to, and gone on with by itself."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date

import pytest

from connectors.budget import BudgetError
from connectors.errors import QuotaError
from connectors.protocol import Ambiguous, Budgeted, CreateTask, Cursor, Done, Page, TaskContent
from connectors.salesforce.connector import SalesforceConnector
from connectors.sandbox.server import Sandbox
from tests.connectors.salesforce_org import UNREAD, Org, load, pulled, rows

NUMBERS = itertools.count(1)
MOST = 1000  # calls of 24 hours in this org


@pytest.fixture(scope="module")
def served() -> Iterator[Org]:
    org = Org(Sandbox(accounts=20, touches_per_account=20))
    yield org
    org.close()


@pytest.fixture
def org(served: Org) -> Org:
    served.faults()
    quota = served.sandbox.salesforce.quota
    quota.most, quota.used, quota.since = MOST, 0, None
    return served


def thrifty(org: Org, **shares: float) -> SalesforceConnector:
    given = {"api_share_per_day": 1.0, "api_share_per_cycle": 1.0, "api_reserve_for_writes": 0, **shares}
    connector = SalesforceConnector("acme", org.settings(**given), pause=lambda _: None)
    connector._client.transport.headers["Sforce-Query-Options"] = "batchSize=200"
    return connector


def task(org: Org) -> CreateTask:
    account = org.records("Account")[0]
    content = TaskContent(
        assignee_id=account["OwnerId"], subject="Introduce", body="why", due_on=date(2026, 12, 1), severity="high"
    )
    return CreateTask(key=f"hf1:thrift:{next(NUMBERS)}", account_id=account["Id"], contact_id=None, content=content)


def until_stopped(connector: SalesforceConnector, stream: str, cursor: Cursor | None = None) -> tuple[list[Page], str]:
    """The pages that came, and what stopped them."""
    pages = []
    try:
        for page in connector.pull(stream, cursor, UNREAD):
            pages.append(page)  # noqa: PERF402 - what came before the stop is kept
    except BudgetError as stopped:
        return pages, str(stopped)
    return pages, ""


def test_a_cycle_that_has_used_its_share_stops_and_the_next_goes_on_where_it_stopped(org: Org) -> None:
    whole = rows(pulled(org.connect(), "email_messages"), "activities")
    share = {"api_share_per_cycle": 4 / MOST}
    pages, told = until_stopped(thrifty(org, **share), "email_messages")
    assert "acme: the calls that we may make" in told
    assert "api_share_per_cycle = 0.004" in told
    assert "the next cycle goes on from here" in told
    assert "\n" not in told
    lives = 1
    while told:
        more, told = until_stopped(thrifty(org, **share), "email_messages", pages[-1].cursor)
        pages, lives = [*pages, *more], lives + 1
    assert rows(pages, "activities") == whole
    assert lives < 9


def test_the_calls_of_earlier_cycles_count_against_the_day(org: Org) -> None:
    connector = thrifty(org, api_share_per_day=0.5)
    connector.forecast(spent=MOST // 2 - 3, expected=10)
    _, told = until_stopped(connector, "email_messages")
    assert "api_share_per_day = 0.5" in told
    fresh = thrifty(org, api_share_per_day=0.5)
    fresh.forecast(spent=0, expected=10)
    assert until_stopped(fresh, "email_messages")[1] == ""


def test_reading_leaves_the_reserve_to_writing(org: Org) -> None:
    connector = thrifty(org, api_share_per_cycle=0.018, api_reserve_for_writes=15)
    _, told = until_stopped(connector, "email_messages")
    assert "15 are kept for writing" in told
    ((_, outcome),) = connector.apply([task(org)])
    assert isinstance(outcome, Done)
    assert until_stopped(connector, "contacts")[1]


def test_what_other_tools_use_counts_too(org: Org) -> None:
    org.sandbox.salesforce.quota.used = MOST - 12
    org.sandbox.salesforce.quota.since = org.sandbox.clock.now()
    connector = thrifty(org, api_reserve_for_writes=10)
    _, told = until_stopped(connector, "email_messages")
    assert "all tools together; 10 are kept for writing" in told
    ((_, outcome),) = connector.apply([task(org)])
    assert isinstance(outcome, Done)


def test_an_error_tells_the_quota_as_any_reply_does(org: Org) -> None:
    org.sandbox.salesforce.quota.used = MOST - 2
    org.sandbox.salesforce.quota.since = org.sandbox.clock.now()
    connector = thrifty(org)
    assert connector._client.describe("Nothing__x") is None
    assert connector.api_left is not None
    assert connector.api_left < 2


def test_a_write_that_finds_the_budget_spent_is_not_sent_and_what_was_sent_is_told(org: Org) -> None:
    connector = thrifty(org, api_share_per_cycle=3 / MOST)
    connector.server_now()
    outcomes = connector.apply([task(org)])
    # The org's words and the write itself are sent, reading it back is not.
    assert isinstance(next(outcomes)[1], Ambiguous)
    with pytest.raises(QuotaError, match="api_share_per_cycle"):
        next(outcomes)
    made = len(org.records("Task"))
    with pytest.raises(BudgetError):
        list(connector.apply([task(org)]))
    assert len(org.records("Task")) == made


def test_a_cycle_is_forecast_by_the_last_one_and_what_is_left(org: Org) -> None:
    connector = thrifty(org, api_share_per_cycle=0.25)
    assert isinstance(connector, Budgeted)
    told = connector.forecast(spent=0, expected=140)
    assert told.startswith("about 140 calls, 1,000 left today, 249 of them for this cycle")
    # The call that asks gives the cycle its clock.
    before = connector.api_calls
    connector.server_now()
    assert connector.api_calls == before


def test_a_first_load_is_forecast_by_how_many_records_there_are(org: Org) -> None:
    connector = thrifty(org)
    told = connector.forecast(spent=0, expected=None)
    load(connector)
    about = int(told.removeprefix("about ").partition(" ")[0])
    assert about / 2 < connector.api_calls < about * 2


def test_an_org_that_does_not_answer_gets_no_forecast_and_no_second_try(org: Org) -> None:
    org.faults({"kind": "unavailable"})
    org.control("DELETE", "journal")
    assert thrifty(org).forecast(spent=0, expected=140) == ""
    assert len(org.control("GET", "journal")["requests"]) == 1
