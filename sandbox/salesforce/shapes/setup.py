"""Users, queues, permissions and the organisation. The notation is explained in ``fields``."""

USER = """
Id id d : User ID
Username string(80) cu : Username
LastName string(80) cu : Last Name
FirstName string(40) ncu : First Name
Name string(80) : Full Name
CompanyName string(255) ncu : Company Name
Division string(255) ncu : Division
Department string(255) ncu : Department
Title string(128) ncu : Title
Street textarea(255) ncu : Street
City string(40) ncu : City
State string(80) ncu : State/Province
PostalCode string(20) ncu : Zip/Postal Code
Country string(80) ncu : Country
Email email(80) cu : Email
Phone phone(40) ncu : Phone
MobilePhone phone(40) ncu : Mobile
Alias string(8) cu : Alias
CommunityNickname string(40) cu : Nickname
IsActive boolean cud : Active
TimeZoneSidKey picklist(255) cu : Time Zone
UserRoleId reference ncu -> UserRole as UserRole : Role ID
LocaleSidKey picklist(255) cu : Locale
ReceivesInfoEmails boolean cud : Info Emails
EmailEncodingKey picklist(255) cu : Email Encoding
ProfileId reference cu -> Profile as Profile : Profile ID
UserType picklist(255) n : User Type
LanguageLocaleKey picklist(255) cu : Language
EmployeeNumber string(255) ncu : Employee Number
ManagerId reference ncu -> User as Manager : Manager ID
LastLoginDate datetime n : Last Login
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
UserPermissionsMarketingUser boolean cud : Marketing User
FederationIdentifier string(255) ncu : SAML Federation ID
"""

PERMISSION_SET = """
Id id d : PermissionSet ID
Name string(80) cu : API Name
Label string(255) cu : Permission Set Name
LicenseId reference nc -> PermissionSetLicense,UserLicense as License : License ID
ProfileId reference n -> Profile as Profile : Profile ID
IsOwnedByProfile boolean d : Is Owned By Profile
IsCustom boolean d : Custom
PermissionsModifyAllData boolean cud : Modify All Data
PermissionsCustomizeApplication boolean cud : Customize Application
PermissionsViewSetup boolean cud : View Setup and Configuration
PermissionsViewAllData boolean cud : View All Data
PermissionsApiEnabled boolean cud : API Enabled
Description string(255) ncu : Description
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
NamespacePrefix string(15) n : Namespace Prefix
HasActivationRequired boolean cud : Session Activation Required
Type picklist(255) n : Permission Set Type
"""

PERMISSION_SET_ASSIGNMENT = """
Id id d : PermissionSetAssignment ID
PermissionSetId reference nc -> PermissionSet as PermissionSet : PermissionSet ID
PermissionSetGroupId reference nc -> PermissionSetGroup as PermissionSetGroup : PermissionSetGroup ID
AssigneeId reference c -> User as Assignee : Assignee ID
SystemModstamp datetime d : Date Assigned
ExpirationDate datetime ncu : Expires On
IsActive boolean d : Is Active
IsRevoked boolean ud : Is Revoked
"""

FIELD_PERMISSIONS = """
Id id d : Field Permissions ID
ParentId reference c -> PermissionSet as Parent : Parent ID
SobjectType picklist(40) c : SObject Type Name
Field picklist(255) c : Field Name
PermissionsEdit boolean cud : Edit Field
PermissionsRead boolean cud : Read Field
SystemModstamp datetime d : System Modstamp
"""

OBJECT_PERMISSIONS = """
Id id d : ObjectPermissions Id
ParentId reference c -> PermissionSet as Parent : Parent ID
SobjectType picklist(40) c : Object Type Name
PermissionsCreate boolean cud : Create Records
PermissionsRead boolean cud : Read Records
PermissionsEdit boolean cud : Edit Records
PermissionsDelete boolean cud : Delete Records
PermissionsViewAllRecords boolean cud : Read All Records
PermissionsModifyAllRecords boolean cud : Edit All Records
SystemModstamp datetime d : System Modstamp
"""

RECORD_TYPE = """
Id id d : Record Type ID
Name string(80) cu : Name
DeveloperName string(80) cu : Record Type Name
NamespacePrefix string(15) n : Namespace Prefix
Description string(32000) ncu : Description
BusinessProcessId reference ncu -> BusinessProcess as BusinessProcess : Business Process ID
SobjectType picklist(40) c : SObject Type Name
IsActive boolean ud : Active
CreatedById reference d -> User as CreatedBy : Created By ID
CreatedDate datetime d : Created Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
LastModifiedDate datetime d : Last Modified Date
SystemModstamp datetime d : System Modstamp
"""

GROUP = """
Id id d : Group ID
Name string(40) cu : Name
DeveloperName string(80) ncud : Developer Name
RelatedId reference n -> User as Related : Related ID
Type picklist(40) cr = group_type : Type
Email email(80) ncu : Queue Email
OwnerId reference d -> User as Owner : Owner ID
DoesSendEmailToMembers boolean cud : Send Email to Members
DoesIncludeBosses boolean cud : Include Bosses
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
"""

QUEUE_SOBJECT = """
Id id d : Queue Sobject ID
QueueId reference c -> Group as Queue : Queue ID
SobjectType picklist(40) cu : Sobject Type
CreatedById reference d -> User as CreatedBy : Created By ID
SystemModstamp datetime d : System Modstamp
"""

ORGANIZATION = """
Id id d : Organization ID
Name string(80) u : Name
Division string(80) nu : Division
Street textarea(255) nu in Address : Street
City string(40) nu in Address : City
State string(80) nu in Address : State/Province
PostalCode string(20) nu in Address : Zip/Postal Code
Country string(80) nu in Address : Country
Latitude double(18,15) nu in Address : Latitude
Longitude double(18,15) nu in Address : Longitude
GeocodeAccuracy picklist(40) nur in Address : Geocode Accuracy
Address address n : Address
Phone phone(40) nu : Phone
Fax phone(40) nu : Fax
PrimaryContact string(80) nu : Primary Contact
DefaultLocaleSidKey picklist(40) ur : Locale
TimeZoneSidKey picklist(40) ur : Time Zone
LanguageLocaleKey picklist(40) ur : Language
FiscalYearStartMonth int(8) nu : Fiscal Year Starts In
OrganizationType picklist(40) nr : Edition
NamespacePrefix string(15) n : Namespace Prefix
InstanceName string(5) n : Instance Name
IsSandbox boolean d : Is Sandbox
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
"""

PROFILE = """
Id id d : Profile ID
Name string(255) cu : Name
UserType picklist(40) nr : User Type
Description string(255) ncu : Description
CreatedDate datetime d : Created Date
CreatedById reference d -> User as CreatedBy : Created By ID
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
"""

USER_ROLE = """
Id id d : Role ID
Name string(80) cu : Name
ParentRoleId reference ncu -> UserRole as ParentRole : Parent Role ID
DeveloperName string(80) ncud : Developer Name
LastModifiedDate datetime d : Last Modified Date
LastModifiedById reference d -> User as LastModifiedBy : Last Modified By ID
SystemModstamp datetime d : System Modstamp
"""
