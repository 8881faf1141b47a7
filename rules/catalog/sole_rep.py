"""A key customer has been reached through one person of ours for years.

A customer whose contact days nearly all belong to one of us can leave together with that person, and nobody else
would notice in time when the talk stops. The remedy is a second link, not another owner.

What is counted: person-days, a person of ours and a local day with at least one two-way touch with the account: a
meeting that was held, a call that connected, or a message that the same two people answered within 30 days. A
meeting or call logged on the account without a contact counts, since whom of theirs we met makes no difference to who
of us was there; a message needs the contact, or nobody could tell whether it was answered. A workshop with eight
guests is one person-day. Inactive colleagues count; users that `[people] ignore` names do not.

Raised if all of this is true on the day:

- at least `min_touch_days` person-days in the last `window_days` days, the day included;
- one person has `top_share` of them or more, nobody else has `second_share` or more;
- that person's tenure is at least `tenure_days`: the days since the first touch of the last run without a gap of more
  than `max_gap_days`. Where that run opens the account's record and the person owns the account, the time as a customer
  counts if it is longer, told as "at least".

Unknown with fewer person-days (a share of five days is chance), and where the account's owner has logged nothing
anywhere in `evidence_days` days (0 switches that off): a colleague would look sole by mistake.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import Coverage, Tenure, coverage, tenure
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.wording import count_text, day_text, full_name, share_text, short_name


class SoleRep(Params):
    """`[rules.sole-rep]`."""

    severity: Severity = Severity.CRITICAL
    route: Route = Route.MANAGER
    window_days: Annotated[int, Field(ge=30)] = 365
    min_touch_days: Annotated[int, Field(ge=1)] = 8
    top_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    second_share: Annotated[float, Field(ge=0, le=1)] = 0.1
    tenure_days: Annotated[int, Field(ge=0)] = 730
    max_gap_days: Annotated[int, Field(ge=1)] = 270
    evidence_days: Annotated[int, Field(ge=0)] = 90


@rule(
    params=SoleRep,
    needs=frozenset({"users", "accounts", "contacts", "deals", "activity"}),
    weight=25,
    hears=frozenset({"email"}),
)
def check(facts: AccountFacts, params: SoleRep) -> Verdict:
    """Judge whether the account hangs on one link."""
    seen = coverage(facts, params.window_days)
    ranking = _ranking(facts, seen, params.max_gap_days)
    silent = _silent_owner(facts, params.evidence_days)
    total = seen.total
    top, top_days, top_tenure = ranking[0] if ranking else ("", 0, None)
    top_share = top_days / total if total else None
    second_days = ranking[1][1] if len(ranking) > 1 else 0
    second_share = second_days / total if total else None
    numbers: Mapping[str, Any] = {
        "person_days": total,
        "top_person": _address(facts, top) if ranking else None,
        "top_days": top_days,
        "top_share": top_share,
        "second_share": second_share,
        "tenure_days": top_tenure.days if top_tenure else None,
        "tenure_at_least": bool(top_tenure and top_tenure.at_least),
        "coverage": seen.label,
        "silent_owner": _address(facts, silent) if silent else None,
    }
    if silent:
        return Unknown(reason=f"{short_name(_name(facts, silent))} logs nothing", numbers=numbers)
    if total < params.min_touch_days or top_tenure is None or top_share is None or second_share is None:
        reason = f"not enough activity: {total} of {params.min_touch_days} person-days"
        return Unknown(reason=reason, numbers=numbers)
    shared = top_share < params.top_share or _is_second(second_share, second_days, params)
    if shared or top_tenure.days < params.tenure_days:
        what = "more than one of ours" if shared else "one person, not yet for long"
        return Clear(message=f"in touch with {what}: {top_days} of {total} contact days through one", numbers=numbers)
    return Raised(severity=params.severity, finding=_finding(facts, params, total, ranking), numbers=numbers)


Ranked = tuple[str, int, Tenure | None]


def _ranking(facts: AccountFacts, seen: Coverage, max_gap_days: int) -> list[Ranked]:
    """Return (user id, person-days, tenure) by person-days, the longest tenure first among those who have most.

    Only those have a tenure here: nobody asks for that of the others.
    """
    most = max(seen.person_days.values(), default=0)
    ranked = [
        (user_id, days, tenure(facts, user_id, max_gap_days) if days == most else None)
        for user_id, days in seen.person_days.items()
    ]
    return sorted(ranked, key=lambda one: (-one[1], -(one[2].days if one[2] else 0), _address(facts, one[0])))


def _is_second(share: float, days: int, params: SoleRep) -> bool:
    """With `second_share = 0` anybody else at all is a second link, nobody is none."""
    return days > 0 and share >= params.second_share


def _silent_owner(facts: AccountFacts, evidence_days: int) -> str | None:
    """Return the account's owner where that is an active colleague who logged nothing anywhere of late."""
    owner = facts.users.get(facts.account.owner_id or "")
    if not evidence_days or owner is None or not owner.active or owner.id in facts.ignored:
        return None
    last = facts.last_logged.get(owner.id)
    return owner.id if last is None or last <= facts.today - timedelta(days=evidence_days) else None


def _finding(facts: AccountFacts, params: SoleRep, total: int, ranking: list[Ranked]) -> Finding:
    user_id, days, held = ranking[0]
    name, as_of = _name(facts, user_id), day_text(facts.today)
    since = _since(held)
    return Finding(
        headline="known by one person",
        why=f"{facts.account.name} hangs on one link: {name} had {days} of the {total} contact days of the "
        f"{_window(params.window_days)} to {as_of}, and has been in touch {since}.",
        clears_when=f"Clears when somebody else of ours has {share_text(params.second_share)} of the contact days "
        f"or more, or no one person has {share_text(params.top_share)}.",
        first_step=_first_step(facts, ranking),
        figures=f"{short_name(name)} {days} of {total} contact days as of {as_of}",
    )


def _first_step(facts: AccountFacts, ranking: list[Ranked]) -> str:
    """Suggest the colleague with most contact days after the first, if any is still with us."""
    for user_id, days, _ in ranking[1:]:
        if _is_active(facts, user_id):
            had = f"who had {count_text(days, 'contact day')} already"
            return f"Bring {_name(facts, user_id)} to the next meeting, {had}."
    return "Name a second relationship owner and bring them to the next meeting."


def _is_active(facts: AccountFacts, user_id: str) -> bool:
    user = facts.users.get(user_id)
    return user is not None and user.active


def _since(held: Tenure | None) -> str:
    if held is None:
        return "of late"
    return f"{'at least ' if held.at_least else ''}since {day_text(held.since)}"


def _window(days: int) -> str:
    return "12 months" if days == 365 else count_text(days, "day")


def _name(facts: AccountFacts, user_id: str) -> str:
    return full_name(facts.users.get(user_id), user_id)


def _address(facts: AccountFacts, user_id: str) -> str:
    user = facts.users.get(user_id)
    return (user.email if user else "") or user_id
