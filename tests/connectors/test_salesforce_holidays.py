"""The org's holidays, read once a day and kept as the store's; and the queue that may own tasks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.diagnosis import Diagnosable, Line, State
from connectors.salesforce.holidays import holidays
from sync.store.holidays import read_holidays
from tests.connectors.salesforce_mirror import NAME, Mirror, mirrored

HOUR, DAY = 3600, 86_400
CHRISTMAS = {
    "IsAllDay": True,
    "IsRecurrence": True,
    "RecurrenceType": "RecursYearly",
    "RecurrenceMonthOfYear": "December",
    "RecurrenceDayOfMonth": 25,
    "RecurrenceStartDate": "2020-01-01",
}
THANKSGIVING = {
    "IsAllDay": True,
    "IsRecurrence": True,
    "RecurrenceType": "RecursYearlyNth",
    "RecurrenceMonthOfYear": "November",
    "RecurrenceInstance": "Fourth",
    "RecurrenceDayOfWeekMask": 16,
    "RecurrenceStartDate": "2020-01-01",
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mirror]:
    with mirrored(tmp_path_factory.mktemp("holidays"), accounts=2, touches_per_account=2) as one:
        yield one


@pytest.fixture
def mirror(kept: Mirror) -> Mirror:
    """One org for all tests, each a day after the one before, without holidays of an earlier test."""
    for one in kept.org.records("Holiday"):
        kept.org.control("DELETE", f"records/salesforce/Holiday/{one['Id']}")
    kept.org.set_up(have=["Holiday"])
    kept.org.advance(DAY)
    return kept


def make(mirror: Mirror, name: str, **values: Any) -> str:
    return str(mirror.org.control("POST", f"records/salesforce/{name}", values)["Id"])


def diagnosed(mirror: Mirror, about: str, **settings: Any) -> list[Line]:
    connector = mirror.connector(**settings)
    assert isinstance(connector, Diagnosable)
    try:
        return [line for line in connector.diagnose() if line.what.startswith(about)]
    finally:
        connector.close()


def test_holidays_of_the_org_are_days_off_once_and_yearly(mirror: Mirror) -> None:
    make(mirror, "Holiday", Name="Stocktaking", ActivityDate="2026-11-05", IsAllDay=True)
    make(mirror, "Holiday", Name="Christmas", ActivityDate="2021-03-03", **CHRISTMAS)
    mirror.whole()
    assert read_holidays(mirror.engine, NAME, 2026) == {date(2026, 11, 5), date(2026, 12, 25), date(2027, 12, 25)}
    assert read_holidays(mirror.engine, NAME, 2018) == {date(2026, 11, 5)}
    assert mirror.verify()["holidays"].sound


def test_a_deleted_holiday_is_gone_the_next_day_and_not_asked_for_before(mirror: Mirror) -> None:
    holiday = make(mirror, "Holiday", Name="Stocktaking", ActivityDate="2026-11-05", IsAllDay=True)
    mirror.whole()
    mirror.org.control("DELETE", f"records/salesforce/Holiday/{holiday}")
    mirror.org.advance(HOUR)
    mirror.whole()
    assert holiday in mirror.rows("holidays")
    mirror.org.advance(DAY)
    mirror.whole()
    assert mirror.rows("holidays") == {}


def test_an_org_that_shows_no_holidays_has_none_and_is_whole(mirror: Mirror) -> None:
    make(mirror, "Holiday", Name="Stocktaking", ActivityDate="2026-11-05", IsAllDay=True)
    mirror.org.set_up(lack=["Holiday"])
    assert mirror.whole()["holidays"].records == 0
    assert read_holidays(mirror.engine, NAME, 2026) == frozenset()
    assert [line.state for line in diagnosed(mirror, "Holiday")] == [State.OK]


def test_holidays_that_the_config_leaves_out_are_gone_at_once(mirror: Mirror) -> None:
    make(mirror, "Holiday", Name="Stocktaking", ActivityDate="2026-11-05", IsAllDay=True)
    mirror.whole()
    assert mirror.rows("holidays")
    mirror.whole(holidays=False)
    assert mirror.rows("holidays") == {}
    mirror.whole()
    assert mirror.rows("holidays")


def test_the_doctor_names_the_holidays_that_do_not_count(mirror: Mirror) -> None:
    make(mirror, "Holiday", Name="Christmas", **CHRISTMAS)
    make(mirror, "Holiday", Name="Thanksgiving", **THANKSGIVING)
    make(mirror, "Holiday", Name="Early closing", ActivityDate="2026-12-24", IsAllDay=False)
    count, unclear = diagnosed(mirror, "Holiday")
    assert count.what == "Holiday: 1 of the org's 3 holidays count"
    assert unclear.state is State.WARN
    assert unclear.what.endswith("not Early closing, Thanksgiving")
    mirror.whole()
    assert read_holidays(mirror.engine, NAME, 2026) == {date(2026, 12, 25), date(2027, 12, 25)}


def test_the_29th_of_february_comes_in_leap_years_and_a_repetition_ends(mirror: Mirror) -> None:
    leap = {**CHRISTMAS, "RecurrenceMonthOfYear": "February", "RecurrenceDayOfMonth": 29}
    make(mirror, "Holiday", Name="Leap day", **leap)
    make(mirror, "Holiday", Name="Christmas", **CHRISTMAS, RecurrenceEndDateOnly="2027-12-24")
    mirror.whole()
    assert read_holidays(mirror.engine, NAME, 2026) == {date(2026, 12, 25)}
    assert read_holidays(mirror.engine, NAME, 2027) == {date(2028, 2, 29)}


@pytest.mark.parametrize(
    "odd",
    [
        {"RecurrenceDayOfMonth": 31, "RecurrenceMonthOfYear": "June"},
        {"RecurrenceDayOfMonth": None},
        {"RecurrenceMonthOfYear": "Juni"},
        {"RecurrenceInterval": 2},
        {"RecurrenceType": "RecursMonthly"},
        {"IsAllDay": None},
    ],
    ids=str,
)
def test_what_cannot_be_understood_has_no_day(odd: dict[str, Any]) -> None:
    record = {"Id": "0C0000000000001AAA", "Name": "Odd", **CHRISTMAS, **odd}
    (row,) = holidays([record])
    assert row["on_day"] is None
    assert holidays([{**record, "Id": "x"}]) == []


def test_the_doctor_says_whether_tasks_may_be_owned_by_the_queue(mirror: Mirror) -> None:
    desk = make(mirror, "Group", Name="Sales desk", DeveloperName="Sales_Desk", Type="Queue")
    cases = make(mirror, "Group", Name="Support", DeveloperName="Support", Type="Queue")
    make(mirror, "QueueSobject", QueueId=desk, SobjectType="Task")
    make(mirror, "QueueSobject", QueueId=cases, SobjectType="Case")
    assert diagnosed(mirror, "task_owner_queue") == []
    (line,) = diagnosed(mirror, "task_owner_queue", task_owner_queue=desk[:15])
    assert (line.state, line.what) == (State.OK, "task_owner_queue: tasks may be owned by the queue 'Sales desk'")
    (line,) = diagnosed(mirror, "task_owner_queue", task_owner_queue=cases)
    assert line.state is State.FAIL
    assert line.remedy.endswith(f"'Sales desk' ({desk})")


@pytest.mark.parametrize("wrong", ["Sales_Desk", "005Hf00000000001AAA", "00G"])
def test_only_a_queues_id_names_a_queue(mirror: Mirror, wrong: str) -> None:
    with pytest.raises(ValidationError, match="must be a queue's id"):
        mirror.org.settings(task_owner_queue=wrong)
