"""What is known of Salesforce's data, bullet by bullet, and which test fails where the code forgets it.

Sections and bullets are those of the facts about Salesforce: 4.1 watermark, 4.2 deletions and merges, 4.3 activities,
4.4 accounts and people, 5 writing, 2.11 errors. What had no test has one in the files beside this one, against the
sandbox over HTTP, mostly read by the worker's own pull into a store.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import SHARED

TESTS = Path(__file__).parent.parent
DATA, WRITING, ERRORS = (
    f"connectors/test_salesforce_{name}.py" for name in ("facts_data", "facts_writing", "facts_errors")
)
ACTIVITY, BULK, CLIENT, HIDDEN, MAPPING, REFUSED, SERVED, TEAMS, WHOLE = (
    f"connectors/test_salesforce_{name}.py"
    for name in ("activity", "bulk", "client", "hidden", "mapping", "refused", "sandbox", "teams", "whole")
)

# Bullet -> the test that stands for it.
COVERED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "4.1": {
        "SystemModstamp": (DATA, "test_4_1_a_row_whose_last_modified_date_lies_about_it_arrives"),
        "bursts": (BULK, "test_an_increment_that_is_too_large_for_queries_goes_on_in_bulk_behind_its_first_page"),
        "our own echo": (WRITING, "test_4_1_our_own_writes_bring_their_accounts_back_and_change_nothing"),
        "ties": (DATA, "test_4_1_rows_of_one_second_arrive_however_often_the_pull_dies_among_them"),
        "late commits": (WHOLE, "test_a_row_that_is_committed_behind_the_look_back_still_arrives"),
        "sweep": (WHOLE, "test_what_was_committed_behind_every_look_back_is_found_by_the_sweep_of_the_next_day"),
        "literals": (CLIENT, "test_a_first_load_reads_from_the_beginning_and_follows_the_locator"),
        "parent attributes": (DATA, "test_4_1_a_renamed_parent_brings_no_child_and_no_child_keeps_its_name"),
    },
    "4.2": {
        "queryAll": (SERVED, "test_changes_and_deletions_arrive_with_the_next_pull"),
        "silent deletions": (TEAMS, "test_4_2_who_is_taken_off_a_team_is_gone_although_no_query_shows_it"),
        "users": (DATA, "test_4_2_a_user_who_was_deactivated_stays_and_is_inactive"),
        "merges": (WHOLE, "test_the_children_of_a_merged_account_come_with_it_although_their_stamps_stand_still"),
        "undelete": (WHOLE, "test_what_is_taken_out_of_the_bin_is_back"),
    },
    "4.3": {
        "derived account": (DATA, "test_4_3_an_activity_is_about_the_account_that_salesforce_derives"),
        "dates of tasks": (MAPPING, "test_a_task_completed_long_before_it_was_due_happened_when_it_was_completed"),
        "archiving": (DATA, "test_4_3_archived_activity_arrives_and_what_is_archived_later_stays"),
        "invitees": (DATA, "test_4_3_a_meeting_of_three_of_ours_is_one_with_all_three"),
        "relations": (DATA, "test_4_3_event_relations_are_read_without_the_fields_of_shared_activities"),
        "shared activities": (ACTIVITY, "test_with_shared_activities_a_call_has_all_its_contacts_until_one_is_taken_away"),
        "recurrence": (DATA, "test_4_3_the_master_of_a_series_is_no_meeting_and_its_occurrences_are"),
        "private events": (DATA, "test_4_3_an_event_that_is_hidden_later_is_told_by_verify"),
        "task subtypes": (DATA, "test_4_3_a_subtype_that_nobody_knows_is_a_to_do_and_no_call"),
        "e-mails once": (ACTIVITY, "test_an_e_mail_counts_once_and_no_call_is_spent_on_finding_out"),
        "nothing logged": ("rules/test_sole_rep.py", "test_an_owner_who_logs_nothing_makes_it_unknown"),
        "leads": (ACTIVITY, "test_a_call_with_a_lead_is_the_contacts_from_its_conversion_on"),
        "who did it": (DATA, "test_4_3_who_did_it_stays_who_did_it_when_a_closed_task_changes_hands"),
        "who and what": (MAPPING, "test_links_tell_owner_contact_and_account_and_drop_queues"),
    },
    "4.4": {
        "person accounts": (DATA, "test_4_4_a_person_account_is_told_from_a_company_and_no_customer"),
        "parents": (DATA, "test_4_4_accounts_that_are_each_others_parents_arrive"),
        "relations and teams": (TEAMS, "test_an_org_without_teams_lacks_nothing"),
        "contact roles": (SERVED, "test_a_role_that_was_taken_away_is_gone_although_no_query_shows_it"),
        "titles": ("rules/test_titles.py", "test_a_title_has_its_level"),
        "currencies": (DATA, "test_4_4_an_amount_has_its_currency_where_the_org_has_several"),
        "ids of 15": (MAPPING, "test_an_id_of_a_report_gets_its_checksum"),
        "field-level security": (HIDDEN, "test_a_hidden_required_field_stops_its_stream_alone_with_the_remedy"),
        "LastActivityDate": (DATA, "test_4_4_neither_last_activity_date_nor_compound_fields_nor_texts_are_read"),
        "compound fields": (DATA, "test_4_4_neither_last_activity_date_nor_compound_fields_nor_texts_are_read"),
    },
    "5": {
        "external id": (SERVED, "test_a_task_is_created_once_however_often_it_is_sent"),
        "crash-safe key": (SERVED, "test_a_lost_answer_is_ambiguous_and_looking_up_tells"),
        "human edits": (CLIENT, "test_updates_and_closes_share_a_request_and_send_only_what_is_named"),
        "dismissals": ("whole/test_people.py", "test_what_a_human_ended_is_not_made_again"),
        "the org's words": (WRITING, "test_5_status_and_priority_are_the_orgs_own_words"),
        "owners": (REFUSED, "test_a_task_for_somebody_who_left_is_refused_by_name_so_that_somebody_else_may_get_it"),
        "notifications": ("whole/test_bad_input.py", "test_an_outsized_plan_is_refused_and_nothing_is_sent"),
        "headers": (WRITING, "test_5_every_request_says_who_sends_it_and_none_overrides_duplicate_rules"),
        "locks": (REFUSED, "test_a_locked_account_holds_up_its_own_tasks_alone_and_each_is_made_once"),
        "account fields": (WRITING, "test_5_only_the_named_fields_of_an_account_are_written"),
        "budget": ("connectors/test_salesforce_budget.py", "test_reading_leaves_the_reserve_to_writing"),
        "closing": ("sync/test_plan.py", "test_a_body_that_a_human_changed_is_not_rewritten_at_closing"),
    },
    "2.11": {
        "401": (SERVED, "test_an_expired_token_costs_one_login"),
        "403 quota": (SERVED, "test_a_quota_that_runs_out_leaves_a_cursor_to_go_on_from"),
        "403 concurrency": (ERRORS, "test_403_too_many_long_calls_are_waited_out_and_are_no_quota"),
        "403 configuration": (ERRORS, "test_403_a_refusal_that_an_admin_must_mend_is_not_tried_again"),
        "400 schema": (HIDDEN, "test_a_field_that_is_hidden_between_two_cycles_is_told_and_the_stream_goes_on"),
        "400 size": (ERRORS, "test_400_a_query_that_takes_too_long_is_asked_in_pieces_and_nothing_is_lost"),
        "400 locator": (ERRORS, "test_400_a_stale_locator_starts_again_behind_the_last_row"),
        "row lock": (REFUSED, "test_a_record_that_stays_locked_is_given_up_after_five_attempts"),
        "row duplicate value": (CLIENT, "test_a_key_that_the_org_has_already_counts_as_done"),
        "row duplicates detected": (ERRORS, "test_a_row_that_the_org_refuses_costs_itself_alone_in_the_orgs_own_words"),
        "row gone": (ERRORS, "test_a_task_that_is_gone_is_refused_alone_and_the_next_pull_knows"),
        "row customer rule": (ERRORS, "test_a_row_that_the_org_refuses_costs_itself_alone_in_the_orgs_own_words"),
        "row access": (ERRORS, "test_a_row_that_the_org_refuses_costs_itself_alone_in_the_orgs_own_words"),
        "row owner": (REFUSED, "test_a_task_for_somebody_who_left_is_refused_by_name_so_that_somebody_else_may_get_it"),
        "storage": (REFUSED, "test_an_org_without_room_ends_the_writing_with_the_remedy"),
        "transient": (ERRORS, "test_what_passes_is_tried_again_until_it_has_passed"),
        "410": (ERRORS, "test_410_a_retired_version_is_told_with_the_key_to_change"),
    },
}  # fmt: skip
# More than one test for one bullet: 4.1 splits its second and fourth bullet, 4.3 its fifth, 5 its third.
SPLIT = {"4.1": 2, "4.3": 1, "5": 1}


@pytest.mark.parametrize("section", COVERED)
def test_every_test_that_stands_for_a_bullet_exists(section: str) -> None:
    for bullet, (path, name) in COVERED[section].items():
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, f"{section} {bullet}"


@pytest.mark.skipif(not SHARED.is_dir(), reason="the facts are no part of the project")
@pytest.mark.parametrize("section", COVERED)
def test_every_bullet_has_its_test(section: str) -> None:
    facts = (SHARED / "facts" / "salesforce.md").read_text(encoding="utf-8")
    (text,) = re.findall(rf"^#+ {re.escape(section)}\.? .*?(?=^#|\Z)", facts, re.DOTALL | re.MULTILINE)
    bullets = re.findall(r"^\| [\d/]+(?: row)?|^\| 404/row|^- ", text, re.MULTILINE)
    assert len(bullets) == len(COVERED[section]) - SPLIT.get(section, 0)
