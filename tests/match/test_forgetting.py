"""Who was forgotten is no key, in no set and in no question."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine, select

from sync.match.stage import match
from sync.store import matches
from sync.store.erasure import erase_contact
from sync.store.sql import PULLED, table_of
from tests.match.histories import GROUP, MADE, NOW
from tests.match.test_stage import contact, pulled

TWO = replace(GROUP, connections=("hs", "sf"))


def _texts(engine: Engine) -> str:
    with engine.connect() as db:
        tables = [*map(table_of, MADE), PULLED["contacts"]]
        return repr([tuple(row) for table in tables for row in db.execute(select(table))])


def test_nothing_of_a_forgotten_contact_is_left_in_what_was_matched(engine: Engine) -> None:
    pulled(engine, 1, "sf", contacts=[contact("sf", 1, email="ann@acme.com"), contact("sf", 2, email="bob@acme.com")])
    pulled(engine, 2, "hs", contacts=[contact("hs", 1, email="a@acme.com", other_emails="ann@acme.com;bob@acme.com")])
    for connection in TWO.connections:
        match(engine, connection, TWO, cycle=2)
    with engine.connect() as db:
        assert [one.asks for one in matches.read_questions(db, TWO.connections)] == ["conflict"]
    for connection in TWO.connections:
        erase_contact(engine, connection, "ann@acme.com", NOW)
    assert "ann@acme.com" not in _texts(engine)
    assert "a@acme.com" not in _texts(engine)
    match(engine, "sf", TWO, cycle=3)
    with engine.connect() as db:
        assert not matches.read_questions(db, TWO.connections)


def test_a_further_address_of_somebody_who_was_forgotten_does_not_come_in_again(engine: Engine) -> None:
    pulled(engine, 1, "hs", contacts=[contact("hs", 1, email="ann@acme.com")])
    erase_contact(engine, "hs", "ann@acme.com", NOW)
    pulled(engine, 2, "hs", contacts=[contact("hs", 2, email="bob@acme.com", other_emails="ann@acme.com;b@acme.com")])
    with engine.connect() as db:
        found = db.execute(select(PULLED["contacts"].c.other_emails)).scalars().all()
    assert found == ["b@acme.com"]
