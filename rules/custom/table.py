"""A `[[rules.custom]]` table of the config: an expression over facts and the texts of its task, as one more rule.

[[rules.custom]]
id = "no-meeting"
when = "days_since_meeting > 120 && revenue >= 100000.0"
why = "{account} is worth {revenue} a year, and nobody of ours has met them since {last_meeting_on}."
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, ValidationError

from rules.custom.expression import Expression, UntoldError, compiled
from rules.custom.fact import Value, for_cel, for_json
from rules.custom.fact_list import FACTS
from rules.custom.types import ExpressionError
from rules.facts import AccountFacts
from rules.people_measures import HEADLINE_LENGTH
from rules.problems import Problem, problems, unknown
from rules.rule import Clear, Finding, Params, Raised, Route, Rule, Severity, Unknown, Verdict
from rules.wording import Text, day_text, first_that_fits, say

_TYPES = {name: fact.type for name, fact in FACTS.items()}
_ID_LENGTH = 40


class CustomParams(Params):
    """What every custom rule can be told, for all accounts or a tier."""

    severity: Severity = Severity.MEDIUM
    route: Route = Route.OWNER


def _id(text: str) -> str:
    words = text.split("-")
    if not all(word.isascii() and word.isalnum() and word.islower() for word in words) or len(text) > _ID_LENGTH:
        raise ValueError(f'must be up to {_ID_LENGTH} lower-case letters, words joined by hyphens (is "{text}")')
    return text


def _expression(text: object) -> Expression:
    if not isinstance(text, str):
        raise ValueError("must be text, a CEL expression")  # noqa: TRY004  # Pydantic tells of ValueErrors alone
    try:
        return compiled(text, _TYPES)
    except ExpressionError as error:
        raise ValueError(str(error)) from error


def _template(text: str) -> str:
    for name, form, conversion in _places(text):
        if name not in FACTS:
            raise ValueError(f"{{{name}}}: {unknown('fact', name, FACTS)}" if name else "{} names no fact")
        if form or conversion:
            raise ValueError(f"{{{name}}} must stand alone: how it is written goes by its unit")
    return " ".join(text.split())


def _places(template: str) -> list[tuple[str, str, str]]:
    """Return (name, form, conversion) of every place; `{{` is a brace."""
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"has braces without their other half ({error}); a brace itself is {{{{ or }}}}") from error
    return [(name, form or "", conversion or "") for _, name, form, conversion in parsed if name is not None]


Condition = Annotated[Expression, PlainValidator(_expression)]
Template = Annotated[str, Field(min_length=1), AfterValidator(_template)]


class CustomTable(BaseModel):
    """One `[[rules.custom]]` table. What is `Any` belongs to `CustomParams`, which is read as any rule's table is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, AfterValidator(_id)]
    when: Condition
    unknown_when: Condition | None = None
    why: Template
    headline: Template | None = None
    clears_when: Template | None = None
    first_step: Template | None = None
    weight: Annotated[int, Field(strict=True, ge=0)] = 0
    enabled: Any = None
    severity: Any = None
    route: Any = None
    tier: Any = None

    @property
    def tested(self) -> frozenset[str]:
        """The facts that the expressions name."""
        return self.when.names | (self.unknown_when.names if self.unknown_when else frozenset())

    @property
    def named(self) -> frozenset[str]:
        """The facts that anything in it names."""
        texts = filter(None, (self.why, self.headline, self.clears_when, self.first_step))
        return self.tested.union(name for text in texts for name, _, _ in _places(text))


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomRule:
    """A rule of the config, its key path there, and its table of parameters as `[rules.<id>]` would have it."""

    rule: Rule
    path: str
    params: Mapping[str, Any]


