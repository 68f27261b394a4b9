"""Ageing, caps, the total, and contributions that add up."""

import pytest

from scoring.decay import by_age, factor, milli
from scoring.spec import Decay
from tests.unit.scoring.people import NOW, World, did, model, points, rows


@pytest.mark.parametrize(
    ("decay", "age", "left"),
    [
        (Decay("half_life", 30), 30, 0.5),
        (Decay("half_life", 30, after=10), 40, 0.5),
        (Decay("half_life", 30, after=10), 10, 1.0),
        (Decay("linear", 90), 45, 0.5),
        (Decay("linear", 90), 91, 0.0),
        (Decay("lose", 30, 25), 29, 1.0),
        (Decay("lose", 30, 25), 60, 0.5625),
        (Decay("lose", 30, 25, compound=False), 60, 0.5),
        (Decay("lose", 30, 25, compound=False), 600, 0.0),
        (Decay("window", 30), 29, 1.0),
        (Decay("window", 30), 30, 0.0),
        (Decay(), 36_000, 1.0),
    ],
)
def test_factor(decay: Decay, age: int, left: float) -> None:
    assert factor(decay, age) == left


def test_milli_points_round_half_away_from_zero() -> None:
    assert [milli(0.0005), milli(-0.0005), milli(1.5, 0.333), milli(0.0004)] == [1, -1, 500, 0]


def test_the_table_by_age_ends_where_nothing_changes() -> None:
    assert by_age(1, Decay("window", 3)) == [1000, 1000, 1000, 0]
    assert by_age(1, Decay()) == [1000]
    assert by_age(1, Decay("half_life", 1))[-2:] == [1, 0]


def test_caps_of_rule_group_and_total_are_lines_of_their_own() -> None:
    rules = [
        "id: open, event: email_open, points: 3, group: email, cap: 10",
        "id: click, event: email_click, points: 15, group: email",
        "id: leave, event: unsubscribe, points: -50, floor: -40",
        "id: call, event: call, points: 60",
    ]
    text = model(rules, activity="  caps: {email: 20}\n  total: {min: 0, max: 35}\n")
    acts = [*[did("email_open")] * 5, did("email_click"), did("unsubscribe"), did("call")]
    scores = World(acts).scores(text)
    assert points(scores) == {
        "open": 15,
        "cap:open": -5,
        "click": 15,
        "cap:email": -5,
        "leave": -50,
        "cap:leave": 10,
        "call": 60,
        "total": -5,
    }
    assert rows(scores.numbers)[0]["score"] == 35


def test_a_total_may_be_negative_unless_the_model_says_otherwise() -> None:
    assert (
        World([did("unsubscribe")]).contact(model(["id: u, event: unsubscribe, points: -5"]))["score"] == -5
    )


@pytest.mark.parametrize(("days", "score"), [(44, 80), (45, 50), (89, 50), (90, 0)])
def test_idle_totals_are_limited(days: int, score: int) -> None:
    text = model(
        ["id: call, event: call, points: 80"],
        activity="  ageing: [{idle: 45d, at_most: 50}, {idle: 90d, at_most: 0}]\n",
    )
    assert World([did("call", days)]).contact(text)["score"] == score


@pytest.mark.parametrize(("days", "milli_points"), [(13, 80_000), (14, 68_000), (27, 68_000), (28, 57_800)])
def test_idle_totals_lose_a_share(days: int, milli_points: int) -> None:
    text = model(
        ["id: call, event: call, points: 80"], activity="  ageing: [{idle: 14d, lose: 15%, every: 14d}]\n"
    )
    assert World([did("call", days)]).contact(text)["score_milli"] == milli_points


def test_ageing_steps_are_chosen_by_the_total_before_them() -> None:
    steps = "  ageing: [{idle: 30d, points: -15, over: 30}, {idle: 30d, points: -5, from: 0, to: 30}]\n"
    for count, score in ((4, 25), (3, 25), (0, 0)):
        acts = [did("call", 31)] * count
        assert (
            World(acts).contact(model(["id: call, event: call, points: 10"], activity=steps))["score"]
            == score
        )


def test_whole_points_go_to_the_largest_remainders_and_add_up() -> None:
    rules = [
        "id: a, event: call, points: 0.4",
        "id: b, event: meeting, points: 0.4",
        "id: c, event: search, points: 0.7",
    ]
    scores = World([did("call"), did("meeting"), did("search")]).scores(model(rules))
    assert points(scores) == {"a": 1, "b": 0, "c": 1}
    assert rows(scores.numbers)[0]["score"] == 2


def test_reasons_fit_their_field_and_say_what_is_left_out() -> None:
    rules = [
        f"id: r{index:02}, event: t{index:02}, points: {index + 1}, says: did the thing number {index:02}"
        for index in range(30)
    ]
    acts = [did(f"t{index:02}", 1) for index in range(30)]
    (row,) = rows(World(acts).scores(model([*rules, "id: zz, event: call, points: 0"])).contacts)
    assert len(row["reasons"]) <= 255
    shown = [part.split()[0] for part in row["reasons"].split(" · ")]
    assert shown[:2] == ["+30", "+29"]
    count, _, rest = row["reasons"].split(" · ")[-1].partition(" more, ")
    assert (int(count), int(rest)) == (30 - len(shown) + 1, 465 - sum(int(number) for number in shown[:-1]))
    assert row["details"].count("\n") == 29
    assert "2026-11-21" in row["details"]


def test_texts_come_in_spanish() -> None:
    text = model(["id: demo, event: demo_request, points: 30"], "language: es\n")
    (row,) = rows(World([did("demo_request", 2)]).scores(text).contacts)
    assert row["reasons"] == "+30 pidió una demo, hace 2 días"


def test_english_says_how_often_and_when() -> None:
    text = model(["id: demo, event: demo_request, points: 30, says: asked for a demo"])
    (row,) = rows(World([did("demo_request", 2), did("demo_request", 0)]).scores(text).contacts)
    assert row["reasons"] == "+60 asked for a demo (2\u00d7), today"
    assert rows(World([did("demo_request", 365)]).scores(text, NOW).contacts)[0]["reasons"].endswith(
        "365 days ago"
    )
