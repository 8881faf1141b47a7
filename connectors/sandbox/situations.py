"""Who of ours is in touch, planted for `sole-rep`, `sole-rep-new` and `rep-concentration`, one function per situation.

The verdicts follow from the definitions and from nothing else, no rule is run: a window of 365 days with the as-of day
in it, at least 8 person-days, top share at least 0.8 (0.7 for `rep-concentration`), nobody else at 0.1, tenure of at
least 730 days with gaps of at most 270, evidence of everybody within 90. Numbers are ages, whole days before the
as-of day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from connectors.sandbox.timeline import Days

WINDOW_AGE = 364  # the oldest day of the window: with the as-of day, these are 365

Expected = Literal["raised", "clear", "unknown", "not_applicable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """Who of ours spoke with an account, on how many days of the window, and since when.

    `top_days` and `other_days` are person-days inside the window. The top person's run begins at `run_start`; her
    days before it are `earlier`, and `exact` are days that must be hers. `predecessor` are days of somebody else
    before that, of the owner where the owner is silent.

    `expect` is the verdict of `sole-rep`, `also` those of other rules that the situation decides. `quarters` are the
    top person's days in each 90 days back from the as-of day, where they matter. The first of the others left the
    seller where `leaver`, and had a contact of the customer alone, whom the top person has met since if `handed_over`.
    `large` accounts are the largest by revenue.
    """

    planted: tuple[str, ...]
    expect: Expected
    top_days: int
    run_start: int
    first_won: int
    other_days: tuple[int, ...] = ()
    exact: tuple[int, ...] = ()
    earlier: tuple[int, ...] = ()
    predecessor: tuple[int, ...] = ()
    owner: Literal["top", "colleague", "silent"] = "top"
    unanswered: int = 0
    also: Mapping[str, Expected] = field(default_factory=dict)
    quarters: tuple[int, ...] = ()
    leaver: bool = False
    handed_over: bool = False
    large: bool = False

    @property
    def person_days(self) -> int:
        """All of them in the window."""
        return self.top_days + sum(self.other_days)


_TOO_FEW: Mapping[str, Expected] = dict.fromkeys(
    ("sole-rep-new", "rep-concentration", "single-contact", "no-complaint-backup"), "unknown"
)
_STILL_NEW: Mapping[str, Expected] = {"sole-rep-new": "raised"}


def sole_rep(days: Days) -> Coverage:
    """One rep and hardly anybody else, for years."""
    return Coverage(
        planted=("sole-rep",),
        expect="raised",
        top_days=days.rng.randint(19, 28),
        other_days=(1,),
        run_start=days.workday(900, 1800),
        first_won=days.rng.randint(950, 2400),
    )


def seven_person_days(days: Days) -> Coverage:
    """Seven in the window, the eighth on the last day before it: not enough to judge."""
    plan = replace(sole_rep(days), planted=("seven-person-days",), expect="unknown", also=_TOO_FEW)
    return replace(plan, top_days=6, other_days=(1,), exact=(365,))


def eight_person_days(days: Days) -> Coverage:
    """Eight in the window, one of them on its oldest day: just enough."""
    return replace(sole_rep(days), planted=("eight-person-days",), top_days=8, other_days=(), exact=(WINDOW_AGE,))


def tenure_729_days(days: Days) -> Coverage:
    """One day short of two years. The customer is younger, or somebody else opened the account's record."""
    plan = replace(sole_rep(days), planted=("tenure-729-days",), expect="clear", also=_STILL_NEW)
    plan = replace(plan, run_start=729)
    if days.rng.random() < 0.5:
        return replace(plan, first_won=days.rng.randint(650, 720))
    return replace(plan, predecessor=(1150, 1010, 860))


def tenure_730_days(days: Days) -> Coverage:
    """Two years to the day, though the customer bought later."""
    plan = replace(sole_rep(days), planted=("tenure-730-days",), also={"sole-rep-new": "clear"})
    return replace(plan, run_start=730, first_won=days.rng.randint(650, 720))


