"""A portal without our properties, provisioned, is as good as any other."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from connectors.hubspot.connector import connect
from connectors.hubspot.settings import HubspotSettings
from tests.whole.rehearsal import rehearsal


def test_a_bare_portal_provisioned_takes_tasks_and_fields(tmp_path: Path) -> None:
    with rehearsal(tmp_path, bare=True, accounts=12, touches_per_account=20, rate_limits=False) as crm:
        settings = HubspotSettings(
            kind="hubspot", base_url=crm.url, access_token=SecretStr(crm.sandbox.hubspot.access_token)
        )
        connector = connect("hubspot", settings)
        assert {step.state for step in connector.provision(dry_run=False)} == {"made"}
        connector.close()
        crm.live()
        written = crm.json("run", "--connection", "hubspot")["connections"]["hubspot"]["written"]
        assert written["created"] == len(crm.our_tasks("hubspot")) > 0
        assert written["fields"] > 0
        assert any(crm.our_fields("hubspot").values())
        again = crm.json("run", "--connection", "hubspot")["connections"]["hubspot"]["written"]
        assert not any(again.values())
