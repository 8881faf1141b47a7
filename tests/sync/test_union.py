"""One customer's parts from several CRMs become one: nothing is lost, nothing counts twice, no order matters."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from rules.facts import AccountFacts
from rules.model import Contact, Deal, Direction, Kind, Mailing, Outcome, TeamMember, Ticket, Touch
from rules.rule import discover
from rules.rulebook import read_rulebook
from sync.store.same_touch import Mark, paired
from sync.store.union import Names, Part, Ref, merged
from tests.builders import JANA, KEY, PETER, TODAY, account

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
SF, HS, PD = "sf", "hs", "pd"


def touch(name: str, at: datetime = NOON, *, ours: str = "jana", theirs: str = "c1", **more: Any) -> Touch:
    told: dict[str, Any] = {"kind": Kind.MEETING, "direction": Direction.NONE, "outcome": Outcome.HELD, **more}
    sides: dict[str, Any] = {"ours": tuple(filter(None, [ours])), "theirs": tuple(filter(None, [theirs]))}
    return Touch(id=name, at=at, day=at.date(), **sides, **told)


def part(connection: str, *touches: Touch, marks: dict[str, Mark] | None = None, **more: Any) -> Part:
    return Part(connection=connection, account_id=f"a-{connection}", touches=touches, marks=marks or {}, **more)


def contact(name: str, **more: Any) -> Contact:
    return Contact(id=name, account_id="a", name=name, **more)


def ids(parts: list[Part], same: dict[Ref, str] | None = None) -> list[str]:
    return [one.id for one in merged(parts, same or {}, {}).touches]


def test_a_part_alone_stays_as_it_is() -> None:
    alone = part(SF, touch("t1"), contacts=(contact("c1"),))
    assert merged([alone], {}, {}) is alone


def test_what_only_another_crm_knows_tells_its_source() -> None:
    sf = part(SF, contacts=(contact("c1"),))
    hs = part(HS, touch("9", theirs="7"), contacts=(contact("7"),), tickets=(ticket("5", "7"),), deals=(deal("3"),))
    whole = merged([sf, hs], {}, {})
    assert [one.id for one in whole.contacts] == ["c1", "hs:7"]
    assert [(one.id, one.theirs) for one in whole.touches] == [("hs:9", ("hs:7",))]
    assert [(one.id, one.contact_id) for one in whole.tickets] == [("hs:5", "hs:7")]
    assert [one.id for one in whole.deals] == ["hs:3"]
    told: list[Any] = [*whole.contacts, *whole.tickets, *whole.deals]
    assert {one.account_id for one in told} == {"a-sf"}


def ticket(name: str, contact_id: str) -> Ticket:
    return Ticket(id=name, account_id="a", opened_on=TODAY, contact_id=contact_id)


def deal(deal_id: str, **more: Any) -> Deal:
    told: dict[str, Any] = {"name": "Renewal", "amount": 1000.0, "closed_on": date(2026, 5, 1), "won": True, **more}
    return Deal(id=deal_id, account_id="a", **told)


def test_a_matched_contact_is_the_homes_with_what_it_leaves_empty_filled_in() -> None:
    mine = contact("c1", title="CEO", left_on=date(2026, 10, 2), left_why="no longer there", roles=frozenset({"buyer"}))
    theirs = replace(contact("7", email="x@acme.example", title="Chef", left_on=date(2026, 9, 1), left_why="bounced"))
    theirs = replace(theirs, roles=frozenset({"decision-maker"}), entered_on=date(2020, 1, 1))
    parts = [part(SF, contacts=(mine,)), part(HS, touch("9", theirs="7"), contacts=(theirs,))]
    whole = merged(parts, {(SF, "c1"): "p", (HS, "7"): "p"}, {})
    assert whole.contacts == (
        Contact(
            id="c1",
            account_id="a-sf",
            name="c1",
            email="x@acme.example",
            title="CEO",
            roles=frozenset({"buyer", "decision-maker"}),
            left_on=date(2026, 9, 1),
            left_why="bounced",
            entered_on=date(2020, 1, 1),
        ),
    )
    assert whole.touches[0].theirs == ("c1",)


def test_a_contact_that_is_one_with_somebody_of_another_account_keeps_its_own_name_here() -> None:
    parts = [part(SF, contacts=(contact("c1"),)), part(HS, contacts=(contact("7"),))]
    whole = merged(parts, {(SF, "elsewhere"): "p", (HS, "7"): "p"}, {})
    assert [one.id for one in whole.contacts] == ["c1", "hs:7"]


def test_two_others_that_are_one_without_the_home_go_by_the_first_of_them() -> None:
    parts = [part(SF), part(HS, contacts=(contact("7"),)), part(PD, contacts=(contact("1"),))]
    whole = merged(parts, {(HS, "7"): "p", (PD, "1"): "p"}, {})
    assert [one.id for one in whole.contacts] == ["hs:7"]


def test_the_same_mail_counts_once_by_its_id_whatever_else_each_crm_says_of_it() -> None:
    kind: dict[str, Any] = {"kind": Kind.EMAIL, "outcome": Outcome.SENT}
    sf = part(SF, touch("t1", direction=Direction.OUTBOUND, **kind), marks={"t1": Mark(uid="m@x")})
    later = NOON + timedelta(minutes=3)
    hs = part(HS, touch("9", later, ours="peter", theirs="7", **kind), marks={"9": Mark(uid="m@x")})
    (one,) = merged([sf, hs], {}, {}).touches
    assert (one.id, one.at, one.direction) == ("t1", NOON, Direction.OUTBOUND)
    assert (one.ours, one.theirs) == (("jana", "peter"), ("c1", "hs:7"))


def test_two_mails_with_ids_of_their_own_are_two_though_all_else_is_the_same() -> None:
    sf, hs = part(SF, touch("t1"), marks={"t1": Mark(uid="a")}), part(HS, touch("9"), marks={"9": Mark(uid="b")})
    assert len(merged([sf, hs], {}, {}).touches) == 2


def test_without_ids_kind_people_direction_and_minute_tell_the_same() -> None:
    mine = touch("t1")
    within = NOON + timedelta(seconds=59)
    same = {(SF, "c1"): "p", (HS, "7"): "p"}

    def with_hs(*touches: Touch) -> list[str]:
        people: Any = {"contacts": (contact("c1"),)}, {"contacts": (contact("7"), contact("8"))}
        return ids([part(SF, mine, **people[0]), part(HS, *touches, **people[1])], same)

    assert with_hs(touch("9", within, theirs="7")) == ["t1"]
    assert with_hs(touch("9", within, theirs="")) == ["t1"]
    assert with_hs(touch("9", NOON + timedelta(minutes=1), theirs="7")) == ["t1", "hs:9"]
    assert len(with_hs(touch("9", theirs="8"))) == 2
    assert len(with_hs(touch("9", theirs="7", ours="peter"))) == 2
    assert len(with_hs(touch("9", theirs="7", kind=Kind.CALL))) == 2
    assert len(with_hs(touch("9", theirs="7", direction=Direction.INBOUND))) == 2


def test_where_a_crm_knows_only_the_day_of_a_call_the_day_tells_the_same() -> None:
    call: dict[str, Any] = {"kind": Kind.CALL, "direction": Direction.OUTBOUND}
    early, late = NOON.replace(hour=9), NOON.replace(hour=16)
    sf = part(
        SF,
        touch("t1", outcome=Outcome.HELD, **call),
        touch("t2", outcome=Outcome.ATTEMPTED, **call),
        marks={"t1": Mark(by_day=True), "t2": Mark(by_day=True)},
    )
    hs = part(
        HS,
        touch("8", early, theirs="", outcome=Outcome.ATTEMPTED, **call),
        touch("9", late, theirs="", outcome=Outcome.HELD, **call),
    )
    found = merged([sf, hs], {}, {}).touches
    assert [(one.id, one.at, one.outcome) for one in found] == [
        ("t2", early, Outcome.ATTEMPTED),
        ("t1", late, Outcome.HELD),
    ]
    another_day = part(HS, touch("9", late + timedelta(days=1), theirs="", **call))
    assert len(merged([sf, another_day], {}, {}).touches) == 3


def test_two_of_one_crm_stay_two_and_meet_two_of_the_other() -> None:
    twice, once = part(SF, touch("t1"), touch("t2")), part(HS, touch("9", theirs=""))
    assert ids([twice, once]) == ["t1", "t2"]
    assert ids([once, twice]) == ["9", "sf:t2"]


def test_what_took_place_in_one_crm_took_place() -> None:
    tried = part(SF, touch("t1", outcome=Outcome.ATTEMPTED))
    assert merged([tried, part(HS, touch("9", theirs=""))], {}, {}).touches[0].outcome is Outcome.HELD


def test_a_deal_that_both_know_counts_once_by_id_or_by_name_day_and_amount() -> None:
    def deals(theirs: Deal, same: dict[Ref, str] | None = None) -> list[tuple[str, float | None]]:
        whole = merged([part(SF, deals=(deal("d1", amount=None),)), part(HS, deals=(theirs,))], {}, same or {})
        return [(one.id, one.amount) for one in whole.deals]

    assert deals(deal("3", name="Other", amount=5.0), {(SF, "d1"): "p", (HS, "3"): "p"}) == [("d1", 5.0)]
    assert len(deals(deal("3"))) == 2  # an amount that is not known tells nothing
    parts = [part(SF, deals=(deal("d1"), deal("d2"))), part(HS, deals=(deal("3", name="RENEWAL"),))]
    assert [one.id for one in merged(parts, {}, {}).deals] == ["d1", "d2"]
    assert len(merged(parts, {}, {(SF, "d1"): "p", (SF, "d2"): "q", (HS, "3"): "r"}).deals) == 3


def test_teams_mailings_and_former_owners_are_those_of_all() -> None:
    member = TeamMember(account_id="a", user_id="jana", role="Sponsor", since=TODAY)
    on_deal = replace(member, deal_id="3", since=date(2025, 1, 1))
    mail = Mailing(contact_id="c1", name="Fair", got_on=TODAY)
    sf = part(SF, contacts=(contact("c1"),), team=(member,), mailings=(mail,), former_owners={"u": date(2026, 1, 1)})
    hs = part(
        HS,
        contacts=(contact("7"),),
        team=(replace(member, since=date(2026, 1, 1)), on_deal),
        mailings=(replace(mail, contact_id="7"), replace(mail, contact_id="7", name="News")),
        former_owners={"u": date(2026, 2, 1), "v": date(2026, 1, 1)},
        deals=(deal("3"),),
    )
    whole = merged([sf, hs], {(SF, "c1"): "p", (HS, "7"): "p"}, {})
    assert [(one.deal_id, one.since) for one in whole.team] == [(None, date(2026, 1, 1)), ("hs:3", date(2025, 1, 1))]
    assert [(one.contact_id, one.name) for one in whole.mailings] == [("c1", "Fair"), ("c1", "News")]
    assert whole.former_owners == {"u": date(2026, 2, 1), "v": date(2026, 1, 1)}


def test_names_lead_to_the_home_then_to_the_readers_own_then_to_the_first() -> None:
    parties = {(SF, "1"): "p", (HS, "2"): "p", (PD, "3"): "p", (HS, "4"): "q", (PD, "5"): "q"}
    assert {ref: Names.of(SF, parties).called(*ref) for ref in parties} == {
        (SF, "1"): "1",
        (HS, "2"): "1",
        (PD, "3"): "1",
        (HS, "4"): "hs:4",
        (PD, "5"): "hs:4",
    }
    assert Names.of(SF, parties, {(PD, "3")}).called(SF, "1") == "pd:3"
    assert Names.of(PD, parties).called(SF, "7") == "sf:7"


def test_what_is_the_same_stands_together_one_of_each_part_at_most() -> None:
    def tens(one: int) -> list[int]:
        return [one // 10]

    assert paired([[11, 12, 30], [13, 14, 15], [31]], tens, lambda *_: True) == [[11, 13], [12, 14], [30, 31], [15]]


# A company whose every contact, touch and deal can be told from the others.
minutes = st.integers(0, 60 * 24 * 700)
channels = st.sampled_from([
    (Kind.EMAIL, Direction.INBOUND, Outcome.SENT),
    (Kind.EMAIL, Direction.OUTBOUND, Outcome.SENT),
    (Kind.MEETING, Direction.NONE, Outcome.HELD),
    (Kind.CALL, Direction.OUTBOUND, Outcome.HELD),
])  # fmt: skip
who = st.tuples(st.sampled_from(["jana", "peter"]), st.sets(st.integers(0, 3), max_size=2))
told_touches = st.lists(st.tuples(minutes, channels, who), max_size=30, unique_by=lambda one: one[0])
Told = list[tuple[int, tuple[Kind, Direction, Outcome], tuple[str, set[int]]]]
Split = tuple[Part, list[Part], dict[Ref, str], dict[Ref, str]]
companies = st.tuples(told_touches, st.randoms(use_true_random=False))


def whole_and_split(told: Told, chance: random.Random) -> Split:
    """The company in one CRM, and the same divided at random over three, each touch and each deal in some of them."""
    whole = whole_company(told)
    somewhere = ((SF,), (HS,), (PD,), (SF, HS), (HS, PD), (SF, HS, PD))
    ids = [*(one.id for one in whole.touches), *(one.id for one in whole.deals)]
    where = {one: chance.choice(somewhere) for one in ids}
    parts = [part_of(whole, name, {one for one, names in where.items() if name in names}) for name in (SF, HS, PD)]
    same = {(name, f"{name}-{one.id}"): one.id for name in (SF, HS, PD) for one in whole.contacts}
    known_twice = [one.id for one in whole.deals if len(where[one.id]) > 1]
    return whole, parts, same, {(name, f"{name}-{one}"): one for one in known_twice for name in where[one]}


def whole_company(told: Told) -> Part:
    titles = ("CEO", "Buyer", "CFO", "")
    touches = [
        replace(
            touch(f"t{number}", NOON - timedelta(minutes=ago), ours=ours, kind=kind, direction=to, outcome=came),
            theirs=tuple(sorted(f"c{one}" for one in theirs)),
        )
        for number, (ago, (kind, to, came), (ours, theirs)) in enumerate(told)
    ]
    people = [contact(f"c{number}", title=title) for number, title in enumerate(titles)]
    deals = [deal(f"d{number}", name=f"Deal {number}", closed_on=date(2026, 1, 1 + number)) for number in range(3)]
    return Part(
        connection=SF,
        account_id="a-sf",
        contacts=tuple(replace(one, account_id="a-sf") for one in people),
        touches=tuple(sorted(touches, key=lambda one: (one.at, one.id))),
        deals=tuple(replace(one, account_id="a-sf") for one in deals),
    )


def part_of(whole: Part, name: str, known: set[str]) -> Part:
    """What a CRM has that knows all people, and of touches and deals those of these ids."""
    return Part(
        connection=name,
        account_id=f"a-{name}",
        contacts=tuple(replace(one, id=f"{name}-{one.id}") for one in whole.contacts),
        touches=tuple(
            replace(one, id=f"{name}-{one.id}", theirs=tuple(f"{name}-{who}" for who in one.theirs))
            for one in whole.touches
            if one.id in known
        ),
        deals=tuple(replace(one, id=f"{name}-{one.id}") for one in whole.deals if one.id in known),
    )


@given(companies)
def test_a_company_split_at_random_and_joined_gives_the_whole(drawn: tuple[Told, random.Random]) -> None:
    whole, parts, same, same_deals = whole_and_split(*drawn)
    joined = merged(parts, same, same_deals)

    def plain(one: Part) -> object:
        def bare(name: str) -> str:
            return name.rpartition(":")[2].rpartition("-")[2]

        touches = [replace(t, id=bare(t.id), theirs=tuple(bare(who) for who in t.theirs)) for t in one.touches]
        people = [replace(c, id=bare(c.id), account_id="") for c in one.contacts]
        deals = [replace(d, id=bare(d.id), account_id="") for d in one.deals]
        return touches, people, deals

    assert plain(joined) == plain(whole)


@settings(max_examples=40, deadline=None)
@given(companies)
def test_every_rule_judges_the_joined_as_the_whole(drawn: tuple[Told, random.Random]) -> None:
    whole, parts, same, same_deals = whole_and_split(*drawn)
    catalog = discover()
    tables = {name: {"enabled": True} for name, rule in catalog.items() if not rule.switched_on_by}
    rulebook, problems = read_rulebook(tables, catalog, named=())
    assert not problems

    def verdicts(one: Part) -> list[tuple[str, object]]:
        told = AccountFacts(
            today=TODAY,
            account=replace(account(), id=one.account_id),
            standing=KEY,
            users={JANA.id: JANA, PETER.id: PETER},
            contacts=one.contacts,
            touches=one.touches,
            deals=one.deals,
        )
        return [(rule, getattr(verdict, "numbers", None) or verdict) for rule, verdict in rulebook.judge(told).items()]

    assert verdicts(merged(parts, same, same_deals)) == verdicts(whole)


@given(companies)
def test_the_order_of_the_others_makes_no_difference(drawn: tuple[Told, random.Random]) -> None:
    _, (home, one, other), same, same_deals = whole_and_split(*drawn)
    assert merged([home, one, other], same, same_deals) == merged([home, other, one], same, same_deals)


@given(companies)
def test_joining_with_a_crm_that_knows_nothing_changes_nothing(drawn: tuple[Told, random.Random]) -> None:
    whole, *_ = whole_and_split(*drawn)
    joined = merged([whole, part(HS)], {}, {})
    assert replace(joined, sources={}) == whole
    assert joined.sources == {one.id: (SF,) for one in whole.touches}
