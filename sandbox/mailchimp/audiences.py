"""The account and its audiences over HTTP."""

from collections import Counter
from datetime import datetime
from typing import Any

from sandbox.mailchimp.call import Call, Json
from sandbox.mailchimp.stamps import NEVER, latest, stamp
from sandbox.mailchimp.store import Audience, token

_CONTACT = {
    "company": "Brightloom Oy",
    "address1": "Kutomotie 1",
    "address2": "",
    "city": "Helsinki",
    "state": "",
    "zip": "00380",
    "country": "FI",
    "phone": "",
}


def account(now: datetime) -> Json:
    """The account that the API key belongs to."""
    return {
        "account_id": token("account", length=20),
        "login_id": "10001",
        "account_name": "Brightloom",
        "email": "marketing@brightloom.io",
        "first_name": "Dana",
        "last_name": "Reyes",
        "username": "brightloom",
        "avatar_url": "",
        "role": "owner",
        "member_since": stamp(now.replace(year=now.year - 4, day=1)),
        "pricing_plan_type": "monthly",
        "first_payment": NEVER,
        "account_timezone": "Europe/Helsinki",
        "account_industry": "Software and Web App",
        "contact": {
            "company": "Brightloom Oy",
            "addr1": "Kutomotie 1",
            "addr2": "",
            "city": "Helsinki",
            "state": "",
            "zip": "00380",
            "country": "FI",
        },
        "pro_enabled": False,
        "last_login": stamp(now),
        "industry_stats": {"open_rate": 0.21, "bounce_rate": 0.01, "click_rate": 0.025},
    }


def new_audience(name: str, created_at: datetime) -> Audience:
    """An audience without members or merge fields; its id follows from its name."""
    list_id = token("list", name)
    info = {
        "id": list_id,
        "web_id": int(token("list-web", name, length=5), 16),
        "name": name,
        "contact": dict(_CONTACT),
        "permission_reminder": "You signed up on our website.",
        "use_archive_bar": True,
        "campaign_defaults": {
            "from_name": "Brightloom",
            "from_email": "news@brightloom.io",
            "subject": "",
            "language": "en",
        },
        "notify_on_subscribe": "",
        "notify_on_unsubscribe": "",
        "date_created": stamp(created_at),
        "list_rating": 4,
        "email_type_option": False,
        "subscribe_url_short": f"http://eepurl.com/{list_id[:6]}",
        "subscribe_url_long": f"https://brightloom.us19.list-manage.com/subscribe?id={list_id}",
        "beamer_address": f"us19-{list_id}@inbound.mailchimp.com",
        "visibility": "prv",
        "double_optin": False,
        "has_welcome": False,
        "marketing_permissions": False,
        "modules": [],
        "stats": {"merge_field_count": 0},
    }
    return Audience(info)


def _stats(call: Call, audience: Audience) -> Json:
    """Figures of an audience, counted now."""
    members = audience.members.values()
    counts = Counter(str(member["status"]) for member in members)
    sends = [c for c in call.store.campaigns.values() if c["list_id"] == audience.id and c["send_time"]]
    last = latest(campaign["send_time"] for campaign in sends)
    since = Counter(str(member["status"]) for member in members if member["last_changed"] > last)
    tallies = [tally for tally in audience.tallies.values() if tally.sent]
    sent = sum(tally.sent for tally in tallies)
    return {
        "member_count": counts["subscribed"],
        "total_contacts": len(audience.members),
        "unsubscribe_count": counts["unsubscribed"],
        "cleaned_count": counts["cleaned"],
        "member_count_since_send": since["subscribed"],
        "unsubscribe_count_since_send": since["unsubscribed"],
        "cleaned_count_since_send": since["cleaned"],
        "campaign_count": len(sends),
        "campaign_last_sent": last,
        "merge_field_count": len(audience.merge_fields),
        "avg_sub_rate": 0,
        "avg_unsub_rate": 0,
        "target_sub_rate": 0,
        "open_rate": round(100 * sum(len(tally.opened) for tally in tallies) / sent, 4) if sent else 0,
        "click_rate": round(100 * sum(len(tally.clicked) for tally in tallies) / sent, 4) if sent else 0,
        "last_sub_date": latest(member["timestamp_opt"] for member in members),
        "last_unsub_date": latest(m["last_changed"] for m in members if m["status"] == "unsubscribed"),
    }


def _shown(call: Call, audience: Audience) -> Json:
    return {
        **audience.info,
        "stats": _stats(call, audience),
        "_links": call.links_to(f"/3.0/lists/{audience.id}"),
    }


def root(call: Call) -> Json:
    """GET /: the account."""
    total = sum(_stats(call, audience)["member_count"] for audience in call.store.audiences.values())
    return {**call.store.account, "total_subscribers": total, **call.links()}


def ping(_call: Call) -> Json:
    """GET /ping."""
    return {"health_status": "Everything's Chimpy!"}


def list_audiences(call: Call) -> Json:
    """GET /lists."""
    created = call.window("date_created")
    rows = [audience for audience in call.store.audiences.values() if created(audience.info["date_created"])]
    answer = call.page("lists", rows, lambda audience: _shown(call, audience))
    return answer | {
        "constraints": {"may_create": False, "max_instances": 5, "current_total_instances": len(rows)}
    }


def get_audience(call: Call, list_id: str) -> Json:
    """GET /lists/{id}."""
    return _shown(call, call.store.audience(list_id))


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/", root),
    ("GET", "/ping", ping),
    ("GET", "/lists", list_audiences),
    ("GET", "/lists/<list_id>", get_audience),
]
