"""The `[rules.*]` tables as checked parameters for every rule and tier, and all verdicts of one account."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from rules.customers import tier_name
from rules.facts import AccountFacts
from rules.problems import Problem, problems, unknown
from rules.rule import Clear, NotApplicable, Params, Raised, Rule, Unknown, Verdict, discover
from rules.wording import say

if TYPE_CHECKING:
    from rules.custom.table import CustomRule

#: Tiers whose findings are one step milder, unless the tier's own table names a severity.
MILDER_TIERS = frozenset({"B", "C"})

_ALWAYS_READ = frozenset({"users", "accounts", "contacts", "deals", "activity", "tasks"})
_JUDGED = (Raised, Clear)  # not `Raised | Clear`, which would be made anew for each of a million verdicts
_DEFAULT = ""  # the tier name under which a rule's own parameters stand


@dataclass(frozen=True, kw_only=True, slots=True)
class Rulebook:
    """The rules that are switched on for at least one tier, each with its parameters by tier name.

    `own_severity` names the (rule id, tier) whose table states a severity. `off` holds the rules that are switched off
    and could be on, with the parameters that they would have.
    """

    rules: Mapping[str, Rule]
    by_tier: Mapping[str, Mapping[str, Params]]
    own_severity: frozenset[tuple[str, str]] = frozenset()
    off: Rulebook | None = None

    @property
    def needs(self) -> frozenset[str]:
        """The record kinds that some rule needs."""
        return frozenset(kind for rule in self.rules.values() for kind in rule.needs)

    def params(self, rule_id: str, tier: str) -> Params:
        """Return the parameters of a rule for accounts of a tier."""
        by_tier = self.by_tier[rule_id]
        return by_tier.get(tier_name(tier), by_tier[_DEFAULT])

    def asking(self, rule_ids: Collection[str]) -> Rulebook:
        """Return a rulebook of these rules alone, on for every tier, whether they are on here or not.

        Left out is what is no rule, what lacks the config key that would switch it on, and what needs records that are
        read only where a rule that is on needs them, and so were not.
        """
        read = self.needs | _ALWAYS_READ
        books = [book for book in (self.off, self) if book]
        rules = {
            rule_id: rule
            for book in books
            for rule_id, rule in book.rules.items()
            if rule_id in rule_ids and rule.needs <= read
        }
        by_tier = {
            rule_id: {tier: params.model_copy(update={"enabled": True}) for tier, params in by_tier.items()}
            for book in books
            for rule_id, by_tier in book.by_tier.items()
            if rule_id in rules
        }
        return Rulebook(rules=rules, by_tier=by_tier, own_severity=self.own_severity)

    def judge(self, facts: AccountFacts) -> dict[str, Verdict]:
        """Return the verdict of every rule on one account, by rule id."""
        if outside := _outside(facts):
            return dict.fromkeys(self.rules, outside)
        tier = tier_name(facts.standing.tier)
        verdicts = {rule_id: self._verdict(rule, facts, tier) for rule_id, rule in self.rules.items()}
        return {
            rule_id: self._yielding(rule_id, verdicts) if rule.unless else verdicts[rule_id]
            for rule_id, rule in self.rules.items()
        }

    def _yielding(self, rule_id: str, verdicts: Mapping[str, Verdict]) -> Verdict:
        """Return the rule's verdict; clear where one that says it better is raised."""
        verdict = verdicts[rule_id]
        better = [one for one in sorted(self.rules[rule_id].unless) if isinstance(verdicts.get(one), Raised)]
        if better and isinstance(verdict, Raised):
            return Clear(message=say("told as {rule}", rule=better[0]), numbers=verdict.numbers)
        return verdict

    def _verdict(self, rule: Rule, facts: AccountFacts, tier: str) -> Verdict:
        params = self.params(rule.id, tier)
        if not params.enabled:
            return NotApplicable(reason=say("switched off for tier {tier}", tier=tier))
        if waived := facts.waived.get(rule.id):
            return NotApplicable(reason=waived)
        verdict = rule.check(facts, params)
        if facts.untold and isinstance(verdict, _JUDGED) and (untold := sorted(rule.hears & facts.untold.keys())):
            return Unknown(reason=facts.untold[untold[0]], numbers=verdict.numbers)
        if isinstance(verdict, Raised) and tier in MILDER_TIERS and (rule.id, tier) not in self.own_severity:
            return replace(verdict, severity=verdict.severity.milder)
        return verdict


