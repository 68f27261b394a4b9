"""What the neutral world is made of: people and what happens to them, before any vendor sees it.

All instants are UTC-aware and whole seconds. ``vendors`` on anything names who would know of it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SALESFORCE = "salesforce"
HUBSPOT = "hubspot"
MAILCHIMP = "mailchimp"

SELLER = "Brightloom"
SELLER_DOMAIN = "brightloom.io"
SITE = "https://www.brightloom.io"
SHOP = "https://shop.brightloom.io"

NEWS_AUDIENCE = "Brightloom News"
SHOP_AUDIENCE = "Brightloom Shop"


@dataclass(slots=True)
class Company:
    """An organisation.

    kind: prospect, customer, own (the seller itself), empty (a record with hardly a value), competitor.
    parent: key of the company that owns it. vendors: who holds an account or company record of it.
    owner: e-mail of the sales rep, always an employee (see ``World.reps``).
    """

    key: int
    name: str
    domain: str | None
    industry: str | None
    employees: int | None
    annual_revenue: float | None
    country: str | None
    region: str | None
    city: str | None
    phone: str | None
    parent: int | None
    kind: str
    owner: str
    created_at: datetime
    vendors: frozenset[str]


@dataclass(slots=True)
class Person:
    """A human (or, for ``test`` and ``shared_mailbox``, what a CRM takes for one).

    kind: prospect, customer, employee, test, student, shared_mailbox, competitor.
    email: as typed; None when missing; may be malformed. Two people of kind ``shared_mailbox`` share one.
    salesforce: one entry a record, each Lead, Contact or ConvertedLead (the lead that became the Contact
      beside it); hubspot: number of records; mailchimp: audience names, one entry a member record.
      Two entries of one sort are a duplicate inside that vendor.
    alternates: how the address is typed in a record when not as ``email``, by ``"salesforce:0"``,
      ``"hubspot:1"``, ``"mailchimp:0"`` (vendor and index of the record); "" means without address there.
      Read through ``address``.
    linked: the HubSpot record carries the id of the first Salesforce record that is not converted.
    consent: by vendor: subscribed, unsubscribed, cleaned, pending, archived, none (never asked).
      Mailchimp's is per audience, under ``"mailchimp:<audience>"``; plain ``"mailchimp"`` is the strictest.
    lifecycle: HubSpot's words: subscriber, lead, marketingqualifiedlead, salesqualifiedlead, opportunity,
      customer, other.
    is_buyer: takes part in a deal that is won, or will be: behaves like a buyer before it.
    buys_at: when that deal is (or would be) won; None for everyone else.
    shop_customer: CDNOW sample id (second column) whose purchase history this person lived.
    """

    key: int
    first_name: str | None
    last_name: str
    email: str | None
    title: str | None
    phone: str | None
    country: str | None
    region: str | None
    city: str | None
    company: int | None
    created_at: datetime
    owner: str
    kind: str
    salesforce: tuple[str, ...]
    hubspot: int
    mailchimp: tuple[str, ...]
    linked: bool
    consent: dict[str, str]
    alternates: dict[str, str]
    lifecycle: str
    is_buyer: bool
    language: str = "en"
    source: str = "Web"
    buys_at: datetime | None = None
    shop_customer: int | None = None

    @property
    def vendors(self) -> frozenset[str]:
        """The vendors that hold at least one record of this person."""
        held = {SALESFORCE: self.salesforce, HUBSPOT: self.hubspot, MAILCHIMP: self.mailchimp}
        return frozenset(vendor for vendor, records in held.items() if records)

    def address(self, vendor: str, index: int = 0) -> str | None:
        """The e-mail address as typed in this vendor's ``index``-th record; None where it is missing."""
        typed = self.alternates.get(f"{vendor}:{index}", self.email)
        return typed or None


