"""Fit, rating, stages, escalation, satisfaction, accounts, interest: worked by hand."""

import math
from typing import Any

import pyarrow as pa
import pytest

from tests.unit.scoring.people import Row, World, ago, by_id, did, model, rows

FIT = """model: m
version: 1
fit:
  person:
    - {id: director, when: "lower(title) like '%director%'", points: 40}
    - {id: student, when: "lower(title) like '%student%'", points: -50}
  company:
    - {id: size, when: "employees between 50 and 1000", points: 30}
    - {id: here, when: "country = 'ES'", points: 10}
  grades: {overall: {A: 70, B: 45, C: 20}, person: {A: 40, B: 1}, company: {A: 40, B: 30, else: E}}
rating: {levels: [25, 50, 75], best: A4, cells: {A1: P3}}
"""
LADDER = """model: m
version: 1
fit:
  ladder: thirds
  person:
    - {id: title, when: "title = 'Boss'", thirds: 2}
    - {id: place, when: "country = 'ES'", thirds: 2, miss: 1}
  company: [{id: size, when: "employees >= 50", thirds: 3}]
"""


def _one(title: str | None, employees: int | None, **more: Any) -> World:
    person = {"contact_id": "p1", "account_id": "a1", "title": title, "country": "FR"}
    return World((), [person | more], [{"account_id": "a1", "employees": employees, "country": "ES"}])


def test_person_and_company_make_the_grade_together_and_apart() -> None:
    found = _one("Sales Director", 200).contact(FIT)
    assert (found["fit"], found["person_fit"], found["company_fit"]) == (80, 40, 40)
    assert (found["grade"], found["person_grade"], found["company_grade"]) == ("A", "A", "A")
    assert (found["rating"], found["priority"], found["partial"]) == ("A1", "P3", False)


def test_company_rules_read_the_account_first() -> None:
    assert _one(None, None).contact(FIT)["company_fit"] == 10


def test_what_is_missing_is_said() -> None:
    found = _one(None, None).contact(FIT)
    assert (found["partial"], found["fit_missing"], found["fit_director"], found["grade"]) == (
        True,
        "employees, title",
        None,
        "D",
    )
    assert found["company_grade"] == "E"


def test_columns_of_person_and_company_that_differ_in_case_are_two() -> None:
    world = World(
        contacts=[{"contact_id": "p1", "account_id": "a1", "Field": "u"}],
        accounts=[{"account_id": "a1"}],
        extra={"contacts": {"Field": pa.string()}, "accounts": {"field": pa.string()}},
    )
    found = world.contact(
        """model: m
version: 1
fit:
  person: [{id: mine, when: "Field = 'u'", points: 1}]
  company: [{id: theirs, when: "field = 'u'", points: 1}]
  grades: {A: 1}
"""
    )
    assert (found["fit"], found["fit_missing"]) == (1, "field")


def test_a_fit_of_hundreds_of_rules_is_computed() -> None:
    rules = "".join(f"    - {{id: r{n}, when: \"title = '{n}'\", points: {n}}}\n" for n in range(400))
    found = by_id(_one("399", None).scores(f"model: m\nversion: 1\nfit:\n  person:\n{rules}").contacts)["p1"]
    assert (found["fit"], found["fit_reasons"]) == (399, "-: r399")


def test_hundreds_of_stages_are_computed() -> None:
    stages = "".join(f"  - {{name: S{n}, enter: 'score >= {n}'}}\n" for n in range(1, 501))
    world = World([did("call")] * 7)
    assert (
        world.contact(model(["id: call, event: call, points: 60"], f"stages:\n{stages}"))["stage"] == "S420"
    )


def test_a_student_with_forty_downloads_is_a_high_number_with_a_d() -> None:
    text = FIT + "activity:\n  rules: [{id: file, event: download, points: 3}]\n"
    world = _one("Student", 200)
    world.activities = [did("download", 1) for _ in range(40)]
    found = world.contact(text)
    assert (found["score"], found["grade"], found["rating"]) == (120, "D", "D4")


@pytest.mark.parametrize(
    ("title", "country", "employees", "grade"),
    [
        ("Boss", "ES", 50, "B+"),
        ("Boss", None, 50, "B-"),
        (None, None, None, "D"),
        ("Clerk", "FR", 1, "F"),
        ("Boss", "FR", None, "D+"),
    ],
)
def test_ladder_of_thirds(title: str | None, country: str | None, employees: int | None, grade: str) -> None:
    assert _one(title, employees, country=country).contact(LADDER)["grade"] == grade


