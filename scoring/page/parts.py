"""Parts of the model page's sentences: numbers with what they count, spans, limits, activities, ageing."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from scoring.checks import reach
from scoring.frame import NOT_OWN
from scoring.page.plain_words import Words
from scoring.phrases import LANGUAGES as PHRASES
from scoring.spec import Decay, Limit, Model, Rule, Shelf


def number(value: float, sign: str = "") -> str:
    """Every digit of it, with no exponent. sign: ``+`` to show one always."""
    return f"{Decimal(str(value)).normalize():{sign}f}"


def many(words: Words, what: str, count: float, sign: str = "") -> str:
    """``1 day``, ``30 days``: the words hold one and more, parted by a bar."""
    one, more = words[what].split("|")
    return (one if abs(count) == 1 else more).format(number(count, sign))


def listed(parts: Iterable[str], word: str) -> str:
    """``a, b or c``."""
    *others, last = parts
    return f"{', '.join(others)} {word} {last}" if others else last


def span(time: timedelta, words: Words) -> str:
    """All of it, in days from two on, else in hours, minutes and seconds."""
    if time.days > 1 and time == timedelta(time.days):
        return many(words, "days", time.days)
    minutes, seconds = divmod(round(time.total_seconds()), 60)
    parts = zip(("hours", "minutes", "seconds"), (*divmod(minutes, 60), seconds), strict=True)
    return " ".join(many(words, unit, count) for unit, count in parts if count)


def types(model: Model, events: Sequence[str], words: Words) -> str:
    """What people do: any of these."""
    return listed(kinds(model, events), words["or"])


def kinds(model: Model, events: Sequence[str]) -> list[str]:
    """What people do, in plain words."""
    known = PHRASES[model.language].types
    return [known.get(event, event.replace("_", " ")) for event in events]


def own(events: Sequence[str]) -> list[str]:
    """Those that people do; what merely happens to them undoes nothing."""
    return [event for event in events if event not in NOT_OWN]


def counted(limit: Limit | None, key: str, words: Words, days: int | None = None, item: str = "") -> str:
    """``at least 3 visits in the last 7 days``. days: the narrowest window, which all are counted in."""
    if limit is None:
        return ""
    if limit.days is None:
        per = str(limit.per)
        return words[key].format(words["per"].format(count=limit.count, per=words.get(per, per)))
    window = days or limit.days
    count = many(words, f"n {item}", limit.count) if item else str(limit.count)
    if key == "at_most":
        return words["newest" if limit.count > 1 else "newest one"].format(
            count=count, days=many(words, "of last days", window)
        )
    return words[key].format(words["in"].format(count=count, days=many(words, "last days", window)))


def undone(model: Model, rule: Rule | Shelf, words: Words) -> str:
    """That what someone does later undoes it."""
    after = own(rule.unless_after)
    return words["unless_after"].format(types(model, after, words)) if after else ""


def within(days: int | None, words: Words) -> str:
    """``in those 7 days``, where there is a window."""
    return "" if days is None else f" {many(words, 'those days', days)}"


def decayed(decay: Decay, words: Words) -> str:
    """How points age."""
    form = "lose plainly" if decay.form == "lose" and not decay.compound else decay.form
    whole = decay.days == int(decay.days)
    days = many(words, "days", decay.days) if whole else span(timedelta(decay.days), words)
    text = words[form].format(
        days=days, every=many(words, "every", decay.days), percent=number(decay.percent)
    )
    return f"{text}, {words['after'].format(many(words, 'days', decay.after))}" if decay.after else text


def is_held(model: Model) -> bool:
    """Whether the score keeps within the total's bounds, which ageing may leave."""
    found, total = reach.score_span(model), model.activity.total
    low = total.least is None or found.low >= reach.shown(total.least)
    return low and (total.most is None or found.high <= reach.shown(total.most))
