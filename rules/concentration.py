"""How much of the contact with an account runs through one of ours: what the concentration rules share (domain.md 4.7).

Which person is on top, how the second is doing and whether the owner's silence forbids a judgement; and the words
in which the rules say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import Coverage, Tenure, coverage, tenure
from rules.once import measured_once
from rules.people_measures import too_few_days, user_address, user_name, window_text
from rules.rule import Params, Unknown
from rules.wording import Text, day_text, say, say_n, share_text, short_name

#: The longest silence within one run of touches (domain.md 0a), where a rule has no setting for it.
MAX_GAP_DAYS = 270


class OneLink(Params):
    """What `sole-rep` and `sole-rep-new` are told: when an account hangs on one link, and for how long."""

    window_days: Annotated[int, Field(ge=30)] = 365
    min_touch_days: Annotated[int, Field(ge=1)] = 8
    top_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    second_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    tenure_days: Annotated[int, Field(ge=0)] = 730
    max_gap_days: Annotated[int, Field(ge=1)] = MAX_GAP_DAYS
    evidence_days: Annotated[int, Field(ge=0)] = 90


@dataclass(frozen=True, kw_only=True, slots=True)
class Rank:
    """One of ours by person-days; only those who have most of them have a tenure, since nobody asks the others'."""

    user_id: str
    days: int
    tenure: Tenure | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Concentration:
    """Who of ours holds an account: `ranking` from most to fewest person-days, nobody without any in it.

    Among those who have most the longest tenure comes first, then the e-mail address. `silent_owner` is the
    user id of an owner who logs nothing.
    """

    coverage: Coverage
    ranking: tuple[Rank, ...]
    silent_owner: str | None

    @property
    def total(self) -> int:
        """Person-days of all of ours together."""
        return self.coverage.total

    @property
    def top(self) -> Rank | None:
        """Who has most person-days, None where nobody has any."""
        return self.ranking[0] if self.ranking else None

    @property
    def top_share(self) -> float:
        """The top person's share of the person-days, 0 without any."""
        return self.ranking[0].days / self.total if self.ranking else 0.0

    @property
    def second_days(self) -> int:
        """The next person's person-days."""
        return self.ranking[1].days if len(self.ranking) > 1 else 0

    @property
    def second_share(self) -> float:
        """The next person's share of the person-days, 0 without any."""
        return self.second_days / self.total if self.ranking else 0.0


@measured_once
def concentration(facts: AccountFacts, window_days: int, max_gap_days: int, evidence_days: int) -> Concentration:
    """Return who held the account in the last `window_days` days."""
    seen = coverage(facts, window_days)
    return Concentration(
        coverage=seen,
        ranking=tuple(_ranking(facts, seen, max_gap_days)),
        silent_owner=_silent_owner(facts, evidence_days),
    )


def concentration_numbers(facts: AccountFacts, held: Concentration) -> Mapping[str, Any]:
    """Return the figures that all concentration rules tell; shares are None where there is no person-day."""
    top = held.top
    return {
        "person_days": held.total,
        "top_person": user_address(facts, top.user_id) if top else None,
        "top_days": top.days if top else 0,
        "top_share": held.top_share if top else None,
        "second_share": held.second_share if top else None,
        "coverage": held.coverage.label,
        "silent_owner": user_address(facts, held.silent_owner) if held.silent_owner else None,
    }


def one_link_numbers(facts: AccountFacts, held: Concentration) -> Mapping[str, Any]:
    """Return the figures of `sole-rep`: those of all, and since when the top person is in touch."""
    since = held.top.tenure if held.top else None
    return {
        **concentration_numbers(facts, held),
        "tenure_days": since.days if since else None,
        "tenure_at_least": bool(since and since.at_least),
    }


def too_little_told(
    facts: AccountFacts, held: Concentration, min_touch_days: int, numbers: Mapping[str, Any]
) -> Unknown | None:
    """Return why nobody can judge how concentrated the contact is, None where one can.

    A silent owner comes first: a colleague would look sole by mistake. A share of a few days is chance.
    """
    if held.silent_owner:
        name = short_name(user_name(facts, held.silent_owner))
        return Unknown(reason=say("{name} logs nothing", name=name), numbers=numbers)
    if held.total < min_touch_days:
        return Unknown(reason=too_few_days(held.total, min_touch_days), numbers=numbers)
    return None


def is_one_link(held: Concentration, params: OneLink) -> bool:
    """Tell whether one person has it nearly all and nobody else is a second link, for however long.

    With `second_share = 0` anybody else at all is a second link, nobody is none.
    """
    second = held.second_days > 0 and held.second_share >= params.second_share
    return held.top_share >= params.top_share and not second


def days_of_top(facts: AccountFacts, held: Concentration, window_days: int) -> Text:
    """Return `Jana Roth had 41 of the 43 contact days of the 12 months to 2 Nov 2026`."""
    top = held.ranking[0]
    return say(
        "{name} had {days} of the {total} contact days of the {window} to {as_of}",
        name=user_name(facts, top.user_id),
        days=top.days,
        total=held.total,
        window=window_text(window_days),
        as_of=day_text(facts.today),
    )


def top_figures(facts: AccountFacts, held: Concentration) -> Text:
    """Return `J. Roth 41 of 43 contact days as of 2 Nov 2026`."""
    top = held.ranking[0]
    return say(
        "{name} {days} of {total} contact days as of {as_of}",
        name=short_name(user_name(facts, top.user_id)),
        days=top.days,
        total=held.total,
        as_of=day_text(facts.today),
    )


def spread_text(held: Concentration, over: Text) -> Text:
    """Return `in touch with more than one of ours: 7 of 9 contact days through one`, `over` naming those in touch."""
    return say(
        "in touch with {whom}: {days} of {total} contact days through one",
        whom=over,
        days=held.ranking[0].days,
        total=held.total,
    )


def one_link_clears(params: OneLink) -> Text:
    """Return what makes an account hang on more than one link."""
    return say(
        "Clears when somebody else of ours has {second} of the contact days or more, or no one person has {top}.",
        second=share_text(params.second_share),
        top=share_text(params.top_share),
    )


def second_link(facts: AccountFacts, held: Concentration) -> Text:
    """Suggest the colleague with most contact days after the first, if any is still with us."""
    for rank in held.ranking[1:]:
        user = facts.users.get(rank.user_id)
        if user is not None and user.active:
            return say_n(
                "Bring {name} to the next meeting, who had {n} contact day already.",
                "Bring {name} to the next meeting, who had {n} contact days already.",
                n=rank.days,
                name=user_name(facts, rank.user_id),
            )
    return say("Name a second relationship owner and bring them to the next meeting.")


def _ranking(facts: AccountFacts, seen: Coverage, max_gap_days: int) -> list[Rank]:
    most = max(seen.person_days.values(), default=0)
    ranks = [
        Rank(user_id=user_id, days=days, tenure=tenure(facts, user_id, max_gap_days) if days == most else None)
        for user_id, days in seen.person_days.items()
    ]
    return sorted(
        ranks, key=lambda one: (-one.days, -(one.tenure.days if one.tenure else 0), user_address(facts, one.user_id))
    )


def _silent_owner(facts: AccountFacts, evidence_days: int) -> str | None:
    """Return the account's owner where that is an active colleague who logged nothing anywhere of late."""
    owner = facts.users.get(facts.account.owner_id or "")
    if not evidence_days or owner is None or not owner.active or owner.id in facts.ignored:
        return None
    last = facts.last_logged.get(owner.id)
    return owner.id if last is None or last <= facts.today - timedelta(days=evidence_days) else None
