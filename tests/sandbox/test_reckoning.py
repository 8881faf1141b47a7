"""The reckoning on tiny companies, each definition on both sides of its thresholds; verdicts worked out by hand."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.sandbox.company import Company, SeedAccount, SeedContact, SeedDeal, SeedTouch, SeedUser
from connectors.sandbox.config_file import EXECUTIVE
from connectors.sandbox.made_up import make_company
from connectors.sandbox.names import EXECUTIVE_TITLES, PLAIN_TITLES, TRAP_TITLES
from connectors.sandbox.reckoning import LEVELS, reckon

CLOCK = datetime(2026, 11, 2, 6, tzinfo=UTC)
TODAY = date(2026, 11, 2)  # a Monday
BERLIN = ZoneInfo("Europe/Berlin")
CRMS = ("salesforce", "hubspot")

# HubSpot keeps no titles of our people, so that nobody can tell there.
BY_OUR_TITLES = {"peering-gap", "point-of-contact-authority"}

# Seven colleagues; `sam` is our executive. Jana owns the account unless a case says otherwise.
OURS = ("jana", "tom", "eva", "kim", "leo", "ann", "sam")


def on(age: int) -> date:
    return TODAY - timedelta(days=age)


def touch(
    kind: str, age: int, user: str | tuple[str, ...] = "jana", to: str = "maria", *, earlier: int = 0, **more: Any
) -> SeedTouch:
    """At noon UTC, or so many minutes earlier; `to` are contacts joined by blanks."""
    at = datetime(2026, 11, 2, 12, tzinfo=UTC) - timedelta(days=age, minutes=earlier)
    users = (user,) if isinstance(user, str) else user
    row = SeedTouch(id="t", at=at, kind=kind, users=users, contacts=tuple(to.split()), account="a")
    return replace(row, **more)


def meeting(age: int, user: str | tuple[str, ...] = "jana", to: str = "maria", **more: Any) -> SeedTouch:
    return touch("meeting", age, user, to, **({"outcome": "completed"} | more))


def call(age: int, user: str | tuple[str, ...] = "jana", to: str = "maria", **more: Any) -> SeedTouch:
    return touch("call", age, user, to, **({"outcome": "connected", "direction": "outbound"} | more))


def mail_to(to: str, age: int, user: str | tuple[str, ...] = "jana", **more: Any) -> SeedTouch:
    return touch("email", age, user, to, direction="outbound", **more)


def mail_from(sender: str, age: int, user: str | tuple[str, ...] = "jana", **more: Any) -> SeedTouch:
    return touch("email", age, user, sender, direction="inbound", **more)


def days(count: int, user: str = "jana", to: str = "maria", *, first: int = 1) -> list[SeedTouch]:
    """Meetings on that many days in a row, the latest `first` days ago."""
    return [meeting(first + n, user, to) for n in range(count)]


def at_ages(*ages: int, user: str = "jana", to: str = "maria") -> list[SeedTouch]:
    return [meeting(age, user, to) for age in ages]


def elsewhere(age: int, user: str) -> SeedTouch:
    """A sign of life where no rule looks."""
    return replace(meeting(age, user, ""), account="z")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One account `a`, a customer for `since` days with 10,000 won this year, and what else is known."""

    touches: Iterable[SeedTouch] = ()
    titles: dict[str, str] = field(default_factory=lambda: {"maria": "Buyer", "paul": "Buyer"})
    roles: dict[str, str] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)  # days ago, by contact
    owner: str = "jana"
    inactive: tuple[str, ...] = ()
    since: int = 1000
    bigger: float = 0  # what a second, larger customer is worth
    executives: tuple[str, ...] = ("sam",)
    ignored: tuple[str, ...] = ()
    our_titles: dict[str, str] = field(default_factory=dict)
    entered: dict[str, int] = field(default_factory=dict)  # days ago, by contact
    planned: int = 0  # days ago; 0 for an empty field

    def company(self) -> Company:
        planned_on = on(self.planned) if self.planned else None
        accounts = [SeedAccount(id="a", name="A", owner=self.owner, planned_on=planned_on)]
        accounts += [SeedAccount(id="z", name="Z", owner="leo")]
        deals = [_won("a", self.since, 1.0), _won("a", 10, 10_000.0)]
        if self.bigger:
            accounts.append(SeedAccount(id="b", name="B", owner="leo"))
            deals.append(_won("b", 10, self.bigger))
        return Company(
            users=[
                SeedUser(
                    id=name,
                    name=name,
                    email=f"{name}@seller.example",
                    title=self.our_titles.get(name, ""),
                    active=name not in self.inactive,
                )
                for name in OURS
            ],
            accounts=accounts,
            contacts=[self._contact(name) for name in self.titles],
            touches=[replace(one, id=f"t{number}") for number, one in enumerate(self.touches)],
            deals=deals,
        )

    def _contact(self, name: str) -> SeedContact:
        gone = name in self.left
        return SeedContact(
            id=name,
            account="a",
            name=name,
            email=f"{name}@a.example",
            title=self.titles[name],
            role=self.roles.get(name, ""),
            active=not gone,
            left_on=on(self.left[name]) if gone else None,
            entered_on=on(self.entered[name]) if name in self.entered else None,
        )

    def verdicts(self, rule: str) -> dict[str, str]:
        return judged(self.company(), executives=self.executives, ignored=self.ignored)["a"][rule]


def judged(
    company: Company, *, executives: tuple[str, ...] = (), ignored: tuple[str, ...] = (), key_share: float = 1.0
) -> dict[str, dict[str, dict[str, str]]]:
    return reckon(company, TODAY, BERLIN, executives=executives, ignored=ignored, key_share=key_share)


def _won(account: str, age: int, amount: float | None) -> SeedDeal:
    return SeedDeal(id=f"d-{account}-{age}", account=account, name="order", amount=amount, closed_on=on(age), won=True)


def _check(rule: str, case: Case, verdict: str) -> None:
    assert case.verdicts(rule) == dict.fromkeys(CRMS, verdict)


def cases(**named: tuple[Case, str]) -> pytest.MarkDecorator:
    """Parameters `case` and `verdict` under a name."""
    ids = [name.replace("_", " ") for name in named]
    return pytest.mark.parametrize(("case", "verdict"), list(named.values()), ids=ids)


OTHERS = [meeting(1, user) for user in ("tom", "eva", "kim", "leo")]
LONG = at_ages(250, 500)  # leaves no gap over 270 between last week and two years ago
BRIDGE = call(200, outcome="no-answer")  # a touch, but no person-day


