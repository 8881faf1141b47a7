"""Notices: what a manager and the operator are told, once each, over a real HTTP receiver and a real mail server."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine

from connectors.protocol import CloseTask, CreateTask, Done, Page, TaskContent, TaskState
from rules.rule import Finding, Severity
from rules.rulebook import read_rulebook
from sync import outbox
from sync.config import Config
from sync.doctor import notice_lines
from sync.errors import ConfigError
from sync.findings import FindingState
from sync.language import languages
from sync.notices.digest import PAGE_LINES, Desk, Digest, Item, Kind, text
from sync.notices.sending import NoticeError, send_alerts, send_digests
from sync.notices.week import week
from sync.plan import HeldBack, Plan, Planned
from sync.run.beats import BEATS, Place
from sync.store import cycles, held_back, ledger, notices, spans
from sync.store.records import save_page
from sync.store.spans import Span

# apprise imports it to find out whether it has to stand in for it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

MONDAY = datetime(2026, 11, 2, 6, tzinfo=UTC)
SECRET = "tok3n"
BOSS = "m.keller@yours.example"


# --- what a digest says


def item(kind: Kind = Kind.OVERDUE, account: str = "Acme", **more: Any) -> Item:
    return Item(**{"kind": kind, "account": account, "why": "known by one person", "due_on": date(2026, 10, 30)} | more)


def digest(*desks: Desk) -> Digest:
    return Digest(to=BOSS, name="Mia Keller", desks=desks)


def desk(*items: Item, name: str = "Jana Roth", tasks: int = 4) -> Desk:
    return Desk(name=name, open=tasks, items=items)


def test_each_account_comes_with_its_reason() -> None:
    told = text(
        digest(
            desk(
                item(Kind.ESCALATED, "Beta"),
                item(),
                item(Kind.NEW, "Gamma"),
                item(Kind.CLOSED, "Delta", why="a second one of ours is in touch"),
                item(Kind.WAITING, "Eps", place=2, queue_length=9),
            )
        )
    )
    assert told.splitlines()[:6] == [
        "Jana Roth: 4 open, 2 overdue, 1 new, 1 closed, 1 waiting",
        "  escalated, due since 30 Oct 2026: Beta: known by one person",
        "  overdue since 30 Oct 2026: Acme: known by one person",
        "  new, due 30 Oct 2026: Gamma: known by one person",
        "  closed: Delta: a second one of ours is in touch",
        "  waiting, place 2 of 9: Eps: known by one person",
    ]


def test_a_digest_speaks_the_language_of_the_tasks() -> None:
    told = text(digest(desk(item(), item(Kind.WAITING, place=1, queue_length=2))), languages()["de"])
    assert "überfällig seit 30. Okt. 2026" in told
    assert not {"overdue", "waiting", "open", "closed"} & set(told.replace(",", "").split())


@pytest.mark.parametrize("people", [1, 5, 12])
def test_a_digest_fits_a_page_and_escalations_always_do(people: int) -> None:
    busy = [*(item(account=f"A{n}") for n in range(60)), item(Kind.ESCALATED, "Beta")]
    told = text(digest(*(desk(*busy, name=f"P{n}") for n in range(people)))).splitlines()
    assert len(told) <= PAGE_LINES + 1
    assert sum("escalated" in line for line in told) == people
    assert sum("more" in line for line in told) == people
    assert max(map(len, told)) < 220


def test_a_hostile_name_stays_on_its_line() -> None:
    told = text(digest(desk(item(account="Evil\nBcc: x@y.example\u202e"))))
    assert "Evil Bcc: x@y.example:" in told


def test_open_tasks_alone_are_no_news() -> None:
    assert not digest(desk()).has_news
    assert digest(desk(item())).has_news


# --- from the store


def state(rule: str = "sole-rep", severity: Severity = Severity.CRITICAL, **more: Any) -> FindingState:
    told = Finding(headline=f"{rule} headline", why="w", clears_when="c", first_step="f", figures="1 of 1")
    return FindingState(**{"rule": rule, "open": True, "severity": severity, "text": told, "raised_at": MONDAY} | more)


@dataclass
class Company:
    """A store with Jana, who reports to Mia, and what happened to Jana's tasks."""

    engine: Engine
    now: datetime = MONDAY

    def config(self, **more: Any) -> Config:
        portal = {"kind": "hubspot", "base_url": "http://127.0.0.1:9", "access_token": "t"}
        return Config.model_validate({"connections": {"crm": portal}, "writeback": {"mode": "live"}, **more})

    def people(self, **boss: Any) -> None:
        rows = [
            {"id": "jana", "name": "Jana Roth", "email": "jana@yours.example", "manager_id": "mia"},
            {"id": "mia", "name": "Mia Keller", "email": BOSS, **boss},
        ]
        names = [{"id": account, "name": account.title()} for account in ("acme", "beta", "gamma")]
        self.save(users=rows, accounts=names)

    def save(self, **rows: list[dict[str, Any]]) -> None:
        save_page(self.engine, "crm", "all", Page(rows=rows), cycle=1, now=self.now)

    def found(self, account: str, *states: FindingState) -> None:
        with self.engine.begin() as db:
            ledger.save_states(db, "crm", {account: states})

    def task(
        self, account: str, due_on: date, made_at: datetime, *rules: str, seen: dict[str, Any] | None = None
    ) -> str:
        key = f"hf1:{account}:owner:1"
        content = TaskContent(assignee_id="jana", subject="S", body="B", due_on=due_on, severity="high")
        task = TaskState(
            key=key, id=account, status="open", account_id=account, assignee_id="jana", subject="S", body="B",
            due_on=due_on,
        )  # fmt: skip
        create = CreateTask(key=key, account_id=account, contact_id=None, content=content)
        self._send(create, account, made_at, dict.fromkeys(rules, "high"), task)
        if seen:
            shown = {"key": key, "id": account, "account_id": account, "assignee_id": "jana", "due_on": due_on}
            self.save(crm_tasks=[{**shown, "status": "open", "subject": "S", "body": "B", **seen}])
        return key

    def close(self, account: str, at: datetime, *, cleared: bool = True) -> None:
        key = f"hf1:{account}:owner:1"
        close = CloseTask(key=key, task_id=account, account_id=account, reason="it is so no more", body=None)
        self._send(close, account, at, {}, None)
        ended = Span(
            account_id=account, rule="sole-rep", severity="high", raised_at=self.now, ended_at=at,
            ended_as="clear" if cleared else "unknown",
        )  # fmt: skip
        with self.engine.begin() as db:
            spans.save(db, "crm", [ended])

    def _send(self, change: Any, account: str, at: datetime, rules: dict[str, str], task: TaskState | None) -> None:
        planned = Planned(change=change, account_id=account, account_name=account, rules=rules, assignee_id="jana")
        rows = outbox.send(self.engine, Plan(connection="crm", changes=(planned,)), cycle=1, now=at)
        outcomes = [(row, one, Done(task=task)) for row, one in rows.items()]
        outbox.settle(self.engine, "crm", outcomes, cycle=1, now=at)

    def told(self, **config: Any) -> list[Item]:
        return [one for each in week(self.engine, self.config(**config), self.now).digests for one in _items(each)]


