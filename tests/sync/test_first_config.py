"""The first config: `load()` takes it once the secrets are there, whatever was answered."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import config_file
from sync.cli.init import Crm, ask, local_timezone
from sync.cli.main import main
from sync.config import Config
from sync.errors import ConfigError
from sync.first_config import QUESTIONS, Answers, answered, rendered


def secrets(folder: Path) -> None:
    (folder / "server.key").write_text("-----BEGIN PRIVATE KEY-----\n")
    (folder / "hubspot.token").write_text("pat-eu1-1\n")


def loaded(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    secrets(folder)
    return config_file.load(path, {})[0]


def prompting(*told: str) -> Any:
    """A prompt that gets these answers, one after the other; the questions asked are in `asked`."""
    answers: Iterator[str] = iter(told)

    def prompt(text: str, default: str = "") -> str:
        prompt.asked.append(text)  # type: ignore[attr-defined]
        return next(answers) or default

    prompt.asked = []  # type: ignore[attr-defined]
    return prompt


@pytest.mark.parametrize("crms", [("salesforce",), ("hubspot",), ("salesforce", "hubspot")], ids="-".join)
def test_the_defaults_load_once_the_secrets_are_there(tmp_path: Path, crms: tuple[str, ...]) -> None:
    config = loaded(tmp_path, rendered(Answers(crms=crms)))
    assert tuple(config.connections) == crms
    assert config.writeback.mode == "preview"


def test_without_the_secrets_each_is_named_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(rendered(Answers()), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config_file.load(path, {})
    assert len(caught.value.lines) == 2
    assert "server.key" in caught.value.lines[0]
    assert "hubspot.token" in caught.value.lines[1]


def test_at_most_eight_questions_are_asked_our_executives_among_them() -> None:
    prompt = prompting("both", "", "", "", "", "ceo@seller.example, cfo@seller.example", "", "0,3")
    answers = ask(Answers(), None, prompt)
    assert len(prompt.asked) == 8
    assert any("executives" in question for question in prompt.asked)
    assert answers.executives == ("ceo@seller.example", "cfo@seller.example")
    assert answers.top_share == 0.3


def test_a_portal_is_asked_nothing_about_salesforce() -> None:
    prompt = prompting("hubspot", "", "", "", "")
    assert ask(Answers(), None, prompt).crms == ("hubspot",)
    assert not any("Salesforce:" in question for question in prompt.asked)


def test_an_answer_that_the_config_would_refuse_is_asked_again(capsys: pytest.CaptureFixture[str]) -> None:
    login, domain = "https://login.salesforce.com", "https://acme.my.salesforce.com"
    prompt = prompting(
        login, domain, "3MVG9", "me@acme.example", "Mars/Olympus", "Europe/Berlin", "", "x", "", "80", "0.2"
    )
    answers = ask(Answers(), Crm.SALESFORCE, prompt)
    assert answers.base_url == domain
    assert answers.timezone == "Europe/Berlin"
    told = capsys.readouterr().err
    assert "must be the org's My Domain" in told
    assert "no such timezone" in told
    assert "x: is no e-mail address" in told


@given(text=st.text(st.characters(exclude_categories=("Cs",)), min_size=1).filter(str.strip))
def test_any_text_comes_back_as_it_was_answered(text: str) -> None:
    answers = answered(Answers(crms=("salesforce",)), "consumer_key", text)
    assert tomllib.loads(rendered(answers))["connections"]["salesforce"]["consumer_key"] == text.strip()


def test_no_question_asks_for_a_secret() -> None:
    for question in QUESTIONS:
        assert not any(word in question.text.lower() for word in ("secret", "token", "password", "private"))


def test_init_writes_a_config_and_never_over_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--defaults", "--crm", "hubspot"]) == 0
    assert "chmod 600" in capsys.readouterr().err
    written = Path("config.toml").read_bytes()
    assert main(["init", "--defaults"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert Path("config.toml").read_bytes() == written
    assert main(["init", "--defaults", "--out", "other.toml"]) == 0
    assert b"salesforce" in Path("other.toml").read_bytes()


def test_init_asks_only_where_there_is_somebody_to_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", StringIO())
    assert main(["init"]) == 2
    assert "--defaults" in capsys.readouterr().err
    assert not Path("config.toml").exists()


@pytest.mark.parametrize(
    ("told", "meant"), [("Europe/Paris", "Europe/Paris"), (":Asia/Tokyo", "Asia/Tokyo"), ("?", "UTC")]
)
def test_the_timezone_is_the_machines(monkeypatch: pytest.MonkeyPatch, told: str, meant: str) -> None:
    monkeypatch.setenv("TZ", told)
    assert local_timezone() == meant
