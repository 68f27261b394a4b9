"""The org filled from the neutral world, and told what has happened since."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import behaviour, conversion
from sandbox.salesforce.instants import day, stamp
from sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org
    from sandbox.world import Campaign, Company, Deal, Event, Person, World

_VENDOR = "salesforce"
_QUEUE = "Inbound Leads"
_TYPES = {"webinar": "Webinar", "event": "Trade Show", "response": "Advertisement"}
# campaign kind → statuses as (label, has responded)
_STATUSES = {
    "webinar": (("Invited", False), ("Registered", True), ("Attended", True), ("No Show", False)),
    "event": (("Invited", False), ("Attended", True)),
    "response": (("Sent", False), ("Responded", True)),
}
_MEMBER_STATUS = {
    "webinar_register": "Registered",
    "webinar_attend": "Attended",
    "event_attend": "Attended",
    "campaign_response": "Responded",
}
_STAGES = {
    "Proposal": "Proposal/Price Quote",
    "Negotiation": "Negotiation/Review",
}
_OPT_OUTS = {"unsubscribed", "cleaned", "archived"}


class Seeder:
    """Remembers which rows are whose."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._owners: dict[str, str] = {}
        self._accounts: dict[int, str] = {}
        self._campaigns: dict[int, str] = {}
        self._deals: dict[int, str] = {}
        self._people: dict[int, list[dict[str, str]]] = {}
        self._handlers: dict[str, Callable[[World, Event, str], None]] = {
            **dict.fromkeys(_MEMBER_STATUS, self._member),
            "call": self._call,
            "meeting": self._meeting,
            "support_ticket": self._ticket,
            "unsubscribe": self._opt_out,
        }

    def identities(self) -> Mapping[int, Sequence[Mapping[str, str]]]:
        """Per person the records in the order of ``Person.salesforce``; a converted lead is a Lead."""
        return self._people

    def seed(self, world: "World") -> None:
        for rep in world.reps:
            self._owners[rep.email] = self._org.plant_user(
                rep.email, rep.first_name, rep.last_name, active=rep.active
            )
        queue = self._org.plant("Group", {"Name": _QUEUE, "DeveloperName": "Inbound_Leads", "Type": "Queue"})
        self._org.plant("QueueSobject", {"QueueId": queue, "SobjectType": "Lead"})
        self._org.plant("QueueSobject", {"QueueId": queue, "SobjectType": "Task"})
        self._companies(world)
        self._new_campaigns(world)
        for person in world.people:
            self._person(world, person)
        for deal in world.deals:
            self._deal(world, deal)
        for event in sorted(world.events, key=lambda event: (event.at, event.key)):
            self._take(world, event)

    def live(self, world: "World", events: "Sequence[Event]") -> None:
        self._companies(world)
        self._new_campaigns(world)
        for event in sorted(events, key=lambda event: (event.at, event.key)):
            if event.type == "person_created":
                self._person(world, world.people[event.person])
            elif event.deal is not None and event.type in {"deal_created", "deal_won", "deal_lost"}:
                self._trade(world, event)
            self._take(world, event)

    def _take(self, world: "World", event: "Event") -> None:
        handler = self._handlers.get(event.type)
        whose = self._current(event.person)
        if handler is not None and whose is not None and (_VENDOR in event.vendors):
            handler(world, event, whose)

    def _current(self, person: int) -> str | None:
        """The person's record that is still worked with: not converted, merged or deleted."""
        for record in self._people.get(person, ()):
            row = self._org.row(record["id"]) or {}
            if row and not row.get("IsConverted") and not row.get("IsDeleted"):
                return str(row["Id"])
        return None

    def _owner(self, email: str) -> str:
        return self._owners.get(email, self._org.integration_id)

    def _companies(self, world: "World") -> None:
        fresh = [company for company in world.companies if company.key not in self._accounts]
        for company in fresh:
            if _VENDOR in company.vendors:
                self._accounts[company.key] = self._org.plant(
                    "Account", self._account(company), company.created_at
                )
        for company in fresh:
            child, parent = self._accounts.get(company.key), self._accounts.get(company.parent or -1)
            if child is not None and parent is not None and company.parent is not None:
                self._org.table("Account").change(child, {"ParentId": parent})

    def _account(self, company: "Company") -> Row:
        return {
            "Name": company.name,
            "Website": f"https://www.{company.domain}" if company.domain else None,
            "Industry": company.industry,
            "NumberOfEmployees": company.employees,
            "AnnualRevenue": company.annual_revenue,
            "BillingCountry": company.country,
            "BillingState": company.region,
            "BillingCity": company.city,
            "Phone": company.phone,
            "Type": {"customer": "Customer - Direct", "prospect": "Prospect"}.get(company.kind, "Other"),
            "OwnerId": self._owner(company.owner),
        }

    def _new_campaigns(self, world: "World") -> None:
        for campaign in world.campaigns:
            if campaign.vendor == _VENDOR and campaign.key not in self._campaigns:
                self._campaigns[campaign.key] = self._campaign(campaign)

    def _campaign(self, campaign: "Campaign") -> str:
        held = campaign.starts_at
        values: dict[str, Any] = {
            "Name": campaign.name[:80],
            "Type": _TYPES[campaign.kind],
            "Status": "Completed" if held is not None and held < self._org.clock.now() else "Planned",
            "IsActive": True,
            "StartDate": held.date().isoformat() if held else None,
            "EndDate": held.date().isoformat() if held else None,
            "OwnerId": self._org.integration_id,
        }
        campaign_id = self._org.plant("Campaign", values, campaign.created_at)
        for order, (label, responded) in enumerate(_STATUSES[campaign.kind]):
            status = {
                "CampaignId": campaign_id,
                "Label": label,
                "SortOrder": order + 1,
                "IsDefault": order == 0,
                "HasResponded": responded,
            }
            self._org.plant("CampaignMemberStatus", status, campaign.created_at)
        return campaign_id

    def _person(self, world: "World", person: "Person") -> None:
        if person.key in self._people:
            return
        records: list[dict[str, str]] = []
        for index, kind in enumerate(person.salesforce):
            name = "Contact" if kind == "Contact" else "Lead"
            values = self._contact(person, index) if name == "Contact" else self._lead(world, person, index)
            at = person.created_at + timedelta(hours=index)
            records.append(
                {"object": name, "id": self._org.plant(name, values, min(at, self._org.clock.now()))}
            )
        self._people[person.key] = records
        for index, kind in enumerate(person.salesforce):
            contact = next((record["id"] for record in records if record["object"] == "Contact"), None)
            if kind == "ConvertedLead" and contact is not None:
                self._mark_converted(records[index]["id"], contact)

    def _mark_converted(self, lead_id: str, contact_id: str) -> None:
        contact = self._org.row(contact_id) or {}
        at = contact.get("CreatedDate", self._org.now())
        values = {
            "IsConverted": True,
            "Status": "Closed - Converted",
            "ConvertedDate": day(at),
            "ConvertedContactId": contact_id,
            "ConvertedAccountId": contact.get("AccountId"),
            "SystemModstamp": at,
            "LastModifiedDate": at,
        }
        self._org.table("Lead").change(
            lead_id, {name: value for name, value in values.items() if value is not None}
        )

    def _shared(self, person: "Person", index: int) -> Row:
        email = person.address(_VENDOR, index)
        row: Row = {
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "Name": " ".join(part for part in (person.first_name, person.last_name) if part),
            "Email": email.strip().lower()[:80] if email else None,
            "Title": person.title,
            "Phone": person.phone,
            "LeadSource": {"Web": "Web"}.get(person.source, person.source),
            "OwnerId": self._owner(person.owner),
            "HasOptedOutOfEmail": person.consent.get(_VENDOR) in _OPT_OUTS,
        }
        return row

    def _contact(self, person: "Person", index: int) -> Row:
        place = {"MailingCountry": person.country, "MailingState": person.region, "MailingCity": person.city}
        account = self._accounts.get(-1 if person.company is None else person.company)
        return {**self._shared(person, index), **place, "AccountId": account}

    def _lead(self, world: "World", person: "Person", index: int) -> Row:
        company = None if person.company is None else world.companies[person.company]
        return {
            **self._shared(person, index),
            "Country": person.country,
            "State": person.region,
            "City": person.city,
            "Company": company.name if company is not None else "[not provided]",
            "Industry": company.industry if company is not None else None,
            "NumberOfEmployees": company.employees if company is not None else None,
            "AnnualRevenue": company.annual_revenue if company is not None else None,
            "Website": f"https://www.{company.domain}" if company is not None and company.domain else None,
            "Status": "Open - Not Contacted",
            "IsConverted": False,
        }

    def _deal(self, world: "World", deal: "Deal") -> None:
        if _VENDOR not in deal.vendors or deal.key in self._deals:
            return
        del world
        moved = deal.closed_at if deal.is_closed else deal.created_at
        row = {"SystemModstamp": stamp(moved), **self._deal_values(deal)}
        behaviour.saved(self._org, "Opportunity", row, None)
        opportunity = self._org.plant("Opportunity", row, deal.created_at)
        self._deals[deal.key] = opportunity
        for index, (key, role) in enumerate(deal.people):
            contact = next(
                (one["id"] for one in self._people.get(key, ()) if one["object"] == "Contact"), None
            )
            if contact is not None:
                link = {
                    "OpportunityId": opportunity,
                    "ContactId": contact,
                    "Role": role,
                    "IsPrimary": index == 0,
                }
                self._org.plant("OpportunityContactRole", link, deal.created_at)

    def _deal_values(self, deal: "Deal") -> Row:
        return {
            "Name": deal.name[:120],
            "AccountId": self._accounts.get(deal.company),
            "Amount": deal.amount,
            "StageName": _STAGES.get(deal.stage, deal.stage),
            "CloseDate": deal.closed_at.date().isoformat(),
            "Type": "New Customer",
            "OwnerId": self._owner(deal.owner),
        }

    def _trade(self, world: "World", event: "Event") -> None:
        """A deal opened or closed on a lived day; whoever is in it has become a contact."""
        deal = world.deals[event.deal or 0]
        for key, _ in deal.people:
            self._promote(world, world.people[key], stamp(event.at))
        held = self._deals.get(deal.key)
        if held is None:
            self._deal(world, deal)
            return
        before = self._org.row(held) or {}
        row = {
            **before,
            **self._deal_values(deal),
            "SystemModstamp": stamp(event.at),
            "LastModifiedDate": stamp(event.at),
        }
        behaviour.saved(self._org, "Opportunity", row, before)
        self._org.table("Opportunity").change(held, row)

    def _promote(self, world: "World", person: "Person", at: str) -> None:
        records = self._people.setdefault(person.key, [])
        if "Contact" not in person.salesforce or any(record["object"] == "Contact" for record in records):
            return
        lead = next(
            (one["id"] for one in records if not (self._org.row(one["id"]) or {}).get("IsConverted")), None
        )
        if lead is not None:
            account = self._accounts.get(-1 if person.company is None else person.company)
            contact = conversion.convert(self._org, lead, at=at, account_id=account)["contactId"]
        else:
            contact = self._org.plant("Contact", self._contact(person, len(records)))
            self._org.table("Contact").change(
                contact, {"SystemModstamp": at, "CreatedDate": at, "LastModifiedDate": at}
            )
        del world
        records.append({"object": "Contact", "id": contact})

    def _member(self, world: "World", event: "Event", whose: str) -> None:
        del world
        campaign = self._campaigns.get(-1 if event.campaign is None else event.campaign)
        if campaign is None:
            return
        table = self._org.table("CampaignMember")
        key = "ContactId" if whose.startswith("003") else "LeadId"
        at = stamp(event.at)
        held = [one for one in table.lookup(key, whose) if table.rows[one]["CampaignId"] == campaign]
        values = {"Status": _MEMBER_STATUS[event.type], "HasResponded": True, "SystemModstamp": at}
        if held:
            table.change(held[0], {**values, "LastModifiedDate": at})
            return
        row = {"CampaignId": campaign, key: whose, **values, "FirstRespondedDate": day(at)}
        self._org.plant("CampaignMember", row, event.at)

    def _call(self, world: "World", event: "Event", whose: str) -> None:
        row = {
            **self._activity(world, event, whose),
            "Status": "Completed",
            "Priority": "Normal",
            "TaskSubtype": "Call",
            "Type": "Call",
            "CallType": "Outbound",
            "CallDurationInSeconds": int(event.value or 0),
            "ActivityDate": event.at.date().isoformat(),
            "SystemModstamp": stamp(event.at),
        }
        behaviour.saved(self._org, "Task", row, None)
        self._org.plant("Task", row, event.at)

    def _meeting(self, world: "World", event: "Event", whose: str) -> None:
        minutes = int((event.value or 0) // 60)
        row = {
            **self._activity(world, event, whose),
            "Type": "Meeting",
            "EventSubtype": "Event",
            "StartDateTime": stamp(event.at),
            "EndDateTime": stamp(event.at + timedelta(minutes=minutes)),
            "DurationInMinutes": minutes,
            "ShowAs": "Busy",
        }
        behaviour.saved(self._org, "Event", row, None)
        self._org.plant("Event", row, event.at)

    def _activity(self, world: "World", event: "Event", whose: str) -> Row:
        return {
            "Subject": event.asset,
            "WhoId": whose,
            "WhatId": self._deals.get(-1 if event.deal is None else event.deal),
            "OwnerId": self._owner(world.people[event.person].owner),
        }

    def _ticket(self, world: "World", event: "Event", whose: str) -> None:
        if not whose.startswith("003"):
            return
        order = event.order or {}
        row = {
            "ContactId": whose,
            "Subject": event.asset,
            "Priority": order.get("priority", "Medium"),
            "Status": "Closed",
            "Origin": "Web",
            "OwnerId": self._owner(world.people[event.person].owner),
            "SystemModstamp": stamp(event.at),
        }
        behaviour.saved(self._org, "Case", row, None)
        self._org.plant("Case", row, event.at)

    def _opt_out(self, world: "World", event: "Event", whose: str) -> None:
        del world
        table = self._org.table("Contact" if whose.startswith("003") else "Lead")
        at = stamp(event.at)
        table.change(whose, {"HasOptedOutOfEmail": True, "SystemModstamp": at, "LastModifiedDate": at})
