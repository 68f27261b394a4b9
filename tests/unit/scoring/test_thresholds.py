"""Ratings, grades and stages that nobody reaches or leaves are told of."""

import pytest

from tests.unit.scoring.people import model
from tests.unit.scoring.test_validation import CLICK, FIT, told, whole


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (f"{FIT}rating: {{levels: [20, 41]}}\n", ["rating level 41 cannot be reached", "40 is the highest"]),
        (f"{FIT}rating: {{levels: [0, 20]}}\n", ["rating level 0 is always passed", "0 is the lowest"]),
        ("rating: {levels: [20, 40]}\n", ["rating is always empty"]),
        (f"{FIT}rating: {{levels: [20, 40], cells: {{E1: cold}}}}\n", ["cell E1 names nobody"]),
        (f"{FIT}rating: {{levels: [20, 40], cells: {{A9: hot}}}}\n", ["cell A9 names nobody"]),
        (
            FIT.replace("A: 50", "A: 51"),
            ["overall grade A cannot be reached", "51", "50 is the highest fit"],
        ),
        (
            FIT.replace("B: 20", "B: 0"),
            ["overall grade D is never given", "B begins at 0", "0 is the lowest fit"],
        ),
        (
            FIT.replace("{A: 50, B: 20}", "{overall: {A: 9}, person: {A: 60}}"),
            ["person grade A cannot be reached"],
        ),
        (
            (
                "fit: {person: [{id: a, when: \"city = 'x'\", points: 30}, {id: b, when: \"city = 'y'\", points: 30}],"  # noqa: E501  # a case reads best on one line
                " grades: {A: 60}}\n"
            ),
            ["overall grade A cannot be reached", "30 is the highest fit"],
        ),
        (
            "fit: {person: [{id: a, when: \"city = 'x' and city = 'y'\", points: 30}]}\n",
            ["fit rule a can never fire"],
        ),
        (
            (
                "fit: {weights: percent, person: [{id: a, weight: 100%, values: ["
                "{when: \"city = 'x' and city = 'y'\", points: 50}, {when: \"city = 'x'\", points: 100}]}]}\n"
            ),
            ["fit rule a: value 1 can never be reached", "city = 'y'"],
        ),
        (
            "fit: {ladder: thirds, person: [{id: a, when: \"city = 'x' and city = 'y'\", thirds: 2}]}\n",
            ["fit rule a never moves anybody up", "city = 'y'"],
        ),
        (
            (
                "where: \"country = 'US'\"\n"
                "fit: {ladder: thirds, person: [{id: de, when: \"country = 'DE'\", thirds: 2}]}\n"
            ),
            ["fit rule de never moves anybody up", "'where'"],
        ),
        (
            (
                "fit: {weights: percent, person: [{id: a, weight: 100%, values: ["
                '{when: "city is not null", points: 50}, {when: "city = \'x\'", points: 100}]}]}\n'
            ),
            ["fit rule a: value 2", "never reached"],
        ),
        (
            'fit: {person: [{id: a, when: "employees > 50", points: 3}, {id: b, when: "employees > 100", points: 3}]}\n',  # noqa: E501  # a case reads best on one line
            ["fit rules a and b overlap", "whoever meets b meets a too"],
        ),
        (
            'fit: {person: [{id: a, when: "employees > 50", points: 3}, {id: b, when: "50 < employees", points: 3}]}\n',  # noqa: E501  # a case reads best on one line
            ["fit rules a and b overlap", "join them"],
        ),
    ],
)
def test_ratings_and_grades_out_of_reach_are_told_of(more: str, words: list[str]) -> None:
    (sentence,) = told(whole(more))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ('{name: M, enter: "score >= 41"}', ["stage M can never be entered", "0 to 40"]),
        ("{name: M, enter: \"grade = 'C'\"}", ["stage M can never be entered", "A, B, D"]),
        ('{name: M, enter: "score >= 20", stay: "score >= 0"}', ["stage M is never left: its", "score >= 0"]),
        (
            '{name: M, enter: "score >= 10", stay: "true"}, {name: S, enter: "score >= 20"}',
            ["stage M is never left but for a higher one", "'true' is always true"],
        ),
        (
            '{name: M, enter: "score >= 0"}, {name: S, enter: "score >= 20"}',
            ["stage M: nobody is ever below it", "'score >= 0' is always true"],
        ),
        ('{name: M, enter: "score >= 20", stay: "score > 40"}', ["nobody can meet its stay", "score > 40"]),
        (
            '{name: M, enter: "score >= 20", stay: "score >= 30"}',
            ["stay 'score >= 30' is stricter than enter"],
        ),
        (
            '{name: M, enter: "score >= 20"}, {name: S, enter: "score >= 10"}',
            ["M can never be entered from below", "S"],
        ),
    ],
)
def test_stages_that_nobody_enters_or_leaves_are_told_of(stages: str, words: list[str]) -> None:
    (sentence,) = told(whole(f"{FIT}stages: [{stages}]\n"))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("enter", "possible"),
    [
        ("temperature = 'hot' and idle_days >= 3", False),
        ("temperature = 'hot' and idle_days = 2", True),
        ("temperature = 'warm' and idle_days >= 20", False),
        ("temperature <> 'cold' and idle_days is null", False),
        ("temperature = 'cold' and idle_days is null", True),
        ("temperature = 'cold' and idle_days < 20", False),
        ("trend = 'rising' and idle_days >= 10", False),
        ("trend = 'steady' and idle_days >= 10", False),
        ("trend in ('rising', 'steady') and idle_days = 9", True),
        ("trend = 'falling' and idle_days between 10 and 19", True),
        ("trend = 'falling' and idle_days >= 20", False),
        ("trend is null and idle_days < 20", False),
        ("trend is null and idle_days = 20", True),
        ("trend = 'rising' and temperature = 'cold'", False),
        ("days_in_stage > 5", True),  # in the base stage too, once that is in the history
    ],
)
def test_trend_and_temperature_go_with_the_days_of_idleness(enter: str, possible: bool) -> None:  # noqa: FBT001  # a table
    keys = "trend: {days: 10d}\ntemperature: {hot: 3d, warm: 20d}\n"
    found = told(whole(f'{keys}stages: [{{name: M, enter: "{enter}"}}]\n'))
    assert bool(found) is not possible, found


