"""Counterparts by function: who speaks with whom, and where somebody senior of theirs has nobody."""

from __future__ import annotations

from dataclasses import replace

from rules.facts import AccountFacts
from rules.function_patterns import Function
from rules.model import Contact, Touch
from rules.peering import Link, Pairing, peering
from rules.titles import TitleRules
from tests.builders import ANNA, LOPEZ, PETER, USERS, day_before, facts, mail, touch

CFO = Contact(id="cfo", account_id="acme", name="Ada Roy", title="CFO")
COO = Contact(id="coo", account_id="acme", name="Bo Lund", title="COO")
FINANCE = replace(ANNA, title="Head of Finance")
OURS = USERS | {"anna": FINANCE}


def pairings(*touches: Touch, **more: object) -> dict[Function, Pairing]:
    seen: AccountFacts = facts(touches, **({"contacts": (LOPEZ, CFO), "users": OURS} | more))
    return {one.function: one for one in peering(seen)}


def test_two_of_the_same_function_in_touch_are_peers() -> None:
    told = pairings(touch(40, by="anna", to="cfo"), touch(10, by="jana", to="lopez"))
    assert told[Function.FINANCE] == Pairing(
        function=Function.FINANCE, link=Link.PEERS, theirs=(CFO,), ours=("anna",), last_on=day_before(40)
    )


def test_somebody_senior_without_a_counterpart_is_a_gap() -> None:
    told = pairings(touch(10, by="jana", to="cfo"))
    assert (told[Function.FINANCE].link, told[Function.FINANCE].ours) == (Link.GAP, ())
    assert told[Function.PROCUREMENT].link is Link.LOW, "a buyer is below head level"
    assert (told[Function.SALES].link, told[Function.SALES].last_on) == (Link.OURS, day_before(10))


def test_a_colleague_of_the_function_who_meets_others_is_near() -> None:
    told = pairings(touch(10, by="anna", to="lopez"))
    assert (told[Function.FINANCE].link, told[Function.FINANCE].last_on) == (Link.NEAR, day_before(10))


def test_peers_of_long_ago_are_peers_no_more_but_their_day_is_told() -> None:
    told = pairings(touch(365, by="anna", to="cfo"), touch(3, by="anna", to="lopez"))
    assert (told[Function.FINANCE].link, told[Function.FINANCE].last_on) == (Link.NEAR, day_before(365))
    assert pairings(touch(364, by="anna", to="cfo"))[Function.FINANCE].link is Link.PEERS


def test_who_left_counts_on_neither_side() -> None:
    met = touch(10, by="anna", to="cfo")
    gone = replace(FINANCE, active=False)
    assert pairings(met, users=OURS | {"anna": gone})[Function.FINANCE].link is Link.GAP
    left = replace(CFO, left_on=day_before(5))
    assert pairings(met, contacts=(left,))[Function.FINANCE].link is Link.OURS


def test_an_unanswered_mail_makes_nobody_a_peer() -> None:
    assert pairings(mail(10, by="anna", to="cfo"))[Function.FINANCE].link is Link.GAP


def test_a_title_of_two_functions_is_answered_by_either() -> None:
    both = replace(COO, title="CFO & COO")
    told = pairings(touch(10, by="anna", to="coo"), contacts=(both,))
    assert told[Function.FINANCE].link is Link.PEERS
    assert told[Function.OPERATIONS].link is Link.GAP


def test_the_organisations_own_list_counts_on_both_sides() -> None:
    titles = TitleRules(functions={"special projects": Function.FINANCE})
    users = OURS | {"peter": replace(PETER, title="Special Projects")}
    told = pairings(touch(10, by="peter", to="cfo"), users=users, titles=titles)
    assert told[Function.FINANCE].ours == ("peter",)
