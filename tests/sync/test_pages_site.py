"""The folder of pages: what stands in it, what it says where something is missing, and hostile names."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from rules.rulebook import read_rulebook
from sync import connections
from sync.config import Config
from sync.cycle import Work, evaluate_stage, facts_reader
from sync.pages.frame import PAGES, Frame, render
from sync.pages.overviews import ACCOUNTS_AT_ONCE
from sync.pages.scene import Scene
from sync.pages.site import Site
from sync.store.engine import open_engine
from sync.store.facts import Moment
from tests.bench.made_store import CONNECTION, make
from tests.sync.test_pages_numbers import found, line, reach

NOW = datetime(2026, 11, 2, 7, tzinfo=UTC)
MOST_BYTES = 1_500_000
OVERRIDE = "\u202e"
HOSTILE = (
    '<script>alert("x")</script>',
    '"><img src=x onerror=alert(1)>',
    f"{OVERRIDE}gnp.exe",
    "x" * 300,
    "🚀" * 40,
    '=HYPERLINK("http://evil.example")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "</title><svg onload=alert(1)>",
    "{{ 7 * 7 }}",
    "two\nlines\tand\x07more",
)


@dataclass
class Made:
    """A store, the config over it, and the folder that its report goes to."""

    store: Path
    out: Path
    settings: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW

    def sql(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.store)) as db, db:
            for statement in statements:
                db.execute(statement)

    def work(self) -> Work:
        connection = {"kind": "hubspot", "base_url": "http://127.0.0.1:9", "access_token": "secret"}
        config = Config.model_validate({"connections": {CONNECTION: connection}, **self.settings})
        rulebook, problems = read_rulebook(config.rules)
        assert not problems
        engine = open_engine(f"sqlite:///{self.store}")
        connector = connections.connect(CONNECTION, config.connections[CONNECTION])
        return Work(engine=engine, config=config, rulebook=rulebook, connector=connector, now=self.now)

    def evaluated(self) -> None:
        """The store keeps what an evaluation of this moment found, and its snapshots."""
        work = self.work()
        work.complete = frozenset({"users", "accounts", "contacts", "deals", "activity", "tasks"})
        list(evaluate_stage(work, facts_reader(work, Moment.at(work.now, work.config.timezone))))
        self._close(work)

    def written(self, *, planned: bool = True) -> dict[str, str]:
        """The report is written anew; its files by path."""
        work = self.work()
        site = Site(self.out, list(work.config.connections))
        for _ in site.record(Scene.of(work, Moment.at(self.now, work.config.timezone), planned=planned)):
            pass
        site.finish()
        self._close(work)
        files = (path for path in self.out.rglob("*") if path.is_file())
        return {str(path.relative_to(self.out)): path.read_text(encoding="utf-8-sig") for path in sorted(files)}

    def pages(self) -> dict[str, str]:
        """The overviews as a reader sees them, by name: text without markup."""
        written = self.written()
        named = {name: written[f"{CONNECTION}/{name}.html"] for name in PAGES} | {"index": written["index.html"]}
        return {name: text_of(page) for name, page in named.items()}

    def _close(self, work: Work) -> None:
        work.connector.close()
        work.engine.dispose()


class Elements(HTMLParser):
    """What a browser makes of a page: its elements with their attributes, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def parsed(page: str) -> Elements:
    parser = Elements()
    parser.feed(page)
    return parser


