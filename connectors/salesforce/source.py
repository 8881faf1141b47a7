"""One stream of an org: which object it reads, with which fields, and what becomes of its records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from connectors.protocol import Known, Page
from connectors.salesforce.transport import Record

# Fields that an org has only with a feature switched on: that they cannot be read is no news.
FEATURES = frozenset(
    {"BillingCountryCode", "CurrencyIsoCode", "GroupEventType", "IsBounced", "IsPersonAccount", "IsRecurrence"}
)

Paged = Callable[[Sequence[Record], Known], Page]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One stream. Id and SystemModstamp are read of every object, IsDeleted of all but User.

    `may_lack` says that an org can do without the object: then the stream is complete and empty. `vanishes` names the
    table of an object whose deleted records no query shows: only the log of deletions knows them. `only` is the field
    and the condition on it of the records that are wanted, where that is not all of them. `children` are the streams,
    and the field in each, of what hangs on a record and moves with it when it is merged into another; those that nobody
    needs are not there.
    """

    stream: str
    feeds: frozenset[str]
    object_name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_lack: bool = False
    vanishes: str = ""
    only: tuple[str, str] | tuple[()] = ()
    children: tuple[tuple[str, str], ...] = ()
    page: Paged

    def missed(self, hidden: Iterable[str]) -> list[str]:
        """Which of the hidden fields an admin should know of: not ours, which `capabilities` tells of."""
        return [name for name in hidden if name not in FEATURES and not name.endswith("__c")]


def alone(make: Callable[[Sequence[Record]], Page]) -> Paged:
    """A page that its records tell by themselves."""
    return lambda records, _known: make(records)