def test_eloqua_digit_one_is_best() -> None:
    text = "model: m\nversion: 1\n"
    text += 'fit: {person: [{id: t, when: "title is not null", points: 80}], grades: {A: 75}}\n'
    text += (
        "rating: {levels: [25, 50, 75], best: A1}\nactivity: {rules: [{id: c, event: call, points: 80}]}\n"
    )
    world = _one("x", None)
    assert world.contact(text)["rating"] == "A4"
    world.activities = [did("call")]
    assert world.contact(text)["rating"] == "A1"


STAGES = model(
    ["id: call, event: call, points: 10", "id: demo, event: demo_request, points: 1, signal: buying"],
    """stages:
  - {name: MQL, enter: "score >= 50", stay: "score >= 40 and coalesce(idle_days, 0) < 90"}
  - {name: SQL, enter: "score >= 100", stay: "score >= 70"}
escalate: {signal: buying, within: 24h, when: "title = 'Boss'"}
""",
)


@pytest.mark.parametrize("days", [9, 20_000, 50_000])
@pytest.mark.parametrize(
    ("calls", "before", "stage"),
    [
        (4, None, "lead"),
        (5, None, "MQL"),
        (4, "MQL", "MQL"),
        (3, "MQL", "lead"),
        (7, "SQL", "SQL"),
        (6, "SQL", "MQL"),
        (3, "SQL", "lead"),
        (10, None, "SQL"),
        (7, "MQL", "MQL"),
    ],
)
def test_stages_are_entered_and_left_at_different_scores(
    calls: int, before: str | None, stage: str, days: int
) -> None:
    history = [{"contact_id": "p1", "model": "m", "stage": before, "entered_at": ago(days)}] if before else []
    found = World([did("call", 1)] * calls, stage_history=history).contact(STAGES)
    assert found["stage"] == stage
    kept = ago(days) if before == stage else None if stage == "lead" and not before else ago()
    assert found["stage_entered_at"] == kept


def test_untouched_for_90_days_falls_back_to_lead() -> None:
    history = [{"contact_id": "p1", "model": "m", "stage": "MQL", "entered_at": ago(200)}]
    assert World([did("call", 90)] * 4, stage_history=history).contact(STAGES)["stage"] == "lead"
    assert World([did("call", 89)] * 4, stage_history=history).contact(STAGES)["stage"] == "MQL"


def test_a_slow_reader_who_asks_for_a_demo_is_escalated_in_the_same_run() -> None:
    world = World(
        [did("demo_request", occurred_at=ago(hours=23, minutes=59))], [{"contact_id": "p1", "title": "Boss"}]
    )
    assert world.contact(STAGES)["escalate"] is True
    world.contacts = [{"contact_id": "p1", "title": "Clerk"}]
    assert world.contact(STAGES)["escalate"] is False
    late = World([did("demo_request", occurred_at=ago(hours=24))], [{"contact_id": "p1", "title": "Boss"}])
    assert late.contact(STAGES)["escalate"] is False


def test_where_and_exclude_say_why_someone_is_out() -> None:
    text = 'model: m\nversion: 1\nwhere: "not is_customer"\n'
    text += "exclude:\n  - {reason: employee, when: \"email like '%@us.io'\"}\n"
    people: list[Row] = [
        {"contact_id": "p1", "is_customer": None, "email": None},
        {"contact_id": "p2", "is_customer": True, "email": "x@us.io"},
        {"contact_id": "p3", "is_customer": False, "email": "x@us.io"},
    ]
    scores = World(contacts=people).scores(text)
    assert list(by_id(scores.contacts)) == ["p1"]
    assert {row["contact_id"]: row["reason"] for row in rows(scores.excluded)} == {
        "p2": "where",
        "p3": "employee",
    }


ANSWERS = "model: m\nversion: 1\nsatisfaction: {survey: nps, valid: 180d, activity: 90d}\n"


def _answer(who: str, answer: float, days: float = 1, low: int = 0) -> dict[str, Any]:
    return {
        "response_id": f"s{who}{days}",
        "contact_id": who,
        "kind": "nps",
        "answer": answer,
        "scale_min": low,
        "scale_max": 10,
        "answered_at": ago(days),
    }


