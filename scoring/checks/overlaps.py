"""Rules that look at the same thing, so that one deed counts twice."""

from collections.abc import Iterator
from itertools import combinations

from scoring.checks import reach
from scoring.checks.logic import can_hold, implies
from scoring.conditions import Condition
from scoring.spec import FitRule, Model, Rule


def overlapping(model: Model) -> Iterator[str]:
    """A sentence for each pair of which one's condition implies the other's, or that say the same."""
    for one, other in combinations([rule for rule in model.rules if reach.gives(model, rule)], 2):
        if said := _of_activity(one, other):
            yield said
    fits = model.fit.rules if model.fit else ()
    for first, second in combinations([rule for rule in fits if rule.points or rule.thirds or rule.miss], 2):
        if first.part == second.part and (said := _of_fit(first, second)):
            yield said


def _of_activity(one: Rule, other: Rule) -> str:
    if one.source != other.source or _counting(one) != _counting(other):
        return ""
    if one.source in ("idle", "trend", "low_interest"):
        return _twice(f"rules {one.id} and {other.id}") if _behaviour(one) == _behaviour(other) else ""
    shared = _shared(one, other)
    if shared is None or not (_can_hold(one.when) and _can_hold(other.when)):
        return ""
    names = f"rules {one.id} and {other.id}"
    forth, back = implies(one.when, other.when), implies(other.when, one.when)
    on = f"every {' and '.join(shared)}" if shared else "every activity"
    alike, choosy = set(one.events) == set(other.events), _is_choosy(one)
    if forth and back and (alike or not choosy):
        return f"{names} overlap: {on} that matches one matches the other, and both give points; join them"
    if choosy or not (forth or back):
        return ""
    narrow, wide = (one, other) if forth else (other, one)
    return (
        f"{names} overlap: {on} that matches {narrow.id} matches {wide.id} too and can earn both "
        f"({_points(narrow)} and {_points(wide)}); leave it so if it is meant, else take {narrow.id} out of "
        f"{wide.id} with its 'when'"
    )


def _can_hold(condition: Condition | None) -> bool:
    return condition is None or can_hold([condition])


def _shared(one: Rule, other: Rule) -> list[str] | None:
    """Event types both look at; empty where both look at every one, None where they share none."""
    if not one.events or not other.events:
        return list(one.events or other.events)
    return [event for event in one.events if event in other.events] or None


def _counting(rule: Rule) -> tuple[object, ...]:
    return (
        rule.first, rule.again, rule.at_least, rule.exactly, rule.distinct, rule.per, rule.unless,
        rule.unless_after, rule.machine, rule.tiers, rule.steps,
    )  # fmt: skip


def _is_choosy(rule: Rule) -> bool:
    """Whether more activities that match can make another one earn, or none."""
    return bool(rule.first or rule.again or rule.exactly or any(tier.exactly for tier in rule.tiers))


def _behaviour(rule: Rule) -> tuple[object, ...]:
    return rule.idle, rule.trend


def _points(rule: Rule) -> str:
    if rule.tiers:
        return "its tiers"
    return f"{max(step.points for step in rule.steps):+g}" if rule.steps else f"{rule.points:+g}"


def _twice(names: str) -> str:
    return f"{names} overlap: they ask for the same and both count; join them"


def _of_fit(one: FitRule, other: FitRule) -> str:
    if one.when is None or other.when is None:
        return ""
    names = f"fit rules {one.id} and {other.id}"
    if not (can_hold([one.when]) and can_hold([other.when])):
        return ""
    forth, back = implies(one.when, other.when), implies(other.when, one.when)
    if forth and back:
        return _twice(names)
    if not (forth or back):
        return ""
    narrow, wide = (one, other) if forth else (other, one)
    return (
        f"{names} overlap: whoever meets {narrow.id} meets {wide.id} too and gets both; "
        f"leave it so if it is meant, else take {narrow.id} out of {wide.id}"
    )
