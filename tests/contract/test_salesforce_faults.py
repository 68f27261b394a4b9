"""One failure at every single request of a whole run: the end is the same as without it."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.base import Window
from core.changes import CreateTask, Done, SetFields, SetMembership, Value
from tests.contract.salesforce_harness import SalesforceHarness

_PEOPLE = 3


def run(harness: SalesforceHarness) -> None:
    """Fields, lists, a reading of everything, values, members and tasks."""
    connector = harness.connector()
    connector.create_fields([harness.text_field, harness.number_field])
    (list_id,) = connector.ensure_lists([harness.list_spec], create=True)
    assert list_id is not None
    read: set[str] = set()
    for stream in connector.capabilities.streams:
        for page in connector.pull(stream, Window(None, harness.now()), None):
            if stream.name == "leads":
                read |= set(page.tables["person_records"].column("record_id").to_pylist())
    assert len(read) == _PEOPLE
    people = [ref for ref in harness.people if ref.record_id in read]
    values: dict[str, Value] = {harness.text_field.name: "A4", harness.number_field.name: 64}
    name = harness.list_spec.name
    outcomes = [
        *connector.push([SetFields(ref, values) for ref in people]),
        *connector.push([SetMembership(ref, name, list_id, member=True, channel="email") for ref in people]),
        *connector.push([CreateTask(ref, f"sql:{ref.record_id}", "Call", "Now", None) for ref in people]),
        *connector.push([SetMembership(people[0], name, list_id, member=False)]),
    ]
    assert {type(outcome) for outcome in outcomes} == {Done}


def held(harness: SalesforceHarness) -> Mapping[str, Any]:
    """What the org holds of ours; live rows only."""
    names = {
        "Lead": ("LastName", harness.text_field.name, harness.number_field.name),
        "Campaign": ("Name",),
        "CampaignMember": ("LeadId", "Status"),
        "Task": ("WhoId", "Subject"),
        "PermissionSet": ("Name",),
        "PermissionSetAssignment": ("PermissionSetId",),
        "FieldPermissions": ("Field", "PermissionsEdit"),
    }
    return {
        table: sorted(
            tuple(str(row.get(name)) for name in wanted)
            for row in harness.stored(table)
            if not row.get("IsDeleted")
        )
        for table, wanted in names.items()
    }


def org() -> SalesforceHarness:
    harness = SalesforceHarness()
    harness.people = harness.add_people(_PEOPLE)
    return harness


@pytest.fixture(scope="module")
def undisturbed() -> tuple[int, Mapping[str, Any]]:
    """How many requests a run makes, and what it leaves behind."""
    harness = org()
    run(harness)
    harness.close()
    return len(harness.requests()), held(harness)


@pytest.mark.parametrize("fault", ["unavailable_empty", "not_json", "cut", "expired", "throttled"])
def test_a_failure_at_the_first_a_middle_and_the_last_request_changes_nothing(
    fault: str, undisturbed: tuple[int, Mapping[str, Any]]
) -> None:
    requests, _ = undisturbed
    for nth in (1, 2, requests // 3, requests // 2, requests - 1, requests):
        if fault == "expired" and nth == 1:
            continue  # logging in has no token to expire
        assert_same_end(fault, nth, undisturbed)


def test_an_answer_lost_at_any_request_changes_nothing(undisturbed: tuple[int, Mapping[str, Any]]) -> None:
    for nth in range(1, undisturbed[0] + 1):
        assert_same_end("dropped", nth, undisturbed)


def assert_same_end(fault: str, nth: int, undisturbed: tuple[int, Mapping[str, Any]]) -> None:
    harness = org()
    harness.fault(fault, path="/services/", nth=nth)
    run(harness)
    assert held(harness) == undisturbed[1], f"request {nth}: {harness.requests()[nth - 1]}"
    harness.close()
