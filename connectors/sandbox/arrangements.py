"""What is arranged around key accounts beside the contact with them: planted when everything else stands.

Sponsors of ours, who else bids, the days of litmus tests and approvals, agreed rhythms, absences, and departments that
write to the same person. Only the last touches anybody; it writes to people who are in touch anyway, without an answer,
so that no other verdict hangs on it. Ages are whole days before the as-of day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal, SeedTouch, SeedUser
from connectors.sandbox.names import JUNIOR_TITLES
from connectors.sandbox.service import Stated
from connectors.sandbox.situations import Expected
from connectors.sandbox.staff import Staff
from connectors.sandbox.timeline import Days

_YEAR = 365
_MONTH = 30
_MOST_SPONSORED = 10
_ENOUGH_FOR_SPONSORS = 2 * _MOST_SPONSORED + 1 + 5
_CURRENT_PLAN = timedelta(days=365)
_IN_TOUCH_DAYS = 110  # in which somebody has shown that they are still there
_MET = frozenset({"completed", "connected"})
# What nobody can be late for while all of theirs are away, and what an agreed rhythm changes.
_WAITED_FOR = frozenset({"main-contact-meeting", "indirect-quarterly", "suspected-left", "exec-to-exec-lapse"})
_WAITING = _WAITED_FOR | {"exec-due-soon"}

Found = tuple[str, Mapping[str, Expected]]  # what was planted, and the verdicts that follow


@dataclass(kw_only=True, slots=True)
class _Work:
    """The company while it is arranged. `key` are its key accounts by id, `stated` what is planted on each account."""

    company: Company
    days: Days
    staff: Staff
    rng: Random
    stated: dict[str, Stated]
    key: dict[str, SeedAccount]
    contacts: dict[str, list[SeedContact]] = field(default_factory=lambda: defaultdict(list))
    touches: dict[str, list[SeedTouch]] = field(default_factory=lambda: defaultdict(list))
    turns: Counter[bool] = field(default_factory=Counter)  # how often departments wrote, by whether there is a team

    def plant(self, account: str, found: Found) -> None:
        """Add to what is planted on an account."""
        planted, verdicts = self.stated[account]
        self.stated[account] = ((*planted, found[0]), {**verdicts, **found[1]})

    def withdraw(self, account: str, rules: frozenset[str]) -> None:
        """Say nothing any more of these rules on an account."""
        planted, verdicts = self.stated[account]
        self.stated[account] = (planted, {rule: told for rule, told in verdicts.items() if rule not in rules})

    def age(self, touch: SeedTouch) -> int:
        return (self.days.as_of - touch.at.astimezone(self.days.zone).date()).days


def plant_arrangements(company: Company, days: Days, staff: Staff, seed: int, stated: dict[str, Stated]) -> None:
    """Arrange what there is to arrange; what was planted is added to what is stated of the account."""
    # Chance of its own: whoever is planted otherwise stays as planted.
    rng = Random(f"arrangements {seed}")  # noqa: S311 - chance that repeats is the point
    key = {one.id: one for one in company.accounts if stated[one.id][1]}
    work = _Work(company=company, days=days, staff=staff, rng=rng, stated=stated, key=key)
    for contact in company.contacts:
        work.contacts[contact.account].append(contact)
    for touch in company.touches:
        work.touches[touch.account].append(touch)
    _name_departments(work)
    _name_sponsors(work)
    for name in key:
        _keep_days(work, name)
        _agree_on_rhythm(work, name)
        _bid(work, name)
        _write_from_departments(work, name)
    _send_away(work)
    company.accounts = [key.get(one.id, one) for one in company.accounts]


def _name_departments(work: _Work) -> None:
    """Everybody has one but the last of the service people."""
    staff = work.staff
    of = {user.id: "Management" for user in staff.executives} | {user.id: "Service" for user in staff.service[:-1]}
    of |= dict.fromkeys((user.id for user in staff.service[-1:]), "")
    work.company.users = [replace(user, department=of.get(user.id, "Sales")) for user in work.company.users]


def _name_sponsors(work: _Work) -> None:
    """One executive has one account too many, another just as many as one can have; some have no sponsor, or had."""
    names = work.rng.sample(sorted(work.key), len(work.key))
    first, second = work.staff.executives[:2]
    if len(names) >= _ENOUGH_FOR_SPONSORS:
        for user, count, verdict in ((first, _MOST_SPONSORED + 1, "raised"), (second, _MOST_SPONSORED, "clear")):
            taken, names = names[:count], names[count:]
            told: Found = (f"sponsor-of-{count}", {"no-our-sponsor": "clear", "sponsor-overloaded": _as(verdict)})
            for name in taken:
                _sponsor(work, name, user, told)
    for number, name in enumerate(names):
        match number % 4:
            case 0:
                _sponsor(work, name, None, ("no-sponsor", {"no-our-sponsor": "raised", "sponsor-overloaded": "clear"}))
            case 1:
                gone = work.rng.choice(work.staff.former)
                left: Found = ("sponsor-gone", {"no-our-sponsor": "raised", "sponsor-overloaded": "clear"})
                _sponsor(work, name, gone, left)
            case _:
                _sponsor(work, name, work.rng.choice(work.staff.managers), ("sponsor", {"no-our-sponsor": "clear"}))


def _as(verdict: str) -> Expected:
    return "raised" if verdict == "raised" else "clear"


def _sponsor(work: _Work, account: str, user: SeedUser | None, told: Found) -> None:
    work.key[account] = replace(work.key[account], sponsor=user.id if user else "")
    work.plant(account, told)


def _keep_days(work: _Work, name: str) -> None:
    """The test of a year ago counts for one more day; an approval where there is a plan to approve."""
    account = work.key[name]
    age = work.rng.choice((_YEAR, _YEAR + 1, 0))
    late: Expected = "clear" if age == _YEAR else "raised"
    tested = work.days.date(age) if age else None
    work.plant(name, (f"tested-{age}-days-ago" if age else "never-tested", {"litmus-due": late}))
    current = account.planned_on is not None and account.planned_on >= work.days.as_of - _CURRENT_PLAN
    age = work.rng.choice((_YEAR, _YEAR + 1, 0))
    late = "raised" if current and age != _YEAR else "clear"
    work.plant(name, (f"approved-{age}-days-ago" if age else "never-approved", {"ceo-buy-in": late}))
    work.key[name] = replace(account, tested_on=tested, approved_on=work.days.date(age) if age else None)


_RHYTHMS: Mapping[str, tuple[int, Expected]] = {
    "main-met-too-long-ago": (0, "clear"),
    "main-met-in-time": (-1, "raised"),
}


def _agree_on_rhythm(work: _Work, name: str) -> None:
    """Where the main contact was met about when it was due: so that it was in time, or a day too late.

    Not where the others are to hear from us by a day.
    """
    planted, verdicts = work.stated[name]
    found = next((one for one in planted if one in _RHYTHMS), "")
    if not found or "indirect-quarterly" in verdicts:
        return
    more, verdict = _RHYTHMS[found]
    work.key[name] = replace(work.key[name], contact_every_days=_last_meeting(work, name) + more)
    work.plant(name, ("agreed-in-time" if verdict == "clear" else "agreed-too-late", {"main-contact-meeting": verdict}))


def _last_meeting(work: _Work, name: str) -> int:
    """The age of the last meeting or call with the contact who is met most."""
    met: dict[str, list[int]] = defaultdict(list)
    for touch in work.touches[name]:
        if touch.outcome in _MET:
            for contact in touch.contacts:
                met[contact].append(work.age(touch))
    return min(met[max(met, key=lambda contact: len(met[contact]))])


def _bid(work: _Work, name: str) -> None:
    """Somebody else bids, or bid for what was lost on the last day that counts, or on the day before."""
    bids: tuple[tuple[str, int | None, Expected], ...] = (
        *(("competitor-bids", -_MONTH, "raised"), ("lost-364-days-ago", _YEAR - 1, "raised")),
        *(("lost-365-days-ago", _YEAR, "clear"), ("nobody-bids", None, "clear")),
    )
    planted, age, verdict = work.rng.choice(bids)
    work.plant(name, (planted, {"loss-scenario": verdict}))
    if age is None:
        return
    number = len(work.company.deals) + 1
    row = SeedDeal(
        id=f"d{number:07d}",
        account=name,
        name=f"{work.key[name].name}: tender {number}",
        amount=50_000.0,
        currency="EUR",
        closed_on=work.days.date(age),
        competitor=work.rng.choice(("Nordwerk", "Helvetia Systems", "Brightline")),
    )
    work.company.deals.append(row)


def _write_from_departments(work: _Work, name: str) -> None:
    """A stranger of each of three departments writes to one of theirs, the first a month ago, or a day more."""
    contact, strangers = _somebody_junior(work, name), _strangers(work, name)
    if contact is None or strangers is None:
        return
    sales, management, service, nameless = strangers
    cards: Mapping[str, tuple[tuple[tuple[str, int], ...], Expected]] = {
        "three-departments": (((management, _MONTH - 1), (sales, 12), (service, 4)), "raised"),
        "three-departments-earlier": (((management, _MONTH), (sales, 12), (service, 4)), "clear"),
        "two-departments-and-nobody-s": (((management, 20), (sales, 12), (nameless, 4)), "unknown"),
        "two-departments": (((management, 20), (sales, 12)), "clear"),
    }
    active = {user.id for user in work.company.users if user.active}
    teamed = any(one.account == name and one.user in active for one in work.company.team)
    planted = tuple(cards)[work.turns[teamed] % len(cards)]
    mails, verdict = cards[planted]
    work.turns[teamed] += 1
    for user, age in mails:
        mail = SeedTouch(
            id=f"t{len(work.company.touches) + 1:07d}",
            at=work.days.at(age, 45),
            kind="email",
            direction="outbound",
            users=(user,),
            contacts=(contact,),
            account=name,
            subject="Our offer",
        )
        work.company.touches.append(mail)
    if teamed:
        planted, verdict = f"{planted}-and-a-team", "clear"
    work.plant(name, (planted, {"uncoordinated": verdict}))


def _somebody_junior(work: _Work, name: str) -> str | None:
    """A contact of no rank whom somebody met these days, and who asked for nothing."""
    lately = {
        who
        for touch in work.touches[name]
        if touch.outcome in _MET and 0 <= work.age(touch) < _IN_TOUCH_DAYS
        for who in touch.contacts
    }
    asking = {one.contact for one in work.company.tickets if one.account == name}
    found = (
        one.id
        for one in work.contacts[name]
        if one.active and one.title in JUNIOR_TITLES and not one.role and one.id in lately - asking
    )
    return next(found, None)


def _strangers(work: _Work, name: str) -> tuple[str, str, str, str] | None:
    """One of sales, management, service, and one of no department, none of whom was ever there; where nobody but sales
    was these days.
    """
    touches, staff = work.touches[name], work.staff
    there = {user for touch in touches for user in touch.users}
    lately = {user for touch in touches if work.age(touch) <= _MONTH for user in touch.users}
    if any(user.id in lately for user in (*staff.executives, *staff.service)):
        return None
    groups = (staff.reps, staff.executives, staff.service[:-1], staff.service[-1:])
    found = [
        next((user.id for user in group if user.id not in there and user.id != work.key[name].owner), "")
        for group in groups
    ]
    sales, management, service, nameless = found
    return (sales, management, service, nameless) if all(found) else None


def _send_away(work: _Work) -> None:
    """On one of three accounts where somebody is late all of theirs are away until tomorrow, on another until today.

    Not where their executives are late: that verdict is every key account's.
    """
    stated = {name: work.stated[name][1] for name in work.key}
    late = [name for name, verdicts in stated.items() if any(verdicts.get(rule) == "raised" for rule in _WAITED_FOR)]
    late = [name for name in late if stated[name]["exec-reach-lapse"] != "raised"]
    back = {name: -1 if place % 3 == 0 else 0 for place, name in enumerate(late) if place % 3 < 2}
    for name, age in back.items():
        if age < 0:  # of which only one CRM learns
            work.withdraw(name, _WAITING)
        work.plant(name, ("away-until-tomorrow" if age < 0 else "back-today", {}))
    work.company.contacts = [
        replace(one, back_on=work.days.date(back[one.account])) if one.account in back else one
        for one in work.company.contacts
    ]
