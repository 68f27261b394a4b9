"""Random rules and ageing: every key of an activity rule, in the combinations that the page allows."""

from collections.abc import Iterable
from typing import Any

from tests.oracle import dice
from tests.oracle.crowds import TYPES
from tests.oracle.dice import Dice, Draw

Row = dict[str, Any]

GROUPS = ("web", "mail")
WINDOWS = dice.sampled_from(("1d", "7d", "14d", "30d", "90d"))
PERIODS = dice.sampled_from(("1d", "3d", "10d", "30d", "45d"))
POINTS = dice.one_of(dice.integers(-20, 40), dice.thousandths(-9.999, 30))
TYPE_LISTS = dice.one_of(dice.sampled_from(TYPES), dice.lists(dice.sampled_from(TYPES), 1, 3))
_ITEMS = dice.sampled_from(("activity", "day", "visit", "asset", "product", "category"))
IN_WINDOW = dice.builds(lambda n, window: f"{n} in {window}", dice.integers(1, 4), WINDOWS)
_PER_ITEM = dice.builds(
    lambda n, item: f"{n} per {item}",
    dice.integers(1, 3),
    dice.sampled_from(("day", "visit", "asset", "product", "category")),
)

CONDITIONS = dice.sampled_from(
    (
        "asset like '/pricing_%'",
        "asset not like '/pri%' or asset is null",
        "value >= 10",
        "value not between 9 and 100",
        "product is null or not product like 'cloud%'",
        "title ilike '%director%'",
        "title not ilike '%DIRECTOR%'",
        "is_customer",
        "not (is_customer)",
        "(is_customer = (title ilike '%o%')) in (false)",
        "is_customer is not true",
        "not is_customer is null and country <> 'US'",
        "employees > 49 and industry in ('software')",
        "country not in ('US', 'FR')",
        "days_since(occurred_at) < 5",
        "days_since(created_at) >= 30",
        "occurred_at >= '2026-03-01' and occurred_at < '2026-03-31 09:30:00'",
        "value / 0 > 1 or lower(coalesce(asset, 'x')) = 'x'",
        "annual_revenue / employees >= 500 or abs(-value) * 2 - 1 = 19",
        "length(trim(title)) + 1 > 8",
        "title = 'O''Brien 100%' or upper(title) = ' STUDENT '",
        "origin is not null or value is null and true",
        "coalesce(country, industry, 'none') = 'none'",
    )
)


def decays() -> Dice:
    """Each form of ageing, with and without days of grace, or none."""
    after = dice.mappings({}, optional={"after": PERIODS})
    forms = dice.one_of(
        dice.mappings({"half_life": dice.sampled_from(("12h", "7d", "30d"))}),
        dice.mappings({"linear": WINDOWS}),
        dice.mappings({"window": WINDOWS}),
        dice.mappings(
            {"lose": dice.sampled_from(("10%", "25%", "50%")), "every": PERIODS},
            optional={"compound": dice.booleans()},
        ),
    )
    return dice.one_of(dice.just("none"), dice.builds(lambda form, grace: {**form, **grace}, forms, after))


