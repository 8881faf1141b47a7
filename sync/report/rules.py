"""The rule report as a document and for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from rules.wording import count_text
from sync.cases import End
from sync.rule_report import ENOUGH, OUTCOME_DAYS, Record, Share, together

_ENDS = (End.DONE, End.DISMISSED, End.CLEARED, End.WITHDRAWN, End.OPEN)
_OUTCOMES = {"cleared": "cleared", "wider": "more people in touch", "executive_met": "executive met"}


def told(records: Mapping[str, Mapping[date, Record]]) -> dict[str, Any]:
    """By rule: the months in which anything was told, all of them together, and the advice."""
    return {
        rule: {
            "months": {f"{month:%Y-%m}": _record(record) for month, record in by_month.items()},
            "total": _record(whole := together(by_month.values())),
            "too_few": whole.too_few,
            "advice": whole.advice,
        }
        for rule, by_month in records.items()
    }


def _record(record: Record) -> dict[str, Any]:
    return {
        "told": record.told,
        **{str(end): record.ends[end] for end in _ENDS},
        "put_off": record.put_off,
        "answers": dict(sorted(record.answers.items())),
        "unwanted": _share(record.unwanted),
        "within_90_days": {name: _share(getattr(record, name)) for name in _OUTCOMES},
    }


def _share(share: Share) -> dict[str, Any]:
    low, _, high = share.interval or (None, None, None)
    return {"some": share.some, "of": share.of, "low": low, "high": high}


def text(connection: str, records: Mapping[str, Mapping[date, Record]], months: int) -> str:
    """Return it for people: each rule with its months, and what to do about it."""
    lines = [f"{connection}: findings told in the last {count_text(months, 'month')}"]
    if not records:
        lines.append("  none: no task of ours was made in that time")
    for rule, by_month in records.items():
        whole = together(by_month.values())
        lines += ["", f"{rule}: {whole.advice or _verdict(whole)}"]
        lines += [f"  {month:%Y-%m}  {_ends(record)}" for month, record in by_month.items()]
        if len(by_month) > 1:
            lines.append(f"  total    {_ends(whole)}")
        lines += [f"  within {OUTCOME_DAYS} days: {'; '.join(_outcomes(whole))}"]
    return "\n".join(lines)


def _verdict(record: Record) -> str:
    some, of = record.unwanted.some, record.unwanted.of
    if record.too_few:
        return f"too few to judge, {of} of {ENOUGH} settled"
    low, _, high = record.unwanted.interval or (0.0, 0.0, 0.0)
    return f"{some} of {of} were deleted or called wrong ({low:.0%} to {high:.0%})"


def _ends(record: Record) -> str:
    ended = ", ".join(f"{record.ends[end]} {end}" for end in _ENDS if record.ends[end])
    put_off = f"; {record.put_off} put off" if record.put_off else ""
    answers = "".join(f"; {number} answered {answer}" for answer, number in sorted(record.answers.items()))
    return f"{record.told} told: {ended}{put_off}{answers}"


def _outcomes(record: Record) -> Iterator[str]:
    known = {words: share for name, words in _OUTCOMES.items() if (share := getattr(record, name)).of}
    if not known:
        yield "too early to tell"
    for words, share in known.items():
        yield f"{words} {share.some} of {share.of}"
