"""Leave-one-out: what an account is without one of ours (domain.md 4.10)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from rules.facts import AccountFacts
from rules.model import Contact, Touch
from rules.walkaway import FIRST_YEAR_LOSS, State, WalkAway, exposure, walk_away
from tests.builders import BERG, KEY, LOPEZ, PETER, USERS, account, day_before, facts, mail, touch
from tests.rules.histories import PEOPLE, accounts

CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="CFO")
ITO = Contact(id="ito", account_id="acme", name="Kenji Ito", title="Plant Engineer")
CONTACTS = (LOPEZ, BERG, CHEN, ITO)


def without_jana(*some: Touch, **more: object) -> WalkAway:
    return walk_away(facts(some, **{"contacts": CONTACTS, **more}), "jana")  # type: ignore[arg-type]  # as in facts


@pytest.mark.parametrize(
    ("some", "state"),
    [
        ([touch(9)], State.LOST),
        ([touch(9, to=("lopez", "ito"))], State.LOST),
        ([touch(9), touch(8, by="peter", to=())], State.LOST),
        ([touch(9, to="berg"), touch(8, by="peter", to=("lopez", "ito"))], State.HEADLESS),
        ([touch(9, to=("berg", "lopez")), touch(8, by="peter", to=("lopez",))], State.HEADLESS),
        ([touch(9, to=("lopez", "ito")), touch(8, by="peter", to="lopez")], State.WEAKENED),
        ([touch(9, to=("berg", "lopez")), touch(8, by="peter", to="chen")], State.WEAKENED),
        ([touch(9, to=("lopez",)), touch(8, by="peter", to=("ito", "berg"))], State.FINE),
        ([touch(9, to=("lopez", "berg")), touch(8, by="peter", to=("lopez", "berg"))], State.FINE),
        ([touch(9, by="peter")], State.FINE),
        ([], State.FINE),
        ([touch(9, to=())], State.LOST),
        ([touch(9, to=()), touch(8, by="peter", to=())], State.FINE),
    ],
    ids=[
        "the only one",
        "the only one with two contacts",
        "a colleague met nobody by name",
        "the only one with the chief executive",
        "the same with another contact kept",
        "exactly half of the contacts",
        "two of three, another head is kept",
        "one of three",
        "a colleague knows everybody too",
        "not in touch at all",
        "no touch at all",
        "alone, with meetings that name nobody",
        "a colleague had such meetings too",
    ],
)
def test_an_account_is_lost_headless_weakened_or_fine(some: list[Touch], state: State) -> None:
    assert without_jana(*some).state is state


@pytest.mark.parametrize(
    ("days_ago", "state"), [(364, State.LOST), (365, State.FINE)], ids=["first day of the window", "one day too early"]
)
def test_only_threads_of_the_window_count(days_ago: int, state: State) -> None:
    assert without_jana(touch(days_ago)).state is state


def test_an_unanswered_mail_is_no_thread() -> None:
    assert without_jana(touch(9), mail(3, by="peter")).state is State.LOST


def test_a_colleague_who_left_holds_nothing() -> None:
    gone = {**USERS, "peter": replace(PETER, active=False)}
    case = without_jana(touch(9), touch(8, by="peter"), touch(7, by="0059"), users=gone)
    assert case.state is State.LOST
    assert not case.successors


def test_somebody_inactive_can_be_the_one_who_goes() -> None:
    gone = {**USERS, "peter": replace(PETER, active=False)}
    case = walk_away(facts([touch(9, by="peter")], users=gone), "peter")
    assert case.state is State.LOST


def test_contacts_who_left_are_not_handed_over_and_hold_nothing() -> None:
    left = (replace(LOPEZ, left_on=day_before(5)), BERG)
    case = without_jana(touch(9, to=("lopez", "berg")), touch(8, by="peter", to="lopez"), contacts=left)
    assert case.state is State.LOST
    assert [one.contact.id for one in case.contacts] == ["berg"]


def test_ignored_people_hold_nothing() -> None:
    assert without_jana(touch(9), touch(8, by="peter"), ignored=frozenset({"peter"})).state is State.LOST


def test_the_pack_names_contacts_by_rank_with_those_who_know_them() -> None:
    case = without_jana(
        touch(40, to=("lopez", "berg")),
        touch(9, to="lopez"),
        touch(30, by="anna", to="lopez"),
        mail(20, by="peter", to="lopez"),
        mail(19, by="peter", to="lopez", inbound=True),
        touch(200, by="anna", to="ito"),
    )
    assert [(one.contact.id, one.last_on, one.others) for one in case.contacts] == [
        ("berg", day_before(40), ()),
        ("lopez", day_before(9), ("anna", "peter")),
    ]
    assert [one.contact.id for one in case.orphans] == ["berg"]
    assert (case.contacts_before, case.contacts_after) == (3, 2)


def test_successors_are_ranked_by_strength_within_the_account() -> None:
    case = without_jana(
        touch(40, to=("lopez", "berg")),
        touch(30, by="anna", to="lopez"),
        mail(20, by="peter", to="lopez"),
        mail(19, by="peter", to="lopez", inbound=True),
        touch(200, by="anna", to="ito"),
    )
    assert [(one.user_id, one.contacts, one.shared) for one in case.successors] == [("anna", 2, 1), ("peter", 1, 1)]
    assert case.successors[0].strength > case.successors[1].strength > 0


def test_the_last_touches_are_the_newest_of_the_person() -> None:
    case = without_jana(*(touch(day) for day in range(3, 30)), touch(1, by="peter"))
    assert [one.day for one in case.last_touches] == [day_before(day) for day in range(3, 8)]


def test_the_owner_is_concerned_without_a_touch() -> None:
    assert without_jana().is_owner
    assert without_jana().concerns
    assert not without_jana(account=account(owner_id="peter")).concerns
    assert without_jana(touch(9), touch(9, by="peter"), account=account(owner_id="peter")).concerns


def test_a_contact_without_a_record_is_known_by_the_id() -> None:
    case = without_jana(touch(9, to="0037"))
    assert [one.contact.id for one in case.contacts] == ["0037"]


def revenue(amount: float | None) -> dict[str, object]:
    return {"standing": replace(KEY, revenue=amount)}


def test_exposed_is_what_is_lost_or_headless_and_weakened_stands_apart() -> None:
    headless = [touch(9, to="berg"), touch(8, by="peter", to=("lopez", "ito"))]
    weakened = [touch(9, to=("lopez", "ito")), touch(8, by="peter", to="lopez")]
    cases = [
        without_jana(touch(9), **revenue(100.0)),
        without_jana(touch(9), **revenue(None)),
        without_jana(*headless, **revenue(20.0)),
        without_jana(*weakened, **revenue(3.0)),
        without_jana(touch(9, by="peter"), account=account(owner_id=None), **revenue(5000.0)),
    ]
    told = exposure(cases)
    assert told.accounts == {State.LOST: 2, State.HEADLESS: 1, State.WEAKENED: 1, State.FINE: 1}
    assert (told.exposed_revenue, told.weakened_revenue, told.without_revenue) == (120.0, 3.0, 1)
    assert (told.owned, told.orphans) == (4, 4)
    assert told.first_year_loss == pytest.approx((120 * 0.132, 120 * 0.176))
    assert FIRST_YEAR_LOSS == (0.132, 0.176)


def test_without_any_revenue_only_accounts_and_contacts_are_counted() -> None:
    told = exposure([without_jana(touch(9), **revenue(None))])
    assert (told.exposed_revenue, told.first_year_loss, told.without_revenue) == (None, None, 1)
    assert told.accounts[State.LOST] == 1


def test_nothing_hangs_on_somebody_without_accounts() -> None:
    told = exposure([])
    assert (told.exposed_revenue, told.weakened_revenue, told.first_year_loss) == (0.0, 0.0, (0.0, 0.0))


@given(accounts())
def test_states_and_contacts_agree_over_any_history(known: AccountFacts) -> None:
    for user_id in PEOPLE:
        case = walk_away(known, user_id)
        assert case.contacts_before - case.contacts_after == len(case.orphans)
        assert len(case.contacts) <= case.contacts_before
        assert user_id not in {one.user_id for one in case.successors}
        if case.state is State.LOST:
            assert case.contacts_after == 0
        if case.state is State.FINE and case.contacts_before:
            assert 2 * case.contacts_after > case.contacts_before or not case.contacts
        assert case == walk_away(replace(known, touches=tuple(reversed(known.touches))), user_id)