def test_nps_bands_validity_and_disagreement() -> None:
    people = [{"contact_id": f"p{index}"} for index in range(1, 8)]
    answers = [
        _answer("p1", 9),
        _answer("p2", 8, low=1),
        _answer("p3", 6),
        _answer("p4", 10, 180),
        _answer("p5", 11),
        _answer("p6", 10),
        _answer("p1", 2, 5),
    ]
    scores = World([did("call", 1, "p3"), did("call", 1, "p6")], people, survey_responses=answers).scores(
        ANSWERS
    )
    found = by_id(scores.numbers)
    bands = [found[f"p{index}"]["satisfaction_band"] for index in range(1, 8)]
    assert bands == ["promoter", "passive", "detractor", None, None, "promoter", None]
    assert [found[f"p{index}"]["satisfaction_disagrees"] for index in (1, 2, 3, 6, 7)] == [
        True,
        False,
        True,
        False,
        None,
    ]
    assert rows(scores.nps) == [{"promoters": 2, "passives": 1, "detractors": 1, "score": 25.0}]
    assert scores.refused is not None
    assert [row["response_id"] for row in rows(scores.refused)] == ["sp51"]


@pytest.mark.parametrize(
    ("scale", "satisfied", "neutral", "dissatisfied"),
    [
        ((None, None), (4, 5), (3,), (1, 2)),  # 1 to 5
        ((1, 7), (6, 7), (4, 5), (1, 3)),
        ((0, 1), (1,), (), (0,)),
        ((0, 100), (75, 100), (50, 74), (0, 49)),
    ],
)
def test_csat_bands_are_shares_of_the_scale(
    scale: tuple[int | None, int | None],
    satisfied: tuple[int, ...],
    neutral: tuple[int, ...],
    dissatisfied: tuple[int, ...],
) -> None:
    expected = {
        f"p{answer}": band
        for band, answers in (("satisfied", satisfied), ("neutral", neutral), ("dissatisfied", dissatisfied))
        for answer in answers
    }
    answers = [
        _answer(who, float(who[1:])) | {"kind": "csat", "scale_min": scale[0], "scale_max": scale[1]}
        for who in expected
    ]
    nowhere = _answer("p0", 5) | {"kind": "csat", "scale_min": 5, "scale_max": 5, "response_id": "nowhere"}
    people = [{"contact_id": who} for who in expected]
    scores = World([], people, survey_responses=[*answers, nowhere]).scores(ANSWERS.replace("nps", "csat"))
    found = by_id(scores.numbers)
    assert {who: row["satisfaction_band"] for who, row in found.items()} == expected
    share = len(satisfied) / len(expected)
    assert rows(scores.nps)[0]["score"] == math.floor(share * 1000 + 0.5) / 10
    assert scores.refused is not None
    assert [row["response_id"] for row in rows(scores.refused)] == ["nowhere"]


def test_nps_of_nobody_is_none() -> None:
    (row,) = rows(World().scores(ANSWERS).nps)
    assert (row["score"], row["promoters"]) == (None, 0)


def test_two_active_employees_score_their_account_above_one_and_it_is_the_sum() -> None:
    people = [
        {"contact_id": f"p{index}", "account_id": "a1", "title": "Director", "first_name": "Ann"}
        for index in (1, 2)
    ]
    people.append({"contact_id": "p3", "account_id": "a2"})
    acts = [did("call", 0, "p1"), did("call", 0, "p2"), did("call", 0, "p2"), did("call", 0, "p3")]
    text = model(["id: call, event: call, points: 15"])
    scores = World(acts, people).scores(text)
    found = by_id(scores.accounts, "account_id")
    assert {name: (row["score"], row["people"]) for name, row in found.items()} == {
        "a1": (45, 2),
        "a2": (15, 1),
    }
    assert found["a1"]["reasons"] == "+30 Ann · +15 Ann"
    bonus = text + "account: {buyers: {when: \"title = 'Director'\", at_least: 2, bonus: 10%}}\n"
    scores = World(acts, people).scores(bonus)
    lines = {(row["account_id"], row["id"]): row["points"] for row in rows(scores.account_contributions)}
    assert lines == {("a1", "p1"): 15, ("a1", "p2"): 30, ("a1", "buyers"): 4, ("a2", "p3"): 15}


