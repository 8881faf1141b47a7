"""The rules of service: which tickets are late, went up, come in series, or are nobody's word to the customer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from rules.catalog import issue_not_swift, issue_reached_exec, owner_unaware, repeat_issues, unannounced_favour
from rules.facts import AccountFacts
from rules.model import Direction, Kind, Outcome, Ticket
from rules.rule import Clear, Raised, Rule, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, JANA, LOPEZ, USERS, account, day_before, facts, mail, touch

SERVICE = {
    "issue-not-swift": issue_not_swift.check,
    "issue-reached-exec": issue_reached_exec.check,
    "repeat-issues": repeat_issues.check,
    "owner-unaware": owner_unaware.check,
    "unannounced-favour": unannounced_favour.check,
}


def ticket(opened: int, closed: int | None = None, **more: Any) -> Ticket:
    """A ticket of Maria Lopez of so many days ago, of ordinary priority."""
    usual = Ticket(
        id=f"t{opened}-{closed}",
        account_id="acme",
        opened_on=day_before(opened),
        closed_on=None if closed is None else day_before(closed),
        contact_id="lopez",
        priority="medium",
    )
    return replace(usual, **more)


def urgent(opened: int, closed: int | None = None, **more: Any) -> Ticket:
    return ticket(opened, closed, priority="high", **more)


def judge(rule: Rule, known: AccountFacts, *tickets: Ticket, **params: object) -> Verdict:
    ordered = tuple(sorted(tickets, key=lambda one: (one.opened_on, one.id)))
    return rule.check(replace(known, tickets=ordered), rule.params.model_validate(params))


def swift(*tickets: Ticket, **params: object) -> Verdict:
    return judge(issue_not_swift.check, facts(), *tickets, **params)


# issue-not-swift. Today is a Monday: three business days ago it was Wednesday, six ago the Friday before last.


@pytest.mark.parametrize(
    ("opened", "priority", "expected"),
    [
        (4, "high", Clear),
        (5, "high", Raised),
        (5, "medium", Clear),
        (7, "medium", Clear),
        (10, "medium", Raised),
        (5, "urgent", Raised),
        (7, "", Clear),
    ],
    ids=["Thursday", "Wednesday", "not urgent", "five business days", "six", "another word", "no word"],
)
def test_more_than_two_business_days_are_too_long_for_what_is_urgent_and_five_for_all_else(
    opened: int, priority: str, expected: type
) -> None:
    assert isinstance(swift(ticket(opened, priority=priority)), expected)


def test_what_is_late_is_told_with_the_oldest_of_it() -> None:
    verdict = swift(ticket(40), urgent(10, contact_id=None), ticket(2), ticket(90, 80))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.HIGH
    assert verdict.numbers == {"open": 3, "late": 2, "oldest_on": day_before(40).isoformat()}
    assert verdict.finding.headline == "2 tickets open for too long"
    assert verdict.finding.why == (
        "2 tickets of Acme are open for longer than they should as of 2 Nov 2026; "
        "the oldest is that of Maria Lopez (Buyer) of 23 Sep 2026."
    )
    assert verdict.finding.first_step == "Call Maria Lopez and tell a day by which it is solved."
    assert verdict.finding.contact_id == "lopez"


def test_a_ticket_of_nobody_known_is_told_by_its_day() -> None:
    verdict = swift(urgent(10, contact_id="gone"))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why.endswith(": that of 23 Oct 2026.")
    assert verdict.finding.contact_id is None


def test_a_holiday_is_no_business_day() -> None:
    known = facts(holidays=frozenset({date(2026, 10, 29)}))
    assert isinstance(judge(issue_not_swift.check, known, urgent(5)), Clear)


def test_lesser_tiers_have_twice_as_long_and_a_config_says_otherwise() -> None:
    book, problems = read_rulebook({"issue-not-swift": {"enabled": True, "high_priorities": ["P1 "]}})
    assert problems == []
    known = replace(facts(), tickets=(ticket(9, priority="p1"),))  # six business days
    lesser = replace(known, standing=replace(known.standing, tier="B"))
    assert isinstance(book.judge(known)["issue-not-swift"], Raised)
    assert isinstance(book.judge(lesser)["issue-not-swift"], Raised)
    assert isinstance(book.judge(replace(lesser, tickets=(ticket(6, priority="p1"),)))["issue-not-swift"], Clear)


# issue-reached-exec


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (ticket(29, 28, contact_id="berg"), Raised),
        (ticket(30, 28, contact_id="berg"), Clear),
        (ticket(300, contact_id="berg"), Raised),
        (ticket(29, 28), Clear),
        (ticket(29, 28, escalated=True), Raised),
        (ticket(30, 28, escalated=True), Clear),
    ],
    ids=["the CEO", "a month ago", "still open", "a buyer", "escalated", "escalated a month ago"],
)
def test_an_issue_reached_their_executives_or_was_escalated(one: Ticket, expected: type) -> None:
    assert isinstance(judge(issue_reached_exec.check, facts(), one), expected)


def test_who_of_theirs_had_to_turn_to_support_is_told_before_what_was_escalated() -> None:
    verdict = judge(issue_reached_exec.check, facts(), ticket(20, 10, contact_id="berg"), ticket(3, escalated=True))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {
        "tickets": 2,
        "gone_up": 2,
        "by_executives": 1,
        "opened_on": day_before(20).isoformat(),
    }
    assert verdict.finding.why == (
        "Karin Berg (CEO) of Acme had to turn to support on 13 Oct 2026; 2 tickets in all went up (as of 2 Nov 2026)."
    )
    assert verdict.finding.contact_id == "berg"


def test_what_was_escalated_is_told_without_a_name() -> None:
    verdict = judge(issue_reached_exec.check, facts(), ticket(3, escalated=True, contact_id=None))
    assert isinstance(verdict, Raised)
    assert verdict.finding.headline == "an issue was escalated"
    assert "A ticket of Acme of 30 Oct 2026 was escalated" in verdict.finding.why


# repeat-issues


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ((ticket(29, 20), ticket(10), ticket(0)), Raised),
        ((ticket(30, 20), ticket(10), ticket(0)), Clear),
        ((ticket(300, None, reopened_on=day_before(29)),), Raised),
        ((ticket(300, 10, reopened_on=day_before(30)),), Clear),
        ((), Clear),
    ],
    ids=["three in 30 days", "one is older", "opened again", "opened again earlier", "none"],
)
def test_three_tickets_in_thirty_days_or_one_opened_again_are_a_pattern(
    tickets: tuple[Ticket, ...], expected: type
) -> None:
    assert isinstance(judge(repeat_issues.check, facts(), *tickets), expected)


def test_a_series_and_an_issue_that_is_back_are_told_apart() -> None:
    series = judge(repeat_issues.check, facts(), ticket(12), ticket(5), ticket(1))
    back = judge(repeat_issues.check, facts(), ticket(90, reopened_on=day_before(4)))
    assert isinstance(series, Raised)
    assert isinstance(back, Raised)
    assert series.finding.headline == "3 tickets in 30 days"
    assert series.numbers == {"opened": 3, "opened_again": 0}
    assert back.finding.headline == "an old issue is back"
    assert back.finding.why == (
        "1 ticket of Acme had to be opened again in the 30 days to 2 Nov 2026: "
        "that of Maria Lopez (Buyer) of 4 Aug 2026."
    )


# owner-unaware


def unaware(known: AccountFacts, *tickets: Ticket, **params: object) -> Verdict:
    return judge(owner_unaware.check, known, *tickets, **params)


@pytest.mark.parametrize(
    ("tickets", "expected"),
    [
        ((urgent(4),), Raised),
        ((urgent(3),), Clear),
        ((urgent(30),), Clear),
        ((ticket(20), ticket(10)), Clear),
        ((ticket(20, 19), ticket(10, 9), ticket(9, 8)), Raised),
    ],
    ids=["Thursday", "Friday", "a month ago", "two ordinary ones", "three ordinary ones"],
)
def test_trouble_begins_with_an_urgent_ticket_or_the_first_of_three(
    tickets: tuple[Ticket, ...], expected: type
) -> None:
    assert isinstance(unaware(facts([touch(40)]), *tickets), expected)


NOBODY_THERE: dict[str, Any] = {"kind": Kind.CALL, "outcome": Outcome.ATTEMPTED, "direction": Direction.OUTBOUND}


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (touch(20), Clear),
        (touch(21), Raised),
        (mail(3), Clear),
        (mail(3, inbound=True), Raised),
        (touch(3, **NOBODY_THERE), Clear),
        (touch(3, by="peter"), Raised),
        (touch(3, to="berg"), Clear),
    ],
    ids=["on its day", "before", "a mail", "a mail of theirs", "a call", "a colleague", "anybody there"],
)
def test_the_owner_is_heard_of_from_the_day_on_which_trouble_began(heard: Any, expected: type) -> None:
    assert isinstance(unaware(facts([heard]), urgent(20), urgent(2)), expected)


def test_trouble_is_told_with_the_owner_who_is_silent() -> None:
    verdict = unaware(facts(), urgent(20), urgent(6))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {"trouble": 2, "began_on": day_before(20).isoformat(), "owner_heard": False}
    assert verdict.finding.why == (
        "Acme has had trouble since 13 Oct 2026 (2 tickets in the 30 days to 2 Nov 2026), and Jana Roth has not turned "
        "to anybody there since."
    )


@pytest.mark.parametrize(
    ("known", "reason"),
    [
        (facts(account=account(owner_id=None)), "the account has no active owner"),
        (facts(users=USERS | {"jana": replace(JANA, active=False)}), "the account has no active owner"),
        (facts(ignored=frozenset({"jana"})), "the account has no active owner"),
        (facts(logs=("peter",)), "J. Roth logs nothing"),
    ],
    ids=["none", "left", "ignored", "silent"],
)
def test_of_an_owner_who_cannot_be_heard_silence_proves_nothing(known: AccountFacts, reason: str) -> None:
    verdict = unaware(known, urgent(20))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == reason
    assert isinstance(unaware(known, ticket(20)), Clear), "without trouble nobody needs to be heard of"


# unannounced-favour


def favour(known: AccountFacts, *tickets: Ticket, **params: object) -> Verdict:
    return judge(unannounced_favour.check, known, *tickets, **params)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (urgent(20, 10), Raised),
        (urgent(20, 7), Clear),
        (urgent(60, 29), Raised),
        (urgent(60, 30), Clear),
        (ticket(20, 10), Clear),
        (urgent(20), Clear),
        (urgent(20, 10, contact_id=None), Clear),
    ],
    ids=["six business days", "five", "29 days", "30 days", "not urgent", "open", "of nobody"],
)
def test_an_urgent_ticket_is_closed_without_a_word(one: Ticket, expected: type) -> None:
    assert isinstance(favour(facts([touch(40)]), one), expected)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (mail(10), Clear),
        (mail(11), Raised),
        (mail(5, to="berg"), Raised),
        (mail(5, by="peter"), Clear),
        (mail(5, inbound=True), Raised),
    ],
    ids=["on the day of closing", "before", "to another", "by anybody of ours", "they wrote"],
)
def test_a_word_to_the_contact_since_the_closing_is_enough(told: Any, expected: type) -> None:
    assert isinstance(favour(facts([told]), urgent(20, 10)), expected)


def test_whoever_left_needs_no_word() -> None:
    left = replace(LOPEZ, left_on=day_before(2))
    assert isinstance(favour(facts(contacts=(left, BERG)), urgent(20, 10)), Clear)


# All of them


@pytest.mark.parametrize("name", SERVICE)
def test_an_org_without_any_ticket_cannot_be_judged(name: str) -> None:
    book, problems = read_rulebook({name: {"enabled": True}})
    assert problems == []
    verdict = book.judge(facts(untold={"tickets": "the CRM holds no case or ticket"}))[name]
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "the CRM holds no case or ticket"


@pytest.mark.parametrize("name", SERVICE)
def test_service_is_judged_where_it_is_asked_for_and_read(name: str) -> None:
    off, _ = read_rulebook({})
    assert name not in off.rules
    assert "tickets" not in off.needs
    assert off.asking({name}).rules == {}, "tickets were not read: nobody can say"
    on, _ = read_rulebook({"repeat-issues": {"enabled": True}})
    assert "tickets" in on.needs
    assert set(on.asking({name}).rules) == {name}
