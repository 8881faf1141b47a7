"""`holdfast match` tells who is one, why, and what to write where nobody can tell."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sync.cli.main import main
from sync.config_file import load
from sync.match.stage import match
from sync.store.engine import open_engine
from tests.match.histories import account_id
from tests.match.test_stage import account, contact, pulled

CONFIG = """
[connections.sf]
kind = "salesforce"
auth = "client-credentials"
base_url = "http://127.0.0.1:9"
client_id = "a"
client_secret = "${SECRET}"
[connections.hs]
kind = "hubspot"
base_url = "http://127.0.0.1:9"
access_token = "${SECRET}"
[groups.main]
connections = ["sf", "hs"]
tasks_in = "sf"
"""


@pytest.fixture
def config(config_file: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config with one group, and its store: a pair, a proposal, a conflict."""
    monkeypatch.setenv("SECRET", "s3cret")
    path = config_file(CONFIG)
    loaded, _ = load(path)
    engine = open_engine(loaded.store_url)
    pulled(
        engine,
        1,
        "sf",
        accounts=[
            account("sf", 1, domain="acme.com"),
            account("sf", 2, domain="two.com"),
            account("sf", 4, country="DE"),
        ],
        contacts=[contact("sf", 1, email="ann@acme.com", name="Ann")],
    )
    pulled(
        engine,
        2,
        "hs",
        accounts=[
            account("hs", 1, domain="www.acme.com") | {"name": "=1+1"},
            *(account("hs", number, domain="two.com") for number in (2, 3)),
            account("hs", 4, country="Germany"),
        ],
        contacts=[contact("hs", 1, email="ann@acme.com", name="Ann")],
    )
    for connection in ("sf", "hs"):
        match(engine, connection, loaded.group_of(connection), cycle=2)
    engine.dispose()
    return path


Run = Callable[..., str]