def _items(one: Digest) -> Iterator[Item]:
    return (item for each in one.desks for item in each.items)


@pytest.fixture
def company(engine: Engine) -> Company:
    made = Company(engine=engine)
    made.people()
    return made


LONG_AGO = MONDAY - timedelta(days=60)


def test_a_week_tells_what_is_new_overdue_gone_and_waiting(company: Company) -> None:
    company.found("acme", state(severity=Severity.MEDIUM))
    company.task("acme", date(2026, 10, 30), LONG_AGO, "sole-rep")
    company.task("beta", date(2026, 11, 9), MONDAY - timedelta(days=3), "sole-rep")
    company.task("gamma", date(2026, 11, 9), LONG_AGO, "sole-rep")
    company.close("gamma", MONDAY - timedelta(days=2))
    company.found("delta", state("going-quiet"))
    waits = HeldBack(
        account_id="delta", account_name="Delta", rules=("going-quiet",), reason="waits", assignee_id="jana", place=3,
        queue_length=9,
    )  # fmt: skip
    held_back.replace_all(company.engine, "crm", [waits])
    told = [(one.kind, one.account, one.why) for one in company.told()]
    assert told == [
        (Kind.OVERDUE, "Acme", "sole-rep headline"),
        (Kind.NEW, "Beta", ""),
        (Kind.CLOSED, "Gamma", "it is so no more"),
        (Kind.WAITING, "Delta", "going-quiet headline"),
    ]
    preview = {one.kind for one in company.told(writeback={"mode": "preview"})}
    assert Kind.WAITING not in preview


