"""What contacts do, one deed at a time, for whoever needs a particular thing to have happened."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox.mailchimp.campaigns import new_campaign
from sandbox.mailchimp.deeds import Deed
from sandbox.mailchimp.membership import leave
from sandbox.mailchimp.polling import write_answer
from sandbox.mailchimp.posting import new_recipient
from sandbox.mailchimp.shopping import STORE_ID, new_cart, new_customer, new_line, new_order
from sandbox.mailchimp.stamps import read_stamp
from sandbox.mailchimp.store import Json, token

_HOME_IP = "203.0.113.7"


def _at(deed: Deed) -> str:
    given = deed.given.get("at")
    return deed.at if given is None else read_stamp("at", str(given))


def send(deed: Deed) -> Json:
    """Send a mailing now: title, links; to everybody subscribed, or to ``emails``."""
    audience = deed.audience()
    title, links = (
        str(deed.given.get("title", "Mailing")),
        deed.given.get("links", ["https://www.brightloom.io/"]),
    )
    sent_at = datetime.fromisoformat(_at(deed))
    held = new_campaign(audience, 100_000 + len(deed.store.campaigns), title, title, sent_at, sent_at)
    held["links"] = {token("link", held["id"], url): url for url in links}
    deed.store.campaigns[held["id"]] = held
    wanted = {str(email).lower() for email in deed.given.get("emails", ())}
    for member in audience.members.values():
        if member["status"] == "subscribed" and (not wanted or member["email_address"].lower() in wanted):
            deed.store.recipients[held["id"]][member["contact_id"]] = new_recipient(audience, member)
            audience.tallies[member["id"]].sent += 1
    return {"campaign_id": held["id"], "sent": len(deed.store.recipients[held["id"]])}


def _recipient(deed: Deed) -> Json:
    """The e-mail that ``email`` got of ``campaign_id``."""
    audience = deed.audience()
    found = deed.store.recipients[str(deed.given.get("campaign_id"))].get(deed.member(audience)["contact_id"])
    if found is None:
        raise ValueError(f"campaign {deed.given.get('campaign_id')!r} did not go to them")
    return found


def open_mail(deed: Deed) -> Json:
    """Open it; ``machine``: a privacy proxy does."""
    entry = {
        "action": "open",
        "timestamp": _at(deed),
        "ip": _HOME_IP,
        "proxy": bool(deed.given.get("machine")),
    }
    _recipient(deed)["activity"].append(entry)
    return entry


def click(deed: Deed) -> Json:
    """Follow a link: ``url``."""
    url = str(deed.given.get("url", "https://www.brightloom.io/"))
    entry = {"action": "click", "timestamp": _at(deed), "url": url, "ip": _HOME_IP}
    _recipient(deed)["activity"].append(entry)
    return entry


def bounce(deed: Deed) -> Json:
    """Send it back: ``kind`` hard (the address is cleaned) or soft."""
    recipient, audience, kind = _recipient(deed), deed.audience(), str(deed.given.get("kind", "hard"))
    entry = {"action": "bounce", "type": kind, "timestamp": _at(deed)}
    recipient["activity"].append(entry)
    recipient["status"] = kind
    if kind == "hard":
        leave(audience, deed.member(audience), _at(deed), "cleaned")
    return entry


def _customer(deed: Deed) -> str:
    shop, address = deed.store.shops[STORE_ID], str(deed.given["email"])
    for key, held in shop.customers.items():
        if held["email_address"].lower() == address.lower():
            held["updated_at"] = max(held["updated_at"], _at(deed))
            return key
    key = f"cust-{token(address.lower())}"
    shop.customers[key] = new_customer(key, address, _at(deed))
    return key


def _common(deed: Deed, key: str) -> Json:
    total = float(deed.given.get("total", 0))
    products = deed.store.shops[STORE_ID].products
    product = products.get(str(deed.given.get("product"))) or next(iter(products.values()), {})
    line = new_line("1", str(product.get("id", "any")), str(product.get("title", "Anything")), 1, total)
    common = {"id": key, "customer": _customer(deed), "order_total": total, "tax_total": 0, "lines": [line]}
    return common | {"currency_code": str(deed.given.get("currency", "USD"))}


def order(deed: Deed) -> Json:
    """Buy for ``total``: ``email``, ``product`` (id). The ``id`` of an order that exists changes it."""
    orders = deed.store.shops[STORE_ID].orders
    key = str(deed.given.get("id") or token("order", len(orders), deed.at))
    made = new_order(_common(deed, key), _at(deed))
    if key in orders:
        made["processed_at_foreign"] = orders[key]["processed_at_foreign"]
    orders[key] = made
    return {"id": key}


def delete_order(deed: Deed) -> Json:
    """Take an order away: ``id``."""
    if deed.store.shops[STORE_ID].orders.pop(str(deed.given.get("id")), None) is None:
        raise ValueError(f"no order {deed.given.get('id')!r}")
    return {}


def cart(deed: Deed) -> Json:
    """Fill a cart and leave it: ``email``, ``total``, ``product``."""
    carts = deed.store.shops[STORE_ID].carts
    key = str(deed.given.get("id") or token("cart", len(carts), deed.at))
    carts[key] = new_cart(_common(deed, key), _at(deed))
    return {"id": key}


def answer(deed: Deed) -> Json:
    """Answer a survey: ``email``, ``value``, ``text``; the first survey unless ``survey_id``."""
    surveys = deed.store.surveys
    survey = surveys.get(str(deed.given.get("survey_id") or next(iter(surveys), "")))
    if survey is None:
        raise ValueError("no such survey")
    audience = deed.store.audience(survey.info["list_id"])
    contact = str(deed.member(audience)["contact_id"])
    return write_answer(survey, contact, _at(deed), f"{deed.given['value']}", str(deed.given.get("text", "")))


HAPPENINGS: dict[str, Callable[[Deed], dict[str, Any]]] = {
    "answer": answer,
    "bounce": bounce,
    "cart": cart,
    "click": click,
    "delete_order": delete_order,
    "open": open_mail,
    "order": order,
    "send": send,
}
