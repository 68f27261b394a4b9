"""Deals: won, lost and open, and the people who take part; buyers-to-be are chosen here too."""

from collections import defaultdict
from datetime import datetime, timedelta

from sandbox.world.addresses import well_formed
from sandbox.world.catalogue import SOFTWARE
from sandbox.world.chance import Chance
from sandbox.world.model import HUBSPOT, SALESFORCE, Company, Deal, Person
from sandbox.world.people import BUYER_SENIORITY, title

OPEN_STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation")
ROLES = ("Decision Maker", "Economic Buyer", "Influencer", "Evaluator", "Business User")
_LOST_SHARE, _OPEN_SHARE, _RIPE_SHARE = 0.27, 0.16, 0.12


def grow_deals(
    chance: Chance, companies: list[Company], people: list[Person], start: datetime, now: datetime
) -> list[Deal]:
    """Give customers a won deal, some prospects a lost or an open one, and some a purchase still ahead."""
    staff: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        if person.company is not None and person.kind == "prospect":
            staff[person.company].append(person)
    deals: list[Deal] = []
    for company in companies:
        able = staff[company.key]
        if able and company.kind in ("customer", "prospect"):
            _company_deals(chance, deals, company, able, start, now)
    return deals


def _company_deals(
    chance: Chance, deals: list[Deal], company: Company, able: list[Person], start: datetime, now: datetime
) -> None:
    if company.kind == "customer":
        _won(chance, deals, company, able, start, now)
        return
    drawn = chance.random()
    if drawn < _LOST_SHARE:
        _lost(chance, deals, company, able, start, now)
    elif drawn < _LOST_SHARE + _OPEN_SHARE:
        _open(chance, deals, company, able, now)
    elif drawn < _LOST_SHARE + _OPEN_SHARE + _RIPE_SHARE:
        _ripen(chance, able, now)


def _won(
    chance: Chance, deals: list[Deal], company: Company, able: list[Person], start: datetime, now: datetime
) -> None:
    for _ in range(2 if len(able) > 2 and chance.often(0.25) else 1):
        created_at = chance.waking(start + timedelta(days=95), now - timedelta(days=40))
        closed_at = min(created_at + timedelta(days=chance.uniform(18, 75)), now - timedelta(days=2))
        deal = new_deal(chance, len(deals), company, _committee(chance, able), created_at, closed_at)
        settle(deal, closed_at, won=True)
        deals.append(deal)
        for person in _enlist(able, deal):
            _become_buyer(chance, person, deal.created_at, closed_at)
            person.kind, person.lifecycle = "customer", "customer"


def _lost(
    chance: Chance, deals: list[Deal], company: Company, able: list[Person], start: datetime, now: datetime
) -> None:
    created_at = chance.waking(start + timedelta(days=60), now - timedelta(days=40))
    closed_at = min(created_at + timedelta(days=chance.uniform(20, 110)), now - timedelta(days=1))
    deal = new_deal(chance, len(deals), company, _committee(chance, able), created_at, closed_at)
    settle(deal, closed_at, won=False)
    deals.append(deal)
    _enlist(able, deal)


def _open(chance: Chance, deals: list[Deal], company: Company, able: list[Person], now: datetime) -> None:
    created_at = chance.waking(now - timedelta(days=55), now - timedelta(days=4))
    expected = now + timedelta(days=chance.uniform(2, 60))
    deal = new_deal(chance, len(deals), company, _committee(chance, able), created_at, expected)
    deal.stage = chance.choice(OPEN_STAGES)
    deals.append(deal)
    taking_part = _enlist(able, deal)
    if chance.often(0.4):
        for person in taking_part:
            _become_buyer(chance, person, created_at, expected)


def _ripen(chance: Chance, able: list[Person], now: datetime) -> None:
    """Let one person of the company buy within three months, with no deal yet."""
    person = chance.choice(able)
    buys_at = now + timedelta(days=chance.uniform(31, 120))
    _become_buyer(chance, person, now, buys_at)
    person.lifecycle = "marketingqualifiedlead"


def new_deal(
    chance: Chance,
    key: int,
    company: Company,
    people: tuple[tuple[int, str], ...],
    created_at: datetime,
    closes: datetime,
) -> Deal:
    """Open a deal in its first stage."""
    product = chance.choice(SOFTWARE)
    seats = max(1.0, (company.employees or 40) / 60)
    amount = round(min(4_000 * seats * chance.uniform(0.6, 1.7), 400_000.0), -2)
    return Deal(
        key,
        company.key,
        people,
        f"{company.name.strip()}: {product}",
        amount,
        chance.one({"USD": 80.0, "EUR": 15.0, "GBP": 5.0}),
        OPEN_STAGES[0],
        is_closed=False,
        is_won=False,
        created_at=created_at,
        closed_at=closes.replace(microsecond=0),
        owner=company.owner,
        product=product,
        vendors=frozenset({SALESFORCE, HUBSPOT} if chance.often(0.55) else {SALESFORCE}),
    )


def settle(deal: Deal, at: datetime, *, won: bool) -> None:
    """Close a deal."""
    deal.stage = "Closed Won" if won else "Closed Lost"
    deal.is_closed, deal.is_won, deal.closed_at = True, won, at.replace(microsecond=0)


def _committee(chance: Chance, able: list[Person]) -> tuple[tuple[int, str], ...]:
    count = min(len(able), chance.choice((1, 1, 2, 2, 3, 4)))
    chosen = chance.sample(able, count)
    return tuple((person.key, ROLES[min(place, len(ROLES) - 1)]) for place, person in enumerate(chosen))


def _enlist(able: list[Person], deal: Deal) -> list[Person]:
    """Make the people of a deal Salesforce contacts, known before the deal was; they are returned."""
    roles = dict(deal.people)
    taking_part = [person for person in able if person.key in roles]
    for person in taking_part:
        as_contact(person)
        person.lifecycle = "opportunity" if not deal.is_closed else person.lifecycle
        person.created_at = min(person.created_at, deal.created_at - timedelta(days=5))
    return taking_part


def as_contact(person: Person) -> None:
    """Give the person a Salesforce contact, converting the lead where there is one."""
    if "Contact" in person.salesforce:
        return
    if person.salesforce:
        first = person.alternates.get("salesforce:0")
        if first is not None:
            person.alternates["salesforce:1"] = first
        person.salesforce = ("ConvertedLead", "Contact")
    else:
        person.salesforce = ("Contact",)
    person.consent.setdefault("salesforce", "subscribed")


def _become_buyer(chance: Chance, person: Person, deal_at: datetime, buys_at: datetime) -> None:
    """Make someone buy at ``buys_at``: known well before, tracked, and of more say than most."""
    person.is_buyer = True
    person.buys_at = buys_at.replace(microsecond=0)
    person.created_at = min(person.created_at, deal_at - timedelta(days=chance.uniform(60, 110)))
    person.created_at = person.created_at.replace(microsecond=0)
    if chance.often(0.7):
        person.title = title(chance, BUYER_SENIORITY)
    if well_formed(person.email) and chance.often(0.85):
        person.hubspot = max(person.hubspot, 1)
        person.consent.setdefault("hubspot", "subscribed")
