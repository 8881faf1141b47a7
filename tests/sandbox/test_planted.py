"""What is planted for every rule, against the reckoning and against the same company a day earlier or later."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.company import Company
from connectors.sandbox.config_file import EXECUTIVE
from connectors.sandbox.made_up import make_company
from connectors.sandbox.reckoning import reckon

CLOCK = datetime(2026, 11, 2, 6, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
CRMS = ("salesforce", "hubspot")
RULES = {
    "sole-rep", "exec-reach-lapse", "our-person-left", "their-person-left", "single-contact", "going-quiet",
    "rep-concentration", "sole-rep-new", "no-senior-contact", "senior-untouched", "no-complaint-backup",
    "main-contact-meeting", "quiet-key-account", "unanswered-inbound", "suspected-left", "our-exec-lapse",
    "procurement-only", "no-customer-sponsor", "peering-gap", "point-of-contact-authority", "new-senior-contact",
    "exec-to-exec-lapse", "exec-due-soon", "indirect-quarterly", "no-show-trend", "no-account-plan", "stale-plan",
    "no-joint-plan", "expectations-inventory", "no-our-sponsor", "sponsor-overloaded", "litmus-due", "ceo-buy-in",
    "loss-scenario", "uncoordinated",
}  # fmt: skip
# HubSpot keeps no titles of our people, so that nobody can tell there.
BY_OUR_TITLES = {"peering-gap", "point-of-contact-authority"}


def disagreements(company: Company) -> list[tuple[str, tuple[str, ...], str]]:
    """What was planted where the reckoning does not find the verdict that it decides."""
    return [
        (truth.account, truth.planted, rule)
        for truth in company.truth
        for rule, verdict in truth.stated.items()
        if truth.expect[rule] != {"salesforce": verdict, "hubspot": "unknown" if rule in BY_OUR_TITLES else verdict}
    ]


@pytest.mark.parametrize("seed", range(1, 11))
def test_the_reckoning_agrees_with_what_is_planted(seed: int) -> None:
    company = make_company(seed, 300, 40, CLOCK)
    assert {account.id for account in company.accounts} == {truth.account for truth in company.truth}
    assert disagreements(company) == []


@pytest.mark.parametrize(
    ("accounts", "volume", "zone", "clock"),
    [
        (11, 10, "Europe/Berlin", CLOCK),
        (40, 40, "Europe/Berlin", CLOCK),
        (60, 40, "Europe/Berlin", datetime(2026, 11, 7, 12, tzinfo=UTC)),
        (55, 5, "America/Los_Angeles", CLOCK),
        (120, 150, "Asia/Tokyo", CLOCK),
        (120, 40, "Europe/Berlin", datetime(2028, 2, 28, 23, 30, tzinfo=UTC)),
    ],
    ids=["tiny", "few accounts", "a Saturday", "few touches, far west", "many touches, far east", "leap day"],
)
def test_they_agree_for_other_sizes_zones_and_clocks(accounts: int, volume: int, zone: str, clock: datetime) -> None:
    assert disagreements(make_company(7, accounts, volume, clock, zone)) == []


def test_every_rule_stands_on_both_sides_of_its_threshold() -> None:
    stated: dict[str, list[str]] = defaultdict(list)
    for truth in make_company(1, 300, 40, CLOCK).truth:
        for rule, verdict in truth.stated.items():
            stated[rule].append(verdict)
    assert stated.keys() == RULES
    for rule, verdicts in stated.items():
        assert min(verdicts.count("raised"), verdicts.count("clear")) >= 3, rule
    told = {rule for rule, verdicts in stated.items() if verdicts.count("unknown") >= 3}
    assert told >= {
        "sole-rep", "exec-reach-lapse", "single-contact", "going-quiet", "rep-concentration", "sole-rep-new",
        "no-senior-contact", "senior-untouched", "no-complaint-backup",
    }  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Company:
    return make_company(1, 300, 40, CLOCK)


Reckoned = dict[str, dict[str, dict[str, str]]]


def on(company: Company, day: date) -> Reckoned:
    executives = [user.id for user in company.users if EXECUTIVE.search(user.title)]
    return reckon(company, day, BERLIN, executives=executives, ignored=(), key_share=0.3)


@pytest.fixture(scope="module")
def eve(company: Company) -> Reckoned:
    return on(company, CLOCK.date() - timedelta(days=1))


@pytest.fixture(scope="module")
def morrow(company: Company) -> Reckoned:
    return on(company, CLOCK.date() + timedelta(days=1))


@pytest.mark.parametrize(
    ("situation", "rule", "verdict"),
    [
        ("tenure-729-days", "sole-rep-new", "clear"),
        ("tenure-729-days", "sole-rep", "raised"),
        ("held-197-days-ago", "exec-reach-lapse", "raised"),
        ("written-197-days-ago", "exec-reach-lapse", "raised"),
        ("top-left-14-days-ago", "our-person-left", "raised"),
        ("vp-left-180-days-ago", "their-person-left", "clear"),
        ("second-contact-364-days-ago", "single-contact", "raised"),
        ("head-met-364-days-ago", "no-senior-contact", "raised"),
        ("main-met-in-time", "main-contact-meeting", "raised"),
        ("customer-for-729-days", "quiet-key-account", "raised"),
        ("waiting-3-workdays", "unanswered-inbound", "raised"),
        ("waiting-29-days", "unanswered-inbound", "clear"),
        ("silent-119-days", "suspected-left", "raised"),
        ("our-executive-in-time", "our-exec-lapse", "raised"),
        ("buyers-and-the-plant", "procurement-only", "raised"),
        ("new-head-30-days-ago", "new-senior-contact", "clear"),
        ("executives-met-in-time", "exec-to-exec-lapse", "raised"),
        ("due-in-31-days", "exec-due-soon", "raised"),
        ("everybody-heard-92-days-ago", "indirect-quarterly", "raised"),
        ("missed-twice-in-60-days", "no-show-trend", "clear"),
        ("planned-365-days-ago", "no-account-plan", "raised"),
        ("planned-180-days-ago", "stale-plan", "raised"),
        ("together-365-days-ago", "no-joint-plan", "raised"),
        ("asked-365-days-ago", "expectations-inventory", "raised"),
        ("tested-365-days-ago", "litmus-due", "raised"),
        ("lost-364-days-ago", "loss-scenario", "clear"),
        ("three-departments", "uncoordinated", "clear"),
        ("agreed-in-time", "main-contact-meeting", "raised"),
    ],
    ids=str,
)
def test_a_day_later_the_verdict_is_another(
    company: Company, morrow: Reckoned, situation: str, rule: str, verdict: str
) -> None:
    # Where the oldest of eight person-days falls out of the window, there is too little left to tell.
    assert {verdict} <= turned(company, morrow, situation, rule) <= {verdict, "unknown"}


@pytest.mark.parametrize(
    ("situation", "rule", "verdict"),
    [
        ("tenure-730-days", "sole-rep", "clear"),
        ("held-198-days-ago", "exec-reach-lapse", "clear"),
        ("top-left-15-days-ago", "our-person-left", "clear"),
        ("vp-left-181-days-ago", "their-person-left", "raised"),
        ("second-contact-365-days-ago", "single-contact", "clear"),
        ("head-met-365-days-ago", "no-senior-contact", "clear"),
        ("one-for-the-main-contact", "no-complaint-backup", "clear"),
        ("main-met-too-long-ago", "main-contact-meeting", "clear"),
        ("customer-for-730-days", "quiet-key-account", "clear"),
        ("waiting-4-workdays", "unanswered-inbound", "clear"),
        ("waiting-30-days", "unanswered-inbound", "raised"),
        ("silent-120-days", "suspected-left", "clear"),
        ("our-executive-too-long-ago", "our-exec-lapse", "clear"),
        ("record-450-days", "going-quiet", "unknown"),
        ("only-buyers", "procurement-only", "clear"),
        ("new-head-31-days-ago", "new-senior-contact", "raised"),
        ("executives-met-too-long-ago", "exec-to-exec-lapse", "clear"),
        ("due-in-30-days", "exec-due-soon", "clear"),
        ("head-heard-93-days-ago", "indirect-quarterly", "clear"),
        ("missed-twice-in-61-days", "no-show-trend", "raised"),
        ("planned-366-days-ago", "no-account-plan", "clear"),
        ("planned-181-days-ago", "stale-plan", "clear"),
        ("together-366-days-ago", "no-joint-plan", "clear"),
        ("asked-366-days-ago", "expectations-inventory", "clear"),
    ],
    ids=str,
)
def test_a_day_earlier_the_verdict_was_another(
    company: Company, eve: Reckoned, situation: str, rule: str, verdict: str
) -> None:
    assert turned(company, eve, situation, rule) == {verdict}


def turned(company: Company, reckoned: Reckoned, situation: str, rule: str) -> set[str]:
    """The verdicts of another day on the accounts with that situation."""
    accounts = [truth.account for truth in company.truth if situation in truth.planted]
    assert len(accounts) >= 3
    return {verdict for account in accounts for verdict in reckoned[account][rule].values()}


@pytest.mark.parametrize(("situation", "other"), [("peer-came", "raised"), ("no-peer", "clear")])
def test_a_counterpart_counts_for_a_year_where_titles_are_kept(
    company: Company, morrow: Reckoned, eve: Reckoned, situation: str, other: str
) -> None:
    accounts = [truth.account for truth in company.truth if situation in truth.planted]
    assert len(accounts) >= 3
    reckoned = morrow if situation == "peer-came" else eve
    assert {reckoned[account]["peering-gap"]["salesforce"] for account in accounts} == {other}


def test_who_left_is_in_touch_no_more(company: Company) -> None:
    """The last sign of a leaver of ours is of the day that was planted, of a contact before the day of leaving."""
    gone = {contact.id: contact.left_on for contact in company.contacts if not contact.active}
    assert gone
    inactive = {user.id for user in company.users if not user.active}
    last: dict[str, date] = {}
    for touch in company.touches:
        day = touch.at.astimezone(BERLIN).date()
        for contact in touch.contacts:
            assert contact not in gone or day < (gone[contact] or date.min)
        for user in inactive.intersection(touch.users):
            last[user] = max(day, last.get(user, day))
    ages = sorted((CLOCK.date() - day).days for day in last.values())
    assert ages[:2] == [14, 15]
    assert min(ages[2:]) >= 200


def test_nobody_reckons_before_the_truth_is_asked_for(company: Company) -> None:
    fresh = make_company(2, 12, 10, CLOCK)
    assert "truth" not in vars(fresh)
    assert fresh.truth is fresh.truth
    assert company.truth == make_company(1, 300, 40, CLOCK).truth
