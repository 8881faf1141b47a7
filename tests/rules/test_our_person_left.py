"""our-person-left: who is gone, since when, who follows, and whom nobody has met yet."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.catalog.our_person_left import OurPersonLeft, check
from rules.facts import AccountFacts
from rules.model import Contact, Touch, User
from rules.rule import Clear, Raised, Route, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import (
    ANNA,
    BERG,
    JANA,
    LOPEZ,
    PETER,
    TODAY,
    USERS,
    account,
    day_before,
    facts,
    mail,
    meetings,
    touch,
)

RULE = check.check

GONE = replace(JANA, active=False)


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, OurPersonLeft.model_validate(params))


def left(days_ago: int = 15, *, more: tuple[Touch, ...] = (), **other: object) -> AccountFacts:
    """Jana held eight meetings with Maria Lopez, is inactive and logged last so long ago; Peter owns the account."""
    usual: dict[str, object] = {
        "users": USERS | {"jana": GONE},
        "account": account(owner_id="peter"),
        "last_logged": {"jana": day_before(days_ago), "peter": TODAY},
    }
    return facts([*meetings(8, first_days_ago=30), *more], **(usual | other))  # type: ignore[arg-type]  # it checks


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(14, Clear), (15, Raised)], ids=["last day of grace", "one day too late"]
)
def test_a_handover_may_take_two_weeks(days_ago: int, expected: type) -> None:
    verdict = judge(left(days_ago))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Clear):
        assert verdict.message == "handover in its first days"
    assert verdict.numbers == {
        "leavers": 1,
        "leaver": JANA.email,
        "leaver_days": 8,
        "departed_on": day_before(days_ago).isoformat(),
        "person_days": 8,
        "successor": PETER.email,
        "contacts": 1,
        "unmet": 1,
    }


def test_it_is_critical_and_goes_to_the_successor() -> None:
    verdict = judge(left())
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.CRITICAL
    assert OurPersonLeft().route is Route.SUCCESSOR


@pytest.mark.parametrize(
    ("of_peter", "expected"), [(32, Raised), (33, Clear)], ids=["a fifth of the days", "just below a fifth"]
)
def test_who_carried_less_than_a_fifth_is_no_leaver(of_peter: int, expected: type) -> None:
    by_peter = meetings(of_peter, by="peter", every=3)
    known = left(more=tuple(replace(one, theirs=("berg",)) for one in by_peter))
    verdict = judge(known)
    assert isinstance(verdict, expected)
    if isinstance(verdict, Clear):
        assert (verdict.message, verdict.numbers["leaver"]) == ("nobody who carried the contact has left", None)


@pytest.mark.parametrize(
    ("oldest", "expected"), [(364, Raised), (365, Clear)], ids=["first day of the window", "one day earlier"]
)
def test_only_the_window_counts(oldest: int, expected: type) -> None:
    assert isinstance(judge(replace(left(), touches=facts([touch(oldest)]).touches)), expected)


def test_nobody_gone_is_clear() -> None:
    verdict = judge(left(users=USERS))
    assert isinstance(verdict, Clear)
    assert verdict.message == "nobody who carried the contact has left"
    assert verdict.numbers["person_days"] is None


def test_somebody_unknown_is_nobody_who_left() -> None:
    assert isinstance(judge(left(users={"peter": PETER})), Clear)


@pytest.mark.parametrize(
    "met",
    [(touch(400, by="peter"), Raised), (touch(300, by="peter"), Clear), (mail(3, by="peter"), Raised)],
    ids=["met too long ago", "met in the window", "only written to"],
)
def test_the_successor_must_have_been_in_touch_with_each_contact(met: tuple[Touch, type]) -> None:
    more, expected = met
    verdict = judge(left(more=(more,)))
    assert isinstance(verdict, expected)
    if isinstance(verdict, Clear):
        assert verdict.message == "handed over"


def test_each_contact_must_be_met_by_the_successor_and_not_by_another_colleague() -> None:
    both = (touch(40, to="berg"), touch(2, by="peter"), touch(2, by="anna", to="berg"))
    verdict = judge(left(more=both))
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["contacts"], verdict.numbers["unmet"]) == (2, 1)
    assert verdict.finding.contact_id == "berg"
    assert isinstance(judge(left(more=(*both, touch(1, by="peter", to="berg")))), Clear)


@pytest.mark.parametrize(
    ("left_on", "expected"), [(TODAY, Clear), (date(2026, 11, 3), Raised)], ids=["left today", "leaves tomorrow"]
)
def test_a_contact_who_left_too_need_not_be_met(left_on: date, expected: type) -> None:
    verdict = judge(left(contacts=(replace(LOPEZ, left_on=left_on), BERG)))
    assert isinstance(verdict, expected)


@pytest.mark.parametrize(
    ("seen_until", "expected"), [(14, Clear), (15, Raised)], ids=["last day of grace", "one day too late"]
)
def test_an_active_former_owner_is_a_leaver_since_the_day_last_seen_as_owner(seen_until: int, expected: type) -> None:
    known = left(users=USERS, former_owners={"jana": day_before(seen_until)}, last_logged={"jana": TODAY})
    verdict = judge(known)
    assert isinstance(verdict, expected)
    assert verdict.numbers["departed_on"] == day_before(seen_until).isoformat()


def test_who_owns_the_account_again_is_no_leaver() -> None:
    known = left(users=USERS, account=account(owner_id="jana"), former_owners={"jana": day_before(90)})
    assert isinstance(judge(known), Clear)


def test_an_inactive_former_owner_is_gone_since_the_last_thing_logged() -> None:
    verdict = judge(left(15, former_owners={"jana": day_before(1)}))
    assert verdict.numbers["departed_on"] == day_before(15).isoformat()


def test_without_anything_logged_the_last_touch_is_the_day_of_departure() -> None:
    verdict = judge(left(last_logged={}, more=(mail(13),)))
    assert isinstance(verdict, Clear)
    assert verdict.numbers["departed_on"] == day_before(13).isoformat()


@pytest.mark.parametrize(
    ("more", "successor"),
    [
        ({}, PETER.email),
        ({"account": account(owner_id="jana"), "successors": {"jana": "anna"}}, ANNA.email),
        ({"account": account(owner_id="jana"), "successors": {"peter": "anna"}}, None),
        ({"account": account(owner_id="jana"), "successors": {"jana": "nobody-known"}}, None),
        ({"account": account(owner_id=None)}, None),
        ({"ignored": frozenset({"peter"})}, None),
    ],
    ids=["owner", "named for the leaver", "named for another", "named and unknown", "no owner", "owner ignored"],
)
def test_the_successor_is_the_owner_else_whom_the_config_names(more: dict[str, Any], successor: str | None) -> None:
    assert judge(replace(left(), **more)).numbers["successor"] == successor


def test_of_two_leavers_the_one_with_most_days_names_the_successor_and_the_one_too_late_is_told() -> None:
    known = left(
        users=USERS | {"jana": GONE, "peter": replace(PETER, active=False)},
        last_logged={"jana": day_before(3), "peter": day_before(40)},
        successors={"jana": "anna", "peter": "nobody-known"},
        more=tuple(meetings(4, by="peter", first_days_ago=60)),
    )
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    assert (verdict.numbers["leavers"], verdict.numbers["leaver"]) == (2, PETER.email)
    assert verdict.numbers["successor"] == ANNA.email
    apart = [replace(one, theirs=("berg",)) if one.ours == ("peter",) else one for one in known.touches]
    met = replace(known, touches=(*apart, touch(1, by="anna", to="berg")))
    assert isinstance(judge(met), Clear), "the contact of the one who is late has been met"


def test_an_owner_who_is_a_leaver_is_no_successor() -> None:
    gone = left(users=USERS | {"jana": GONE, "anna": ANNA}, account=account(owner_id="jana"))
    verdict = judge(gone)
    assert isinstance(verdict, Raised)
    assert verdict.numbers["successor"] is None


def test_users_that_the_config_ignores_are_no_leavers() -> None:
    assert isinstance(judge(left(ignored=frozenset({"jana"}))), Clear)


def test_the_order_of_the_touches_does_not_matter() -> None:
    known = left(more=(touch(40, to="berg"), mail(9), mail(8, inbound=True)))
    shuffled = list(known.touches)
    random.Random(5).shuffle(shuffled)
    assert judge(replace(known, touches=tuple(shuffled))) == judge(known)


def test_where_no_message_is_logged_it_is_unknown() -> None:
    book, wrong = read_rulebook({}, {"our-person-left": check})
    assert not wrong
    known = replace(left(), untold={"email": "e-mails are not logged"})
    assert isinstance(book.judge(known)["our-person-left"], Unknown)


def test_the_text_as_the_successor_reads_it() -> None:
    people = tuple(Contact(id=name, account_id="acme", name=f"{name.title()} Diaz") for name in ("ana", "eva", "leo"))
    known = left(more=(touch(35, to=("berg", "ana", "eva", "leo")),), contacts=(*people, LOPEZ, BERG))
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    text = verdict.finding
    assert text.headline == "contacts of J. Roth not handed over"
    assert text.why == (
        "Jana Roth, active until 18 Oct 2026, had 9 of the 9 contact days of Acme in the 12 months to 2 Nov 2026, and "
        "Peter Hall has had no exchange with 5 of 5 contacts to hand over: Karin Berg, Maria Lopez, Ana Diaz and 2 more."
    )
    assert text.first_step == "Arrange a first meeting of Peter Hall with Karin Berg (CEO)."
    assert text.clears_when == (
        "Clears when Peter Hall has met, called or exchanged messages with each contact to hand over."
    )
    assert text.figures == "J. Roth until 18 Oct 2026, 5 of 5 contacts not met as of 2 Nov 2026"


def test_the_text_on_a_former_owner_who_is_still_there() -> None:
    verdict = judge(left(users=USERS, former_owners={"jana": day_before(15)}))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == (
        "Jana Roth, owner of Acme until 18 Oct 2026, had 8 of the 8 contact days of Acme in the 12 months to "
        "2 Nov 2026, and Peter Hall has had no exchange with 1 of 1 contact to hand over: Maria Lopez."
    )
    assert verdict.finding.first_step == (
        "Arrange a first meeting of Peter Hall with Maria Lopez (Buyer), together with Jana Roth."
    )


def test_the_text_where_nobody_follows() -> None:
    verdict = judge(left(account=account(owner_id=None)))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == (
        "Jana Roth, active until 18 Oct 2026, had 8 of the 8 contact days of Acme in the 12 months to 2 Nov 2026, and "
        "no successor is known who could meet the 1 contact to hand over: Maria Lopez."
    )
    assert verdict.finding.first_step == "Give the account an active owner, who meets Maria Lopez (Buyer) first."


def test_a_long_name_leaves_the_headline_short() -> None:
    long = User(id="jana", name="Jana Featherstonehaugh-Cholmondeley", active=False)
    verdict = judge(left(users=USERS | {"jana": long}))
    assert isinstance(verdict, Raised)
    assert verdict.finding.headline == "contacts not handed over"
