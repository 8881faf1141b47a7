"""The made-up seller's own people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from connectors.sandbox.company import SeedUser
from connectors.sandbox.names import PEOPLE, person
from connectors.sandbox.twists import LEAVER_AGE

_REP_TITLES = ("Account Manager", "Key Account Manager", "Sales Representative", "Account Executive")
_EXECUTIVE_TITLES = ("Chief Executive Officer", "Chief Operating Officer", "CFO")
_SERVICE_TITLES = ("Service Engineer", "Customer Support Lead", "Application Engineer", "Field Service Technician")
_REPS_PER_MANAGER = 7
_LEAVER_AGES = (LEAVER_AGE - 1, LEAVER_AGE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Staff:
    """Users by what they do. `silent` reps log nothing these days; `former` and `leavers` are inactive.

    `leavers` are those who left of late, by how many days ago: who plants them sees to that day.
    """

    executives: tuple[SeedUser, ...]
    managers: tuple[SeedUser, ...]
    reps: tuple[SeedUser, ...]
    silent: tuple[SeedUser, ...]
    service: tuple[SeedUser, ...]
    former: tuple[SeedUser, ...]
    leavers: Mapping[int, SeedUser]

    def everybody(self) -> list[SeedUser]:
        gone = (*self.former, *self.leavers.values())
        return [*self.executives, *self.managers, *self.reps, *self.silent, *self.service, *gone]

    def logging(self) -> list[SeedUser]:
        """Whoever is to have an activity within the last 60 days."""
        return [*self.executives, *self.managers, *self.reps, *self.service]


def hire(rng: Random, accounts: int) -> Staff:
    """People enough for that many accounts: 12 to 24 reps for an ordinary company, more for a very large one."""
    count = max(12, min(24, accounts // 14)) + max(0, accounts - 600) // 100
    silent_count = max(1, count // 8)
    hiring = _Hiring(rng=rng, taken=[])
    chief = hiring.one(_EXECUTIVE_TITLES[0])
    executives = (chief, *(hiring.one(title, manager=chief.id) for title in _EXECUTIVE_TITLES[1:]))
    managers = hiring.several(-(-count // _REPS_PER_MANAGER), ("Sales Director", "Regional Sales Manager"), (chief,))
    return Staff(
        executives=executives,
        managers=managers,
        reps=hiring.several(count - silent_count, _REP_TITLES, managers),
        silent=hiring.several(silent_count, _REP_TITLES, managers),
        service=hiring.several(4, _SERVICE_TITLES, executives[1:2]),
        former=hiring.several(2, _REP_TITLES, managers, active=False),
        leavers=dict(zip(_LEAVER_AGES, hiring.several(2, _REP_TITLES, managers, active=False), strict=True)),
    )


@dataclass(kw_only=True, slots=True)
class _Hiring:
    rng: Random
    taken: list[str]

    def one(self, title: str, *, manager: str = "", active: bool = True) -> SeedUser:
        name, mail = person(self.rng, self.rng.randrange(len(PEOPLE)))
        while mail in self.taken and len(self.taken) < 300:
            name, mail = person(self.rng, self.rng.randrange(len(PEOPLE)))
        self.taken.append(mail)
        number = len(self.taken)
        address = f"{mail}{number if mail in self.taken[:-1] else ''}@seller.example"
        return SeedUser(id=f"u{number:04d}", name=name, email=address, title=title, active=active, manager=manager)

    def several(
        self, count: int, titles: Sequence[str], managers: Sequence[SeedUser], *, active: bool = True
    ) -> tuple[SeedUser, ...]:
        return tuple(
            self.one(titles[n % len(titles)], manager=managers[n % len(managers)].id, active=active)
            for n in range(count)
        )