@cases(
    seven_person_days=(Case(touches=days(7)), "unknown"),
    eight_person_days=(Case(touches=days(8)), "raised"),
    the_eighth_today=(Case(touches=days(8, first=0)), "raised"),
    the_eighth_on_the_oldest_day_of_the_window=(Case(touches=[*days(7), BRIDGE, meeting(364)]), "raised"),
    the_eighth_a_day_before_the_window=(Case(touches=[*days(7), BRIDGE, meeting(365)]), "unknown"),
    top_share_of_sixteen_in_twenty=(Case(touches=[*days(16), *OTHERS]), "raised"),
    top_share_of_fifteen_in_nineteen=(Case(touches=[*days(15), *OTHERS]), "clear"),
    second_share_of_one_in_ten=(Case(touches=[*days(9), meeting(5, "tom")]), "clear"),
    second_share_of_two_in_twentyone=(Case(touches=[*days(19), *days(2, "tom")]), "raised"),
    a_workshop_of_eight_guests_is_one_day=(Case(touches=[*days(7), *[meeting(1)] * 8]), "unknown"),
    tenure_of_729_days=(Case(owner="tom", touches=[*days(8), *LONG, meeting(729), elsewhere(5, "tom")]), "clear"),
    tenure_of_730_days=(Case(owner="tom", touches=[*days(8), *LONG, meeting(730), elsewhere(5, "tom")]), "raised"),
    a_voicemail_opens_the_run=(
        Case(owner="tom", touches=[*days(8), *LONG, call(730, outcome="voicemail"), elsewhere(5, "tom")]), "raised",
    ),
    a_gap_of_270_days=(Case(owner="tom", touches=[*days(8), *at_ages(278, 548, 730), elsewhere(5, "tom")]), "raised"),
    a_gap_of_271_days=(Case(owner="tom", touches=[*days(8), *at_ages(279, 548, 730), elsewhere(5, "tom")]), "clear"),
    the_owner_is_the_link_of_a_customer_for_730_days=(Case(touches=days(8), since=730), "raised"),
    the_owner_is_the_link_of_a_customer_for_729_days=(Case(touches=days(8), since=729), "clear"),
    somebody_else_opened_the_record=(Case(touches=[*days(8), meeting(500, "tom")]), "clear"),
    the_owner_logged_89_days_ago=(
        Case(owner="tom", touches=[*days(8), *LONG, meeting(730), elsewhere(89, "tom")]), "raised",
    ),
    the_owner_logged_90_days_ago=(
        Case(owner="tom", touches=[*days(8), *LONG, meeting(730), elsewhere(90, "tom")]), "unknown",
    ),
    a_silent_owner_who_left_us_is_no_matter=(
        Case(owner="tom", inactive=("tom",), touches=[*days(8), *LONG, meeting(730)]), "raised",
    ),
    a_colleague_is_ignored=(Case(touches=[*days(8), *days(8, "tom")], ignored=("tom",)), "raised"),
)  # fmt: skip
def test_sole_rep(case: Case, verdict: str) -> None:
    _check("sole-rep", case, verdict)


@cases(
    tenure_of_729_days=(Case(touches=days(8), since=729), "raised"),
    tenure_of_730_days=(Case(touches=days(8), since=730), "clear"),
    seven_person_days=(Case(touches=days(7), since=729), "unknown"),
    shared=(Case(touches=[*days(8), *days(2, "tom")], since=729), "clear"),
)
def test_sole_rep_new(case: Case, verdict: str) -> None:
    _check("sole-rep-new", case, verdict)


@cases(
    top_share_of_seven_in_ten=(Case(touches=[*days(7), *days(3, "tom")]), "raised"),
    top_share_of_nine_in_thirteen=(Case(touches=[*days(9), *days(4, "tom")]), "clear"),
    told_as_sole_rep=(Case(touches=days(8)), "clear"),
    alone_but_not_for_long=(Case(touches=days(8), since=729), "raised"),
    seven_person_days=(Case(touches=[*days(6), meeting(9, "tom")]), "unknown"),
    eight_person_days=(Case(touches=[*days(7), meeting(9, "tom")]), "raised"),
    the_owner_logs_nothing=(Case(owner="tom", touches=days(8)), "unknown"),
)
def test_rep_concentration(case: Case, verdict: str) -> None:
    _check("rep-concentration", case, verdict)


CHIEF = {"maria": "Buyer", "chief": "CEO"}


@cases(
    held_197_days_ago=(Case(titles=CHIEF, touches=[call(197, to="chief")]), "clear"),
    held_198_days_ago=(Case(titles=CHIEF, touches=[call(198, to="chief")]), "raised"),
    only_others_were_met=(Case(titles=CHIEF, touches=[meeting(5), meeting(198, to="chief")]), "raised"),
    tried_since=(Case(titles=CHIEF, touches=[call(198, to="chief"), mail_to("chief", 5)]), "raised"),
    nobody_came=(Case(titles=CHIEF, touches=[meeting(5, to="chief", outcome="no-show")]), "raised"),
    an_answer_197_days_ago=(Case(titles=CHIEF, touches=[mail_to("chief", 210), mail_from("chief", 197)]), "clear"),
    an_answer_198_days_ago=(Case(titles=CHIEF, touches=[mail_to("chief", 210), mail_from("chief", 198)]), "raised"),
    answered_after_720_hours=(Case(titles=CHIEF, touches=[mail_to("chief", 130), mail_from("chief", 100)]), "clear"),
    answered_a_minute_after_720_hours=(
        Case(titles=CHIEF, touches=[mail_to("chief", 130, earlier=1), mail_from("chief", 100)]), "raised",
    ),
    answered_by_a_colleague=(Case(titles=CHIEF, touches=[mail_from("chief", 9), mail_to("chief", 8, "tom")]), "raised"),
    a_customer_for_197_days=(Case(titles=CHIEF, since=197), "clear"),
    a_customer_for_198_days=(Case(titles=CHIEF, since=198), "raised"),
    no_executive=(Case(titles={"maria": "Buyer", "vice": "Vice President Operations"}), "unknown"),
    a_decision_maker=(Case(roles={"maria": "decision-maker"}, touches=[call(198)]), "raised"),
    a_sponsor_among_other_roles=(Case(roles={"maria": "influencer;executive-sponsor"}, touches=[call(197)]), "clear"),
    a_call_of_a_minute=(Case(titles=CHIEF, touches=[call(9, to="chief", outcome="", minutes=1)]), "raised"),
    a_call_of_two_minutes=(Case(titles=CHIEF, touches=[call(9, to="chief", outcome="", minutes=2)]), "clear"),
    a_call_of_which_nothing_is_known=(Case(titles=CHIEF, touches=[call(9, to="chief", outcome="")]), "clear"),
    a_voicemail_of_three_minutes=(
        Case(titles=CHIEF, touches=[call(9, to="chief", outcome="voicemail", minutes=3)]), "raised",
    ),
)  # fmt: skip
def test_exec_reach_lapse(case: Case, verdict: str) -> None:
    _check("exec-reach-lapse", case, verdict)


