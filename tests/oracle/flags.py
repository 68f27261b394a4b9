"""Shop conditions: true or false of a person, for lists."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from tests.oracle.activity import Row, limit, matching, own
from tests.oracle.ageing import Moment, seconds
from tests.oracle.conditions import Scope


def flags(specs: list[Row], scopes: Sequence[Scope], events: list[Row], now: Moment) -> dict[str, bool]:
    return {spec["id"]: _flag(spec, matching(spec, own(events), scopes, now), now) for spec in specs}


def _flag(spec: Row, matches: list[Row], now: Moment) -> bool:
    if "exactly" in spec and len(matches) != spec["exactly"]:
        return False
    if "at_least" in spec:
        number, window = limit(spec["at_least"])
        recent = [e for e in matches if now.age(e["occurred_at"]) < window]
        items = [e.get(spec["per"]) for e in recent] if "per" in spec else [True] * len(recent)
        if max(Counter(item for item in items if item is not None).values(), default=0) < number:
            return False
    if "since" in spec or "until" in spec:
        return _recent(spec, matches, now)
    return bool(matches) or "exactly" in spec


def _recent(spec: Row, matches: list[Row], now: Moment) -> bool:
    if not matches:
        return False
    ago = now.as_of - max(e["occurred_at"] for e in matches)
    since, until = spec.get("since"), spec.get("until")
    return (since is None or ago >= timedelta(seconds=seconds(since))) and (
        until is None or ago < timedelta(seconds=seconds(until))
    )
