"""What is doubtful in a model although it loads: seen in the model alone, and with ``found`` in the data."""

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from itertools import combinations, pairwise
from math import inf

from core.activities import ACTIVITY_TYPES
from core.tables import SCORED
from scoring.checks import reach, sums
from scoring.checks.evidence import found
from scoring.checks.logic import Fact, always_holds, can_hold, covered, implies, narrower
from scoring.checks.never import never, of_activity
from scoring.checks.overlaps import overlapping
from scoring.conditions import Condition
from scoring.frame import conditions
from scoring.spec import Fit, Model, Rule, Tier

__all__ = ["FOLLOWED", "found", "warnings"]

#: More rules than this nobody in a sales team can keep in mind.
FOLLOWED = 40
_PERCENT = 100
#: How alike a known type is to a slip of the pen: to ``page_veiw``, not to ``redirect_click``.
_MISSPELT = 0.8
_BEHAVIOUR = frozenset({"idle_days", "trend", "temperature", "low_interest"})


def warnings(model: Model, types: Collection[str] = ACTIVITY_TYPES) -> list[str]:
    """What can be seen without data, a sentence each: which rule, which number, and what to do.

    types: the standard activity types, and those that are in the data.
    """
    sentences = [
        *unknown_types(model, types),
        *_cased(model),
        *never(model),
        *_shadowed(model),
        *_levels(model),
        *_grades(model),
        *_stages(model),
        *overlapping(model),
        *_balance(model),
    ]
    return list(dict.fromkeys(sentences))


def unknown_types(model: Model, types: Collection[str], *, misspelt: bool = False) -> Iterator[str]:
    """A sentence for each activity type that is not among these. misspelt: only where one of them is near."""
    for where, events in _named_types(model):
        for event in events:
            close = get_close_matches(event, list(types), n=1, cutoff=_MISSPELT)
            if event not in types and (close or not misspelt):
                meant = f"did you mean {close[0]!r}? Else " if close else ""
                yield (
                    f"{where} waits for {event!r}, an activity type that is no standard one and not in the "
                    f"data: {meant}see that a source gives it"
                )


def _cased(model: Model) -> Iterator[str]:
    known = {column for schema in SCORED.values() for column in schema.names}
    for condition in conditions(model):
        for name in condition.columns:
            if name not in known and name.lower() in known:
                yield f"{condition.text!r} reads {name!r}, which no table has: write {name.lower()!r}"


def _named_types(model: Model) -> Iterator[tuple[str, Collection[str]]]:
    for rule in model.rules:
        yield f"rule {rule.id}", (*rule.events, *rule.unless, *rule.unless_after)
    for flag in model.flags:
        yield f"flag {flag.id}", (*flag.events, *flag.unless_after)
    for stage, events in model.journey.items():
        yield f"journey stage {stage}", events
    if model.low_interest:
        yield "low_interest", (*model.low_interest.events, *model.low_interest.unless)
    if model.interest and model.interest.weights:
        yield "interest.weights", tuple(model.interest.weights)


# --- what something before it always takes


def _shadowed(model: Model) -> Iterator[str]:
    for rule in model.rules:
        yield from _tiers(rule)
        yield from _steps(rule)
    for fit in model.fit.rules if model.fit else ():
        yield from _behind(f"fit rule {fit.id}: value", [value.when for value in fit.values])
    yield from _behind("exclusion", [out.when for out in model.exclude])
    yield from _behind("account weight", [when for when, _ in model.account.weights])
    assets = model.interest.assets if model.interest else ()
    for before, after in combinations(range(len(assets)), 2):
        if narrower(assets[after].match, assets[before].match):
            yield (
                f"interest asset {after + 1} ({assets[after].match!r}) is never reached: "
                f"asset {before + 1} ({assets[before].match!r}) takes all of it; put the narrower one first"
            )
    yield from _ageing(model)


def _behind(what: str, conditions: Sequence[Condition]) -> Iterator[str]:
    for index, condition in enumerate(conditions):
        if index and can_hold([condition]) and covered(condition, conditions[:index]):
            yield (
                f"{what} {index + 1} ({condition.text!r}) is never reached: those before it take all of it; "
                "put it first or remove it"
            )


