"""Who may write: one holder at a time, and a token that fences out whoever was asleep."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from core.clock import Clock, naive_utc
from core.errors import LeaseHeld, StateError
from sync.store import operational as tables
from sync.store.state import State

_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Lease:
    """Leave to write until it expires or somebody else takes it; renewed with every claim."""

    name: str
    token: int
    holder: str
    state: State
    clock: Clock
    lasts: timedelta

    def renew(self, con: Connection) -> None:
        """Prove within ``con``'s transaction that the lease is still ours, and extend it.

        Raises StateError when another process has taken it meanwhile: nothing may be sent any more.
        """
        row = con.execute(select(tables.leases).where(tables.leases.c.name == self.name)).mappings().first()
        if row is None or row["token"] != self.token or row["holder"] is None:
            taken_by = row["holder"] if row else None
            raise StateError(
                f"the lease {self.name!r} was lost to {taken_by or 'nobody'} while this process was asleep",
                remedy="nothing more was sent; the process that has it goes on with the work",
            )
        until = {"expires_at": naive_utc(self.clock.now()) + self.lasts}
        con.execute(update(tables.leases).where(tables.leases.c.name == self.name).values(until))

    def release(self) -> None:
        """Give it back; does nothing when it is no longer ours."""
        with self.state.write() as con:
            ours = (tables.leases.c.name == self.name) & (tables.leases.c.token == self.token)
            con.execute(update(tables.leases).where(ours).values(holder=None, expires_at=None))


def acquire(state: State, name: str, purpose: str, clock: Clock, lasts: timedelta = _LASTS) -> Lease:
    """Take the lease, or raise LeaseHeld naming who has it.

    A lease whose time is up, or whose process on this machine is gone, is taken over with a higher token.
    """
    holder = f"{purpose} (PID {os.getpid()} on {socket.gethostname()})"
    now = naive_utc(clock.now())
    with state.write() as con:
        row = con.execute(select(tables.leases).where(tables.leases.c.name == name)).mappings().first()
        if row is not None and row["holder"] and not _lapsed(row["expires_at"], row["pid"], row["host"], now):
            raise LeaseHeld(
                f"{row['holder']} is at work",
                holder=row["holder"],
                remedy="wait for it to finish, then try again",
            )
        token = row["token"] + 1 if row is not None else 1
        values = {
            "token": token, "holder": holder, "pid": os.getpid(), "host": socket.gethostname(),
            "expires_at": now + lasts,
        }  # fmt: skip
        con.execute(
            upsert(tables.leases).values(name=name, **values).on_conflict_do_update(["name"], set_=values)
        )
    return Lease(name, token, holder, state, clock, lasts)


def holder(state: State, name: str, clock: Clock) -> str | None:
    """Who holds the lease now; None when it is free."""
    with state.read() as con:
        row = con.execute(select(tables.leases).where(tables.leases.c.name == name)).mappings().first()
    if (
        row is None
        or not row["holder"]
        or _lapsed(row["expires_at"], row["pid"], row["host"], naive_utc(clock.now()))
    ):
        return None
    return str(row["holder"])


def _lapsed(expires_at: datetime | None, pid: int, host: str, now: datetime) -> bool:
    if expires_at is None or expires_at <= now:
        return True
    return host == socket.gethostname() and not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
