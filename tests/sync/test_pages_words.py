"""What a name may not do on a page or in a spreadsheet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from sync.pages.words import cell, day, harmless, money, share, short, shown, slug


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30 1", "-2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1+1", "\u202e=1", '=HYPERLINK("x")'],  # noqa: RUF001
    ids=repr,
)
def test_a_cell_that_would_begin_a_formula_gets_an_apostrophe(text: str) -> None:
    assert cell(text).startswith("'")


@given(st.text())
def test_no_text_begins_a_formula_or_a_new_line(text: str) -> None:
    told = cell(text)
    assert not told.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"))  # noqa: RUF001
    assert len(told.splitlines()) <= 1


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, ""),
        (-3, "-3"),
        (0.1234567, "0.123457"),
        (1000.0, "1000"),
        (True, "yes"),
        (date(2026, 11, 2), "2026-11-02"),
    ],
    ids=repr,
)
def test_numbers_stay_numbers_and_days_are_iso(value: object, told: str) -> None:
    assert cell(value) == told


def test_letters_of_any_script_and_emoji_stay_and_what_turns_them_goes() -> None:
    assert harmless("\u202eشركة\u2066 🚀 株式会社\u200f") == "شركة 🚀 株式会社"
    assert harmless("two\nlines\x00") == "two lines "


def test_what_is_escaped_already_is_left_alone_and_nothing_is_no_word() -> None:
    assert shown(Markup("<b>\u200f</b>")) == "<b>\u200f</b>"
    assert shown(None) == ""
    assert shown(3) == 3


def test_a_long_name_is_cut_with_an_ellipsis() -> None:
    assert short("x" * 300, 10) == "x" * 9 + "…"
    assert short("Acme", 10) == "Acme"


@pytest.mark.parametrize("text", ["../../etc/passwd", "a/b", "acme corp", "", "CON:", "<script>", "a" * 300])
def test_a_file_name_stays_in_its_folder_and_tells_names_apart(text: str) -> None:
    name = slug(text)
    assert name
    assert len(name) < 80
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert slug(text + "!") != name


def test_an_ordinary_id_is_its_own_file_name() -> None:
    assert slug("001Hf000000000PIAQ") == "001Hf000000000PIAQ"


def test_what_is_not_known_is_said() -> None:
    assert (money(None), money(0.0), money(420_000.0)) == ("not known", "0", "420k")
    assert (share(None), share(0.954)) == ("–", "95 %")  # noqa: RUF001
    assert (day(None), day("2026-11-02T07:00:00"), day(date(2026, 11, 2))) == ("–", "2 Nov 2026", "2 Nov 2026")  # noqa: RUF001
