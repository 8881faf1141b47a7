"""The executive check-ins as entries of a calendar: who meets whom, when; and imported again they are the same events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from rules.catalog.exec_reach_lapse import ExecReachLapse, check
from rules.facts import AccountFacts
from rules.model import Outcome
from sync.config import PeopleSection
from sync.pages.agenda import Entry, agenda, icalendar_of
from sync.pages.checkins import check_in
from sync.people import People
from tests.builders import TODAY, account, day_before, facts, mail, touch

NOW = datetime.combine(TODAY, datetime.min.time(), UTC)


def entries(seen: AccountFacts) -> list[Entry]:
    params = ExecReachLapse()
    checked = check_in(seen, check.check(seen, params), params)
    return list(agenda("acme-crm", seen, checked, params, People.of(seen.users, PeopleSection())))


def test_what_was_held_what_is_booked_and_what_is_due_stands_there_with_who_meets_whom() -> None:
    booked = touch(-7, by="anna", to="berg", outcome=Outcome.VOID)
    told = entries(facts([touch(200, by="peter", to="berg")], upcoming=(booked,)))
    assert [(one.state, one.day, one.ours, one.theirs) for one in told] == [
        ("held", day_before(200), ("Peter Hall",), ("Karin Berg (CEO)",)),
        ("lapsed", day_before(200 - 183), ("Peter Hall",), ("Karin Berg",)),
        ("booked", day_before(-7), ("Anna Kim",), ("Karin Berg (CEO)",)),
    ]


def test_who_is_no_executive_and_what_was_only_tried_is_no_check_in() -> None:
    told = entries(facts([touch(10, to="berg"), touch(5, to="lopez"), mail(3, to="berg")]))
    assert [one.state for one in told] == ["held", "due"]


def test_a_mail_and_its_answer_of_one_day_are_one_exchange() -> None:
    both = [mail(9, to="berg"), mail(9, to="berg", inbound=True)]
    assert [(one.state, one.how) for one in entries(facts(both))] == [("held", "email"), ("due", "")]


def test_an_executive_of_ours_who_went_before_goes_again_else_who_went_last_else_the_owner() -> None:
    met = [touch(50, by="anna", to="berg"), touch(20, by="peter", to="berg")]
    assert entries(facts(met))[-1].ours == ("Peter Hall",)
    assert entries(facts(met, executives=frozenset({"anna"})))[-1].ours == ("Anna Kim",)
    gone = {one.id: replace(one, active=one.id not in {"anna", "peter"}) for one in facts().users.values()}
    assert entries(facts(met, users=gone))[-1].ours == ("Jana Roth",)


def test_nothing_is_entered_where_nobody_can_tell() -> None:
    assert entries(facts(contacts=())) == []


def test_an_import_again_moves_the_same_events() -> None:
    first = facts([touch(200, to="berg")])
    tomorrow = replace(first, today=TODAY + timedelta(days=1), touches=(*first.touches, touch(0, to="berg")))
    before, after = (icalendar_of([("crm", one) for one in entries(seen)], NOW) for seen in (first, tomorrow))
    old, new = ({one["uid"]: one for one in Calendar.from_ical(text).walk("vevent")} for text in (before, after))
    assert len(new) == 3
    assert set(old) < set(new)
    (due,) = (uid for uid in old if old[uid].decoded("dtstart") != new[uid].decoded("dtstart"))
    assert new[due].decoded("dtstart") == TODAY + timedelta(days=183)
    assert icalendar_of([], NOW + timedelta(days=1)) == icalendar_of([], NOW)


def test_events_fill_whole_days_and_block_nobody() -> None:
    (held, due) = Calendar.from_ical(
        icalendar_of([("crm", one) for one in entries(facts([touch(10, to="berg")]))], NOW)
    ).walk("vevent")
    assert held.decoded("dtend") - held.decoded("dtstart") == timedelta(days=1)
    assert (str(held["status"]), str(due["status"])) == ("CONFIRMED", "TENTATIVE")
    assert {str(one["transp"]) for one in (held, due)} == {"TRANSPARENT"}


def test_a_later_export_has_a_higher_number_for_every_event() -> None:
    told = [("crm", one) for one in entries(facts([touch(10, to="berg")]))]
    numbers = [
        Calendar.from_ical(icalendar_of(told, NOW + timedelta(days=days))).walk("vevent")[0]["sequence"]
        for days in (0, 1)
    ]
    assert numbers[1] > numbers[0]


def test_a_hostile_name_stays_inside_its_event() -> None:
    named = account(name="Acme\r\nEND:VEVENT\r\nBEGIN:VEVENT; \u202eevil,")
    text = icalendar_of([("crm", one) for one in entries(facts([touch(10, to="berg")], account=named))], NOW)
    events = Calendar.from_ical(text).walk("vevent")
    assert len(events) == 2
    assert "\u202e" not in str(events[0]["summary"])