def gap_restarts_tenure(days: Days) -> Coverage:
    """Years of contact, then 271 days of silence: tenure counts from the return."""
    start = days.workday(480, 640)
    earlier = (start + 600, start + 420, start + 271)
    plan = replace(sole_rep(days), planted=("gap-restarts-tenure",), expect="clear", also=_STILL_NEW)
    return replace(plan, run_start=start, earlier=earlier)


def gap_bridged(days: Days) -> Coverage:
    """A silence of 270 days does not break the run, and what lies before it makes the two years."""
    start = days.workday(480, 640)
    return replace(sole_rep(days), planted=("gap-bridged",), run_start=start, earlier=(start + 270,))


def top_share_below(days: Days) -> Coverage:
    """Just below 0.8, nobody else anywhere near 0.1."""
    top, others = days.rng.choice(((15, (1, 1, 1, 1)), (23, (2, 2, 1, 1)), (31, (2, 2, 2, 2))))
    plan = replace(sole_rep(days), planted=("top-share-below",), expect="clear", also={"rep-concentration": "raised"})
    return replace(plan, top_days=top, other_days=others)


def top_share_at(days: Days) -> Coverage:
    """Exactly 0.8, nobody else at 0.1."""
    top, others = days.rng.choice(((16, (1, 1, 1, 1)), (24, (2, 2, 1, 1)), (32, (3, 3, 2))))
    return replace(sole_rep(days), planted=("top-share-at",), top_days=top, other_days=others)


def second_share_at(days: Days) -> Coverage:
    """Somebody else holds exactly 0.1: there is a second link."""
    top, others = days.rng.choice(((9, (1,)), (18, (2,)), (27, (3,)), (17, (2, 1))))
    return replace(sole_rep(days), planted=("second-share-at",), expect="clear", top_days=top, other_days=others)


def second_share_below(days: Days) -> Coverage:
    """Somebody else stays just below 0.1."""
    top, others = days.rng.choice(((19, (2,)), (28, (3,)), (44, (5, 5, 1))))
    return replace(sole_rep(days), planted=("second-share-below",), top_days=top, other_days=others)


def owner_logs_nothing(days: Days) -> Coverage:
    """A colleague looks sole, because the owner's own contact is nowhere written down."""
    return replace(
        sole_rep(days), planted=("owner-logs-nothing",), expect="unknown", owner="silent", predecessor=(700, 560, 430)
    )


def one_way_only(days: Days) -> Coverage:
    """Two dozen mails that nobody answered are no contact."""
    return replace(
        sole_rep(days),
        planted=("one-way-only",),
        expect="unknown",
        also=_TOO_FEW,
        top_days=3,
        unanswered=days.rng.randint(20, 28),
    )


def shared(days: Days) -> Coverage:
    """Two or three of ours know the customer."""
    others = days.rng.choice(((8, 5), (9,), (6, 6)))
    return replace(
        sole_rep(days),
        planted=("shared",),
        expect="clear",
        also={"rep-concentration": "clear"},
        top_days=11,
        other_days=others,
    )


def customer_since_counts(days: Days) -> Coverage:
    """The owner's run opens the record, so she has had the customer since the first deal, two years ago or more."""
    return replace(
        sole_rep(days),
        planted=("customer-since-counts",),
        run_start=days.workday(480, 690),
        first_won=days.rng.choice((730, 1100)),
    )


def customer_since_of_the_owner(days: Days) -> Coverage:
    """The same, but another person owns the account: only the run counts."""
    plan = customer_since_counts(days)
    return replace(plan, planted=("customer-since-of-the-owner",), expect="clear", owner="colleague")


SOLE_REP: tuple[Callable[[Days], Coverage], ...] = (
    sole_rep,
    seven_person_days,
    shared,
    eight_person_days,
    tenure_729_days,
    tenure_730_days,
    gap_restarts_tenure,
    gap_bridged,
    owner_logs_nothing,
    top_share_below,
    top_share_at,
    second_share_at,
    second_share_below,
    one_way_only,
    customer_since_counts,
    customer_since_of_the_owner,
)
