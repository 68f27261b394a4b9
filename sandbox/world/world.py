"""The world as a whole: grown once, then lived day by day."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.world.growing import grow
from sandbox.world.living import live_a_day
from sandbox.world.model import Event, Scene


@dataclass(slots=True)
class World(Scene):
    """A scene that can be grown and lived in; see ``Scene`` for what is in it.

    ``now`` moves with ``live`` only; whoever moves the sandbox clock otherwise sets it before ``live``.
    """

    @classmethod
    def empty(cls, now: datetime) -> "World":
        """Make a world in which nothing is and nothing happens."""
        return cls(seed=0, now=now)

    @classmethod
    def grow(cls, seed: int, people: int, now: datetime) -> "World":
        """Grow a world: the same for the same arguments, on any machine."""
        world = cls(seed=seed, now=now.replace(microsecond=0))
        grow(world, people)
        return world

    def live(self, days: int) -> list[Event]:
        """Live through days; returns their events, which are also appended to ``events``.

        New people, deals and campaigns are appended to their lists, consents and deals change in place; a
        person_created, deal_created, deal_won, deal_lost, unsubscribe or hard email_bounce event tells of it.
        The same days lived after the same days are the same, in one call or several.
        """
        return [event for _ in range(days) for event in live_a_day(self)]
