"""Records of one object type, with the indexes that lists and searches walk."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.values import iso_ms

_HISTORY_KEPT = 45
_RESTORABLE_MS = 90 * 86_400_000


@dataclass(frozen=True, slots=True)
class Version:
    """One value a property had from an instant on."""

    value: str
    at_ms: int
    source: str
    source_id: str


@dataclass(slots=True)
class Record:
    """properties: text values that are set. history: only of properties changed since creation, oldest first.

    stale_until_ms, before: while the search index lags, what it still shows (``before`` None: nothing).
    """

    id: int
    properties: dict[str, str]
    created_ms: int
    modified_ms: int
    source: str = "CRM_UI"
    archived_ms: int | None = None
    history: dict[str, list[Version]] = field(default_factory=dict)
    stale_until_ms: int = 0
    before: "Record | None" = None

    def versions(self, name: str) -> list[Version]:
        """Newest first; empty if the property never had a value."""
        known = self.history.get(name)
        if known:
            return known[::-1]
        value = self.properties.get(name)
        return [] if value is None else [Version(value, self.created_ms, self.source, "")]


@dataclass(frozen=True, slots=True)
class Write:
    """Who writes, when, and how long the search index will take to notice."""

    now_ms: int
    source: str = "CRM_UI"
    source_id: str = "userId:1"
    lag_ms: int = 0


class RecordStore:
    """``live`` and ``archived`` by id; ``aliases`` from merged-away ids to the record they became.

    version changes with every write, so that a search may keep its result between pages.
    """

    def __init__(self, kind: ObjectType) -> None:
        self.kind = kind
        self.live: dict[int, Record] = {}
        self.archived: dict[int, Record] = {}
        self.aliases: dict[int, int] = {}
        self.unique: dict[str, dict[str, int]] = {}
        self.version = 0
        self.stale_until_ms = 0
        self._next_id = kind.first_id
        self._ids: list[int] = []
        self._log: list[tuple[int, int]] = []
        self._log_sorted = True

    def find(self, record_id: int) -> Record | None:
        """A live record by its id or by one it had before a merge."""
        return self.live.get(self.resolve(record_id))

    def resolve(self, record_id: int) -> int:
        while record_id in self.aliases:
            record_id = self.aliases[record_id]
        return record_id

    def find_by(self, name: str, value: str) -> Record | None:
        """By a unique property's value."""
        found = self.unique.get(name, {}).get(value.lower())
        return None if found is None else self.live.get(found)

    def create(
        self,
        properties: Mapping[str, str],
        write: Write,
        created_ms: int | None = None,
        modified_ms: int | None = None,
    ) -> Record:
        record = Record(
            self._next_id,
            {name: value for name, value in properties.items() if value != ""},
            write.now_ms if created_ms is None else created_ms,
            write.now_ms if modified_ms is None else modified_ms,
            write.source,
        )
        self._next_id += 1
        self.live[record.id] = record
        self._ids.append(record.id)
        self._index_unique(record)
        self._touched(record, write, None)
        return record

    def update(self, record: Record, properties: Mapping[str, str], write: Write) -> None:
        """Set values ("" clears). The modified instant moves even if nothing changed."""
        before = self._copy_for_index(record, write)
        self._forget_unique(record)
        for name, value in properties.items():
            self._set(record, name, value, write)
        record.modified_ms = write.now_ms
        self._index_unique(record)
        self._touched(record, write, before)

    def archive(self, record: Record, write: Write) -> None:
        self._forget_unique(record)
        del self.live[record.id]
        record.archived_ms = write.now_ms
        record.modified_ms = write.now_ms
        self.archived[record.id] = record
        self.version += 1

    def restore(self, record_id: int, write: Write) -> Record | None:
        record = self.archived.pop(record_id, None)
        if record is None:
            return None
        record.archived_ms = None
        record.modified_ms = write.now_ms
        self.live[record_id] = record
        position = bisect_left(self._ids, record_id)
        if position == len(self._ids) or self._ids[position] != record_id:
            insort(self._ids, record_id)
        self._index_unique(record)
        self._touched(record, write, None)
        return record

    def erase(self, record_id: int) -> None:
        """Gone without a tombstone."""
        record = self.live.get(record_id)
        if record is not None:
            self._forget_unique(record)
        self.live.pop(record_id, None)
        self.archived.pop(record_id, None)
        self.version += 1

    def live_from(self, first_id: int) -> Iterator[Record]:
        """Live records with at least this id, ascending."""
        for position in range(bisect_left(self._ids, first_id), len(self._ids)):
            record = self.live.get(self._ids[position])
            if record is not None:
                yield record

    def archived_from(self, first_id: int, now_ms: int) -> Iterator[Record]:
        """Archived records that can still be restored, by id."""
        for record_id in sorted(self.archived):
            record = self.archived[record_id]
            if record_id >= first_id and (record.archived_ms or 0) > now_ms - _RESTORABLE_MS:
                yield record

    def modified_between(self, low_ms: int, high_ms: int) -> Iterator[Record]:
        """Live records last modified within the closed interval, each once."""
        log = self._sorted_log()
        for at_ms, record_id in log[bisect_left(log, (low_ms, 0)) : bisect_right(log, (high_ms, 1 << 62))]:
            record = self.live.get(record_id)
            if record is not None and record.modified_ms == at_ms:
                yield record

    def indexed(self, record: Record, now_ms: int) -> Record | None:
        """What the search index shows of a record at this instant."""
        return record.before if record.stale_until_ms > now_ms else record

    def fill_unique(self, name: str) -> None:
        """Index a property that has just become unique."""
        self.unique[name] = {
            value.lower(): record.id
            for record in self.live.values()
            if (value := record.properties.get(name)) is not None
        }

    def value(self, record: Record, name: str) -> str | None:
        """Any property of a record as text; None where it has none."""
        if name == self.kind.modified:
            return iso_ms(record.modified_ms)
        if name == self.kind.created:
            return record.properties.get(name) or iso_ms(record.created_ms)
        if name == "hs_object_id":
            return str(record.id)
        return record.properties.get(name)

    def _set(self, record: Record, name: str, value: str, write: Write) -> None:
        old = record.properties.get(name, "")
        if old == value:
            return
        known = record.history.setdefault(name, [])
        if not known and old:
            known.append(Version(old, record.created_ms, record.source, ""))
        known.append(Version(value, write.now_ms, write.source, write.source_id))
        del known[:-_HISTORY_KEPT]
        if value == "":
            del record.properties[name]
        else:
            record.properties[name] = value

    def _copy_for_index(self, record: Record, write: Write) -> Record | None:
        if not write.lag_ms:
            return None
        if record.stale_until_ms > write.now_ms:
            return record.before
        return replace(record, properties=dict(record.properties), before=None)

    def _touched(self, record: Record, write: Write, before: Record | None) -> None:
        self.version += 1
        record.before = before
        record.stale_until_ms = write.now_ms + write.lag_ms if write.lag_ms else 0
        self.stale_until_ms = max(self.stale_until_ms, record.stale_until_ms)
        entry = (record.modified_ms, record.id)
        if self._log and entry == self._log[-1]:
            return
        if self._log and entry < self._log[-1]:
            self._log_sorted = False
        self._log.append(entry)

    def _sorted_log(self) -> list[tuple[int, int]]:
        if len(self._log) > 2 * len(self.live) + 1000:
            self._log = [(record.modified_ms, record.id) for record in self.live.values()]
            self._log_sorted = False
        if not self._log_sorted:
            self._log = sorted(set(self._log))
            self._log_sorted = True
        return self._log

    def _index_unique(self, record: Record) -> None:
        for name, index in self.unique.items():
            value = record.properties.get(name)
            if value is not None:
                index[value.lower()] = record.id

    def _forget_unique(self, record: Record) -> None:
        for name, index in self.unique.items():
            value = record.properties.get(name)
            if value is not None and index.get(value.lower()) == record.id:
                del index[value.lower()]
