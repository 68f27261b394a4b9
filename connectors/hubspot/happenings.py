"""Streams of dated events that HubSpot keeps apart from records: e-mails, forms, page views."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from connectors.base import Page, Token, Window
from connectors.hubspot import activities
from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.gateway import Gateway
from connectors.hubspot.paging import next_after, place_of, stuck

_EMAIL_PAGE = 1000
_EVENT_PAGE = 100


def email_events(gateway: Gateway, window: Window, resume: Token | None) -> Iterator[Page]:
    """Marketing e-mail events inside the window; the cursor is HubSpot's own."""
    query: dict[str, object] = {"limit": _EMAIL_PAGE, "endTimestamp": _ms(window.until) + 999}
    if window.since is not None:
        query["startTimestamp"] = _ms(window.since)
    offset = place_of(resume).get("offset")
    while True:
        answer = gateway.email_events({**query, **({"offset": offset} if offset else {})})
        events = list(answer.get("events") or ())
        following = str(answer["offset"]) if answer.get("hasMore") and answer.get("offset") else None
        if following is not None and following == offset:
            raise stuck("email events", offset)
        offset = following
        yield _page(
            activities.email_events(events), len(events), {"offset": offset} if offset else {"done": "1"}
        )
        if offset is None:
            return


def submissions(
    gateway: Gateway, connection: HubSpotConnection, window: Window, resume: Token | None
) -> Iterator[Page]:
    """Submissions of every form, newest first, back to the beginning of the window."""
    place = place_of(resume)
    for guid, name in sorted(_forms(gateway).items()):
        if guid < place.get("form", ""):
            continue
        after = place.get("after") if guid == place.get("form") else None
        named = activities.activity_named(name, connection.forms)
        activity = connection.forms.get(guid) or named or "form_submit"
        yield from _submissions_of(gateway, guid, activity, window, after)


def _submissions_of(
    gateway: Gateway, guid: str, activity: str, window: Window, after: str | None
) -> Iterator[Page]:
    oldest = _ms(window.since) if window.since else 0
    newest = _ms(window.until) + 999
    while True:
        answer = gateway.submissions(guid, after)
        sent = list(answer.get("results") or ())
        kept = [one for one in sent if oldest <= int(one.get("submittedAt") or 0) <= newest]
        following = next_after(answer)
        if following is not None and following == after:
            raise stuck(f"submissions of form {guid}", after)
        after = following if sent and int(sent[-1].get("submittedAt") or 0) >= oldest else None
        place = {"form": guid, **({"after": after} if after else {})}
        yield _page(activities.submissions(guid, activity, kept), len(kept), place)
        if after is None:
            return


def _forms(gateway: Gateway) -> dict[str, str]:
    """Name of every form by its id."""
    found: dict[str, str] = {}
    after: str | None = None
    while True:
        answer = gateway.forms(after)
        found.update({str(one["id"]): str(one.get("name") or "") for one in answer.get("results") or ()})
        following = next_after(answer)
        if following is None:
            return found
        if following == after:
            raise stuck("forms", after)
        after = following


def occurrences(
    gateway: Gateway, connection: HubSpotConnection, window: Window, resume: Token | None
) -> Iterator[Page]:
    """Events of every mapped type, type by type."""
    place = place_of(resume)
    known = sorted(str(one) for one in gateway.event_types())
    for event_type in known:
        activity = activities.activity_named(event_type, connection.events)
        if activity is None or event_type < place.get("type", ""):
            continue
        after = place.get("after") if event_type == place.get("type") else None
        yield from _occurrences_of(gateway, event_type, activity, window, after)


def _occurrences_of(
    gateway: Gateway, event_type: str, activity: str, window: Window, after: str | None
) -> Iterator[Page]:
    query: dict[str, object] = {
        "object_type": "contact",
        "event_type": event_type,
        "limit": _EVENT_PAGE,
        "sort": ["occurredAt"],
        "occurred_before": window.until + timedelta(seconds=1),
    }
    if window.since is not None:
        query["occurred_after"] = window.since - timedelta(seconds=1)
    while True:
        answer = gateway.events({**query, **({"after": after} if after else {})})
        events = list(answer.get("results") or ())
        following = next_after(answer)
        if following is not None and following == after:
            raise stuck(f"events {event_type}", after)
        after = following
        place = {"type": event_type, **({"after": after} if after else {})}
        yield _page(activities.occurrences(activity, events), len(events), place)
        if after is None:
            return


def _page(table: pa.Table, length: int, place: Mapping[str, Any]) -> Page:
    return Page({"activity_records": table}, json.dumps(place), length)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp()) * 1000