GONE = Case(owner="tom", inactive=("jana",))


@cases(
    departed_14_days_ago=(replace(GONE, touches=[*days(2, first=14), *days(8, "tom", "paul")]), "clear"),
    departed_15_days_ago=(replace(GONE, touches=[*days(2, first=15), *days(8, "tom", "paul")]), "raised"),
    a_last_sign_on_another_account=(
        replace(GONE, touches=[*days(2, first=15), *days(8, "tom", "paul"), elsewhere(14, "jana")]), "clear",
    ),
    two_days_of_ten=(replace(GONE, touches=[*days(2, first=30), *days(8, "tom", "paul")]), "raised"),
    two_days_of_eleven=(replace(GONE, touches=[*days(2, first=30), *days(9, "tom", "paul")]), "clear"),
    active=(replace(GONE, inactive=(), touches=[*days(2, first=30), *days(8, "tom", "paul")]), "clear"),
    the_owner_knows_them=(replace(GONE, touches=[*days(2, first=30), *days(8, "tom", "maria")]), "clear"),
    the_owner_met_them_364_days_ago=(
        replace(GONE, touches=[*days(2, first=30), *days(7, "tom", "paul"), meeting(364, "tom")]), "clear",
    ),
    the_owner_met_them_365_days_ago=(
        replace(GONE, touches=[*days(2, first=30), *days(7, "tom", "paul"), meeting(365, "tom")]), "raised",
    ),
    only_another_colleague_knows_them=(replace(GONE, touches=[*days(2, first=30), *days(8, "eva")]), "raised"),
    the_contact_left_too=(replace(GONE, left={"maria": 5}, touches=days(8, first=30)), "clear"),
    nobody_takes_over=(Case(inactive=("jana",), touches=[*days(8, first=30), *days(8, "tom")]), "raised"),
    two_leavers_and_the_earlier_one_knew_who_is_unmet=(
        Case(
            owner="tom",
            inactive=("jana", "eva"),
            touches=[*days(4, first=20), *days(4, "eva", "paul", first=3), *days(1, "tom", "paul")],
        ),
        "raised",
    ),
    two_leavers_and_only_the_later_one_did=(
        Case(
            owner="tom",
            inactive=("jana", "eva"),
            touches=[*days(4, first=20), *days(4, "eva", "paul", first=3), *days(1, "tom", "maria")],
        ),
        "clear",
    ),
)  # fmt: skip
def test_our_person_left(case: Case, verdict: str) -> None:
    _check("our-person-left", case, verdict)


VICE = Case(titles={"maria": "Buyer", "gone": "Vice President Operations"}, left={"gone": 100})
BUYER = replace(VICE, titles={"maria": "Buyer", "gone": "Buyer", "paul": "Buyer"})


@cases(
    left_180_days_ago=(replace(VICE, left={"gone": 180}), "raised"),
    left_181_days_ago=(replace(VICE, left={"gone": 181}), "clear"),
    below_vice_president=(replace(VICE, titles={"gone": "Head of Operations"}), "clear"),
    a_decision_maker=(replace(VICE, titles={"gone": "Buyer"}, roles={"gone": "decision-maker"}), "raised"),
    two_days_of_ten=(replace(BUYER, touches=[*days(2, to="gone", first=150), *days(8, first=152)]), "raised"),
    two_days_of_eleven=(replace(BUYER, touches=[*days(2, to="gone", first=150), *days(9, first=152)]), "clear"),
    somebody_new_a_day_after=(replace(VICE, touches=[meeting(99)]), "clear"),
    somebody_on_the_same_day=(replace(VICE, touches=[meeting(100), meeting(50)]), "raised"),
    somebody_known_for_years=(replace(VICE, touches=[meeting(900), meeting(99)]), "raised"),
    somebody_new_only_written_to=(replace(VICE, touches=[mail_to("maria", 99)]), "raised"),
    the_leaver_is_not_the_new_one=(replace(VICE, touches=[meeting(99, to="gone")]), "raised"),
    nobody_ever_left=(replace(VICE, left={}), "unknown"),
)
def test_their_person_left(case: Case, verdict: str) -> None:
    _check("their-person-left", case, verdict)


@cases(
    one_contact=(Case(touches=days(8)), "raised"),
    seven_person_days=(Case(touches=days(7)), "unknown"),
    a_second_one_364_days_ago=(Case(touches=[*days(8), meeting(364, to="paul")]), "clear"),
    a_second_one_365_days_ago=(Case(touches=[*days(8), meeting(365, to="paul")]), "raised"),
    a_second_one_only_written_to=(Case(touches=[*days(8), mail_to("paul", 9)]), "raised"),
    no_contact_is_named=(Case(touches=days(8, to="")), "unknown"),
)
def test_single_contact(case: Case, verdict: str) -> None:
    _check("single-contact", case, verdict)


def quarters(*counts: int, open_at: int = 500) -> Case:
    """Person-days of the last 90 days and of the four times 90 days before; a first attempt opens the record."""
    ages = [90 * n + 5 + day for n, count in enumerate(counts) for day in range(count)]
    return Case(touches=[*at_ages(*ages), call(open_at, outcome="no-answer")])


OPENING = call(500, outcome="no-answer")
EDGES = at_ages(90, 179, 180, 269, 270, 359, 360, 449)


