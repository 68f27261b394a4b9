from datetime import UTC, datetime

import pytest

from core.clock import check_zone, parse_instant


def test_a_time_without_a_zone_is_utc() -> None:
    assert parse_instant("2026-01-31") == datetime(2026, 1, 31, tzinfo=UTC)
    assert parse_instant("2026-01-31T10:00:00.9+02:00") == datetime(2026, 1, 31, 8, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "9999-12-31T23:59:59-10:00", "0001-01-01T00:00:00+10:00"])
def test_what_is_no_time_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_instant(text)


@pytest.mark.parametrize("name", ["localtime", "right/Europe/Madrid", "posix/UTC", "Madrit", "", "../x"])
def test_only_a_zone_that_is_the_same_everywhere_is_one(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone such as"):
        check_zone(name)
    check_zone("Europe/Madrid")
