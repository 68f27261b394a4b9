"""A model as a page in plain language, for sales and marketing to agree on; and its rating in one line."""

import math
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

from scoring import counting, reach
from scoring.page_words import LANGUAGES, Words
from scoring.phrases import LANGUAGES as PHRASES
from scoring.phrases import low_interest_text, rule_text, singular
from scoring.plain import said
from scoring.spec import Ageing, Clamp, Decay, Fit, FitRule, Interest, Limit, Model, Rule, Shelf

_SHORT = 255
_PLURAL = {"product": "products", "category": "categories"}


def page(model: Model) -> str:
    """The whole model, in its own language; every rule, limit and threshold has a line."""
    words = LANGUAGES[model.language]
    title = words["title"].format(name=model.name, version=model.version)
    parts = [f"{title}\n{model.about}" if model.about else title]
    sections = [
        ("who", _who(model, words)),
        ("does", _does(model, words)),
        ("are", _are(model, words)),
        ("rating", _rating(model, words)),
        ("stages", _stages(model, words)),
        ("more", _more(model, words)),
        ("help", [legend(model)]),
    ]
    for key, found in sections:
        lines = list(found)
        if lines:
            parts.append("\n".join([words[key], *(f"  {line}" for line in lines)]))
    return singular("\n\n".join(parts))


def legend(model: Model) -> str:
    """One line, at most 255 characters: what the letter and the digit (or the score) mean."""
    words, letters = LANGUAGES[model.language], _letters(model)
    if model.rating is None or not letters:
        total = model.activity.total
        known = total.least is not None and total.most is not None
        bounds = words["bounds"].format(_number(total.least or 0), _number(total.most or 0)) if known else ""
        return words["no rating"].format(bounds=bounds)
    digits = ", ".join(_digits(model, words))
    line = words["legend"].format(
        letters=words["from to"].format(letters[0], letters[-1]), best=letters[0], digits=digits
    )
    return line if len(line) <= _SHORT else f"{line[: _SHORT - 1]}…"


def _letters(model: Model) -> tuple[str, ...]:
    if model.fit is None:
        return ()
    grades = model.fit.grades.get("overall")
    return reach.letters(model) if grades is None else (*(letter for letter, _ in grades.cuts), grades.below)


def _digits(model: Model, words: Words) -> Iterator[str]:
    rating = model.rating
    if rating is None:
        return
    cuts = rating.levels
    for level in range(1, len(cuts) + 2):
        digit = len(cuts) + 2 - level if rating.one_is_best else level
        if level == 1:
            span = words["below"].format(math.ceil(cuts[0]))
        elif level > len(cuts):
            span = words["from on"].format(math.ceil(cuts[-1]))
        else:
            low, high = math.ceil(cuts[level - 2]), math.ceil(cuts[level - 1]) - 1
            span = words["from to"].format(low, high) if low < high else str(low) if low == high else "-"
        yield words["digit"].format(digit=digit, span=span)


def _number(value: float, sign: str = "") -> str:
    """Every digit of it, with no exponent. sign: ``+`` to show one always."""
    return f"{Decimal(str(value)).normalize():{sign}f}"


# --- who, and what they do


def _who(model: Model, words: Words) -> Iterator[str]:
    if model.where is None:
        yield words["everybody"]
    else:
        told = words["where"].format(said(model.where, model.language))
        yield words.get(f"where {model.where.text}", told)
    for out in model.exclude:
        yield words["out"].format(reason=out.reason, when=said(out.when, model.language))
    if model.on_leave == "freeze":
        yield words["freeze"]
    if model.time_zone:
        yield words["zone"].format(model.time_zone)


def _does(model: Model, words: Words) -> Iterator[str]:
    for rule in model.rules:
        details = [part for part in _details(model, rule, words) if part]
        yield f"{_worth(rule):>6}  {rule_text(rule, model)}: {'; '.join(details)}"
    for group, clamp in model.activity.caps.items():
        yield _clamped("group", clamp, words).format(group=group)
    if model.activity.total != Clamp():
        yield _clamped("total", model.activity.total, words)
    for step in model.activity.ageing:
        yield words["quiet"].format(idle=step.idle, what=_aged(step, words))


def _clamped(what: str, clamp: Clamp, words: Words) -> str:
    ends = {"least": clamp.least, "most": clamp.most}
    known = {key: _number(end) for key, end in ends.items() if end is not None}
    key = what if len(known) == len(ends) else f"{what} {next(iter(known))}"
    return words[key].format(group="{group}", **known)


def _worth(rule: Rule) -> str:
    points = [step.points for step in rule.steps] + [tier.points for tier in rule.tiers] or [rule.points]
    ends = dict.fromkeys((min(points), max(points)))
    return "…".join(_number(end, "+") for end in ends)


