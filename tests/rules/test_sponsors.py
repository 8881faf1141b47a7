"""no-our-sponsor and sponsor-overloaded: who of ours answers for an account, and for how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from rules.catalog import no_our_sponsor, sponsor_overloaded
from rules.facts import AccountFacts
from rules.rule import Clear, Raised, Rule, Severity, Unknown, Verdict
from tests.builders import PETER, USERS, account, facts

UNMAPPED = "nothing tells it: needs [connections.NAME.map] our_sponsor"
GONE = USERS | {"peter": replace(PETER, active=False)}


def judge(rule: Rule, known: AccountFacts, **params: object) -> Verdict:
    return rule.check(known, rule.params.model_validate(params))


def named(sponsor: str | None, sponsored: Mapping[str, int] | None = None, **more: Any) -> AccountFacts:
    return facts(account=account(sponsor=sponsor), sponsored=sponsored or {}, **more)


@pytest.mark.parametrize("rule", [no_our_sponsor.check, sponsor_overloaded.check], ids=lambda rule: rule.id)
def test_without_a_mapping_the_key_is_named(rule: Rule) -> None:
    verdict = judge(rule, named(None))
    assert isinstance(verdict, Unknown)
    assert verdict.reason == UNMAPPED


def test_somebody_active_answers_for_the_account() -> None:
    verdict = judge(no_our_sponsor.check, named("peter"))
    assert isinstance(verdict, Clear)
    assert verdict.message == "Peter Hall answers for it"
    assert verdict.numbers == {"sponsor": "Peter Hall", "with_us": True}


@pytest.mark.parametrize(
    ("sponsor", "why"),
    [
        ("", "No executive of ours is named who answers for Acme (as of 2 Nov 2026)."),
        ("peter", "Peter Hall, who answered for Acme, is no longer with us (as of 2 Nov 2026)."),
        ("x@y.example", "x@y.example is to answer for Acme, and is none of our people (as of 2 Nov 2026)."),
    ],
    ids=["nobody", "who is gone", "a stranger"],
)
def test_nobody_who_is_with_us_is_nobody(sponsor: str, why: str) -> None:
    verdict = judge(no_our_sponsor.check, named(sponsor, users=GONE))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.HIGH
    assert verdict.finding.why == why
    assert verdict.numbers["with_us"] is False
    # One finding says it, not two.
    assert isinstance(judge(sponsor_overloaded.check, named(sponsor, {"peter": 40}, users=GONE)), Clear)


@pytest.mark.parametrize(("accounts", "expected"), [(10, Clear), (11, Raised)])
def test_ten_accounts_are_as_many_as_one_can_answer_for(accounts: int, expected: type) -> None:
    verdict = judge(sponsor_overloaded.check, named("peter", {"peter": accounts, "anna": 30}))
    assert isinstance(verdict, expected)
    assert verdict.numbers == {"sponsor": "Peter Hall", "accounts": accounts}


def test_an_overloaded_sponsor_is_told_with_the_number() -> None:
    verdict = judge(sponsor_overloaded.check, named("peter", {"peter": 4}), max_accounts=3)
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == "Peter Hall answers for 4 key customers, Acme among them (as of 2 Nov 2026)."
    assert isinstance(judge(sponsor_overloaded.check, named("peter", {"peter": 4}), max_accounts=4), Clear)
