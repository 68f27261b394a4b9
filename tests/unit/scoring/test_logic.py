"""What conditions can be, and which makes which other true; nothing is claimed that does not hold."""

import pytest

from scoring.checks.logic import can_hold, implies
from scoring.conditions import Place, parse


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a > 5", "a > 3", True),
        ("a > 3", "a > 5", False),
        ("a > 3", "a is not null", True),
        ("lower(t) like '%x%'", "t is not null", True),
        ("t like '%sales director%'", "t like '%director%'", True),
        ("t in ('a', 'b')", "t in ('a', 'b', 'c')", True),
        ("t = 'a' or t = 'b'", "t <> 'c'", True),
        ("not (a > 3)", "a <= 3", True),
        ("a is null", "not (a > 3)", False),  # null is not false
        ("flag", "flag is true", True),
        ("not flag", "flag is false", False),  # not set is not false
        ("a between 3 and 4", "a >= 3", True),
        ("a + b > 3", "a + b > 3", True),
        ("1 = 2", "a > 3", True),
        ("a > 3", "'a' < 'b' and 2 >= -2", True),
        ("a > 3", "1 = '1'", False),
    ],
)
def test_one_condition_makes_another_true(first: str, second: str, expected: bool) -> None:  # noqa: FBT001  # a table
    place = Place()
    assert implies(parse(first, None, place), parse(second, None, place)) is expected


def test_nothing_is_claimed_of_what_cannot_be_seen_through() -> None:
    assert can_hold([parse("a > b and b > a", None, Place())])


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("at between '2026-01-31 00:00' and '2026-01-31'", True),
        ("at > '2026-01-31T09:00:00' and at < '2026-01-31 10:00:00'", True),
        ("at = '2026-01-31' and at in ('2026-01-31 00:00:00')", True),
        ("at = '2026-01-31T12:00:00+02:00' and at = '2026-01-31 10:00'", True),
        ("at > '2026-01-31 09:00' and at < '2026-01-31T08:00'", True),  # as texts
        ("at > '2026-02-01' and at < '2026-01-01'", False),
        ("at = '2026-01-31' and at in ('2026-02-01', '2026-02-02')", False),
        ("at = '2026-01-31' and at <> '2026-01-31'", False),
        ("at > '2026-01-31' and at < '2026-01-31 00:00'", True),  # as texts
        ("at >= '2026-02-01 00:00' and at < '2026-01-01T00:00:00Z'", False),
        ("at > 'b' and at < '2026-01-31'", True),  # a text beside an instant
        ("at = 'x' and at = 'y'", False),
        ("at > '9999-12-31T23:59:59-10:00' and at < '2026-01-31'", True),  # beyond the calendar
    ],
)
def test_what_may_be_a_time_is_read_as_one_and_as_a_text(text: str, possible: bool) -> None:  # noqa: FBT001  # a table
    assert can_hold([parse(text, None, Place())]) is possible
