"""A dataset that nobody tidied up, read through both APIs and acted upon: what the sandbox must make of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.sandbox.server import Sandbox

FILES = {
    "users.csv": ["id,name,email,manager", "u1,Jana Müller,jana@s.example,u2", "u2,Vogt,vogt@s.example,"],
    "accounts.csv": [
        "id,name,owner,customer_since",
        'a1,"Acme ""Söhne"" <b>& Co</b> 😀 𠜎",u1,2019-03-04',
        f"a2,{'N' * 300},u2,",
    ],
    "contacts.csv": [
        "id,account,name,email,title",
        "c1,a1,Ümit Öz,umit@acme.example,",
        "c2,a1,Twin,umit@acme.example,CFO",
        f"c3,a2,Long,l@n.example,{'T' * 300}",
    ],
    "touches.csv": [
        "id,at,kind,direction,users,contacts,account,subject,outcome",
        "t1,2026-10-02T09:00:00.123Z,email,outbound,u1;u2,c1;c2,a1,,",
        "t2,2026-10-02T09:00:00.123Z,email,inbound,u1,c1,a1,Re,",
        f"t3,1970-01-01T00:00:00Z,note,,u2,c3,a2,{'z' * 1000},",
        "t4,2026-10-03T09:00:00Z,meeting,,u1,c1,a1,Moved,rescheduled",
    ],
    "deals.csv": [
        "id,account,name,amount,currency,closed_on,won",
        "d1,a1,Big,10,EUR,2025-01-02,true",
        "d2,a1,,5,USD,2026-10-10,true",
    ],
}
SINCE = "2019-03-04"


class Odd:
    """The sandbox with that dataset, and a way to ask each API."""

    def __init__(self, folder: Path) -> None:
        self.sandbox = Sandbox(dataset=folder)
        self.url = self.sandbox.start_in_thread()
        told = self.sandbox.credentials()
        self.told = told
        self.http = requests.Session()
        form = {"grant_type": "client_credentials"} | {
            name: told["salesforce"][name] for name in ("client_id", "client_secret")
        }
        self.token = self.http.post(f"{self.url}/services/oauth2/token", form).json()
        self.salesforce = {"Authorization": f"Bearer {self.token['access_token']}"}
        self.hubspot = {"Authorization": f"Bearer {told['hubspot']['access_token']}"}

    def query(self, soql: str) -> list[dict[str, Any]]:
        reply = self.http.get(
            f"{self.url}/services/data/v66.0/queryAll", params={"q": soql}, headers=self.salesforce
        ).json()
        return [{name: row[name] for name in row if name != "attributes"} for row in reply["records"]]

    def objects(self, kind: str, properties: str) -> list[dict[str, Any]]:
        asked = {"properties": properties, "limit": "100"}
        url = f"{self.url}/crm/objects/2026-09/{kind}"
        return list(self.http.get(url, params=asked, headers=self.hubspot).json()["results"])

    def act(self, **what: Any) -> requests.Response:
        return self.http.post(f"{self.url}/_sandbox/act", json=what)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Odd]:
    folder = tmp_path_factory.mktemp("odd")
    for name, lines in FILES.items():
        (folder / name).write_text("\n".join(lines) + "\n", "utf-8")
    one = Odd(folder)
    yield one
    one.sandbox.stop()


def test_names_arrive_in_both_crms_as_they_were_written(odd: Odd) -> None:
    name = 'Acme "Söhne" <b>& Co</b> 😀 𠜎'
    assert name in [row["Name"] for row in odd.query("SELECT Name FROM Account")]
    assert name in [one["properties"]["name"] for one in odd.objects("companies", "name")]


def test_no_salesforce_text_is_longer_than_its_field(odd: Odd) -> None:
    assert max(len(row["Name"]) for row in odd.query("SELECT Name FROM Account")) == 255
    assert max(len(row["Title"] or "") for row in odd.query("SELECT Title FROM Contact")) == 128


def test_a_long_note_keeps_its_text_beside_the_subject(odd: Odd) -> None:
    (note,) = odd.query("SELECT Subject, Description FROM Task WHERE TaskSubtype = 'Task'")
    assert (len(note["Subject"]), len(note["Description"])) == (255, 1000)


def test_a_contact_is_as_old_as_its_account_in_both_crms(odd: Odd) -> None:
    made = odd.query("SELECT CreatedDate FROM Contact WHERE Email = 'umit@acme.example'")
    assert [row["CreatedDate"][:10] for row in made] == [SINCE, SINCE]
    twins = [one for one in odd.objects("contacts", "email") if one["properties"]["email"] == "umit@acme.example"]
    assert [one["createdAt"][:10] for one in twins] == [SINCE, SINCE]


def test_deals_in_two_currencies_make_an_org_with_currencies(odd: Odd) -> None:
    deals = odd.query("SELECT Name, CurrencyIsoCode FROM Opportunity ORDER BY Amount")
    assert deals == [{"Name": "Deal d2", "CurrencyIsoCode": "USD"}, {"Name": "Big", "CurrencyIsoCode": "EUR"}]
    codes = [one["properties"]["deal_currency_code"] for one in odd.objects("deals", "deal_currency_code")]
    assert sorted(codes) == ["EUR", "USD"]


def test_an_org_with_one_currency_has_no_field_for_it() -> None:
    sandbox = Sandbox(accounts=1, touches_per_account=0)
    assert "CurrencyIsoCode" not in sandbox.salesforce.store.objects["Opportunity"].fields


def test_an_email_of_hubspot_says_who_wrote_to_whom(odd: Odd) -> None:
    found = odd.objects("emails", "hs_email_from_email,hs_email_to_email,hs_email_headers,hs_email_direction")
    told = {
        one["properties"]["hs_email_direction"]: (
            one["properties"]["hs_email_from_email"],
            one["properties"]["hs_email_to_email"],
        )
        for one in found
    }
    assert told["INCOMING_EMAIL"] == ("umit@acme.example", "jana@s.example")
    assert told["EMAIL"] == ("jana@s.example", "umit@acme.example;umit@acme.example")
    assert any('"cc":[{"email":"vogt@s.example"}]' in one["properties"]["hs_email_headers"] for one in found)


def test_a_rescheduled_meeting_is_declined_by_its_contacts(odd: Odd) -> None:
    (event,) = odd.query("SELECT Id FROM Event WHERE Subject = 'Moved'")
    invited = odd.query(f"SELECT Status, RelationId FROM EventRelation WHERE EventId = '{event['Id']}'")
    assert [each["Status"] for each in invited] == ["Declined"]


def test_who_is_logged_in_is_told_at_the_address_in_the_token(odd: Odd) -> None:
    resources = odd.http.get(f"{odd.url}/services/data/v66.0/", headers=odd.salesforce).json()
    assert resources["identity"] == odd.token["id"]
    told = odd.http.get(odd.token["id"], headers=odd.salesforce).json()
    assert (told["username"], told["organization_id"][:3]) == (odd.told["salesforce"]["username"], "00D")
    assert odd.http.get(odd.token["id"]).status_code == 403
    assert odd.http.get(odd.token["id"] + "x", headers=odd.salesforce).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status", "word"),
    [
        ("GET", "/crm/v3/nowhere", 404, "resource not found"),
        ("PUT", "/crm/v3/owners", 405, "error"),
        ("GET", "/services/nowhere", 404, "NOT_FOUND"),
        ("GET", "/_sandbox/nowhere", 404, "no control at /_sandbox/nowhere"),
    ],
)
def test_a_path_that_nobody_serves_is_refused_in_json(odd: Odd, method: str, path: str, status: int, word: str) -> None:
    reply = odd.http.request(method, odd.url + path)
    assert (reply.status_code, reply.headers["content-type"][:16]) == (status, "application/json")
    assert word in reply.text


@pytest.mark.parametrize("crm_path", ["/services/data/v66.0/limits", "/crm/v3/owners"])
def test_an_html_fault_has_one_content_type(odd: Odd, crm_path: str) -> None:
    odd.http.post(f"{odd.url}/_sandbox/faults", json={"rules": [{"status": 503, "html": True}]})
    reply = odd.http.get(odd.url + crm_path)
    odd.http.delete(f"{odd.url}/_sandbox/faults")
    assert (reply.status_code, reply.headers["content-type"]) == (503, "text/html; charset=utf-8")


@pytest.mark.parametrize(("status", "code"), [(400, "INVALID_INPUT"), (404, "NOT_FOUND"), (503, "SERVER_UNAVAILABLE")])
def test_a_salesforce_fault_by_status_has_the_apis_body(odd: Odd, status: int, code: str) -> None:
    odd.http.post(f"{odd.url}/_sandbox/faults", json={"rules": [{"status": status}]})
    reply = odd.http.get(f"{odd.url}/services/data/v66.0/limits")
    odd.http.delete(f"{odd.url}/_sandbox/faults")
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (status, code)


def test_a_batch_is_stamped_with_the_crms_own_clock(odd: Odd) -> None:
    url = f"{odd.url}/crm/v3/objects/companies/batch/read"
    reply = odd.http.post(url, json={"inputs": [{"id": "1"}]}, headers=odd.hubspot).json()
    assert reply["startedAt"].startswith("2026-11-02T06:0")


def test_groups_pipelines_and_properties_have_all_their_calls(odd: Odd) -> None:
    def call(method: str, path: str, body: Any = None) -> requests.Response:
        return odd.http.request(method, f"{odd.url}/crm/v3/{path}", json=body, headers=odd.hubspot)

    own = {"name": "own", "label": "Own", "type": "string", "fieldType": "text", "groupName": "mine"}
    call("POST", "properties/companies/groups", {"name": "mine", "label": "Mine"})
    assert call("PATCH", "properties/companies/groups/mine", {"label": "Ours"}).json()["label"] == "Ours"
    assert call("POST", "properties/companies", own).status_code == 201
    assert call("DELETE", "properties/companies/groups/mine").status_code == 400
    gone = call("POST", "properties/companies/batch/archive", {"inputs": [{"name": "own"}, {"name": "never was"}]})
    assert gone.status_code == 204
    assert call("GET", "properties/companies/own").status_code == 404
    assert call("DELETE", "properties/companies/groups/mine").status_code == 204
    assert call("GET", "properties/companies/groups/mine").status_code == 404
    stages = call("GET", "pipelines/deals/default/stages").json()["results"]
    assert call("GET", "pipelines/deals/default").json()["stages"] == stages
    assert call("GET", "pipelines/deals/other").status_code == 404


def test_what_a_rep_does_shows_in_both_crms_or_in_neither(odd: Odd) -> None:
    assert set(odd.act(who="u1", do="log_email", contact="c1").json()) == {"salesforce", "hubspot"}
    assert set(odd.act(who="c2", do="leave_company").json()) == {"salesforce", "hubspot"}
    for wrong in (
        {"do": "log_call"},
        {"do": "log_email", "contact": "c1", "direction": "sideways"},
        {"do": "log_call", "contact": "c1", "at": "2026-10-20T10:00:00"},
    ):
        assert odd.act(who="u1", **wrong).status_code == 400


def test_feedback_is_given_alike_in_both_crms(odd: Odd) -> None:
    made = odd.http.post(
        f"{odd.url}/services/data/v66.0/sobjects/Task", json={"Subject": "T"}, headers=odd.salesforce
    ).json()
    assert odd.act(who="u1", do="edit_task", task=made["id"], feedback="wrong").ok
    assert odd.query("SELECT Holdfast_Feedback__c FROM Task WHERE Subject = 'T'") == [{"Holdfast_Feedback__c": "wrong"}]


def test_a_new_colleague_is_an_active_user(odd: Odd) -> None:
    url = f"{odd.url}/_sandbox/records/salesforce/User"
    made = odd.http.post(url, json={"LastName": "Neu", "Email": "neu@s.example"}).json()
    assert (made["IsActive"], made["UserType"]) == (True, "Standard")


def test_nothing_was_looked_at_through_the_api(odd: Odd) -> None:
    assert odd.http.get(f"{odd.url}/services/data/v66.0/recent", headers=odd.salesforce).json() == []
