"""People: who they are, and which vendors hold records of them under what address."""

from datetime import datetime, timedelta

from sandbox.world.addresses import FREE_MAIL, AddressBook, malformed, plus_tagged, retyped
from sandbox.world.chance import Chance
from sandbox.world.companies import OWN
from sandbox.world.model import NEWS_AUDIENCE, SELLER_DOMAIN, Company, Person
from sandbox.world.names import EMOJI, Locale, locale, telephone

_TITLES: dict[str, tuple[str, ...]] = {
    "chief": (
        "CEO",
        "Chief Operating Officer",
        "Geschäftsführer",
        "Founder & CEO",
        "CTO",
        "Directrice générale",
    ),
    "vice": ("VP Operations", "VP, Product", "Vice President of Marketing", "SVP Manufacturing"),
    "director": (
        "Director of Operations",
        "Director, Digital",
        "IT Director",
        "Direktor Produktion",
        "director of design",
    ),
    "manager": (
        "Production Manager",
        "Marketing Manager",
        "Head of Design",
        "Product manager",
        "Plant Manager",
    ),
    "staff": ("Designer", "Analyst", "Engineer", "Buyer", "Assistant", "Consultant", "Weaver", "Specialist"),
}
_SENIORITY = {"chief": 7.0, "vice": 7.0, "director": 14.0, "manager": 27.0, "staff": 45.0}
BUYER_SENIORITY = {"chief": 16.0, "vice": 18.0, "director": 34.0, "manager": 24.0, "staff": 8.0}
_KINDS = {"prospect": 79.0, "employee": 2.5, "test": 1.0, "student": 3.0, "competitor": 1.0, "free": 13.5}
_SALESFORCE = {("Lead",): 40.0, ("Contact",): 22.0, ("ConvertedLead", "Contact"): 8.0, (): 30.0}
_CONSENT = {
    "subscribed": 79.0,
    "unsubscribed": 9.0,
    "cleaned": 4.0,
    "pending": 3.0,
    "archived": 3.0,
    "none": 2.0,
}
_SOURCES = ("Web", "Webinar", "Trade Show", "Partner Referral", "Purchased List", "Advertisement", "Other")


def title(chance: Chance, seniority: dict[str, float]) -> str | None:
    """Draw a job title; every tenth is missing, and some come in capitals."""
    if chance.often(0.1):
        return None
    drawn = chance.choice(_TITLES[chance.one(seniority)])
    return drawn.upper() if chance.often(0.04) else drawn