@cases(
    four_where_eleven_are_usual=(quarters(4, 11, 11, 11, 11), "raised"),
    six_where_eleven_are_usual=(quarters(6, 11, 11, 11, 11), "clear"),
    three_where_six_are_usual=(quarters(3, 6, 6, 6, 6), "clear"),
    one_where_six_are_usual=(quarters(1, 6, 6, 6, 6), "raised"),
    none_where_three_are_usual=(quarters(0, 3, 3, 3, 3), "raised"),
    one_where_three_are_usual=(quarters(1, 3, 3, 3, 3), "clear"),
    fewer_than_three_are_usual=(quarters(0, 3, 3, 3, 2), "unknown"),
    as_low_before=(quarters(4, 11, 11, 18, 4), "clear"),
    not_as_low_before=(quarters(4, 11, 11, 17, 5), "raised"),
    fifteen_where_thirty_are_usual=(quarters(15, 30, 30, 30, 30), "raised"),
    sixteen_where_thirty_are_usual=(quarters(16, 30, 30, 30, 30), "clear"),
    every_edge_counts_once=(Case(touches=[*EDGES, *at_ages(100, 200, 300, 400), OPENING]), "raised"),
    no_edge_counts_twice=(Case(touches=[*EDGES, *at_ages(100, 200, 300), OPENING]), "unknown"),
    the_day_before_the_last_window=(Case(touches=[*EDGES, *at_ages(100, 200, 300, 450), OPENING]), "unknown"),
    a_record_of_449_days=(quarters(0, 3, 3, 3, 3, open_at=449), "unknown"),
    a_record_of_450_days=(quarters(0, 3, 3, 3, 3, open_at=450), "raised"),
    a_second_day_89_days_ago=(Case(touches=[*quarters(1, 6, 6, 6, 6).touches, meeting(89)]), "clear"),
    a_second_day_90_days_ago=(Case(touches=[*quarters(1, 6, 6, 6, 6).touches, meeting(90)]), "raised"),
    no_touch=(Case(), "unknown"),
)
def test_going_quiet(case: Case, verdict: str) -> None:
    _check("going-quiet", case, verdict)


HEAD = {"maria": "Buyer", "head": "Head of Operations"}


@cases(
    a_head_met_364_days_ago=(Case(titles=HEAD, touches=[meeting(364, to="head")]), "clear"),
    a_head_met_365_days_ago=(Case(titles=HEAD, touches=[meeting(365, to="head")]), "raised"),
    a_head_who_left=(Case(titles=HEAD, left={"head": 3}, touches=[meeting(9, to="head")]), "raised"),
    only_a_manager=(Case(titles={"maria": "Plant Manager"}, touches=[meeting(9)]), "raised"),
    a_decision_maker=(Case(roles={"maria": "decision-maker"}, touches=[meeting(9)]), "clear"),
    three_of_five_titles_missing=(Case(titles={"maria": "Buyer", "b": "Buyer", "c": "", "d": "", "e": ""}), "raised"),
    two_of_three_titles_missing=(Case(titles={"maria": "Buyer", "d": "", "e": ""}), "unknown"),
    a_role_instead_of_a_title=(
        Case(titles={"maria": "Buyer", "d": "", "e": ""}, roles={"d": "influencer"}), "raised",
    ),
    who_left_is_not_counted=(Case(titles={"maria": "Buyer", "d": "", "e": ""}, left={"e": 9}), "raised"),
    no_contact=(Case(titles={}), "unknown"),
    all_left=(Case(titles={"maria": "CEO"}, left={"maria": 9}), "unknown"),
)  # fmt: skip
def test_no_senior_contact(case: Case, verdict: str) -> None:
    _check("no-senior-contact", case, verdict)


TOP = {"maria": "Buyer", "vice": "Vice President Operations"}


@cases(
    never_touched=(Case(titles=TOP, touches=days(3)), "raised"),
    an_attempt_years_ago=(Case(titles=TOP, touches=[call(900, to="vice", outcome="voicemail")]), "clear"),
    nobody_came=(Case(titles=TOP, touches=[meeting(9, to="vice", outcome="no-show")]), "clear"),
    a_cancelled_meeting=(Case(titles=TOP, touches=[meeting(9, to="vice", outcome="cancelled")]), "raised"),
    a_meeting_ahead=(Case(titles=TOP, touches=[meeting(-9, to="vice", outcome="scheduled")]), "raised"),
    a_note=(Case(titles=TOP, touches=[touch("note", 9, to="vice")]), "raised"),
    a_head=(Case(titles=HEAD), "clear"),
    who_left=(Case(titles=TOP, left={"vice": 9}), "clear"),
    touched_by_somebody_ignored=(Case(titles=TOP, touches=[call(9, "tom", "vice")], ignored=("tom",)), "raised"),
    two_of_three_titles_missing=(Case(titles={"vice": "VP Sales", "d": "", "e": ""}), "unknown"),
)
def test_senior_untouched(case: Case, verdict: str) -> None:
    _check("senior-untouched", case, verdict)


@cases(
    one_of_ours=(Case(touches=days(8)), "raised"),
    a_second_one_364_days_ago=(Case(touches=[*days(8), meeting(364, "tom")]), "clear"),
    a_second_one_365_days_ago=(Case(touches=[*days(8), meeting(365, "tom")]), "raised"),
    a_second_one_with_somebody_else=(Case(touches=[*days(8), *days(3, "tom", "paul")]), "raised"),
    seven_person_days=(Case(touches=days(7)), "unknown"),
    the_main_contact_is_the_later_of_two=(
        Case(touches=[*days(4, first=2), *days(3, to="paul", first=20), meeting(1, "tom", "paul")]), "clear",
    ),
    the_main_contact_is_the_other=(
        Case(touches=[*days(4, first=1), *days(3, to="paul", first=20), meeting(2, "tom", "paul")]), "raised",
    ),
    the_main_contact_left=(Case(touches=[*days(8), *days(7, "tom")], left={"maria": 1}), "unknown"),
)  # fmt: skip
def test_no_complaint_backup(case: Case, verdict: str) -> None:
    _check("no-complaint-backup", case, verdict)


MAILS = [mail_to("maria", 3), mail_from("maria", 2)]


@cases(
    met_45_days_ago=(Case(touches=[meeting(45), *MAILS]), "clear"),
    met_46_days_ago=(Case(touches=[meeting(46), *MAILS]), "raised"),
    tier_b_90_days_ago=(Case(touches=[meeting(90), *MAILS], bigger=80_000), "clear"),
    tier_b_91_days_ago=(Case(touches=[meeting(91), *MAILS], bigger=80_000), "raised"),
    tier_c_90_days_ago=(Case(touches=[meeting(90), *MAILS], bigger=800_000), "clear"),
    a_call_will_do=(Case(touches=[call(45), *MAILS]), "clear"),
    nobody_came=(Case(touches=[meeting(46), meeting(9, outcome="no-show"), *MAILS]), "raised"),
    somebody_else_was_met=(Case(touches=[meeting(9, to="paul"), *MAILS]), "raised"),
    booked=(Case(touches=[meeting(46), meeting(-20, outcome="scheduled")]), "clear"),
    booked_and_cancelled=(Case(touches=[meeting(46), meeting(-20, outcome="cancelled")]), "raised"),
    booked_with_somebody_else=(Case(touches=[meeting(46), meeting(-20, to="paul", outcome="scheduled")]), "raised"),
    never_met_a_customer_for_45_days=(Case(touches=MAILS, since=45), "clear"),
    never_met_a_customer_for_46_days=(Case(touches=MAILS, since=46), "raised"),
    no_main_contact=(Case(touches=[mail_to("maria", 3)]), "unknown"),
)
def test_main_contact_meeting(case: Case, verdict: str) -> None:
    _check("main-contact-meeting", case, verdict)


