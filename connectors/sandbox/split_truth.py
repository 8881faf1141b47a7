"""The verdicts that a parted company must get from whoever takes both CRMs as one."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from connectors.sandbox.company import Company, Truth
from connectors.sandbox.config_file import EXECUTIVE, TOP_SHARE
from connectors.sandbox.reckoning import reckon
from connectors.sandbox.reckoning_records import CRMS, Crm
from connectors.sandbox.split_places import HUBSPOT, SALESFORCE, Places

_TOGETHER: tuple[Crm, ...] = ("both",)


def truth_of_both(company: Company, places: Places, timezone: str) -> list[Truth]:
    """What was planted on every account, and the verdict that it must get in whichever CRM it is judged."""
    assert company.as_of is not None, "a made-up company has its day"
    executives = [user.id for user in company.users if EXECUTIVE.search(user.title)]
    reckoned = reckon(
        _as_kept(company, places),
        company.as_of,
        ZoneInfo(timezone),
        executives=executives,
        ignored=(),
        key_share=TOP_SHARE[True],
        crms=_TOGETHER,
    )
    return [
        replace(
            each,
            expect={rule: dict.fromkeys(CRMS, by["both"]) for rule, by in reckoned[each.account].items()},
        )
        for each in company.truth
    ]


def _as_kept(company: Company, places: Places) -> Company:
    """The company without what nobody keeps of it.

    Not HubSpot where it alone was told: titles of our people, since when somebody is on a team, that a ticket was
    escalated, for when an invitation was. Not Salesforce where it alone was: who is away.
    """
    return replace(
        company,
        users=[replace(one, title="") if places.users[one.id] == HUBSPOT else one for one in company.users],
        contacts=[
            replace(one, back_on=None) if places.contacts[one.id] == SALESFORCE else one for one in company.contacts
        ],
        team=[
            replace(one, since=None) if there == HUBSPOT else one
            for one, there in zip(company.team, places.team, strict=True)
        ],
        tickets=[
            replace(one, escalated=False) if places.tickets[one.id] == HUBSPOT else one for one in company.tickets
        ],
        mailings=[
            replace(one, starts_on=None) if there == HUBSPOT else one
            for one, there in zip(company.mailings, places.mailings, strict=True)
        ],
    )
