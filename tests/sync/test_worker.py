"""What a worker decides without a database, and what keeps its requests from being sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.protocol import SetFields
from sync import config_file, connections
from sync.errors import LeaseLostError
from sync.run.cron import trigger
from sync.run.schedule import CYCLE
from sync.run.worker import Duty, name_of_this_process
from tests.whole.rehearsal import Rehearsal, rehearsal

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("worker"), accounts=2, rate_limits=False) as running:
        yield running


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_what_is_raised_before_a_request_goes_up_as_it_is_and_nothing_is_sent(stage: Rehearsal, crm: str) -> None:
    config, rulebook = config_file.load(stage.config)
    asked = 0

    def before_request() -> None:
        nonlocal asked
        asked += 1
        if lost:
            raise LeaseLostError("lost")

    lost = False
    connector = connections.connect(crm, config.connections[crm], rulebook.needs, before_request=before_request)
    try:
        account = "001000000000001AAA" if crm == "salesforce" else "1"
        connector.capabilities()
        assert asked
        stage.forget_journal()
        lost, asked = True, 0
        with pytest.raises(LeaseLostError):
            list(connector.apply([SetFields(account_id=account, fields={"risk": 1})]))
        assert asked == 1, "it is not tried again"
        stream = connector.streams()[0].name
        with pytest.raises(LeaseLostError):
            list(connector.pull(stream, None, None))  # type: ignore[arg-type]  # it is stopped before it asks the store
        assert stage.get("journal")["requests"] == []
    finally:
        connector.close()


def test_the_hour_that_comes_twice_counts_once_for_what_is_daily() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)  # 02:45 for the first time
    daily, cycle = (
        Duty(beat=beat, slots=trigger("30 2 * * *", BERLIN), run=lambda _, __: None) for beat in ("backup", CYCLE)
    )
    assert daily.next_after(between) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    assert cycle.next_after(between) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_two_processes_never_have_one_name_and_postgresql_keeps_it_whole() -> None:
    names = {name_of_this_process() for _ in range(100)}
    assert len(names) == 100
    assert max(map(len, names)) <= 63
