"""What became of campaigns: totals, and per recipient."""

from typing import Any

from sandbox.mailchimp.call import Call, Json
from sandbox.mailchimp.campaigns import campaign, opens_and_clicks, rate
from sandbox.mailchimp.problems import Problem, missing
from sandbox.mailchimp.stamps import NEVER, within

_RATES = {"open_rate": 21.3, "click_rate": 2.6}


def _shown(call: Call, held: Json) -> Json:
    figures = opens_and_clicks(call.store, held["id"])
    audience = call.store.audience(held["list_id"])
    delivered = figures["delivered"]
    return {
        "id": held["id"],
        "campaign_title": held["title"],
        "type": "regular",
        "list_id": audience.id,
        "list_is_active": True,
        "list_name": audience.info["name"],
        "subject_line": held["subject"],
        "preview_text": "",
        "emails_sent": figures["sent"],
        "abuse_reports": 0,
        "unsubscribed": figures["unsubscribed"],
        "send_time": held["send_time"],
        "bounces": {"hard_bounces": figures["hard"], "soft_bounces": figures["soft"], "syntax_errors": 0},
        "forwards": {"forwards_count": 0, "forwards_opens": 0},
        "opens": {
            "opens_total": figures["opens"],
            "proxy_excluded_opens": figures["own_opens"],
            "unique_opens": figures["unique_opens"],
            "proxy_excluded_unique_opens": figures["unique_own_opens"],
            "open_rate": rate(figures["unique_opens"], delivered),
            "proxy_excluded_open_rate": rate(figures["unique_own_opens"], delivered),
            "last_open": figures["last_open"],
        },
        "clicks": {
            "clicks_total": figures["clicks"],
            "unique_clicks": figures["unique_clicks"],
            "unique_subscriber_clicks": figures["clickers"],
            "click_rate": rate(figures["clickers"], delivered),
            "last_click": figures["last_click"],
        },
        "facebook_likes": {"recipient_likes": 0, "unique_likes": 0, "facebook_likes": 0},
        "list_stats": {"sub_rate": 0, "unsub_rate": 0, **_RATES},
        "timeseries": [],
        "ecommerce": {"total_orders": 0, "total_spent": 0, "total_revenue": 0, "currency_code": "USD"},
        "delivery_status": {"enabled": False},
        "_links": call.links_to(f"/3.0/reports/{held['id']}"),
    }


def list_reports(call: Call) -> Json:
    """GET /reports: sent campaigns only, the newest first."""
    inside = call.window("send_time")
    rows = [held for held in call.store.campaigns.values() if held["send_time"] and inside(held["send_time"])]
    rows.sort(key=lambda held: str(held["send_time"]), reverse=True)
    return call.page("reports", rows, lambda held: _shown(call, held))


def get_report(call: Call, campaign_id: str) -> Json:
    """GET /reports/{id}; a draft has none."""
    held = campaign(call, campaign_id)
    if not held["send_time"]:
        raise missing()
    return _shown(call, held)


def _recipients(call: Call, campaign_id: str) -> list[Json]:
    """Who got a campaign, in no order that means anything (but the same each time)."""
    campaign(call, campaign_id)
    return sorted(
        call.store.recipients[campaign_id].values(), key=lambda recipient: str(recipient["contact_id"])
    )


def _who(recipient: Json, campaign_id: str) -> Json:
    return {
        "campaign_id": campaign_id,
        "list_id": recipient["list_id"],
        "list_is_active": True,
        "email_id": recipient["email_id"],
        "email_address": recipient["email_address"],
    }


def _as_member(call: Call, recipient: Json) -> Json:
    """What a report tells of the member: nothing but blanks once it is deleted for good."""
    audience = call.store.audience(recipient["list_id"])
    member = audience.members.get(audience.by_contact.get(recipient["contact_id"], ""))
    if member is None:
        return {"merge_fields": {}, "vip": False}
    return {"merge_fields": member["merge_fields"], "vip": member["vip"]}


def _status(call: Call, recipient: Json) -> str:
    audience = call.store.audience(recipient["list_id"])
    member = audience.members.get(audience.by_contact.get(recipient["contact_id"], ""))
    return str(member["status"]) if member else "deleted"


def email_activity(call: Call, campaign_id: str) -> Json:
    """GET /reports/{id}/email-activity: every recipient; ``since`` filters their events only.

    A ``since`` with a fraction of a second is answered 500, as reported of the vendor.
    """
    if "." in (call.text("since") or ""):
        raise Problem(500, "Internal Server Error", "An unexpected internal error has occurred.")
    inside = within(call.instant("since"), None)
    path = f"/3.0/reports/{campaign_id}/email-activity"

    def shown(recipient: Json) -> Json:
        events = [e for e in recipient["activity"] if inside(e["timestamp"])]
        activity = [{key: value for key, value in event.items() if key != "proxy"} for event in events]
        links = call.links_to(f"{path}/{recipient['email_id']}")
        return {**_who(recipient, campaign_id), "activity": activity, "_links": links}

    return call.page("emails", _recipients(call, campaign_id), shown, campaign_id=campaign_id)


