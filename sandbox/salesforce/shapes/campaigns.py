"""Campaigns, their members and what a member's status may be. The notation is explained in ``fields``."""

CAMPAIGN = """
Id id d : Campaign ID
IsDeleted boolean d : Deleted
Name string(80) cu : Name
ParentId reference ncu -> Campaign as Parent : Parent Campaign ID
Type picklist(40) ncu = campaign_type : Type
Status picklist(40) ncud = campaign_status : Status
StartDate date ncu : Start Date
EndDate date ncu : End Date
ExpectedRevenue currency(18,0) ncu : Expected Revenue in Campaign
BudgetedCost currency(18,0) ncu : Budgeted Cost in Campaign
ActualCost currency(18,0) ncu : Actual Cost in Campaign
ExpectedResponse percent(10,2) ncu : Expected Response (%)
NumberSent double(18,0) ncu : Num Sent in Campaign
IsActive boolean cud : Active
Description textarea(32000) ncu : Description
NumberOfLeads int(8) : Leads in Campaign
NumberOfConvertedLeads int(8) : Converted Leads in Campaign
NumberOfContacts int(8) : Contacts in Campaign
NumberOfResponses int(8) : Responses in Campaign
NumberOfOpportunities int(8) : Opportunities in Campaign
NumberOfWonOpportunities int(8) : Won Opportunities in Campaign
AmountAllOpportunities currency(18,0) : Value Opportunities in Campaign
AmountWonOpportunities currency(18,0) : Value Won Opportunities in Campaign
OwnerId reference cud -> User as Owner : Owner ID
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
LastActivityDate date n : Last Activity
LastViewedDate datetime n : Last Viewed Date
LastReferencedDate datetime n : Last Referenced Date
CampaignMemberRecordTypeId reference ncu -> RecordType as CampaignMemberRecordType : Record Type ID
"""

CAMPAIGN_MEMBER = """
Id id d : Campaign Member ID
IsDeleted boolean d : Deleted
CampaignId reference c -> Campaign as Campaign : Campaign ID
LeadId reference nc -> Lead as Lead : Lead ID
ContactId reference nc -> Contact as Contact : Contact ID
Status picklist(255) ncu : Status
HasResponded boolean d : Responded
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
FirstRespondedDate date n : First Responded Date
Salutation picklist(40) n : Salutation
Name string(80) n : Name
FirstName string(40) n : First Name
LastName string(80) n : Last Name
Title string(128) n : Title
Street string(255) n : Street
City string(40) n : City
State string(80) n : State/Province
PostalCode string(20) n : Zip/Postal Code
Country string(80) n : Country
Email email(80) n : Email
Phone phone(40) n : Phone
Fax phone(40) n : Fax
MobilePhone phone(40) n : Mobile
Description textarea(32000) n : Description
DoNotCall boolean d : Do Not Call
HasOptedOutOfEmail boolean d : Email Opt Out
HasOptedOutOfFax boolean d : Fax Opt Out
LeadSource picklist(255) n : Lead Source
CompanyOrAccount string(255) n : Company (Account)
Type string(255) n : Type
LeadOrContactId reference n -> Contact,Lead as LeadOrContact : Related Record ID
LeadOrContactOwnerId reference n -> Group,User as LeadOrContactOwner : Related Record Owner ID
"""

CAMPAIGN_MEMBER_STATUS = """
Id id d : Campaign Member Status ID
IsDeleted boolean d : Deleted
CampaignId reference c -> Campaign as Campaign : Campaign ID
Label string(255) cu : Member Status
SortOrder int(8) ncu : Sort Order
IsDefault boolean cud : Is Default
HasResponded boolean cud : Responded
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
"""
