"""demo: the whole way on a sandbox, told in under a page."""

from __future__ import annotations

import html
import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import requests
import typer
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from rules.facts import AccountFacts
from sync import config_file, cycle
from sync.cli.report import write_report
from sync.cli.session import Session, console
from sync.errors import SandboxError
from sync.findings import FindingState
from sync.pages.scene import Scene
from sync.pages.site import Site
from sync.report.summary import summary
from sync.store import ledger
from sync.store.engine import open_engine
from sync.store.facts import Moment

_ACCOUNTS = 60
_DAY_SECONDS = 86_400


class Crm(StrEnum):
    SALESFORCE = "salesforce"
    HUBSPOT = "hubspot"
    BOTH = "both"


def add_to(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    crm: Annotated[Crm, typer.Option(help="Which CRM to rehearse on.")] = Crm.BOTH,
    out: Annotated[Path, typer.Option(help="Where config, store and report stand afterwards.")] = Path("demo"),
) -> None:
    """Rehearse the whole way on a local sandbox: find, write, let people act, close what is mended."""
    started, names = time.monotonic(), ["salesforce", "hubspot"] if crm is Crm.BOTH else [str(crm)]
    with _rehearsal(out, names) as stage:
        stage.tell(f"A made-up company of {_ACCOUNTS} accounts stands in a sandbox CRM at {stage.url}.\n")
        for name in names:
            stage.act_one(name)
        stage.advance(_DAY_SECONDS)
        for name in names:
            stage.run(name)
        stage.advance(_DAY_SECONDS)
        for name in names:
            stage.act_two(name)
        stage.write_report(out)
    stage.tell(f"\n{time.monotonic() - started:.0f} s. In {out}: index.html, config.toml, holdfast.db, report.txt.")


@contextmanager
def _rehearsal(out: Path, names: list[str]) -> Iterator[_Stage]:
    from connectors.sandbox.server import Sandbox  # noqa: PLC0415 - heavy, and only here and in `sandbox serve`

    out.mkdir(parents=True, exist_ok=True)
    for left_over in out.glob("holdfast.db*"):
        left_over.unlink()
    sandbox = Sandbox(accounts=_ACCOUNTS)
    url = sandbox.start_in_thread()
    path = out / "config.toml"
    sandbox.write_config(path)
    environ = {"HOLDFAST__WRITEBACK__MODE": "live", "HOLDFAST__LIMITS__BASELINE": "false"}
    config, rulebook = config_file.load(path, environ)
    session = Session(path=path, config=config, rulebook=rulebook, engine=open_engine(config.store_url))
    try:
        yield _Stage(session=session, url=url, names=names)
    finally:
        for connector in session.opened:
            connector.close()
        session.engine.dispose()
        sandbox.stop()


