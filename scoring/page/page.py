"""A model as a page in plain language, for sales and marketing to agree on; and its rating in one line."""

import math
from collections.abc import Iterator

from scoring.checks import reach
from scoring.page.parts import (
    counted,
    decayed,
    is_held,
    kinds,
    listed,
    many,
    number,
    own,
    span,
    types,
    undone,
    within,
)
from scoring.page.plain import blanks, matched, said
from scoring.page.plain_words import Words
from scoring.page.rules import does, machines
from scoring.page.words import LANGUAGES
from scoring.spec import Fit, FitRule, Interest, Model, Shelf

_SHORT = 255
_PLURAL = {"product": "products", "category": "categories"}


def page(model: Model) -> str:
    """The whole model, in its own language; every rule, limit and threshold has a line."""
    words = LANGUAGES[model.language]
    title = words["title"].format(name=model.name, version=model.version)
    parts = [f"{title}\n{model.about}" if model.about else title]
    sections = [
        ("who", _who(model, words)),
        ("does", does(model, words)),
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
    return "\n\n".join(parts)


def legend(model: Model) -> str:
    """One line, at most 255 characters: what the letter and the digit (or the score) mean."""
    words, letters = LANGUAGES[model.language], _letters(model)
    if model.rating is None or not letters:
        total = model.activity.total
        known = total.least is not None and total.most is not None and is_held(model)
        bounds = words["bounds"].format(number(total.least or 0), number(total.most or 0)) if known else ""
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
            span = (
                words["from to"].format(low, high)
                if low < high
                else str(low)
                if low == high
                else words["no score"]
            )
        yield words["digit"].format(digit=digit, span=span)


# --- who is scored, and who they are


def _who(model: Model, words: Words) -> Iterator[str]:
    if model.where is None:
        yield words["everybody"]
    else:
        told = words["where"].format(said(model.where, model.language))
        yield words.get(f"where {model.where.text}", told)
    for out in model.exclude:
        when = said(out.when, model.language)
        yield words.get(f"out {out.reason}", words["out"]).format(reason=out.reason, when=when)
    conditions = [model.where, *(out.when for out in model.exclude)]
    if any("no" in blanks(one) for one in conditions if one):
        yield words["not set"]
    if model.on_leave == "freeze":
        yield words["freeze"]
    if model.time_zone:
        yield words["zone"].format(model.time_zone)


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
            cuts = [words["cut"].format(letter=one, threshold=number(at)) for one, at in grades.cuts]
            named = words["grades"] if part == "overall" else f"{words['grades']} ({words[part].lower()})"
            yield f"{named}: {', '.join([*cuts, words['else'].format(grades.below)])}"
    yield _unknown(fit, words)


def _unknown(fit: Fit, words: Words) -> str:
    """What comes of what is not known: on the ladder a condition that is not so moves too."""
    found: set[str] = set()
    for rule in fit.rules:
        for condition in rule.conditions:
            found |= blanks(condition)
            found |= blanks(condition, want=False) if rule.miss and fit.form == "ladder" else set()
    asked, no = (words[f"unknown {key}"] if key in found else "" for key in ("asked", "no"))
    return words["unknown"].format(asked=asked, no=no)


def _fit_rule(model: Model, fit: Fit, rule: FitRule, words: Words) -> str:
    named = rule.says or rule.id.replace("_", " ")
    if fit.form == "weights":
        values = words["or else"].join(
            words["value"].format(points=number(value.points), when=said(value.when, model.language))
            for value in rule.values
        )
        return f"{named}: {words['weight'].format(weight=number(rule.weight), values=values)}"
    condition = said(rule.when, model.language) if rule.when else ""
    if fit.form == "ladder":
        moves = words["moves"].format(up=many(words, "thirds", rule.thirds), down=number(rule.miss))
        return f"{named}: {condition}; {moves}"
    return f"{number(rule.points, '+'):>6}  {named}: {condition}"


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
    yield from (
        words["priority"].format(name=name, cells=", ".join(found)) for name, found in sorted(names.items())
    )


def _stages(model: Model, words: Words) -> Iterator[str]:
    if model.stages:
        yield words["base"].format(model.base_stage)
    for stage in model.stages:
        enter, stay = said(stage.enter, model.language), said(stage.stay, model.language)
        key = "enter only" if enter == stay else "enter"
        yield words[key].format(name=stage.name, enter=enter, stay=stay)
    if len(model.stages) > 1:
        yield words["highest"]
    if model.escalate:
        when = model.escalate.when
        also = words["and when"].format(said(when, model.language)) if when else ""
        within = span(model.escalate.within, words)
        yield words["escalate"].format(signal=model.escalate.signal, within=within, when=also)


def _more(model: Model, words: Words) -> Iterator[str]:
    if model.interest:
        yield from _interest(model, model.interest, words)
    if model.satisfaction:
        survey, valid = model.satisfaction.survey, many(words, "of last days", model.satisfaction.valid)
        yield words["satisfaction"].format(survey=survey.upper(), valid=valid)
        if model.satisfaction.activity is not None:
            yield words[f"disagrees {survey}"].format(many(words, "last days", model.satisfaction.activity))
    for stage, events in model.journey.items():
        yield words["journey"].format(stage=stage, types=", ".join(kinds(model, events)))
    yield from _account(model, words)
    yield from _low_interest(model, words)
    if not model.rules:
        yield machines(model, words)
    yield words["trends" if model.trend_days > 1 else "trend of days"].format(model.trend_days)
    yield words["warmth"].format(
        hot=many(words, "last days", model.hot_days), warm=many(words, "last days", model.warm_days)
    )
    for flag in model.flags:
        yield words["flag"].format(
            id=flag.id, what="; ".join(part for part in _flag(model, flag, words) if part)
        )


def _account(model: Model, words: Words) -> Iterator[str]:
    account = model.account
    how = words["max" if account.top == 1 else account.score]
    some = account.top and how != words["max"]
    whose = words["top" if some else "all"].format(account.top)
    yield words["account"].format(how=how, whose=whose)
    if len(account.weights) > 1:
        yield words["first weight"]
    for condition, weight in account.weights:
        times = words.get(f"times {number(weight)}", words["times"].format(number(weight)))
        yield words["weighted"].format(times=times, when=said(condition, model.language))
    if account.roll_up:
        yield words["roll up"]
    if account.buyers:
        when = said(account.buyers.when, model.language)
        yield words["buyers" if account.buyers.at_least > 1 else "buyer"].format(
            bonus=number(account.buyers.bonus), count=account.buyers.at_least, when=when
        )


def _low_interest(model: Model, words: Words) -> Iterator[str]:
    if low := model.low_interest:
        parts = [types(model, low.events, words), counted(low.at_least, "at_least", words)]
        if unless := own(low.unless):
            never = f"{types(model, unless, words)}{within(low.at_least.days, words)}"
            parts.append(words["without"].format(never))
        yield words["low interest"].format(what="; ".join(parts))


def _interest(model: Model, interest: Interest, words: Words) -> Iterator[str]:
    by = words["same"]
    if interest.weights is not None:
        names = kinds(model, tuple(interest.weights))
        points = (many(words, "points", weight) for weight in interest.weights.values())
        by = words["by kind"].format(", ".join(map(" ".join, zip(names, points, strict=True))))
    of = listed((words[_PLURAL[kind]] for kind in interest.by), words["and"])
    yield words["interest"].format(kinds=of, by=by, decay=decayed(interest.decay, words))
    for asset in interest.assets:
        named = " · ".join(name for name in (asset.product, asset.category) if name)
        yield words["asset is"].format(match=matched(asset.match, model.language), named=named)
    if len(interest.assets) > 1:
        yield words["first asset"]
    for product, category in interest.categories.items():
        yield words["belongs"].format(product=product, category=category)


def _flag(model: Model, flag: Shelf, words: Words) -> Iterator[str]:
    yield types(model, flag.events, words)
    yield said(flag.when, model.language) if flag.when else ""
    yield words["since"].format(span(flag.since, words)) if flag.since else ""
    yield words["until"].format(span(flag.until, words)) if flag.until else ""
    yield counted(flag.at_least, "at_least", words)
    yield words["of one"].format(words[flag.per]) if flag.per else ""
    yield words["in all"].format(flag.exactly) if flag.exactly is not None else ""
    yield undone(model, flag, words)
