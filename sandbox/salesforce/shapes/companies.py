"""Accounts, opportunities, their contact roles, and cases. The notation is explained in ``fields``."""

ACCOUNT = """
Id id d : Account ID
IsDeleted boolean d : Deleted
MasterRecordId reference n -> Account as MasterRecord : Master Record ID
Name string(255) cu in Name : Account Name
Type picklist(40) ncu = type : Account Type
RecordTypeId reference ncu -> RecordType as RecordType : Record Type ID
ParentId reference ncu -> Account as Parent : Parent Account ID
BillingStreet textarea(255) ncu in BillingAddress : Billing Street
BillingCity string(40) ncu in BillingAddress : Billing City
BillingState string(80) ncu in BillingAddress : Billing State/Province
BillingPostalCode string(20) ncu in BillingAddress : Billing Zip/Postal Code
BillingCountry string(80) ncu in BillingAddress : Billing Country
BillingLatitude double(18,15) ncu in BillingAddress : Billing Latitude
BillingLongitude double(18,15) ncu in BillingAddress : Billing Longitude
BillingGeocodeAccuracy picklist(40) ncur in BillingAddress = geocode_accuracy : Billing Geocode Accuracy
BillingAddress address n : Billing Address
ShippingStreet textarea(255) ncu in ShippingAddress : Shipping Street
ShippingCity string(40) ncu in ShippingAddress : Shipping City
ShippingState string(80) ncu in ShippingAddress : Shipping State/Province
ShippingPostalCode string(20) ncu in ShippingAddress : Shipping Zip/Postal Code
ShippingCountry string(80) ncu in ShippingAddress : Shipping Country
ShippingLatitude double(18,15) ncu in ShippingAddress : Shipping Latitude
ShippingLongitude double(18,15) ncu in ShippingAddress : Shipping Longitude
ShippingGeocodeAccuracy picklist(40) ncur in ShippingAddress = geocode_accuracy : Shipping Geocode Accuracy
ShippingAddress address n : Shipping Address
Phone phone(40) ncu : Account Phone
Fax phone(40) ncu : Account Fax
AccountNumber string(40) ncu : Account Number
Website url(255) ncu : Website
PhotoUrl url(255) n : Photo URL
Sic string(20) ncu : SIC Code
Industry picklist(40) ncu = industry : Industry
AnnualRevenue currency(18,0) ncu : Annual Revenue
NumberOfEmployees int(8) ncu : Employees
Ownership picklist(40) ncu = ownership : Ownership
TickerSymbol string(20) ncu : Ticker Symbol
Description textarea(32000) ncu : Account Description
Rating picklist(40) ncu = rating : Account Rating
Site string(80) ncu : Account Site
OwnerId reference cud -> User as Owner : Owner ID
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
LastActivityDate date n : Last Activity
LastViewedDate datetime n : Last Viewed Date
LastReferencedDate datetime n : Last Referenced Date
IsPartner boolean ud : Partner Account
IsCustomerPortal boolean ud : Customer Portal Account
ChannelProgramName string(255) nx : Channel Program Name
ChannelProgramLevelName string(255) nx : Channel Program Level Name
Jigsaw string(20) ncu : Data.com Key
JigsawCompanyId string(20) n as JigsawCompany : Jigsaw Company ID
CleanStatus picklist(40) ncur = clean_status : Clean Status
AccountSource picklist(40) ncu = lead_source : Account Source
DunsNumber string(9) ncu : D-U-N-S Number
Tradestyle string(255) ncu : Tradestyle
NaicsCode string(8) ncu : NAICS Code
NaicsDesc string(120) ncu : NAICS Description
YearStarted string(4) ncu : Year Started
SicDesc string(80) ncu : SIC Description
DandbCompanyId reference ncu -> DandBCompany as DandbCompany : D&B Company ID
OperatingHoursId reference ncu -> OperatingHours as OperatingHours : Operating Hour ID
"""

