# ruff: noqa: E501 # one field is one line, with all the values of its picklist
"""The objects of the sandbox's Salesforce org, field by field, as real describes tell them (facts/salesforce.md 2.5)."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.sandbox.salesforce_schema import Sobject, sobject

CURRENCY_CODE = "CurrencyIsoCode"  # only where several currencies are in use
OURS = "Holdfast_"  # fields that a bare org lacks
API_VERSIONS = range(59, 68)

_SYSTEM = """
    CreatedDate datetime d
    CreatedById reference(User)>CreatedBy d
    LastModifiedDate datetime d
    LastModifiedById reference(User)>LastModifiedBy d
    SystemModstamp datetime d
"""
_ID = "Id id d\n IsDeleted boolean d\n"
_KEYS = """
    Holdfast_Key__c string(80) ncux
    Holdfast_Feedback__c picklist(255) ncur helpful|wrong|already handled
"""
_ABOUT = "Account,Asset,Campaign,Case,Contract,Opportunity,Order,Product2,Solution"
_ROLES = (
    "Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor|Influencer"
    "|Technical Buyer|Other"
)

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
_ACCOUNT = f"""
    {_ID}
    MasterRecordId reference(Account)>MasterRecord n
    Name string(255) cu
    Type picklist(40) ncu Prospect|Customer - Direct|Customer - Channel|Channel Partner / Reseller|Technology Partner|Other
    ParentId reference(Account)>Parent ncu
    BillingStreet textarea(255) ncu
    BillingCity string(40) ncu
    BillingCountry string(80) ncu
    Phone phone(40) ncu
    AccountNumber string(40) ncu
    Website url(255) ncu
    Industry picklist(40) ncu Agriculture|Banking|Chemicals|Consulting|Energy|Engineering|Healthcare|Manufacturing|Other
    AnnualRevenue currency(18,0) ncu
    NumberOfEmployees int ncu
    Description textarea(32000) ncu
    OwnerId reference(User)>Owner cud
    {_SYSTEM}
    LastActivityDate date n
    Customer_Since__c date ncu
    Plan_Date__c date ncu
    Joint_Plan_Date__c date ncu
    Expectations_Date__c date ncu
    Litmus_Date__c date ncu
    Plan_Approved_Date__c date ncu
    Our_Sponsor__c email(80) ncu
    Contact_Every_Days__c double(4,0) ncu
    Holdfast_Risk__c double(3,0) ncu
    Holdfast_Risk_Level__c string(20) ncu
    Holdfast_Coverage__c string(20) ncu
    Holdfast_Findings__c string(255) ncu
    Holdfast_Last_Exec_Exchange__c date ncu
    Holdfast_Next_Exec_Due__c date ncu
    Holdfast_Snooze_Until__c date ncu
"""
_CONTACT = f"""
    {_ID}
    MasterRecordId reference(Contact)>MasterRecord n
    AccountId reference(Account)>Account ncu
    LastName string(80) cu
    FirstName string(40) ncu
    Salutation picklist(40) ncu Mr.|Ms.|Mrs.|Dr.|Prof.
    Name string(121)
    Phone phone(40) ncu
    MobilePhone phone(40) ncu
    ReportsToId reference(Contact)>ReportsTo ncu
    Email email(80) ncul
    Title string(128) ncu
    Department string(80) ncu
    LeadSource picklist(255) ncu Web|Phone Inquiry|Partner Referral|Purchased List|Other
    Description textarea(32000) ncu
    HasOptedOutOfEmail boolean cu
    DoNotCall boolean cu
    OwnerId reference(User)>Owner cud
    {_SYSTEM}
    LastActivityDate date n
    EmailBouncedReason string(255) ncu
    EmailBouncedDate datetime ncu
    IsEmailBounced boolean d
"""
_LEAD = f"""
    {_ID}
    LastName string(80) cu
    FirstName string(40) ncu
    Name string(121)
    Title string(128) ncu
    Company string(255) cu
    Email email(80) ncul
    Status picklist(255) cud *Open - Not Contacted|Working - Contacted|Closed - Converted|Closed - Not Converted
    OwnerId reference(Group,User)>Owner cud
    IsConverted boolean d
    ConvertedDate date n
    ConvertedAccountId reference(Account)>ConvertedAccount n
    ConvertedContactId reference(Contact)>ConvertedContact n
    ConvertedOpportunityId reference(Opportunity)>ConvertedOpportunity n
    {_SYSTEM}
