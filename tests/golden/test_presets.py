"""Each preset reproduces the numbers that were published for it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.unit.scoring.people import NOW, World, by_id, did

PRESETS = Path(__file__).parents[2] / "config" / "models" / "presets"


def _text(name: str) -> str:
    return (PRESETS / f"{name}.yaml").read_text(encoding="utf-8")


def _scores(name: str, **people: list[Any]) -> dict[str, int]:
    world = World(
        [act | {"contact_id": who} for who, acts in people.items() for act in acts],
        [{"contact_id": who} for who in people],
    )
    world.extra = {
        "contacts": {
            "department": pa.string(),
            "current_solution": pa.string(),
            "manual_review": pa.float64(),
        }
    }
    world.contacts = [{**person, "department": None} for person in world.contacts]
    return {who: row["score"] for who, row in by_id(world.scores(_text(name)).numbers).items()}


def test_account_engagement_points() -> None:
    found = _scores(
        "account_engagement",
        form=[did("form_submit")],
        error=[did("form_error")],
        tracker=[did("redirect_click")],
        file=[did("download")],
        click=[did("email_click")],
        search=[did("search")],
        open=[did("email_open")],
        event=[did("event_attend")],
        visit=[
            did("page_view", occurred_at=(NOW - timedelta(minutes=m)).replace(tzinfo=None))
            for m in (0, 5, 10)
        ],
    )
    assert found == {
        "form": 50,
        "error": -5,
        "tracker": 3,
        "file": 3,
        "click": 3,
        "search": 3,
        "open": 0,
        "event": 0,
        "visit": 3 + 3,
    }


@pytest.mark.parametrize(
    ("person", "employees", "industry", "grade"),
    [
        ({}, None, None, "D"),  # nothing known: stays at D
        ({"title": "Manager"}, None, None, "C-"),  # one match of 2/3
        (
            {"title": "Manager", "country": "US", "department": "Sales"},
            50,
            "software",
            "A+",
        ),  # five matches: ten thirds
        ({"title": "Clerk"}, None, None, "F"),  # no match moves down
    ],
)
def test_account_engagement_grade(
    person: dict[str, Any], employees: int | None, industry: str | None, grade: str
) -> None:
    contact = {"contact_id": "p1", "account_id": "a1", "department": None} | person
    account = {"account_id": "a1", "employees": employees, "industry": industry}
    world = World((), [contact], [account], extra={"contacts": {"department": pa.string()}})
    assert world.contact(_text("account_engagement"))["grade"] == grade


def test_eloqua_engagement() -> None:
    form, click, page, mail = "form_submit", "email_click", "page_view", "email_open"
    found = _scores(
        "eloqua",
        everything=[did(form), *[did(click)] * 3, *[did(page, asset="/products")] * 3, *[did(mail)] * 3],
        second=[
            did(form, 8),
            *[did(click, 20)] * 3,
            *[did(page, 20, asset="/products")] * 3,
            *[did(mail, 20)] * 3,
        ],
        third=[did(form, 20), did(click, 10), did(page, 10, asset="/products"), did(mail, 10)],
        late=[did(form, 30), did(click, 20), did(page, 20, asset="/products"), did(mail, 20)],
    )
    assert found == {"everything": 100, "second": 75, "third": 58, "late": 0}  # 17.5 + 10 + 15 + 15 = 57.5


@pytest.mark.parametrize(
    ("title", "industry", "revenue", "solution", "fit", "grade"),
    [
        ("VP Marketing", "Software", 1e9, "Competitor 1", 100, "A"),
        ("Director of Sales", "Pharmaceutical", 1e8, "Competitor 2", 62, "B"),  # 15 + 30 + 5 + 12
        ("Manager of Sales", "Retail", 1.0, "none", 8, "D"),  # 7.5
    ],
)
def test_eloqua_profile(
    title: str, industry: str, revenue: float, solution: str, fit: int, grade: str
) -> None:
    account = {
        "account_id": "a1",
        "industry": industry,
        "annual_revenue": revenue,
        "current_solution": solution,
    }
    world = World(
        (),
        [{"contact_id": "p1", "account_id": "a1", "title": title}],
        [account],
        extra={"accounts": {"current_solution": pa.string()}},
    )
    found = world.contact(_text("eloqua"))
    assert (found["fit"], found["grade"], found["rating"]) == (fit, grade, f"{grade}4")


def _visit(pages: int, days: float = 0) -> list[Any]:
    start = NOW - timedelta(days=days)
    return [
        did("page_view", asset="/x", occurred_at=(start - timedelta(minutes=m)).replace(tzinfo=None))
        for m in range(pages)
    ]


def test_predictable_revenue() -> None:
    found = _scores(
        "predictable_revenue",
        website=[did("signup", campaign="website")],
        thoughts=[did("signup", campaign="thought leadership")],
        deep=_visit(9),
        shallow=_visit(8),
        two=[*_visit(1), *_visit(1, 1)],
        demo=[did("video_view", asset="demo")] * 2,
        webinar=[did("webinar_register"), did("webinar_attend")],
        paper=[did("download", category="thought leadership")],
        reviews=[did("download", category="product reviews")],
        brand=[did("search", asset="Brightloom price")],
        pricing=[did("page_view", asset="/pricing")],
        careers=[did("page_view", asset="/careers")],
        quiet_low=[did("webinar_attend", 30)],
        quiet_high=[did("video_view", 30, asset="demo")] * 8,
    )
    assert found == {
        "website": 7,
        "thoughts": -5,
        "deep": 9 + 7,
        "shallow": 8,
        "two": 2 + 8,
        "demo": 10,
        "webinar": 10,
        "paper": 5,
        "reviews": 12,
        "brand": 15,
        "pricing": 6,
        "careers": -9,
        "quiet_low": 0,
        "quiet_high": 25,
    }


@pytest.mark.parametrize(
    ("title", "points"),
    [
        ("Chief of Staff to the Managing Director", 8),
        ("VP Account Management", 8),
        ("Director", 4),
        ("Account Manager", 4),
        ("Clerk", 0),
        (None, 0),
    ],
)
def test_predictable_revenue_rates_a_title_from_0_to_8(title: str | None, points: int) -> None:
    world = World([did("signup")], [{"contact_id": "p1", "title": title}])
    world.extra = {"contacts": {"manual_review": pa.float64()}}
    assert world.contact(_text("predictable_revenue"))["score"] == points


def test_gitlab() -> None:
    found = _scores(
        "gitlab",
        conference=[did("event_attend", category="conference")],
        table=[did("event_attend", category="round table")],
        met=[did("meeting")],
        online=[did("webinar_attend")] * 2,
        contact=[did("form_submit", category="contact")],
        demo=[did("demo_request")],
        meeting=[did("event_attend", category="meeting")],
        workshop=[did("event_attend", category="workshop")],
        prices=[did("form_submit", category="pricing")],
    )
    assert found == {
        "conference": 10, "table": 40, "met": 40, "online": 40, "contact": 50, "demo": 100,
        "meeting": 40, "workshop": 20, "prices": 100,
    }  # fmt: skip


def test_lead_liaison() -> None:
    kinds = {
        "email_open": 0,
        "email_click": 25,
        "form_submit": 50,
        "social_interaction": 10,
        "chat": 50,
        "chat_declined": -50,
        "video_conversion": 100,
        "download": 100,
        "spam_report": -500,
        "webinar_register": 100,
        "event_attend": 200,
        "no_show": -100,
        "purchase": 100,
        "donation": 100,
    }
    found = _scores(
        "lead_liaison",
        page=[did("page_view")],
        video=[did("video_view", value=76.0)],
        some=[did("video_view", value=75.0)],
        sales=[did("email_open", campaign="sales"), did("email_click", campaign="sales")],
        **{kind: [did(kind)] for kind in kinds},
    )
    assert found == kinds | {"page": 11, "video": 70, "some": 20, "sales": 30}


def test_bands_of_dynamics() -> None:
    people = [
        {"contact_id": f"p{index}", "account_id": "a1", "title": title, "phone": phone}
        for index, (title, phone) in enumerate([("Director", "1"), ("Director", None), ("Clerk", None)])
    ]
    found = by_id(
        World((), people, [{"account_id": "a1", "employees": 10}]).scores(_text("dynamics")).numbers
    )
    assert [(row["fit"], row["grade"]) for row in found.values()] == [(75, "A"), (50, "B"), (0, "D")]


def test_hubspot_combines_capped_groups_into_one_cell() -> None:
    acts = [*[did("form_submit", 1)] * 5, *[did("email_click", 1)] * 9]
    world = World(
        acts,
        [{"contact_id": "p1", "account_id": "a1", "title": "Director"}],
        [{"account_id": "a1", "employees": 50}],
    )
    found = world.contact(_text("hubspot_combined"))
    assert (found["score"], found["rating"], found["rule_form"]) == (100, "A1", 100_000)
    world.activities = [did("form_submit", 30)] * 5
    assert world.contact(_text("hubspot_combined"))["score"] == 30


def test_ageing_seen_in_use() -> None:
    assert _scores("adobe_rolling", p1=[*[did("page_view", 29)] * 21, did("page_view", 30)]) == {"p1": 20}
    idle = _scores(
        "marketo_idle",
        now=[did("form_submit", 44)] * 3,
        later=[did("form_submit", 45)] * 3,
        gone=[did("form_submit", 90)] * 3,
    )
    assert idle == {"now": 75, "later": 50, "gone": 0}
    assert _scores("eloqua_decay", p1=[did("form_submit", 13)] * 2, p2=[did("form_submit", 14)] * 2) == {
        "p1": 100,
        "p2": 85,
    }


def test_the_shop_counts_1_3_13_28() -> None:
    steps = [
        did("email_open", 100),
        did("email_click", 99),
        did("purchase", 98, value=120.0),
        did("purchase", 8, value=60.0),
    ]
    found = [World(steps[: count + 1]).contact(_text("shop"))["score"] for count in range(4)]
    assert found == [1, 3, 13, 28]
    later = World(steps).contact(_text("shop"), as_of=NOW + timedelta(days=365))
    assert later["score"] == 28


def test_the_same_events_a_year_later_score_lower() -> None:
    text = (PRESETS.parent / "demand.yaml").read_text(encoding="utf-8")
    world = World(
        [did("demo_request", 1), did("page_view", 1, asset="/pricing")],
        [{"contact_id": "p1", "email": "a@b.example"}],
        [{"account_id": "a1", "employees": 200}],
    )
    assert world.contact(text)["score"] > world.contact(text, as_of=NOW + timedelta(days=365))["score"]
