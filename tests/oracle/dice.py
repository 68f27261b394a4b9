"""Random values from one seed: every model differs, where a search for small examples would repeat itself.

A ``Dice`` says what may be rolled; ``roll`` gives one, from a ``random.Random``.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Dice:
    """One kind of random value."""

    roll: Callable[[random.Random], Any]

    def filter(self, wanted: Callable[[Any], bool]) -> "Dice":
        """Roll until it is wanted."""

        def again(source: random.Random) -> Any:
            while not wanted(found := self.roll(source)):
                pass
            return found

        return Dice(again)

    def map(self, change: Callable[[Any], Any]) -> "Dice":
        return Dice(lambda source: change(self.roll(source)))


Draw = Callable[[Dice], Any]


def just(value: Any) -> Dice:
    return Dice(lambda _source: value)


def sampled_from(values: Sequence[Any]) -> Dice:
    return Dice(lambda source: source.choice(values))


def integers(least: int, most: int) -> Dice:
    return Dice(lambda source: source.randint(least, most))


def thousandths(least: float, most: float) -> Dice:
    """Decimals with three places."""
    return Dice(lambda source: round(source.uniform(least, most), 3))


def booleans() -> Dice:
    return sampled_from((True, False))


def one_of(*choices: Dice) -> Dice:
    return Dice(lambda source: source.choice(choices).roll(source))


def lists(of: Dice, least: int, most: int) -> Dice:
    return Dice(lambda source: [of.roll(source) for _ in range(source.randint(least, most))])


def tuples(*parts: Dice) -> Dice:
    return Dice(lambda source: tuple(part.roll(source) for part in parts))


def mappings(given: Mapping[str, Dice], optional: Mapping[str, Dice] | None = None) -> Dice:
    """A dictionary with the given keys, and each of the optional ones half the time."""

    def roll(source: random.Random) -> dict[str, Any]:
        found = {key: part.roll(source) for key, part in given.items()}
        more = {key: part for key, part in (optional or {}).items() if source.random() < 0.5}
        return found | {key: part.roll(source) for key, part in more.items()}

    return Dice(roll)


def builds(make: Callable[..., Any], *parts: Dice) -> Dice:
    return Dice(lambda source: make(*(part.roll(source) for part in parts)))


def drawn(make: Callable[..., Any]) -> Callable[..., Dice]:
    """Turns a function that draws into one that gives dice; its first argument is ``draw``."""
    return lambda *arguments: Dice(lambda source: make(lambda dice: dice.roll(source), *arguments))
