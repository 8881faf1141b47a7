"""Which test holds which point of the facts about HubSpot: its replies (2.11), its data (4) and write-back (5), and
what the sandbox must do as the portal does (7).
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import SHARED

TESTS = Path(__file__).parent.parent
FACTS = SHARED / "facts" / "hubspot.md"

HELD: dict[str, tuple[str, ...]] = {
    "2.11 every status, with JSON, HTML or nothing in it": (
        "connectors/test_hubspot_bad_replies.py::test_a_reply_that_lasts_ends_a_pull_in_one_line",
        "connectors/test_hubspot_bad_replies.py::test_a_reply_that_passes_is_waited_out_and_nothing_is_lost",
        "connectors/test_hubspot_bad_replies.py::test_no_reply_to_a_create_makes_a_second_task",
        "connectors/test_hubspot_client.py::test_every_refusal_says_who_must_act",
        "connectors/test_hubspot_client.py::test_a_create_waits_as_it_is_told_and_is_sent_again",
        "connectors/test_hubspot_client.py::test_a_long_migration_is_not_waited_for_and_the_portal_left_alone_until_it_is_over",
    ),
    "4.1 the stamps that are watched, and what moves them": (
        "connectors/test_hubspot_facts.py::test_a_contact_is_watched_by_the_one_stamp_that_a_search_of_contacts_knows",
        "connectors/test_hubspot_facts.py::test_a_stamp_that_moved_without_news_is_no_news",
        "connectors/test_hubspot_mapping.py::test_contacts_alone_are_watched_by_lastmodifieddate",
        "connectors/test_hubspot_portal_rules.py::test_a_new_exchange_rate_moves_no_stamp_and_arrives_with_the_beat",
        "connectors/test_hubspot_bad_replies.py::test_timestamps_in_any_form_are_the_same_moments",
    ),
    "4.2 association changes move no stamp": (
        "connectors/test_hubspot_association_edits.py::test_edits_of_an_old_activity_s_associations_arrive_with_the_beat",
        "connectors/test_hubspot_sandbox.py::test_a_contact_attached_afterwards_is_found_within_the_trailing_days",
    ),
    "4.3 the cap of 10,000 and the lag of the index": (
        "connectors/test_hubspot_facts.py::test_a_bulk_job_under_one_stamp_is_read_whole_beyond_the_cap_however_ids_sort",
        "connectors/test_hubspot_facts.py::test_a_watermark_moves_only_over_what_was_read_whole",
        "connectors/test_hubspot_facts.py::test_what_the_index_learns_late_is_found_by_the_next_search_all_the_same",
        "connectors/test_hubspot_vanished.py::test_an_edit_that_the_index_learnt_of_too_late_is_found_by_the_beat",
        "connectors/test_hubspot_search.py::test_more_than_the_cap_is_split_by_time_and_each_part_counts_once_it_is_read",
        "connectors/test_hubspot_search.py::test_a_search_that_does_not_advance_is_an_error_and_no_endless_loop",
    ),
    "4.4 a full load is a list, its watermark older than it": (
        "connectors/test_hubspot_facts.py::test_what_changes_behind_a_first_load_is_found_by_the_first_search",
        "connectors/test_hubspot_sandbox.py::test_a_first_load_brings_every_record_and_its_links",
    ),
    "4.5 deletions that no search shows": (
        "connectors/test_hubspot_vanished.py::test_an_archived_record_is_gone_after_the_beat_and_a_restored_one_is_back",
        "connectors/test_hubspot_vanished.py::test_a_deleted_email_leaves_no_trace_and_is_gone_after_the_beat",
        "connectors/test_hubspot_vanished.py::test_a_contact_erased_under_the_gdpr_is_gone_after_the_beat",
    ),
    "4.6 three ways from an activity to a company": (
        "connectors/test_hubspot_facts.py::test_an_activity_tells_each_of_its_ways_to_a_company_apart",
        "whole/test_hubspot_paths.py::test_an_activity_reaches_a_company_by_all_three_paths_is_counted_once_and_its_path_is_kept",
    ),
    "4.7 the primary company": (
        "connectors/test_hubspot_facts.py::test_ids_of_companies_are_text_though_the_property_is_a_number",
        "connectors/test_hubspot_association_edits.py::test_a_contact_s_new_primary_company_arrives_with_the_beat",
        "connectors/test_hubspot_links.py::test_the_primary_company_of_a_deal_comes_alone",
    ),
    "4.8 owners are not users": (
        "connectors/test_hubspot_facts.py::test_people_of_ours_are_named_by_owner_ids_never_by_user_ids",
        "connectors/test_hubspot_facts.py::test_a_user_id_in_place_of_an_owner_id_is_refused_for_that_task_alone",
        "connectors/test_hubspot_mapping.py::test_an_archived_owner_is_an_inactive_user",
    ),
    "4.9 activities: outcome, direction, planned and happened": (
        "connectors/test_hubspot_facts.py::test_a_call_logged_afterwards_counts_on_the_day_of_the_call",
        "connectors/test_hubspot_mapping.py::test_a_call_is_held_only_if_somebody_was_spoken_with",
        "connectors/test_hubspot_mapping.py::test_a_note_is_a_note_and_a_communication_a_message_of_ours",
        "connectors/test_hubspot_mapping.py::test_an_email_is_inbound_only_if_it_came_in",
        "connectors/test_hubspot_automatic.py::test_an_auto_reply_is_no_touch_and_an_answer_is_one",
        "connectors/test_hubspot_automatic.py::test_records_of_one_meeting_name_the_same_meeting",
        "connectors/test_hubspot_automatic.py::test_a_meeting_that_is_scheduled_counts_once_it_has_ended_and_is_upcoming_until_then",
        "connectors/test_hubspot_mapping.py::test_a_meeting_counts_unless_it_says_otherwise",
        "connectors/test_hubspot_mapping.py::test_a_meeting_credits_owner_and_attendees_once_and_ends_when_it_ends",
    ),
    "4.10 properties of companies that look like contact and are none": (
        "connectors/test_hubspot_facts.py::test_what_the_portal_reckons_itself_is_never_asked_for",
        "connectors/test_hubspot_mapping.py::test_a_company_becomes_an_account_with_our_values_by_logical_name",
    ),
    "4.11 buying roles": (
        "connectors/test_hubspot_facts.py::test_buying_roles_are_words_of_ours_also_those_that_a_portal_made_itself",
        "connectors/test_hubspot_mapping.py::test_a_contact_without_a_name_is_called_by_its_address_and_its_roles_are_sorted_words",
        "connectors/test_hubspot_contacts.py::test_a_label_makes_a_role_and_goes_with_it",
        "connectors/test_hubspot_contacts.py::test_a_portal_s_own_word_for_a_role_is_translated",
    ),
    "4.12 properties that only some portals have": (
        "connectors/test_hubspot_facts.py::test_a_property_that_only_other_portals_have_reads_as_nothing_and_is_named_when_mapped",
    ),
    "4.13 won deals": (
        "connectors/test_hubspot_facts.py::test_a_deal_is_won_by_what_the_portal_says_and_not_by_the_name_of_its_stage",
        "connectors/test_hubspot_mapping.py::test_a_won_deal_has_amount_and_day",
    ),
    "5.1 a task, its associations and its reminder": (
        "connectors/test_hubspot_sandbox.py::test_a_created_task_is_there_once_and_as_the_portal_has_it",
        "connectors/test_hubspot_mapping.py::test_a_new_task_carries_key_trace_due_time_and_both_associations",
        "connectors/test_hubspot_facts.py::test_a_task_reminds_its_owner_since_the_portal_does_not_when_an_app_makes_it",
        "connectors/test_hubspot_bad_replies.py::test_an_archived_owner_is_kept_as_somebody_who_left_and_gets_no_task",
        "connectors/test_hubspot_writing.py::test_a_new_task_goes_into_the_queue_of_the_connection_and_stays_where_people_put_it",
        "whole/test_hubspot_assignees.py::test_a_task_that_its_owner_may_not_have_goes_to_the_manager",
    ),
    "5.2 no task twice": (
        "connectors/test_hubspot_client.py::test_a_lost_answer_is_asked_for_again_but_never_created_again",
        "connectors/test_hubspot_sandbox.py::test_a_create_whose_answer_was_lost_is_ambiguous_and_found_afterwards",
        "connectors/test_hubspot_sandbox.py::test_a_portal_without_a_unique_key_finds_tasks_by_search_and_by_list",
    ),
    "5.3 properties of companies in batches": (
        "connectors/test_hubspot_sandbox.py::test_fields_are_set_and_emptied",
        "connectors/test_hubspot_merges.py::test_fields_of_a_company_merged_a_moment_ago_are_set_on_the_new_one",
        "connectors/test_hubspot_portal_rules.py::test_what_a_validation_rule_refuses_is_refused_alone_and_with_its_words",
        "connectors/test_hubspot_writing.py::test_a_batch_refused_as_a_whole_is_halved_until_the_bad_row_is_alone",
    ),
    "5.4 our own writes come back": (
        "connectors/test_hubspot_facts.py::test_our_tasks_and_values_are_no_activity_of_the_company",
        "connectors/test_hubspot_sandbox.py::test_a_portal_without_a_unique_key_finds_tasks_by_search_and_by_list",
        "whole/test_truth.py::test_verdicts_tasks_and_fields_equal_the_planted_truth",
    ),
    "5.5 scopes": (
        "connectors/test_hubspot_facts.py::test_without_the_scope_for_one_object_that_is_named_and_all_others_are_read",
        "connectors/test_hubspot_writing.py::test_a_missing_scope_stops_the_sending_and_names_itself",
        "connectors/test_hubspot_provision.py::test_a_missing_scope_is_named_with_the_clicks_that_do_without_it",
    ),
}

SANDBOX: dict[str, tuple[str, ...]] = {
    "7.1 every version and spelling of a path, every form of a parameter": (
        "sandbox/test_hubspot_objects.py::test_every_spelling_leads_to_the_same_list",
        "sandbox/test_hubspot_objects.py::test_stamps_and_id_come_unasked_unset_values_are_null_and_unknown_names_are_left_out",
        "sandbox/test_hubspot_account.py::test_owners_page_and_are_found_by_address_id_or_user_id",
        "sandbox/test_hubspot_account.py::test_deactivated_users_are_only_in_the_archived_list",
        "sandbox/test_hubspot_client.py::test_hubspots_own_client_works_against_the_sandbox",
    ),
    "7.2 values are text or null, and contacts have a stamp of their own": (
        "sandbox/test_hubspot_objects.py::test_stamps_and_id_come_unasked_unset_values_are_null_and_unknown_names_are_left_out",
        "sandbox/test_hubspot_objects.py::test_contacts_alone_have_their_stamp_in_lastmodifieddate",
        "sandbox/test_hubspot_search.py::test_contacts_are_not_found_by_the_stamp_of_the_other_types",
    ),
    "7.3 a search that lags, ends at 10,000 and has a budget of its own": (
        "sandbox/test_hubspot_search.py::test_a_lagging_index_shows_the_portal_as_it_was",
        "sandbox/test_hubspot_search.py::test_what_search_cannot_do_is_refused",
        "sandbox/test_hubspot_search.py::test_the_last_page_below_the_cap_is_served",
        "sandbox/test_hubspot_search.py::test_only_the_first_sort_counts_and_numbers_are_no_text",
        "sandbox/test_hubspot_search.py::test_a_search_shows_no_associations_and_only_the_properties_asked_for",
        "sandbox/test_hubspot_account.py::test_search_has_a_budget_of_its_own_without_headers",
    ),
    "7.4 every way in which a request can fail": (
        "sandbox/test_hubspot_account.py::test_the_burst_budget_is_told_in_headers_and_ends_in_a_429",
        "sandbox/test_hubspot_account.py::test_the_daily_budget_is_counted_and_ends",
        "sandbox/test_hubspot_account.py::test_a_query_that_no_proxy_would_take_is_refused_as_html",
        "sandbox/test_hubspot_portal.py::test_an_outage_is_told_in_its_true_form",
        "connectors/test_hubspot_creating.py::test_a_create_cut_after_its_effect_makes_no_second_task",
    ),
    "7.5 associations in batches, whose edits move no stamp": (
        "sandbox/test_hubspot_associations.py::test_an_id_without_associations_is_an_error_of_the_207_and_no_result",
        "sandbox/test_hubspot_associations.py::test_a_primary_company_is_seen_with_and_without_label_from_both_sides",
        "sandbox/test_hubspot_associations.py::test_each_record_pages_for_itself",
        "sandbox/test_hubspot_associations.py::test_more_than_a_thousand_inputs_are_refused",
        "sandbox/test_hubspot_associations.py::test_association_edits_move_no_modification_stamp",
    ),
    "7.6 batches of at most a hundred, all or nothing without trace ids": (
        "sandbox/test_hubspot_batches.py::test_without_trace_ids_one_bad_input_fails_the_whole_batch",
        "sandbox/test_hubspot_batches.py::test_with_trace_ids_good_inputs_are_created_and_bad_ones_named",
        "sandbox/test_hubspot_batches.py::test_more_than_a_hundred_inputs_are_refused",
    ),
    "7.7 merges": (
        "sandbox/test_hubspot_objects.py::test_a_merge_makes_a_new_record_that_both_old_ids_lead_to",
        "sandbox/test_hubspot_batches.py::test_an_update_of_an_unknown_id_fails_all_or_is_named",
    ),
    "7.8 archived, deleted for good, deactivated": (
        "sandbox/test_hubspot_objects.py::test_an_archived_record_is_only_in_the_archived_list",
        "sandbox/test_hubspot_objects.py::test_a_deleted_email_is_gone_for_good",
        "sandbox/test_hubspot_account.py::test_deactivated_users_are_only_in_the_archived_list",
        "sandbox/test_hubspot_portal.py::test_owners_are_not_users_and_who_has_gone_is_archived",
    ),
    "7.9 an admin's validation rules": (
        "connectors/test_hubspot_portal_rules.py::test_what_a_validation_rule_refuses_is_refused_alone_and_with_its_words",
    ),
    "7.10 a bulk job with one stamp for more rows than a search shows": (
        "sandbox/test_hubspot_search.py::test_a_bulk_job_leaves_one_stamp_on_many_records",
        "connectors/test_hubspot_facts.py::test_a_bulk_job_under_one_stamp_is_read_whole_beyond_the_cap_however_ids_sort",
    ),
}


@cache
def functions_of(name: str) -> frozenset[str]:
    tree = ast.parse((TESTS / name).read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef))


@pytest.mark.parametrize("point", [*HELD, *SANDBOX])
def test_a_point_is_held_by_tests_that_are_there(point: str) -> None:
    for test in (HELD | SANDBOX)[point]:
        name, _, function = test.partition("::")
        assert function in functions_of(name), test


@pytest.mark.skipif(not FACTS.exists(), reason="the facts (../shared/facts) are not here")
def test_every_numbered_point_of_data_and_write_back_is_held() -> None:
    numbers = re.findall(r"^([45]\.\d+) ", FACTS.read_text(encoding="utf-8"), re.MULTILINE)
    assert {point.partition(" ")[0] for point in HELD} == {*numbers, "2.11"}
