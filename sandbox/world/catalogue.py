"""What the seller offers, asks and sends: products, forms, surveys, and the calendar of campaigns."""

from datetime import datetime, timedelta
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from sandbox.world.chance import Chance
from sandbox.world.model import (
    HUBSPOT,
    MAILCHIMP,
    NEWS_AUDIENCE,
    SALESFORCE,
    SHOP,
    SHOP_AUDIENCE,
    SITE,
    Campaign,
    Form,
    Product,
    Survey,
)

SOFTWARE = ("Loom Studio", "Loom Analytics", "Loom Connect", "Loom Academy")
_SOFTWARE_PRICE = (12_000.0, 18_000.0, 9_000.0, 4_500.0)
_SHOP_GOODS = (
    ("Pattern Pack: Nordic", "patterns", 11.77),
    ("Pattern Pack: Indigo", "patterns", 12.99),
    ("Pattern Pack: Bauhaus", "patterns", 14.99),
    ("Weaver's Handbook", "books", 16.99),
    ("Colour Theory for Looms", "books", 21.49),
    ("Sample Yarn Box", "yarn", 29.33),
    ("Linen Warp Set", "yarn", 24.95),
    ("Shuttle, Beech", "tools", 13.97),
    ("Reed Hook", "tools", 9.77),
    ("Course: First Cloth", "courses", 49.0),
)
_TOPICS = ("Release notes", "Customer story", "How-to", "Event invitation", "Benchmark report", "Offer")


@cache
def slug(name: str) -> str:
    """Turn a product name into a part of a URL."""
    return "-".join("".join(letter if letter.isalnum() else " " for letter in name.lower()).split())


def products() -> list[Product]:
    """Make the software the deals are about, then the goods the shop sells."""
    made = [
        Product(
            key,
            f"BL-{key + 1:03d}",
            name,
            "software",
            price,
            "USD",
            f"{SITE}/products/{slug(name)}",
            "software",
        )
        for key, (name, price) in enumerate(zip(SOFTWARE, _SOFTWARE_PRICE, strict=True))
    ]
    for name, category, price in _SHOP_GOODS:
        key = len(made)
        made.append(
            Product(key, f"SH-{key:03d}", name, category, price, "USD", f"{SHOP}/{slug(name)}", "shop")
        )
    return made


def forms(start: datetime) -> list[Form]:
    """Make the web forms; all on HubSpot, the newsletter's in Mailchimp."""
    wanted: list[tuple[str, str, str, str | None, str]] = [
        ("Contact us", "form_submit", "/contact", None, HUBSPOT),
        ("Pricing enquiry", "form_submit", "/pricing#enquire", None, HUBSPOT),
        ("Newsletter sign-up", "signup", "/newsletter", None, MAILCHIMP),
    ]
    for name in SOFTWARE:
        wanted.append((f"Request a demo: {name}", "demo_request", f"/demo/{slug(name)}", name, HUBSPOT))
        wanted.append((f"Guide: {name}", "download", f"/resources/{slug(name)}-guide", name, HUBSPOT))
    wanted.append(
        ("White paper: the state of weaving", "download", "/resources/state-of-weaving", None, HUBSPOT)
    )
    return [
        Form(
            key,
            str(uuid5(NAMESPACE_URL, SITE + path)),
            name,
            kind,
            SITE + path,
            product,
            frozenset({vendor}),
            start,
        )
        for key, (name, kind, path, product, vendor) in enumerate(wanted)
    ]


def surveys(start: datetime) -> list[Survey]:
    """Make the three standing surveys: NPS and CSAT in HubSpot, the shop's NPS in Mailchimp."""
    recommend = (
        f"How likely are you to recommend {SITE.removeprefix('https://www.')} to a friend or colleague?"
    )
    return [
        Survey(0, "Customer NPS", "nps", recommend, 0, 10, HUBSPOT, start),
        Survey(
            1,
            "Support CSAT",
            "csat",
            "How satisfied are you with the help you received?",
            1,
            5,
            HUBSPOT,
            start,
        ),
        Survey(2, "Shop NPS", "nps", recommend, 0, 10, MAILCHIMP, start),
    ]


