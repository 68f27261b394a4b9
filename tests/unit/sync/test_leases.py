"""One writer at a time, and whoever slept through the end of their turn is fenced out."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.clock import FixedClock
from core.errors import LeaseHeld, StateError
from sync.store import leases, operational
from sync.store.state import State


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state.sqlite")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 3, 1, tzinfo=UTC))


def test_second_taker_is_told_who_has_it(state: State, clock: FixedClock) -> None:
    leases.acquire(state, "work", "sync", clock)
    with pytest.raises(LeaseHeld) as caught:
        leases.acquire(state, "work", "daemon", clock)
    assert caught.value.exit_code == 75
    assert f"sync (PID {os.getpid()}" in caught.value.holder == leases.holder(state, "work", clock)


def test_released_lease_is_free(state: State, clock: FixedClock) -> None:
    leases.acquire(state, "work", "sync", clock).release()
    assert leases.holder(state, "work", clock) is None
    leases.acquire(state, "work", "sync", clock)


def test_who_slept_past_the_end_is_fenced_out(state: State, clock: FixedClock) -> None:
    sleeper = leases.acquire(state, "work", "sleeper", clock, timedelta(minutes=5))
    clock.advance(timedelta(minutes=6))
    leases.acquire(state, "work", "successor", clock)
    with pytest.raises(StateError, match="successor"), state.write() as con:
        sleeper.renew(con)
    sleeper.release()
    assert "successor" in (leases.holder(state, "work", clock) or ""), (
        "it releases nothing that is not its own"
    )


def test_renewed_lease_lasts_longer(state: State, clock: FixedClock) -> None:
    lease = leases.acquire(state, "work", "sync", clock, timedelta(minutes=5))
    clock.advance(timedelta(minutes=4))
    with state.write() as con:
        lease.renew(con)
    clock.advance(timedelta(minutes=4))
    with pytest.raises(LeaseHeld):
        leases.acquire(state, "work", "daemon", clock)


def test_lease_of_a_dead_process_is_taken_over(state: State, clock: FixedClock) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    leases.acquire(state, "work", "sync", clock)
    with state.write() as con:
        con.execute(update(operational.leases).values(pid=int(ended.stdout)))
    assert leases.acquire(state, "work", "daemon", clock).token == 2


def test_lease_of_another_machine_is_respected_until_it_ends(state: State, clock: FixedClock) -> None:
    leases.acquire(state, "work", "sync", clock)
    with state.write() as con:
        con.execute(update(operational.leases).values(host=f"not-{socket.gethostname()}", pid=2**22 + 1))
    with pytest.raises(LeaseHeld):
        leases.acquire(state, "work", "daemon", clock)