@dice.drawn
def rules(draw: Draw, number: int) -> Row:
    """One activity rule of any kind."""
    rule: Row = {"id": f"r{number}"}
    for key, strategy in {
        "group": dice.sampled_from(GROUPS),
        "cap": dice.integers(1, 30),
        "floor": dice.integers(-10, 3),
    }.items():
        if draw(dice.integers(0, 2)) == 0:
            rule[key] = draw(strategy)
    kinds = ("points", "points", "points", "steps", "idle", "trend", "low_interest", "tiers")
    source = draw(dice.sampled_from(kinds))
    if source in {"idle", "trend", "low_interest"}:
        behaviour = {
            "idle": WINDOWS,
            "trend": dice.sampled_from(("rising", "steady", "falling")),
            "low_interest": dice.sampled_from((True,)),
        }
        return rule | {source: draw(behaviour[source]), "points": draw(POINTS)}
    for key, chance, strategy in (
        ("event", 1, dice.one_of(dice.just("page_view"), TYPE_LISTS)),
        ("when", 3, CONDITIONS),
        ("machine", 5, dice.sampled_from((True,))),
    ):
        if draw(dice.integers(0, chance)) == 0:
            rule[key] = draw(strategy)
    if source == "tiers":
        keys = dice.sampled_from(("at_least", "exactly"))
        tiers = dice.lists(dice.tuples(keys, IN_WINDOW, POINTS), 1, 3)
        return rule | {"tiers": [{key: text, "points": points} for key, text, points in draw(tiers)]}
    if source == "steps":
        rule["steps"] = [{"from": 75, "points": draw(POINTS)}, {"from": 9.5, "points": draw(POINTS)}]
    else:
        rule["points"] = draw(POINTS)
    if draw(dice.booleans()):
        rule["decay"] = draw(decays())
    return rule if draw(dice.integers(0, 3)) == 0 else rule | _counting(draw)


def _counting(draw: Draw) -> Row:
    """How matching activities are counted."""
    counting: Row = {}
    key = draw(dice.sampled_from(("at_least", "exactly", None)))
    if key:
        counting[key] = draw(IN_WINDOW if key == "exactly" else dice.one_of(IN_WINDOW, _PER_ITEM))
    for key, chance, strategy in (
        ("at_most", 1, dice.one_of(IN_WINDOW, _PER_ITEM)),
        ("distinct", 1, _ITEMS),
        ("per", 1, dice.one_of(dice.just("contact"), _ITEMS)),
        ("first", 7, dice.sampled_from((True,))),
        ("again", 5, WINDOWS),
        ("unless", 9, TYPE_LISTS),
        ("unless_after", 7, TYPE_LISTS),
    ):
        if draw(dice.integers(0, chance)) == 0:
            counting[key] = draw(strategy)
    return counting


def ageing_steps() -> Dice:
    """One step of ageing on the total."""
    limits = dice.mappings(
        {}, optional={"over": dice.integers(0, 30), "from": dice.just(0), "to": dice.just(50)}
    )
    effects = dice.one_of(
        dice.mappings({"at_most": dice.integers(0, 40)}),
        dice.mappings({"lose": dice.sampled_from(("15%", "50%"))}, optional={"every": PERIODS}),
        dice.mappings({"points": dice.integers(-15, -1)}),
    )
    return dice.builds(lambda idle, a, b: {"idle": idle, **a, **b}, WINDOWS, limits, effects)


def kinds(activity: Row, fired: Iterable[str]) -> set[str]:
    """Words for everything that the rules of these ids, and the ageing, make use of."""
    lines = set(fired)
    found: set[str] = set()
    for rule in activity["rules"]:
        if rule["id"] not in lines:
            continue
        found |= rule.keys() - {"id", "points"}
        for key in ("at_least", "at_most"):
            if key in rule:
                found.add(f"{key} {'per' if ' per ' in rule[key] else 'in'}")
        found |= {f"{key} {rule[key]}" for key in ("distinct", "per", "trend") if key in rule}
        found |= {key for tier in rule.get("tiers", ()) for key in tier}
        found |= _forms(
            rule.get("decay", activity.get("group_decay", {}).get(rule.get("group"), activity.get("decay")))
        )
    found |= {
        f"line {line.partition(':')[0]}"
        for line in lines
        if line.partition(":")[0] in {"cap", "total", "ageing"}
    }
    return found | {f"ageing {key}" for step in activity.get("ageing", ()) for key in step}


def _forms(decay: Row | str | None) -> set[str]:
    if decay is None or isinstance(decay, str):
        return {"decay none"} if decay else set()
    return {f"decay {key}" for key in decay} | {
        f"decay compound {decay['compound']}" for _ in [0] if "compound" in decay
    }
