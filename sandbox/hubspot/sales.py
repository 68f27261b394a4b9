"""Orders and carts that a shop integration copies in: each with line items naming the products."""

from typing import Any

from sandbox.hubspot.growing import Registry
from sandbox.hubspot.records import Record, Write
from sandbox.hubspot.values import iso_ms, to_ms
from sandbox.world import Event, World

_STORE = "brightloom-shop"


class Sales:
    """An order or a cart is tied to its contact, and to one line item a product."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._portal = registry.portal

    def ordered(self, world: World, event: Event, contact: Record) -> None:
        order = event.order or {}
        values = {
            "hs_order_name": f"Order {order.get('id')}",
            "hs_external_order_id": str(order.get("hubspot_id") or order.get("id")),
            "hs_external_cart_id": str(order.get("cart") or ""),
            "hs_external_order_status": "paid",
            "hs_fulfillment_status": "fulfilled",
        }
        self._sale("orders", world, event, contact, values)

    def carted(self, world: World, event: Event, contact: Record) -> None:
        order = event.order or {}
        values = {
            "hs_cart_name": f"Cart {order.get('cart')}",
            "hs_external_cart_id": str(order.get("cart") or order.get("id")),
            "hs_external_status": "open",
            "hs_cart_url": event.asset or "",
        }
        self._sale("carts", world, event, contact, values)

    def _sale(
        self, kind_name: str, world: World, event: Event, contact: Record, values: dict[str, str]
    ) -> None:
        at_ms = to_ms(event.at)
        common = {
            "hs_external_created_date": iso_ms(at_ms),
            "hs_currency_code": event.currency or "USD",
            "hs_total_price": str(event.value),
            "hs_source_store": _STORE,
        }
        write = Write(at_ms, "INTEGRATION", "shopSync")
        record = self._portal.stores[kind_name].create({**common, **values}, write)
        kind = self._portal.kind(kind_name)
        self._portal.associate(kind, record.id, self._portal.kind("contacts"), contact.id)
        for line in (event.order or {}).get("lines") or []:
            item = self._line(world, line, event.currency or "USD", write)
            self._portal.associate(kind, record.id, self._portal.kind("line_items"), item.id)

    def _line(self, world: World, line: dict[str, Any], currency: str, write: Write) -> Record:
        product = world.products[line["product"]]
        values = {
            "name": product.name,
            "hs_product_id": str(self._registry.products[product.key]),
            "hs_sku": product.sku,
            "price": str(line["price"]),
            "quantity": str(line["quantity"]),
            "amount": str(round(line["price"] * line["quantity"], 2)),
            "hs_line_item_currency_code": currency,
        }
        return self._portal.stores["line_items"].create(values, write)
