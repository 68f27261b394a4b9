"""How reading and writing are told to whoever watches."""

import threading
from collections.abc import Callable, Iterable

from core.errors import StateError
from sync.apply import Applied
from sync.progress import Progress
from sync.pull import Failure, PullReport, StreamReport


class PullProgress:
    """Pages of several vendors at once → one line a vendor. Ends the reading when ``stop`` is set."""

    def __init__(self, progress: Progress, stop: threading.Event) -> None:
        self._progress, self._stop = progress, stop
        self._read: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()

    def page(self, vendor: str, stream: str, records: int, total: int | None) -> None:
        """A page is on disk. Raises StateError when the process was asked to end: the next pull resumes."""
        if self._stop.is_set():
            raise StateError(
                f"stopped while reading {vendor} {stream}", remedy="the next pull goes on from here"
            )
        with self._lock:
            self._read[vendor, stream] = records
            read = sum(count for (name, _), count in self._read.items() if name == vendor)
        self._progress.update(
            "pull", vendor, read, None, stream if total is None else f"{stream} of {total:,}"
        )

    def done(self, report: StreamReport) -> None:
        self._progress.update("pull", report.vendor, self._total(report.vendor), None, report.stream)

    def failed(self, failure: Failure) -> None:
        self._progress.finish("pull", failure.vendor, f"{failure.stream} stopped: {failure.error}")

    def close(self, report: PullReport, vendors: Iterable[str]) -> None:
        """One line a vendor: what changed, and how much of what was read did not."""
        for vendor in vendors:
            counts = report.totals(vendor)
            parts = [f"{counts.changed:,} changed"]
            parts += [f"{counts.unchanged:,} read again unchanged"] if counts.unchanged else []
            parts += [f"{counts.removed:,} gone"] if counts.removed else []
            self._progress.finish("pull", vendor, ", ".join(parts))

    def _total(self, vendor: str) -> int:
        with self._lock:
            return sum(count for (name, _), count in self._read.items() if name == vendor)


def push_progress(progress: Progress) -> Callable[[str, int, int], None]:
    """What ``apply`` tells after every batch."""
    return lambda vendor, done, total: progress.update("push", vendor, done, total)


def push_summary(applied: Applied) -> str:
    """``1,899 of 1,902 written, 3 rejected``."""
    parts = [f"{applied.done:,} of {applied.planned:,} written"]
    if applied.rejected:
        parts.append(f"{len(applied.rejected):,} rejected")
    if applied.withheld:
        parts.append(f"{applied.withheld:,} withheld (consent)")
    if applied.gone:
        parts.append(f"{applied.gone:,} gone")
    if applied.unknown:
        parts.append(f"{applied.unknown:,} without an answer, to be read back")
    if applied.parked:
        until = f" until {applied.parked_until:%Y-%m-%d %H:%M} UTC" if applied.parked_until else ""
        parts.append(f"{applied.unsent:,} waiting for the allowance{until}")
    if applied.failure:
        parts.append(f"stopped: {applied.failure}")
    return ", ".join(parts)