def _tiers(rule: Rule) -> Iterator[str]:
    for before, after in combinations(range(len(rule.tiers)), 2):
        if _takes_all(rule.tiers[before], rule.tiers[after]):
            yield (
                f"rule {rule.id}: tier {after + 1} is never reached, because tier {before + 1} holds whenever "  # noqa: E501  # a sentence reads best in one piece
                "it does; put the harder one first"
            )


def _takes_all(before: Tier, after: Tier) -> bool:
    first, then = before.at_least, after.at_least or after.exactly
    if first is None or then is None:
        return before.exactly is not None and before.exactly == after.exactly
    return first.count <= then.count and (first.days or 0) >= (then.days or 0)


def _steps(rule: Rule) -> Iterator[str]:
    video = set(rule.events) == {"video_view"}
    ends = [*(step.start for step in rule.steps[1:]), None]
    for step, end in zip(rule.steps, ends, strict=False):
        if video and step.start > _PERCENT:
            yield (
                f"rule {rule.id}: its step from {step.start:g} is for few or none: a video's value is a "
                "percentage, and seldom above 100; lower it, if that is so in your data"
            )
        within = [Fact("value", "low", step.start, base="value")]
        within += [Fact("value", "high", end, strict=True, base="value")] if end is not None else []
        if (
            rule.when
            and can_hold([rule.when], of_activity(rule))
            and not can_hold([rule.when], [tuple(within)])
        ):
            yield (
                f"rule {rule.id}: the step from {step.start:g} is never reached: "
                f"{rule.when.text!r} leaves it out"
            )


def _ageing(model: Model) -> Iterator[str]:
    reached = reach.total_span(model)
    high = reached.high
    held: list[tuple[int, float]] = []
    for number, step in enumerate(model.activity.ageing, 1):
        asked = max([bound for bound in (step.over, step.start) if bound is not None], default=None)
        if asked is not None and (asked > high or (step.over is not None and step.over >= high)):
            yield (
                f"ageing step {number} never applies: it asks for a total of {asked:g}, "
                f"and {high:g} is the most"
            )
        elif step.end is not None and asked is not None and asked > step.end:
            yield (
                f"ageing step {number} never applies: no total is from {asked:g} to "
                f"{step.end:g}; correct them"
            )
        elif step.at_most is not None and any(
            idle <= step.idle and most <= step.at_most for idle, most in held
        ):
            yield (
                f"ageing step {number} changes nothing: an earlier step already holds "
                "the total to less; remove it"
            )
        elif step.at_most is not None and step.at_most >= reached.high:
            yield (
                f"ageing step {number} changes nothing: no total is above {reached.high:g}; "
                f"lower {step.at_most:g}"
            )
        if step.points is not None and step.points > 0:
            held.clear()
        elif step.at_most is not None and asked is None and step.end is None:
            held.append((step.idle, step.at_most))
        reached = reach.aged(step, reached)


# --- thresholds


def _levels(model: Model) -> Iterator[str]:
    rating = model.rating
    if rating is None:
        return
    span = reach.score_span(model)
    for cut in rating.levels:
        if cut > span.high:
            yield (
                f"rating level {cut:g} cannot be reached: {span.high:g} is the highest score; "
                "lower the level or raise points and caps"
            )
    for level, (cut, above) in enumerate(pairwise((*rating.levels, inf)), 2):
        if cut <= span.high and _is_gap(sums.scores(model), cut, above):
            yield (
                f"rating level {level} is never given: no score is {_within(cut, above)}; "
                "move the levels or change points"
            )
    if rating.levels[0] <= span.low:
        yield (
            f"rating level {rating.levels[0]:g} is always passed: {span.low:g} is the lowest score; "
            "raise the level"
        )
    if not reach.letters(model):
        yield "rating is always empty: the model gives no grade; add fit with grades, or remove the rating"
        return
    possible = {f"{letter}{digit}" for letter in _letters_named(model) for digit in _all_digits(model)}
    for cell in rating.cells:
        if cell not in possible:
            yield f"rating cell {cell} names nobody: there is no such letter or digit; correct or remove it"


def _all_digits(model: Model) -> range:
    return range(1, len(model.rating.levels) + 2 if model.rating else 1)


def _letters_named(model: Model) -> tuple[str, ...]:
    grades = model.fit.grades.get("overall") if model.fit else None
    if grades is None:
        return reach.letters(model)
    return (*(letter for letter, _ in grades.cuts), grades.below)


