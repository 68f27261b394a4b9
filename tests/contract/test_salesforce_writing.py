"""Writing to Salesforce: what its rules, locks, jobs and people do to it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from connectors.base import Window
from connectors.salesforce.connector import SalesforceConnector
from core.changes import (
    Assign,
    CreateTask,
    Done,
    FieldSpec,
    Gone,
    Outcome,
    Ref,
    Rejected,
    SetFields,
    SetMembership,
    Withheld,
)
from tests.contract.salesforce_harness import SalesforceHarness

_RATING = SalesforceHarness.text_field.name
_SCORE = SalesforceHarness.number_field.name


@pytest.fixture
def harness() -> Iterator[SalesforceHarness]:
    made = SalesforceHarness()
    made.connector().create_fields([made.text_field, made.number_field])
    made.meter.calls.clear()
    yield made
    made.close()


def rated(refs: Sequence[Ref], value: str = "A4") -> list[SetFields]:
    return [SetFields(ref, {_RATING: value, _SCORE: 64}) for ref in refs]


def kinds(outcomes: Sequence[Outcome]) -> list[type[Outcome]]:
    return [type(outcome) for outcome in outcomes]


def ready(harness: SalesforceHarness, **settings: Any) -> SalesforceConnector:
    """A connector that has logged in and knows the schema, with no calls counted yet."""
    connector = harness.connector(**settings)
    connector.field_states([harness.text_field])
    harness.meter.calls.clear()
    return connector


def operations(harness: SalesforceHarness) -> Counter[str]:
    return Counter(operation for _, operation, _ in harness.meter.calls)


@pytest.mark.parametrize(("count", "calls"), [(1, 1), (200, 1), (201, 2), (1000, 5)])
def test_collections_cost_what_the_price_says(harness: SalesforceHarness, count: int, calls: int) -> None:
    refs = harness.add_people(count)
    connector = ready(harness)
    assert connector.price(rated(refs)) == calls
    assert set(kinds(connector.push(rated(refs)))) == {Done}
    assert harness.meter.count() == calls


def test_ten_thousand_go_as_one_job(harness: SalesforceHarness) -> None:
    refs = harness.add_people(10_000)
    connector = ready(harness)
    assert set(kinds(connector.push(rated(refs)))) == {Done}
    assert operations(harness)["bulk.create"] == 1
    assert harness.meter.count() <= connector.price(rated(refs)) + 1  # the sandbox's job needs a second look
    assert {row[_RATING] for row in harness.stored("Lead")} == {"A4"}


def test_bad_rows_of_a_job_do_not_cost_their_neighbours(harness: SalesforceHarness) -> None:
    refs = harness.add_people(300)
    for ref in (refs[0], refs[150], refs[299]):
        harness.refuse(ref)
    outcomes = ready(harness, bulk_from=200).push(rated(refs))
    assert [n for n, outcome in enumerate(outcomes) if isinstance(outcome, Rejected)] == [0, 150, 299]
    bad = outcomes[150]
    assert isinstance(bad, Rejected)
    assert (bad.code, bad.reason) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Phone required")
    assert bad.remedy.endswith(f"/{refs[150].record_id}")
    assert operations(harness)["update"] == 0


def test_a_job_clears_sets_and_leaves_fields(harness: SalesforceHarness) -> None:
    refs = harness.add_people(200)
    connector = ready(harness, bulk_from=200)
    connector.push(rated(refs))
    text = 'say "hi",\nünï 🙂'
    connector.push([SetFields(ref, {_RATING: None} if n % 2 else {_SCORE: 7}) for n, ref in enumerate(refs)])
    assert (harness.held(refs[0], _RATING), harness.held(refs[0], _SCORE)) == ("A4", 7)
    assert (harness.held(refs[1], _RATING), harness.held(refs[1], _SCORE)) == (None, 64)
    connector.push([SetFields(ref, {_RATING: text}) for ref in refs])
    assert harness.held(refs[5], _RATING) == text


@pytest.mark.parametrize("path", ["/batches", r"/jobs/ingest/\w+$", r"/jobs/ingest/?$", "/failedResults"])
def test_a_job_whose_answer_is_lost_still_ends_right(harness: SalesforceHarness, path: str) -> None:
    refs = harness.add_people(200)
    harness.refuse(refs[7])
    connector = ready(harness, bulk_from=200)
    harness.fault("dropped", path=path)
    outcomes = connector.push(rated(refs))
    assert Counter(kinds(outcomes)) == {Done: 199, Rejected: 1}
    assert harness.held(refs[8], _RATING) == "A4"


def test_a_session_that_expires_mid_job_is_renewed(harness: SalesforceHarness) -> None:
    refs = harness.add_people(200)
    connector = ready(harness, bulk_from=200)
    harness.fault("expired", path="/batches")
    harness.fault("expired", path=r"/jobs/ingest/\w+$")
    assert set(kinds(connector.push(rated(refs)))) == {Done}


def test_a_locked_row_is_tried_again_until_it_is_free(harness: SalesforceHarness) -> None:
    refs = harness.add_people(3)
    harness.do("lock", ids=[refs[1].record_id], times=2)
    assert kinds(ready(harness).push(rated(refs))) == [Done] * 3


def test_a_row_that_stays_locked_is_left_for_a_later_run(harness: SalesforceHarness) -> None:
    refs = harness.add_people(3)
    harness.do("lock", ids=[refs[1].record_id])
    outcomes = ready(harness).push(rated(refs))
    assert kinds(outcomes) == [Done, Rejected, Done]
    assert isinstance(outcomes[1], Rejected)
    assert outcomes[1].retryable


def test_merged_and_converted_records_name_their_successor(harness: SalesforceHarness) -> None:
    refs = harness.add_people(4)
    harness.do("merge", master=refs[0].record_id, losers=[refs[1].record_id])
    converted = harness.do("convert", id=refs[2].record_id)
    harness.delete(refs[3])
    outcomes = ready(harness).push(rated(refs))
    assert kinds(outcomes) == [Done, Gone, Gone, Gone]
    gone = [outcome for outcome in outcomes if isinstance(outcome, Gone)]
    assert [one.why for one in gone] == ["merged", "converted", "deleted"]
    assert gone[0].successor == f"salesforce:Lead:{refs[0].record_id}"
    assert gone[1].successor == f"salesforce:Contact:{converted['contactId']}"
    assert gone[2].successor is None


def test_a_field_that_vanished_costs_only_those_who_need_it(harness: SalesforceHarness) -> None:
    refs = harness.add_people(4)
    changes = [SetFields(ref, {_RATING: "A4"} if n % 2 else {_SCORE: 64}) for n, ref in enumerate(refs)]
    connector = ready(harness)
    harness.do("delete_field", object="Lead", field=_RATING)
    outcomes = connector.push(changes)
    assert kinds(outcomes) == [Done, Rejected, Done, Rejected]
    bad = outcomes[1]
    assert isinstance(bad, Rejected)
    assert bad.field == _RATING
    assert "scoreline fields" in bad.remedy


def test_text_too_long_is_refused_with_its_field(harness: SalesforceHarness) -> None:
    refs = harness.add_people(2)
    outcomes = ready(harness).push(
        [SetFields(refs[0], {_RATING: "x" * 300}), SetFields(refs[1], {_RATING: "B2"})]
    )
    assert kinds(outcomes) == [Rejected, Done]
    assert isinstance(outcomes[0], Rejected)
    assert (outcomes[0].code, outcomes[0].field) == ("STRING_TOO_LONG", _RATING)


def test_what_is_no_record_id_is_refused_without_a_call(harness: SalesforceHarness) -> None:
    connector = ready(harness)
    outcomes = connector.push(rated([Ref("salesforce", "Lead", "00Q' OR Id != '")]))
    assert kinds(outcomes) == [Rejected]
    assert harness.meter.count() == 0


def test_a_field_of_another_type_is_reported_and_left_alone(harness: SalesforceHarness) -> None:
    harness.do(
        "create_field", object="Lead", field="Scoreline_Odd__c", metadata={"label": "Odd", "type": "Date"}
    )
    before = harness.writes()
    (state,) = harness.connector().create_fields([FieldSpec("Lead", "Scoreline_Odd__c", "Odd", "integer")])
    assert state.status == "other_type"
    assert "date" in state.detail
    assert harness.writes() == before


def test_a_hidden_field_is_made_visible_not_created_again(harness: SalesforceHarness) -> None:
    metadata = {"label": "Hidden", "type": "Text", "length": 255}
    harness.do("create_field", object="Lead", field="Scoreline_Hid__c", metadata=metadata, visible=False)
    spec = FieldSpec("Lead", "Scoreline_Hid__c", "Hidden", "text")
    (before,) = harness.connector().field_states([spec])
    (after,) = harness.connector().create_fields([spec])
    assert (before.status, after.status) == ("not_visible", "present")


def test_creating_fields_without_the_permission_says_so(harness: SalesforceHarness) -> None:
    harness.do("deny", what="CustomizeApplication")
    (state,) = harness.connector().create_fields([FieldSpec("Lead", "Scoreline_New__c", "New", "text")])
    assert state.status == "failed"
    assert "Customize Application" in state.detail


def task(ref: Ref, key: str = "sql:1", owner: str | None = None) -> CreateTask:
    return CreateTask(ref, key, "Call Ana", "Score 64", owner)


def test_a_task_is_created_once_for_the_owner_of_the_record(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    rep = harness.do("create_user", email="rep@brightloom.io", first="Rep", last="One")["id"]
    harness.do("edit", object="Lead", id=ref.record_id, values={"OwnerId": rep})
    connector = ready(harness)
    first, again = connector.push([task(ref)]), connector.push([task(ref)])
    assert isinstance(first[0], Done)
    assert isinstance(again[0], Done)
    assert first[0].created_id == again[0].created_id
    (made,) = harness.stored("Task")
    assert (made["OwnerId"], made["WhoId"], made["Subject"]) == (rep, ref.record_id, "Call Ana")


def test_a_task_whose_answer_was_lost_is_not_created_twice(harness: SalesforceHarness) -> None:
    refs = harness.add_people(2)
    connector = ready(harness)
    harness.fault("dropped", path="/composite/sobjects")
    outcomes = connector.push([task(ref, key=f"sql:{n}") for n, ref in enumerate(refs)])
    assert kinds(outcomes) == [Done, Done]
    assert len(harness.stored("Task")) == 2


def test_an_inactive_owner_falls_back_to_the_named_one(harness: SalesforceHarness) -> None:
    gone = harness.do("create_user", email="gone@brightloom.io", last="Gone", active=False)["id"]
    lead = harness.do("create_user", email="lead@brightloom.io", last="Lead")["id"]
    (ref,) = harness.add_people(1, OwnerId=gone)
    ready(harness, fallback_owner="lead@brightloom.io").push([task(ref)])
    (made,) = harness.stored("Task")
    assert made["OwnerId"] == lead


def test_assignment_to_a_user_by_address_and_to_nobody(harness: SalesforceHarness) -> None:
    refs = harness.add_people(2)
    rep = harness.do("create_user", email="rep@brightloom.io", last="One")["id"]
    outcomes = ready(harness).push(
        [Assign(refs[0], "rep@brightloom.io"), Assign(refs[1], "nobody@brightloom.io")]
    )
    assert kinds(outcomes) == [Done, Rejected]
    assert outcomes[0].change == Assign(refs[0], "rep@brightloom.io")
    assert harness.held(refs[0], "OwnerId") == rep


def test_assignment_to_a_queue_by_name(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    values = {"Name": "Inbound", "DeveloperName": "Inbound", "Type": "Queue"}
    queue = harness.do("create_many", object="Group", records=[values])["ids"][0]
    assert kinds(ready(harness).push([Assign(ref, "Inbound")])) == [Done]
    assert harness.held(ref, "OwnerId") == queue


def test_member_status_is_ensured_and_membership_read_back(harness: SalesforceHarness) -> None:
    refs = harness.add_people(2)
    spec = harness.list_spec
    (list_id,) = harness.connector().ensure_lists([spec], create=True)
    assert list_id is not None
    connector = ready(harness)
    connector.push([SetMembership(ref, spec.name, list_id, member=True) for ref in refs])
    connector.push([SetMembership(refs[0], spec.name, list_id, member=False)])
    assert {row["Status"] for row in harness.stored("CampaignMember")} == {"Sent"}
    assert observed_members(harness) == {refs[0].record_id: None, refs[1].record_id: "member"}


def test_a_membership_whose_answer_was_lost_is_not_doubled(harness: SalesforceHarness) -> None:
    refs = harness.add_people(2)
    (list_id,) = harness.connector().ensure_lists([harness.list_spec], create=True)
    assert list_id is not None
    connector = ready(harness)
    harness.fault("dropped", path="/composite/sobjects")
    changes = [SetMembership(ref, harness.list_spec.name, list_id, member=True) for ref in refs]
    assert kinds(connector.push(changes)) == [Done, Done]
    assert len(harness.stored("CampaignMember")) == 2


def observed_members(harness: SalesforceHarness) -> dict[str, str | None]:
    connector = harness.connector()
    stream = next(one for one in connector.capabilities.streams if one.name == "campaign_members")
    rows: list[dict[str, Any]] = []
    for page in connector.pull(stream, Window(None, harness.now()), None):
        rows += page.tables["observed"].to_pylist()
    assert {row["field"] for row in rows} == {f"list:{harness.list_spec.name}"}
    return {row["record_id"]: row["value"] for row in rows}


def test_reading_for_a_write_may_use_what_the_budget_keeps_for_writes(harness: SalesforceHarness) -> None:
    refs = harness.add_people(2)
    (list_id,) = harness.connector().ensure_lists([harness.list_spec], create=True)
    assert list_id is not None
    connector = ready(harness)
    connector.push(
        [SetMembership(ref, harness.list_spec.name, list_id, member=True, channel="email") for ref in refs]
    )
    assert len(harness.meter.calls) == 3  # consent, who is on it already, the addition
    assert all(reserved for _, _, reserved in harness.meter.calls)


def test_who_cannot_be_asked_for_consent_is_not_added(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    (list_id,) = harness.connector().ensure_lists([harness.list_spec], create=True)
    assert list_id is not None
    harness.do("hide_field", object="Lead", field="HasOptedOutOfEmail")
    change = SetMembership(ref, harness.list_spec.name, list_id, member=True, channel="email")
    (outcome,) = ready(harness).push([change])
    assert isinstance(outcome, Withheld)
    assert outcome.status == "unknown"
    assert not harness.members(list_id)
