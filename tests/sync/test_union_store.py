"""A customer that stands in two CRMs, from the store to the plan: judged once, told once, on whole data only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, insert, update

from connectors.protocol import CloseTask, CreateTask, Done, Links, Page, SetFields, TaskState
from rules.facts import AccountFacts
from rules.rulebook import Rulebook, read_rulebook
from sync import outbox
from sync.cli.memory import remembered
from sync.config import Config
from sync.cycle import Work, facts_reader, judge_stage, people_of, plan_stage
from sync.leash import Leash
from sync.plan import Plan
from sync.store import cycles, ledger
from sync.store.erasure import erase_contact
from sync.store.facts import Moment
from sync.store.ledger_tables import LeaseRow
from sync.store.match_state import set_matched
from sync.store.match_tables import MatchRow
from sync.store.past import Past
from sync.store.records import save_page
from sync.store.sql import table_of
from sync.waiting import MOST_SECONDS, await_pulls
from tests.sync.filled import content

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
WHOLE = frozenset({"users", "accounts", "contacts", "deals", "activity", "tasks"})
UTC_ZONE = ZoneInfo("UTC")
SF, HS = "sf", "hs"
RULES = {"single-contact": {"enabled": True, "min_touch_days": 2}}


@dataclass
class Store:
    """Two connections of one group in a store; `group` and `more` go into the config."""

    engine: Engine
    group: Mapping[str, Any] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    now: datetime = NOW
    cycle: int = 0

    def rows(self, connection: str, links: list[tuple[str, ...]] | None = None, **rows: list[dict[str, Any]]) -> None:
        """Store these rows; links are (activity, side, kind, target)."""
        told = [dict(zip(("activity_id", "side", "kind", "target"), link, strict=True)) for link in links or ()]
        page = Page(rows=rows, links=[Links(source="own", rows=told, replaced=[one["activity_id"] for one in told])])
        save_page(self.engine, connection, "things", page, cycle=1, now=self.now)

    def same(self, kind: str, *refs: tuple[str, str], home: int | None = None) -> None:
        """These records are one."""
        party = min(":".join(ref) for ref in refs)
        with self.engine.begin() as db:
            for number, (connection, record_id) in enumerate(refs):
                told = {"connection": connection, "kind": kind, "id": record_id, "party": party, "why": [], "news": 0}
                db.execute(insert(table_of(MatchRow)).values(**told, home=number == home))

    def moved(self, connection: str) -> None:
        """Accounts are home there from now on."""
        of_accounts = table_of(MatchRow).c.kind == "account"
        at_home = {"home": table_of(MatchRow).c.connection == connection}
        with self.engine.begin() as db:
            db.execute(update(table_of(MatchRow)).where(of_accounts).values(**at_home))

    def ended(self, connection: str, key: str, status: Literal["completed", "deleted"]) -> None:
        """A human ended a task of ours that `send` made."""
        task = TaskState(
            key=key, id="1", status=status, account_id=None, assignee_id="5", subject="", body="", due_on=None,
            ended_at=self.now,
        )  # fmt: skip
        with self.engine.begin() as db:
            ledger.remember_task(db, connection, task, self.cycle)

    def pulled(self, connection: str, *, but: str = "") -> None:
        """A cycle brought everything whole, but for one kind of records."""
        cycle = cycles.begin(self.engine, connection, self.now)
        cycles.end(self.engine, cycle, {"complete": sorted(WHOLE - {but})}, "", self.now)
        with self.engine.begin() as db:
            set_matched(db, "main", connection, b"", 1)

    def work(self, connection: str, complete: frozenset[str] = WHOLE) -> Work:
        token = {"kind": "hubspot", "access_token": "x"}
        config = Config.model_validate({
            "connections": {SF: token, HS: token},
            "groups": {"main": {"connections": [SF, HS], **self.group}},
            "customers": {"key": "all"},
            "limits": {"baseline": False},
            **self.more,
        })  # fmt: skip
        able = SimpleNamespace(account_fields=frozenset({"risk", "risk_level", "findings"}))
        connector: Any = SimpleNamespace(name=connection, capabilities=lambda: able)
        return Work(
            engine=self.engine,
            config=config,
            rulebook=_rulebook(),
            connector=connector,
            now=self.now,
            complete=complete,
        )

    def facts(self, connection: str = SF, account_id: str = "a1") -> AccountFacts:
        work = self.work(connection)
        (found,) = facts_reader(work, Moment.at(self.now, work.config.timezone)).read([account_id])
        return found

    def plan(self, connection: str) -> Plan:
        work = self.work(connection)
        return plan_stage(work, judge_stage(work))

    def send(self, connection: str) -> Plan:
        """Make a plan, and remember it as the CRM would have it afterwards."""
        plan = self.plan(connection)
        self.cycle += 1
        for row, planned in outbox.send(self.engine, plan, cycle=self.cycle, now=self.now).items():
            match planned.change:
                case CreateTask(key=key, account_id=account_id, content=content):
                    told: dict[str, Any] = {"subject": content.subject, "body": content.body, "due_on": content.due_on}
                    task = TaskState(
                        key=key, id="1", status="open", account_id=account_id, assignee_id=content.assignee_id, **told
                    )
                    done = Done(task=task)
                case _:
                    done = Done()
            outbox.settle(self.engine, connection, [(row, planned, done)], cycle=self.cycle, now=self.now)
        return plan

    def verdict(self, connection: str = SF, account_id: str = "a1") -> str:
        with self.engine.connect() as db:
            found = db.exec_driver_sql(
                f"SELECT verdict FROM verdicts WHERE connection = '{connection}' AND account_id = '{account_id}'"
            )
            return str(found.scalar())


def _rulebook() -> Rulebook:
    from rules.rule import discover

    catalog = {"single-contact": discover()["single-contact"]}
    rulebook, problems = read_rulebook(RULES, catalog, named=())
    assert not problems
    return rulebook


@pytest.fixture
def acme(engine: Engine) -> Store:
    """Acme in both: in each CRM Jana meets one person there, in each another; alone it hangs on one contact."""
    store = Store(engine)
    for name, person, contact, account in ((SF, "u1", "c1", "a1"), (HS, "5", "7", "9")):
        meetings = [f"{name}-m{number}" for number in range(3)]
        store.rows(
            name,
            [link for one in meetings for link in ((one, "ours", "user", person), (one, "theirs", "contact", contact))],
            users=[{"id": person, "name": "Jana Roth", "email": "jana@seller.example"}],
            accounts=[{"id": account, "name": f"Acme {name}", "domain": "acme.example", "customer_type": True}],
            contacts=[{"id": contact, "account_id": account, "email": f"{name}@acme.example", "name": f"Of {name}"}],
            activities=[
                {"id": one, "kind": "meeting", "outcome": "held", "at": NOW - timedelta(days=3 * number + 2)}
                for number, one in enumerate(meetings)
            ],
        )
        store.pulled(name)
    store.rows(SF, accounts=[{"id": "a1", "name": "Acme", "owner_id": "u1", "customer_type": True}])
    store.same("user", (SF, "u1"), (HS, "5"))
    store.same("account", (SF, "a1"), (HS, "9"), home=0)
    return store


def one_person(store: Store) -> Store:
    """Of the customer's people both CRMs know the same one: the customer hangs on her."""
    store.same("contact", (SF, "c1"), (HS, "7"))
    return store


