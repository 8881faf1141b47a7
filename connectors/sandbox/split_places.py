"""Which of two CRMs knows what of one company: each row in one of them or in both, and all rows in one at least.

Whoever was in a touch is known wherever the touch is, so that no CRM has half of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from random import Random

from connectors.sandbox.company import Company, SeedTicket, SeedTouch

Crms = frozenset[str]

SALESFORCE, HUBSPOT = frozenset({"salesforce"}), frozenset({"hubspot"})
BOTH = SALESFORCE | HUBSPOT
_WHERE = (BOTH, SALESFORCE, HUBSPOT)
_ONE_OF_OURS_IN = 12  # is known to one CRM alone, and another one to the other


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Where everything is, by its id in the company; `team` and `mailings` in the order of the company's."""

    users: Mapping[str, Crms]
    accounts: Mapping[str, Crms]
    contacts: Mapping[str, Crms]
    touches: Mapping[str, Crms]
    deals: Mapping[str, Crms]
    tickets: Mapping[str, Crms]
    team: tuple[Crms, ...]
    mailings: tuple[Crms, ...]


def place(company: Company, rng: Random) -> Places:
    """Say where everything is: most of it in both CRMs, touches and deals mostly in one."""
    users = _users(company, rng)
    accounts = _accounts(company, users, rng)
    contacts = _contacts(company, users, accounts, rng)

    def shared(touch: SeedTouch) -> Crms:
        return _common(
            (users[one] for one in touch.users),
            (contacts[one] for one in touch.contacts),
            (accounts[one] for one in (touch.account,)),
        )

    return Places(
        users=users,
        accounts=accounts,
        contacts=contacts,
        touches={
            touch.id: _one(rng, shared(touch)) if touch.kind == "note" else _some(rng, shared(touch), 40, 30, 30)
            for touch in company.touches
        },
        deals={deal.id: _some(rng, accounts[deal.account], 50, 30, 20) for deal in company.deals},
        tickets={ticket.id: _of_ticket(ticket, accounts, contacts, rng) for ticket in company.tickets},
        # In Salesforce, where they can be, since HubSpot keeps less of either.
        team=tuple(_better(users[one.user] & accounts[one.account]) for one in company.team),
        mailings=tuple(_better(contacts[one.contact]) for one in company.mailings),
    )


def _users(company: Company, rng: Random) -> dict[str, Crms]:
    """Most are in both. Whom Salesforce does not know owns nothing, since there everything has an owner, sponsors
    nothing, is on no team and manages nobody; whom HubSpot does not know manages nobody.
    """
    managers = {user.manager for user in company.users}
    busy = {user for account in company.accounts for user in (account.owner, account.sponsor)}
    busy |= {member.user for member in company.team}
    count = len(company.users) // _ONE_OF_OURS_IN
    free = [user.id for user in company.users if user.id not in managers | busy]
    only_hubspot = frozenset(rng.sample(free, min(count, len(free))))
    rest = [user.id for user in company.users if user.id not in managers | only_hubspot]
    only_salesforce = frozenset(rng.sample(rest, min(count, len(rest))))
    return {
        user.id: HUBSPOT if user.id in only_hubspot else SALESFORCE if user.id in only_salesforce else BOTH
        for user in company.users
    }


def _accounts(company: Company, users: Mapping[str, Crms], rng: Random) -> dict[str, Crms]:
    """An account is at least where somebody is who is with it and is known nowhere else."""
    needed: defaultdict[str, Crms] = defaultdict(frozenset)
    for account, user in (
        *((touch.account, user) for touch in company.touches for user in touch.users),
        *((one.id, user) for one in company.accounts for user in (one.owner, one.sponsor) if user),
        *((member.account, member.user) for member in company.team),
    ):
        needed[account] |= users[user] if len(users[user]) == 1 else frozenset()
    return {one.id: _some(rng, BOTH, 56, 20, 24) | needed[one.id] for one in company.accounts}


def _contacts(
    company: Company, users: Mapping[str, Crms], accounts: Mapping[str, Crms], rng: Random
) -> dict[str, Crms]:
    """As `_accounts`; that somebody left is known wherever the account is."""
    found = {
        one.id: _some(rng, accounts[one.account], 50, 25, 25) if one.active else accounts[one.account]
        for one in company.contacts
    }
    for touch in company.touches:
        there = _common((users[one] for one in touch.users), (accounts[touch.account],))
        if not _common((found[one] for one in touch.contacts), (there,)):
            known = _one(rng, there)
            found |= {one: found[one] | known for one in touch.contacts}
    return found


def _of_ticket(ticket: SeedTicket, accounts: Mapping[str, Crms], contacts: Mapping[str, Crms], rng: Random) -> Crms:
    """One CRM, for an escalated one the better, since HubSpot knows no escalation."""
    there = accounts[ticket.account] & contacts.get(ticket.contact, BOTH)
    return _better(there) if ticket.escalated else _one(rng, there)


def _better(there: Crms) -> Crms:
    return SALESFORCE if "salesforce" in there else there


def _common(*places: Iterable[Crms]) -> Crms:
    return reduce(frozenset.intersection, (each for some in places for each in some), BOTH)


def _one(rng: Random, there: Collection[str]) -> Crms:
    return frozenset({rng.choice(sorted(there))})


def _some(rng: Random, there: Crms, *weights: int) -> Crms:
    """Where there are both: both, Salesforce or HubSpot, as the weights have it."""
    return rng.choices(_WHERE, weights)[0] if there == BOTH else there
