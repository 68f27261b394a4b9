"""Whose consent a run may rely on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.registry import capabilities
from core.clock import FixedClock, naive_utc
from core.errors import ConnectorError
from sync.configuration import load_settings
from sync.planning.inputs import unread
from sync.pull import Failure, PullReport
from sync.wiring import Runtime

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHIPPED = Path(__file__).parents[3] / "config" / "scoreline.yaml"


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    settings = load_settings(SHIPPED).model_copy(update={"state_dir": tmp_path})
    return Runtime(settings, FixedClock(NOW))


def _read(runtime: Runtime, ago: timedelta, *but: str) -> None:
    """Every stream of every vendor was read so long ago, but for these."""
    rows = [
        (vendor, stream.name, naive_utc(NOW - ago))
        for vendor in runtime.settings.connections.vendors()
        for stream in capabilities(vendor).streams
        if stream.name not in but
    ]
    with runtime.warehouse.write("reading") as con:
        con.executemany("insert into watermarks (vendor, stream, until) values (?, ?, ?)", rows)


def test_consent_read_lately_is_relied_on_and_older_is_not(runtime: Runtime) -> None:
    _read(runtime, timedelta(minutes=29))
    assert unread(runtime, None) == ()
    runtime.clock.advance(timedelta(minutes=2))  # type: ignore[attr-defined]
    assert set(unread(runtime, None)) == {"salesforce", "hubspot", "mailchimp"}


def test_consent_that_failed_to_be_read_in_this_run_is_not_relied_on(runtime: Runtime) -> None:
    _read(runtime, timedelta(minutes=1))
    error = ConnectorError("503", vendor="hubspot")
    pulled = PullReport((), (Failure("hubspot", "owners", error, ("contacts",)),))
    assert unread(runtime, pulled) == ("hubspot",)


def test_stream_that_is_skipped_has_no_consent_to_wait_for(runtime: Runtime) -> None:
    _read(runtime, timedelta(minutes=1), "leads")
    assert unread(runtime, None) == ("salesforce",)
    connections = runtime.settings.connections
    salesforce = connections.salesforce
    assert salesforce is not None
    without = salesforce.model_copy(update={"skip": ("leads",)})
    settings = runtime.settings.model_copy(
        update={"connections": connections.model_copy(update={"salesforce": without})}
    )
    assert unread(Runtime(settings, runtime.clock), None) == ()
