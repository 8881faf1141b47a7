"""A search index may hold ids as numbers or as text: the sandbox can do either."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_served import Served, portal, served


@pytest.fixture
def hubspot() -> Iterator[Served]:
    filled = portal()
    ids = filled.account.data._ids
    ids.update(dict.fromkeys(ids, 99_960))
    for number in range(8):
        filled.create("companies", {"name": f"Company {number}"})
    with served(filled) as client:
        yield client


def found(hubspot: Served, *filters: dict[str, Any]) -> list[str]:
    body = {
        "filterGroups": [{"filters": list(filters)}] if filters else [],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "limit": 100,
    }
    status, answer = hubspot.post("/crm/objects/2026-09/companies/search", body)
    assert status == 200, answer
    return [one["id"] for one in answer["results"]]


def test_ids_sort_and_compare_as_numbers_or_as_text(hubspot: Served) -> None:
    ids = found(hubspot)
    assert ids == sorted(ids, key=int) != sorted(ids)
    hubspot.portal.set_up({"id_order": "string"})
    assert found(hubspot) == sorted(ids)
    above = {"propertyName": "hs_object_id", "operator": "GT", "value": ids[0]}
    assert found(hubspot, above) == [one for one in sorted(ids) if one > ids[0]]
    one_of = {"propertyName": "hs_object_id", "operator": "IN", "values": [ids[0], ids[-1]]}
    assert found(hubspot, one_of) == sorted([ids[0], ids[-1]])


def test_another_order_than_these_is_refused(hubspot: Served) -> None:
    with pytest.raises(ValueError, match="numeric or string"):
        hubspot.portal.set_up({"id_order": "random"})
