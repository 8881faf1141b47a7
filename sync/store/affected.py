"""From records that change to the accounts whose touches and verdicts rest on them, which then count no more.

It happens in the transaction that changes the records. What is taken away is worked out anew when it is needed next;
to take away too much costs time and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, select

from sync.store import evaluations, logged, matches, packs
from sync.store.sql import DEAL, PULLED, among, chunks, table_of
from sync.store.tables import LinkRow

_CONTACTS, _DEALS, _MAILINGS = (PULLED[name] for name in ("contacts", "deals", "mailings"))
_LINKS = table_of(LinkRow)
# What leads from a row to its account, besides its id.
_LEADS = {
    "contacts": ("account_id",),
    "contact_roles": ("contact_id",),
    "deals": ("account_id",),
    "team": ("account_id", "deal_id"),
    "tickets": ("account_id", "contact_id"),
    "mailings": ("contact_id",),
}


@dataclass(kw_only=True, slots=True)
class Affected:
    """What a transaction changes on one connection, gathered as it goes."""

    connection: str
    watching: bool = True  # false as long as nothing has been worked out that could become untrue
    touching: set[str] = field(default_factory=set)  # accounts whose touches may be others
    judged: set[str] = field(default_factory=set)  # accounts about which something else is new
    activities: set[str] = field(default_factory=set)
    contacts: set[str] = field(default_factory=set)
    through: set[str] = field(default_factory=set)  # contacts of whose account something else is new
    addresses: set[str] = field(default_factory=set)
    deals: set[str] = field(default_factory=set)
    campaigns: set[str] = field(default_factory=set)
    ours: set[tuple[str, str]] = field(default_factory=set)  # whose logging changed

    @classmethod
    def watch(cls, db: Connection, connection: str) -> Affected:
        # Whoever is judged together with this connection has worked out something of it, too.
        return cls(
            connection=connection, watching=evaluations.is_kept(db, connection) or matches.any_of(db, connection)
        )

    def rows(self, db: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """These rows, with their `content`, are about to be written."""
        if not self.watching:
            return
        news = {row["id"]: row for row in rows}
        for before in self._stored(db, table, news):
            if before.content == news[before.id]["content"] and not before.deleted:
                del news[before.id]
            else:
                self._row(table, before.id, [getattr(before, name) for name in _LEADS.get(table.name, ())])
        for row_id, row in news.items():
            self._row(table, row_id, [row[name] for name in _LEADS.get(table.name, ())])

    def gone(self, db: Connection, table: Table, ids: Iterable[str]) -> None:
        """These rows are about to be marked as deleted."""
        for before in self._stored(db, table, ids if self.watching else ()):
            if not before.deleted:
                self._row(table, before.id, [getattr(before, name) for name in _LEADS.get(table.name, ())])

    def links(self, links: Iterable[tuple[str, str, str, str]]) -> None:
        """These links, each (activity id, side, kind, target), begin or end."""
        for activity_id, side, kind, target in links if self.watching else ():
            self.activities.add(activity_id)
            self._lead(side, kind, target)

    def forget(self, db: Connection) -> None:
        """Take away what was kept of all these accounts. Comes after the writes, for they tell where links lead."""
        if not self.watching:
            return
        touching = self.accounts(db)
        logged.count_anew(db, self.connection, self.ours)
        packs.forget(db, self.connection, touching)
        through = self.through | self._of_campaigns(db)
        judged = touching | self.judged | self._of_contacts(db, "id", through)
        evaluations.forget(db, self.connection, judged)
        matches.raise_news(db, self.connection, judged)

    def accounts(self, db: Connection) -> set[str]:
        """The accounts whose touches may be others."""
        links = _LINKS.c
        chosen = select(links.side, links.kind, links.target).where(links.connection == self.connection)
        for some in chunks(self.activities):
            for side, kind, target in db.execute(chosen.where(among(db, links.activity_id, some))).all():
                self._lead(side, kind, target)
        found = self._of_contacts(db, "id", self.contacts) | self._of_contacts(db, "email", self.addresses)
        return self.touching | found | self._of_deals(db)

    def _row(self, table: Table, row_id: str, leads: Sequence[str | None]) -> None:
        match table.name:
            case "accounts":
                self.judged.add(row_id)
            case "activities":
                self.activities.add(row_id)
            case "contacts":
                self.touching.update(filter(None, leads))
            case "contact_roles" | "mailings":
                self.through.update(filter(None, leads))
            case "campaigns":
                self.campaigns.add(row_id)
            case "team":
                account_id, deal_id = leads
                self.judged.update(filter(None, [account_id]))
                self.deals.update(filter(None, [deal_id]))
            case "tickets":
                account_id, contact_id = leads
                self.judged.update(filter(None, [account_id]))
                self.through.update(filter(None, [contact_id]))
            case "deals":
                self.touching.update(filter(None, leads))
                self.activities.add(DEAL + row_id)

    def _lead(self, side: str, kind: str, target: str) -> None:
        if side == "ours":
            self.ours.add((kind, target))
        match kind:
            case "account":
                self.touching.add(target)
            case "contact":
                self.contacts.add(target)
            case "address" if side != "ours":
                self.addresses.add(target)
            case "deal":
                self.deals.add(target)

    def _stored(self, db: Connection, table: Table, ids: Iterable[str]) -> Iterator[Any]:
        names = ["id", "content", "deleted", *_LEADS.get(table.name, ())]
        stored = select(*(table.c[name] for name in names)).where(table.c.connection == self.connection)
        for some in chunks(list(ids)):
            yield from db.execute(stored.where(among(db, table.c.id, some))).all()

    def _of_contacts(self, db: Connection, name: str, values: Iterable[str]) -> set[str]:
        c, found = _CONTACTS.c, set[str]()
        chosen = select(c.account_id).where(c.connection == self.connection, c.account_id.is_not(None))
        for some in chunks(values):
            found.update(db.execute(chosen.where(c[name].in_(some))).scalars())
        return found

    def _of_campaigns(self, db: Connection) -> set[str]:
        """The contacts that belong to them."""
        m, found = _MAILINGS.c, set[str]()
        members = select(m.contact_id).where(m.connection == self.connection)
        for some in chunks(self.campaigns):
            found.update(db.execute(members.where(m.campaign_id.in_(some))).scalars())
        return found

    def _of_deals(self, db: Connection) -> set[str]:
        d, links, found = _DEALS.c, _LINKS.c, set[str]()
        own = select(d.account_id).where(d.connection == self.connection, d.account_id.is_not(None))
        told = select(links.target).where(links.connection == self.connection, links.kind == "account")
        for some in chunks(self.deals):
            found.update(db.execute(own.where(d.id.in_(some))).scalars())
            found.update(db.execute(told.where(links.activity_id.in_([DEAL + one for one in some]))).scalars())
        return found
