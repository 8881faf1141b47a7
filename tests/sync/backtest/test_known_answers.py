"""A history small enough to reckon by hand, through the store and the replay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import Engine

from connectors.protocol import Links, Page
from rules.facts import AccountFacts
from rules.rule import Clear, Finding, Params, Raised, Route, Rule, Severity, Unknown, Verdict
from rules.rulebook import Rulebook
from sync.backtest import trial
from sync.config import Config
from sync.cycle import Work
from sync.errors import ConfigError, HoldfastError
from sync.report.backtest import backtest_text
from sync.store.past import Past
from sync.store.records import save_page

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
MONTHS = [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]  # the last whose 180 days were over on 1 November
MONTHLY = [date(2025 + month // 12, month % 12 + 1, 25) for month in range(9, 16)]  # 25 October to 25 April
OUTCOME = "silent-180"

# Meetings by account, and what is to be reckoned of them (the 180 days end on 27 August, 27 September, 27 October):
HISTORY = {
    # Raised at all three (49 days without on 28 February), silent from 9 July on: caught, 131 days ahead.
    "fades": [date(2025, 12, 1), date(2026, 1, 10)],
    # Never raised, never silent.
    "steady": [*MONTHLY, *(date(2026, month, 25) for month in range(5, 11))],
    # Raised at all three, met again in May and September: one false alarm.
    "pauses": [date(2026, 1, 5), date(2026, 5, 20), date(2026, 9, 10)],
    # Met every month until 25 April, silent from 22 October on, which only the last window reaches: missed.
    "drops": MONTHLY,
    # Silent since November 2025: raised, but not at risk any more.
    "long gone": [date(2025, 6, 1)],
    # Nothing to judge by.
    "blank": [],
}


class _Days(Params):
    severity: Severity = Severity.HIGH
    route: Route = Route.OWNER
    days: int = 45


def _stale(facts: AccountFacts, params: _Days) -> Verdict:
    """Raised where the last touch is more than so many days ago."""
    if not facts.touches:
        return Unknown(reason="no touch in 999 days")
    days = (facts.today - facts.touches[-1].day).days
    if days <= params.days:
        return Clear(message=f"{days} days")
    said = dict.fromkeys(("headline", "why", "clears_when", "first_step", "figures"), f"{days} days")
    return Raised(severity=params.severity, finding=Finding(**said))


BOOK = Rulebook(
    rules={"stale": Rule(id="stale", params=_Days, check=_stale, needs=frozenset(), weight=0, manual="")},
    by_tier={"stale": {"": _Days()}},
)


def work(engine: Engine, times: int = 1, history: dict[str, list[date]] = HISTORY) -> Work:
    """The history, so many times over, entered on the day after."""
    ids = [(f"{name} {copy}", name) for name in history for copy in range(times)]
    met = [(one, day) for one, name in ids for day in history[name]]
    at = {pair: datetime(pair[1].year, pair[1].month, pair[1].day, 9, tzinfo=UTC) for pair in met}
    activities = [
        {"id": f"{one} {day}", "kind": "meeting", "outcome": "held", "at": when, "created_at": when + timedelta(days=1)}
        for (one, day), when in at.items()
    ]
    links = [
        {"activity_id": f"{one} {day}", "side": side, "kind": kind, "target": target}
        for one, day in met
        for side, kind, target in (("about", "account", one), ("ours", "user", "u1"))
    ]
    rows: dict[str, Any] = {
        "users": [{"id": "u1", "name": "Jana Roth"}],
        "accounts": [{"id": one, "name": one, "customer_type": True} for one, _ in ids],
        "activities": activities,
    }
    told = [Links(source="own", rows=links, replaced=[one["id"] for one in activities])]
    save_page(engine, "crm", "things", Page(rows=rows, links=told), cycle=1, now=NOW)
    config = Config.model_validate({"customers": {"key": "all"}})
    return Work(
        engine=engine, config=config, rulebook=BOOK, connector=cast("Any", SimpleNamespace(name="crm")), now=NOW
    )


def answered(one: Work, outcome: str = OUTCOME, months: int = 3, mapped: tuple[str, ...] = ()) -> dict[str, Any]:
    ground = trial.prepare(one, outcome, months, Past("crm"), mapped=mapped)
    return trial.told(trial.try_rules(ground, [BOOK]), ["stale"])


def test_every_figure_is_the_one_reckoned_by_hand(engine: Engine) -> None:
    told = answered(work(engine, times=15))
    assert told["month_ends"] == [one.isoformat() for one in MONTHS]
    assert told["accounts"] == 6 * 15
    # Four accounts are at risk at each of three month-ends; two outcomes came.
    assert (told["account_months_at_risk"], told["outcomes"]) == (12 * 15, 2 * 15)
    stale = told["rules"]["stale"]
    assert stale["accounts"] == {"judged": 5 * 15, "raised": 3 * 15, "unknown": 15}
    assert stale["account_months"] == {"raised": 9 * 15, "clear": 6 * 15, "unknown": 3 * 15}
    assert (stale["episodes"], stale["episodes_at_risk"]) == (3 * 15, 2 * 15)
    assert (stale["precision"]["some"], stale["precision"]["of"]) == (15, 30)
    assert [round(stale["precision"][name], 4) for name in ("low", "share", "high")] == [0.3315, 0.5, 0.6685]
    # Three of three windows of the one that fades, the last of the one that drops: 4 of 12.
    assert stale["base_rate"]["share"] == pytest.approx(1 / 3)
    assert stale["lift"] == pytest.approx(1.5)
    assert (stale["recall"]["some"], stale["recall"]["of"]) == (15, 30)
    assert stale["lead_days_median"] == (date(2026, 7, 9) - date(2026, 2, 28)).days == 131
    assert stale["alerts_per_account_year"] == pytest.approx(3 * 12 / 15)
    assert stale["not_evaluable"] == {"no touch in n days": 3 * 15}
    assert not stale["too_few"]


def test_below_fifteen_outcomes_there_are_only_examples(engine: Engine) -> None:
    told = answered(work(engine))
    stale = told["rules"]["stale"]
    assert stale["too_few"]
    assert [stale[name] for name in ("precision", "recall", "lift", "lead_days_median")] == [None] * 4
    assert {(one["kind"], one["account"]["id"], one["flagged_on"], one["outcome_on"]) for one in stale["examples"]} == {
        ("caught", "fades 0", "2026-02-28", "2026-07-09"),
        ("false alarm", "pauses 0", "2026-02-28", None),
        ("missed", "drops 0", None, "2026-10-22"),
    }
    text = backtest_text(told)
    assert "too few to judge: 2 outcomes of 15" in text
    assert "missed: drops 0, outcome on 2026-10-22" in text


def test_windows_that_are_not_over_and_months_before_the_first_entry_are_told(engine: Engine) -> None:
    told = answered(work(engine), months=12)
    assert told["left_out"]["window_not_over"][0] == "2026-05-31"
    assert told["left_out"]["nothing_known_yet"] == ["2025-05-31"]
    assert told["month_ends"][0] == "2025-06-30"
    text = backtest_text(told)
    assert "left out: 6 month-ends from 2026-05-31 on" in text
    assert "left out: 1 month-ends up to 2025-05-31" in text


def test_the_text_fits_and_names_what_bends_the_figures(engine: Engine) -> None:
    text = backtest_text(answered(work(engine, times=15)))
    assert text.isascii()
    assert max(map(len, text.splitlines())) < 100
    assert "stale 30/45 50 % (33-67) 33 % 1.5 50 % (33-67) 131 d 2.40" in " ".join(text.split())
    for bias in ("late entries", "today's values", "gone", "merged accounts", "e-mail", "treated accounts"):
        assert f"\n  {bias}: " in text


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("churned", "crm: --outcome churned: the store knows no won deal: pull deals, or choose --outcome silent-180"),
        ("lost-renewal", "--outcome lost-renewal: the store knows no lost deal"),
        ("field:left", "no key account has a day in [connections.crm.map.outcomes] left: it must be a date field"),
    ],
)
def test_an_outcome_without_its_inputs_is_one_line_with_the_remedy(engine: Engine, outcome: str, message: str) -> None:
    with pytest.raises(HoldfastError) as error:
        answered(work(engine), outcome, mapped=("left",))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("field:gone", "[connections.crm.map.outcomes] names no such field; known are left"),
        ("churn", "no such outcome; did you mean churned?"),
    ],
)
def test_an_outcome_that_nobody_defined_is_a_usage_error(engine: Engine, outcome: str, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        answered(work(engine), outcome, mapped=("left",))
    assert message in str(error.value)


def test_a_mapped_day_is_an_outcome(engine: Engine) -> None:
    one = work(engine)
    ids = {"fades 0": "2026-06-01", "steady 0": "2026-04-30", "drops 0": "2026-12-24"}
    rows = [
        {"id": account, "name": account, "customer_type": True, "outcomes": {"churned": on}}
        for account, on in ids.items()
    ]
    save_page(engine, "crm", "things", Page(rows={"accounts": rows}), cycle=2, now=NOW)
    for outcome in ("churned", "field:churned"):
        told = answered(one, outcome, mapped=("churned",))
        # Four more accounts stay at risk in all months, `steady` only until its day has come.
        assert (told["account_months_at_risk"], told["outcomes"]) == (5 * 3 + 2, 2)
        assert told["rules"]["stale"]["outcomes"] == {"all": 2, "caught": 1, "missed": 1, "unjudged": 0}


def test_a_period_without_data_is_one_line(engine: Engine) -> None:
    late = {"new": [date(2026, 9, 1)]}
    with pytest.raises(HoldfastError, match=r"nothing to replay: the last month-end .* 2026-04-30, and what the store"):
        answered(work(engine, history=late))
