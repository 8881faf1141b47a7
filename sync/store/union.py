"""One customer as several CRMs know it: their parts become one, and what several of them tell counts once. Pure.

A record is named by `Ref`, (connection, id). Whoever reads one connection calls by its own id what is its own, or one
with something of its own, and by `connection:id` what only others know: so the name tells the source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter

from rules.model import Contact, Deal, Mailing, TeamMember, Ticket, Touch
from sync.store.same_touch import UNMARKED, Mark, Seen, one_touch, paired, same_touches

Ref = tuple[str, str]  # connection and id there


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """How the reader of the connection `own` calls records of one kind."""

    own: str
    as_called: Mapping[Ref, str] = field(default_factory=dict)  # those that are one with others

    @classmethod
    def of(cls, own: str, parties: Mapping[Ref, str], homes: Container[Ref] = ()) -> Names:
        """`parties` names the set that each record stands in. A set is called after its home, else after the reader's
        own, else after the first of it.
        """
        sets: dict[str, list[Ref]] = defaultdict(list)
        for ref, party in parties.items():
            sets[party].append(ref)
        first = {
            party: min(some, key=lambda ref: (ref not in homes, ref[0] != own, ref)) for party, some in sets.items()
        }
        return cls(own=own, as_called={ref: cls._plain(own, first[party]) for ref, party in parties.items()})

    def called(self, connection: str, record_id: str) -> str:
        ref = (connection, record_id)
        return self.as_called.get(ref) or self._plain(self.own, ref)

    @staticmethod
    def _plain(own: str, ref: Ref) -> str:
        return ref[1] if ref[0] == own else f"{ref[0]}:{ref[1]}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one connection knows of an account: our people by the reader's names, all else by the connection's ids.

    All are sorted as in `AccountFacts`. `marks` are those of touches that have any, by id.
    """

    connection: str
    account_id: str
    contacts: tuple[Contact, ...] = ()
    touches: tuple[Touch, ...] = ()
    upcoming: tuple[Touch, ...] = ()
    deals: tuple[Deal, ...] = ()
    team: tuple[TeamMember, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    mailings: tuple[Mailing, ...] = ()
    former_owners: Mapping[str, date] = field(default_factory=dict)
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # as in `AccountFacts`
    marks: Mapping[str, Mark] = field(default_factory=dict)


def merged(parts: Sequence[Part], same_contacts: Mapping[Ref, str], same_deals: Mapping[Ref, str]) -> Part:
    """One part of all. The first is that of the account's home, the order of the others makes no difference; what the
    home tells comes before what others do. `same_contacts` and `same_deals` name the sets of records that are one.
    """
    home, *others = parts
    if not others:
        return home
    parts = [home, *sorted(others, key=lambda one: (one.connection, one.account_id))]
    people = _names(
        home.connection, same_contacts, ((part.connection, one.id) for part in parts for one in part.contacts)
    )
    deals, deal_names = _deals(parts, same_deals)
    touches, upcoming = (
        same_touches([_seen(part, one, people) for one in which(part)] for part in parts)
        for which in (attrgetter("touches"), attrgetter("upcoming"))
    )
    return Part(
        connection=home.connection,
        account_id=home.account_id,
        contacts=_contacts(parts, people),
        touches=_sorted(map(one_touch, touches)),
        upcoming=_sorted(map(one_touch, upcoming)),
        sources={copies[0].touch.id: tuple(seen.connection for seen in copies) for copies in (*touches, *upcoming)},
        deals=deals,
        team=_team(parts, deal_names),
        tickets=_tickets(parts, people),
        mailings=_mailings(parts, people),
        former_owners=_former_owners(parts),
    )


def joined_deals(parts: Sequence[Part], same_deals: Mapping[Ref, str]) -> list[list[tuple[Ref, Deal]]]:
    """The deals of all parts, those that are one together: by the ids that the CRMs know of each other, else by name,
    day and amount.
    """

    def keys(item: tuple[Ref, Deal]) -> Iterable[Hashable]:
        ref, deal = item
        if party := same_deals.get(ref):
            yield party
        if deal.name and deal.closed_on and deal.amount is not None:
            yield deal.name.casefold(), deal.closed_on, deal.amount

    def same(one: tuple[Ref, Deal], other: tuple[Ref, Deal]) -> bool:
        ids = (same_deals.get(one[0]), same_deals.get(other[0]))
        return not all(ids) or ids[0] == ids[1]

    return paired(([((part.connection, one.id), one) for one in part.deals] for part in parts), keys, same)


def first_told(values: Iterable[str | None]) -> str | None:
    """The first that says something, else that something was left empty, else that nobody is asked."""
    asked = [value for value in values if value is not None]
    return next(filter(None, asked), asked[0] if asked else None)


def _deals(parts: Sequence[Part], same_deals: Mapping[Ref, str]) -> tuple[tuple[Deal, ...], Names]:
    home = parts[0]
    groups = joined_deals(parts, same_deals)
    names = Names.of(home.connection, {ref: str(number) for number, group in enumerate(groups) for ref, _ in group})
    found = []
    for group in groups:
        (ref, first), *_ = group
        told = [deal for _, deal in group]
        found.append(
            replace(
                first,
                id=names.called(*ref),
                account_id=home.account_id,
                amount=next((one.amount for one in told if one.amount is not None), None),
                closed_on=next((one.closed_on for one in told if one.closed_on), None),
                won=any(one.won for one in told),
                competitor=first_told(one.competitor for one in told),
            )
        )
    return tuple(sorted(found, key=lambda one: (one.closed_on or date.max, one.id))), names


def _names(own: str, parties: Mapping[Ref, str], refs: Iterable[Ref]) -> Names:
    """Of these records alone: one that is one with a contact of another account keeps its own name here."""
    return Names.of(own, {ref: party for ref in refs if (party := parties.get(ref))})


def _contacts(parts: Sequence[Part], people: Names) -> tuple[Contact, ...]:
    found: dict[str, Contact] = {}
    for part in parts:
        for one in part.contacts:
            mine = replace(one, id=people.called(part.connection, one.id), account_id=parts[0].account_id)
            found[mine.id] = _one_contact(found[mine.id], mine) if mine.id in found else mine
    return tuple(found[one] for one in sorted(found))


def _one_contact(first: Contact, other: Contact) -> Contact:
    both = (first, other)
    left_on, left_why = min(((one.left_on, one.left_why) for one in both if one.left_on), default=(None, ""))
    return replace(
        first,
        name=first.name or other.name,
        email=first.email or other.email,
        title=first.title or other.title,
        seniority=first.seniority or other.seniority,
        roles=first.roles | other.roles,
        left_on=left_on,
        left_why=left_why,
        entered_on=min((one.entered_on for one in both if one.entered_on), default=None),
        back_on=max((one.back_on for one in both if one.back_on), default=None),
        opted_out=first.opted_out or other.opted_out,
    )


def _sorted(touches: Iterable[Touch]) -> tuple[Touch, ...]:
    return tuple(sorted(touches, key=lambda one: (one.at, one.id)))


def _seen(part: Part, touch: Touch, people: Names) -> Seen:
    mark, connection = part.marks.get(touch.id, UNMARKED), part.connection
    if connection == people.own:
        return Seen(touch=touch, mark=mark, connection=connection)
    theirs = tuple(sorted({people.called(connection, one) for one in touch.theirs}))
    return Seen(touch=replace(touch, id=f"{connection}:{touch.id}", theirs=theirs), mark=mark, connection=connection)


def _team(parts: Sequence[Part], deals: Names) -> tuple[TeamMember, ...]:
    found: dict[tuple[str, str, str], TeamMember] = {}
    for part in parts:
        for one in part.team:
            deal_id = one.deal_id and deals.called(part.connection, one.deal_id)
            place = (one.user_id, deal_id or "", one.role)
            since = (
                min((day for day in (one.since, found[place].since) if day), default=None)
                if place in found
                else one.since
            )
            found[place] = replace(one, account_id=parts[0].account_id, deal_id=deal_id, since=since)
    return tuple(found[place] for place in sorted(found))


def _tickets(parts: Sequence[Part], people: Names) -> tuple[Ticket, ...]:
    found = [
        replace(
            one,
            id=Names(own=people.own).called(part.connection, one.id),
            account_id=parts[0].account_id,
            contact_id=one.contact_id and people.called(part.connection, one.contact_id),
        )
        for part in parts
        for one in part.tickets
    ]
    return tuple(sorted(found, key=lambda one: (one.opened_on, one.id)))


def _mailings(parts: Sequence[Part], people: Names) -> tuple[Mailing, ...]:
    """The same mailing to the same person once."""
    found = {
        replace(one, contact_id=people.called(part.connection, one.contact_id))
        for part in parts
        for one in part.mailings
    }
    return tuple(
        sorted(found, key=lambda one: (one.contact_id, one.got_on or date.min, one.name, one.answered_on or date.min))
    )


def _former_owners(parts: Sequence[Part]) -> dict[str, date]:
    found: dict[str, date] = {}
    for part in parts:
        for user_id, day in part.former_owners.items():
            found[user_id] = max(day, found.get(user_id, day))
    return found
