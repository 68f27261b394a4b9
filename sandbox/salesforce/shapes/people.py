"""Leads and contacts. The notation is explained in ``fields``."""

LEAD = """
Id id d : Lead ID
IsDeleted boolean d : Deleted
MasterRecordId reference n -> Lead as MasterRecord : Master Record ID
LastName string(80) cu in Name : Last Name
FirstName string(40) ncu in Name : First Name
Salutation picklist(40) ncu in Name = salutation : Salutation
Name string(121) : Full Name
Title string(128) ncu : Title
Company string(255) cu : Company
Street textarea(255) ncu in Address : Street
City string(40) ncu in Address : City
State string(80) ncu in Address : State/Province
PostalCode string(20) ncu in Address : Zip/Postal Code
Country string(80) ncu in Address : Country
Latitude double(18,15) ncu in Address : Latitude
Longitude double(18,15) ncu in Address : Longitude
GeocodeAccuracy picklist(40) ncur in Address = geocode_accuracy : Geocode Accuracy
Address address n : Address
Phone phone(40) ncu : Phone
MobilePhone phone(40) ncu : Mobile Phone
Fax phone(40) ncu : Fax
Email email(80) ncu : Email
Website url(255) ncu : Website
PhotoUrl url(255) n : Photo URL
Description textarea(32000) ncu : Description
LeadSource picklist(255) ncu = lead_source : Lead Source
Status picklist(255) cud = status : Status
Industry picklist(255) ncu = industry : Industry
Rating picklist(255) ncu = rating : Rating
AnnualRevenue currency(18,0) ncu : Annual Revenue
NumberOfEmployees int(8) ncu : Employees
OwnerId reference cud -> Group,User as Owner : Owner ID
IsConverted boolean cd : Converted
ConvertedDate date n : Converted Date
ConvertedAccountId reference n -> Account as ConvertedAccount : Converted Account ID
ConvertedContactId reference n -> Contact as ConvertedContact : Converted Contact ID
ConvertedOpportunityId reference n -> Opportunity as ConvertedOpportunity : Converted Opportunity ID
IsUnreadByOwner boolean cud : Unread By Owner
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
LastActivityDate date n : Last Activity
LastViewedDate datetime n : Last Viewed Date
LastReferencedDate datetime n : Last Referenced Date
Jigsaw string(20) ncu : Data.com Key
JigsawContactId string(20) n as JigsawContact : Jigsaw Contact ID
CleanStatus picklist(40) ncur = clean_status : Clean Status
CompanyDunsNumber string(9) ncu : Company D-U-N-S Number
DandbCompanyId reference ncu -> DandBCompany as DandbCompany : D&B Company ID
EmailBouncedReason string(255) nu : Email Bounced Reason
EmailBouncedDate datetime nu : Email Bounced Date
IndividualId reference ncu -> Individual as Individual : Individual ID
HasOptedOutOfEmail boolean cud : Email Opt Out
HasOptedOutOfFax boolean cud : Fax Opt Out
DoNotCall boolean cud : Do Not Call
"""

CONTACT = """
Id id d : Contact ID
IsDeleted boolean d : Deleted
MasterRecordId reference n -> Contact as MasterRecord : Master Record ID
AccountId reference ncu -> Account as Account : Account ID
LastName string(80) cu in Name : Last Name
FirstName string(40) ncu in Name : First Name
Salutation picklist(40) ncu in Name = salutation_2 : Salutation
Name string(121) : Full Name
OtherStreet textarea(255) ncu in OtherAddress : Other Street
OtherCity string(40) ncu in OtherAddress : Other City
OtherState string(80) ncu in OtherAddress : Other State/Province
OtherPostalCode string(20) ncu in OtherAddress : Other Zip/Postal Code
OtherCountry string(80) ncu in OtherAddress : Other Country
OtherLatitude double(18,15) ncu in OtherAddress : Other Latitude
OtherLongitude double(18,15) ncu in OtherAddress : Other Longitude
OtherGeocodeAccuracy picklist(40) ncur in OtherAddress = geocode_accuracy : Other Geocode Accuracy
OtherAddress address n : Other Address
MailingStreet textarea(255) ncu in MailingAddress : Mailing Street
MailingCity string(40) ncu in MailingAddress : Mailing City
MailingState string(80) ncu in MailingAddress : Mailing State/Province
MailingPostalCode string(20) ncu in MailingAddress : Mailing Zip/Postal Code
MailingCountry string(80) ncu in MailingAddress : Mailing Country
MailingLatitude double(18,15) ncu in MailingAddress : Mailing Latitude
MailingLongitude double(18,15) ncu in MailingAddress : Mailing Longitude
MailingGeocodeAccuracy picklist(40) ncur in MailingAddress = geocode_accuracy : Mailing Geocode Accuracy
MailingAddress address n : Mailing Address
Phone phone(40) ncu : Business Phone
Fax phone(40) ncu : Business Fax
MobilePhone phone(40) ncu : Mobile Phone
HomePhone phone(40) ncu : Home Phone
OtherPhone phone(40) ncu : Other Phone
AssistantPhone phone(40) ncu : Asst. Phone
ReportsToId reference ncu -> Contact as ReportsTo : Reports To ID
Email email(80) ncu : Email
Title string(128) ncu : Title
Department string(80) ncu : Department
AssistantName string(40) ncu : Assistant's Name
LeadSource picklist(255) ncu = lead_source : Lead Source
Birthdate date ncu : Birthdate
Description textarea(32000) ncu : Contact Description
OwnerId reference cud -> User as Owner : Owner ID
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
LastActivityDate date n : Last Activity
LastCURequestDate datetime n : Last Stay-in-Touch Request Date
LastCUUpdateDate datetime n : Last Stay-in-Touch Save Date
LastViewedDate datetime n : Last Viewed Date
LastReferencedDate datetime n : Last Referenced Date
EmailBouncedReason string(255) ncu : Email Bounced Reason
EmailBouncedDate datetime ncu : Email Bounced Date
IsEmailBounced boolean d : Is Email Bounced
PhotoUrl url(255) n : Photo URL
Jigsaw string(20) ncu : Data.com Key
JigsawContactId string(20) n as JigsawContact : Jigsaw Contact ID
CleanStatus picklist(40) ncur = clean_status : Clean Status
IndividualId reference ncu -> Individual as Individual : Individual ID
HasOptedOutOfEmail boolean cud : Email Opt Out
HasOptedOutOfFax boolean cud : Fax Opt Out
DoNotCall boolean cud : Do Not Call
"""
