"""The sandbox as a server: journal, faults, clock, records behind the APIs' back, reset, and the worker's config."""

from __future__ import annotations

import http.client
import json
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.sandbox.crm import Exchange
from connectors.sandbox.faults import NAMED, Faults, read_faults
from connectors.sandbox.server import Sandbox
from tests.sandbox.salesforce_served import VERSION, Client, served


@pytest.fixture
def client() -> Iterator[Client]:
    with served() as one:
        yield one


def fault(client: Client, **rule: Any) -> None:
    assert "rules" in client.control("POST", "faults", json={"rules": [rule]})


def exchange(**values: Any) -> Exchange:
    return Exchange(**{"crm": "salesforce", "method": "GET", "path": "/x", "query": "", **values})


def test_the_journal_tells_every_api_request_and_nothing_else(client: Client) -> None:
    client.control("DELETE", "journal")
    client.query("SELECT Id FROM Account")
    client.call("POST", "sobjects/Task", json={"Subject": "x"})
    client.http.get(f"{client.url}/crm/v3/objects/contacts")
    client.control("GET", "state")
    told = client.journal()
    assert [(each["crm"], each["method"], each["operation"], each["write"], each["status"]) for each in told] == [
        ("salesforce", "GET", "query", False, 200),
        ("salesforce", "POST", "create", True, 201),
        ("hubspot", "GET", told[2]["operation"], False, 401),
    ]
    assert (told[0]["query"], told[0]["records"]) == ("q=SELECT+Id+FROM+Account", 2)
    assert told[1]["request_bytes"] == len(b'{"Subject": "x"}')
    assert told[0]["response_bytes"] > 100
    assert client.control("GET", f"journal?since={told[1]['n']}")["requests"] == told[2:]


def test_records_can_be_seen_and_changed_behind_the_apis_back(client: Client) -> None:
    seen = client.control("GET", "records/salesforce/Account?limit=1")
    assert seen["next"] == seen["records"][0]["Id"]
    assert len(client.control("GET", f"records/salesforce/Account?after={seen['next']}&limit=5")["records"]) == 1
    odd = client.control(
        "POST",
        "records/salesforce/Task",
        json={"Subject": "odd", "OwnerId": "005Hf0000009999IAA", "CreatedDate": "1970-01-01T00:00:00Z"},
    )
    assert (odd["OwnerId"], odd["CreatedDate"]) == ("005Hf0000009999IAA", "1970-01-01T00:00:00.000+0000")
    assert odd["SystemModstamp"].startswith("2026-11-02T06:0")
    assert client.control("PATCH", f"records/salesforce/Task/{odd['Id']}", json={"Status": "Completed"})["IsClosed"]
    client.control("DELETE", f"records/salesforce/Task/{odd['Id']}")
    assert client.control("GET", f"records/salesforce/Task/{odd['Id']}")["IsDeleted"]


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("GET", "records/pipedrive/Deal", None, "use salesforce or hubspot"),
        ("GET", "records/salesforce/Deal", None, "use one of Account"),
        ("GET", "records/salesforce/Task/00T", None, "no Task '00T'"),
        ("PATCH", "records/salesforce/Task/00T", {}, "INVALID_CROSS_REFERENCE_KEY"),
        ("POST", "records/salesforce/Task", {"Nope": 1}, "No such column 'Nope'"),
        ("POST", "clock", {}, "advance_seconds"),
        ("POST", "clock", {"now": "2026-11-02T06:00:00"}, "lacks its zone"),
        ("POST", "faults", {"rules": [{"colour": "red"}]}, "rule 1: no colour"),
        ("POST", "faults", {"rules": [{"cut": "middle"}]}, "cut must be one of before, after"),
        ("POST", "faults", {"rules": [{"path": "("}]}, "no regular expression"),
        ("POST", "faults", {}, '{"rules": [{...}]}'),
        ("POST", "faults", {"rules": [{"kind": "earthquake"}]}, "kind must be one of quota"),
        ("POST", "faults", {"rules": [{"every": "2"}]}, "every must be int"),
        ("POST", "faults", {"rules": [{"every": True}]}, "every must be int"),
        ("POST", "faults", {"rules": [{"status": 999_999}]}, "status must lie between 200 and 599"),
        ("POST", "faults", {"rules": [{"delay_ms": "long"}]}, "delay_ms must be int or float"),
        ("POST", "clock", {"advance_seconds": None}, "NoneType"),
        ("POST", "clock", {"advance_seconds": 1e13}, "out of range"),
        ("GET", "records/salesforce/Account?limit=0", None, "limit must be at least 1"),
    ],
)
def test_a_wrong_control_is_400_with_its_remedy(client: Client, method: str, path: str, body: Any, told: str) -> None:
    reply = client.http.request(method, f"{client.url}/_sandbox/{path}", json=body)
    assert reply.status_code == 400
    assert told in reply.json()["error"]


