"""What recipients did with campaigns, as rows.

E-mail activity has no proxy flag, so opens are compared with the open details, which have one. Link scanners
follow the links of a message as it arrives, several within seconds; nothing in the answers marks them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pyarrow as pa

from connectors import columns as col
from connectors.columns import as_utc
from connectors.mailchimp.errors import VENDOR

_ACTIVITIES = {"open": "email_open", "click": "email_click", "bounce": "email_bounce"}
#: A click this soon after sending is a scanner's, and so are clicks on two links this close to each other.
_BEFORE_READING, _TOGETHER = timedelta(seconds=60), timedelta(seconds=5)

Opens = set[tuple[str, str]]


def machine_opens(details: Iterable[Mapping[str, Any]]) -> Opens:
    """``(email_id, timestamp)`` of opens that a privacy proxy made."""
    return {
        (str(member.get("email_id")), str(one.get("timestamp")))
        for member in details
        for one in member.get("opens") or ()
        if one.get("is_proxy_open")
    }


def activities(
    campaign: Mapping[str, Any], emails: Sequence[Mapping[str, Any]], machines: Opens, *, with_sends: bool
) -> pa.Table:
    """One row an open, click and bounce, and one a recipient when sends are wanted."""
    campaign_id, sent_at = str(campaign["id"]), campaign.get("send_time")
    rows = [
        (email, str(one.get("action")), str(one.get("timestamp")), one.get("url"), origin)
        for email in emails
        for one, origin in _with_origin(email, machines, as_utc(str(sent_at or "")))
        if one.get("action") in _ACTIVITIES and one.get("timestamp")
    ]
    if with_sends and sent_at:
        rows += [(email, "sent", str(sent_at), None, None) for email in emails]
    length = len(rows)
    return col.table(
        "activity_records",
        {
            "vendor": col.constant(VENDOR, length),
            "activity_id": col.texts(
                [
                    activity_id(campaign_id, str(email.get("email_id")), action, at, url)
                    for email, action, at, url, _ in rows
                ]
            ),
            "object": col.constant("members", length),
            "email": col.texts([email.get("email_address") for email, *_ in rows]),
            "type": col.texts([_ACTIVITIES.get(action, "email_sent") for _, action, *_ in rows]),
            "occurred_at": col.instants([at for _, _, at, _, _ in rows]),
            "asset": col.texts([url or campaign.get("campaign_title") for *_, url, _ in rows]),
            "campaign": col.constant(campaign_id, length),
            "origin": col.texts([origin for *_, origin in rows]),
        },
        length,
    )


def unsubscribes(campaign: Mapping[str, Any], gone: Sequence[Mapping[str, Any]]) -> pa.Table:
    """One row a person who left through this campaign."""
    campaign_id, length = str(campaign["id"]), len(gone)
    return col.table(
        "activity_records",
        {
            "vendor": col.constant(VENDOR, length),
            "activity_id": col.texts(
                [
                    activity_id(
                        campaign_id, str(one.get("email_id")), "unsubscribe", str(one.get("timestamp")), None
                    )
                    for one in gone
                ]
            ),
            "object": col.constant("members", length),
            "email": col.texts([one.get("email_address") for one in gone]),
            "type": col.constant("unsubscribe", length),
            "occurred_at": col.instants([one.get("timestamp") for one in gone]),
            "asset": col.constant(campaign.get("campaign_title"), length),
            "campaign": col.constant(campaign_id, length),
        },
        length,
    )


def activity_id(campaign: str, email_id: str, action: str, at: str, url: str | None) -> str:
    """Mailchimp gives activities no id: what makes one distinct is its id."""
    link = f":{sha256(url.encode('utf-8', 'replace')).hexdigest()[:8]}" if url else ""
    return f"{campaign}:{email_id}:{action}:{at}{link}"


def _with_origin(
    email: Mapping[str, Any], machines: Opens, sent_at: datetime | None
) -> Iterable[tuple[Mapping[str, Any], str | None]]:
    scanned = _scanned([one for one in email.get("activity") or () if one.get("action") == "click"], sent_at)
    email_id = str(email.get("email_id"))
    for one in email.get("activity") or ():
        at = str(one.get("timestamp"))
        is_machine = (one.get("action") == "open" and (email_id, at) in machines) or (
            one.get("action") == "click" and at in scanned
        )
        yield one, "machine" if is_machine else None


def _scanned(clicks: Sequence[Mapping[str, Any]], sent_at: datetime | None) -> set[str]:
    """Timestamps of clicks that are too early or too fast for a hand."""
    dated = sorted(
        (at, str(one.get("url")), str(one.get("timestamp"))) for one in clicks if (at := _instant(one))
    )
    found = {text for at, _, text in dated if sent_at is not None and at - sent_at <= _BEFORE_READING}
    for (before, one_url, one), (after, other_url, other) in pairwise(dated):
        if one_url != other_url and after - before <= _TOGETHER:
            found |= {one, other}
    return found


def _instant(click: Mapping[str, Any]) -> datetime | None:
    return as_utc(str(click.get("timestamp") or ""))