def test_the_home_is_judged_with_what_both_crms_know(acme: Store) -> None:
    facts = acme.facts()
    assert [one.id for one in facts.contacts] == ["c1", "hs:7"]
    assert {one.id: one.theirs for one in facts.touches} == {
        **{f"sf-m{number}": ("c1",) for number in range(3)},
        **{f"hs:hs-m{number}": ("hs:7",) for number in range(3)},
    }
    assert {one.ours for one in facts.touches} == {("u1",)}
    assert set(facts.sources.values()) == {(SF,), (HS,)}
    judge_stage(acme.work(SF))
    assert acme.verdict() == "clear"


def test_a_connection_without_a_group_is_judged_alone(acme: Store) -> None:
    alone = facts_reader(replace(acme.work(SF), config=without_group(acme)), Moment.at(NOW, UTC_ZONE))
    (facts,) = alone.read(["a1"])
    assert ([one.id for one in facts.contacts], len(facts.touches)) == (["c1"], 3)
    assert alone.together.told("a1") == ""


def without_group(store: Store) -> Config:
    return store.work(SF).config.model_copy(update={"groups": {}})


def test_a_meeting_that_both_keep_counts_once(acme: Store) -> None:
    facts = one_person(acme).facts()
    assert {one.id: facts.sources[one.id] for one in facts.touches} == {f"sf-m{n}": (SF, HS) for n in range(3)}
    judge_stage(acme.work(SF))
    assert acme.verdict() == "raised"


