"""One fake per protocol: a meter, a sleep that takes no time, and a connector with its world in memory."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from connectors.base import Capabilities, Page, Stream, Token, Window
from core.changes import (
    AskConsent,
    Change,
    CheckItem,
    CheckReport,
    CreateTask,
    Done,
    FieldSpec,
    FieldState,
    Gone,
    ListSpec,
    Outcome,
    Ref,
    Rejected,
    SetFields,
    SetMembership,
    Value,
    Withheld,
)
from core.clock import naive_utc
from core.errors import QuotaExhausted
from core.tables import CONVERTED, DELETED, LIVE, MERGED, PULLED


@dataclass
class FakeMeter:
    """Counts in memory; raises before call ``budget`` + 1."""

    budget: int | None = None
    calls: list[tuple[str, str, bool]] = field(default_factory=list)
    observed: dict[str, tuple[int, int]] = field(default_factory=dict)

    def spend(self, vendor: str, operation: str, *, write: bool = False) -> None:
        if self.budget is not None and len(self.calls) >= self.budget:
            raise QuotaExhausted("the budget is spent", vendor=vendor, operation=operation)
        self.calls.append((vendor, operation, write))

    def observe(self, vendor: str, *, used: int, limit: int) -> None:
        self.observed[vendor] = (used, limit)

    def count(self, operation: str | None = None) -> int:
        return sum(operation in {None, call[1]} for call in self.calls)


@dataclass
class FakeSleep:
    """Remembers how long it was asked to wait."""

    slept: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


@dataclass
class FakeRecord:
    """One person as the fake vendor holds it; ``state`` as in ``core.tables``."""

    record_id: str
    email: str | None
    modified_at: datetime
    created_at: datetime
    consent: str = "subscribed"
    state: str = LIVE
    successor: str | None = None
    fields: dict[str, Value] = field(default_factory=dict)


_TABLES = ("person_records", "consent_records", "observed")
FAKE_STREAM = Stream("people", _TABLES)
EMPTY_STREAM = Stream("events", ("activity_records",))


class FakeVendor:
    """The outside world behind ``FakeConnector``: what the vendor's users and servers would do."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 8, tzinfo=UTC)) -> None:
        self.now = now
        self.records: dict[str, FakeRecord] = {}
        self.lists: dict[str, str] = {}
        self.members: dict[str, set[str]] = {}
        self.tasks: dict[str, str] = {}
        self.fields: dict[str, FieldSpec] = {}
        self.refused: set[str] = set()
        self.writes = 0

    def add(self, email: str | None = None) -> FakeRecord:
        number = len(self.records) + 1
        record = FakeRecord(f"p{number:07d}", email or f"person{number}@acme.test", self.now, self.now)
        self.records[record.record_id] = record
        return record

    def touch(self, record: FakeRecord) -> None:
        self.now += timedelta(seconds=1)
        record.modified_at = self.now


