"""Functions from titles: functions_independent.csv holds titles of public lists, each given its functions by its meaning
before the patterns saw it (most of them stand in titles_independent.csv too). An empty cell is a title that names none.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from rules.function_patterns import PATTERNS, Function
from rules.functions import functions_of, functions_of_title
from rules.titles import TitleRules
from tests.builders import JANA, LOPEZ

with Path(__file__).with_name("functions_independent.csv").open(encoding="utf-8") as _file:
    ROWS = [(row["title"], (row["functions"] or "").split()) for row in csv.DictReader(_file)]


def test_the_list_is_long_and_names_every_function() -> None:
    assert len({title for title, _ in ROWS}) == len(ROWS) >= 150
    assert {name for _, functions in ROWS for name in functions} == set(Function)


@pytest.mark.parametrize(("title", "functions"), ROWS, ids=[title for title, _ in ROWS])
def test_a_title_names_its_functions(title: str, functions: list[str]) -> None:
    assert sorted(functions_of_title(title)) == sorted(functions)


def test_every_function_has_words_and_no_pattern_is_empty() -> None:
    assert set(PATTERNS) == set(Function)
    assert not any(functions_of_title(text) for text in ("", "  ", "-", "&"))


@pytest.mark.parametrize(
    "title", ["Assistant to the CEO", "Former CEO", "Chief Medical Officer", "CSO", "Chief of Staff"]
)
def test_who_leads_no_company_is_not_in_general_management(title: str) -> None:
    assert Function.GENERAL not in functions_of_title(title)


def test_the_organisations_list_decides_alone_the_longest_phrase_first() -> None:
    rules = TitleRules(functions={"programme": Function.OPERATIONS, "Programme Sales": Function.HR})
    contact = replace(LOPEZ, title="Programme Marketing Lead")
    assert functions_of(contact, rules) == {Function.OPERATIONS}
    assert functions_of(replace(contact, title="PROGRAMME SALES"), rules) == {Function.HR}
    assert functions_of(contact) == {Function.MARKETING}
    assert functions_of(replace(JANA, title="COO"), rules) == {Function.OPERATIONS}


def test_a_function_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValidationError, match="functions"):
        TitleRules.model_validate({"functions": {"lead": "astrology"}})
