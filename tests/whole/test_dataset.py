"""Real rhythms of contact through either CRM's dialect, against an independent computation over the CSV files."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import SHARED
from tests.whole.rehearsal import Rehearsal, rehearsal

FOLDER = SHARED / "data" / "w3c-touches"
BERLIN = ZoneInfo("Europe/Berlin")
QUARTERS = [
    date(year, month, day)
    for year in range(2022, 2027)
    for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))
    if date(year, month, day) <= date(2026, 9, 30)
]
# min_touch_days, top_share, second_share, tenure_days
SETTINGS = [(8, 0.8, 0.1, 730), (4, 0.8, 0.1, 180), (3, 0.8, 0.1, 0)]
CRMS = ("salesforce", "hubspot")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not FOLDER.exists(), reason="the reference data (../shared/data/w3c-touches) is not here"),
]


@dataclass(frozen=True)
class Mail:
    at: datetime
    day: date
    user: str
    contact: str
    inbound: bool


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def mails_by_account() -> dict[str, list[Mail]]:
    mails: dict[str, list[Mail]] = {row["id"]: [] for row in rows("accounts")}
    for row in rows("touches"):
        at = datetime.fromisoformat(row["at"]).astimezone(UTC)
        mail = Mail(at, at.astimezone(BERLIN).date(), row["users"], row["contacts"], row["direction"] == "inbound")
        mails[row["account"]].append(mail)
    return mails


def expected(mails: list[Mail], today: date, setting: tuple[int, float, float, int]) -> tuple[int, Any, Any, str]:
    """person_days, top_share, tenure_days and the verdict, straight from facts/domain.md 0a."""
    min_days, top_share, second_share, tenure_days = setting
    known = sorted((mail for mail in mails if mail.day <= today), key=lambda mail: mail.at)
    person_days = {
        (mail.user, mail.day)
        for mail in known
        if mail.day > today - timedelta(days=365)
        and any(
            (other.user, other.contact) == (mail.user, mail.contact)
            and other.inbound != mail.inbound
            and abs(other.at - mail.at) <= timedelta(hours=30 * 24)
            for other in known
        )
    }
    if not person_days:
        return 0, None, None, "unknown"
    counts: dict[str, int] = defaultdict(int)
    for user, _ in person_days:
        counts[user] += 1
    # Ties: the longer tenure, then the e-mail address, which is the id with a domain behind it.
    ranked = sorted(counts, key=lambda user: (-counts[user], -tenure(known, user, today), user))
    shares = [counts[user] / len(person_days) for user in ranked]
    held = tenure(known, ranked[0], today)
    if len(person_days) < min_days:
        verdict = "unknown"
    elif shares[0] >= top_share and all(share < second_share for share in shares[1:]) and held >= tenure_days:
        verdict = "raised"
    else:
        verdict = "clear"
    return len(person_days), shares[0], held, verdict


def tenure(known: list[Mail], user: str, today: date) -> int:
    """Days since the first touch of the last run without a gap of more than 270 days."""
    days = sorted({mail.day for mail in known if mail.user == user})
    start = days[-1]
    for day in reversed(days[:-1]):
        if (start - day).days > 270:
            break
        start = day
    return (today - start).days


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    with rehearsal(tmp_path_factory.mktemp("dataset"), dataset=FOLDER, rate_limits=False) as running:
        running.set(HOLDFAST__CUSTOMERS__KEY="all", HOLDFAST__RULES__SOLE_REP__EVIDENCE_DAYS="0")
        running.holdfast("run")
        yield running


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_every_account_and_quarter_equals_the_independent_computation(
    stage: Rehearsal, setting: tuple[int, float, float, int]
) -> None:
    names = ("MIN_TOUCH_DAYS", "TOP_SHARE", "SECOND_SHARE", "TENURE_DAYS")
    stage.set(**{f"HOLDFAST__RULES__SOLE_REP__{name}": str(value) for name, value in zip(names, setting, strict=True)})
    mails = mails_by_account()
    ids = {(crm, dataset_id): stage.get("ids", crm=crm, of=dataset_id) for crm in CRMS for dataset_id in mails}
    seen: set[str] = set()
    for today in QUARTERS:
        verdicts = stage.verdicts("--as-of", today.isoformat())
        assert len([rule for *_, rule in verdicts if rule == "sole-rep"]) == len(CRMS) * len(mails)
        for dataset_id, some in mails.items():
            wanted = expected(some, today, setting)
            seen.add(wanted[3])
            for crm in CRMS:
                (crm_id,) = ids[crm, dataset_id]["ids"]
                one = verdicts[crm, crm_id, "sole-rep"]
                numbers = one["numbers"]
                got = (numbers["person_days"], numbers["top_share"], numbers["tenure_days"], one["verdict"])
                assert got == wanted, (crm, dataset_id, today)
                assert verdicts[crm, crm_id, "exec-reach-lapse"]["verdict"] == "unknown"
    assert seen == {"raised", "clear", "unknown"}


def test_executive_rules_lead_to_no_task_where_no_title_is_known(stage: Rehearsal) -> None:
    changes = stage.json("plan")["changes"]
    assert not [one for one in changes if "exec-reach-lapse" in one["rules"]]
