"""The neutral world's people, companies and deals as an account that has grown over the years holds them."""

from collections.abc import Mapping, Sequence

from sandbox.hubspot.emails import EmailCampaign
from sandbox.hubspot.forms import HubSpotForm
from sandbox.hubspot.portal import Owner, Portal, derived
from sandbox.hubspot.preferences import TYPES
from sandbox.hubspot.records import Record, Write
from sandbox.hubspot.values import BadValue, email, iso_ms, to_ms
from sandbox.world import HUBSPOT, Campaign, Company, Deal, Person, World

_STAGES = {
    "Prospecting": "appointmentscheduled",
    "Qualification": "qualifiedtobuy",
    "Proposal": "presentationscheduled",
    "Negotiation": "contractsent",
    "Closed Won": "closedwon",
    "Closed Lost": "closedlost",
}
_FIRST_OWNER = 70_000_001
_FIRST_USER = 9_400_001
_FIRST_CAMPAIGN = 300_000_001
_SYNCED_MS = 600_000
_AGAIN_MS = 9 * 86_400_000
_LANGUAGES = ("de", "en", "es", "fr", "it", "ja", "nl", "pt", "sv", "zh", "ar", "he", "fi", "pl")


class Registry:
    """Which record came of which person, company, deal or product of the world."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.contacts: dict[int, list[int]] = {}
        self.companies: dict[int, int] = {}
        self.deals: dict[int, int] = {}
        self.products: dict[int, int] = {}
        self.campaigns: dict[int, int] = {}
        self.owners: dict[str, int] = {}
        self._linked = False

    def contact(self, person: int) -> Record | None:
        """The person's first contact that is still there, merged or not."""
        store = self.portal.stores["contacts"]
        found = (store.find(record_id) for record_id in self.contacts.get(person, ()))
        return next((record for record in found if record is not None), None)

    def add_basics(self, world: World) -> None:
        """Owners, products, forms: what is there before anybody is."""
        for order, rep in enumerate(world.reps):
            owner_id = _FIRST_OWNER + 7 * order
            self.owners[rep.email] = owner_id
            since = to_ms(world.now) - 900 * 86_400_000
            self.portal.owners[owner_id] = Owner(
                owner_id, _FIRST_USER + order, rep.email, rep.first_name, rep.last_name, since, not rep.active
            )
        for form in world.forms:
            if HUBSPOT in form.vendors:
                self.portal.forms.add(HubSpotForm(form.guid, form.name, form.url, to_ms(form.created_at)))
        for product in world.products:
            values = {
                "name": product.name,
                "hs_sku": product.sku,
                "price": _figure(product.price),
                "hs_url": product.url,
                "hs_folder_name": product.category,
            }
            made = self.portal.stores["products"].create(
                _set(values), self._stamp(to_ms(world.now) - 800 * 86_400_000)
            )
            self.products[product.key] = made.id

    def add_campaigns(self, world: World) -> None:
        """E-mail sends that are new since last time."""
        for campaign in world.campaigns:
            if campaign.kind == "email" and campaign.vendor == HUBSPOT and campaign.key not in self.campaigns:
                self._add_campaign(campaign)

    def _add_campaign(self, campaign: Campaign) -> None:
        campaign_id = _FIRST_CAMPAIGN + 11 * campaign.key
        self.campaigns[campaign.key] = campaign_id
        sent_ms = None if campaign.starts_at is None else to_ms(campaign.starts_at)
        self.portal.emails.campaigns[campaign_id] = EmailCampaign(
            campaign_id, 88_000_000 + campaign.key, campaign.name, campaign.subject, sent_ms
        )

    def add_companies(self, world: World) -> None:
        for company in world.companies:
            if HUBSPOT in company.vendors and company.key not in self.companies:
                self.companies[company.key] = self._add_company(company).id
        for company in world.companies:
            parent = self.companies.get(company.parent) if company.parent is not None else None
            if company.key in self.companies and parent is not None:
                record = self.portal.stores["companies"].find(self.companies[company.key])
                if record is not None:
                    record.properties.setdefault("hs_parent_company_id", str(parent))

    def _add_company(self, company: Company) -> Record:
        values = {
            "name": company.name,
            "domain": company.domain,
            "website": company.domain,
            "industry": company.industry,
            "numberofemployees": _figure(company.employees),
            "annualrevenue": _figure(company.annual_revenue),
            "country": company.country,
            "state": company.region,
            "city": company.city,
            "phone": company.phone,
            "lifecyclestage": "customer" if company.kind == "customer" else None,
            "hubspot_owner_id": self._owner(company.owner),
        }
        return self.portal.stores["companies"].create(_set(values), self._stamp(to_ms(company.created_at)))

    def add_person(self, person: Person) -> list[Record]:
        """One contact a record the world gives this person here."""
        made = [self._add_contact(person, index) for index in range(person.hubspot)]
        self.contacts[person.key] = [record.id for record in made]
        return made

    def _add_contact(self, person: Person, index: int) -> Record:
        kind = self.portal.kind("contacts")
        address = self._free_address(person.address(HUBSPOT, index))
        values = {
            "firstname": person.first_name,
            "lastname": person.last_name,
            "email": address,
            "jobtitle": person.title,
            "phone": person.phone,
            "country": person.country,
            "state": person.region,
            "city": person.city,
            "lifecyclestage": person.lifecycle,
            "hs_language": person.language if person.language in _LANGUAGES else None,
            "hubspot_owner_id": self._owner(person.owner),
            "hs_analytics_source": "OFFLINE" if person.source == "Web" else "DIRECT_TRAFFIC",
        }
        known = _set(values)
        # entered again nine days later, but never after now
        entered_ms = to_ms(person.created_at) + _AGAIN_MS * index
        stamp = self._stamp(max(to_ms(person.created_at), min(entered_ms, self.portal.now_ms - _SYNCED_MS)))
        record = self.portal.stores["contacts"].create({**known, **derived(kind, known)}, stamp)
        company = None if person.company is None else self.companies.get(person.company)
        if company is not None:
            self.portal.associate(kind, record.id, self.portal.kind("companies"), company)
        if address is not None:
            self._set_consent(person, record, address, stamp.now_ms)
        return record

    def _free_address(self, typed: str | None) -> str | None:
        """HubSpot holds no malformed address, and no address twice."""
        try:
            address = email(typed or "")
        except BadValue:
            return None
        return None if self.portal.stores["contacts"].find_by("email", address) else address

    def _set_consent(self, person: Person, record: Record, address: str, at_ms: int) -> None:
        consent = person.consent.get(HUBSPOT)
        standing = self.portal.preferences.change(address)
        if consent in ("subscribed", "unsubscribed", "cleaned"):
            for one in TYPES[:2]:
                standing.said[one.id] = ("SUBSCRIBED", at_ms, "CONSENT_WITH_NOTICE", "Form submission")
        if consent == "unsubscribed":
            standing.opted_out_ms = at_ms + 3_600_000
            record.properties["hs_email_optout"] = "true"
        if consent == "cleaned":
            record.properties["hs_email_hard_bounce_reason_enum"] = "UNKNOWN_USER"
            record.properties["hs_email_quarantined"] = "true"

    def link(self, salesforce: Mapping[int, Sequence[Mapping[str, str]]], world: World) -> None:
        """Linked people's contacts carry the id of their first Salesforce lead or contact.

        The first time that is how it has long been; later a new id is a change, ten minutes ago.
        """
        for person in world.people:
            named = {"Lead": "salesforceleadid", "Contact": "salesforcecontactid"}
            known = [one for one in salesforce.get(person.key, ()) if one["object"] in named]
            kinds = ["Lead" if kind == "ConvertedLead" else kind for kind in person.salesforce]
            first = next(
                (place for place, kind in enumerate(person.salesforce) if kind != "ConvertedLead"), None
            )
            contact = self.contact(person.key)
            if not person.linked or first is None or first >= len(known) or contact is None:
                continue
            if contact.id not in self.contacts[person.key]:
                continue  # merged: whose id it carries was settled then
            self._carry(contact, named[kinds[first]], known[first]["id"])
        self._linked = True

    def _carry(self, contact: Record, name: str, salesforce_id: str) -> None:
        if not self._linked:
            contact.properties[name] = salesforce_id
        elif contact.properties.get(name) != salesforce_id:
            at_ms = max(self.portal.now_ms - _SYNCED_MS, contact.modified_ms)
            self.portal.stores["contacts"].update(
                contact, {name: salesforce_id}, Write(at_ms, "SALESFORCE", "sync")
            )

    def add_deal(self, deal: Deal) -> Record:
        values = {
            "dealname": deal.name,
            "amount": _figure(deal.amount),
            "deal_currency_code": deal.currency,
            "closedate": iso_ms(to_ms(deal.closed_at)),
            "pipeline": "default",
            "dealtype": "newbusiness",
            "hubspot_owner_id": self._owner(deal.owner),
            **self.stage(deal),
        }
        store = self.portal.stores["deals"]
        record = store.create(_set(values), self._stamp(to_ms(deal.created_at)))
        self.deals[deal.key] = record.id
        deals = self.portal.kind("deals")
        if deal.company in self.companies:
            self.portal.associate(
                deals, record.id, self.portal.kind("companies"), self.companies[deal.company]
            )
        for person, _ in deal.people:
            contact = self.contact(person)
            if contact is not None:
                self.portal.associate(deals, record.id, self.portal.kind("contacts"), contact.id)
        if deal.is_closed:
            store.update(record, {}, self._stamp(to_ms(deal.closed_at)))
        return record

    def stage(self, deal: Deal) -> dict[str, str]:
        stage = {"dealstage": _STAGES[deal.stage]}
        return {**stage, **derived(self.portal.kind("deals"), stage)}

    def _owner(self, address: str) -> str | None:
        found = self.owners.get(address)
        return None if found is None else str(found)

    def _stamp(self, at_ms: int) -> Write:
        return Write(at_ms, "IMPORT", "worldSeed")


def _figure(number: float | None) -> str | None:
    if number is None:
        return None
    return str(int(number)) if number == int(number) else str(number)


def _set(values: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}
