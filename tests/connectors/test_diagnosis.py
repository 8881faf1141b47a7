"""What connectors tell the doctor, from answers that a sandbox does not give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.diagnosis import Line, State
from connectors.errors import QuotaError, RejectedError
from connectors.hubspot.diagnosis import diagnose as diagnose_portal
from connectors.hubspot.paths import Paths
from connectors.hubspot.settings import HubspotSettings
from connectors.protocol import ON_DEMAND
from connectors.salesforce.diagnosis import WRITTEN_OF_TASK, diagnose
from connectors.salesforce.settings import SalesforceSettings
from connectors.salesforce.sources import sources

ORG = SalesforceSettings(
    base_url="https://acme.my.salesforce.com", auth="client-credentials", client_id="x", client_secret="x"
)
PORTAL = HubspotSettings.model_validate({"kind": "hubspot", "access_token": "x", "map": {"tier": "our_tier"}})


@dataclass
class Total:
    total: int


@dataclass
class Org:
    """A Salesforce client as far as it is asked here: everything can be read, 10 records of each object are seen."""

    lacks: set[str] = field(default_factory=set)  # objects
    counted: Mapping[str, int] = field(default_factory=dict)
    closed: tuple[str, ...] = ("Completed",)
    stops_at: str = ""

    def describe(self, name: str) -> dict[str, Any] | None:
        if name == self.stops_at:
            raise QuotaError("acme: no calls left; wait")
        names = {"Id", "SystemModstamp", *WRITTEN_OF_TASK}
        for source in sources(ORG, ON_DEMAND):
            names |= {*source.required, *source.optional}
        fields = [{"name": one, "createable": True, "updateable": True} for one in names]
        return None if name in self.lacks else {"createable": True, "updateable": True, "fields": fields}

    def ask(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        name = params["sObjects"]
        return {"sObjects": [{"name": name, "count": self.counted[name]}] if name in self.counted else []}

    def query(self, soql: str) -> Total:
        return Total(total=10)

    def queries(self, soqls: Sequence[str]) -> list[Any]:
        return [[{"ApiName": one, "IsClosed": True} for one in self.closed], RejectedError("acme: no", "X")]


def told(org: Org) -> list[Line]:
    return list(diagnose(org, sources(ORG)))  # type: ignore[arg-type]


def found(lines: list[Line], state: State) -> list[str]:
    return [line.what for line in lines if line.state is state]


@pytest.mark.parametrize(("counted", "state"), [(11, State.OK), (12, State.WARN), (0, State.OK)])
def test_records_that_sharing_hides_are_told_by_their_number(counted: int, state: State) -> None:
    lines = [line for line in told(Org(counted={"Contact": counted})) if line.what.startswith("Contact: sees")]
    assert [line.state for line in lines] == [state]
    assert state is State.OK or "View All on Contact" in lines[0].remedy


def test_an_object_that_an_org_can_do_without_is_no_failure() -> None:
    lines = told(Org(lacks={"EmailMessage", "TaskRelation"}))
    assert found(lines, State.FAIL) == []
    assert any(what.startswith("EmailMessage") for what in found(lines, State.WARN))


def test_teams_are_looked_at_where_a_rule_needs_them() -> None:
    lacking = Org(lacks={"AccountTeamMember", "OpportunityTeamMember"})
    assert not any("TeamMember" in line.what for line in told(lacking))
    lines = list(diagnose(lacking, sources(ORG, ON_DEMAND)))  # type: ignore[arg-type]
    assert found(lines, State.FAIL) == []
    (warned,) = (line for line in lines if line.what.startswith("AccountTeamMember") and line.state is State.WARN)
    assert "Account Teams" in warned.remedy


def test_an_object_that_it_cannot_do_without_is_one() -> None:
    assert "Opportunity: cannot be read at all" in found(told(Org(lacks={"Opportunity"})), State.FAIL)


def test_a_mapped_field_that_is_not_there_may_be_misspelt() -> None:
    mapped = SalesforceSettings.model_validate(ORG.model_dump() | {"map": {"customer_since": "Customer_Sinc__c"}})
    org = Org(lacks={"Customer_Sinc__c"})
    failed = [line for line in diagnose(org, sources(mapped)) if line.state is State.FAIL]  # type: ignore[arg-type]
    assert [line.what for line in failed] == [
        "Account: Customer_Sinc__c cannot be read, and nothing can be judged without"
    ]
    assert failed[0].remedy.startswith("correct its name in [connections.NAME.map], or grant it")


def test_an_org_without_a_closed_status_is_told() -> None:
    assert any("no status" in what for what in found(told(Org(closed=())), State.WARN))


def test_what_stops_one_check_stops_no_other() -> None:
    lines = told(Org(stops_at="Contact"))
    assert "acme: no calls left" in found(lines, State.FAIL)
    assert any(what.startswith("Opportunity:") for what in found(lines, State.OK))


@dataclass
class Portal:
    """A HubSpot client: every property is there but `lacks`, `forbidden` objects miss a scope."""

    lacks: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    statuses: tuple[str, ...] = ("NOT_STARTED", "COMPLETED")
    name: str = "portal"
    paths: Paths = field(default_factory=lambda: Paths("v3"))

    def get(self, path: str, query: Mapping[str, str] | None = None) -> dict[str, Any]:
        if path.rpartition("/")[2] in self.forbidden:
            raise RejectedError("connection portal: HubSpot misses the scope x; grant it", "MISSING_SCOPES")
        if "properties" not in path:
            return {"results": [{"id": "1"}]}
        names = {"our_tier", "hs_task_status", *self._all()} - self.lacks
        options = [{"value": one} for one in self.statuses]
        return {"results": [{"name": one, "options": options if one == "hs_task_status" else []} for one in names]}

    def _all(self) -> set[str]:
        from connectors.hubspot.mapping import shapes
        from connectors.hubspot.task_states import task_properties

        known = {name for shape in shapes(PORTAL).values() for name in shape.properties}
        return known | set(task_properties("holdfast_key"))


def portal_told(portal: Portal) -> list[Line]:
    return list(diagnose_portal(portal, PORTAL))  # type: ignore[arg-type]


def test_a_portal_in_order_has_nothing_to_mend() -> None:
    assert {line.state for line in portal_told(Portal())} == {State.OK}


def test_a_missing_scope_fails_where_nothing_goes_without_and_warns_elsewhere() -> None:
    lines = portal_told(Portal(forbidden={"deals", "emails"}))
    assert [what.partition(":")[0] for what in found(lines, State.FAIL)] == ["deals"]
    assert [what.partition(":")[0] for what in found(lines, State.WARN)] == ["emails"]
    assert all(line.remedy == "grant it" for line in lines if line.state is not State.OK)


def test_a_mapped_property_that_is_not_there_fails_and_another_warns() -> None:
    assert any("our_tier" in what for what in found(portal_told(Portal(lacks={"our_tier"})), State.FAIL))
    assert any("jobtitle" in what for what in found(portal_told(Portal(lacks={"jobtitle"})), State.WARN))


def test_a_portal_without_our_statuses_fails() -> None:
    assert any("COMPLETED" in what for what in found(portal_told(Portal(statuses=("NOT_STARTED",))), State.FAIL))