def open_details(call: Call, campaign_id: str) -> Json:
    """GET /reports/{id}/open-details: the only place that tells machine opens."""
    inside = within(call.instant("since"), None)
    opens: dict[str, list[Json]] = {}
    for recipient in _recipients(call, campaign_id):
        found = [e for e in recipient["activity"] if e["action"] == "open" and inside(e["timestamp"])]
        if found:
            opens[recipient["contact_id"]] = found
    rows = [r for r in _recipients(call, campaign_id) if r["contact_id"] in opens]

    def shown(recipient: Json) -> Json:
        found = opens[recipient["contact_id"]]
        return {
            **_who(recipient, campaign_id),
            **_as_member(call, recipient),
            "contact_status": _status(call, recipient),
            "opens_count": len(found),
            "proxy_excluded_opens_count": sum(not e["proxy"] for e in found),
            "opens": [{"timestamp": e["timestamp"], "is_proxy_open": e["proxy"]} for e in found],
            "_links": call.links_to(f"/3.0/reports/{campaign_id}/open-details/{recipient['email_id']}"),
        }

    answer = call.page("members", rows, shown, campaign_id=campaign_id)
    everything = [event for found in opens.values() for event in found]
    return answer | {
        "total_opens": len(everything),
        "total_proxy_excluded_opens": sum(not event["proxy"] for event in everything),
    }


def click_details(call: Call, campaign_id: str) -> Json:
    """GET /reports/{id}/click-details: by link."""
    held = campaign(call, campaign_id)
    clicks = [e for r in _recipients(call, campaign_id) for e in r["activity"] if e["action"] == "click"]

    def shown(link: tuple[str, str]) -> Json:
        link_id, url = link
        times = [event["timestamp"] for event in clicks if event["url"] == url]
        unique = len(_clickers(call, campaign_id, url))
        return {
            "id": link_id,
            "url": url,
            "total_clicks": len(times),
            "click_percentage": rate(len(times), len(clicks)),
            "unique_clicks": unique,
            "unique_click_percentage": rate(unique, len(times)),
            "last_click": max(times, default=NEVER),
            "campaign_id": campaign_id,
            "_links": call.links_to(f"/3.0/reports/{campaign_id}/click-details/{link_id}"),
        }

    return call.page("urls_clicked", list(held["links"].items()), shown, campaign_id=campaign_id)


def _clickers(call: Call, campaign_id: str, url: str) -> list[tuple[Json, int]]:
    counted = [(r, sum(e.get("url") == url for e in r["activity"])) for r in _recipients(call, campaign_id)]
    return [(recipient, count) for recipient, count in counted if count]


def link_members(call: Call, campaign_id: str, link_id: str) -> Json:
    """GET /reports/{id}/click-details/{link}/members."""
    url = campaign(call, campaign_id)["links"].get(link_id)
    if url is None:
        raise missing()

    def shown(row: tuple[Json, int]) -> Json:
        recipient, count = row
        return {
            **_who(recipient, campaign_id),
            **_as_member(call, recipient),
            "clicks": count,
            "url_id": link_id,
            "contact_status": _status(call, recipient),
            "_links": [],
        }

    return call.page("members", _clickers(call, campaign_id, url), shown, campaign_id=campaign_id)


def unsubscribed(call: Call, campaign_id: str) -> Json:
    """GET /reports/{id}/unsubscribed; there is no ``since``."""
    rows = [
        recipient for recipient in _recipients(call, campaign_id) if recipient["unsubscribed"] is not None
    ]
    return call.page(
        "unsubscribes",
        rows,
        lambda r: {**_who(r, campaign_id), **_as_member(call, r), **r["unsubscribed"], "_links": []},
        campaign_id=campaign_id,
    )


def sent_to(call: Call, campaign_id: str) -> Json:
    """GET /reports/{id}/sent-to."""

    def shown(recipient: Json) -> Json:
        opens = [event["timestamp"] for event in recipient["activity"] if event["action"] == "open"]
        return {
            **_who(recipient, campaign_id),
            **_as_member(call, recipient),
            "status": recipient["status"],
            "open_count": len(opens),
            "last_open": max(opens, default=NEVER),
            "gmt_offset": 0,
            "_links": [],
        }

    return call.page("sent_to", _recipients(call, campaign_id), shown, campaign_id=campaign_id)


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/reports", list_reports),
    ("GET", "/reports/<campaign_id>", get_report),
    ("GET", "/reports/<campaign_id>/email-activity", email_activity),
    ("GET", "/reports/<campaign_id>/open-details", open_details),
    ("GET", "/reports/<campaign_id>/click-details", click_details),
    ("GET", "/reports/<campaign_id>/click-details/<link_id>/members", link_members),
    ("GET", "/reports/<campaign_id>/unsubscribed", unsubscribed),
    ("GET", "/reports/<campaign_id>/sent-to", sent_to),
]
