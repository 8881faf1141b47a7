"""In which functions of a company somebody works, from the title: domain.md 4.11, for who is whose peer.

A title may name several: each of its parts, as commas, slashes and words for "and" cut them, names at most one.
Somebody at the top who is named for none is in general management.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rules.function_patterns import PATTERNS, Function
from rules.model import Contact, User
from rules.titles import BUILT_IN, Level, TitleRules, level_of_title, plain


def functions_of(person: Contact | User, rules: TitleRules = BUILT_IN) -> frozenset[Function]:
    """Return the functions of one of theirs or ours: what `[titles.functions]` says of the title, else its words.

    Empty where the title is missing or tells none.
    """
    stated = rules.function(person.title)
    return frozenset({stated}) if stated else functions_of_title(person.title)


@lru_cache(maxsize=65_536)
def functions_of_title(title: str) -> frozenset[Function]:
    """Return what the built-in patterns say of a title."""
    parts = _AND.split(_RESEARCH.sub("rnd", title))
    return frozenset(found for part in parts if (found := _function(part)))


def _function(part: str) -> Function | None:
    text = plain(part)
    named = next((function for function, pattern in _PATTERNS.items() if pattern.search(text)), None)
    # A chief of something that nobody knows (CSO, chief medical officer) leads that, not the company.
    if named is None and level_of_title(_OTHER_CHIEFS.sub(" ", part)) is Level.C:
        return Function.GENERAL
    return named


_RESEARCH = re.compile(r"\bR ?(?:&|and|\+) ?D\b|\bF ?(?:&|und) ?E\b|\bI ?\+ ?D(?: ?\+ ?i)?\b", re.IGNORECASE)
_AND = re.compile(r" ?[,;/|&+、，・] ?| (?:and|und|et|y|e|en|i|och|og|ja|a|ve|и) | - ", re.IGNORECASE)  # noqa: RUF001 # full-width comma
_OTHER_CHIEFS = re.compile(r"(?i:\bchief (?!executive)[\w ]+)|\bC(?!EO)[A-Z]{1,2}O\b")
_PATTERNS = {
    function: re.compile("|".join(line.strip() for line in text.splitlines() if line.strip()))
    for function, text in PATTERNS.items()
}
