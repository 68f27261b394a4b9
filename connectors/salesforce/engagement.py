"""What people did: calls, meetings, tickets and campaigns, and the lists that are campaigns."""

import pyarrow as pa
import pyarrow.compute as pc

from connectors.salesforce.columns import Columns
from connectors.salesforce.errors import VENDOR
from connectors.salesforce.layout import Filled, Layout, table, true


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
    rows = table("activity_records", page.rows, record)
    kept = true(pc.or_(is_lead, is_contact))
    return rows.filter(kept if mask is None else pc.and_(kept, mask))


def calls(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    dates = ("CompletedDateTime", "ActivityDate", "CreatedDate")
    made = pc.and_(true(pc.equal(page.of("TaskSubtype"), "Call")), true(page.of("IsClosed")))
    edited = pc.greater(page.of("SystemModstamp"), page.of("CreatedDate"))
    filled = {
        **layout.filled(page, "activity_records"),
        "type": "call",
        "unit": "s",
        "occurred_at": pc.coalesce(*(page.of(field) for field in dates)),
        "deleted": pc.or_(page.of("IsDeleted"), pc.invert(made)),
    }
    return {"activity_records": _activities(page, "task", page.of("WhoId"), filled, pc.or_(made, edited))}


def meetings(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    """One a meeting: an invitee's copy and the pattern of a series are events too, and are left out."""
    held = pc.invert(pc.or_(true(page.of("IsChild")), true(page.of("IsRecurrence"))))
    filled = {
        **layout.filled(page, "activity_records"),
        "type": "meeting",
        "value": pc.multiply(page.of("DurationInMinutes"), 60.0),
        "unit": "s",
        "occurred_at": pc.coalesce(page.of("StartDateTime"), page.of("ActivityDate")),
    }
    return {"activity_records": _activities(page, "event", page.of("WhoId"), filled, held)}


def cases(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    filled = {
        **layout.filled(page, "activity_records"),
        "type": "support_ticket",
        "occurred_at": page.of("CreatedDate"),
    }
    return {"activity_records": _activities(page, "case", page.of("ContactId"), filled)}


def members(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    """What a membership says somebody did; a webinar's attendee had registered too."""
    # a converted lead's membership names both; the contact is who lives on
    who = pc.coalesce(page.of("ContactId"), page.of("LeadId"))
    kind, status = page.of("Campaign.Type"), page.of("Status")
    responded = true(page.of("HasResponded"))
    webinar = true(pc.equal(kind, "Webinar"))
    in_person = true(pc.is_in(kind, pa.array(["Event", "Trade Show", "Conference"])))
    starts_at, joined_at = page.of("Campaign.StartDate"), page.of("CreatedDate")
    answered_at = pc.coalesce(page.of("FirstRespondedDate"), starts_at, joined_at)
    held_at = pc.coalesce(starts_at, answered_at)
    other = pc.invert(pc.or_(webinar, in_person))
    attended = true(pc.equal(status, "Attended"))
    signed_up = pc.or_(attended, true(pc.equal(status, "Registered")))
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
    return {"observed": table("observed", page.rows, record).filter(pc.is_valid(field))}
