"""The properties that the sandbox's HubSpot portal is born with, and ours, as tables by object type.

One property per line: `name type/fieldType [flags] [= OPTION ...]`. Flags: `ro` its value cannot be written, `calc`
HubSpot calculates it (read-only too), `unique` no two records share a value, `custom` somebody made it. Options are
parted by spaces, or by `|` where one of them holds a space.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.hubspot_schema import (
    CALL,
    COMMUNICATION,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    MEETING,
    NOTE,
    TASK,
    TICKET,
    ObjectType,
)

_LIFECYCLE = "subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other"

_EVERY = """
hs_object_id number/number ro
hs_created_by_user_id number/number ro
hs_updated_by_user_id number/number ro
hs_object_source_label string/text ro
hs_object_source_user_id number/number ro
hs_merged_object_ids enumeration/checkbox ro
hs_user_ids_of_all_owners enumeration/checkbox ro
hs_all_owner_ids enumeration/checkbox ro
hs_unique_creation_key string/text ro
hubspot_owner_id enumeration/select
hubspot_owner_assigneddate datetime/date ro
hubspot_team_id enumeration/select ro
"""

_STANDARD = f"""
createdate datetime/date ro
hs_lastmodifieddate datetime/date ro
lifecyclestage enumeration/radio = {_LIFECYCLE}
notes_last_contacted datetime/date ro
notes_last_updated datetime/date ro
notes_next_activity_date datetime/date ro
num_contacted_notes number/number ro
num_notes number/number ro
hs_last_sales_activity_timestamp datetime/date ro
hs_last_sales_activity_date datetime/date ro
phone string/phonenumber
address string/text
city string/text
state string/text
zip string/text
country string/text
website string/text
industry string/text
"""

_CONTACT = """
lastmodifieddate datetime/date ro
email string/text unique
hs_additional_emails enumeration/checkbox ro
firstname string/text
lastname string/text
jobtitle string/text
company string/text
mobilephone string/phonenumber
salutation string/text
associatedcompanyid number/number
hs_buying_role enumeration/checkbox = BLOCKER BUDGET_HOLDER CHAMPION DECISION_MAKER END_USER EXECUTIVE_SPONSOR \
INFLUENCER LEGAL_AND_COMPLIANCE OTHER
hs_seniority enumeration/select = owner partner executive vp director manager senior employee entry
hs_role enumeration/select
hs_sub_role enumeration/select
seniority string/text
job_function string/text
hs_lead_status enumeration/radio = NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING
hs_email_bounce number/number ro
hs_email_optout bool/booleancheckbox
hs_email_delivered number/number ro
hs_email_open number/number ro
hs_email_click number/number ro
hs_email_first_send_date datetime/date ro
hs_email_last_send_date datetime/date ro
hs_email_last_open_date datetime/date ro
hs_email_last_click_date datetime/date ro
hs_email_last_reply_date datetime/date ro
hs_email_last_email_name string/text ro
hs_email_hard_bounce_reason_enum enumeration/select ro = BLOCKED CONTENT FILTERED MAILBOX_FULL POLICY SPAM UNKNOWN_USER
hs_enriched_email_bounce_detected bool/booleancheckbox ro
hs_employment_change_detected_date datetime/date ro
hs_job_change_detected_date datetime/date ro
hs_returning_to_office_detected_date datetime/date ro
hs_calculated_merged_vids string/text ro
hs_all_contact_vids string/text ro
num_associated_deals number/number ro
"""

_COMPANY = """
name string/text
domain string/text
description string/textarea
type enumeration/select = PROSPECT PARTNER RESELLER VENDOR OTHER
numberofemployees number/number
annualrevenue number/number
timezone string/text
founded_year string/text
is_public bool/booleancheckbox
hs_parent_company_id number/number ro
hs_num_child_companies number/number ro
num_associated_contacts number/calculation_rollup calc
num_associated_deals number/calculation_rollup calc
hs_num_open_deals number/calculation_rollup calc
hs_num_decision_makers number/calculation_rollup calc
hs_num_blockers number/calculation_rollup calc
hs_num_contacts_with_buying_roles number/calculation_rollup calc
hs_is_target_account bool/booleancheckbox
hs_target_account enumeration/select = tier_1 tier_2 tier_3
hs_ideal_customer_profile enumeration/select = tier_1 tier_2 tier_3
hs_csm_sentiment enumeration/select = at_risk neutral healthy
hs_last_booked_meeting_date datetime/date ro
hs_last_logged_call_date datetime/date ro
hs_last_logged_outgoing_email_date datetime/date ro
hs_last_open_task_date datetime/date ro
hs_notes_next_activity_type enumeration/select ro
customer_since date/date custom
plan_date date/date custom
joint_plan_date date/date custom
expectations_date date/date custom
litmus_date date/date custom
plan_approved_date date/date custom
our_sponsor string/text custom
contact_every_days number/number custom
sales_rep_owner enumeration/select custom
executive_sponsor_owner enumeration/select custom
account_manager_owner enumeration/select custom
"""

_DEAL = """
createdate datetime/date ro
hs_lastmodifieddate datetime/date ro
dealname string/text
amount number/number
amount_in_home_currency number/number calc
deal_currency_code enumeration/select = EUR USD GBP CHF JPY CAD AUD SEK DKK NOK PLN
closedate datetime/date
pipeline enumeration/select = default
dealstage enumeration/radio = appointmentscheduled qualifiedtobuy presentationscheduled decisionmakerboughtin \
contractsent closedwon closedlost
dealtype enumeration/radio = newbusiness existingbusiness
competitor string/text custom
description string/textarea
hs_is_closed bool/calculation_equation calc
hs_is_closed_won bool/calculation_equation calc
hs_is_closed_lost bool/calculation_equation calc
num_associated_contacts number/calculation_rollup calc
notes_last_contacted datetime/date ro
notes_last_updated datetime/date ro
num_notes number/number ro
"""

_TICKET = """
createdate datetime/date ro
hs_lastmodifieddate datetime/date ro
subject string/text
content string/textarea
closed_date datetime/date
hs_pipeline enumeration/select = 0
hs_pipeline_stage enumeration/select = 1 2 3 4
hs_ticket_category enumeration/select = PRODUCT_ISSUE BILLING_ISSUE FEATURE_REQUEST GENERAL_INQUIRY
hs_ticket_priority enumeration/select = LOW MEDIUM HIGH URGENT
hs_is_closed bool/calculation_equation calc
escalated bool/booleancheckbox custom
"""

_ACTIVITY = """
hs_createdate datetime/date ro
hs_lastmodifieddate datetime/date ro
hs_timestamp datetime/date
hs_activity_type enumeration/select
hs_attachment_ids string/text
hs_body_preview string/textarea ro
hs_body_preview_html string/textarea ro
"""

_CALL = """
hs_call_title string/text
hs_call_body string/html
hs_call_direction enumeration/select = INBOUND OUTBOUND
hs_call_status enumeration/select = BUSY CALLING_CRM_USER CANCELED COMPLETED CONNECTING FAILED IN_PROGRESS NO_ANSWER \
QUEUED RINGING
hs_call_duration number/number
hs_call_disposition string/text
hs_call_has_voicemail bool/booleancheckbox
hs_call_from_number string/text
hs_call_to_number string/text
hs_call_recording_url string/text
hs_call_source enumeration/select = INTEGRATIONS_PLATFORM
"""

_EMAIL = """
hs_email_subject string/text
hs_email_text string/textarea
hs_email_html string/html
hs_email_direction enumeration/select = EMAIL INCOMING_EMAIL FORWARDED_EMAIL
hs_email_status enumeration/select = BOUNCED FAILED SCHEDULED SENDING SENT
hs_email_headers string/textarea
hs_email_from_email string/text ro
hs_email_from_firstname string/text ro
hs_email_from_lastname string/text ro
hs_email_to_email string/text ro
hs_email_to_firstname string/text ro
hs_email_to_lastname string/text ro
hs_email_thread_id string/text ro
hs_email_message_id string/text ro
"""

_MEETING = """
hs_meeting_title string/text
hs_meeting_body string/html
hs_internal_meeting_notes string/html
hs_meeting_start_time datetime/date
hs_meeting_end_time datetime/date
hs_meeting_outcome enumeration/select = SCHEDULED COMPLETED RESCHEDULED NO_SHOW CANCELED
hs_meeting_location string/text
hs_meeting_external_url string/text
hs_meeting_source string/text ro
hs_i_cal_uid string/text
hs_attendee_owner_ids enumeration/checkbox
"""

_NOTE = "hs_note_body string/html\n"

_COMMUNICATION = """
hs_communication_channel_type enumeration/select = WHATS_APP LINKEDIN_MESSAGE SMS
hs_communication_logged_from enumeration/select = CRM
hs_communication_body string/html
"""

_TASK = """
hs_task_subject string/text
hs_task_body string/html
hs_task_status enumeration/select = NOT_STARTED IN_PROGRESS WAITING COMPLETED DEFERRED
hs_task_priority enumeration/select = NONE LOW MEDIUM HIGH
hs_task_type enumeration/select = TODO CALL EMAIL LINKED_IN_CONNECT LINKED_IN_MESSAGE
hs_task_reminders string/text
hs_queue_membership_ids enumeration/checkbox
hs_task_completion_date datetime/date ro
hs_task_is_completed number/number calc
hs_task_is_open number/number calc
"""

_OF_COMPANIES = """
holdfast_risk number/number custom
holdfast_risk_level string/text custom
holdfast_coverage string/text custom
holdfast_findings string/text custom
holdfast_last_exec_exchange date/date custom
holdfast_next_exec_due date/date custom
holdfast_snooze_until date/date custom
"""

_OF_TASKS = """
holdfast_feedback enumeration/select custom = helpful|wrong|already handled
holdfast_key string/text custom
"""

_SYNCED = "salesforcelastsynctime datetime/date ro\n"

BORN_WITH: Mapping[ObjectType, str] = {
    CONTACT: _EVERY + _STANDARD + _CONTACT,
    COMPANY: _EVERY + _STANDARD + _COMPANY,
    DEAL: _EVERY + _DEAL,
    TICKET: _EVERY + _TICKET,
    CALL: _EVERY + _ACTIVITY + _CALL,
    EMAIL: _EVERY + _ACTIVITY + _EMAIL,
    MEETING: _EVERY + _ACTIVITY + _MEETING,
    NOTE: _EVERY + _ACTIVITY + _NOTE,
    COMMUNICATION: _EVERY + _ACTIVITY + _COMMUNICATION,
    TASK: _EVERY + _ACTIVITY + _TASK,
}

# What the integration with Salesforce brings along where it is installed.
OF_THE_INTEGRATION: Mapping[ObjectType, str] = {
    CONTACT: _SYNCED
    + """
salesforcecontactid string/text
salesforceleadid string/text
salesforceaccountid string/text
salesforceownerid string/text
salesforcecampaignids enumeration/checkbox
salesforcedeleted bool/booleancheckbox
salesforceopportunitystage string/text
""",
    COMPANY: _SYNCED + "salesforceaccountid string/text\n",
    DEAL: _SYNCED + "hs_salesforceopportunityid string/text\n",
}

# Our own, which `--bare` leaves out.
OURS: Mapping[ObjectType, str] = {COMPANY: _OF_COMPANIES, TASK: _OF_TASKS}
