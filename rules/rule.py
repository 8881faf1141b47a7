"""What a rule is: parameters, a check from facts to a verdict, and how it is found."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

from rules.facts import AccountFacts
from rules.wording import Language


class Severity(StrEnum):
    """How bad a finding is; the order of definition is from bad to mild."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def milder(self) -> Severity:
        """The next severity down; LOW stays."""
        return _SEVERITIES[min(_SEVERITIES.index(self) + 1, len(_SEVERITIES) - 1)]

    @property
    def worse(self) -> Severity:
        """The next severity up; CRITICAL stays."""
        return _SEVERITIES[max(_SEVERITIES.index(self) - 1, 0)]


_SEVERITIES = tuple(Severity)


class Route(StrEnum):
    """To whom a finding goes."""

    OWNER = "owner"
    MANAGER = "manager"
    SPONSOR = "sponsor"  # the account's sponsor among our executives
    SUCCESSOR = "successor"
    QUEUE = "queue"  # a queue of the CRM, else the person who stands for one
    REPORT = "report"  # fields and report only, never a task


class Params(BaseModel):
    """What every rule can be told in its `[rules.<id>]` table.

    `by_tier` are a rule's own defaults for a tier; what the config says for the rule or the tier wins over them.
    """

    by_tier: ClassVar[Mapping[str, Mapping[str, Any]]] = MappingProxyType({})

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    severity: Severity
    route: Route

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        # Pydantic would read true as 1, which in a table of thresholds is a slip.
        if isinstance(value, bool) and info.field_name and cls.model_fields[info.field_name].annotation is not bool:
            raise ValueError("must not be true or false")
        return value


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What `Raised` says: stable text for a task. Numbers in it carry their day, so that it need not change daily.

    `headline` fits into a subject with others (at most 50 characters), `why` is one sentence with people, numbers and
    dates, `clears_when` and `first_step` one sentence each, `figures` the shortest form for the findings field. A rule
    says them with `rules.wording.say`, so that they are English and can be told in another language.
    """

    headline: str
    why: str
    clears_when: str
    first_step: str
    figures: str
    contact_id: str | None = None  # the contact that the finding is about

    def in_language(self, language: Language) -> Finding:
        """Return it with every text as a plain string of a language."""
        return replace(self, **{part: language.told(getattr(self, part)) for part in TEXTS})


#: The parts of a finding that are read.
TEXTS = ("headline", "why", "clears_when", "first_step", "figures")


@dataclass(frozen=True, kw_only=True, slots=True)
class Raised:
    severity: Severity
    finding: Finding
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Clear:
    message: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown:
    """Cannot be judged, and why. Never a task."""

    reason: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """The rule does not speak of this account, and why (not a customer, not key, excluded)."""

    reason: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


Verdict = Raised | Clear | Unknown | NotApplicable


class Check(Protocol):
    def __call__(self, facts: AccountFacts, params: Any, /) -> Verdict: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One rule: `id` is the file's name with hyphens; `needs` names the record kinds whose pull must be whole.

    Where a rule of `unless` is raised, this one is clear: the other says it better. `switched_on_by` is the path of
    a config key (`people.executives`) without which the rule cannot work: it is on exactly when the key has a value.
    `looks_back_days` is how far it looks back by itself, beside what its parameters say.
    `hears` names what the CRM must tell (`AccountFacts.untold`): without it silence proves nothing, and the verdict is
    Unknown.
    """

    id: str
    params: type[Params]
    check: Check
    needs: frozenset[str]
    weight: int  # share of the risk score, domain.md 4.15
    manual: str  # the docstring of the file
    hears: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    switched_on_by: str = ""
    looks_back_days: int = 0


def rule(
    *,
    params: type[Params],
    needs: frozenset[str],
    weight: int = 0,
    hears: frozenset[str] = frozenset(),
    unless: frozenset[str] = frozenset(),
    switched_on_by: str = "",
) -> Callable[[Check], Rule]:
    """Turn a check into a Rule, named after the file that holds it. Nothing is registered: see `discover`."""

    def make(check: Check) -> Rule:
        module = sys.modules[check.__module__]
        name = module.__name__.rpartition(".")[2].replace("_", "-")
        return Rule(
            id=name,
            params=params,
            check=check,
            needs=needs,
            weight=weight,
            manual=module.__doc__ or "",
            hears=hears,
            unless=unless,
            switched_on_by=switched_on_by,
        )

    return make


def discover(package: str = "rules.catalog") -> Mapping[str, Rule]:
    """Return the rules of a package by id, in the order of their ids: exactly one for each file.

    Raises LookupError where a file holds no Rule of its own or more than one.
    """
    found: dict[str, Rule] = {}
    path = importlib.import_module(package).__path__
    for name in sorted(module.name for module in pkgutil.iter_modules(path)):
        module = importlib.import_module(f"{package}.{name}")
        own = [one for one in vars(module).values() if isinstance(one, Rule) and one.id == name.replace("_", "-")]
        if len(own) != 1:
            raise LookupError(f"{module.__name__}: one rule per file, found {len(own)}")
        found[own[0].id] = own[0]
    return MappingProxyType(found)
