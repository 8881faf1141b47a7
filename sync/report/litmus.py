"""The litmus test of one account as a document and as text: twelve answers, and whom of ours to ask."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rules.facts import AccountFacts
from rules.litmus import Answer, Litmus
from rules.people_measures import involved
from sync.people import People

_WIDTH = 98
_INDENT = " " * 13


def litmus_told(litmus: Litmus, facts: AccountFacts, people: People) -> dict[str, Any]:
    """Return the document of `litmus --json` for one account of a connection, without the connection's name."""
    answers = litmus.answers(facts)
    counted = Counter(one.answer for one in answers)
    standing = facts.standing
    return {
        "as_of": facts.today.isoformat(),
        "account": {
            "id": facts.account.id,
            "name": facts.account.name,
            "owner": people.name(facts.account.owner_id),
            "key": standing.key,
            "tier": standing.tier,
        },
        "counted": {str(answer): counted[answer] for answer in Answer},
        "questions": [
            {
                "number": number,
                "question": one.question.text,
                "answer": str(one.answer),
                "evidence": one.evidence,
                "rules": list(one.question.rules),
            }
            for number, one in enumerate(answers, start=1)
        ],
        "ask": [
            {
                "id": one.user_id,
                "name": people.name(one.user_id),
                "active": one.user_id in facts.users and facts.users[one.user_id].active,
                "touches": one.touches,
                "last_on": one.last_on.isoformat(),
            }
            for one in involved(facts)
        ],
    }


def litmus_text(told: Mapping[str, Any]) -> str:
    """Return one document of `litmus --json` for people."""
    return "\n".join([*_head(told), *_questions(told), *_ask(told)])


def _head(told: Mapping[str, Any]) -> Iterator[str]:
    account, counted = told["account"], told["counted"]
    yield f"Litmus test of {account['name']} ({account['id']} in {told['connection']}), as of {told['as_of']}"
    key = f"tier {account['tier']}" if account["key"] else "no key account"
    answers = ", ".join(f"{number} {answer}" for answer, number in counted.items())
    yield f"  owner {account['owner']}; {key}; {answers}"
    yield ""


def _questions(told: Mapping[str, Any]) -> Iterator[str]:
    for one in told["questions"]:
        yield f"{one['number']:>3}  {one['answer']:8}{one['question']}"
        yield from textwrap.wrap(one["evidence"], _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _ask(told: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    yield "Ask everybody involved: touches in 12 months"
    for one in told["ask"]:
        left = "" if one["active"] else " (left us)"
        yield f"  {one['name'] + left:40}{one['touches']:>5}  last on {one['last_on']}"
    if not told["ask"]:
        yield "  nobody of ours is on record"
