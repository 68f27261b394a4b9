"""Doubtful models are told of: every check has a model that it alone finds, and one it leaves alone."""

from pathlib import Path

import pytest

from scoring.loader import load_model, parse_model
from scoring.validation import FOLLOWED, warnings
from tests.unit.scoring.people import model

ROOT = Path(__file__).parents[3]
CLICK = "id: click, event: email_click, points: 3"
_RULES = "activity:\n  rules:\n    - {id: form, event: form_submit, points: 10, cap: 40}\n"
_FIT = 'fit: {person: [{id: title, when: "title is not null", points: 50}], grades: {A: 50, B: 20}}\n'


def _told(text: str) -> list[str]:
    return warnings(parse_model(text))


def _whole(more: str) -> str:
    """A model whose scores go from 0 to 40 and whose grades are A and D, with more to it."""
    return f"model: m\nversion: 1\n{_RULES}{more}"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("id: a, event: emial_click, points: 1", ["rule a", "emial_click", "write 'email_click'"]),
        (
            "id: a, event: email_click, unless: bougth_it, points: 1",
            ["rule a", "bougth_it", "no source gives"],
        ),
        (
            'id: a, event: purchase, when: "value > 9 and value < 3", points: 1',
            ["rule a can never fire", "value > 9"],
        ),
        (
            "id: a, event: page_view, when: \"lower(asset) like '%Pricing%'\", points: 1",
            ["rule a can never fire"],
        ),
        ("id: a, event: page_view, when: \"type = 'purchase'\", points: 1", ["rule a can never fire"]),
        ("id: a, event: email_open, when: \"origin = 'machine'\", points: 1", ["rule a can never fire"]),
        (
            "id: a, event: page_view, points: 1, cap: 0",
            ["rule a gives no points", "cap is 0", "still counts"],
        ),
        ("id: a, idle: 9d, points: 1, cap: 0, floor: -2", ["rule a gives no points: its cap is 0; raise"]),
        (
            "id: a, event: page_view, unless: page_view, points: 1",
            ["rule a can never fire", "unless names page_view"],
        ),
        (
            "id: a, event: cart_update, unless_after: [purchase, cart_update], points: 1",
            ["rule a can never", "unless_after"],
        ),
        (
            'id: a, event: page_view, first: true, at_least: "2 in 7d", points: 1',
            ["rule a", "asks for 2", "at most 1"],
        ),
        (
            'id: a, event: page_view, distinct: day, at_least: "9 in 7d", points: 1',
            ["rule a", "asks for 9", "at most 7"],
        ),
        (
            'id: a, event: page_view, distinct: day, exactly: "8 in 7d", points: 1',
            ["rule a", "asks for 8", "at most 7"],
        ),
        (
            'id: a, event: page_view, distinct: day, at_least: "5 in 30d", at_most: "9 in 3d", points: 1',
            ["rule a", "asks for 5", "at most 3"],
        ),
        (
            'id: a, event: page_view, at_least: "5 in 2d", at_most: "2 per day", points: 1',
            ["rule a", "asks for 5", "at most 4"],
        ),
        (
            'id: a, event: page_view, per: asset, at_least: "3 per asset", distinct: asset, points: 1',
            ["asks for 3", "at most 1"],
        ),
        (
            'id: a, event: form_submit, tiers: [{at_least: "1 in 9d", points: 9}, {at_least: "2 in 7d", points: 20}]',  # noqa: E501  # a case reads best on one line
            ["rule a: tier 2 is never reached", "tier 1"],
        ),
        (
            'id: a, event: form_submit, tiers: [{exactly: "2 in 9d", points: 9}, {exactly: "2 in 9d", points: 20}]',  # noqa: E501  # a case reads best on one line
            ["rule a: tier 2 is never reached"],
        ),
        (
            "id: a, event: video_view, steps: [{from: 10, points: 1}, {from: 150, points: 2}]",
            ["rule a", "150", "100 %"],
        ),
        (
            'id: a, event: purchase, when: "value >= 50", steps: [{from: 10, points: 1}, {from: 40, points: 2}]',  # noqa: E501  # a case reads best on one line
            ["rule a: the step from 10 is never reached"],
        ),
        (
            "id: a, event: email_click, points: 5",
            ["rules click and a overlap", "every email_click", "join them"],
        ),
        (
            "id: a, event: [email_click, email_open], when: \"asset = 'x'\", points: 5",
            ["rules click and a overlap", "matches a matches click too", "+5 and +3"],
        ),
    ],
)
def test_a_doubtful_rule_is_told_of_once(rule: str, words: list[str]) -> None:
    (sentence,) = _told(model([CLICK, rule]))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    "rule",
    [
        'id: a, event: purchase, when: "value > 3 and value < 9", points: 1',
        'id: a, event: purchase, when: "value >= 3 and value <= 3", points: 1',
        "id: a, event: page_view, when: \"lower(asset) like '%/pricing%' and asset like '%2026%'\", points: 1",  # noqa: E501  # a case reads best on one line
        "id: a, event: email_open, when: \"origin = 'machine'\", machine: true, points: 1",
        "id: a, event: email_sent, unless: email_sent, points: 1",
        'id: a, event: page_view, distinct: day, at_least: "7 in 7d", points: 1',
        'id: a, event: form_submit, tiers: [{at_least: "2 in 7d", points: 20}, {at_least: "1 in 9d", points: 9}]',  # noqa: E501  # a case reads best on one line
        'id: a, event: page_view, at_least: "4 in 2d", at_most: "2 per day", points: 1',
        'id: a, event: page_view, distinct: asset, per: day, at_least: "9 in 7d", points: 1',
        "id: a, event: video_view, steps: [{from: 10, points: 1}, {from: 75, points: 2}]",
        'id: a, event: email_click, at_least: "3 in 7d", per: contact, points: 9',
        "id: a, event: email_open, points: 1",
        "id: a, event: email_click, steps: [{from: 10, points: 2}]",
        "id: a, event: page_view, points: 1, cap: 0, floor: 2",
        "id: a, event: purchase, when: \"occurred_at between '2026-01-31 00:00' and '2026-01-31'\", points: 1",  # noqa: E501  # a case reads best on one line
    ],
)
def test_a_sound_rule_is_left_alone(rule: str) -> None:
    assert _told(model([CLICK, rule])) == []


