# ruff: noqa: E501 # one field is one line, with all the values of its picklist
"""Customers in the sandbox's Salesforce org: accounts, their people, deals, teams, cases and what they were sent."""

from __future__ import annotations

from connectors.sandbox.salesforce_schema import ID, SYSTEM, sobject

_ROLES = (
    "Business User|Decision Maker|Economic Buyer|Economic Decision Maker|Evaluator|Executive Sponsor|Influencer"
    "|Technical Buyer|Other"
)
_ACCOUNT = f"""
    {ID}
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
    {SYSTEM}
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
    {ID}
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
    {SYSTEM}
    LastActivityDate date n
    EmailBouncedReason string(255) ncu
    EmailBouncedDate datetime ncu
    IsEmailBounced boolean d
"""
_LEAD = f"""
    {ID}
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
    {SYSTEM}
"""
_OPPORTUNITY = f"""
    {ID}
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
    {SYSTEM}
    LastActivityDate date n
"""
_CONTACT_ROLE = f"""
    Id id d
    OpportunityId reference(Opportunity)>Opportunity c
    ContactId reference(Contact)>Contact cu
    Role picklist(40) ncu {_ROLES}
    IsPrimary boolean cud
    {SYSTEM}
    IsDeleted boolean d
"""
_RELATION = f"""
    {ID}
    AccountId reference(Account)>Account c
    ContactId reference(Contact)>Contact c
    Roles multipicklist(4099) ncu {_ROLES}
    IsDirect boolean d
    IsActive boolean cud
    StartDate date ncu
    EndDate date ncu
    {SYSTEM}
"""
_TEAM_MEMBER = """
    UserId reference(User)>User c
    TeamMemberRole picklist(40) ncu Account Manager|Channel Manager|Executive Sponsor|Lead Qualifier|Pre-Sales Consultant|Sales Manager|Sales Rep
"""
_ACCOUNT_TEAM = f"""
    {ID}
    AccountId reference(Account)>Account c
    {_TEAM_MEMBER}
    AccountAccessLevel picklist(40) ncud None|Read|Edit|All
    {SYSTEM}
"""
_OPPORTUNITY_TEAM = f"""
    {ID}
    OpportunityId reference(Opportunity)>Opportunity c
    {_TEAM_MEMBER}
    OpportunityAccessLevel picklist(40) ncud None|Read|Edit|All
    {SYSTEM}
"""
_CASE = f"""
    {ID}
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
    {SYSTEM}
"""
_CAMPAIGN = f"""
    {ID}
    Name string(80) cu
    ParentId reference(Campaign)>Parent ncu
    Type picklist(40) ncu Conference|Webinar|Trade Show|Public Relations|Partners|Referral Program|Advertisement|Banner Ads|Direct Mail|Email|Telemarketing|Other
    Status picklist(40) ncu *Planned|In Progress|Completed|Aborted
    StartDate date ncu
    EndDate date ncu
    IsActive boolean cud
    Description textarea(32000) ncu
    OwnerId reference(User)>Owner cud
    {SYSTEM}
"""
_CAMPAIGN_MEMBER = f"""
    {ID}
    CampaignId reference(Campaign)>Campaign c
    LeadId reference(Lead)>Lead nc
    ContactId reference(Contact)>Contact nc
    Status picklist(40) ncud *Sent|Responded
    HasResponded boolean d
    FirstRespondedDate date n
    {SYSTEM}
"""

CUSTOMER_OBJECTS = (
    sobject("Account", "001", _ACCOUNT),
    sobject("AccountContactRelation", "07k", _RELATION),
    sobject("AccountTeamMember", "01M", _ACCOUNT_TEAM, vanishes=True),
    sobject("Campaign", "701", _CAMPAIGN),
    sobject("CampaignMember", "00v", _CAMPAIGN_MEMBER, vanishes=True),
    sobject("Case", "500", _CASE),
    sobject("Contact", "003", _CONTACT),
    sobject("Lead", "00Q", _LEAD),
    sobject("Opportunity", "006", _OPPORTUNITY),
    sobject("OpportunityContactRole", "00K", _CONTACT_ROLE, vanishes=True),
    sobject("OpportunityTeamMember", "00q", _OPPORTUNITY_TEAM, vanishes=True),
)
