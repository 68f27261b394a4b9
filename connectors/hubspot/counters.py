"""Engagement that a plan gives only as counters on the contact.

A counter's history says when it rose and by how much: the difference between two values becomes that many
activities, dated when HubSpot wrote the later one. They are marked approximate.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from connectors import columns as col
from connectors.base import Page, Stream, Token, Window
from connectors.columns import as_utc
from connectors.hubspot.errors import VENDOR
from connectors.hubspot.gateway import HISTORY_BATCH, Gateway
from connectors.hubspot.paging import changed

STREAM = Stream("counters", ("activity_records",))

#: Stream that a plan may lack → counter → activity type it stands for.
_STANDING_IN: Mapping[str, Mapping[str, str]] = {
    "analytics_events": {"hs_analytics_num_page_views": "page_view"},
    "email_events": {
        "hs_email_delivered": "email_sent",
        "hs_email_open": "email_open",
        "hs_email_click": "email_click",
        "hs_email_bounce": "email_bounce",
    },
    "form_submissions": {"num_conversion_events": "form_submit"},
}

_Risen = tuple[str, str, int, datetime]


def counted(skipped: Sequence[str]) -> dict[str, str]:
    """Counters to read in place of the streams that are skipped, with the activity each stands for."""
    return {name: kind for stream in skipped for name, kind in _STANDING_IN.get(stream, {}).items()}


def read(
    gateway: Gateway, counters: Mapping[str, str], window: Window, resume: Token | None
) -> Iterator[Page]:
    """Contacts that changed in the window, and how far their counters rose in it."""
    for batch in changed(gateway, "contacts", list(counters), window, resume):
        moved = [] if batch.archived else [one["id"] for one in batch.records if _any(one, counters)]
        risen: list[_Risen] = []
        for start in range(0, len(moved), HISTORY_BATCH):
            answer = gateway.read(
                "contacts", moved[start : start + HISTORY_BATCH], (), history=list(counters)
            )
            for one in answer.get("results") or ():
                histories = one.get("propertiesWithHistory") or {}
                for name, kind in counters.items():
                    risen += _rises(str(one["id"]), kind, histories.get(name) or (), window)
        yield Page({"activity_records": _table(risen)}, batch.token, len(moved), batch.total)


def _any(record: Mapping[str, Any], counters: Mapping[str, str]) -> bool:
    properties = record.get("properties") or {}
    return any(properties.get(name) not in (None, "", "0") for name in counters)


def _rises(contact: str, kind: str, history: Sequence[Mapping[str, Any]], window: Window) -> Iterator[_Risen]:
    """Each unit a counter gained inside the window. history: newest first."""
    before = 0
    for version in reversed(history):
        value = col.wholes([version.get("value")]).to_pylist()[0] or 0
        at = as_utc(str(version.get("timestamp") or ""))
        if at is not None and at <= window.until and (window.since is None or at >= window.since):
            yield from ((contact, kind, number, at) for number in range(before + 1, value + 1))
        before = max(before, value)


def _table(risen: Sequence[_Risen]) -> pa.Table:
    length = len(risen)
    return col.table(
        "activity_records",
        {
            "vendor": col.constant(VENDOR, length),
            "activity_id": col.texts(
                [f"counter:{kind}:{contact}:{number}" for contact, kind, number, _ in risen]
            ),
            "object": col.constant("contacts", length),
            "record_id": col.texts([contact for contact, *_ in risen]),
            "type": col.texts([kind for _, kind, *_ in risen]),
            "occurred_at": col.instants([at.isoformat() for *_, at in risen]),
            "origin": col.constant("approximate", length),
        },
        length,
    )
