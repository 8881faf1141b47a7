"""What a task and the findings field say. Stable: dates instead of running counts, nothing about who is to blame."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rules.wording import ENGLISH, Language, Text, number_day, say
from sync.findings import FindingState
from sync.language import languages

SUBJECT_LENGTH = 80
FINDINGS_LENGTH = 255
CLOSED_BY_US = say("Closed by Holdfast:")
_TAG = say("[Relationship]")
_SIGNED = "(Holdfast)"


def subject(account_name: str, findings: Sequence[FindingState], language: Language = ENGLISH) -> str:
    """At most 80 characters: as many headlines as fit, worst first; the rest is counted."""
    start = f"{language.told(_TAG)} {_shorten(account_name, 32)}: "
    told = ""
    for number, finding in enumerate(findings):
        longer = f"{told}; {finding.text.headline}" if told else finding.text.headline
        left = len(findings) - number - 1
        if told and len(start + longer) + (len(f" (+{left})") if left else 0) > SUBJECT_LENGTH:
            return _shorten(f"{start}{told} (+{left + 1})", SUBJECT_LENGTH)
        told = longer
    return _shorten(start + told, SUBJECT_LENGTH)


def body(findings: Sequence[FindingState], language: Language = ENGLISH) -> str:
    """Plain text: why, what would clear it and a first step per finding, worst first, then how to put it off.

    Where a human ended a task that told the finding before, that comes first.
    """
    parts: list[str] = []
    for finding in findings:
        text = finding.text
        if finding.quiet_why:
            parts.append(language.told(again(finding.quiet_why)))
        step = language.told(say("First step: {step}", step=text.first_step))
        parts.append(f"{text.why}\n{step}\n{text.clears_when}")
    ends = say(
        "This task closes itself when its reason is gone. Completed while the reason stands, it comes back only "
        "after a pause; deleted, it stays away for 90 days; what you change in it is left alone."
    )
    rules = say("Rules: {rules}", rules=", ".join(finding.rule for finding in findings))
    parts.append(f"{language.told(ends)}\n{language.told(rules)} {_SIGNED}")
    return "\n\n".join(parts)


def again(why: str) -> Text:
    """What stands before a finding whose task a human ended, or we took back; `why` is its `quiet_why`."""
    how, _, day = why.rpartition(" on ")
    match how:
        case "completed":
            ended = say("A task on this was completed on {day}.", day=_day(day))
        case "dismissed":
            ended = say("A task on this was dismissed on {day}.", day=_day(day))
        case "taken back":
            ended = say("A task on this was taken back on {day}.", day=_day(day))
        case _:
            ended = say("A task on this was {ended}.", ended=why)
    return say("{ended} It is told again because the reason still stands.", ended=ended)


def closing(text: str, reason: str, language: Language = ENGLISH) -> str:
    """The body of a task that closes, with the reason on top."""
    return f"{language.told(CLOSED_BY_US)} {reason}.\n\n{text}"


def closed_by_us(text: str) -> bool:
    """Whether a task's body says that we closed it, whatever the language was on that day."""
    return any(language.told(CLOSED_BY_US) in text for language in languages().values())


def is_our_text(subject: str, body: str) -> bool:
    """Whether subject and body look as if we had written them, in any language."""
    tags = tuple(language.told(_TAG) for language in languages().values())
    return subject.startswith(tags) and _SIGNED in body


def _day(told: str) -> Text:
    return number_day(date.fromisoformat(told))


def findings_field(findings: Sequence[FindingState]) -> str | None:
    """Rule ids, worst first, with their figures; None when there are none."""
    told = "; ".join(f"{finding.rule}: {finding.text.figures}" for finding in findings)
    return _shorten(told, FINDINGS_LENGTH) or None


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3].rstrip() + "..."
