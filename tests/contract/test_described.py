"""The comparison with the vendors' descriptions can fail: what was never asked or answered so is noticed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.dealings import people, prepared
from tests.contract.described import HELD
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import MailchimpHarness
from tests.contract.salesforce_harness import SalesforceHarness
from tests.contract.witness import Exchange, condensed

Altered = Callable[[Any], None]
_HARNESSES = {"hubspot": HubSpotHarness, "mailchimp": MailchimpHarness, "salesforce": SalesforceHarness}
#: Vendor → the path of an answer, what shows that it has rows, and what no answer of it has.
_WRONG: Mapping[str, tuple[str, bytes, Altered]] = {
    "hubspot": (
        "/contacts/search",
        b"createdAt",
        lambda body: body["results"][0].update(createdAt="yesterday"),
    ),
    "mailchimp": ("/members", b"web_id", lambda body: body["members"][0].update(stars=5)),
    "salesforce": ("/queryAll", b"attributes", lambda body: body["records"][0]["attributes"].update(stars=5)),
}


@pytest.fixture(scope="module")
def exchanged() -> Mapping[str, list[Exchange]]:
    found = {}
    for vendor, harness_type in _HARNESSES.items():
        harness: Any = harness_type()
        harness.add_people(3)
        people(prepared(harness), harness)
        harness.close()
        found[vendor] = harness.wire.exchanges
    return found


@pytest.mark.parametrize("vendor", list(_HARNESSES))
def test_answer_of_another_form_is_noticed(vendor: str, exchanged: Mapping[str, list[Exchange]]) -> None:
    path, has_rows, alter = _WRONG[vendor]
    one = next(one for one in exchanged[vendor] if path in one.path and has_rows in one.answered)
    body = json.loads(one.answered)
    alter(body)
    assert HELD[vendor]([one]) == []
    assert HELD[vendor]([replace(one, answered=json.dumps(body).encode())]) != []


@pytest.mark.parametrize("vendor", list(_HARNESSES))
def test_request_nobody_describes_is_noticed(vendor: str, exchanged: Mapping[str, list[Exchange]]) -> None:
    one = replace(exchanged[vendor][-1], path="/services/data/v66.0/wishes", status=200)
    assert HELD[vendor]([one]) != []


def test_describe_without_a_key_is_noticed(exchanged: Mapping[str, list[Exchange]]) -> None:
    one = next(one for one in exchanged["salesforce"] if one.path.endswith("/composite"))
    body = json.loads(one.answered)
    del body["compositeResponse"][0]["body"]["fields"][0]["soapType"]
    assert HELD["salesforce"]([replace(one, answered=json.dumps(body).encode())]) != []


def test_entries_that_differ_in_form_are_all_compared() -> None:
    entries = [{"id": number, "at": f"2026-11-{number:02}"} for number in range(1, 29)]
    assert condensed([*entries, {"id": None}, {"id": 1, "at": "never"}]) == [
        entries[-1],
        {"id": None},
        {"id": 1, "at": "never"},
    ]
