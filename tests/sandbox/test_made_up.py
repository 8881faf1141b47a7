"""The made-up company: its truth against a plain recount from the definitions, its shape, its repeatability."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.company import Company, SeedAccount, SeedTouch
from connectors.sandbox.executives import EXECUTIVE_IN_LITTLE
from connectors.sandbox.made_up import make_company, summary
from connectors.sandbox.situations import SOLE_REP
from connectors.sandbox.timeline import Days

CLOCK = datetime(2026, 11, 2, 6, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
SITUATIONS = 167  # with "not-key" and "no-customer"
C_TITLES = {
    "CEO", "Chief Executive Officer", "CFO", "Chief Financial Officer", "COO", "Chief Operating Officer",
    "Managing Director", "Geschäftsführer", "Geschäftsführerin", "Directeur général", "Director General",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The parameters of the two definitions."""

    window_days: int = 365
    min_person_days: int = 8
    top_share: float = 0.8
    second_share: float = 0.1
    tenure_days: int = 730
    gap_days: int = 270
    evidence_days: int = 90
    answer_hours: int = 720
    exec_days: int = 197


class Recount:
    """Verdicts worked out from the rows alone, slowly and plainly."""

    def __init__(
        self, company: Company, limits: Limits = Limits(), zone: ZoneInfo = BERLIN, clock: datetime = CLOCK
    ) -> None:
        self.company, self.limits, self.zone = company, limits, zone
        self.today = company.as_of or date.min
        self.touches: dict[str, list[SeedTouch]] = defaultdict(list)
        self.last_logged: dict[str, date] = {}
        for touch in company.touches:
            if touch.at > clock:
                assert touch.outcome == "scheduled"
                continue
            self.touches[touch.account].append(touch)
            for user in touch.users:
                self.last_logged[user] = max(self.day(touch), self.last_logged.get(user, date.min))
        self.email = {user.id: user.email for user in company.users}
        self.first_won: dict[str, date] = {}
        self.revenue: dict[str, float] = defaultdict(float)
        for deal in company.deals:
            if deal.won and deal.closed_on and deal.closed_on <= self.today:
                self.first_won[deal.account] = min(deal.closed_on, self.first_won.get(deal.account, date.max))
                if deal.closed_on > self.today - timedelta(days=365):
                    self.revenue[deal.account] += deal.amount or 0
        self.customers = [
            account.id for account in company.accounts if account.id in self.first_won or account.type == "Customer"
        ]
        ranked = sorted(self.customers, key=lambda account: -self.revenue[account])
        self.key = [a for a in ranked[: -(-3 * len(ranked) // 10)] if self.revenue[a] > 0]
        self.ranked = ranked

    def day(self, touch: SeedTouch) -> date:
        return touch.at.astimezone(self.zone).date()

    def two_way(self, account: str) -> list[tuple[SeedTouch, str, str]]:
        """(touch, user, contact) that count, e-mails only where the pair has an opposite within 30 x 24 hours."""
        mails: dict[tuple[str, str], list[SeedTouch]] = defaultdict(list)
        for touch in self.touches[account]:
            if touch.kind == "email":
                mails[touch.users[0], touch.contacts[0]].append(touch)
        found = []
        for touch in self.touches[account]:
            held = (touch.kind, touch.outcome) in {("meeting", "completed"), ("call", "connected")}
            for user in touch.users:
                for contact in touch.contacts:
                    answered = touch.kind == "email" and any(
                        other.direction != touch.direction
                        and abs(other.at - touch.at) <= timedelta(hours=self.limits.answer_hours)
                        for other in mails[user, contact]
                    )
                    if held or answered:
                        found.append((touch, user, contact))
        return found

    def sole_rep(self, account: SeedAccount) -> str:
        if account.id not in self.key:
            return "not_applicable"
        days: dict[str, set[date]] = defaultdict(set)
        for touch, user, _ in self.two_way(account.id):
            if 0 <= (self.today - self.day(touch)).days < self.limits.window_days:
                days[user].add(self.day(touch))
        total = sum(len(seen) for seen in days.values())
        silent = [
            user
            for user in {account.owner, *days}
            if (self.today - self.last_logged.get(user, date.min)).days >= self.limits.evidence_days
        ]
        if silent or total < self.limits.min_person_days:
            return "unknown"
        top = max(days, key=lambda user: (len(days[user]), self.tenure(account, user), self.email[user]))
        alone = all(len(seen) / total < self.limits.second_share for user, seen in days.items() if user != top)
        sole = alone and len(days[top]) / total >= self.limits.top_share
        return "raised" if sole and self.tenure(account, top) >= self.limits.tenure_days else "clear"

    def tenure(self, account: SeedAccount, user: str, *, attempts: bool = True) -> int:
        held = {id(touch) for touch, _, _ in self.two_way(account.id)}
        touches = [
            touch
            for touch in self.touches[account.id]
            if touch.kind != "note" and touch.outcome != "cancelled" and (attempts or id(touch) in held)
        ]
        mine = sorted({self.day(touch) for touch in touches if user in touch.users})
        start = mine[0]
        for before, after in pairwise(mine):
            if (after - before).days > self.limits.gap_days:
                start = after
        if account.owner == user and start == min(self.day(touch) for touch in touches):
            start = min(start, self.first_won[account.id])
        return (self.today - start).days

    def executive(self, account: SeedAccount) -> str:
        if account.id not in self.key:
            return "not_applicable"
        executives = [
            contact.id
            for contact in self.company.contacts
            if contact.account == account.id
            and (contact.title in C_TITLES or contact.role in {"decision-maker", "executive-sponsor"})
        ]
        if not executives:
            return "unknown"
        held = [self.day(touch) for touch, _, contact in self.two_way(account.id) if contact in executives]
        last = max(held, default=self.first_won[account.id])
        return "raised" if (self.today - last).days > self.limits.exec_days else "clear"

    def differences(self) -> list[tuple[str, ...]]:
        """What was planted where the recount finds something else than is stated."""
        found = []
        for account, truth in zip(self.company.accounts, self.company.truth, strict=True):
            assert truth.account == account.id
            recounted = {"sole-rep": self.sole_rep(account), "exec-reach-lapse": self.executive(account)}
            if recounted != {rule: truth.stated.get(rule, "not_applicable") for rule in recounted}:
                found.append(truth.planted)
        return found


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_plain_recount_finds_the_planted_truth(seed: int) -> None:
    company = make_company(seed, 300, 40, CLOCK)
    assert len(company.truth) == 300
    assert Recount(company).differences() == []


@pytest.mark.parametrize(
    ("accounts", "volume", "zone", "clock"),
    [
        (40, 40, "Europe/Berlin", CLOCK),
        (55, 5, "America/Los_Angeles", CLOCK),
        (120, 150, "Asia/Tokyo", CLOCK),
        (60, 40, "Europe/Berlin", datetime(2028, 2, 28, 23, 30, tzinfo=UTC)),
    ],
    ids=["few accounts", "few touches, far west", "many touches, far east", "leap day, just after midnight"],
)
def test_the_truth_holds_for_other_sizes_zones_and_clocks(
    accounts: int, volume: int, zone: str, clock: datetime
) -> None:
    company = make_company(7, accounts, volume, clock, zone)
    assert company.as_of == clock.astimezone(ZoneInfo(zone)).date()
    assert Recount(company, zone=ZoneInfo(zone), clock=clock).differences() == []


@pytest.mark.parametrize(
    ("limits", "situation"),
    [
        (Limits(window_days=364), "eight-person-days"),
        (Limits(window_days=366), "seven-person-days"),
        (Limits(min_person_days=7), "seven-person-days"),
        (Limits(min_person_days=9), "eight-person-days"),
        (Limits(top_share=0.789), "top-share-below"),
        (Limits(top_share=0.8001), "top-share-at"),
        (Limits(second_share=0.09), "second-share-below"),
        (Limits(second_share=0.1001), "second-share-at"),
        (Limits(tenure_days=729), "tenure-729-days"),
        (Limits(tenure_days=731), "tenure-730-days"),
        (Limits(gap_days=269), "gap-bridged"),
        (Limits(gap_days=271), "gap-restarts-tenure"),
        (Limits(evidence_days=10_000_000), "owner-logs-nothing"),
        (Limits(answer_hours=1), "written-197-days-ago"),
        (Limits(answer_hours=10_000), "attempted-only"),
        (Limits(exec_days=196), "held-197-days-ago"),
        (Limits(exec_days=198), "held-198-days-ago"),
        (Limits(exec_days=198), "written-198-days-ago"),
    ],
    ids=str,
)
def test_a_limit_moved_by_one_is_found_out(limits: Limits, situation: str) -> None:
    differences = Recount(make_company(1, 300, 40, CLOCK), limits).differences()
    assert [planted for planted in differences if situation in planted]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_situation_stands_at_least_three_times(seed: int) -> None:
    counts = summary(make_company(seed, 300, 40, CLOCK))
    assert len(counts) == SITUATIONS
    assert min(counts.values()) >= 3


@pytest.mark.parametrize(("accounts", "missing"), [(40, 33), (60, 11), (120, 0)])
def test_most_situations_stand_somewhere_in_a_small_company(accounts: int, missing: int) -> None:
    assert len(summary(make_company(3, accounts, 20, CLOCK))) >= SITUATIONS - missing


@pytest.mark.parametrize("accounts", [40, 41, 45, 53])
def test_every_situation_of_the_first_two_rules_stands_in_a_small_company(accounts: int) -> None:
    found = summary(make_company(3, accounts, 20, CLOCK)).keys()
    days = Days(rng=Random(1), as_of=CLOCK.date(), zone=BERLIN)
    assert {name for make in SOLE_REP for name in make(days).planted} <= found
    assert {name for make in EXECUTIVE_IN_LITTLE for name in make(days).planted} <= found


@pytest.mark.parametrize("accounts", [0, 1, 2, 3, 9, 11])
def test_a_tiny_company_can_be_made(accounts: int) -> None:
    company = make_company(1, accounts, 10, CLOCK)
    assert len(company.accounts) == len(company.truth) == accounts


def test_the_same_seed_gives_the_same_company_and_another_seed_another() -> None:
    once, twice, other = (repr(make_company(seed, 60, 20, CLOCK)) for seed in (5, 5, 6))
    assert once == twice != other


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_key_accounts_stand_clear_of_the_others_and_fill_three_tiers(seed: int) -> None:
    recount = Recount(make_company(seed, 300, 40, CLOCK))
    assert len({recount.revenue[account] for account in recount.key}) == len(recount.key)
    rest = max(recount.revenue[account] for account in recount.ranked[len(recount.key) :])
    assert recount.revenue[recount.key[-1]] > 1.5 * rest
    total, before, tiers = sum(recount.revenue.values()), 0.0, []
    for account in recount.key:
        tiers.append("A" if before / total < 0.8 else "B" if before / total < 0.95 else "C")
        before += recount.revenue[account]
    assert {tier: tiers.count(tier) >= 3 for tier in "ABC"} == {"A": True, "B": True, "C": True}


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_tenure_is_the_same_whether_or_not_attempts_count(seed: int) -> None:
    recount = Recount(make_company(seed, 300, 40, CLOCK))
    for account in recount.company.accounts:
        if recount.sole_rep(account) in {"raised", "clear"}:
            ((top, _),) = Counter(user for _, user, _ in recount.two_way(account.id)).most_common(1)
            assert recount.tenure(account, top) == recount.tenure(account, top, attempts=False)


def test_everybody_active_but_the_silent_owners_logged_something_lately() -> None:
    company = make_company(1, 300, 40, CLOCK)
    recount = Recount(company)
    age = {user.id: (recount.today - recount.last_logged.get(user.id, date.min)).days for user in company.users}
    silent = {user.id for user in company.users if user.active and age[user.id] > 60}
    owners = {
        account.owner
        for account, truth in zip(company.accounts, company.truth, strict=True)
        if "owner-logs-nothing" in truth.planted
    }
    assert owners <= silent
    assert all(age[user] > 90 for user in silent)
    assert all(account.owner not in silent or account.id in recount.key for account in company.accounts)
    assert len(silent) <= 2


def test_rows_refer_to_rows_and_addresses_are_unique() -> None:
    company = make_company(2, 120, 20, CLOCK)
    users, accounts = {user.id for user in company.users}, {account.id for account in company.accounts}
    home = {contact.id: contact.account for contact in company.contacts}
    for touch in company.touches:
        assert set(touch.users) <= users
        assert {home[contact] for contact in touch.contacts} == {touch.account}
    assert {user.manager for user in company.users} <= users | {""}
    assert {account.owner for account in company.accounts} <= users
    assert {deal.account for deal in company.deals} <= accounts
    for rows in (company.users, company.contacts):
        addresses = [row.email for row in rows]
        assert len(set(addresses)) == len(addresses)
        assert all(address.isascii() and address.endswith(".example") for address in addresses)
    assert len({account.domain for account in company.accounts}) == 120
    assert len({touch.id for touch in company.touches}) == len(company.touches)


def test_the_mean_number_of_touches_is_roughly_as_asked() -> None:
    for asked in (20, 40, 120):  # a planted account needs about 40, however few are asked for
        mean = len(make_company(1, 300, asked, CLOCK).touches) / 300
        assert 0.8 * asked <= mean <= 1.6 * asked


@pytest.mark.slow
def test_a_hundred_thousand_touches_are_made_within_ten_seconds() -> None:
    begun = datetime.now(UTC)
    assert len(make_company(1, 2500, 40, CLOCK).touches) >= 90_000
    assert datetime.now(UTC) - begun < timedelta(seconds=10)
