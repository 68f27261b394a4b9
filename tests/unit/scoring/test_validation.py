"""Doubtful models are told of: every check has a model that it alone finds, and one it leaves alone."""

from pathlib import Path

import pytest

from scoring.checks.validation import FOLLOWED, warnings
from scoring.loader import load_model, parse_model
from tests.unit.scoring.people import model

ROOT = Path(__file__).parents[3]
CLICK = "id: click, event: email_click, points: 3"
_RULES = "activity:\n  rules:\n    - {id: form, event: form_submit, points: 10, cap: 40}\n"
FIT = """fit:
  person:
    - {id: title, when: "title is not null", points: 30}
    - {id: city, when: "city is not null", points: 20}
  grades: {A: 50, B: 20}
"""


def told(text: str) -> list[str]:
    return warnings(parse_model(text))


def whole(more: str) -> str:
    """A model whose scores go from 0 to 40 and whose grades are A and D, with more to it."""
    return f"model: m\nversion: 1\n{_RULES}{more}"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("id: a, event: emial_click, points: 1", ["rule a", "emial_click", "did you mean 'email_click'?"]),
        (
            "id: a, event: redirect_click, points: 1",
            ["rule a waits for 'redirect_click'", "in the data: see that a source"],
        ),
        (
            "id: a, event: page_view, unless: email_sent, points: 1",
            ["rule a: email_sent in 'unless' undoes nothing"],
        ),
        (
            "id: a, event: email_click, unless: bougth_it, points: 1",
            ["rule a", "bougth_it", "no standard one and not in the data"],
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
            ["rule a: its step from 150 is for few or none", "percentage, and seldom above 100"],
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
    (sentence,) = told(model([CLICK, rule]))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    "rule",
    [
        'id: a, event: purchase, when: "value > 3 and value < 9", points: 1',
        'id: a, event: purchase, when: "value >= 3 and value <= 3", points: 1',
        "id: a, event: page_view, when: \"lower(asset) like '%/pricing%' and asset like '%2026%'\", points: 1",  # noqa: E501  # a case reads best on one line
        "id: a, event: email_open, when: \"origin = 'machine'\", machine: true, points: 1",
        "id: a, event: email_click, points: 0",
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
    assert told(model([CLICK, rule])) == []


@pytest.mark.parametrize("key", ["first: true", "again: 9d", 'exactly: "2 in 9d"'])
def test_rules_that_choose_by_what_else_there_is_do_not_both_earn(key: str) -> None:
    first = f"id: a, event: page_view, points: 1, {key}"
    narrow = f"id: b, event: page_view, when: \"asset = 'x'\", points: 1, {key}"
    wider = f"id: b, event: [page_view, call], points: 1, {key}"
    same = f"id: b, event: page_view, points: 2, {key}"
    assert told(model([first, narrow])) == []
    assert told(model([first, wider])) == []
    assert "join them" in told(model([first, same]))[0]


def test_tiers_of_exact_counts_do_not_both_earn() -> None:
    tiers = 'tiers: [{exactly: "2 in 9d", points: 9}]'
    rules = [f"id: a, event: call, {tiers}", f"id: b, event: call, when: \"asset = 'x'\", {tiers}"]
    assert told(model(rules)) == []


def test_steps_that_differ_are_no_overlap() -> None:
    rules = [f"id: r{start}, event: call, steps: [{{from: {start}, points: 2}}]" for start in (10, 20)]
    assert told(model(rules)) == []
    same = [rules[0], rules[0].replace("r10", "again")]
    assert "join them" in told(model(same))[0]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('where: "is_customer and not is_customer"\n', ["nobody is scored: 'where'", "is never true"]),
        ('where: "1 = 2"\n', ["nobody is scored: 'where' '1 = 2' is never true"]),
        (
            "where: \"country = 'US'\"\nexclude: \"country like 'U%'\"\n",
            ["nobody is scored: 'where' and 'exclude' leave nobody"],
        ),
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
            "flags: [{id: mail, event: email_sent}]\n",
            ["flag mail can never be true", "email_sent never counts for a flag"],
        ),
        ("flags: [{id: mail, event: email_bounce, exactly: 0}]\n", ["flag mail is always true"]),
        (
            "flags: [{id: f, event: call, unless_after: [purchase, email_sent]}]\n",
            ["flag f: email_sent in 'unless_after' undoes nothing"],
        ),
        (
            'low_interest: {event: email_open, at_least: "3 in 9d", unless: email_bounce}\n',
            ["low_interest: email_bounce in 'unless' undoes nothing"],
        ),
        ('exclude: "true"\n', ["nobody is scored: exclusion exclude 'true' is always true"]),
        ("  total: {max: 0}\n", ["no score is above 0", "'max' is 0"]),
        ('stages: [{name: M, enter: "score > 5 and low_interest"}]\n', ["stage M can never be entered"]),
        ('stages: [{name: M, enter: "score > 5 and partial"}]\n', ["stage M can never be entered"]),
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
    (sentence,) = told(whole(more))
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
    (sentence,) = told(whole(f"  ageing: [{step}]\n"))
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
    assert told(whole(f"  ageing: [{steps}]\n").replace("cap: 40", "cap: 40.4")) == []


def test_points_of_a_later_step_raise_no_total_that_is_asked_for() -> None:
    (sentence,) = told(whole("  ageing: [{idle: 5d, points: -5, over: 45}, {idle: 5d, points: 20, to: 3}]\n"))
    assert "ageing step 1 never applies" in sentence


@pytest.mark.parametrize("since", ["9d", "12960m", "13019m"])
def test_a_window_has_an_hour_more_where_clocks_are_put_back(since: str) -> None:
    flag = f'{{id: old, event: purchase, since: {since}, at_least: "2 in 9d"}}'
    assert told(whole(f"flags: [{flag}]\n")) == []


def test_a_company_is_not_its_people() -> None:
    """What 'where' reads is the person's country, a company's criterion the company's."""
    text = "where: \"country = 'US'\"\nfit: {company: [{id: de, when: \"country = 'DE'\", points: 5}]}\n"
    assert told(whole(text)) == []


def test_bounds_that_are_open_are_said_in_words() -> None:
    text = whole('stages: [{name: M, enter: "score < 0"}]\n').replace(", cap: 40", "")
    (sentence,) = told(text)
    assert "scores are 0 at least" in sentence


def test_a_sound_model_is_left_alone() -> None:
    stages = '{name: M, enter: "score >= 20", stay: "score >= 10"}, {name: S, enter: "score >= 30 and grade = \'A\'"}'  # noqa: E501  # a case reads best on one line
    text = whole(f"{FIT}rating: {{levels: [20, 40], cells: {{A3: hot}}}}\nstages: [{stages}]\n")
    assert told(text) == []


def test_escalation_that_cannot_come_is_told_of() -> None:
    text = whole("").replace("cap: 40", "cap: 40, signal: buying")
    (sentence,) = told(f"{text}{FIT}escalate: {{signal: buying, within: 24h, when: \"stage = 'x'\"}}\n")
    assert "escalate can never fire" in sentence


def test_a_model_of_demographics_alone_is_told_of() -> None:
    (sentence,) = told(f"model: m\nversion: 1\n{FIT}")
    assert "fit rules: 2" in sentence
    assert "add activity rules" in sentence


@pytest.mark.parametrize(
    ("more", "doubts"),
    [
        ("activity: {rules: [{id: a, event: call, points: 0}]}\n", 1),
        ("stages: [{name: M, enter: \"grade = 'A'\"}]\n", 1),
        ("activity: {rules: [{id: a, event: call, points: 1}]}\n", 0),
        ('stages: [{name: M, enter: "idle_days < 30"}]\n', 0),
        ("flags: [{id: f, event: call}]\n", 0),
        ("activity: {ageing: [{idle: 30d, points: -5}]}\n", 0),
        ("activity: {total: {max: 0}, rules: [{id: a, event: call, points: 5}]}\n", 1),
        (
            (
                "activity: {rules: [{id: a, event: call, points: 0, signal: buying}]}\n"
                "escalate: {signal: buying, within: 24h}\n"
            ),
            0,
        ),
        (
            (
                "activity: {total: {min: 5, max: 5}}\n"
                "account: {weights: [{when: \"temperature = 'hot'\", weight: 2}]}\n"
            ),
            0,
        ),
        ("journey: {first: [call]}\n", 0),
    ],
)
def test_a_model_that_looks_at_deeds_is_not_of_demographics_alone(more: str, doubts: int) -> None:
    said = told(f"model: m\nversion: 1\n{FIT}{more}")
    assert sum("nothing they do" in one for one in said) == doubts


def test_rules_of_which_one_gives_no_points_do_not_count_twice() -> None:
    assert told(model([CLICK, "id: a, event: email_click, points: 0, signal: buying"])) == []
    (sentence,) = told(model([CLICK, "id: a, event: email_click, points: 1, cap: 0"]))
    assert "overlap" not in sentence
    fit = "fit: {person: [{id: a, when: city is null, points: 1}, {id: b, when: city is null, points: 0}]}\n"
    assert told(model([CLICK], fit)) == []


def test_more_rules_than_a_team_can_follow_are_told_of() -> None:
    rules = [
        f"id: r{number}, event: page_view, when: \"asset = '/{number}'\", points: 1" for number in range(41)
    ]
    (sentence,) = told(model(rules))
    assert "41 rules" in sentence
    assert told(model(rules[:FOLLOWED])) == []


def test_the_shipped_model_only_overlaps_where_it_means_to() -> None:
    found = warnings(load_model(ROOT / "config" / "models" / "demand.yaml"))
    assert all("overlap" in sentence for sentence in found)


def test_rules_on_one_instant_written_twice_are_no_contradiction() -> None:
    fit = "fit: {person: [{id: a, when: \"created_at = '2026-01-31 00:00'\", points: 5}]}\n"
    assert told(whole(f"where: \"created_at = '2026-01-31'\"\n{fit}")) == []
    assert told(whole(f"where: \"created_at = '2026-02-01'\"\n{fit}")) != []
