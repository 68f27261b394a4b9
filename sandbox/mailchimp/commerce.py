"""E-commerce over HTTP. There are no date filters: whoever wants news reads everything."""

from collections.abc import Callable
from typing import Any

from sandbox.mailchimp.call import Call, Json
from sandbox.mailchimp.problems import missing
from sandbox.mailchimp.store import Shop


def shop(call: Call, store_id: str) -> Shop:
    """The store, or 404."""
    found = call.store.shops.get(store_id)
    if found is None:
        raise missing()
    return found


def _customer(held: Shop, customer_id: str) -> Json:
    """A customer with what the orders add up to."""
    theirs = [order for order in held.orders.values() if order["customer"] == customer_id]
    spent = round(sum(order["order_total"] for order in theirs), 2)
    return {**held.customers[customer_id], "orders_count": len(theirs), "total_spent": spent}


def _totals(held: Shop) -> Callable[[str], Json]:
    """Customers by id, their orders added up once for a whole page."""
    counts: dict[str, tuple[int, float]] = {}
    for order in held.orders.values():
        count, spent = counts.get(order["customer"], (0, 0.0))
        counts[order["customer"]] = (count + 1, spent + order["order_total"])

    def shown(customer_id: str) -> Json:
        count, spent = counts.get(customer_id, (0, 0.0))
        return {**held.customers[customer_id], "orders_count": count, "total_spent": round(spent, 2)}

    return shown


def _shown(call: Call, store_id: str, kind: str, row: Json, customer: Callable[[str], Json]) -> Json:
    links = {"_links": call.links_to(f"/3.0/ecommerce/stores/{store_id}/{kind}/{row['id']}")}
    if "customer" not in row:
        return {**row, **links}
    store = {"store_id": store_id} if kind == "orders" else {}
    return {**row, "customer": customer(row["customer"]), **store, **links}


def list_stores(call: Call) -> Json:
    """GET /ecommerce/stores."""
    rows = list(call.store.shops.values())
    return call.page(
        "stores",
        rows,
        lambda held: {**held.info, "_links": call.links_to(f"/3.0/ecommerce/stores/{held.info['id']}")},
    )


def get_store(call: Call, store_id: str) -> Json:
    """GET /ecommerce/stores/{id}."""
    return {**shop(call, store_id).info, **call.links()}


def list_orders(call: Call, store_id: str) -> Json:
    """GET /ecommerce/stores/{id}/orders."""
    held = shop(call, store_id)
    customer, wanted = _totals(held), call.text("customer_id")
    rows = [order for order in held.orders.values() if wanted in (None, order["customer"])]
    return call.page(
        "orders", rows, lambda row: _shown(call, store_id, "orders", row, customer), store_id=store_id
    )


def all_orders(call: Call) -> Json:
    """GET /ecommerce/orders: of every store."""
    rows = [(key, held, order) for key, held in call.store.shops.items() for order in held.orders.values()]
    totals = {key: _totals(held) for key, held in call.store.shops.items()}
    return call.page("orders", rows, lambda row: _shown(call, row[0], "orders", row[2], totals[row[0]]))


def list_carts(call: Call, store_id: str) -> Json:
    """GET /ecommerce/stores/{id}/carts."""
    held = shop(call, store_id)
    rows, customer = list(held.carts.values()), _totals(held)
    return call.page(
        "carts", rows, lambda row: _shown(call, store_id, "carts", row, customer), store_id=store_id
    )


def list_products(call: Call, store_id: str) -> Json:
    """GET /ecommerce/stores/{id}/products."""
    held = shop(call, store_id)
    rows, customer = list(held.products.values()), _totals(held)
    return call.page(
        "products", rows, lambda row: _shown(call, store_id, "products", row, customer), store_id=store_id
    )


def list_customers(call: Call, store_id: str) -> Json:
    """GET /ecommerce/stores/{id}/customers."""
    held = shop(call, store_id)
    customer, wanted = _totals(held), call.text("email_address")
    rows = [c for c in held.customers.values() if wanted in (None, c["email_address"])]
    return call.page(
        "customers",
        rows,
        lambda row: _shown(call, store_id, "customers", customer(row["id"]), customer),
        store_id=store_id,
    )


def get_order(call: Call, store_id: str, key: str) -> Json:
    """GET /ecommerce/stores/{id}/orders/{id}."""
    return _get(call, store_id, "orders", key)


def get_cart(call: Call, store_id: str, key: str) -> Json:
    """GET /ecommerce/stores/{id}/carts/{id}."""
    return _get(call, store_id, "carts", key)


def get_product(call: Call, store_id: str, key: str) -> Json:
    """GET /ecommerce/stores/{id}/products/{id}."""
    return _get(call, store_id, "products", key)


def get_customer(call: Call, store_id: str, key: str) -> Json:
    """GET /ecommerce/stores/{id}/customers/{id}."""
    held = shop(call, store_id)
    if key not in held.customers:
        raise missing()
    return {**_customer(held, key), **call.links()}


def _get(call: Call, store_id: str, kind: str, key: str) -> Json:
    held = shop(call, store_id)
    rows = {"orders": held.orders, "carts": held.carts, "products": held.products}[kind]
    if key not in rows:
        raise missing()
    return _shown(call, store_id, kind, rows[key], lambda customer: _customer(held, customer))


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/ecommerce/stores", list_stores),
    ("GET", "/ecommerce/stores/<store_id>", get_store),
    ("GET", "/ecommerce/orders", all_orders),
    ("GET", "/ecommerce/stores/<store_id>/orders", list_orders),
    ("GET", "/ecommerce/stores/<store_id>/orders/<key>", get_order),
    ("GET", "/ecommerce/stores/<store_id>/carts", list_carts),
    ("GET", "/ecommerce/stores/<store_id>/carts/<key>", get_cart),
    ("GET", "/ecommerce/stores/<store_id>/products", list_products),
    ("GET", "/ecommerce/stores/<store_id>/products/<key>", get_product),
    ("GET", "/ecommerce/stores/<store_id>/customers", list_customers),
    ("GET", "/ecommerce/stores/<store_id>/customers/<key>", get_customer),
]
