"""A contact who was forgotten: nothing of them stays, and nothing comes back until somebody makes a record anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from connectors.protocol import Cursor, Done, Known, Links, Page, Stream, TaskState, UpdateTask
from sync import outbox
from sync.plan import Plan, Planned
from sync.store import forgotten, ledger
from sync.store.engine import open_engine
from sync.store.erasure import Erased, erase_contact
from sync.store.move import move
from sync.store.records import KnownRecords, counts, save_page
from sync.verify import verify
from tests.sync.filled import BODY, KEY, NOW, content, fill, page, seen

LATER = NOW + timedelta(days=1)
_DIGESTS = ("forgotten", "store_keys")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(f"sqlite:///{tmp_path / 'holdfast.db'}")
    fill(opened)
    yield opened
    opened.dispose()


def told_again(engine: Engine, **rows: list[dict[str, Any]]) -> None:
    """The CRM tells everything once more, with other rows in place of some."""
    again = page()
    save_page(engine, "acme", "things", replace(again, rows={**again.rows, **rows}), cycle=2, now=LATER)


def everything(engine: Engine) -> str:
    return str(content(engine)).lower()


def names_maria(told: str) -> bool:
    return any(word in told for word in ("maria lopez", "maria@", "'c1'", '"c1"'))


def test_nothing_of_a_forgotten_contact_remains(engine: Engine) -> None:
    fill(engine)
    assert names_maria(everything(engine))
    erased = erase_contact(engine, "acme", "Maria@Acme.example ", NOW)
    # Verdict, finding, cycle, change in the outbox, the task's text twice, and our field of the account.
    assert erased == Erased(contacts=1, links=2, texts=7)
    told = everything(engine)
    assert not names_maria(told)
    assert "marianne lopezzi" in told, "another contact, whose name begins alike"
    assert list(KnownRecords(engine, "acme", 1).live("activities")) == ["m1"], "the meeting itself took place"


def test_a_finding_keeps_its_sense_without_the_name(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    finding = ledger.read_states(engine, "acme")["a1"]["single-contact"].text
    assert finding.why == "Only [erased] ([erased]) answers; Marianne Lopezzi does not."
    assert finding.contact_id is None, "a task must not be made for a contact who is not there"


@pytest.mark.parametrize("name", ["Zoë Öztürk", "ZOË ÖZTÜRK", 'Zoë "Zo" Öz', "王小明", "Zo\\e"])
def test_a_name_in_any_script_is_found_in_every_text(engine: Engine, name: str) -> None:
    rows = page().rows
    contact = {"id": "c9", "account_id": "a1", "name": name, "email": "zoe@acme.example"}
    task = {**rows["crm_tasks"][0], "subject": f"Call {name}", "body": f"<p>{name}, again.</p>"}
    told_again(engine, contacts=[contact], crm_tasks=[task])
    with engine.begin() as db:
        known = TaskState(key="hf1:a1:owner:2", id="t2", status="open", subject=f"Call {name}")
        ledger.adopt_task(db, "acme", known, [], NOW)
    assert erase_contact(engine, "acme", "zoe@acme.example", NOW).texts == 2
    assert name not in str(content(engine))


def test_another_connection_is_left_alone_and_an_unknown_address_stays_out_too(engine: Engine) -> None:
    fill(engine)
    before = content(engine)
    assert erase_contact(engine, "other", "maria@acme.example", NOW) == Erased()
    assert erase_contact(engine, "acme", "nobody@acme.example", NOW) == Erased()
    after = content(engine)
    assert {name: after[name] for name in after if name not in _DIGESTS} == {
        name: before[name] for name in before if name not in _DIGESTS
    }
    nobody = {"id": "c8", "account_id": "a1", "name": "No Body", "email": "nobody@acme.example"}
    told_again(engine, contacts=[*page().rows["contacts"], nobody])
    assert counts(engine, "acme")["contacts"] == 2


def test_a_forgotten_name_is_in_no_byte_of_the_files(store: Engine, tmp_path: Path) -> None:
    assert any(b"Maria Lopez" in path.read_bytes() for path in tmp_path.glob("holdfast.db*"))
    erase_contact(store, "acme", "maria@acme.example", NOW)
    store.dispose()
    for path in tmp_path.glob("holdfast.db*"):
        assert b"maria lopez" not in path.read_bytes().lower(), path.name
        assert b"maria@acme" not in path.read_bytes().lower(), path.name


def test_a_forgotten_contact_stays_out_whatever_the_crm_tells_again(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    told_again(engine)
    assert not names_maria(everything(engine))
    assert counts(engine, "acme") | {"contacts": 1, "contact_roles": 0} == counts(engine, "acme")
    moved = {"id": "c1", "account_id": "a1", "name": "Maria Garcia", "email": "garcia@acme.example"}
    told_again(engine, contacts=[moved])
    assert "garcia" not in everything(engine), "the same record under another name and address"


def test_a_record_that_is_made_after_the_erasure_comes_in(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    old = page().rows["contacts"]
    new = {"id": "c9", "account_id": "a1", "name": "Maria Lopez", "email": "maria@acme.example"}
    for made_at, known in ((None, 1), (NOW, 1), (NOW + timedelta(seconds=1), 2)):
        told_again(engine, contacts=[*old, {**new, "created_at": made_at}])
        assert counts(engine, "acme")["contacts"] == known
    told_again(engine)
    with engine.connect() as db:
        live = db.exec_driver_sql("SELECT id FROM contacts ORDER BY id").scalars().all()
        links = db.exec_driver_sql("SELECT target FROM links WHERE side = 'theirs' ORDER BY target").scalars().all()
    assert live == ["c2", "c9"], "the old record stays out"
    assert links == ["c2", "maria@acme.example"], "her address belongs to somebody again"


def test_of_a_consumer_the_account_stays_out_too(engine: Engine) -> None:
    rows: dict[str, list[dict[str, Any]]] = {
        "accounts": [{"id": "p", "name": "Paul Private", "person": True}],
        "contacts": [{"id": "c5", "account_id": "p", "name": "Paul Private", "email": "paul@home.example"}],
    }
    for _ in range(2):
        save_page(engine, "acme", "things", Page(rows=rows), cycle=1, now=NOW)
        erase_contact(engine, "acme", "paul@home.example", NOW)
    assert "paul" not in everything(engine)


def test_a_task_whose_text_named_them_is_still_seen_as_untouched_and_an_edit_as_an_edit(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    for body, touched in ((BODY, False), ("I rang her.", True)):
        told_again(engine, crm_tasks=[{**page().rows["crm_tasks"][0], "body": body}])
        (task,) = ledger.read_tasks(engine, "acme")["a1"]
        assert not task.touched("subject")
        assert task.touched("body") is touched


def test_a_field_of_ours_that_names_them_is_written_anew(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    for _ in range(2):
        ours = ledger.read_our_fields(engine, "acme")["a1"]
        assert ours["risk"] == 3
        assert ours["findings"].startswith("[erased] "), "unlike what is desired"
        told_again(engine)


def test_what_the_crm_returns_to_our_next_write_brings_no_name_back(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    change = UpdateTask(key=KEY, task_id="t1", account_id="a1", changed={"assignee_id": "u2"})
    planned = Planned(change=change, account_id="a1", account_name="Acme", rules={"single-contact": "high"})
    rows = outbox.send(engine, Plan(connection="acme", changes=(planned,)), cycle=2, now=LATER)
    returned = Done(task=seen(assignee_id="u2"))
    outbox.settle(engine, "acme", [(row, one, returned) for row, one in rows.items()], cycle=2, now=LATER)
    assert not names_maria(everything(engine))


class Retold:
    """A CRM that tells one page, whenever it is asked."""

    name = "acme"

    def __init__(self, told: Page) -> None:
        self._told = told

    def streams(self) -> list[Stream]:
        return [Stream(name="things", feeds=frozenset({"contacts"}))]

    def pull(self, stream: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        yield self._told


def test_verify_misses_nobody_who_was_forgotten_and_repairs_nobody_in(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    told_again(engine)
    crm: Any = Retold(page())
    for repair in (False, True, False):
        found = verify(engine, crm, repair=repair, now=LATER)
        assert {table: one for table, one in found.items() if not one.sound} == {}
        assert found["contacts"].store == 1
    assert not names_maria(everything(engine))


def test_looking_alone_lets_nobody_in(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "maria@acme.example", NOW)
    new = {"id": "c9", "name": "Maria Lopez", "email": "maria@acme.example", "created_at": LATER}
    crm: Any = Retold(Page(rows={"contacts": [page().rows["contacts"][1], new]}, last=True))
    before = content(engine)["forgotten"]
    assert verify(engine, crm, repair=False, now=LATER)["contacts"].missing == 1
    assert content(engine)["forgotten"] == before


def test_without_the_stores_key_a_digest_tells_nobody(engine: Engine, tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        other = open_engine(f"sqlite:///{tmp_path / name}.db")
        erase_contact(other, "acme", "maria@acme.example", NOW)
        with other.connect() as db:
            told = forgotten.read(db, "acme")
        assert "maria@acme.example" in told
        assert "nobody@acme.example" not in told
        digests.append(set(told.at))
        if name == "one":
            move(other, engine)
        other.dispose()
    assert not digests[0] & digests[1]
    with engine.connect() as db:
        assert "maria@acme.example" in forgotten.read(db, "acme"), "who stays out moves with the store"


def test_links_of_ours_and_of_others_are_kept(engine: Engine) -> None:
    fill(engine)
    erase_contact(engine, "acme", "jana@seller.example", NOW)
    ours = {"activity_id": "m1", "side": "ours", "kind": "address", "target": "jana@seller.example"}
    save_page(engine, "acme", "x", Page(links=[Links(source="x", rows=[ours], replaced=["m1"])]), cycle=2, now=LATER)
    assert "jana@seller.example" in str(content(engine)["links"])
    assert "jana@seller.example" in str(content(engine)["users"]), "one of ours is no contact"
