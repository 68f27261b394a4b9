"""Orders, carts and survey answers as rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from connectors import columns as col
from connectors.mailchimp.errors import VENDOR

_CANCELLED = frozenset({"cancelled", "canceled", "refunded", "voided"})


def purchases(store: str, orders: Sequence[Mapping[str, Any]], categories: Mapping[str, str]) -> pa.Table:
    """One row an order; a cancelled or refunded one is taken back."""
    occurred = [order.get("processed_at_foreign") or order.get("updated_at_foreign") for order in orders]
    void = [
        bool(order.get("cancelled_at_foreign")) or str(order.get("financial_status")).lower() in _CANCELLED
        for order in orders
    ]
    return _sales("order", "purchase", store, orders, categories, occurred, void)


def carts(store: str, found: Sequence[Mapping[str, Any]], categories: Mapping[str, str]) -> pa.Table:
    """One row a cart, dated by its last change."""
    occurred = [cart.get("updated_at") or cart.get("created_at") for cart in found]
    return _sales("cart", "cart_update", store, found, categories, occurred, [False] * len(found))


def _sales(
    prefix: str,
    activity: str,
    store: str,
    sales: Sequence[Mapping[str, Any]],
    categories: Mapping[str, str],
    occurred: Sequence[object],
    void: Sequence[bool],
) -> pa.Table:
    """Sales have no asset: a copy in another vendor has another number."""
    lines = [_main_line(sale) for sale in sales]
    length = len(sales)
    return col.table(
        "activity_records",
        {
            "vendor": col.constant(VENDOR, length),
            "activity_id": col.texts([f"{prefix}:{store}:{sale['id']}" for sale in sales]),
            "object": col.constant("members", length),
            "email": col.texts([(sale.get("customer") or {}).get("email_address") for sale in sales]),
            "type": col.constant(activity, length),
            "occurred_at": col.instants(occurred),
            "product": col.texts([line.get("product_title") for line in lines]),
            "category": col.texts([categories.get(str(line.get("product_id"))) for line in lines]),
            "value": col.numbers([sale.get("order_total") for sale in sales]),
            "unit": col.constant("money", length),
            "currency": col.texts([sale.get("currency_code") for sale in sales]),
            "campaign": col.texts([sale.get("campaign_id") for sale in sales]),
            "deleted": pa.array(void, pa.bool_()),
        },
        length,
    )


def _main_line(sale: Mapping[str, Any]) -> Mapping[str, Any]:
    """The line that costs most names the product."""
    return max(
        sale.get("lines") or ({},),
        key=lambda line: float(line.get("price") or 0) * float(line.get("quantity") or 1),
    )


def answers(
    list_id: str | None, kind: str, scale: tuple[int, int], found: Sequence[Mapping[str, Any]]
) -> pa.Table:
    """One row an answer to a rating question."""
    contacts = [one.get("contact") or {} for one in found]
    length = len(found)
    known = [
        f"{list_id}:{contact['contact_id']}" if list_id and contact.get("contact_id") else None
        for contact in contacts
    ]
    return col.table(
        "survey_records",
        {
            "vendor": col.constant(VENDOR, length),
            "response_id": col.texts([f"{one.get('response_id')}:{one.get('id')}" for one in found]),
            "object": col.constant("members", length),
            "record_id": col.texts(known),
            "email": col.texts([contact.get("email") for contact in contacts]),
            "kind": col.constant(kind, length),
            "answer": col.numbers([one.get("value") for one in found]),
            "scale_min": col.constant(scale[0], length, pa.int64()),
            "scale_max": col.constant(scale[1], length, pa.int64()),
            "answered_at": col.instants([one.get("submitted_at") for one in found]),
            "deleted": col.constant(value=False, length=length, kind=pa.bool_()),
        },
        length,
    )
