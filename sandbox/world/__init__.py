"""The neutral world: about 2,000 people in 400 companies over 18 months, grown from a seed.

It knows nothing of scoring, and of the vendors only which of them would know of what.
"""

from sandbox.world.model import (
    HUBSPOT,
    MAILCHIMP,
    NEWS_AUDIENCE,
    SALESFORCE,
    SELLER,
    SELLER_DOMAIN,
    SHOP,
    SHOP_AUDIENCE,
    SITE,
    Campaign,
    Company,
    Deal,
    Event,
    Form,
    Person,
    Product,
    Rep,
    Survey,
)
from sandbox.world.world import World

__all__ = [
    "HUBSPOT",
    "MAILCHIMP",
    "NEWS_AUDIENCE",
    "SALESFORCE",
    "SELLER",
    "SELLER_DOMAIN",
    "SHOP",
    "SHOP_AUDIENCE",
    "SITE",
    "Campaign",
    "Company",
    "Deal",
    "Event",
    "Form",
    "Person",
    "Product",
    "Rep",
    "Survey",
    "World",
]
