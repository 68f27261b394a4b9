"""Values in SOQL, and record ids."""

from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.soql import chunks, field, instant, is_id, one_of, quoted


@given(st.text())
def test_no_text_leaves_its_literal(text: str) -> None:
    literal = quoted(text)
    assert literal.startswith("'")
    assert literal.endswith("'")
    inside, at = literal[1:-1], 0
    while at < len(inside):  # every quote and line end inside is escaped
        assert inside[at] not in "'\n\r"
        at += 2 if inside[at] == "\\" else 1
    assert at == len(inside)


def test_an_injection_stays_text() -> None:
    assert quoted("x' OR Name != '") == r"'x\' OR Name != \''"
    assert one_of(["a", "b'"]) == r"('a','b\'')"


@pytest.mark.parametrize("name", ["Id FROM User --", "a.b.c", "", "1a", "Name, Id"])
def test_only_names_are_fields(name: str) -> None:
    with pytest.raises(ValueError, match="not a field name"):
        field(name)


def test_instants_are_utc() -> None:
    local = datetime(2026, 11, 22, 9, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    assert instant(local) == "2026-11-22T08:00:00Z"


def test_what_is_no_id_is_no_id() -> None:
    assert not is_id("00Q' OR '1'='1")
    assert is_id("00Q000000000001EAA")


def test_id_lists_fit_a_request_line() -> None:
    longest = max(chunks(["00Q000000000001EAA"] * 2000), key=len)
    assert len(quote(one_of(longest))) < 15_000