@pytest.mark.parametrize("key", ["first: true", "again: 9d", 'exactly: "2 in 9d"'])
def test_rules_that_choose_by_what_else_there_is_do_not_both_earn(key: str) -> None:
    first = f"id: a, event: page_view, points: 1, {key}"
    narrow = f"id: b, event: page_view, when: \"asset = 'x'\", points: 1, {key}"
    wider = f"id: b, event: [page_view, call], points: 1, {key}"
    same = f"id: b, event: page_view, points: 2, {key}"
    assert _told(model([first, narrow])) == []
    assert _told(model([first, wider])) == []
    assert "join them" in _told(model([first, same]))[0]


def test_tiers_of_exact_counts_do_not_both_earn() -> None:
    tiers = 'tiers: [{exactly: "2 in 9d", points: 9}]'
    rules = [f"id: a, event: call, {tiers}", f"id: b, event: call, when: \"asset = 'x'\", {tiers}"]
    assert _told(model(rules)) == []


def test_steps_that_differ_are_no_overlap() -> None:
    rules = [f"id: r{start}, event: call, steps: [{{from: {start}, points: 2}}]" for start in (10, 20)]
    assert _told(model(rules)) == []
    same = [rules[0], rules[0].replace("r10", "again")]
    assert "join them" in _told(model(same))[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('where: "is_customer and not is_customer"\n', ["'where'", "can never fire"]),
        (
            'where: "not is_customer"\nexclude: [{reason: buyer, when: "is_customer"}]\n',
            ["exclusion buyer can never fire"],
        ),
        (
            "exclude: [{reason: a, when: \"email like '%@x.io'\"}, {reason: b, when: \"email like 'bob@x.io'\"}]\n",  # noqa: E501  # a case reads best on one line
            ["exclusion 2", "never reached"],
        ),
        ("exclude: [{reason: a, when: \"city = 'x' and city = 'y'\"}]\n", ["exclusion a can never fire"]),
        ("journey: {first: [page_veiw]}\n", ["journey stage first", "page_veiw"]),
        ("flags: [{id: cart, event: kart}]\n", ["flag cart", "kart"]),
        (
            'flags: [{id: big, event: purchase, when: "value > 5 and value is null"}]\n',
            ["flag big can never fire"],
        ),
        (
            "where: \"country = 'US'\"\nfit: {person: [{id: de, when: \"country = 'DE'\", points: 5}]}\n",
            ["fit rule de can never fire", "'where'"],
        ),
        (
            "exclude: [{reason: x, when: \"city = 'x'\"}]\naccount: {weights: [{when: \"city = 'x'\", weight: 2}]}\n",  # noqa: E501  # a case reads best on one line
            ["account weight 2 can never fire", "'exclude'"],
        ),
        (
            "flags: [{id: none, event: purchase, exactly: 0, since: 3d}]\n",
            ["flag none can never be true", "exactly: 0"],
        ),
        (
            'flags: [{id: few, event: purchase, exactly: 1, at_least: "2 in 9d"}]\n',
            ["flag few can never be true", "for 2 and for exactly 1"],
        ),
        (
            'flags: [{id: old, event: purchase, since: 217h, at_least: "2 in 9d"}]\n',
            ["flag old can never be true", "newer than 'since'"],
        ),
        (
            "flags: [{id: own, event: purchase, unless_after: [purchase, signup]}]\n",
            ["flag own can never be true", "unless_after names purchase"],
        ),
        ('low_interest: {event: email_opne, at_least: "3 in 9d"}\n', ["low_interest", "email_opne"]),
        (
            'low_interest: {event: email_open, at_least: "3 in 9d", unless: email_open}\n',
            ["low_interest can never be true"],
        ),
        ("interest: {weights: {page_vieww: 1}}\n", ["interest.weights", "page_vieww"]),
        (
            'interest: {assets: [{match: "%/a%", product: p}, {match: "%/a/b%", product: q}]}\n',
            ["asset 2", "asset 1"],
        ),
        (
            'account: {weights: [{when: "title is not null", weight: 2}, {when: "title = \'x\'", weight: 3}]}\n',  # noqa: E501  # a case reads best on one line
            ["account weight 2", "never reached"],
        ),
        (
            'account: {buyers: {when: "score > 900", at_least: 2, bonus: 10%}}\n',
            ["account.buyers can never fire"],
        ),
    ],
)
def test_other_parts_that_never_fire_are_told_of(more: str, words: list[str]) -> None:
    (sentence,) = _told(_whole(more))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("{idle: 30d, points: -5, over: 40}", ["ageing step 1 never applies", "40"]),
        ("{idle: 30d, points: -5, from: 30, to: 20}", ["ageing step 1 never applies", "from 30 to 20"]),
        ("{idle: 30d, at_most: 50}", ["ageing step 1 changes nothing", "above 40"]),
        ("{idle: 30d, at_most: 10}, {idle: 60d, at_most: 20}", ["ageing step 2 changes nothing"]),
    ],
)
def test_ageing_steps_below_reach_are_told_of(step: str, words: list[str]) -> None:
    (sentence,) = _told(_whole(f"  ageing: [{step}]\n"))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    "steps",
    [
        "{idle: 30d, points: -5, over: 40.3}",
        "{idle: 30d, points: -5, from: 40.4}",
        "{idle: 30d, at_most: 40.3}",
        "{idle: 5d, at_most: 10}, {idle: 5d, points: 20}, {idle: 5d, at_most: 15}",
        "{idle: 5d, points: 20}, {idle: 6d, at_most: 50}",
    ],
)
def test_ageing_steps_that_change_something_are_left_alone(steps: str) -> None:
    assert _told(_whole(f"  ageing: [{steps}]\n").replace("cap: 40", "cap: 40.4")) == []


