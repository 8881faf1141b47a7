"""What a connector must do, and the words in which it speaks with the worker.

A connector turns a CRM's replies into rows of the store's tables and the worker's changes into requests. It keeps no
state between cycles: what it must remember is in the cursors that it hands out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol, runtime_checkable

Row = dict[str, Any]
Cursor = dict[str, Any]  # JSON, opaque to everybody but the connector that made it

ON_DEMAND = frozenset({"team", "tickets", "mailings"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Stream:
    """One thing that is pulled with a cursor of its own.

    `feeds` names the record kinds that are incomplete when this stream is (`users`, `accounts`, `contacts`, `deals`,
    `activity`, `tasks`, `team`, `tickets`, `mailings`), which is what rules `need`. A kind of ON_DEMAND is read only
    where a rule that is on needs it: a connector is told which of them when it is made.
    """

    name: str
    feeds: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """Who and what activities belong to, as one source tells it.

    `replaced` are the activity ids of which `rows` is now the whole truth from `source`: what else that source said
    of them before is dropped. Rows: activity_id, side (`ours` | `theirs` | `about`), kind (`user` | `contact` |
    `account` | `deal` | `address`), target (the id, or the lower-case e-mail address).
    `removed` are rows that ended on their own.
    """

    source: str
    rows: Sequence[Row] = ()
    replaced: Sequence[str] = ()
    removed: Sequence[Row] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One page of a stream, ready for the store; `cursor` is committed with it.

    `rows` maps a table's name to rows in that table's columns (without `connection`); every row has `id`.
    `gone` maps a table's name to ids that the CRM has deleted, `merged` to {old id: the id that it went into}, which is
    told whenever the record is read. `set_aside` counts records that made no sense, by reason. The last page of a
    stream has `last=True`; a stream that stops without it is incomplete.
    """

    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    links: Sequence[Links] = ()
    gone: Mapping[str, Sequence[str]] = field(default_factory=dict)
    merged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    records: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    cursor: Cursor = field(default_factory=dict)
    last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskContent:
    """What a task of ours says. `body` is plain text; a connector renders it as its CRM wants it."""

    assignee_id: str
    subject: str
    body: str
    due_on: date
    severity: str  # critical | high | medium | low: becomes the CRM's priority


@dataclass(frozen=True, kw_only=True, slots=True)
class CreateTask:
    key: str
    account_id: str
    contact_id: str | None
    content: TaskContent


@dataclass(frozen=True, kw_only=True, slots=True)
class UpdateTask:
    """Only the named parts are sent: what a human changed is not among them."""

    key: str
    task_id: str
    account_id: str
    changed: Mapping[str, Any]  # of TaskContent's fields
    severity: str = "medium"


@dataclass(frozen=True, kw_only=True, slots=True)
class CloseTask:
    """`body` is the text with the reason on top, None where a human edited the text: then it is left alone."""

    key: str
    task_id: str
    account_id: str
    reason: str
    body: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SetFields:
    """Account fields by our logical names (`risk`, `risk_level`, `coverage`, `findings`, `last_exec_exchange`,
    `next_exec_due`); None empties a field. Dates are `date`.
    """

    account_id: str
    fields: Mapping[str, Any]


Change = CreateTask | UpdateTask | CloseTask | SetFields


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskState:
    """A task of ours as the CRM has it. `status` is `open`, `deferred`, `completed` or `deleted`.

    `feedback` is what its reader answered (`helpful`, `wrong`, `already handled`), empty where nobody did or where the
    task was not asked for it.
    """

    key: str
    id: str
    status: str
    account_id: str | None = None
    assignee_id: str | None = None
    subject: str = ""
    body: str = ""
    due_on: date | None = None
    created_at: datetime | None = None
    ended_at: datetime | None = None
    feedback: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """The CRM has it. For a task, `task` is how the CRM returned it."""

    task: TaskState | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejected:
    """The CRM said no to this one change, in `message`; `code` is its own word for it.

    `unassignable`: it said no to the assignee alone, and may take the change with somebody else's name on it.
    `passing`: nothing is held against the change: its record was locked, or the request as such was refused whatever
    was in it. The next cycle sends it again.
    """

    code: str
    message: str
    unassignable: bool = False
    passing: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Superseded:
    """Nothing was sent: the account was merged, and what is due is due for the one of that id."""

    account_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ambiguous:
    """The answer was lost: it may have happened or not. Look it up before anything is sent again."""

    message: str


