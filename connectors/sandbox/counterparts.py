"""Who on either side faces whom: planted for five rules, one function per situation.

For `procurement-only`, `peering-gap`, `no-customer-sponsor`, `new-senior-contact` and `point-of-contact-authority`. The
verdicts follow from the definitions and from nothing else, no rule is run. What rests on the titles of our people can
be told in Salesforce alone: HubSpot keeps none of its users.
"""

from __future__ import annotations

from connectors.sandbox.names import EXECUTIVE_TITLES, PLAIN_TITLES
from connectors.sandbox.situations import WINDOW_AGE, Expected
from connectors.sandbox.twists import MAIN, REGULAR, Makers, Part, Plan, Scene, Twist

_BUYERS = ("Buyer", "Purchasing Manager")
_BUYING_TITLES = frozenset(
    {
        *(*_BUYERS, "Head of Procurement", "Einkaufsleiter", "Responsable achats", "Jefe de compras"),
        *("Responsabile acquisti", "Inkoper"),
    }
)
_HEAD = "Head of Quality"


def only_buyers(plan: Plan) -> Twist | None:
    """Two buyers; who runs the plant was met a day before the window."""
    return _buyers("only-buyers", plan, WINDOW_AGE + 1, "raised")


def buyers_and_the_plant(plan: Plan) -> Twist | None:
    """Who runs the plant was met on the oldest day of the window."""
    return _buyers("buyers-and-the-plant", plan, WINDOW_AGE, "clear")


def _buyers(name: str, plan: Plan, age: int, verdict: Expected) -> Twist | None:
    spoiled = plan.exec_met_in_window() and _function(plan.executive.title) not in {"finance", "procurement"}
    if spoiled or plan.coverage.leaver or plan.lone:
        return None
    # Whoever leads is met anyway, and on days that are planted.
    whom = (REGULAR,) if plan.led else (MAIN, REGULAR)
    met = zip(plan.days.workdays(len(whom), 40, 330), whom, strict=True)
    return Twist(
        planted=(name,),
        expect={"procurement-only": verdict},
        parts=(Part(name="user", title="Plant Manager"),),
        scenes=(Scene(age=age, whom="user"), *(Scene(age=one, whom=who) for one, who in met)),
        titles=_BUYERS,
    )


def no_peer(plan: Plan) -> Twist | None:
    """Who does the same with us as their executive with them came a day before the window."""
    return _peer("no-peer", plan, WINDOW_AGE + 1, "raised")


def peer_came(plan: Plan) -> Twist | None:
    """Who does the same with us came on the oldest day of the window."""
    return _peer("peer-came", plan, WINDOW_AGE, "clear")


def _peer(name: str, plan: Plan, age: int, verdict: Expected) -> Twist | None:
    """Of their senior people one function, besides procurement, is known; where none is, they have a head of it."""
    spoiled = plan.coverage.quarters or plan.coverage.leaver or plan.executive.by_colleague or plan.left_age
    if spoiled or "our-exec-lapse" in plan.expect or any(twist.untitled for twist in plan.twists):
        return None
    inside = age <= WINDOW_AGE
    if inside and (plan.coverage.other_days[:1] != (1,) or plan.lone):
        return None
    titles = {plan.executive.title, *(part.title for part in plan.parts if not part.left_age)}
    functions = {_function(title) for title in titles - {*PLAIN_TITLES, ""}} - {"procurement"}
    functions |= {_function(plan.executive.title)} & {"operations"}
    if len(functions) > 1 or functions & {"sales"}:
        return None
    return Twist(
        planted=(name,),
        expect={"peering-gap": verdict},
        parts=() if functions else (Part(name="peer", title=_HEAD),),
        scenes=(Scene(age=age, whom=REGULAR, by="other" if inside else "executive"),),
        executive=inside,
        peer=next(iter(functions), "operations"),
        titles=_BUYERS,
    )


def _function(title: str) -> str:
    """Where somebody with such a title works, of those that executives and senior parts have."""
    if title in {"CFO", "Chief Financial Officer"}:
        return "finance"
    if title in EXECUTIVE_TITLES and title not in {"COO", "Chief Operating Officer"}:
        return "general"
    if title in _BUYING_TITLES:
        return "procurement"
    return "sales" if title == "VP Sales" else "operations" if title else ""


def sponsor_named(plan: Plan) -> Twist | None:
    """Somebody there is marked as our sponsor."""
    if plan.executive.expect == "unknown" or "senior-untouched" in plan.expect:
        return None
    sponsor = Part(name="sponsor", title="Vice President Operations", role="executive-sponsor")
    return Twist(planted=("sponsor-named",), expect={"no-customer-sponsor": "clear"}, parts=(sponsor,))


def another_role_named(plan: Plan) -> Twist | None:
    """Roles are kept, and nobody's is that of a sponsor."""
    if plan.executive.role == "executive-sponsor":
        return None
    adviser = Part(name="adviser", role="influencer")
    return Twist(planted=("another-role-named",), expect={"no-customer-sponsor": "raised"}, parts=(adviser,))


def new_head_30_days_ago(_plan: Plan) -> Twist:
    """A head of department on the first day that still counts as new, to whom nobody wrote."""
    return _new_head("new-head-30-days-ago", 30, "raised")


def new_head_31_days_ago(_plan: Plan) -> Twist:
    """The same a day earlier."""
    return _new_head("new-head-31-days-ago", 31, "clear")


def _new_head(name: str, age: int, verdict: Expected) -> Twist:
    part = Part(name="new", title=_HEAD, entered_age=age)
    return Twist(planted=(name,), expect={"new-senior-contact": verdict}, parts=(part,))


def owner_with_authority(plan: Plan) -> Twist | None:
    """A manager owns the account."""
    return _owner("owner-with-authority", "Account Manager", plan, "clear")


def owner_without_authority(plan: Plan) -> Twist | None:
    """Somebody who represents owns it."""
    return _owner("owner-without-authority", "Sales Representative", plan, "raised")


def _owner(name: str, title: str, plan: Plan, verdict: Expected) -> Twist | None:
    if plan.coverage.owner != "top" or plan.left_age:
        return None
    return Twist(planted=(name,), expect={"point-of-contact-authority": verdict}, owner_title=title)


COUNTERPARTS: Makers = (
    peer_came,
    no_peer,
    buyers_and_the_plant,
    only_buyers,
    sponsor_named,
    another_role_named,
    new_head_30_days_ago,
    new_head_31_days_ago,
    owner_without_authority,
    owner_with_authority,
)
