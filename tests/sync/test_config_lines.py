"""On which line of a config a key stands."""

from __future__ import annotations

from sync.config_lines import key_lines, line_of

TEXT = """top = 1
[one . "two.three"]  # a comment
'quoted key' = 2
a.b = 3
# c = 4
[[many]]
name = "first"
[[ many ]]
name = "second = third"
[after]
name = [
  "x",
]
"""


def test_tables_and_keys_have_their_lines() -> None:
    assert key_lines(TEXT) == {
        "top": 1,
        "one.two.three": 2,
        "one.two.three.quoted key": 3,
        "one.two.three.a.b": 4,
        "many": 6,
        "many.0": 6,
        "many.0.name": 7,
        "many.1": 8,
        "many.1.name": 9,
        "after": 10,
        "after.name": 11,
    }


def test_what_does_not_stand_there_is_told_where_its_table_does() -> None:
    lines = key_lines(TEXT)
    assert line_of(lines, "many.1.reason") == 8
    assert line_of(lines, "after.name.0") == 11
    assert line_of(lines, "nowhere.at.all") is None
