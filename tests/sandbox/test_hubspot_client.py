"""HubSpot's own client against the sandbox, and its traffic held against documents derived from that client."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import urllib3
from hubspot import HubSpot
from hubspot.crm import companies, contacts, owners, properties
from hubspot.crm.associations import v4
from hubspot.crm.objects import tasks

from tests.sandbox.hubspot_served import Served, portal, served, small_company

TOOLS = Path(__file__).parents[3] / "shared" / "tools"


@pytest.fixture
def hubspot() -> Iterator[Served]:
    filled = portal()
    filled.load(small_company())
    with served(filled) as client:
        yield client


def official(hubspot: Served) -> HubSpot:
    return HubSpot(access_token=hubspot.token, host=hubspot.url, base_url=hubspot.url, retry=urllib3.Retry(0))


def drive(hubspot: Served) -> None:
    """Every typed method that the connector's work could be done with."""
    client = official(hubspot)
    acme = hubspot.portal.ids("acme")[0]
    drive_reads(client, acme)
    drive_writes(client, acme, hubspot.portal.ids("jana")[0])
    drive_associations(client, acme, hubspot.portal.ids("maria")[0])
    drive_schema(client, hubspot.portal.ids("jana")[0])


def drive_reads(client: HubSpot, acme: str) -> None:
    page = client.crm.companies.basic_api.get_page(
        limit=1, properties=["name", "lifecyclestage"], associations=["contacts"]
    )
    assert page.results[0].properties["lifecyclestage"] == "customer"
    assert page.paging.next.after == client.crm.companies.get_all()[1].id
    found = client.crm.companies.basic_api.get_by_id(acme, properties=["name", "holdfast_risk"], archived=False)
    assert found.properties["holdfast_risk"] is None
    read = companies.BatchReadInputSimplePublicObjectId(
        inputs=[companies.SimplePublicObjectId(id=acme), companies.SimplePublicObjectId(id="1")],
        properties=["name"],
        properties_with_history=[],
    )
    assert client.crm.companies.batch_api.read(read).num_errors == 1
    assert len(client.crm.contacts.get_all(archived=False)) == 2
    assert {deal.properties["dealstage"] for deal in client.crm.deals.get_all()} == {
        "closedwon",
        "closedlost",
        "appointmentscheduled",
    }
    search = contacts.PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "email", "operator": "EQ", "value": "maria@acme.example"}]}],
        properties=["hs_buying_role"],
        sorts=["hs_object_id"],
        limit=10,
        after="0",
    )
    assert client.crm.contacts.search_api.do_search(search).total == 1
    for activity in ("calls", "emails", "meetings", "notes", "communications", "tasks"):
        assert getattr(client.crm.objects, activity).basic_api.get_page().results is not None
    assert client.crm.objects.basic_api.get_page("0-2", archived=True).results == []


def drive_writes(client: HubSpot, acme: str, owner: str) -> None:
    spec = tasks.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=192)
    links = [tasks.PublicAssociationsForObject(to=tasks.PublicObjectId(id=acme), types=[spec])]
    values = {"hs_task_subject": "Call", "hs_timestamp": "2026-11-10T09:00:00.000Z", "hubspot_owner_id": owner}
    api = client.crm.objects.tasks
    made = api.basic_api.create(tasks.SimplePublicObjectInputForCreate(properties=values, associations=links))
    api.basic_api.update(made.id, tasks.SimplePublicObjectInput(properties={"hs_task_priority": "HIGH"}))
    upserted = api.batch_api.upsert(
        tasks.BatchInputSimplePublicObjectBatchInputUpsert(
            inputs=[
                tasks.SimplePublicObjectBatchInputUpsert(
                    id="hf1:1", id_property="holdfast_key", properties=values | {"holdfast_key": "hf1:1"}
                )
            ]
        )
    )
    assert upserted.results[0].new is True
    batch = tasks.BatchInputSimplePublicObjectBatchInputForCreate(
        inputs=[
            tasks.SimplePublicObjectBatchInputForCreate(
                properties=values | extra, associations=links, object_write_trace_id=f"w{number}"
            )
            for number, extra in enumerate(({}, {"nothing": "1"}))
        ]
    )
    mixed = api.batch_api.create(batch)
    assert (len(mixed.results), mixed.num_errors) == (1, 1)
    api.batch_api.update(
        tasks.BatchInputSimplePublicObjectBatchInput(
            inputs=[tasks.SimplePublicObjectBatchInput(id=made.id, properties={"hs_task_status": "COMPLETED"})]
        )
    )
    api.basic_api.archive(made.id)
    api.batch_api.archive(
        tasks.BatchInputSimplePublicObjectId(inputs=[tasks.SimplePublicObjectId(id=mixed.results[0].id)])
    )
    with pytest.raises(tasks.exceptions.ApiException, match="PROPERTY_DOESNT_EXIST"):
        api.basic_api.create(
            tasks.SimplePublicObjectInputForCreate(properties=values | {"no": "1"}, associations=links)
        )
    others = [
        client.crm.companies.basic_api.create(
            companies.SimplePublicObjectInputForCreate(properties={"name": name}, associations=[])
        )
        for name in ("One", "Other")
    ]
    merged = client.crm.companies.basic_api.merge(
        companies.PublicMergeInput(primary_object_id=others[0].id, object_id_to_merge=others[1].id)
    )
    assert client.crm.companies.basic_api.get_by_id(others[1].id).id == merged.id


