"""How HubSpot's events become activities."""

from datetime import datetime
from typing import Any

import pytest

from connectors.hubspot import activities
from connectors.hubspot.connection import HubSpotConnection

_CALLS, _MEETINGS, _CARTS, _ORDERS = activities.ENGAGEMENTS


@pytest.mark.parametrize(
    ("name", "activity"),
    [
        ("Request a demo: Loom Studio", "demo_request"),
        ("Guide: Loom Connect", "download"),
        ("White paper: the state of weaving", "download"),
        ("Newsletter sign-up", "signup"),
        ("Contact us", None),
    ],
)
def test_forms_are_known_by_their_names(name: str, activity: str | None) -> None:
    assert activities.activity_named(name, HubSpotConnection().forms) == activity


def call(record_id: str, **properties: str) -> dict[str, Any]:
    return {"id": record_id, "properties": {"hs_timestamp": "2026-11-01T10:00:00Z", **properties}}


def test_a_call_with_two_contacts_is_an_activity_of_each() -> None:
    rows = activities.engagements(
        _CALLS, [call("7", hs_call_duration="90000")], {"7": ["1", "2"]}, {}
    ).to_pylist()
    assert [(row["activity_id"], row["record_id"]) for row in rows] == [("call:7", "1"), ("call:7:2", "2")]
    assert [(row["value"], row["unit"]) for row in rows] == [(90.0, "s")] * 2


def test_calls_that_reached_nobody_and_cancelled_meetings_do_not_count() -> None:
    records = [call("1", hs_call_status="NO_ANSWER"), call("2", hs_call_status="COMPLETED"), call("3")]
    rows = activities.engagements(_CALLS, records, {"1": ["9"], "2": ["9"], "3": ["9"]}, {}).to_pylist()
    assert [row["deleted"] for row in rows] == [True, False, False]
    meeting = {
        "id": "4",
        "properties": {"hs_meeting_outcome": "CANCELED", "hs_createdate": "2026-11-01T10:00:00Z"},
    }
    (row,) = activities.engagements(_MEETINGS, [meeting], {"4": ["9"]}, {}).to_pylist()
    assert row["deleted"] is True
    assert row["occurred_at"] == datetime(2026, 11, 1, 10)  # noqa: DTZ001  # tables hold naive UTC


def test_deletion_takes_an_activity_back() -> None:
    (row,) = activities.gone(_ORDERS, [{"id": "5"}]).to_pylist()
    assert (row["activity_id"], row["deleted"]) == ("order:5", True)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"type": "OPEN"}, ("email_open", None)),
        ({"type": "OPEN", "filteredEvent": True}, ("email_open", "machine")),
        ({"type": "CLICK", "url": "https://x.io"}, ("email_click", None)),
        ({"type": "STATUSCHANGE", "portalSubscriptionStatus": "UNSUBSCRIBED"}, ("unsubscribe", None)),
        ({"type": "STATUSCHANGE", "portalSubscriptionStatus": "SUBSCRIBED"}, None),
        ({"type": "DELIVERED"}, None),
    ],
)
def test_email_events(event: dict[str, Any], expected: tuple[str, str | None] | None) -> None:
    sent = {"id": "e1", "created": 1767225600000, "recipient": "a@b.io", **event}
    rows = activities.email_events([sent]).to_pylist()
    assert [(row["type"], row["origin"]) for row in rows] == ([expected] if expected else [])


def test_submissions_without_an_id_are_told_apart_by_time_and_address() -> None:
    sent = [
        {
            "submittedAt": 1767225600000,
            "values": [{"name": "email", "value": address}],
            "pageUrl": "https://x.io",
        }
        for address in ("a@b.io", "c@d.io")
    ]
    rows = activities.submissions("guid", "download", sent).to_pylist()
    assert len({row["activity_id"] for row in rows}) == 2
    assert [row["email"] for row in rows] == ["a@b.io", "c@d.io"]


def test_the_dearest_line_names_the_product() -> None:
    lines = [{"name": "Reed", "amount": "9.7"}, {"name": "Loom", "amount": "120"}, {"name": "Gift"}]
    assert activities.dearest(lines) == "Loom"
    assert activities.dearest([]) == ""
