"""What is read late, or anew, beside what was read before: merges and deletions of the time in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest

from sync.store.records import forget_cursor
from tests.connectors.salesforce_mirror import NAME, Mirror, mirrored

HOUR, DAY = 3600, 86_400


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    with mirrored(tmp_path) as one:
        yield one


def merge(mirror: Mirror, winner: str, loser: str) -> None:
    who = next(row["Email"] for row in mirror.org.records("User") if row["IsActive"])
    done = {"crm": "salesforce", "who": who, "do": "merge", "winner": winner, "loser": loser}
    mirror.org.control("POST", "act", done)
    mirror.org.advance(HOUR)


def accounts(mirror: Mirror) -> list[str]:
    return [row["Id"] for row in mirror.org.records("Account") if not row["IsDeleted"]]


def wrong(mirror: Mirror) -> dict[str, tuple[int, int, int]]:
    told = mirror.verify()
    return {name: (one.missing, one.stale, one.surplus) for name, one in told.items() if not one.sound}


def test_a_merge_before_the_accounts_were_ever_whole_moves_the_children_that_were_read(mirror: Mirror) -> None:
    mirror.org.faults({"operation": "query", "after": 1, "first": 1, "status": 400})
    pulled = mirror.pull()
    assert (pulled["accounts"].complete, pulled["contacts"].complete) == (False, True)
    mirror.org.faults()
    mirror.org.advance(HOUR)
    winner, loser = accounts(mirror)[:2]
    merge(mirror, winner, loser)
    mirror.whole()
    assert wrong(mirror) == {}


def test_a_merge_before_the_accounts_are_read_anew_moves_the_children_all_the_same(mirror: Mirror) -> None:
    mirror.org.set_up(hide=["Account.Type"])
    mirror.whole()
    mirror.org.advance(HOUR)
    winner, loser = accounts(mirror)[:2]
    merge(mirror, winner, loser)
    mirror.org.set_up(show=["Account.Type"])
    mirror.org.advance(DAY)
    mirror.whole()
    assert wrong(mirror) == {}


def test_a_first_load_of_an_org_with_merges_asks_for_no_children(mirror: Mirror) -> None:
    winner, loser = accounts(mirror)[:2]
    merge(mirror, winner, loser)
    mirror.whole()
    queries = [unquote_plus(each["query"]) for each in mirror.org.control("GET", "journal")["requests"]]
    assert [each for each in queries if "FROM Contact " in each]
    assert not [each for each in queries if " IN (" in each]
    assert wrong(mirror) == {}


def test_the_subsidiaries_of_a_merged_account_belong_to_the_winner(mirror: Mirror) -> None:
    winner, loser, child = accounts(mirror)[:3]
    mirror.org.control("PATCH", f"records/salesforce/Account/{child}", {"ParentId": loser})
    mirror.org.advance(HOUR)
    mirror.whole()
    mirror.org.advance(HOUR)
    merge(mirror, winner, loser)
    mirror.whole()
    assert mirror.rows("accounts")[child]["parent_id"] == winner


def role(mirror: Mirror) -> str:
    (found,) = mirror.org.records("OpportunityContactRole")[:1]
    return str(found["Id"])


def take_away(mirror: Mirror, role_id: str) -> None:
    mirror.org.control("DELETE", f"records/salesforce/OpportunityContactRole/{role_id}")
    mirror.org.advance(HOUR)


def told(mirror: Mirror) -> list[Any]:
    return [each for each in mirror.set_aside() if "log of 15 days" in each]


def test_a_sweep_does_not_reach_behind_the_log_of_deletions(mirror: Mirror) -> None:
    """Two weeks off, less than the log keeps: with the days of the sweep it would be more."""
    mirror.whole(sweep_days=3)
    gone = role(mirror)
    mirror.org.advance(13 * DAY)
    take_away(mirror, gone)
    mirror.whole(sweep_days=3)
    assert gone not in mirror.rows("contact_roles")
    assert told(mirror) == []


def test_after_longer_than_the_log_keeps_what_may_be_missing_is_told(mirror: Mirror) -> None:
    mirror.whole()
    mirror.org.advance(16 * DAY)
    mirror.whole()
    assert len(told(mirror)) == 1


def test_what_was_deleted_before_a_stream_is_read_anew_is_gone_too(mirror: Mirror) -> None:
    mirror.whole()
    gone = role(mirror)
    mirror.org.advance(HOUR)
    take_away(mirror, gone)
    assert gone in mirror.rows("contact_roles")
    assert forget_cursor(mirror.engine, NAME, "opportunity_contact_roles")
    mirror.whole()
    assert gone not in mirror.rows("contact_roles")