def read_custom(tables: Any, taken: Collection[str]) -> tuple[list[CustomRule], list[Problem]]:
    """Return the rules of the `[[rules.custom]]` tables and what is wrong with them; `taken` are the built-in ids.

    A table with a problem makes no rule.
    """
    if not isinstance(tables, list):
        return [], [("rules.custom", "must be tables in double brackets: [[rules.custom]]")]
    found: dict[str, CustomRule] = {}
    wrong: list[Problem] = []
    for index, table in enumerate(tables):
        path = f"rules.custom.{index}"
        try:
            read = CustomTable.model_validate(table)
        except ValidationError as error:
            wrong += problems(error, path, CustomTable.model_fields)
            continue
        if read.id in taken or read.id in found:
            whose = "a built-in rule" if read.id in taken else "another rule of the config"
            wrong.append((f"{path}.id", f'is the id of {whose}, take another (is "{read.id}")'))
            continue
        params = {key: value for key, value in table.items() if key in {*CustomParams.model_fields, "tier"}}
        found[read.id] = CustomRule(rule=_rule(read), path=path, params=params)
    return list(found.values()), wrong


def _rule(table: CustomTable) -> Rule:
    return Rule(
        id=table.id,
        params=CustomParams,
        check=_Check(table=table, tested=tuple(sorted(table.tested)), named=tuple(sorted(table.named))),
        needs=frozenset(kind for name in table.named for kind in FACTS[name].needs),
        weight=table.weight,
        manual=_manual(table),
        hears=frozenset(kind for name in table.tested for kind in FACTS[name].hears),
        looks_back_days=max(FACTS[name].looks_back_days for name in table.named),
    )


def _manual(table: CustomTable) -> str:
    parts = [table.why, f"A rule of the config, raised where\n\n{_indented(table.when)}"]
    if table.unknown_when:
        parts.append(f"and unknown where\n\n{_indented(table.unknown_when)}")
    parts.append(
        "The facts in it:\n\n" + "\n".join(f"    {name}: {FACTS[name].meaning}" for name in sorted(table.named))
    )
    return "\n\n".join(parts)


def _indented(expression: Expression) -> str:
    return "\n".join(f"    {line.strip()}" for line in expression.source.strip().splitlines())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Check:
    """The check of a custom rule (`rules.rule.Check`), with the facts of its conditions, and of its texts too."""

    table: CustomTable
    tested: tuple[str, ...]
    named: tuple[str, ...]

    def __call__(self, facts: AccountFacts, params: CustomParams, /) -> Verdict:
        """Judge one account: raised where `when` holds, unknown where `unknown_when` does or a fact is missing."""
        table, values = self.table, _measured(facts, self.tested)
        numbers = {name: for_json(value) for name, value in values.items()}
        known = {name: for_cel(value) for name, value in values.items()}
        try:
            if table.unknown_when and table.unknown_when.holds(known):
                reason = say("not to be judged where {expression}", expression=table.unknown_when.told)
                return Unknown(reason=reason, numbers=numbers)
            if not table.when.holds(known):
                message = say("it does not hold that {expression}", expression=table.when.told)
                return Clear(message=message, numbers=numbers)
        except UntoldError as error:
            return Unknown(reason=error.reason, numbers=numbers)
        values = _measured(facts, self.named)
        finding = _finding(table, {name: FACTS[name].said(value) for name, value in values.items()}, facts)
        told = {name: for_json(value) for name, value in values.items()}
        return Raised(severity=params.severity, finding=finding, numbers=told)


def _measured(facts: AccountFacts, names: Collection[str]) -> dict[str, Value]:
    return {name: FACTS[name].measure(facts) for name in names}


def _finding(table: CustomTable, said: Mapping[str, str], facts: AccountFacts) -> Finding:
    """Return the texts, each number with its day: a task's text is not written anew every day."""
    name, as_of = table.id.replace("-", " "), day_text(facts.today)
    headline = first_that_fits(HEADLINE_LENGTH, _filled(table.headline, said) if table.headline else name, name)
    return Finding(
        headline=headline,
        why=say("{sentence} (As of {as_of}.)", sentence=_filled(table.why, said), as_of=as_of),
        clears_when=_filled(table.clears_when, said) if table.clears_when else say("Clears when this is so no longer."),
        first_step=_filled(table.first_step, said)
        if table.first_step
        else say("Talk it over with those who know the account, and agree on a first step."),
        figures=say("{headline}, as of {as_of}", headline=headline, as_of=as_of),
    )


def _filled(template: str, said: Mapping[str, str]) -> Text:
    """Return a template of the config, which stays as it is written, with its facts as the language says them."""
    return Text(lambda language: language.fill(template, said))
