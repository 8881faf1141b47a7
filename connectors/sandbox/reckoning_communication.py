"""What the company itself sent to a customer's people, as each CRM keeps it, and the definition that speaks of it.

Salesforce keeps who belongs to a campaign, since when, when it begins and when they first answered; HubSpot the newest
mailing to each contact and the newest answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo

from connectors.sandbox.company import Company, SeedMailing
from connectors.sandbox.reckoning_definitions import Verdict, titles_missing
from connectors.sandbox.reckoning_records import HEAD, Crm, Seen


def with_mailings(seen: Mapping[str, Seen], company: Company, crm: Crm, zone: ZoneInfo) -> dict[str, Seen]:
    """Return the accounts with the day on which each contact last heard from the company, and who wants none of it."""
    sent: dict[str, list[SeedMailing]] = defaultdict(list)
    for mailing in company.mailings:
        sent[mailing.contact].append(mailing)
    opted_out = frozenset(one.id for one in company.contacts if one.opted_out)
    told: dict[str, Seen] = {}
    for name, one in seen.items():
        heard = {person.id: _heard_on(sent[person.id], crm, zone, one.today) for person in one.people}
        told[name] = replace(
            one,
            mailed={who: on for who, on in heard.items() if on},
            opted_out=opted_out,
            mails_told=bool(company.mailings),
        )
    return told


def _heard_on(sent: list[SeedMailing], crm: Crm, zone: ZoneInfo, today: date) -> date | None:
    days: set[date] = set()
    for one in sent:
        at = one.at.astimezone(zone).date()
        if crm != "hubspot" and one.starts_on:
            at = max(at, one.starts_on)
        days |= {on for on in (at, one.answered_on) if on and on <= today}
    return max(days, default=None)


def company_communication(seen: Seen) -> Verdict:
    if not seen.mails_told or titles_missing(seen):
        return "unknown"
    senior = [one for one in seen.present if one.is_senior(HEAD) and one.id not in seen.opted_out]
    if not senior:
        return "clear"
    begin = seen.since or seen.first_touch_on()
    for person in senior:
        start = max((day for day in (begin, person.entered_on) if day), default=None)
        since = seen.mailed.get(person.id, start)
        if since and seen.age(since) <= 92:
            return "clear"
    return "raised"


COMMUNICATION_DEFINITIONS: Mapping[str, Callable[[Seen], Verdict]] = MappingProxyType(
    {"company-communication": company_communication}
)
#: What is known without any message of ours.
COMMUNICATION_HEARING_NOTHING = frozenset({"company-communication"})
