"""Every object this org has: its key prefix, its labels and its fields."""

from dataclasses import dataclass

from sandbox.salesforce.shapes import activities, campaigns, companies, people, setup


@dataclass(frozen=True, slots=True)
class Declaration:
    """What ``fields.parse`` turns into an object's description."""

    name: str
    prefix: str
    plural: str
    lines: str
    deletable: bool = True
    bulk: bool = True
    setup: bool = False


DECLARATIONS = (
    Declaration("Account", "001", "Accounts", companies.ACCOUNT),
    Declaration("Contact", "003", "Contacts", people.CONTACT),
    Declaration("Lead", "00Q", "Leads", people.LEAD),
    Declaration("Opportunity", "006", "Opportunities", companies.OPPORTUNITY),
    Declaration(
        "OpportunityContactRole", "00K", "Opportunity Contact Roles", companies.OPPORTUNITY_CONTACT_ROLE
    ),
    Declaration("Case", "500", "Cases", companies.CASE),
    Declaration("Task", "00T", "Tasks", activities.TASK),
    Declaration("Event", "00U", "Events", activities.EVENT),
    Declaration("TaskRelation", "0RT", "Task Relations", activities.TASK_RELATION),
    Declaration("EventRelation", "0RE", "Event Relations", activities.EVENT_RELATION),
    Declaration("Campaign", "701", "Campaigns", campaigns.CAMPAIGN),
    Declaration("CampaignMember", "00v", "Campaign Members", campaigns.CAMPAIGN_MEMBER),
    Declaration("CampaignMemberStatus", "01Y", "Campaign Member Statuses", campaigns.CAMPAIGN_MEMBER_STATUS),
    Declaration("User", "005", "Users", setup.USER, deletable=False, setup=True),
    Declaration("Group", "00G", "Groups", setup.GROUP, setup=True),
    Declaration("QueueSobject", "03g", "Queue Sobjects", setup.QUEUE_SOBJECT, setup=True),
    Declaration("PermissionSet", "0PS", "Permission Sets", setup.PERMISSION_SET, setup=True),
    Declaration(
        "PermissionSetAssignment",
        "0Pa",
        "Permission Set Assignments",
        setup.PERMISSION_SET_ASSIGNMENT,
        setup=True,
    ),
    Declaration(
        "FieldPermissions", "01k", "Field Permissions", setup.FIELD_PERMISSIONS, bulk=False, setup=True
    ),
    Declaration(
        "ObjectPermissions", "110", "Object Permissions", setup.OBJECT_PERMISSIONS, bulk=False, setup=True
    ),
    Declaration("RecordType", "012", "Record Types", setup.RECORD_TYPE, deletable=False, setup=True),
    Declaration(
        "Organization", "00D", "Organizations", setup.ORGANIZATION, deletable=False, bulk=False, setup=True
    ),
    Declaration("Profile", "00e", "Profiles", setup.PROFILE, deletable=False, setup=True),
    Declaration("UserRole", "00E", "Roles", setup.USER_ROLE, setup=True),
)
