"""Tasks, events and who they are shared with. The notation is explained in ``fields``."""

TASK = """
Id id d : Activity ID
WhoId reference ncu -> Contact,Lead as Who : Name ID
WhatId reference ncu -> Account,Campaign,Case,Contract,Opportunity,Order,Product2 as What : Related To ID
Subject combobox(255) ncu : Subject
ActivityDate date ncu : Due Date Only
Status picklist(255) cud = task_status : Status
Priority picklist(255) cud = task_priority : Priority
IsHighPriority boolean d : High Priority
OwnerId reference cud -> Group,User as Owner : Assigned To ID
Description textarea(32000) ncu : Description
IsDeleted boolean d : Deleted
AccountId reference n -> Account as Account : Account ID
IsClosed boolean d : Closed
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
IsArchived boolean d : Archived
CallDurationInSeconds int(8) ncu : Call Duration
CallType picklist(40) ncur = call_type : Call Type
CallDisposition string(255) ncu : Call Result
CallObject string(255) ncu : Call Object Identifier
ReminderDateTime datetime ncu : Reminder Date/Time
IsReminderSet boolean cud : Reminder Set
RecurrenceActivityId reference n -> Task : Recurrence Activity ID
IsRecurrence boolean cd : Create Recurring Series of Tasks
RecurrenceStartDateOnly date ncu : Recurrence Start
RecurrenceEndDateOnly date ncu : Recurrence End
RecurrenceTimeZoneSidKey picklist(255) ncu : Recurrence Time Zone
RecurrenceType picklist(255) ncu : Recurrence Type
RecurrenceInterval int(8) ncu : Recurrence Interval
RecurrenceDayOfWeekMask int(8) ncu : Recurrence Day of Week Mask
RecurrenceDayOfMonth int(8) ncu : Recurrence Day of Month
RecurrenceInstance picklist(255) ncu : Recurrence Instance
RecurrenceMonthOfYear picklist(255) ncu : Recurrence Month of Year
RecurrenceRegeneratedType picklist(255) ncu : Repeat This Task
Type picklist(40) ncu = activity_type : Type
TaskSubtype picklist(40) ncr = task_subtype : Task Subtype
CompletedDateTime datetime n : Completed Date/Time
"""

EVENT = """
Id id d : Activity ID
WhoId reference ncu -> Contact,Lead as Who : Name ID
WhatId reference ncu -> Account,Campaign,Case,Contract,Opportunity,Order,Product2 as What : Related To ID
Subject combobox(255) ncu = subject : Subject
Type picklist(40) ncu = activity_type : Type
Location string(255) ncu : Location
IsAllDayEvent boolean cud : All-Day Event
ActivityDateTime datetime ncu : Due Date Time
ActivityDate date ncu : Due Date Only
DurationInMinutes int(8) ncu : Duration
StartDateTime datetime ncu : Start Date Time
EndDateTime datetime ncu : End Date Time
EndDate date n : End Date
Description textarea(32000) ncu : Description
AccountId reference n -> Account as Account : Account ID
OwnerId reference cud -> Calendar,User as Owner : Assigned To ID
IsPrivate boolean cud : Private
ShowAs picklist(40) ncudr = show_as : Show Time As
IsDeleted boolean d : Deleted
IsChild boolean d : Is Child
IsGroupEvent boolean d : Is Group Event
GroupEventType picklist(40) ndr = group_event_type : Group Event Type
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
IsArchived boolean d : Archived
RecurrenceActivityId reference n -> Event : Recurrence Activity ID
IsRecurrence boolean cd : Create Recurring Series of Events
RecurrenceStartDateTime datetime ncu : Recurrence Start
RecurrenceEndDateOnly date ncu : Recurrence End
RecurrenceTimeZoneSidKey picklist(40) ncur = recurrence_time_zone_sid_key : Recurrence Time Zone
RecurrenceType picklist(40) ncur = recurrence_type : Recurrence Type
RecurrenceInterval int(9) ncu : Recurrence Interval
RecurrenceDayOfWeekMask int(9) ncu : Recurrence Day of Week Mask
RecurrenceDayOfMonth int(9) ncu : Recurrence Day of Month
RecurrenceInstance picklist(40) ncur = recurrence_instance : Recurrence Instance
RecurrenceMonthOfYear picklist(40) ncur = recurrence_month_of_year : Recurrence Month of Year
ReminderDateTime datetime ncu : Reminder Date/Time
IsReminderSet boolean cud : Reminder Set
EventSubtype picklist(40) ncr = event_subtype : Event Subtype
IsRecurrence2Exclusion boolean d : Historical Event, Not Following Recurrence
Recurrence2PatternText textarea(512) nc : Recurrence Pattern
Recurrence2PatternVersion picklist(40) nr = recurrence2_pattern_version : Pattern Version
IsRecurrence2 boolean d : Repeat
IsRecurrence2Exception boolean d : Is Exception
Recurrence2PatternStartDate datetime n : Recurrence Pattern Start Date
Recurrence2PatternTimeZone string(255) n : Recurrence Pattern Time Zone Reference
"""

TASK_RELATION = """
Id id d : Task Relation ID
RelationId reference cu -> Contact,Lead,Account,Opportunity as Relation : Relation ID
TaskId reference c -> Task as Task : Task ID
IsWhat boolean cd : Is What
AccountId reference n -> Account as Account : Account ID
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
IsDeleted boolean d : Deleted
"""

EVENT_RELATION = """
Id id d : Event Relation ID
RelationId reference cu -> Contact,Lead,Account,Opportunity as Relation : Relation ID
EventId reference c -> Event as Event : Event ID
IsWhat boolean cd : Is What
AccountId reference n -> Account as Account : Account ID
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
IsDeleted boolean d : Deleted
"""
