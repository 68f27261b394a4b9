"""Random models: every section of the grammar, switched on and off, over the random rules."""

from typing import Any

from tests.oracle import dice
from tests.oracle.dice import Dice, Draw
from tests.oracle.rulebooks import CONDITIONS, GROUPS, IN_WINDOW, POINTS, WINDOWS, ageing_steps, decays, rules

Row = dict[str, Any]

ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati")
_NO_ACTIVITY = {"idle", "trend", "low_interest", "tiers"}
#: Conditions that need no activity.
_OF_PEOPLE = CONDITIONS.filter(
    lambda text: not any(name in text for name in ("asset", "value", "product", "occurred_at", "origin"))
)
_OF_SCORES = dice.sampled_from(
    (
        "score > 0",
        "grade in ('A', 'B') or level >= 2",
        "person_grade <> company_grade and not partial",
        "idle_days < 10 or trend = 'falling'",
        "temperature <> 'hot' and low_interest",
        "fit >= 20 and rating is not null and priority is null",
        "title is not null and employees > 49",
    )
)


@dice.drawn
def models(draw: Draw) -> Row:
    """A model that uses most of the grammar at random."""
    activity = draw(activities())
    model: Row = {
        "model": "random",
        "version": 1,
        "time_zone": draw(dice.sampled_from(ZONES)),
        "activity": activity,
    }
    model["low_interest"] = draw(_low_interests())
    signals = [rule for rule in activity["rules"] if not _NO_ACTIVITY & set(rule)]
    for rule in signals[:2]:
        rule["signal"] = "buying"
    sections = {
        "where": _OF_PEOPLE,
        "exclude": dice.one_of(_OF_PEOPLE, dice.lists(_exclusions(), 1, 2)),
        "base_stage": dice.just("Subscriber"),
        "trend": dice.mappings({"days": WINDOWS}),
        "temperature": dice.just({"hot": "3d", "warm": "21d"}),
        "fit": fits(),
        "rating": _ratings(),
        "stages": _stages(),
        "interest": interests(),
        "satisfaction": _satisfactions(),
        "journey": dice.just(
            {"look": ["page_view", "email_open", "email_sent"], "buy": ["purchase"], "never": ["call"]}
        ),
        "account": account_scores(),
        "flags": dice.just(_FLAGS),
    }
    if signals:
        sections["escalate"] = dice.mappings(
            {"signal": dice.just("buying"), "within": dice.sampled_from(("24h", "3d", "90m"))},
            optional={"when": _OF_SCORES},
        )
    rare = {"where", "exclude", "base_stage", "trend", "temperature"}
    for key, strategy in sections.items():
        if draw(dice.integers(0, 3)) == 0 if key in rare else draw(dice.integers(0, 5)) > 0:
            model[key] = draw(strategy)
    return model


_FLAGS = [
    {"id": "cart", "event": "page_view", "since": "1h", "until": "10d", "unless_after": "purchase"},
    {"id": "keen", "event": "page_view", "at_least": "2 in 30d", "per": "asset"},
    {"id": "once", "event": "purchase", "exactly": 1},
    {"id": "never", "event": ["purchase", "demo_request"], "exactly": 0},
    {"id": "late", "event": "email_open", "exactly": 0, "since": "1h"},
    {
        "id": "big",
        "event": "purchase",
        "when": "value >= 100 and country is not null",
        "at_least": "1 in 90d",
    },
]


@dice.drawn
def activities(draw: Draw) -> Row:
    """The rules, their ageing, and the limits of groups and total."""
    activity: Row = {"rules": [draw(rules(index)) for index in range(draw(dice.integers(3, 8)))]}
    used = sorted({rule["group"] for rule in activity["rules"] if "group" in rule} & set(GROUPS))
    bounds = dice.one_of(
        dice.integers(1, 40),
        dice.mappings({}, optional={"min": dice.integers(-20, 0), "max": dice.integers(0, 40)}).filter(bool),
    )
    for key, strategy in {
        "decay": decays(),
        "group_decay": dice.mappings({}, optional={group: decays() for group in used}),
        "caps": dice.mappings({}, optional=dict.fromkeys(used, bounds)),
        "total": dice.mappings({}, optional={"min": dice.integers(-30, 0), "max": dice.integers(0, 90)}),
        "ageing": dice.lists(ageing_steps(), 0, 3),
    }.items():
        if draw(dice.booleans()) and (found := draw(strategy)):
            activity[key] = found
    return activity


