"""Cases on which the compiler and the slow scorer once disagreed, worked by hand from docs/models.md."""

import pytest

from core.errors import ModelError
from tests.unit.scoring.people import World, by_id, did, model


def test_distinct_activity_counts_activities_though_days_earn() -> None:
    world = World([did("page_view", 1), did("page_view", 1), did("page_view", 2)])
    rule = "event: page_view, at_least: 3 in 7d, per: day, points: 4"
    found = world.contact(model([f"id: days, {rule}", f"id: all, {rule}, distinct: activity"]))
    assert (found["rule_days"], found["rule_all"]) == (
        0,
        8_000,
    )  # two days are not three; three activities are


def test_a_flag_in_parentheses_that_nobody_set_is_not_set() -> None:
    world = World(contacts=[{"contact_id": "p1"}, {"contact_id": "p2", "is_customer": True}])
    found = by_id(world.scores("model: m\nversion: 1\nwhere: not (is_customer)\n").numbers)
    assert set(found) == {"p1"}


def test_exactly_none_needs_a_match_where_a_time_is_asked_for() -> None:
    flags = "flags:\n  - {id: never, event: purchase, exactly: 0}\n"
    flags += "  - {id: late, event: purchase, exactly: 0, since: 1h}\n"
    found = World().contact(f"model: m\nversion: 1\n{flags}")
    assert (found["flag_never"], found["flag_late"]) == (True, False)


def test_an_account_that_is_its_own_parent_counts_itself_once() -> None:
    world = World([did("call")], accounts=[{"account_id": "a1", "parent_id": "a1"}])
    scores = world.scores(model(["id: call, event: call, points: 7"], more="account: {roll_up: true}\n"))
    assert by_id(scores.accounts, "account_id")["a1"]["score"] == 7


def test_a_total_that_loses_little_each_day_still_has_some_after_500() -> None:
    world = World([did("call", 500)])
    text = model(
        ["id: call, event: call, points: 1000"], activity="  ageing:\n    - {idle: 1d, lose: 1%, every: 1d}\n"
    )
    assert world.contact(text)["score_milli"] == 6_570  # 0.99 ** 500 = 0.0065705


def test_nothing_lost_is_nothing_lost() -> None:
    world = World([did("call", 500)])
    text = model(
        ["id: call, event: call, points: 8"], activity="  ageing:\n    - {idle: 1d, lose: 0%, every: 1d}\n"
    )
    assert world.contact(text)["score"] == 8


def test_steps_may_stand_in_any_order() -> None:
    world = World([did("video_view", value=80.0)])
    text = model(["id: video, event: video_view, steps: [{from: 75, points: 8}, {from: 10, points: 2}]"])
    assert world.contact(text)["score"] == 8


def test_grades_may_name_every_letter_in_any_order() -> None:
    world = World(contacts=[{"contact_id": "p1", "title": "CEO"}])
    fit = "fit:\n  person: [{id: titled, when: title is not null, points: 30}]\n"
    fit += "  grades: {D: 0, C: 25, B: 50, A: 75}\n"
    assert world.contact(f"model: m\nversion: 1\n{fit}")["grade"] == "C"


def test_a_column_that_is_not_there_is_named_in_fit_too() -> None:
    fit = "fit:\n  person: [{id: senior, when: titel is not null, points: 1}]\n"
    with pytest.raises(
        ModelError, match=r"model.yaml:4: fit.person.0.when: .*'titel'\n.*did you mean 'title'"
    ):
        World().contact(f"model: m\nversion: 1\n{fit}")


def test_a_cap_of_a_group_without_rules_does_nothing_and_a_misspelt_one_is_refused() -> None:
    rules = ["id: click, event: email_click, points: 30, group: email"]
    found = World([did("email_click")]).contact(model(rules, activity="  caps: {email: 20, web: {min: 5}}\n"))
    assert found["score"] == 20
    with pytest.raises(ModelError, match=r"model.yaml:6: activity.caps.emial: .*\n.*did you mean 'email'"):
        World().scores(model(rules, activity="  caps: {emial: 20}\n"))


def test_hours_that_make_whole_days_are_a_window() -> None:
    world = World([did("call", 0), did("call", 1), did("call", 2)])
    found = world.contact(model(["id: two, event: call, at_most: 5 in 48h, points: 1"]))
    assert found["score"] == 2
    with pytest.raises(ModelError, match="'5 in 30h' is not a count"):
        World().scores(model(["id: two, event: call, at_most: 5 in 30h, points: 1"]))


def test_exclusions_may_go_without_a_reason() -> None:
    contacts = [{"contact_id": "p1", "email": "a@b.test"}, {"contact_id": "p2", "email": "x@y.test"}]
    text = (
        "model: m\nversion: 1\nexclude: [\"email like '%b.test'\", {reason: rest, when: email is not null}]\n"
    )
    found = by_id(World(contacts=contacts).scores(text).excluded)
    assert {who: row["reason"] for who, row in found.items()} == {"p1": "exclude", "p2": "rest"}
