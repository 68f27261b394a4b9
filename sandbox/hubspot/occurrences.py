"""Events (v3): page visits and the account's own custom events."""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field

VISIT = "e_visited_page"


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    at_ms: int
    id: str
    event_type: str = field(compare=False)
    object_id: int = field(compare=False)
    properties: dict[str, str] = field(compare=False)
    kind: str = field(compare=False, default="contacts")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which occurrences: within the closed interval, behind the place ``after``; None is any."""

    event_type: str | None
    kind: str
    object_id: int | None
    low_ms: int
    high_ms: int
    newest_first: bool
    after: tuple[int, str] | None


def _place(one: Occurrence) -> tuple[int, str]:
    return one.at_ms, one.id


class Occurrences:
    """All events by type, each in time order. ``definitions`` are the types known, used or not."""

    def __init__(self) -> None:
        self.definitions: set[str] = {VISIT}
        self._by_type: dict[str, list[Occurrence]] = {}
        self._moved: dict[tuple[str, int], int] = {}

    def add(self, occurrence: Occurrence) -> None:
        self.definitions.add(occurrence.event_type)
        known = self._by_type.setdefault(occurrence.event_type, [])
        if known and occurrence < known[-1]:
            insort(known, occurrence)
        else:
            known.append(occurrence)

    def walk(self, asked: Asked) -> Iterator[Occurrence]:
        """In time order; merged-away contacts count as what they became."""
        names = [asked.event_type] if asked.event_type else sorted(self._by_type)
        parts = [self._walk_one(self._by_type.get(name, []), asked) for name in names]
        merged = heapq.merge(*parts, key=_place, reverse=asked.newest_first)
        return (
            one for one in merged if one.kind == asked.kind and asked.object_id in (None, self.owner(one))
        )

    def _walk_one(self, known: list[Occurrence], asked: Asked) -> Iterator[Occurrence]:
        first = bisect_left(known, (asked.low_ms, ""), key=_place)
        last = bisect_left(known, (asked.high_ms + 1, ""), key=_place)
        if asked.after is not None and asked.newest_first:
            last = min(last, bisect_left(known, asked.after, key=_place))
        elif asked.after is not None:
            first = max(first, bisect_right(known, asked.after, key=_place))
        positions = range(first, last)
        return (known[position] for position in (reversed(positions) if asked.newest_first else positions))

    def owner(self, one: Occurrence) -> int:
        object_id = one.object_id
        while (one.kind, object_id) in self._moved:
            object_id = self._moved[one.kind, object_id]
        return object_id

    def move(self, kind: str, old: int, new: int) -> None:
        self._moved[kind, old] = new

    def forget(self, kind: str, object_id: int) -> None:
        for name, known in self._by_type.items():
            self._by_type[name] = [one for one in known if one.kind != kind or self.owner(one) != object_id]

    def everything(self) -> list[Occurrence]:
        return sorted(one for known in self._by_type.values() for one in known)
