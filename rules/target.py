"""From what a relationship is to what it needs to be: how many of ours should know how many of theirs (Dorman; 1G)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator

from rules.measures import Coverage


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """So many of ours in touch with so many of theirs: written `3x5`, as coverage is."""

    ours: int
    theirs: int

    @property
    def label(self) -> str:
        return f"{self.ours}x{self.theirs}"

    def missing(self, seen: Coverage) -> tuple[int, int]:
        """Return how many more of ours and of theirs it takes, 0 where there are enough."""
        ours, theirs = len({user for user, _ in seen.threads}), len({contact for _, contact in seen.threads})
        return max(0, self.ours - ours), max(0, self.theirs - theirs)


def _parsed(value: object) -> object:
    if isinstance(value, Target):
        return value
    found = re.fullmatch(r"([1-9]\d{0,2}) ?x ?([1-9]\d{0,2})", str(value))
    if found is None:
        raise ValueError(f'must be our people by theirs, such as "3x5" (is {value!r})')
    return Target(ours=int(found[1]), theirs=int(found[2]))


#: A target as a config writes it.
TargetText = Annotated[Target, BeforeValidator(_parsed)]
