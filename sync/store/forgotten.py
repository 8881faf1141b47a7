"""Whom the store was told to forget, known by digests alone: it can tell that somebody stays out, not who that was.

A digest is an HMAC-SHA256 with a key that stands in the store and nowhere else, made when the first contact is
forgotten: whoever has a list of addresses but not the store cannot ask it who was erased.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, delete, select
from sqlmodel import Field, SQLModel

from sync.store.sql import insert, table_of
from sync.store.tables import Utc

ERASED = "[erased]"
_KEY = "forgotten"


class ForgottenRow(SQLModel, table=True):
    """A digest of an erased contact's address or id, or of a text in a CRM that names them."""

    __tablename__ = "forgotten"

    connection: str = Field(primary_key=True)
    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    at: datetime = Field(sa_type=Utc)


class StoreKeyRow(SQLModel, table=True):
    """A random key of this store's own, which moves with it."""

    __tablename__ = "store_keys"

    name: str = Field(primary_key=True)
    value: bytes = Field(sa_type=LargeBinary)


_FORGOTTEN, _KEYS = table_of(ForgottenRow), table_of(StoreKeyRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class Forgotten:
    """Who stays out of a connection: when each was forgotten, by digest."""

    key: bytes = b""
    at: Mapping[bytes, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.at)

    def __contains__(self, text: object) -> bool:
        """Whether this id, lower-case address or text was forgotten."""
        return bool(text and self.at) and self.digest(str(text)) in self.at

    def since(self, text: str) -> datetime | None:
        """When it was forgotten, None where it was not."""
        return self.at.get(self.digest(text)) if text else None

    def digest(self, text: str) -> bytes:
        return hmac.digest(self.key, text.encode(), "sha256")

    def stand_in(self, text: str) -> str:
        """What is kept instead of a text that names somebody: the same for the same text, so that edits still show."""
        return f"{ERASED} {self.digest(text).hex()[:12]}"

    def stand_ins(self, told: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
        """What takes the place of those of these texts that name somebody who was forgotten."""
        return {
            name: self.stand_in(told[name]) for name in names if isinstance(told.get(name), str) and told[name] in self
        }


def read(db: Connection, connection: str) -> Forgotten:
    """Everybody who stays out of a connection."""
    mine = select(_FORGOTTEN.c.digest, _FORGOTTEN.c.at).where(_FORGOTTEN.c.connection == connection)
    found = {bytes(digest): at for digest, at in db.execute(mine).all()}
    return Forgotten(key=_key(db) or b"", at=found) if found else Forgotten()


def keyed(db: Connection) -> Forgotten:
    """Nobody yet, with the store's key, which is made where there is none."""
    if not (key := _key(db)):
        db.execute(insert(db, _KEYS).values(name=_KEY, value=secrets.token_bytes(32)).on_conflict_do_nothing())
        key = _key(db)
    assert key
    return Forgotten(key=key)


def remember(db: Connection, connection: str, digests: Iterable[bytes], at: datetime) -> None:
    """These stay out from now on."""
    rows = [{"connection": connection, "digest": digest, "at": at} for digest in sorted(set(digests))]
    if rows:
        statement = insert(db, _FORGOTTEN)
        names = ["connection", "digest"]
        db.execute(statement.on_conflict_do_update(index_elements=names, set_={"at": statement.excluded.at}), rows)


def lift(db: Connection, connection: str, digests: Iterable[bytes]) -> None:
    """These may come in again."""
    db.execute(delete(_FORGOTTEN).where(_FORGOTTEN.c.connection == connection, _FORGOTTEN.c.digest.in_(list(digests))))


def _key(db: Connection) -> bytes | None:
    found = db.execute(select(_KEYS.c.value).where(_KEYS.c.name == _KEY)).scalar()
    return bytes(found) if found else None
