"""The state design in a hundred lines of dictionaries: a run is the difference of desired and held.

Everything that is an attribute of ``Design`` survives a crash; everything local to a run does not. Each
``yield`` of a run is a place where the process may die.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.state.world import FIELD, LIST, Down, Key, Record, Rules, Unanswered, Value, World

OVERLAP, LAG = 3, 1


@dataclass(frozen=True)
class Held:
    """What a vendor has for one key, and since when we know; ``edited`` by a person after our last word."""

    value: Value
    edited: bool


@dataclass
class Design:
    """observed, confirmed, journal, plan: the durable state, and the run over it."""

    known: dict[str, Record] = field(default_factory=dict)
    observed: dict[Key, tuple[Value, int]] = field(default_factory=dict)
    confirmed: dict[Key, tuple[Value, int]] = field(default_factory=dict)
    journal: list[tuple[Key, Value, int]] = field(default_factory=list)
    folded_through: int = 0
    plan: list[tuple[Key, Value]] = field(default_factory=list)
    unanswered: dict[int, tuple[Key, Value]] = field(default_factory=dict)
    attempts: int = 0
    dead: dict[Key, Value] = field(default_factory=dict)
    refused: set[Key] = field(default_factory=set)
    watermark: int | None = None

    def run(self, world: World, rules: Rules, *, audit: bool = False) -> Iterator[str]:
        """pull, fold, plan, apply."""
        self._pull(world, audit=audit)
        yield "pulled"
        self._fold()
        yield "folded"
        self.plan = self._difference(rules)
        yield "frozen"
        for key, value in self.plan:
            self.attempts += 1
            self.unanswered[self.attempts] = (key, value)
            yield "sent marked"
            try:
                outcome = world.write(key, value)
            except Unanswered:
                continue
            except Down:
                return
            yield "answered"
            del self.unanswered[self.attempts]
            if outcome == "done":
                self.journal.append((key, value, world.now))
                self.dead.pop(key, None)
            elif outcome == "rejected":
                self.dead[key] = value
            else:
                self.refused.add(key)
            yield "journalled"

    def retry(self) -> None:
        self.dead.clear()

    def edited(self, key: Key) -> bool:
        """True where what stands is a person's edit."""
        return self._held(key).edited

    def _pull(self, world: World, *, audit: bool) -> None:
        """Read what changed in the window; rows and watermark are stored together."""
        since = 0 if audit or self.watermark is None else self.watermark - OVERLAP
        until = world.now if audit else world.now - LAG
        for record_id, record in world.records.items():
            if since <= record.modified_at <= until:
                self.known[record_id] = record
                self.refused = {key for key in self.refused if key[0] != record_id}
                for name in (FIELD, LIST):
                    self.observed[record_id, name] = (record.value(name), world.now)
        self.watermark = until

    def _fold(self) -> None:
        for key, value, at in self.journal[self.folded_through :]:
            self.confirmed[key] = (value, at)
        self.folded_through = len(self.journal)

    def _held(self, key: Key) -> Held:
        """The newer of observed and confirmed; a tie goes to what was acknowledged."""
        seen, seen_at = self.observed.get(key, (None, -1))
        if key not in self.confirmed:
            return Held(seen, edited=False)
        told, told_at = self.confirmed[key]
        if seen_at <= told_at:
            return Held(told, edited=False)
        return Held(seen, edited=seen != told and not self._ours(key, seen))

    def _ours(self, key: Key, value: Value) -> bool:
        """A late arrival or a restored backup looks like an edit, but is no person's wish; nor is emptiness.

        A membership has only two values, so there having sent one before says nothing.
        """
        if (key, value) in self.unanswered.values():
            return True
        return key[1] == FIELD and (value is None or (key, value) in {(k, v) for k, v, _ in self.journal})

    def _difference(self, rules: Rules) -> list[tuple[Key, Value]]:
        changes = []
        for record_id, record in self.known.items():
            if record.state != "live":
                continue
            for key, wanted in self._wanted(record_id, record, rules):
                held = self._held(key)
                if wanted != held.value and self._may_write(key, wanted, held, rules):
                    changes.append((key, wanted))
        return changes

    def _may_write(self, key: Key, wanted: Value, held: Held, rules: Rules) -> bool:
        if key in self.refused or (key in self.dead and self.dead[key] == wanted):
            return False
        if not held.edited or rules.on_edit == "overwrite":
            return True
        return rules.on_edit == "keep" and wanted != self.confirmed[key][0]

    def _wanted(self, record_id: str, record: Record, rules: Rules) -> Iterator[tuple[Key, Value]]:
        """A person without a score has left the model: what we wrote is blanked."""
        score = rules.scores.get(record.person)
        yield (record_id, FIELD), None if score is None else str(score)
        records = {other: known for other, known in self.known.items() if known.person == record.person}
        on_list = any(
            self._held((other, LIST)).value for other, known in records.items() if known.state == "live"
        )
        allowed = all(known.consent == "subscribed" for known in records.values())
        wanted = allowed and score is not None and score >= (rules.stay if on_list else rules.enter)
        yield (record_id, LIST), "member" if wanted else None
