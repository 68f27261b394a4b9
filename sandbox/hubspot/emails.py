"""Marketing e-mail: campaigns, and the log of what happened to each message."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

APP_ID = 113
APP_NAME = "Batch"


@dataclass(slots=True)
class EmailCampaign:
    id: int
    content_id: int
    name: str
    subject: str
    sent_ms: int | None
    counters: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class EmailEvent:
    """type: SENT, DELIVERED, OPEN, CLICK, BOUNCE, STATUSCHANGE, ... details: what that type adds."""

    at_ms: int
    id: str
    type: str = field(compare=False)
    recipient: str = field(compare=False)
    campaign_id: int = field(compare=False)
    filtered: bool = field(compare=False, default=False)
    details: dict[str, Any] = field(compare=False, default_factory=dict)


def _place(event: EmailEvent) -> tuple[int, str]:
    return event.at_ms, event.id


class EmailLog:
    """Events in time order; campaigns by id."""

    def __init__(self) -> None:
        self.campaigns: dict[int, EmailCampaign] = {}
        self.events: list[EmailEvent] = []

    def add(self, event: EmailEvent) -> None:
        if self.events and event < self.events[-1]:
            insort(self.events, event)
        else:
            self.events.append(event)
        campaign = self.campaigns.get(event.campaign_id)
        if campaign is not None:
            key = event.type.lower()
            campaign.counters[key] = campaign.counters.get(key, 0) + 1

    def newest_first(self, before: tuple[int, str] | None = None) -> Iterator[EmailEvent]:
        """All, or those that come behind the one at this time with this id."""
        end = len(self.events) if before is None else bisect_left(self.events, before, key=_place)
        return (self.events[position] for position in range(end - 1, -1, -1))

    def forget(self, recipient: str) -> None:
        self.events = [event for event in self.events if event.recipient != recipient]
