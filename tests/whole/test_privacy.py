"""Who was forgotten stays out of both CRMs' streams; what was said, and what is too old, never comes in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import requests

from tests.whole.rehearsal import DAY, Rehearsal, rehearsal

CRMS = ("salesforce", "hubspot")
NEW = {
    "salesforce": ("Contact", {"LastName": "Newcomer", "Email": "{email}"}),
    "hubspot": ("contacts", {"lastname": "Newcomer", "email": "{email}"}),
}


@pytest.fixture
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """A sandbox of 12 accounts, pulled and judged."""
    with rehearsal(tmp_path_factory.mktemp("privacy"), accounts=12, rate_limits=False) as running:
        running.holdfast("run")
        yield running


def busiest(stage: Rehearsal, crm: str) -> tuple[str, str, str]:
    """(id, name, e-mail) of the contact with most links."""
    ((contact, name, email),) = stage.sql(
        "SELECT c.id, c.name, c.email FROM contacts c JOIN links l ON l.connection = c.connection AND l.target = c.id "
        f"WHERE c.connection = '{crm}' AND c.email != '' GROUP BY c.id, c.name, c.email ORDER BY count(*) DESC LIMIT 1"
    )
    return contact, name, email


def bytes_of_the_store(stage: Rehearsal) -> bytes:
    return b"".join(part.read_bytes() for part in stage.config.parent.glob("holdfast.db*"))


@pytest.mark.slow
@pytest.mark.parametrize("crm", CRMS)
def test_a_forgotten_contact_stays_out_through_everything_that_reads(stage: Rehearsal, crm: str) -> None:
    stage.live()
    stage.set(HOLDFAST__LIMITS__BASELINE="false")
    stage.holdfast("run")
    contact, name, email = busiest(stage, crm)
    assert stage.json("forget", "--contact", email)[crm]["contacts"] == 1
    stage.advance(DAY)  # every sweep is due
    stage.holdfast("run")
    for stream in {row[0] for row in stage.sql(f"SELECT stream FROM cursors WHERE connection = '{crm}'")}:
        stage.holdfast("reset", stream, "--connection", crm)
    stage.holdfast("run")
    assert stage.json("verify", "--repair")[crm]["contacts"]["missing"] == 0
    assert {kind for kind, one in stage.json("verify")[crm].items() if one["missing"] or one["stale"]} == set()
    assert stage.sql(f"SELECT * FROM contacts WHERE id = '{contact}' OR email = '{email}'") == []
    assert stage.sql(f"SELECT * FROM links WHERE side = 'theirs' AND target IN ('{contact}', '{email}')") == []
    assert email.encode() not in bytes_of_the_store(stage)
    for table, column in (("findings", "text"), ("outbox", "change"), ("crm_tasks", "body"), ("tasks", "written")):
        assert stage.sql(f"SELECT * FROM {table} WHERE {column} LIKE '%{name}%' AND connection = '{crm}'") == []


@pytest.mark.slow
@pytest.mark.parametrize("crm", CRMS)
def test_a_contact_who_is_made_anew_comes_in(stage: Rehearsal, crm: str) -> None:
    contact, _, email = busiest(stage, crm)
    stage.holdfast("forget", "--contact", email)
    stage.advance(3600)
    kind, values = NEW[crm]
    requests.delete(f"{stage.url}/_sandbox/records/{crm}/{kind}/{contact}", timeout=60).raise_for_status()
    stage.post(f"records/{crm}/{kind}", {name: value.format(email=email) for name, value in values.items()})
    stage.advance(3600)
    stage.holdfast("run")
    ((new,),) = stage.sql(f"SELECT id FROM contacts WHERE connection = '{crm}' AND email = '{email}'")
    assert new != contact


@pytest.mark.slow
def test_no_subject_reaches_the_store(stage: Rehearsal) -> None:
    said = "Quarterly marmalade review"
    for crm in CRMS:
        contact, _, _ = busiest(stage, crm)
        ((user,),) = stage.sql(f"SELECT id FROM users WHERE connection = '{crm}' AND active LIMIT 1")
        for do in ("log_email", "log_call", "hold_meeting"):
            stage.act(crm, do, who=user, contact=contact, subject=said)
    stage.advance(3600)
    before = stage.sql("SELECT count(*) FROM activities")
    stage.holdfast("run")
    assert stage.sql("SELECT count(*) FROM activities") > before
    assert said.encode() not in bytes_of_the_store(stage)


@pytest.mark.slow
def test_touches_older_than_they_are_kept_are_never_stored_and_not_missed(stage: Rehearsal) -> None:
    stage.only("exec-reach-lapse")
    stage.set(HOLDFAST__PRIVACY__KEEP_TOUCHES_DAYS="401")
    stage.forget_store()
    stage.holdfast("run")
    now = datetime.fromisoformat(stage.get("clock")["now"])
    ((oldest,),) = stage.sql("SELECT min(at) FROM activities WHERE NOT deleted")
    assert datetime.fromisoformat(oldest) >= (now - timedelta(days=402)).replace(tzinfo=None)
    for crm in CRMS:
        told = stage.json("verify")[crm]["activities"]
        assert (told["missing"], told["stale"], told["surplus"]) == (0, 0, 0)


@pytest.mark.slow
def test_without_person_views_no_command_and_no_page_is_about_one_person(stage: Rehearsal) -> None:
    stage.set(HOLDFAST__PRIVACY__PERSON_VIEWS="false")
    ((email,),) = stage.sql("SELECT email FROM users WHERE active LIMIT 1")
    for command, *words in (("walkaway", email), ("walkaway", "--all"), ("digest",)):
        refusal = f"{command} tells of single people: allowed only with [privacy] person_views = true"
        assert refusal in stage.told(command, *words, status=2)[0]
    out = stage.config.parent / "report"
    stage.holdfast("report", "--out", str(out))
    page = (out / "salesforce" / "people.html").read_text(encoding="utf-8")
    assert "switched off" in page
    assert "walkaway" not in page
    stage.set(HOLDFAST__PRIVACY__RANK_PEOPLE="true")
    assert "rank_people: needs person_views = true" in stage.told("status", status=2)[0]
