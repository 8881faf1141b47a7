"""Who gets a task: routes lead from an account's owner to people who are there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.model import User
from rules.rule import Route
from sync.config import PeopleSection


@dataclass(frozen=True, kw_only=True, slots=True)
class People:
    """Our people by id and address, and who stands in for whom."""

    users: Mapping[str, User]
    ids_by_email: Mapping[str, str]
    section: PeopleSection

    @classmethod
    def of(cls, users: Mapping[str, User], section: PeopleSection) -> People:
        active_last = sorted(users.values(), key=lambda user: (user.active, user.id))
        return cls(
            users=users, ids_by_email={user.email: user.id for user in active_last if user.email}, section=section
        )

    def routes(self, owner_id: str | None) -> dict[Route, str]:
        """The active person that each route leads to; one who is away is stood in for (facts/domain.md 0a)."""
        manager_id, successor_id = self._manager(owner_id), self._named(self.section.successors, owner_id)
        chain = [owner_id, manager_id, successor_id]
        routes = {}
        for route, first in ((Route.OWNER, owner_id), (Route.MANAGER, manager_id)):
            target = next((person for person in (first, *chain) if self._active(person)), None)
            if target:
                routes[route] = target
        return routes

    def name(self, user_id: str | None) -> str:
        user = self.users.get(user_id or "")
        return user.name if user else user_id or "nobody"

    def _manager(self, user_id: str | None) -> str | None:
        user = self.users.get(user_id or "")
        return self._named(self.section.managers, user_id) or (user.manager_id if user else None)

    def _named(self, mapping: Mapping[str, str], user_id: str | None) -> str | None:
        user = self.users.get(user_id or "")
        return self.ids_by_email.get(mapping.get(user.email, "")) if user else None

    def _active(self, user_id: str | None) -> bool:
        user = self.users.get(user_id or "")
        return user is not None and user.active
