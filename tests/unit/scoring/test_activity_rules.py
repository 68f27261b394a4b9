"""Activity rules: what each key makes of a handful of activities, worked by hand."""

from datetime import UTC, datetime

import pyarrow as pa

from tests.unit.scoring.people import NOW, World, ago, by_id, did, model, points, rows


def test_fixed_points_need_type_and_condition() -> None:
    world = World(
        [did("page_view", 1, asset="/pricing"), did("page_view", 1, asset="/blog"), did("page_view", 1)]
    )
    text = model(["id: pricing, event: page_view, when: \"asset like '/pricing%'\", points: 10"])
    assert world.contact(text)["score_milli"] == 10_000


def test_steps_give_points_by_value() -> None:
    world = World(
        [
            did("video_view", 0, "p1", value=10.0),
            did("video_view", 0, "p2", value=75.0),
            did("video_view", 0, "p3", value=9.9),
        ],
        contacts=[{"contact_id": who} for who in ("p1", "p2", "p3")],
    )
    text = model(["id: video, event: video_view, steps: [{from: 10, points: 2}, {from: 75, points: 8}]"])
    found = by_id(world.scores(text).numbers)
    assert [found[who]["score"] for who in ("p1", "p2", "p3")] == [2, 8, 0]


def test_the_future_and_the_unseen_do_not_exist_except_in_hindsight() -> None:
    late = did("call", 2, seen_at=ago(-1))
    world = World([late, did("call", -1)])
    text = model(["id: call, event: call, points: 5"])
    assert world.contact(text)["score"] == 0
    assert world.contact(text, hindsight=True)["score"] == 5


def test_machines_never_match_unless_the_rule_says_so() -> None:
    world = World([did("email_open", 0, origin="machine"), did("email_open", 0)])
    text = model(
        ["id: people, event: email_open, points: 1", "id: all, event: email_open, points: 10, machine: true"]
    )
    found = world.contact(text)
    assert (found["rule_people"], found["rule_all"]) == (1_000, 20_000)


def test_counting_rules() -> None:
    acts = [
        did("page_view", days, asset=asset)
        for days, asset in ((0, "/a"), (0, "/a"), (3, "/b"), (6, "/c"), (7, "/d"))
    ]
    acts += [did("email_click", 5), did("email_open", 1), did("email_open", 20)]
    text = model(
        [
            'id: newest_two, event: page_view, at_most: "2 in 7d", points: 1',
            'id: daily, event: page_view, at_most: "1 per day", points: 1',
            'id: enough, event: page_view, at_least: "4 in 7d", points: 12, per: contact',
            'id: too_many, event: page_view, at_least: "5 in 7d", points: 12, per: contact',
            'id: each_of_four, event: page_view, at_least: "4 in 7d", points: 1',
            'id: one_click, event: email_click, exactly: "1 in 14d", points: 10',
            "id: assets, event: page_view, per: asset, points: 1",
            'id: one_item, event: page_view, at_least: "2 per asset", per: asset, points: 4',
            'id: pages, event: page_view, distinct: asset, at_least: "3 in 7d", per: contact, points: 3',
            "id: first_open, event: email_open, first: true, points: 5, decay: {window: 10d}",
            "id: again, event: page_view, again: 4d, points: 1",
            "id: unclicked, event: email_open, unless: email_click, points: 1",
        ]
    )
    found = World(acts).contact(text)
    expected = {
        "newest_two": 2,
        "daily": 4,
        "enough": 12,
        "too_many": 0,
        "each_of_four": 4,
        "one_click": 10,
        "assets": 4,
        "one_item": 4,
        "pages": 3,
        "first_open": 0,
        "again": 4,
        "unclicked": 0,
    }
    assert {name: found[f"rule_{name}"] / 1000 for name in expected} == expected


def test_visits_end_with_half_an_hour_of_silence() -> None:
    acts = [
        did("page_view", 0, occurred_at=ago(minutes=minutes), asset=f"/{minutes}")
        for minutes in range(0, 18, 2)
    ]
    acts += [
        did("page_view", 2),
        did("page_view", 2, occurred_at=ago(2, minutes=30)),
        did("page_view", 2, occurred_at=ago(2, minutes=61)),
    ]
    text = model(
        [
            "id: visits, event: page_view, per: visit, points: 1",
            'id: two_visits, event: page_view, distinct: visit, at_least: "2 in 7d", per: contact, points: 8',
            'id: deep, event: page_view, distinct: asset, at_least: "9 per visit", per: visit, points: 7',
            'id: deeper, event: page_view, at_least: "10 per visit", per: visit, points: 70',
        ]
    )
    found = World(acts).contact(text)
    assert [found[f"rule_{name}"] for name in ("visits", "two_visits", "deep", "deeper")] == [
        3_000,
        8_000,
        7_000,
        0,
    ]


