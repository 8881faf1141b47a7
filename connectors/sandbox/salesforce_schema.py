"""What an object of the Salesforce org is: its fields with the properties that describe, SOQL and writes go by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

TEXTS = frozenset(
    {"string", "textarea", "email", "phone", "url", "picklist", "multipicklist", "combobox"},
)
IDS = frozenset({"id", "reference"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})
LONG_TEXT_LENGTH = 4000  # from here on a text can neither be filtered nor sorted

#: Lines of every object that has them, as `sobject` reads them.
ID = "Id id d\n IsDeleted boolean d\n"
SYSTEM = """
    CreatedDate datetime d
    CreatedById reference(User)>CreatedBy d
    LastModifiedDate datetime d
    LastModifiedById reference(User)>LastModifiedBy d
    SystemModstamp datetime d
"""

_LINE = re.compile(r"(\w+) +([a-z]+)(?:\(([^)]*)\))?(?:>(\w+))? *([a-z-]*)(?: +(.*))?")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field as describe tells it. `choices` are a picklist's values; `default` is the one a create starts with."""

    name: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    refers_to: tuple[str, ...] = ()
    relationship: str | None = None
    nillable: bool = False
    createable: bool = False
    updateable: bool = False
    defaulted: bool = False
    restricted: bool = False
    external_id: bool = False
    unique: bool = False
    sensitive: bool = False
    id_lookup: bool = False
    choices: tuple[str, ...] = ()
    default: str | None = None

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def polymorphic(self) -> bool:
        return len(self.refers_to) > 1

    @property
    def filterable(self) -> bool:
        return not (self.type == "textarea" and self.length >= LONG_TEXT_LENGTH)

    @property
    def sortable(self) -> bool:
        return self.filterable and self.type != "multipicklist"

    @property
    def required(self) -> bool:
        """A create without it is refused."""
        return self.createable and not self.nillable and not self.defaulted and self.type != "boolean"

    @property
    def case_sensitive(self) -> bool:
        return self.sensitive or self.type in IDS

    @property
    def label(self) -> str:
        bare = self.name.removesuffix("__c").replace("_", " ")
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", bare)

    @property
    def column(self) -> str:
        """Its column in SQLite. Text compares without regard to case, as in SOQL, save for ids and external ids."""
        if self.type in {"boolean", "int"}:
            return f'"{self.name}" INTEGER' + (" NOT NULL DEFAULT 0" if self.type == "boolean" else "")
        if self.type in NUMBERS:
            return f'"{self.name}" REAL'
        return f'"{self.name}" TEXT' + ("" if self.case_sensitive else " COLLATE NOCASE")


@dataclass(frozen=True, kw_only=True)
class Sobject:
    """One object. `vanishes`: a deleted row is not marked but gone, and only `/deleted/` knows of it. `tooling`: only
    the Tooling API shows it.
    """

    name: str
    prefix: str
    fields: Mapping[str, Field]
    vanishes: bool = False
    writeable: bool = True
    deletable: bool = True
    tooling: bool = False

    @cached_property
    def by_lower_name(self) -> Mapping[str, Field]:
        """Fields by lower-case name: SOQL does not mind the case."""
        return {name.lower(): field for name, field in self.fields.items()}

    @cached_property
    def parents(self) -> Mapping[str, Field]:
        """Reference fields by the lower-case name of their relationship."""
        return {field.relationship.lower(): field for field in self.fields.values() if field.relationship}

    @cached_property
    def booleans(self) -> frozenset[str]:
        return frozenset(field.name for field in self.fields.values() if field.type == "boolean")

    def without(self, names: Iterable[str]) -> Sobject:
        """The same object as somebody sees it who lacks these fields."""
        hidden = set(names)
        fields = {name: field for name, field in self.fields.items() if name not in hidden}
        return replace(self, fields=fields)


def sobject(
    name: str, prefix: str, table: str, *, vanishes: bool = False, fixed: bool = False, tooling: bool = False
) -> Sobject:
    """The object that a table of lines describes: `Name type(arguments)>Relationship flags values`.

    Arguments are a length, `precision,scale` or the objects referred to. Flags: n nillable, c createable, u updateable,
    d defaulted on create, r restricted picklist, x unique external id, l usable for upsert. Values are a picklist's,
    joined by `|`, the default one with a `*` in front. A `fixed` object cannot be written through the API.
    """
    lines = [line.strip() for line in table.strip().splitlines() if line.strip()]
    fields = [_field(line) for line in lines]
    return Sobject(
        name=name,
        prefix=prefix,
        fields={field.name: field for field in fields},
        vanishes=vanishes,
        writeable=not fixed,
        deletable=not fixed and name != "User",
        tooling=tooling,
    )


def _field(line: str) -> Field:
    found = _LINE.fullmatch(line)
    assert found, line
    name, kind, arguments, relationship, flags, values = found.groups()
    choices = tuple(value.strip() for value in (values or "").split("|") if value.strip())
    starred = [value[1:] for value in choices if value.startswith("*")]
    numbers = [int(number) for number in (arguments or "").split(",") if number.strip().isdigit()]
    return Field(
        name=name,
        type=kind,
        length=18 if kind in IDS else numbers[0] if numbers and kind in TEXTS else 0,
        precision=numbers[0] if numbers and kind in NUMBERS else 0,
        scale=numbers[1] if len(numbers) > 1 and kind in NUMBERS else 0,
        refers_to=tuple(target.strip() for target in (arguments or "").split(",")) if kind == "reference" else (),
        relationship=relationship,
        nillable="n" in flags,
        createable="c" in flags,
        updateable="u" in flags,
        defaulted="d" in flags or bool(starred),
        restricted="r" in flags,
        external_id="x" in flags,
        unique="x" in flags,
        sensitive="x" in flags,
        id_lookup="l" in flags or "x" in flags or kind == "id",
        choices=tuple(value.removeprefix("*") for value in choices),
        default=starred[0] if starred else None,
    )
