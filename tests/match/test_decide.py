"""Who is the same in two CRMs, decided from keys alone."""

from __future__ import annotations

import random
from collections.abc import Collection

from hypothesis import given
from hypothesis import strategies as st

from sync.match import decide as matching
from sync.match.decide import By, Decision, Key, Pair, Ref


def sf(number: int) -> Ref:
    return Ref("sf", f"001{number}")


def hs(number: int) -> Ref:
    return Ref("hs", str(number))


Party = tuple[Ref, frozenset[Key]]


def party(ref: Ref, *keys: tuple[By, str]) -> Party:
    own = [Key(By.NATIVE_ID, ref.id)] if ref.connection == "sf" else []
    return ref, frozenset([*own, *(Key(by, value) for by, value in keys)])


def decide(parties: Collection[Party], vetoes: Collection[Pair] = ()) -> Decision:
    return matching.decide(dict(parties), vetoes=vetoes, pointed_at={"sf"})


def the_pair(one: Ref, other: Ref) -> tuple[By, str]:
    return By.HUMAN, f"{one} = {other}"


ACME, BYTE = (By.DOMAIN, "acme.com"), (By.DOMAIN, "byte.com")


def members(decision: Decision) -> list[tuple[Ref, ...]]:
    return [same.members for same in decision.same]


def test_an_id_left_by_the_integration_joins_and_says_so() -> None:
    told = decide([party(sf(1)), party(hs(1), (By.NATIVE_ID, "0011"))])
    assert members(told) == [(hs(1), sf(1))]
    assert [reason.key.by for reason in told.same[0].reasons] == [By.NATIVE_ID]


def test_an_id_counts_more_than_a_domain() -> None:
    told = decide([party(sf(1)), party(sf(2), ACME), party(hs(1), (By.NATIVE_ID, "0011"), ACME)])
    assert members(told) == [(hs(1), sf(1))]
    assert not told.conflicts


def test_two_accounts_with_one_domain_are_a_conflict_and_no_match() -> None:
    told = decide([party(sf(1), ACME), party(sf(2), ACME), party(hs(1), ACME)])
    assert not told.same
    assert [conflict.members for conflict in told.conflicts] == [(hs(1), sf(1), sf(2))]
    assert "acme.com" in told.conflicts[0].why


def test_a_domain_that_two_accounts_of_one_side_share_joins_nobody_even_if_one_of_them_is_matched() -> None:
    told = decide(
        [
            party(sf(1), ACME),
            party(hs(1), (By.NATIVE_ID, "0011"), ACME),
            party(sf(2), ACME),
            party(hs(2), ACME),
        ]
    )
    assert members(told) == [(hs(1), sf(1))]
    assert [set(conflict.members) for conflict in told.conflicts] == [{sf(1), hs(1), sf(2), hs(2)}]


def test_a_further_account_with_the_domain_of_a_matched_pair_is_no_conflict() -> None:
    told = decide([party(sf(1), ACME), party(hs(1), (By.NATIVE_ID, "0011"), ACME), party(sf(2), ACME)])
    assert members(told) == [(hs(1), sf(1))]
    assert not told.conflicts


def test_what_is_in_conflict_is_joined_by_nothing_weaker() -> None:
    told = decide(
        [
            party(sf(1), ACME),
            party(hs(1), (By.NATIVE_ID, "0011"), ACME),
            party(hs(2), (By.NATIVE_ID, "0011"), BYTE),
            party(sf(2), BYTE),
        ]
    )
    assert not told.same
    assert [conflict.members for conflict in told.conflicts] == [(hs(1), hs(2), sf(1))]


def test_an_id_that_points_to_a_deleted_record_is_a_conflict_and_its_domain_does_not_count() -> None:
    told = decide([party(sf(2), ACME), party(hs(1), ACME, (By.NATIVE_ID, "0019"))])
    assert not told.same
    assert [(conflict.members, "0019" in conflict.why) for conflict in told.conflicts] == [((hs(1),), True)]


def test_a_contact_whose_five_addresses_lead_to_two_people_is_a_conflict() -> None:
    five = [(By.EMAIL, f"{number}@acme.com") for number in range(5)]
    told = decide([party(hs(1), *five), party(sf(1), five[0], five[3]), party(sf(2), five[4])])
    assert not told.same
    assert told.conflicts[0].members == (hs(1), sf(1), sf(2))