def campaigns(chance: Chance, start: datetime, now: datetime) -> list[Campaign]:
    """Fill the calendar: newsletters of both e-mail vendors, webinars, shows, offers, and two drafts."""
    made: list[Campaign] = []
    for month in range(18):
        opening = start + timedelta(days=month * 30.4)
        made.append(_mail(chance, opening, 5, MAILCHIMP, NEWS_AUDIENCE))
        made.append(_mail(chance, opening, 14, HUBSPOT, None))
        if month % 2 == 0:
            made.append(_mail(chance, opening, 20, MAILCHIMP, SHOP_AUDIENCE))
        if month % 3 != 1:
            made.append(_held(chance, opening, 23, "webinar"))
        if month % 5 == 2:
            made.append(_held(chance, opening, 10, "event"))
        if month % 4 == 1:
            made.append(_held(chance, opening, 3, "response"))
    made = [campaign for campaign in made if campaign.starts_at is not None and campaign.starts_at < now]
    made.append(_recent(chance, now))
    made.sort(key=lambda campaign: (campaign.starts_at or now, campaign.vendor, campaign.kind))
    made.extend(_drafts(now))
    for key, campaign in enumerate(made):
        campaign.key = key
    return made


def mailing(
    chance: Chance, at: datetime, vendor: str, audience: str | None, *, key: int = 0, reach: float = 0.5
) -> Campaign:
    """Make one e-mail campaign that goes out at ``at``."""
    topic = chance.choice(_TOPICS)
    shop = audience == SHOP_AUDIENCE
    product = None if shop else chance.choice(SOFTWARE)
    link = f"{SHOP}/new" if shop else f"{SITE}/products/{slug(product or '')}"
    second = (
        f"{SHOP}/sale"
        if shop
        else f"{SITE}/{chance.choice(('pricing', 'blog/weaving-at-scale', 'webinars'))}"
    )
    name = f"{at:%Y-%m} {topic}: {'shop' if shop else product}"
    return Campaign(
        key,
        "email",
        name,
        f"{topic}: {'from the shop' if shop else product}",
        vendor,
        at - timedelta(days=3),
        at,
        product,
        "shop" if shop else "newsletter",
        audience,
        (link, second),
        reach,
    )


def _mail(chance: Chance, opening: datetime, day: int, vendor: str, audience: str | None) -> Campaign:
    at = opening.replace(hour=9, minute=0, second=0) + timedelta(days=day, minutes=chance.randrange(180))
    return mailing(chance, at, vendor, audience)


def _recent(chance: Chance, now: datetime) -> Campaign:
    """Send one mailing two days before now, so that reports are still moving."""
    return mailing(chance, now.replace(second=0) - timedelta(days=2, hours=1), MAILCHIMP, NEWS_AUDIENCE)


def _held(chance: Chance, opening: datetime, day: int, kind: str) -> Campaign:
    at = opening.replace(hour=15, minute=0, second=0) + timedelta(days=day)
    product = chance.choice(SOFTWARE)
    words = {"webinar": "Webinar", "event": "Trade show", "response": "Offer"}
    name = f"{words[kind]} {at:%Y-%m}: {product}"
    return Campaign(0, kind, name, name, SALESFORCE, at - timedelta(days=30), at, product, kind)


def _drafts(now: datetime) -> list[Campaign]:
    created_at = now - timedelta(days=6)
    return [
        Campaign(
            0,
            "email",
            "Draft: year in review",
            "Year in review",
            MAILCHIMP,
            created_at,
            None,
            None,
            "newsletter",
            NEWS_AUDIENCE,
        ),
        Campaign(
            0, "email", "Draft: spring offer", "Spring offer", HUBSPOT, created_at, None, None, "newsletter"
        ),
    ]
