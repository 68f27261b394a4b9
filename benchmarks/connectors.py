"""``python -m benchmarks.connectors [--quick]``: what people cost to read and write, by vendor.

Calls against the fewest that docs/calls.md allows, and the peak memory of the process that pulls, at 100,
10,000 and 1,000,000 people; then a connector's own CPU against that of a bare loop. ``--quick`` leaves the
million out. The sandbox is a process of its own, and every reading and writing is one.
"""

import sys
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks import overhead
from benchmarks.vendors import JSON_READERS, NOW, VENDORS, Meter, Served, Vendor, opened
from core.changes import Done, Ref, SetFields
from core.clock import FixedClock
from sync.progress import Silent
from sync.pull import pull
from sync.warehouse import Warehouse

_SIZES, _MILLION = (100, 10_000), 1_000_000


def measure(vendor: Vendor, count: int) -> None:
    """Print the calls of reading and writing ``count`` people, the fewest, their ratio, and the memory."""
    with TemporaryDirectory() as folder, Served() as served:
        served.prepare(vendor, count)
        for deed, fewest in ((_read, vendor.fewest_reads(count)), (_write, vendor.fewest_writes(count))):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
                calls, peak_mb = alone.submit(
                    deed, vendor.name, served.addresses, Path(folder), count
                ).result()
            print(
                f"{vendor.name} {deed.__name__[1:]} {count:,}: {calls:,} calls, fewest {fewest:,},"
                f" ratio {calls / fewest:.2f}; peak memory {peak_mb:.0f} MB",
                flush=True,
            )


def _read(name: str, addresses: Mapping[str, Any], folder: Path, count: int) -> tuple[int, float]:
    """Pull as ``scoreline sync`` does, into a data file; calls, and peak memory in MB."""
    meter = Meter()
    connector = opened(VENDORS[name], addresses, meter)
    report = pull([connector], Warehouse(folder / "data.duckdb"), folder / "stage", FixedClock(NOW), Silent())
    connector.close()
    assert report.totals().changed == count, report
    return len(meter.operations), _peak_mb()


def _write(name: str, addresses: Mapping[str, Any], folder: Path, count: int) -> tuple[int, float]:
    """Write one field of everybody who was read; calls, and peak memory in MB."""
    vendor, meter = VENDORS[name], Meter()
    with Warehouse(folder / "data.duckdb").read() as con:
        rows = con.execute("select record_id, email from person_records").fetchall()
    changes = [SetFields(Ref(name, vendor.field.object, *row), {vendor.field.name: 64}) for row in rows]
    connector = opened(vendor, addresses, meter)
    outcomes = connector.push(changes)
    connector.close()
    assert sum(isinstance(outcome, Done) for outcome in outcomes) == count
    return len(meter.operations), _peak_mb()


def _peak_mb() -> float:
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Calls and memory by size, then CPU."""
    for vendor in VENDORS.values():
        for count in _SIZES if "--quick" in sys.argv else (*_SIZES, _MILLION):
            measure(vendor, count)
    for name, reader in JSON_READERS.items():
        print(f"{name}: CPU of reading {overhead.ratio(reader):.2f} times a bare loop", flush=True)


if __name__ == "__main__":
    main()
