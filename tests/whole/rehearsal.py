"""A sandbox with its config, and the command line run against it in this process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.sandbox.server import Sandbox
from sync.cli.main import main

LIVE = {
    "HOLDFAST__WRITEBACK__MODE": "live",
    "HOLDFAST__LIMITS__BASELINE": "false",
    "HOLDFAST__LIMITS__MAX_OPEN_PER_PERSON": "0",
    "HOLDFAST__LIMITS__MAX_NEW_PER_PERSON_PER_WEEK": "0",
    "HOLDFAST__LIMITS__MAX_NEW_TASKS_PER_RUN": "0",
    "HOLDFAST__LIMITS__MAX_CLOSED_SHARE": "0",
}
DAY = 86_400


@dataclass
class Rehearsal:
    """One sandbox and one worker's folder."""

    url: str
    config: Path
    sandbox: Sandbox
    patch: pytest.MonkeyPatch

    def holdfast(self, *arguments: str, status: int = 0) -> str:
        """Run a command and return its standard output; it must end with `status`."""
        out, err = TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            got = main([*arguments, "--config", str(self.config), "--quiet"])
        out.seek(0)
        text = out.read()
        assert got == status, f"{arguments} ended with {got}: {err.getvalue()}{text}"
        return text if status == 0 else text + err.getvalue()

    def json(self, *arguments: str) -> Any:
        return json.loads(self.holdfast(*arguments, "--json"))

    def live(self) -> None:
        self.set(**LIVE)

    def set(self, **environ: str) -> None:
        for name, value in environ.items():
            self.patch.setenv(name, value)

    def get(self, path: str, **query: Any) -> Any:
        reply = requests.get(f"{self.url}/_sandbox/{path}", params=query, timeout=60)
        reply.raise_for_status()
        return reply.json()

    def post(self, path: str, document: Any) -> Any:
        reply = requests.post(f"{self.url}/_sandbox/{path}", json=document, timeout=60)
        assert reply.ok, reply.text
        return reply.json()

    def act(self, crm: str, do: str, **details: Any) -> Any:
        return self.post("act", {"crm": crm, "do": do, **details})

    def advance(self, seconds: int) -> None:
        self.post("clock", {"advance_seconds": seconds})

    def forget_journal(self) -> None:
        requests.delete(f"{self.url}/_sandbox/journal", timeout=60).raise_for_status()

    def writes(self) -> list[tuple[str, str]]:
        """(CRM, operation) of the requests in the journal that wrote."""
        return [(one["crm"], one["operation"]) for one in self.get("journal")["requests"] if one["write"]]

    def records(self, crm: str, name: str) -> list[dict[str, Any]]:
        return list(self.get(f"records/{crm}/{name}", limit=100_000)["records"])

    def our_tasks(self, crm: str) -> list[dict[str, Any]]:
        """Tasks with our key as the CRM stores them, in one shape: key, id, deleted, closed, owner, account."""
        if crm == "salesforce":
            return [
                {
                    "key": one["Holdfast_Key__c"],
                    "id": one["Id"],
                    "deleted": one["IsDeleted"],
                    "closed": one["IsClosed"],
                    "owner": one["OwnerId"],
                    "account": one["WhatId"],
                    "subject": one["Subject"],
                    "body": one["Description"],
                }
                for one in self.records("salesforce", "Task")
                if one.get("Holdfast_Key__c")
            ]
        return [
            {
                "key": one["properties"]["holdfast_key"],
                "id": one["id"],
                "deleted": one["archived"],
                "closed": one["properties"]["hs_task_status"] == "COMPLETED",
                "owner": one["properties"]["hubspot_owner_id"],
                "account": None,
                "subject": one["properties"]["hs_task_subject"],
                "body": one["properties"]["hs_task_body"],
            }
            for one in self.records("hubspot", "tasks")
            if one["properties"].get("holdfast_key")
        ]

    def contact(self, crm: str, account_id: str, name: str) -> str:
        """The id of the contact of that name at that account."""
        if crm == "salesforce":
            found = [
                one["Id"]
                for one in self.records(crm, "Contact")
                if one["AccountId"] == account_id and f"{one['FirstName'] or ''} {one['LastName']}".strip() == name
            ]
        else:
            found = [
                one["id"]
                for one in self.records(crm, "contacts")
                if str(one["properties"].get("associatedcompanyid")) == account_id
                and f"{one['properties'].get('firstname') or ''} {one['properties'].get('lastname') or ''}".strip()
                == name
            ]
        return str(found[0])

    def verdicts(self, *arguments: str) -> dict[tuple[str, str, str], dict[str, Any]]:
        told = self.json("evaluate", *arguments)
        return {(one["connection"], one["account"]["id"], one["rule"]): one for one in told["verdicts"]}


@contextmanager
def rehearsal(folder: Path, **options: Any) -> Iterator[Rehearsal]:
    """A running sandbox, its config in `folder`, nothing pulled yet."""
    sandbox = Sandbox(**options)
    url = sandbox.start_in_thread()
    config = folder / "config.toml"
    sandbox.write_config(config)
    with pytest.MonkeyPatch.context() as patch:
        try:
            yield Rehearsal(url=url, config=config, sandbox=sandbox, patch=patch)
        finally:
            sandbox.stop()