"""
_OPPORTUNITY = f"""
    {_ID}
    AccountId reference(Account)>Account ncu
    IsPrivate boolean cud
    Name string(120) cu
    Description textarea(32000) ncu
    StageName picklist(255) cu Prospecting|Qualification|Needs Analysis|Value Proposition|Negotiation/Review|Closed Won|Closed Lost
    Amount currency(18,2) ncu
    CurrencyIsoCode picklist(3) ncur EUR|USD|GBP|CHF|JPY|CAD|AUD|SEK|DKK|NOK|PLN
    Probability percent(3,0) ncud
    CloseDate date cu
    Type picklist(255) ncu Existing Customer - Upgrade|Existing Customer - Replacement|Existing Customer - Downgrade|New Customer
    NextStep string(255) ncu
    Competitor__c string(80) ncu
    LeadSource picklist(255) ncu Web|Phone Inquiry|Partner Referral|Purchased List|Other
    IsClosed boolean d
    IsWon boolean d
    OwnerId reference(User)>Owner cud
    {_SYSTEM}
    LastActivityDate date n
"""
_CONTACT_ROLE = f"""
    Id id d
    OpportunityId reference(Opportunity)>Opportunity c
    ContactId reference(Contact)>Contact cu
    Role picklist(40) ncu {_ROLES}
    IsPrimary boolean cud
    {_SYSTEM}
    IsDeleted boolean d
"""
_RELATION = f"""
    {_ID}
    AccountId reference(Account)>Account c
    ContactId reference(Contact)>Contact c
    Roles multipicklist(4099) ncu {_ROLES}
    IsDirect boolean d
    IsActive boolean cud
    StartDate date ncu
    EndDate date ncu
    {_SYSTEM}
"""
_TEAM_MEMBER = """
    UserId reference(User)>User c
    TeamMemberRole picklist(40) ncu Account Manager|Channel Manager|Executive Sponsor|Lead Qualifier|Pre-Sales Consultant|Sales Manager|Sales Rep
"""
_ACCOUNT_TEAM = f"""
    {_ID}
    AccountId reference(Account)>Account c
    {_TEAM_MEMBER}
    AccountAccessLevel picklist(40) ncud None|Read|Edit|All
    {_SYSTEM}
"""
_OPPORTUNITY_TEAM = f"""
    {_ID}
    OpportunityId reference(Opportunity)>Opportunity c
    {_TEAM_MEMBER}
    OpportunityAccessLevel picklist(40) ncud None|Read|Edit|All
    {_SYSTEM}
"""
_TASK = f"""
    Id id d
    WhoId reference(Contact,Lead)>Who ncu
    WhatId reference({_ABOUT})>What ncu
    Subject combobox(255) ncu Call|Email|Send Letter|Send Quote|Other
    ActivityDate date ncu
    Status picklist(255) cud *Not Started|In Progress|Completed|Waiting on someone else|Deferred
    Priority picklist(255) cud High|*Normal|Low
    IsHighPriority boolean d
    OwnerId reference(Group,User)>Owner cud
    Description textarea(32000) ncu
    Type picklist(255) ncu Call|Email|Meeting|Other
    IsDeleted boolean d
    AccountId reference(Account)>Account n
    IsClosed boolean d
    {_SYSTEM}
    IsArchived boolean d
    CallDurationInSeconds int ncu
    CallType picklist(40) ncur Internal|Inbound|Outbound
    CallDisposition string(255) ncu
    CallObject string(255) ncu
    ReminderDateTime datetime ncu
    IsReminderSet boolean cud
    RecurrenceActivityId reference(Task) n
    IsRecurrence boolean c
    TaskSubtype picklist(40) ncrd *Task|Email|ListEmail|Cadence|Call|LinkedIn
    CompletedDateTime datetime n
    {_KEYS}