def test_an_abandoned_cart_is_forgiven_by_a_purchase() -> None:
    text = model(["id: cart, event: cart_update, unless_after: purchase, per: contact, points: 6"])
    assert World([did("cart_update", 1)]).contact(text)["score"] == 6
    assert World([did("purchase", 2), did("cart_update", 1)]).contact(text)["score"] == 6
    assert World([did("cart_update", 1), did("purchase", 0)]).contact(text)["score"] == 0


def test_conditions_may_read_the_person() -> None:
    world = World(
        [did("page_view"), did("page_view", who="p2")],
        contacts=[
            {"contact_id": "p1", "country": "ES", "age": 30},
            {"contact_id": "p2", "country": "FR", "age": 50},
        ],
        extra={"contacts": {"age": pa.int64()}},
    )
    text = model(
        [
            "id: spain, event: page_view, when: \"country = 'ES'\", points: 3",
            'id: older, event: page_view, when: "age > 40", points: 5, at_most: "1 in 7d"',
        ]
    )
    found = by_id(world.scores(text).numbers)
    assert (found["p1"]["score"], found["p2"]["score"]) == (3, 5)


def test_idle_trend_and_low_interest_are_rules() -> None:
    rules = [
        "id: quiet, idle: 45d, points: -15",
        "id: less, trend: falling, points: -5",
        "id: deaf, low_interest: true, points: -2",
    ]
    more = 'trend: {days: 30d}\nlow_interest: {event: email_sent, at_least: "2 in 90d", unless: email_open}\n'
    text = model(rules, more)
    mails = [did("email_sent", 1), did("email_sent", 2)]
    found = World([*mails, did("call", 45)]).contact(text)
    assert (found["score"], found["idle_days"], found["trend"], found["low_interest"]) == (
        -22,
        45,
        "falling",
        True,
    )
    found = World([*mails, did("call", 44), did("call", 3), did("email_open", 80)]).contact(text)
    assert (found["score"], found["trend"], found["temperature"], found["low_interest"]) == (
        0,
        "steady",
        "hot",
        False,
    )
    nobody = World().contact(text)
    assert (nobody["score"], nobody["idle_days"], nobody["trend"], nobody["temperature"]) == (
        0,
        None,
        None,
        "cold",
    )


def test_tiers_take_the_first_that_holds() -> None:
    tiers = '[{at_least: "2 in 7d", points: 35}, {exactly: "2 in 14d", points: 26.25}]'
    text = model([f"id: forms, event: form_submit, tiers: {tiers}"])
    assert World([did("form_submit", 1), did("form_submit", 6)]).contact(text)["score_milli"] == 35_000
    assert World([did("form_submit", 1), did("form_submit", 7)]).contact(text)["score_milli"] == 26_250
    assert World([did("form_submit", days) for days in (1, 8, 9)]).contact(text)["score_milli"] == 0


def test_days_begin_at_midnight_of_the_zone() -> None:
    world = World(
        [did("call", 0, occurred_at=datetime(2026, 11, 20, 23, 30, tzinfo=UTC).replace(tzinfo=None))]
    )
    text = model(["id: call, event: call, points: 10, decay: {window: 2d}"])
    assert world.contact(text)["score"] == 0
    assert world.contact(text, time_zone="Europe/Madrid")["score"] == 10
    assert world.contact(text, time_zone="America/New_York")["score"] == 0


def test_replaying_the_same_activities_changes_nothing() -> None:
    text = model(["id: call, event: call, points: 5"], "journey: {decision: [call]}\n")
    scores = World([did("call", 1), did("call", 400)]).scores(text)
    assert rows(scores.journey) == [{"contact_id": "p1", "stage": "decision", "count": 2}]
    assert points(scores) == {"call": 10}
    assert rows(scores.contacts)[0]["as_of"] == NOW.replace(tzinfo=None)
