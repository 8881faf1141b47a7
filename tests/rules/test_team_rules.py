"""The rules about account teams: too few on it, silent ones, and roles that nobody holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rules.catalog import no_team, role_missing, silent_team_member
from rules.facts import AccountFacts
from rules.model import TeamMember
from rules.rule import Clear, NotApplicable, Raised, Rule, Severity, Unknown, Verdict
from rules.rulebook import read_rulebook
from tests.builders import JANA, PETER, USERS, account, day_before, facts, mail, touch

TEAM = {
    "no-team": no_team.check,
    "silent-team-member": silent_team_member.check,
    "role-missing": role_missing.check,
}


def member(user_id: str, role: str = "", days: int | None = 400, **more: Any) -> TeamMember:
    since = None if days is None else day_before(days)
    return TeamMember(account_id="acme", user_id=user_id, role=role, since=since, **more)


def judge(rule: Rule, known: AccountFacts, *team: TeamMember, **params: object) -> Verdict:
    return rule.check(replace(known, team=team), rule.params.model_validate(params))


# no-team


@pytest.mark.parametrize(
    ("team", "expected"),
    [
        ((), Raised),
        ((member("jana"),), Raised),
        ((member("peter"),), Clear),
        ((member("peter", deal_id="d"),), Raised),
        ((member("nobody"),), Raised),
    ],
    ids=["the owner alone", "the owner listed", "a second one", "on a deal only", "unknown"],
)
def test_two_active_members_with_the_owner_are_a_team(team: tuple[TeamMember, ...], expected: type) -> None:
    assert isinstance(judge(no_team.check, facts(), *team), expected)


def test_who_is_gone_or_ignored_is_no_member() -> None:
    gone = facts(users=USERS | {"peter": replace(PETER, active=False)})
    assert isinstance(judge(no_team.check, gone, member("peter")), Raised)
    assert isinstance(judge(no_team.check, facts(ignored=frozenset({"peter"})), member("peter")), Raised)
    ownerless = facts(account=account(owner_id=None))
    assert isinstance(judge(no_team.check, ownerless, member("peter")), Raised)
    assert isinstance(judge(no_team.check, ownerless, member("peter"), member("anna")), Clear)


def test_who_is_in_touch_without_being_on_the_team_is_named() -> None:
    verdict = judge(no_team.check, facts([touch(20, by="peter"), touch(30), mail(5, by="anna")]))
    assert isinstance(verdict, Raised)
    assert verdict.severity is Severity.HIGH
    assert verdict.numbers == {"members": 1, "listed": 0}
    assert verdict.finding.why == (
        "Only Jana Roth is on the team of Acme in the CRM as of 2 Nov 2026; also in touch in the last 12 months: "
        "Peter Hall."
    )
    assert verdict.finding.first_step == "Put Peter Hall on the team in the CRM, with a role."


def test_a_team_of_nobody_active_says_so() -> None:
    known = facts(users=USERS | {"jana": replace(JANA, active=False)})
    verdict = judge(no_team.check, known, member("jana"))
    assert isinstance(verdict, Raised)
    assert verdict.finding.why == "Nobody active is on the team of Acme in the CRM as of 2 Nov 2026."


# silent-team-member


def silent(known: AccountFacts, *team: TeamMember, **params: object) -> Verdict:
    return judge(silent_team_member.check, known, *team, **params)


@pytest.mark.parametrize(("days", "expected"), [(90, Raised), (89, Clear)])
def test_a_member_of_ninety_days_has_contact(days: int, expected: type) -> None:
    assert isinstance(silent(facts(), member("peter", days=days)), expected)


@pytest.mark.parametrize(
    ("heard", "expected"),
    [(touch(179, by="peter"), Clear), (touch(180, by="peter"), Raised), (mail(5, by="peter"), Raised)],
    ids=["179 days ago", "180 days ago", "a mail without an answer"],
)
def test_contact_is_a_two_way_touch_within_180_days(heard: Any, expected: type) -> None:
    assert isinstance(silent(facts([heard]), member("peter")), expected)


def test_the_member_who_is_silent_for_longest_is_named() -> None:
    known = facts([touch(200, by="peter"), touch(3)])
    verdict = silent(known, member("jana"), member("peter", "Service"), member("anna"))
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {"members": 3, "silent": 2, "member": "Peter Hall"}
    assert verdict.finding.headline == "2 silent team members"
    assert verdict.finding.first_step == "Take Anna Kim along to the next meeting, or name somebody else."
    one = silent(known, member("peter", "Service"))
    assert isinstance(one, Raised)
    assert one.finding.why == (
        "Peter Hall (Service) is on the team of Acme and had no contact day there in the 180 days to 2 Nov 2026; "
        "the last real contact was on 16 Apr 2026."
    )


@pytest.mark.parametrize(
    ("known", "one", "reason"),
    [
        (facts(logs=("jana",)), member("peter"), "P. Hall logs nothing"),
        (facts(), member("peter", days=None), "nothing says since when P. Hall is on the team"),
    ],
    ids=["logs nothing anywhere", "nobody knows since when"],
)
def test_silence_that_proves_nothing_is_unknown(known: AccountFacts, one: TeamMember, reason: str) -> None:
    verdict = silent(known, one)
    assert isinstance(verdict, Unknown)
    assert verdict.reason == reason
    assert isinstance(silent(replace(known, last_logged=facts().last_logged), one, member("anna")), Raised)


# role-missing


@pytest.mark.parametrize(
    ("team", "expected"),
    [
        ((member("peter", "Technical"),), Clear),
        ((member("peter", " technical "),), Clear),
        ((member("peter", "Sales"),), Raised),
        ((member("peter", "Technical", deal_id="d"),), Raised),
        ((), Raised),
    ],
    ids=["held", "in other letters", "another", "on a deal only", "no team"],
)
def test_a_role_that_nobody_holds_is_missing(team: tuple[TeamMember, ...], expected: type) -> None:
    assert isinstance(judge(role_missing.check, facts(), *team, roles=["Technical"]), expected)


def test_every_role_that_is_missing_is_told() -> None:
    roles = ["Technical", "Executive Sponsor", "Sales"]
    verdict = judge(role_missing.check, facts(), member("peter", "Sales"), roles=roles)
    assert isinstance(verdict, Raised)
    assert verdict.numbers == {"roles": 3, "missing": "Technical, Executive Sponsor"}
    assert verdict.finding.headline == "no Technical, Executive Sponsor on the team"
    assert verdict.finding.why == (
        "Nobody active on the team of Acme is Technical, Executive Sponsor as of 2 Nov 2026; on it: "
        "Jana Roth, Peter Hall."
    )


def test_a_role_of_somebody_who_is_gone_is_missing() -> None:
    known = facts(users=USERS | {"peter": replace(PETER, active=False)})
    assert isinstance(judge(role_missing.check, known, member("peter", "Technical"), roles=["Technical"]), Raised)


def test_without_roles_nothing_is_said() -> None:
    verdict = judge(role_missing.check, facts())
    assert isinstance(verdict, NotApplicable)
    assert verdict.reason == "[rules.role-missing] roles names none"


def test_a_tier_has_roles_of_its_own() -> None:
    tables = {"role-missing": {"enabled": True, "roles": ["Sales"], "tier": {"A": {"roles": ["Technical"]}}}}
    book, problems = read_rulebook(tables)
    assert problems == []
    known = replace(facts(), team=(member("peter", "Sales"),))
    assert isinstance(book.judge(known)["role-missing"], Raised)
    lesser = replace(known, standing=replace(known.standing, tier="B"))
    assert isinstance(book.judge(lesser)["role-missing"], Clear)


@pytest.mark.parametrize("name", TEAM)
def test_an_org_without_teams_cannot_be_judged(name: str) -> None:
    book, problems = read_rulebook({name: {"enabled": True} | ({"roles": ["Sales"]} if name == "role-missing" else {})})
    assert problems == []
    verdict = book.judge(facts(untold={"team": "nobody is on the team of any account"}))[name]
    assert isinstance(verdict, Unknown)
    assert verdict.reason == "nobody is on the team of any account"


def test_roles_that_are_no_list_are_refused_with_the_key() -> None:
    _, problems = read_rulebook({"role-missing": {"enabled": True, "roles": "Sales"}})
    assert problems == [("rules.role-missing.roles", 'must be a list (is "Sales")')]
