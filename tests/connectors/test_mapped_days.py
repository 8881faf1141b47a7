"""What the customer's own fields tell, as both connectors read them: mapped, empty, nonsense, not mapped."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from connectors.hubspot.mapping import shapes
from connectors.hubspot.records import account_row, contact_row, deal_row, user_row
from connectors.hubspot.settings import HubspotSettings
from connectors.salesforce import mapping
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.sources import sources

HUBSPOT = HubspotSettings.model_validate(
    {
        "kind": "hubspot",
        "access_token": SecretStr("pat-x"),
        "map": {
            "plan_date": "plan_day",
            "expectations_date": "asked_on",
            "contact_every_days": "every",
            "deals": {"competitor": "rival"},
        },
    }
)
SALESFORCE = SalesforceSettings.model_validate(
    {
        "base_url": "http://127.0.0.1:1",
        "auth": "client-credentials",
        "client_id": "id",
        "client_secret": "s",
        "map": {
            "plan_date": "Plan__c",
            "expectations_date": "Asked__c",
            "contact_every_days": "Every__c",
            "deals": {"competitor": "Rival__c"},
        },
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
    assert SALESFORCE.map.named() == {
        "plan_date": "Plan__c",
        "expectations_date": "Asked__c",
        "contact_every_days": "Every__c",
    }
    assert "rival" in shapes(HUBSPOT)["deals"].properties
    opportunities = next(one for one in sources(SALESFORCE) if one.stream == "opportunities")
    assert "Rival__c" in opportunities.required


@pytest.mark.parametrize(
    ("in_salesforce", "in_hubspot", "days"),
    [(60.0, "60", 60), (1, "1.9", 1), (0, "0", None), (None, "", None), (1e9, "1e9", None), ("soon", "soon", None)],
)
def test_an_agreed_rhythm_is_a_number_of_days_that_people_live_through(
    in_salesforce: object, in_hubspot: str, days: int | None
) -> None:
    record = {"Id": "001000000000001AAA", "Every__c": in_salesforce}
    assert mapping.accounts([record], SALESFORCE).rows["accounts"][0]["contact_every_days"] == days
    assert account_row(HUBSPOT, {"every": in_hubspot})["contact_every_days"] == days


def test_a_competitor_is_told_by_the_mapped_field_alone() -> None:
    record = {"Id": "006000000000001AAA", "Rival__c": " Nordwerk "}
    assert mapping.deals([record], SALESFORCE).rows["deals"][0]["competitor"] == "Nordwerk"
    plain = SALESFORCE.model_copy(update={"map": type(SALESFORCE.map)()})
    assert "competitor" not in mapping.deals([record], plain).rows["deals"][0]
    assert deal_row({"rival": "Nordwerk"}, competitor="rival")["competitor"] == "Nordwerk"
    assert deal_row({}, competitor="rival")["competitor"] == "", "mapped, and nobody bids"
    assert "competitor" not in deal_row({"rival": "Nordwerk"})


def test_a_department_is_the_user_s_own_or_the_owner_s_main_team() -> None:
    record = {"Id": "005000000000001AAA", "Name": "Jana Roth", "Department": "Sales "}
    assert mapping.users([record]).rows["users"][0]["department"] == "Sales"
    teams = [{"id": "1", "name": "Everybody", "primary": False}, {"id": "2", "name": "Sales", "primary": True}]
    assert user_row({"id": "7", "teams": teams})["department"] == "Sales"
    assert user_row({"id": "7", "teams": teams[:1]})["department"] == ""
    assert (
        user_row({"id": "7", "teams": None})["department"] == user_row({"id": "7", "teams": ["x"]})["department"] == ""
    )


def test_hubspot_tells_when_somebody_who_is_away_is_back() -> None:
    assert contact_row({"hs_returning_to_office_detected_date": "2026-11-09T12:00:00Z"})["back_on"] == date(2026, 11, 9)
    assert contact_row({})["back_on"] is None
