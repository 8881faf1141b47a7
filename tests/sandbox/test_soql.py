"""SOQL as the sandbox reads it, and what it refuses as Salesforce would."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.sandbox.salesforce_objects import objects
from connectors.sandbox.salesforce_store import Store
from connectors.sandbox.soql import SoqlError, parse
from connectors.sandbox.soql_compile import compile_query

NOW = datetime(2026, 11, 2, 6, tzinfo=UTC)
OBJECTS = objects()


@pytest.fixture
def store() -> Store:
    made = Store(OBJECTS)
    rows = [
        ("001Hf0000000001IAA", "Acme", "Customer", 10.0, "2026-10-01", "2026-10-01T08:00:00.000+0000"),
        ("001Hf0000000002IAA", "acme two", "Prospect", None, None, "2026-11-02T08:00:00.000+0000"),
        ("001Hf0000000003IAA", "O'Neil 50%", None, 30.0, "2026-11-02", "2026-11-01T23:59:59.000+0000"),
    ]
    columns = ("Id", "Name", "Type", "AnnualRevenue", "LastActivityDate", "SystemModstamp")
    made.insert_many("Account", columns, rows)
    made.update("Account", rows[1][0], {"ParentId": rows[0][0]})
    return made


def names(store: Store, rest: str, *, hide: bool = True) -> list[str]:
    compiled = compile_query(parse(f"SELECT Id, Name FROM Account {rest}"), OBJECTS, NOW, hide=hide)
    ids = [row for (row,) in store.database.execute(compiled.ids_sql, compiled.params)]
    found = {row[0]: row[2] for row in store.database.execute(compiled.page_sql, (str(ids),))}
    assert len(found) == len(ids)
    return list(found.values())


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'ACME'", ["Acme"]),
        ("Name = 'O\\'Neil 50%'", ["O'Neil 50%"]),
        ("Name LIKE 'acme%'", ["Acme", "acme two"]),
        ("Name LIKE '%50\\%'", ["O'Neil 50%"]),
        ("NOT Name LIKE 'acme%'", ["O'Neil 50%"]),
        ("Type != 'Customer'", ["acme two", "O'Neil 50%"]),
        ("Type = null", ["O'Neil 50%"]),
        ("Type != null", ["Acme", "acme two"]),
        ("Type = ''", ["O'Neil 50%"]),
        ("NOT Type = 'Customer'", ["acme two", "O'Neil 50%"]),
        ("Type IN ('Customer', 'Prospect')", ["Acme", "acme two"]),
        ("Type NOT IN ('Customer')", ["acme two", "O'Neil 50%"]),
        ("AnnualRevenue >= 10 AND AnnualRevenue < 30", ["Acme"]),
        ("AnnualRevenue > 10.5 OR Name = 'Acme'", ["Acme", "O'Neil 50%"]),
        ("(AnnualRevenue = 10 OR AnnualRevenue = 30) AND Type = null", ["O'Neil 50%"]),
        ("NOT AnnualRevenue > 10", ["Acme", "acme two"]),
        ("IsDeleted = false", ["Acme", "acme two", "O'Neil 50%"]),
        ("LastActivityDate = 2026-10-01", ["Acme"]),
        ("LastActivityDate = TODAY", ["O'Neil 50%"]),
        ("LastActivityDate = LAST_N_DAYS:32", ["Acme", "O'Neil 50%"]),
        ("LastActivityDate < TODAY", ["Acme"]),
        ("SystemModstamp = YESTERDAY", ["O'Neil 50%"]),
        ("SystemModstamp >= 2026-11-02T00:00:00Z", ["acme two"]),
        ("SystemModstamp = 2026-10-01T10:00:00+02:00", ["Acme"]),
        ("SystemModstamp = 2026-10-01T10:00:00.000+0200", ["Acme"]),
        ("Id = '001Hf0000000001'", ["Acme"]),
        ("Id > '001Hf0000000001IAA'", ["acme two", "O'Neil 50%"]),
        ("Parent.Name = 'Acme'", ["acme two"]),
        ("Parent.Parent.Name = null", ["Acme", "acme two", "O'Neil 50%"]),
    ],
)
def test_a_condition_picks_what_salesforce_would(store: Store, where: str, expected: list[str]) -> None:
    assert names(store, f"WHERE {where} ORDER BY Id") == expected


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("ORDER BY Type", ["O'Neil 50%", "Acme", "acme two"]),
        ("ORDER BY Type DESC", ["O'Neil 50%", "acme two", "Acme"]),
        ("ORDER BY Type NULLS LAST", ["Acme", "acme two", "O'Neil 50%"]),
        ("ORDER BY Type DESC NULLS LAST", ["acme two", "Acme", "O'Neil 50%"]),
        ("order by IsDeleted, Id desc limit 2", ["O'Neil 50%", "acme two"]),
        ("ORDER BY Id LIMIT 1 OFFSET 1", ["acme two"]),
    ],
)
def test_rows_come_in_the_order_asked_for(store: Store, rest: str, expected: list[str]) -> None:
    assert names(store, rest) == expected


def test_without_an_order_the_rows_do_not_come_as_they_were_made() -> None:
    store = Store(OBJECTS)
    store.insert_many("Account", ("Id", "Name"), [(f"{n:04d}", f"{n:04d}") for n in range(50)])
    found = names(store, "")
    assert sorted(found) == [f"{n:04d}" for n in range(50)]
    assert found != sorted(found)
    assert found == names(store, "")


@pytest.mark.parametrize(
    ("soql", "code", "told"),
    [
        ("SELECT Foo FROM Account", "INVALID_FIELD", "ERROR at Row:1:Column:8\nNo such column 'Foo' on entity 'Account'."),
        ("SELECT Id FROM Account\nWHERE Foo = 1", "INVALID_FIELD", "ERROR at Row:2:Column:7"),
        ("SELECT Boss.Name FROM Account", "INVALID_FIELD", "Didn't understand relationship 'Boss'"),
        ("SELECT Owner.Foo FROM Account", "INVALID_FIELD", "No such column 'Foo' on entity 'User'"),
        ("SELECT Who.Salutation FROM Task", "INVALID_FIELD", "on entity 'Name'"),
        ("select count() from XYZZY", "INVALID_TYPE", "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported."),
        ("SELECT Id FROM Account WHERE CreatedDate > '2020-01-01'", "INVALID_FIELD", "must be of type dateTime and should not be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2020-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD", "must be of type string and should be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE IsDeleted = 'true'", "INVALID_FIELD", "must be of type boolean and should not be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("SELECT Id FROM Account WHERE OwnerId LIKE '005%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Account WHERE IsDeleted > true", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
        ("SELECT Id, Id FROM Account", "MALFORMED_QUERY", "duplicate field selected: Id"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE", "2000"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-13-01T00:00:00Z", "MALFORMED_QUERY", "Invalid datetime"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Type = 'b' OR Type = 'c'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Name, COUNT(Id) FROM Account GROUP BY Name", "MALFORMED_QUERY", "unexpected token: 'GROUP'"),
        ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", "unexpected token: '-1'"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "MALFORMED_QUERY", "unexpected"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ('SELECT Id FROM Account WHERE Name = "x"', "MALFORMED_QUERY", "unexpected"),
        ("", "MALFORMED_QUERY", "A query string has to be specified"),
    ],
)  # fmt: skip
def test_what_salesforce_refuses_is_refused_with_its_words(soql: str, code: str, told: str) -> None:
    with pytest.raises(SoqlError) as refused:
        compile_query(parse(soql), OBJECTS, NOW, hide=True)
    assert refused.value.code == code
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("literal", "meant"),
    [("'it\\'s'", "it's"), ("'a\\\\b'", "a\\b"), ("'l1\\nl2'", "l1\nl2"), ("'\\u00e9'", "é"), ("'50\\%'", "50\\%")],
)
def test_escapes_in_strings_are_undone(literal: str, meant: str) -> None:
    where: Any = parse(f"SELECT Id FROM Account WHERE Name = {literal}").where
    assert where.value.text == meant


def test_a_keyword_may_begin_a_field_name() -> None:
    with pytest.raises(SoqlError, match="No such column 'NotesOr'"):
        compile_query(parse("SELECT Id FROM Account WHERE NotesOr = 'x' AND OrNot = 1"), OBJECTS, NOW, hide=True)


def test_every_field_of_every_object_can_be_selected() -> None:
    store = Store(OBJECTS)
    for each in OBJECTS.values():
        text = f"SELECT {', '.join(each.fields)} FROM {each.name}"
        compiled = compile_query(parse(text), OBJECTS, NOW, hide=True)
        try:
            assert store.database.execute(compiled.page_sql, ("[1]",)).fetchall() == []
        except sqlite3.Error as error:  # pragma: no cover
            pytest.fail(f"{each.name}: {error}")
