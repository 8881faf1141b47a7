"""The arithmetic behind the rules, on plain numbers: concentration, chance and decay (domain.md 4.6, 4.7, 4.16).

Everywhere `counts` are how much each person has (person-days); who has nothing changes no result.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

_Z = 1.96  # of a two-sided 95 % interval


def top_share(counts: Collection[int]) -> float | None:
    """Return the largest share, None without any count."""
    total = sum(counts)
    return max(counts) / total if total else None


def hhi(counts: Collection[int]) -> float | None:
    """Return the Herfindahl-Hirschman index, the sum of squared shares: 1 for one person, 1/n for n equal ones."""
    total = sum(counts)
    return sum(count * count for count in counts) / (total * total) if total else None


def effective_number(counts: Collection[int]) -> float | None:
    """Return 1/HHI: how many people with equal shares would be as concentrated (Hill number of order 2, Jost 2006)."""
    total = sum(counts)
    # Of whole numbers with one division, so that the same shares have the same number to the last bit.
    return total * total / sum(count * count for count in counts) if total else None


def entropy_number(counts: Collection[int]) -> float | None:
    """Return exp of the entropy of the shares (Hill number of order 1). To be shown, never to be tested.

    It is generous to a long tail: 80/5/5/5/5 has 2.18, though one person holds 80 % (1/HHI gives 1.54).
    """
    total = sum(counts)
    if not total:
        return None
    parts = (count / total for count in counts if count)
    return math.exp(-math.fsum(part * math.log(part) for part in parts))


def poisson_at_most(count: int, mean: float) -> float:
    """Return the probability that a Poisson variable of a mean of 0 or more is at most `count`."""
    if count < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    # In logarithms: exp(-mean) alone is 0 for a mean above 745.
    terms = (math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))
    return min(math.fsum(terms), 1.0)


def decay_weight(age_days: float, half_life_days: float) -> float:
    """Return 2^(-age/half-life): what is left of a touch's weight. For ranking only; a cadence compares dates."""
    return math.exp2(-age_days / half_life_days)


def strength(weighted_ages: Iterable[tuple[float, float]], half_life_days: float) -> float:
    """Return the sum of decayed weights over (weight, age in days): s(u, c) of domain.md 4.6, for ranking only."""
    return math.fsum(weight * decay_weight(age, half_life_days) for weight, age in weighted_ages)


def attention(person_days: int, revenue: float) -> float:
    """Return person-days per 1,000 of a revenue above 0 (domain.md 1D, quiet-key-account)."""
    return person_days / (revenue / 1000)


def wilson(some: int, total: int) -> tuple[float, float, float]:
    """Return the low end, the share itself and the high end of the 95 % interval (Wilson 1927), total above 0."""
    part, squared = some / total, _Z * _Z
    middle = (part + squared / (2 * total)) / (1 + squared / total)
    half = _Z * math.sqrt(part * (1 - part) / total + squared / (4 * total * total)) / (1 + squared / total)
    return max(0.0, middle - half), part, min(1.0, middle + half)
