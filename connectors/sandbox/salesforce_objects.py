"""The objects of the sandbox's org, field by field, as real describes tell them (facts/salesforce.md 2.5)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.salesforce_activity_objects import ACTIVITY_OBJECTS
from connectors.sandbox.salesforce_customer_objects import CUSTOMER_OBJECTS
from connectors.sandbox.salesforce_schema import Sobject
from connectors.sandbox.salesforce_setup_objects import SETUP_OBJECTS

CURRENCY_CODE = "CurrencyIsoCode"  # only where several currencies are in use
OURS = "Holdfast_"  # fields that a bare org lacks
API_VERSIONS = range(59, 68)
ALL = tuple(sorted((*CUSTOMER_OBJECTS, *ACTIVITY_OBJECTS, *SETUP_OBJECTS), key=lambda each: each.name))


def objects(*, bare: bool = False, currencies: bool = False) -> Mapping[str, Sobject]:
    """The org's objects by name; a bare org has none of our fields, and one without `currencies` has only its own."""

    def hidden(name: str) -> bool:
        return (bare and name.startswith(OURS)) or (name == CURRENCY_CODE and not currencies)

    return {each.name: each.without(filter(hidden, each.fields)) for each in ALL}
