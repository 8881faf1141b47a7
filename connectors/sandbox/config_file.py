"""The worker's config for a sandbox: connections, and what a company's planted truth needs to be found."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.sandbox.company import Company
from connectors.sandbox.split_spelling import SHARED_DOMAIN

EXECUTIVE = re.compile(r"^(chief\b|ceo\b|coo\b|cfo\b|president\b)|managing director", re.IGNORECASE)
TEAM_ROLES = ("Sales Rep", "Executive Sponsor")  # which every team is to have
ACCOUNT_MANAGER, CONTACT_DAYS = "Account Manager", 2  # who is to have so many contact days a quarter
# In a portal each role has a property of its own, which names an owner.
TEAM_PROPERTIES = {role: f"{role.lower().replace(' ', '_')}_owner" for role in (*TEAM_ROLES, ACCOUNT_MANAGER)}
TOP_SHARE = {True: 0.3, False: 0.2}  # of a made-up company, of a dataset

_GROUP = (
    "[groups.main]",
    'connections = ["salesforce", "hubspot"]',
    'tasks_in = "salesforce"',
    'fields_in = "both"',
    f"shared_domains = {json.dumps([SHARED_DOMAIN])}",
    "",
)


def write_secret(path: Path, content: bytes) -> None:
    """The file holds the content and only its owner can read it, also where it was there before."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def config_toml(
    company: Company,
    credentials: Mapping[str, Any],
    *,
    timezone: str,
    key_file: str,
    token_file: str,
    made_up: bool,
    rate_limits: bool = True,
    split: bool = False,
) -> str:
    """TOML text; `credentials` as Sandbox.credentials gives them. Without rate limits the worker need not pace.

    Of a company that was split both connections are one group.
    """
    salesforce, hubspot = credentials["salesforce"], credentials["hubspot"]
    executives = [user.email for user in company.users if made_up and EXECUTIVE.search(user.title)]
    return "\n".join(
        [
            "[store]",
            'url = "sqlite:///holdfast.db"',
            "",
            "[schedule]",
            'cycle = "*/30 6-20 * * mon-fri"',
            f"timezone = {json.dumps(timezone)}",
            'now = "crm"',
            "",
            "[writeback]",
            'mode = "preview"',
            "",
            "[customers]",
            'is = "won-deal-or-type"',
            'key = "top-share"',
            f"top_share = {TOP_SHARE[made_up]}",
            "",
            "[people]",
            f"executives = {json.dumps(executives)}",
            "ignore = []",
            "",
            "[people.managers]",
            *_managers(company),
            "",
            "[connections.salesforce]",
            'kind = "salesforce"',
            'auth = "jwt"',
            'api_version = "66.0"',
            f"base_url = {json.dumps(salesforce['base_url'])}",
            f"consumer_key = {json.dumps(salesforce['consumer_key'])}",
            f"username = {json.dumps(salesforce['username'])}",
            f"private_key_file = {json.dumps(key_file)}",
            "",
            "[connections.salesforce.map]",
            'customer_since = "Customer_Since__c"',
            'plan_date = "Plan_Date__c"',
            'joint_plan_date = "Joint_Plan_Date__c"',
            'expectations_date = "Expectations_Date__c"',
            'litmus_date = "Litmus_Date__c"',
            'plan_approved_date = "Plan_Approved_Date__c"',
            'our_sponsor = "Our_Sponsor__c"',
            'contact_every_days = "Contact_Every_Days__c"',
            'deals = { competitor = "Competitor__c" }',
            "",
            "[connections.hubspot]",
            'kind = "hubspot"',
            'auth = "token"',
            'api_version = "2026-09"',
            f"base_url = {json.dumps(hubspot['base_url'])}",
            f"access_token_file = {json.dumps(token_file)}",
            *([] if rate_limits else ["burst_per_10s = 1000000", "search_per_second = 100000"]),
            "",
            "[connections.hubspot.map]",
            'customer_since = "customer_since"',
            'plan_date = "plan_date"',
            'joint_plan_date = "joint_plan_date"',
            'expectations_date = "expectations_date"',
            'litmus_date = "litmus_date"',
            'plan_approved_date = "plan_approved_date"',
            'our_sponsor = "our_sponsor"',
            'contact_every_days = "contact_every_days"',
            'deals = { competitor = "competitor" }',
            "",
            "[connections.hubspot.map.team]",
            *(f"{json.dumps(role)} = {json.dumps(name)}" for role, name in TEAM_PROPERTIES.items()),
            "",
            "[rules.role-missing]",
            f"roles = {json.dumps(TEAM_ROLES)}",
            "",
            "[rules.time-below-plan]",
            f"contact_days = {{ {json.dumps(ACCOUNT_MANAGER)} = {CONTACT_DAYS} }}",
            "",
            *(_GROUP if split else ()),
        ],
    )


def _managers(company: Company) -> list[str]:
    emails = {user.id: user.email for user in company.users}
    return [
        f"{json.dumps(user.email)} = {json.dumps(emails[user.manager])}"
        for user in company.users
        if user.manager in emails
    ]
