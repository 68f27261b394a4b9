"""Calls are counted durably, and the budget is never exceeded."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.errors import QuotaExhausted
from sync.store.meter import Budget, Meter, Spent
from sync.store.state import State

EVENING = datetime(2026, 3, 1, 22, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(EVENING)


def _meter(folder: Path, clock: FixedClock) -> Meter:
    return Meter(State(folder / "state.sqlite"), clock, {"hubspot": Budget(10, reserve=3)})


def test_reading_stops_before_the_reserve_and_writing_before_the_end(
    tmp_path: Path, clock: FixedClock
) -> None:
    meter = _meter(tmp_path, clock)
    for _ in range(7):
        meter.spend("hubspot", "search")
    with pytest.raises(QuotaExhausted, match="3 are kept for writes"):
        meter.spend("hubspot", "search")
    for _ in range(3):
        meter.spend("hubspot", "batch update", write=True)
    with pytest.raises(QuotaExhausted) as caught:
        meter.spend("hubspot", "batch update", write=True)
    assert caught.value.resets_at == datetime(2026, 3, 2, tzinfo=UTC)
    assert meter.today() == [Spent("hubspot", 10, 3, 10, None, None)]


def test_count_survives_the_process(tmp_path: Path, clock: FixedClock) -> None:
    for _ in range(7):
        _meter(tmp_path, clock).spend("hubspot", "search")
    with pytest.raises(QuotaExhausted):
        _meter(tmp_path, clock).spend("hubspot", "search")


def test_next_day_begins_anew(tmp_path: Path, clock: FixedClock) -> None:
    meter = _meter(tmp_path, clock)
    for _ in range(7):
        meter.spend("hubspot", "search")
    clock.advance(timedelta(hours=2))
    meter.spend("hubspot", "search")
    assert meter.today()[0].calls == 1


def test_vendor_without_a_budget_is_only_counted(tmp_path: Path, clock: FixedClock) -> None:
    meter = _meter(tmp_path, clock)
    meter.spend("salesforce", "query")
    meter.observe("salesforce", used=812, limit=15_000)
    meter.observe("salesforce", used=813, limit=15_000)
    assert meter.today() == [
        Spent("hubspot", 0, 0, 10, None, None),
        Spent("salesforce", 1, 0, None, 813, 15_000),
    ]