def text_of(page: str) -> str:
    body = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", " ".join(parsed(body).text))


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(text.splitlines()))


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Thirty customers, six of them key, with sixty touches each over five years."""
    make(tmp_path / "made.db", 30, 1800, NOW)
    return Made(store=tmp_path / "made.db", out=tmp_path / "out")


def test_the_start_page_every_overview_and_a_card_of_each_key_account_stand_there(made: Made) -> None:
    files = made.written()
    cards = [name for name in files if re.fullmatch(rf"{CONNECTION}/cards/\w+\.html", name)]
    assert len(cards) == 6
    assert {"index.html", "holdfast.css", *(f"{CONNECTION}/{name}.html" for name in PAGES)} <= files.keys()
    assert all(name.replace(".html", ".csv") in files for name in cards)


def test_every_link_on_every_page_leads_to_a_file(made: Made) -> None:
    for name, page in made.written().items():
        if not name.endswith(".html"):
            continue
        for _, attributes in parsed(page).elements:
            target = attributes.get("href") or ""
            if target and not target.startswith("#"):
                file, _, place = target.partition("#")
                assert (made.out / name).parent.joinpath(file).resolve().is_file(), (name, target)
                assert not place or f'id="{place}"' in (made.out / name).parent.joinpath(file).read_text("utf-8")


def test_nothing_on_a_page_is_loaded_from_anywhere(made: Made) -> None:
    for name, page in made.written().items():
        if name.endswith(".html"):
            sources = [one for _, attributes in parsed(page).elements for one in attributes if one in ("src", "srcset")]
            assert sources == []
            assert "http" not in page.replace("http-equiv", "")


def test_the_same_store_gives_the_same_pages(made: Made) -> None:
    assert made.written() == made.written()


def test_an_account_that_is_no_longer_key_has_no_card_left(made: Made) -> None:
    before = made.written()
    made.settings["customers"] = {"top_share": 0.1}
    after = made.written()
    gone = {name for name in before if "/cards/" in name} - set(after)
    assert len(gone) == 6


def test_what_others_keep_in_the_folder_stays(made: Made) -> None:
    made.out.mkdir()
    (made.out / "notes.html").write_text("mine")
    assert made.written()["notes.html"] == "mine"


def test_every_table_has_its_csv_with_the_same_accounts(made: Made) -> None:
    files = made.written()
    header, *rows = rows_of(files[f"{CONNECTION}/accounts.csv"])
    assert header[:2] == ["account", "account_id"]
    assert len(rows) == 6
    text = text_of(files[f"{CONNECTION}/accounts.html"])
    assert all(row[0] in text for row in rows)


def test_a_hostile_name_is_text_and_nothing_else(made: Made) -> None:
    made.settings = {"customers": {"key": "all"}, "privacy": {"rank_people": True}}
    for number, name in enumerate(HOSTILE):
        quoted = name.replace("'", "''")
        made.sql(
            f"UPDATE accounts SET name = '{quoted}' WHERE id LIKE '%{number:03}'",
            f"UPDATE contacts SET name = '{quoted}', title = '{quoted}' WHERE id LIKE '%{number:02}'",
            f"UPDATE users SET name = '{quoted}' WHERE id LIKE '%{number}'",
        )
    made.evaluated()
    files = made.written()
    for name, text in files.items():
        assert OVERRIDE not in text, name
        if name.endswith(".html"):
            seen = parsed(text).elements
            assert [tag for tag, _ in seen].count("script") == 1, name
            assert not {tag for tag, _ in seen} & {"img", "iframe", "object", "embed"}, name
            assert not [one for _, attributes in seen for one in attributes if one.startswith("on")], name
        if name.endswith(".csv"):
            cells = [cell for row in rows_of(text) for cell in row]
            # A number may begin with a minus.
            assert not [one for one in cells if one.startswith(("=", "+", "@", "-", "\t")) and not _is_number(one)], (
                name
            )


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def test_a_long_name_is_whole_on_its_card_and_short_in_lists(made: Made) -> None:
    made.sql(f"UPDATE accounts SET name = '{'x' * 300}'")
    files = made.written()
    card = next(text for name, text in files.items() if "/cards/" in name and name.endswith(".html"))
    assert "x" * 300 in text_of(card)
    assert "x" * 100 not in text_of(files[f"{CONNECTION}/accounts.html"])


def test_an_empty_store_says_on_every_page_how_to_fill_it(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'made.db'}").dispose()
    made = Made(store=tmp_path / "made.db", out=tmp_path / "out")
    pages = made.pages()
    for name in ("index", "accounts", "coverage", "checkins", "spread"):
        assert "`holdfast run` makes the first cycle" in pages[name], name
    assert "rank_people = true" in pages["people"]
    assert "holdfast run" in pages["trend"]
    assert "No task has been completed, deleted or cleared" in pages["quality"]
    assert "holdfast run" in pages["peering"]
    assert "There is no key account to judge yet" in pages["index"]


def test_one_account_is_enough(made: Made) -> None:
    made.sql("UPDATE accounts SET deleted = 1 WHERE id NOT LIKE '%001'")
    made.settings["privacy"] = {"rank_people": True}
    pages = made.pages()
    assert "1 key account, the worst first" in pages["accounts"]
    assert all("Customer 1" in pages[name] for name in ("accounts", "coverage", "checkins", "spread"))


def test_without_revenue_nobody_can_say_who_is_key_and_how_to_tell_is_said(made: Made) -> None:
    made.sql("UPDATE deals SET amount = NULL")
    pages = made.pages()
    for name in ("index", "accounts", "coverage", "checkins", "spread"):
        assert "No revenue is known of any of the 30 customers" in pages[name], name
        assert "[connections.NAME.map] revenue" in pages[name], name


def test_key_accounts_without_revenue_are_told_and_left_out_of_the_curve(made: Made) -> None:
    made.sql("UPDATE deals SET amount = NULL")
    made.settings = {"customers": {"key": "all"}, "privacy": {"rank_people": True}}
    pages = made.pages()
    assert "30 key accounts" in pages["accounts"]
    assert "not known" in pages["accounts"]
    assert "None of the 30 key accounts has a known revenue" in pages["spread"]
    assert "No revenue is known of the accounts in question" in pages["people"]
    assert "Revenue exposed" not in pages["people"], "no figure stands where none is known"


def test_without_titles_the_calendar_says_what_is_missing(made: Made) -> None:
    made.sql("UPDATE contacts SET title = '', seniority = '', roles = ''")
    pages = made.pages()
    assert "No executive of any key account can be told" in pages["checkins"]
    assert "no executive of theirs is known" in pages["index"]
    assert "Give contacts in the CRM a title" in pages["index"]


def test_where_nothing_can_be_judged_each_page_says_so(made: Made) -> None:
    made.sql("DELETE FROM activities", "DELETE FROM links", "UPDATE contacts SET title = '', roles = ''")
    pages = made.pages()
    assert "No key account has a finding; see below what cannot be judged" in pages["index"]
    assert "Nobody of ours is in two-way touch" in pages["coverage"]
    assert "No exchange with any key account is on record" in pages["spread"]
    card = next(text_of(text) for name, text in made.written().items() if "/cards/" in name and name.endswith(".html"))
    assert "Cannot be judged: " in card
    assert "No risk is shown" in card
    assert "No touch in 12 months is on record" in card


_LITTLE: dict[str, tuple[list[str], dict[str, Any]]] = {
    "one account": (["UPDATE accounts SET deleted = 1 WHERE id NOT LIKE '%001'"], {}),
    "no revenue": (["UPDATE deals SET amount = NULL"], {}),
    "no revenue, all key": (["UPDATE deals SET amount = NULL"], {"customers": {"key": "all"}}),
    "no titles": (
        ["UPDATE contacts SET title = '', seniority = '', roles = ''", "UPDATE users SET title = ''"],
        {"rules": {"exec-to-exec-lapse": {"enabled": True}}},
    ),
    "only UNKNOWN": (["DELETE FROM activities", "DELETE FROM links", "UPDATE contacts SET title = '', roles = ''"], {}),
    "no contacts": (["DELETE FROM contacts"], {}),
    "nobody of ours": (["DELETE FROM users", "UPDATE accounts SET owner_id = NULL"], {}),
}


@pytest.mark.parametrize("little", _LITTLE)
def test_where_there_is_little_no_page_has_an_empty_frame(made: Made, little: str) -> None:
    statements, settings = _LITTLE[little]
    made.sql(*statements)
    made.settings = {"privacy": {"rank_people": True}, **settings}
    made.evaluated()
    for name, page in made.written().items():
        if name.endswith(".html"):
            assert not re.search(r"<tbody>\s*</tbody>", page), name
            for drawn in re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL):
                assert re.search(r"<(rect|path|circle|line|polyline|text)\b", drawn), name
            for heading, following in re.findall(r"<h[234][^>]*>(.*?)</h[234]>\s*(<\S+)", page, flags=re.DOTALL):
                assert following not in ("<h2", "<h3", "</section"), (name, heading)
            assert not re.search(r"\b(on|with|of) 0 accounts\b|\bNone\b(?! of)|\bnan\b", text_of(page)), name


def test_nobody_is_called_most_exposed_where_nothing_would_be_lost(made: Made) -> None:
    made.sql("DELETE FROM activities", "DELETE FROM links")
    made.settings["privacy"] = {"rank_people": True}
    assert "nothing would be lost with one person. If that is so because" in made.pages()["people"]


def test_people_are_compared_only_where_that_is_allowed(made: Made) -> None:
    files = made.written()
    assert f"{CONNECTION}/people.csv" not in files
    assert "[privacy] rank_people = true shows it" in text_of(files[f"{CONNECTION}/people.html"])
    assert "Rep 0" not in text_of(files[f"{CONNECTION}/people.html"])
    made.settings["privacy"] = {"rank_people": True}
    files = made.written()
    assert "Rep 0" in text_of(files[f"{CONNECTION}/people.html"])
    assert f"{CONNECTION}/people.csv" in files


def test_what_changed_is_told_against_the_snapshots_of_a_week_ago(made: Made) -> None:
    made.evaluated()
    assert "There is no snapshot of an earlier day yet" in made.pages()["index"]
    made.sql("UPDATE snapshots SET top_share = 0.1, owner_id = 'x'")
    made.now = NOW + timedelta(days=8)
    made.evaluated()
    pages = made.pages()
    assert "What changed since 2 Nov 2026" in pages["index"]
    assert "owner x → Rep" in pages["index"]
    kinds = [row[2:4] for row in rows_of((made.out / CONNECTION / "changes.csv").read_text(encoding="utf-8-sig"))]
    assert [what for kind, what in kinds if kind == "worse" and what.startswith("top share 10 % → ")]
    assert "Key accounts that hang on one person" in pages["trend"]


def test_a_past_day_has_neither_queue_nor_plan(made: Made) -> None:
    made.evaluated()
    index = text_of(made.written(planned=False)["index.html"])
    assert "The queue" not in index
    assert "a past day" in index


def test_the_first_live_run_makes_no_task_and_the_queue_says_so(made: Made) -> None:
    made.settings["people"] = {"managers": {}}
    made.settings["writeback"] = {"mode": "live"}
    made.evaluated()
    engine = open_engine(f"sqlite:///{made.store}")
    from sync.store import cycles

    cycle = cycles.begin(engine, CONNECTION, NOW)
    complete = ["accounts", "activity", "contacts", "deals", "tasks", "users"]
    cycles.end(engine, cycle, {"complete": complete}, "", NOW)
    engine.dispose()
    held = rows_of(made.written()[f"{CONNECTION}/held-back.csv"])
    assert any("baseline" in row[-1] for row in held[1:])


def test_while_a_pull_is_not_whole_the_queue_is_empty_and_says_why(made: Made) -> None:
    made.evaluated()
    index = made.pages()["index"]
    assert "The last pull did not arrive whole: nothing is planned until one does." in index
    assert "0 new tasks" in index


def test_the_largest_page_of_a_list_is_below_the_limit() -> None:
    some = [found(f"rule-with-a-long-name-{n}", "high") for n in range(16)]
    lines = [
        replace(line("N" * 300 + str(n), *(reach(f"u{m}") for m in range(14))), found=tuple(some))
        for n in range(ACCOUNTS_AT_ONCE)
    ]
    frame = Frame(
        title="Key accounts", here="accounts", root="../", as_of=NOW.date(), connection="c", connections=("c",), pages=9
    )
    contents: dict[str, Iterable[Any] | int] = {
        "lines": lines,
        "rules": [],
        "tiers": ["A"],
        "total": 9999,
        "lost": lines[:0],
    }
    page = render("accounts.html", frame, missing=None, **contents)
    assert len(page.encode()) < MOST_BYTES