@pytest.mark.parametrize(
    ("rule", "levels", "never"),
    [
        ("points: 10, first: true", "[3, 5]", [2]),
        ("points: 10, first: true", "[3, 5, 10]", [2, 3]),
        ("points: 10, first: true", "[5, 10]", [2]),
        ("points: 10, first: true", "[10]", []),
        ('points: 10, at_most: "2 in 9d", decay: {window: 5d}', "[11, 15, 20]", [2, 3]),
        ('points: 10, at_most: "2 in 9d", decay: {half_life: 5d}', "[11, 15, 20]", []),
        ("points: 10, per: contact, cap: 4, floor: 2", "[3, 4]", [2]),
        ("points: 10", "[3, 5]", []),
        ('tiers: [{at_least: "1 in 9d", points: 7}, {at_least: "1 in 99d", points: 3}]', "[4, 7]", [2]),
        ("steps: [{from: 1, points: 3}, {from: 9, points: 8}], first: true", "[3, 5, 8]", [3]),
    ],
)
def test_levels_between_the_scores_there_can_be_are_told_of(rule: str, levels: str, never: list[int]) -> None:
    found = told(model([f"id: a, event: call, {rule}"], f"{FIT}rating: {{levels: {levels}}}\n"))
    said = [f"rating level {level} is never given: no score is from" for level in never]
    assert [sentence[: len(said[0])] if said else sentence for sentence in found] == said


def test_a_score_that_ages_lies_between_levels() -> None:
    rule, rating = "id: a, event: call, points: 10, first: true", f"{FIT}rating: {{levels: [3, 5]}}\n"
    for step, doubts in (
        ("points: -6", 0),
        ("at_most: 4", 0),
        ("lose: 60%", 0),
        ("lose: 9%, every: 9d", 0),
        ("points: -1", 1),
    ):
        assert len(told(model([rule], rating, f"  ageing: [{{idle: 9d, {step}}}]\n"))) == doubts


@pytest.mark.parametrize(
    ("fit", "never"),
    [
        ("person: [{id: a, when: \"city = 'x'\", points: 50}], grades: {A: 50, B: 45, C: 20}", "BC"),
        (
            (
                "person: [{id: a, when: \"city = 'x'\", points: 50}, "
                "{id: b, when: title is null, points: -10}], grades: {A: 50, B: 40, C: 20}"
            ),
            "C",
        ),
        (
            (
                "weights: percent, person: [{id: a, weight: 100%, values: "
                "[{when: \"city = 'x'\", points: 80}, {when: \"city = 'y'\", points: 30}]}], "
                "grades: {A: 80, B: 40, C: 30}"
            ),
            "B",
        ),
    ],
)
def test_grades_between_the_fits_there_can_be_are_told_of(fit: str, never: str) -> None:
    found = told(whole(f"fit: {{{fit}}}\n"))
    assert [sentence.split(" is never given: no fit is from")[0] for sentence in found] == [
        f"overall grade {letter}" for letter in never
    ]


_RATED = "rating: {levels: [10, 20], cells: {A3: hot}}\n"


@pytest.mark.parametrize(
    ("enter", "possible"),
    [
        ("level = 3 and score < 20", False),
        ("level = 3 and score = 20", True),
        ("level = 1 and score >= 10", False),
        ("grade = 'A' and fit < 50", False),
        ("grade = 'B' and fit >= 50", False),
        ("grade = 'D' and fit < 20", True),
        ("rating = 'A3' and level = 2", False),
        ("rating = 'A3' and grade = 'B'", False),
        ("rating = 'A3' and score < 20", False),
        ("priority = 'hot' and rating <> 'A3'", False),
        ("priority = 'hot' and grade = 'A'", True),
        ("priority is null and rating = 'A3'", False),
    ],
)
def test_a_cell_goes_with_its_letter_its_level_and_their_numbers(enter: str, possible: bool) -> None:  # noqa: FBT001  # a table
    found = told(whole(f'{FIT}{_RATED}stages: [{{name: M, enter: "{enter}"}}]\n'))
    assert bool(found) is not possible, found


def test_the_lowest_letter_may_have_a_threshold_of_its_own() -> None:
    graded = FIT.replace("B: 20", "B: 20, D: 0")
    assert told(whole(f"{graded}stages: [{{name: M, enter: \"grade = 'D' and fit < 5\"}}]\n")) == []


def test_a_group_whose_cap_is_0_is_told_of() -> None:
    text = model([CLICK, "id: a, event: call, points: 1, group: x"], activity="  caps: {x: 0}\n")
    (sentence,) = told(text)
    assert "group x gives no points: its cap is 0" in sentence


@pytest.mark.parametrize("activity", ["  caps: {x: {max: 0}}\n", "  total: {max: 0}\n"])
def test_a_bound_of_0_leaves_points_below_it(activity: str) -> None:
    assert told(model(["id: a, event: call, points: -1, group: x"], activity=activity)) == []


def test_a_total_of_0_that_ageing_raises_is_left_alone() -> None:
    steps = "  total: {max: 0}\n  ageing: [{idle: 9d, points: 5}]\n"
    assert told(model([CLICK], activity=steps)) == []
