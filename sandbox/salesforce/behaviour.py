"""What this vendor does to a row by itself when it is saved."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sandbox.salesforce import personaccounts
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.instants import day
from sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Behaviour = Callable[["Org", Row, Row | None], None]
# stage → (probability, forecast category)
_STAGES = {
    "Prospecting": (10.0, "Pipeline"),
    "Qualification": (10.0, "Pipeline"),
    "Needs Analysis": (20.0, "Pipeline"),
    "Value Proposition": (50.0, "Pipeline"),
    "Id. Decision Makers": (60.0, "Pipeline"),
    "Perception Analysis": (70.0, "Pipeline"),
    "Proposal/Price Quote": (75.0, "Pipeline"),
    "Negotiation/Review": (90.0, "Pipeline"),
    "Closed Won": (100.0, "Closed"),
    "Closed Lost": (0.0, "Omitted"),
}
DEFAULT_STATUSES = (("Sent", False, True), ("Responded", True, False))


def saved(org: "Org", owner: str, row: Row, before: Row | None) -> None:
    """Bring the fields that follow from others up to date. ``before`` is None for a new row."""
    behaviour = _BEHAVIOURS.get(owner)
    if behaviour is not None:
        behaviour(org, row, before)


def _person(org: "Org", row: Row, before: Row | None) -> None:
    del org, before
    parts = [row.get("FirstName"), row.get("LastName")]
    row["Name"] = " ".join(part for part in parts if part)


def _account(org: "Org", row: Row, before: Row | None) -> None:
    personaccounts.saved(org, row, before)


def _lead(org: "Org", row: Row, before: Row | None) -> None:
    _person(org, row, before)
    if before is None:
        row["IsConverted"] = False


def _task(org: "Org", row: Row, before: Row | None) -> None:
    row["IsClosed"] = row.get("Status") == "Completed"
    row["IsHighPriority"] = row.get("Priority") == "High"
    if row["IsClosed"] and not (before or {}).get("IsClosed"):
        row.setdefault("CompletedDateTime", row["SystemModstamp"])
    if not row["IsClosed"]:
        row.pop("CompletedDateTime", None)
    _activity_account(org, row)


def _event(org: "Org", row: Row, _before: Row | None) -> None:
    start = row.get("StartDateTime") or row.get("ActivityDateTime")
    if start is None and row.get("ActivityDate") is None:
        raise Refused(
            "REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", ["ActivityDateTime"]
        )
    if start is not None:
        row["StartDateTime"] = row["ActivityDateTime"] = start
        row["ActivityDate"] = day(start)
    if row.get("DurationInMinutes") is None and row.get("EndDateTime") is None:
        raise Refused(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [DurationInMinutes]",
            ["DurationInMinutes"],
        )
    _activity_account(org, row)


def _activity_account(org: "Org", row: Row) -> None:
    about = org.row(row.get("WhatId") or "") or {}
    who = org.row(row.get("WhoId") or "") or {}
    account = about["Id"] if str(about.get("Id", "")).startswith("001") else None
    found = account or about.get("AccountId") or who.get("AccountId")
    if found:
        row["AccountId"] = found
    else:
        row.pop("AccountId", None)


def _opportunity(_org: "Org", row: Row, before: Row | None) -> None:
    stage = row.get("StageName", "")
    known = _STAGES.get(stage)
    row["IsClosed"] = stage in {"Closed Won", "Closed Lost"}
    row["IsWon"] = stage == "Closed Won"
    if before is None or before.get("StageName") != stage:
        row["LastStageChangeDate"] = row["SystemModstamp"]
        if known is not None:
            row["Probability"] = known[0]
    row["ForecastCategory"] = row["ForecastCategoryName"] = known[1] if known else "Pipeline"
    if row.get("Amount") is not None:
        row["ExpectedRevenue"] = round(row["Amount"] * row.get("Probability", 0.0) / 100, 2)
    closes = row.get("CloseDate", "")
    if closes:
        row["FiscalYear"] = int(closes[:4])
        row["FiscalQuarter"] = (int(closes[5:7]) + 2) // 3
        row["Fiscal"] = f"{row['FiscalYear']} {row['FiscalQuarter']}"


def _case(org: "Org", row: Row, before: Row | None) -> None:
    row["IsClosed"] = row.get("Status") == "Closed"
    if before is None:
        row["CaseNumber"] = f"{org.next_number('case') + 1000:08d}"
    if row["IsClosed"] and not (before or {}).get("IsClosed"):
        row["ClosedDate"] = row["SystemModstamp"]
    contact = org.row(row.get("ContactId") or "") or {}
    if not row.get("AccountId") and contact.get("AccountId"):
        row["AccountId"] = contact["AccountId"]
    for name, source in (
        ("ContactEmail", "Email"),
        ("ContactPhone", "Phone"),
        ("ContactMobile", "MobilePhone"),
    ):
        if contact.get(source):
            row[name] = contact[source]


def _member(org: "Org", row: Row, before: Row | None) -> None:
    if before is None:
        _new_member(org, row)
    statuses = member_statuses(org, row["CampaignId"])
    by_label = {status["Label"].lower(): status for status in statuses}
    found = by_label.get(str(row.get("Status", "")).lower())
    if found is None:
        found = next(
            (status for status in statuses if status.get("IsDefault")), statuses[0] if statuses else None
        )
    if found is not None:
        row["Status"] = found["Label"]
        row["HasResponded"] = bool(found.get("HasResponded"))
        if row["HasResponded"]:
            row.setdefault("FirstRespondedDate", day(row["SystemModstamp"]))


def _new_member(org: "Org", row: Row) -> None:
    if row.get("ContactId"):
        row.pop("LeadId", None)
    elif not row.get("LeadId"):
        raise Refused(
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [LeadId, ContactId]",
            ["LeadId", "ContactId"],
        )
    lead = org.row(row.get("LeadId") or "")
    if lead is not None and lead.get("IsConverted"):
        raise Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ["LeadId"])
    table = org.table("CampaignMember")
    key, value = ("ContactId", row["ContactId"]) if row.get("ContactId") else ("LeadId", row["LeadId"])
    for other in table.lookup(key, value):
        held = table.rows[other]
        if held["CampaignId"] == row["CampaignId"] and not held.get("IsDeleted"):
            raise Refused("DUPLICATE_VALUE", "Already a campaign member.")


def member_statuses(org: "Org", campaign_id: str) -> list[Row]:
    """What the status of this campaign's members may be, in order."""
    table = org.table("CampaignMemberStatus")
    found = (table.rows[key] for key in table.lookup("CampaignId", campaign_id))
    live = [status for status in found if not status.get("IsDeleted")]
    return sorted(live, key=lambda status: status.get("SortOrder", 0))


