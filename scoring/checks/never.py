"""What of a model can never fire, whatever the data."""

from collections.abc import Collection, Iterator
from datetime import timedelta

from scoring.activity import OWN_NAMES
from scoring.checks import reach
from scoring.checks.logic import NOTHING, Fact, Known, always_holds, can_hold, whole
from scoring.conditions import Condition
from scoring.frame import NOT_OWN
from scoring.spec import Fit, FitRule, Limit, Model, Rule, Shelf
from scoring.stages import SHOWN

_HAPPENS = "it is nothing people do themselves; name what they do"


def never(model: Model) -> Iterator[str]:
    """A sentence for each rule, flag, exclusion and condition that nobody can meet."""
    yield from _contradictory(model)
    for rule in model.rules:
        yield from _of_rule(rule)
    yield from _bounded(model)
    for flag in model.flags:
        if why := _never_set(flag):
            yield f"flag {flag.id} can never be true: {why}"
        elif flag.holds_of_nobody and set(flag.events) <= {*NOT_OWN, *flag.unless_after}:
            yield f"flag {flag.id} is always true: no {' or '.join(flag.events)} ever counts; remove it"
        yield from _undoing(f"flag {flag.id}", "unless_after", flag.unless_after)
    low = model.low_interest
    yield from _undoing("low_interest", "unless", low.unless if low else ())
    if low and set(low.events) <= set(low.unless) - set(NOT_OWN):
        said = ", ".join(low.events)
        yield (
            f"low_interest can never be true: what it counts ({said}) also undoes it; take it out of 'unless'"
        )
    yield from _exclusions(model)


def _of_rule(rule: Rule) -> Iterator[str]:
    if why := _impossible(rule):
        yield f"rule {rule.id} can never fire: {why}"
    elif rule.cap == 0 and (rule.floor or 0) <= 0:
        still = " (it still counts for interest and escalate)" if rule.source == "activity" else ""
        yield f"rule {rule.id} gives no points: its cap is 0{still}; raise the cap or remove the rule"
    yield from _undoing(f"rule {rule.id}", "unless", rule.unless)
    yield from _undoing(f"rule {rule.id}", "unless_after", rule.unless_after)


def _undoing(what: str, key: str, types: Collection[str]) -> Iterator[str]:
    if without := [one for one in types if one in NOT_OWN]:
        yield f"{what}: {' and '.join(without)} in {key!r} undoes nothing: {_HAPPENS}"


def _bounded(model: Model) -> Iterator[str]:
    giving = [rule for rule in model.rules if reach.rule_span(rule) != reach.Span()]
    for name in model.activity.caps:
        given = any(rule.group == name for rule in giving)
        if given and reach.group_span(model, name) == reach.Span():
            yield f"group {name} gives no points: its cap is 0; raise the cap or remove its rules"
    most, high = model.activity.total.most, reach.score_span(model).high
    if (
        most is not None
        and most <= 0
        and high <= 0
        and any(reach.rule_span(rule).high > 0 for rule in giving)
    ):
        yield f"no score is above {high:g}: the total's 'max' is {most:g}; raise it"


def _exclusions(model: Model) -> Iterator[str]:
    where = [model.where] if model.where else []
    if where and not can_hold(where):
        yield f"nobody is scored: 'where' {where[0].text!r} is never true; correct it"
        return
    everybody = [out for out in model.exclude if always_holds(out.when)]
    if not everybody and not can_hold(where, unless=[out.when for out in model.exclude]):
        yield "nobody is scored: 'where' and 'exclude' leave nobody; correct one of them"
    for out in model.exclude:
        if out in everybody:
            yield f"nobody is scored: exclusion {out.reason} {out.when.text!r} is always true; correct it"
        elif where and can_hold([out.when]) and not can_hold([*where, out.when]):
            yield (
                f"exclusion {out.reason} can never fire: 'where' already leaves out "
                f"{out.when.text!r}; remove it"
            )


def _contradictory(model: Model) -> Iterator[str]:
    """Conditions that nobody meets, and those that only people meet who are not scored."""
    for out in model.exclude:
        if not can_hold([out.when]):
            yield _no_sense(f"exclusion {out.reason} can never fire", out.when)
    for what, condition, known, other in _conditions(model):
        kept = [model.where] if model.where and not other & set(model.where.columns) else []
        left = [out.when for out in model.exclude if not other & set(out.when.columns)]
        if not can_hold([condition], known):
            yield _no_sense(what, condition)
        elif can_hold(kept, unless=left) and not can_hold([*kept, condition], known, left):
            yield (
                f"{what}: 'where' and 'exclude' leave nobody who meets {condition.text!r}; "
                "correct one of them"
            )


