"""Days of the customer's own on an account, as both connectors read them: mapped, empty, no day, not mapped."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import SecretStr

from connectors.hubspot.records import account_row
from connectors.hubspot.settings import HubspotSettings
from connectors.salesforce import mapping
from connectors.salesforce.settings import SalesforceSettings

HUBSPOT = HubspotSettings.model_validate(
    {
        "kind": "hubspot",
        "access_token": SecretStr("pat-x"),
        "map": {"plan_date": "plan_day", "expectations_date": "asked_on"},
    }
)
SALESFORCE = SalesforceSettings.model_validate(
    {
        "base_url": "http://127.0.0.1:1",
        "auth": "client-credentials",
        "client_id": "id",
        "client_secret": "s",
        "map": {"plan_date": "Plan__c", "expectations_date": "Asked__c"},
    }
)


def in_hubspot(values: dict[str, str]) -> Any:
    names = {"plan": "plan_day", "asked": "asked_on"}
    return account_row(HUBSPOT, {names[key]: value for key, value in values.items()})["days"]


def in_salesforce(values: dict[str, str]) -> Any:
    names = {"plan": "Plan__c", "asked": "Asked__c"}
    record = {"Id": "001000000000001AAA", **{names[key]: value for key, value in values.items()}}
    return mapping.accounts([record], SALESFORCE).rows["accounts"][0]["days"]


@pytest.mark.parametrize("read", [in_hubspot, in_salesforce])
def test_a_mapped_day_is_read_and_an_empty_one_says_so(read: Any) -> None:
    assert read({"plan": "2026-03-02"}) == {"plan_date": "2026-03-02", "expectations_date": None}
    assert read({"plan": "soon", "asked": ""}) == {"plan_date": None, "expectations_date": None}


def test_what_is_not_mapped_is_not_read() -> None:
    plain = HubspotSettings.model_validate({"kind": "hubspot", "access_token": SecretStr("pat-x")})
    assert "days" not in account_row(plain, {"plan_date": "2026-03-02"})


def test_the_properties_are_asked_for_by_the_names_that_the_config_gives() -> None:
    assert {"plan_day", "asked_on"} <= set(HUBSPOT.map.named().values())
    assert SALESFORCE.map.named() == {"plan_date": "Plan__c", "expectations_date": "Asked__c"}
