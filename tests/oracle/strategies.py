"""Random models and the random people they score: small vocabularies, so that rules do match."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]

AS_OF = datetime(2026, 3, 31, 9, 30, 15, tzinfo=UTC)
TYPES = ("page_view", "email_open", "email_click", "email_sent", "video_view", "purchase", "demo_request")
ASSETS = ("/pricing", "/docs", "/careers", None)
PRODUCTS = ("cloud", "core", "cloud; core", None)
GROUPS = ("web", "mail")
PEOPLE = tuple(f"p{number}" for number in range(4))
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe")
COMPANIES = ("a1", "a2", None)

_ages = st.one_of(st.integers(0, 12), st.integers(0, 130))
_points = st.one_of(st.integers(-20, 40), st.decimals("-9.999", "30", places=3).map(float))
_window = st.sampled_from(("1d", "7d", "14d", "30d", "90d"))
_days = st.sampled_from(("1d", "3d", "10d", "30d", "45d"))


def _instants(max_days: int = 130) -> st.SearchStrategy[datetime]:
    """Mostly before the instant scored, clustered within visits and around midnights; a few after it."""
    return st.builds(
        lambda days, seconds: AS_OF - timedelta(days=days, seconds=seconds),
        _ages.filter(lambda days: days <= max_days),
        st.one_of(st.integers(-4000, 4000), st.integers(0, 86_399)),
    )


@st.composite
def data(draw: st.DrawFn) -> dict[str, list[Row]]:
    """Tables of a few people and what they did, every column present."""
    contacts = [
        {
            "contact_id": name,
            "account_id": draw(st.sampled_from(COMPANIES)),
            "email": draw(st.sampled_from((f"{name}@acme.test", f"{name}@brightloom.io", None))),
            "title": draw(st.sampled_from(("Sales Director", "VP Marketing", "student", "", None))),
            "phone": draw(st.sampled_from(("+34 600 000 000", None))),
            "is_customer": draw(st.sampled_from((True, False, None))),
        }
        for name in PEOPLE
    ]
    accounts = [
        {
            "account_id": name,
            "industry": draw(st.sampled_from(("software", "retail", None))),
            "employees": draw(st.sampled_from((10, 49, 50, 1000, None))),
            "parent_id": draw(st.sampled_from((None, *(other for other in ("a1", "a2") if other != name)))),
        }
        for name in ("a1", "a2")
    ]
    activities = [
        {
            "activity_id": f"e{number:02}",
            "contact_id": draw(st.sampled_from(PEOPLE)),
            "type": draw(st.sampled_from(TYPES)),
            "occurred_at": draw(_instants()),
            "seen_at": draw(st.sampled_from((None, AS_OF - timedelta(days=200), AS_OF + timedelta(days=1)))),
            "product": draw(st.sampled_from(PRODUCTS)),
            "category": draw(st.sampled_from(("platform", None))),
            "asset": draw(st.sampled_from(ASSETS)),
            "value": draw(st.sampled_from((None, 0.0, 9.5, 10.0, 75.0, 100.0, 120.5))),
            "origin": draw(st.sampled_from((None, None, None, "machine", "approximate"))),
        }
        for number in range(draw(st.integers(0, 30)))
    ]
    answers = [
        {
            "response_id": f"r{number}",
            "contact_id": draw(st.sampled_from(PEOPLE)),
            "kind": draw(st.sampled_from(("nps", "csat"))),
            "answer": float(draw(st.integers(1, 5))),
            "scale_min": None,
            "scale_max": None,
            "answered_at": draw(_instants()),
            "seen_at": None,
        }
        for number in range(draw(st.integers(0, 5)))
    ]
    history = [
        {
            "contact_id": draw(st.sampled_from(PEOPLE)),
            "model": draw(st.sampled_from(("random", "other"))),
            "stage": draw(st.sampled_from(("lead", "MQL", "SQL", "retired"))),
            "entered_at": draw(_instants()),
        }
        for number in range(draw(st.integers(0, 4)))
    ]
    return {
        "contacts": contacts,
        "accounts": accounts,
        "activities": activities,
        "survey_responses": answers,
        "stage_history": history,
    }


def decays() -> st.SearchStrategy[Row | str]:
    after = st.fixed_dictionaries({}, optional={"after": _days})
    forms = st.one_of(
        st.fixed_dictionaries({"half_life": st.sampled_from(("12h", "7d", "30d"))}),
        st.fixed_dictionaries({"linear": _window}),
        st.fixed_dictionaries({"window": _window}),
        st.fixed_dictionaries(
            {"lose": st.sampled_from(("10%", "25%", "50%")), "every": _days},
            optional={"compound": st.booleans()},
        ),
    )
    return st.one_of(st.just("none"), st.builds(lambda a, b: {**a, **b}, forms, after))


_conditions = st.sampled_from(
    (
        "asset like '/pri%'",
        "value >= 10",
        "value between 9 and 100",
        "product is null or not product like 'cloud%'",
        "title ilike '%director%'",
        "is_customer",
        "not is_customer",
        "employees > 49 and industry in ('software')",
        "days_since(occurred_at) < 5",
        "value / 0 > 1 or lower(coalesce(asset, 'x')) = 'x'",
        "length(trim(title)) + 1 > 8",
        "origin is not null",
    )
)
_types = st.one_of(
    st.sampled_from(TYPES), st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True)
)
_items = st.sampled_from(("activity", "day", "visit", "asset", "product", "category"))
_in_window = st.builds(lambda n, w: f"{n} in {w}", st.integers(1, 4), _window)
_per_item = st.builds(
    lambda n, item: f"{n} per {item}",
    st.integers(1, 3),
    st.sampled_from(("day", "visit", "asset", "product", "category")),
)


@st.composite
def rules(draw: st.DrawFn, number: int) -> Row:
    """One activity rule of any kind."""
    rule: Row = {"id": f"r{number}"}
    for key, strategy in {
        "group": st.sampled_from(GROUPS),
        "cap": st.integers(1, 30),
        "floor": st.integers(-10, 0),
        "decay": decays(),
    }.items():
        if draw(st.booleans()):
            rule[key] = draw(strategy)
    source = draw(
        st.sampled_from(("points", "points", "points", "steps", "idle", "trend", "low_interest", "tiers"))
    )
    if source in {"idle", "trend", "low_interest"}:
        rule.pop("decay", None)
        behaviour = {
            "idle": _window,
            "trend": st.sampled_from(("rising", "steady", "falling")),
            "low_interest": st.sampled_from((True,)),
        }
        return rule | {source: draw(behaviour[source]), "points": draw(_points)}
    if draw(st.booleans()):
        rule["event"] = draw(_types)
    if draw(st.booleans()):
        rule["when"] = draw(_conditions)
    if draw(st.integers(0, 5)) == 0:
        rule["machine"] = True
    if source == "tiers":
        rule.pop("decay", None)
        kinds = st.sampled_from(("at_least", "exactly"))
        tiers = st.lists(st.tuples(kinds, _in_window, _points), min_size=1, max_size=3)
        return rule | {"tiers": [{kind: text, "points": points} for kind, text, points in draw(tiers)]}
    if source == "steps":
        rule["steps"] = [{"from": 10, "points": draw(_points)}, {"from": 75, "points": draw(_points)}]
    else:
        rule["points"] = draw(_points)
    return rule | _counting(draw)


def _counting(draw: st.DrawFn) -> Row:
    """How matching activities are counted."""
    counting: Row = {}
    if draw(st.integers(0, 4)) == 0:
        return {"first": True}
    key = draw(st.sampled_from(("at_least", "exactly", None, None)))
    if key:
        counting[key] = draw(_in_window if key == "exactly" else st.one_of(_in_window, _per_item))
    if draw(st.booleans()):
        counting["at_most"] = draw(st.one_of(_in_window, _per_item))
    if draw(st.booleans()):
        counting["distinct"] = draw(_items)
    if draw(st.booleans()):
        counting["per"] = draw(st.one_of(st.just("contact"), _items))
    for key in ("unless", "unless_after"):
        if draw(st.integers(0, 4)) == 0:
            counting[key] = draw(_types)
    return counting


@st.composite
def models(draw: st.DrawFn) -> Row:
    """A model that uses most of the grammar at random."""
    number = draw(st.integers(1, 4))
    activity: Row = {"rules": [draw(rules(index)) for index in range(number)]}
    used = {rule["group"] for rule in activity["rules"] if "group" in rule}
    bounds = st.one_of(
        st.integers(1, 40),
        st.fixed_dictionaries({}, optional={"min": st.integers(-20, 0), "max": st.integers(0, 40)}).filter(
            bool
        ),
    )
    for key, strategy in {
        "decay": decays(),
        "group_decay": st.fixed_dictionaries({}, optional={group: decays() for group in sorted(used)}),
        "caps": st.fixed_dictionaries({}, optional=dict.fromkeys(sorted(used), bounds)),
        "total": st.fixed_dictionaries({}, optional={"min": st.integers(-30, 0), "max": st.integers(0, 90)}),
        "ageing": st.lists(ageing_steps(), max_size=3),
    }.items():
        if draw(st.booleans()) and (found := draw(strategy)):
            activity[key] = found
    model: Row = {
        "model": "random",
        "version": 1,
        "time_zone": draw(st.sampled_from(ZONES)),
        "low_interest": {"event": "email_open", "at_least": "1 in 90d", "unless": "email_click"},
        "activity": activity,
        "fit": draw(fits()),
        "rating": {"levels": [0, 10, 40], "best": draw(st.sampled_from(("A4", "A1")))},
        "stages": [
            {"name": "MQL", "enter": "score >= 20", "stay": "score >= 10 and coalesce(idle_days, 0) < 60"},
            {"name": "SQL", "enter": "score >= 40 and grade in ('A', 'B')", "stay": "days_in_stage < 30"},
        ],
        "interest": {"by": ["product", "category"], "half_life": "60d", "categories": {"core": "base"}},
        "satisfaction": draw(st.sampled_from(({"survey": "csat", "valid": "60d", "activity": "30d"},
                                             {"survey": "nps", "valid": "90d"}))),
        "journey": {"look": ["page_view", "email_open"], "buy": ["purchase"]},
        "account": draw(account_scores()),
        "flags": [
            {"id": "cart", "event": "page_view", "since": "1h", "until": "10d", "unless_after": "purchase"},
            {"id": "keen", "event": "page_view", "at_least": "2 in 30d", "per": "asset"},
            {"id": "once", "event": "purchase", "exactly": 1},
        ],
    }  # fmt: skip
    if draw(st.booleans()):
        model["where"] = draw(
            st.sampled_from(("not is_customer", "title is not null", "email like '%acme%'"))
        )
    if draw(st.booleans()):
        model["exclude"] = [{"reason": "employee", "when": "email like '%@brightloom.io'"}]
    if signals := [
        rule for rule in activity["rules"] if not {"idle", "trend", "low_interest", "tiers"} & set(rule)
    ]:
        signals[0]["signal"] = "buying"
        model["escalate"] = {
            "signal": "buying",
            "within": draw(st.sampled_from(("24h", "3d"))),
            "when": "score > 0",
        }
    return model


def ageing_steps() -> st.SearchStrategy[Row]:
    limits = st.fixed_dictionaries(
        {}, optional={"over": st.integers(0, 30), "from": st.just(0), "to": st.just(50)}
    )
    effects = st.one_of(
        st.fixed_dictionaries({"at_most": st.integers(0, 40)}),
        st.fixed_dictionaries({"lose": st.sampled_from(("15%", "50%"))}, optional={"every": _days}),
        st.fixed_dictionaries({"points": st.integers(-15, -1)}),
    )
    return st.builds(lambda idle, a, b: {"idle": idle, **a, **b}, _window, limits, effects)


def fits() -> st.SearchStrategy[Row]:
    grades: Mapping[str, Any] = {"A": 40, "B": 20, "C": 1}
    plain = {
        "person": [
            {"id": "director", "when": "lower(title) like '%director%'", "points": 25.5},
            {"id": "student", "when": "title = 'student'", "points": -50},
        ],
        "company": [
            {"id": "size", "when": "employees between 50 and 1000", "points": 20},
            {"id": "software", "when": "industry = 'software'", "points": 10},
        ],
        "grades": grades,
    }
    ladder = {
        "ladder": "thirds",
        "person": [{"id": "title", "when": "title is not null and title <> 'student'", "thirds": 2}],
        "company": [{"id": "size", "when": "employees >= 50", "thirds": 3, "miss": 1}],
    }
    weights = {
        "weights": "percent",
        "person": [
            {
                "id": "title",
                "weight": "60%",
                "values": [
                    {"when": "title = 'VP Marketing'", "points": 100},
                    {"when": "title like '%Sales%'", "points": 51},
                ],
            }
        ],
        "company": [
            {"id": "it", "weight": "40%", "values": [{"when": "industry = 'software'", "points": 99}]}
        ],
        "grades": {"overall": grades, "person": {"A": 50, "else": "E"}},
    }
    return st.sampled_from((plain, ladder, weights))


def account_scores() -> st.SearchStrategy[Row]:
    buyers = {"when": "lower(title) like '%director%'", "at_least": 1, "bonus": "15%"}
    weights = [{"when": "grade = 'A'", "weight": 1.5}]
    return st.fixed_dictionaries(
        {"score": st.sampled_from(("sum", "max", "mean"))},
        optional={
            "top": st.integers(1, 2),
            "buyers": st.just(buyers),
            "weights": st.just(weights),
            "roll_up": st.booleans(),
        },
    )
