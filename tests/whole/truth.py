"""The worker's verdicts of every rule beside what the sandbox planted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rules.rule import discover
from tests.whole.rehearsal import Rehearsal

CRMS = ("salesforce", "hubspot")

Key = tuple[str, str, str]  # CRM, account id, rule


def switch_on_every_rule(stage: Rehearsal) -> None:
    """Every rule of the catalog is on, also those that are off until chosen."""
    stage.set(**{f"HOLDFAST__RULES__{rule.replace('-', '_').upper()}__ENABLED": "true" for rule in discover()})


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A verdict that is not the planted one, with what was planted on the account and what the worker tested."""

    crm: str
    account: str
    rule: str
    planted: tuple[str, ...]
    expected: str
    got: str
    told: object


def expected_verdicts(stage: Rehearsal) -> dict[Key, str]:
    """The verdict of every rule on every account, from the sandbox."""
    return {
        (crm, account[f"{crm}_id"], rule): verdict
        for account in stage.get("truth")["accounts"]
        for rule, by_crm in account["expect"].items()
        for crm, verdict in by_crm.items()
    }


def differences(stage: Rehearsal) -> list[Difference]:
    """Where `evaluate --json` differs from the truth: a wrong verdict, one too many or a missing one."""
    expected, got = expected_verdicts(stage), stage.verdicts()
    planted = {
        (crm, account[f"{crm}_id"]): (account["name"], tuple(account["planted"]))
        for account in stage.get("truth")["accounts"]
        for crm in CRMS
    }
    found = []
    for key in sorted(expected.keys() | got.keys()):
        one = got.get(key, {})
        if expected.get(key) != one.get("verdict"):
            crm, account_id, rule = key
            name, situations = planted.get((crm, account_id), (account_id, ()))
            told = one.get("numbers"), one.get("reason")
            found.append(
                Difference(
                    crm=crm,
                    account=name,
                    rule=rule,
                    planted=situations,
                    expected=expected.get(key, "none"),
                    got=one.get("verdict", "none"),
                    told=told,
                )
            )
    return found


def seen(expected: dict[Key, str], crm: str, rule: str) -> Counter[str]:
    """How often each verdict is expected of a rule on a CRM."""
    return Counter(verdict for (name, _, of), verdict in expected.items() if (name, of) == (crm, rule))
