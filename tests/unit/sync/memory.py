"""A vendor in memory: what it holds is what a test puts there."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from connectors.base import Capabilities, Page, Stream, Token, Window
from core.changes import AskConsent, Change, CheckReport, FieldSpec, FieldState, ListSpec, Outcome, Ref
from core.clock import naive_utc
from core.tables import PULLED

Row = Mapping[str, Any]


def table(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows in the schema of a pulled table; what a row does not say is null."""
    schema = PULLED[name]
    return pa.Table.from_pylist(
        [{field: row.get(field) for field in schema.names} for row in rows], schema=schema
    )


class MemoryConnector:
    """Streams over lists of (table, row); ``page_size`` rows a page, a token on each.

    fail_after: raise ``failure`` once so many pages were given, until ``heal``.
    given: pages of the last read.
    """

    def __init__(self, name: str, streams: Sequence[Stream], page_size: int = 2) -> None:
        self.name = name
        self.capabilities = Capabilities(streams=tuple(streams))
        self.rows: dict[str, list[tuple[str, Row]]] = {stream.name: [] for stream in streams}
        self.page_size = page_size
        self.windows: list[tuple[str, Window, Token | None]] = []
        self.fail_after: int | None = None
        self.failure: Exception | None = None
        self.forgets_tokens = False
        self.given = 0

    def put(self, stream: str, table_name: str, **row: Any) -> None:
        """Store a row of this vendor."""
        self.rows[stream].append((table_name, {"vendor": self.name, **row}))

    def heal(self) -> None:
        self.failure = None

    def check(self) -> CheckReport:
        return CheckReport(self.name)

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        self.windows.append((stream.name, window, resume))
        self.given = 0
        if resume is not None and self.forgets_tokens and self.failure:
            raise self.failure
        rows = [pair for pair in self.rows[stream.name] if stream.sweep or _within(pair[1], window)]
        wanted = sorted(
            (pair for pair in rows if resume is None or _key(pair[1]) > resume),
            key=lambda pair: _key(pair[1]),
        )
        for start in range(0, len(wanted), self.page_size):
            if self.failure and self.given == self.fail_after:
                raise self.failure
            part = wanted[start : start + self.page_size]
            names = {name for name, _ in part}
            tables = {name: table(name, [row for kind, row in part if kind == name]) for name in names}
            self.given += 1
            yield Page(tables, _key(part[-1][1]), len(part), len(wanted))
        if self.failure and self.given == self.fail_after:
            raise self.failure

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return [FieldState(spec, "present") for spec in specs]

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return self.field_states(specs)

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        return [spec.name if create else None for spec in specs]

    def list_scope(self, spec: ListSpec) -> str:
        assert spec.name
        return ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        return len(changes)

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        del refs
        return {}

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        raise AssertionError(f"reading must not write: {changes}")

    def close(self) -> None: ...


def _key(row: Row) -> str:
    """Rows are read in this order, so that a place in it stays one while others come and go."""
    return str(row.get("record_id") or row.get("activity_id"))


def _within(row: Row, window: Window) -> bool:
    """Rows without a modification time are always delivered, as a page of several tables does."""
    modified: datetime | None = row.get("modified_at")
    if modified is None:
        return True
    since = naive_utc(window.since) if window.since else datetime.min  # noqa: DTZ901  # tables are naive UTC
    return since <= modified <= naive_utc(window.until)
