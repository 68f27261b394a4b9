"""What a rep reads is true: who somebody is, what was raised, on which day, in 255 characters."""

import re
from datetime import datetime

import pytest

from tests.unit.scoring.people import World, did, model, rows

_STUDENT = [{"contact_id": "p1", "title": "Student"}]
_POINTS = """fit:
  person:
    - {id: student, when: "title = 'Student'", points: -40}
    - {id: director, when: "title = 'Director'", points: 40}
  grades: {A: 20}
"""
_LADDER = """fit:
  ladder: thirds
  person:
    - {id: director, when: "title = 'Director'", thirds: 2, miss: 1}
    - {id: titled, when: "title is not null", thirds: 1}
"""
_CALL = "id: talk, event: call, points: 10"


def _said(text: str, *acts: object, column: str = "reasons") -> str:
    world = World([act for act in acts if isinstance(act, dict)], _STUDENT)
    (row,) = rows(world.scores(text).contacts)
    return str(row[column])


@pytest.mark.parametrize(
    ("fit", "language", "reasons"),
    [
        (_POINTS, "en", "D: against: student"),
        (_POINTS, "es", "D: en contra: student"),
        (_LADDER, "en", "D: not: director, titled"),
        (_LADDER, "es", "D: no: director, titled"),
    ],
)
def test_what_speaks_against_somebody_is_not_denied(fit: str, language: str, reasons: str) -> None:
    text = model([_CALL], f"{fit}language: {language}\n")
    assert _said(text, column="fit_reasons") == reasons


def test_what_raises_a_score_is_a_minimum_and_no_limit() -> None:
    text = model([f"{_CALL}, floor: 4, group: x"], activity="  caps: {x: {min: 6}}\n  total: {min: 9}\n")
    assert _said(text) == '+4 minimum of "had a call" · +3 minimum of the total · +2 minimum of x'


@pytest.mark.parametrize(("column", "room", "says"), [("reasons", 255, 40), ("details", 4000, 200)])
@pytest.mark.parametrize("rules", [1, 3, 30])
def test_what_finds_no_room_is_counted_and_summed(column: str, room: int, says: int, rules: int) -> None:
    listed = [f"id: r{n}, event: call, points: {n + 1}, says: {'x' * says}" for n in range(rules)]
    text = _said(model([*listed, "id: quiet, idle: 1d, points: -2"]), did("call", 3), column=column)
    lines = text.split(" · " if column == "reasons" else "\n")
    points = [int(re.findall(r"[+-]\d+", line)[-1 if "more" in line else 0]) for line in lines]
    assert sum(points) == rules * (rules + 1) // 2 - 2
    assert len(text) <= room
    assert (f"{rules + 1 - len(lines) + 1} more, " in lines[-1]) is (rules == 30)


def test_dates_and_ages_are_of_one_zone() -> None:
    text = model([_CALL], "time_zone: Europe/Madrid\n")
    late = {**did("call"), "occurred_at": datetime(2026, 11, 20, 23, 30)}  # noqa: DTZ001  # naive UTC
    assert _said(text, late) == "+10 had a call, yesterday"
    assert _said(text, late, column="details") == "+10 had a call, 2026-11-21"


def test_a_quiet_day_is_one_day() -> None:
    text = model([_CALL, "id: quiet, idle: 1d, points: -2"])
    assert _said(text, did("call", 1)) == "+10 had a call, yesterday · -2 nothing for 1 day"


@pytest.mark.parametrize("year", [1, 1750, 1970, 2009, 2010, 2026])
def test_reasons_fit_their_field_however_long_ago(year: int) -> None:
    rules = [
        f"id: rule{number}, event: call, points: 1, says: {'talked to us for hours'}" for number in range(6)
    ]
    old = {**did("call"), "occurred_at": datetime(year, 1, 1)}  # noqa: DTZ001  # naive UTC
    assert len(_said(model(rules), old)) <= 255
