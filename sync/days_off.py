"""Public holidays by country and region, from the `holidays` package."""

from __future__ import annotations

from datetime import date
from functools import cache


@cache
def public_holidays(region: str, year: int) -> frozenset[date]:
    """Return the holidays of a year and the next; `region` as `DE` or `DE-BY`. ValueError for one that is unknown."""
    import holidays  # noqa: PLC0415 - heavy, and of use only where a country is configured

    country, _, part = region.partition("-")
    try:
        found = holidays.country_holidays(country, subdiv=part or None, years=(year, year + 1))
    except NotImplementedError:
        raise ValueError(f"no such country or region (is {region!r}); use ISO codes such as DE or DE-BY") from None
    return frozenset(found)
