"""The text of a task of ours on its way to HubSpot and back, and the answers that its readers give."""

from __future__ import annotations

import pytest

from connectors.hubspot import task_states as hubspot
from connectors.hubspot.payloads import body_html, update_input
from connectors.protocol import CloseTask
from connectors.salesforce import mapping as salesforce

TASK = "00T5g00000AbCdEEAV"


def closed(body: str) -> str:
    change = CloseTask(key="k", task_id="5", account_id="1", reason="cleared", body=body)
    return str(update_input(change, "holdfast_key")["properties"]["hs_task_body"])


def test_a_closed_task_keeps_the_html_that_the_portal_returned() -> None:
    returned = body_html("<b>Acme</b> hangs on one.\n\nRules: sole-rep (Holdfast)")
    assert returned.startswith("<p>&lt;b&gt;Acme")
    assert closed(f"Closed by Holdfast: met <b>Acme</b>.\n\n{returned}") == (
        f"<p>Closed by Holdfast: met &lt;b&gt;Acme&lt;/b&gt;.</p>{returned}"
    )


def test_a_text_that_is_plain_is_escaped_whole() -> None:
    assert closed("Closed.\n\nA <b> & C") == "<p>Closed.</p><p>A &lt;b&gt; &amp; C</p>"
    assert closed("Closed.") == "<p>Closed.</p>"


@pytest.mark.parametrize(
    ("given", "answer"), [("helpful", "helpful"), ("Already Handled", "already handled"), (None, ""), ("", "")]
)
def test_an_answer_is_read_in_lower_case_and_none_is_empty(given: str | None, answer: str) -> None:
    of_salesforce = salesforce.task_state({"Id": TASK, "Feedback__c": given}, "Key__c", "Feedback__c")
    record = {"id": "5", "properties": {"our_feedback": given}}
    of_hubspot = hubspot.task_state(record, "our_key", feedback_property="our_feedback")
    assert (of_salesforce.feedback, of_hubspot.feedback) == (answer, answer)


def test_where_no_field_is_named_there_is_no_answer() -> None:
    assert salesforce.task_state({"Id": TASK}, "Key__c").feedback == ""
    assert hubspot.task_state({"id": "5", "properties": {}}, "our_key").feedback == ""
