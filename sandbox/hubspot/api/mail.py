"""``/email/public/v1``: what happened to marketing e-mail, newest first, and the campaigns."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.emails import APP_ID, APP_NAME, EmailCampaign, EmailEvent
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.portal import PORTAL_ID

_PAGE = 1000
_FOREVER = 1 << 60


def events(call: Call) -> Answer:
    """``offset`` is opaque: it names the last event seen."""
    limit = call.number("limit", 10, high=_PAGE)
    matching = _matching(call, _place(call.text("offset")))
    shown: list[EmailEvent] = []
    more = False
    for event in matching:
        if len(shown) == limit:
            more = True
            break
        shown.append(event)
    offset = _token(shown[-1]) if shown else (call.text("offset") or "")
    return 200, {"hasMore": more, "offset": offset, "events": [event_json(event) for event in shown]}


def _matching(call: Call, before: tuple[int, str] | None) -> Iterator[EmailEvent]:
    low, high = call.number("startTimestamp", 0, low=0), call.number("endTimestamp", _FOREVER, low=0)
    recipient, event_type = call.text("recipient"), call.text("eventType")
    campaign, app = call.text("campaignId"), call.text("appId")
    for event in call.portal.emails.newest_first(before):
        if event.at_ms < low:
            return
        wanted = (
            event.at_ms <= high
            and recipient in (None, event.recipient)
            and event_type in (None, event.type)
            and campaign in (None, str(event.campaign_id))
            and app in (None, str(APP_ID))
            and not (event.filtered and call.flag("excludeFilteredEvents"))
        )
        if wanted:
            yield event


def _token(event: EmailEvent) -> str:
    return urlsafe_b64encode(f"{event.at_ms}:{event.id}".encode()).decode()


def _place(offset: str | None) -> tuple[int, str] | None:
    if not offset:
        return None
    try:
        at_ms, _, event_id = urlsafe_b64decode(offset.encode()).decode().partition(":")
        return int(at_ms), event_id
    except ValueError:
        raise invalid("offset is not valid") from None


def event_json(event: EmailEvent) -> dict[str, Any]:
    return {
        "appName": APP_NAME,
        "id": event.id,
        "created": event.at_ms,
        "recipient": event.recipient,
        "portalId": PORTAL_ID,
        "appId": APP_ID,
        "emailCampaignId": event.campaign_id,
        "emailCampaignGroupId": event.campaign_id,
        "type": event.type,
        "filteredEvent": event.filtered,
        **event.details,
    }


def campaigns(call: Call) -> Answer:
    """The most recently sent first."""
    limit = call.number("limit", 10, high=_PAGE)
    ordered = sorted(call.portal.emails.campaigns.values(), key=lambda one: (-(one.sent_ms or 0), one.id))
    start = call.number("offset", 0, low=0)
    shown = ordered[start : start + limit]
    listed = [
        {"id": one.id, "appId": APP_ID, "appName": APP_NAME, "lastUpdatedTime": one.sent_ms or 0}
        for one in shown
    ]
    more = start + limit < len(ordered)
    return 200, {"hasMore": more, "offset": str(start + len(shown)), "campaigns": listed}


def campaign(call: Call, campaign_id: str) -> Answer:
    found = call.portal.emails.campaigns.get(int(campaign_id)) if campaign_id.isdigit() else None
    if found is None:
        raise not_found(f"No campaign with ID {campaign_id}")
    return 200, _described(found)


def _described(found: EmailCampaign) -> dict[str, Any]:
    return {
        "appId": APP_ID,
        "appName": APP_NAME,
        "contentId": found.content_id,
        "counters": found.counters,
        "id": found.id,
        "name": found.name,
        "numIncluded": found.counters.get("sent", 0),
        "numQueued": 0,
        "subject": found.subject,
        "type": "BATCH_EMAIL",
        "lastProcessingFinishedAt": found.sent_ms,
    }


_SCOPES = ("content",)
ROUTES = (
    Route("GET", "/email/public/v1/events", events, _SCOPES),
    Route("GET", "/email/public/v1/campaigns", campaigns, _SCOPES),
    Route("GET", "/email/public/v1/campaigns/by-id", campaigns, _SCOPES),
    Route("GET", "/email/public/v1/campaigns/<campaign_id>", campaign, _SCOPES),
)