def test_the_same_account_is_no_customer_where_it_is_not_home(acme: Store) -> None:
    standing = acme.facts(HS, "9").standing
    assert (standing.customer, standing.key, standing.excluded) == (False, False, "judged as one with sf: Acme (a1)")
    judge_stage(acme.work(HS))
    assert acme.verdict(HS, "9") == "not_applicable"


def test_a_customer_gets_one_task_where_it_is_home_and_both_crms_the_same_fields(acme: Store) -> None:
    one_person(acme)
    here, there = acme.send(SF), acme.send(HS)
    assert [(one.account_id, one.assignee_id) for one in here.of(CreateTask)] == [("a1", "u1")]
    assert there.of(CreateTask) == []
    (ours,), (theirs,) = here.of(SetFields), there.of(SetFields)
    assert isinstance(ours.change, SetFields)
    assert isinstance(theirs.change, SetFields)
    assert ours.change.fields == theirs.change.fields
    assert theirs.change.account_id == "9"


@pytest.mark.parametrize(("fields_in", "written"), [(SF, [1, 0]), (HS, [0, 1])])
def test_fields_go_where_the_config_wants_them(acme: Store, fields_in: str, written: list[int]) -> None:
    acme.group = {"fields_in": fields_in}
    one_person(acme)
    assert [len(acme.plan(name).of(SetFields)) for name in (SF, HS)] == written


def test_a_contact_whom_only_the_other_crm_knows_is_named_but_not_pointed_to(acme: Store) -> None:
    for number in range(3):
        acme.rows(SF, activities=[{"id": f"sf-m{number}", "kind": "meeting", "outcome": "void", "at": NOW}])
    (task,) = acme.plan(SF).of(CreateTask)
    assert isinstance(task.change, CreateTask)
    assert task.change.contact_id is None
    assert "Of hs" in task.change.content.subject + task.change.content.body


def test_an_owner_whom_only_the_other_crm_knows_gets_no_task_here(acme: Store) -> None:
    one_person(acme)
    acme.rows(SF, accounts=[{"id": "a1", "name": "Acme", "customer_type": True}])
    acme.rows(
        HS,
        users=[{"id": "6", "name": "Peter Hall", "email": "peter@seller.example"}],
        accounts=[{"id": "9", "name": "Acme", "owner_id": "6", "customer_type": True}],
    )
    assert acme.facts().account.owner_id == "hs:6"
    plan = acme.plan(SF)
    assert plan.of(CreateTask) == []
    assert [one.reason[:25] for one in plan.held_back] == ["nobody active to give it "]
    acme.more = {"people": {"managers": {"peter@seller.example": "jana@seller.example"}}}
    assert [one.assignee_id for one in acme.plan(SF).of(CreateTask)] == ["u1"]


def test_of_several_members_the_owner_is_the_homes_else_anothers_by_the_homes_name(acme: Store) -> None:
    acme.rows(SF, accounts=[{"id": "a1", "name": "Acme", "customer_type": True}])
    acme.rows(HS, accounts=[{"id": "9", "name": "Acme", "owner_id": "5", "customer_type": True}])
    assert acme.facts().account.owner_id == "u1"


