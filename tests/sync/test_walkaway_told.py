"""What hangs on one of ours, as it is told: the account in danger first, with the pack to hand it over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rules.facts import AccountFacts
from rules.walkaway import walk_away
from sync.config import PeopleSection
from sync.people import People
from sync.plan import OurTask
from sync.report.walkaway import Case, ranking_text, walkaway_text, walkaway_told
from tests.builders import KEY, USERS, account, facts, mail, meetings, touch

PEOPLE = People.of(USERS, PeopleSection())
TASK = OurTask(
    key="k", route="manager", state="open", crm_id="1", assignee_id="anna",
    rules={"sole-rep": "critical"}, written={"subject": "[Relationship] Acme: known by one person"},
)  # fmt: skip


def alone(account_id: str, revenue: float | None) -> AccountFacts:
    return replace(
        facts([*meetings(3), mail(40)]),
        account=account(id=account_id, name=account_id.title()),
        standing=replace(KEY, revenue=revenue),
    )


def told(*accounts: AccountFacts, tasks: tuple[OurTask, ...] = ()) -> dict[str, Any]:
    cases = [Case(facts=one, without=walk_away(one, "jana"), tasks=tasks) for one in accounts]
    document = walkaway_told("jana", cases, PEOPLE, others_owned=4, successor_id="peter")
    return {"connection": "portal", "as_of": "2026-11-02", **document}


def test_accounts_that_would_be_lost_come_first_and_their_revenue_is_exposed() -> None:
    shared = replace(alone("shared", 9000.0), touches=facts([*meetings(3), *meetings(3, by="peter")]).touches)
    document = told(shared, alone("small", 1000.0), alone("large", 5000.0))
    assert [(one["account"]["id"], one["state"]) for one in document["cases"]] == [
        ("large", "lost"), ("small", "lost"), ("shared", "fine"),
    ]  # fmt: skip
    assert document["accounts"] == {"lost": 2, "headless": 0, "weakened": 0, "fine": 1}
    assert document["exposed_revenue"] == 6000.0
    assert document["orphans"] == 2


def test_the_pack_has_contacts_touches_tasks_and_successors() -> None:
    known = replace(alone("acme", 420_000.0), touches=facts([*meetings(3), touch(5, by="peter", to="berg")]).touches)
    text = walkaway_text(told(known, tasks=(TASK,)))
    for part in (
        "Without Jana Roth (jana.roth@seller.example): portal, as of 2026-11-02",
        "owns 1 key account and 4 others, not looked at here",
        "successor by [people.successors]: Peter Hall",
        "Maria Lopez, Buyer              last 2026-11-01  also known by nobody",
        "last touches: 2026-11-01 meeting held with Maria Lopez",
        "open task for Anna Kim: [Relationship] Acme: known by one person",
        "successors: Peter Hall (in touch with 1, 0 of them the same)",
    ):
        assert part in text


def test_a_loss_is_told_for_scale_with_its_source_and_never_as_a_forecast() -> None:
    assert "no forecast" in walkaway_text(told(alone("acme", 1e6)))
    assert "here 132k to 176k" in walkaway_text(told(alone("acme", 1e6)))
    unknown = walkaway_text(told(alone("acme", None)))
    assert "revenue exposed: not known" in unknown
    assert "1 have no known revenue" in unknown
    assert "Shi" not in unknown


def test_the_ranking_has_one_line_for_each_person() -> None:
    lines = ranking_text([told(alone("acme", 1000.0))]).splitlines()
    assert lines[1].split() == ["Jana", "Roth", "1", "0", "0", "1k", "1"]
