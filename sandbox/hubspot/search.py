"""Search over one object type: filters, order, offset paging up to the wall of 10,000."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.hubspot.errors import bad_request_detail
from sandbox.hubspot.filters import FilterReader, Test, check_caps, comparable, words
from sandbox.hubspot.properties import PropertyBook
from sandbox.hubspot.records import Record, RecordStore

MAX_LIMIT = 200
WALL = 10_000
MAX_QUERY = 3000
_LOWER = {"GT": 1, "GTE": 0}
_KEPT = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One page: what the index shows of each record, how many match, and where the next page starts."""

    records: list[Record]
    total: int
    next_after: int | None


@dataclass(frozen=True, slots=True)
class _Question:
    """A checked search request. from_id: what ``hs_object_id`` filters leave, where they are taken apart."""

    groups: list[list[Mapping[str, Any]]]
    query: str
    sort: tuple[str, bool]
    limit: int
    after: int
    from_id: int


class Searcher:
    """Searches of one object type; remembers the last few results until something is written."""

    def __init__(self, book: PropertyBook, store: RecordStore) -> None:
        self._book = book
        self._store = store
        self._reader = FilterReader(book, store)
        self._kept: dict[str, list[int]] = {}
        self._kept_for: tuple[int, int] = (-1, 0)

    def search(self, body: Mapping[str, Any], now_ms: int) -> Found:
        """ApiError 400 for anything HubSpot would refuse."""
        asked = self._read(body)
        ids = self._matching(asked, now_ms)
        first = bisect_left(ids, asked.from_id) if asked.from_id else 0
        page = ids[first + asked.after : first + asked.after + asked.limit]
        total = len(ids) - first
        end = asked.after + len(page)
        shown = [self._store.indexed(self._store.live[record_id], now_ms) for record_id in page]
        return Found([record for record in shown if record is not None], total, end if end < total else None)

    def _read(self, body: Mapping[str, Any]) -> _Question:
        groups = [dict(group) for group in body.get("filterGroups") or []]
        if body.get("filters"):
            groups.insert(0, {"filters": body["filters"]})
        check_caps(groups)
        limit = _whole(body, "limit", 10)
        after = _whole(body, "after", 0)
        if not 0 <= limit <= MAX_LIMIT:
            raise bad_request_detail(f"The limit of {limit} exceeds the maximum of {MAX_LIMIT}.")
        if after + limit > WALL:
            raise bad_request_detail(
                f"Paging beyond {WALL} results is not supported: after={after}, limit={limit}."
            )
        query = str(body.get("query") or "")
        if len(query) > MAX_QUERY:
            raise bad_request_detail(f"query is longer than {MAX_QUERY} characters.")
        sort = self._sort(body.get("sorts") or [])
        listed = [list(group.get("filters") or []) for group in groups]
        kept, from_id = _split_id(listed, sort)
        return _Question(kept, query, sort, limit, after, from_id)

    def _sort(self, sorts: list[Any]) -> tuple[str, bool]:
        """``(property, descending)``; HubSpot takes one sort and orders by creation without any."""
        if len(sorts) > 1:
            raise bad_request_detail("Only one sort is supported.")
        if not sorts:
            return self._store.kind.created, False
        given = sorts[0]
        if isinstance(given, str):
            name, descending = given.removeprefix("-"), given.startswith("-")
        else:
            name, descending = str(given.get("propertyName")), given.get("direction") == "DESCENDING"
        if name not in self._book.live:
            raise bad_request_detail(f"Property '{name}' does not exist", "PROPERTY_DOESNT_EXIST")
        return name, descending

    def _matching(self, asked: _Question, now_ms: int) -> list[int]:
        lagging = self._store.stale_until_ms > now_ms
        stamp = (self._store.version, now_ms if lagging else 0)
        if stamp != self._kept_for:
            self._kept.clear()
            self._kept_for = stamp
        key = json.dumps([asked.groups, asked.query, asked.sort], sort_keys=True, default=str)
        if key not in self._kept:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = self._found(asked, now_ms, lagging=lagging)
        return self._kept[key]

    def _found(self, asked: _Question, now_ms: int, *, lagging: bool) -> list[int]:
        groups = [[self._reader.test(one) for one in group] for group in asked.groups]
        candidates = self._store.live.values() if lagging else self._candidates(asked)
        shown = (self._store.indexed(record, now_ms) for record in candidates) if lagging else candidates
        matching = [record for record in shown if record is not None and _passes(record, groups)]
        if asked.query:
            matching = [record for record in matching if self._mentions(record, asked.query)]
        return [record.id for record in self._ordered(matching, asked.sort)]

    def _candidates(self, asked: _Question) -> Iterable[Record]:
        """Only those inside the modified window when there is one, else all."""
        if len(asked.groups) != 1:
            return self._store.live.values()
        low, high = 0.0, float(1 << 60)
        for given in asked.groups[0]:
            if given.get("propertyName") == self._store.kind.modified:
                operator = given.get("operator")
                if operator in ("GTE", "GT", "BETWEEN", "EQ"):
                    low = max(low, float(self._reader.operand(given)))
                if operator in ("LTE", "LT", "EQ"):
                    high = min(high, float(self._reader.operand(given)))
        if (low, high) == (0.0, float(1 << 60)):
            return self._store.live.values()
        return self._store.modified_between(int(low), int(high))

    def _ordered(self, records: list[Record], sort: tuple[str, bool]) -> list[Record]:
        name, descending = sort
        if name == "hs_object_id":
            return sorted(records, key=lambda record: record.id, reverse=descending)
        definition = self._book.live[name]

        def rank(record: Record) -> tuple[bool, Any, int]:
            text = self._store.value(record, name)
            return (text is None, "" if text is None else comparable(definition, text), record.id)

        known = [record for record in records if self._store.value(record, name) is not None]
        unset = [record for record in records if self._store.value(record, name) is None]
        return sorted(known, key=rank, reverse=descending) + sorted(unset, key=lambda record: record.id)

    def _mentions(self, record: Record, query: str) -> bool:
        text = " ".join(self._store.value(record, name) or "" for name in self._store.kind.searched).lower()
        held = words(text)
        return all(any(word.startswith(part) for word in held) for part in query.lower().split())


def _passes(record: Record, groups: list[list[Test]]) -> bool:
    return not groups or any(all(test(record) for test in group) for group in groups)


def _whole(body: Mapping[str, Any], key: str, default: int) -> int:
    raw = body.get(key)
    if raw in (None, ""):
        return default
    try:
        return int(str(raw))
    except ValueError:
        raise bad_request_detail(f"{key} must be a whole number, not '{raw}'.") from None


def _split_id(
    groups: list[list[Mapping[str, Any]]], sort: tuple[str, bool]
) -> tuple[list[list[Mapping[str, Any]]], int]:
    """Take lower bounds on the id out of a search in id order, so that its pages share one result."""
    if len(groups) != 1 or sort != ("hs_object_id", False):
        return groups, 0
    kept: list[Mapping[str, Any]] = []
    from_id = 0
    for given in groups[0]:
        bound = str(given.get("value"))
        if (
            given.get("propertyName") == "hs_object_id"
            and given.get("operator") in _LOWER
            and bound.isdigit()
        ):
            from_id = max(from_id, int(bound) + _LOWER[given["operator"]])
        else:
            kept.append(given)
    return [kept], from_id