@pytest.mark.parametrize(
    ("account", "score"),
    [
        ("{score: max}", 30),
        ("{score: mean}", 18),
        ("{score: mean, top: 2}", 23),
        ("{score: sum, top: 2}", 45),
        ("{weights: [{when: \"contact_id = 'p1'\", weight: 0.5}]}", 48),
    ],
)
def test_other_ways_to_score_an_account(account: str, score: int) -> None:
    people = [{"contact_id": f"p{index}", "account_id": "a1"} for index in (1, 2, 3)]
    acts = [did("call", 0, who) for who in ("p1", "p2", "p2")] + [did("search", 0, "p3")]
    text = model(
        ["id: call, event: call, points: 15", "id: search, event: search, points: 10"],
        f"account: {account}\n",
    )
    scores = World(acts, people).scores(text)
    assert rows(scores.accounts)[0]["score"] == score
    assert sum(row["points"] for row in rows(scores.account_contributions)) == score


def test_parents_add_their_children() -> None:
    accounts = [{"account_id": "a1", "parent_id": "top"}, {"account_id": "top"}, {"account_id": "empty"}]
    text = model(["id: call, event: call, points: 15"], "account: {roll_up: true}\n")
    found = by_id(World([did("call")], accounts=accounts).scores(text).accounts, "account_id")
    assert {name: row["score"] for name, row in found.items()} == {"a1": 15, "top": 15, "empty": 0}


INTEREST = model(
    [
        "id: page, event: page_view, points: 2",
        "id: job, event: page_view, when: \"asset = '/jobs'\", points: -9",
    ],
    """interest:
  by: [product, category]
  half_life: 60d
  assets: [{match: "/analytics%", product: analytics, category: platform}]
  categories: {cloud: infrastructure, core: platform}
""",
)


def test_products_feed_their_categories_once_per_activity() -> None:
    acts = [
        did("page_view", 60, product="cloud"),
        did("page_view", 0, product=" cloud ; core;cloud;"),
        did("page_view", 0, asset="/analytics/x"),
        did("page_view", 0, product="core;analytics", category="own"),
        did("page_view", 0, product="cloud", origin="machine"),
        did("search", 0, product="cloud"),
    ]
    scores = World(acts).scores(INTEREST)
    found = {(row["kind"], row["item"]): row["milli"] for row in rows(scores.interest)}
    assert found == {
        ("product", "cloud"): 3_000,
        ("product", "core"): 4_000,
        ("product", "analytics"): 4_000,
        ("category", "infrastructure"): 3_000,
        ("category", "platform"): 4_000,
        ("category", "own"): 2_000,
    }
    row = rows(scores.numbers)[0]
    assert (row["top_product"], row["top_category"]) == ("analytics", "platform")


SHOP_LISTS = """model: m
version: 1
flags:
  - {id: cart_t1, event: cart_update, since: 1h, until: 24h, unless_after: purchase}
  - {id: cart_t2, event: cart_update, since: 24h, until: 7d, unless_after: purchase}
  - {id: first_purchase, event: purchase, exactly: 1}
  - {id: never, event: purchase, exactly: 0}
  - {id: repeat_buyer, event: purchase, at_least: "2 in 180d"}
  - {id: big, event: purchase, when: "value >= 100"}
  - {id: keen, event: page_view, at_least: "3 in 30d", per: asset}
"""


def test_shop_conditions_for_lists() -> None:
    def flags(*acts: Any) -> set[str]:
        return {
            name[5:]
            for name, value in World(acts).contact(SHOP_LISTS).items()
            if name.startswith("flag_") and value
        }

    assert flags() == {"never"}
    assert flags(did("cart_update", occurred_at=ago(hours=2))) == {"cart_t1", "never"}
    assert flags(did("cart_update", occurred_at=ago(hours=25))) == {"cart_t2", "never"}
    assert flags(did("cart_update", 1), did("purchase", 0, value=99.0)) == {"first_purchase"}
    assert flags(did("purchase", 100, value=100.0), did("purchase", 0)) == {"repeat_buyer", "big"}
    assert flags(*[did("page_view", 1, asset="/x")] * 3) == {"keen", "never"}