def test_ids_and_truth_translate_the_datasets_names(client: Client) -> None:
    account = client.id_of("a1")
    assert client.control("GET", "ids?crm=salesforce&of=a1") == {"ids": [account]}
    (told,) = client.control("GET", "truth")["accounts"]
    assert (told["salesforce_id"], told["name"], told["planted"]) == (account, "Acme GmbH", ["sole"])
    assert told["hubspot_id"] == client.control("GET", "ids?crm=hubspot&of=a1")["ids"][0]
    assert client.control("GET", "state")["salesforce"]["Contact"] == 3


def test_the_clock_moves_both_crms(client: Client) -> None:
    assert client.control("POST", "clock", json={"now": "2027-01-01T12:00:00+01:00"})["now"].startswith(
        "2027-01-01T11:00:00."
    )
    client.control("POST", "clock", json={"advance_seconds": 86_400})
    assert client.call("GET", "limits").headers["Date"].startswith("Sat, 02 Jan 2027 11:00:0")
    assert (
        client.http.get(f"{client.url}/crm/v3/objects/contacts").headers["Date"].startswith("Sat, 02 Jan 2027 11:00:0")
    )


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("quota", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("rate-limit", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("forbidden", 403, "API_DISABLED_FOR_ORG"),
        ("unavailable", 503, "SERVER_UNAVAILABLE"),
        ("server-error", 500, "UNKNOWN_EXCEPTION"),
        ("locked", 400, "UNABLE_TO_LOCK_ROW"),
    ],
)
def test_a_kind_of_fault_has_the_apis_true_body(client: Client, kind: str, status: int, code: str) -> None:
    fault(client, crm="salesforce", kind=kind, first=1, retry_after=3)
    reply = client.call("GET", "limits")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (status, code)
    assert (reply.headers["Retry-After"], "Sforce-Limit-Info" in reply.headers, "Date" in reply.headers) == (
        "3",
        True,
        True,
    )
    assert client.call("GET", "limits").status_code == 200


def test_an_expired_token_stays_expired_until_the_next_login(client: Client) -> None:
    fault(client, kind="token-expired", first=1)
    assert [client.call("GET", "limits").status_code for _ in range(2)] == [401, 401]
    client.token = client.login().json()["access_token"]
    assert client.call("GET", "limits").status_code == 200


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_cut_connection_gives_no_answer_whether_it_happened_or_not(client: Client, moment: str) -> None:
    fault(client, operation="create", cut=moment, first=1)
    with pytest.raises(requests.ConnectionError):
        client.call("POST", "sobjects/Task", json={"Subject": "cut"})
    happened = client.query("SELECT COUNT() FROM Task WHERE Subject = 'cut'")["totalSize"]
    assert happened == (moment == "after")
    assert [each["status"] for each in client.journal() if each["operation"] == "create"] == [0]


