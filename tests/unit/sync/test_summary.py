"""What a plan says it moves, and the rule behind each of the largest moves."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.sync.house import MODEL, SCORE, House, nurture


@pytest.fixture
def house(tmp_path: Path) -> House:
    built = House(tmp_path, fields=(SCORE,), lists=(nurture(),))
    for number, name in enumerate(("ann", "bob", "cem")):
        built.person(name, f"salesforce:Lead:L{number}", f"mailchimp:members:{name}")
        built.score(name, 40, rule_demo=30_000, rule_visit=10_000)
    return built


def test_first_plan_counts_everybody_as_new_and_nobody_as_moved(house: House) -> None:
    moves = house.plan().moves
    assert (moves.first, moves.scores, moves.largest) == (True, 3, ())
    assert (moves.stages, moves.share) == ({(None, "lead"): 3}, 0)


def test_moves_are_counted_against_what_was_applied_last(house: House) -> None:
    house.sync()
    house.score("ann", 60, "MQL", rule_demo=30_000, rule_visit=30_000)
    house.score("bob", 15, rule_demo=5_000, rule_visit=10_000)
    moves = house.plan().moves
    assert (moves.scores, moves.stages, moves.people, moves.staged) == (2, {("lead", "MQL"): 1}, 3, 1)
    assert moves.lists == {"Nurture": (1, 0)}


def test_new_people_count_where_they_enter_a_stage_above_the_base_one(house: House) -> None:
    house.sync()
    for number, stage in enumerate(("lead", "MQL", "MQL"), 3):
        house.person(f"p{number}", f"salesforce:Lead:L{number}")
        house.score(f"p{number}", 60, stage)
    moves = house.plan().moves
    assert (moves.stages, moves.people, moves.staged) == ({(None, "MQL"): 2}, 3, 2)


def test_largest_move_comes_first_with_the_rule_that_moved_most(house: House) -> None:
    house.sync()
    house.score("ann", 60, rule_demo=25_000, rule_visit=35_000)
    house.score("bob", 15, rule_demo=5_000, rule_visit=10_000)
    largest = house.plan().moves.largest
    assert [(move.contact_id, move.before, move.after) for move in largest] == [
        ("bob", 40, 15),
        ("ann", 40, 60),
    ]
    assert [(move.rule, move.rule_points) for move in largest] == [("demo", -25.0), ("visit", 25.0)]


def test_price_is_asked_for_each_vendor(house: House) -> None:
    assert house.plan().prices == {"mailchimp": 2, "salesforce": 2}


def test_a_model_of_another_name_is_compared_with_the_one_that_is_gone(house: House) -> None:
    house.sync()
    with house.warehouse.write("another name") as con:
        con.execute("alter table contact_scores_demand rename to contact_scores_wish")
        con.execute("alter table account_scores_demand rename to account_scores_wish")
        con.execute("update contact_scores_wish set stage = 'MQL', score = 90")
    house.models = [replace(MODEL, name="wish")]
    _everybody_moved(house)


def test_another_main_model_is_compared_with_the_one_that_was(house: House) -> None:
    other = replace(MODEL, name="other")
    with house.warehouse.write("two models") as con:
        con.execute("create table contact_scores_other as from contact_scores_demand")
        con.execute("create table account_scores_other as from account_scores_demand")
        con.execute("update contact_scores_other set stage = 'MQL', score = 90")
    house.models = [MODEL, other]
    house.sync()
    house.models = [other, MODEL]
    _everybody_moved(house)


def _everybody_moved(house: House) -> None:
    moves = house.plan().moves
    assert (moves.first, moves.people, moves.stages) == (False, 3, {("lead", "MQL"): 3})