class FakeConnector:
    """A connector over a ``FakeVendor``, keyset-paged as the real ones are."""

    name = "fake"
    capabilities = Capabilities(
        streams=(FAKE_STREAM, EMPTY_STREAM),
        person_objects=("person",),
        fields_per_call=100,
        members_per_call=100,
    )

    def __init__(
        self,
        vendor: FakeVendor,
        *,
        observe: Mapping[str, Sequence[str]] | None = None,
        lists: Sequence[ListSpec] = (),
        page_size: int = 100,
    ) -> None:
        self.vendor, self.page_size = vendor, page_size
        self._observe = tuple((observe or {}).get("person", ()))
        self._lists = tuple(spec.name for spec in lists)

    def check(self) -> CheckReport:
        return CheckReport(self.name, (CheckItem("log in", ok=True),))

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        if stream.name != FAKE_STREAM.name:
            return
        after = tuple(json.loads(resume)) if resume else ("", "")
        while True:
            found = sorted(
                (record for record in self.vendor.records.values() if _within(record, window)), key=_place
            )
            page = [record for record in found if _place(record) > after][: self.page_size]
            if not page:
                return
            after = _place(page[-1])
            yield Page(self._tables(page), json.dumps(after), len(page), len(found))

    def _tables(self, page: Sequence[FakeRecord]) -> dict[str, pa.Table]:
        rows: dict[str, list[dict[str, object]]] = {name: [] for name in _TABLES}
        for record in page:
            key: dict[str, object] = {"vendor": self.name, "object": "person", "record_id": record.record_id}
            rows["person_records"].append(
                {
                    **key,
                    "email": record.email,
                    "state": record.state,
                    "successor": record.successor,
                    "created_at": naive_utc(record.created_at),
                    "modified_at": naive_utc(record.modified_at),
                }
            )
            rows["consent_records"].append({**key, "channel": "email", "status": record.consent})
            for name in self._observe:
                if name in self.vendor.fields:
                    rows["observed"].append({**key, "field": name, "value": _text(record.fields.get(name))})
            for name in self._lists:
                held = record.record_id in self.vendor.members.get(self.vendor.lists.get(name, ""), set())
                rows["observed"].append({**key, "field": f"list:{name}", "value": "member" if held else None})
        return {name: pa.Table.from_pylist(some, schema=PULLED[name]) for name, some in rows.items() if some}

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return [
            FieldState(spec, "present" if spec.name in self.vendor.fields else "missing") for spec in specs
        ]

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        found = self.field_states(specs)
        for state in found:
            if state.status == "missing":
                self.vendor.fields[state.spec.name] = state.spec
                self.vendor.writes += 1
        return [
            FieldState(state.spec, "created" if state.status == "missing" else state.status)
            for state in found
        ]

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        for spec in specs:
            if create and spec.name not in self.vendor.lists:
                self.vendor.lists[spec.name] = f"list-{len(self.vendor.lists) + 1}"
                self.vendor.writes += 1
        return [self.vendor.lists.get(spec.name) for spec in specs]

    def list_scope(self, spec: ListSpec) -> str:  # noqa: ARG002  # the protocol's
        return ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        return -(-len(changes) // 100)

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        held = ((ref, self.vendor.records.get(ref.record_id)) for ref in refs)
        return {ref: one.consent for ref, one in held if one is not None and one.consent == "unsubscribed"}

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        return [self._pushed(change) for change in changes]

    def _pushed(self, change: Change) -> Outcome:
        record = self.vendor.records.get(change.ref.record_id)
        if record is None:
            return Gone(change, "deleted")
        if record.state != LIVE:
            return Gone(
                change,
                {MERGED: "merged", CONVERTED: "converted"}.get(record.state, "deleted"),
                record.successor,
            )
        if record.record_id in self.vendor.refused:
            return Rejected(change, "VALIDATION", "a rule blocks the save", "Fix the record or the rule.")
        return self._applied(change, record)

    def _applied(self, change: Change, record: FakeRecord) -> Outcome:
        created = None
        if isinstance(change, SetMembership):
            if change.member and change.channel == "email" and record.consent != "subscribed":
                return Withheld(change, record.consent)
            members = self.vendor.members.setdefault(change.list_id, set())
            (members.add if change.member else members.discard)(record.record_id)
        elif isinstance(change, SetFields):
            unknown = sorted(set(change.values) - set(self.vendor.fields))
            if unknown:
                return Rejected(change, "NO_FIELD", f"no field {unknown[0]}", "Create it.", unknown[0])
            record.fields.update(change.values)
        elif isinstance(change, CreateTask):
            created = self.vendor.tasks.setdefault(change.key, f"task-{len(self.vendor.tasks) + 1}")
        self.vendor.touch(record)
        self.vendor.writes += 1
        return Done(change, created)

    def close(self) -> None:
        """Nothing is held open."""


def _within(record: FakeRecord, window: Window) -> bool:
    return (window.since is None or record.modified_at >= window.since) and record.modified_at <= window.until


def _place(record: FakeRecord) -> tuple[str, str]:
    return record.modified_at.isoformat(), record.record_id


def _text(value: Value) -> str | None:
    if value is None or value == "":
        return None
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def delete(record: FakeRecord, vendor: FakeVendor) -> None:
    """The vendor's user deletes a record."""
    record.state = DELETED
    vendor.touch(record)
