"""Litmus, counterparts, targets and links on the pages; an account that was lost; one page alone, printed or not."""

from __future__ import annotations

import csv
import os
import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from rules.function_patterns import Function
from rules.peering import Link
from sync.pages.crm_link import record_url
from sync.pages.difference import picture, write_difference
from sync.pages.one_page import NotPrintedError, account_html, print_pdf
from sync.pages.peers import Peer, function_totals
from sync.pages.scene import Scene
from sync.store.facts import Moment
from tests.bench.made_store import CONNECTION
from tests.sync.test_pages_site import HOSTILE, NOW, Made, made, parsed, text_of

__all__ = ["made"]  # the fixture

CARD = re.compile(rf"{CONNECTION}/cards/[\w-]+\.html")


def cards(files: dict[str, str]) -> dict[str, str]:
    return {name: text_of(page) for name, page in files.items() if CARD.fullmatch(name)}


def alone(made: Made, account_id: str) -> str:
    work = made.work()
    html = account_html(Scene.of(work, Moment.at(made.now, work.config.timezone)), account_id)
    work.connector.close()
    work.engine.dispose()
    return html


def test_a_card_has_the_twelve_answers_and_whom_to_ask(made: Made) -> None:
    made.evaluated()
    for name, text in cards(made.written()).items():
        counted = re.search(r"Litmus test (\d+) passed, (\d+) failed, (\d+) not known", text)
        assert counted, name
        assert sum(map(int, counted.groups())) == 12
        assert "Ask everybody involved:" in text
        assert "nothing tells it: needs [connections.NAME.map] plan_date" in text


