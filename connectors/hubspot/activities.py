"""What people did, as HubSpot tells it, as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pyarrow as pa

from connectors import columns as col
from connectors.hubspot.errors import VENDOR
from connectors.hubspot.paging import Records

CONTACTS = "contacts"


@dataclass(frozen=True, slots=True)
class Engagement:
    """A HubSpot object that means an activity: which of its properties say when, what and how much.

    voided: ``(property, values)`` of records that did not come to pass.
    """

    kind: str
    activity: str
    prefix: str
    occurred: tuple[str, ...]
    asset: str | None = None
    value: str | None = None
    unit: str | None = None
    per_unit: float = 1
    currency: str | None = None
    voided: tuple[str, frozenset[str]] | None = None

    @property
    def properties(self) -> tuple[str, ...]:
        voiding = self.voided[0] if self.voided else None
        named = (*self.occurred, self.asset, self.value, self.currency, voiding)
        return tuple(dict.fromkeys(name for name in named if name))


ENGAGEMENTS = (
    Engagement(
        "calls",
        "call",
        "call",
        ("hs_timestamp", "hs_createdate"),
        "hs_call_title",
        "hs_call_duration",
        unit="s",
        per_unit=1000,
        voided=("hs_call_status", frozenset({"NO_ANSWER", "BUSY", "FAILED", "CANCELED", "QUEUED"})),
    ),
    Engagement(
        "meetings",
        "meeting",
        "meeting",
        ("hs_meeting_start_time", "hs_timestamp", "hs_createdate"),
        "hs_meeting_title",
        voided=("hs_meeting_outcome", frozenset({"NO_SHOW", "CANCELED", "RESCHEDULED"})),
    ),
    Engagement(
        "carts",
        "cart_update",
        "cart",
        ("hs_external_created_date", "hs_createdate"),
        None,
        "hs_total_price",
        unit="money",
        currency="hs_currency_code",
    ),
    Engagement(
        "orders",
        "purchase",
        "order",
        ("hs_external_created_date", "hs_createdate"),
        None,
        "hs_total_price",
        unit="money",
        currency="hs_currency_code",
    ),
)

#: E-mail event type → activity type.
EMAIL_EVENTS = {"SENT": "email_sent", "OPEN": "email_open", "CLICK": "email_click", "BOUNCE": "email_bounce"}
_UNSUBSCRIBED = "UNSUBSCRIBED"


def engagements(
    kind: Engagement, records: Records, contacts: Mapping[str, Sequence[str]], goods: Mapping[str, str]
) -> pa.Table:
    """One row a record and contact; from the second contact of a record on, its number is in the id.

    goods: product of a sale, by record id. Sales have no asset: a copy in another vendor has another number.
    """
    pairs = [
        (record.get("properties") or {}, record["id"], number, contact)
        for record in records
        for number, contact in enumerate(contacts.get(record["id"], ()), start=1)
    ]
    found = [properties for properties, *_ in pairs]
    length = len(pairs)
    values = col.numbers([properties.get(kind.value) for properties in found]) if kind.value else None
    return col.table(
        "activity_records",
        {
            **_keys(length),
            "activity_id": col.texts(
                [
                    f"{kind.prefix}:{at}" if number == 1 else f"{kind.prefix}:{at}:{number}"
                    for _, at, number, _ in pairs
                ]
            ),
            "record_id": col.texts([contact for *_, contact in pairs]),
            "type": col.constant(kind.activity, length),
            "occurred_at": col.instants([_first(properties, kind.occurred) for properties in found]),
            "product": col.texts([goods.get(at) for _, at, *_ in pairs]),
            "asset": col.texts([properties.get(kind.asset) if kind.asset else None for properties in found]),
            "deleted": pa.array([_is_void(kind, properties) for properties in found], pa.bool_()),
            **({"value": _scaled(values, kind.per_unit)} if values is not None else {}),
            **({"unit": col.constant(kind.unit, length)} if kind.unit else {}),
            **({"currency": col.texts([one.get(kind.currency) for one in found])} if kind.currency else {}),
        },
        length,
    )


def dearest(lines: Sequence[Mapping[str, Any]]) -> str:
    """Name of the line that costs most."""
    amounts = col.numbers([line.get("amount") for line in lines]).to_pylist()
    ranked = sorted(zip(lines, amounts, strict=True), key=lambda pair: -(pair[1] or 0))
    return str(ranked[0][0].get("name") or "") if ranked else ""


def gone(kind: Engagement, records: Records) -> pa.Table:
    """Archived records lose their associations: every id they may have been stored under is taken back."""
    ids = [f"{kind.prefix}:{record['id']}" for record in records]
    return col.table(
        "activity_records",
        {
            **_keys(len(ids)),
            "activity_id": col.texts(ids),
            "type": col.constant(kind.activity, len(ids)),
            "deleted": col.constant(value=True, length=len(ids), kind=pa.bool_()),
        },
        len(ids),
    )


def email_events(events: Records) -> pa.Table:
    """Marketing e-mail events; HubSpot marks opens and clicks of machines with ``filteredEvent``."""
    kept = [(event, activity) for event in events if (activity := _email_activity(event))]
    found = [event for event, _ in kept]
    return col.table(
        "activity_records",
        {
            **_keys(len(kept), kind=None),
            "activity_id": col.texts([f"email:{event['id']}" for event in found]),
            "email": col.texts([event.get("recipient") for event in found]),
            "type": col.texts([activity for _, activity in kept]),
            "occurred_at": col.epoch_ms([event.get("created") for event in found]),
            "asset": col.texts([event.get("url") or event.get("subject") for event in found]),
            "campaign": col.texts([event.get("emailCampaignId") for event in found]),
            "origin": col.texts(["machine" if event.get("filteredEvent") else None for event in found]),
        },
        len(kept),
    )


def submissions(guid: str, activity: str, sent: Records) -> pa.Table:
    """Form submissions; the address is what was typed into the form's e-mail field."""
    typed = [{one.get("name"): one.get("value") for one in each.get("values") or ()} for each in sent]
    ids = [_submission_id(guid, each, at) for each, at in zip(sent, typed, strict=True)]
    return col.table(
        "activity_records",
        {
            **_keys(len(sent), kind=None),
            "activity_id": col.texts(ids),
            "email": col.texts([at.get("email") for at in typed]),
            "type": col.constant(activity, len(sent)),
            "occurred_at": col.epoch_ms([each.get("submittedAt") for each in sent]),
            "asset": col.texts([each.get("pageUrl") for each in sent]),
            "campaign": col.constant(guid, len(sent)),
        },
        len(sent),
    )


