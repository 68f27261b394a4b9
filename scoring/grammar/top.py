"""The grammar of interest, satisfaction, journey, account, flags and the file's top level."""

from typing import Any

from core.clock import check_zone
from scoring import spec
from scoring.grammar.fit import ESCALATE, EXCLUDE, FIT, RATING, STAGE
from scoring.grammar.sections import (
    _DECAY_KEYS,
    ACTIVITY,
    LABEL,
    NAME,
    TYPE,
    TYPES,
    WHEN,
    _limit,
    build_decay,
)
from scoring.grammar.shapes import (
    At,
    Duration,
    Flag,
    Key,
    Limit,
    ListOf,
    MapOf,
    Number,
    Percent,
    Section,
    Text,
    Words,
    Yaml,
)

_PATTERN = Text(r"[^\\]+", "a LIKE pattern without backslashes")


def _asset(values: dict[str, Any], at: At) -> spec.Asset:
    if "product" not in values and "category" not in values:
        raise at.error("needs a product, a category or both")
    return spec.Asset(values["match"], values.get("product"), values.get("category"))


def _interest(values: dict[str, Any], at: At) -> spec.Interest:
    forms = {key: values[key] for key in _DECAY_KEYS if key in values}
    return spec.Interest(
        tuple(dict.fromkeys(values.get("by", ("product",)))),
        build_decay(forms, at) if forms else spec.Decay(),
        values.get("weights"),
        values.get("assets", ()),
        values.get("categories", {}),
    )


_ASSET = Section(
    {"match": Key(_PATTERN, required=True), "product": Key(LABEL), "category": Key(LABEL)},
    _asset,
)
INTEREST = Section(
    {
        "by": Key(ListOf(Words(("product", "category")), lone=True)),
        **_DECAY_KEYS,
        "weights": Key(MapOf(Number(least=0), TYPE)),
        "assets": Key(ListOf(_ASSET)),
        "categories": Key(MapOf(LABEL, LABEL)),
    },
    _interest,
)

SATISFACTION = Section(
    {
        "survey": Key(Words(("nps", "csat")), required=True),
        "valid": Key(Duration(days=True), required=True),
        "activity": Key(Duration(days=True)),
    },
    lambda values, _at: spec.Satisfaction(
        values["survey"], values["valid"].days, values["activity"].days if "activity" in values else None
    ),
)

_WEIGHT = Section(
    {"when": Key(WHEN, required=True), "weight": Key(Number(least=0, most=1000), required=True)},
    lambda values, _at: (values["when"], values["weight"]),
)
_BUYERS = Section(
    {
        "when": Key(WHEN, required=True),
        "at_least": Key(Number(whole=True, least=1), required=True),
        "bonus": Key(Percent(), required=True),
    },
    lambda values, _at: spec.Buyers(values["when"], values["at_least"], values["bonus"]),
)
ACCOUNT = Section(
    {
        "score": Key(Words(("sum", "max", "mean"))),
        "top": Key(Number(whole=True, least=1)),
        "weights": Key(ListOf(_WEIGHT)),
        "buyers": Key(_BUYERS),
        "roll_up": Key(Flag()),
    },
    lambda values, _at: spec.Account(**values),
)

LOW_INTEREST = Section(
    {"event": Key(TYPES, required=True), "at_least": Key(Limit(), required=True), "unless": Key(TYPES)},
    lambda values, _at: spec.LowInterest(
        values["event"], spec.Limit(*values["at_least"]), values.get("unless", ())
    ),
)


def _flag(values: dict[str, Any], at: At) -> spec.Shelf:
    since, until = values.get("since"), values.get("until")
    if since is not None and until is not None and since >= until:
        raise at.error("'since' must be shorter than 'until'")
    if "per" in values and "at_least" not in values:
        raise at.error("'per' belongs to 'at_least'")
    return spec.Shelf(
        values["id"],
        values["event"],
        values.get("when"),
        since,
        until,
        _limit(values.get("at_least")),
        values.get("exactly"),
        values.get("per"),
        values.get("unless_after", ()),
    )


FLAG = Section(
    {
        "id": Key(NAME, required=True),
        "event": Key(TYPES, required=True),
        "when": Key(WHEN),
        "since": Key(Duration()),
        "until": Key(Duration()),
        "at_least": Key(Limit()),
        "exactly": Key(Number(whole=True, least=0)),
        "per": Key(Words(("asset", "product", "category"))),
        "unless_after": Key(TYPES),
    },
    _flag,
)


class _Zone(Text):
    def read(self, value: Yaml, at: At) -> str:
        name = super().read(value, at)
        try:
            check_zone(name)
        except ValueError as error:
            raise at.error(str(error)) from error
        return name


def _temperature(values: dict[str, Any], at: At) -> dict[str, int]:
    hot, warm = (values[name].days if name in values else days for name, days in (("hot", 7), ("warm", 30)))
    if hot >= warm:
        raise at.error("'hot' must be shorter than 'warm'")
    return {"hot_days": hot, "warm_days": warm}


TOP = Section(
    {
        "model": Key(NAME, required=True),
        "version": Key(Number(whole=True, least=1), required=True),
        "about": Key(Text()),
        "language": Key(Words(("en", "es"))),
        "time_zone": Key(_Zone()),
        "where": Key(WHEN),
        "exclude": Key(EXCLUDE),
        "on_leave": Key(Words(("blank", "freeze"))),
        "base_stage": Key(LABEL),
        "activity": Key(ACTIVITY),
        "fit": Key(FIT),
        "rating": Key(RATING),
        "stages": Key(ListOf(STAGE)),
        "escalate": Key(ESCALATE),
        "interest": Key(INTEREST),
        "satisfaction": Key(SATISFACTION),
        "journey": Key(MapOf(TYPES, NAME)),
        "account": Key(ACCOUNT),
        "low_interest": Key(LOW_INTEREST),
        "trend": Key(
            Section({"days": Key(Duration(days=True), required=True)}, lambda v, _at: v["days"].days)
        ),
        "temperature": Key(
            Section({"hot": Key(Duration(days=True)), "warm": Key(Duration(days=True))}, _temperature)
        ),
        "flags": Key(ListOf(FLAG)),
    }
)