def created(org: "Org", owner: str, row: Row) -> None:
    """What appears beside a new row: a campaign's statuses, a person account's contact."""
    if owner == "Account":
        personaccounts.created(org, row)
    if owner == "Campaign":
        for order, (label, responded, default) in enumerate(DEFAULT_STATUSES):
            values = {
                "CampaignId": row["Id"],
                "Label": label,
                "SortOrder": order + 1,
                "IsDefault": default,
                "HasResponded": responded,
            }
            org.plant("CampaignMemberStatus", values)


def _status(org: "Org", row: Row, before: Row | None) -> None:
    if before is None:
        labels = {status["Label"].lower() for status in member_statuses(org, row["CampaignId"])}
        if row["Label"].lower() in labels:
            raise Refused("DUPLICATE_VALUE", "Duplicate status label", ["Label"])
        row.setdefault("SortOrder", len(labels) + 1)


def _permission_set(org: "Org", row: Row, before: Row | None) -> None:
    if before is None:
        row.setdefault("IsCustom", True)
        row.setdefault("IsOwnedByProfile", False)
        row.setdefault("Type", "Regular")
        names = (
            held["Name"].lower()
            for held in org.table("PermissionSet").rows.values()
            if not held.get("IsDeleted")
        )
        if row["Name"].lower() in set(names):
            raise Refused("DUPLICATE_DEVELOPER_NAME", f"duplicate developer name: {row['Name']}", ["Name"])


def _field_permissions(org: "Org", row: Row, before: Row | None) -> None:
    owner, _, name = str(row.get("Field", "")).partition(".")
    target = org.schema.find(owner)
    known = target.find(name) if target is not None else None
    if known is None or target is None or target.name != row.get("SobjectType"):
        message = f"bad value for restricted picklist field: {row.get('Field')}"
        raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"Field Name: {message}", ["Field"])
    if known.required or (not known.custom and not known.nillable):
        message = f"You cannot set field permissions for required fields: {row['Field']}"
        raise Refused("FIELD_INTEGRITY_EXCEPTION", message, ["Field"])
    if row.get("PermissionsEdit") and not row.get("PermissionsRead"):
        row["PermissionsRead"] = True
    row["Field"] = f"{target.name}.{known.name}"
    if before is None:
        _once(org, "FieldPermissions", row, ("ParentId", "Field"))


def _assignment(org: "Org", row: Row, before: Row | None) -> None:
    row.setdefault("IsActive", True)
    if before is None:
        _once(org, "PermissionSetAssignment", row, ("PermissionSetId", "AssigneeId"))


def _once(org: "Org", owner: str, row: Row, names: tuple[str, ...]) -> None:
    for held in org.table(owner).rows.values():
        if not held.get("IsDeleted") and all(held.get(name) == row.get(name) for name in names):
            message = (
                f"duplicate value found: {names[-1]} duplicates value on record with id: {held['Id'][:15]}"
            )
            raise Refused("DUPLICATE_VALUE", message, list(names))


_BEHAVIOURS: dict[str, Behaviour] = {
    "Account": _account,
    "Lead": _lead,
    "Contact": _person,
    "User": _person,
    "Task": _task,
    "Event": _event,
    "Opportunity": _opportunity,
    "Case": _case,
    "CampaignMember": _member,
    "CampaignMemberStatus": _status,
    "PermissionSet": _permission_set,
    "FieldPermissions": _field_permissions,
    "PermissionSetAssignment": _assignment,
}
