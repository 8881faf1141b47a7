"""A made-up company with people as they are, as it goes on: what they do to our tasks, and what must hold of those.

One seed, one course of events, whatever the CRM: the same `Life` lived twice differs in nothing but what we do to it.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from connectors.sandbox.company import Company, SeedUser
from connectors.sandbox.made_up import make_company
from connectors.sandbox.server import START
from sync.cycle import Report
from sync.wording import closed_by_us
from tests.whole.rehearsal import DAY, Rehearsal

REPS = 12
OPEN, NEW = 5, 3  # domain.md section 3; the config says nothing, so these are its defaults
CHARACTERS = ("diligent", "deleter", "deferrer", "editor", "absent")
LIVE = {
    "HOLDFAST__WRITEBACK__MODE": "live",
    "HOLDFAST__CALENDAR__COUNTRY": "DE",
    "HOLDFAST__CALENDAR__QUIET_DAYS": '["2026-12-24/2027-01-01"]',
}
# All that a CRM is to tell: without a mail for 90 days, say, silence would prove nothing any more.
EXCHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("log_email", {"direction": "inbound"}),
    ("log_email", {"direction": "outbound"}),
    ("log_call", {"minutes": 12, "outcome": "connected"}),
    ("hold_meeting", {"minutes": 45}),
)
# What the ledger keeps, by table: what a row is named by, and all that must not depend on how often we came.
KEPT = {
    "findings": (
        "account_id, rule",
        """open, severity, text, date(raised_at), date(not_raised_since), date(unknown_since), ended_why,
        quiet_until, quiet_why, quiet_severity""",
    ),
    "tasks": (
        "key",
        "account_id, route, state, assignee_id, rules, written, date(created_at), date(ended_at), ended_how, adopted_on",
    ),
    "verdicts": ("account_id, rule", "verdict, severity, reason, message, numbers"),
}


@dataclass(kw_only=True)
class Week:
    """What happened to each person's tasks in a week, by CRM id of the person."""

    monday: date
    new: Counter[str] = field(default_factory=Counter)
    open: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    dismissed: Counter[str] = field(default_factory=Counter)


