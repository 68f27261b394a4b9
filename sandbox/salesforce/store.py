"""Rows in memory: by id, in order of last change, and by the lookups people search with."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import Any

from sandbox.salesforce.ids import make_id

Row = dict[str, Any]
INDEXED = frozenset(
    {
        "AccountId", "AssigneeId", "CampaignId", "ContactId", "ConvertedContactId", "Email", "LeadId",
        "MasterRecordId", "OpportunityId", "ParentId", "PermissionSetId", "WhatId", "WhoId",
    }
)  # fmt: skip
_STAMP = "SystemModstamp"


class Table:
    """Rows of one object, deleted ones included until purged. A field that is absent is null.

    ``hidden`` holds rows whose latest write no query may see yet: id → (instant it shows, row as it was).
    """

    def __init__(self, prefix: str, indexed: Iterable[str]) -> None:
        self.rows: dict[str, Row] = {}
        self.hidden: dict[str, tuple[str, Row | None]] = {}
        self._prefix = prefix
        self._number = 0
        self._stamps: list[tuple[str, str]] = []
        self._stale = 0
        self._sorted_ids: list[str] | None = None
        self._indexes: dict[str, dict[str, str | list[str]]] = {name: {} for name in indexed}

    def new_id(self) -> str:
        self._number += 1
        return make_id(self._prefix, self._number)

    def add(self, row: Row) -> None:
        """Store a new row; it has an ``Id``."""
        record_id = row["Id"]
        self.rows[record_id] = row
        self._sorted_ids = None
        self._stamp(row.get(_STAMP, ""), record_id)
        for name, index in self._indexes.items():
            if row.get(name):
                _enter(index, row[name], record_id)

    def change(self, record_id: str, values: Row) -> None:
        """Overwrite some fields; null takes a field out."""
        row = self.rows[record_id]
        for name, index in self._indexes.items():
            if name in values and values[name] != row.get(name):
                _leave(index, row.get(name), record_id)
                if values[name]:
                    _enter(index, values[name], record_id)
        if values.get(_STAMP, row.get(_STAMP)) != row.get(_STAMP):
            self._stale += 1
            self._stamp(values[_STAMP], record_id)
        for name, value in values.items():
            if value is None:
                row.pop(name, None)
            else:
                row[name] = value

    def purge(self, record_id: str) -> None:
        """Forget a row for good."""
        row = self.rows.pop(record_id)
        self._sorted_ids = None
        self._stale += 1
        for name, index in self._indexes.items():
            _leave(index, row.get(name), record_id)

    def indexed(self, name: str) -> bool:
        return name in self._indexes

    def lookup(self, name: str, value: str) -> list[str]:
        """Ids of the rows with a value in an indexed field."""
        found = self._indexes[name].get(value.lower() if name == "Email" else value)
        if found is None:
            return []
        return [found] if isinstance(found, str) else list(found)

    def by_stamp(self, low: str | None, high: str | None) -> Iterator[Row]:
        """Rows with low ≤ SystemModstamp ≤ high, ordered by (SystemModstamp, Id)."""
        self._compact()
        start = 0 if low is None else bisect_left(self._stamps, (low, ""))
        end = len(self._stamps) if high is None else bisect_right(self._stamps, (high, "~"))
        for place in range(start, end):
            stamp, record_id = self._stamps[place]
            row = self.rows.get(record_id)
            if row is not None and row.get(_STAMP) == stamp:
                yield row

    def by_id(self, floor: str) -> Iterator[Row]:
        """Rows with Id ≥ floor, in order of Id."""
        if self._sorted_ids is None:
            self._sorted_ids = sorted(self.rows)
        for record_id in self._sorted_ids[bisect_left(self._sorted_ids, floor) :]:
            yield self.rows[record_id]

    def count_by_stamp(self, low: str | None, high: str | None) -> int:
        """About how many rows ``by_stamp`` would give: what choosing a plan needs."""
        start = 0 if low is None else bisect_left(self._stamps, (low, ""))
        end = len(self._stamps) if high is None else bisect_right(self._stamps, (high, "~"))
        return end - start

    def _stamp(self, stamp: str, record_id: str) -> None:
        entry = (stamp, record_id)
        if not self._stamps or entry >= self._stamps[-1]:
            self._stamps.append(entry)
        else:
            insort(self._stamps, entry)

    def _compact(self) -> None:
        if self._stale * 2 > len(self._stamps):
            self._stamps = sorted((row.get(_STAMP, ""), record_id) for record_id, row in self.rows.items())
            self._stale = 0


def _enter(index: dict[str, str | list[str]], value: str, record_id: str) -> None:
    value = value.lower() if "@" in value else value
    held = index.get(value)
    if held is None:
        index[value] = record_id
    elif isinstance(held, str):
        index[value] = [held, record_id]
    else:
        held.append(record_id)


def _leave(index: dict[str, str | list[str]], value: str | None, record_id: str) -> None:
    if not value:
        return
    value = value.lower() if "@" in value else value
    held = index.get(value)
    if held == record_id:
        del index[value]
    elif isinstance(held, list) and record_id in held:
        held.remove(record_id)
