"""Ids in the form that is the same in any program."""

import pytest

from core.ids import salesforce_id


@pytest.mark.parametrize(
    ("short", "full"),
    [
        # from the vendor's own recorded answers
        ("001xx000003DHP0", "001xx000003DHP0AAO"),
        ("00Q000000000001", "00Q000000000001EAA"),
        ("001A0000006Vm9u", "001A0000006Vm9uIAC"),
    ],
)
def test_ids_in_their_case_safe_form(short: str, full: str) -> None:
    assert salesforce_id(short) == full
    assert salesforce_id(full) == full
