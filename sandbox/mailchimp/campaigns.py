"""Campaigns over HTTP, and how they are kept."""

from datetime import datetime
from typing import Any

from sandbox.mailchimp.call import Call, Json
from sandbox.mailchimp.problems import invalid, missing
from sandbox.mailchimp.stamps import NEVER, stamp
from sandbox.mailchimp.store import Audience, Store, token

_STATUSES = ("save", "paused", "schedule", "sending", "sent", "canceled", "canceling", "archived")


def new_campaign(
    audience: Audience, key: int, title: str, subject: str, created_at: datetime, sent_at: datetime | None
) -> Json:
    """A campaign as stored: its own fields, flat, and its links, each with an id."""
    return {
        "id": token("campaign", key),
        "web_id": 9000 + key,
        "title": title,
        "subject": subject,
        "list_id": audience.id,
        "create_time": stamp(created_at),
        "send_time": NEVER if sent_at is None else stamp(sent_at),
        "status": "save" if sent_at is None else "sent",
        "links": {},
    }


def campaign(call: Call, campaign_id: str) -> Json:
    """The stored campaign, or 404."""
    found = call.store.campaigns.get(campaign_id)
    if found is None:
        raise missing()
    return found


def opens_and_clicks(store: Store, campaign_id: str) -> Json:
    """Count what became of a campaign."""
    recipients = store.recipients[campaign_id].values()
    opened = [[e for e in r["activity"] if e["action"] == "open"] for r in recipients]
    clicked = [[e for e in r["activity"] if e["action"] == "click"] for r in recipients]
    own = [[e for e in opens if not e["proxy"]] for opens in opened]
    return {
        "sent": len(recipients),
        "delivered": sum(recipient["status"] == "sent" for recipient in recipients),
        "opens": sum(map(len, opened)),
        "unique_opens": sum(map(bool, opened)),
        "own_opens": sum(map(len, own)),
        "unique_own_opens": sum(map(bool, own)),
        "clicks": sum(map(len, clicked)),
        "unique_clicks": sum(len({e["url"] for e in clicks}) for clicks in clicked),
        "clickers": sum(map(bool, clicked)),
        "last_open": max((e["timestamp"] for opens in opened for e in opens), default=NEVER),
        "last_click": max((e["timestamp"] for clicks in clicked for e in clicks), default=NEVER),
        "hard": sum(recipient["status"] == "hard" for recipient in recipients),
        "soft": sum(recipient["status"] == "soft" for recipient in recipients),
        "unsubscribed": sum(recipient["unsubscribed"] is not None for recipient in recipients),
    }


def rate(part: int, whole: int) -> float:
    """A share, 0 to 1."""
    return round(part / whole, 4) if whole else 0


def _shown(call: Call, held: Json) -> Json:
    audience = call.store.audience(held["list_id"])
    answer = {
        "id": held["id"],
        "web_id": held["web_id"],
        "type": "regular",
        "create_time": held["create_time"],
        "archive_url": f"http://eepurl.com/{held['id'][:6]}",
        "long_archive_url": f"https://mailchi.mp/{held['id']}",
        "status": held["status"],
        "emails_sent": len(call.store.recipients[held["id"]]),
        "send_time": held["send_time"],
        "content_type": "template",
        "needs_block_refresh": False,
        "resendable": held["status"] == "sent",
        "recipients": {
            "list_id": audience.id,
            "list_is_active": True,
            "list_name": audience.info["name"],
            "segment_text": "",
            "recipient_count": len(call.store.recipients[held["id"]]),
        },
        "settings": _settings(held),
        "tracking": {
            "opens": True,
            "html_clicks": True,
            "text_clicks": False,
            "goal_tracking": False,
            "ecomm360": True,
            "google_analytics": "",
            "clicktale": "",
        },
        "delivery_status": {"enabled": False},
        "_links": call.links_to(f"/3.0/campaigns/{held['id']}"),
    }
    return answer | ({"report_summary": _summary(call, held)} if held["status"] == "sent" else {})


def _settings(held: Json) -> Json:
    return {
        "subject_line": held["subject"],
        "preview_text": "",
        "title": held["title"],
        "from_name": "Brightloom",
        "reply_to": "news@brightloom.io",
        "use_conversation": False,
        "to_name": "*|FNAME|*",
        "folder_id": "",
        "authenticate": True,
        "auto_footer": False,
        "inline_css": False,
        "auto_tweet": False,
        "fb_comments": False,
        "timewarp": False,
        "template_id": 0,
        "drag_and_drop": True,
    }


def _summary(call: Call, held: Json) -> Json:
    figures = opens_and_clicks(call.store, held["id"])
    return {
        "opens": figures["opens"],
        "unique_opens": figures["unique_opens"],
        "open_rate": rate(figures["unique_opens"], figures["delivered"]),
        "clicks": figures["clicks"],
        "subscriber_clicks": figures["clickers"],
        "click_rate": rate(figures["clickers"], figures["delivered"]),
        "ecommerce": {"total_orders": 0, "total_spent": 0, "total_revenue": 0},
    }


def list_campaigns(call: Call) -> Json:
    """GET /campaigns: drafts too, whose ``send_time`` is ``""``."""
    created, status, list_id = call.window("create_time"), call.text("status"), call.text("list_id")
    if status not in (None, *_STATUSES):
        raise invalid(("status", "The value you selected is not a valid choice."))
    sent = call.window("send_time")
    rows = [
        held
        for held in call.store.campaigns.values()
        if status in (None, held["status"])
        and list_id in (None, held["list_id"])
        and created(held["create_time"])
        and sent(held["send_time"])
    ]
    sort = call.text("sort_field") or "create_time"
    rows.sort(
        key=lambda held: str(held.get(sort, "")), reverse=(call.text("sort_dir") or "").upper() == "DESC"
    )
    return call.page("campaigns", rows, lambda held: _shown(call, held))


def get_campaign(call: Call, campaign_id: str) -> Json:
    """GET /campaigns/{id}."""
    return _shown(call, campaign(call, campaign_id))


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/campaigns", list_campaigns),
    ("GET", "/campaigns/<campaign_id>", get_campaign),
]
