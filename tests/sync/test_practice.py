"""The index of the rules leaves no practice of the sources out, and tells none as what it is not."""

from __future__ import annotations

import re
from pathlib import Path

from rules.rule import discover
from sync.cli.commands import COMMANDS
from sync.report.practice import ELSEWHERE, RULES, index_page, states

# Every row of the sources' tables, subject by subject.
_TABLES = """
sole-rep rep-concentration sole-rep-new walkaway no-team silent-team-member role-missing time-below-plan b-team
uncoordinated customers-vs-prospects point-of-contact-authority
single-contact no-senior-contact senior-untouched procurement-only no-customer-sponsor no-complaint-backup peering-gap
exec-reach-lapse our-exec-lapse exec-to-exec-lapse no-our-sponsor sponsor-overloaded exec-due-soon vip-events
main-contact-meeting indirect-quarterly company-communication preferred-frequency going-quiet quiet-key-account
unanswered-inbound no-show-trend out-of-office-meetings
our-person-left offboarding-handover their-person-left suspected-left new-senior-contact
issue-not-swift issue-reached-exec repeat-issues owner-unaware unannounced-favour
no-account-plan stale-plan no-joint-plan ceo-buy-in target-coverage
expectations-inventory fuzzy-file loss-scenario hygiene
"""
ROWS = _TABLES.split()


def test_every_row_of_the_sources_stands_there_once() -> None:
    told = [name for subject, name, _ in states() if subject != "Programmes"]
    assert sorted(told) == sorted([*ROWS, "out-of-office guard"])


def test_every_rule_is_told_as_a_rule_and_nothing_else_is() -> None:
    by_name = {name: text for _, name, text in states()}
    rules = {name for name, text in by_name.items() if text.startswith("[rule]")}
    assert rules == set(discover())
    assert {name for names in RULES.values() for name in names} <= rules
    assert all(text.strip() for text in by_name.values())


def test_a_command_that_is_named_exists() -> None:
    named = {
        name for texts in ELSEWHERE.values() for text in texts.values() for name in re.findall(r"`holdfast (\w+)", text)
    }
    assert named
    assert named <= set(COMMANDS)


def test_every_link_of_the_page_leads_to_a_page() -> None:
    folder = Path(__file__).parents[2] / "docs" / "rules"
    links = set(re.findall(r"\]\(([\w-]+\.md)\)", index_page()))
    assert links
    assert {link for link in links if not (folder / link).exists()} == set()
