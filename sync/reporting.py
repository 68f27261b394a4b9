"""How reading and writing are told to whoever watches, and stopped by whoever asks."""

import threading

from core.errors import StateError
from sync.apply import Applied
from sync.progress import Progress


class Stoppable:
    """Passes progress on until the process is asked to end; then the step under way was the last.

    What was read is staged and what was acknowledged is journalled, so the next run goes on from there.
    """

    def __init__(self, progress: Progress, stop: threading.Event) -> None:
        self._progress, self._stop = progress, stop

    def update(self, verb: str, what: str, done: int, total: int | None = None, note: str = "") -> None:
        """Raises StateError when ``stop`` is set."""
        if self._stop.is_set():
            raise StateError(f"asked to stop during {verb} {what}", remedy="the next run goes on from here")
        self._progress.update(verb, what, done, total, note)

    def finish(self, verb: str, what: str, summary: str) -> None:
        self._progress.finish(verb, what, summary)


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
