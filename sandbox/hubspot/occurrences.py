"""Events (v3): page visits and the account's own custom events."""

from bisect import bisect_left, insort
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

    def select(
        self, event_type: str | None, kind: str, object_id: int | None, low_ms: int, high_ms: int
    ) -> list[Occurrence]:
        """Oldest first, within the closed interval; merged-away contacts count as what they became."""
        types = [event_type] if event_type else sorted(self._by_type)
        found: list[Occurrence] = []
        for name in types:
            known = self._by_type.get(name, [])
            for position in range(bisect_left(known, low_ms, key=lambda one: one.at_ms), len(known)):
                one = known[position]
                if one.at_ms > high_ms:
                    break
                if one.kind == kind and object_id in (None, self.owner(one)):
                    found.append(one)
        return found if len(types) == 1 else sorted(found)

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
