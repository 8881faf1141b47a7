"""peering-gap: whose function counts, who is a counterpart, and where titles are missing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog.peering_gap import PeeringGap, check
from rules.facts import AccountFacts
from rules.model import Contact, Touch
from rules.rule import Clear, Raised, Unknown, Verdict
from tests.builders import ANNA, BERG, LOPEZ, USERS, day_before, facts, touch

CFO = Contact(id="cfo", account_id="acme", name="Ada Roy", title="CFO")
BUYING = Contact(id="buying", account_id="acme", name="Bo Lund", title="Head of Procurement")
FINANCE = replace(ANNA, title="Head of Finance")


def judge(*touches: Touch, **more: Any) -> Verdict:
    known: AccountFacts = facts(touches, **({"contacts": (LOPEZ, CFO), "users": USERS | {"anna": FINANCE}} | more))
    return check.check(known, PeeringGap())


def test_a_finance_chief_without_one_of_ours_is_a_gap() -> None:
    verdict = judge(touch(10, to="cfo"))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {"functions": 1, "gaps": "finance", "contact": "Ada Roy"}
    assert verdict.finding.headline == "A. Roy has no counterpart of ours"
    assert verdict.finding.contact_id == "cfo"


@pytest.mark.parametrize(("days_ago", "expected"), [(364, Clear), (365, Raised)], ids=["in the window", "before it"])
def test_a_counterpart_in_touch_with_anybody_there_closes_it(days_ago: int, expected: type) -> None:
    assert isinstance(judge(touch(10), touch(days_ago, by="anna", to="lopez")), expected)


def test_the_gaps_are_told_with_the_most_senior_first() -> None:
    head = Contact(id="head", account_id="acme", name="Cy Dorn", title="Head of Marketing")
    verdict = judge(touch(10), contacts=(LOPEZ, head, CFO, BERG))
    assert isinstance(verdict, Raised)
    assert verdict.numbers["gaps"] == "general, finance, marketing"
    assert "A. Roy (CFO), K. Berg (CEO), C. Dorn (Head of Marketing)" in verdict.finding.why


def test_buyers_juniors_and_those_who_left_need_no_counterpart() -> None:
    gone = replace(CFO, left_on=day_before(2))
    for contacts in ((LOPEZ, BUYING), (LOPEZ,), (LOPEZ, gone)):
        verdict = judge(touch(10), contacts=contacts)
        assert isinstance(verdict, Clear)
        assert verdict.message == "0 functions with a counterpart"


def test_nobody_can_tell_without_titles_on_either_side() -> None:
    untitled = {one.id: replace(one, title="") for one in USERS.values()}
    verdict = judge(touch(10), users=untitled)
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "1 of 1 of ours in touch have no title in the CRM"
    silent = judge()
    assert isinstance(silent, Unknown)
    assert silent.reason == "nobody of ours is in touch with them"
    nameless = tuple(Contact(id=f"c{n}", account_id="acme", name=f"C {n}") for n in range(2))
    theirs = judge(touch(10), contacts=(CFO, *nameless))
    assert isinstance(theirs, Unknown)
    assert theirs.reason == "the titles of 2 of 3 contacts are missing"


def test_three_of_five_without_a_title_may_still_be_judged() -> None:
    some = {f"u{n}": replace(ANNA, id=f"u{n}", title="Engineer" if n < 2 else "") for n in range(5)}
    assert isinstance(judge(*(touch(10, by=one) for one in some), users=some), Raised)
    fewer = some | {"u1": replace(some["u1"], title="")}
    assert isinstance(judge(*(touch(10, by=one) for one in fewer), users=fewer), Unknown)