Outcome = Done | Rejected | Superseded | Ambiguous


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One thing of ours that must exist in the CRM, and how it stands.

    `state`: `exists`, `made`, `would make` (dry run), `wrong` (is there, but not as it must be) or `manual` (we may not
    make it); `told` says in one line what is wrong, or the exact clicks of the manual step.
    """

    name: str
    state: str
    told: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Capabilities:
    """What this CRM, as it is set up, allows."""

    task_key_unique: bool  # the CRM itself refuses a second task with our key
    account_fields: frozenset[str]  # logical names of our account fields that exist and can be written


class Known(Protocol):
    """What the store already holds of this connection, for streams that are read by id. Ids come in ascending order."""

    cycle: int  # the number of the running cycle

    def activities(self, id_prefix: str, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        """Ids that begin with `id_prefix` of activities changed in cycle `changed_since` or later, or that happened
        after `or_after`.
        """

    def deals(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        """Ids of deals changed in cycle `changed_since` or later, or made or closed after `or_after`."""

    def contacts(self, *, changed_since: int, or_after: datetime) -> Iterator[str]:
        """Ids of contacts changed in cycle `changed_since` or later, or made after `or_after`."""

    def companies_of(self, contact_ids: Sequence[str]) -> Mapping[str, str | None]:
        """The account of each of these contacts that the store has, by contact id. Any thread may ask."""

    def live(self, table: str, id_prefix: str = "") -> Iterator[str]:
        """Ids of all rows of a table that are not deleted and begin with `id_prefix`."""

    def open_tasks(self) -> Sequence[str]:
        """CRM ids of our tasks that are open as far as we know."""

    def linked(self, kind: str, targets: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """(activity id, side, target) of every link of that kind to one of the targets."""

    def credited(self, source: str, activity_ids: Sequence[str]) -> Mapping[str, str]:
        """The user of ours whom that source of links names for each of these activities, by activity id: of those that
        the store holds as done (their outcome is not `void`) and for which it names one.
        """


class Connector(Protocol):
    """One connection to one CRM. Methods raise ConnectorError and nothing else."""

    name: str
    kind: str

    @property
    def api_calls(self) -> int:
        """Requests sent so far by this object."""

    @property
    def api_left(self) -> int | None:
        """Calls left of the daily quota as last told by the CRM."""

    def capabilities(self) -> Capabilities: ...

    def server_now(self) -> datetime:
        """The CRM's clock (its Date header), aware, UTC. Costs a call where none was made yet."""

    def streams(self) -> Sequence[Stream]:
        """In the order in which they must be pulled."""

    def pull(self, stream: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        """Yield the pages that follow `cursor` (None: from the beginning), the last one marked `last`.

        Every page's cursor can be resumed from. A record at the boundary comes twice rather than never.
        """

    def apply(self, changes: Sequence[Change]) -> Iterator[tuple[Change, Outcome]]:
        """Send changes, in as few requests as the CRM allows, and yield the outcome of each as it is known.

        Raises ConnectorError when nothing further can be sent (quota, login); what was not yielded was not sent,
        or is ambiguous and said to be so before the raise.
        """

    def find_tasks(self, keys: Sequence[str]) -> Mapping[str, TaskState]:
        """Tasks in the CRM that carry one of these keys, deleted ones too, by key.

        Never answered from an index alone that may lag behind our own writes.
        """

    def provision(self, *, dry_run: bool) -> Iterator[Step]:
        """Make our fields in the CRM, and the access to them; what exists is left as it is. Repeatable."""

    def close(self) -> None: ...


@runtime_checkable
class Budgeted(Protocol):
    """A connector that keeps to a share of its CRM's calls of 24 hours."""

    def forecast(self, *, spent: int, expected: int | None) -> str:
        """What the cycle that begins will cost and what is left, in one line; empty where the CRM does not answer.

        `spent` are the calls of the last 24 hours by earlier cycles, which count against the day's share; `expected`
        are those of the last cycle, None before the first.
        """


@runtime_checkable
class Retrying(Protocol):
    """A connector that counts the requests that it sent again."""

    @property
    def api_retried(self) -> Mapping[str, int]:
        """How many so far, by reason: `rate_limited` or `failed`."""
