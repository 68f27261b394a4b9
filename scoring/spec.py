"""What a model may say, as frozen types. docs/models.md gives the meaning of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from scoring.conditions import Condition

Item = Literal["activity", "contact", "day", "visit", "asset", "product", "category"]


@dataclass(frozen=True, slots=True)
class Decay:
    """Ageing of points; ``days`` is the half-life, span, step or window; ``percent`` what a step loses."""

    form: Literal["none", "half_life", "linear", "lose", "window"] = "none"
    days: float = 0
    percent: float = 0
    after: int = 0
    compound: bool = True


@dataclass(frozen=True, slots=True)
class Limit:
    """``count`` in the last ``days``, or in each ``per``."""

    count: int
    days: int | None = None
    per: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Points from this value on."""

    start: float
    points: float


@dataclass(frozen=True, slots=True)
class Tier:
    """Points where a count holds."""

    points: float
    at_least: Limit | None = None
    exactly: Limit | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One activity rule, or one on behaviour that is not an activity (``source``)."""

    id: str
    source: Literal["activity", "tiers", "idle", "trend", "low_interest"]
    points: float = 0
    steps: tuple[Step, ...] = ()
    tiers: tuple[Tier, ...] = ()
    idle: int = 0
    trend: str = ""
    events: tuple[str, ...] = ()
    when: Condition | None = None
    machine: bool = False
    first: bool = False
    again: int | None = None
    at_least: Limit | None = None
    exactly: Limit | None = None
    at_most: Limit | None = None
    distinct: Item = "activity"
    per: Item = "activity"
    unless: tuple[str, ...] = ()
    unless_after: tuple[str, ...] = ()
    group: str | None = None
    decay: Decay = field(default_factory=Decay)
    cap: float | None = None
    floor: float | None = None
    signal: str | None = None
    says: str | None = None

    @property
    def gives_points(self) -> bool:
        return any(
            [self.points, *(step.points for step in self.steps), *(tier.points for tier in self.tiers)]
        )


@dataclass(frozen=True, slots=True)
class Clamp:
    """Bounds in points; None is open."""

    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Ageing:
    """One step on the total of someone idle for ``idle`` days."""

    idle: int
    at_most: float | None = None
    lose: float | None = None
    every: int | None = None
    points: float | None = None
    over: float | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What people do."""

    rules: tuple[Rule, ...] = ()
    caps: Mapping[str, Clamp] = field(default_factory=dict)
    total: Clamp = field(default_factory=Clamp)
    ageing: tuple[Ageing, ...] = ()


@dataclass(frozen=True, slots=True)
class FitValue:
    """One value of a weighted criterion, 0 to 100."""

    when: Condition
    points: float


@dataclass(frozen=True, slots=True)
class FitRule:
    """One criterion: points, thirds of a letter, or a weight with values."""

    id: str
    part: Literal["person", "company"]
    when: Condition | None = None
    points: float = 0
    thirds: int = 0
    miss: int = 0
    weight: float = 0
    values: tuple[FitValue, ...] = ()
    says: str | None = None

    @property
    def conditions(self) -> tuple[Condition, ...]:
        return (self.when,) if self.when else tuple(value.when for value in self.values)


@dataclass(frozen=True, slots=True)
class Grades:
    """Letters with their thresholds, best first, and the letter below them all."""

    cuts: tuple[tuple[str, float], ...]
    below: str = "D"


@dataclass(frozen=True, slots=True)
class Fit:
    """Who they are. ``grades`` by overall, person, company."""

    form: Literal["points", "ladder", "weights"]
    rules: tuple[FitRule, ...]
    grades: Mapping[str, Grades] = field(default_factory=dict)
    start: str = "D"


@dataclass(frozen=True, slots=True)
class Rating:
    """Cuts of the score, and which digit is best."""

    levels: tuple[float, ...]
    best: str
    cells: Mapping[str, str] = field(default_factory=dict)

    @property
    def one_is_best(self) -> bool:
        return self.best[1:] == "1"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage above the base, with what lets someone in and what keeps them."""

    name: str
    enter: Condition
    stay: Condition


@dataclass(frozen=True, slots=True)
class Escalate:
    """A sudden buying signal by someone who fits."""

    signal: str
    within: timedelta
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A pattern of assets that stand for a product, a category or both."""

    match: str
    product: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Interest:
    """Which products and categories someone looks at."""

    by: tuple[str, ...]
    decay: Decay
    weights: Mapping[str, float] | None = None
    assets: tuple[Asset, ...] = ()
    categories: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """The survey that counts, for how many days, and the second signal's window."""

    survey: Literal["nps", "csat"]
    valid: int
    activity: int | None = None


@dataclass(frozen=True, slots=True)
class Buyers:
    """The buying group's bonus, in percent."""

    when: Condition
    at_least: int
    bonus: float


@dataclass(frozen=True, slots=True)
class Account:
    """How people make their account's score."""

    score: Literal["sum", "max", "mean"] = "sum"
    top: int | None = None
    weights: tuple[tuple[Condition, float], ...] = ()
    buyers: Buyers | None = None
    roll_up: bool = False


@dataclass(frozen=True, slots=True)
class LowInterest:
    """Mail that arrives and moves nobody."""

    events: tuple[str, ...]
    at_least: Limit
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelf:
    """A named true/false column from activities, for lists (key ``flags``)."""

    id: str
    events: tuple[str, ...]
    when: Condition | None = None
    since: timedelta | None = None
    until: timedelta | None = None
    at_least: Limit | None = None
    exactly: int | None = None
    per: str | None = None
    unless_after: tuple[str, ...] = ()

    @property
    def holds_of_nobody(self) -> bool:
        """Whether it is true of someone without any match."""
        return self.exactly == 0 and self.since is None and self.until is None and self.at_least is None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who is left out, and the reason to count them under."""

    reason: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Model:
    """One whole model; ``hash`` is of what it says, not of how it is laid out."""

    name: str
    version: int
    hash: str
    about: str = ""
    language: Literal["en", "es"] = "en"
    time_zone: str | None = None
    where: Condition | None = None
    exclude: tuple[Exclusion, ...] = ()
    on_leave: Literal["blank", "freeze"] = "blank"
    base_stage: str = "lead"
    activity: Activity = field(default_factory=Activity)
    fit: Fit | None = None
    rating: Rating | None = None
    stages: tuple[Stage, ...] = ()
    escalate: Escalate | None = None
    interest: Interest | None = None
    satisfaction: Satisfaction | None = None
    journey: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    low_interest: LowInterest | None = None
    trend_days: int = 30
    hot_days: int = 7
    warm_days: int = 30
    flags: tuple[Shelf, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.activity.rules
