"""What the data say against a model: rules that never fired, inputs that were missing or wrong."""

from pathlib import Path
from typing import Any

import ibis
import pytest

from scoring.checks.validation import found
from scoring.loader import parse_model
from tests.unit.scoring.people import NOW, World, did, model

ROOT = Path(__file__).parents[3]
CLICK = "id: click, event: email_click, points: 3"
_RULES = "activity:\n  rules:\n    - {id: form, event: form_submit, points: 10, cap: 40}\n"
_FIT = 'fit: {person: [{id: title, when: "title is not null", points: 50}], grades: {A: 50, B: 20}}\n'


def _found(text: str, world: World) -> list[str]:
    backend = ibis.duckdb.connect()
    tables = {name: backend.create_table(name, table) for name, table in world.tables().items()}
    return found(parse_model(text), tables, NOW, "UTC")


_OPEN = "id: open, event: email_open, points: 1"
_OPENED = did("email_open", 1)


@pytest.mark.parametrize(
    ("rule", "acts", "words"),
    [
        (
            "id: demo, event: demo_request, points: 9",
            [],
            ["rule demo never fired", "0 activities of demo_request"],
        ),
        (
            'id: big, event: purchase, when: "value > 9", points: 9',
            [did("purchase", value=1)],
            ["rule big never fired", "0 of 1 activities of purchase match"],
        ),
        (
            "id: old, event: purchase, points: 9, decay: {window: 5d}",
            [did("purchase", 8)],
            ["rule old gives nobody points now", "1 of 1 activities", "check its ageing"],
        ),
        (
            "id: both, event: purchase, steps: [{from: 0, points: 5}, {from: 9, points: -5}], decay: none",
            [did("purchase", value=1), did("purchase", value=10)],
            [
                "rule both gives nobody points now",
                "2 of 2 activities",
                "check its steps, which can cancel out",
            ],
        ),
        (
            "id: cart, event: cart_update, unless_after: purchase, points: 5, decay: none",
            [did("cart_update", 3), did("purchase", 2)],
            ["rule cart gives nobody points now", "1 of 1 activities", "check what undoes it (purchase)"],
        ),
        (
            "id: twice, event: purchase, again: 9d, points: 5",
            [did("purchase", 3)],
            ["rule twice gives nobody points now", "check its counts"],
        ),
        (
            "id: low, event: purchase, steps: [{from: 0, points: 0}, {from: 9, points: 5}]",
            [did("purchase", value=1)],
            ["rule low gives nobody points now", "check its points"],
        ),
        (
            "id: open2, event: email_click, points: 1",
            [did("email_click", 1, origin="machine"), did("email_click", 1, "nobody")],
            ["rule open2 never fired: 2 activities of email_click are of machines or of people"],
        ),
        ("id: quiet, idle: 45d, points: -9", [], ["rule quiet never fired", "0 of 1 people"]),
    ],
)
def test_a_rule_that_never_fired_is_told_of(
    rule: str, acts: list[dict[str, object]], words: list[str]
) -> None:
    (sentence,) = _found(model([_OPEN, rule]), World([_OPENED, *acts]))
    assert all(word in sentence for word in words), sentence


@pytest.mark.parametrize(
    ("rule", "good", "bad", "words"),
    [
        (
            'id: big, event: purchase, when: "value > 9", points: 9',
            {"value": 10.0},
            {"value": None},
            ["rule big: 2 of 3 activities lack", "value"],
        ),
        (
            "id: seen, event: video_view, steps: [{from: 1, points: 9}]",
            {"value": 10.0},
            {"value": None},
            ["rule seen: 2 of 3 activities lack", "value"],
        ),
        (
            "id: page, event: page_view, per: asset, points: 9",
            {"asset": "/x"},
            {"asset": None},
            ["rule page: 2 of 3 activities lack", "asset"],
        ),
        (
            "id: seen, event: video_view, steps: [{from: 1, points: 9}]",
            {"value": 10.0},
            {"value": 140.0},
            ["rule seen: 2 of 3 activities have a value that is not valid"],
        ),
        (
            'id: most, event: video_view, when: "value >= 75", points: 9',
            {"value": 80.0},
            {"value": 140.0},
            ["rule most: 2 of 3 activities have a value that is not valid"],
        ),
        (
            'id: all, event: [video_view, purchase], when: "value >= 75", points: 9',
            {"value": 80.0},
            {"value": -5.0},
            ["rule all: 2 of 3 activities have a value that is not valid"],
        ),
        (
            "id: paid, event: purchase, steps: [{from: 1, points: 9}]",
            {"value": 10.0},
            {"value": float("nan")},
            ["rule paid: 2 of 3 activities have a value that is not valid"],
        ),
        (
            "id: here, event: page_view, when: \"city = 'x' or asset = '/x'\", points: 9",
            {"asset": "/x"},
            {"asset": "/y"},
            ["rule here: 2 of 3 activities lack", "city"],
        ),
    ],
)
def test_activities_without_what_a_rule_reads_are_counted(
    rule: str, good: dict[str, Any], bad: dict[str, Any], words: list[str]
) -> None:
    event = rule.split("event: ")[1].split(",", maxsplit=1)[0].removeprefix("[")
    acts = [_OPENED, did(event, 1, **good), did(event, 2, **bad), did(event, 3, **bad)]
    (sentence,) = _found(model([_OPEN, rule]), World(acts))
    assert all(word in sentence for word in words), sentence


