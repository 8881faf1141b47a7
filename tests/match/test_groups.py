"""What `[groups.NAME]` may say, and how it is told what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sync.config_file import load
from sync.errors import ConfigError
from sync.match.decide import Ref

CONNECTIONS = """
[connections.sf]
kind = "salesforce"
auth = "client-credentials"
base_url = "http://127.0.0.1:9"
client_id = "a"
client_secret = "${SECRET}"
[connections.hs]
kind = "hubspot"
access_token = "${SECRET}"
[connections.other]
kind = "hubspot"
access_token = "${SECRET}"
"""
BOTH = '[groups.main]\nconnections = ["sf", "hs"]\n'
SECRET = {"SECRET": "s3cret"}
Write = Callable[[str], Path]


def test_a_group_says_where_tasks_and_fields_go(config_file: Write) -> None:
    more = 'tasks_in = "sf"\nfields_in = "hs"\nshared_domains = ["ACME.com"]\n'
    pairs = '[groups.main.vetoes]\naccounts = [["sf:001", "hs:1"]]\n'
    config, _ = load(config_file(CONNECTIONS + BOTH + more + pairs), SECRET)
    group = config.group_of("hs")
    assert group is not None
    assert (group.name, group.connections, group.tasks_in) == ("main", ("sf", "hs"), "sf")
    assert (group.has_fields("sf"), group.has_fields("hs")) == (False, True)
    assert group.shared_domains == {"acme.com"}
    assert group.pointed_at == {"sf"}
    assert group.vetoes["account"] == {frozenset({Ref("sf", "001"), Ref("hs", "1")})}
    assert config.group_of("other") is None


def test_ids_of_salesforce_may_be_short(config_file: Write) -> None:
    short, full = "0015g00000AbCdE", "0015g00000AbCdEAAV"
    said = f'[groups.main.vetoes]\naccounts = [["sf:{short}", "hs:{short}"]]\n'
    config, _ = load(config_file(CONNECTIONS + BOTH + said), SECRET)
    group = config.group_of("sf")
    assert group is not None
    assert group.vetoes["account"] == {frozenset({Ref("sf", full), Ref("hs", short)})}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '[groups.main]\nconnections = ["sf"]',
            'groups.main.connections: must be two or more different connections (is ["sf"])',
        ),
        ('[groups.main]\nconnections = ["sf", "sf"]', "must be two or more different"),
        ("[groups.main]\ntasks_in = 'sf'", "groups.main.connections: is missing"),
        ('[groups.main]\nconnections = ["sf", "nobody"]', "no such connection 'nobody'; configured are: sf, hs, other"),
        (
            f'{BOTH}[groups.more]\nconnections = ["hs", "other"]',
            "groups.more.connections: 'hs' stands in groups.main too",
        ),
        (f'{BOTH}tasks_in = "other"', 'groups.main.tasks_in: must be one of sf, hs, or "" (is "other")'),
        (f'{BOTH}fields_in = "all"', 'groups.main.fields_in: must be one of sf, hs, or "both" (is "all")'),
        (f'{BOTH}task_in = "sf"', "groups.main.task_in: unknown key, the nearest known one is tasks_in"),
        (f'{BOTH}shared_domains = ["www.acme.com"]', '(is "www.acme.com"); write "acme.com"'),
        (f'{BOTH}shared_domains = ["nonsense"]', "groups.main.shared_domains: must be domains as they are registered"),
        (f'{BOTH}[groups.main.pairs]\naccounts = [["sf:1"]]', 'must be pairs such as ["sf:ID", "hs:ID"]'),
        (
            f'{BOTH}[groups.main.pairs]\naccounts = [["sf:1", "other:1"]]',
            'of connections of the group (is ["sf:1", "other:1"])',
        ),
        (f'{BOTH}[groups.main.pairs]\npeople = [["sf:1", "sf:2"]]', "must be of two different connections"),
        (
            f"{BOTH}[groups.main.pairs]\ncontact = []",
            "groups.main.pairs.contact: unknown key, the nearest known one is contacts",
        ),
        (
            f'{BOTH}[groups.main.pairs]\ncontacts = [["sf:1", "hs:1"]]\n[groups.main.vetoes]\ncontacts = [["hs:1", "sf:1"]]',
            "groups.main.vetoes: contacts: hs:1 and sf:1 stand in pairs too",
        ),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_its_key_and_remedy(config_file: Write, text: str, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load(config_file(CONNECTIONS + text), SECRET)
    assert told in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
