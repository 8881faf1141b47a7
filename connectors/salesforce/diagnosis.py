"""What the integration user may do in the org, object by object and field by field, and what the org's tasks allow.

Nothing is written: describe tells rights, and a hidden field looks like one that does not exist.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from connectors.diagnosis import Line, fail, ok, trying, warn
from connectors.errors import RejectedError, TransientError
from connectors.salesforce.client import Client
from connectors.salesforce.source import Source
from connectors.salesforce.transport import Record

# What sharing hides is not told by any refusal: these are the objects that the integration user must see all of.
WHOLE = ("Account", "Contact", "Opportunity")
ENOUGH_SEEN = 0.9  # of what the org counts; its count is approximate
WRITTEN_OF_TASK = ("Subject", "Description", "ActivityDate", "Status", "Priority", "OwnerId", "WhatId", "WhoId")
_GRANT = "grant it to the integration user in its permission set (Object Settings)"
_MAPPED = f"correct its name in [connections.NAME.map], or {_GRANT}"
_LACKED = {
    "EmailMessage": warn(
        "EmailMessage: the org has no such object, or this user does not see it: only e-mails logged as tasks count",
        "switch on Setup, Enhanced Email, or give the integration user access to it",
    ),
    "AccountContactRelation": ok("AccountContactRelation: off in this org (Contacts to Multiple Accounts)"),
    "AccountTeamMember": warn(
        "AccountTeamMember: off in this org (Account Teams), or this user does not see it: no account has a team",
        "switch on Setup, Account Teams, or switch off the rules that need it",
    ),
    "OpportunityTeamMember": ok("OpportunityTeamMember: off in this org (Team Selling)"),
    "Case": warn(
        "Case: the org has no such object, or this user does not see it: the rules of service cannot be judged",
        "give the integration user read access to it, or switch off the rules that need it",
    ),
    "Campaign": warn(
        "Campaign: the org has no such object, or this user does not see it: nothing tells what the company sends",
        "give the integration user read access to it (Marketing User), or switch off the rules that need it",
    ),
    "CampaignMember": warn(
        "CampaignMember: the org has no such object, or this user does not see it: nothing tells who got what",
        "give the integration user read access to it (Marketing User), or switch off the rules that need it",
    ),
    "TaskRelation": ok("TaskRelation: off in this org (Shared Activities)"),
    "Lead": warn("Lead: cannot be read: what was logged on a lead before its conversion does not count", _GRANT),
}


@dataclass(kw_only=True, slots=True)
class _Wanted:
    """The fields of one object, over all streams that read it."""

    required: set[str]
    optional: set[str]
    may_lack: bool


def diagnose(client: Client, sources: Iterable[Source]) -> Iterator[Line]:
    """One line per object that is read, then what is written, seen and called there."""
    wanted = _by_object(sources)
    described: dict[str, Record | None] = {}
    for name in wanted:
        yield from trying(partial(_object, client, name, wanted[name], described))
    yield from _writing(described)
    for name in WHOLE:
        if described.get(name):
            yield from trying(partial(_seen, client, name))
    yield from trying(partial(_words, client))


def _by_object(sources: Iterable[Source]) -> dict[str, _Wanted]:
    found: dict[str, _Wanted] = defaultdict(lambda: _Wanted(required=set(), optional=set(), may_lack=True))
    for source in sources:
        one = found[source.object_name]
        one.required |= {"Id", "SystemModstamp", *source.required}
        one.optional |= set(source.missed(source.optional))
        one.may_lack = one.may_lack and source.may_lack
    return found


def _object(client: Client, name: str, wanted: _Wanted, described: dict[str, Record | None]) -> Iterator[Line]:
    described[name] = client.describe(name)
    told = described[name]
    if told is None:
        usual = fail(f"{name}: cannot be read at all", _GRANT)
        yield _LACKED.get(name, usual) if wanted.may_lack else usual
        return
    fields = _fields(told)
    visible = wanted.required | wanted.optional
    if hidden := sorted(wanted.required - fields.keys()):
        remedy = _MAPPED if any(one.endswith("__c") for one in hidden) else _GRANT
        yield fail(f"{name}: {', '.join(hidden)} cannot be read, and nothing can be judged without", remedy)
    elif hidden := sorted(wanted.optional - fields.keys()):
        yield warn(f"{name}: {', '.join(hidden)} cannot be read; what rests on that is left out", _GRANT)
    else:
        yield ok(f"{name}: {len(visible)} fields can be read")


def _writing(described: Mapping[str, Record | None]) -> Iterator[Line]:
    task, account = described.get("Task") or {}, described.get("Account") or {}
    fields = _fields(task)
    fixed = [name for name in WRITTEN_OF_TASK if not fields.get(name, {}).get("createable")]
    if not (task.get("createable") and task.get("updateable")):
        yield fail("Task: may not be created and edited: no task can be made", _GRANT)
    elif fixed:
        yield fail(f"Task: {', '.join(fixed)} may not be written: no task can be made", _GRANT)
    else:
        yield ok("Task: may be created and edited")
    if account.get("updateable"):
        yield ok("Account: may be edited")
    else:
        yield fail("Account: may not be edited: no field of ours can be written", _GRANT)


def _seen(client: Client, name: str) -> Iterator[Line]:
    """How many records this user sees, against how many there are: hidden ones are simply not in any answer."""
    try:
        rows = client.ask("limits/recordCount", {"sObjects": name}).get("sObjects", ())
        there = next((int(each["count"]) for each in rows if each.get("name") == name), 0)
        seen = client.query(f"SELECT COUNT() FROM {name}").total  # noqa: S608 - one of ours
    except (RejectedError, TransientError):
        return  # an org too large to count, or one that does not say
    if seen < ENOUGH_SEEN * there:
        told = f"{name}: sees {seen:,} of about {there:,} records: sharing hides the others"
        yield warn(told, f"give the integration user View All on {name} in its permission set")
    else:
        yield ok(f"{name}: sees all records ({seen:,})")


def _words(client: Client) -> Iterator[Line]:
    """The words that the org has for a closed task and an urgent one."""
    statuses, priorities = client.queries(
        [
            "SELECT ApiName, IsClosed, SortOrder FROM TaskStatus",
            "SELECT ApiName, IsHighPriority, SortOrder FROM TaskPriority",
        ]
    )
    closed, high = _flagged(statuses, "IsClosed"), _flagged(priorities, "IsHighPriority")
    if closed:
        yield ok(f"a task is closed as {closed[0]!r}")
    else:
        yield warn("no status of a task is told to be closed; 'Completed' is written", "look at Setup, Task Status")
    if high:
        yield ok(f"an urgent task has the priority {high[0]!r}")
    else:
        yield warn("no priority is told to be high; 'High' is written", "look at Setup, Task Priority")


def _flagged(rows: Sequence[Record] | RejectedError, flag: str) -> list[str]:
    some: Collection[Record] = () if isinstance(rows, RejectedError) else rows
    found = sorted((row for row in some if row.get(flag)), key=lambda row: row.get("SortOrder") or 0)
    return [str(row.get("ApiName")) for row in found]


def _fields(described: Record) -> dict[str, Record]:
    return {field["name"]: field for field in described.get("fields", ())}
