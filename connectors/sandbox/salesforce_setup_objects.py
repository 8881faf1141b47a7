# ruff: noqa: E501 # one field is one line, with all the values of its picklist
"""The set-up of the sandbox's Salesforce org: users, groups, rights, fields, holidays and the words of tasks."""

from __future__ import annotations

from connectors.sandbox.salesforce_schema import SYSTEM, sobject

_USER = """
    Id id d
    Username string(80) cul
    LastName string(80) cu
    FirstName string(40) ncu
    Name string(121)
    Title string(80) ncu
    Department string(80) ncu
    Email email(128) cul
    IsActive boolean cu
    UserType picklist(40) nr Standard|PowerPartner|CspLitePortal|CustomerSuccess|PowerCustomerSuccess|Guest
    ManagerId reference(User)>Manager ncu
    TimeZoneSidKey picklist(40) cudr *Europe/Berlin|America/Los_Angeles|UTC
    LastLoginDate datetime n
"""
_STATUS = f"""
    Id id d
    MasterLabel string(255) n
    ApiName string(255) n
    SortOrder int n
    IsDefault boolean d
    {SYSTEM}
"""
_ORGANIZATION = f"""
    Id id d
    Name string(80)
    OrganizationType picklist(40) n Enterprise Edition|Developer Edition
    InstanceName string(5) n
    IsSandbox boolean d
    TimeZoneSidKey picklist(40) nr Europe/Berlin|America/Los_Angeles|UTC
    {SYSTEM}
"""
_CUSTOM_FIELD = f"""
    Id id d
    DeveloperName string(80)
    TableEnumOrId string(80)
    FullName string(255) n
    Metadata textarea(32000) n
    {SYSTEM}
"""
_PERMISSION_SET = f"""
    Id id d
    Name string(80) cu
    Label string(80) cu
    Description string(255) ncu
    IsOwnedByProfile boolean d
    {SYSTEM}
"""
_FIELD_PERMISSIONS = """
    Id id d
    ParentId reference(PermissionSet)>Parent c
    SobjectType string(255) c
    Field string(255) c
    PermissionsEdit boolean cu
    PermissionsRead boolean cu
    SystemModstamp datetime d
"""
_ASSIGNMENT = """
    Id id d
    PermissionSetId reference(PermissionSet)>PermissionSet c
    AssigneeId reference(User)>Assignee c
    IsActive boolean d
    SystemModstamp datetime d
"""
_GROUP = f"""
    Id id d
    Name string(40) cu
    DeveloperName string(80) ncu
    Type picklist(40) cr Regular|Queue|Role
    {SYSTEM}
"""
_QUEUE_SOBJECT = """
    Id id d
    QueueId reference(Group)>Queue c
    SobjectType string(255) c
    SystemModstamp datetime d
"""
_HOLIDAY = f"""
    Id id d
    Name string(80) cu
    Description string(100) ncu
    ActivityDate date ncu
    IsAllDay boolean cud
    StartTimeInMinutes int ncu
    EndTimeInMinutes int ncu
    IsRecurrence boolean cud
    RecurrenceType picklist(40) ncur RecursDaily|RecursEveryWeekday|RecursMonthly|RecursMonthlyNth|RecursWeekly|RecursYearly|RecursYearlyNth
    RecurrenceInterval int ncu
    RecurrenceDayOfWeekMask int ncu
    RecurrenceDayOfMonth int ncu
    RecurrenceInstance picklist(40) ncur First|Second|Third|Fourth|Last
    RecurrenceMonthOfYear picklist(40) ncur January|February|March|April|May|June|July|August|September|October|November|December
    RecurrenceStartDate date ncu
    RecurrenceEndDateOnly date ncu
    {SYSTEM}
"""

SETUP_OBJECTS = (
    sobject("CustomField", "00N", _CUSTOM_FIELD, fixed=True, tooling=True),
    sobject("FieldPermissions", "0FP", _FIELD_PERMISSIONS, vanishes=True),
    sobject("Group", "00G", _GROUP, vanishes=True),
    sobject("Holiday", "0C0", _HOLIDAY, vanishes=True),
    sobject("Organization", "00D", _ORGANIZATION, fixed=True),
    sobject("PermissionSet", "0PS", _PERMISSION_SET, vanishes=True),
    sobject("PermissionSetAssignment", "0Pa", _ASSIGNMENT, vanishes=True),
    sobject("QueueSobject", "03g", _QUEUE_SOBJECT, vanishes=True),
    sobject("TaskPriority", "01k", _STATUS + "IsHighPriority boolean d", fixed=True),
    sobject("TaskStatus", "01h", _STATUS + "IsClosed boolean d", fixed=True),
    sobject("User", "005", _USER + SYSTEM),
)