def _grades(model: Model) -> Iterator[str]:
    fit = model.fit
    if fit is None:
        return
    for part, grades in fit.grades.items():
        span = reach.fit_span(fit, part)
        if span is None or not grades.cuts or (part != "overall" and grades == fit.grades.get("overall")):
            continue  # a part without rules has no letter; one without cuts of its own only borrows them
        for letter, threshold in grades.cuts:
            if threshold > span.high:
                yield (
                    f"{part} grade {letter} cannot be reached: it begins at {threshold:g} and {span.high:g} is "  # noqa: E501  # a sentence reads best in one piece
                    "the highest fit; lower it or raise the points"
                )
        reached = sums.fits(fit, part)
        for (letter, threshold), above in zip(
            grades.cuts, (inf, *(cut for _, cut in grades.cuts)), strict=False
        ):
            if threshold <= span.high and letter != grades.below and _is_gap(reached, threshold, above):
                yield (
                    f"{part} grade {letter} is never given: no fit is {_within(threshold, above)}; "
                    "move the grades or change points"
                )
        lowest, threshold = grades.cuts[-1]
        if threshold <= span.low and lowest != grades.below:
            yield (
                f"{part} grade {grades.below} is never given: {lowest} begins at {threshold:g} and "
                f"{span.low:g} is the lowest fit; raise {lowest}"
            )


def _is_gap(numbers: Collection[int] | None, low: float, below: float) -> bool:
    return numbers is not None and not any(low <= number < below for number in numbers)


def _within(low: float, below: float) -> str:
    return f"{low:g} or more" if below == inf else f"from {low:g} to below {below:g}"


def _stages(model: Model) -> Iterator[str]:
    given = reach.known(model)
    span = reach.score_span(model)
    for index, stage in enumerate(model.stages):
        if not can_hold([stage.enter], given):
            yield (
                f"stage {stage.name} can never be entered: nobody meets {stage.enter.text!r} "
                f"(scores {span}, {_said(model.fit, model)}); ease it"
            )
            continue
        if always_holds(stage.enter, given):
            yield (
                f"stage {stage.name}: nobody is ever below it: {stage.enter.text!r} is always true; "
                "add a bound"
            )
        elif always_holds(stage.stay, given):
            last = stage is model.stages[-1]
            yield (
                f"stage {stage.name} is never left{'' if last else ' but for a higher one'}: "
                f"its stay {stage.stay.text!r} is always true; add a bound"
            )
        elif not can_hold([stage.stay], given):
            yield f"stage {stage.name}: nobody can meet its stay {stage.stay.text!r}; ease it or remove it"
        elif stage.stay != stage.enter and implies(stage.stay, stage.enter, given):
            yield (
                f"stage {stage.name}: stay {stage.stay.text!r} is stricter than enter {stage.enter.text!r} "
                "and keeps nobody; make it easier than enter"
            )
        for higher in model.stages[index + 1 :]:
            if implies(stage.enter, higher.enter, given):
                yield (
                    f"stage {stage.name} can never be entered from below: whoever meets its enter meets that of "  # noqa: E501  # a sentence reads best in one piece
                    f"{higher.name}; make {higher.name} stricter"
                )


def _said(fit: Fit | None, model: Model) -> str:
    found_letters = reach.letters(model) if fit else ()
    return f"grades are {', '.join(found_letters)}" if found_letters else "there are no grades"


# --- the model as a whole


def _balance(model: Model) -> Iterator[str]:
    rules = len(model.rules) + (len(model.fit.rules) if model.fit else 0)
    if model.fit and model.fit.rules and not _looks_at_deeds(model):
        yield (
            f"the model looks at who people are (fit rules: {len(model.fit.rules)}) and at nothing they do; "
            "add activity rules"
        )
    if rules > FOLLOWED:
        yield (
            f"the model has {rules} rules, and a sales team follows about {FOLLOWED}; "
            "join or remove those that move least"
        )


def _looks_at_deeds(model: Model) -> bool:
    read = [one for stage in model.stages for one in (stage.enter, stage.stay)]
    read += [when for when, _ in model.account.weights]
    read += [model.account.buyers.when] if model.account.buyers else []
    others = (model.flags, model.journey, model.interest, model.satisfaction, model.low_interest)
    span = reach.score_span(model)
    moves = span.low < span.high or any(others) or model.escalate is not None
    return moves or any(_BEHAVIOUR & set(one.columns) for one in read)