def test_a_cut_is_a_closed_connection_on_the_wire(client: Client) -> None:
    fault(client, cut="before")
    raw = http.client.HTTPConnection("127.0.0.1", int(client.url.rsplit(":", 1)[1]), timeout=5)
    raw.request("GET", f"{VERSION}/limits")
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        raw.getresponse()
    raw.close()


def test_a_body_can_end_early_in_two_ways(client: Client) -> None:
    fault(client, truncate="cut", first=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        client.call("GET", "sobjects")
    fault(client, truncate="short", first=1)
    with pytest.raises(requests.exceptions.JSONDecodeError):
        client.call("GET", "sobjects").json()
    assert client.call("GET", "sobjects").status_code == 200


def test_a_body_can_be_html_or_empty_and_late(client: Client) -> None:
    fault(client, status=420, html=True, delay_ms=20, first=1)
    reply = client.call("GET", "limits")
    assert (reply.status_code, reply.headers["Content-Type"]) == (420, "text/html; charset=utf-8")
    assert reply.text.startswith("<html>")
    assert client.journal()[-1]["milliseconds"] >= 20
    fault(client, status=503, empty=True)
    assert client.call("GET", "limits").content == b""
    client.control("DELETE", "faults")
    assert client.call("GET", "limits").status_code == 200


def test_an_error_can_follow_an_applied_effect(client: Client) -> None:
    fault(client, operation="create", kind="unavailable", applied=True, first=1)
    assert client.call("POST", "sobjects/Task", json={"Subject": "applied"}).status_code == 503
    assert client.query("SELECT COUNT() FROM Task WHERE Subject = 'applied'")["totalSize"] == 1


def test_chosen_rows_fail_alone(client: Client) -> None:
    fault(
        client,
        operation="collections-upsert",
        rows={"match": {"Subject": "^bad"}, "code": "UNABLE_TO_LOCK_ROW"},
        first=1,
    )
    records = [{"Holdfast_Key__c": str(n), "Subject": subject} for n, subject in enumerate(("good", "bad one"))]
    good, bad = client.upsert(*records)
    assert good["success"]
    assert bad["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert all(row["success"] for row in client.upsert(*records))


def test_a_rule_picks_by_turn_by_number_and_by_chance() -> None:
    faults = Faults([{"method": "get", "path": "^/x", "after": 1, "every": 2, "first": 2, "status": 500}])
    assert [bool(faults.pick(exchange()).status) for _ in range(8)] == [
        False,
        False,
        True,
        False,
        True,
        False,
        False,
        False,
    ]
    assert not faults.pick(exchange(method="POST")).status
    chances = [
        [bool(each.pick(exchange()).status) for _ in range(200)]
        for each in (Faults([{"probability": 0.3, "seed": 7, "status": 500}]) for _ in range(2))
    ]
    assert chances[0] == chances[1]
    assert 30 < sum(chances[0]) < 90


def test_rules_that_fire_together_act_together() -> None:
    faults = Faults([{"delay_ms": 5}, {"kind": "quota"}, {"write": True, "cut": "after"}, {"rows": {"match": {}}}])
    told = faults.pick(exchange())
    assert (told.delay_ms, told.kind, told.cut, told.for_handlers) == (5, "quota", "", {"rows": {"match": {}}})
    assert faults.told()[0] == {"delay_ms": 5, "seen": 1, "fired": 1}


def test_faults_are_read_by_name_or_from_a_file(tmp_path: Path) -> None:
    for name in NAMED:
        Faults(read_faults(name))
    file = tmp_path / "faults.json"
    file.write_text(json.dumps({"rules": [{"kind": "quota"}]}))
    assert read_faults(str(file)) == [{"kind": "quota"}]
    file.write_text("{,")
    with pytest.raises(ValueError, match=r"faults\.json:1:2"):
        read_faults(str(file))
    with pytest.raises(ValueError, match="neither a file nor one of flaky"):
        read_faults("nothing")


def test_reset_starts_over(client: Client) -> None:
    client.call("POST", "sobjects/Task", json={"Subject": "gone"})
    client.control("POST", "clock", json={"advance_seconds": 10**6})
    fault(client, status=500)
    state = client.control("POST", "reset", json={"seed": 5})
    assert state == client.control("GET", "state")
    assert client.control("GET", "clock")["now"].startswith("2026-11-02T06:00:")
    assert client.query("SELECT COUNT() FROM Task WHERE Subject = 'gone'")["totalSize"] == 0
    assert len(client.journal()) == 1


def test_the_same_seed_gives_the_same_records() -> None:
    def dump() -> list[Any]:
        sandbox = Sandbox(accounts=12, touches_per_account=6, seed=3)
        names = ("User", "Account", "Contact", "Task", "Event", "EventRelation", "EmailMessage")
        return [sandbox.salesforce.records(name, "", 100_000)[0] for name in names]

    first, second = dump(), dump()
    assert first[1:] == second[1:]
    assert [{**row, "CreatedDate": ""} for row in first[0][1:]] == [{**row, "CreatedDate": ""} for row in second[0][1:]]
    assert len(first[3]) > 20


def test_a_dataset_folder_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("id,name,email\nr1,Rep One,rep@seller.example\n")
    (tmp_path / "accounts.csv").write_text("id,name,owner,type\nx1,Xylo,r1,Customer\n")
    sandbox = Sandbox(dataset=tmp_path)
    assert sandbox.salesforce.counts()["Account"] == 1
    (tmp_path / "accounts.csv").write_text("id,name,owner\nx1,Xylo,nobody\n")
    with pytest.raises(ValueError, match=r"accounts\.csv"):
        Sandbox(dataset=tmp_path)


def test_the_written_config_connects_to_both(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "new" / "c.toml"
    for _ in range(2):  # an existing one is overwritten
        client.sandbox.write_config(path)
    config = tomllib.loads(path.read_text())
    assert config["schedule"] == {"cycle": "*/30 6-20 * * mon-fri", "timezone": "Europe/Berlin", "now": "crm"}
    assert config["people"]["executives"] == ["m.keller@seller.example"]
    assert config["people"]["managers"]["jana.roth@seller.example"] == "m.keller@seller.example"
    salesforce, hubspot = config["connections"]["salesforce"], config["connections"]["hubspot"]
    assert salesforce["base_url"] == hubspot["base_url"] == client.url
    for name in (salesforce["private_key_file"], hubspot["access_token_file"]):
        assert stat.S_IMODE((path.parent / name).stat().st_mode) == 0o600
    token = (path.parent / hubspot["access_token_file"]).read_text()
    reply = client.http.get(f"{client.url}/crm/v3/objects/contacts", headers={"Authorization": f"Bearer {token}"})
    assert reply.status_code == 200
    assert client.sandbox.credentials()["salesforce"]["private_key_file"] == str(
        path.parent / salesforce["private_key_file"]
    )


def test_two_sandboxes_do_not_disturb_each_other() -> None:
    with served() as one, served() as other:
        fault(one, kind="unavailable")
        assert one.call("GET", "limits").status_code == 503
        assert other.call("GET", "limits").status_code == 200


@pytest.mark.slow
def test_serve_forever_prints_its_one_line_and_ends_on_a_signal() -> None:
    code = "from connectors.sandbox.server import Sandbox; Sandbox(accounts=5, touches_per_account=3).serve_forever()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert set(told["salesforce"]) == {
            "base_url",
            "consumer_key",
            "username",
            "private_key_file",
            "client_id",
            "client_secret",
        }
        assert set(told["hubspot"]) == {"base_url", "access_token"}
        with requests.Session() as session:
            session.trust_env = False
            assert session.get(told["url"] + "/services/data").status_code == 200
        process.terminate()
        assert process.stdout.read() == ""
        process.wait(10)
