"""The config: every key checked, every error at once, each with its line and the remedy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from connectors.hubspot.settings import HubspotSettings
from sync.config_file import load
from sync.errors import ConfigError

Write = Callable[[str], Path]
GOOD = """
[connections.portal]
kind = "hubspot"
access_token = "${PORTAL_TOKEN}"
"""
TOKEN = {"PORTAL_TOKEN": "pat-na1-secret"}


def errors(path: Path, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {})
    return [line.removeprefix(str(path)).lstrip(":") for line in caught.value.lines]


def test_defaults_preview(config_file: Write) -> None:
    config, rulebook = load(config_file(GOOD), TOKEN)
    assert config.writeback.mode == "preview"
    assert set(rulebook.rules) == {"sole-rep", "exec-reach-lapse"}


def test_a_secret_comes_from_the_environment_and_is_not_printed(config_file: Write) -> None:
    config, _ = load(config_file(GOOD), TOKEN)
    settings = config.connections["portal"]
    assert isinstance(settings, HubspotSettings)
    assert settings.access_token
    assert settings.access_token.get_secret_value() == "pat-na1-secret"
    assert "pat-na1-secret" not in repr(config)


def test_a_secret_comes_from_a_file_beside_the_config(config_file: Write, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("pat-eu1-file\n")
    path = config_file(GOOD.replace('access_token = "${PORTAL_TOKEN}"', 'access_token_file = "token"'))
    settings = load(path, {})[0].connections["portal"]
    assert isinstance(settings, HubspotSettings)
    assert settings.access_token
    assert settings.access_token.get_secret_value() == "pat-eu1-file"


def test_every_error_comes_at_once_with_its_line(config_file: Write) -> None:
    path = config_file(
        '[schedule]\ncyle = "x"\n[rules.sole-rep]\ntop_share = 80\n[rules.sole-repp]\n[limits]\nmax_open_per_person = "five"\n'
    )
    assert errors(path) == [
        "5: rules.sole-repp: unknown rule, the nearest known one is sole-rep",
        "4: rules.sole-rep.top_share: must be at most 1 (is 80)",
        "2: schedule.cyle: unknown key, the nearest known one is cycle",
        '7: limits.max_open_per_person: must be a whole number (is "five")',
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            'access_token = "pat-na1-x"',
            (
                "4: connections.portal.access_token: a secret must not stand in the file; "
                'write access_token = "${NAME}" or access_token_file = "path"'
            ),
        ),
        (
            'access_token = "${NOPE}"',
            (
                "4: connections.portal.access_token: environment variable NOPE is not set; "
                "set it, or use access_token_file"
            ),
        ),
        (
            'access_token_file = "nowhere"',
            (
                "4: connections.portal.access_token_file: file 'nowhere' cannot be read "
                "(No such file or directory); relative paths begin beside the config"
            ),
        ),
    ],
    ids=["literal", "unset", "no file"],
)
def test_a_missing_secret_names_the_remedy(config_file: Write, line: str, message: str) -> None:
    assert errors(config_file(GOOD.replace('access_token = "${PORTAL_TOKEN}"', line))) == [message]


def test_a_reference_may_stand_inside_any_value(config_file: Write) -> None:
    url = '[store]\nurl = "postgresql://holdfast:${PG}@db.example/holdfast"\n'
    config, _ = load(config_file(GOOD + url), TOKEN | {"PG": "pw"})
    assert config.store_url == "postgresql://holdfast:pw@db.example/holdfast"
    told = errors(config_file(GOOD + url.replace("${PG}", "pw")), TOKEN)
    assert "a password must not stand in the file" in told[0]


def test_a_key_file_that_cannot_be_read_is_one_error(config_file: Write) -> None:
    told = errors(
        config_file(
            '[connections.acme]\nkind = "salesforce"\nbase_url = "https://acme.my.salesforce.com"\n'
            'consumer_key = "k"\nusername = "u@acme.example"\nprivate_key_file = "server.key"\n'
        )
    )
    assert told == [
        (
            "6: connections.acme.private_key_file: file 'server.key' cannot be read (No such file or directory); "
            "relative paths begin beside the config"
        )
    ]


def test_a_missing_secret_is_told_beside_other_errors_of_its_connection(config_file: Write) -> None:
    told = errors(config_file('[connections.portal]\nkind = "hubspot"\ncolour = "red"\nsearch_per_second = 0\n'))
    assert len(told) == 3
    assert [line for line in told if "access_token is missing" in line]
    assert [line for line in told if "portal.colour: unknown key" in line]
    assert [line for line in told if "search_per_second: must be at least 1 (is 0)" in line]


def test_an_unreadable_file_and_broken_toml_are_told(tmp_path: Path, config_file: Write) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read \(No such file or directory\); name the file with --config"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(ConfigError, match="is not valid TOML"):
        load(config_file("[store\n"), {})


def test_the_environment_overrides_any_key(config_file: Write) -> None:
    environ = TOKEN | {
        "HOLDFAST__WRITEBACK__MODE": "live",
        "HOLDFAST__LIMITS__BASELINE": "false",
        "HOLDFAST__RULES__SOLE_REP__TOP_SHARE": "0.9",
        "HOLDFAST__RULES__SOLE_REP__TIER__B__MIN_TOUCH_DAYS": "12",
    }
    config, rulebook = load(config_file(GOOD), environ)
    assert config.writeback.mode == "live"
    assert config.limits.baseline is False
    assert rulebook.params("sole-rep", "A").model_dump()["top_share"] == 0.9
    assert rulebook.params("sole-rep", "B").model_dump()["min_touch_days"] == 12


def test_a_wrong_override_names_its_key(config_file: Write) -> None:
    told = errors(config_file(GOOD), TOKEN | {"HOLDFAST__WRITEBACK__MODE": "loud"})
    assert len(told) == 1
    assert "writeback.mode: must be one of 'preview' or 'live'" in told[0]


def test_the_crm_clock_is_for_loopback_only(config_file: Write) -> None:
    told = errors(config_file(GOOD + '[schedule]\nnow = "crm"\n'), TOKEN)
    assert "only accepted while every connection points to 127.0.0.1" in told[0]


def test_the_example_config_loads() -> None:
    example = Path(__file__).parents[2] / "config.example.toml"
    environ = {"ACME_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----", "PORTAL_TOKEN": "token"}
    config, _ = load(example, environ)
    assert set(config.connections) == {"acme", "portal"}


def test_the_example_config_shows_every_key() -> None:
    from connectors.salesforce.settings import SalesforceSettings
    from rules.rule import discover
    from sync.config import Config

    text = (Path(__file__).parents[2] / "config.example.toml").read_text(encoding="utf-8")
    models = [SalesforceSettings, HubspotSettings, *(rule.params for rule in discover().values())]
    models += [field.annotation for field in Config.model_fields.values() if hasattr(field.annotation, "model_fields")]
    for model in models:
        for name, field in model.model_fields.items():
            assert (field.alias or name) in text, f"{model.__name__}.{name}"
