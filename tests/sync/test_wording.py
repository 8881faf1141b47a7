"""What a task says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rules.rule import Severity
from sync import wording
from tests.sync.test_plan import state


@given(name=st.text(max_size=200), rules=st.integers(min_value=1, max_value=6))
def test_a_subject_never_exceeds_eighty_characters(name: str, rules: int) -> None:
    findings = [state(f"some-rule-{number}") for number in range(rules)]
    assert len(wording.subject(name, findings)) <= 80


def test_what_does_not_fit_into_the_subject_is_counted() -> None:
    findings = [state(f"a-rule-with-a-long-name-{number}") for number in range(4)]
    assert wording.subject("Acme", findings).endswith("(+3)")


def test_the_findings_field_fits_its_length() -> None:
    findings = [state(f"a-rule-with-a-long-name-{number}", Severity.LOW) for number in range(20)]
    told = wording.findings_field(findings)
    assert told
    assert len(told) <= 255


def test_no_findings_empty_the_field() -> None:
    assert wording.findings_field([]) is None