def occurrences(activity: str, events: Records) -> pa.Table:
    """Analytics and custom events: page views, video plays."""
    properties = [event.get("properties") or {} for event in events]
    length = len(events)
    percent = col.numbers([one.get("percent") for one in properties])
    return col.table(
        "activity_records",
        {
            **_keys(length),
            "activity_id": col.texts([f"event:{event['id']}" for event in events]),
            "record_id": col.texts([event.get("objectId") for event in events]),
            "type": col.constant(activity, length),
            "occurred_at": col.instants([event.get("occurredAt") for event in events]),
            "asset": col.texts(
                [one.get("hs_url") or one.get("url") or one.get("video") for one in properties]
            ),
            "product": col.texts([one.get("product") for one in properties]),
            "value": percent,
            "unit": col.texts(["percent" if value is not None else None for value in percent.to_pylist()]),
        },
        length,
    )


def feedback(records: Records, *, archived: bool) -> pa.Table:
    """NPS and CSAT answers; other surveys are no satisfaction scale of ours."""
    kinds = {"NPS": "nps", "CSAT": "csat"}
    kept = [one for one in records if (one.get("properties") or {}).get("hs_survey_type") in kinds]
    properties = [one["properties"] for one in kept]
    length = len(kept)
    return col.table(
        "survey_records",
        {
            **_keys(length),
            "response_id": col.texts([one["id"] for one in kept]),
            "record_id": col.texts([one.get("hs_contact_id") for one in properties]),
            "email": col.texts([one.get("hs_contact_email_rollup") for one in properties]),
            "kind": col.texts([kinds[one["hs_survey_type"]] for one in properties]),
            "answer": col.numbers([one.get("hs_value") for one in properties]),
            "scale_min": pa.array(
                [0 if one["hs_survey_type"] == "NPS" else 1 for one in properties], pa.int64()
            ),
            "scale_max": pa.array(
                [10 if one["hs_survey_type"] == "NPS" else 5 for one in properties], pa.int64()
            ),
            "answered_at": col.instants(
                [one.get("hs_submission_timestamp") or one.get("hs_createdate") for one in properties]
            ),
            "deleted": col.constant(archived, length, pa.bool_()),
        },
        length,
    )


FEEDBACK_PROPERTIES = (
    "hs_survey_type",
    "hs_value",
    "hs_contact_id",
    "hs_contact_email_rollup",
    "hs_submission_timestamp",
    "hs_createdate",
)


def activity_named(name: str, patterns: Mapping[str, str]) -> str | None:
    """The activity type of the first pattern that matches a name, without regard to case."""
    folded = name.lower()
    return next((kind for pattern, kind in patterns.items() if fnmatchcase(folded, pattern.lower())), None)


def _keys(length: int, kind: str | None = CONTACTS) -> dict[str, pa.Array]:
    return {"vendor": col.constant(VENDOR, length), "object": col.constant(kind, length)}


def _first(properties: Mapping[str, Any], names: Sequence[str]) -> Any:  # noqa: ANN401  # as HubSpot sent it
    return next((properties[name] for name in names if properties.get(name)), None)


def _is_void(kind: Engagement, properties: Mapping[str, Any]) -> bool:
    return kind.voided is not None and properties.get(kind.voided[0]) in kind.voided[1]


def _scaled(values: pa.Array, per_unit: float) -> pa.Array:
    if per_unit == 1:
        return values
    return pa.array(
        [None if value is None else value / per_unit for value in values.to_pylist()], pa.float64()
    )


def _email_activity(event: Mapping[str, Any]) -> str | None:
    if event.get("type") == "STATUSCHANGE":
        changed = {one.get("status") or one.get("change") for one in event.get("subscriptions") or ()}
        left = event.get("portalSubscriptionStatus") == _UNSUBSCRIBED or changed & {_UNSUBSCRIBED}
        return "unsubscribe" if left else None
    return EMAIL_EVENTS.get(str(event.get("type")))


def _submission_id(guid: str, sent: Mapping[str, Any], typed: Mapping[Any, Any]) -> str:
    known = sent.get("conversionId") or f"{guid}:{sent.get('submittedAt')}:{typed.get('email')}"
    return f"form:{known}"