def test_five_addresses_of_one_person_are_one_person() -> None:
    five = [(By.EMAIL, f"{number}@acme.com") for number in range(5)]
    assert members(decide([party(hs(1), *five), party(sf(1), five[0], five[3])])) == [(hs(1), sf(1))]


def test_a_name_only_proposes() -> None:
    name = (By.NAME, "acme, de")
    told = decide([party(sf(1), name), party(hs(1), name)])
    assert not told.same
    assert [proposal.members for proposal in told.proposals] == [(hs(1), sf(1))]


def test_what_is_matched_is_not_proposed_again() -> None:
    name = (By.NAME, "acme, de")
    told = decide([party(sf(1), name, ACME), party(hs(1), name, ACME), party(sf(2), name)])
    assert not told.proposals


def test_a_pair_of_the_config_wins_over_ids() -> None:
    pair = the_pair(sf(2), hs(1))
    told = decide([party(sf(1)), party(sf(2), pair), party(hs(1), (By.NATIVE_ID, "0011"), pair)])
    assert members(told) == [(hs(1), sf(2))]
    assert [reason.key.by for reason in told.same[0].reasons] == [By.HUMAN]


def test_a_pair_of_which_one_is_not_there_is_told() -> None:
    told = decide([party(hs(1), the_pair(sf(2), hs(1)), ACME), party(sf(1), ACME)])
    assert members(told) == [(hs(1), sf(1))]
    assert [conflict.members for conflict in told.conflicts] == [(hs(1),)]
    assert "sf:0012" in told.conflicts[0].why


def test_two_pairs_of_the_config_that_contradict_each_other_are_a_conflict() -> None:
    pairs = [the_pair(sf(1), hs(1)), the_pair(sf(2), hs(1))]
    told = decide([party(sf(1), pairs[0], ACME), party(sf(2), pairs[1]), party(hs(1), *pairs, ACME)])
    assert not told.same
    assert [conflict.members for conflict in told.conflicts] == [(hs(1), sf(1), sf(2))]


def test_a_veto_against_an_id_leaves_the_domain_to_decide() -> None:
    parties = [party(sf(1)), party(sf(2), ACME), party(hs(1), (By.NATIVE_ID, "0011"), ACME)]
    assert members(decide(parties, [frozenset({sf(1), hs(1)})])) == [(hs(1), sf(2))]


def test_several_that_point_to_the_same_deleted_record_are_not_one() -> None:
    third = Ref("other", "9")
    told = decide([party(hs(1), (By.NATIVE_ID, "0019")), party(third, (By.NATIVE_ID, "0019"))])
    assert not told.same
    assert [conflict.members for conflict in told.conflicts] == [(hs(1),), (third,)]


def test_where_nobody_is_pointed_at_the_same_id_joins() -> None:
    third = Ref("other", "9")
    told = matching.decide({hs(1): [Key(By.NATIVE_ID, "0019")], third: [Key(By.NATIVE_ID, "0019")]})
    assert members(told) == [(hs(1), third)]


def test_two_that_could_both_join_a_pair_are_a_conflict() -> None:
    third, fourth = Ref("third", "1"), Ref("third", "2")
    pair = [party(sf(1), ACME), party(hs(1), (By.NATIVE_ID, "0011"))]
    told = decide([*pair, party(third, ACME), party(fourth, ACME)])
    assert members(told) == [(hs(1), sf(1))]
    assert [{*conflict.members} for conflict in told.conflicts] == [{sf(1), hs(1), third, fourth}]


def test_of_users_with_one_address_the_active_one_is_that_person() -> None:
    address = "jana@ours.example"
    now, ever = (By.EMAIL, address), (By.FORMER_EMAIL, address)
    told = decide([party(sf(1), ever), party(sf(2), now, ever), party(hs(1), now, ever)])
    assert members(told) == [(hs(1), sf(2))]
    assert not told.conflicts
    assert members(decide([party(sf(1), ever), party(hs(1), now, ever)])) == [(hs(1), sf(1))]