"""
_EVENT = f"""
    Id id d
    WhoId reference(Contact,Lead)>Who ncu
    WhatId reference({_ABOUT})>What ncu
    Subject combobox(255) ncu Call|Email|Meeting|Send Letter/Quote|Other
    Location string(255) ncu
    IsAllDayEvent boolean cud
    ActivityDateTime datetime ncu
    ActivityDate date ncu
    DurationInMinutes int ncu
    StartDateTime datetime ncu
    EndDateTime datetime ncu
    EndDate date n
    Description textarea(32000) ncu
    AccountId reference(Account)>Account n
    OwnerId reference(Calendar,User)>Owner cud
    IsPrivate boolean cud
    ShowAs picklist(40) ncudr OutOfOffice|*Busy|Free
    IsDeleted boolean d
    IsChild boolean d
    IsGroupEvent boolean d
    GroupEventType picklist(40) nr 0|1|2|3
    {_SYSTEM}
    IsArchived boolean d
    RecurrenceActivityId reference(Event) n
    IsRecurrence boolean cd
    ReminderDateTime datetime ncu
    IsReminderSet boolean cud
    EventSubtype picklist(40) ncdr *Event
    IsRecurrence2Exclusion boolean d
    IsRecurrence2 boolean d
    IsRecurrence2Exception boolean d
    {_KEYS}
"""
_EVENT_RELATION = f"""
    Id id d
    RelationId reference(Account,Calendar,Contact,Lead,User)>Relation cu
    EventId reference(Event)>Event c
    IsWhat boolean cd
    IsParent boolean cd
    IsInvitee boolean cd
    AccountId reference(Account)>Account n
    Status picklist(40) ncudr *New|Declined|Accepted|Uninvited|Maybe
    RespondedDate datetime ncu
    Response string(255) ncu
    {_SYSTEM}
    IsDeleted boolean d
"""
_TASK_RELATION = f"""
    Id id d
    RelationId reference(Account,Contact,Lead)>Relation cu
    TaskId reference(Task)>Task c
    IsWhat boolean cd
    AccountId reference(Account)>Account n
    {_SYSTEM}
    IsDeleted boolean d
"""
_EMAIL = f"""
    {_ID}
    ParentId reference(Case)>Parent nc
    ActivityId reference(Task)>Activity nc
    Subject string(3000) ncu
    FromName string(1000) ncu
    FromAddress email(1000) ncu
    ToAddress textarea(4000) ncu
    CcAddress textarea(4000) ncu
    BccAddress textarea(4000) ncu
    Incoming boolean cd
    HasAttachment boolean d
    Status picklist(40) cudr *0|1|2|3|4|5
    MessageDate datetime ncu
    RelatedToId reference({_ABOUT})>RelatedTo ncu
    TextBody textarea(32000) ncu
    MessageIdentifier string(765) nc
    {_SYSTEM}
"""
_EMAIL_RELATION = f"""
    {_ID}
    EmailMessageId reference(EmailMessage)>EmailMessage c
    RelationId reference(Contact,Lead,User)>Relation nc
    RelationType picklist(40) cr ToAddress|CcAddress|BccAddress|FromAddress|OtherAddress
    RelationAddress string(320) nc
    RelationObjectType picklist(40) nr Contact|Lead|User
    {_SYSTEM}
"""
_CASE = f"""
    {_ID}
    CaseNumber string(30) dl
    ContactId reference(Contact)>Contact ncu
    AccountId reference(Account)>Account ncu
    Status picklist(40) ncud *New|Working|Escalated|Closed
    Priority picklist(40) ncud High|*Medium|Low
    Origin picklist(40) ncu Phone|Email|Web
    Subject string(255) ncu
    Description textarea(32000) ncu
    IsClosed boolean d
    ClosedDate datetime n
    IsEscalated boolean cud
    OwnerId reference(Group,User)>Owner cud
    {_SYSTEM}
"""
_CAMPAIGN = f"""
    {_ID}
    Name string(80) cu
    ParentId reference(Campaign)>Parent ncu
    Type picklist(40) ncu Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement|Banner Ads|Direct Mail|Email|Telemarketing|Other
    Status picklist(40) ncu *Planned|In Progress|Completed|Aborted
    StartDate date ncu
    EndDate date ncu
    IsActive boolean cud
    Description textarea(32000) ncu
    OwnerId reference(User)>Owner cud
    {_SYSTEM}
