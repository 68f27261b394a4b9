"""Counts calls per vendor and day in the operational store, and stops before the budget is overspent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from core.clock import Clock, naive_utc
from core.errors import QuotaExhausted
from sync.store import operational as tables
from sync.store.state import State


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls we allow ourselves a day; ``reserve`` of them are kept for writes and consent."""

    calls_per_day: int
    reserve: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """One vendor's day: what we called, what we allow ourselves, and what the vendor says it counted.

    writes: those of the calls that wrote, or that a write needed.
    """

    vendor: str
    calls: int
    writes: int
    budget: int | None
    vendor_used: int | None
    vendor_limit: int | None


class Meter:
    """The durable ``connectors.transport.CallMeter``. Days are UTC days."""

    def __init__(self, state: State, clock: Clock, budgets: Mapping[str, Budget]) -> None:
        self._state, self._clock, self._budgets = state, clock, dict(budgets)

    def spend(self, vendor: str, operation: str, *, write: bool = False) -> None:
        """Count one call about to be made. Raises QuotaExhausted instead of exceeding the budget.

        write: it writes, or a write needs it, so that it may use the reserve.
        """
        now = self._clock.now()
        budget = self._budgets.get(vendor)
        with self._state.write() as con:
            if budget is not None:
                used = int(con.execute(_used(vendor, _day(now))).scalar() or 0)
                if used >= budget.calls_per_day - (0 if write else budget.reserve):
                    raise _spent(vendor, operation, budget, used, now)
            row = upsert(tables.calls).values(
                vendor=vendor, day=_day(now), operation=operation, calls=1, writes=int(write)
            )
            counted = {"calls": tables.calls.c.calls + 1, "writes": tables.calls.c.writes + int(write)}
            con.execute(row.on_conflict_do_update(["vendor", "day", "operation"], set_=counted))

    def observe(self, vendor: str, *, used: int, limit: int) -> None:
        """Take in what the vendor itself says about its allowance."""
        values = {"used": used, "limit": limit, "at": naive_utc(self._clock.now())}
        with self._state.write() as con:
            row = upsert(tables.allowances).values(vendor=vendor, **values)
            con.execute(row.on_conflict_do_update(["vendor"], set_=values))

    def today(self) -> list[Spent]:
        """Every vendor with calls today or a budget, by name."""
        day = _day(self._clock.now())
        with self._state.read() as con:
            query = select(
                tables.calls.c.vendor, func.sum(tables.calls.c.calls), func.sum(tables.calls.c.writes)
            ).where(tables.calls.c.day == day)
            spent = {row[0]: (row[1], row[2]) for row in con.execute(query.group_by(tables.calls.c.vendor))}
            said = {row["vendor"]: row for row in con.execute(select(tables.allowances)).mappings()}
        report = []
        for vendor in sorted(spent.keys() | self._budgets.keys()):
            calls, writes = spent.get(vendor, (0, 0))
            budget, own = self._budgets.get(vendor), said.get(vendor)
            report.append(
                Spent(
                    vendor, calls, writes, budget.calls_per_day if budget else None,
                    own["used"] if own else None, own["limit"] if own else None,
                )
            )  # fmt: skip
        return report


def _used(vendor: str, day: str) -> Select[Any]:
    return select(func.sum(tables.calls.c.calls)).where(
        tables.calls.c.vendor == vendor, tables.calls.c.day == day
    )


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _spent(vendor: str, operation: str, budget: Budget, used: int, now: datetime) -> QuotaExhausted:
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    kept = f", of which {budget.reserve:,} are kept for writes" if budget.reserve else ""
    return QuotaExhausted(
        f"{used:,} of our own {budget.calls_per_day:,} calls a day are spent{kept}",
        vendor=vendor,
        operation=operation,
        resets_at=tomorrow,
        remedy=f"goes on by itself after {tomorrow:%Y-%m-%d %H:%M} UTC, or raise connections.{vendor}.budget",
    )
