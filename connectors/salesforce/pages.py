"""Vendor columns → our tables: one function per kind of object, whole columns at a time."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce.columns import Columns
from connectors.salesforce.errors import VENDOR
from connectors.salesforce.streams import Source
from core.tables import CONVERTED, DELETED, LIVE, MERGED, PULLED

Filled = Mapping[str, pa.Array | pa.Scalar | str | bool | None]

#: Domain of a website: without scheme, www, path, port or query.
_NOT_DOMAIN = r"^\s*(?:[a-z][a-z0-9+.-]*://)?(?:www\.)?|[/?#:].*$|\s+$"


class Layout:
    """What a page of one source becomes, with the connection's mapping applied.

    columns: our column → vendor field. attributes: attribute → vendor field. observed: our own fields that
    exist in the org. lists: campaign id → list name.
    """

    def __init__(
        self,
        source: Source,
        columns: Mapping[str, str],
        attributes: Mapping[str, str],
        observed: tuple[str, ...],
        lists: Mapping[str, str],
    ) -> None:
        self.source, self.columns, self.attributes = source, columns, attributes
        self.observed, self.lists = observed, lists

    def tables(self, page: Columns) -> dict[str, pa.Table]:
        """Tables of ``core.tables.PULLED`` by name."""
        return _BUILDERS[self.source.stream.name](self, page)

    def filled(self, page: Columns, table: str) -> dict[str, pa.Array | str | None]:
        """Our columns of this table that a vendor field fills, before any are computed."""
        wanted = set(PULLED[table].names)
        return {column: page.of(field) for column, field in self.columns.items() if column in wanted}

    def key(self, page: Columns) -> dict[str, pa.Array | str | None]:
        return {"vendor": VENDOR, "object": self.source.object, "record_id": page.of("Id")}

    def attribute_texts(self, page: Columns) -> pa.Array | None:
        """One JSON object a record, without empty values; None when no attributes are mapped."""
        if not self.attributes:
            return None
        values = [page.of(field).to_pylist() for field in self.attributes.values()]
        rows = zip(*values, strict=True)
        return pa.array([_json_object(self.attributes, row) for row in rows], pa.string())


def _json_object(names: Mapping[str, str], values: tuple[object, ...]) -> str:
    pairs = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return json.dumps(pairs, ensure_ascii=False, default=_iso)


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _table(name: str, rows: int, filled: Filled) -> pa.Table:
    """A table of this schema; columns not given are null, single values stand in every row."""
    arrays = []
    for field in PULLED[name]:
        value = filled.get(field.name)
        if isinstance(value, pa.ChunkedArray):
            value = value.combine_chunks()
        if isinstance(value, pa.Array):
            arrays.append(_as(value, field.type))
        elif value is None:
            arrays.append(pa.nulls(rows, field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(value, field.type), rows))
    return pa.Table.from_arrays(arrays, schema=PULLED[name])


def _as(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if array.type == kind:
        return array
    if pa.types.is_integer(kind) and pa.types.is_floating(array.type):
        return pc.round(array).cast(kind, safe=False)
    return array.cast(kind)


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


def _persons(layout: Layout, page: Columns) -> dict[str, pa.Table]:
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
        "person_records": _table("person_records", page.rows, record),
        "consent_records": _consents(layout, page),
        **_observed(layout, page),
    }


def _true(flags: pa.Array) -> pa.Array:
    """Null counts as false."""
    return pc.fill_null(flags, fill_value=False)


def _consents(layout: Layout, page: Columns) -> pa.Table:
    """An opt-out is a refusal; its absence is no consent."""
    status: pa.Array | str = "none"
    if "HasOptedOutOfEmail" in layout.source.further and page.knows("HasOptedOutOfEmail"):
        status = pc.if_else(_true(page.of("HasOptedOutOfEmail")), "unsubscribed", "none")
    return _table("consent_records", page.rows, {**layout.key(page), "channel": "email", "status": status})


def _companies(layout: Layout, page: Columns) -> dict[str, pa.Table]:
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
    tables = {"company_records": _table("company_records", page.rows, record), **_observed(layout, page)}
    if not page.knows("IsPersonAccount"):
        return tables
    companies = page.of("Id").filter(pc.invert(_persons_only(page)))
    return {
        name: table.filter(pc.is_in(table.column("record_id"), companies)) for name, table in tables.items()
    }


def _persons_only(page: Columns) -> pa.Array:
    """Which rows are person accounts: one person, kept as an account and a contact."""
    return _true(page.of("IsPersonAccount"))


def _domain(websites: pa.Array) -> pa.Array:
    bare = pc.replace_substring_regex(pc.utf8_lower(websites), _NOT_DOMAIN, "")
    return pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)


def _deals(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    state, _ = _state(page, merges=False)
    filled = layout.filled(page, "deal_records")
    record = {**filled, **layout.key(page), "state": state, "modified_at": page.of("SystemModstamp")}
    return {"deal_records": _table("deal_records", page.rows, record)}


def _roles(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    record = {
        **layout.filled(page, "deal_roles"),
        "vendor": VENDOR,
        "deal_object": "Opportunity",
        "object": "Contact",
        "deleted": page.of("IsDeleted"),
    }
    table = _table("deal_roles", page.rows, record)
    return {"deal_roles": table.filter(pc.is_valid(table.column("record_id")))}


def _observed(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    """A row per record and field of ours that the org has."""
    if not layout.observed:
        return {}
    key = layout.key(page)
    tables = [
        _table("observed", page.rows, {**key, "field": field, "value": _canonical(page.of(field))})
        for field in layout.observed
    ]
    return {"observed": pa.concat_tables(tables)}


def _canonical(values: pa.Array) -> pa.Array:
    """As text: whole numbers without decimals, dates ISO."""
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values, "%Y-%m-%dT%H:%M:%SZ")
    return values.cast(pa.string())


def _activities(
    page: Columns, prefix: str, who: pa.Array, filled: Filled, mask: pa.Array | None = None
) -> pa.Table:
    """Rows of people only: an activity about an account alone names nobody."""
    is_lead, is_contact = pc.starts_with(who, "00Q"), pc.starts_with(who, "003")
    record = {
        "vendor": VENDOR,
        "activity_id": pc.binary_join_element_wise(prefix, page.of("Id"), ":"),
        "object": pc.if_else(is_lead, "Lead", "Contact"),
        "record_id": who,
        "deleted": page.of("IsDeleted"),
        **filled,
    }
    table = _table("activity_records", page.rows, record)
    kept = _true(pc.or_(is_lead, is_contact))
    return table.filter(kept if mask is None else pc.and_(kept, mask))


def _calls(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    dates = ("CompletedDateTime", "ActivityDate", "CreatedDate")
    made = pc.and_(_true(pc.equal(page.of("TaskSubtype"), "Call")), _true(page.of("IsClosed")))
    edited = pc.greater(page.of("SystemModstamp"), page.of("CreatedDate"))
    filled = {
        **layout.filled(page, "activity_records"),
        "type": "call",
        "unit": "s",
        "occurred_at": pc.coalesce(*(page.of(field) for field in dates)),
        "deleted": pc.or_(page.of("IsDeleted"), pc.invert(made)),
    }
    return {"activity_records": _activities(page, "task", page.of("WhoId"), filled, pc.or_(made, edited))}


def _meetings(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    filled = {
        **layout.filled(page, "activity_records"),
        "type": "meeting",
        "value": pc.multiply(page.of("DurationInMinutes"), 60.0),
        "unit": "s",
        "occurred_at": pc.coalesce(page.of("StartDateTime"), page.of("ActivityDate")),
    }
    return {"activity_records": _activities(page, "event", page.of("WhoId"), filled)}


def _cases(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    filled = {
        **layout.filled(page, "activity_records"),
        "type": "support_ticket",
        "occurred_at": page.of("CreatedDate"),
    }
    return {"activity_records": _activities(page, "case", page.of("ContactId"), filled)}


def _members(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    """What a membership says somebody did; a webinar's attendee had registered too."""
    # a converted lead's membership names both; the contact is who lives on
    who = pc.coalesce(page.of("ContactId"), page.of("LeadId"))
    kind, status = page.of("Campaign.Type"), page.of("Status")
    responded = _true(page.of("HasResponded"))
    webinar = _true(pc.equal(kind, "Webinar"))
    in_person = _true(pc.is_in(kind, pa.array(["Event", "Trade Show", "Conference"])))
    starts_at, joined_at = page.of("Campaign.StartDate"), page.of("CreatedDate")
    answered_at = pc.coalesce(page.of("FirstRespondedDate"), starts_at, joined_at)
    held_at = pc.coalesce(starts_at, answered_at)
    other = pc.invert(pc.or_(webinar, in_person))
    attended = _true(pc.equal(status, "Attended"))
    signed_up = pc.or_(attended, _true(pc.equal(status, "Registered")))
    name = page.of("Campaign.Name")
    facts = (
        ("webinar_register", webinar, signed_up, joined_at),
        ("webinar_attend", webinar, attended, held_at),
        ("event_attend", in_person, responded, held_at),
        ("campaign_response", other, responded, answered_at),
    )
    gone = page.of("IsDeleted")
    edited = pc.greater(page.of("SystemModstamp"), joined_at)
    tables = []
    for activity, possible, happened, at in facts:
        # one id per type: a status that moved on withdraws what it no longer says
        filled = {"type": activity, "occurred_at": at, "asset": name, "campaign": name}
        filled["deleted"] = pc.or_(gone, pc.invert(happened))
        kept = pc.and_(possible, pc.or_(happened, edited))
        tables.append(_activities(page, f"member:{activity}", who, filled, kept))
    return {"activity_records": pa.concat_tables(tables), **_memberships(layout, page, who)}


def _memberships(layout: Layout, page: Columns, who: pa.Array) -> dict[str, pa.Table]:
    """Our lists as observed rows: ``member``, or null once removed."""
    if not layout.lists:
        return {}
    campaigns = page.of("CampaignId")
    ids = pa.array(list(layout.lists), pa.string())
    names = pa.array([f"list:{name}" for name in layout.lists.values()], pa.string())
    field = names.take(pc.index_in(campaigns, ids))
    record = {
        "vendor": VENDOR,
        "object": pc.if_else(pc.starts_with(who, "00Q"), "Lead", "Contact"),
        "record_id": who,
        "field": field,
        "value": pc.if_else(page.of("IsDeleted"), pa.scalar(None, pa.string()), "member"),
    }
    return {"observed": _table("observed", page.rows, record).filter(pc.is_valid(field))}


_BUILDERS: Mapping[str, Callable[[Layout, Columns], dict[str, pa.Table]]] = {
    "accounts": _companies,
    "contacts": _persons,
    "leads": _persons,
    "opportunities": _deals,
    "contact_roles": _roles,
    "campaign_members": _members,
    "tasks": _calls,
    "events": _meetings,
    "cases": _cases,
}
