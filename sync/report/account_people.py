"""Who is in touch with whom on one account: our people and their contacts, each with the last days."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from rules.facts import AccountFacts
from rules.measures import coverage
from rules.titles import level_of
from rules.two_way import two_way
from sync.people import People

_WINDOW_DAYS = 365


def people_told(facts: AccountFacts, people: People) -> list[dict[str, Any]]:
    """Return our people who were ever in a touch: their person-days of 12 months, who has most first."""
    days = coverage(facts, _WINDOW_DAYS).person_days
    last_on: dict[str, date] = {}
    for touch in facts.touches:
        last_on |= dict.fromkeys(touch.ours, touch.day)
    everybody = sorted(last_on, key=lambda one: (-days.get(one, 0), people.name(one), one))
    return [
        {
            "id": user_id,
            "name": people.name(user_id),
            "active": user_id in facts.users and facts.users[user_id].active,
            "ignored": user_id in facts.ignored,
            "person_days": days.get(user_id, 0),
            "last_on": last_on[user_id].isoformat(),
        }
        for user_id in everybody
    ]


def contacts_told(facts: AccountFacts, people: People) -> list[dict[str, Any]]:
    """Return the contacts, the most senior first: who had a thread with them in 12 months, and the last days."""
    after = facts.today - timedelta(days=_WINDOW_DAYS)
    threads: defaultdict[str, set[str]] = defaultdict(set)
    answered_on: dict[str, date] = {}
    touched_on: dict[str, date] = {}
    for touch in facts.touches:
        touched_on |= dict.fromkeys(touch.theirs, touch.day)
    for touch, user_id, contact_id in two_way(facts):
        if contact_id:
            answered_on[contact_id] = max(touch.day, answered_on.get(contact_id, touch.day))
            if touch.day > after:
                threads[contact_id].add(people.name(user_id))
    levels = {contact.id: level_of(contact, facts.titles) for contact in facts.contacts}
    return [
        {
            "id": contact.id,
            "name": contact.name or contact.id,
            "title": contact.title,
            "level": str(levels[contact.id]),
            "roles": sorted(contact.roles),
            "left_on": contact.left_on.isoformat() if contact.left_on else None,
            "left_why": contact.left_why,
            "threads": sorted(threads[contact.id]),
            "last_two_way_on": _day(answered_on.get(contact.id)),
            "last_on": _day(touched_on.get(contact.id)),
        }
        for contact in sorted(facts.contacts, key=lambda one: (-levels[one.id].rank, one.name, one.id))
    ]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