def test_a_target_is_told_on_card_and_overview_with_what_is_short_of_it(made: Made) -> None:
    made.settings["customers"] = {"target_coverage": {"A": "40x50"}}
    files = made.written()
    with (made.out / CONNECTION / "accounts.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    asked = [row for row in rows if row["tier"] == "A"]
    assert asked
    for row in asked:
        ours, theirs = map(int, row["coverage"].split("x"))
        assert (row["coverage_target"], row["short_of_ours"]) == ("40x50", str(40 - ours))
        card = text_of(files[f"{CONNECTION}/cards/{row['account_id']}.html"])
        assert f"it needs to be 40x50: {40 - ours} more of ours, {50 - theirs} more of theirs" in card
    assert all(row["coverage_target"] == "" for row in rows if row["tier"] != "A")
    assert "of 40x50 short" in text_of(files[f"{CONNECTION}/accounts.html"])


def test_counterparts_say_how_to_get_titles_where_none_tells_a_function(made: Made) -> None:
    made.sql("UPDATE users SET title = ''")
    assert "Fill in the titles of users in the CRM" in made.pages()["peering"]


def test_a_gap_is_told_in_words_and_a_shape_and_not_by_colour_alone(made: Made) -> None:
    made.sql("UPDATE users SET title = 'Sales Manager'", "UPDATE contacts SET title = 'CFO'")
    files = made.written()
    page = files[f"{CONNECTION}/peering.html"]
    assert 'aria-label="gap: nobody of ours"' in page
    assert "<strong>gap</strong>" in page
    with (made.out / CONNECTION / "peering.csv").open(encoding="utf-8-sig") as file:
        found = {(row["function"], row["link"]) for row in csv.DictReader(file)}
    assert found == {("finance", "gap"), ("sales", "ours")}
    assert all("Finance" in text for text in cards(files).values())


def test_functions_are_counted_over_all_accounts_those_with_most_gaps_first() -> None:
    def peer(function: Function, link: Link) -> Peer:
        return Peer(function=function, link=link, theirs=(), ours=(), last_on=None)

    accounts = [
        [peer(Function.IT, Link.PEERS), peer(Function.LEGAL, Link.GAP), peer(Function.HR, Link.LOW)],
        [peer(Function.IT, Link.NEAR), peer(Function.LEGAL, Link.GAP)],
    ]
    told = [(one.name, one.accounts, one.peers, one.near, one.gaps) for one in function_totals(accounts)]
    assert told == [("Legal", 2, 0, 0, 2), ("IT", 2, 1, 1, 0)]


def test_the_check_ins_can_be_taken_into_a_calendar(made: Made) -> None:
    made.sql("UPDATE contacts SET title = 'CEO'")
    files = made.written()
    events = Calendar.from_ical(files[f"{CONNECTION}/checkins.ics"]).walk("vevent")
    with (made.out / CONNECTION / "agenda.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert len(events) == len(rows) > 6
    assert {row["state"] for row in rows} >= {"held"}
    assert len({str(one["uid"]) for one in events}) == len(events)


def test_an_account_that_was_lost_keeps_its_page_with_what_was_flagged_and_what_was_not(made: Made) -> None:
    made.evaluated()
    before = cards(made.written())
    name = next(iter(before))
    account_id = Path(name).stem
    made.sql(f"DELETE FROM deals WHERE account_id = '{account_id}'")
    made.now = NOW + timedelta(days=2)
    files = made.written()
    text = cards(files)[name]
    assert "A key customer until 2 Nov 2026" in text
    flagged = set(re.findall(r"([a-z]+(?:-[a-z]+)+) (?:critical|high|medium|low)", before[name]))
    section = text[text.index("What was flagged") : text.index("Litmus test")]
    assert all(rule in section for rule in flagged)
    assert "Said nothing, of the rules that are on now" in section
    listed = text_of(files[f"{CONNECTION}/accounts.html"])
    assert "Key no more" in listed
    assert account_id not in files[f"{CONNECTION}/accounts.csv"], "a lost account is no key account"


def test_one_account_is_a_page_that_needs_no_file_beside_it(made: Made) -> None:
    account_id = Path(next(iter(cards(made.written())))).stem
    html = alone(made, account_id)
    beside, single = (text_of(page) for page in (made.written()[f"{CONNECTION}/cards/{account_id}.html"], html))
    begin = "our people by theirs"
    # The style stands in the page itself; what it says is the same.
    assert single[single.index(begin) :] == beside[beside.index(begin) :]
    elements = parsed(html).elements
    assert not [attributes for tag, attributes in elements if tag in {"link", "img"}]
    assert "<style>" in html
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert "style-src &#39;sha256-" in policy


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_nothing_on_a_page_alone(made: Made, name: str) -> None:
    account_id = Path(next(iter(cards(made.written())))).stem
    quoted = name.replace("'", "''")
    made.sql(f"UPDATE accounts SET name = '{quoted}' WHERE id = '{account_id}'")
    elements = parsed(alone(made, account_id)).elements
    assert [tag for tag, _ in elements if tag == "script"] == ["script"]
    assert not [attributes for tag, attributes in elements if tag == "img" or "onload" in attributes]


def test_without_a_browser_and_with_one_that_fails_the_reason_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotPrintedError, match="no Chromium or Chrome is installed"):
        print_pdf("<p>", tmp_path / "a.pdf", browsers=("no-such-browser",))
    broken = tmp_path / "broken-browser"
    broken.write_text("#!/bin/sh\necho first >&2\necho cannot open display >&2\nexit 3\n")
    broken.chmod(broken.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(NotPrintedError, match="did not print it: cannot open display"):
        print_pdf("<p>", tmp_path / "a.pdf", browsers=("broken-browser",))


PERSON = {"id": "1", "name": "Jana <b>", "open": 2, "waiting": {"before": 1, "after": 7}}
TOLD: dict[str, Any] = {
    "connection": "crm",
    "config": "config.toml",
    "against": "other.toml",
    "as_of": "2026-11-02",
    "notes": [],
    "accounts": 9,
    "rules": {"sole-rep": {"on": {"before": False, "after": True}, "new": 6, "cleared": 0, "same": 1}},
    "people": [PERSON | {"first_week": {"before": 1, "after": 3}}],
    "caps": {"before": {"open": 5, "new_per_week": 3}, "after": {"open": 5, "new_per_week": 3}},
}


def test_the_difference_of_two_configs_is_drawn_with_the_cap(tmp_path: Path) -> None:
    drawn = picture(TOLD)
    assert drawn
    before, after = [one for one in drawn.shapes if one.shape == "box"]
    assert (after.width, before.width) == pytest.approx((470, 470 / 7), abs=0.1)
    assert [one.text for one in drawn.shapes if one.shape == "label"][-1] == "3 new a week"
    assert "Together 1 before and 7 after; in the first week the caps let through 1 before and 3 after." in drawn.told
    page = write_difference(tmp_path, [TOLD])
    text = text_of(page.read_text(encoding="utf-8"))
    assert "Jana <b> 2 1 7 1 3" in text
    assert "sole-rep (switched on) 6 0 1" in text
    assert (tmp_path / "preview-crm.csv").read_text("utf-8-sig").splitlines()[1] == "Jana <b>,2,1,7,1,3"


def test_two_caps_are_two_lines_and_one_that_is_off_is_none() -> None:
    other = TOLD | {"caps": {"before": {"open": 5, "new_per_week": 2}, "after": {"open": 5, "new_per_week": 0}}}
    drawn = picture(other)
    assert drawn
    assert [one.text for one in drawn.shapes if one.shape == "label"][-1] == "2 new a week before"
    assert picture(TOLD | {"people": []}) is None


def test_a_hubspot_record_is_linked_once_the_portal_is_told(made: Made) -> None:
    settings = made.work().config.connections[CONNECTION]
    assert record_url(settings, "512") == ""
    told = settings.model_copy(update={"portal": "123456"})
    assert record_url(told, "512") == "https://app.hubspot.com/contacts/123456/record/0-2/512"
    assert record_url(told, "x/../y") == ""
