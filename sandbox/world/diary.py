"""Where things that happen are noted down, before they get their keys."""

from datetime import datetime
from typing import Any

from sandbox.world.model import Event, Person


class Diary:
    """Collects events of one stretch of time.

    What falls outside it, or that no vendor would know, is dropped.
    """

    def __init__(self, start: datetime, end: datetime) -> None:
        """Keep what happens in [start, end)."""
        self.start, self.end = start, end
        self._events: list[Event] = []

    def note(self, person: Person, type_: str, at: datetime, *vendors: str, **details: Any) -> None:
        """Note one event for those of the vendors that hold the person."""
        known = frozenset(vendors) & person.vendors
        if known and self.start <= at < self.end:
            self._events.append(Event(-1, person.key, type_, at.replace(microsecond=0), known, **details))

    def close(self, first_key: int) -> list[Event]:
        """Put the events in the order of time and give them their keys."""
        self._events.sort(
            key=lambda event: (event.at, event.person, event.type, event.asset or "", event.campaign or 0)
        )
        for key, event in enumerate(self._events, start=first_key):
            event.key = key
        return self._events
