"""What the doctor says of the data, each line from a few records in memory."""

from __future__ import annotations

from typing import Any

from connectors.diagnosis import Line, State
from rules.facts import Standing
from rules.model import Account, Contact, User
from rules.titles import TitleRules
from sync.config import Config, PeopleSection
from sync.evidence import (
    Picture,
    judge_evidence,
    logging_lines,
    machine_lines,
    owner_lines,
    revenue_lines,
    title_lines,
    understood,
)
from sync.people import People
from sync.store.evidence import Evidence

STAFF = {
    name: User(id=name, name=name.title(), email=f"{name}@seller.example") for name in ("ann", "ben", "cem", "dot")
}
TITLED = ((Contact(id="", account_id="", name="", title="CFO"), 3),)


def evidence(**more: Any) -> Evidence:
    known: dict[str, Any] = {
        "days": 90,
        "kinds": {"email": 60, "call": 20, "meeting": 20},
        "by_user": {},
        "titles": TITLED,
    }
    return Evidence(**known | more)


def picture(accounts: int = 4, *, owner: str = "", revenue: float | None = 1000.0, **more: Any) -> Picture:
    """So many key customers, owned in turn by everybody unless one is named."""
    staff = sorted(STAFF)
    known: dict[str, Any] = {
        "users": STAFF,
        "accounts": {
            f"a{number}": Account(id=f"a{number}", name="Acme", owner_id=owner or staff[number % len(staff)])
            for number in range(accounts)
        },
        "standings": {
            f"a{number}": Standing(customer=True, key=revenue is not None, revenue=revenue)
            for number in range(accounts)
        },
        "untold": {},
        "evidence": evidence(),
    }
    return Picture(**known | more)


def worst(lines: list[Line]) -> State:
    return max((line.state for line in lines), key=list(State).index)


def test_a_crm_where_all_is_logged_is_fine() -> None:
    assert (
        worst(
            list(
                judge_evidence(
                    picture(),
                    Config(
                        people=PeopleSection(
                            managers={
                                "ann@seller.example": "ben@seller.example",
                                "cem@seller.example": "ben@seller.example",
                                "dot@seller.example": "ben@seller.example",
                            }
                        )
                    ),
                )
            )
        )
        is State.OK
    )


def test_calls_and_meetings_without_e_mails_are_a_warning() -> None:
    (line,) = logging_lines(evidence(kinds={"call": 50, "meeting": 10, "email": 1}), {})
    assert line.state is State.WARN
    assert "e-mails are hardly logged" in line.what
    assert "Einstein" in line.remedy


def test_a_handful_of_meetings_says_nothing_of_e_mails() -> None:
    (line,) = logging_lines(evidence(kinds={"meeting": 3}), {})
    assert line.state is State.OK


def test_nothing_logged_fails() -> None:
    (line,) = logging_lines(evidence(kinds={"note": 3}), {})
    assert line.state is State.FAIL


def test_what_the_crm_cannot_tell_is_told() -> None:
    lines = list(logging_lines(evidence(), {"departures": "nothing in the CRM says that a contact left"}))
    assert [line.state for line in lines] == [State.OK, State.WARN]


def test_a_user_who_does_half_of_everything_is_no_person() -> None:
    seen = evidence(by_user={"ann": 60, "ben": 30, "cem": 10})
    (line,) = machine_lines(picture(evidence=seen), set())
    assert line.state is State.WARN
    assert "Ann has 60%" in line.what
    assert "ann@seller.example" in line.remedy
    assert all(
        line.state is State.OK for line in machine_lines(picture(evidence=evidence(by_user={"ben": 30})), {"ann"})
    )


def test_exactly_four_tenths_is_still_a_person() -> None:
    seen = evidence(by_user={"ann": 40, "ben": 30, "cem": 30})
    assert [line.state for line in machine_lines(picture(evidence=seen), set())] == [State.OK]


def test_a_user_who_owns_nearly_all_accounts_is_no_person() -> None:
    (line,) = machine_lines(picture(20, owner="dot"), set())
    assert "Dot has 100% of all accounts" in line.what


def test_a_team_of_three_says_nothing_of_shares() -> None:
    three = {name: STAFF[name] for name in ("ann", "ben", "cem")}
    assert list(machine_lines(picture(30, owner="ann", users=three), set())) == []


def test_no_revenue_means_that_nobody_is_key() -> None:
    (line,) = revenue_lines(picture(revenue=None), "top-share")
    assert line.state is State.FAIL
    assert "revenue" in line.remedy


def test_no_customer_at_all_fails() -> None:
    nobody = {f"a{number}": Standing(customer=False, key=False) for number in range(4)}
    (line,) = revenue_lines(picture(standings=nobody), "top-share")
    assert line.state is State.FAIL
    assert "[customers] is" in line.remedy


def test_accounts_without_an_owner_who_is_there_are_told() -> None:
    people = People.of(STAFF, PeopleSection())
    (first, *_) = owner_lines(picture(owner="left"), people)
    assert first.state is State.WARN
    assert "left" in first.what
    (first, *_) = owner_lines(picture(accounts=1, owner=""), people)
    assert first.state is State.OK


def test_owners_without_managers_are_told_once_they_are_half() -> None:
    managed = PeopleSection(managers={f"{name}@seller.example": "dot@seller.example" for name in ("ann", "ben", "cem")})
    assert [line.state for line in owner_lines(picture(), People.of(STAFF, managed))] == [State.OK]
    lines = list(owner_lines(picture(), People.of(STAFF, PeopleSection())))
    assert "4 of 4 owners have no active manager" in lines[-1].what


def titled(title: str, **more: Any) -> Contact:
    return Contact(id="", account_id="", name="", title=title, **more)


def test_the_most_frequent_titles_that_nobody_understands_are_listed() -> None:
    odd = tuple((titled(f"Wizard {number}"), number) for number in range(1, 30))
    lines = list(title_lines(evidence(titles=(*TITLED, *odd)), TitleRules()))
    assert lines[-1].state is State.WARN
    assert "Wizard 29 (29), Wizard 28 (28)" in lines[-1].what
    assert lines[-1].what.count("Wizard") == 20


def test_a_title_is_understood_by_level_function_list_role_or_seniority() -> None:
    assert understood(titled("CFO"), TitleRules())
    assert understood(titled(""), TitleRules())
    assert understood(titled("Sales Representative"), TitleRules())
    assert understood(titled("Wizard", seniority="junior"), TitleRules())
    assert understood(titled("Wizard", roles=frozenset({"decision-maker"})), TitleRules())
    assert not understood(titled("Wizard"), TitleRules())
    assert understood(titled("Wizard"), TitleRules.model_validate({"levels": {"wizard": "other"}}))


def test_half_without_titles_is_a_warning() -> None:
    seen = evidence(titles=((titled(""), 6), (titled("CFO"), 4)))
    assert [line.state for line in title_lines(seen, TitleRules())] == [State.WARN]
