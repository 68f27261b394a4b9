"""What is read from Salesforce: objects, their fields, and which of our columns each fills."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from connectors.base import Stream

#: How the vendor's field types read: anything else is text.
NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})
FLAGS = frozenset({"boolean"})
INSTANTS = frozenset({"datetime", "date"})


@dataclass(frozen=True, slots=True)
class Source:
    """One object behind a stream.

    columns: our column → the field that fills it; the mapping of a connection may replace any of them.
    further: fields read for what they imply (deletion, conversion, activity types).
    optional: of both, those an org may lack or hide without harm.
    where: spares a first reading rows that nobody needs; later ones may have stopped to match.
    """

    stream: Stream
    object: str
    columns: Mapping[str, str]
    further: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    where: str = ""


_PERSON_TABLES = ("person_records", "consent_records", "observed")

LEADS = Source(
    Stream("leads", _PERSON_TABLES),
    "Lead",
    MappingProxyType(
        {
            "email": "Email",
            "first_name": "FirstName",
            "last_name": "LastName",
            "title": "Title",
            "phone": "Phone",
            "country": "Country",
            "region": "State",
            "city": "City",
            "lifecycle": "Status",
            "owner": "OwnerId",
            "company_name": "Company",
            "created_at": "CreatedDate",
        }
    ),
    further=("IsDeleted", "MasterRecordId", "IsConverted", "ConvertedContactId", "HasOptedOutOfEmail"),
    optional=frozenset({"HasOptedOutOfEmail"}),
)
CONTACTS = Source(
    Stream("contacts", _PERSON_TABLES),
    "Contact",
    MappingProxyType(
        {
            "email": "Email",
            "first_name": "FirstName",
            "last_name": "LastName",
            "title": "Title",
            "phone": "Phone",
            "country": "MailingCountry",
            "region": "MailingState",
            "city": "MailingCity",
            "owner": "OwnerId",
            "company_record_id": "AccountId",
            "created_at": "CreatedDate",
        }
    ),
    further=("IsDeleted", "MasterRecordId", "HasOptedOutOfEmail", "IsPersonAccount"),
    optional=frozenset({"HasOptedOutOfEmail", "IsPersonAccount"}),
)
ACCOUNTS = Source(
    Stream("accounts", ("company_records", "observed")),
    "Account",
    MappingProxyType(
        {
            "name": "Name",
            "domain": "Website",
            "industry": "Industry",
            "employees": "NumberOfEmployees",
            "annual_revenue": "AnnualRevenue",
            "country": "BillingCountry",
            "region": "BillingState",
            "city": "BillingCity",
            "is_customer": "Type",
            "owner": "OwnerId",
            "parent_record_id": "ParentId",
            "created_at": "CreatedDate",
        }
    ),
    further=("IsDeleted", "MasterRecordId", "IsPersonAccount"),
    optional=frozenset({"IsPersonAccount"}),
)
OPPORTUNITIES = Source(
    Stream("opportunities", ("deal_records",)),
    "Opportunity",
    MappingProxyType(
        {
            "name": "Name",
            "company_record_id": "AccountId",
            "amount": "Amount",
            "currency": "CurrencyIsoCode",
            "is_closed": "IsClosed",
            "is_won": "IsWon",
            "created_at": "CreatedDate",
            "closed_at": "CloseDate",
        }
    ),
    further=("IsDeleted",),
    optional=frozenset({"CurrencyIsoCode"}),
)
ROLES = Source(
    Stream("contact_roles", ("deal_roles",)),
    "OpportunityContactRole",
    MappingProxyType({"deal_id": "OpportunityId", "record_id": "ContactId", "role": "Role"}),
    further=("IsDeleted",),
)
MEMBERS = Source(
    Stream("campaign_members", ("activity_records", "observed")),
    "CampaignMember",
    MappingProxyType(
        {"lead": "LeadId", "contact": "ContactId", "status": "Status", "created_at": "CreatedDate"}
    ),
    further=(
        "IsDeleted",
        "CampaignId",
        "HasResponded",
        "FirstRespondedDate",
        "Campaign.Name",
        "Campaign.Type",
        "Campaign.StartDate",
    ),
)
TASKS = Source(
    Stream("tasks", ("activity_records",)),
    "Task",
    MappingProxyType({"asset": "Subject", "value": "CallDurationInSeconds"}),
    further=(
        "WhoId",
        "IsDeleted",
        "TaskSubtype",
        "IsClosed",
        "ActivityDate",
        "CompletedDateTime",
        "CreatedDate",
    ),
    where="TaskSubtype = 'Call' AND IsClosed = true",
)
EVENTS = Source(
    Stream("events", ("activity_records",)),
    "Event",
    MappingProxyType({"asset": "Subject"}),
    further=(
        "WhoId",
        "IsDeleted",
        "IsChild",
        "IsRecurrence",
        "DurationInMinutes",
        "StartDateTime",
        "ActivityDate",
    ),
)
CASES = Source(
    Stream("cases", ("activity_records",)),
    "Case",
    MappingProxyType({"asset": "Subject"}),
    further=("ContactId", "IsDeleted", "CreatedDate"),
)

#: In reading order: companies before their people, people before what they did.
SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        source.stream.name: source
        for source in (ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, ROLES, MEMBERS, TASKS, EVENTS, CASES)
    }
)
