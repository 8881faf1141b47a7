"""no-customer-sponsor: the role decides, and without any role nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rules.catalog.no_customer_sponsor import NoCustomerSponsor, check
from rules.facts import AccountFacts
from rules.model import Contact
from rules.rule import Clear, Raised, Unknown, Verdict
from tests.builders import BERG, LOPEZ, day_before, facts, touch

BUYER = replace(LOPEZ, roles=frozenset({"economic-buyer"}))
SPONSOR = replace(BERG, roles=frozenset({"influencer", "executive-sponsor"}))


def judge(known: AccountFacts) -> Verdict:
    return check.check(known, NoCustomerSponsor())


def there(*contacts: Contact, **more: Any) -> AccountFacts:
    return facts(contacts=contacts, **more)


def test_a_sponsor_among_other_roles_is_one() -> None:
    verdict = judge(there(BUYER, SPONSOR))
    assert isinstance(verdict, Clear)
    assert verdict.message == "Karin Berg (CEO) is the sponsor there"
    assert verdict.numbers == {"contacts": 2, "with_role": 2, "contact": "Karin Berg"}


def test_other_roles_alone_are_told() -> None:
    verdict = judge(there(BUYER, BERG))
    assert isinstance(verdict, Raised)
    assert "1 contact has another role" in verdict.finding.why
    assert verdict.finding.first_step.startswith("Agree who there could become our sponsor")


def test_a_senior_contact_in_touch_is_proposed() -> None:
    verdict = judge(replace(facts([touch(100, to="berg")]), contacts=(BUYER, BERG)))
    assert isinstance(verdict, Raised)
    assert "Karin Berg (CEO) is in touch with us" in verdict.finding.first_step


def test_a_sponsor_who_left_is_none() -> None:
    assert isinstance(judge(there(BUYER, replace(SPONSOR, left_on=day_before(0)))), Raised)


def test_without_any_role_nobody_can_tell() -> None:
    for contacts in ((LOPEZ, BERG), (), (replace(SPONSOR, left_on=day_before(9)),)):
        verdict = judge(there(*contacts))
        assert isinstance(verdict, Unknown)
        assert verdict.reason == "no contact of theirs has a role in the CRM"