def test_what_was_closed_for_another_reason_is_not_told(company: Company) -> None:
    company.task("gamma", date(2026, 11, 9), LONG_AGO, "sole-rep")
    company.close("gamma", MONDAY - timedelta(days=2), cleared=False)
    assert company.told() == []


@pytest.mark.parametrize(
    ("due_on", "severity", "seen", "kind"),
    [
        pytest.param(date(2026, 10, 19), Severity.HIGH, {}, Kind.ESCALATED, id="ten business days past due"),
        pytest.param(date(2026, 10, 20), Severity.HIGH, {}, Kind.OVERDUE, id="nine"),
        pytest.param(date(2026, 10, 1), Severity.MEDIUM, {}, Kind.OVERDUE, id="not severe enough"),
        pytest.param(date(2026, 10, 1), Severity.CRITICAL, {"status": "deferred"}, None, id="deferred"),
        pytest.param(
            date(2026, 10, 1), Severity.CRITICAL, {"due_on": date(2026, 11, 9)}, None, id="given a later date"
        ),
        pytest.param(date(2026, 10, 1), Severity.CRITICAL, {"due_on": None}, None, id="without a date"),
        pytest.param(date(2026, 11, 2), Severity.CRITICAL, {}, None, id="due today"),
    ],
)
def test_only_what_is_severe_and_long_past_due_is_escalated(
    company: Company, due_on: date, severity: Severity, seen: dict[str, Any], kind: Kind | None
) -> None:
    company.found("acme", state(severity=severity))
    company.task("acme", due_on, LONG_AGO, "sole-rep", seen=seen)
    assert [one.kind for one in company.told()] == ([kind] if kind else [])


def test_holidays_of_the_person_are_no_business_days(company: Company) -> None:
    company.found("acme", state())
    company.task("acme", date(2026, 10, 19), LONG_AGO, "sole-rep")
    (one,) = company.told(calendar={"holidays": ["2026-10-26"]})
    assert one.kind is Kind.OVERDUE


def test_what_cleared_yesterday_is_not_escalated(company: Company) -> None:
    company.found("acme", state(not_raised_since=MONDAY))
    company.task("acme", date(2026, 10, 1), LONG_AGO, "sole-rep")
    assert [one.kind for one in company.told()] == [Kind.OVERDUE]


def test_a_person_in_two_crms_is_told_of_once(company: Company) -> None:
    overdue(company)
    other = company.config().connections["crm"]
    save_page(
        company.engine,
        "other",
        "all",
        Page(
            rows={
                "users": [
                    {"id": "j", "name": "Jana Roth", "email": "jana@yours.example", "manager_id": "m"},
                    {"id": "m", "name": "Mia Keller", "email": BOSS},
                ],
            }
        ),
        cycle=1,
        now=MONDAY,
    )
    waits = HeldBack(
        account_id="eps", account_name="Eps", rules=("sole-rep",), reason="waits", assignee_id="j", place=1,
        queue_length=1,
    )  # fmt: skip
    held_back.replace_all(company.engine, "other", [waits])
    ((mine,),) = (one.desks for one in week(
        company.engine, company.config(connections={"crm": other, "other": other}), MONDAY
    ).digests)  # fmt: skip
    assert (mine.open, [one.account for one in mine.items]) == (1, ["Acme", "Eps"])


