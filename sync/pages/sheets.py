"""The CSV files beside the tables: which columns each has, and how a value is got from a row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from sync.cases import End
from sync.pages.line import Line

Columns = Mapping[str, Callable[[Any], Any]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """One CSV file: columns by name, and what its rows are made from."""

    columns: Columns
    rows: Sequence[Any]

    @property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(self.columns)

    def values(self) -> Iterable[list[Any]]:
        """Yield the cells of each row."""
        return ([get(row) for get in self.columns.values()] for row in self.rows)


def _columns(**getters: str | Callable[[Any], Any]) -> Columns:
    """Return columns whose values are attributes of the row, by path, or what a function makes of it."""
    named = {name: attrgetter(get) if isinstance(get, str) else get for name, get in getters.items()}
    return MappingProxyType(named)


ACCOUNTS = _columns(
    account="name",
    account_id="account_id",
    tier="tier",
    revenue="revenue",
    owner="owner",
    risk="score",
    level="level",
    coverage="label",
    coverage_target="target",
    short_of_ours=lambda line: line.short_of[0] if line.target else None,
    short_of_theirs=lambda line: line.short_of[1] if line.target else None,
    person_days="person_days",
    top_share="top_share",
    exec_last_held_on="check_in.last_held_on",
    exec_due_on="check_in.due_on",
    worst="worst",
    raised=lambda line: " ".join(one.rule for one in line.found),
    unknown=lambda line: " ".join(line.unknown),
)

# Rows are (line, finding).
FINDINGS = _columns(
    account=lambda row: row[0].name,
    account_id=lambda row: row[0].account_id,
    rule=lambda row: row[1].rule,
    severity=lambda row: row[1].severity,
    why=lambda row: row[1].why,
    first_step=lambda row: row[1].first_step,
    doing=lambda row: row[1].doing,
)

# Rows are (line, reach).
COVERAGE = _columns(
    account=lambda row: row[0].name,
    account_id=lambda row: row[0].account_id,
    revenue=lambda row: row[0].revenue,
    ours=lambda row: row[1].name,
    person_days=lambda row: row[1].person_days,
    strength=lambda row: row[1].strength,
    meets_executive=lambda row: row[1].executive,
)

# Rows are (line, peer).
PEERS = _columns(
    account=lambda row: row[0].name,
    account_id=lambda row: row[0].account_id,
    function=lambda row: str(row[1].function),
    link=lambda row: str(row[1].link),
    theirs=lambda row: "; ".join(row[1].theirs),
    ours=lambda row: "; ".join(row[1].ours),
    last_on=lambda row: row[1].last_on,
)

CHANGES = _columns(account="line.name", account_id="line.account_id", kind="kind", what="what", on="on")
UNJUDGED = _columns(rule="rule", reason="reason", accounts="accounts", remedy="how")
QUEUE = _columns(person="name", open="open", new="new", waiting="waiting")
HELD = _columns(
    account="account",
    account_id="account_id",
    rules=lambda held: " ".join(held.rules),
    person="person",
    reason="reason",
)

EXPOSED = _columns(
    person="name",
    exposed_accounts=lambda one: one.accounts[0],
    weakened_accounts=lambda one: one.accounts[1],
    safe_accounts=lambda one: one.accounts[2],
    exposed_revenue=lambda one: one.revenue[0],
    weakened_revenue=lambda one: one.revenue[1],
    safe_revenue=lambda one: one.revenue[2],
    contacts_with_no_other_link="orphans",
    accounts_without_revenue="without_revenue",
)

SPREAD = _columns(
    account="line.name",
    account_id="line.account_id",
    revenue="line.revenue",
    person_days="line.person_days",
    share_of_revenue="revenue_share",
    share_of_contact="days_share",
)

TREND = _columns(
    day="day",
    key_accounts="accounts",
    on_one_person="single",
    executive_met_in_half_a_year="met",
    our_people_median="ours",
    their_people_median="theirs",
    mean_risk="risk",
    open_tasks="open_tasks",
    tasks_closed_by_us="cleared",
    tasks_completed="done",
)

# What became of the findings that a rule told, wherever a row has a `record`.
_RECORD = _columns(
    told="record.told",
    done=lambda one: one.record.ends[End.DONE],
    dismissed=lambda one: one.record.ends[End.DISMISSED],
    cleared=lambda one: one.record.ends[End.CLEARED],
    withdrawn=lambda one: one.record.ends[End.WITHDRAWN],
    open=lambda one: one.record.ends[End.OPEN],
    put_off="record.put_off",
    answered_helpful=lambda one: one.record.answers["helpful"],
    answered_wrong=lambda one: one.record.answers["wrong"],
    answered_already_handled=lambda one: one.record.answers["already handled"],
    settled="record.unwanted.of",
    unwanted="record.unwanted.some",
    cleared_in_90_days="record.cleared.some",
    cleared_of="record.cleared.of",
    more_in_touch_in_90_days="record.wider.some",
    more_in_touch_of="record.wider.of",
    executive_met_in_90_days="record.executive_met.some",
    executive_met_of="record.executive_met.of",
)

QUALITY = {
    **_columns(
        rule="rule",
        raised="raised",
        clear="clear",
        unknown="unknown",
        base_rate="base_rate",
        ever_raised="ever",
        ended="ended",
        advice="advice",
    ),
    **_RECORD,
}

QUALITY_MONTHS = {**_columns(rule="rule", month=lambda one: f"{one.month:%Y-%m}"), **_RECORD}


def check_ins(calendar: Sequence[date]) -> Columns:
    """Return the columns of the executive check-ins, one for each month of the calendar at their end."""
    by_month = {f"{month:%Y-%m}": _marks_of(number) for number, month in enumerate(calendar)}
    return {
        **_columns(
            account="name",
            account_id="account_id",
            revenue="revenue",
            owner="owner",
            state="check_in.state",
            executive="check_in.executive",
            last_held_on="check_in.last_held_on",
            due_on="check_in.due_on",
            attempts="check_in.attempts",
            booked_on="check_in.booked_on",
            why_unknown="check_in.why",
        ),
        **by_month,
    }


def _marks_of(number: int) -> Callable[[Line], str]:
    def told(line: Line) -> str:
        return " ".join(sorted(line.check_in.marks[number])) if line.check_in.marks else ""

    return told