def test_points_of_a_later_step_raise_no_total_that_is_asked_for() -> None:
    (sentence,) = _told(
        _whole("  ageing: [{idle: 5d, points: -5, over: 45}, {idle: 5d, points: 20, to: 3}]\n")
    )
    assert "ageing step 1 never applies" in sentence


@pytest.mark.parametrize("since", ["9d", "12960m", "13019m"])
def test_a_window_has_an_hour_more_where_clocks_are_put_back(since: str) -> None:
    flag = f'{{id: old, event: purchase, since: {since}, at_least: "2 in 9d"}}'
    assert _told(_whole(f"flags: [{flag}]\n")) == []


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (f"{_FIT}rating: {{levels: [20, 41]}}\n", ["rating level 41 cannot be reached", "40 is the highest"]),
        (f"{_FIT}rating: {{levels: [0, 20]}}\n", ["rating level 0 is always passed", "0 is the lowest"]),
        ("rating: {levels: [20, 40]}\n", ["rating is always empty"]),
        (f"{_FIT}rating: {{levels: [20, 40], cells: {{E1: cold}}}}\n", ["cell E1 names nobody"]),
        (f"{_FIT}rating: {{levels: [20, 40], cells: {{A9: hot}}}}\n", ["cell A9 names nobody"]),
        (
            _FIT.replace("A: 50", "A: 51"),
            ["overall grade A cannot be reached", "51", "50 is the highest fit"],
        ),
        (
            _FIT.replace("B: 20", "B: 0"),
            ["overall grade D is never given", "B begins at 0", "0 is the lowest fit"],
        ),
        (
            _FIT.replace("{A: 50, B: 20}", "{overall: {A: 9}, person: {A: 60}}"),
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
    (sentence,) = _told(_whole(more))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("stages", "words"),
    [
        ('{name: M, enter: "score >= 41"}', ["stage M can never be entered", "0 to 40"]),
        ("{name: M, enter: \"grade = 'C'\"}", ["stage M can never be entered", "A, B, D"]),
        ('{name: M, enter: "score >= 20", stay: "score >= 0"}', ["stage M can never be left", "score >= 0"]),
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
    (sentence,) = _told(_whole(f"{_FIT}stages: [{stages}]\n"))
    assert all(word in sentence for word in words), sentence


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
    told = _told(_whole(f'{_FIT}{_RATED}stages: [{{name: M, enter: "{enter}"}}]\n'))
    assert bool(told) is not possible, told


def test_the_lowest_letter_may_have_a_threshold_of_its_own() -> None:
    graded = _FIT.replace("B: 20", "B: 20, D: 0")
    assert _told(_whole(f"{graded}stages: [{{name: M, enter: \"grade = 'D' and fit < 5\"}}]\n")) == []


def test_a_company_is_not_its_people() -> None:
    """What 'where' reads is the person's country, a company's criterion the company's."""
    text = "where: \"country = 'US'\"\nfit: {company: [{id: de, when: \"country = 'DE'\", points: 5}]}\n"
    assert _told(_whole(text)) == []


def test_bounds_that_are_open_are_said_in_words() -> None:
    text = _whole('stages: [{name: M, enter: "score < 0"}]\n').replace(", cap: 40", "")
    (sentence,) = _told(text)
    assert "scores are 0 at least" in sentence


def test_a_sound_model_is_left_alone() -> None:
    stages = '{name: M, enter: "score >= 20", stay: "score >= 10"}, {name: S, enter: "score >= 30 and grade = \'A\'"}'  # noqa: E501  # a case reads best on one line
    text = _whole(f"{_FIT}rating: {{levels: [20, 40], cells: {{A3: hot}}}}\nstages: [{stages}]\n")
    assert _told(text) == []


def test_escalation_that_cannot_come_is_told_of() -> None:
    text = _whole("").replace("cap: 40", "cap: 40, signal: buying")
    (sentence,) = _told(f"{text}{_FIT}escalate: {{signal: buying, within: 24h, when: \"stage = 'x'\"}}\n")
    assert "escalate can never fire" in sentence


def test_a_model_of_demographics_alone_is_told_of() -> None:
    (sentence,) = _told(f"model: m\nversion: 1\n{_FIT}")
    assert "1 fit rules" in sentence
    assert "add activity rules" in sentence


def test_more_rules_than_a_team_can_follow_are_told_of() -> None:
    rules = [
        f"id: r{number}, event: page_view, when: \"asset = '/{number}'\", points: 1" for number in range(41)
    ]
    (sentence,) = _told(model(rules))
    assert "41 rules" in sentence
    assert _told(model(rules[:FOLLOWED])) == []


def test_the_shipped_model_only_overlaps_where_it_means_to() -> None:
    told = warnings(load_model(ROOT / "config" / "models" / "demand.yaml"))
    assert all("overlap" in sentence for sentence in told)


def test_rules_on_one_instant_written_twice_are_no_contradiction() -> None:
    fit = "fit: {person: [{id: a, when: \"created_at = '2026-01-31 00:00'\", points: 5}]}\n"
    assert _told(_whole(f"where: \"created_at = '2026-01-31'\"\n{fit}")) == []
    assert _told(_whole(f"where: \"created_at = '2026-02-01'\"\n{fit}")) != []
