"""How findings say people, days, shares and money: English, plain ASCII punctuation, the same on every machine."""

from __future__ import annotations

from datetime import date

from rules.model import User

# Not strftime("%b"), which follows the locale of the process.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: date) -> str:
    """Return a day as `2 Nov 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def share_text(share: float) -> str:
    """Return a share of 0 to 1 as `95%`."""
    return f"{share * 100:.3g}%"


def money_text(amount: float) -> str:
    """Return an amount without its currency, which nobody told us: `950`, `420k`, `2.1M`."""
    for unit, name in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if abs(amount) >= unit:
            digits = amount / unit
            return f"{digits:.0f}{name}" if abs(digits) >= 10 else f"{digits:.1f}".removesuffix(".0") + name
    return f"{amount:.0f}"


def count_text(number: int, noun: str) -> str:
    """Return `1 attempt` or `2 attempts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def full_name(user: User | None, user_id: str) -> str:
    """Return the name by which a reader knows somebody of ours, the id for somebody unknown."""
    return (user.name or user.email or user_id) if user else user_id


def short_name(name: str) -> str:
    """Return `P. Hall` for `Pat Hall`; a name in one piece stays as it is."""
    first, *others = name.split() or [name]
    return f"{first[0]}. {others[-1]}" if others else first
