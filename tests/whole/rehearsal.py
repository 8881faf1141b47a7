"""A sandbox with its config, and the command line run against it in this process."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
import requests

from connectors.hubspot import connector as hubspot
from connectors.hubspot.settings import HubspotSettings
from connectors.salesforce import connector as salesforce
from connectors.sandbox.server import Sandbox
from rules.rule import discover
from sync import config_file, cycle
from sync.cli.main import main
from sync.cycle import Report, Work
from sync.store.engine import open_engine

LIVE = {
    "HOLDFAST__WRITEBACK__MODE": "live",
    "HOLDFAST__LIMITS__BASELINE": "false",
    "HOLDFAST__LIMITS__MAX_OPEN_PER_PERSON": "0",
    "HOLDFAST__LIMITS__MAX_NEW_PER_PERSON_PER_WEEK": "0",
    "HOLDFAST__LIMITS__MAX_NEW_TASKS_PER_RUN": "0",
    "HOLDFAST__LIMITS__MAX_CLOSED_SHARE": "0",
}
DAY = 86_400
PROJECT = Path(__file__).parent.parent.parent
_LOGGED = re.compile(r"\d{4}-\d\d-\d\dT")


@dataclass
class Rehearsal:
    """One sandbox and one worker's folder."""

    url: str
    config: Path
    sandbox: Sandbox
    patch: pytest.MonkeyPatch
    slept: float = 0.0  # seconds that the last `cycle` would have waited

    def holdfast(self, *arguments: str, status: int = 0) -> str:
        """Run a command and return its standard output; it must end with `status`."""
        out, err = TextIOWrapper(BytesIO(), encoding="utf-8", write_through=True), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            got = main([*arguments, "--config", str(self.config), "--quiet"])
        out.seek(0)
        text = out.read()
        assert got == status, f"{arguments} ended with {got}: {err.getvalue()}{text}"
        return text if status == 0 else text + err.getvalue()

    def told(self, *arguments: str, status: int) -> list[str]:
        """Run a command that fails and return the lines that it wrote to standard error; never a traceback."""
        out, err = TextIOWrapper(BytesIO(), encoding="utf-8"), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            got = main([*arguments, "--config", str(self.config), "--quiet"])
        assert got == status, f"{arguments} ended with {got}: {err.getvalue()}"
        assert "Traceback" not in err.getvalue()
        # What a log says besides begins with its time.
        return [line for line in err.getvalue().splitlines() if not _LOGGED.match(line)]

    def cycle(self, crm: str) -> Report:
        """One live cycle on one connection that waits for nothing: pauses move its clock, and are counted in `slept`."""
        config, rulebook = config_file.load(self.config)
        settings, engine = config.connections[crm], open_engine(config.store_url)
        self.slept = 0.0
        connector = (
            hubspot.connect(
                crm, settings, rulebook.needs, clock=lambda: time.monotonic() + self.slept, sleep=self._sleep
            )
            if isinstance(settings, HubspotSettings)
            else salesforce.connect(crm, settings, rulebook.needs, pause=self._sleep)
        )
        now = datetime.fromisoformat(self.get("clock")["now"])
        try:
            work = Work(engine=engine, config=config, rulebook=rulebook, connector=connector, now=now)
            return cycle.run(work, live=True)
        finally:
            connector.close()
            engine.dispose()

    def _sleep(self, seconds: float) -> None:
        self.slept += seconds

    def spawn(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        """Start a command as a process of its own; whoever starts it ends it."""
        # Whoever runs the tests in the background of a shell has SIGINT ignored, and a child inherits that.
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        code += "from sync.cli.entry import run; run()"
        line = [sys.executable, "-c", code, *arguments, "--config", str(self.config)]
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True} | options
        return subprocess.Popen(line, cwd=PROJECT, **pipes)

    def begin_again(self) -> None:
        """The CRMs are as they were at first, and the worker has no store."""
        self.sandbox.reset()
        self.forget_store()

    def forget_store(self) -> None:
        for part in self.config.parent.glob("holdfast.db*"):
            part.unlink()

    def faults(self, *rules: dict[str, Any]) -> None:
        """These faults and no others are in force."""
        self.sandbox.faults.replace(rules)

    def json(self, *arguments: str) -> Any:
        return json.loads(self.holdfast(*arguments, "--json"))

    def live(self) -> None:
        self.set(**LIVE)

    def only(self, *rules: str) -> None:
        """Of all rules these are on and no others."""
        for rule in discover():
            path = f"HOLDFAST__RULES__{rule.replace('-', '_').upper()}__ENABLED"
            self.patch.setenv(path, "true" if rule in rules else "false")

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

    def patch_record(self, crm: str, name: str, record_id: str, values: dict[str, Any]) -> None:
        """Change a record as some other user of the CRM would."""
        reply = requests.patch(f"{self.url}/_sandbox/records/{crm}/{name}/{record_id}", json=values, timeout=60)
        assert reply.ok, reply.text

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
        """Tasks with our key as the CRM stores them, in one shape: key, id, deleted, closed, owner, account, subject,
        body, status, due.
        """
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
                    "status": one["Status"],
                    "due": one["ActivityDate"],
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
                "status": one["properties"]["hs_task_status"],
                "due": one["properties"]["hs_timestamp"],
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

    def truth(self, crm: str) -> dict[tuple[str, str], str]:
        """What the sandbox planted, of the rules that are on: (account id, rule) to verdict."""
        _, rulebook = config_file.load(self.config)
        return {
            (account[f"{crm}_id"], rule): by_crm[crm]
            for account in self.get("truth")["accounts"]
            for rule, by_crm in account["expect"].items()
            if rule in rulebook.rules
        }

    def judged(self, crm: str) -> dict[tuple[str, str], str]:
        """What the worker says: (account id, rule) to verdict."""
        found = self.verdicts("--connection", crm)
        return {(account_id, rule): one["verdict"] for (_, account_id, rule), one in found.items()}

    def open_tasks(self, crm: str) -> Counter[tuple[str, str]]:
        """How many open tasks of ours there are per (account id, route)."""
        alive = (one["key"].split(":") for one in self.our_tasks(crm) if not one["deleted"] and not one["closed"])
        return Counter((account_id, route) for _, account_id, route, _ in alive)

    def our_fields(self, crm: str) -> dict[str, dict[str, Any]]:
        """Our account fields as the CRM stores them, by account id."""
        if crm == "salesforce":
            return {one["Id"]: _ours(one) for one in self.records(crm, "Account")}
        return {one["id"]: _ours(one["properties"]) for one in self.records(crm, "companies")}

    def pulled(self, crm: str) -> dict[str, list[Any]]:
        """What stands in the store of people, deals and touches, apart from the cycle that brought it."""
        tables = dict.fromkeys(("users", "contacts", "contact_roles", "deals", "activities"), "id, deleted, content")
        tables["links"] = "activity_id, source, side, kind, target"
        return self._select(crm, tables)

    def _select(self, crm: str, tables: dict[str, str], store: str = "holdfast.db") -> dict[str, list[Any]]:
        with closing(sqlite3.connect(self.config.parent / store)) as db:
            return {
                name: sorted(db.execute(f"SELECT {columns} FROM {name} WHERE connection = ?", (crm,)).fetchall())
                for name, columns in tables.items()
            }

    def sql(self, statement: str) -> list[Any]:
        """Read or change the store behind the worker's back."""
        with closing(sqlite3.connect(self.config.parent / "holdfast.db")) as db, db:
            return db.execute(statement).fetchall()

    def kept(self, crm: str, *, store: str = "holdfast.db") -> dict[str, list[Any]]:
        """Verdicts, findings and tasks as the store keeps them."""
        tables = {
            "verdicts": "account_id, rule, verdict, numbers",
            "findings": "account_id, rule, open, severity, text, not_raised_since",
            "tasks": "key, state, rules",
        }
        return self._select(crm, tables, store)

    def verdicts(self, *arguments: str) -> dict[tuple[str, str, str], dict[str, Any]]:
        told = self.json("evaluate", *arguments)
        return {(one["connection"], one["account"]["id"], one["rule"]): one for one in told["verdicts"]}


def _ours(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name.lower().startswith("holdfast_")}


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
