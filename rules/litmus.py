"""The annual litmus test of a key account: twelve questions, answered from what the rules measure (domain.md 1I).

After Dorman: once a year, everybody who is involved in an account should be able to say yes to each. A question is
answered by the rules that look at the same thing, whether they are switched on or not; two by how many people are in
touch. What nobody can tell is UNKNOWN, with the config key that would map it where there is one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from rules.concentration import MAX_GAP_DAYS, concentration
from rules.facts import AccountFacts
from rules.people_measures import user_name, window_text
from rules.rule import Clear, NotApplicable, Raised, Unknown, Verdict
from rules.rulebook import Rulebook


class Answer(StrEnum):
    """How a question is answered; UNKNOWN is neither good nor bad."""

    PASS = "PASS"  # noqa: S105 - no password
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One question: yes if none of `rules` is raised, `evidence` says what their numbers tell then.

    Without rules it is yes from `enough` people on, of ours or of theirs as `whose` says. `key` is the config key that
    maps the data where the CRM has no standard field.
    """

    text: str
    rules: tuple[str, ...] = ()
    evidence: str = ""
    key: str = ""
    whose: str = ""
    enough: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """A question with its answer and one line of evidence."""

    question: Question
    answer: Answer
    evidence: str


QUESTIONS = (
    Question(text="Do senior people there know us?", rules=("no-senior-contact",)),
    # So many people make a relationship that outlives one of them.
    Question(text="Are at least two of ours in touch with them?", whose="ours", enough=2),
    Question(text="Are at least three of theirs in touch with us?", whose="theirs", enough=3),
    Question(
        text="Is the main contact met regularly?",
        rules=("main-contact-meeting",),
        evidence="{contact}, last met {last_met_on}",
    ),
    Question(text="Did the other senior contacts hear from us this quarter?", rules=("indirect-quarterly",)),
    Question(
        text="Was there an exchange with an executive of theirs in time?",
        rules=("exec-reach-lapse",),
        evidence="last held {last_held_on}, next due {due_on}",
    ),
    Question(
        text="Do we have a sponsor there?",
        rules=("no-customer-sponsor",),
        key="a role such as executive-sponsor on a contact",
    ),
    Question(
        text="Does one of our executives answer for them?",
        rules=("no-our-sponsor",),
        key="[connections.NAME.map] our_sponsor",
    ),
    Question(
        text="Is there a current plan?",
        rules=("no-account-plan", "stale-plan"),
        key="[connections.NAME.map] plan_date",
    ),
    Question(text="Is nothing of theirs unanswered or late?", rules=("unanswered-inbound", "issue-not-swift")),
    Question(text="Is contact as lively as it used to be?", rules=("going-quiet",)),
    Question(
        text="Is it written down what they expect?",
        rules=("expectations-inventory",),
        key="[connections.NAME.map] expectations_date",
    ),
)

_ASKED = frozenset(rule for question in QUESTIONS for rule in question.rules)
_WINDOW_DAYS, _EVIDENCE_DAYS = 365, 90  # as sole-rep has them


class Litmus:
    """The test under one config: `complete` are the record kinds that arrived whole, None where nobody knows."""

    def __init__(self, rulebook: Rulebook, complete: Collection[str] | None = None) -> None:
        self._book, self._complete = rulebook.asking(_ASKED), complete

    def answers(self, facts: AccountFacts) -> tuple[Answered, ...]:
        """Return the twelve answers on an account, in the order of QUESTIONS; key or not, since somebody asks."""
        standing = replace(facts.standing, customer=True, key=True)
        asked = facts if facts.standing.key else replace(facts, standing=standing)
        verdicts = self._book.judge(asked)
        return tuple(self._answer(question, asked, verdicts) for question in QUESTIONS)

    def _answer(self, question: Question, facts: AccountFacts, verdicts: Mapping[str, Verdict]) -> Answered:
        if not question.rules:
            return _by_count(question, facts)
        told = [self._told(question, rule, verdicts.get(rule)) for rule in question.rules]
        # One no is a no; a yes needs every part known.
        worst = next(one for one in (Answer.FAIL, Answer.UNKNOWN, Answer.PASS) if one in dict(told))
        evidence = dict.fromkeys(line for answer, line in told if answer is worst)
        return Answered(question=question, answer=worst, evidence="; ".join(evidence))

    def _told(self, question: Question, rule_id: str, verdict: Verdict | None) -> tuple[Answer, str]:
        match verdict:
            case None if question.key:
                return Answer.UNKNOWN, f"nothing tells it: needs {question.key}"
            case None:
                return Answer.UNKNOWN, f"nothing tells it: there is no data for {rule_id}"
            case Unknown(reason=why) | NotApplicable(reason=why):
                return Answer.UNKNOWN, why
        if late := self._missing(rule_id):
            return Answer.UNKNOWN, f"not all {', '.join(late)} arrived in the last cycle"
        match verdict:
            case Raised(finding=finding):
                return Answer.FAIL, finding.why
            case Clear(message=message, numbers=numbers):
                return Answer.PASS, f"{message}{_filled(question.evidence, numbers)}"

    def _missing(self, rule_id: str) -> list[str]:
        return [] if self._complete is None else sorted(self._book.rules[rule_id].needs - frozenset(self._complete))


def _filled(template: str, numbers: Mapping[str, Any]) -> str:
    known = {name: "never" if value is None else value for name, value in numbers.items()}
    return f": {template.format_map(known)}" if template else ""


def _by_count(question: Question, facts: AccountFacts) -> Answered:
    held = concentration(facts, _WINDOW_DAYS, MAX_GAP_DAYS, _EVIDENCE_DAYS)
    seen, ours = held.coverage, question.whose == "ours"
    found = len(seen.person_days) if ours else len({contact_id for _, contact_id in seen.threads})
    told = f"{found} of {question.whose} in two-way touch in {window_text(_WINDOW_DAYS)}"
    if found >= question.enough:
        return Answered(question=question, answer=Answer.PASS, evidence=told)
    # Whoever writes and is not logged may be the one who is missing.
    silent = f"{user_name(facts, held.silent_owner)} logs nothing" if held.silent_owner else ""
    why = facts.untold.get("email") or silent or ("" if seen.total else "no contact is on record")
    answer = Answer.UNKNOWN if why else Answer.FAIL
    return Answered(question=question, answer=answer, evidence=f"{told}; {why}" if why else told)
