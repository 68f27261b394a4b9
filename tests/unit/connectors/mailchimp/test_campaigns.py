"""Who opened and clicked: people or machines."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.mailchimp import campaigns

_SENT = datetime(2026, 11, 1, 9, tzinfo=UTC)
_REPORT = {"id": "c1", "campaign_title": "November", "send_time": _SENT.isoformat()}


def at(seconds: float) -> str:
    return (_SENT + timedelta(seconds=seconds)).isoformat()


def recipient(*activity: dict[str, Any]) -> dict[str, Any]:
    return {"email_id": "m1", "email_address": "ana@acme-looms.com", "activity": list(activity)}


def click(seconds: float, url: str) -> dict[str, Any]:
    return {"action": "click", "timestamp": at(seconds), "url": url}


def origins(email: dict[str, Any], machines: campaigns.Opens | None = None) -> list[str | None]:
    rows = campaigns.activities(_REPORT, [email], machines or set(), with_sends=False)
    return list(rows.column("origin").to_pylist())


@pytest.mark.parametrize(
    ("clicks", "expected"),
    [
        ([(12, "a")], ["machine"]),
        ([(300, "a")], [None]),
        ([(300, "a"), (303, "b")], ["machine", "machine"]),
        ([(300, "a"), (303, "a")], [None, None]),
        ([(300, "a"), (320, "b")], [None, None]),
        ([(300, "a"), (303, "b"), (9000, "a")], ["machine", "machine", None]),
    ],
)
def test_scanners_click_too_early_or_too_fast(
    clicks: list[tuple[float, str]], expected: list[str | None]
) -> None:
    assert origins(recipient(*(click(*one) for one in clicks))) == expected


def test_only_opens_that_the_details_call_a_proxy_s_are_machines() -> None:
    details = [
        {"email_id": "m1", "opens": [{"timestamp": at(5), "is_proxy_open": True}, {"timestamp": at(900)}]}
    ]
    email = recipient({"action": "open", "timestamp": at(5)}, {"action": "open", "timestamp": at(900)})
    assert origins(email, campaigns.machine_opens(details)) == ["machine", None]


def test_ids_tell_apart_what_differs_and_nothing_else() -> None:
    email = recipient(
        click(300, "a"), click(300, "b"), {"action": "open", "timestamp": at(300)}, click(300, "a")
    )
    rows = campaigns.activities(_REPORT, [email], set(), with_sends=True)
    ids = rows.column("activity_id").to_pylist()
    assert len(ids) == 5
    assert len(set(ids)) == 4


def test_a_draft_sends_nothing() -> None:
    draft = {"id": "c2", "campaign_title": "Draft", "send_time": ""}
    assert campaigns.activities(draft, [recipient()], set(), with_sends=True).num_rows == 0
