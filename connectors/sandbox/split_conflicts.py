"""What cannot be one, planted on accounts and contacts of which each is in one CRM alone.

They are different customers and different people, whatever ids and domains say: who joins any of them is wrong, and who
leaves them apart loses nothing. Each is to be shown to a human.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Literal

from connectors.sandbox.company import Company, SeedAccount
from connectors.sandbox.split_places import HUBSPOT, SALESFORCE, Places
from connectors.sandbox.split_spelling import FREE_MAIL, SHARED_DOMAIN

_ADDRESSES = 5  # of one contact
_OF_CONTACTS = frozenset({"several-addresses", "one-address"})

Member = tuple[str, str]  # CRM, id in the company


@dataclass(frozen=True, kw_only=True, slots=True)
class Conflict:
    """Accounts or contacts that something joins and that are not one."""

    kind: str
    of: Literal["accounts", "contacts"]
    members: tuple[Member, ...]
    why: str


@dataclass(kw_only=True, slots=True)
class Troubles:
    """What is planted: by id the domains and parents that an account has, the contacts' addresses and further ones.

    `natives` lead from what is in HubSpot to what it names in Salesforce. `deleted` are accounts that only Salesforce
    has, and not any more.
    """

    domains: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    other_emails: dict[str, tuple[str, ...]] = field(default_factory=dict)
    natives: dict[str, str] = field(default_factory=dict)
    deleted: list[SeedAccount] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def plant(  # noqa: PLR0917 all that the parting has decided so far
    company: Company,
    places: Places,
    emails: Mapping[str, str],
    domains: Mapping[str, str],
    linked: Iterable[str],
    rng: Random,
) -> Troubles:
    """Plant each trouble once, as far as there are accounts for it. `emails` and `domains` are those of all, by id;
    `linked` are accounts in both, by the id that the integration left.
    """
    troubles = Troubles()
    alone = _Alone(
        salesforce=_shuffled(rng, (one.id for one in company.accounts if places.accounts[one.id] == SALESFORCE)),
        hubspot=_shuffled(rng, (one.id for one in company.accounts if places.accounts[one.id] == HUBSPOT)),
        domains=domains,
        linked=list(linked),
    )
    for salesforce, hubspot, make in _MAKERS:
        if len(alone.salesforce) >= salesforce and len(alone.hubspot) >= hubspot:
            make(alone, troubles)
    people = _strangers(company, places, emails)
    _several_addresses(people, troubles)
    _one_address(people, troubles)
    return troubles


@dataclass(kw_only=True, slots=True)
class _Alone:
    """Accounts in one CRM alone, none of them used yet; `linked` ones are in both, by the integration's id."""

    salesforce: list[str]
    hubspot: list[str]
    domains: Mapping[str, str]
    linked: list[str]


@dataclass(kw_only=True, slots=True)
class _People:
    """Contacts in one CRM alone, none of them used yet."""

    salesforce: list[str]
    hubspot: list[str]
    emails: Mapping[str, str]


def _shuffled(rng: Random, ids: Iterator[str]) -> list[str]:
    found = list(ids)
    return rng.sample(found, len(found))


def _two_name_one(alone: _Alone, troubles: Troubles) -> None:
    one, *others = alone.salesforce.pop(), alone.hubspot.pop(), alone.hubspot.pop()
    troubles.natives |= dict.fromkeys(others, one)
    _tell(troubles, "one-to-many", [one], others, "two companies carry the id of one account")


def _chain(alone: _Alone, troubles: Troubles) -> None:
    """The domain of the second company says something else again."""
    one, further = alone.salesforce.pop(), alone.salesforce.pop()
    others = [alone.hubspot.pop(), alone.hubspot.pop()]
    troubles.natives |= dict.fromkeys(others, one)
    troubles.domains[others[1]] = alone.domains[further]
    _tell(troubles, "chain", [one], others, "two companies carry the id of one account, and one has another's domain")


