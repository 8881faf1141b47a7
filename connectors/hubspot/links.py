"""Who and what activities and deals belong to: associations, read in batches of a thousand records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from connectors.errors import TransientError
from connectors.hubspot.client import Client
from connectors.hubspot.replies import next_page, results, row_errors
from connectors.hubspot.values import Json
from connectors.protocol import Links, Row

BATCH_SIZE = 1000

# To which records an activity is linked: HubSpot's name of them, and side and kind of the row.
TARGETS = (("contacts", "theirs", "contact"), ("companies", "about", "account"), ("deals", "about", "deal"))
_PRIMARY_TYPES = {1, 5, 26}  # contact -> company, deal -> company, ticket -> company


@dataclass(kw_only=True, slots=True)
class Associated:
    """`targets` by record: the associated ids, True where the label says Primary. `labels` by (record, associated id):
    those that the portal made itself. `refused` are records of which the portal told nothing, `reasons` why.
    """

    targets: dict[str, dict[str, bool]] = field(default_factory=dict)
    labels: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)

    def of(self, record_id: str) -> list[str]:
        """The ids associated with the record, the primary ones first."""
        found = self.targets.get(record_id, {})
        return sorted(found, key=lambda target: (not found[target], len(target), target))

    def labels_of(self, record_id: str, targets: Iterable[str | None] | None = None) -> set[str]:
        """The labels of what is associated with the record, of all of it or of some targets."""
        chosen = self.targets.get(record_id, {}) if targets is None else targets
        return {label for target in chosen if target for label in self.labels.get((record_id, target), ())}


def links_of_activities(client: Client, kind: str, ids: Sequence[str]) -> tuple[list[Links], Counter[str]]:
    """The links of at most 1,000 activities to contacts, companies and deals, and why any are not told.

    `ids` are HubSpot's; those in the rows have the kind before them, as in the store.
    """
    links: list[Links] = []
    aside: Counter[str] = Counter()
    for to_kind, side, row_kind in TARGETS:
        found = associated(client, kind, to_kind, ids)
        rows = [_link(f"{kind}:{one}", side, row_kind, target) for one in ids for target in found.of(one)]
        told = [f"{kind}:{one}" for one in ids if one not in found.refused]
        links.append(Links(source=f"assoc:{to_kind}", rows=rows, replaced=told))
        aside += found.reasons
    return links, aside


def links_of_deals(client: Client, ids: Sequence[str]) -> tuple[list[Links], Counter[str]]:
    """The company of each of at most 1,000 deals: the primary one where the portal has one, else all."""
    found = associated(client, "deals", "companies", ids)
    rows: list[Row] = []
    for deal_id in ids:
        companies = found.of(deal_id)
        primary = [company for company in companies if found.targets[deal_id][company]]
        rows += [_link(f"deals:{deal_id}", "about", "account", company) for company in primary or companies]
    told = [f"deals:{deal_id}" for deal_id in ids if deal_id not in found.refused]
    return [Links(source="assoc:companies", rows=rows, replaced=told)], found.reasons


def associated(client: Client, from_kind: str, to_kind: str, ids: Sequence[str]) -> Associated:
    """All associations of at most 1,000 records to records of one kind, every page of each."""
    found = Associated()
    inputs: list[Json] = [{"id": record_id} for record_id in ids]
    while inputs:
        reply = client.associations(client.paths.associations(from_kind, to_kind), {"inputs": inputs})
        asked = {(item["id"], item.get("after", "")) for item in inputs}
        _note_refusals(reply, found)
        inputs = []
        for result in results(reply):
            from_id = _from_id(result)
            _note_targets(result, from_id, found)
            if after := next_page(result):
                if (from_id, after) in asked:
                    raise TransientError(f"connection {client.name}: the associations of {from_kind} do not advance")
                inputs.append({"id": from_id, "after": after})
    return found


def _from_id(result: Json) -> str:
    origin = result.get("from")
    return str(origin.get("id") or "") if isinstance(origin, dict) else ""


def _note_targets(result: Json, from_id: str, found: Associated) -> None:
    targets = found.targets.setdefault(from_id, {})
    for to in result.get("to") or ():
        # A number in some versions, a string in others.
        target = str(to.get("toObjectId") or "")
        types = to.get("associationTypes") or ()
        if target:
            targets[target] = targets.get(target, False) or any(map(_is_primary, types))
            if own := {
                str(one["label"]) for one in types if one.get("category") == "USER_DEFINED" and one.get("label")
            }:
                found.labels.setdefault((from_id, target), set()).update(own)


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


def chunks(ids: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(ids)
    while chunk := list(islice(remaining, BATCH_SIZE)):
        yield chunk
