"""The world as a whole: grown once, then lived day by day."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.world.model import Campaign, Company, Deal, Event, Form, Person, Product, Rep, Survey


@dataclass(slots=True)
class World:
    """Everything that is and has happened.

    Lists are in key order and ``list[key]`` is the thing with that key; events are in key order, which is
    time order within what ``grow`` made and within each ``live`` day. ``now`` moves with ``live`` only; whoever moves
    the sandbox clock otherwise sets it before calling ``live``.
    """

    seed: int
    now: datetime
    reps: list[Rep] = field(default_factory=list)
    companies: list[Company] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    campaigns: list[Campaign] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)

    @classmethod
    def empty(cls, now: datetime) -> "World":
        """A world in which nothing is and nothing happens."""
        return cls(seed=0, now=now)