def _one_domain(alone: _Alone, troubles: Troubles) -> None:
    accounts, companies = [alone.salesforce.pop(), alone.salesforce.pop()], [alone.hubspot.pop()]
    troubles.domains |= dict.fromkeys((*accounts, *companies), alone.domains[accounts[0]])
    _tell(troubles, "one-domain", accounts, companies, "the firms of a holding have one domain")


def _deleted_id(alone: _Alone, troubles: Troubles) -> None:
    company = alone.hubspot.pop()
    gone = SeedAccount(id=f"gone-{company}", name="Deleted long ago", deleted=True)
    troubles.deleted.append(gone)
    troubles.natives[company] = gone.id
    _tell(troubles, "deleted-id", [], [company], "the id is that of a deleted account")


def _circle(alone: _Alone, troubles: Troubles) -> None:
    one, other = alone.hubspot.pop(), alone.hubspot.pop()
    troubles.parents |= {one: other, other: one}
    _tell(troubles, "circular-parents", [], [one, other], "each is the parent of the other")


def _free_mail(alone: _Alone, troubles: Troubles) -> None:
    """No conflict, since nobody believes such a domain: the two have nothing to do with each other."""
    troubles.domains |= dict.fromkeys((alone.salesforce.pop(), alone.hubspot.pop()), FREE_MAIL[0])


def _shared_domain(alone: _Alone, troubles: Troubles) -> None:
    """As before; here it is the config that says so."""
    troubles.domains |= dict.fromkeys((alone.salesforce.pop(), alone.hubspot.pop()), SHARED_DOMAIN)


def _beside_a_pair(alone: _Alone, troubles: Troubles) -> None:
    """A subsidiary has the domain of a firm that is in both: the id says which of the two accounts is the company."""
    if alone.linked:
        troubles.domains[alone.salesforce.pop()] = alone.domains[alone.linked.pop()]


# With the accounts that each needs, in Salesforce and in HubSpot.
_MAKERS: Sequence[tuple[int, int, Callable[[_Alone, Troubles], None]]] = (
    (0, 1, _deleted_id),
    (1, 2, _two_name_one),
    (2, 1, _one_domain),
    (2, 2, _chain),
    (0, 2, _circle),
    (1, 1, _free_mail),
    (1, 1, _shared_domain),
    (1, 0, _beside_a_pair),
)


def _strangers(company: Company, places: Places, emails: Mapping[str, str]) -> _People:
    """Contacts to whom nobody ever wrote, so that nothing that happened hangs on an address."""
    written = {contact for touch in company.touches if touch.kind == "email" for contact in touch.contacts}
    free = [one.id for one in company.contacts if one.active and one.id not in written]
    return _People(
        salesforce=[one for one in free if places.contacts[one] == SALESFORCE],
        hubspot=[one for one in free if places.contacts[one] == HUBSPOT],
        emails=emails,
    )


def _several_addresses(people: _People, troubles: Troubles) -> None:
    """A contact in HubSpot has the addresses of two people in Salesforce among five."""
    if len(people.salesforce) > 1 and people.hubspot:
        one, *others = people.hubspot.pop(), people.salesforce.pop(), people.salesforce.pop()
        own = tuple(f"{number}.{people.emails[one]}" for number in range(1, _ADDRESSES - len(others)))
        troubles.other_emails[one] = (*own, *(people.emails[each] for each in others))
        _tell(troubles, "several-addresses", others, [one], "one contact has the addresses of two")


def _one_address(people: _People, troubles: Troubles) -> None:
    if len(people.salesforce) > 1 and people.hubspot:
        some, one = [people.salesforce.pop(), people.salesforce.pop()], people.hubspot.pop()
        troubles.emails |= dict.fromkeys((*some, one), people.emails[some[0]])
        _tell(troubles, "one-address", some, [one], "two contacts and a third one share a mailbox")


def _tell(troubles: Troubles, kind: str, salesforce: Sequence[str], hubspot: Sequence[str], why: str) -> None:
    members = (*(("salesforce", one) for one in salesforce), *(("hubspot", one) for one in hubspot))
    of: Literal["accounts", "contacts"] = "contacts" if kind in _OF_CONTACTS else "accounts"
    troubles.conflicts.append(Conflict(kind=kind, of=of, members=members, why=why))
