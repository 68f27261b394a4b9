"""What a person did → milli-points a rule."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.oracle.ageing import Moment, days, factor, milli
from tests.oracle.conditions import Scope, holds

Row = dict[str, Any]
_VISIT_GAP_S = 1800


@dataclass(frozen=True)
class Line:
    """What one rule gave before its cap, what it gave after it, and from what."""

    before: int
    after: int
    count: int
    newest: datetime | None


@dataclass(frozen=True)
class Behaviour:
    """What is known of a person beyond single activities."""

    events: list[Row]
    idle_days: int | None
    trend: str | None
    low_interest: bool | None


def own(events: list[Row]) -> list[Row]:
    """What the person did: not what was sent to them, not what a machine did."""
    return [e for e in events if e["type"] not in {"email_sent", "email_bounce"} and e["origin"] != "machine"]


def behaviour(model: Row, events: list[Row], now: Moment) -> Behaviour:
    ages = [now.age(e["occurred_at"]) for e in own(events)]
    return Behaviour(
        events,
        min(ages, default=None),
        _trend(ages, days(model.get("trend", {}).get("days", "30d"))),
        _low_interest(model.get("low_interest"), events, now),
    )


def _trend(ages: list[int], window: float) -> str | None:
    recent = sum(age < window for age in ages)
    before = sum(window <= age < 2 * window for age in ages)
    if not recent and not before:
        return None
    if 4 * recent > 5 * before:
        return "rising"
    return "falling" if 4 * recent < 3 * before else "steady"


def _low_interest(flag: Row | None, events: list[Row], now: Moment) -> bool | None:
    if flag is None:
        return None
    number, window = limit(flag["at_least"])
    recent = [e for e in events if now.age(e["occurred_at"]) < window and e["origin"] != "machine"]
    wanted, unless = listed(flag["event"]), listed(flag.get("unless"))
    return sum(e["type"] in wanted for e in recent) >= number and not any(
        e["type"] in unless for e in own(recent)
    )


def listed(one_or_many: str | list[str] | None) -> list[str]:
    return [one_or_many] if isinstance(one_or_many, str) else list(one_or_many or [])


def limit(text: str) -> tuple[int, float]:
    """``5 in 7d`` → (5, 7)."""
    number, _, window = text.partition(" in ")
    return int(number), days(window)


def line(rule: Row, model: Row, known: Behaviour, scopes: Sequence[Scope], now: Moment) -> Line:
    """What a rule gave a person; nothing where it has nothing to say, and then its floor."""
    if any(key in rule for key in ("idle", "trend", "low_interest")):
        given = Line(milli(rule["points"], 1), 0, 1, None) if _behaves(rule, known) else None
    elif "tiers" in rule:
        given = _tier(rule, known.events, scopes, now)
    else:
        given = _earned(rule, model["activity"], known.events, scopes, now)
    if given is None:
        given = Line(0, 0, 0, None)
    return Line(given.before, _clamped(rule, given.before), given.count, given.newest)


def _behaves(rule: Row, known: Behaviour) -> bool:
    if "idle" in rule:
        return known.idle_days is not None and known.idle_days >= days(rule["idle"])
    if "trend" in rule:
        return bool(known.trend == rule["trend"])
    return known.low_interest is True


def _clamped(rule: Row, amount: int) -> int:
    if "cap" in rule:
        cap = milli(rule["cap"], 1)
        amount = max(-cap, min(cap, amount))
    return max(amount, milli(rule["floor"], 1)) if "floor" in rule else amount


def _tier(rule: Row, events: list[Row], scopes: Sequence[Scope], now: Moment) -> Line | None:
    for tier in rule["tiers"]:
        kept = _counted({**rule, **tier}, matching(rule, events, scopes, now), events, now)
        if kept:
            return Line(milli(tier["points"], 1), 0, len(kept), _newest_at(kept))
    return None


def _earned(rule: Row, activity: Row, events: list[Row], scopes: Sequence[Scope], now: Moment) -> Line | None:
    kept = _counted(rule, matching(rule, events, scopes, now), events, now)
    earning = _earning(rule, kept, now)
    if not earning:
        return None
    decay = rule.get("decay", activity.get("group_decay", {}).get(rule.get("group"), activity.get("decay")))
    total = sum(milli(points(rule, e), factor(decay, now.age(e["occurred_at"]))) for e in earning)
    count = len(kept) if rule.get("per") == "contact" else len(earning)
    return Line(total, 0, count, _newest_at(kept if rule.get("per") == "contact" else earning))


def _newest_at(events: list[Row]) -> datetime:
    newest: datetime = max(e["occurred_at"] for e in events)
    return newest


def points(rule: Row, event: Row) -> float:
    """What one activity is worth to a rule, before ageing."""
    if "steps" not in rule:
        return float(rule["points"])
    fitting = [step for step in rule["steps"] if step["from"] <= event["value"]]
    return float(max(fitting, key=lambda step: step["from"])["points"])


def matching(rule: Row, events: list[Row], scopes: Sequence[Scope], now: Moment) -> list[Row]:
    """Step 1: activities the rule is about."""
    return [e for e in about(rule, events, scopes, now) if not _undone(rule, e, events)]


def about(rule: Row, events: list[Row], scopes: Sequence[Scope], now: Moment) -> list[Row]:
    """Step 1 without ``unless_after``."""
    return [e for e in events if _matches(rule, e, scopes, now)]


def _matches(rule: Row, event: Row, scopes: Sequence[Scope], now: Moment) -> bool:
    if "event" in rule and event["type"] not in listed(rule["event"]):
        return False
    if event["origin"] == "machine" and not rule.get("machine"):
        return False
    if "steps" in rule:
        lowest = min(step["from"] for step in rule["steps"])
        if event["value"] is None or event["value"] < lowest:
            return False
    return holds(rule.get("when"), [event, *scopes], now.age)


def _undone(rule: Row, event: Row, events: list[Row]) -> bool:
    undoing = listed(rule.get("unless_after"))
    return any(e["type"] in undoing and e["occurred_at"] >= event["occurred_at"] for e in own(events))


def _counted(rule: Row, matched: list[Row], events: list[Row], now: Moment) -> list[Row]:
    """Steps 2 to 8, in order of time and id."""
    kept = sorted(matched, key=lambda e: (e["occurred_at"], e["activity_id"]))
    if "again" in rule:
        within = days(rule["again"])
        ages = [now.age(e["occurred_at"]) for e in kept]
        kept = [e for e, age, before in zip(kept[1:], ages[1:], ages, strict=False) if before - age < within]
    if rule.get("first"):
        kept = kept[:1]
    windows = [
        limit(rule[key])[1] for key in ("at_least", "exactly", "at_most") if " in " in rule.get(key, "")
    ]
    for window in windows:
        kept = [e for e in kept if now.age(e["occurred_at"]) < window]
    kept = _distinct(kept, _item_kind(rule), now)
    kept = _per_group(rule, kept, now)
    kept = _within_counts(rule, kept)
    unless = listed(rule.get("unless"))
    span = min(windows, default=float("inf"))
    if any(e["type"] in unless and now.age(e["occurred_at"]) < span for e in own(events)):
        return []
    return kept


def _item_kind(rule: Row) -> str:
    if "distinct" in rule:
        return str(rule["distinct"])
    per = rule.get("per", "activity")
    counts_groups = " per " in rule.get("at_least", "")
    return "activity" if counts_groups or per == "contact" else str(per)


def _newest(events: list[Row]) -> Row:
    latest = _newest_at(events)
    return min((e for e in events if e["occurred_at"] == latest), key=lambda e: e["activity_id"])


def _groups(events: list[Row], kind: str, now: Moment) -> dict[Any, list[Row]]:
    """Activities by item; those without one are dropped."""
    found: dict[Any, list[Row]] = {}
    visit, previous = 0, None
    for event in events:
        if previous is None or (event["occurred_at"] - previous).total_seconds() > _VISIT_GAP_S:
            visit += 1
        previous = event["occurred_at"]
        item = {
            "activity": event["activity_id"],
            "day": now.age(event["occurred_at"]),
            "visit": event.get("visit", visit),
        }.get(kind, event.get(kind))
        if item is not None:
            found.setdefault(item, []).append(event)
    return found


def _with_visits(events: list[Row], now: Moment) -> list[Row]:
    """Each activity with the visit it is part of, kept while others are dropped."""
    visits = _groups(events, "visit", now)
    numbered = [{**e, "visit": number} for number, some in visits.items() for e in some]
    return sorted(numbered, key=lambda e: (e["occurred_at"], e["activity_id"]))


def _distinct(events: list[Row], kind: str, now: Moment) -> list[Row]:
    events = _with_visits(events, now)
    if kind == "activity":
        return events
    kept = [_newest(some) for some in _groups(events, kind, now).values()]
    return sorted(kept, key=lambda e: (e["occurred_at"], e["activity_id"]))


def _per_group(rule: Row, events: list[Row], now: Moment) -> list[Row]:
    for key in ("at_least", "at_most"):
        if " per " not in rule.get(key, ""):
            continue
        number, _, kind = rule[key].partition(" per ")
        groups = _groups(events, kind, now).values()
        chosen = (
            [some for some in groups if len(some) >= int(number)]
            if key == "at_least"
            else [some[: int(number)] for some in groups]
        )
        events = sorted(
            (e for some in chosen for e in some), key=lambda e: (e["occurred_at"], e["activity_id"])
        )
    return events


def _within_counts(rule: Row, events: list[Row]) -> list[Row]:
    if " in " in rule.get("at_least", "") and len(events) < limit(rule["at_least"])[0]:
        return []
    if "exactly" in rule and len(events) != limit(rule["exactly"])[0]:
        return []
    if " in " in rule.get("at_most", ""):
        newest_first = sorted(events, key=lambda e: e["activity_id"])
        newest_first.sort(key=lambda e: e["occurred_at"], reverse=True)
        events = newest_first[: limit(rule["at_most"])[0]]
    return events


def _earning(rule: Row, kept: list[Row], now: Moment) -> list[Row]:
    per = rule.get("per", "activity")
    if per == "activity" or not kept:
        return kept
    if per == "contact":
        return [_newest(kept)]
    ordered = sorted(kept, key=lambda e: (e["occurred_at"], e["activity_id"]))
    return [_newest(some) for some in _groups(ordered, per, now).values()]


def counts(stages: dict[str, list[str]], events: list[Row]) -> dict[str, int]:
    """The journey: activities by stage, machines left out."""
    types = Counter(e["type"] for e in events if e["origin"] != "machine")
    return {stage: sum(types[kind] for kind in set(wanted)) for stage, wanted in stages.items()}
