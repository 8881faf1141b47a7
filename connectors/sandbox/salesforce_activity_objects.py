"""Activity in the sandbox's Salesforce org: tasks, events, e-mails, and whom they are about."""

from __future__ import annotations

from connectors.sandbox.salesforce_schema import ID, SYSTEM, sobject

_ABOUT = "Account,Asset,Campaign,Case,Contract,Opportunity,Order,Product2,Solution"
_KEYS = """
    Holdfast_Key__c string(80) ncux
    Holdfast_Feedback__c picklist(255) ncur helpful|wrong|already handled
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
    {SYSTEM}
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
    {SYSTEM}
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
    {SYSTEM}
    IsDeleted boolean d
"""
_TASK_RELATION = f"""
    Id id d
    RelationId reference(Account,Contact,Lead)>Relation cu
    TaskId reference(Task)>Task c
    IsWhat boolean cd
    AccountId reference(Account)>Account n
    {SYSTEM}
    IsDeleted boolean d
"""
_EMAIL = f"""
    {ID}
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
    {SYSTEM}
"""
_EMAIL_RELATION = f"""
    {ID}
    EmailMessageId reference(EmailMessage)>EmailMessage c
    RelationId reference(Contact,Lead,User)>Relation nc
    RelationType picklist(40) cr ToAddress|CcAddress|BccAddress|FromAddress|OtherAddress
    RelationAddress string(320) nc
    RelationObjectType picklist(40) nr Contact|Lead|User
    {SYSTEM}
"""

ACTIVITY_OBJECTS = (
    sobject("EmailMessage", "02s", _EMAIL),
    sobject("EmailMessageRelation", "0bk", _EMAIL_RELATION),
    sobject("Event", "00U", _EVENT),
    sobject("EventRelation", "0RE", _EVENT_RELATION),
    sobject("Task", "00T", _TASK),
    sobject("TaskRelation", "0RT", _TASK_RELATION),
)
