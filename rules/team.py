"""What the rules about account teams measure: who of ours the CRM says to be on one (domain.md 1A)."""

from __future__ import annotations

from collections.abc import Sequence

from rules.facts import AccountFacts
from rules.measures import coverage
from rules.model import TeamMember
from rules.once import measured_once
from rules.people_measures import user_address, user_name
from rules.wording import Text, listed, say

#: What a rule about teams needs of the CRM.
TEAM_NEEDS = frozenset({"users", "accounts", "contacts", "deals", "activity", "team"})


@measured_once
def active_team(facts: AccountFacts) -> list[TeamMember]:
    """Return who is on the account's own team, active and not ignored. Who works on one of its deals is not."""
    return [one for one in facts.team if one.deal_id is None and is_active(facts, one.user_id)]


def is_active(facts: AccountFacts, user_id: str | None) -> bool:
    """Tell whether somebody of ours is known, active and counted."""
    user = facts.users.get(user_id or "")
    return user is not None and user.active and user.id not in facts.ignored


@measured_once
def members(facts: AccountFacts) -> frozenset[str]:
    """Return the user ids of the active team, the account's owner among them."""
    owner_id = facts.account.owner_id
    owner = {owner_id} if owner_id and is_active(facts, owner_id) else set()
    return frozenset({one.user_id for one in active_team(facts)} | owner)


def in_touch(facts: AccountFacts, window_days: int) -> list[str]:
    """Return the active users with a person-day of late who are not on the team, most days first, then by address."""
    days, there = coverage(facts, window_days).person_days, members(facts)
    others = (user_id for user_id in days if user_id not in there and is_active(facts, user_id))
    return sorted(others, key=lambda user_id: (-days[user_id], user_address(facts, user_id)))


def users_text(facts: AccountFacts, user_ids: Sequence[str], most: int = 3) -> Text:
    """Return `Jana Roth, Tom Wood and 2 more`: at most `most` of them, in their order."""
    told = listed(user_name(facts, user_id) for user_id in user_ids[:most])
    return say("{people} and {n} more", people=told, n=len(user_ids) - most) if len(user_ids) > most else told
