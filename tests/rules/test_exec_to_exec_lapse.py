"""exec-to-exec-lapse: one of ours and one of theirs in the same exchange, by the rhythm of the tier."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog.exec_to_exec_lapse import ExecToExecLapse, check
from rules.facts import AccountFacts
from rules.model import Touch
from rules.rule import Clear, Raised, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import BERG, KEY, LOPEZ, account, day_before, deal, facts, mail, touch

OURS = frozenset({"peter"})


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, ExecToExecLapse.model_validate(params))


def top(*touches: Touch, **more: Any) -> AccountFacts:
    return facts(touches, **({"executives": OURS, "deals": (deal(900),)} | more))


@pytest.mark.parametrize(
    ("tier", "days_ago", "expected"),
    [("A", 197, Clear), ("A", 198, Raised), ("B", 379, Clear), ("C", 380, Raised)],
)
def test_each_tier_has_its_rhythm_and_grace(tier: str, days_ago: int, expected: type) -> None:
    book, found = read_rulebook({"exec-to-exec-lapse": {"enabled": True}}, {check.id: check})
    assert found == []
    known = top(touch(days_ago, by=("jana", "peter"), to=("lopez", "berg")), standing=replace(KEY, tier=tier))
    assert isinstance(book.judge(known)["exec-to-exec-lapse"], expected)


def test_who_met_whom_is_told() -> None:
    verdict = judge(top(touch(300, by="peter", to="berg"), touch(3)))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {
        "our_executives": 1,
        "their_executives": 1,
        "executive": "peter.hall@seller.example",
        "contact": "Karin Berg (CEO)",
        "last_held_on": day_before(300).isoformat(),
        "age_days": 300,
        "due_on": day_before(117).isoformat(),
    }
    assert "Peter Hall with Karin Berg (CEO) of Acme on 6 Jan 2026" in verdict.finding.why
    assert verdict.finding.first_step.startswith("Propose Peter Hall and Karin Berg (CEO)")


def test_neither_our_executive_with_a_buyer_nor_a_rep_with_theirs_will_do() -> None:
    apart = top(touch(5, by="peter", to="lopez"), touch(5, by="jana", to="berg"), mail(4, by="peter", to="berg"))
    verdict = judge(apart)
    assert isinstance(verdict, Raised)
    assert verdict.numbers["last_held_on"] is None
    assert verdict.finding.headline == "executives of both sides have never met"


def test_a_written_exchange_counts_on_its_later_day() -> None:
    wrote = [mail(205, by="peter", to="berg"), mail(197, by="peter", to="berg", inbound=True)]
    assert isinstance(judge(top(*wrote)), Clear)


def test_an_exchange_with_one_who_left_since_counts_on_but_the_next_is_proposed_with_another() -> None:
    gone = replace(BERG, left_on=day_before(10))
    head = replace(LOPEZ, id="vp", name="Ada Roy", title="VP Sales")
    assert isinstance(judge(top(touch(50, by="peter", to="berg"), contacts=(gone, head))), Clear)
    late = judge(top(touch(250, by="peter", to="berg"), contacts=(gone, head)))
    assert isinstance(late, Raised)
    assert "Ada Roy (VP Sales)" in late.finding.first_step


def test_never_met_counts_from_the_first_deal() -> None:
    assert isinstance(judge(top(deals=(deal(197),))), Clear)
    assert isinstance(judge(top(deals=(deal(198),))), Raised)


def test_nobody_can_tell_without_executives_on_either_side_or_a_beginning() -> None:
    cases = [
        top(executives=frozenset()),
        top(executives=OURS, ignored=OURS),
        top(contacts=(LOPEZ,)),
        top(deals=(), account=account(customer_since=None)),
    ]
    assert [one.reason for one in map(judge, cases) if isinstance(one, Unknown)] == [
        *["no executive of ours is a user of this CRM"] * 2,
        "no executive of theirs is known",
        "nothing says since when they are a customer, and there is no touch",
    ]
