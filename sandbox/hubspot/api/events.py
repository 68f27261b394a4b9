"""``/events/v3``: page visits and custom events, read and sent. Marketing e-mail is not among them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from itertools import islice
from typing import Any

from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.occurrences import Asked, Occurrence
from sandbox.hubspot.values import iso_ms, parse_ms

_PAGE = 100
_FOREVER = 1 << 60


def _instant(call: Call, name: str, default: int) -> int:
    raw = call.text(name)
    if not raw:
        return default
    try:
        return parse_ms(raw)
    except ValueError:
        raise invalid(f"Unable to parse value for query parameter {name}: {raw}") from None


def occurrences(call: Call) -> Answer:
    """Newest first unless ``sort=occurredAt``; ``after`` is opaque."""
    kind = call.portal.kind(call.text("objectType") or "contact")
    raw_id, event_type = call.text("objectId"), call.text("eventType")
    if event_type and event_type not in call.portal.occurrences.definitions:
        raise invalid(f"Event type {event_type} is unknown")
    store = call.portal.stores[kind.name]
    asked = Asked(
        event_type or None,
        kind.name,
        store.resolve(int(raw_id)) if raw_id and raw_id.isdigit() else None,
        _instant(call, "occurredAfter", 0),
        _instant(call, "occurredBefore", _FOREVER),
        newest_first=call.several("sort") not in (["occurredAt"], ["ASCENDING"]),
        after=_place(call.text("after")),
    )
    limit = call.number("limit", 10, high=_PAGE)
    found = list(islice(call.portal.occurrences.walk(asked), limit + 1))
    results = [_shown(call, kind.singular, one) for one in found[:limit]]
    return 200, {"results": results, **call.paging(_token(found[limit - 1]) if len(found) > limit else None)}


def _token(one: Occurrence) -> str:
    return urlsafe_b64encode(f"{one.at_ms}:{one.id}".encode()).decode().rstrip("=")


def _place(token: str | None) -> tuple[int, str] | None:
    if not token:
        return None
    try:
        at_ms, _, event_id = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(":")
        return int(at_ms), event_id
    except ValueError:
        raise invalid("The after token is not valid for this query") from None


def _shown(call: Call, object_type: str, one: Occurrence) -> dict[str, Any]:
    return {
        "id": one.id,
        "eventType": one.event_type,
        "objectType": object_type.upper(),
        "objectId": str(call.portal.occurrences.owner(one)),
        "occurredAt": iso_ms(one.at_ms),
        "properties": one.properties,
    }


def event_types(call: Call) -> Answer:
    return 200, {"eventTypes": sorted(call.portal.occurrences.definitions)}


def send(call: Call) -> Answer:
    _take(call, call.body())
    return 204, None


def send_many(call: Call) -> Answer:
    inputs = call.inputs(500)
    for one in inputs:
        _take(call, one)
    call.wrote(len(inputs))
    return 204, None


def _take(call: Call, given: dict[str, Any]) -> None:
    name = str(given.get("eventName") or "")
    if name not in call.portal.occurrences.definitions:
        raise not_found(f"Event type {name} is unknown")
    store = call.portal.stores["contacts"]
    raw_id, address = str(given.get("objectId") or ""), str(given.get("email") or "")
    record = store.find(int(raw_id)) if raw_id.isdigit() else store.find_by("email", address)
    if record is None:
        raise invalid("An event needs the objectId or the email of an existing contact")
    at_ms = parse_ms(str(given["occurredAt"])) if given.get("occurredAt") else call.portal.now_ms
    properties = {key: str(value) for key, value in (given.get("properties") or {}).items()}
    event_id = str(given.get("uuid") or call.portal.correlation_id())
    call.portal.occurrences.add(Occurrence(at_ms, event_id, name, record.id, properties))


_READ = ("business-intelligence",)
_SEND = ("analytics.behavioral_events.send",)
ROUTES = (
    Route("GET", "/events/v3/events", occurrences, _READ, tier="enterprise"),
    Route("GET", "/events/v3/events/event-types", event_types, _READ, tier="enterprise"),
    Route("POST", "/events/v3/send", send, _SEND, write=True, tier="enterprise"),
    Route("POST", "/events/v3/send/batch", send_many, _SEND, write=True, tier="enterprise"),
)
