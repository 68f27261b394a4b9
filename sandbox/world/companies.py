"""Companies: prospects and customers, the seller itself, competitors, and records with hardly a value."""

from datetime import datetime, timedelta

from sandbox.world.chance import Chance
from sandbox.world.model import HUBSPOT, SALESFORCE, SELLER, SELLER_DOMAIN, Company, Rep
from sandbox.world.names import (
    COMPANY_FIRST,
    COMPANY_SECOND,
    INDUSTRIES,
    SUFFIX_BY_TLD,
    latin,
    locale,
    telephone,
)

REPS = (
    Rep(f"dana.reyes@{SELLER_DOMAIN}", "Dana", "Reyes"),
    Rep(f"tomas.lindqvist@{SELLER_DOMAIN}", "Tomas", "Lindqvist"),
    Rep(f"aisha.khan@{SELLER_DOMAIN}", "Aisha", "Khan"),
    Rep(f"marco.bianchi@{SELLER_DOMAIN}", "Marco", "Bianchi"),
    Rep(f"yuki.mori@{SELLER_DOMAIN}", "Yuki", "Mori"),
    Rep(f"former.rep@{SELLER_DOMAIN}", "Pat", "Gone", active=False),
)
OWN = 0
_COMPETITORS = 4
_CUSTOMER_SHARE, _EMPTY_SHARE = 0.18, 0.035
_FIT_INDUSTRIES = ("Manufacturing", "Retail", "Textiles", "Software")


def grow_companies(chance: Chance, count: int, start: datetime, now: datetime) -> list[Company]:
    """Make ``count`` companies; number 0 is the seller, the next four its competitors."""
    taken: set[str] = set()
    companies = [_own(start)]
    while len(companies) < count:
        companies.append(_company(chance, len(companies), taken, start, now))
    _adopt(chance, companies)
    _repeat(chance, companies)
    return companies


def _own(start: datetime) -> Company:
    return Company(
        OWN,
        SELLER,
        SELLER_DOMAIN,
        "Software",
        140,
        21_000_000.0,
        "Finland",
        "Uusimaa",
        "Helsinki",
        "+358 9 555 0100",
        None,
        "own",
        REPS[0].email,
        start - timedelta(days=900),
        frozenset({SALESFORCE, HUBSPOT}),
    )


def _kind(chance: Chance, key: int) -> str:
    if key <= _COMPETITORS:
        return "competitor"
    drawn = chance.random()
    if drawn < _CUSTOMER_SHARE:
        return "customer"
    return "empty" if drawn < _CUSTOMER_SHARE + _EMPTY_SHARE else "prospect"


def _company(chance: Chance, key: int, taken: set[str], start: datetime, now: datetime) -> Company:
    kind = _kind(chance, key)
    tongue = locale(chance)
    name, domain = _name_and_domain(chance, tongue.tld, taken)
    created_at = chance.waking(start - timedelta(days=60), now - timedelta(days=20))
    if kind == "customer":
        created_at = chance.waking(start - timedelta(days=60), start + timedelta(days=120))
    owner = chance.choice(REPS).email
    vendors = chance.one({(SALESFORCE, HUBSPOT): 55.0, (SALESFORCE,): 27.0, (HUBSPOT,): 18.0})
    if kind == "empty":
        return Company(
            key,
            name,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            kind,
            owner,
            created_at,
            frozenset(vendors),
        )
    employees = _headcount(chance, kind)
    country, region, city = chance.choice(tongue.places)
    return Company(
        key,
        name,
        domain if chance.often(0.93) else None,
        _industry(chance, kind),
        employees,
        None
        if employees is None or chance.often(0.3)
        else round(employees * chance.uniform(60e3, 280e3), -3),
        country if chance.often(0.94) else None,
        region if chance.often(0.8) else None,
        city if chance.often(0.85) else None,
        telephone(chance, tongue.dial) if chance.often(0.7) else None,
        None,
        kind,
        owner,
        created_at,
        frozenset(vendors) | (frozenset({SALESFORCE}) if kind == "customer" else frozenset()),
    )


def _name_and_domain(chance: Chance, tld: str, taken: set[str]) -> tuple[str, str]:
    while True:
        first, second = chance.choice(COMPANY_FIRST), chance.choice(COMPANY_SECOND)
        domain = f"{latin(first)}{latin(second)}.{tld}"
        if domain not in taken:
            taken.add(domain)
            return f"{first} {second}{chance.choice(SUFFIX_BY_TLD.get(tld, ('',)))}", domain


def _headcount(chance: Chance, kind: str) -> int | None:
    if chance.often(0.05 if kind == "customer" else 0.16):
        return None
    middle = 5.5 if kind == "customer" else 4.4
    return max(1, round(chance.lognormvariate(middle, 0.9 if kind == "customer" else 1.7)))


def _industry(chance: Chance, kind: str) -> str | None:
    if chance.often(0.04 if kind == "customer" else 0.14):
        return None
    if kind == "customer" and chance.often(0.6):
        return chance.choice(_FIT_INDUSTRIES)
    return chance.one(INDUSTRIES)


def _adopt(chance: Chance, companies: list[Company]) -> None:
    """Give some companies a parent of a lower key, so that no ring can form."""
    for company in companies[_COMPETITORS + 10 :]:
        if company.kind == "prospect" and chance.often(0.05):
            parent = companies[chance.randrange(_COMPETITORS + 1, company.key)]
            company.parent = parent.key if parent.kind != "empty" else None


def _repeat(chance: Chance, companies: list[Company]) -> None:
    """Make some companies a second record of another: same domain, name typed otherwise, one vendor."""
    for company in companies[_COMPETITORS + 10 :]:
        if company.kind != "prospect" or not chance.often(0.02):
            continue
        other = companies[chance.randrange(_COMPETITORS + 1, company.key)]
        if other.domain is not None:
            company.domain = other.domain
            company.name = chance.choice((other.name.upper(), f"{other.name} ", other.name.split()[0]))
            company.vendors = frozenset({SALESFORCE})
