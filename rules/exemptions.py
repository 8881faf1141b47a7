"""Exceptions that people make for one account: exclusions and waivers, each with its reason and its last day.

An account is named as people write it into the config: by its id, its domain or its name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from rules.model import Account
from rules.problems import Problem, RuleId
from rules.wording import day_text, say


def _day(value: Any) -> date:
    # A datetime is a date to Python, but an hour here would promise more than is kept.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    with suppress(ValueError):
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return date.fromisoformat(value)
    raise ValueError(f"must be a day such as 2027-01-31 (is {value})")


Day = Annotated[date, BeforeValidator(_day)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Exemption(BaseModel):
    """One account that something does not hold for, and why; `until` is the last day, None for one without end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Text
    reason: Text
    until: Day | None = None

    def holds(self, today: date) -> bool:
        return self.until is None or today <= self.until

    def told(self, what: str, why: str = "") -> str:
        """Return `waived until 31 Jan 2027: reason` for `waived`; `why` instead of the config's reason."""
        end = say("until {day}", day=day_text(self.until)) if self.until else say("without end")
        return say("{what} {end}: {reason}", what=what, end=end, reason=why or self.reason)


class Waiver(Exemption):
    """One `[[waivers]]` table: a rule that does not speak of an account."""

    rule: RuleId


_Some = TypeVar("_Some", bound=Exemption)


def applying(exemptions: Iterable[_Some], accounts: Iterable[Account], today: date) -> Iterator[tuple[str, _Some]]:
    """Yield (account id, exemption) for those that hold today, in their order.

    One that names no account or several is left out: nothing is hidden by a slip (`unmatched` tells of it).
    """
    current = [one for one in exemptions if one.holds(today)]
    ids = named((one.account for one in current), accounts)
    for one in current:
        if len(ids[one.account]) == 1:
            yield ids[one.account][0], one


def waived(waivers: Iterable[Waiver], accounts: Iterable[Account], today: date) -> dict[str, dict[str, str]]:
    """Return why a rule is waived as of a day, by account id and rule id; the first of two waivers is told."""
    found: dict[str, dict[str, str]] = {}
    for account_id, waiver in applying(waivers, accounts, today):
        found.setdefault(account_id, {}).setdefault(waiver.rule, waiver.told(say("waived")))
    return found


def named(texts: Iterable[str], accounts: Iterable[Account]) -> dict[str, tuple[str, ...]]:
    """Return the ids of the accounts that each text names: by id, else by domain, else by name.

    Letter case and spacing count only in ids. Keeps nothing of accounts that no text names.
    """
    wanted = {text: _plain(text) for text in texts}
    plain = set(wanted.values())
    by_id: set[str] = set()
    by_domain: dict[str, list[str]] = defaultdict(list)
    by_name: dict[str, list[str]] = defaultdict(list)
    for account in accounts if wanted else ():
        if account.id in wanted:
            by_id.add(account.id)
        for name, found in ((_plain(account.domain), by_domain), (_plain(account.name), by_name)):
            if name in plain:
                found[name].append(account.id)
    return {
        text: (text,) if text in by_id else tuple(sorted(by_domain[same] or by_name[same]))
        for text, same in wanted.items()
    }


def unmatched(texts: Mapping[str, str], connections: Iterable[Iterable[Account]]) -> list[Problem]:
    """Return one line for each text, by key path, that names no account in any connection, or several in one."""
    found = [named(texts.values(), accounts) for accounts in connections]
    problems = []
    for path, text in texts.items():
        most = max((ids[text] for ids in found), key=len, default=())
        if not most:
            problems.append((path, f'no account has this id, domain or name (is "{text}"); nothing follows from it'))
        elif len(most) > 1:
            some = ", ".join(most[:3]) + (", ..." if len(most) > 3 else "")
            problems.append((path, f'"{text}" names {len(most)} accounts ({some}); write the id of the one meant'))
    return problems


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
