"""The CRM object types: names, type ids, and which properties come without asking."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One CRM object type.

    created, modified: names of the properties holding those instants.
    shown: properties in every reply that asks for none by name (always with created, modified and id).
    searched: properties that the free-text ``query`` of a search looks at.
    scope: the ``X`` of ``crm.objects.X.read``.
    first_id: where ids begin; chosen so that they soon gain a digit and compare wrongly as text.
    """

    name: str
    singular: str
    type_id: str
    scope: str
    shown: tuple[str, ...]
    first_id: int
    searched: tuple[str, ...] = ()
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    read_only: bool = False
    merge_makes_new_id: bool = False
    can_merge: bool = False

    @property
    def always(self) -> tuple[str, str, str]:
        return (self.created, "hs_object_id", self.modified)

    @property
    def upper(self) -> str:
        return self.singular.upper()


def _engagement(name: str, singular: str, type_id: str, first_id: int) -> ObjectType:
    return ObjectType(name, singular, type_id, "contacts", (), first_id)


OBJECT_TYPES = (
    ObjectType(
        "contacts",
        "contact",
        "0-1",
        "contacts",
        ("email", "firstname", "lastname"),
        851,
        searched=("firstname", "lastname", "email", "phone", "hs_additional_emails", "company"),
        created="createdate",
        modified="lastmodifieddate",
        merge_makes_new_id=True,
        can_merge=True,
    ),
    ObjectType(
        "companies",
        "company",
        "0-2",
        "companies",
        ("domain", "name"),
        9900001,
        searched=("name", "domain", "phone", "website"),
        created="createdate",
        merge_makes_new_id=True,
        can_merge=True,
    ),
    ObjectType(
        "deals",
        "deal",
        "0-3",
        "deals",
        ("amount", "closedate", "dealname", "dealstage", "pipeline"),
        99001,
        searched=("dealname", "pipeline", "dealstage", "description"),
        created="createdate",
        can_merge=True,
    ),
    ObjectType(
        "tickets",
        "ticket",
        "0-5",
        "tickets",
        ("subject", "content", "hs_pipeline", "hs_pipeline_stage"),
        5001,
        searched=("subject", "content"),
        created="createdate",
        can_merge=True,
    ),
    ObjectType(
        "products", "product", "0-7", "products", ("name", "price", "description"), 701, ("name", "hs_sku")
    ),
    ObjectType(
        "line_items", "line_item", "0-8", "line_items", ("name", "price", "quantity"), 80001, ("name",)
    ),
    ObjectType("quotes", "quote", "0-14", "quotes", ("hs_title", "hs_status"), 1401, ("hs_title",)),
    ObjectType("invoices", "invoice", "0-53", "invoices", ("hs_currency", "hs_invoice_status"), 5301),
    ObjectType("leads", "lead", "0-136", "leads", ("hs_lead_name",), 13601, ("hs_lead_name",)),
    ObjectType(
        "carts", "cart", "0-142", "carts", ("hs_cart_name", "hs_total_price"), 14201, ("hs_cart_name",)
    ),
    ObjectType(
        "orders", "order", "0-123", "orders", ("hs_order_name", "hs_total_price"), 12301, ("hs_order_name",)
    ),
    ObjectType(
        "feedback_submissions",
        "feedback_submission",
        "0-19",
        "feedback_submissions",
        (),
        19001,
        read_only=True,
    ),
    _engagement("meetings", "meeting", "0-47", 47001),
    _engagement("calls", "call", "0-48", 48001),
    _engagement("notes", "note", "0-46", 46001),
    _engagement("tasks", "task", "0-27", 27001),
    _engagement("emails", "email", "0-49", 49001),
    _engagement("communications", "communication", "0-18", 18001),
)

_BY_ANY_NAME = {
    key: kind
    for kind in OBJECT_TYPES
    for key in (kind.name, kind.singular, kind.type_id, kind.singular.upper())
}


def object_type(any_name: str) -> ObjectType | None:
    """By plural (``contacts``), singular (``contact``) or type id (``0-1``); None if there is none."""
    return _BY_ANY_NAME.get(any_name)