def read_rulebook(
    tables: Mapping[str, Any], catalog: Mapping[str, Rule] | None = None, named: Collection[str] = ()
) -> tuple[Rulebook, list[Problem]]:
    """Return the rulebook of the config's `rules` tables, and everything that is wrong with them.

    A rule without a table has its defaults; the tables `custom` are rules of their own. `named` are the paths of the
    config's other keys that have a value: a rule that is switched on by one is on with it, and cannot be on without.
    The rulebook is for use only if there is no problem: a table with one is left out of it.
    """
    catalog = discover() if catalog is None else catalog
    known = [*catalog, "custom"]
    found: list[Problem] = [(f"rules.{name}", unknown("rule", name, catalog)) for name in tables if name not in known]
    custom, wrong = _read_custom(tables, catalog)
    found += wrong
    catalog = {**catalog, **{one.rule.id: one.rule for one in custom}}
    tables = {**tables, **{one.rule.id: one.params for one in custom}}
    paths = {one.rule.id: one.path for one in custom}
    params: dict[str, Mapping[str, Params]] = {}
    off: dict[str, Mapping[str, Params]] = {}
    explicit: set[tuple[str, str]] = set()
    for rule in catalog.values():
        path = paths.get(rule.id, f"rules.{rule.id}")
        by_tier, severities, wrong = _read_rule(rule, _switched(rule, tables.get(rule.id, {}), named), path)
        found += wrong
        if rule.switched_on_by and rule.switched_on_by not in named and any(one.enabled for one in by_tier.values()):
            found.append((f"rules.{rule.id}.enabled", f"needs {rule.switched_on_by}, which has no value; set it"))
        explicit |= {(rule.id, tier) for tier in severities}
        if any(one.enabled for one in by_tier.values()):
            params[rule.id] = MappingProxyType(by_tier)
        elif by_tier and (not rule.switched_on_by or rule.switched_on_by in named):
            off[rule.id] = MappingProxyType(by_tier)
    on_and_off = [
        Rulebook(
            rules=MappingProxyType({rule.id: rule for rule in catalog.values() if rule.id in some}),
            by_tier=MappingProxyType(some),
            own_severity=frozenset(explicit),
        )
        for some in (params, off)
    ]
    return replace(on_and_off[0], off=on_and_off[1]), found


def unused_tiers(paths: Mapping[str, str], in_use: Collection[str] = ()) -> list[Problem]:
    """Return one line for each tier, by key path, that no account has: A, B and C by revenue, `in_use` by a field."""
    known = {"A", "B", "C", *map(tier_name, in_use)} - {""}
    remedy = f"there are {', '.join(sorted(known))}; [connections.NAME.map] tier names a field with your own"
    return [
        (path, f"no account has this tier: {remedy}") for path, tier in paths.items() if tier_name(tier) not in known
    ]


def _switched(rule: Rule, table: Any, named: Collection[str]) -> Any:
    """Return the rule's table with its switch in it, where another key is that switch."""
    if not rule.switched_on_by or not isinstance(table, Mapping):
        return table
    return {"enabled": rule.switched_on_by in named, **table}


def _read_custom(tables: Mapping[str, Any], taken: Collection[str]) -> tuple[list[CustomRule], list[Problem]]:
    if "custom" not in tables:
        return [], []
    from rules.custom.table import read_custom  # noqa: PLC0415 - a fifth of a second that only such rules need

    return read_custom(tables["custom"], taken)


def _read_rule(rule: Rule, table: Any, path: str) -> tuple[dict[str, Params], set[str], list[Problem]]:
    """Return a rule's parameters by tier, the tiers that name a severity, and the problems; `path` is the table's."""
    if not isinstance(table, Mapping):
        return {}, set(), [(path, "must be a table")]
    own = {key: value for key, value in table.items() if key != "tier"}
    default, found = _checked(rule, own, path, {"tier"})
    tiers = table.get("tier", {})
    if not isinstance(tiers, Mapping):
        return {}, set(), [*found, (f"{path}.tier", "must be a table of tables, one per tier")]
    by_tier = {_DEFAULT: default} if default else {}
    named: set[str] = set()
    for tier, ours in rule.params.by_tier.items():
        merged, _ = _checked(rule, {**ours, **own}, path)
        if merged:
            by_tier[tier] = merged
    for written, overrides in tiers.items():
        tier, tier_path = tier_name(written), f"{path}.tier.{written}"
        if not isinstance(overrides, Mapping):
            found.append((tier_path, "must be a table"))
            continue
        merged, wrong = _checked(rule, {**rule.params.by_tier.get(tier, {}), **own, **overrides}, tier_path)
        # What the tier inherits has been told at the rule's own table.
        found += [(where, message) for where, message in wrong if where.removeprefix(f"{tier_path}.") in overrides]
        if merged and default:
            by_tier[tier] = merged
        if "severity" in overrides:
            named.add(tier)
    return by_tier, named, found


def _checked(
    rule: Rule, table: Mapping[str, Any], path: str, more_keys: set[str] | None = None
) -> tuple[Params | None, list[Problem]]:
    try:
        return rule.params.model_validate(dict(table)), []
    except ValidationError as error:
        return None, problems(error, path, rule.params.model_fields.keys() | (more_keys or set()))


def _outside(facts: AccountFacts) -> Verdict | None:
    """Return the verdict on an account that the rules do not speak of, None for one that they do."""
    if facts.standing.excluded:
        return NotApplicable(reason=facts.standing.excluded)
    if not facts.standing.customer:
        return NotApplicable(reason=say("not a customer"))
    if facts.standing.key is None:
        return Unknown(reason=say("no revenue is known, so nobody can say which customers are key"))
    return None if facts.standing.key else NotApplicable(reason=say("not key"))