def neighbours(*person_days: int, since: int = 730, revenue: float = 10_000) -> Company:
    """Account `a` with the first number of person-days, and others of 10,000 in revenue with the rest."""
    company = replace(Case().company(), accounts=[], deals=[])
    for name, count in zip("abcdefghijkl", person_days, strict=False):
        company.accounts.append(SeedAccount(id=name, name=name))
        company.deals += [_won(name, 10, revenue if name == "a" else 10_000), _won(name, since, 1)]
        company.touches += [replace(meeting(9 + day, to=""), account=name) for day in range(count)]
    return company


@pytest.mark.parametrize(
    ("company", "verdict"),
    [
        (neighbours(2, 1, 3, 3, 3, 3, 3, 3), "raised"),
        (neighbours(2, 1, 1, 3, 3, 3, 3, 3), "clear"),
        (neighbours(2, 2, 2, 2, 1, 3, 3, 3), "raised"),
        (neighbours(2, 1, 3, 3, 3, 3, 3), "unknown"),
        (neighbours(2, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3), "raised"),
        (neighbours(2, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3), "clear"),
        (neighbours(2, 1, 3, 3, 3, 3, 3, 3, since=729), "clear"),
        (neighbours(2, 1, 1, 3, 3, 3, 3, 3, revenue=20_000), "raised"),
        (neighbours(2, 1, 1, 3, 3, 3, 3, 3, revenue=19_990), "clear"),
    ],
    ids=[
        "one of eight has less",
        "two of eight have less",
        "as little is not less",
        "seven to compare with",
        "two of twelve",
        "two of eleven",
        "a customer for 729 days",
        "twice the days for twice the revenue",
        "twice the days for less than twice the revenue",
    ],
)
def test_quiet_key_account(company: Company, verdict: str) -> None:
    assert judged(company)["a"]["quiet-key-account"] == dict.fromkeys(CRMS, verdict)


# The as-of day is a Monday: after Tuesday the 27th come four working days, after Wednesday the 28th three.
TUESDAY, WEDNESDAY = 6, 5


@cases(
    since_tuesday=(Case(touches=[mail_from("maria", TUESDAY)]), "raised"),
    since_wednesday=(Case(touches=[mail_from("maria", WEDNESDAY)]), "clear"),
    the_first_of_two_counts=(Case(touches=[mail_from("maria", TUESDAY), mail_from("maria", 1)]), "raised"),
    for_29_days=(Case(touches=[mail_from("maria", 29)]), "raised"),
    for_30_days=(Case(touches=[mail_from("maria", 30)]), "clear"),
    answered=(Case(touches=[mail_from("maria", 9), mail_to("maria", 8)]), "clear"),
    answered_by_a_colleague=(Case(touches=[mail_from("maria", 9), mail_to("maria", 8, "tom")]), "clear"),
    answered_to_somebody_else=(Case(touches=[mail_from("maria", 9), mail_to("paul", 8)]), "raised"),
    written_to_at_the_same_moment=(Case(touches=[mail_to("maria", 9), mail_from("maria", 9)]), "raised"),
    written_to_before=(Case(touches=[mail_to("maria", 10), mail_from("maria", 9)]), "raised"),
    a_voicemail_of_ours=(Case(touches=[mail_from("maria", 9), call(8, outcome="voicemail")]), "clear"),
    a_call_of_unknown_direction=(
        Case(touches=[mail_from("maria", 9), call(8, outcome="busy", direction="")]), "clear",
    ),
    a_call_of_hers_missed=(
        Case(touches=[mail_from("maria", 9), call(8, outcome="busy", direction="inbound")]), "raised",
    ),
    a_call_of_hers_taken=(Case(touches=[mail_from("maria", 9), call(8, direction="inbound")]), "clear"),
    a_meeting=(Case(touches=[mail_from("maria", 9), meeting(8)]), "clear"),
    nobody_came=(Case(touches=[mail_from("maria", 9), meeting(8, outcome="no-show")]), "raised"),
    a_meeting_ahead=(Case(touches=[mail_from("maria", 9), meeting(-8, outcome="scheduled")]), "raised"),
    a_later_one_still_in_time=(
        Case(touches=[mail_from("maria", 20), mail_to("maria", 10), mail_from("maria", WEDNESDAY)]), "clear",
    ),
    who_left_waits_for_nothing=(Case(touches=[mail_from("maria", 9)], left={"maria": 1}), "clear"),
    to_somebody_ignored=(Case(touches=[mail_from("maria", 9, "tom")], ignored=("tom",)), "clear"),
)  # fmt: skip
def test_unanswered_inbound(case: Case, verdict: str) -> None:
    _check("unanswered-inbound", case, verdict)


TRIES = [mail_to("maria", 30), call(20, outcome="no-answer"), mail_to("maria", 10)]
FORMER = at_ages(150, 200, 250, 300)