def test_a_manager_who_left_is_stood_in_for_or_nobody_is_told(company: Company) -> None:
    company.task("beta", date(2026, 11, 9), MONDAY, "sole-rep")
    company.people(active=False, manager_id="ceo")
    found = week(company.engine, company.config(), MONDAY)
    assert (found.digests, found.unheard) == ((), {"Jana Roth": 1})
    company.save(users=[{"id": "ceo", "name": "C", "email": "ceo@yours.example"}])
    (one,) = week(company.engine, company.config(), MONDAY).digests
    assert one.to == "ceo@yours.example"


# --- sending


@dataclass
class Receiver:
    """An HTTP server that takes notices, or refuses them with `status`."""

    port: int = 0
    status: int = 200
    bodies: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/{SECRET}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    got = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            got.paths.append(self.path)
            self.send_response(got.status)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        got.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield got
        server.shutdown()
        thread.join()


def overdue(company: Company) -> None:
    company.found("acme", state())
    company.task("acme", date(2026, 10, 1), LONG_AGO, "sole-rep")


def to(receiver: Receiver, path: str = "", **more: Any) -> dict[str, Any]:
    return {"notices": {"digest_to": SecretStr(receiver.url + path), "alerts_to": SecretStr(receiver.url), **more}}


def test_a_digest_goes_out_once_a_week_and_escalates_a_finding_once(company: Company, receiver: Receiver) -> None:
    overdue(company)
    config = company.config(**to(receiver, "/{manager_email}"))
    assert [one.problem for one in send_digests(company.engine, config, MONDAY)] == [""]
    assert send_digests(company.engine, config, MONDAY + timedelta(days=4)) == []
    (body,) = receiver.bodies
    assert "escalated, due since 1 Oct 2026: Acme: sole-rep headline" in body["message"]
    assert body["title"] == "Holdfast: your customers in the week to 2 Nov 2026"
    assert receiver.paths[0].rpartition("/")[2] in ("m.keller%40yours.example", BOSS)
    send_digests(company.engine, config, MONDAY + timedelta(days=7))
    assert "escalated" not in receiver.bodies[1]["message"]
    assert "overdue since 1 Oct 2026: Acme" in receiver.bodies[1]["message"]


def test_a_finding_raised_anew_is_another_to_escalate(company: Company, receiver: Receiver) -> None:
    overdue(company)
    send_digests(company.engine, company.config(**to(receiver)), MONDAY)
    company.found("acme", state(raised_at=MONDAY + timedelta(days=1)))
    (one,) = company.told()
    assert one.kind is Kind.ESCALATED