def test_a_task_where_the_account_is_no_longer_home_closes_at_once(acme: Store) -> None:
    """It was given while the two stood apart; for a day, nobody is to have two for one customer."""
    one_person(acme)
    alone = replace(acme.work(HS), config=without_group(acme))
    acme.rows(HS, accounts=[{"id": "9", "name": "Acme", "owner_id": "5", "customer_type": True}])
    plan = plan_stage(alone, judge_stage(alone))
    assert len(plan.of(CreateTask)) == 1
    acme.work = lambda *_: alone  # type: ignore[method-assign]  # one plan is made as if there were no group
    acme.send(HS)
    del acme.__dict__["work"]
    (closing,) = acme.send(HS).of(CloseTask)
    assert isinstance(closing.change, CloseTask)
    assert closing.change.reason == "judged as one with sf: Acme (a1)"


@pytest.mark.parametrize("but", ["activity", "contacts"])
def test_while_the_other_crm_is_not_whole_the_union_keeps_what_it_had(acme: Store, but: str) -> None:
    one_person(acme)
    acme.send(SF)
    acme.rows(HS, contacts=[{"id": "8", "account_id": "9", "name": "New"}])
    acme.rows(HS, [("hs-new", "theirs", "contact", "8"), ("hs-new", "ours", "user", "5")],
              activities=[{"id": "hs-new", "kind": "meeting", "outcome": "held", "at": NOW - timedelta(days=1)}])  # fmt: skip
    acme.pulled(HS, but=but)
    plan = acme.plan(SF)
    assert (plan.changes, plan.held_back, acme.verdict()) == ((), (), "raised")
    acme.pulled(HS)
    acme.plan(SF)
    assert acme.verdict() == "clear"


def test_what_only_one_crm_knows_is_judged_whatever_the_other_brought(acme: Store) -> None:
    acme.rows(SF, accounts=[{"id": "a2", "name": "Beta", "customer_type": True}])
    acme.pulled(HS, but="accounts")
    judge_stage(acme.work(SF))
    assert (acme.verdict(SF, "a1"), acme.verdict(SF, "a2")) == ("None", "unknown")


def test_what_the_other_crm_brought_more_than_a_day_ago_is_not_whole(acme: Store) -> None:
    acme.now += timedelta(hours=25)
    acme.pulled(SF)
    judge_stage(acme.work(SF))
    assert acme.verdict() == "None"


def test_nothing_is_judged_before_all_of_a_group_was_matched(engine: Engine) -> None:
    store = Store(engine)
    store.rows(SF, accounts=[{"id": "a1", "name": "Acme", "customer_type": True}])
    store.pulled(SF)
    assert store.plan(SF).changes == ()
    assert store.verdict() == "None"
    store.pulled(HS)
    judge_stage(store.work(SF))
    assert store.verdict() == "unknown"


def test_news_in_the_other_crm_is_judged_the_same_day(acme: Store) -> None:
    judge_stage(acme.work(SF))
    assert acme.verdict() == "clear"
    acme.rows(HS, contacts=[{"id": "7", "account_id": None, "name": "Of hs"}])
    acme.now += timedelta(minutes=30)
    judge_stage(acme.work(SF))
    assert acme.verdict() == "raised"


def test_won_deals_count_once_and_rank_all_customers_of_the_group(acme: Store) -> None:
    acme.more = {"customers": {"key": "top-share", "top_share": 0.5}}
    deal = {"name": "Renewal", "amount": 900.0, "closed_on": date(2026, 5, 1), "won": True}
    acme.rows(SF, deals=[{"id": "d1", "account_id": "a1", **deal}])
    acme.rows(
        HS, deals=[{"id": "3", "account_id": "9", **deal}, {"id": "4", "account_id": "9", **deal, "amount": 50.0}]
    )
    assert (acme.facts().standing.revenue, acme.facts().standing.key) == (950.0, True)
    acme.rows(
        HS,
        accounts=[{"id": "10", "name": "Gamma", "domain": "gamma.example"}],
        deals=[{"id": "6", "account_id": "10", **deal, "amount": 1000.0}],
    )
    assert acme.facts().standing.key is False
    assert acme.facts(HS, "10").standing.why.startswith("no. 1 of 2 customers")
    assert [one.id for one in acme.facts().deals] == []  # of whom no rule speaks, nothing is read


