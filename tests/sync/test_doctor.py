"""The doctor's preconditions that need no CRM."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from connectors.diagnosis import State, refused, trying
from connectors.errors import AuthError
from connectors.protocol import Step
from rules.facts import Standing
from rules.model import Account, User
from rules.rulebook import Rulebook
from sync.config import Config
from sync.doctor import (
    budget_lines,
    clock,
    config_lines,
    cycle_lines,
    field_lines,
    named_lines,
    people_lines,
    store_lines,
)
from sync.errors import StoreError
from sync.evidence import Picture, revenue_lines
from sync.store.condition import try_store
from sync.store.cycles import newest
from sync.store.engine import open_engine
from sync.store.evidence import Evidence

RULEBOOK = Rulebook(rules={}, by_tier={})


@dataclass
class Crm:
    """A connector as far as the doctor asks it."""

    ahead: timedelta = timedelta()
    api_left: int | None = None
    steps: tuple[Step, ...] = ()
    name: str = "acme"

    def server_now(self) -> datetime:
        return (datetime.now(UTC) + self.ahead).replace(microsecond=0)

    def provision(self, *, dry_run: bool) -> Any:
        assert dry_run
        return iter(self.steps)


def picture(*accounts: Account, users: tuple[User, ...] = (), tier: str = "A") -> Picture:
    return Picture(
        users={user.id: user for user in users},
        accounts={account.id: account for account in accounts},
        standings={account.id: Standing(customer=True, key=True, tier=tier) for account in accounts},
        untold={},
        evidence=Evidence(days=90, kinds={}, by_user={}, titles=()),
    )


@pytest.mark.parametrize(
    ("ahead", "state", "said"),
    [(0, State.OK, "agrees"), (20, State.OK, "agrees"), (120, State.WARN, "behind"), (-120, State.WARN, "ahead of")],
)
def test_a_clock_that_is_off_by_minutes_is_told(ahead: int, state: State, said: str) -> None:
    _, lines = clock(Crm(ahead=timedelta(seconds=ahead)), compared=True)  # type: ignore[arg-type]
    assert (lines[-1].state, said in lines[-1].what) == (state, True)


def test_a_rehearsal_does_not_compare_clocks() -> None:
    _, lines = clock(Crm(ahead=timedelta(days=300)), compared=False)  # type: ignore[arg-type]
    assert all(line.state is State.OK for line in lines)


def test_fields_that_are_missing_warn_in_preview_and_fail_live() -> None:
    steps = (Step(name="risk", state="would make"), Step(name="access to risk", state="would make"))
    for live, state in ((False, State.WARN), (True, State.FAIL)):
        (line,) = field_lines(Crm(steps=steps), live=live)  # type: ignore[arg-type]
        assert line.state is state
        assert line.what == "missing: risk"
        assert "holdfast provision --connection acme" in line.remedy


def test_what_only_a_person_can_mend_comes_with_its_clicks() -> None:
    (line,) = field_lines(Crm(steps=(Step(name="key", state="wrong", told="Setup, ..."),)), live=False)  # type: ignore[arg-type]
    assert (line.what, line.remedy) == ("key: is wrong", "Setup, ...")


@pytest.mark.parametrize(("left", "state"), [(None, State.OK), (999, State.WARN), (1000, State.OK)])
def test_few_calls_left_are_told(left: int | None, state: State) -> None:
    (line,) = budget_lines(Crm(api_left=left))  # type: ignore[arg-type]
    assert line.state is state


def test_an_error_becomes_a_line_with_its_remedy() -> None:
    line = refused(AuthError("acme: refused; look here; and there"))
    assert (line.state, line.what, line.remedy) == (State.FAIL, "acme: refused", "look here; and there")

    def broken() -> Any:
        yield line
        raise AuthError("acme: gone; come back")

    assert [one.what for one in trying(broken)] == ["acme: refused", "acme: gone"]


def test_a_secret_that_others_can_read_is_told(tmp_path: Path) -> None:
    path, secret = tmp_path / "config.toml", tmp_path / "token"
    path.write_text('[connections.a]\nkind = "hubspot"\naccess_token_file = "token"\n')
    secret.write_text("x")
    config = Config.model_validate({"connections": {"a": {"kind": "hubspot", "access_token": "x"}}})
    secret.chmod(0o644)
    assert [line.state for line in config_lines(path, config, RULEBOOK)] == [State.OK, State.WARN]
    secret.chmod(0o600)
    assert [line.state for line in config_lines(path, config, RULEBOOK)] == [State.OK]


def test_a_config_without_a_connection_fails(tmp_path: Path) -> None:
    assert [line.state for line in config_lines(tmp_path / "config.toml", Config(), RULEBOOK)] == [State.FAIL]


def test_the_store_is_written_to_and_nothing_stays(engine: Engine) -> None:
    assert try_store(engine).engine in ("SQLite", "PostgreSQL")
    assert newest(engine, "") == 0
    assert next(line.state for line in store_lines(engine)) is State.OK


def test_a_store_that_takes_no_writes_is_an_error(tmp_path: Path) -> None:
    open_engine(f"sqlite:///{tmp_path / 'store.db'}").dispose()
    # Not by the mode of the file, which root may write nevertheless.
    with pytest.raises(StoreError):
        try_store(open_engine(f"sqlite:///file:{tmp_path / 'store.db'}?mode=ro&uri=true"))


def test_streams_that_never_came_and_records_set_aside_are_told() -> None:
    last = {"error": "acme: no; try again"}
    cursors = [
        {"stream": "tasks", "complete_at": None, "set_aside": {}},
        {"stream": "users", "complete_at": datetime.now(UTC), "set_aside": {"no id": 3}},
    ]
    lines = list(cycle_lines(last, cursors))
    assert [line.state for line in lines] == [State.WARN] * 3
    assert lines[0].remedy == "try again"
    assert "tasks" in lines[1].what
    assert "3 records were set aside: no id" in lines[2].what
    assert [line.state for line in cycle_lines(None, [])] == [State.OK]


def test_accounts_that_are_judged_in_another_connection_are_no_failure() -> None:
    acme = Account(id="1", name="Acme")
    nobody = Standing(customer=False, key=False, tier="C")
    seen = replace(picture(acme), standings={"1": nobody}, elsewhere=1)
    (line,) = revenue_lines(seen, "top-share")
    assert (line.state, line.what) == (State.OK, "1 of 1 accounts are judged in another connection")
    (line,) = revenue_lines(replace(seen, elsewhere=0), "top-share")
    assert (line.state, line.what) == (State.FAIL, "none of 1 accounts is a customer")


def test_addresses_that_are_nobodys_are_told_once_users_are_known() -> None:
    config = Config.model_validate({"people": {"executives": ["boss@seller.example"], "ignore": ["no@seller.example"]}})
    assert list(people_lines(config, {})) == []
    known = picture(users=(User(id="u", name="Boss", email="boss@seller.example"),))
    (line,) = people_lines(config, {"acme": known})
    assert "[people] ignore: no user has the address no@seller.example" in line.what


def test_names_that_match_nothing_are_told_when_all_connections_are_known() -> None:
    config = Config.model_validate(
        {
            "connections": {"acme": {"kind": "hubspot", "access_token": "x"}},
            "waivers": [{"account": "Amce", "rule": "sole-rep", "reason": "slip"}],
            "rules": {"sole-rep": {"tier": {"gold": {"min_touch_days": 9}}}},
        }
    )
    now = datetime(2026, 11, 2, tzinfo=UTC)
    assert list(named_lines(config, {}, now)) == []
    told = [line.what for line in named_lines(config, {"acme": picture(Account(id="a", name="Acme"))}, now)]
    assert [one.partition(":")[0] for one in told] == ["waivers.0.account", "rules.sole-rep.tier.gold"]
    golden = picture(Account(id="a", name="Amce"), tier="gold")
    assert list(named_lines(config, {"acme": golden}, now)) == []
