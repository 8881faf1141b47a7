"""Target coverage: what a relationship needs to be, as the config writes it, and what is short of it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from rules.customers import CustomerSettings
from rules.measures import coverage
from rules.target import Target
from tests.builders import facts, mail, touch


def test_a_target_is_read_as_coverage_is_written_whatever_the_case_of_the_tier() -> None:
    settings = CustomerSettings.model_validate({"target_coverage": {"a": "3x5", "Gold": "2 x 2"}})
    assert settings.target("A") == Target(ours=3, theirs=5)
    assert settings.target("Gold") == Target(ours=2, theirs=2)
    assert settings.target("B") is None
    assert Target(ours=3, theirs=5).label == "3x5"


@pytest.mark.parametrize("text", ["3", "3 by 5", "0x5", "3x0", "-1x2", "3x5x2", "", 35, None])
def test_anything_else_is_refused_with_the_form_it_should_have(text: object) -> None:
    with pytest.raises(ValidationError, match='such as "3x5"'):
        CustomerSettings.model_validate({"target_coverage": {"A": text}})


def test_what_is_missing_is_counted_on_either_side_by_threads() -> None:
    seen = coverage(facts([touch(1), touch(2, by="peter"), touch(3, to="berg"), mail(4, by="anna", to="berg")]), 365)
    assert seen.label == "2x2"
    assert Target(ours=3, theirs=5).missing(seen) == (1, 3)
    assert Target(ours=2, theirs=1).missing(seen) == (0, 0)