def drive_associations(client: HubSpot, acme: str, maria: str) -> None:
    api = client.crm.associations.v4
    read = v4.BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[v4.PublicFetchAssociationsBatchRequest(id=acme), v4.PublicFetchAssociationsBatchRequest(id="1")]
    )
    found = api.batch_api.get_page("companies", "contacts", read)
    assert found.num_errors == 1
    assert {one.label for one in found.results[0].to[0].association_types} == {"Primary", None}
    assert api.basic_api.get_page("companies", acme, "contacts").results
    pair: dict[str, Any] = {"_from": v4.PublicObjectId(id=maria), "to": v4.PublicObjectId(id=acme)}
    spec = v4.AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=279)
    one = v4.PublicAssociationMultiPost(types=[spec], **pair)
    api.batch_api.create("contacts", "companies", v4.BatchInputPublicAssociationMultiPost(inputs=[one]))
    api.batch_api.create_default(
        "contacts",
        "companies",
        v4.BatchInputPublicDefaultAssociationMultiPost(inputs=[v4.PublicDefaultAssociationMultiPost(**pair)]),
    )
    api.basic_api.create("contacts", maria, "companies", acme, [spec])
    api.basic_api.create_default("contacts", maria, "companies", acme)
    assert len(api.schema.definitions_api.get_all("contacts", "companies").results) == 2
    gone = v4.PublicAssociationMultiArchive(_from=pair["_from"], to=[pair["to"]])
    api.batch_api.archive("contacts", "companies", v4.BatchInputPublicAssociationMultiArchive(inputs=[gone]))
    api.basic_api.archive("contacts", maria, "companies", acme)


def drive_schema(client: HubSpot, jana: str) -> None:
    assert len(client.crm.owners.owners_api.get_page(limit=1, archived=False).results) == 1
    assert client.crm.owners.get_all(archived=True)[0].user_id is None
    owner = client.crm.owners.owners_api.get_by_id(int(jana))
    assert client.crm.owners.owners_api.get_by_id(owner.user_id, id_property="userId").id == jana
    with pytest.raises(owners.exceptions.NotFoundException):
        client.crm.owners.owners_api.get_by_id(owner.user_id)
    api = client.crm.properties
    assert any(one.name == "holdfast_risk" for one in api.core_api.get_all("companies").results)
    api.groups_api.create("companies", properties.PropertyGroupCreate(name="mine", label="Mine", display_order=-1))
    new = {"label": "A", "type": "string", "field_type": "text", "group_name": "mine"}
    api.core_api.create("companies", properties.PropertyCreate(name="mine_a", **new))
    inputs = [properties.PropertyCreate(name=name, **new) for name in ("mine_a", "mine_b")]
    created = api.batch_api.create("companies", properties.BatchInputPropertyCreate(inputs=inputs))
    assert (len(created.results), created.num_errors) == (1, 1)
    api.core_api.update("companies", "mine_a", properties.PropertyUpdate(label="B"))
    assert api.core_api.get_by_name("companies", "mine_a").label == "B"
    assert api.groups_api.get_all("companies").results
    api.core_api.archive("companies", "mine_a")
    assert client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages


def test_hubspots_own_client_works_against_the_sandbox(hubspot: Served) -> None:
    drive(hubspot)


def load_proxy() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hubspot_spec_proxy", TOOLS / "hubspot_spec_proxy.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not TOOLS.is_dir(), reason="the optional reference tools are not beside the project")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the reference tool leaves that to Python
def test_no_answer_departs_from_hubspots_own_documents(hubspot: Served, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(TOOLS / "hubspot_spec_from_client.py"), str(tmp_path)], check=True, capture_output=True
    )
    waivers = json.loads((TOOLS / "waivers_client_specs.json").read_text())
    validator = load_proxy().SpecValidator([str(tmp_path)], waivers)
    drive(hubspot)
    findings = [
        finding
        for one in hubspot.recorder.spoken
        for finding in validator.check(
            one.method, one.url, one.sent_headers, one.sent, one.status, one.headers, one.body
        )
    ]
    assert len(validator.coverage) > 40
    assert [one for one in findings if one["level"] == "error" and one["side"] == "response"] == []