@cases(
    four_days_and_three_tries=(Case(touches=[*FORMER, *TRIES]), "raised"),
    three_days=(Case(touches=[*FORMER[1:], *TRIES]), "clear"),
    two_meetings_on_a_day=(Case(touches=[*FORMER[1:], meeting(200, "tom"), *TRIES]), "clear"),
    two_tries=(Case(touches=[*FORMER, *TRIES[1:]]), "clear"),
    the_fourth_484_days_ago=(Case(touches=[*FORMER[1:], meeting(484), *TRIES]), "raised"),
    the_fourth_485_days_ago=(Case(touches=[*FORMER[1:], meeting(485), *TRIES]), "clear"),
    the_fourth_120_days_ago=(Case(touches=[*FORMER[1:], meeting(120), *TRIES]), "raised"),
    met_119_days_ago=(Case(touches=[*FORMER, meeting(119), *TRIES]), "clear"),
    wrote_119_days_ago=(Case(touches=[*FORMER, mail_from("maria", 119), *TRIES]), "clear"),
    wrote_120_days_ago=(Case(touches=[*FORMER, mail_from("maria", 120), *TRIES]), "raised"),
    the_third_try_119_days_ago=(Case(touches=[*FORMER, *TRIES[1:], mail_to("maria", 119)]), "raised"),
    the_third_try_120_days_ago=(Case(touches=[*FORMER, *TRIES[1:], mail_to("maria", 120)]), "clear"),
    the_third_try_was_hers=(
        Case(touches=[*FORMER, *TRIES[1:], call(9, outcome="busy", direction="inbound")]), "clear",
    ),
    the_third_try_was_a_meeting=(Case(touches=[*FORMER, *TRIES[1:], meeting(9, outcome="no-show")]), "raised"),
    known_to_have_left=(Case(touches=[*FORMER, *TRIES], left={"maria": 9}), "clear"),
)  # fmt: skip
def test_suspected_left(case: Case, verdict: str) -> None:
    _check("suspected-left", case, verdict)


@cases(
    held_197_days_ago=(Case(touches=[*days(8), meeting(197, "sam")]), "clear"),
    held_198_days_ago=(Case(touches=[*days(8), meeting(198, "sam")]), "raised"),
    tier_b_379_days_ago=(Case(touches=[meeting(379, "sam")], bigger=80_000), "clear"),
    tier_b_380_days_ago=(Case(touches=[meeting(380, "sam")], bigger=80_000), "raised"),
    nobody_of_theirs_is_named=(Case(touches=[meeting(197, "sam", "")]), "clear"),
    a_guest_of_jana=(Case(touches=[meeting(197, ("jana", "sam"))]), "clear"),
    an_answer_197_days_ago=(Case(touches=[mail_from("maria", 205, "sam"), mail_to("maria", 197, "sam")]), "clear"),
    an_answer_198_days_ago=(Case(touches=[mail_from("maria", 205, "sam"), mail_to("maria", 198, "sam")]), "raised"),
    no_answer=(Case(touches=[mail_to("maria", 9, "sam")]), "raised"),
    a_customer_for_197_days=(Case(since=197), "clear"),
    a_customer_for_198_days=(Case(since=198), "raised"),
    no_executive_is_named=(Case(executives=()), "not_applicable"),
    the_executive_is_ignored=(Case(ignored=("sam",)), "not_applicable"),
)
def test_our_exec_lapse(case: Case, verdict: str) -> None:
    _check("our-exec-lapse", case, verdict)


@pytest.mark.parametrize(
    ("rule", "case", "salesforce", "hubspot"),
    [
        (
            "exec-reach-lapse",
            Case(titles=CHIEF, touches=[mail_from("chief", 9, ("jana", "tom")), mail_to("chief", 8, "tom")]),
            *("clear", "raised"),
        ),
        (
            "exec-reach-lapse",
            Case(titles=CHIEF, touches=[mail_from("maria chief", 9), mail_to("chief", 8)]),
            *("raised", "clear"),
        ),
        (
            "exec-reach-lapse",
            Case(titles=CHIEF, touches=[mail_to("chief", 9, ("jana", "tom")), mail_from("chief", 8, "tom")]),
            *("raised", "raised"),
        ),
        ("our-exec-lapse", Case(touches=[call(9, ("jana", "sam"))]), "clear", "raised"),
        ("no-complaint-backup", Case(touches=[*days(8), call(9, ("jana", "tom"), "paul maria")]), "clear", "raised"),
        ("no-complaint-backup", Case(touches=[*days(8), call(9, ("jana", "tom"), "maria paul")]), "raised", "raised"),
        ("no-complaint-backup", Case(touches=[*days(8), call(9, ("jana", "tom"))]), "clear", "raised"),
        ("our-exec-lapse", Case(touches=[meeting(9, "sam", "", outcome="no-show")]), "clear", "raised"),
        ("senior-untouched", Case(titles=TOP, touches=[mail_to("vice", 9, outcome="bounced")]), "clear", "raised"),
        (
            "senior-untouched",
            Case(titles=TOP, touches=[meeting(9, to="vice", outcome="rescheduled")]),
            "clear",
            "raised",
        ),
        (
            "sole-rep",
            Case(
                owner="tom",
                touches=[*days(8), *LONG, meeting(730), replace(touch("note", 9, "tom"), account="z")],
            ),
            *("unknown", "raised"),
        ),
        (
            "exec-reach-lapse",
            Case(roles={"maria": "influencer;decision-maker"}, left={"maria": 9}, touches=[call(9)]),
            *("unknown", "clear"),
        ),
        (
            "unanswered-inbound",
            # Salesforce knows the day of a call alone; noon stands for it.
            Case(touches=[mail_from("maria", 9, earlier=-60), call(9, earlier=-120)]),
            *("raised", "clear"),
        ),
    ],
    ids=[
        "HubSpot gives a mail to its owner alone",
        "Salesforce knows one sender",
        "who is in copy, or not the owner, wrote nothing",
        "HubSpot gives a call to its owner alone",
        "Salesforce makes two calls of one with two of either side",
        "Salesforce makes two calls of one with two of either side, and other pairs",
        "Salesforce makes two calls of one with two of ours",
        "Salesforce cannot tell that nobody came where nobody was invited",
        "Salesforce is not told of a bounce",
        "a postponed meeting is an invitation declined in Salesforce, and nothing in HubSpot",
        "a note is no sign of life in Salesforce",
        "an ended relation of Salesforce has no roles, and a deal has one",
        "the hour of a call",
    ],
)
def test_where_the_two_crms_keep_different_things(rule: str, case: Case, salesforce: str, hubspot: str) -> None:
    assert case.verdicts(rule) == {"salesforce": salesforce, "hubspot": hubspot}


def test_a_mail_of_somebody_without_an_address_is_a_strangers_in_salesforce() -> None:
    company = Case(titles=CHIEF, touches=[mail_to("chief", 9), mail_from("chief", 8)]).company()
    company.contacts = [replace(contact, email="") for contact in company.contacts]
    assert judged(company)["a"]["exec-reach-lapse"] == {"salesforce": "raised", "hubspot": "clear"}


