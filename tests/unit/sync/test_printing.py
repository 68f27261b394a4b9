"""What people read, and what machines do."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.errors import TransientError
from sync import printing
from sync.apply import Applied, ApplyReport
from sync.run import RunReport
from sync.snapshots import showing

_RECORD = {"vendor": "hubspot", "object": "contacts", "record_id": "7"}


def _field(
    label: str, held: str | None, desired: str | None = None, why: str | None = None
) -> dict[str, Any]:
    return {**_RECORD, "label": label, "held": held, "desired": desired or held, "why": why}


def _explained(*fields: dict[str, Any]) -> str:
    who = {"contact_id": "c-1", "first_name": "Ann", "last_name": "Lee", "email": "ann@acme.com"}
    return showing.explanation(
        {
            "contact": who, "models": [], "as_of": None, "next_change": None, "consents": [],
            "records": [_RECORD, {**_RECORD, "record_id": "8"}], "fields": fields,
        }
    )  # fmt: skip


def test_explained_records_show_what_they_hold_of_ours_as_far_as_it_is_short() -> None:
    text = _explained(
        _field("score", "87"), _field("stage", "MQL"), _field("nps", None), _field("why", "x" * 99)
    )
    assert "contacts 7  score 87, stage MQL\n" in text
    assert text.endswith("contacts 8  nothing of ours")


def test_every_difference_is_shown() -> None:
    text = _explained(_field("score", "87", "90", "small"), _field("why", "x" * 99, "y", "rides"))
    assert "score  87 → 90       small" in text
    assert "why    another text  rides" in text


def test_instants_for_machines_say_that_they_are_utc() -> None:
    noon = datetime(2026, 3, 1, 12)  # noqa: DTZ001  # as tables keep it
    said = printing.plain({"at": noon, "aware": noon.replace(tzinfo=UTC), "day": date(2026, 3, 1)})
    assert said == {
        "at": "2026-03-01T12:00:00+00:00",
        "aware": "2026-03-01T12:00:00+00:00",
        "day": "2026-03-01",
    }


def test_vendor_that_failed_while_writing_is_said_with_what_it_was_not_sent() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    failure = TransientError("503: down", vendor="hubspot")
    applied = ApplyReport(7, {"hubspot": Applied("hubspot", 3, done=1, unsent=2, failure=failure)})
    report = RunReport("sync", run_id=7, started_at=noon, ended_at=noon, applied=applied)
    text = printing.run(printing.run_result(report, []))
    assert text == "hubspot: 2 changes not sent: hubspot: 503: down\nFailed in part. Nothing lost; run 7."


@pytest.mark.parametrize(
    ("count", "noun", "said"),
    [
        (1, "people", "1 person"),
        (2, "people", "2 people"),
        (1, "tasks", "1 task"),
        (1200, "calls", "1,200 calls"),
    ],
)
def test_what_is_counted_stands_in_its_number(count: int, noun: str, said: str) -> None:
    assert printing.counted(count, noun) == said
