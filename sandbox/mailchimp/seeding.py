"""From the neutral world to Mailchimp's records: once at the start, then as things happen."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sandbox.mailchimp.audiences import new_audience
from sandbox.mailchimp.campaigns import new_campaign
from sandbox.mailchimp.membership import leave, new_member, retag
from sandbox.mailchimp.merging import define
from sandbox.mailchimp.polling import new_survey, record
from sandbox.mailchimp.posting import Post
from sandbox.mailchimp.shopping import Till, new_shop
from sandbox.mailchimp.stamps import NEVER, stamp
from sandbox.mailchimp.store import Audience, Json, Store, token
from sandbox.world import MAILCHIMP, NEWS_AUDIENCE, SHOP_AUDIENCE, Company, Event, Person, World

#: More than the ten that a listing shows unasked.
_FIELDS: tuple[tuple[str, str, str, Json], ...] = (
    ("FNAME", "First Name", "text", {}),
    ("LNAME", "Last Name", "text", {}),
    ("ADDRESS", "Address", "address", {}),
    ("PHONE", "Phone Number", "phone", {}),
    ("BIRTHDAY", "Birthday", "birthday", {"options": {"date_format": "MM/DD"}}),
    ("COMPANY", "Company", "text", {}),
    ("TITLE", "Job Title", "text", {}),
    ("COUNTRY", "Country", "text", {}),
    ("CITY", "City", "text", {}),
    ("INDUSTRY", "Industry", "text", {}),
    ("EMPLOYEES", "Employees", "number", {}),
    ("SITE", "Website", "url", {}),
)
_SOURCES = ("Admin Add", "Hosted Signup Form", "Import", "Embed Form", "API - Generic")
_JOURNEY = (1, 1)


class Seeder:
    """Keeps the thread between people of the world and Mailchimp's contacts."""

    def __init__(self, store: Store) -> None:
        """Write into ``store``."""
        self._store = store
        self._contacts: dict[tuple[int, str], list[str]] = defaultdict(list)
        self._posted: dict[int, str] = {}

    def seed(self, world: World) -> None:
        """Set the account up, and fill it."""
        start = min((campaign.created_at for campaign in world.campaigns), default=world.now)
        for name in (NEWS_AUDIENCE, SHOP_AUDIENCE):
            audience = new_audience(name, start)
            self._store.audiences[audience.id] = audience
            for tag, title, kind, given in _FIELDS:
                define(audience, title, kind, tag=tag, **given)
        self._store.journeys[_JOURNEY] = []
        shop = new_shop(world, self._store.audience_named(SHOP_AUDIENCE).id, start)
        self._store.shops[str(shop.info["id"])] = shop
        for person in world.people:
            self._join(world, person)
        self._open_surveys(world)
        self._take_in(world, world.events, past=True)

    def live(self, world: World, events: Sequence[Event]) -> None:
        """Take in what has happened."""
        for event in events:
            if event.type == "person_created":
                self._join(world, world.people[event.person])
        self._take_in(world, events, past=False)

    def identities(self) -> Mapping[int, Sequence[Mapping[str, str]]]:
        """Say which member records are whose: ``id`` is the member's now, ``contact_id`` never changes."""
        found: dict[int, list[Mapping[str, str]]] = defaultdict(list)
        for (person, name), contacts in self._contacts.items():
            audience = self._store.audience_named(name)
            for contact in contacts:
                key = audience.by_contact.get(contact)
                if key is not None:
                    record = {"object": "members", "id": key, "list_id": audience.id, "contact_id": contact}
                    found[person].append(record)
        return found

    def _join(self, world: World, person: Person) -> None:
        company = None if person.company is None else world.companies[person.company]
        for index, name in enumerate(person.mailchimp):
            address = person.address(MAILCHIMP, index)
            audience = self._store.audience_named(name)
            member = None if address is None else _as_member(audience, person, address, company)
            if member is None or member["id"] in audience.members:
                continue
            audience.add(member)
            self._contacts[person.key, name].append(member["contact_id"])
            _settle(audience, member)
            retag(
                self._store,
                audience,
                member["id"],
                _tags(person, company),
                stamp(person.created_at),
                only=False,
            )

    def _open_surveys(self, world: World) -> None:
        audience = self._store.audience_named(SHOP_AUDIENCE)
        for survey in world.surveys:
            if survey.vendor == MAILCHIMP:
                made = new_survey(survey, audience.id)
                self._store.surveys[str(made.info["id"])] = made

    def _take_in(self, world: World, events: Sequence[Event], *, past: bool) -> None:
        self._announce(world)
        post, till = Post(self._store, past=past), Till(self._store, world)
        for event in events:
            if MAILCHIMP not in event.vendors:
                continue
            if event.campaign is not None:
                self._deliver(world, post, event)
            elif event.type in ("purchase", "cart_update"):
                till.ring(event, world.people[event.person])
            elif event.type == "survey_response":
                self._answer(event)
            elif event.type == "signup":
                self._sign_up(event)

    def _announce(self, world: World) -> None:
        """Show campaigns that are new in the world."""
        for campaign in world.campaigns:
            if campaign.vendor != MAILCHIMP or campaign.key in self._posted or campaign.audience is None:
                continue
            audience = self._store.audience_named(campaign.audience)
            held = new_campaign(
                audience,
                campaign.key,
                campaign.name,
                campaign.subject,
                campaign.created_at,
                campaign.starts_at,
            )
            held["links"] = {token("link", held["id"], url): url for url in campaign.links}
            self._store.campaigns[held["id"]] = held
            self._posted[campaign.key] = held["id"]

    def _deliver(self, world: World, post: Post, event: Event) -> None:
        campaign = world.campaigns[event.campaign or 0]
        contacts = self._contacts.get((event.person, campaign.audience or ""))
        if contacts:
            audience = self._store.audience_named(campaign.audience or "")
            post.take(event, self._posted[campaign.key], audience, contacts[0])

    def _answer(self, event: Event) -> None:
        contacts = self._contacts.get((event.person, SHOP_AUDIENCE))
        if contacts:
            record(self._store, event, contacts[0])

    def _sign_up(self, event: Event) -> None:
        audience = self._store.audience_named(NEWS_AUDIENCE)
        for contact in self._contacts.get((event.person, NEWS_AUDIENCE), [])[:1]:
            member = audience.members.get(audience.by_contact.get(contact, ""))
            if member is not None:
                member |= {"timestamp_signup": stamp(event.at), "source": "Hosted Signup Form"}