@dataclass(slots=True)
class Event:
    """One dated thing that happened.

    type: an activity type (email_sent, email_open, email_click, email_bounce, unsubscribe, page_view,
      form_submit, download, video_view, webinar_register, webinar_attend, event_attend,
      demo_request, campaign_response, call, meeting, support_ticket, cart_update, purchase,
      survey_response, signup) or, from ``World.live`` only, person_created, deal_created, deal_won,
      deal_lost.
    value: percent for video_view, amount for purchase and cart_update, the answer for survey_response,
      seconds for call and meeting.
    asset: URL for page_view, email_click, download and forms; video name; subject of calls and meetings.
    machine: a machine open (privacy proxy prefetch) or a link scanner, not the person.
    order: for purchase and cart_update ``{"id", "cart", "lines": [{"id", "product", "quantity", "price"}],
      "hubspot_id"?}`` (``product`` is a Product key, ``price`` the unit price; ``hubspot_id`` when a native
      integration copied the order there); for email_bounce ``{"bounce": "hard" | "soft"}``; for unsubscribe
      ``{"reason", "audience"}``; for survey_response ``{"text": str}``; for
      webinar_attend ``{"minutes": int}``; for support_ticket ``{"priority", "subject"}``.
    campaign, form, survey, deal: keys of the thing it belongs to.
    """

    key: int
    person: int
    type: str
    at: datetime
    vendors: frozenset[str]
    value: float | None = None
    asset: str | None = None
    product: str | None = None
    category: str | None = None
    campaign: int | None = None
    form: int | None = None
    survey: int | None = None
    deal: int | None = None
    machine: bool = False
    currency: str | None = None
    order: dict[str, Any] | None = None


@dataclass(slots=True)
class Deal:
    """An opportunity. people: (person key, role); the first is primary.

    stage: Prospecting, Qualification, Proposal, Negotiation, Closed Won, Closed Lost.
    closed_at: when it closed, or when it is expected to while open.
    """

    key: int
    company: int
    people: tuple[tuple[int, str], ...]
    name: str
    amount: float
    currency: str
    stage: str
    is_closed: bool
    is_won: bool
    created_at: datetime
    closed_at: datetime
    owner: str
    product: str
    vendors: frozenset[str]


@dataclass(slots=True)
class Campaign:
    """An e-mail send, a webinar, a trade show, or an offer people respond to.

    kind: email, webinar, event, response. starts_at: sent or held (None: a draft, or not yet).
    links: URLs in an e-mail. audience: Mailchimp audience it went to. reach: share of those who could get
      an e-mail to whom it went (a segment), 0 to 1.
    """

    key: int
    kind: str
    name: str
    subject: str
    vendor: str
    created_at: datetime
    starts_at: datetime | None
    product: str | None
    category: str | None
    audience: str | None = None
    links: tuple[str, ...] = ()
    reach: float = 0.5


@dataclass(slots=True)
class Product:
    """Something sold. kind: software (what deals are about) or shop (what CDNOW orders hold)."""

    key: int
    sku: str
    name: str
    category: str
    price: float
    currency: str
    url: str
    kind: str


@dataclass(slots=True)
class Form:
    """A web form. kind: what filling it in means (form_submit, download, demo_request, signup)."""

    key: int
    guid: str
    name: str
    kind: str
    url: str
    product: str | None
    vendors: frozenset[str]
    created_at: datetime


@dataclass(slots=True)
class Survey:
    """A question asked with a numeric scale. kind: nps or csat."""

    key: int
    name: str
    kind: str
    question: str
    scale_min: int
    scale_max: int
    vendor: str
    created_at: datetime


@dataclass(slots=True)
class Rep:
    """A user of the CRMs who owns records. Owner fields hold the e-mail."""

    email: str
    first_name: str
    last_name: str
    active: bool = True


@dataclass(slots=True)
class Scene:
    """Everything that is and has happened.

    Lists are in key order and ``list[key]`` is the thing with that key. Events are in key order, which is
    time order within what was grown and within each day lived since.
    left: campaign key by (person, channel): the mailing with which somebody stopped getting mail there;
    a channel is ``"hubspot"`` or ``"mailchimp:<audience>"``.
    """

    seed: int
    now: datetime
    reps: list[Rep] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    left: dict[tuple[int, str], int] = field(default_factory=dict)