def test_what_nobody_took_is_tried_again_and_no_secret_is_told(
    company: Company, receiver: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    overdue(company)
    receiver.status = 500
    (failed,) = send_digests(company.engine, company.config(**to(receiver)), MONDAY)
    assert failed.problem.startswith("notices.digest_to: not every service took the notice")
    told = capfd.readouterr()
    assert SECRET not in failed.problem + told.out + told.err
    receiver.status = 200
    assert [one.problem for one in send_digests(company.engine, company.config(**to(receiver)), MONDAY)] == [""]
    assert "escalated" in receiver.bodies[-1]["message"]


def test_a_worker_that_dies_while_sending_sends_nothing_twice(
    company: Company, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    overdue(company)
    config = company.config(**to(receiver))

    class DeadError(BaseException):
        pass

    def die(*_: Any) -> None:
        raise DeadError

    with monkeypatch.context() as patched:
        patched.setattr("sync.notices.sending._send", die)
        with pytest.raises(DeadError):
            send_digests(company.engine, config, MONDAY)
    assert send_digests(company.engine, config, MONDAY + timedelta(hours=1)) == []
    assert receiver.bodies == []


def test_without_an_address_or_news_nothing_is_sent(company: Company, receiver: Receiver) -> None:
    assert send_digests(company.engine, company.config(**to(receiver)), MONDAY) == []
    overdue(company)
    assert send_digests(company.engine, company.config(), MONDAY) == []
    assert send_digests(company.engine, company.config(**to(receiver)), MONDAY, only=["x@y.example"]) == []
    assert notices.claim(company.engine, "anything", now=MONDAY)


def test_an_address_that_no_service_has_is_one_line_without_it(company: Company) -> None:
    overdue(company)
    config = company.config(notices={"digest_to": SecretStr(f"fax://{SECRET}")})
    (failed,) = send_digests(company.engine, config, MONDAY)
    assert "no service for address 1" in failed.problem
    assert SECRET not in failed.problem


def test_doctor_tells_whether_the_addresses_are_understood_and_sends_nothing(receiver: Receiver) -> None:
    config = Config.model_validate(to(receiver, "/{manager_email}"))
    assert [line.what for line in notice_lines(config)] == [
        "notices.digest_to: apprise understands 1 address; nothing was sent",
        "notices.alerts_to: apprise understands 1 address; nothing was sent",
    ]
    assert receiver.bodies == []
    with pytest.raises(NoticeError, match="no service for address 2"):
        list(notice_lines(Config.model_validate({"notices": {"alerts_to": SecretStr("json://h fax://h")}})))
    assert list(notice_lines(Config())) == []


def test_the_beats_send_and_say_what_was_not_taken(company: Company, receiver: Receiver) -> None:
    overdue(company)
    ran(company.engine, -9, "x")
    ran(company.engine, -1, "x")
    config, beats = company.config(**to(receiver)), {beat.name: beat for beat in BEATS}
    assert beats["alerts"].cron(config)
    assert not beats["alerts"].cron(company.config())
    place = Place(config=config, rulebook=read_rulebook({})[0], engine=company.engine)
    receiver.status = 500
    for name, key in (("digest", "digest_to"), ("alerts", "alerts_to")):
        with pytest.raises(NoticeError, match=key):
            beats[name].run(place, MONDAY)
    receiver.status = 200
    before = len(receiver.bodies)
    for name in ("digest", "alerts", "digest", "alerts"):
        beats[name].run(place, MONDAY)
    assert len(receiver.bodies) == before + 2


# --- mail


class _Mail(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as a client needs to hand over one message."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().strip():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.messages.append(self._message())  # type: ignore[attr-defined]
            elif verb == b"RCPT":
                self.server.recipients.append(line.decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return

    def _message(self) -> str:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.decode())
        return "".join(lines)


@contextmanager
def mail_server() -> Iterator[Any]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail) as server:
        server.messages, server.recipients = [], []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_digest_arrives_as_plain_mail_at_the_managers_own_address(company: Company) -> None:
    overdue(company)
    with mail_server() as server:
        port = server.server_address[1]
        address = f"mailto://127.0.0.1:{port}?from=holdfast@yours.example&to={{manager_email}}"
        (given,) = send_digests(company.engine, company.config(notices={"digest_to": SecretStr(address)}), MONDAY)
    assert given.problem == ""
    (message,) = server.messages
    assert "Content-Type: text/plain" in message
    assert "text/html" not in message
    assert BOSS in server.recipients[0]


# --- the operator's alert


def ran(engine: Engine, hour: float, error: str = "", connection: str = "crm") -> None:
    at = MONDAY + timedelta(hours=hour)
    cycles.end(engine, cycles.begin(engine, connection, at), {}, error, at)


def alerts(engine: Engine, receiver: Receiver, hour: float = 99) -> list[str]:
    """What is sent at that hour, by title."""
    before = len(receiver.bodies)
    send_alerts(engine, Company(engine=engine).config(**to(receiver)), MONDAY + timedelta(hours=hour))
    return [body["title"] for body in receiver.bodies[before:]]


BEGAN, WELL = "Holdfast: crm fails since 2026-11-02 07:00", "Holdfast: crm is well again"


def test_an_outage_is_told_once_when_it_is_long_and_once_when_it_is_over(engine: Engine, receiver: Receiver) -> None:
    ran(engine, 0)
    ran(engine, 1, "crm: the login was refused")
    ran(engine, 6.5, "crm: the login was refused")
    assert alerts(engine, receiver) == []
    ran(engine, 7, "crm: the token is revoked")
    assert alerts(engine, receiver) == [BEGAN]
    assert "crm: the token is revoked" in receiver.bodies[0]["message"]
    assert "holdfast doctor" in receiver.bodies[0]["message"]
    ran(engine, 8, "crm: the token is revoked")
    assert alerts(engine, receiver) == []
    ran(engine, 9)
    assert alerts(engine, receiver) == [WELL]
    assert alerts(engine, receiver) == []
    ran(engine, 20, "again")
    ran(engine, 30, "again")
    assert alerts(engine, receiver) == ["Holdfast: crm fails since 2026-11-03 02:00"]


def test_one_failure_before_a_weekend_is_no_outage(engine: Engine, receiver: Receiver) -> None:
    ran(engine, 1, "crm: timed out")
    assert alerts(engine, receiver, hour=60) == []


def test_a_short_outage_is_never_told_to_be_over(engine: Engine, receiver: Receiver) -> None:
    ran(engine, 1, "crm: timed out")
    ran(engine, 2)
    assert alerts(engine, receiver) == []


def test_another_connections_outage_is_its_own(engine: Engine, receiver: Receiver) -> None:
    for hour in (1, 8):
        ran(engine, hour, "old", connection="removed from the config")
        ran(engine, hour)
    assert alerts(engine, receiver) == []


def test_an_alert_that_nobody_took_is_tried_again(engine: Engine, receiver: Receiver) -> None:
    ran(engine, 1, "x")
    ran(engine, 8, "x")
    receiver.status = 503
    alerts(engine, receiver)
    receiver.status = 200
    assert alerts(engine, receiver) == [BEGAN]


# --- the config


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('digest_to = "json://tok3n@h"', "digest_to: a secret must not stand in the file"),
        ('alerts_to = "${NOWHERE}"', "alerts_to: environment variable NOWHERE is not set"),
        ('digest_to = "${ADDRESS}/{manager}"', "digest_to: must have nothing in braces but {manager_email}"),
        ('alerts_to = "${ADDRESS}/{manager_email}"', "alerts_to: must have nothing in braces"),
        ('alerts_to = "${WORD}"', "alerts_to: must be addresses such as mailtos://"),
        ("alert_after_hours = 0", "alert_after_hours: must be more than 0 (is 0)"),
        ("digest_tu = 1", "unknown key, the nearest known one is digest_to"),
    ],
)
def test_a_wrong_address_is_one_line_without_it(tmp_path: Path, line: str, told: str) -> None:
    from sync.config_file import load

    path = tmp_path / "config.toml"
    path.write_text(f"[notices]\n{line}\n")
    with pytest.raises(ConfigError) as error:
        load(path, {"ADDRESS": f"json://{SECRET}@h", "WORD": SECRET})
    (one,) = error.value.lines
    assert told in one
    assert one.startswith(f"{path}:2: notices.")
    assert SECRET not in one or "must not stand" in one


def test_addresses_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    from sync.config_file import load

    (tmp_path / "alerts").write_text("json://a\njson://b\n")
    path = tmp_path / "config.toml"
    path.write_text('[notices]\ndigest_to = "mailtos://h:${PW}@smtp?to={manager_email}"\nalerts_to_file = "alerts"\n')
    config, _ = load(path, {"PW": SECRET})
    assert config.notices.digest_to
    assert config.notices.digest_to.get_secret_value() == f"mailtos://h:{SECRET}@smtp?to={{manager_email}}"
    assert SECRET not in repr(config)
