"""A vendor as small as can be: records, a field of ours, a list, consent, and all that goes wrong.

The pure design and the real code are driven against the same world, so that both can be held to the same end.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

FIELD, LIST = "score", "list:nurture"
Fault = Literal["none", "lost_ack", "late", "reject", "down"]
Value = str | None
Key = tuple[str, str]  # record, field


@dataclass(frozen=True)
class Record:
    """What the vendor holds: our two fields' values, the permission, and whether it still lives."""

    person: str
    values: tuple[Value, Value] = (None, None)
    consent: str = "subscribed"
    state: str = "live"
    successor: str | None = None
    modified_at: int = 0

    def value(self, name: str) -> Value:
        return self.values[name == LIST]

    def holding(self, name: str, value: Value) -> "Record":
        first, second = self.values
        return replace(self, values=(first, value) if name == LIST else (value, second))


class Unanswered(Exception):
    """The request went out; nothing came back."""


class Down(Exception):
    """The vendor answers nothing but errors."""


@dataclass
class World:
    """One vendor and its people. ``now`` moves only when told to, so ties on one instant are common."""

    now: int = 10
    records: dict[str, Record] = field(default_factory=dict)
    late: list[tuple[Key, Value]] = field(default_factory=list)
    backups: dict[str, Record] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    rejecting: set[str] = field(default_factory=set)
    writes: list[tuple[Key, Value]] = field(default_factory=list)
    hand_edits: dict[Key, Value] = field(default_factory=dict)
    attempts: list[tuple[Key, Value]] = field(default_factory=list)
    joined_without_consent: list[Key] = field(default_factory=list)
    made: int = 0

    def create(self, person: str) -> str:
        self.made += 1
        record_id = f"r{self.made}"
        self.records[record_id] = Record(person, modified_at=self.now)
        return record_id

    def live(self) -> list[str]:
        return [record_id for record_id, record in self.records.items() if record.state == "live"]

    def edit(self, record_id: str, name: str, value: Value) -> None:
        """A rep changes our field by hand."""
        self._put(record_id, self.records[record_id].holding(name, value))
        self.hand_edits[record_id, name] = value

    def unsubscribe(self, record_id: str) -> None:
        self._put(record_id, replace(self.records[record_id], consent="unsubscribed"))

    def delete(self, record_id: str) -> None:
        self._put(record_id, replace(self.records[record_id], state="deleted"))

    def merge(self, loser: str, winner: str, *, into_new_id: bool) -> None:
        """Two records become one: the winner, or a new id that inherits the winner's values."""
        survivor = winner
        if into_new_id:
            survivor = self.create(self.records[winner].person)
            self._put(survivor, replace(self.records[winner]))
            self._put(winner, replace(self.records[winner], state="merged", successor=survivor))
        strictest = {self.records[loser].consent, self.records[survivor].consent}
        if "unsubscribed" in strictest:
            self.unsubscribe(survivor)
        self._put(loser, replace(self.records[loser], state="merged", successor=survivor))

    def back_up(self) -> None:
        self.backups = dict(self.records)

    def restore(self) -> None:
        """Our fields stand again as in the backup, and no modified time says so."""
        for record_id in self.live():
            old = self.backups.get(record_id)
            if old and old.state == "live":
                self.records[record_id] = replace(self.records[record_id], values=old.values)
                # nobody can tell these from an edit by hand: a list's only other value, a value we never sent
                self.hand_edits[record_id, LIST] = old.value(LIST)
                if ((record_id, FIELD), old.value(FIELD)) not in self.writes:
                    self.hand_edits[record_id, FIELD] = old.value(FIELD)

    def land(self) -> None:
        """Requests that were given up on arrive after all; whoever unsubscribed meanwhile is refused."""
        for key, value in self.late:
            if not (key[1] == LIST and value and self.records[key[0]].consent != "subscribed"):
                self._apply(key, value)
        self.late.clear()

    def write(self, key: Key, value: Value) -> str:
        """done, gone, withheld or rejected; raises Unanswered or Down."""
        self.attempts.append((key, value))
        record = self.records[key[0]]
        if record.state != "live":
            return "gone"
        if key[1] == LIST and value is not None and record.consent != "subscribed":
            return "withheld"
        fault = self.faults.pop(0) if self.faults else "none"
        if fault == "down":
            raise Down
        if key[0] in self.rejecting:
            return "rejected"
        self.writes.append((key, value))
        if fault == "late":
            self.late.append((key, value))
            raise Unanswered
        self._apply(key, value)
        if fault == "lost_ack":
            raise Unanswered
        return "done"

    def _apply(self, key: Key, value: Value) -> None:
        record = self.records[key[0]]
        if record.state != "live":
            return
        if key[1] == LIST and value and record.consent != "subscribed":
            self.joined_without_consent.append(key)
        if record.value(key[1]) != value:
            self._put(key[0], record.holding(key[1], value))

    def _put(self, record_id: str, record: Record) -> None:
        self.records[record_id] = replace(record, modified_at=self.now)


@dataclass
class Rules:
    """What the models and the configuration say: who is scored what, and the policy for hand edits."""

    scores: dict[str, int] = field(default_factory=dict)
    on_edit: Literal["overwrite", "keep", "freeze"] = "overwrite"
    enter: int = 50
    stay: int = 30
    version: str = "v1"