@pytest.mark.parametrize(("calls", "verdict"), [(499, "clear"), (500, "unknown")])
def test_where_no_message_is_logged_silence_proves_nothing(calls: int, verdict: str) -> None:
    many = [elsewhere(n % 90, "leo") for n in range(calls - 1)]
    case = Case(titles=CHIEF, touches=[*many, call(89, to="chief")])
    assert case.verdicts("exec-reach-lapse") == dict.fromkeys(CRMS, verdict)
    assert case.verdicts("senior-untouched") == dict.fromkeys(CRMS, "clear")
    heard = replace(case, touches=[*case.touches, mail_to("maria", 89)])
    assert heard.verdicts("exec-reach-lapse") == dict.fromkeys(CRMS, "clear")


def customers(*revenues: float | None) -> Company:
    """Customers by type, named a, b, c ...; `None` has no deal."""
    names = "abcdefghij"[: len(revenues)]
    return Company(
        accounts=[SeedAccount(id=name, name=name, type="Customer - Direct") for name in names],
        deals=[_won(name, 364, revenue) for name, revenue in zip(names, revenues, strict=True) if revenue is not None],
    )


@pytest.mark.parametrize(
    ("revenues", "share", "key"),
    [
        ((50, 40, 30, 20, 10), 0.2, "a"),
        ((50, 40, 30, 20, 10, 5), 0.2, "ab"),
        ((50, 40, 40, 20, 10, 5), 0.2, "abc"),
        ((50, None, None), 1.0, "a"),
        ((1,) * 10, 0.1, "abcdefghij"),
    ],
    ids=["a fifth", "rounded up", "a tie at the border", "not without revenue", "all alike"],
)
def test_who_is_key(revenues: tuple[float | None, ...], share: float, key: str) -> None:
    verdicts = judged(customers(*revenues), key_share=share)
    assert "".join(name for name, by_rule in verdicts.items() if _spoken_of(by_rule)) == key


def _spoken_of(by_rule: dict[str, dict[str, str]]) -> bool:
    return {verdict for by_crm in by_rule.values() for verdict in by_crm.values()} != {"not_applicable"}


def test_who_bought_a_year_ago_is_a_customer_without_revenue() -> None:
    company = customers(50, None)
    company.accounts[1] = replace(company.accounts[1], type="")
    company.deals.append(_won("b", 365, 900))
    assert not _spoken_of(judged(company)["b"])
    company.deals.append(_won("b", 364, 900))
    assert _spoken_of(judged(company)["b"])


def test_where_nobody_has_revenue_nobody_knows_who_is_key() -> None:
    verdicts = judged(customers(None, None), executives=("sam",))
    assert all(by_crm == dict.fromkeys(CRMS, "unknown") for by_crm in verdicts["a"].values())


def test_a_prospect_is_not_spoken_of() -> None:
    company = customers(50)
    company.accounts.append(SeedAccount(id="p", name="P", type="Prospect"))
    company.deals.append(SeedDeal(id="lost", account="p", name="lost", amount=99.0, closed_on=on(9)))
    assert not _spoken_of(judged(company)["p"])


def test_an_unknown_title_is_refused_and_every_title_of_a_made_up_company_is_known() -> None:
    with pytest.raises(KeyError, match="Chief of Staff"):
        Case(titles={"maria": "Chief of Staff"}).verdicts("sole-rep")
    assert {*EXECUTIVE_TITLES, *PLAIN_TITLES, *TRAP_TITLES} <= LEVELS.keys()


BUYING = {"maria": "Buyer", "paul": "CFO", "kay": "Plant Manager"}
HEADS = {"maria": "Buyer", "paul": "Head of Operations", "kay": "CEO"}


@cases(
    two_buyers=(Case(touches=[meeting(5, to="maria paul")], titles=BUYING), "raised"),
    the_plant_within_the_year=(
        Case(touches=[meeting(5, to="maria paul"), meeting(364, to="kay")], titles=BUYING),
        "clear",
    ),
    the_plant_before_it=(Case(touches=[meeting(5, to="maria paul"), meeting(365, to="kay")], titles=BUYING), "raised"),
    one_buyer=(Case(touches=[meeting(5)], titles=BUYING), "unknown"),
    one_without_a_title=(Case(touches=[meeting(5, to="maria paul")], titles=BUYING | {"paul": ""}), "unknown"),
    the_plant_left=(Case(touches=[meeting(5, to="maria paul kay")], titles=BUYING, left={"kay": 1}), "raised"),
)
def test_procurement_only(case: Case, verdict: str) -> None:
    _check("procurement-only", case, verdict)


@cases(
    a_sponsor=(Case(touches=[meeting(1)], roles={"paul": "influencer;executive-sponsor"}), "clear"),
    another_role=(Case(touches=[meeting(1)], roles={"paul": "decision-maker"}), "raised"),
    no_role=(Case(touches=[meeting(1)]), "unknown"),
    the_sponsor_left=(
        Case(touches=[meeting(1)], roles={"paul": "executive-sponsor", "maria": "influencer"}, left={"paul": 9}), "raised",
    ),
)  # fmt: skip
def test_no_customer_sponsor(case: Case, verdict: str) -> None:
    _check("no-customer-sponsor", case, verdict)


@pytest.mark.parametrize(
    ("touches", "our_titles", "verdict"),
    [
        ([meeting(5)], {"jana": "Account Manager"}, "raised"),
        ([meeting(5), meeting(364, "tom")], {"jana": "Chief Executive Officer", "tom": "COO"}, "clear"),
        ([meeting(5), meeting(365, "tom")], {"jana": "Chief Executive Officer", "tom": "COO"}, "raised"),
        ([meeting(5)], {"tom": "COO"}, "unknown"),
        ([], {"jana": "Account Manager"}, "unknown"),
    ],
    ids=["a seller alone", "both functions", "one of them too long ago", "no title in touch", "nobody in touch"],
)
def test_peering_gap(touches: list[SeedTouch], our_titles: dict[str, str], verdict: str) -> None:
    found = Case(touches=touches, titles=HEADS, our_titles=our_titles).verdicts("peering-gap")
    assert found == {"salesforce": verdict, "hubspot": "unknown"}


@pytest.mark.parametrize(
    ("title", "inactive", "verdict"),
    [
        ("Account Manager", (), "clear"),
        ("Sales Representative", (), "raised"),
        ("", (), "unknown"),
        ("Account Manager", ("jana",), "unknown"),
    ],
)
def test_point_of_contact_authority(title: str, inactive: tuple[str, ...], verdict: str) -> None:
    found = Case(our_titles={"jana": title}, inactive=inactive).verdicts("point-of-contact-authority")
    assert found == {"salesforce": verdict, "hubspot": "unknown"}


