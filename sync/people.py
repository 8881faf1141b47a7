"""Who gets a task: routes lead from an account's owner to people who are there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rules.customers import tier_name
from rules.model import User
from rules.rule import Route
from sync.config import CalendarSection, PeopleSection, PilotSection
from sync.planner import Days


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Our people by id and address, and who stands in for whom."""

    users: Mapping[str, User]
    ids_by_email: Mapping[str, str]
    section: PeopleSection
    unassignable: frozenset[str] = frozenset()  # the CRM gives them no task, active or not
    queue_id: str = ""  # of the CRM's own queue that takes tasks, empty for none
    holidays: frozenset[date] = frozenset()  # that the CRM keeps, for everybody

    @classmethod
    def of(
        cls,
        users: Mapping[str, User],
        section: PeopleSection,
        unassignable: frozenset[str] = frozenset(),
        *,
        queue_id: str = "",
        holidays: frozenset[date] = frozenset(),
    ) -> People:
        active_last = sorted(users.values(), key=lambda user: (user.active, user.id))
        ids_by_email = {user.email: user.id for user in active_last if user.email}
        return cls(
            users=users,
            ids_by_email=ids_by_email,
            section=section,
            unassignable=unassignable,
            queue_id=queue_id,
            holidays=holidays,
        )

    def routes(self, owner_id: str | None, sponsor: str | None = None) -> dict[Route, str]:
        """The active person, or the queue, that each route leads to: whoever it names, else the first of owner,
        manager, successor and queue who is there (facts/domain.md 0a). `sponsor` is an id or an address,
        the latter in lower case.

        The successor is whoever has the account now; while that is somebody who left, the one named for them. Where the
        CRM has no queue for tasks, the person stands for it whom the config names as the fallback.
        """
        manager_id, successor_id = self._manager(owner_id), self._named(self.section.successors, owner_id)
        queue = (self.queue_id, self.ids_by_email.get(self.section.fallback))
        rest = (owner_id, manager_id, successor_id, *queue)
        chains: dict[Route, tuple[str | None, ...]] = {
            Route.OWNER: rest,
            Route.MANAGER: (manager_id, *rest),
            Route.SPONSOR: (sponsor and self.ids_by_email.get(sponsor, sponsor), *rest),
            Route.SUCCESSOR: (owner_id, successor_id, *rest),
            Route.QUEUE: (*queue, *rest),
        }
        found = {route: next((one for one in chain if one and self._takes(one)), "") for route, chain in chains.items()}
        return {route: target for route, target in found.items() if target}

    def in_pilot(self, pilot: PilotSection, owner_id: str | None, tier: str) -> bool:
        """Whether accounts of that owner and tier get tasks: everybody's unless the pilot names some.

        A tier and a person that are both asked for must both fit; one of the named owners or teams is enough.
        """
        if pilot.tiers and tier_name(tier) not in {tier_name(one) for one in pilot.tiers}:
            return False
        if not (pilot.owners or pilot.managers):
            return True
        addresses = [self.users[user_id].email for user_id in self._upwards(owner_id)]
        return any(one in pilot.owners for one in addresses[:1]) or any(one in pilot.managers for one in addresses)

    def days(self, calendar: CalendarSection, today: date) -> Days:
        """The calendar of a plan made today, with the holidays of each person."""

        def off(user_id: str) -> frozenset[date]:
            user = self.users.get(user_id)
            return self.holidays | calendar.days_off(user.email if user else "", today.year)

        return Days(today=today, off=off, quiet_until=calendar.quiet_until(today))

    def superior(self, user_id: str) -> str | None:
        """The id of the first active person above somebody."""
        return next((one for one in self._upwards(user_id)[1:] if self.users[one].active), None)

    def name(self, user_id: str | None) -> str:
        user = self.users.get(user_id or "")
        if user_id and user_id == self.queue_id:
            return f"queue {user_id}"
        return user.name if user else user_id or "nobody"

    def _upwards(self, user_id: str | None) -> list[str]:
        """A known person, their manager, the manager's manager and so on; a circle ends where it closes."""
        chain: list[str] = []
        while user_id and user_id in self.users and user_id not in chain:
            chain.append(user_id)
            user_id = self._manager(user_id)
        return chain

    def _manager(self, user_id: str | None) -> str | None:
        user = self.users.get(user_id or "")
        return self._named(self.section.managers, user_id) or (user.manager_id if user else None)

    def _named(self, mapping: Mapping[str, str], user_id: str | None) -> str | None:
        user = self.users.get(user_id or "")
        return self.ids_by_email.get(mapping.get(user.email, "")) if user else None

    def _takes(self, target_id: str) -> bool:
        """Whether a task can be given to that person or queue."""
        user = self.users.get(target_id)
        return target_id not in self.unassignable and (target_id == self.queue_id or bool(user and user.active))
