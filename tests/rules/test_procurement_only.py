"""procurement-only: who counts as a buyer, how many it takes, and what nobody can tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rules.catalog.procurement_only import ProcurementOnly, check
from rules.facts import AccountFacts
from rules.function_patterns import Function
from rules.model import Contact
from rules.rule import Clear, Raised, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from rules.titles import TitleRules
from tests.builders import BERG, LOPEZ, day_before, facts, mail, touch

CFO = Contact(id="cfo", account_id="acme", name="Ada Roy", title="CFO")
PLANT = Contact(id="plant", account_id="acme", name="Ken Ito", title="Plant Manager")
BUYERS = (LOPEZ, CFO)


def judge(known: AccountFacts, **params: object) -> Verdict:
    return check.check(known, ProcurementOnly.model_validate(params))


def met(*contacts: Contact, days_ago: int = 10, known: tuple[Contact, ...] = (*BUYERS, PLANT)) -> AccountFacts:
    return facts([touch(days_ago, to=one.id) for one in contacts], contacts=known)


def test_two_buyers_and_nobody_else_are_told_with_a_way_out() -> None:
    verdict = judge(met(*BUYERS))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.MEDIUM
    assert verdict.numbers == {"in_touch": 2, "other_functions": 0, "function_unknown": 0, "contact": None}
    assert "A. Roy (CFO), M. Lopez (Buyer)" in verdict.finding.why
    assert verdict.finding.first_step == "Ask Ada Roy for an introduction to Ken Ito (Plant Manager)."


@pytest.mark.parametrize(
    ("days_ago", "expected"), [(364, Clear), (365, Raised)], ids=["oldest day of the window", "a day before"]
)
def test_one_of_another_function_within_the_window_is_enough(days_ago: int, expected: type) -> None:
    some = [touch(10, to="lopez"), touch(10, to="cfo"), touch(days_ago, to="plant")]
    assert isinstance(judge(facts(some, contacts=(*BUYERS, PLANT))), expected)


def test_the_chief_executive_is_no_buyer_and_an_unanswered_mail_is_no_touch() -> None:
    known = (*BUYERS, BERG)
    both = [touch(10, to="lopez"), touch(9, to="cfo")]
    assert isinstance(judge(facts([*both, touch(8, to="berg")], contacts=known)), Clear)
    assert isinstance(judge(facts([*both, mail(8, to="berg")], contacts=known)), Raised)


def test_one_buyer_alone_is_too_few_to_tell_unless_the_config_says_so() -> None:
    verdict = judge(met(LOPEZ))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "too few are in touch to tell: 1 of 2"
    assert isinstance(judge(met(LOPEZ), min_contacts=1), Raised)
    assert isinstance(judge(met(PLANT)), Clear), "one of another function is enough to know"


def test_who_left_is_in_touch_no_more() -> None:
    gone = replace(PLANT, left_on=day_before(3))
    assert isinstance(judge(met(*BUYERS, gone, known=(*BUYERS, gone))), Raised)


def test_a_title_without_a_function_leaves_it_open_until_the_config_names_one() -> None:
    odd = replace(PLANT, title="Wizard")
    known = met(*BUYERS, odd, known=(*BUYERS, odd))
    verdict = judge(known)
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "the title of Ken Ito tells no function"
    for function, expected in ((Function.PROCUREMENT, Raised), (Function.OPERATIONS, Clear)):
        titles = TitleRules(functions={"wizard": function})
        assert isinstance(judge(replace(known, titles=titles)), expected)


def test_nobody_can_tell_where_no_message_is_logged() -> None:
    book, _ = read_rulebook({"procurement-only": {"enabled": True}}, {check.id: check})
    known = replace(met(*BUYERS), untold={"email": "no message is logged there"})
    assert isinstance(book.judge(known)["procurement-only"], Unknown)
