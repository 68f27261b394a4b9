"""The grammar of a model file: which keys each section has, and the frozen type each becomes."""

from difflib import get_close_matches
from typing import Any

from core.yamlfile import nearest
from scoring import spec
from scoring.conditions import Place, parse
from scoring.grammar.shapes import (
    At,
    Duration,
    Flag,
    Key,
    Limit,
    ListOf,
    MapOf,
    Number,
    OneOf,
    Percent,
    Section,
    Text,
    Words,
    Yaml,
)

NAME = Text(r"[a-z][a-z0-9_]{0,39}", "a name of lower case letters, digits and _")
TYPE = Text(r"[a-z][a-z0-9_.:-]{0,59}", "an activity type such as email_click")
LABEL = Text(r"[^\s'\";|].{0,39}", "a short label")
TYPES = ListOf(TYPE, lone=True)
ITEMS = ("activity", "contact", "day", "visit", "asset", "product", "category")
GROUPS = ("day", "visit", "asset", "product", "category")
POINTS = Number()


class ConditionText:
    """A condition in quotes, parsed where it stands; names are checked against the data later."""

    def read(self, value: Yaml, at: At) -> Yaml:
        text = Text(named="a condition in quotes").read(value, at)
        return parse(text, None, Place(at.file.path, at.line, ".".join(str(part) for part in at.keys)))

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "description": "a condition, see docs/models.md"}


WHEN = ConditionText()


def _one_of(values: dict[str, Any], at: At, *names: str, needed: bool = True) -> str | None:
    given = [name for name in names if name in values]
    if len(given) > 1:
        raise at.error(f"{given[0]!r} and {given[1]!r} exclude each other")
    if needed and not given:
        raise at.error(f"needs one of {', '.join(names)}")
    return given[0] if given else None


def _limit(found: tuple[int, int | None, str | None] | None) -> spec.Limit | None:
    return spec.Limit(*found) if found else None


# --- ageing of points

_DECAY_KEYS = {
    "half_life": Key(Duration()),
    "linear": Key(Duration(days=True)),
    "lose": Key(Percent()),
    "every": Key(Duration(days=True)),
    "window": Key(Duration(days=True)),
    "after": Key(Duration(days=True)),
    "compound": Key(Flag()),
}


def build_decay(values: dict[str, Any], at: At) -> spec.Decay:
    """One form of ageing from its keys."""
    form = _one_of(values, at, "half_life", "linear", "lose", "window")
    if (form == "lose") != ("every" in values):
        raise at.error("'lose' and 'every' belong together")
    if "compound" in values and form != "lose":
        raise at.error("'compound' belongs to 'lose'")
    span = values["every" if form == "lose" else str(form)]
    return spec.Decay(
        form,  # type: ignore[arg-type]  # one of the four names above
        days=span.total_seconds() / 86_400,
        percent=values.get("lose", 0.0),
        after=values["after"].days if "after" in values else 0,
        compound=values.get("compound", True),
    )


class _NoDecay(Words):
    def read(self, value: Yaml, at: At) -> Yaml:
        super().read(value, at)
        return spec.Decay()


DECAY = OneOf(
    text=_NoDecay(("none",)),
    mapping=Section(_DECAY_KEYS, build_decay),
    named="none or a form such as {half_life: 30d}",
)


# --- activity

_STEP = Section(
    {"from": Key(Number(), required=True), "points": Key(POINTS, required=True)},
    lambda values, _at: spec.Step(values["from"], values["points"]),
)


def _tier(values: dict[str, Any], at: At) -> spec.Tier:
    _one_of(values, at, "at_least", "exactly")
    return spec.Tier(values["points"], _limit(values.get("at_least")), _limit(values.get("exactly")))


_TIER = Section(
    {"points": Key(POINTS, required=True), "at_least": Key(Limit()), "exactly": Key(Limit())}, _tier
)

RULE_KEYS = {
    "id": Key(NAME, required=True),
    "points": Key(POINTS),
    "steps": Key(ListOf(_STEP)),
    "tiers": Key(ListOf(_TIER)),
    "idle": Key(Duration(days=True)),
    "trend": Key(Words(("falling", "rising", "steady"))),
    "low_interest": Key(Flag()),
    "event": Key(TYPES),
    "when": Key(WHEN),
    "machine": Key(Flag()),
    "first": Key(Flag()),
    "again": Key(Duration(days=True)),
    "at_least": Key(Limit(GROUPS)),
    "exactly": Key(Limit()),
    "at_most": Key(Limit(GROUPS)),
    "distinct": Key(Words(("activity", *GROUPS))),
    "per": Key(Words(ITEMS)),
    "unless": Key(TYPES),
    "unless_after": Key(TYPES),
    "group": Key(NAME),
    "decay": Key(DECAY),
    "cap": Key(Number(least=0)),
    "floor": Key(Number()),
    "signal": Key(NAME),
    "says": Key(Text()),
}
_STATE_KEYS = frozenset({"id", "points", "idle", "trend", "low_interest", "group", "cap", "floor", "says"})
_COUNT_KEYS = frozenset(
    {"first", "again", "at_least", "exactly", "at_most", "distinct", "per", "decay", "unless", "unless_after"}
)


