"""The report: where every key account stands, worst first, as text and as a document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from rules.facts import AccountFacts
from rules.rule import Raised, Severity, Unknown, Verdict
from sync.people import People
from sync.store.ledger import verdict_as_row

_BADNESS = {str(severity): rank for rank, severity in enumerate(Severity)}


def summary(
    connection: str, judged: Iterable[tuple[AccountFacts, Mapping[str, Verdict]]], people: People, as_of: date
) -> dict[str, Any]:
    """Key accounts with their verdicts, worst first, and for each rule why accounts cannot be judged."""
    accounts = []
    unknown: dict[str, Counter[str]] = {}
    for facts, verdicts in judged:
        for rule, verdict in verdicts.items():
            if isinstance(verdict, Unknown):
                unknown.setdefault(rule, Counter())[str(verdict.reason)] += 1
        if facts.standing.customer and facts.standing.key:
            accounts.append(_account(facts, verdicts, people))
    accounts.sort(key=lambda one: (one["worst"], -(one["revenue"] or 0), one["name"]))
    return {
        "connection": connection,
        "as_of": as_of.isoformat(),
        "accounts": accounts,
        "unknown": {rule: dict(reasons.most_common()) for rule, reasons in unknown.items()},
    }


def _account(facts: AccountFacts, verdicts: Mapping[str, Verdict], people: People) -> dict[str, Any]:
    severities = [str(verdict.severity) for verdict in verdicts.values() if isinstance(verdict, Raised)]
    return {
        "id": facts.account.id,
        "name": facts.account.name,
        "owner": people.name(facts.account.owner_id),
        "tier": facts.standing.tier,
        "revenue": facts.standing.revenue,
        "worst": min((_BADNESS[severity] for severity in severities), default=len(_BADNESS)),
        "verdicts": {rule: verdict_as_row(verdict) for rule, verdict in verdicts.items()},
    }


def summary_text(told: Mapping[str, Any]) -> str:
    """The document of `summary` for people."""
    accounts = told["accounts"]
    raised = [one for one in accounts if any(v["verdict"] == "raised" for v in one["verdicts"].values())]
    lines = [
        f"{told['connection']}, as of {told['as_of']}: {len(raised)} of {len(accounts)} key accounts need attention",
        "",
    ]
    for one in raised:
        money = f", {one['revenue']:,.0f} won in 12 months" if one["revenue"] else ""
        lines.append(f"{one['name']} (tier {one['tier']}{money}; owner {one['owner']})")
        lines += [
            f"  {rule} ({verdict['severity']}): {verdict['message']}"
            for rule, verdict in one["verdicts"].items()
            if verdict["verdict"] == "raised"
        ]
    for rule, reasons in told["unknown"].items():
        lines.append(f"{rule} could not be judged on {sum(reasons.values())} accounts:")
        lines += [f"  {number} x {reason}" for reason, number in list(reasons.items())[:5]]
    return "\n".join(lines)