def _as_member(audience: Audience, person: Person, address: str, company: Company | None) -> Json:
    """A member as it joined; later events move ``last_changed``."""
    consent = person.consent.get(f"{MAILCHIMP}:{audience.info['name']}", "pending")
    status = "transactional" if consent == "none" else consent
    at = stamp(person.created_at)
    member = new_member(audience, address, status, at, source=_SOURCES[person.key % len(_SOURCES)])
    values = {
        "FNAME": person.first_name,
        "LNAME": person.last_name,
        "PHONE": person.phone,
        "TITLE": person.title,
        "COUNTRY": person.country,
        "CITY": person.city,
        "COMPANY": company.name if company else None,
        "INDUSTRY": company.industry if company else None,
        "EMPLOYEES": company.employees if company else None,
        "SITE": f"https://{company.domain}" if company and company.domain else None,
    }
    member["merge_fields"] |= {tag: value for tag, value in values.items() if value is not None}
    member["language"] = person.language
    member["timestamp_opt"] = at if status not in ("pending", "transactional") else NEVER
    return member


def _settle(audience: Audience, member: Json) -> None:
    """Who left by themselves, or bounced, cannot be subscribed again by a program."""
    if member["status"] in ("unsubscribed", "cleaned"):
        reason = "NORMAL_REASON" if member["status"] == "unsubscribed" else ""
        leave(audience, member, member["last_changed"], member["status"], reason)


def _tags(person: Person, company: Company | None) -> list[str]:
    tags = ["Customer"] if person.kind == "customer" else []
    if company is not None and company.industry is not None and person.key % 3 == 0:
        tags.append(f"Industry: {company.industry}")
    return [*tags, "Trade show"] if person.source == "Trade Show" else tags
