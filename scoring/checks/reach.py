"""How high and how low a model's numbers can go, and which letters it can give."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from scoring.checks.logic import Fact, Facts, Known, between, can_hold, missing, whole
from scoring.decay import factor
from scoring.grammar.fit import LADDER
from scoring.spec import Ageing, Clamp, Fit, FitRule, Grades, Model, Rating, Rule

_INFINITY = math.inf
#: So many rules that exclude each other are still tried in all combinations.
_TRIED = 12


@dataclass(frozen=True, slots=True)
class Span:
    """Lowest and highest points; either may be infinite."""

    low: float = 0
    high: float = 0

    def __add__(self, other: "Span") -> "Span":
        return Span(self.low + other.low, self.high + other.high)

    def __str__(self) -> str:
        low, high = f"{self.low:g}", f"{self.high:g}"
        if math.isinf(self.low):
            return "have no bounds" if math.isinf(self.high) else f"are {high} at most"
        return f"are {low} at least" if math.isinf(self.high) else f"go from {low} to {high}"

    def clamped(self, bounds: Clamp) -> "Span":
        """Raised to the least, then lowered to the most."""
        return Span(_held(self.low, bounds), _held(self.high, bounds))


def _held(value: float, bounds: Clamp) -> float:
    raised = value if bounds.least is None else max(value, bounds.least)
    return raised if bounds.most is None else min(raised, bounds.most)


def shown(points: float) -> float:
    """The whole number people see; infinity stays."""
    return points if math.isinf(points) else math.floor(points + 0.5)


# --- the score


def rule_span(rule: Rule) -> Span:
    """What one rule can give a person, after its cap and floor."""
    cap = Clamp() if rule.cap is None else Clamp(-rule.cap, rule.cap)
    return _raw(rule).clamped(cap).clamped(Clamp(rule.floor, None))


def _raw(rule: Rule) -> Span:
    if rule.source == "tiers":
        points = [tier.points for tier in rule.tiers]
        return Span(min(0, *points), max(0, *points))
    if rule.source != "activity":
        return Span(min(0, rule.points), max(0, rule.points))
    times = earners(rule)
    each = [step.points for step in rule.steps] or [rule.points]
    low, high = min(0, *each), max(0, *each)
    return Span(low * times if low else 0, high * times if high else 0)


def earners(rule: Rule) -> float:
    """How many whole awards a rule can give one person at most; aged ones count in part."""
    limits: list[float] = [limit.count for limit in (rule.at_most, rule.exactly) if limit and limit.days]
    if rule.first or rule.per == "contact":
        return 1
    days = [limit.days for limit in (rule.at_least, rule.exactly, rule.at_most) if limit and limit.days]
    if rule.per == "day" and days:
        limits.append(min(days))
    if (daily := _a_day(rule)) is not None:
        limits.append(math.ceil(daily * _all_days(rule)) if rule.decay.form != "none" else _INFINITY)
    return min(limits, default=_INFINITY)


def _a_day(rule: Rule) -> int | None:
    if rule.per == "day":
        return 1
    return rule.at_most.count if rule.at_most and rule.at_most.per == "day" else None


def _all_days(rule: Rule) -> float:
    """What a point a day, forever, comes to."""
    whole_life = 3_660
    total = math.fsum(factor(rule.decay, age) for age in range(whole_life))
    return total if factor(rule.decay, whole_life) * whole_life < 1 else _INFINITY


def score_span(model: Model) -> Span:
    """The score, from its lowest to its highest, as it is shown."""
    span = total_span(model)
    for step in model.activity.ageing:
        span = aged(step, span)
    return Span(shown(span.low), shown(span.high))


def total_span(model: Model) -> Span:
    """The total before it ages, from its lowest to its highest."""
    total = sum((rule_span(rule) for rule in model.rules if rule.group is None), Span())
    groups = {rule.group for rule in model.rules if rule.group is not None}
    return sum((group_span(model, name) for name in groups), total).clamped(model.activity.total)


def group_span(model: Model, name: str) -> Span:
    """What the rules of a group give together, after its cap."""
    whole_group = sum((rule_span(rule) for rule in model.rules if rule.group == name), Span())
    return whole_group.clamped(model.activity.caps.get(name, Clamp()))


def gives(model: Model, rule: Rule) -> bool:
    """Whether a match can change anything: no cap, its own or its group's, holds all that comes of it."""
    spans = [rule_span(rule), *([group_span(model, rule.group)] if rule.group else [])]
    return rule.gives_points and all(span.low < span.high for span in spans)


