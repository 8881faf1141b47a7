"""How senior a contact is: domain.md 4.11 (`functions.py` tells in which function).

The cascade: an explicit seniority field, then the role, then the organisation's own list (`[titles]`), then what the
title says. A level that a step cannot tell is left to the next one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from rules import title_patterns as words
from rules.function_patterns import Function
from rules.model import Contact


class Level(StrEnum):
    """How senior; the order of definition is from low to high. UNKNOWN: no title; OTHER: a title below manager."""

    UNKNOWN = "unknown"
    OTHER = "other"
    MANAGER = "manager"
    HEAD = "head"
    VP = "vp"
    C = "c"

    @property
    def rank(self) -> int:
        """0 for UNKNOWN up to 5 for C."""
        return _RANKS[self]


_Meaning = TypeVar("_Meaning")

_RANKS = {level: rank for rank, level in enumerate(Level)}

EXECUTIVE_ROLES = frozenset({"decision-maker", "executive-sponsor"})

# Values of hs_seniority and of level picklists, as `_spelled` writes them. What is not here tells nothing.
_SENIORITIES = {
    name: level
    for level, names in (
        (Level.C, "c c-level c-suite cxo executive owner founder board"),
        (Level.VP, "vp vice-president svp evp partner"),
        (Level.HEAD, "head director"),
        (Level.MANAGER, "manager lead team-lead"),
        (Level.OTHER, "other senior entry employee junior intern training individual-contributor"),
    )
    for name in names.split()
}


class TitleRules(BaseModel):
    """The organisation's own lists, `[titles]`: phrases with the level or function that they mean, before the patterns.

    A phrase counts wherever its words stand in a title, the longest one first; case and accents do not matter.
    `"general manager" = "manager"` is an exception, `"chief of staff" = "vp"` an addition.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    levels: dict[str, Level] = {}
    functions: dict[str, Function] = {}

    def level(self, title: str) -> Level | None:
        """Return what the organisation's list says of a title, None where it says nothing."""
        return self._levels.said_of(title)

    def function(self, title: str) -> Function | None:
        """Return in which function the organisation's list puts a title, None where it says nothing."""
        return self._functions.said_of(title)

    @cached_property
    def _levels(self) -> _Phrases[Level]:
        return _Phrases(self.levels)

    @cached_property
    def _functions(self) -> _Phrases[Function]:
        return _Phrases(self.functions)


class _Phrases(Generic[_Meaning]):
    """What phrases mean, for titles in which their words stand."""

    def __init__(self, meanings: Mapping[str, _Meaning]) -> None:
        self._by_phrase = {plain(phrase): meaning for phrase, meaning in meanings.items()}
        longest_first = sorted(self._by_phrase, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, longest_first))})(?![a-z0-9])")

    def said_of(self, title: str) -> _Meaning | None:
        if not self._by_phrase:
            return None
        found = max(self._pattern.findall(plain(title)), key=len, default=None)
        return self._by_phrase[found] if found else None


BUILT_IN = TitleRules()


def level_of(contact: Contact, rules: TitleRules = BUILT_IN) -> Level:
    """Return the contact's level. A role of EXECUTIVE_ROLES stands for the top, whatever the title."""
    stated = _SENIORITIES.get(_spelled(contact.seniority)) if contact.seniority else None
    if stated:
        return stated
    if is_executive_by_role(contact):
        return Level.C
    return rules.level(contact.title) or level_of_title(contact.title)


def is_executive_by_role(contact: Contact) -> bool:
    """Tell whether somebody named the contact a decision-maker or an executive sponsor."""
    return not EXECUTIVE_ROLES.isdisjoint(contact.roles)


@lru_cache(maxsize=65_536)
def level_of_title(title: str) -> Level:
    """Return what the built-in patterns say of a title."""
    text = plain(title)
    if not text:
        return Level.UNKNOWN
    script = 0 if text.isascii() else 1
    acronyms = unicodedata.normalize("NFKC", title)
    if _REJECT[script].search(text) or _REJECT_ACRONYMS.search(acronyms):
        return Level.OTHER
    is_chief = _is_chief(text, acronyms, script)
    if _VP[script].search(text):
        rest = _VP[script].sub(" ", text)
        return Level.C if is_chief and _is_chief(rest, _VP_ACRONYMS.sub(" ", acronyms), script) else Level.VP
    if is_chief or _C[script].search(text):
        return Level.C
    if _HEAD[script].search(text):
        return Level.HEAD
    return Level.MANAGER if _MANAGER[script].search(text) else Level.OTHER


def plain(text: str) -> str:
    """Return the text in lower case, single-spaced, its Latin letters without accents.

    Only Latin letters lose their marks: taking them off every script would turn the Japanese da into ta and tear
    Korean syllables apart.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    composed = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(map(_unaccented, composed)).split())


_SPECIAL = {"ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i", "\u2019": "'", "\u2013": "-"}  # noqa: RUF001 # Turkish


@lru_cache(maxsize=4096)
def _unaccented(letter: str) -> str:
    if letter.isascii():
        return letter
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    if unicodedata.combining(letter) and "\u0300" <= letter <= "\u036f":
        return ""
    if not unicodedata.name(letter, "").startswith("LATIN"):
        return letter
    return "".join(part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part))


def _spelled(value: str) -> str:
    return re.sub(r"[\s_]+", "-", value.strip().lower())


def _is_chief(text: str, acronyms: str, script: int) -> bool:
    return bool(_ACRONYMS.search(acronyms) or _is_managing_md(text, acronyms) or _CHIEF[script].search(text))


def _is_managing_md(text: str, acronyms: str) -> bool:
    """MD is a managing director, unless the title speaks of medicine."""
    return bool(_MD.search(acronyms)) and not _MEDICAL.search(text)


def _compiled(patterns: words.Patterns) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns for text in plain ASCII, and those for any text."""
    latin = [text for language, text in patterns.items() if language not in words.OTHER_SCRIPTS]
    return _alternatives("\n".join(latin)), _alternatives("\n".join(patterns.values()))


def _alternatives(text: str) -> re.Pattern[str]:
    return re.compile("|".join(line.strip() for line in text.splitlines() if line.strip()))


# No \b: between a Latin letter and a Japanese one there is no word boundary.
def _acronym(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])")


_REJECT = _compiled(words.REJECT)
_VP = _compiled(words.VP)
_CHIEF = _compiled(words.CHIEF)
_C = _compiled(words.C)
_HEAD = _compiled(words.HEAD)
_MANAGER = _compiled(words.MANAGER)
_ACRONYMS = _acronym(words.CHIEF_ACRONYMS)
_REJECT_ACRONYMS = _acronym("EA|PA|AVP")
_VP_ACRONYMS = re.compile(r"(?i:vice|deputy)[ -]+(?:VD|C[A-Z]O)")
_MD = _acronym("MD")
_MEDICAL = re.compile(r"physician|surgeon|doctor|\bdr\b|ph\.?d|medic|clinic|hospital|\w+log(?:y|ist)\b|\w+iatr|arzt")
