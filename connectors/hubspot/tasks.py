"""Our tasks in the portal: what became of them, and which of them carry a key.

Archived (deleted) tasks never appear in a search, and a search may lag behind our own writes by moments.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import timedelta

from connectors.errors import RejectedError
from connectors.hubspot.client import Client
from connectors.hubspot.links import BATCH_SIZE as ASSOCIATION_BATCH_SIZE
from connectors.hubspot.links import associated
from connectors.hubspot.reading import BATCH_SIZE, LIST_PAGE_SIZE, by_id, listed, window
from connectors.hubspot.replies import results
from connectors.hubspot.search import Found, Query, Window, changed
from connectors.hubspot.settings import HubspotSettings
from connectors.hubspot.task_keys import filter_of_ours, key_of
from connectors.hubspot.task_states import task_properties, task_state
from connectors.hubspot.values import Json, milliseconds, properties, text
from connectors.protocol import Cursor, Known, Page, TaskState

FEW_KEYS = 200
INDEX_LAG = timedelta(minutes=15)  # what is older is surely found by search


class Tasks:
    """Reads the tasks that carry our key from one portal; it keeps nothing."""

    def __init__(self, client: Client, settings: HubspotSettings, key_exists: Callable[[], bool]) -> None:
        self._client = client
        self._settings = settings
        self._key = settings.fields.key
        self._feedback = settings.fields.feedback
        self._properties = task_properties(self._key, self._feedback)
        self._key_exists = key_exists

    def pull(self, cursor: Cursor | None, known: Known) -> Iterator[Page]:
        """What changed of all tasks with our key by search, then every task that the store has as open by its id.

        The first pull searches too: listing would read every task of the portal to find ours.
        """
        watermark = int((cursor or {}).get("watermark", 0))
        open_ids = dict.fromkeys(known.open_tasks())
        span, settled = window(self._client, watermark, self._settings.index_lag_seconds)
        for records, complete_to in self._changed(span):
            watermark = max(watermark, min(complete_to, settled))
            # The open ones are read by id below, which is newer than the index.
            fresh = [record for record in records if record.get("id") not in open_ids]
            if fresh:
                yield self._page(fresh, {"watermark": watermark}, seen=len(records))
        ids = list(open_ids)
        for start in range(0, len(ids), ASSOCIATION_BATCH_SIZE):
            yield self._open(ids[start : start + ASSOCIATION_BATCH_SIZE], {"watermark": watermark})
        yield Page(cursor={"watermark": watermark}, last=True)

    def by_id(self, ids: Sequence[str], *, id_property: str = "", archived: bool = False) -> dict[str, Json]:
        """Records by id, or by the value of a unique property; those that are not there are left out."""
        records = by_id(self._client, "tasks", self._properties, ids, id_property=id_property, archived=archived)
        return {
            text(properties(record), id_property) if id_property else str(record.get("id")): record
            for record in records
        }

    def states(self, records: Sequence[Json]) -> list[TaskState]:
        """The tasks with the company that each is associated with."""
        ids = [str(record.get("id")) for record in records]
        companies = associated(self._client, "tasks", "companies", ids) if ids else None
        return [
            task_state(
                record,
                self._key,
                next(iter(companies.of(task_id)), None) if companies else None,
                feedback_property=self._feedback,
            )
            for task_id, record in zip(ids, records, strict=True)
        ]

    def find(self, keys: Sequence[str], *, unique: bool) -> Mapping[str, TaskState]:
        """Tasks by key, deleted ones too. Of several with one key, one that is not deleted, and the oldest."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        # By key a batch has a hundred; of many keys, all tasks of ours can be fewer.
        few = len(wanted) <= FEW_KEYS
        records = self._find_unique(wanted) if unique and few else self._find_any(wanted)
        found: dict[str, TaskState] = {}
        for start in range(0, len(records), ASSOCIATION_BATCH_SIZE):
            for state in self.states(records[start : start + ASSOCIATION_BATCH_SIZE]):
                other = found.get(state.key)
                if other is None or (other.status == "deleted") > (state.status == "deleted"):
                    found[state.key] = state
        return found

    def _changed(self, span: Window) -> Iterator[tuple[Sequence[Json], int]]:
        for found in self._ours("hs_lastmodifieddate", span):
            yield found.records, found.complete_to

    def _ours(self, stamp: str, span: Window) -> Iterator[Found]:
        """All tasks with a key by search. Where bodies cannot be searched for it, all tasks of the portal."""
        key = self._key if self._key_exists() else ""
        query = Query(kind="tasks", watermark=stamp, properties=self._properties, filters=(filter_of_ours(key),))
        try:
            yield from changed(self._client, query, span)
        except RejectedError:
            if key:
                raise
            yield from changed(self._client, replace(query, filters=()), span)

    def _page(self, records: Sequence[Json], cursor: Cursor, *, gone: Sequence[str] = (), seen: int = 0) -> Page:
        states = [state for state in self.states(records) if state.key]
        return Page(
            rows={"crm_tasks": [asdict(state) for state in states]},
            gone={"crm_tasks": list(gone)} if gone else {},
            records=seen,
            cursor=cursor,
        )

    def _open(self, ids: Sequence[str], cursor: Cursor) -> Page:
        found = self.by_id(ids)
        missing = [task_id for task_id in ids if task_id not in found]
        if missing:
            found |= self.by_id(missing, archived=True)
        # Without our key it is ours no longer, as if it were deleted.
        ours = [record for record in found.values() if key_of(record, self._key)]
        gone = sorted(set(ids) - {str(record.get("id")) for record in ours})
        return self._page(ours, cursor, gone=gone, seen=len(found))

    def _find_unique(self, keys: Sequence[str]) -> list[Json]:
        found = self.by_id(keys, id_property=self._key)
        missing = {key for key in keys if key not in found}
        # Whether archived records can be read by a property is not documented; their list can be relied on.
        archived = self._carrying(missing, self._list(archived=True)) if missing else []
        return [*found.values(), *archived]

    def _find_any(self, keys: Sequence[str]) -> list[Json]:
        found: dict[str, Json] = {}
        for records in (self._search(keys), self._recent(), self._list(archived=True)):
            missing = set(keys) - {key_of(record, self._key) for record in found.values()}
            if not missing:
                break
            found |= {str(record.get("id")): record for record in self._carrying(missing, records)}
        return sorted(found.values(), key=lambda record: (len(str(record.get("id"))), str(record.get("id"))))

    def _carrying(self, keys: Collection[str], records: Iterator[Json]) -> list[Json]:
        return [record for record in records if key_of(record, self._key) in keys]

    def _search(self, keys: Sequence[str]) -> Iterator[Json]:
        if not self._key_exists() or (len(keys) > FEW_KEYS and self._count() < 2 * len(keys)):
            span = Window(low=0, high=milliseconds(self._client.server_now()))
            for found in self._ours("hs_createdate", span):
                yield from found.records
            return
        for start in range(0, len(keys), BATCH_SIZE):
            # Values of IN must be lower case; the comparison is without case, ours afterwards is exact.
            values = [key.lower() for key in keys[start : start + BATCH_SIZE]]
            some = {"propertyName": self._key, "operator": "IN", "values": values}
            query = Query(kind="tasks", watermark="hs_createdate", properties=self._properties, filters=(some,))
            now = milliseconds(self._client.server_now())
            for found in changed(self._client, query, Window(low=0, high=now)):
                yield from found.records

    def _count(self) -> int:
        """How many tasks carry our key, as far as the index knows."""
        body: Json = {"filterGroups": [{"filters": [filter_of_ours(self._key)]}], "properties": [self._key], "limit": 1}
        return int(self._client.search(self._client.paths.objects("tasks", "search"), body).get("total") or 0)

    def _recent(self) -> Iterator[Json]:
        """Tasks made within the index's lag. The list is in order of ids and does not lag; it is entered where the
        newest task lies that the index surely knows.
        """
        before = milliseconds(self._client.server_now() - INDEX_LAG)
        body: Json = {
            "filterGroups": [{"filters": [{"propertyName": "hs_createdate", "operator": "LTE", "value": str(before)}]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "DESCENDING"}],
            "properties": [self._key],
            "limit": 1,
        }
        newest = results(self._client.search(self._client.paths.objects("tasks", "search"), body))
        yield from self._list(archived=False, after=str(newest[0].get("id")) if newest else "")

    def _list(self, *, archived: bool, after: str = "") -> Iterator[Json]:
        query = {
            "limit": str(LIST_PAGE_SIZE),
            "archived": str(archived).lower(),
            "properties": ",".join(self._properties),
        }
        for records, _ in listed(self._client, self._client.paths.objects("tasks"), query, after):
            yield from records
