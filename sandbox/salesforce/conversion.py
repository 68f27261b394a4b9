"""What happens to leads and twins: conversion and merging. People do both in screens; no REST call does."""

from typing import TYPE_CHECKING, Any

from sandbox.salesforce import behaviour
from sandbox.salesforce.instants import day
from sandbox.salesforce.store import Row
from sandbox.salesforce.writer import Writer

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_COPIED = {
    "Contact": {
        "FirstName": "FirstName",
        "LastName": "LastName",
        "Salutation": "Salutation",
        "Title": "Title",
        "Email": "Email",
        "Phone": "Phone",
        "MobilePhone": "MobilePhone",
        "Fax": "Fax",
        "LeadSource": "LeadSource",
        "Description": "Description",
        "HasOptedOutOfEmail": "HasOptedOutOfEmail",
        "DoNotCall": "DoNotCall",
        "Street": "MailingStreet",
        "City": "MailingCity",
        "State": "MailingState",
        "PostalCode": "MailingPostalCode",
        "Country": "MailingCountry",
        "OwnerId": "OwnerId",
    },
    "Account": {
        "Company": "Name",
        "Website": "Website",
        "Industry": "Industry",
        "NumberOfEmployees": "NumberOfEmployees",
        "AnnualRevenue": "AnnualRevenue",
        "Phone": "Phone",
        "Street": "BillingStreet",
        "City": "BillingCity",
        "State": "BillingState",
        "PostalCode": "BillingPostalCode",
        "Country": "BillingCountry",
        "OwnerId": "OwnerId",
    },
}
# Lookups that follow a merged record to the survivor.
_FOLLOWING = {
    "Lead": (("Task", "WhoId"), ("Event", "WhoId"), ("CampaignMember", "LeadId")),
    "Contact": (
        ("Task", "WhoId"),
        ("Event", "WhoId"),
        ("CampaignMember", "ContactId"),
        ("OpportunityContactRole", "ContactId"),
        ("Case", "ContactId"),
        ("Contact", "ReportsToId"),
    ),
    "Account": (
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("Case", "AccountId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
        ("Account", "ParentId"),
    ),
}


def convert(
    org: "Org",
    lead_id: str,
    *,
    at: str | None = None,
    account_id: str | None = None,
    contact_id: str | None = None,
    opportunity: str | None = None,
) -> dict[str, str]:
    """Turn a lead into a contact of an account, both new unless given, and an opportunity if it gets a name.

    Custom fields go over only where mapped. Activities move to the contact; campaign members gain the contact
    beside the lead. ValueError if there is no such open lead.
    """
    lead = org.row(lead_id) if lead_id.startswith("00Q") else None
    if lead is None or lead.get("IsDeleted") or lead.get("IsConverted"):
        message = f"{lead_id} is no lead that can be converted"
        raise ValueError(message)
    at = at or org.now()
    account_id = account_id or _made(org, "Account", lead, {}, at)
    contact_id = contact_id or _made(org, "Contact", lead, {"AccountId": account_id}, at)
    result = {"accountId": account_id, "contactId": contact_id}
    if opportunity is not None:
        result["opportunityId"] = _opportunity(org, lead, opportunity, account_id, contact_id, at)
    converted: Row = {
        "IsConverted": True,
        "Status": "Closed - Converted",
        "ConvertedDate": day(at),
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "ConvertedOpportunityId": result.get("opportunityId"),
    }
    _touch(org, "Lead", lead["Id"], converted, at)
    _move_activities(org, lead["Id"], contact_id, at)
    for member in org.referring("CampaignMember", "LeadId", lead["Id"]):
        _touch(org, "CampaignMember", member, {"ContactId": contact_id}, at)
    return result


def _made(org: "Org", name: str, lead: Row, more: Row, at: str) -> str:
    values = {target: lead.get(source) for source, target in _COPIED[name].items()}
    for source, (owner, target) in org.lead_mapping.items():
        if owner == name:
            values[target] = lead.get(source)
    row: Row = {**values, **more, "CreatedDate": at, "LastModifiedDate": at, "SystemModstamp": at}
    row = {key: value for key, value in row.items() if value is not None}
    behaviour.saved(org, name, row, None)
    return org.plant(name, row)


def _opportunity(org: "Org", lead: Row, name: str, account_id: str, contact_id: str, at: str) -> str:
    row: Row = {
        "Name": name,
        "AccountId": account_id,
        "StageName": "Prospecting",
        "CloseDate": day(at),
        "LeadSource": lead.get("LeadSource"),
        "OwnerId": lead.get("OwnerId"),
        "CreatedDate": at,
        "LastModifiedDate": at,
        "SystemModstamp": at,
    }
    behaviour.saved(org, "Opportunity", row, None)
    opportunity_id = org.plant("Opportunity", row)
    org.plant(
        "OpportunityContactRole",
        {"OpportunityId": opportunity_id, "ContactId": contact_id, "IsPrimary": True},
    )
    return opportunity_id


def _move_activities(org: "Org", source: str, target: str, at: str) -> None:
    for name in ("Task", "Event"):
        for key in list(org.referring(name, "WhoId", source)):
            _touch(org, name, key, {"WhoId": target}, at)


def merge(
    org: "Org", master_id: str, loser_ids: list[str], values: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Merge up to two losers into a master of the same object; ``values`` are what the person chose to keep.

    A loser is deleted with ``MasterRecordId`` set and what hung on it moves. ValueError if ids do not fit.
    """
    owner = org.schema.of_id(master_id)
    rows = [org.row(key) for key in (master_id, *loser_ids)]
    if owner is None or owner.name not in _FOLLOWING or not 1 <= len(loser_ids) <= 2:
        message = "merge takes a Lead, Contact or Account and one or two others of its kind"
        raise ValueError(message)
    if any(row is None or row.get("IsDeleted") or not row["Id"].startswith(owner.prefix) for row in rows):
        message = f"not all live records of {owner.name}: {[master_id, *loser_ids]}"
        raise ValueError(message)
    at = org.now()
    writer = Writer(org, org.system())
    for loser in (row for row in rows[1:] if row is not None):
        for child, lookup in _FOLLOWING[owner.name]:
            for key in list(org.referring(child, lookup, loser["Id"])):
                _follow(org, writer, child, key, {lookup: master_id}, at)
        writer.bin(owner, loser)
        _touch(org, owner.name, loser["Id"], {"MasterRecordId": master_id}, at)
    _touch(org, owner.name, master_id, values or {}, at)
    return {"id": master_id, "merged": loser_ids}


def _follow(org: "Org", writer: Writer, child: str, key: str, values: Row, at: str) -> None:
    """Re-point a child; a membership the master already has is dropped instead."""
    row = org.table(child).rows[key]
    if row.get("IsDeleted"):
        return
    if child == "CampaignMember":
        lookup, master_id = next(iter(values.items()))
        table = org.table(child)
        twins = [table.rows[other] for other in table.lookup(lookup, master_id)]
        if any(twin["CampaignId"] == row["CampaignId"] and not twin.get("IsDeleted") for twin in twins):
            writer.bin(org.schema.get(child), row)
            return
    _touch(org, child, key, values, at)


def _touch(org: "Org", name: str, key: str, values: Row, at: str) -> None:
    """Change a row past the rules, with the instants a change leaves."""
    fields = org.schema.get(name).fields
    stamps: Row = {column: at for column in ("SystemModstamp", "LastModifiedDate") if column in fields}
    before = dict(org.table(name).rows[key])
    row = {**before, **values, **stamps}
    if name in {"Lead", "Contact"}:
        behaviour.saved(org, name, row, before)
    named: Row = {"Name": row["Name"]} if "Name" in row else {}
    org.table(name).change(key, {**values, **stamps, **named})
