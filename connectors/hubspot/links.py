"""Who and what activities and deals belong to: associations, which move no record's time of change.

They are therefore read again for what changed, and for a trailing stretch of days in which people and HubSpot itself
attach records afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from connectors.errors import TransientError
from connectors.hubspot.client import Client
from connectors.hubspot.replies import next_page, results, row_errors
from connectors.hubspot.values import Json
from connectors.protocol import Cursor, Known, Links, Page, Row

BATCH_SIZE = 1000
TRAILING = timedelta(days=30)
DAY_SECONDS = 86_400.0

# To which records an activity is linked: HubSpot's name of them, and side and kind of the row.
TARGETS = (("contacts", "theirs", "contact"), ("companies", "about", "account"), ("deals", "about", "deal"))
_PRIMARY_TYPES = {1, 5}  # contact -> company, deal -> company


@dataclass(kw_only=True, slots=True)
class Associated:
    """`targets` by record: the associated ids, True where the label says Primary. `refused` are records of which the
    portal told nothing, `reasons` why.
    """

    targets: dict[str, dict[str, bool]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)

    def of(self, record_id: str) -> list[str]:
        """The ids associated with the record, the primary ones first."""
        found = self.targets.get(record_id, {})
        return sorted(found, key=lambda target: (not found[target], len(target), target))


def activity_links(client: Client, kind: str, cursor: Cursor | None, known: Known) -> Iterator[Page]:
    """Links of one type of activity to contacts, companies and deals, one page per thousand activities."""
    last_cycle = int((cursor or {}).get("cycle", -1))
    recently = client.server_now(at_most_seconds_old=DAY_SECONDS) - TRAILING
    prefix = f"{kind}:"
    ids = known.activities(prefix, changed_since=last_cycle + 1, or_after=recently)
    for chunk in _chunks(ids):
        links: list[Links] = []
        aside: Counter[str] = Counter()
        for to_kind, side, row_kind in TARGETS:
            found = associated(client, kind, to_kind, [row_id.removeprefix(prefix) for row_id in chunk])
            rows = [
                _link(row_id, side, row_kind, target)
                for row_id in chunk
                for target in found.of(row_id.removeprefix(prefix))
            ]
            told = [row_id for row_id in chunk if row_id.removeprefix(prefix) not in found.refused]
            links.append(Links(source=f"assoc:{to_kind}", rows=rows, replaced=told))
            aside += found.reasons
        yield Page(links=links, records=len(chunk), set_aside=dict(aside), cursor=cursor or {})
    yield Page(cursor={"cycle": known.cycle}, last=True)


def deal_companies(client: Client, cursor: Cursor | None, known: Known) -> Iterator[Page]:
    """The company of each deal: the primary one where the portal has one, else all."""
    last_cycle = int((cursor or {}).get("cycle", -1))
    for chunk in _chunks(known.deals(changed_since=last_cycle + 1)):
        found = associated(client, "deals", "companies", chunk)
        rows: list[Row] = []
        for deal_id in chunk:
            companies = found.of(deal_id)
            primary = [company for company in companies if found.targets[deal_id][company]]
            rows += [_link(f"deals:{deal_id}", "about", "account", company) for company in primary or companies]
        told = [f"deals:{deal_id}" for deal_id in chunk if deal_id not in found.refused]
        links = [Links(source="assoc:companies", rows=rows, replaced=told)]
        yield Page(links=links, records=len(chunk), set_aside=dict(found.reasons), cursor=cursor or {})
    yield Page(cursor={"cycle": known.cycle}, last=True)


def associated(client: Client, from_kind: str, to_kind: str, ids: Sequence[str]) -> Associated:
    """All associations of at most 1,000 records to records of one kind, every page of each."""
    found = Associated()
    inputs: list[Json] = [{"id": record_id} for record_id in ids]
    while inputs:
        reply = client.post(client.paths.associations(from_kind, to_kind), {"inputs": inputs})
        asked = {(item["id"], item.get("after", "")) for item in inputs}
        _note_refusals(reply, found)
        inputs = []
        for result in results(reply):
            from_id = _from_id(result)
            _note_targets(result, found.targets.setdefault(from_id, {}))
            if after := next_page(result):
                if (from_id, after) in asked:
                    raise TransientError(f"connection {client.name}: the associations of {from_kind} do not advance")
                inputs.append({"id": from_id, "after": after})
    return found


def _from_id(result: Json) -> str:
    origin = result.get("from")
    return str(origin.get("id") or "") if isinstance(origin, dict) else ""


def _note_targets(result: Json, targets: dict[str, bool]) -> None:
    for to in result.get("to") or ():
        # A number in some versions, a string in others.
        target = str(to.get("toObjectId") or "")
        types = to.get("associationTypes") or ()
        if target:
            targets[target] = targets.get(target, False) or any(_is_primary(one) for one in types)


def _is_primary(association: Json) -> bool:
    own = association.get("category") == "HUBSPOT_DEFINED"
    return own and (association.get("typeId") in _PRIMARY_TYPES or association.get("label") == "Primary")


def _note_refusals(reply: Json, found: Associated) -> None:
    for context, code, _ in row_errors(reply):
        if code.endswith("NO_ASSOCIATIONS_FOUND"):
            continue  # the ordinary answer for a record that has none
        refused = {str(record_id) for record_id in context.get("fromObjectId") or context.get("ids") or ()}
        found.refused |= refused
        found.reasons[f"associations refused ({code})"] += len(refused) or 1


def _link(activity_id: str, side: str, kind: str, target: str) -> Row:
    return {"activity_id": activity_id, "side": side, "kind": kind, "target": target}


def _chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(ids)
    while chunk := list(islice(remaining, BATCH_SIZE)):
        yield chunk
