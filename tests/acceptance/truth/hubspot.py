"""HubSpot as its dump tells it."""

from collections import defaultdict
from typing import Any

from tests.acceptance.truth.rows import Key, Known, Record, activity, at, instant, milliseconds, some

_Row = dict[str, Any]
_V = "hubspot"
_NOT_HELD = {"NO_SHOW", "CANCELED", "RESCHEDULED", "NO_ANSWER", "BUSY", "FAILED", "QUEUED"}
_MAIL = {"SENT": "email_sent", "OPEN": "email_open", "CLICK": "email_click", "BOUNCE": "email_bounce"}


def known(dump: dict[str, list[_Row]]) -> Known:
    found = Known(_V)
    wishes = {one["email"].lower(): one for one in dump["subscriptions"]}
    for row in dump["contacts"]:
        found.people += _with_former(row, _contact(row, wishes))
    for row in dump["companies"]:
        found.companies += _with_former(row, _company(row))
    found.activities = [
        *_engagements(dump),
        *_mail(dump["email_events"]),
        *_forms(dump),
        *_events(dump["events"]),
    ]
    found.answers = [_answer(row) for row in dump["feedback_submissions"] if not row["archived"]]
    return found


def _key(kind: str, number: object) -> Key:
    return (_V, kind, str(number))


def _with_former(row: _Row, record: Record) -> list[Record]:
    """The record, and one for every id it had before a merge."""
    kind = record.key[1]
    merged = [
        Record(_key(kind, number), "merged", record.modified, {}, successor=record.key)
        for number in row["formerIds"]
    ]
    return [record, *merged]


def _contact(row: _Row, wishes: dict[str, _Row]) -> Record:
    held = row["properties"]
    fields = {
        "email": "email", "first_name": "firstname", "last_name": "lastname", "title": "jobtitle",
        "phone": "phone", "country": "country", "region": "state", "city": "city",
        "lifecycle": "lifecyclestage", "owner": "hubspot_owner_id", "company_name": "company",
    }  # fmt: skip
    values = {column: some(held.get(name)) for column, name in fields.items()}
    links = [
        ("salesforce", kind, number)
        for kind, name in (("Contact", "salesforcecontactid"), ("Lead", "salesforceleadid"))
        if (number := held.get(name))
    ]
    company = held.get("associatedcompanyid")
    lifecycle = held.get("lifecyclestage")
    return Record(
        _key("contacts", row["id"]),
        "deleted" if row["archived"] else "live",
        at(row["updatedAt"]),
        {
            **values,
            "is_customer": lifecycle == "customer" if lifecycle else None,
            "created_at": instant(row["createdAt"]),
        },
        links,
        company=_key("companies", company) if company else None,
        consent="none" if row["archived"] else _consent(held, wishes.get((held.get("email") or "").lower())),
    )


def _consent(held: _Row, wish: _Row | None) -> str:
    said = set(wish["statuses"].values()) if wish else set()
    if (
        str(held.get("hs_email_optout")).lower() == "true"
        or "UNSUBSCRIBED" in said
        or (wish and wish["optedOutAt"])
    ):
        return "unsubscribed"
    return "subscribed" if "SUBSCRIBED" in said else "none"


def _company(row: _Row) -> Record:
    held = row["properties"]
    employees, revenue = held.get("numberofemployees"), held.get("annualrevenue")
    account = held.get("salesforceaccountid")
    return Record(
        _key("companies", row["id"]),
        "deleted" if row["archived"] else "live",
        at(row["updatedAt"]),
        {
            "name": some(held.get("name")),
            "domain": held.get("domain"),
            "industry": some(held.get("industry")),
            "employees": int(float(employees)) if employees else None,
            "annual_revenue": float(revenue) if revenue else None,
            "country": some(held.get("country")),
            "region": some(held.get("state")),
            "city": some(held.get("city")),
            "is_customer": held.get("lifecyclestage") == "customer",
        },
        [("salesforce", "Account", account)] if account else [],
    )