@pytest.fixture
def holdfast(config: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command and return what it wrote to standard output."""

    def run(*arguments: str, status: int = 0) -> str:
        capfd.readouterr()
        got = main([*arguments, "--config", str(config), "--quiet"])
        written = capfd.readouterr()
        assert got == status, written.err
        return written.out

    return run


def test_list_tells_pairs_proposals_and_conflicts_each_with_what_to_write(holdfast: Run) -> None:
    (told,) = json.loads(holdfast("match", "list", "--json"))
    pairs = {one["kind"]: one for one in told["pairs"]}
    assert pairs.keys() == {"account", "contact"}
    assert pairs["account"]["why"] == ["the same domain: acme.com"]
    assert pairs["contact"]["why"] == ["the same e-mail address: ann@acme.com"]
    assert pairs["account"]["home"] == f"sf:{account_id('sf', 1)}"
    (proposal,), (conflict,) = told["proposals"], told["conflicts"]
    assert {member["id"] for member in proposal["members"]} == {account_id("sf", 4), "hs-a4"}
    assert {member["id"] for member in conflict["members"]} == {account_id("sf", 2), "hs-a2", "hs-a3"}
    for one in (proposal, conflict):
        assert "[groups.main.pairs] accounts = [[" in one["remedy"]
        assert "[groups.main.vetoes] accounts = [[" in one["remedy"]


def test_of_a_conflict_of_three_none_is_another_where_all_that_is_offered_is_vetoed(holdfast: Run) -> None:
    (told,) = json.loads(holdfast("match", "list", "--json"))
    salesforce = f"sf:{account_id('sf', 2)}"
    apart = f'accounts = [["hs:hs-a2", "{salesforce}"], ["hs:hs-a3", "{salesforce}"]]'
    assert told["conflicts"][0]["remedy"].endswith(f"; or none of them: [groups.main.vetoes] {apart}")


def test_what_list_says_to_write_decides(holdfast: Run, config: Path) -> None:
    (told,) = json.loads(holdfast("match", "list", "--json"))
    heading, _, value = told["proposals"][0]["remedy"].removeprefix("one: ").partition("; or")[0].partition("] ")
    text = f"{config.read_text('utf-8')}{heading}]\n{value}\n"
    config.write_text(text, "utf-8")
    loaded, _ = load(config)
    engine = open_engine(loaded.store_url)
    match(engine, "hs", loaded.group_of("hs"), cycle=3)
    engine.dispose()
    (after,) = json.loads(holdfast("match", "list", "--json"))
    assert after["proposals"] == []
    assert "the config says so" in {reason for one in after["pairs"] for reason in one["why"]}


def test_list_reads_well_for_people(holdfast: Run) -> None:
    shown = holdfast("match", "list")
    assert "main: sf, hs; 2 to decide" in shown
    assert "proposal: " in shown
    assert "Ann" not in shown
    assert "Ann" in holdfast("match", "list", "--all")
    assert "apart: " in holdfast("match", "why", "hs-a2", account_id("sf", 2))


@pytest.mark.parametrize(("key", "word"), [("pairs", "="), ("vetoes", "is not")])
def test_a_pair_or_a_veto_with_an_id_that_nobody_has_is_a_question(
    holdfast: Run, config: Path, key: str, word: str
) -> None:
    there, nobody = f"sf:{account_id('sf', 1)}", "hs:gone"
    text = config.read_text("utf-8")
    config.write_text(f'{text}[groups.main.{key}]\naccounts = [["{there}", "{nobody}"]]\n', "utf-8")
    loaded, _ = load(config)
    engine = open_engine(loaded.store_url)
    match(engine, "hs", loaded.group_of("hs"), cycle=3)
    engine.dispose()
    (told,) = json.loads(holdfast("match", "list", "--json"))
    (asked,) = [one for one in told["conflicts"] if "not there" in one["why"]]
    assert asked["why"] == f"the config says {nobody} {word} {there}: one is not there"
    assert asked["remedy"] == f"correct the id under [groups.main.{key}], or take that line out"
    assert [one["kind"] for one in told["pairs"]] == ["contact", "account"], "it keeps nobody else apart"


def test_a_veto_is_told_as_what_keeps_two_apart_and_as_nothing_else(holdfast: Run, config: Path) -> None:
    both = [f"sf:{account_id('sf', 1)}", "hs:hs-a1"]
    text = config.read_text("utf-8")
    config.write_text(f"{text}[groups.main.vetoes]\naccounts = [{json.dumps(both)}]\n", "utf-8")
    loaded, _ = load(config)
    engine = open_engine(loaded.store_url)
    match(engine, "hs", loaded.group_of("hs"), cycle=3)
    engine.dispose()
    (told,) = json.loads(holdfast("match", "why", *both, "--json"))
    assert told["why"] == [
        "the config says that they are two: groups.main.vetoes.accounts",
        "they share the same domain: acme.com",
    ]
    (listed,) = json.loads(holdfast("match", "list", "--json"))
    assert not any("not there" in one["why"] for one in listed["conflicts"])


def test_status_tells_how_many_questions_are_left(holdfast: Run) -> None:
    assert "group main: 2 to decide" in holdfast("status")
    assert json.loads(holdfast("status", "--json"))["groups"] == {"main": {"to_decide": 2}}


def test_explain_takes_the_names_that_match_gives(holdfast: Run) -> None:
    (told,) = json.loads(holdfast("explain", "hs:hs-a3", "--json"))
    assert (told["connection"], told["account"]["id"]) == ("hs", "hs-a3")


@pytest.mark.parametrize(
    ("one", "other", "is_one", "because"),
    [
        ("hs:hs-a1", f"sf:{account_id('sf', 1)}", True, "the same domain: acme.com"),
        ("company 1", "=1+1", True, "the same domain: acme.com"),
        ("hs-a2", "hs-a3", False, f"conflict of hs:hs-a2, hs:hs-a3, sf:{account_id('sf', 2)}: "),
        ("hs-a2", "sf:" + account_id("sf", 2), False, "two.com"),
        ("hs-a2", "hs-a3", False, "both are of one connection"),
        ("hs-a1", account_id("sf", 2), False, "is one with"),
    ],
)
def test_why_tells_what_joins_and_what_keeps_apart(
    holdfast: Run, one: str, other: str, is_one: bool, because: str
) -> None:
    (told,) = json.loads(holdfast("match", "why", one, other, "--json"))
    assert told["one"] is is_one
    assert any(because in reason for reason in told["why"]), told


def test_why_knows_nobody_of_that_name(holdfast: Run) -> None:
    holdfast("match", "why", "Nobody", "No one", status=1)


def test_export_is_a_table_in_which_no_name_begins_a_formula(holdfast: Run, tmp_path: Path) -> None:
    holdfast("match", "export", "--out", str(tmp_path / "m.csv"))
    rows: list[dict[str, Any]] = list(csv.DictReader((tmp_path / "m.csv").read_text("utf-8-sig").splitlines()))
    assert {row["what"] for row in rows} == {"pair", "proposal", "conflict"}
    assert sum(row["what"] == "pair" for row in rows) == 4
    assert [row["name"] for row in rows if row["id"] == "hs-a1"] == ["'=1+1"]