def _rule(values: dict[str, Any], at: At) -> dict[str, Any]:
    state = _one_of(values, at, "idle", "trend", "low_interest", needed=False)
    if state:
        return _state_rule(values, at, state)
    _one_of(values, at, "points", "steps", "tiers")
    _one_of(values, at, "at_least", "exactly", needed=False)
    if "tiers" in values and (wrong := sorted(_COUNT_KEYS & values.keys())):
        raise (at / wrong[0]).error("does not go with 'tiers'")
    if steps := values.get("steps"):
        starts = [step.start for step in steps]
        if len(starts) != len(set(starts)):
            raise (at / "steps").error("two steps begin at the same 'from'")
        values["steps"] = tuple(sorted(steps, key=lambda step: step.start))
    return values | {"source": "tiers" if "tiers" in values else "activity", "distinct": _item(values)}


def _item(values: dict[str, Any]) -> str:
    """What the rule counts where ``distinct`` does not say."""
    groups_counted = values.get("at_least", (0, None, None))[2] is not None
    per = values.get("per", "activity")
    return str(values.get("distinct", "activity" if groups_counted or per == "contact" else per))


def _state_rule(values: dict[str, Any], at: At, state: str) -> dict[str, Any]:
    if "points" not in values:
        raise at.error("needs the key 'points'")
    if wrong := sorted(values.keys() - _STATE_KEYS):
        raise (at / wrong[0]).error(f"does not go with {state!r}, which is not an activity")
    if values.get("low_interest") is False:
        raise (at / "low_interest").error("can only be true")
    return values | {"source": state}


def _finished(values: dict[str, Any], decay: spec.Decay) -> spec.Rule:
    copied = (
        "id",
        "source",
        "points",
        "steps",
        "tiers",
        "trend",
        "when",
        "machine",
        "first",
        "distinct",
        "per",
        "unless",
        "unless_after",
        "group",
        "cap",
        "floor",
        "signal",
        "says",
    )
    return spec.Rule(
        **{name: values[name] for name in copied if name in values},
        idle=values["idle"].days if "idle" in values else 0,
        again=values["again"].days if "again" in values else None,
        events=values.get("event", ()),
        at_least=_limit(values.get("at_least")),
        exactly=_limit(values.get("exactly")),
        at_most=_limit(values.get("at_most")),
        decay=decay,
    )


def _clamp(values: dict[str, Any], at: At) -> spec.Clamp:
    least, most = values.get("min"), values.get("max")
    if least is not None and most is not None and least > most:
        raise at.error("'min' is above 'max'")
    return spec.Clamp(least, most)


_BOUNDS = Section({"min": Key(Number()), "max": Key(Number())}, _clamp)


class _Cap(Number):
    def read(self, value: Yaml, at: At) -> Yaml:
        bound = super().read(value, at)
        return spec.Clamp(-bound, bound)


_CAP = OneOf(number=_Cap(least=0), mapping=_BOUNDS, named="a number or {min: …, max: …}")


def _ageing(values: dict[str, Any], at: At) -> spec.Ageing:
    _one_of(values, at, "at_most", "lose", "points")
    if "every" in values and "lose" not in values:
        raise at.error("'every' belongs to 'lose'")
    every = values["every"].days if "every" in values else None
    return spec.Ageing(
        values["idle"].days,
        values.get("at_most"),
        values.get("lose"),
        every,
        values.get("points"),
        values.get("over"),
        values.get("from"),
        values.get("to"),
    )


_AGEING = Section(
    {
        "idle": Key(Duration(days=True), required=True),
        "at_most": Key(Number()),
        "lose": Key(Percent()),
        "every": Key(Duration(days=True)),
        "points": Key(POINTS),
        "over": Key(Number()),
        "from": Key(Number()),
        "to": Key(Number()),
    },
    _ageing,
)


def _activity(values: dict[str, Any], at: At) -> spec.Activity:
    raw = values.get("rules", ())
    groups = {rule["group"] for rule in raw if "group" in rule}
    for key in ("caps", "group_decay"):
        for group in values.get(key, {}):
            if group not in groups and get_close_matches(group, groups, n=1):  # else a group of no rules yet
                raise (at / key / group).error("no rule is in this group", nearest(group, list(groups)))
    caps = {group: clamp for group, clamp in values.get("caps", {}).items() if group in groups}
    seen: set[str] = set()
    for index, rule in enumerate(raw):
        here = at / "rules" / index / "id"
        if rule["id"] in seen:
            raise here.error(f"two rules have the id {rule['id']!r}")
        if rule["id"] in caps and ("cap" in rule or "floor" in rule):
            raise here.error(f"a capped rule and a capped group are both named {rule['id']!r}")
        if rule["id"] == "total" and "total" in values:
            raise here.error("a rule and the limit of the total are both named 'total'")
        seen.add(rule["id"])
    common, by_group = values.get("decay", spec.Decay()), values.get("group_decay", {})
    rules = tuple(_finished(rule, rule.get("decay", by_group.get(rule.get("group"), common))) for rule in raw)
    return spec.Activity(rules, caps, values.get("total", spec.Clamp()), values.get("ageing", ()))


ACTIVITY = Section(
    {
        "decay": Key(DECAY),
        "group_decay": Key(MapOf(DECAY, NAME)),
        "caps": Key(MapOf(_CAP, NAME)),
        "total": Key(_BOUNDS),
        "rules": Key(ListOf(Section(RULE_KEYS, _rule))),
        "ageing": Key(ListOf(_AGEING)),
    },
    _activity,
)