class Census:
    """Makes people one at a time; used for the first crowd and for those who come later."""

    def __init__(self, chance: Chance, companies: list[Company], people: list[Person]) -> None:
        """Add to ``people``; each new person's key is its length then."""
        self._chance = chance
        self._companies = [company for company in companies if company.key != OWN]
        self._weights = [
            chance.paretovariate(1.3) * (2.0 if c.kind == "customer" else 1.0) for c in self._companies
        ]
        self._own = companies[OWN]
        self._people = people
        self._book = AddressBook(chance, {person.email.lower() for person in people if person.email})

    def fill(self, count: int, start: datetime, now: datetime) -> None:
        """Make people until there are ``count``."""
        while len(self._people) < count:
            pair = count - len(self._people) > 1 and self._chance.often(0.008)
            if pair:
                self._shared_mailbox(start, now)
            else:
                self.person(start, now)

    def person(self, start: datetime, now: datetime) -> Person:
        """Make one person of a drawn kind, created between the two instants."""
        chance = self._chance
        kind = chance.one(_KINDS)
        company = self._company(kind)
        tongue = locale(
            chance, None if company is None or company.domain is None else company.domain.split(".", 1)[1]
        )
        person = self._bare(kind, company, tongue, chance.waking(start, now))
        self._people.append(person)
        if kind == "test":
            _make_test(chance, person)
        self._file(person)
        self._dirty(person)
        return person

    def _company(self, kind: str) -> Company | None:
        if kind == "employee":
            return self._own
        if kind in ("student", "free", "test"):
            return None
        if kind == "competitor":
            return next(company for company in self._companies if company.kind == "competitor")
        drawn = self._chance.choices(self._companies, weights=self._weights)[0]
        return None if drawn.kind == "competitor" else drawn

    def _bare(self, kind: str, company: Company | None, tongue: Locale, created_at: datetime) -> Person:
        chance = self._chance
        first, last = chance.choice(tongue.first), chance.choice(tongue.last)
        country, region, city = chance.choice(tongue.places)
        domain = "uni-weave.edu" if kind == "student" else None if company is None else company.domain
        if domain is not None and kind == "prospect" and chance.often(0.07):
            domain = None
        email = self._book.personal(first, last, tongue, domain)
        student = kind == "student"
        return Person(
            key=len(self._people),
            first_name=None
            if chance.often(0.03)
            else f"{first} {chance.choice(EMOJI)}"
            if chance.often(0.01)
            else first,
            last_name=last,
            email=email,
            title="Student" if student else title(chance, _SENIORITY) if company is not None else None,
            phone=telephone(chance, tongue.dial) if chance.often(0.55) else None,
            country=country if chance.often(0.85) else None,
            region=region if chance.often(0.6) else None,
            city=city if chance.often(0.7) else None,
            company=None if company is None else company.key,
            created_at=created_at,
            owner=chance.choice(("dana.reyes", "tomas.lindqvist", "aisha.khan", "marco.bianchi"))
            + f"@{SELLER_DOMAIN}",
            kind="prospect" if kind == "free" else kind,
            salesforce=(),
            hubspot=0,
            mailchimp=(),
            linked=False,
            consent={},
            alternates={},
            lifecycle="lead",
            is_buyer=False,
            language=tongue.language if tongue.language != "nordic" else "sv",
            source=chance.choice(_SOURCES),
        )

    def _file(self, person: Person) -> None:
        """Decide who holds records: everybody is in at least one vendor."""
        chance = self._chance
        weights = dict(_SALESFORCE)
        if person.company is None:
            weights = {("Lead",): 25.0, (): 75.0}
        person.salesforce = chance.one(weights)
        person.hubspot = int(chance.often(0.72))
        person.mailchimp = (NEWS_AUDIENCE,) if chance.often(0.56) else ()
        if not person.vendors:
            person.hubspot = 1
        person.linked = bool(person.salesforce) and person.hubspot > 0 and chance.often(0.7)
        agree(chance, person)
        person.lifecycle = chance.one(
            {"subscriber": 25.0, "lead": 60.0, "marketingqualifiedlead": 12.0, "other": 3.0}
        )

    def _dirty(self, person: Person) -> None:
        """Spoil records: addresses missing, malformed or typed otherwise, and second records."""
        chance, email = self._chance, person.email or ""
        drawn = chance.random()
        if drawn < 0.07 and not person.mailchimp and person.salesforce:
            person.email, person.hubspot, person.linked = None, 0, False
        elif drawn < 0.09 and not person.mailchimp and person.salesforce:
            person.email, person.hubspot, person.linked = malformed(chance, email), 0, False
        elif drawn < 0.17 and person.salesforce:
            person.alternates["salesforce:0"] = retyped(chance, email)
        elif drawn < 0.20 and person.mailchimp:
            person.alternates["mailchimp:0"] = retyped(chance, email)
        elif drawn < 0.23 and person.hubspot and person.salesforce:
            person.alternates["hubspot:0"] = plus_tagged(chance, email)
        elif drawn < 0.24 and person.linked:
            person.alternates["salesforce:0"] = ""
        elif drawn < 0.30:
            self._double(person, email)

    def _double(self, person: Person, email: str) -> None:
        """Give one vendor a second record of the person."""
        chance = self._chance
        where = chance.choice(sorted(person.vendors))
        if where == "salesforce":
            person.alternates[f"salesforce:{len(person.salesforce)}"] = retyped(chance, email)
            person.salesforce = (*person.salesforce, chance.choice(("Lead", "Contact", "Lead")))
        elif where == "hubspot":
            person.hubspot = 2
            person.alternates["hubspot:1"] = plus_tagged(chance, email)
        else:
            person.mailchimp = (*person.mailchimp, NEWS_AUDIENCE)
            person.alternates["mailchimp:1"] = plus_tagged(chance, email)

    def _shared_mailbox(self, start: datetime, now: datetime) -> None:
        """Make two named people who type the same address; one is in every vendor, one in Salesforce only."""
        chance = self._chance
        company = chance.choice(
            [company for company in self._companies if company.kind == "prospect" and company.domain]
        )
        tongue = locale(chance, (company.domain or "").split(".", 1)[1])
        address = self._book.mailbox(company.domain or FREE_MAIL[0])
        for place in range(2):
            person = self._bare("shared_mailbox", company, tongue, chance.waking(start, now))
            person.first_name, person.last_name = tongue.first[place], tongue.last[place]
            person.email = address
            person.salesforce = ("Contact",) if chance.often(0.5) else ("Lead",)
            if place == 0:
                person.hubspot, person.linked = 1, True
                person.mailchimp = (NEWS_AUDIENCE,) if chance.often(0.5) else ()
            agree(chance, person)
            self._people.append(person)


def agree(chance: Chance, person: Person) -> None:
    """Draw consent per vendor: mostly the same everywhere, sometimes one vendor knows better."""
    drawn = chance.one(_CONSENT)
    for audience in person.mailchimp:
        own = drawn if chance.often(0.9) else chance.one(_CONSENT)
        person.consent[f"mailchimp:{audience}"] = own if own != "none" else "pending"
    if person.mailchimp:
        person.consent["mailchimp"] = person.consent[f"mailchimp:{person.mailchimp[0]}"]
    elsewhere = drawn if drawn in ("subscribed", "unsubscribed", "none") else "subscribed"
    if person.hubspot:
        person.consent["hubspot"] = "cleaned" if drawn == "cleaned" else elsewhere
    if person.salesforce:
        person.consent["salesforce"] = elsewhere if chance.often(0.9) else "subscribed"


def _make_test(chance: Chance, person: Person) -> None:
    person.first_name, person.last_name = chance.choice(
        (("Test", "Test"), ("test", "test"), ("Asdf", "Qwerty"))
    )
    person.email = f"test{person.key}@{chance.choice((SELLER_DOMAIN, 'test-mail.com'))}"
    person.created_at = person.created_at - timedelta(seconds=person.created_at.second)