@dataclass(kw_only=True)
class Life:
    """The company as it goes on, and what we saw of its tasks. One seed, one course of events."""

    stage: Rehearsal
    crm: str
    rng: Random = field(default_factory=lambda: Random(7))
    weeks: list[Week] = field(default_factory=list)
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    edited: dict[str, str] = field(default_factory=dict)  # key: the subject that a human wrote
    gone: set[str] = field(default_factory=set)
    written: Counter[str] = field(default_factory=Counter)  # as all cycles together told it
    leaver: str = ""

    def __post_init__(self) -> None:
        crm, company = self.stage.sandbox.crms[self.crm], self.stage.sandbox.company
        self.users = {next(iter(crm.ids(user.id))): user for user in company.users}
        self.account_ids = {next(iter(crm.ids(account.id))): account.id for account in company.accounts}
        self.owners = {account.id: account.owner for account in company.accounts}
        self.pairs: dict[str, set[tuple[str, str]]] = defaultdict(set)
        self.contacts: dict[str, list[str]] = defaultdict(list)
        for contact in company.contacts:
            if contact.active:
                self.contacts[contact.account].append(contact.id)
        account_of = {contact.id: contact.account for contact in company.contacts if contact.active}
        for touch in company.touches:
            if touch.users and touch.contacts and touch.at > START - timedelta(days=200):
                for theirs in account_of.keys() & set(touch.contacts):
                    self.pairs[account_of[theirs]].add((touch.users[0], theirs))

    def character(self, who: str) -> str:
        return CHARACTERS[_hash(self.users[who]) % len(CHARACTERS)]

    def on_holiday(self, who: str, week: int) -> bool:
        """Two weeks of thirteen."""
        return (week + _hash(self.users[who])) % 13 < 2

    def here(self) -> set[str]:
        """Ids in the dataset of everybody who has not left."""
        return {user.id for who, user in self.users.items() if user.active and who not in self.gone}

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(self.stage.get("clock")["now"])

    # --- a week -------------------------------------------------------------------------------------------------------

    def week(self, number: int, *, leaves: bool, handed_over: bool) -> None:
        """A cycle on its Monday and one on its Thursday; between them people act."""
        self.begin_week()
        self.cycle()
        self.stage.advance(28 * 3600)
        self.events(leaves=leaves, handed_over=handed_over)
        self.business_goes_on()
        self.people_see_to_their_tasks(number)
        self.stage.advance(2 * DAY - 4 * 3600)
        self.cycle()
        self.stage.advance(4 * DAY)

    def begin_week(self) -> None:
        self.weeks.append(Week(monday=self.now.date()))

    def events(self, *, leaves: bool, handed_over: bool) -> None:
        if leaves:
            self.somebody_leaves()
        if handed_over:
            self.accounts_are_handed_over()

    def cycle(self) -> None:
        """One that goes well."""
        report = self.run()
        assert not report.causes
        assert not report.written["rejected"], report.told()
        self.look()

    def run(self) -> Report:
        """One that goes as it may."""
        report = self.stage.cycle(self.crm)
        self.written += report.written
        return report

    def look(self) -> None:
        """Read our tasks as they stand, count what changed, and see that the promises hold."""
        ours = self.stage.our_tasks(self.crm)
        seen = {task["key"]: task for task in ours}
        assert len(seen) == len(ours), "no key twice"
        week = self.weeks[-1]
        for key, task in seen.items():
            before = self.tasks.get(key)
            if before is None:
                week.new[task["owner"]] += 1
            if task["closed"] and not (before and before["closed"]) and closed_by_us(task["body"]):
                week.closed[task["owner"]] += 1
        alive = [task for task in seen.values() if not task["deleted"] and not task["closed"]]
        week.open = Counter(task["owner"] for task in alive)
        assert all(number <= OPEN for number in week.open.values()), week
        assert all(number <= NEW for number in week.new.values()), week
        # By who has it: a task may outlive the route that it was made for, as when an account changes hands.
        told = Counter((task["key"].split(":")[1], task["owner"]) for task in alive)
        assert all(number == 1 for number in told.values()), "one task per account and reader"
        assert not {task["owner"] for task in alive if task["key"] not in self.tasks} & self.gone
        for key, subject in self.edited.items():
            assert seen[key]["subject"] == subject
        self.tasks = seen

    # --- what people do -----------------------------------------------------------------------------------------------

    def people_see_to_their_tasks(self, week: int) -> None:
        for task in sorted(self.tasks.values(), key=lambda one: str(one["key"])):
            who = task["owner"]
            if not task["deleted"] and not task["closed"] and who not in self.gone and not self.on_holiday(who, week):
                getattr(self, f"_{self.character(who)}")(task, who)

    def _act(self, do: str, task: dict[str, Any], who: str, **details: Any) -> None:
        self.stage.act(self.crm, do, who=who, task=task["id"], **details)

    def _diligent(self, task: dict[str, Any], who: str) -> None:
        """Meets them with a colleague and an executive of ours; half of the tasks are ticked off, half close by themselves."""
        if self.rng.random() < 0.4:
            return
        account = self.account_ids[task["key"].split(":")[1]]
        helper = self.rng.choice(sorted(self.here() - {self.users_id(who)}))
        for hours in (1, 26):
            at = (self.now - timedelta(hours=hours)).isoformat()
            with_them = self.contacts[account][:5]
            if with_them:
                self.stage.act(
                    self.crm,
                    "hold_meeting",
                    who=who,
                    users=[helper],
                    account=account,
                    contacts=with_them,
                    at=at,
                    minutes=45,
                )
        if self.rng.random() < 0.5:
            self._act("complete_task", task, who)
            self.weeks[-1].done[who] += 1

    def _deleter(self, task: dict[str, Any], who: str) -> None:
        if self.rng.random() < 0.6:
            self._act("delete_task", task, who)
            self.weeks[-1].dismissed[who] += 1

    def _deferrer(self, task: dict[str, Any], who: str) -> None:
        until = (self.now + timedelta(days=self.rng.randint(7, 40))).date().isoformat()
        if self.rng.random() < 0.2:
            self._act("defer_task", task, who, until=until)
        elif self.rng.random() < 0.4:
            self._act("edit_task", task, who, due_on=until)

    def _editor(self, task: dict[str, Any], who: str) -> None:
        if task["key"] not in self.edited:
            self.edited[task["key"]] = f"Mine: call them ({len(self.edited)})"
            self._act("edit_task", task, who, subject=self.edited[task["key"]])
        elif self.rng.random() < 0.2:
            self._act("complete_task", task, who)
            self.weeks[-1].done[who] += 1

    def _absent(self, task: dict[str, Any], who: str) -> None:
        """Does nothing about it."""

    def business_goes_on(self, share: float = 0.5) -> None:
        """The pairs who talked talk on: at about half of the accounts in a week, by mail, call or meeting."""
        here = self.here()
        for account, pairs in sorted(self.pairs.items()):
            able = sorted(pair for pair in pairs if pair[0] in here)
            if able and self.rng.random() < share:
                who, contact = self.rng.choice(able)
                at = (self.now - timedelta(hours=self.rng.randint(1, 20))).isoformat()
                do, how = self.rng.choice(EXCHANGES)
                self.stage.act(self.crm, do, who=who, account=account, contact=contact, at=at, **how)

    def users_id(self, who: str) -> str:
        return self.users[who].id

    def somebody_leaves(self) -> None:
        """The rep with the most open tasks."""
        managers = {user.manager for user in self.users.values()}
        counts = [(self.weeks[-1].open[who], who) for who, user in self.users.items() if user.id not in managers]
        self.leaver = max(counts)[1]
        self.stage.act(self.crm, "leave_company", who=self.leaver)
        self.gone.add(self.leaver)

    def accounts_are_handed_over(self) -> None:
        """All accounts of the leaver go to one colleague."""
        heirs = sorted(owner for owner in set(self.owners.values()) if owner != self.users[self.leaver].id)
        boss = self.users[self.leaver].manager
        for account, owner in self.owners.items():
            if owner == self.users[self.leaver].id:
                self.stage.act(self.crm, "change_owner", who=boss, account=account, to=heirs[0])

    # --- what is compared ---------------------------------------------------------------------------------------------

    def state(self) -> dict[tuple[str, ...], Any]:
        """What the CRM and the store hold of ours, by what it is: to the day, and without ids that the CRM gives."""
        found: dict[tuple[str, ...], Any] = dict(self._kept())
        for task in self.stage.our_tasks(self.crm):
            found["task", task["key"]] = {**task, "id": None}
        for account, values in self.stage.our_fields(self.crm).items():
            found["fields", account] = values
        return found

    def _kept(self) -> Iterator[tuple[tuple[str, ...], Any]]:
        for what, (keys, columns) in KEPT.items():
            for row in self.stage.sql(f"SELECT {keys}, {columns} FROM {what} WHERE connection = '{self.crm}'"):
                names = row[: keys.count(",") + 1]
                yield ("kept", what, *names), row[len(names) :]
        under_way = "SELECT subject FROM outbox WHERE state IN ('pending', 'sending', 'unknown')"
        yield ("outbox", "under way"), self.stage.sql(under_way)
        made = "SELECT subject, count(*) FROM outbox WHERE op = 'create_task' AND state = 'done' GROUP BY subject"
        yield ("outbox", "made"), sorted(self.stage.sql(made))

    def arrived(self) -> dict[str, int]:
        """How many changes of tasks the store knows to have arrived, as `written` counts them."""
        ops = {"create_task": "created", "update_task": "updated", "close_task": "closed"}
        rows = self.stage.sql("SELECT op, count(*) FROM outbox WHERE state = 'done' GROUP BY op")
        return {ops[op]: number for op, number in rows if op in ops}

    # --- what a rep sees ----------------------------------------------------------------------------------------------

    def table(self) -> str:
        """Markdown: `new/open` by week and person, then what became of them."""
        whos = sorted({who for week in self.weeks for who in (*week.new, *week.open)}, key=self.users_id)
        bosses = {user.manager for user in self.users.values()}
        rows = [
            [
                "week of",
                *(f"{'boss' if self.users_id(who) in bosses else 'rep'}: {self.character(who)}" for who in whos),
            ],
            ["---"] * (len(whos) + 1),
            *([f"{week.monday:%d %b}", *(f"{week.new[who]}/{week.open[who]}" for who in whos)] for week in self.weeks),
        ]
        for told, name in (("new", "new"), ("closed", "closed by us"), ("done", "done"), ("dismissed", "dismissed")):
            rows.append([name, *(str(sum(getattr(week, told)[who] for week in self.weeks)) for who in whos)])
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _hash(user: SeedUser) -> int:
    return zlib.crc32(user.email.encode())


def company(accounts: int) -> Company:
    """As the sandbox makes it, with twelve who own accounts: what the others had is theirs."""
    made = make_company(1, accounts, 40, START)
    there = {user.id for user in made.users if user.active} - {user.manager for user in made.users}
    owners = sorted({account.owner for account in made.accounts} & there)
    heirs = {owner: owners[number % REPS] for number, owner in enumerate(owners)}
    made.users = [user for user in made.users if heirs.get(user.id, user.id) == user.id]
    made.accounts = [replace(account, owner=heirs.get(account.owner, account.owner)) for account in made.accounts]
    made.touches = [
        replace(touch, users=tuple(dict.fromkeys(heirs.get(who, who) for who in touch.users))) for touch in made.touches
    ]
    return made