def _low_interests() -> Dice:
    return dice.mappings(
        {"event": dice.sampled_from(("email_open", ["email_sent", "email_bounce"])), "at_least": IN_WINDOW},
        optional={"unless": dice.just("email_click")},
    )


def _exclusions() -> Dice:
    return dice.mappings(
        {
            "reason": dice.sampled_from(("employee", "test record")),
            "when": dice.sampled_from(("email like '%@brightloom.io'", "title = 'student'")),
        }
    )


def _ratings() -> Dice:
    cells = {"A4": "P1", "A1": "P2", "B-1": "P3"}
    return dice.mappings(
        {"levels": dice.just([0, 10, 40])},
        optional={"best": dice.sampled_from(("A4", "A1")), "cells": dice.just(cells)},
    )


def _stages() -> Dice:
    stage = {"enter": dice.one_of(dice.just("score >= 20"), _OF_SCORES)}
    stays = {
        "stay": dice.one_of(
            dice.sampled_from(("score >= 10 and coalesce(idle_days, 0) < 60", "days_in_stage < 30")),
            _OF_SCORES,
        )
    }
    return dice.tuples(
        dice.mappings({"name": dice.just("MQL"), **stage}, optional=stays),
        dice.mappings({"name": dice.just("SQL"), **stage}, optional=stays),
    ).map(list)


def _satisfactions() -> Dice:
    return dice.mappings(
        {"survey": dice.sampled_from(("csat", "nps")), "valid": dice.sampled_from(("60d", "130d"))},
        optional={"activity": WINDOWS},
    )


@dice.drawn
def interests(draw: Draw) -> Row:
    """Interest by product, category or both, by the rules' points or by weights of its own."""
    decay = draw(decays())
    return {
        "by": draw(
            dice.sampled_from(("product", "category", ["product", "category"], ["category", "product"]))
        ),
        **(decay if isinstance(decay, dict) else {}),
        **draw(
            dice.mappings(
                {},
                optional={
                    "weights": dice.just({"page_view": 1.5, "purchase": 7, "video_view": 0}),
                    "assets": dice.just(
                        [
                            {"match": "/pricing%", "product": "suite", "category": "money"},
                            {"match": "/doc_", "category": "learning"},
                            {"match": "%", "product": "cloud"},
                        ]
                    ),
                    "categories": dice.just({"core": "base", "suite": "base"}),
                },
            )
        ),
    }


def fits() -> Dice:
    """Points, the ladder of thirds, or weighted percentages, by conditions on either part."""
    ids = iter(range(1_000_000))
    name = dice.builds(lambda: f"f{next(ids)}")
    grades = dice.sampled_from(
        (
            {"A": 40, "B": 20, "C": 1},
            {"overall": {"A": 30, "else": "E"}, "person": {"D": 0, "B": 20}, "company": {"A+": 9.5}},
        )
    )
    points = {"id": name, "when": _OF_PEOPLE, "points": POINTS}
    thirds = {"id": name, "when": _OF_PEOPLE, "thirds": dice.integers(0, 5)}
    values = dice.lists(dice.mappings({"when": _OF_PEOPLE, "points": dice.integers(0, 100)}), 1, 3)
    return dice.one_of(
        dice.mappings({**_parts(dice.mappings(points)), "grades": grades}),
        dice.mappings(
            {
                "ladder": dice.just("thirds"),
                **_parts(dice.mappings(thirds, optional={"miss": dice.integers(0, 3)})),
            },
            optional={"start": dice.sampled_from(("F", "C+", "A+"))},
        ),
        dice.builds(
            lambda first, second, third, given: {
                "weights": "percent",
                "person": [
                    {"id": "title", "weight": "33.3%", "values": first},
                    {"id": "place", "weight": "26.7%", "values": second},
                ],
                "company": [{"id": "it", "weight": "40%", "values": third}],
                "grades": given,
            },
            values,
            values,
            values,
            grades,
        ),
    )


def _parts(rule: Dice) -> dict[str, Dice]:
    return {part: dice.lists(rule, 1, 3) for part in ("person", "company")}


def account_scores() -> Dice:
    """Each way to make an account's score of its people's."""
    buyers = {"when": "lower(title) like '%director%' or stage = 'MQL'", "at_least": 1, "bonus": "15%"}
    weights = [{"when": "grade = 'A'", "weight": 1.5}, {"when": "country = 'US'", "weight": 0.333}]
    return dice.mappings(
        {"score": dice.sampled_from(("sum", "max", "mean"))},
        optional={
            "top": dice.integers(1, 3),
            "buyers": dice.just(buyers),
            "weights": dice.just(weights),
            "roll_up": dice.booleans(),
        },
    )
