"""One made-up company that lives in two CRMs, each of which knows a part of it in its own spelling.

The parts together are the company and nothing else, so that what was planted in it holds for both CRMs taken as one.
Which records are one is known here, since here they are parted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import compress
from random import Random
from typing import Any, Literal, TypeVar

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal, SeedTouch, SeedUser
from connectors.sandbox.split_conflicts import Conflict, Troubles, plant
from connectors.sandbox.split_places import BOTH, Crms, Places, place
from connectors.sandbox.split_spelling import (
    FREE_MAIL,
    another_name,
    country_of,
    domain_of,
    ending_elsewhere,
    home,
    portal_domain,
    same_name,
    website,
    without_umlauts,
)
from connectors.sandbox.split_truth import truth_of_both

By = Literal["native", "email", "domain", "name", "uid", "minute", "day"]
Kind = Literal["accounts", "contacts", "people", "deals", "touches"]
Row = TypeVar("Row", SeedUser, SeedAccount, SeedContact, SeedDeal, SeedTouch)
Ids = Callable[[str], Sequence[str]]

KINDS: tuple[Kind, ...] = ("accounts", "contacts", "people", "deals", "touches")
_SHORT_ID = 15  # characters of a Salesforce id as some integrations write it, of 18
_OTHER_ADDRESSES = 4


@dataclass(kw_only=True)
class Split:
    """The company as each CRM has it, and what is one in both.

    `whole` is the company, with the verdicts that both CRMs together must lead to. `pairs` say of everything that is in
    both by what it can be found: `native` (the id that the CRMs' integration left), `email`, `domain`; of touches `uid`
    (message id), `minute` or `day` with kind, direction and people; of deals `native` or `name` (with day and amount).
    `proposals` are accounts that have nothing but name and country in common.
    """

    whole: Company
    halves: Mapping[str, Company]
    pairs: Mapping[Kind, Mapping[str, By]]
    proposals: Sequence[str]
    conflicts: Sequence[Conflict]
    natives: Mapping[str, str]  # of rows in HubSpot: which row's id in Salesforce they carry
    short: frozenset[str]  # of those: whose id is the short one

    def half(self, crm: str, salesforce_ids: Ids) -> Company:
        """What is to be loaded into a CRM; HubSpot's is asked for when Salesforce has its ids."""
        company = self.halves[crm]
        if crm == "salesforce":
            return company

        def named(rows: Sequence[Row]) -> list[Row]:
            return [self._with_id(row, salesforce_ids) for row in rows]

        return replace(
            company,
            accounts=named(company.accounts),
            contacts=named(company.contacts),
            deals=named(company.deals),
        )

    def _with_id(self, row: Any, salesforce_ids: Ids) -> Any:
        if row.id not in self.natives:
            return row
        whole = salesforce_ids(self.natives[row.id])[-1]
        return replace(row, native_id=whole[:_SHORT_ID] if row.id in self.short else whole)

    def told(self, ids: Mapping[str, Ids]) -> dict[str, list[dict[str, Any]]]:
        """The truth about what is one, as JSON, with the CRMs' own ids: an e-mail's is its EmailMessage."""

        def pair(row_id: str, by: By) -> dict[str, str]:
            return {f"{crm}_id": of(row_id)[-1] for crm, of in ids.items()} | {"by": by}

        found: dict[str, list[dict[str, Any]]] = {
            kind: [pair(row_id, by) for row_id, by in self.pairs[kind].items()] for kind in KINDS
        }
        found["proposals"] = [pair(row_id, "name") for row_id in self.proposals]
        found["conflicts"] = [
            {
                "kind": conflict.kind,
                "of": conflict.of,
                "members": [f"{crm}:{ids[crm](row_id)[-1]}" for crm, row_id in conflict.members],
                "why": conflict.why,
            }
            for conflict in self.conflicts
        ]
        return found


def divide(company: Company, seed: int, timezone: str = "Europe/Berlin") -> Split:
    """Part the made-up company of that timezone; the same seed parts it in the same way."""
    # Chance of its own: the company is the one that it is when it is whole.
    dividing = _Dividing(company=company, rng=Random(f"split {seed}"))  # noqa: S311 as above
    return dividing.split(timezone)


@dataclass(kw_only=True)
class _Dividing:
    company: Company
    rng: Random
    places: Places = field(init=False)
    troubles: Troubles = field(init=False)
    countries: dict[str, tuple[str, str]] = field(init=False)
    domains: dict[str, str] = field(init=False)
    emails: dict[str, str] = field(init=False)
    by: dict[Kind, dict[str, By]] = field(init=False)

    def __post_init__(self) -> None:
        company, rng = self.company, self.rng
        self.places = place(company, rng)
        self.countries = {one.id: home(rng) for one in company.accounts}
        self.domains = {one.id: domain_of(one.name, self.countries[one.id][1]) for one in company.accounts}
        self.emails = {one.id: self._email(one) for one in company.contacts}
        accounts = self._links_of_accounts()
        linked = [one for one, by in accounts.items() if by == "native"]
        self.troubles = plant(company, self.places, self.emails, self.domains, linked, rng)
        self.emails |= self.troubles.emails
        self.by = {
            "accounts": accounts,
            "contacts": self._links(self.places.contacts, "native", "email", 0.3),
            "people": self._links(self.places.users, "native", "email", 0),
            "deals": self._links(self.places.deals, "native", "name", 0.65),
            "touches": self._links_of_touches(),
        }

    def split(self, timezone: str) -> Split:
        accounts = [self._accounts(one) for one in self.company.accounts]
        contacts = [self._contacts(one) for one in self.company.contacts]
        touches = [self._touches(one) for one in self.company.touches]
        users = [self._users(one) for one in self.company.users]
        halves = {
            crm: Company(
                users=self._there(self.places.users, crm, [pair[at] for pair in users]),
                accounts=self._there(self.places.accounts, crm, [pair[at] for pair in accounts]),
                contacts=self._there(self.places.contacts, crm, [pair[at] for pair in contacts]),
                touches=self._there(self.places.touches, crm, [pair[at] for pair in touches]),
                deals=self._there(self.places.deals, crm, self.company.deals),
                tickets=[one for one in self.company.tickets if crm in self.places.tickets[one.id]],
                team=list(compress(self.company.team, (crm in there for there in self.places.team))),
                mailings=list(compress(self.company.mailings, (crm in there for there in self.places.mailings))),
                as_of=self.company.as_of,
            )
            for at, crm in enumerate(("salesforce", "hubspot"))
        }
        halves["salesforce"].accounts += self.troubles.deleted
        natives = self.troubles.natives | {
            row_id: row_id for links in self.by.values() for row_id, by in links.items() if by == "native"
        }
        proposals = [row_id for row_id, by in self.by["accounts"].items() if by == "name"]
        pairs = self.by | {"accounts": {one: by for one, by in self.by["accounts"].items() if by != "name"}}
        return Split(
            whole=replace(self.company, tell=partial(truth_of_both, self.company, self.places, timezone)),
            halves=halves,
            pairs=pairs,
            proposals=proposals,
            conflicts=self.troubles.conflicts,
            natives=natives,
            short=frozenset(one for one in natives if self.rng.random() < 0.3),
        )

    @staticmethod
    def _there(places: Mapping[str, Crms], crm: str, rows: Sequence[Row]) -> list[Row]:
        return [row for row in rows if crm in places[row.id]]

    def _links(self, places: Mapping[str, Crms], rare: By, usual: By, share: float) -> dict[str, By]:
        return {
            row_id: rare if self.rng.random() < share else usual for row_id, there in places.items() if there == BOTH
        }

    def _links_of_accounts(self) -> dict[str, By]:
        """A few that never bought have nothing but their name in common: were they customers, one would be two."""
        found = self._links(self.places.accounts, "native", "domain", 0.4)
        sold = {deal.account for deal in self.company.deals if deal.won}
        strangers = [one.id for one in self.company.accounts if one.id in found and one.id not in sold]
        types = {one.id: one.type.lower() for one in self.company.accounts}
        strangers = [one for one in strangers if not types[one].startswith("customer")]
        return found | dict.fromkeys(strangers[: -(-len(strangers) // 3)], "name")

    def _links_of_touches(self) -> dict[str, By]:
        """Three in four e-mails that are in both have their message id in both; Salesforce knows the day of a call."""
        kinds = {touch.id: touch.kind for touch in self.company.touches}
        found = self._links(self.places.touches, "uid", "minute", 0.75)
        usual: dict[str, By] = {"call": "day", "meeting": "minute"}
        return {row_id: usual.get(kinds[row_id], by) for row_id, by in found.items()}

    def _email(self, contact: SeedContact) -> str:
        mailbox, _, _ = contact.email.partition("@")
        domain = self.domains[contact.account] if self.rng.random() < 0.95 else self.rng.choice(FREE_MAIL)
        return f"{mailbox}@{domain}"

    def _users(self, user: SeedUser) -> tuple[SeedUser, SeedUser]:
        return (replace(user, email=user.email.title()) if self.rng.random() < 0.25 else user), user

    def _accounts(self, account: SeedAccount) -> tuple[SeedAccount, SeedAccount]:
        rng, by = self.rng, self.by["accounts"].get(account.id)
        country, ending = self.countries[account.id]
        domain = self.troubles.domains.get(account.id, self.domains[account.id])
        account = replace(
            account, country=country_of(rng, country), parent=self.troubles.parents.get(account.id, account.parent)
        )
        typed, tidy = website(rng, domain), portal_domain(rng, domain)
        if by == "name":
            account = replace(account, country=country)
            bare = replace(account, domain="", website="")
            elsewhere = domain_of(account.name, ending_elsewhere(rng, ending))
            return bare, replace(account, name=same_name(rng, account.name), domain=elsewhere)
        if by == "native":
            tidy = rng.choice((tidy, tidy, domain_of(account.name, ending_elsewhere(rng, ending)), ""))
        name = another_name(rng, account.name) if by and rng.random() < 0.5 else account.name
        owner = "" if by and rng.random() < 0.15 else account.owner
        theirs = replace(account, name=name, domain=tidy, owner=owner, country=country_of(rng, country))
        return replace(account, website=typed), theirs

    def _contacts(self, contact: SeedContact) -> tuple[SeedContact, SeedContact]:
        rng, by, email = self.rng, self.by["contacts"].get(contact.id), self.emails[contact.id]
        typed = replace(contact, email=email.upper() if rng.random() < 0.2 else email)
        name = without_umlauts(contact.name) if rng.random() < 0.3 else contact.name
        others = self.troubles.other_emails.get(contact.id, ())
        chance = rng.random()
        if by == "native" and chance < 0.4:
            email = f"info.{email}"
        elif by == "email" and chance < 0.25:
            aliases = rng.sample((f"a.{email}", f"b.{email}", f"c.{email}"), rng.randint(0, _OTHER_ADDRESSES - 1))
            others, email = (*aliases, email), f"new.{email}"
        return typed, replace(contact, name=name, email=email, other_emails=others)

    def _touches(self, touch: SeedTouch) -> tuple[SeedTouch, SeedTouch]:
        rng, by = self.rng, self.by["touches"].get(touch.id)
        if touch.kind != "email" or by == "minute" or (by is None and rng.random() < 0.4):
            return touch, touch
        uid = f"{touch.id}.{rng.randrange(10**6):06d}@mail.seller.example"
        return replace(touch, uid=f"<{uid}>"), replace(touch, uid=rng.choice((uid, f"<{uid}>", f"<{uid.upper()}>")))
