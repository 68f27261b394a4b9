"""Which scores and fits a model can come to at all, where they are few enough to list."""

from collections.abc import Iterable
from math import floor

from scoring.checks import reach
from scoring.checks.logic import can_hold
from scoring.decay import milli
from scoring.spec import Ageing, Clamp, Fit, FitRule, Model, Rule

Sums = frozenset[int]

#: Beyond so many sums, or so many awards of one rule, nothing is listed.
_MANY, _AWARDS = 4_000, 30
_NOTHING: Sums = frozenset({0})


class _TooMany(Exception):
    """More sums than are worth listing."""


def fits(fit: Fit, part: str) -> Sums | None:
    """The fits that somebody may be shown with, and none beside them; None where there is no such list."""
    span = reach.fit_span(fit, part)
    if span is None:
        return None
    try:
        found = _added(_worths(fit, rule) for rule in fit.rules if part in ("overall", rule.part))
    except _TooMany:
        return None
    return frozenset(number for number in _shown(found) if span.low <= number <= span.high)


def scores(model: Model) -> Sums | None:
    """The same of scores."""
    try:
        parts = [_amounts(rule) for rule in model.rules if rule.group is None]
        for name in {rule.group for rule in model.rules if rule.group is not None}:
            members = _added(_amounts(rule) for rule in model.rules if rule.group == name)
            parts.append(_clamped(members, model.activity.caps.get(name, Clamp())))
        found = _clamped(_added(parts), model.activity.total)
        for step in model.activity.ageing:
            found |= frozenset(_aged(step, amount) for amount in found)
    except _TooMany:
        return None
    return _shown(found)


def _shown(sums: Sums) -> Sums:
    return frozenset((amount + 500) // 1000 for amount in sums)


def _added(parts: Iterable[Sums]) -> Sums:
    found = _NOTHING
    for part in parts:
        found = frozenset(one + other for one in found for other in part)
        if len(found) > _MANY:
            raise _TooMany
    return found


def _clamped(sums: Sums, bounds: Clamp) -> Sums:
    if bounds.least is not None:
        sums = frozenset(max(amount, milli(bounds.least)) for amount in sums)
    if bounds.most is not None:
        sums = frozenset(min(amount, milli(bounds.most)) for amount in sums)
    return sums


def _worths(fit: Fit, rule: FitRule) -> Sums:
    if fit.form == "weights":
        reached = [value.points for value in rule.values if can_hold([value.when])]
        return _NOTHING | {milli(rule.weight * points / 100) for points in reached}
    return _NOTHING | ({milli(rule.points)} if can_hold(rule.conditions) else set())


def _amounts(rule: Rule) -> Sums:
    each = [step.points for step in rule.steps] or [tier.points for tier in rule.tiers] or [rule.points]
    once = _NOTHING | {milli(points) for points in each}
    times = 1.0
    if rule.source == "activity":
        times = reach.earners(rule)
        if times > _AWARDS or rule.decay.form not in ("none", "window"):
            raise _TooMany
    cap = Clamp() if rule.cap is None else Clamp(-rule.cap, rule.cap)
    return _clamped(_clamped(_added([once] * int(times)), cap), Clamp(rule.floor, None))


def _aged(step: Ageing, amount: int) -> int:
    """The amount after a step that applies."""
    if step.every is not None:
        raise _TooMany
    if step.at_most is not None:
        return min(amount, milli(step.at_most))
    if step.points is not None:
        return amount + milli(step.points)
    return floor(amount * (1 - (step.lose or 0) / 100) + 0.5) if amount > 0 else amount