@pytest.mark.parametrize("name", ["a1", "9", "Acme", "Acme hs", "acme.example"])
def test_an_account_can_be_named_in_the_config_as_either_crm_names_it(acme: Store, name: str) -> None:
    waiver = {"account": name, "rule": "single-contact", "reason": "as agreed"}
    excluded = {"account": name, "reason": "as agreed"}
    acme.more = {"waivers": [waiver]}
    assert acme.facts().waived == {"single-contact": "waived without end: as agreed"}
    acme.more = {"customers": {"key": "all", "exclude": [excluded]}}
    assert acme.facts().standing.excluded == "excluded without end: as agreed"


def test_what_one_crm_cannot_tell_the_other_can(acme: Store) -> None:
    acme.rows(HS, contacts=[{"id": "99", "account_id": "10", "name": "Gone", "left_on": date(2026, 1, 1)}])
    assert acme.facts().untold == {}
    acme.rows(SF, accounts=[{"id": "a2", "name": "Beta", "customer_type": True}])
    assert list(acme.facts(SF, "a2").untold) == ["departures"]


def test_people_are_told_by_any_address_that_a_crm_has_of_them(acme: Store) -> None:
    acme.rows(HS, users=[{"id": "5", "name": "Jana", "email": "j.roth@seller.example"}])
    acme.more = {"people": {"ignore": ["j.roth@seller.example"], "executives": ["jana@seller.example"]}}
    facts = acme.facts()
    assert (facts.ignored, facts.executives) == (frozenset({"u1"}), frozenset({"u1"}))
    assert facts.last_logged == {"u1": date(2026, 10, 31)}


def test_our_people_of_both_crms_are_known_to_the_union(acme: Store) -> None:
    acme.rows(HS, users=[{"id": "6", "name": "Peter", "email": "peter@seller.example", "manager_id": "5"}])
    users = acme.facts().users
    assert {one: user.manager_id for one, user in users.items()} == {"u1": None, "hs:6": "u1"}
    assert "hs:6" in people_of(acme.work(SF), users).unassignable


def test_a_task_put_off_where_the_account_is_not_home_is_not_asked_for(acme: Store) -> None:
    """Whoever works in the other CRM sets the date there."""
    one_person(acme)
    acme.rows(HS, accounts=[{"id": "9", "name": "Acme", "customer_type": True, "ours": {"snooze_until": "2026-12-01"}}])
    plan = acme.plan(SF)
    assert plan.of(CreateTask) == []
    assert [one.reason for one in plan.held_back] == ["account snoozed until 2026-12-01"]
    work = acme.work(SF)
    reader = facts_reader(work, Moment.at(acme.now, work.config.timezone))
    assert remembered(work, reader, "a1")["a1"].snoozed_until == date(2026, 12, 1), "what explain goes by"
    assert remembered(work, reader)["a1"].snoozed_until == date(2026, 12, 1), "what rules preview goes by"


@pytest.fixture
def given_in_hubspot(acme: Store) -> tuple[Store, str]:
    """The customer was home in HubSpot and has a task there; and its key."""
    one_person(acme)
    acme.rows(HS, accounts=[{"id": "9", "name": "Acme", "owner_id": "5", "customer_type": True}])
    acme.moved(HS)
    (task,) = acme.send(HS).of(CreateTask)
    assert isinstance(task.change, CreateTask)
    return acme, task.change.key


