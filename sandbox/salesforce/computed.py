"""Fields nobody stores: the vendor works them out when they are read."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Compute = Callable[["Org", Row], Any]
_ARCHIVED_AFTER = timedelta(days=365)
_PARTS = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
_PERSON = (
    "Salutation", "Name", "FirstName", "LastName", "Title", "Email", "Phone", "Fax", "MobilePhone",
    "Description", "DoNotCall", "HasOptedOutOfEmail", "HasOptedOutOfFax", "LeadSource",
)  # fmt: skip


def _address(prefix: str) -> Compute:
    keys = [(part[0].lower() + part[1:], prefix + part) for part in _PARTS]

    def compute(_org: "Org", row: Row) -> dict[str, Any] | None:
        found = {short: row.get(name) for short, name in keys}
        return dict(sorted(found.items())) if any(value is not None for value in found.values()) else None

    return compute


def archived(org: "Org", row: Row) -> bool:
    """Closed tasks and past events over a year old leave ordinary queries."""
    if row.get("IsArchived"):
        return True
    on = row.get("ActivityDate")
    if on is None or (row["Id"].startswith("00T") and not row.get("IsClosed")):
        return False
    return bool(on < (org.clock.now() - _ARCHIVED_AFTER).strftime("%Y-%m-%d"))


def _member_person(org: "Org", row: Row) -> Row:
    return org.row(row.get("ContactId") or row.get("LeadId") or "") or {}


def _from_person(name: str) -> Compute:
    def compute(org: "Org", row: Row) -> Any:
        value = _member_person(org, row).get(name)
        return bool(value) if name.startswith(("Do", "Has")) else value

    return compute


def _place(name: str) -> Compute:
    def compute(org: "Org", row: Row) -> Any:
        person = _member_person(org, row)
        return person.get(name) or person.get("Mailing" + name)

    return compute


def _company(org: "Org", row: Row) -> Any:
    person = _member_person(org, row)
    account = org.row(person.get("AccountId", ""))
    return account.get("Name") if account else person.get("Company")


def _members(org: "Org", row: Row) -> list[Row]:
    table = org.table("CampaignMember")
    found = (table.rows[member] for member in table.lookup("CampaignId", row["Id"]))
    return [member for member in found if not member.get("IsDeleted")]


def _counted(test: Callable[["Org", Row], bool]) -> Compute:
    return lambda org, row: sum(1 for member in _members(org, row) if test(org, member))


def _converted(org: "Org", member: Row) -> bool:
    return bool((org.row(member.get("LeadId", "")) or {}).get("IsConverted"))


def _opportunities(org: "Org", row: Row, *, won: bool) -> list[Row]:
    table = org.table("Opportunity")
    found = (table.rows[key] for key in table.lookup("CampaignId", row["Id"]))
    return [deal for deal in found if not deal.get("IsDeleted") and (deal.get("IsWon") or not won)]


COMPUTED: dict[tuple[str, str], Compute] = {
    ("Lead", "Address"): _address(""),
    ("Contact", "MailingAddress"): _address("Mailing"),
    ("Contact", "OtherAddress"): _address("Other"),
    ("Account", "BillingAddress"): _address("Billing"),
    ("Account", "ShippingAddress"): _address("Shipping"),
    ("Organization", "Address"): _address(""),
    ("Contact", "IsEmailBounced"): lambda _org, row: bool(row.get("EmailBouncedReason")),
    ("Task", "IsArchived"): archived,
    ("Event", "IsArchived"): archived,
    ("CampaignMember", "CompanyOrAccount"): _company,
    ("CampaignMember", "LeadOrContactId"): lambda _org, row: row.get("ContactId") or row.get("LeadId"),
    ("CampaignMember", "LeadOrContactOwnerId"): lambda org, row: _member_person(org, row).get("OwnerId"),
    ("CampaignMember", "Type"): lambda _org, row: "Contact" if row.get("ContactId") else "Lead",
    ("Campaign", "NumberOfLeads"): _counted(lambda _org, member: not member.get("ContactId")),
    ("Campaign", "NumberOfContacts"): _counted(lambda _org, member: bool(member.get("ContactId"))),
    ("Campaign", "NumberOfConvertedLeads"): _counted(_converted),
    ("Campaign", "NumberOfResponses"): _counted(lambda _org, member: bool(member.get("HasResponded"))),
    ("Campaign", "NumberOfOpportunities"): lambda org, row: len(_opportunities(org, row, won=False)),
    ("Campaign", "NumberOfWonOpportunities"): lambda org, row: len(_opportunities(org, row, won=True)),
    ("Campaign", "AmountAllOpportunities"): lambda org, row: sum(
        deal.get("Amount", 0.0) for deal in _opportunities(org, row, won=False)
    ),
    ("Campaign", "AmountWonOpportunities"): lambda org, row: sum(
        deal.get("Amount", 0.0) for deal in _opportunities(org, row, won=True)
    ),
    **{("CampaignMember", name): _from_person(name) for name in _PERSON},
    **{
        ("CampaignMember", name): _place(name)
        for name in ("Street", "City", "State", "PostalCode", "Country")
    },
}
