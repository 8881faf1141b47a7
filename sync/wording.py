"""What a task and the findings field say. Stable: dates instead of running counts, nothing about who is to blame."""

from __future__ import annotations

from collections.abc import Sequence

from sync.findings import FindingState

SUBJECT_LENGTH = 80
FINDINGS_LENGTH = 255
CLOSED_BY_US = "Closed by Holdfast:"


def subject(account_name: str, findings: Sequence[FindingState]) -> str:
    """At most 80 characters: as many headlines as fit, worst first; the rest is counted."""
    start = f"[Relationship] {_shorten(account_name, 32)}: "
    told = ""
    for number, finding in enumerate(findings):
        longer = f"{told}; {finding.text.headline}" if told else finding.text.headline
        left = len(findings) - number - 1
        if told and len(start + longer) + (len(f" (+{left})") if left else 0) > SUBJECT_LENGTH:
            return _shorten(f"{start}{told} (+{left + 1})", SUBJECT_LENGTH)
        told = longer
    return _shorten(start + told, SUBJECT_LENGTH)


def body(findings: Sequence[FindingState], again: str = "") -> str:
    """Plain text: why, what would clear it and a first step per finding, worst first, then how to put it off."""
    parts = [again] if again else []
    for finding in findings:
        text = finding.text
        parts.append(f"{text.why}\nFirst step: {text.first_step}\n{text.clears_when}")
    rules = ", ".join(finding.rule for finding in findings)
    parts.append(
        "This task closes itself when its reason is gone. Completed while the reason stands, it comes back only "
        "after a pause; deleted, it stays away for 90 days; what you change in it is left alone.\n"
        f"Rules: {rules} (Holdfast)"
    )
    return "\n\n".join(parts)


def again(how: str) -> str:
    """The first lines of a task whose forerunner a human ended; `how` as `completed on 2026-11-02`."""
    return f"A task on this was {how}. It is told again because the reason still stands."


def closing(text: str, reason: str) -> str:
    """The body of a task that closes, with the reason on top."""
    return f"{CLOSED_BY_US} {reason}.\n\n{text}"


def findings_field(findings: Sequence[FindingState]) -> str | None:
    """Rule ids, worst first, with their figures; None when there are none."""
    told = "; ".join(f"{finding.rule}: {finding.text.figures}" for finding in findings)
    return _shorten(told, FINDINGS_LENGTH) or None


def _shorten(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 3].rstrip() + "..."