def _details(model: Model, rule: Rule, words: Words) -> Iterator[str]:
    if rule.source in ("idle", "trend", "low_interest"):
        yield _behaviour(model, rule, words)
    else:
        yield _types(model, rule.events, words) if rule.events else words["any event"]
    if rule.when:
        yield said(rule.when, model.language)
    if rule.steps:
        steps = [
            words["steps"].format(points=_number(s.points, "+"), start=_number(s.start)) for s in rule.steps
        ]
        yield ", ".join(steps)
    for tier in rule.tiers:
        limit = _limit(tier.at_least, "at_least", words) or _limit(tier.exactly, "exactly", words)
        yield words["tiers"].format(points=_number(tier.points, "+"), limit=limit)
    yield from _counting(model, rule, words)
    yield words["cap"].format(_number(rule.cap)) if rule.cap is not None else ""
    yield words["floor"].format(_number(rule.floor)) if rule.floor is not None else ""
    yield words["in group"].format(rule.group) if rule.group else ""
    yield words["signal"].format(rule.signal) if rule.signal else ""
    if rule.source == "activity":
        yield _decayed(rule.decay, words)


def _behaviour(model: Model, rule: Rule, words: Words) -> str:
    if rule.source == "idle":
        return words["idle"].format(rule.idle)
    if rule.source == "trend":
        return words["trend"].format(PHRASES[model.language].trend_word[rule.trend])
    return low_interest_text(model)


def _counting(model: Model, rule: Rule, words: Words) -> Iterator[str]:
    yield words["again"].format(rule.again) if rule.again is not None else ""
    yield words["first"] if rule.first else ""
    yield _limit(rule.at_least, "at_least", words)
    yield _limit(rule.exactly, "exactly", words)
    yield _limit(rule.at_most, "at_most", words)
    if rule.distinct not in ("activity", rule.per):
        yield words["distinct"].format(words.get(rule.distinct, rule.distinct))
    if rule.per == "contact":
        yield words["once"]
    elif rule.per != "activity":
        yield words["each"].format(words.get(rule.per, rule.per))
    if rule.unless:
        within = _within(counting.window(rule), words)
        yield words["unless"].format(f"{_types(model, rule.unless, words)}{within}")
    yield words["unless_after"].format(_types(model, rule.unless_after, words)) if rule.unless_after else ""
    yield words["machine"] if rule.machine else ""


def _limit(limit: Limit | None, key: str, words: Words) -> str:
    if limit is None:
        return ""
    if limit.days is not None:
        return words[key].format(words["in"].format(count=limit.count, days=limit.days))
    per = str(limit.per)
    return words[key].format(words["per"].format(count=limit.count, per=words.get(per, per)))


def _within(days: int | None, words: Words) -> str:
    if days is None:
        return ""
    return f" {words['that day'] if days == 1 else words['those days'].format(days)}"


def _types(model: Model, events: Sequence[str], words: Words) -> str:
    known = PHRASES[model.language].types
    return words["types and"].join(known.get(event, event.replace("_", " ")) for event in events)


def _decayed(decay: Decay, words: Words) -> str:
    form = "lose plainly" if decay.form == "lose" and not decay.compound else decay.form
    text = words[form].format(days=_number(decay.days), percent=_number(decay.percent))
    return f"{text}, {words['after'].format(decay.after)}" if decay.after else text


def _aged(step: Ageing, words: Words) -> str:
    if step.at_most is not None:
        found = [words["to at most"].format(_number(step.at_most))]
    elif step.lose is not None:
        found = [words["loses"].format(_number(step.lose))]
    else:
        found = [words["gets"].format(_number(step.points or 0, "+"))]
    found += [words["every"].format(step.every)] if step.every else []
    for key, bound in (("over", step.over), ("from", step.start), ("to", step.end)):
        found += [words[key].format(_number(bound))] if bound is not None else []
    return ", ".join(found)


# --- who they are


def _are(model: Model, words: Words) -> Iterator[str]:
    fit = model.fit
    if fit is None:
        return
    for part in ("person", "company"):
        rules = [rule for rule in fit.rules if rule.part == part]
        if rules:
            yield words[part]
            for rule in rules:
                yield f"  {_fit_rule(model, fit, rule, words)}"
    if fit.form == "ladder":
        yield words["start"].format(fit.start)
    for part, grades in fit.grades.items():
        if part == "overall" or grades != fit.grades.get("overall"):
            cuts = [words["cut"].format(letter=one, threshold=_number(at)) for one, at in grades.cuts]
            named = words["grades"] if part == "overall" else f"{words['grades']} ({words[part].lower()})"
            yield f"{named}: {', '.join([*cuts, words['else'].format(grades.below)])}"
    yield words["unknown"]


def _fit_rule(model: Model, fit: Fit, rule: FitRule, words: Words) -> str:
    named = rule.says or rule.id.replace("_", " ")
    if fit.form == "weights":
        values = ", ".join(
            words["value"].format(points=_number(value.points), when=said(value.when, model.language))
            for value in rule.values
        )
        return f"{named}: {words['weight'].format(weight=_number(rule.weight), values=values)}"
    condition = said(rule.when, model.language) if rule.when else ""
    if fit.form == "ladder":
        return f"{named}: {condition}; {words['thirds'].format(up=rule.thirds, down=rule.miss)}"
    return f"{_number(rule.points, '+'):>6}  {named}: {condition}"


