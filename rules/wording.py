"""How findings say things: in English, as plain strings that can also be said in another language.

A rule says its sentences with `say` and `say_n`, and names days, shares, money and numbers by the functions below. It
knows no language: what it gets is English, and whoever writes a task asks for its own (`Text.in_language`).

>>> days = say_n("{n} contact day", "{n} contact days", n=43)
>>> text = say("{account} had {days} with us as of {day}.", account="Acme", days=days, day=day_text(date(2026, 11, 2)))
>>> text == "Acme had 43 contact days with us as of 2 Nov 2026."
True

With the German catalogue `text.in_language(german)` is `Acme hatte 43 Kontakttage mit uns (Stand 2. Nov. 2026).` The
English sentence, a literal with named places, is the key of its translation: never an f-string, a sum or a part of a
sentence that other languages put together differently. What is only a name stays a plain string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from gettext import NullTranslations
from typing import Any, Self

from babel.dates import format_date
from babel.numbers import get_decimal_symbol

from rules.model import User


@dataclass(frozen=True, kw_only=True, slots=True)
class Language:
    """A language by its code (`de`), with its sentences by the English ones; what it lacks is said in English."""

    code: str
    sentences: NullTranslations = field(default_factory=NullTranslations, repr=False)

    def told(self, value: Any) -> Any:
        """Return what can be said in languages in this one, anything else as it is."""
        if not isinstance(value, Text):
            return value
        return str(value) if self is ENGLISH else value.in_language(self)  # a text is its English already

    def fill(self, sentence: str, values: Mapping[str, Any]) -> str:
        """Return a sentence of this language with the values in their places."""
        return sentence.format(**{name: self.told(value) for name, value in values.items()})


ENGLISH = Language(code="en")


class Text(str):
    """An English string that can also be said `in_language`. Copied, stored or put into an f-string it is its English.

    A string of its own kind, so that whoever needs no other language need not know of it.
    """

    __slots__ = ("in_language",)

    in_language: Callable[[Language], str]

    def __new__(cls, in_language: Callable[[Language], str], english: str | None = None) -> Self:
        text = super().__new__(cls, in_language(ENGLISH) if english is None else english)
        text.in_language = in_language
        return text

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)


def say(english: str, /, **values: Any) -> Text:
    """Return a sentence, or a piece of one, with the values in its `{places}`."""
    # Nearly all that is said is only ever read in English: it is said at once, in a third of the time.
    return Text(lambda language: language.fill(language.sentences.gettext(english), values), english.format(**values))


def say_n(one: str, more: str, /, *, n: int, **values: Any) -> Text:
    """Return what is said of `n` things, `{n}` among the places; in English it has two forms, elsewhere one or five."""
    values["n"] = n
    english = (one if n == 1 else more).format(**values)
    return Text(lambda language: language.fill(language.sentences.ngettext(one, more, n), values), english)


def joined(some: Iterable[str]) -> Text:
    """Return `A`, `A and B` or `A, B and C`."""
    *others, last = some
    return say("{others} and {last}", others=listed(others), last=last) if others else listed([last])


def listed(some: Iterable[str]) -> Text:
    """Return `A, B, C`."""
    known = list(some)
    return Text(lambda language: ", ".join(map(language.told, known)))


def first_that_fits(length: int, *texts: str) -> Text:
    """Return the first of the texts that is no longer than `length` in the language at hand, else the last."""

    def choose(language: Language) -> str:
        told: list[str] = [language.told(text) for text in texts]
        return next((text for text in told if len(text) <= length), told[-1])

    return Text(choose)


@lru_cache(maxsize=4096)
def day_text(day: date) -> Text:
    """Return a day as `2 Nov 2026`."""
    pattern = say("d MMM y")  # of Unicode CLDR: a language has its own order of day, month and year
    return Text(lambda language: _day(day, language.told(pattern), language.code))


@lru_cache(maxsize=4096)
def number_day(day: date) -> Text:
    """Return a day as `2026-11-02`."""
    pattern = say("y-MM-dd")  # as above
    return Text(lambda language: _day(day, language.told(pattern), language.code))


@lru_cache(maxsize=4096)
def _day(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


def number_text(number: float, form: str = "g") -> Text:
    """Return a number in a `format()` form without thousands, with the decimal point of the language: `2.5`."""
    return Text(lambda language: f"{number:{form}}".replace(".", _decimal_point(language.code)))


@lru_cache
def _decimal_point(locale: str) -> str:
    return get_decimal_symbol(locale)


@lru_cache(maxsize=4096)
def share_text(share: float) -> Text:
    """Return a share of 0 to 1 as `95%`."""
    return say("{number}%", number=number_text(share * 100, ".3g"))


def money_text(amount: float) -> Text:
    """Return an amount without its currency, which nobody told us: `950`, `420k`, `2.1M`."""
    if abs(amount) < 1e3:
        return number_text(amount, ".0f")
    unit = next(unit for unit in (1e9, 1e6, 1e3) if abs(amount) >= unit)
    digits = amount / unit
    whole = abs(digits) >= 10 or f"{digits:.1f}".endswith(".0")
    number = number_text(digits, ".0f" if whole else ".1f")
    if unit == 1e9:
        return say("{number}bn", number=number)
    return say("{number}M", number=number) if unit == 1e6 else say("{number}k", number=number)


def count_text(number: int, noun: str) -> str:
    """Return `1 attempt` or `2 attempts`, in English alone: for reports."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def full_name(user: User | None, user_id: str) -> str:
    """Return the name by which a reader knows somebody of ours, the id for somebody unknown."""
    return (user.name or user.email or user_id) if user else user_id


def short_name(name: str) -> str:
    """Return `P. Hall` for `Pat Hall`; a name in one piece stays as it is."""
    first, *others = name.split() or [name]
    return f"{first[0]}. {others[-1]}" if others else first