def _no_sense(what: str, condition: Condition) -> str:
    return f"{what}: {condition.text!r} contradicts itself or what is known; correct it"


def _conditions(model: Model) -> Iterator[tuple[str, Condition, Known, frozenset[str]]]:
    """What never comes where nobody meets a condition, the condition on those who are scored, what is known
    there, and which columns are no person's there.
    """
    for what, rules in (("rule", model.rules), ("flag", model.flags)):
        for rule in rules:
            if rule.when is not None:
                yield f"{what} {rule.id} can never fire", rule.when, of_activity(rule), OWN_NAMES
    for fit in model.fit.rules if model.fit else ():
        for number, condition in enumerate(fit.conditions, 1):
            others = frozenset(condition.columns if fit.part == "company" else ())
            yield _unmet(model.fit, fit, number), condition, NOTHING, others
    scored, columns = reach.known(model, stage=True), frozenset({*SHOWN, "stage"})
    for condition, weight in model.account.weights:
        yield f"account weight {weight:g} can never fire", condition, scored, columns
    if model.account.buyers:
        yield "account.buyers can never fire", model.account.buyers.when, scored, columns
    if model.escalate and model.escalate.when:
        yield "escalate can never fire", model.escalate.when, scored, columns


def _unmet(fit: Fit | None, rule: FitRule, number: int) -> str:
    if rule.values:
        return f"fit rule {rule.id}: value {number} can never be reached"
    falls = fit is not None and fit.form == "ladder"
    return f"fit rule {rule.id} {'never moves anybody up' if falls else 'can never fire'}"


def of_activity(rule: Rule | Shelf) -> Known:
    """What is known of an activity that a rule or flag looks at."""
    facts = [whole("type", rule.events)] if rule.events else []
    if isinstance(rule, Shelf) or not rule.machine:
        facts.append(Fact("origin", "out", frozenset({"machine"}), null=True, base="origin"))
    return [tuple(facts)]


def _impossible(rule: Rule) -> str:
    own = set(rule.events) - set(NOT_OWN)
    if rule.events and own == set(rule.events) and not rule.machine:
        for key, types in (("unless", rule.unless), ("unless_after", rule.unless_after)):
            if own <= set(types):
                return f"{key} names {', '.join(rule.events)}, its own event; name another one"
    limit = rule.at_least or rule.exactly
    if limit is None:
        return ""
    most = _countable(rule, limit)
    if most is None or limit.count <= most:
        return ""
    return f"it asks for {limit.count}, and at most {most} can be counted; lower {limit.count} to {most}"


def _countable(rule: Rule, limit: Limit) -> int | None:
    """The most that ``at_least`` or ``exactly`` can find; None where there is no end."""
    if rule.first or (limit.per is not None and limit.per == rule.distinct):
        return 1
    if limit.days is None:
        return None
    daily = rule.at_most.count if rule.at_most and rule.at_most.per == "day" else None
    daily = 1 if rule.distinct == "day" else daily
    return daily and daily * min(one.days for one in (limit, rule.at_most) if one and one.days)


def _never_set(flag: Shelf) -> str:
    if flag.exactly == 0 and not flag.holds_of_nobody:
        return (
            "of nothing done none is the newest, and none is in a window; remove 'exactly: 0' or the others"
        )
    if flag.events and set(flag.events) <= set(NOT_OWN) and flag.exactly != 0:
        return f"{' and '.join(flag.events)} never counts for a flag: {_HAPPENS}"
    if set(flag.events) <= set(flag.unless_after) and flag.exactly != 0:
        return f"unless_after names {', '.join(flag.events)}, its own event; name another one"
    least = flag.at_least
    if least and flag.exactly is not None and flag.exactly < least.count:
        return f"it asks for {least.count} and for exactly {flag.exactly}; correct one of them"
    if least and least.days and flag.since is not None and flag.since >= _longest(least.days):
        return f"nothing is newer than 'since', so none is in the last {least.days} days; lengthen the window"
    return ""


def _longest(days: int) -> timedelta:
    """A window in which the clocks are put back."""
    return timedelta(days, hours=1)