_PEOPLE = [{"contact_id": "p1", "title": "CEO"}, {"contact_id": "p2", "title": "CEO"}]


def _fit_found(
    condition: str, *people: dict[str, object], accounts: tuple[dict[str, object], ...] = ()
) -> list[str]:
    part = "company" if accounts else "person"
    text = model([_OPEN], f'fit: {{{part}: [{{id: who, when: "{condition}", points: 1}}]}}\n')
    return _found(text, World([_OPENED], [*_PEOPLE, *people], accounts))


def test_a_fit_rule_that_never_fired_is_told_of() -> None:
    (sentence,) = _fit_found("title = 'CTO'")
    assert "fit rule who never fired: it holds for 0 of 2 people" in sentence


def test_people_without_what_a_fit_rule_reads_are_counted() -> None:
    (sentence,) = _fit_found("title = 'CEO'", {"contact_id": "p3"})
    assert "fit rule who: 1 of 3 people lack what it reads (title)" in sentence


def test_people_without_a_flag_are_counted_though_it_counts_as_no() -> None:
    (sentence,) = _fit_found("is_customer", {"contact_id": "p3", "is_customer": True})
    assert "fit rule who: 2 of 3 people lack what it reads (is_customer)" in sentence


@pytest.mark.parametrize(
    "condition", ["is_customer", "created_at is null", "1 = 2", "days_since(created_at) > 3"]
)
def test_rules_that_read_no_text_and_no_number_are_looked_at_too(condition: str) -> None:
    assert all("who" in sentence for sentence in _fit_found(condition))


def test_people_with_blank_texts_are_counted() -> None:
    (sentence,) = _fit_found("title = 'CEO'", {"contact_id": "p3", "title": " "})
    assert "fit rule who: 1 of 3 people have a blank text" in sentence


def test_impossible_numbers_are_counted() -> None:
    accounts = ({"account_id": "a1", "employees": -3}, {"account_id": "a2", "employees": 3})
    people = [{"contact_id": f"p{n}", "account_id": f"a{n}"} for n in (1, 2)]
    text = model([_OPEN], 'fit: {company: [{id: who, when: "employees > 1", points: 1}]}\n')
    (sentence,) = _found(text, World([_OPENED], people, accounts))
    assert "fit rule who: 1 of 2 people have a blank text or an impossible number" in sentence


def test_activities_that_count_for_no_rule_are_counted() -> None:
    acts = [_OPENED, did("email_open", 1, contact_id=None), did("email_open", -3)]
    lost, ahead = _found(model([_OPEN]), World(acts))
    assert lost.startswith("1 activities have no person, type or time")
    assert ahead.startswith("1 activities lie in the future")


def test_answers_out_of_range_are_named() -> None:
    answer = {
        "response_id": "r9",
        "contact_id": "p1",
        "kind": "nps",
        "answer": 44.0,
        "answered_at": _OPENED["occurred_at"],
    }
    text = model([_OPEN], "satisfaction: {survey: nps, valid: 180d}\n")
    (sentence,) = _found(text, World([_OPENED], survey_responses=[answer]))
    assert "1 answers are out of range" in sentence
    assert "r9" in sentence


def test_nobody_scored_is_told_with_the_reasons() -> None:
    text = model([_OPEN], "where: \"country = 'ES'\"\n")
    assert _found(text, World([_OPENED])) == [
        "nobody is scored: 1 contacts are left out (where 1); ease these"
    ]
    assert _found(text, World(contacts=[]))[0].startswith("nobody is scored: there are 0 contacts")


def test_data_that_fit_raise_no_doubt() -> None:
    assert _found(model([_OPEN]), World([_OPENED])) == []