@pytest.mark.parametrize(("status", "word", "days"), [("deleted", "dismissed", 90), ("completed", "completed", 30)])
def test_a_task_that_a_human_ended_does_not_come_back_where_the_customer_moves(
    given_in_hubspot: tuple[Store, str], status: Literal["completed", "deleted"], word: str, days: int
) -> None:
    acme, key = given_in_hubspot
    acme.ended(HS, key, status)
    assert acme.plan(HS).of(CreateTask) == []
    acme.moved(SF)
    acme.now += timedelta(minutes=30)
    assert acme.plan(SF).of(CreateTask) == []
    state = ledger.read_states(acme.engine, SF)["a1"]["single-contact"]
    assert (state.open, state.quiet_why) == (True, f"{word} on 2026-11-02")
    assert state.quiet_until == NOW.date() + timedelta(days=days)
    assert acme.plan(SF).of(CreateTask) == [], "judged again or not"


def test_a_task_that_nobody_ended_is_given_where_the_customer_moves(given_in_hubspot: tuple[Store, str]) -> None:
    acme, _ = given_in_hubspot
    acme.moved(SF)
    assert len(acme.plan(SF).of(CreateTask)) == 1


def test_what_is_dismissed_on_the_former_home_after_the_move_counts_the_same_day(
    given_in_hubspot: tuple[Store, str],
) -> None:
    acme, key = given_in_hubspot
    acme.moved(SF)
    assert len(acme.plan(SF).of(CreateTask)) == 1
    acme.ended(HS, key, "deleted")
    acme.plan(HS)
    acme.now += timedelta(minutes=30)
    assert acme.plan(SF).of(CreateTask) == []


def test_whoever_is_forgotten_in_one_crm_is_named_in_no_text_of_the_other(acme: Store) -> None:
    for number in range(3):
        acme.rows(SF, activities=[{"id": f"sf-m{number}", "kind": "meeting", "outcome": "void", "at": NOW}])
    acme.send(SF)
    assert any("Of hs" in str(rows) or "hs:7" in str(rows) for rows in content(acme.engine).values())
    for name in (SF, HS):
        erase_contact(acme.engine, name, "hs@acme.example", NOW)
    left = {table for table, rows in content(acme.engine).items() if "Of hs" in str(rows) or "hs:7" in str(rows)}
    assert left <= {"match_keys", "matches", "match_questions"}  # as long as they were not matched anew


def test_a_past_day_is_judged_as_one_too(acme: Store) -> None:
    work = acme.work(SF)
    a_week_ago = Moment.end_of(date(2026, 10, 29), UTC_ZONE)
    (facts,) = facts_reader(work, a_week_ago).read(["a1"])
    (again,) = facts_reader(work, a_week_ago, Past(SF)).read(["a1"])
    assert [one.id for one in facts.touches] == ["hs:hs-m2", "sf-m2", "hs:hs-m1", "sf-m1"]
    assert again.touches == facts.touches


def test_a_pull_that_another_worker_has_not_ended_is_waited_for(engine: Engine) -> None:
    cycle, waits = cycles.begin(engine, HS, NOW), list[float]()

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            cycles.tell(engine, cycle, {"complete": []})

    await_pulls(engine, [HS], Leash(), sleep)
    assert waits == [], "whoever began it holds no lease any more"
    with engine.begin() as db:
        held: dict[str, Any] = {"connection": HS, "held_until": datetime(2100, 1, 1, tzinfo=UTC), "epoch": 1}
        db.execute(insert(table_of(LeaseRow)).values(beat="cycle", slots="", holder="w", **held))
    await_pulls(engine, [SF], Leash(), sleep)
    assert waits == []
    await_pulls(engine, [HS], Leash(), sleep)
    assert len(waits) == 3


def test_a_worker_does_not_wait_for_ever(engine: Engine) -> None:
    cycles.begin(engine, HS, NOW)
    with engine.begin() as db:
        held: dict[str, Any] = {"connection": HS, "held_until": datetime(2100, 1, 1, tzinfo=UTC), "epoch": 1}
        db.execute(insert(table_of(LeaseRow)).values(beat="cycle", slots="", holder="w", **held))
    waits = list[float]()
    await_pulls(engine, [HS], Leash(), waits.append)
    assert sum(waits) == MOST_SECONDS
