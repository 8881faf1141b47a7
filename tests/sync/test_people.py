"""Who gets a task, and whose accounts get any."""

from __future__ import annotations

from typing import Any

import pytest

from rules.model import User
from rules.rule import Route
from sync.config import PeopleSection, PilotSection
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
        Route.SUCCESSOR: "jana",
    }


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
    assert routes == {Route.OWNER: "boss", Route.MANAGER: "boss", Route.SUCCESSOR: "boss"}
