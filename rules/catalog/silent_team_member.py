"""Somebody is on the team of a key customer and has no contact there.

A team is worth what its members' contacts are: each of them has meaningful contact with somebody there (revolving-door
article, step 2). A name in the CRM that nobody there knows holds no customer.

What is counted: active members of the account's team in the CRM for `member_days` days or longer (Account Teams in
Salesforce; in HubSpot the owner properties that `[connections.NAME.map.team]` names). Silent is a member without a
single two-way touch with the account in the last `silent_days` days: no meeting was held, no call connected, no message
answered within 30 days. Users that `[people] ignore` names do not count.

Raised if a member is silent who logged something, anywhere, in the last `evidence_days` days. The one who is silent
for longest is named.

Unknown where nobody is on the team of any account, where the CRM does not log messages, and, if only such are silent,
where a silent member logs nothing anywhere or nothing says since when the member is on the team (HubSpot).

How to tune: `silent_days` is how seldom a member may be there; experts who come once a year need 365.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from pydantic import Field

from rules.facts import AccountFacts
from rules.measures import coverage
from rules.model import TeamMember
from rules.people_measures import last_held, user_name, window_text
from rules.rule import Clear, Finding, Params, Raised, Route, Severity, Unknown, Verdict, rule
from rules.team import TEAM_NEEDS, active_team, users_text
from rules.wording import Text, day_text, say, say_n, short_name


class SilentTeamMember(Params):
    """`[rules.silent-team-member]`."""

    enabled: bool = False
    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER
    member_days: Annotated[int, Field(ge=0, description="on the team for so long already")] = 90
    silent_days: Annotated[int, Field(ge=1)] = 180
    evidence_days: Annotated[
        int, Field(ge=0, description="a member who logs nothing for so long cannot be judged; 0 = off")
    ] = 90


@rule(params=SilentTeamMember, needs=TEAM_NEEDS, hears=frozenset({"team", "email"}))
def check(facts: AccountFacts, params: SilentTeamMember) -> Verdict:
    """Judge whether every member has contact."""
    team = active_team(facts)
    heard = coverage(facts, params.silent_days).person_days
    silent = [one for one in team if one.user_id not in heard and not _is_new(facts, one, params)]
    judged = [one for one in silent if one.since and _logs(facts, one, params)]
    numbers: dict[str, Any] = {
        "members": len({one.user_id for one in team}),
        "silent": len({one.user_id for one in silent}),
        "member": user_name(facts, judged[0].user_id) if judged else None,
    }
    if judged:
        return Raised(severity=params.severity, finding=_finding(facts, params, judged), numbers=numbers)
    if silent:
        return Unknown(reason=_why_unknown(facts, silent[0]), numbers=numbers)
    return Clear(message=say("every member is in touch"), numbers=numbers)


def _is_new(facts: AccountFacts, member: TeamMember, params: SilentTeamMember) -> bool:
    return member.since is not None and (facts.today - member.since).days < params.member_days


def _logs(facts: AccountFacts, member: TeamMember, params: SilentTeamMember) -> bool:
    last = facts.last_logged.get(member.user_id)
    after = facts.today - timedelta(days=params.evidence_days)
    return not params.evidence_days or (last is not None and last > after)


def _why_unknown(facts: AccountFacts, member: TeamMember) -> Text:
    name = short_name(user_name(facts, member.user_id))
    if member.since is None:
        return say("nothing says since when {name} is on the team", name=name)
    return say("{name} logs nothing", name=name)


def _finding(facts: AccountFacts, params: SilentTeamMember, silent: list[TeamMember]) -> Finding:
    ids = list(dict.fromkeys(one.user_id for one in sorted(silent, key=lambda one: _silence(facts, one))))
    role = next((one.role for one in silent if one.user_id == ids[0] and one.role), "")
    name = user_name(facts, ids[0])
    last = last_held(facts, {ids[0]})
    told = {
        "account": facts.account.name,
        "who": f"{name} ({role})" if role else name,
        "name": name,
        "all": users_text(facts, ids),
        "last": say("the last real contact was on {day}", day=day_text(last.on))
        if last
        else say("there was none ever"),
        "window": window_text(params.silent_days),
        "as_of": day_text(facts.today),
    }
    return Finding(
        headline=say_n("a silent team member", "{n} silent team members", n=len(ids)),
        why=say(
            "{who} is on the team of {account} and had no contact day there in the {window} to {as_of}; {last}.", **told
        )
        if len(ids) == 1
        else say("On the team of {account} without a contact day there in the {window} to {as_of}: {all}.", **told),
        clears_when=say("Clears when each of them has a contact day within {window}, or is off the team.", **told),
        first_step=say("Take {name} along to the next meeting, or name somebody else.", **told),
        figures=say("{all} silent on the team as of {as_of}", **told),
    )


def _silence(facts: AccountFacts, member: TeamMember) -> tuple[int, str]:
    """Who was never heard of comes first, then whose last exchange is longest ago."""
    last = last_held(facts, {member.user_id})
    return (last.on.toordinal() if last else 0), member.user_id
