"""Who gets a task, and whose accounts get any."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rules.model import User
from rules.rule import Route
from sync.config import CalendarSection, PeopleSection, PilotSection
from sync.people import People


def user(name: str, *, active: bool = True, manager: str | None = None) -> User:
    return User(id=name, name=name.title(), email=f"{name}@seller.example", active=active, manager_id=manager)


def people(*users: User, **section: Any) -> People:
    return People.of({one.id: one for one in users}, PeopleSection.model_validate(section))


BOSS = user("boss", manager="top")
TOP = user("top")
JANA = user("jana", manager="boss")
GONE = user("gone", active=False, manager="boss")
TOM = user("tom")
SUCCESSORS = {"gone@seller.example": "tom@seller.example"}


def test_each_route_leads_to_its_person() -> None:
    assert people(JANA, BOSS, TOP).routes("jana") == {
        Route.OWNER: "jana",
        Route.MANAGER: "boss",
        Route.SPONSOR: "jana",
        Route.SUCCESSOR: "jana",
        Route.QUEUE: "jana",
    }


@pytest.mark.parametrize(
    ("sponsor", "gets_it"),
    [
        ("top", "top"),
        ("top@seller.example", "top"),
        ("gone", "jana"),
        ("nobody@seller.example", "jana"),
        ("", "jana"),
        (None, "jana"),
    ],
    ids=["by id", "by address", "left", "unknown", "nobody", "not mapped"],
)
def test_the_sponsor_route_leads_to_the_accounts_sponsor_and_else_to_its_owner(
    sponsor: str | None, gets_it: str
) -> None:
    routes = people(JANA, BOSS, TOP, GONE).routes("jana", sponsor)
    assert routes[Route.SPONSOR] == gets_it
    assert routes[Route.OWNER] == "jana"


def test_without_owner_and_sponsor_the_manager_comes_before_the_successor() -> None:
    chain = people(GONE, BOSS, TOM, successors=SUCCESSORS).routes("gone")
    assert (chain[Route.SPONSOR], chain[Route.SUCCESSOR]) == ("boss", "tom")


def test_the_fallback_gets_what_nobody_else_can_and_what_goes_to_the_queue() -> None:
    known = people(GONE, JANA, TOM, fallback="Tom@seller.example")
    assert set(known.routes(None).values()) == set(known.routes("gone").values()) == {"tom"}
    routes = known.routes("jana")
    assert routes.pop(Route.QUEUE) == "tom"
    assert set(routes.values()) == {"jana"}


def test_a_queue_of_the_crm_comes_before_the_person_who_stands_for_one() -> None:
    section = PeopleSection(fallback="tom@seller.example")
    queue = People.of({"tom": TOM}, section, queue_id="00G1")
    assert set(queue.routes(None).values()) == {"00G1"}
    assert queue.name("00G1") == "queue 00G1"
    refused = People.of({"tom": TOM}, section, frozenset({"00G1"}), queue_id="00G1")
    assert set(refused.routes(None).values()) == {"tom"}


def test_holidays_of_the_crm_are_everybodys() -> None:
    off = date(2026, 11, 5)
    known = People.of({"jana": JANA}, PeopleSection(), holidays=frozenset({off}))
    days = known.days(CalendarSection(holidays=("2026-12-24",)), date(2026, 11, 2))
    assert set(days.off("jana")) == set(days.off("00G1")) == {off, date(2026, 12, 24)}


@pytest.mark.parametrize(
    ("users", "section", "successor"),
    [
        ((JANA, GONE, BOSS, TOM), {"successors": SUCCESSORS}, "tom"),
        ((GONE, BOSS), {}, "boss"),
        ((GONE, BOSS, user("tom", active=False)), {"successors": SUCCESSORS}, "boss"),
        ((GONE,), {}, None),
        ((GONE, TOM), {"managers": SUCCESSORS}, "tom"),
    ],
    ids=["named", "nobody named", "left as well", "nobody at all", "manager by the config"],
)
def test_the_successor_of_somebody_who_left(
    users: tuple[User, ...], section: dict[str, Any], successor: str | None
) -> None:
    assert people(*users, **section).routes("gone").get(Route.SUCCESSOR) == successor


def test_the_report_is_nobodys_and_an_account_without_an_owner_has_no_route() -> None:
    assert Route.REPORT not in people(JANA, BOSS).routes("jana")
    assert people(JANA).routes(None) == {}


@pytest.mark.parametrize(
    ("pilot", "owner", "tier", "inside"),
    [
        ({}, "jana", "C", True),
        ({}, None, "A", True),
        ({"owners": ["Jana@seller.example"]}, "jana", "A", True),
        ({"owners": ["jana@seller.example"]}, "tom", "A", False),
        ({"owners": ["jana@seller.example"]}, None, "A", False),
        ({"owners": ["boss@seller.example"]}, "jana", "A", False),
        ({"managers": ["boss@seller.example"]}, "jana", "A", True),
        ({"managers": ["boss@seller.example"]}, "boss", "A", True),
        ({"managers": ["top@seller.example"]}, "jana", "A", True),
        ({"managers": ["jana@seller.example"]}, "boss", "A", False),
        ({"owners": ["tom@seller.example"], "managers": ["boss@seller.example"]}, "jana", "A", True),
        ({"tiers": ["a", "Gold"]}, "jana", "A", True),
        ({"tiers": ["A"]}, "jana", "B", False),
        ({"tiers": ["A"], "owners": ["jana@seller.example"]}, "jana", "B", False),
        ({"tiers": ["A"], "owners": ["jana@seller.example"]}, "tom", "A", False),
    ],
)
def test_who_is_in_the_pilot(pilot: dict[str, Any], owner: str | None, tier: str, *, inside: bool) -> None:
    known = people(JANA, BOSS, TOP, TOM)
    assert known.in_pilot(PilotSection.model_validate(pilot), owner, tier) is inside


def test_managers_in_a_circle_end_where_it_closes() -> None:
    circle = people(user("one", manager="two"), user("two", manager="one"))
    assert circle.in_pilot(PilotSection(managers=("two@seller.example",)), "one", "A")
    assert not circle.in_pilot(PilotSection(managers=("six@seller.example",)), "one", "A")


def test_whom_the_crm_gives_no_task_is_passed_over() -> None:
    users = {one.id: one for one in (JANA, BOSS, TOP)}
    routes = People.of(users, PeopleSection(), frozenset({"jana"})).routes("jana")
    assert set(routes) == set(Route) - {Route.REPORT}
    assert set(routes.values()) == {"boss"}
