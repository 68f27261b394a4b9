"""People, companies and deals, and our own fields on them."""

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce.columns import Columns
from connectors.salesforce.errors import VENDOR
from connectors.salesforce.layout import Layout, table, true
from core.tables import CONVERTED, DELETED, LIVE, MERGED

#: Domain of a website: without scheme, www, path, port or query.
_NOT_DOMAIN = r"^\s*(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?|[/?#:].*$|\s+$"


def _state(page: Columns, *, converts: bool = False, merges: bool = True) -> tuple[pa.Array, pa.Array]:
    """``(state, MasterRecordId of merged rows)``."""
    deleted = page.of("IsDeleted")
    state = pc.if_else(page.of("IsConverted"), CONVERTED, LIVE) if converts else pa.repeat(LIVE, page.rows)
    state = pc.if_else(deleted, DELETED, state)
    if not merges:
        return state, pa.nulls(page.rows, pa.string())
    master = page.of("MasterRecordId")
    merged = pc.and_(deleted, pc.is_valid(master))
    none = pa.scalar(None, pa.string())
    return pc.if_else(merged, MERGED, state), pc.if_else(merged, master, none)


def _named(object_name: str, ids: pa.Array) -> pa.Array:
    """``salesforce:Lead:00Q…``; null stays null."""
    return pc.binary_join_element_wise(f"{VENDOR}:{object_name}", ids, ":")


def persons(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    is_lead = layout.source.object == "Lead"
    state, master = _state(page, converts=is_lead)
    successor = _named(layout.source.object, master)
    if is_lead:
        contact = _named("Contact", page.of("ConvertedContactId"))
        none = pa.scalar(None, pa.string())
        successor = pc.coalesce(successor, pc.if_else(pc.equal(state, CONVERTED), contact, none))
    filled = layout.filled(page, "person_records")
    if page.knows("IsPersonAccount") and "company_record_id" in filled:
        # the account of a person account is the person again, no company
        none = pa.scalar(None, pa.string())
        filled["company_record_id"] = pc.if_else(_persons_only(page), none, filled["company_record_id"])
    record = {
        **filled,
        **layout.key(page),
        "state": state,
        "successor": successor,
        "modified_at": page.of("SystemModstamp"),
        "attributes": layout.attribute_texts(page),
    }
    return {
        "person_records": table("person_records", page.rows, record),
        "consent_records": _consents(layout, page),
        **_observed(layout, page),
    }


def _consents(layout: Layout, page: Columns) -> pa.Table:
    """An opt-out is a refusal; its absence is no consent."""
    status: pa.Array | str = "none"
    if "HasOptedOutOfEmail" in layout.source.further and page.knows("HasOptedOutOfEmail"):
        status = pc.if_else(true(page.of("HasOptedOutOfEmail")), "unsubscribed", "none")
    return table("consent_records", page.rows, {**layout.key(page), "channel": "email", "status": status})


def companies(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    state, master = _state(page)
    filled = layout.filled(page, "company_records")
    domain, kind = filled.get("domain"), filled.get("is_customer")
    if isinstance(domain, pa.Array):
        filled["domain"] = _domain(domain)
    if isinstance(kind, pa.Array) and pa.types.is_string(kind.type):
        filled["is_customer"] = pc.starts_with(kind, "Customer")
    record = {
        **filled,
        **layout.key(page),
        "state": state,
        "successor": _named("Account", master),
        "modified_at": page.of("SystemModstamp"),
        "attributes": layout.attribute_texts(page),
    }
    tables = {"company_records": table("company_records", page.rows, record), **_observed(layout, page)}
    if not page.knows("IsPersonAccount"):
        return tables
    companies = page.of("Id").filter(pc.invert(_persons_only(page)))
    return {
        name: table.filter(pc.is_in(table.column("record_id"), companies)) for name, table in tables.items()
    }


def _persons_only(page: Columns) -> pa.Array:
    """Which rows are person accounts: one person, kept as an account and a contact."""
    return true(page.of("IsPersonAccount"))


def _domain(websites: pa.Array) -> pa.Array:
    bare = pc.replace_substring_regex(pc.utf8_lower(websites), _NOT_DOMAIN, "")
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def deals(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    state, _ = _state(page, merges=False)
    filled = layout.filled(page, "deal_records")
    record = {**filled, **layout.key(page), "state": state, "modified_at": page.of("SystemModstamp")}
    return {"deal_records": table("deal_records", page.rows, record)}


def roles(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    record = {
        **layout.filled(page, "deal_roles"),
        "vendor": VENDOR,
        "deal_object": "Opportunity",
        "object": "Contact",
        "deleted": page.of("IsDeleted"),
    }
    rows = table("deal_roles", page.rows, record)
    return {"deal_roles": rows.filter(pc.is_valid(rows.column("record_id")))}


def _observed(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    """A row per record and field of ours that the org has."""
    if not layout.observed:
        return {}
    key = layout.key(page)
    tables = [
        table("observed", page.rows, {**key, "field": field, "value": _canonical(page.of(field))})
        for field in layout.observed
    ]
    return {"observed": pa.concat_tables(tables)}


def _canonical(values: pa.Array) -> pa.Array:
    """As text: whole numbers without decimals, dates ISO."""
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values, "%Y-%m-%dT%H:%M:%SZ")
    return values.cast(pa.string())
