"""Strategies for made-up histories: touches as a CRM might hold them, and whole accounts with all that goes wrong."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from rules.facts import AccountFacts, Peers, Standing
from rules.model import Contact, Direction, Kind, Outcome, Touch, User
from tests.builders import BERG, LOPEZ, USERS, account, day_before, deal, facts, mail, touch

PEOPLE = ("jana", "peter", "anna", "0059")  # the last one is in no user list
CHEN = Contact(id="chen", account_id="acme", name="Robert Chen", title="CFO", roles=frozenset({"decision-maker"}))
LONG = Contact(
    id="long", account_id="acme", name="Maximiliane Alexandrina von Hohenstein-Waldenburg", title="Head of Purchasing"
)
CONTACTS = (LOPEZ, BERG, CHEN, LONG)
CONTACT_IDS = tuple(one.id for one in CONTACTS)

_some_of_ours = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=2, unique=True).map(tuple)
_some_of_theirs = st.lists(st.sampled_from(CONTACT_IDS), max_size=2, unique=True).map(tuple)


@st.composite
def touches(draw: st.DrawFn, *, most: int = 30) -> list[Touch]:
    """Touches of any kind by anybody over three years, several at the same moment among them."""
    row = st.tuples(st.integers(0, 1100), _some_of_ours, _some_of_theirs, st.sampled_from(_KINDS), st.booleans())
    return [_touch(*one) for one in draw(st.lists(row, max_size=most))]


_KINDS = (Kind.EMAIL, Kind.MESSAGE, Kind.CALL, Kind.MEETING)


def _touch(days_ago: int, by: tuple[str, ...], to: tuple[str, ...], kind: Kind, flag: bool) -> Touch:
    if kind in {Kind.EMAIL, Kind.MESSAGE}:
        direction = Direction.INBOUND if flag else Direction.OUTBOUND
        return touch(days_ago, by=by, to=to, kind=kind, direction=direction)
    return touch(days_ago, by=by, to=to, kind=kind, outcome=Outcome.HELD if flag else Outcome.ATTEMPTED)


@st.composite
def rhythms(draw: st.DrawFn) -> list[Touch]:
    """A few regular rhythms, each of one pair and channel, until some day: what most rules look for or miss."""
    row = st.tuples(
        st.sampled_from(PEOPLE[:3]),
        st.sampled_from(CONTACT_IDS),
        st.sampled_from((0, 5, 20, 100, 130, 250)),
        st.integers(4, 40),
        st.integers(1, 60),
        st.sampled_from(("met", "written", "ours only", "theirs only", "written in vain since")),
    )
    return [
        one
        for by, to, until, every, count, how in draw(st.lists(row, max_size=3))
        for one in _rhythm(by, to, range(until, min(until + every * count, 1100), every), how)
    ]


def _rhythm(by: str, to: str, days_ago: range, how: str) -> list[Touch]:
    if how == "met":
        return [touch(days, by=by, to=to) for days in days_ago]
    both = {"ours only": (False,), "theirs only": (True,)}.get(how, (False, True))
    written = [mail(days, by=by, to=to, inbound=inbound) for days in days_ago for inbound in both]
    in_vain = range(days_ago.start - 40, 0, -25) if how == "written in vain since" else ()
    return [*written, *(mail(days, by=by, to=to) for days in in_vain)]


@st.composite
def accounts(draw: st.DrawFn) -> AccountFacts:
    """Acme with any history, people who left on both sides, an owner who may be silent, and peers or none."""
    some = [*draw(rhythms()), *draw(touches(most=12))]
    return facts(
        some,
        account=account(owner_id=draw(st.sampled_from((*PEOPLE, None)))),
        users=draw(_users()),
        contacts=tuple(draw(_contacts())),
        deals=tuple(deal(days) for days in draw(st.lists(st.sampled_from((100, 400, 800, 2000)), max_size=2))),
        standing=Standing(customer=True, key=True, tier="A", revenue=draw(st.sampled_from((None, 0.0, 4e5, 4e6)))),
        last_logged={by: day_before(days) for by, days in draw(_logged).items()},
        ignored=draw(st.sampled_from((frozenset(), frozenset({"anna"})))),
        executives=draw(st.sampled_from((frozenset(), frozenset({"peter"})))),
        successors=draw(st.sampled_from(({}, {"jana": "peter"}))),
        former_owners=draw(st.sampled_from(({}, {"jana": day_before(60)}, {"peter": day_before(3)}))),
        upcoming=(touch(-7),) if draw(st.booleans()) else (),
        holidays=frozenset({day_before(2)}),
        peers=draw(st.none() | st.just(Peers(attention=tuple(number / 50 for number in range(12))))),
    )


_logged = st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 200))


@st.composite
def _users(draw: st.DrawFn) -> dict[str, User]:
    inactive = draw(st.sets(st.sampled_from(sorted(USERS)), max_size=1))
    return {user_id: replace(user, active=user_id not in inactive) for user_id, user in USERS.items()}


@st.composite
def _contacts(draw: st.DrawFn) -> list[Contact]:
    left = draw(st.sampled_from(((), ("berg",), ("chen",), ("long",), ("lopez",))))
    days = draw(st.sampled_from((0, 30, 179, 400)))
    known = draw(st.sampled_from((CONTACTS, CONTACTS[:2], CONTACTS[:1], ())))
    return [
        replace(one, left_on=day_before(days), left_why="e-mail bounced") if one.id in left else one for one in known
    ]