def test_a_domain_of_thousands_is_one_conflict() -> None:
    many = [party(Ref(name, str(number)), ACME) for name in ("hs", "other") for number in range(2000)]
    told = decide(many)
    assert not told.same
    assert [len(conflict.members) for conflict in told.conflicts] == [4000]


def test_a_veto_resolves_a_conflict() -> None:
    parties = [party(sf(1), ACME), party(sf(2), ACME), party(hs(1), ACME)]
    told = decide(parties, [frozenset({sf(2), hs(1)})])
    assert members(told) == [(hs(1), sf(1))]


def test_three_connections_can_be_one() -> None:
    third = Ref("other", "9")
    told = decide([party(sf(1), ACME), party(hs(1), ACME, BYTE), party(third, BYTE)])
    assert members(told) == [(hs(1), third, sf(1))]


REFS = [Ref(name, str(number)) for name in ("a", "b", "sf") for number in range(4)]
VALUES = st.sampled_from(["p", "q", "r", "0", "1"])
KEYS = st.frozensets(st.builds(Key, st.sampled_from(list(By)), VALUES), max_size=3)
PARTIES = st.dictionaries(st.sampled_from(REFS), KEYS, max_size=10)
VETOES = st.lists(
    st.tuples(st.sampled_from(REFS), st.sampled_from(REFS))
    .filter(lambda both: both[0].connection != both[1].connection)
    .map(frozenset),
    max_size=3,
)


@given(PARTIES, VETOES, st.randoms(use_true_random=False))
def test_the_order_of_records_and_connections_changes_nothing(
    parties: dict[Ref, frozenset[Key]], vetoes: list[Pair], chance: random.Random
) -> None:
    shuffled = [(ref, chance.sample(sorted(keys), len(keys))) for ref, keys in parties.items()]
    chance.shuffle(shuffled)
    told = matching.decide(dict(shuffled), vetoes=vetoes[::-1], pointed_at=["sf"])
    assert told == matching.decide(parties, vetoes=vetoes, pointed_at=["sf"])


@given(PARTIES, VETOES)
def test_nothing_is_joined_twice_nor_with_its_own_connection_nor_against_a_veto(
    parties: dict[Ref, frozenset[Key]], vetoes: list[Pair]
) -> None:
    told = matching.decide(parties, vetoes=vetoes, pointed_at=["sf"])
    joined = [ref for same in told.same for ref in same.members]
    assert len(joined) == len(set(joined))
    for same in told.same:
        assert len({ref.connection for ref in same.members}) == len(same.members) > 1
        assert not any(veto <= set(same.members) for veto in vetoes)
        assert all(reason.key.by is not By.NAME for reason in same.reasons)
        # Each is tied to the others by a key that it has.
        assert {ref for reason in same.reasons for ref in reason.members} >= {*same.members}
        assert all(reason.key in parties[ref] for reason in same.reasons for ref in reason.members)


@given(PARTIES, VETOES)
def test_who_shares_a_deciding_key_across_connections_is_joined_or_told(
    parties: dict[Ref, frozenset[Key]], vetoes: list[Pair]
) -> None:
    told = matching.decide(parties, vetoes=vetoes, pointed_at=["sf"])
    settled = {ref for some in (told.same, told.conflicts) for one in some for ref in one.members}
    for one, other in ((one, other) for one in parties for other in parties if one.connection < other.connection):
        shared = {key for key in parties[one] & parties[other] if key.by is not By.NAME}
        if shared and frozenset({one, other}) not in vetoes:
            assert {one, other} & settled


@given(PARTIES)
def test_records_that_share_no_key_are_decided_apart(parties: dict[Ref, frozenset[Key]]) -> None:
    elsewhere = {
        Ref(ref.connection, ref.id + "x"): frozenset(Key(key.by, key.value + "x") for key in keys)
        for ref, keys in parties.items()
    }
    alone, other, both = (
        matching.decide(some, pointed_at=["sf"]) for some in (parties, elsewhere, {**parties, **elsewhere})
    )
    assert {*both.same} == {*alone.same, *other.same}
    assert {*both.conflicts} == {*alone.conflicts, *other.conflicts}
    assert {*both.proposals} == {*alone.proposals, *other.proposals}
