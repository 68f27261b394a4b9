"""Read every vendor at once: pages to disk while the network is open, then rows and watermark together."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa

from connectors.base import Connector, Stream, Token, Window
from core.clock import Clock, naive_utc
from core.errors import (
    AuthError,
    ConnectorError,
    DataError,
    QuotaExhausted,
    ScorelineError,
    StateError,
    TransientError,
)
from sync.load import Counts, load, stored_rows
from sync.progress import Progress
from sync.stage import Begun, Stage
from sync.warehouse import Warehouse

#: A complete listing that is suddenly empty, where at least this many rows are stored, is not believed.
_SUSPICIOUS_ROWS = 10

#: Loading is sorting and joining, which DuckDB does about as fast from disk; a million people take some
#: 300 MB of this process then. What it cannot spill may need more: then the load is tried again with the next
#: size, at last with what DuckDB takes by itself.
_LOAD_MB = (64, 128, 256, None)

#: So many streams in a row failing after all their retries: the vendor is down, the rest is not tried.
_GIVE_UP_AFTER = 2


@dataclass(frozen=True, slots=True)
class StreamReport:
    """One stream read to its end. changed + unchanged are records; unchanged are echoes and overlap."""

    vendor: str
    stream: str
    pages: int
    records: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class Failure:
    """One stream that could not be read; ``skipped`` names those not tried because of it."""

    vendor: str
    stream: str
    error: ScorelineError
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PullReport:
    """What came in, by stream in reading order, and what did not."""

    streams: tuple[StreamReport, ...]
    failures: tuple[Failure, ...]

    def totals(self, vendor: str | None = None) -> Counts:
        """Records of one vendor, or of all."""
        return sum((report.counts for report in self.streams if vendor in (None, report.vendor)), Counts())

    @property
    def summary(self) -> str:
        """One line: what is news, what was read again without any, and what went wrong."""
        counts = self.totals()
        parts = [f"{counts.changed:,} changed"]
        parts += [f"{counts.unchanged:,} read again unchanged"] if counts.unchanged else []
        parts += [f"{counts.removed:,} gone"] if counts.removed else []
        parts += [f"stopped at {failure.stream}: {failure.error.message}" for failure in self.failures]
        return ", ".join(parts)


def pull(
    connectors: Iterable[Connector],
    warehouse: Warehouse,
    stage_dir: Path,
    clock: Clock,
    report: Progress,
    reading: Mapping[str, str] = MappingProxyType({}),
) -> PullReport:
    """Read what changed in each vendor since its watermarks, each vendor in its own thread.

    reading: vendor → what decides what is read of its records; where that is another than the last time, they
    are read from the beginning.

    One vendor or stream that fails leaves the others done; what was staged of it is resumed next time.
    Raises what is no ScorelineError, after all vendors have ended.
    """
    readers = [
        _VendorPull(one, warehouse, stage_dir, clock, report, reading.get(one.name, "")) for one in connectors
    ]
    if not readers:
        return PullReport((), ())
    with ThreadPoolExecutor(len(readers), thread_name_prefix="pull") as pool:
        running = [pool.submit(reader.run) for reader in readers]
    reports = [future.result() for future in running]
    return PullReport(
        tuple(stream for done in reports for stream in done.streams),
        tuple(failure for done in reports for failure in done.failures),
    )


class _VendorPull:
    """All streams of one vendor, in its own order."""

    def __init__(
        self,
        connector: Connector,
        warehouse: Warehouse,
        stage_dir: Path,
        clock: Clock,
        progress: Progress,
        reading: str,
    ) -> None:
        self._connector, self._warehouse = connector, warehouse
        self._folder, self._clock, self._progress = stage_dir / connector.name, clock, progress
        self._records, self._reading = 0, reading
        self._known: tuple[dict[str, tuple[datetime, str | None]], int] | None = None
        self._otherwise: set[str] = set()

    def run(self) -> PullReport:
        done: list[StreamReport] = []
        failures: list[Failure] = []
        streams = self._connector.capabilities.streams
        failed_in_a_row = 0
        for position, stream in enumerate(streams):
            try:
                done.extend(self._read(stream))
                failed_in_a_row = 0
            except ScorelineError as error:
                failed_in_a_row += 1
                down = isinstance(error, TransientError) and failed_in_a_row >= _GIVE_UP_AFTER
                stops = isinstance(error, AuthError | QuotaExhausted | StateError) or down
                skipped = tuple(other.name for other in streams[position + 1 :]) if stops else ()
                failures.append(Failure(self._connector.name, stream.name, error, skipped))
                if stops:
                    break
        report = PullReport(tuple(done), tuple(failures))
        self._progress.finish("pull", self._connector.name, report.summary)
        return report

    def _read(self, stream: Stream) -> list[StreamReport]:
        """Finish an interrupted read first, then read up to now."""
        stage = Stage(self._folder / stream.name)
        reports = []
        interrupted = stage.begun()
        if interrupted is not None:
            reports.append(self._resumed(stream, stage, interrupted))
            self._known = None
        if interrupted is None or interrupted.at < naive_utc(self._clock.now()):
            begun = self._begin(stream)
            stage.begin(begun)
            reports.append(self._to_the_end(stream, stage, begun, None))
        return reports

    def _resumed(self, stream: Stream, stage: Stage, begun: Begun) -> StreamReport:
        """Go on where the last process stopped; where the vendor no longer knows the place, start again."""
        token = stage.resume_token()
        if token is None:
            stage.begin(begun)
        before = stage.pages()
        try:
            return self._to_the_end(stream, stage, begun, token)
        except (AuthError, QuotaExhausted, TransientError):
            raise
        except ConnectorError:
            if token is None or stage.pages() > before:
                raise
        stage.begin(begun)
        return self._to_the_end(stream, stage, begun, None)

    def _begin(self, stream: Stream) -> Begun:
        """From a little before what is proved, up to now, and after how much of our own writing.

        From the beginning where it was read otherwise, or by a clock that was ahead and proved nothing.
        """
        self._known = self._known or self._recalled()
        proved_until, folded_through = self._known
        now = self._clock.now()
        proved, reading = proved_until.get(stream.name, (None, None))
        since = proved.replace(tzinfo=now.tzinfo) - timedelta(seconds=stream.overlap_s) if proved else None
        if reading not in (None, self._reading):
            self._otherwise.add(stream.name)
            since = None
        if since is not None and since > now:
            since = None
        return Begun(Window(since, now), naive_utc(now), folded_through)

    def _recalled(self) -> tuple[dict[str, tuple[datetime, str | None]], int]:
        """Until when each stream is proved, by which settings, and how much of our own writing is folded."""
        with self._warehouse.read(f"starting {self._connector.name}") as con:
            watermarks = con.execute(
                "select stream, until, token from watermarks where vendor = ?", [self._connector.name]
            ).fetchall()
            folded = con.execute("select coalesce(max(through), 0) from folded").fetchone()
        return {stream: (until, reading) for stream, until, reading in watermarks}, folded[0] if folded else 0

    def _to_the_end(self, stream: Stream, stage: Stage, begun: Begun, token: Token | None) -> StreamReport:
        pages, records = stage.pages(), stage.records()
        arriving = iter(self._connector.pull(stream, begun.window, token))
        while True:
            # the vendor's answer is at least this new
            asked_at = self._clock.now()
            page = next(arriving, None)
            if page is None:
                break
            try:
                stage.add(page, asked_at)
            except (ValueError, KeyError) as error:
                raise DataError(f"{self._connector.name} {stream.name}: {error}") from error
            pages, records = pages + 1, records + page.records
            self._records += page.records
            self._progress.update("pull", self._connector.name, self._records, note=stream.name)
        counts = self._store(stream, stage, begun, records)
        stage.clear()
        return StreamReport(self._connector.name, stream.name, pages, records, counts)

    def _store(self, stream: Stream, stage: Stage, begun: Begun, records: int) -> Counts:
        # what the last pages took is wanted for loading
        pa.default_memory_pool().release_unused()
        for memory_mb in _LOAD_MB[:-1]:
            with suppress(duckdb.OutOfMemoryException):
                return self._load(stream, stage, begun, records, memory_mb)
        return self._load(stream, stage, begun, records, _LOAD_MB[-1])

    def _load(
        self, stream: Stream, stage: Stage, begun: Begun, records: int, memory_mb: int | None
    ) -> Counts:
        vendor = self._connector.name
        with self._warehouse.write(f"loading {vendor} {stream.name}", memory_mb=memory_mb) as con:
            if stream.sweep and not records and stream.name not in self._otherwise:
                stored = stored_rows(con, vendor, stream)
                if stored >= _SUSPICIOUS_ROWS:
                    stage.clear()
                    raise _suddenly_empty(vendor, stream, stored)
            return load(con, vendor, stream, stage, begun, self._proved(stream, begun), self._reading)

    def _proved(self, stream: Stream, begun: Begun) -> datetime:
        """A vendor's newest changes may not be visible yet: the last seconds are read again next time."""
        until = naive_utc(begun.window.until)
        return until - timedelta(seconds=stream.lag_s)


def _suddenly_empty(vendor: str, stream: Stream, stored: int) -> ConnectorError:
    return ConnectorError(
        f"the listing came back empty, where {stored:,} rows are known",
        vendor=vendor,
        operation=stream.name,
        remedy="nothing was removed; look whether the account, its permissions or the filter changed",
    )