@dataclass
class _Stage:
    """The rehearsal under way. `acted` says on which account people did what, by connection."""

    session: Session
    url: str
    names: list[str]
    console: Console = field(default_factory=console)
    acted: dict[str, dict[str, str]] = field(default_factory=dict)

    def tell(self, text: str) -> None:
        self.console.print(text, markup=False)

    def run(self, name: str) -> cycle.Report:
        (work,) = self.session.works([name])
        report = cycle.run(work, live=True)
        self.session.failures += [f"{name}: {error}" for error in report.errors]
        return report

    def act_one(self, name: str) -> None:
        """The first cycle, a task as its reader sees it, and what people then do."""
        report = self.run(name)
        records = sum(pulled.records for pulled in report.pulled.values())
        raised = ", ".join(f"{counted['raised']} {rule}" for rule, counted in report.findings.items())
        unknown = sum(counted["unknown"] for counted in report.findings.values())
        self.tell(
            f"{name}: pulled {records:,} records with {report.api_calls} calls; found {raised}; {unknown} UNKNOWN.\n"
            f"  Wrote {report.written['created']} tasks, and the fields of {report.written['fields']} accounts."
        )
        if name == self.names[0]:
            self._show_a_task(name)
        self.acted[name] = self._people_act(name)
        done = "; ".join(f"{what} ({self._name(name, where)})" for what, where in self.acted[name].items())
        self.tell(f"  People then: {done}.\n")

    def act_two(self, name: str) -> None:
        """The cycle at which what was mended has been clear for a day."""
        report = self.run(name)
        written = report.written
        told = ", ".join(f"{written[what]} {what}" for what in ("closed", "created", "updated", "fields"))
        self.tell(f"{name}, two days later: {told}.")
        states = ledger.read_states(self.session.engine, name)
        for what, account_id in self.acted[name].items():
            ended = [state for state in states[account_id].values() if not state.open]
            quiet = {
                str(state.quiet_until) for state in states[account_id].values() if state.open and state.quiet_until
            }
            for state in ended:
                self.tell(f"  {what}: {state.rule} of {self._name(name, account_id)} is closed: {state.ended_why}.")
            for until in sorted(quiet):
                self.tell(f"  {what}: {self._name(name, account_id)} is left alone until {until}.")

    def advance(self, seconds: int) -> None:
        self._control("clock", {"advance_seconds": seconds})

    def write_report(self, out: Path) -> None:
        told, site = [], Site(out, self.names)
        for work in self.session.works(self.names):
            moment = Moment.at(work.now, work.config.timezone)
            scene = Scene.of(work, moment)
            told.append(summary(work.name, site.record(scene), scene.side.people, moment.today))
        site.finish()
        write_report(out, told)

    def _show_a_task(self, name: str) -> None:
        tasks = [task for some in ledger.read_tasks(self.session.engine, name).values() for task in some]
        longest = max((task.actual for task in tasks if task.actual), key=lambda seen: len(seen.body), default=None)
        if longest:
            due = f"due {longest.due_on:%a %d %b %Y}" if longest.due_on else ""
            text = re.sub(r"<br\s*/?>|</p>", "\n", longest.body)
            text = html.unescape(re.sub(r"<[^>]+>", "", text)).strip()
            Console().print(Panel(Text(text), title=Text(longest.subject), subtitle=due, width=100))

    def _people_act(self, name: str) -> dict[str, str]:
        """One completes a task, one deletes one, an executive is met, a colleague joins in: on four accounts."""
        tasks = ledger.read_tasks(self.session.engine, name)
        states = ledger.read_states(self.session.engine, name)
        (work,) = self.session.works([name])
        free = {account_id for account_id in tasks if any(task.actual for task in tasks[account_id])}
        acted = {}
        for what, rule, verb in (
            ("a task was completed", "sole-rep", "complete_task"),
            ("a task was deleted", "exec-reach-lapse", "delete_task"),
            ("an executive was met", "exec-reach-lapse", ""),
            ("a colleague called", "sole-rep", ""),
        ):
            # The one with the fewest other findings shows best what the act alone brings about.
            having = [one for one in sorted(free) if rule in states[one] and states[one][rule].open]
            account_id = min(having, key=lambda one: len(states[one]))
            free.remove(account_id)
            acted[what] = account_id
            if verb:
                task = tasks[account_id][0]
                self._control("act", {"crm": name, "who": task.assignee_id, "do": verb, "task": task.crm_id})
            else:
                (facts,) = cycle.facts_reader(work, Moment.at(work.now, work.config.timezone)).read([account_id])
                self._mend(name, facts, states[account_id][rule], work.now)
        return acted

    def _mend(self, name: str, facts: AccountFacts, state: FindingState, now: datetime) -> None:
        """Do what the finding asks for: meet the executive, or have a colleague of theirs call on enough days."""
        known = {"crm": name, "account": facts.account.id, "contact": state.text.contact_id or facts.contacts[0].id}
        if state.rule == "exec-reach-lapse":
            owner = facts.account.owner_id
            moment = (now - timedelta(hours=2)).isoformat()
            self._control("act", {**known, "who": owner, "do": "hold_meeting", "at": moment, "minutes": 45})
            return
        busy = {user_id for touch in facts.touches for user_id in touch.ours}
        colleague = next(user.id for user in facts.users.values() if user.active and user.id not in busy)
        for days_ago in range(1, math.ceil(len({(touch.day, touch.ours) for touch in facts.touches}) / 9) + 2):
            moment = (now - timedelta(days=days_ago)).isoformat()
            self._control("act", {**known, "who": colleague, "do": "log_call", "at": moment, "minutes": 15})

    def _name(self, name: str, account_id: str) -> str:
        return self._accounts(name).get(account_id, account_id)

    def _accounts(self, name: str) -> dict[str, str]:
        (work,) = self.session.works([name])
        return {
            one.id: one.name
            for one in cycle.facts_reader(work, Moment.at(work.now, work.config.timezone)).accounts.values()
        }

    def _control(self, path: str, document: dict[str, Any]) -> None:
        reply = requests.post(f"{self.url}/_sandbox/{path}", json=document, timeout=30)
        if not reply.ok:
            raise SandboxError(f"sandbox: {path} {document}: {reply.text}")
