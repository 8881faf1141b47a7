"""Made-up accounts on which every rule can be shown at work: the example tasks of the manual come from here.

Each is Acme, a key customer, as of the same day, with one thing wrong. A rule's example is its own finding on the
first of them that it raises with its defaults; a new rule that raises none of them has a manual without an example.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from rules.facts import AccountFacts, Peers, Standing
from rules.model import Account, Contact, Deal, Direction, Kind, Mailing, Outcome, TeamMember, Ticket, Touch, User
from rules.rule import Raised, Route, Rule, Verdict, discover
from rules.wording import ENGLISH, Language
from sync import wording
from sync.findings import advance

TODAY = date(2026, 11, 2)

_YEAR = 365
_USERS = {
    user.id: user
    for user in (
        User(
            id="jana", name="Jana Roth", email="jana.roth@seller.example", title="Account Manager", manager_id="keller"
        ),
        User(id="tom", name="Tom Wood", email="tom.wood@seller.example", title="Sales Assistant", manager_id="keller"),
        User(id="keller", name="Miriam Keller", email="m.keller@seller.example", title="Head of Sales"),
        User(id="vogt", name="Stefan Vogt", email="s.vogt@seller.example", title="COO"),
    )
}
_LOPEZ = Contact(id="lopez", account_id="acme", name="Maria Lopez", title="Buyer")
_BERG = Contact(id="berg", account_id="acme", name="Karin Berg", title="CEO")
_CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="CFO")
_WON = Deal(id="first", account_id="acme", amount=420_000.0, closed_on=TODAY - timedelta(days=6 * _YEAR), won=True)

# What a rule must be told before it says anything.
_CHOSEN: Mapping[str, Mapping[str, Any]] = {
    "role-missing": {"roles": ["Executive Sponsor", "Technical Lead"]},
    "time-below-plan": {"contact_days": {"Executive Sponsor": 1}},
}


def example_task(rule: Rule, language: Language = ENGLISH) -> str | None:
    """Return what a rule's own task says with the rule's defaults, None where it raises none of the accounts.

    Of a rule that makes no task it is the finding as the report tells it. An account of which another rule says it
    better is passed over.
    """
    better = [one for name, one in discover().items() if name in rule.unless]
    for facts in _accounts():
        verdict = _judged(rule, facts)
        if isinstance(verdict, Raised) and not any(isinstance(_judged(one, facts), Raised) for one in better):
            finding = verdict.finding.in_language(language)
            if rule.params.model_validate({}).route is Route.REPORT:
                return f"{finding.why}\n{finding.clears_when}"
            states = list(advance({}, {rule.id: verdict}, datetime.combine(TODAY, time(6), UTC), language).values())
            return f"{wording.subject(facts.account.name, states, language)}\n\n{wording.body(states, language)}"
    return None


def _judged(rule: Rule, facts: AccountFacts) -> Verdict:
    return rule.check(facts, rule.params.model_validate(_CHOSEN.get(rule.id, {})))


def _accounts() -> Iterator[AccountFacts]:
    met_maria = [_met(days_ago) for days_ago in range(9, 4 * _YEAR, 16)]
    yield _acme([*met_maria, _met(231, "jana", "berg"), _wrote(60, to="berg"), _wrote(25, to="berg")])
    yield _acme(met_maria)
    yield _acme([*met_maria, *(_met(days_ago, "tom", "berg") for days_ago in range(30, _YEAR, 48))])
    yield replace(
        _acme([_met(days_ago) for days_ago in range(9, 300, 16)]),
        deals=(replace(_WON, closed_on=TODAY - timedelta(days=310)),),
    )
    yield _acme([_met(60), *(_met(days_ago) for days_ago in range(95, 3 * _YEAR, 8))])
    yield _left_by_jana([*met_maria, *(_met(days_ago, "jana", "berg") for days_ago in range(60, _YEAR, 40))])
    yield _left_by_berg([*met_maria, *(_met(days_ago, "jana", "berg") for days_ago in range(80, _YEAR, 40))])
    yield _acme([*met_maria, _wrote(7, inbound=True)])
    yield _acme(
        [
            *(_met(days_ago) for days_ago in range(130, 4 * _YEAR, 16)),
            *(_wrote(days_ago) for days_ago in (100, 70, 40, 12)),
        ]
    )
    yield _acme([*met_maria, *(_met(days_ago, "tom", "chen") for days_ago in range(30, _YEAR, 48))])
    yield _acme([*met_maria, _met(160, "jana", "berg")])
    yield _acme([*met_maria, *(replace(_met(days_ago), outcome=Outcome.ATTEMPTED) for days_ago in (35, 8))])
    yield _with_contacts(
        replace(_LOPEZ, roles=frozenset({"business-user"}), entered_on=_WON.closed_on),
        _BERG,
        replace(_CHEN, entered_on=TODAY - timedelta(days=12)),
    )
    yield _with_days()
    yield from _arranged(_acme(met_maria))
    no_plan = _acme(met_maria)
    yield replace(no_plan, account=replace(no_plan.account, days={"plan_date": None}))

    yield from _served(_acme([*met_maria, _met(40, "tom", "lopez")]))
    yield from _teams(_acme([*met_maria, _met(40, "tom", "lopez")]))


def _served(facts: AccountFacts) -> Iterator[AccountFacts]:
    """Acme with what it asked to have put right: opened so many days ago, closed, by whom, how urgent."""
    for rows in (
        ((13, None, _LOPEZ, "high"), (5, None, None, "medium")),
        ((21, 19, _BERG, "medium"),),
        ((26, 25, _LOPEZ, "medium"), (17, 16, _LOPEZ, "medium"), (3, 2, _LOPEZ, "medium")),
        ((4, 3, None, "high"),),
        ((14, 10, _CHEN, "high"),),
    ):
        yield replace(facts, tickets=tuple(_ticket(*row) for row in rows))


def _ticket(opened: int, closed: int | None, contact: Contact | None, priority: str) -> Ticket:
    return Ticket(
        id=f"ticket-{opened}",
        account_id="acme",
        opened_on=TODAY - timedelta(days=opened),
        closed_on=None if closed is None else TODAY - timedelta(days=closed),
        contact_id=contact.id if contact else None,
        priority=priority,
    )


def _teams(facts: AccountFacts) -> Iterator[AccountFacts]:
    """Acme without a team, and with one on which the COO is a name and nothing more."""
    yield facts
    vogt = TeamMember(account_id="acme", user_id="vogt", role="Executive Sponsor", since=_WON.closed_on)
    yield replace(facts, team=(vogt,))


def _acme(touches: Iterable[Touch]) -> AccountFacts:
    """Acme, Jana's key customer of six years; everybody logs what they do, and similar customers get more attention."""
    return AccountFacts(
        today=TODAY,
        account=Account(id="acme", name="Acme Corp", owner_id="jana", customer_type=True),
        standing=Standing(customer=True, key=True, tier="A", revenue=420_000.0, why="no. 5 of 180 customers"),
        users=_USERS,
        contacts=(_LOPEZ, _BERG, _CHEN),
        touches=tuple(sorted(touches, key=lambda touch: (touch.at, touch.id))),
        deals=(_WON,),
        mailings=(Mailing(contact_id="chen", name="Customer bulletin 2/2026", got_on=TODAY - timedelta(days=139)),),
        last_logged=dict.fromkeys(_USERS, TODAY),
        executives=frozenset({"vogt"}),
        peers=Peers(attention=(24 / 420, *(0.1 * step for step in range(1, 12)))),
    )