@cases(
    entered_30_days_ago=(Case(titles=HEADS, entered={"paul": 30}), "raised"),
    entered_31_days_ago=(Case(titles=HEADS, entered={"paul": 31}), "clear"),
    a_buyer=(Case(titles=HEADS, entered={"maria": 3}), "clear"),
    written_to=(Case(titles=HEADS, entered={"paul": 3}, touches=[mail_to("paul", 2)]), "clear"),
    gone_again=(Case(titles=HEADS, entered={"paul": 3}, left={"paul": 1}), "clear"),
)
def test_new_senior_contact(case: Case, verdict: str) -> None:
    _check("new-senior-contact", case, verdict)


@cases(
    met_197_days_ago=(Case(touches=[meeting(197, "sam", "kay")], titles=HEADS), "clear"),
    met_198_days_ago=(Case(touches=[meeting(198, "sam", "kay")], titles=HEADS), "raised"),
    tier_b_379_days_ago=(Case(touches=[meeting(379, "sam", "kay")], titles=HEADS, bigger=80_000), "clear"),
    tier_b_380_days_ago=(Case(touches=[meeting(380, "sam", "kay")], titles=HEADS, bigger=80_000), "raised"),
    each_with_another=(Case(touches=[meeting(5, "sam"), meeting(5, to="kay")], titles=HEADS), "raised"),
    never_and_new=(Case(titles=HEADS, since=197), "clear"),
    nobody_senior=(Case(touches=[meeting(5, "sam")]), "unknown"),
    nobody_of_ours=(Case(touches=[meeting(5, "sam", "kay")], titles=HEADS, executives=()), "unknown"),
)
def test_exec_to_exec_lapse(case: Case, verdict: str) -> None:
    _check("exec-to-exec-lapse", case, verdict)


@cases(
    due_in_31_days=(Case(touches=[meeting(152, to="kay")], titles=HEADS), "clear"),
    due_in_30_days=(Case(touches=[meeting(153, to="kay")], titles=HEADS), "raised"),
    booked=(
        Case(touches=[meeting(153, to="kay"), meeting(-9, to="kay", outcome="scheduled")], titles=HEADS), "clear",
    ),
    booked_with_another=(
        Case(touches=[meeting(153, to="kay"), meeting(-9, outcome="scheduled")], titles=HEADS), "raised",
    ),
    within_grace=(Case(touches=[meeting(197, to="kay")], titles=HEADS), "raised"),
    lapsed=(Case(touches=[meeting(198, to="kay")], titles=HEADS), "clear"),
    nobody_senior=(Case(touches=[meeting(153)]), "unknown"),
)  # fmt: skip
def test_exec_due_soon(case: Case, verdict: str) -> None:
    _check("exec-due-soon", case, verdict)


@cases(
    written_92_days_ago=(Case(touches=[meeting(1), mail_to("paul kay", 92)], titles=HEADS), "clear"),
    written_93_days_ago=(Case(touches=[meeting(1), mail_to("paul kay", 93)], titles=HEADS), "raised"),
    one_of_two=(Case(touches=[meeting(1), mail_to("kay", 5)], titles=HEADS), "raised"),
    a_missed_call=(
        Case(touches=[meeting(1), mail_to("kay", 5), call(5, to="paul", outcome="no-answer")], titles=HEADS), "raised",
    ),
    the_main_contact=(
        Case(touches=[*days(3, to="paul"), meeting(150, to="paul"), mail_to("kay", 5)], titles=HEADS), "clear",
    ),
    entered_92_days_ago=(
        Case(touches=[meeting(1), mail_to("kay", 5)], titles=HEADS, entered={"paul": 92}), "clear",
    ),
    untitled=(Case(touches=[meeting(1)], titles={"maria": "", "paul": "", "kay": "CEO"}), "unknown"),
)  # fmt: skip
def test_indirect_quarterly(case: Case, verdict: str) -> None:
    _check("indirect-quarterly", case, verdict)


@cases(
    twice_in_60_days=(Case(touches=[meeting(59, outcome="no-show"), meeting(5, outcome="no-show")]), "raised"),
    twice_in_61_days=(Case(touches=[meeting(60, outcome="no-show"), meeting(5, outcome="no-show")]), "clear"),
    twice_on_one_day=(Case(touches=[meeting(5, outcome="no-show"), meeting(5, outcome="no-show")]), "clear"),
    a_missed_call=(Case(touches=[meeting(5, outcome="no-show"), call(9, outcome="no-answer")]), "clear"),
    no_meeting_this_year=(Case(touches=[meeting(365), call(2)]), "unknown"),
)
def test_no_show_trend(case: Case, verdict: str) -> None:
    _check("no-show-trend", case, verdict)


@pytest.mark.parametrize(
    ("planned", "bigger", "missing", "stale"),
    [
        (180, 0, "clear", "clear"),
        (181, 0, "clear", "raised"),
        (365, 80_000, "clear", "clear"),
        (366, 80_000, "raised", "clear"),
        (366, 0, "raised", "clear"),
        (0, 0, "raised", "clear"),
    ],
)
def test_plans(planned: int, bigger: float, missing: str, stale: str) -> None:
    case = Case(planned=planned, bigger=bigger)
    _check("no-account-plan", case, missing)
    _check("stale-plan", case, stale)
    _check("no-joint-plan", case, "raised")
    _check("expectations-inventory", case, "raised")


def _reckoned(company: Company, zone: ZoneInfo = BERLIN) -> dict[str, dict[str, dict[str, str]]]:
    executives = [user.id for user in company.users if EXECUTIVE.search(user.title)]
    assert company.as_of is not None
    return reckon(company, company.as_of, zone, executives=executives, ignored=(), key_share=0.3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_planted_is_found(seed: int) -> None:
    company = make_company(seed, 300, 40, CLOCK)
    reckoned = _reckoned(company)
    for truth in company.truth:
        found = {rule: reckoned[truth.account][rule] for rule in truth.stated}
        stated = {rule: dict.fromkeys(CRMS, verdict) for rule, verdict in truth.stated.items()}
        for rule in BY_OUR_TITLES & stated.keys():
            stated[rule]["hubspot"] = "unknown"
        assert found == stated, f"{truth.account}: {truth.planted}"


def test_the_order_of_rows_changes_nothing() -> None:
    company = make_company(4, 60, 20, CLOCK)
    turned = replace(company, touches=company.touches[::-1], contacts=company.contacts[::-1], deals=company.deals[::-1])
    assert _reckoned(turned) == _reckoned(company)
