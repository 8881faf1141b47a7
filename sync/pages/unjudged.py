"""What cannot be judged, why, and how to get what is missing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from rules.facts import Standing
from rules.functions import functions_of
from rules.rule import Unknown, Verdict
from sync.pages.scene import Scene
from sync.store import cycles

_TITLES = (
    "Give contacts in the CRM a title, or a role such as decision maker; unusual titles go into [titles] of the config."
)
_CAPTURE = (
    "Their e-mails, calls and meetings do not reach the CRM: switch on its capture for them; a user who is no person "
    "belongs into [people] ignore."
)
_MESSAGES = (
    "Let the CRM keep e-mails as records (Salesforce: Sync Email as Salesforce Activity; HubSpot: log sent mails and "
    "replies)."
)
_REVENUE = 'Record amounts on won deals, map a field ([connections.NAME.map] revenue), or set [customers] key = "flag".'

# By what a reason says: the first that fits.
_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        r"executive of theirs|titles of|no contact of theirs": _TITLES,
        r"logs nothing": _CAPTURE,
        r"not enough activity|too little contact|no contact is on record|there is no touch": (
            "Log e-mails, calls and meetings in the CRM, with the customer's people on them."
        ),
        r"the record begins": "It comes by itself with time.",
        r"no e-mail or message": _MESSAGES,
        r"says that a contact left": "Switch on bounce management (Salesforce) or contact enrichment (HubSpot).",
        r"no revenue": _REVENUE,
        r"in touch with us|whom of theirs": "Put the customer's people on meetings, calls and e-mails.",
        r"since when": "Record won deals with their day, or map a field ([connections.NAME.map] customer_since).",
        r"executive of ours": "[people] executives must name addresses of users of this CRM.",
        r"too few key customers": "It compares key customers: raise [customers] top_share to have more.",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unjudged:
    """A rule that cannot be judged on some accounts, for one reason; `how` says how to get what is missing."""

    rule: str
    reason: str
    accounts: int
    how: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """Why a page has nothing to show, and how to get it."""

    what: str
    how: str


class Reasons:
    """Counts reasons account by account."""

    def __init__(self) -> None:
        self._counted: Counter[tuple[str, str]] = Counter()

    def add(self, verdicts: Mapping[str, Verdict]) -> None:
        """Count one account."""
        self._counted.update(
            # A reason's own figures differ from account to account.
            (rule, re.sub(r"\d+", "n", re.sub(r"on \d+ [A-Z][a-z]{2} \d{4}", "late", verdict.reason)))
            for rule, verdict in verdicts.items()
            if isinstance(verdict, Unknown)
        )

    def told(self) -> list[Unjudged]:
        """Return every rule and reason, those of most accounts first."""
        return [
            Unjudged(rule=rule, reason=reason, accounts=number, how=remedy(reason))
            for (rule, reason), number in sorted(self._counted.items(), key=lambda one: (-one[1], one[0]))
        ]


def remedy(reason: str) -> str:
    """Return how to get what a reason says is missing, empty where nobody knows."""
    return next((how for pattern, how in _REMEDIES.items() if re.search(pattern, reason)), "")


def nothing_key(scene: Scene) -> Missing | None:
    """Return why a connection has no key account, None where it has one."""
    standings = list(scene.reader.standings.values())
    customers = [one for one in standings if one.customer]
    if any(one.key for one in customers):
        return None
    return _no_key(customers) if customers else _no_customer(scene, len(standings))


def functions_missing(scene: Scene, *, has_theirs: bool) -> Missing | None:
    """Return why nobody can tell who is whose counterpart, None where one can."""
    titles, users = scene.work.config.titles, scene.reader.users.values()
    if not any(functions_of(user, titles) for user in users if user.active):
        return Missing(
            what="No title of ours says what anybody does, so nobody can tell who is whose counterpart.",
            how="Fill in the titles of users in the CRM; [titles.functions] of the config says what unusual ones mean.",
        )
    if not has_theirs:
        return Missing(
            what="No title of anybody senior at a key account says what they do, so nobody can tell who lacks a peer.",
            how=_TITLES,
        )
    return None


def _no_customer(scene: Scene, accounts: int) -> Missing:
    if accounts:
        return Missing(
            what=f"None of the {accounts:,} accounts is a customer.",
            how="A customer has a won deal or the type customer: record one, or say in [customers] is what makes one.",
        )
    if cycles.last(scene.work.engine, scene.name) is None:
        return Missing(what="Nothing has been pulled from this CRM yet.", how="`holdfast run` makes the first cycle.")
    return Missing(
        what="The CRM has no accounts that we can see.",
        how="Let the integration user read accounts, then `holdfast run`.",
    )


def _no_key(customers: Sequence[Standing]) -> Missing:
    total, excluded = len(customers), sum(bool(one.excluded) for one in customers)
    if any(one.key is None for one in customers):
        return Missing(
            what=f"No revenue is known of any of the {total:,} customers, so nobody can say which are key.",
            how=remedy("no revenue"),
        )
    if excluded:
        return Missing(
            what=f"None of the {total:,} customers is key; {excluded:,} of them are excluded.",
            how="See [customers] exclude, exclude_types, exclude_younger_than_days and quiet_until.",
        )
    return Missing(
        what=f"None of the {total:,} customers is key.",
        how='[customers] key says what makes one key: "top-share", "flag" (a mapped field) or "all".',
    )
