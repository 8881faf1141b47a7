"""Owners of a HubSpot portal: users as somebody whom a record can belong to. An owner's id is not the user's id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_FIRST_OWNER, _FIRST_USER, _STEP = 41_629_779, 9_586_504, 1_237


@dataclass(kw_only=True, slots=True)
class Owner:
    id: int
    user_id: int
    email: str
    first_name: str
    last_name: str
    created_at: str
    updated_at: str
    active: bool = True
    team: str = ""

    def body(self) -> dict[str, Any]:
        """As the owners API sends it; a deactivated user's id stands only in `userIdIncludingInactive`."""
        return {
            "id": str(self.id),
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": self.user_id if self.active else None,
            "userIdIncludingInactive": self.user_id,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "archived": not self.active,
            # Teams have ids of their own; the name alone tells one from another here.
            "teams": [{"id": self.team, "name": self.team, "primary": True}] if self.team else [],
        }


class Owners:
    """All owners by id, in ascending order."""

    def __init__(self) -> None:
        self._by_id: dict[int, Owner] = {}

    def __iter__(self) -> Iterator[Owner]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    def add(self, *, name: str, email: str, at: str, active: bool = True, team: str = "") -> Owner:
        first, _, last = name.rpartition(" ")
        position = len(self._by_id) * _STEP
        owner = Owner(
            id=_FIRST_OWNER + position,
            user_id=_FIRST_USER + 3 * position,
            email=email,
            first_name=first,
            last_name=last,
            created_at=at,
            updated_at=at,
            active=active,
            team=team,
        )
        self._by_id[owner.id] = owner
        return owner

    def get(self, owner_id: str) -> Owner | None:
        return self._by_id.get(int(owner_id)) if owner_id.isdecimal() else None

    def of_user(self, user_id: str) -> Owner | None:
        return next((owner for owner in self if str(owner.user_id) == user_id), None)

    def named(self, who: str) -> Owner | None:
        """By id, e-mail address or full name."""
        wanted = who.lower()
        return self.get(who) or next(
            (o for o in self if wanted in (o.email.lower(), f"{o.first_name} {o.last_name}".strip().lower())), None
        )

    def is_active(self, owner_id: str) -> bool:
        owner = self.get(owner_id)
        return owner is not None and owner.active

    def page(self, *, after: int, limit: int, archived: bool, email: str) -> tuple[list[Owner], int | None]:
        """Owners with an id above `after`, and the id to go on after; None on the last page."""
        fit = [
            owner
            for owner in self
            if owner.id > after and owner.active is not archived and email.lower() in ("", owner.email.lower())
        ]
        return fit[:limit], fit[limit - 1].id if len(fit) > limit else None
