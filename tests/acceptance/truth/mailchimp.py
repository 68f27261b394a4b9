"""Mailchimp as its dump tells it."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from tests.acceptance.truth.rows import Key, Known, Record, activity, at, instant, some

_Row = dict[str, Any]
_V = "mailchimp"
_ACTIONS = {"open": "email_open", "click": "email_click", "bounce": "email_bounce"}
_AUDIENCES = ("Brightloom News", "Brightloom Shop")
_CONSENTS = {"subscribed", "unsubscribed", "cleaned", "pending", "archived"}


def known(dump: dict[str, list[_Row]]) -> Known:
    found = Known(_V)
    ours = {one["id"] for one in dump["lists"] if one["name"] in _AUDIENCES}
    members = [row for row in dump["members"] if row["list_id"] in ours]
    found.people = [_member(row) for row in members]
    signed = [row for row in members if row["timestamp_signup"]]
    found.activities = [
        activity(
            "signup", f"signup:{row['list_id']}:{row['contact_id']}", instant(row["timestamp_signup"]),
            record=member_key(row), email=row["email_address"], asset=some(row["source"]),
        )
        for row in signed
    ]  # fmt: skip
    found.activities += _mail(dump) + _sales(dump)
    found.answers = _answers(dump)
    return found


def member_key(row: _Row) -> Key:
    return (_V, "members", f"{row['list_id']}:{row['contact_id']}")


def _member(row: _Row) -> Record:
    fields = row["merge_fields"]
    tags = {
        "first_name": "FNAME", "last_name": "LNAME", "title": "TITLE", "phone": "PHONE",
        "company_name": "COMPANY", "country": "COUNTRY", "city": "CITY",
    }  # fmt: skip
    return Record(
        member_key(row),
        "archived" if row["status"] == "archived" else "live",
        at(row["last_changed"]),
        {
            "email": row["email_address"],
            **{column: some(fields.get(tag)) for column, tag in tags.items()},
            "region": some(row["location"]["region"]),
            "created_at": instant(row["timestamp_signup"] or row["timestamp_opt"]),
        },
        consent=row["status"] if row["status"] in _CONSENTS else "none",
    )


def _mail(dump: dict[str, list[_Row]]) -> list[_Row]:
    """Sends, opens, clicks, bounces and goodbyes; the same action at the same second counts once."""
    campaigns = {one["id"]: one for one in dump["campaigns"] if one["send_time"]}
    found: dict[str, _Row] = {}
    for one in dump["recipients"]:
        campaign = campaigns[one["campaign_id"]]
        sent = at(campaign["send_time"])
        number, title = f"{campaign['id']}:{one['email_id']}", some(campaign["title"])
        rows = [activity("email_sent", f"{number}:sent", sent, asset=title)]
        scanned = _scanned([deed for deed in one["activity"] if deed["action"] == "click"], sent)
        for deed in one["activity"]:
            if deed["action"] in _ACTIONS:
                machine = bool(deed.get("proxy")) or (
                    deed["action"] == "click" and deed["timestamp"] in scanned
                )
                unique = f"{number}:{deed['action']}:{deed['timestamp']}:{deed.get('url')}"
                rows.append(
                    activity(
                        _ACTIONS[deed["action"]], unique, instant(deed["timestamp"]),
                        asset=some(deed.get("url")) or title, origin="machine" if machine else None,
                    )
                )  # fmt: skip
        if one["unsubscribed"]:
            rows.append(
                activity(
                    "unsubscribe", f"{number}:gone", instant(one["unsubscribed"]["timestamp"]), asset=title
                )
            )
        found |= {row["activity_id"]: {**row, "email": one["email_address"]} for row in rows}
    return list(found.values())


def _scanned(clicks: list[_Row], sent: datetime) -> set[str]:
    """Clicks within a minute of sending, and clicks on two links within five seconds."""
    haste = {one["timestamp"] for one in clicks if at(one["timestamp"]) - sent <= timedelta(minutes=1)}
    ordered = sorted(clicks, key=lambda one: (one["timestamp"], one["url"]))
    for one, other in itertools.pairwise(ordered):
        near = at(other["timestamp"]) - at(one["timestamp"]) <= timedelta(seconds=5)
        if near and one["url"] != other["url"]:
            haste |= {one["timestamp"], other["timestamp"]}
    return haste


def _sales(dump: dict[str, list[_Row]]) -> list[_Row]:
    addresses = {one["id"]: one["email_address"] for one in dump["customers"]}
    kinds = {one["id"]: some(one["type"] or one["vendor"]) for one in dump["products"]}
    orders = [
        (row, row["processed_at_foreign"] or row["updated_at_foreign"])
        for row in dump["orders"]
        if not row["cancelled_at_foreign"]
        and row["financial_status"] not in ("cancelled", "refunded", "voided")
    ]
    bought = [
        _sale("purchase", f"order:{row['id']}", instant(done), row, addresses, kinds) for row, done in orders
    ]
    left = [
        _sale("cart_update", f"cart:{row['id']}", instant(row["updated_at"]), row, addresses, kinds)
        for row in dump["carts"]
    ]
    return bought + left


def _sale(
    kind: str,
    number: str,
    done: datetime | None,
    row: _Row,
    addresses: dict[str, str],
    kinds: dict[str, str | None],
) -> _Row:
    line: _Row = max(row["lines"], key=lambda one: float(one["price"]) * float(one["quantity"]), default={})
    return activity(
        kind, number, done,
        email=addresses[row["customer"]],
        product=some(line.get("product_title")),
        category=kinds.get(line.get("product_id", "")),
        value=float(row["order_total"]),
    )  # fmt: skip


def _answers(dump: dict[str, list[_Row]]) -> list[_Row]:
    """Answers to questions with a scale from 0 to 10."""
    lists = {one["id"]: one["list_id"] for one in dump["surveys"]}
    return [
        {
            "response_id": f"{one['response_id']}:{given['question_id']}",
            "record": (_V, "members", f"{lists[one['survey_id']]}:{one['contact_id']}"),
            "email": None,
            "kind": "nps",
            "answer": float(given["answer"]),
            "scale_min": 0,
            "scale_max": 10,
            "answered_at": instant(one["submitted_at"]),
            "seen_at": None,
        }
        for one in dump["responses"]
        for given in one["results"]
        if given["question_type"] == "range"
    ]