def _ties(dump: dict[str, list[_Row]], start: str, end: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one in dump["associations"]:
        if (one["from"], one["to"]) == (start, end):
            found[str(one["fromId"])].append(str(one["toId"]))
    return found


def _engagements(dump: dict[str, list[_Row]]) -> list[_Row]:
    """Calls, meetings, carts and orders, once for every contact they are tied to."""
    when = {
        "calls": ("call", ("hs_timestamp",)),
        "meetings": ("meeting", ("hs_meeting_start_time", "hs_timestamp")),
        "carts": ("cart_update", ("hs_external_created_date",)),
        "orders": ("purchase", ("hs_external_created_date",)),
    }
    found = []
    for kind, (meaning, names) in when.items():
        contacts, goods = _ties(dump, kind, "contacts"), _ties(dump, kind, "line_items")
        lines = {row["id"]: row["properties"] for row in dump["line_items"]}
        for row in dump[kind]:
            held = row["properties"]
            if row["archived"] or {held.get("hs_meeting_outcome"), held.get("hs_call_status")} & _NOT_HELD:
                continue
            done = instant(next((held[name] for name in names if held.get(name)), row["createdAt"]))
            sale = kind in ("carts", "orders")
            bought = [lines[line] for line in goods.get(row["id"], ())]
            dearest: _Row = max(bought, key=lambda line: float(line.get("amount") or 0), default={})
            price = held.get("hs_total_price")
            found += [
                activity(
                    meaning, f"{kind[:-1]}:{row['id']}", done,
                    record=_key("contacts", contact),
                    asset=None if sale else some(held.get("hs_call_title") or held.get("hs_meeting_title")),
                    product=dearest.get("name"),
                    value=float(price) if sale and price else None,
                )
                for contact in contacts.get(row["id"], ())
            ]  # fmt: skip
    return found


def _mail(events: list[_Row]) -> list[_Row]:
    found = []
    for one in events:
        kind = _MAIL.get(one["type"])
        if one["type"] == "STATUSCHANGE" and one.get("portalSubscriptionStatus") == "UNSUBSCRIBED":
            kind = "unsubscribe"
        if kind:
            found.append(
                activity(
                    kind, f"email:{one['id']}", milliseconds(one["created"]),
                    email=one["recipient"], asset=some(one.get("url") or one.get("subject")),
                    origin="machine" if one["filteredEvent"] else None,
                )
            )  # fmt: skip
    return found


def _forms(dump: dict[str, list[_Row]]) -> list[_Row]:
    names = {one["guid"]: one["name"].lower() for one in dump["forms"]}
    found = []
    for one in dump["form_submissions"]:
        typed = {field["name"]: field["value"] for field in one["values"]}
        found.append(
            activity(
                _form(names[one["form"]]), f"form:{one['conversionId']}", milliseconds(one["submittedAt"]),
                email=typed.get("email"), asset=some(one.get("pageUrl")),
            )
        )  # fmt: skip
    return found


def _form(name: str) -> str:
    if "demo" in name:
        return "demo_request"
    return "download" if any(word in name for word in ("guide", "white paper", "download")) else "form_submit"


def _events(events: list[_Row]) -> list[_Row]:
    kinds = {"e_visited_page": "page_view", "pe_brightloom_video": "video_view"}
    return [
        activity(
            kinds[one["eventType"]], f"event:{one['id']}", instant(one["occurredAt"]),
            record=_key("contacts", one["objectId"]),
            asset=some(held.get("hs_url") or held.get("video")),
            product=some(held.get("product")),
            value=float(held["percent"]) if held.get("percent") is not None else None,
        )
        for one in events
        if (held := one["properties"]) is not None and one["eventType"] in kinds
    ]  # fmt: skip


def _answer(row: _Row) -> _Row:
    held = row["properties"]
    kind = held["hs_survey_type"].lower()
    return {
        "response_id": row["id"],
        "record": _key("contacts", held["hs_contact_id"]) if held.get("hs_contact_id") else None,
        "email": held.get("hs_contact_email_rollup"),
        "kind": kind,
        "answer": float(held["hs_value"]),
        "scale_min": 0 if kind == "nps" else 1,
        "scale_max": 10 if kind == "nps" else 5,
        "answered_at": instant(held["hs_submission_timestamp"]),
        "seen_at": None,
    }
