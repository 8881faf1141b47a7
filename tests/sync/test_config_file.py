"""The config: every key checked, every error at once, each with its line and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from connectors.hubspot.settings import HubspotSettings
from connectors.salesforce.settings import SalesforceSettings
from rules.exemptions import Exemption, Waiver
from rules.rule import discover
from sync.config import Config, PilotSection, secrets_of
from sync.config_checks import tiers_named
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
    assert set(rulebook.rules) == {
        "sole-rep",
        "exec-reach-lapse",
        "our-person-left",
        "their-person-left",
        "single-contact",
        "going-quiet",
    }


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


def test_every_slip_in_who_is_spoken_of_comes_in_one_go_with_its_line(config_file: Write) -> None:
    path = config_file(
        """[customers]
top_shares = 0.2
growth = 0.5
[[customers.exclude]]
account = "Acme"
[[customers.exclude]]
account = 12
reason = "ours"
until = 2027-11-01T00:00:00
[customers.quiet_until]
"acme.example" = "soon"
[[waivers]]
account = "Acme Corp"
rule = "sole-repp"
reason = "agreed"
[[waivers]]
account = "Acme Corp"
rule = "sole-rep"
reason = ""
untill = 2027-01-31
[score]
publish_from = 60
[score.weights]
"sole-repp" = 30
"sole-rep" = -1
[rules.sole-rep.tier.Gold]
top_share = 80
[writeback.pilot]
tiers = ["A", "Silver"]
owners = "jana.roth@acme.example"
"""
    )
    tiers = "no account has this tier: there are A, B, C; [connections.NAME.map] tier names a field with your own"
    assert errors(path) == [
        "27: rules.sole-rep.tier.Gold.top_share: must be at most 1 (is 80)",
        f"26: rules.sole-rep.tier.Gold: {tiers}",
        f"29: writeback.pilot.tiers.1: {tiers}",
        '30: writeback.pilot.owners: must be a list (is "jana.roth@acme.example")',
        "3: customers.growth: must be more than 1, or 0 for off (is 0.5)",
        "4: customers.exclude.0.reason: is missing",
        "7: customers.exclude.1.account: must be text (is 12)",
        "9: customers.exclude.1.until: must be a day such as 2027-01-31 (is 2027-11-01 00:00:00)",
        "11: customers.quiet_until.acme.example: must be a day such as 2027-01-31 (is soon)",
        "2: customers.top_shares: unknown key, the nearest known one is top_share",
        "14: waivers.0.rule: unknown rule, the nearest known one is sole-rep",
        '19: waivers.1.reason: must not be empty (is "")',
        "20: waivers.1.untill: unknown key, the nearest known one is until",
        "22: score.publish_from: must be at most 1 (is 60)",
        "24: score.weights.sole-repp: unknown rule, the nearest known one is sole-rep",
        "25: score.weights.sole-rep: must be at least 0 (is -1)",
    ]


def test_a_tier_of_ones_own_is_fine_where_a_field_is_mapped(config_file: Write) -> None:
    gold = "[rules.sole-rep.tier.Gold]\nmin_touch_days = 5\n"
    config, _ = load(config_file(GOOD + '[connections.portal.map]\ntier = "tier"\n' + gold), TOKEN)
    assert tiers_named(config.model_dump()) == {"rules.sole-rep.tier.Gold": "Gold"}
    assert "no account has this tier" in errors(config_file(GOOD + gold), TOKEN)[0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('our_sponser = "x"', "our_sponser: unknown key, the nearest known one is our_sponsor"),
        ('deals = { competitr = "x" }', "deals.competitr: unknown key, the nearest known one is competitor"),
    ],
)
def test_a_misspelt_key_of_a_map_names_the_nearest(config_file: Write, line: str, told: str) -> None:
    path = config_file(f"{GOOD}[connections.portal.map]\n{line}\n")
    assert errors(path, TOKEN) == [f"6: connections.portal.map.{told}"]


@pytest.mark.parametrize("field", ["AnnualRevenue", "annualrevenue"])
@pytest.mark.parametrize("key", ["revenue", "tier"])
def test_the_customers_own_turnover_is_refused_with_the_reason(config_file: Write, field: str, key: str) -> None:
    told = errors(config_file(GOOD + f'[connections.portal.map]\n{key} = "{field}"\n'), TOKEN)
    assert told == [
        (
            f"6: connections.portal.map.{key}: must not be {field}: that is the customer's own turnover, not what they "
            "pay us; name a field with yearly revenue from them, or leave it out: won deals count"
        )
    ]


def test_executives_switch_their_rule_on(config_file: Write) -> None:
    named = '[people]\nexecutives = ["s.vogt@seller.example"]\n'
    assert "our-exec-lapse" in load(config_file(GOOD + named), TOKEN)[1].rules
    assert "our-exec-lapse" not in load(config_file(GOOD + "[people]\nexecutives = []\n"), TOKEN)[1].rules
    told = errors(config_file(GOOD + "[rules.our-exec-lapse]\nenabled = true\n"), TOKEN)
    assert told == ["6: rules.our-exec-lapse.enabled: needs people.executives, which has no value; set it"]


def test_the_accounts_that_today_speaks_of_are_named_with_their_key_paths(config_file: Write) -> None:
    config, _ = load(
        config_file(
            """
            waivers = [{account = "Acme", rule = "sole-rep", reason = "agreed", until = 2026-11-01},
                       {account = "Beta", rule = "sole-rep", reason = "agreed"}]
            customers.exclude = [{account = "Gamma", reason = "ours", until = "2026-11-02"}]
            [customers.quiet_until]
            "delta.example" = 2026-11-02
            Epsilon = 2026-11-01
            """
        ),
        {},
    )
    assert config.accounts_named(date(2026, 11, 2)) == {
        "waivers.1.account": "Beta",
        "customers.exclude.0.account": "Gamma",
        "customers.quiet_until.delta.example": "delta.example",
    }


def test_a_reference_may_stand_in_a_table_of_an_array(config_file: Write) -> None:
    text = '[[waivers]]\naccount = "Acme"\nrule = "sole-rep"\nreason = "${WHY}"\n'
    assert load(config_file(text), {"WHY": "agreed"})[0].waivers[0].reason == "agreed"
    assert errors(config_file(text))[0] == "4: waivers.0.reason: environment variable WHY is not set; set it"


def test_the_environment_sets_weights_and_waivers(config_file: Write) -> None:
    waiver = '[{account = "Acme", rule = "sole-rep", reason = "agreed"}]'
    environ = TOKEN | {"HOLDFAST__SCORE__WEIGHTS__SOLE_REP": "30", "HOLDFAST__WAIVERS": waiver}
    config, _ = load(config_file(GOOD), environ)
    assert config.score.weights == {"sole-rep": 30}
    assert config.waivers[0].account == "Acme"


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


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('cycle = "61 * * * *"', "schedule.cycle: no cron expression of five fields (is '61 * * * *')"),
        ('backup = "daily"', "schedule.backup: no cron expression of five fields (is 'daily')"),
        ('timezone = "Berlin"', "schedule.timezone: no such timezone (is 'Berlin')"),
        ("cycle_limit_minutes = 0", "schedule.cycle_limit_minutes: must be at least 1 (is 0)"),
        ("backup_keep = 0", "schedule.backup_keep: must be at least 1 (is 0)"),
        ('connections = { nobody = { cycle = "0 * * * *" } }', "schedule.connections.nobody: no such connection"),
        ('[serve]\ntoken = "literal"', "serve.token: a secret must not stand in the file"),
        ('[serve]\ntrusted_proxy_header = "X: y"', "serve.trusted_proxy_header: "),
    ],
)
def test_a_wrong_schedule_names_its_key(config_file: Write, lines: str, message: str) -> None:
    (told,) = errors(config_file(GOOD + f"[schedule]\n{lines}\n"), TOKEN)
    assert message in told


def test_secrets_of_a_config_are_all_known_to_the_log(config_file: Write) -> None:
    path = config_file(GOOD + '[serve]\ntoken = "${LOOK}"\n[store]\nurl = "postgresql://us:${PW}@db/holdfast"\n')
    config, _ = load(path, TOKEN | {"LOOK": "the-token-to-look", "PW": "the-password"})
    assert {*TOKEN.values(), "the-token-to-look", "the-password"} <= set(secrets_of(config))


def test_the_example_config_loads() -> None:
    example = Path(__file__).parents[2] / "config.example.toml"
    environ = {"ACME_PRIVATE_KEY": "-----BEGIN PRIVATE KEY-----", "PORTAL_TOKEN": "token"}
    config, _ = load(example, environ)
    assert set(config.connections) == {"acme", "portal"}


def models_within(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that an annotation leads to, through tuples, unions and the fields of models."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from models_within(field.annotation)
    for part in get_args(annotation):
        yield from models_within(part)


def test_the_example_config_shows_every_key() -> None:
    text = (Path(__file__).parents[2] / "config.example.toml").read_text(encoding="utf-8")
    shown = set(re.findall(r"""(?m)^(?:# )?(?:\[+)?(?:[\w.-]+\.)?([\w-]+)\]* *(?:=|\]|#|$)""", text))
    models = set(models_within(Config)) - {Config}
    assert {SalesforceSettings, HubspotSettings, Waiver, PilotSection, Exemption} <= models
    keys = {
        f"{model.__name__}.{name}": field.alias or name
        for model in models
        for name, field in model.model_fields.items()
    }
    assert {name for name, key in keys.items() if key not in shown} == set()


def test_the_example_config_shows_every_parameter_of_every_rule() -> None:
    text = (Path(__file__).parents[2] / "config.example.toml").read_text(encoding="utf-8")
    tables = dict(re.findall(r"(?ms)^(?:# )?\[rules\.([a-z-]+)\]\n(.*?)^(?:# )?(?:\[|---|\n)", text))
    for rule in discover().values():
        assert set(rule.params.model_fields) <= set(re.findall(r"(?m)^(?:# )?(\w+) =", tables[rule.id])), rule.id
