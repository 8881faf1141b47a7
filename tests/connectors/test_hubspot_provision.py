"""Our properties in a portal: made, checked, told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.hubspot.settings import OurProperties
from connectors.protocol import Done, SetFields, Step
from tests.connectors.hubspot_portal import Portal, Store, a_task, done, outcomes, pull

COMPANY_PROPERTIES = set(OurProperties().of_companies().values())


@pytest.fixture
def bare() -> Iterator[Portal]:
    one = Portal(bare=True)
    yield one
    one.close()


def steps(portal: Portal, *, dry_run: bool = False, **settings: Any) -> dict[str, Step]:
    return {step.name: step for step in portal.connect(**settings).provision(dry_run=dry_run)}


def states(found: dict[str, Step]) -> set[str]:
    return {step.state for step in found.values()}


def definition(portal: Portal, kind: str, name: str) -> Any:
    return next(
        one for known, one in portal.sandbox.hubspot.account.data.definitions.items() if known.plural == kind
    ).get(name)


@pytest.mark.parametrize("api_version", ["2026-09", "v3"])
def test_a_bare_portal_gets_all_that_is_ours_and_can_be_written_to(bare: Portal, api_version: str) -> None:
    made = steps(bare, api_version=api_version)
    assert states(made) == {"made"}
    assert len(made) == 2 + len(COMPANY_PROPERTIES) + 2
    assert [step for step in made.values() if step.told] == []
    feedback = definition(bare, "tasks", "holdfast_feedback")
    assert feedback.values == {"helpful", "wrong", "already handled"}
    assert feedback.group == "holdfast"
    store, connector = Store(), bare.connect(api_version=api_version)
    pull(connector, store)
    assert connector.capabilities().task_key_unique
    assert connector.capabilities().account_fields == set(OurProperties().of_companies())
    task = a_task(store)
    made_task, set_fields = outcomes(connector, task, SetFields(account_id=task.account_id, fields={"risk": 40}))
    assert done(made_task).key == task.key
    assert set_fields == Done()


def test_provisioning_again_changes_nothing(bare: Portal) -> None:
    steps(bare)
    bare.served()
    assert states(steps(bare)) == {"exists"}
    assert {operation for operation, _ in bare.served()} == {"properties", "property-groups"}


def test_a_dry_run_tells_and_makes_nothing(bare: Portal) -> None:
    assert states(steps(bare, dry_run=True)) == {"would make"}
    assert definition(bare, "tasks", "holdfast_key") is None
    assert not bare.connect().capabilities().account_fields


def test_where_tasks_cannot_have_unique_values_the_key_is_plain_and_that_is_told(bare: Portal) -> None:
    bare.sandbox.hubspot.account.unique_task_key = False
    key = steps(bare)["tasks: property holdfast_key"]
    assert (key.state, "looked up by its key" in key.told) == ("made", True)
    again = steps(bare)["tasks: property holdfast_key"]
    assert (again.state, again.told) == ("exists", key.told)
    connector, store = bare.connect(), Store()
    pull(connector, store)
    assert not connector.capabilities().task_key_unique
    assert done(outcomes(connector, a_task(store))[0]).status == "open"


def test_a_property_of_the_wrong_type_is_left_alone_and_told(bare: Portal) -> None:
    common = {"groupName": "companyinformation", "label": "Mine"}
    for name, kind, field in (("holdfast_risk", "string", "text"), ("holdfast_coverage", "string", "textarea")):
        bare.api("/crm/properties/2026-09/companies", {"name": name, "type": kind, "fieldType": field, **common})
    options = [{"label": "Yes", "value": "helpful"}, {"label": "No", "value": "wrong"}]
    bare.api(
        "/crm/properties/2026-09/tasks",
        {
            "name": "holdfast_feedback",
            "label": "Mine",
            "groupName": "taskinformation",
            "type": "enumeration",
            "fieldType": "select",
            "options": options,
        },
    )
    found = steps(bare)
    assert found["companies: property holdfast_coverage"].state == "exists"
    risk = found["companies: property holdfast_risk"]
    assert risk.state == "wrong"
    assert risk.told.startswith("is of type string, must be number; ")
    assert "connections.acme.fields.risk" in risk.told
    assert found["tasks: property holdfast_feedback"].told.startswith("lacks the options already handled; ")
    assert definition(bare, "companies", "holdfast_risk").type == "string"


def test_an_archived_property_comes_back_and_that_is_told(portal: Portal) -> None:
    path = "/crm/properties/2026-09/companies/batch/archive"
    headers = {"Authorization": f"Bearer {portal.sandbox.hubspot.access_token}"}
    portal.http.request("POST", portal.url + path, json={"inputs": [{"name": "holdfast_risk"}]}, headers=headers)
    planned = steps(portal, dry_run=True)["companies: property holdfast_risk"]
    assert (planned.state, planned.told) == ("would make", "was archived; comes back with its old values")
    assert steps(portal)["companies: property holdfast_risk"].state == "made"
    assert definition(portal, "companies", "holdfast_risk").archived is False


def test_a_missing_scope_is_named_with_the_clicks_that_do_without_it(bare: Portal) -> None:
    bare.sandbox.hubspot.account.missing_scopes = {"crm.schemas.companies.write"}
    found = steps(bare)
    of_companies = [step for name, step in found.items() if name.startswith("companies")]
    assert {step.state for step in of_companies} == {"manual"}
    assert all("crm.schemas.companies.write" in step.told for step in of_companies)
    risk = found["companies: property holdfast_risk"].told
    assert "Settings > Properties > Company properties > Create property: label Holdfast risk" in risk
    assert "internal name holdfast_risk" in risk
    assert "\n" not in risk
    assert found["tasks: property holdfast_key"].state == "made"


def test_where_definitions_cannot_even_be_read_every_step_is_manual(bare: Portal) -> None:
    bare.faults({"operation": "property-groups", "kind": "forbidden"})
    found = steps(bare)
    assert states(found) == {"manual"}
    assert all("crm.objects.companies.read" in step.told for step in found.values())


def test_names_of_the_config_are_the_names_that_are_made(bare: Portal) -> None:
    found = steps(bare, fields={"risk": "acme_risk", "key": "acme_key"})
    assert {"companies: property acme_risk", "tasks: property acme_key"} <= set(found)
    assert definition(bare, "tasks", "acme_key").unique is True
