"""The shop's goods, customers, orders and carts, from what the world says was bought."""

from datetime import datetime

from sandbox.mailchimp.stamps import stamp
from sandbox.mailchimp.store import Json, Shop, Store
from sandbox.world import MAILCHIMP, SHOP, SHOP_AUDIENCE, Event, Person, World

STORE_ID = "brightloom-shop"
_ORDERED_ONLY = frozenset({"discount", "image_url"})


def new_shop(world: World, list_id: str, created_at: datetime) -> Shop:
    """The store with its goods."""
    at = stamp(created_at)
    shop = Shop(
        {
            "id": STORE_ID,
            "list_id": list_id,
            "name": "Brightloom Shop",
            "platform": "Custom",
            "domain": SHOP[8:],
            "is_syncing": False,
            "email_address": "shop@brightloom.io",
            "currency_code": "USD",
            "money_format": "$",
            "primary_locale": "en",
            "timezone": "Europe/Helsinki",
            "phone": "",
            "list_is_active": True,
            "address": {
                "address1": "Kutomotie 1",
                "city": "Helsinki",
                "country": "Finland",
                "country_code": "FI",
            },
            "created_at": at,
            "updated_at": at,
        }
    )
    for product in world.products:
        if product.kind == "shop":
            variant = {
                "id": product.sku,
                "title": product.name,
                "url": product.url,
                "sku": product.sku,
                "price": product.price,
                "inventory_quantity": 100,
                "image_url": "",
                "backorders": "",
                "visibility": "visible",
                "created_at": at,
                "updated_at": at,
            }
            shop.products[product.sku] = {
                "id": product.sku,
                "currency_code": "USD",
                "title": product.name,
                "handle": product.sku.lower(),
                "url": product.url,
                "description": "",
                "type": product.category,
                "vendor": "Brightloom",
                "image_url": "",
                "variants": [variant],
                "images": [],
                "published_at_foreign": at,
            }
    return shop


def new_line(key: str, product_id: str, title: str, quantity: int, price: float) -> Json:
    """One line of an order."""
    return {
        "id": key,
        "product_id": product_id,
        "product_title": title,
        "product_variant_id": product_id,
        "product_variant_title": title,
        "image_url": "",
        "quantity": quantity,
        "price": price,
        "discount": 0,
    }


def new_order(common: Json, at: str) -> Json:
    """An order paid and shipped."""
    return {
        **common,
        "financial_status": "paid",
        "fulfillment_status": "shipped",
        "discount_total": 0,
        "shipping_total": 0,
        "landing_site": SHOP,
        "order_url": f"{SHOP}/orders/{common['id']}",
        "processed_at_foreign": at,
        "updated_at_foreign": at,
        "cancelled_at_foreign": "",
        "promos": [],
        "tracking_number": "",
        "tracking_url": "",
        "tracking_carrier": "",
    }


def new_cart(common: Json, at: str) -> Json:
    """A cart left standing."""
    lines = [{key: line[key] for key in line if key not in _ORDERED_ONLY} for line in common["lines"]]
    address = f"{SHOP}/cart/{common['id']}"
    return {**common, "lines": lines, "checkout_url": address, "created_at": at, "updated_at": at}


def new_customer(key: str, address: str, at: str) -> Json:
    """A customer of whom only the address is known."""
    return {
        "id": key,
        "email_address": address,
        "opt_in_status": False,
        "company": "",
        "first_name": "",
        "last_name": "",
        "address": {"city": "", "country": ""},
        "created_at": at,
        "updated_at": at,
    }


class Till:
    """Takes purchases and carts."""

    def __init__(self, store: Store, world: World) -> None:
        """Write into ``store``."""
        self._shop, self._world = store.shops[STORE_ID], world

    def ring(self, event: Event, person: Person) -> None:
        """Write one purchase or cart down."""
        address = _shop_address(person)
        if address is None or event.order is None:
            return
        at, key = stamp(event.at), str(event.order["id"])
        common: Json = {
            "id": key,
            "customer": self._customer(person, address, at),
            "currency_code": event.currency or "USD",
            "order_total": event.value or 0.0,
            "tax_total": 0,
            "lines": [self._line(line) for line in event.order["lines"]],
        }
        if event.type == "cart_update":
            self._shop.carts[key] = new_cart(common, at)
        else:
            self._shop.orders[key] = new_order(common, at)

    def _customer(self, person: Person, address: str, at: str) -> str:
        key = f"cust-{person.key:05d}"
        held = self._shop.customers.get(key)
        if held is None:
            self._shop.customers[key] = new_customer(key, address, at) | {
                "opt_in_status": _opted_in(person),
                "first_name": person.first_name or "",
                "last_name": person.last_name,
                "address": {"city": person.city or "", "country": person.country or ""},
            }
        else:
            held["updated_at"] = max(held["updated_at"], at)
        return key

    def _line(self, line: Json) -> Json:
        product = self._world.products[line["product"]]
        return new_line(line["id"], product.sku, product.name, line["quantity"], line["price"])


def _shop_address(person: Person) -> str | None:
    if SHOP_AUDIENCE not in person.mailchimp:
        return person.email
    return person.address(MAILCHIMP, person.mailchimp.index(SHOP_AUDIENCE))


def _opted_in(person: Person) -> bool:
    return person.consent.get(f"{MAILCHIMP}:{SHOP_AUDIENCE}") == "subscribed"