def aged(step: Ageing, span: Span) -> Span:
    """What a total can be after a step of ageing that may apply."""
    if step.at_most is not None:
        return Span(min(span.low, step.at_most), span.high)
    if step.points is not None:
        return span + Span(min(0, step.points), max(0, step.points))
    return Span(min(span.low, 0), span.high)


# --- fit and its letters


def fit_span(fit: Fit, part: str = "") -> Span | None:
    """The fit of all rules, or of those of one part; None where it has none or the ladder decides."""
    rules = [rule for rule in fit.rules if part in ("", "overall", rule.part)]
    if not rules or fit.form == "ladder":
        return None
    if fit.form == "weights":
        high = math.fsum(rule.weight * max(value.points for value in rule.values) / 100 for rule in rules)
        return Span(0, shown(high))
    up = [rule for rule in rules if rule.points > 0 and can_hold(rule.conditions)]
    down = [rule for rule in rules if rule.points < 0 and can_hold(rule.conditions)]
    return Span(shown(-_heaviest(down)), shown(_heaviest(up)))


def _heaviest(rules: Sequence[FitRule]) -> float:
    """The largest sum of points of rules of which no two exclude each other."""
    against: dict[str, set[str]] = {rule.id: set() for rule in rules}
    for one, other in combinations(rules, 2):
        if one.part == other.part and not can_hold([*one.conditions, *other.conditions]):
            against[one.id].add(other.id)
            against[other.id].add(one.id)
    rivals = [rule for rule in rules if against[rule.id]]
    free = math.fsum(abs(rule.points) for rule in rules if not against[rule.id])
    if len(rivals) > _TRIED:
        return free + math.fsum(abs(rule.points) for rule in rivals)
    best = 0.0
    for count in range(1, len(rivals) + 1):
        for chosen in combinations(rivals, count):
            if not any(one.id in against[other.id] for one, other in combinations(chosen, 2)):
                best = max(best, math.fsum(abs(rule.points) for rule in chosen))
    return free + best


def letters(model: Model, part: str = "overall") -> tuple[str, ...]:
    """The grades someone can have, best first; none where the model gives none."""
    fit = model.fit
    if fit is None:
        return ()
    if fit.form == "ladder":
        return _rungs(fit, part)
    span, grades = fit_span(fit, part), fit.grades.get(part)
    return () if span is None or grades is None else _reached(grades, span)


def _reached(grades: Grades, span: Span) -> tuple[str, ...]:
    found, above = [], _INFINITY
    for letter, threshold in grades.cuts:
        if threshold <= span.high and span.low < above:
            found.append(letter)
        above = threshold
    return (*found, grades.below) if span.low < above else tuple(found)


def _rungs(fit: Fit, part: str) -> tuple[str, ...]:
    rules = [rule for rule in fit.rules if part in ("overall", rule.part)]
    if not rules:
        return ()
    moves = {0}
    for rule in rules:
        hit = {rule.thirds} if can_hold(rule.conditions) else set()
        moves = {move + by for move in moves for by in {0, -rule.miss, *hit}}
    last = len(LADDER) - 1
    rungs = {max(0, min(last, LADDER.index(fit.start) + move)) for move in moves}
    return tuple(LADDER[rung] for rung in sorted(rungs, reverse=True))


# --- what stage conditions can count on