"""
_CAMPAIGN_MEMBER = f"""
    {_ID}
    CampaignId reference(Campaign)>Campaign c
    LeadId reference(Lead)>Lead nc
    ContactId reference(Contact)>Contact nc
    Status picklist(40) ncud *Sent|Responded
    HasResponded boolean d
    FirstRespondedDate date n
    {_SYSTEM}
"""
_STATUS = f"""
    Id id d
    MasterLabel string(255) n
    ApiName string(255) n
    SortOrder int n
    IsDefault boolean d
    {_SYSTEM}
"""
_ORGANIZATION = f"""
    Id id d
    Name string(80)
    OrganizationType picklist(40) n Enterprise Edition|Developer Edition
    InstanceName string(5) n
    IsSandbox boolean d
    TimeZoneSidKey picklist(40) nr Europe/Berlin|America/Los_Angeles|UTC
    {_SYSTEM}
"""

_CUSTOM_FIELD = f"""
    Id id d
    DeveloperName string(80)
    TableEnumOrId string(80)
    FullName string(255) n
    Metadata textarea(32000) n
    {_SYSTEM}
"""
_PERMISSION_SET = f"""
    Id id d
    Name string(80) cu
    Label string(80) cu
    Description string(255) ncu
    IsOwnedByProfile boolean d
    {_SYSTEM}
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
    {_SYSTEM}
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
    {_SYSTEM}
"""

ALL = (
    sobject("Account", "001", _ACCOUNT),
    sobject("AccountContactRelation", "07k", _RELATION),
    sobject("AccountTeamMember", "01M", _ACCOUNT_TEAM, vanishes=True),
    sobject("Campaign", "701", _CAMPAIGN),
    sobject("CampaignMember", "00v", _CAMPAIGN_MEMBER, vanishes=True),
    sobject("Case", "500", _CASE),
    sobject("Contact", "003", _CONTACT),
    sobject("CustomField", "00N", _CUSTOM_FIELD, fixed=True, tooling=True),
    sobject("EmailMessage", "02s", _EMAIL),
    sobject("EmailMessageRelation", "0bk", _EMAIL_RELATION),
    sobject("Event", "00U", _EVENT),
    sobject("EventRelation", "0RE", _EVENT_RELATION),
    sobject("FieldPermissions", "0FP", _FIELD_PERMISSIONS, vanishes=True),
    sobject("Group", "00G", _GROUP, vanishes=True),
    sobject("Holiday", "0C0", _HOLIDAY, vanishes=True),
    sobject("Lead", "00Q", _LEAD),
    sobject("Opportunity", "006", _OPPORTUNITY),
    sobject("OpportunityContactRole", "00K", _CONTACT_ROLE, vanishes=True),
    sobject("OpportunityTeamMember", "00q", _OPPORTUNITY_TEAM, vanishes=True),
    sobject("Organization", "00D", _ORGANIZATION, fixed=True),
    sobject("PermissionSet", "0PS", _PERMISSION_SET, vanishes=True),
    sobject("PermissionSetAssignment", "0Pa", _ASSIGNMENT, vanishes=True),
    sobject("QueueSobject", "03g", _QUEUE_SOBJECT, vanishes=True),
    sobject("Task", "00T", _TASK),
    sobject("TaskRelation", "0RT", _TASK_RELATION),
    sobject("TaskPriority", "01k", _STATUS + "IsHighPriority boolean d", fixed=True),
    sobject("TaskStatus", "01h", _STATUS + "IsClosed boolean d", fixed=True),
    sobject("User", "005", _USER + _SYSTEM),
)


def objects(*, bare: bool = False, currencies: bool = False) -> Mapping[str, Sobject]:
    """The org's objects by name; a bare org has none of our fields, and one without `currencies` has only its own."""

    def hidden(name: str) -> bool:
        return (bare and name.startswith(OURS)) or (name == CURRENCY_CODE and not currencies)

    return {each.name: each.without(filter(hidden, each.fields)) for each in ALL}
