"""A key customer of years gets less attention for its revenue than three quarters of the others.

The easy customer, who buys and does not complain, is the one whom nobody visits until a competitor does (Dorman's
litmus test). Measured against what it pays, it stands at the end of the line, and looks healthy on every list.

What is counted: attention, the person-days of the last 365 days per 1,000 of the revenue that was won in them; a
person-day is one of ours and a local day with at least one two-way touch with the account. It is compared with that
of all key customers with revenue, the account itself among them.

Raised if all of this is true on the day:

- the account has been a customer for `tenure_days` or longer, since its first won deal, else the mapped date;
- it is in the lowest quarter: of n key customers, fewer than a quarter of n (rounded down) have less attention;
- it opened no ticket in the last 365 days, where tickets are read because another rule that is on needs them: who asks
  for something is heard of.

Unknown where no revenue is known or nothing says since when they are a customer, and with fewer than `min_peers` to
compare with.

How to tune: it names a quarter of the old key customers at most, by its nature; keep it off where many of them need
little contact, or waive it for those.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import coverage, customer_since
from rules.people_measures import contact_days, contact_text, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.statistics import attention
from rules.tickets import opened_within
from rules.two_way import last_met
from rules.wording import Text, day_text, money_text, say, say_n

WINDOW_DAYS = 365


class QuietKeyAccount(Params):
    """`[rules.quiet-key-account]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    tenure_days: Annotated[int, Field(ge=0)] = 730
    min_peers: Annotated[int, Field(ge=4)] = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where the account stands: `quieter` of `peers` have less attention."""

    person_days: int
    revenue: float
    quieter: int
    peers: tuple[float, ...]

    @property
    def is_last_quarter(self) -> bool:
        return self.quieter < len(self.peers) // 4

    @property
    def enough_days(self) -> int:
        """The person-days with which it would leave the last quarter, all others staying as they are."""
        # Once it has risen, the next one up takes its place among the quarter.
        bar = self.peers[len(self.peers) // 4]
        days = int(bar * self.revenue / 1000)
        while attention(days, self.revenue) <= bar:
            days += 1
        return days


@rule(
    params=QuietKeyAccount,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: QuietKeyAccount) -> Verdict:
    """Judge whether an old customer gets little for what it pays."""
    place = _place(facts)
    since = customer_since(facts)
    numbers: dict[str, Any] = {
        "person_days": place.person_days if place else None,
        "revenue": facts.standing.revenue,
        "attention": attention(place.person_days, place.revenue) if place else None,
        "quieter_peers": place.quieter if place else None,
        "peers": len(facts.peers.attention) if facts.peers else None,
        "customer_since": since.isoformat() if since else None,
        "tickets": len(opened_within(facts, WINDOW_DAYS)),
    }
    if place is None:
        return Unknown(reason=say("no revenue is known"), numbers=numbers)
    if since is None:
        return Unknown(reason=say("nothing says since when they are a customer"), numbers=numbers)
    if len(place.peers) < params.min_peers:
        reason = say("too few key customers to compare with: {n}", n=len(place.peers))
        return Unknown(reason=reason, numbers=numbers)
    if (facts.today - since).days < params.tenure_days:
        return Clear(message=say("not yet a customer for long"), numbers=numbers)
    if not place.is_last_quarter or numbers["tickets"]:
        less = say("{n} of {total} key customers get less attention", n=place.quieter, total=len(place.peers))
        heard = say("they asked for something and are heard of")
        return Clear(message=heard if place.is_last_quarter else less, numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, place), numbers=numbers)


def _place(facts: AccountFacts) -> _Place | None:
    """Return where the account stands, among nobody where the others are not known; None without revenue."""
    revenue = facts.standing.revenue
    if revenue is None or revenue <= 0:
        return None
    peers = facts.peers.attention if facts.peers else ()
    days = coverage(facts, WINDOW_DAYS).total
    return _Place(person_days=days, revenue=revenue, quieter=bisect_left(peers, attention(days, revenue)), peers=peers)


def _finding(facts: AccountFacts, place: _Place) -> Finding:
    told = {
        "account": facts.account.name,
        "days": contact_days(place.person_days),
        "enough": contact_days(place.enough_days),
        "window": window_text(WINDOW_DAYS),
        "revenue": money_text(place.revenue),
        "others": len(place.peers) - 1,
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say("little attention for its revenue"),
        why=say(
            "{account} had {days} with us in the {window} to {as_of}, for a revenue of {revenue}; beside the {others} "
            "other key customers, {less} less for theirs.",
            less=say_n("only {n} gets", "only {n} get", n=place.quieter) if place.quieter else say("none gets"),
            **told,
        ),
        clears_when=say(
            "Clears when {window} have {enough} or more, by what the others get as of {as_of}.",
            **told,
        ),
        first_step=_first_step(facts),
        figures=say("{days} for {revenue}, {less} of {others} get less, as of {as_of}", less=place.quieter, **told),
    )


def _first_step(facts: AccountFacts) -> Text:
    last = last_met(facts)
    if last is None:
        return say("Introduce yourself there; ask how they see us, and agree on a regular meeting.")
    return say(
        "Visit {person}, last in real exchange with us on {day}; ask how they see us, and agree on a regular meeting.",
        person=contact_text(last.contact),
        day=day_text(last.on),
    )
