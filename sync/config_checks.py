"""What is wrong with a config that no single table can know, found in the tables as they were read.

They may be wrong in any other way: each check looks past what it does not speak of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.hubspot.settings import HubspotSettings
from connectors.salesforce.settings import SalesforceSettings
from rules.horizon import looks_back
from rules.problems import Problem
from rules.rulebook import Rulebook, unused_tiers

SETTINGS: Mapping[str, type[SalesforceSettings | HubspotSettings]] = {
    "salesforce": SalesforceSettings,
    "hubspot": HubspotSettings,
}

Tables = Mapping[str, Any]

#: How far whatever is no rule looks back: the pages a year, the last activity of our people `sync.store.logged.REACH`.
REACH_DAYS = 400


def paths_with_a_value(tables: Tables, at: str = "") -> Iterator[str]:
    """Every key path that leads to something: `people.executives` only where it names somebody."""
    for key, value in tables.items():
        path = f"{at}.{key}" if at else key
        if isinstance(value, dict):
            yield from paths_with_a_value(value, path)
        elif value not in ("", [], None):
            yield path


def credential_problems(tables: Tables) -> Iterator[Problem]:
    """What lacks credentials: Pydantic looks at a connection as a whole only once each of its keys is right."""
    for name, table in _tables_in(tables, "connections"):
        settings = SETTINGS.get(str(table.get("kind")))
        if settings and (wrong := settings.credentials_problem(table)):
            yield f"connections.{name}", wrong


def turnover_problems(tables: Tables) -> Iterator[Problem]:
    """Where a connection maps the company's own turnover (Account.AnnualRevenue, annualrevenue), as what it is not."""
    for name, table in _tables_in(tables, "connections"):
        for key, field in _table(table, "map").items():
            if str(field).lower() == "annualrevenue":
                yield (
                    f"connections.{name}.map.{key}",
                    (
                        f"must not be {field}: that is the customer's own turnover, not what they pay us; "
                        "name a field with yearly revenue from them, or leave it out: won deals count"
                    ),
                )


def horizon_problems(tables: Tables, rulebook: Rulebook) -> Iterator[Problem]:
    """Where touches go before a rule that is on has done with them."""
    days = _table(tables, "privacy").get("keep_touches_days")
    if type(days) is not int or days <= 0:
        return
    longest, named = max([(REACH_DAYS, "what the pages tell, and who logs at all,"), *looks_back(rulebook)])
    if days <= longest:
        yield (
            "privacy.keep_touches_days",
            f"must be more than {longest}, or 0 for ever: {named} looks back so far (is {days})",
        )


def tier_problems(tables: Tables) -> list[Problem]:
    """Tiers that no account can have, where no connection maps a field with tiers of its own."""
    if any(_table(table, "map").get("tier") for _, table in _tables_in(tables, "connections")):
        return []
    return unused_tiers(tiers_named(tables))


def tiers_named(tables: Tables) -> dict[str, str]:
    """Every tier that a rule, a target or the pilot speaks of, by key path."""
    named = {
        f"rules.{rule}.tier.{tier}": tier
        for rule, table in _tables_in(tables, "rules")
        for tier in _table(table, "tier")
    }
    custom = _table(tables, "rules").get("custom")
    named |= {
        f"rules.custom.{index}.tier.{tier}": tier
        for index, table in enumerate(custom if isinstance(custom, list) else ())
        if isinstance(table, dict)
        for tier in _table(table, "tier")
    }
    pilot = _table(_table(tables, "writeback"), "pilot").get("tiers")
    some = pilot if isinstance(pilot, list | tuple) else ()
    named |= {
        f"customers.target_coverage.{tier}": tier for tier in _table(_table(tables, "customers"), "target_coverage")
    }
    return named | {f"writeback.pilot.tiers.{index}": tier for index, tier in enumerate(some) if isinstance(tier, str)}


def _table(tables: Tables, key: str) -> Tables:
    inner = tables.get(key)
    return inner if isinstance(inner, dict) else {}


def _tables_in(tables: Tables, key: str) -> Iterator[tuple[str, Tables]]:
    return ((name, table) for name, table in _table(tables, key).items() if isinstance(table, dict))
