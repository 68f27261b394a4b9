"""What people do, on the model page: rules of activity, their limits, and ageing of the total."""

from collections.abc import Iterator

from scoring import counting
from scoring.page.parts import counted, decayed, is_held, listed, many, number, own, types, undone, within
from scoring.page.plain import said
from scoring.page.plain_words import Words
from scoring.phrases import LANGUAGES as PHRASES
from scoring.phrases import low_interest_text, rule_text
from scoring.spec import Ageing, Clamp, Model, Rule


def does(model: Model, words: Words) -> Iterator[str]:
    """A line for each rule, and what becomes of all of them together."""
    for rule in model.rules:
        details = [part for part in _details(model, rule, words) if part]
        yield f"{_worth(rule):>6}  {rule_text(rule, model)}: {'; '.join(details)}"
    if model.rules:
        yield machines(model, words)
    for group, clamp in model.activity.caps.items():
        if clamp != Clamp():
            yield _group(group, clamp, words)
    if model.activity.total != Clamp():
        yield _total(model, words)
    steps = model.activity.ageing
    for step in steps:
        yield words["quiet"].format(idle=many(words, "days", step.idle), what=_aged(step, words))
    if len(steps) > 1 and any(_bounds(step, words) for step in steps):
        yield words["before all"]


def machines(model: Model, words: Words) -> str:
    """That what no person did does not count."""
    return words["machines but" if any(rule.machine for rule in model.rules) else "machines"]


def _group(group: str, clamp: Clamp, words: Words) -> str:
    least, most = clamp.least, clamp.most
    if most is None:
        return words["group least"].format(group=group, least=many(words, "points", least or 0))
    low = "group most" if least is None else "group"
    return words[low].format(group=group, least=number(least or 0), most=many(words, "points", most))


def _total(model: Model, words: Words) -> str:
    least, most = model.activity.total.least, model.activity.total.most
    key = "total" if None not in (least, most) else "total most" if least is None else "total least"
    text = words[key].format(least=number(least or 0), most=number(most or 0))
    return text if is_held(model) else words["before quiet"].format(f"{text[0].lower()}{text[1:]}")


def _worth(rule: Rule) -> str:
    points = [step.points for step in rule.steps] + [tier.points for tier in rule.tiers] or [rule.points]
    ends = dict.fromkeys((min(points), max(points)))
    return "…".join(number(end, "+") for end in ends)


def _details(model: Model, rule: Rule, words: Words) -> Iterator[str]:
    if rule.source in ("idle", "trend", "low_interest"):
        yield _behaviour(model, rule, words)
    else:
        yield types(model, rule.events, words) if rule.events else words["any event"]
    if rule.when:
        yield said(rule.when, model.language)
    if rule.steps:
        way = "percent" if set(rule.events) == {"video_view"} else "value"
        steps = (
            words[f"step {way}"].format(points=number(step.points, "+"), start=number(step.start))
            for step in rule.steps
        )
        yield words[f"by {way}"].format(", ".join(steps))
    if rule.tiers:
        yield words["or else"].join(_tiers(rule, words))
    yield from _counting(model, rule, words)
    yield words["cap"].format(many(words, "points", rule.cap)) if rule.cap is not None else ""
    if rule.floor is not None:
        yield words["for all" if rule.floor > 0 else "floor"].format(many(words, "points", rule.floor))
    yield words["in group"].format(rule.group) if rule.group else ""
    yield words["signal"].format(rule.signal) if rule.signal else ""
    if rule.source == "activity":
        yield decayed(rule.decay, words)


def _tiers(rule: Rule, words: Words) -> Iterator[str]:
    for tier in rule.tiers:
        limit = counted(tier.at_least, "at_least", words) or counted(tier.exactly, "exactly", words)
        yield words["tier"].format(points=number(tier.points, "+"), limit=limit)


def _behaviour(model: Model, rule: Rule, words: Words) -> str:
    if rule.source == "idle":
        return words["idle"].format(many(words, "days", rule.idle))
    if rule.source == "trend":
        return words["trend"].format(PHRASES[model.language].trend_word[rule.trend])
    return low_interest_text(model)


def _counting(model: Model, rule: Rule, words: Words) -> Iterator[str]:
    days = counting.window(rule)
    item = "" if rule.distinct == "activity" else rule.distinct
    yield words["again"].format(many(words, "days", rule.again)) if rule.again is not None else ""
    yield words["first"] if rule.first else ""
    yield counted(rule.at_least, "at_least", words, days, item)
    yield counted(rule.exactly, "exactly", words, days, item)
    yield counted(rule.at_most, "at_most", words, days, item)
    if item and item != rule.per and days is None:
        yield words["distinct"].format(words[item])
    if rule.per == "contact":
        yield words["once"]
    elif rule.per != "activity":
        yield words["each"].format(words[rule.per])
    if unless := own(rule.unless):
        yield words["unless"].format(f"{types(model, unless, words)}{within(days, words)}")
    yield undone(model, rule, words)
    yield words["machine"] if rule.machine else ""


def _aged(step: Ageing, words: Words) -> str:
    if step.at_most is not None:
        found = words["to at most"].format(number(step.at_most))
    elif step.lose is not None:
        found = words["loses"].format(number(step.lose))
    else:
        found = many(words, "points", step.points or 0, "+")
    again = f", {words['and again'].format(many(words, 'every', step.every))}" if step.every else ""
    return f"{found}{again}{_bounds(step, words)}"


def _bounds(step: Ageing, words: Words) -> str:
    bounds = [
        words[key].format(number(bound))
        for key, bound in (("over", step.over), ("from", step.start), ("to", step.end))
        if bound is not None
    ]
    return words["it was"].format(listed(bounds, words["and"])) if bounds else ""