def _left_by_jana(touches: Iterable[Touch]) -> AccountFacts:
    """Jana left us 40 days ago, and Tom has the account."""
    facts, left_on = _acme(touches), TODAY - timedelta(days=40)
    return replace(
        facts,
        account=replace(facts.account, owner_id="tom"),
        users=_USERS | {"jana": replace(_USERS["jana"], active=False)},
        touches=tuple(touch for touch in facts.touches if touch.day <= left_on),
        last_logged=dict.fromkeys(_USERS, TODAY) | {"jana": left_on},
        former_owners={"jana": left_on},
    )


def _left_by_berg(touches: Iterable[Touch]) -> AccountFacts:
    """Their chief executive left 30 days ago."""
    berg = replace(_BERG, left_on=TODAY - timedelta(days=30), left_why="job change detected")
    return replace(_acme(touches), contacts=(_LOPEZ, berg, _CHEN))


def _with_days() -> AccountFacts:
    """The plan for Acme is seven months old; nobody has planned with them or asked what they expect."""
    facts = _acme([_met(days_ago) for days_ago in range(9, 4 * _YEAR, 16)])
    days = {"plan_date": TODAY - timedelta(days=210), "joint_plan_date": None, "expectations_date": None}
    return replace(facts, account=replace(facts.account, days=days))


def _arranged(facts: AccountFacts) -> Iterator[AccountFacts]:
    """Acme with an old approval and no litmus test; without a sponsor, and with one who has too many; and with a rival.

    Last, three departments write to Maria.
    """
    account, today = facts.account, TODAY
    days = {"plan_date": today, "plan_approved_date": today - timedelta(days=400), "litmus_date": None}
    yield replace(facts, account=replace(account, days=days))
    yield replace(facts, account=replace(account, sponsor=""))
    yield replace(facts, account=replace(account, sponsor="vogt"), sponsored={"vogt": 14})
    lost = Deal(
        id="tender", account_id="acme", name="Line 4", closed_on=today - timedelta(days=40), competitor="Nordwerk"
    )
    yield replace(facts, deals=(*facts.deals, lost))
    departments = {"jana": "Sales", "tom": "Service", "vogt": "Management"}
    yield replace(
        facts,
        users={key: replace(user, department=departments.get(key, "")) for key, user in facts.users.items()},
        touches=(*facts.touches, _wrote(6, by="vogt"), _wrote(3, by="tom")),
    )


def _with_contacts(*contacts: Contact) -> AccountFacts:
    """Maria has another role than that of a sponsor, and Robert Chen came 12 days ago."""
    return replace(_acme([_met(days_ago) for days_ago in range(9, 4 * _YEAR, 16)]), contacts=contacts)


def _met(days_ago: int, by: str = "jana", to: str = "lopez") -> Touch:
    return _touch(days_ago, Kind.MEETING, Direction.NONE, by, to)


def _wrote(days_ago: int, *, by: str = "jana", to: str = "lopez", inbound: bool = False) -> Touch:
    return _touch(days_ago, Kind.EMAIL, Direction.INBOUND if inbound else Direction.OUTBOUND, by, to)


def _touch(days_ago: int, kind: Kind, direction: Direction, by: str, to: str) -> Touch:
    at = datetime.combine(TODAY - timedelta(days=days_ago), time(12), UTC)
    return Touch(
        id=f"{kind}-{days_ago}-{by}-{to}",
        kind=kind,
        direction=direction,
        outcome=Outcome.SENT if kind is Kind.EMAIL else Outcome.HELD,
        at=at,
        day=at.date(),
        ours=(by,),
        theirs=(to,),
    )
