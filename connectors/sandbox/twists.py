"""What more can happen on a key account: people and scenes that a situation adds to who is in touch and since when.

A twist decides the verdict of the rules it names and leaves the person-days of its account as they are: its scenes
take place on days that the top person, or the first of the others, spends with the customer anyway. Numbers are ages,
whole days before the as-of day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connectors.sandbox.executives import Executive
from connectors.sandbox.situations import WINDOW_AGE, Coverage, Expected
from connectors.sandbox.timeline import Days

QUARTER = 90
_OLDEST_QUARTER = 4 * QUARTER
LEAVER_AGE = 15  # one day more than the grace of `our-person-left`
HANDOVER_AGE = 10
MAIN, REGULAR = "main", "regular"  # contacts that every account has: the first of the regulars, and the last
EVERYBODY = "everybody"

By = Literal["top", "other", "outsider", "executive"]
# The first is held, the next two are mails, to the last nobody of theirs came.
How = Literal["meeting", "inbound", "outbound", "missed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A further contact of the customer's, under the name by which scenes know it."""

    name: str
    title: str = "Buyer"
    left_age: int = 0  # 0: still there
    role: str = ""
    entered_age: int = 0  # when the CRM was told of them; 0: with the account


@dataclass(frozen=True, kw_only=True, slots=True)
class Scene:
    """Something that one of ours and one of theirs did on a day.

    `outsider` is a rep and `executive` an executive of ours, neither of whom is otherwise seen on the account.
    """

    age: int
    whom: str
    by: By = "top"
    how: How = "meeting"


@dataclass(frozen=True, kw_only=True, slots=True)
class Twist:
    """What is added to an account, and the verdicts that follow from it.

    `lone`: one contact alone is met in the window. `junior`: none of them is head of anything. `untitled`: so many
    contacts have no title. `led`: one contact, the main one, has most of the days, and nobody of ours but the top
    person sees it outside the scenes, in the last `written_days` days only in writing, and has an appointment with it
    where `booked`. The top person left the seller `left_age` days ago, if not 0. `executive`: the first of the others
    is an executive of ours; the one of function `peer` is meant, of the others or not, where it is not empty.
    `titles` are those of the contacts who are met again and again, `owner_title` that of the top person, who owns the
    account. Where `kept` nobody stays away from meetings but in the scenes. `planned_age`, `together_age` and
    `asked_age` are of the days that the account itself keeps, 0 for an empty one.
    """

    planted: tuple[str, ...]
    expect: Mapping[str, Expected]
    parts: tuple[Part, ...] = ()
    scenes: tuple[Scene, ...] = ()
    lone: bool = False
    junior: bool = False
    untitled: Literal["", "three-fifths", "more"] = ""
    led: bool = False
    written_days: int = 0
    booked: bool = False
    left_age: int = 0
    executive: bool = False
    peer: str = ""  # general | operations | finance
    titles: tuple[str, ...] = ()
    owner_title: str = ""
    kept: bool = False
    planned_age: int = 0
    together_age: int = 0
    asked_age: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """All that is to happen on one key account of that revenue and tier."""

    days: Days
    coverage: Coverage
    executive: Executive
    revenue: int
    tier: str
    twists: tuple[Twist, ...] = field(default=())

    @property
    def expect(self) -> dict[str, Expected]:
        """The verdicts that the situations decide, by rule."""
        found = {"sole-rep": self.coverage.expect, "exec-reach-lapse": self.executive.expect}
        found |= {**self.coverage.also, **self.executive.also}
        for twist in self.twists:
            found |= twist.expect
        return found

    @property
    def scenes(self) -> list[Scene]:
        return [scene for twist in self.twists for scene in twist.scenes]

    @property
    def left_age(self) -> int:
        return max((twist.left_age for twist in self.twists), default=0)

    @property
    def parts(self) -> list[Part]:
        return [part for twist in self.twists for part in twist.parts]

    @property
    def titles(self) -> tuple[str, ...]:
        return next((twist.titles for twist in self.twists if twist.titles), ())

    @property
    def owner_title(self) -> str:
        return next((twist.owner_title for twist in self.twists if twist.owner_title), "")

    @property
    def peer(self) -> str:
        return next((twist.peer for twist in self.twists if twist.peer), "")

    @property
    def kept(self) -> bool:
        return any(twist.kept for twist in self.twists)

    @property
    def led(self) -> bool:
        return any(twist.led for twist in self.twists)

    @property
    def lone(self) -> bool:
        return any(twist.lone for twist in self.twists)

    @property
    def junior(self) -> bool:
        return any(twist.junior for twist in self.twists)

    def exec_met_in_window(self) -> bool:
        return any(age <= WINDOW_AGE for age in self.executive.held)

    def appointed(self) -> set[int]:
        """Days of the top person that scenes, the executive or an edge of the coverage set."""
        held = () if self.executive.by_colleague else self.executive.held
        left = {self.left_age} if self.left_age else set()
        handed = {HANDOVER_AGE} if self.coverage.handed_over else set()
        return {*self.coverage.exact, *held, *self._met("top"), *left, *handed}

    def appointed_other(self) -> set[int]:
        """The same for the first of the others."""
        held = self.executive.held if self.executive.by_colleague else ()
        left = {LEAVER_AGE} if self.coverage.leaver else set()
        return {*held, *self._met("other"), *left}

    def _met(self, by: str) -> Iterable[int]:
        return (scene.age for scene in self.scenes if scene.by == by and scene.how == "meeting")

    def works(self) -> bool:
        """Tell whether everything finds its day, and no twist spoils what another part of the plan decides."""
        ages, others = self.appointed(), self.coverage.other_days
        first = others[0] if others else 0
        return (
            self._has_room(ages)
            and len(self.appointed_other()) <= first
            and all(age <= self.coverage.run_start for age in ages)
            and not (self.executive.by_colleague and (not others or self.coverage.leaver))
            and not (self.lone and (self.led or self.coverage.leaver))
            and not (self.led and not self._has_lead(ages))
            and not (self.left_age and (self.coverage.leaver or self.executive.booked))
            and len(self.expect) == self._decided()
        )

    def _has_room(self, ages: set[int]) -> bool:
        quarters = self.coverage.quarters
        if quarters:
            in_quarters = [sum(age // QUARTER == number for age in ages) for number in range(len(quarters))]
            # The fifth quarter begins in the window, but its days count as older than that.
            straddling = any(_OLDEST_QUARTER <= age <= WINDOW_AGE for age in ages)
            return not straddling and all(taken <= room for taken, room in zip(in_quarters, quarters, strict=True))
        taken = sum(age <= WINDOW_AGE for age in ages)
        # One day stays free to keep the run unbroken.
        return taken < self.coverage.top_days or (self.coverage.expect == "unknown" and taken == self.coverage.top_days)

    def _has_lead(self, ages: set[int]) -> bool:
        """Whatever the days of the others and the appointments bring anybody else, the main contact has more."""
        taken = sum(age <= WINDOW_AGE for age in ages)
        return self.coverage.top_days - taken > sum(self.coverage.other_days) + taken

    def _decided(self) -> int:
        return 2 + len(self.coverage.also) + len(self.executive.also) + sum(len(twist.expect) for twist in self.twists)


Maker = Callable[[Plan], Twist | None]  # None where the plan so far leaves no place for it
Makers = Sequence[Maker]