# --- what follows from it


def _rating(model: Model, words: Words) -> Iterator[str]:
    rating = model.rating
    if rating is None:
        return
    if not _letters(model):
        yield words["levels"].format(", ".join(_digits(model, words)))
    names: dict[str, list[str]] = {}
    for cell, name in rating.cells.items():
        names.setdefault(name, []).append(cell)
    yield from (f"{name}: {', '.join(found)}" for name, found in sorted(names.items()))


def _stages(model: Model, words: Words) -> Iterator[str]:
    if model.stages:
        yield words["base"].format(model.base_stage)
    for stage in model.stages:
        enter, stay = said(stage.enter, model.language), said(stage.stay, model.language)
        key = "enter only" if enter == stay else "enter"
        yield words[key].format(name=stage.name, enter=enter, stay=stay)
    if model.escalate:
        when = model.escalate.when
        also = words["and when"].format(said(when, model.language)) if when else ""
        within = _span(model.escalate.within, words)
        yield words["escalate"].format(signal=model.escalate.signal, within=within, when=also)


def _span(span: timedelta, words: Words) -> str:
    minutes = span.total_seconds() / 60
    for key, size in (("days", 2 * 1440), ("hours", 60)):
        unit = 1440 if key == "days" else 60
        if minutes >= size and minutes % unit == 0:
            return words[key].format(_number(minutes / unit))
    return words["minutes"].format(_number(minutes))


def _more(model: Model, words: Words) -> Iterator[str]:
    if model.interest:
        yield from _interest(model, model.interest, words)
    if model.satisfaction:
        survey = model.satisfaction.survey.upper()
        yield words["satisfaction"].format(survey=survey, valid=model.satisfaction.valid)
        if model.satisfaction.activity is not None:
            yield words[f"disagrees {model.satisfaction.survey}"].format(model.satisfaction.activity)
    for stage, events in model.journey.items():
        yield words["journey"].format(stage=stage, types=_types(model, events, words))
    yield from _account(model, words)
    yield from _low_interest(model, words)
    yield words["trends" if model.trend_days > 1 else "trend of days"].format(model.trend_days)
    yield words["warmth"].format(hot=model.hot_days, warm=model.warm_days)
    for flag in model.flags:
        yield words["flag"].format(
            id=flag.id, what="; ".join(part for part in _flag(model, flag, words) if part)
        )


def _account(model: Model, words: Words) -> Iterator[str]:
    account = model.account
    top = f" ({words['top'].format(account.top)})" if account.top else ""
    yield words["account"].format(how=f"{words[account.score]}{top}")
    if len(account.weights) > 1:
        yield words["first weight"]
    for condition, weight in account.weights:
        yield words["weighted"].format(weight=_number(weight), when=said(condition, model.language))
    if account.roll_up:
        yield words["roll up"]
    if account.buyers:
        when = said(account.buyers.when, model.language)
        yield words["buyers" if account.buyers.at_least > 1 else "buyer"].format(
            bonus=_number(account.buyers.bonus), count=account.buyers.at_least, when=when
        )


def _low_interest(model: Model, words: Words) -> Iterator[str]:
    if low := model.low_interest:
        parts = [_types(model, low.events, words), _limit(low.at_least, "at_least", words)]
        if low.unless:
            within = _within(low.at_least.days, words)
            parts.append(words["without"].format(f"{_types(model, low.unless, words)}{within}"))
        yield words["low interest"].format(what="; ".join(parts))


def _interest(model: Model, interest: Interest, words: Words) -> Iterator[str]:
    by = words["same"]
    if interest.weights is not None:
        by = ", ".join(
            f"{_types(model, [event], words)} {_number(weight)}" for event, weight in interest.weights.items()
        )
    kinds = ", ".join(words[_PLURAL[kind]] for kind in interest.by)
    yield words["interest"].format(kinds=kinds, by=by, decay=_decayed(interest.decay, words))
    for asset in interest.assets:
        named = " · ".join(name for name in (asset.product, asset.category) if name)
        yield words["asset is"].format(match=asset.match, named=named)
    for product, category in interest.categories.items():
        yield words["belongs"].format(product=product, category=category)


def _flag(model: Model, flag: Shelf, words: Words) -> Iterator[str]:
    yield _types(model, flag.events, words)
    yield said(flag.when, model.language) if flag.when else ""
    yield words["since"].format(_span(flag.since, words)) if flag.since else ""
    yield words["until"].format(_span(flag.until, words)) if flag.until else ""
    yield _limit(flag.at_least, "at_least", words)
    yield words["of one"].format(words[flag.per]) if flag.per else ""
    yield words["in all"].format(flag.exactly) if flag.exactly is not None else ""
    if flag.unless_after:
        yield words["unless_after"].format(_types(model, flag.unless_after, words))
