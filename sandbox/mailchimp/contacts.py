"""One member's own history, the events a program sends about them, and the journeys they are put on."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from sandbox.mailchimp.call import Call, Json, string
from sandbox.mailchimp.problems import invalid, missing
from sandbox.mailchimp.stamps import read_stamp
from sandbox.mailchimp.store import Audience, member_id

_NAME = re.compile(r"[A-Za-z0-9_\- ]{2,30}")
_ALIASES = {
    "bounce": "bounce",
    "click": "click",
    "open": "open",
    "sent": "sent",
    "unsub": "unsub",
    "order": "order",
}


def _history(call: Call, audience: Audience, member: Json) -> list[Json]:
    """Everything known of one member, newest first."""
    found = [*_mail(call, member), *_orders(call, member)]
    found += [
        {"activity_type": "event", "created_at_timestamp": event["occurred_at"], "event_name": event["name"]}
        for event in audience.events.get(member["id"], [])
    ]
    if member["timestamp_signup"]:
        found.append({"activity_type": "signup", "created_at_timestamp": member["timestamp_signup"]})
    return sorted(found, key=lambda entry: str(entry["created_at_timestamp"]), reverse=True)


def _mail(call: Call, member: Json) -> Iterator[Json]:
    for held, recipient in call.store.sent(member["contact_id"]):
        about = {"campaign_id": held["id"], "campaign_title": held["title"]}
        yield {"activity_type": "sent", "created_at_timestamp": held["send_time"], **about}
        for event in recipient["activity"]:
            entry = {"activity_type": event["action"], "created_at_timestamp": event["timestamp"], **about}
            if event["action"] == "click":
                entry["link_clicked"] = event["url"]
            if event["action"] == "bounce":
                entry["bounce_type"] = event["type"]
            yield entry
        if recipient["unsubscribed"] is not None:
            left = recipient["unsubscribed"]
            yield {
                "activity_type": "unsub",
                "created_at_timestamp": left["timestamp"],
                "unsubscribe_reason": left["reason"],
                **about,
            }


def _orders(call: Call, member: Json) -> Iterator[Json]:
    for key, shop in call.store.shops.items():
        for order in shop.orders.values():
            if member_id(shop.customers[order["customer"]]["email_address"]) == member["id"]:
                yield {
                    "activity_type": "order",
                    "created_at_timestamp": order["processed_at_foreign"],
                    "store_id": key,
                    "order_id": order["id"],
                    "order_total": str(order["order_total"]),
                }


def activity_feed(call: Call, list_id: str, key: str) -> Json:
    """GET /lists/{id}/members/{hash}/activity-feed, by pages; ``activity_filters`` keeps some kinds."""
    audience = call.store.audience(list_id)
    member = audience.member(key)
    wanted = {_ALIASES.get(kind, kind) for kind in (call.text("activity_filters") or "").split(",") if kind}
    rows = [
        entry for entry in _history(call, audience, member) if not wanted or entry["activity_type"] in wanted
    ]
    answer = call.page("activity", rows, dict, email_id=member["id"], list_id=list_id)
    del answer["total_items"]
    return answer


def activity(call: Call, list_id: str, key: str) -> Json:
    """GET /lists/{id}/members/{hash}/activity: the last fifty."""
    audience = call.store.audience(list_id)
    member = audience.member(key)
    rows = [_old_form(entry) for entry in _mail(call, member)]
    rows.sort(key=lambda entry: str(entry["timestamp"]), reverse=True)
    ids = {"email_id": member["id"], "contact_id": member["contact_id"], "list_id": list_id}
    return {"activity": rows[:50], **ids, "total_items": min(len(rows), 50), **call.links()}


def _old_form(entry: Json) -> Json:
    told = {
        "action": entry["activity_type"],
        "timestamp": entry["created_at_timestamp"],
        "type": entry.get("bounce_type", ""),
    }
    told |= {
        "url": entry.get("link_clicked", ""),
        "campaign_id": entry["campaign_id"],
        "title": entry["campaign_title"],
    }
    return told


def list_events(call: Call, list_id: str, key: str) -> Json:
    """GET /lists/{id}/members/{hash}/events."""
    audience = call.store.audience(list_id)
    rows = audience.events.get(audience.member(key)["id"], [])
    return call.page(
        "events", rows, lambda e: {name: value for name, value in e.items() if name != "is_syncing"}
    )


def add_event(call: Call, list_id: str, key: str) -> None:
    """POST /lists/{id}/members/{hash}/events; sent twice, it happened twice."""
    audience, body = call.store.audience(list_id), call.body()
    member = audience.member(key)
    name = str(string(body, "name"))
    if not _NAME.fullmatch(name):
        raise invalid(
            ("name", "Event names are 2 to 30 characters of letters, digits, dashes and underscores.")
        )
    properties = body.get("properties") or {}
    if not isinstance(properties, dict) or not all(isinstance(value, str) for value in properties.values()):
        raise invalid(("properties", "Schema describes object of strings"))
    occurred = body.get("occurred_at")
    at = call.stamp if occurred is None else read_stamp("occurred_at", str(occurred))
    event = {
        "occurred_at": at,
        "name": name,
        "properties": properties,
        "is_syncing": bool(body.get("is_syncing")),
    }
    audience.events[member["id"]].append(event)


def _known(call: Call, test: Callable[[Json], bool], key: str) -> bool:
    audiences = call.store.audiences.values()
    return any(key in audience.members and test(audience.members[key]) for audience in audiences)


def trigger(call: Call, journey_id: str, step_id: str) -> None:
    """POST /customer-journeys/…/trigger: puts a subscribed contact on the journey, each time it is called."""
    if not (journey_id.isdecimal() and step_id.isdecimal()):
        raise missing()
    entries = call.store.journeys.get((int(journey_id), int(step_id)))
    if entries is None:
        raise missing()
    address = str(string(call.body(), "email_address"))
    if not _known(call, lambda member: member["status"] == "subscribed", member_id(address)):
        raise invalid(("email_address", "This contact is not subscribed to the audience of the journey."))
    entries.append({"email_address": address, "at": call.stamp})


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/lists/<list_id>/members/<key>/activity-feed", activity_feed),
    ("GET", "/lists/<list_id>/members/<key>/activity", activity),
    ("GET", "/lists/<list_id>/members/<key>/events", list_events),
    ("POST", "/lists/<list_id>/members/<key>/events", add_event),
    ("POST", "/customer-journeys/journeys/<journey_id>/steps/<step_id>/actions/trigger", trigger),
]
