"""Builds a made-up company account by account: contacts, touches, deals and the truth about it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypedDict

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal, SeedUser
from connectors.sandbox.names import (
    EXECUTIVE_TITLES,
    JUNIOR_TITLES,
    PEOPLE,
    PLAIN_TITLES,
    TRAP_TITLES,
    TRAP_VICE_PRESIDENT,
    person,
)
from connectors.sandbox.planting import Cast, act_out
from connectors.sandbox.situations import Expected
from connectors.sandbox.staff import Staff
from connectors.sandbox.timeline import Days, Diary
from connectors.sandbox.twists import LEAVER_AGE, Part, Plan, Twist

_ORDINARY_TOUCHES = 40  # about what a planted account has at one exchange a day
_LOYAL = 0.55  # of the customers who bought nothing this year
_PEERS = ("general", "operations", "finance")  # the functions of our executives
_MOST_CONTACTS = 20  # of one account, before those without a title
_MOST_PEOPLE = 60  # with them
_BACKGROUND_AGES = (1, 1_100)
_ONE_YEAR = 365


Stated = tuple[tuple[str, ...], dict[str, Expected]]  # what was planted, and the verdicts that it decides, by rule


class _Users(TypedDict):
    top: str
    others: tuple[str, ...]
    predecessor: str
    outsider: str
    our_executive: str


class _People(TypedDict):
    executive: str
    known: tuple[str, ...]
    regulars: tuple[str, ...]
    cold: str
    heir: str
    parts: dict[str, str]
    everybody: tuple[str, ...]


@dataclass(kw_only=True, slots=True)
class Builder:
    """The company as far as it stands. `volume` is the rough mean number of touches of an account."""

    days: Days
    diary: Diary
    staff: Staff
    volume: int
    company: Company = field(default_factory=Company)
    background: list[tuple[str, str]] = field(default_factory=list)  # (account, contact), none of them key
    stated: dict[str, Stated] = field(default_factory=dict)  # by account

    def key_account(self, account: SeedAccount, plan: Plan) -> None:
        """A key account on which the plan is acted out."""
        coverage = plan.coverage
        users, owner = self._users(plan)
        # A won deal makes the customer, whatever the type says.
        kind = self.days.rng.choice(("Customer", "Customer", "Customer", "", "Prospect"))
        self._open(self._with_days(account, plan), owner, kind, coverage.first_won)
        cast = Cast(**users, **self._people(account, plan))
        act_out(self.diary, cast, plan, exchanges_a_day=max(1, self.volume // _ORDINARY_TOUCHES))
        self._sell(account, plan.revenue, coverage.first_won)
        planted = (
            *coverage.planted,
            *plan.executive.planted,
            *(name for twist in plan.twists for name in twist.planted),
        )
        self.stated[account.id] = (planted, dict(plan.expect))

    def customer(self, account: SeedAccount, revenue: int) -> None:
        """A customer that is not key: by small revenue, by an old deal alone, or by type alone."""
        rng = self.days.rng
        first_won = rng.randint(400, 2_500) if revenue or rng.random() < _LOYAL else 0
        kind = rng.choice(("Customer", "Customer", "", "Prospect")) if first_won else "Customer"
        self._open(account, rng.choice(self.staff.reps), kind, first_won)
        self._live(account)
        self._sell(account, revenue, first_won)
        self.stated[account.id] = (("not-key",), {})

    def stranger(self, account: SeedAccount) -> None:
        """A prospect or partner that never bought."""
        rng = self.days.rng
        self._open(account, rng.choice(self.staff.reps), rng.choice(("Prospect", "Prospect", "Partner", "")), 0)
        self._live(account)
        self._sell(account, 0, 0)
        self.stated[account.id] = (("no-customer",), {})

    def finish(self) -> Company:
        """The company, after everybody but the silent has logged something of late, where no rule looks."""
        signs = [(user, 3, 55) for user in self.staff.logging()]
        signs += [(user, 200, 700) for user in self.staff.former for _ in range(20)]
        for user, low, high in signs if self.background else ():
            self.diary.account, contact = self.days.rng.choice(self.background)
            self.diary.exchange(self.days.workday(low, high), user.id, (contact,))
        self.company.users = self.staff.everybody()
        self.company.touches = self.diary.touches
        self.company.as_of = self.days.as_of
        return self.company

    def _with_days(self, account: SeedAccount, plan: Plan) -> SeedAccount:
        """The account with the days that the twists keep on it."""
        planned, together, asked = (
            self.days.date(age) if age else None
            for age in (
                max((twist.planned_age for twist in plan.twists), default=0),
                max((twist.together_age for twist in plan.twists), default=0),
                max((twist.asked_age for twist in plan.twists), default=0),
            )
        )
        return replace(account, planned_on=planned, planned_together_on=together, asked_on=asked)

    def _users(self, plan: Plan) -> tuple[_Users, SeedUser]:
        """Our people on the account, and which of them owns it."""
        rng, coverage = self.days.rng, plan.coverage
        top, colleague, outsider, *reps = rng.sample(self.staff.reps, 8)
        if plan.owner_title:
            some = rng.sample(self.staff.reps, len(self.staff.reps))
            top, colleague, outsider, *reps = sorted(some, key=lambda one: one.title != plan.owner_title)
        if plan.left_age:
            top = self.staff.leavers[plan.left_age]
        owner = {"top": top, "colleague": colleague, "silent": rng.choice(self.staff.silent)}[coverage.owner]
        others = reps[: len(coverage.other_days)]
        if coverage.leaver:
            others[0] = self.staff.leavers[LEAVER_AGE]
        elif plan.executive.by_colleague:
            others[0] = rng.choice([*self.staff.service, *self.staff.executives])
        elif any(twist.executive for twist in plan.twists):
            others[0] = rng.choice(self.staff.executives)
        executive = rng.choice(self.staff.executives)
        if plan.peer:
            executive = self.staff.executives[_PEERS.index(plan.peer)]
            others = [executive if one in self.staff.executives else one for one in others]
        users = _Users(
            top=top.id,
            others=tuple(user.id for user in others),
            predecessor=owner.id if coverage.owner == "silent" else colleague.id,
            outsider=outsider.id,
            our_executive=executive.id,
        )
        return users, owner

    def _people(self, account: SeedAccount, plan: Plan) -> _People:
        """Their people on the account."""
        rng, executive = self.days.rng, plan.executive
        country = rng.randrange(len(PEOPLE))
        heard_of = bool(executive.title or executive.role)
        chief = self._contact(account, country, executive.title, executive.role) if heard_of else ""
        titles = plan.titles or self._ordinary_titles(trap=not heard_of, junior=plan.junior)
        known = tuple(self._contact(account, country, title) for title in titles)
        people = _People(
            executive=chief,
            known=known,
            regulars=known[:1] if plan.lone else known,
            cold=self._contact(account, country, rng.choice(plan.titles or PLAIN_TITLES)),
            heir=self._contact(account, country, rng.choice(JUNIOR_TITLES)) if plan.coverage.leaver else "",
            parts={part.name: self._contact(account, country, part.title, part.role, part) for part in plan.parts},
            everybody=(),
        )
        for twist in plan.twists:
            self._leave_untitled(account, country, twist)
        there = (one for one in self.company.contacts[-_MOST_PEOPLE:] if one.account == account.id and one.active)
        people["everybody"] = tuple(one.id for one in there)
        return people

    def _leave_untitled(self, account: SeedAccount, country: int, twist: Twist) -> None:
        """As many contacts without a title as make three fifths of all, or one more."""
        if not twist.untitled:
            return
        titled = sum(contact.account == account.id for contact in self.company.contacts[-_MOST_CONTACTS:])
        if titled % 2:
            self._contact(account, country, self.days.rng.choice(JUNIOR_TITLES))
        for _ in range((titled + 1) // 2 * 3 + (twist.untitled == "more")):
            self._contact(account, country, "")

    def _open(self, account: SeedAccount, owner: SeedUser, kind: str, first_won: int) -> None:
        since = self.days.date(first_won) if first_won else None
        self.company.accounts.append(replace(account, owner=owner.id, type=kind, customer_since=since))
        self.diary.account = account.id

    def _ordinary_titles(self, *, trap: bool, junior: bool) -> list[str]:
        """Two or three titles of no executive, most of the traps among them where nothing else is known."""
        plain_titles = self.days.rng.sample(JUNIOR_TITLES if junior else PLAIN_TITLES, 2)
        if trap:
            traps = [title for title in TRAP_TITLES[:3] if not (junior and title == TRAP_VICE_PRESIDENT)]
            return [*traps, plain_titles[0]]
        return [*plain_titles, *TRAP_TITLES[3:]] if self.days.rng.random() < 0.2 else plain_titles

    def _contact(self, account: SeedAccount, country: int, title: str, role: str = "", part: Part | None = None) -> str:
        """The id of a new contact; a number in the address keeps namesakes apart."""
        name, mail = person(self.days.rng, country)
        number, left_age = len(self.company.contacts) + 1, part.left_age if part else 0
        row = SeedContact(
            id=f"c{number:07d}",
            account=account.id,
            name=name,
            email=f"{mail}.{number}@{account.domain}",
            title=title,
            role=role,
            active=not left_age,
            left_on=self.days.date(left_age) if left_age else None,
            entered_on=self.days.date(part.entered_age) if part and part.entered_age else None,
        )
        self.company.contacts.append(row)
        return row.id

    def _live(self, account: SeedAccount) -> None:
        """Contacts of any title, and a random rhythm with them over three years, mostly the owner's."""
        rng = self.days.rng
        country, titles = rng.randrange(len(PEOPLE)), rng.sample((*PLAIN_TITLES, *EXECUTIVE_TITLES, *TRAP_TITLES), 4)
        contacts = [self._contact(account, country, title) for title in titles[: rng.randint(1, 4)]]
        self.background.append((account.id, contacts[0]))
        owner = self.company.accounts[-1].owner
        users = [owner] * 6 + [user.id for user in rng.sample(self.staff.reps, 2)]
        for _ in range(round(self.volume * rng.uniform(0.4, 1.6))):
            self._something(rng.choice(users), rng.choice(contacts))
        if rng.random() < 0.1:
            self.diary.plan_ahead(owner, contacts[0])

    def _something(self, user: str, contact: str) -> None:
        rng, age = self.days.rng, self.days.workday(*_BACKGROUND_AGES)
        chance = rng.random()
        if chance < 0.6:
            self.diary.write("email", age, user, (contact,), direction="inbound" if chance < 0.27 else "outbound")
        elif chance < 0.7:
            self.diary.write(
                "call", age, user, (contact,), direction="outbound", outcome="connected", minutes=rng.randint(3, 25)
            )
        elif chance < 0.8:
            self.diary.attempt("call", "no-answer" if chance < 0.77 else "voicemail", age, user, contact)
        elif chance < 0.94:
            self.diary.write("meeting", age, user, (contact,), outcome="completed", minutes=60)
        elif chance < 0.97:
            self.diary.attempt("meeting", "no-show" if chance < 0.955 else "cancelled", age, user, contact)
        else:
            self.diary.write("note", age, user, (contact,))

    def _sell(self, account: SeedAccount, revenue: int, first_won: int) -> None:
        """Deals won: `revenue` within the year, and one a year back to the first; now and then one lost or open."""
        rng = self.days.rng
        if first_won > _ONE_YEAR:
            for age in range(first_won, _ONE_YEAR + 15, -_ONE_YEAR):
                self._deal(account, age, rng.randint(1_000, 200_000), won=True)
        parts = rng.randint(1, 3) if revenue else 0
        for part in range(parts):
            self._deal(account, rng.randint(15, 330), (revenue + part) // parts, won=True)
        if rng.random() < 0.3:
            self._deal(account, rng.randint(15, 600), rng.randint(1_000, 300_000), won=False)
        if rng.random() < 0.3:
            self._deal(account, -rng.randint(20, 120), rng.randint(1_000, 300_000), won=False)

    def _deal(self, account: SeedAccount, age: int, amount: int, *, won: bool) -> None:
        number = len(self.company.deals) + 1
        row = SeedDeal(
            id=f"d{number:07d}",
            account=account.id,
            name=f"{account.name}: order {number}",
            amount=float(amount),
            currency="EUR",
            closed_on=self.days.date(age),
            won=won,
        )
        self.company.deals.append(row)