OPPORTUNITY = """
Id id d : Opportunity ID
IsDeleted boolean d : Deleted
AccountId reference ncu -> Account as Account : Account ID
IsPrivate boolean cud : Private
Name string(120) cu : Name
Description textarea(32000) ncu : Description
StageName picklist(255) cu = stage_name : Stage
Amount currency(18,2) ncu : Amount
Probability percent(3,0) ncud : Probability (%)
ExpectedRevenue currency(18,2) n : Expected Amount
TotalOpportunityQuantity double(18,2) ncu : Quantity
CloseDate date cu : Close Date
Type picklist(255) ncu = type_2 : Opportunity Type
NextStep string(255) ncu : Next Step
LeadSource picklist(255) ncu = lead_source : Lead Source
IsClosed boolean d : Closed
IsWon boolean d : Won
ForecastCategory picklist(40) r = forecast_category : Forecast Category
ForecastCategoryName picklist(255) ncudr = forecast_category_name : Forecast Category
CampaignId reference ncu -> Campaign as Campaign : Campaign ID
HasOpportunityLineItem boolean d : Has Line Item
Pricebook2Id reference ncud -> Pricebook2 as Pricebook2 : Price Book ID
OwnerId reference cud -> User as Owner : Owner ID
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
LastActivityDate date n : Last Activity
LastStageChangeDate datetime n : Last Stage Change Date
FiscalQuarter int(8) n in Fiscal : Fiscal Quarter
FiscalYear int(8) n in Fiscal : Fiscal Year
Fiscal string(6) n : Fiscal Period
ContactId reference nc -> Contact : Contact ID
LastViewedDate datetime n : Last Viewed Date
LastReferencedDate datetime n : Last Referenced Date
HasOpenActivity boolean dx : Has Open Activity
HasOverdueTask boolean dx : Has Overdue Task
LastAmountChangedHistoryId reference n -> OpportunityHistory as LastAmountChangedHistory : History ID
LastCloseDateChangedHistoryId reference n -> OpportunityHistory as LastCloseDateChangedHistory : History ID
"""

OPPORTUNITY_CONTACT_ROLE = """
Id id d : Contact Role ID
OpportunityId reference c -> Opportunity as Opportunity : Opportunity ID
ContactId reference cu -> Contact as Contact : Contact ID
Role picklist(40) ncu = role : Role
IsPrimary boolean cud : Primary
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
IsDeleted boolean d : Deleted
"""

CASE = """
Id id d : Case ID
IsDeleted boolean d : Deleted
MasterRecordId reference n -> Case as MasterRecord : Master Record ID
CaseNumber string(30) d : Case Number
ContactId reference ncu -> Contact as Contact : Contact ID
AccountId reference ncu -> Account as Account : Account ID
ParentId reference ncu -> Case as Parent : Parent Case ID
SuppliedName string(80) ncu : Name
SuppliedEmail email(80) ncu : Email Address
SuppliedPhone string(40) ncu : Phone
SuppliedCompany string(80) ncu : Company
Type picklist(255) ncu = case_type : Case Type
Status picklist(255) ncud = case_status : Status
Reason picklist(255) ncu = case_reason : Case Reason
Origin picklist(255) ncu = case_origin : Case Origin
Subject string(255) ncu : Subject
Priority picklist(255) ncud = case_priority : Priority
Description textarea(32000) ncu : Description
IsClosed boolean d : Closed
ClosedDate datetime n : Closed Date
IsEscalated boolean cud : Escalated
OwnerId reference cud -> Group,User as Owner : Owner ID
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
ContactPhone phone(40) n : Contact Phone
ContactMobile phone(40) n : Contact Mobile
ContactEmail email(80) n : Contact Email
ContactFax phone(40) n : Contact Fax
Comments textarea(4000) ncu : Internal Comments
LastViewedDate datetime n : Last Viewed Date
LastReferencedDate datetime n : Last Referenced Date
"""