def known(model: Model, *, stage: bool = False) -> Known:
    """How the columns that scoring adds can be, before any data; ``stage`` where it is one of them.

    A way for each letter at each level, since a cell goes with its letter, its level and their numbers, and
    for each stretch of idleness.
    """
    facts = [*between("days_in_stage", 0, _INFINITY, null=True)]
    facts += [] if model.low_interest else [whole("low_interest", [False], null=True)]
    facts += [] if model.fit else [whole("partial", [False], null=True)]
    for part in ("person", "company"):
        found = letters(model, part)
        facts.append(whole(f"{part}_grade", found) if found else missing(f"{part}_grade"))
        facts += _fit(model, part, f"{part}_fit")
    if stage:
        facts.append(whole("stage", (model.base_stage, *(one.name for one in model.stages))))
    graded = [*_graded(model)]
    return [
        (*facts, *of_letter, *of_level, *_of_cell(model, letter, digit), *idle)
        for letter, of_letter in graded
        for digit, of_level in _scored(model)
        for idle in _idle(model)
    ]


def _idle(model: Model) -> Iterator[Facts]:
    """Each stretch of idle_days, or none, with the trend and the temperature there."""
    yield missing("idle_days"), missing("trend"), whole("temperature", ["cold"])
    recent, before = model.trend_days, 2 * model.trend_days
    bounds = sorted({0, model.hot_days, model.warm_days, recent, before})
    for low, high in pairwise([*bounds, None]):
        days = low or 0
        trends = ("rising", "falling", "steady") if days < recent else ("falling",)
        warmth = "hot" if days < model.hot_days else "warm" if days < model.warm_days else "cold"
        yield (
            *_from_to("idle_days", low, high),
            whole("trend", trends) if days < before else missing("trend"),
            whole("temperature", [warmth]),
        )


def _fit(model: Model, part: str, term: str) -> Facts:
    span = fit_span(model.fit, part) if model.fit else None
    return between(term, span.low, span.high) if span else (missing(term),)


def _graded(model: Model) -> Iterator[tuple[str, Facts]]:
    """Each letter, or none, with what is so of whoever has it."""
    fit, found = _fit(model, "overall", "fit"), letters(model)
    if not found:
        yield "", (missing("grade"), *fit)
    for letter in found:
        yield letter, (whole("grade", [letter]), *fit, *_of_letter(model, letter))


def _of_letter(model: Model, letter: str) -> Facts:
    grades = model.fit.grades.get("overall") if model.fit and model.fit.form != "ladder" else None
    if grades is None:
        return ()
    places = {name: place for place, (name, _) in enumerate(grades.cuts)}
    cuts = [None, *(cut for _, cut in grades.cuts), None]
    place = places.get(letter, len(places))
    return _from_to("fit", None if letter == grades.below else cuts[place + 1], cuts[place])


def _scored(model: Model) -> Iterator[tuple[int, Facts]]:
    """Each digit, 0 where there is none, with what is so of whoever has it."""
    span = score_span(model)
    score = between("score", span.low, span.high)
    if model.rating is None:
        yield 0, (*score, missing("level"))
        return
    cuts = (None, *model.rating.levels, None)
    for level in _levels(model, span):
        yield (
            _digit(model.rating, level),
            (*score, *_from_to("score", *cuts[level - 1 : level + 1]), whole("level", [float(level)])),
        )


def _from_to(term: str, low: float | None, high: float | None) -> Facts:
    """At least ``low`` and below ``high``."""
    bounds = [Fact(term, "low", low, base=term)] if low is not None else []
    bounds += [Fact(term, "high", high, strict=True, base=term)] if high is not None else []
    return tuple(bounds)


def _of_cell(model: Model, letter: str, digit: int) -> Facts:
    if not (letter and digit and model.rating):
        return (missing("rating"), missing("priority"))
    cell = f"{letter}{digit}"
    name = model.rating.cells.get(cell)
    return (whole("rating", [cell]), whole("priority", [name]) if name else missing("priority"))


def _digit(rating: Rating, level: int) -> int:
    return len(rating.levels) + 2 - level if rating.one_is_best else level


def _levels(model: Model, span: Span) -> list[int]:
    cuts = model.rating.levels if model.rating else ()
    passed = [sum(cut <= score for cut in cuts) for score in (span.low, span.high)]
    return list(range(passed[0] + 1, passed[1] + 2))
