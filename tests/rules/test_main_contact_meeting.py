"""main-contact-meeting: held against booked, where the clock starts, and the rhythm of each tier."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rules.catalog.main_contact_meeting import MainContactMeeting, check
from rules.facts import AccountFacts
from rules.model import Direction, Kind, Outcome, Touch
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, KEY, LOPEZ, TODAY, account, day_before, deal, facts, mail, touch

RULE = check.check
CATALOG = {check.id: check}


def judge(known: AccountFacts, **params: object) -> Verdict:
    return RULE(known, MainContactMeeting.model_validate(params))


def raised(known: AccountFacts) -> Raised:
    verdict = judge(known)
    assert isinstance(verdict, Raised)
    return verdict


def written(first_days_ago: int = 3, count: int = 3) -> list[Touch]:
    """Mails between Jana and Maria Lopez on so many days: in touch without a meeting."""
    return [mail(first_days_ago + n, inbound=bool(n % 2)) for n in range(count)]


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [(0, Clear), (45, Clear), (46, Raised)],
    ids=["today", "last day of the cadence", "one day too late"],
)
def test_a_held_meeting_lasts_for_the_cadence(days_ago: int, expected: type) -> None:
    verdict = judge(facts([touch(days_ago)]))
    assert isinstance(verdict, expected)
    assert verdict.numbers == {
        "contact": "Maria Lopez",
        "last_met_on": day_before(days_ago).isoformat(),
        "age_days": days_ago,
        "due_on": (day_before(days_ago) + timedelta(days=45)).isoformat(),
        "booked_on": None,
    }
    if isinstance(verdict, Clear):
        assert verdict.message == "met in time"


@pytest.mark.parametrize(
    ("tier", "table", "due", "late"),
    [("A", {}, 45, 46), ("B", {}, 90, 91), ("C", {}, 90, 91), ("B", {"cadence_days": 60}, 60, 61)],
    ids=["A", "B", "C", "the config's own"],
)
def test_each_tier_has_its_rhythm(tier: str, table: dict[str, object], due: int, late: int) -> None:
    book, found = read_rulebook({"main-contact-meeting": {"enabled": True, **table}}, CATALOG)
    assert found == []
    standing = replace(KEY, tier=tier)
    verdicts = [book.judge(facts([touch(ago)], standing=standing))["main-contact-meeting"] for ago in (due, late)]
    assert [type(one) for one in verdicts] == [Clear, Raised]
    assert isinstance(verdicts[1], Raised)
    assert verdicts[1].severity is (Severity.MEDIUM if tier == "A" else Severity.LOW)


def test_a_call_that_connected_counts_with_whoever_of_ours() -> None:
    call = touch(45, kind=Kind.CALL, by="peter", direction=Direction.INBOUND)
    assert isinstance(judge(facts([touch(200), call])), Clear)


def test_attempts_messages_and_meetings_with_others_do_not_count() -> None:
    tried = touch(9, kind=Kind.CALL, outcome=Outcome.ATTEMPTED)
    verdict = raised(facts([touch(200), tried, *written(), touch(5, to="berg")]))
    assert verdict.numbers["last_met_on"] == day_before(200).isoformat()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"by": "peter"}, Clear),
        ({"by": ()}, Clear),
        ({"to": "berg"}, Raised),
        ({"by": "anna"}, Raised),
        ({"by": ("anna", "jana")}, Clear),
    ],
    ids=["a colleague's", "nobody's of ours", "with another contact", "of an ignored user", "with an ignored user"],
)
def test_a_booked_meeting_with_them_clears_it(more: dict[str, object], expected: type) -> None:
    booked = touch(-20, **more)  # type: ignore[arg-type]  # the builder checks the names
    later = touch(-30)
    known = facts([touch(100)], upcoming=(booked,), ignored=frozenset({"anna"}))
    assert isinstance(judge(known), expected)
    verdict = judge(replace(known, upcoming=(touch(-20), later)))
    assert verdict == Clear(message="a meeting is booked for 22 Nov 2026", numbers=verdict.numbers)


@pytest.mark.parametrize(
    ("more", "age_days"),
    [
        ({"deals": (deal(900), deal(300)), "account": account(customer_since=day_before(1200))}, 900),
        ({"account": account(customer_since=day_before(1200))}, 1200),
        ({}, 50),
    ],
    ids=["first won deal", "customer since", "first touch"],
)
def test_never_met_counts_from_when_they_became_a_customer(more: dict[str, object], age_days: int) -> None:
    verdict = raised(facts([*written(), mail(50, to="berg")], **more))  # type: ignore[arg-type]  # the builder checks
    assert (verdict.numbers["age_days"], verdict.numbers["last_met_on"]) == (age_days, None)


def test_a_new_customer_never_met_is_not_due_yet() -> None:
    verdict = judge(facts(written()))
    assert verdict == Clear(message="never met, not due yet", numbers=verdict.numbers)


def test_a_meeting_older_than_the_window_still_starts_the_clock() -> None:
    assert raised(facts([touch(400), *written()])).numbers["age_days"] == 400


@pytest.mark.parametrize(
    "known",
    [
        facts(),
        facts([touch(365)]),
        facts([touch(3, to=())]),
        facts([touch(3, by="anna")], ignored=frozenset({"anna"})),
        facts([touch(3)], contacts=(replace(LOPEZ, left_on=TODAY), BERG)),
    ],
    ids=["no touch", "none in the window", "no contact", "an ignored user", "a contact who left"],
)
def test_without_a_main_contact_it_is_unknown(known: AccountFacts) -> None:
    verdict = judge(known)
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "nobody of theirs is in touch with us"
    assert set(verdict.numbers.values()) == {None}


def test_the_order_of_touches_does_not_matter() -> None:
    known = facts([touch(60), touch(50), *written(), touch(70, to="berg"), touch(4, to="berg")])
    assert judge(replace(known, touches=known.touches[::-1])) == judge(known)


def test_it_is_off_until_chosen_and_waits_for_a_crm_that_logs_messages() -> None:
    assert not read_rulebook({}, CATALOG)[0].rules
    book, _ = read_rulebook({"main-contact-meeting": {"enabled": True}}, CATALOG)
    known = facts([touch(100)], untold={"email": "no message is logged there"})
    assert isinstance(book.judge(known)["main-contact-meeting"], Unknown)


def test_the_owner_reads_since_when_and_that_nothing_is_booked() -> None:
    text = raised(facts([touch(294), *written()])).finding
    assert text.headline == "main contact not met since 12 Jan 2026"
    assert text.why == (
        "The last meeting or call with Maria Lopez (Buyer), the main contact at Acme, was on 12 Jan 2026, "
        "and none is booked (as of 2 Nov 2026)."
    )
    assert text.first_step == "Book a meeting with Maria Lopez and agree on a rhythm."
    assert text.clears_when == (
        "Clears when any of ours has had a meeting or a call with Maria Lopez within 45 days, or a meeting is booked."
    )
    assert text.figures == "last met 12 Jan 2026, none booked as of 2 Nov 2026"
    assert text.contact_id == "lopez"


def test_never_met_is_told_as_such() -> None:
    text = raised(facts(written(), deals=(deal(300),))).finding
    assert text.headline == "main contact never met"
    assert text.why == (
        "No meeting or call with Maria Lopez (Buyer), the main contact at Acme, is known, counted from 6 Jan 2026, "
        "and none is booked (as of 2 Nov 2026)."
    )
    assert text.figures == "last met never, none booked as of 2 Nov 2026"
