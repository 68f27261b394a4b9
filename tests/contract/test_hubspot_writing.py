"""What is written to HubSpot, what it costs, and what becomes of each record."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from connectors.base import Window
from core.changes import (
    Assign,
    Change,
    CreateTask,
    Done,
    FieldSpec,
    Gone,
    Ref,
    Rejected,
    SetFields,
    SetMembership,
)
from core.errors import OutcomeUnknown
from sandbox.hubspot.portal import Owner
from tests.contract.hubspot_harness import HubSpotHarness


@pytest.fixture
def harness() -> Iterator[HubSpotHarness]:
    made = HubSpotHarness()
    made.connector().create_fields([made.text_field, made.number_field])
    yield made
    made.close()


def scores(refs: Sequence[Ref]) -> list[SetFields]:
    return [SetFields(ref, {"scoreline_score": number}) for number, ref in enumerate(refs)]


def tasks(refs: Sequence[Ref], owner: str | None = None) -> list[CreateTask]:
    return [CreateTask(ref, f"sql:{ref.record_id}", "Call them", "Score 64", owner) for ref in refs]


def test_properties_have_group_label_and_help(harness: HubSpotHarness) -> None:
    (made,) = (one for one in harness.stored("properties") if one["name"] == "scoreline_score")
    assert (made["groupName"], made["label"], made["type"]) == ("scoreline", "Lead score", "number")
    assert made["description"] == "How ready to buy."


def test_a_property_of_another_type_is_reported_and_left_alone(harness: HubSpotHarness) -> None:
    harness.do("create_property", object="contacts", name="scoreline_nps", type="string")
    before = harness.writes()
    (state,) = harness.connector().create_fields([FieldSpec("contacts", "scoreline_nps", "NPS", "integer")])
    assert state.status == "other_type"
    assert "string, not number" in state.detail
    assert harness.writes() == before


def test_one_bad_value_of_250_costs_only_itself(harness: HubSpotHarness) -> None:
    refs = harness.add_people(250)
    changes: list[Change] = list(scores(refs))
    changes[120] = SetFields(refs[120], {"scoreline_score": "many"})
    outcomes = harness.connector().push(changes)
    assert [number for number, one in enumerate(outcomes) if not isinstance(one, Done)] == [120]
    refused = outcomes[120]
    assert isinstance(refused, Rejected)
    assert refused.field == "scoreline_score"
    assert refused.code
    assert refused.remedy


def test_a_merged_away_record_is_gone_to_its_survivor(harness: HubSpotHarness) -> None:
    one, other, third = harness.add_people(3)
    survivor = harness.do("merge", object="contacts", primary=one.record_id, other=other.record_id)["id"]
    outcomes = harness.connector().push(scores([one, third]))
    assert isinstance(outcomes[0], Gone)
    assert outcomes[0].successor == f"hubspot:contacts:{survivor}"
    assert isinstance(outcomes[1], Done)


def test_two_changes_of_one_record_keep_their_order(harness: HubSpotHarness) -> None:
    (ref,) = harness.add_people(1)
    changes = [SetFields(ref, {"scoreline_score": 1}), SetFields(ref, {"scoreline_score": 2})]
    assert all(isinstance(one, Done) for one in harness.connector().push(changes))
    assert harness.held(ref, "scoreline_score") == "2"


def test_a_task_is_created_once(harness: HubSpotHarness) -> None:
    refs = harness.add_people(2)
    first = harness.connector().push(tasks(refs))
    again = harness.connector().push(tasks(refs))
    assert [one.created_id for one in first if isinstance(one, Done)] == [
        one.created_id for one in again if isinstance(one, Done)
    ]
    assert len(harness.stored("tasks")) == 2
    tied = {(one["from"], one["fromId"]) for one in harness.stored("associations") if one["to"] == "tasks"}
    assert tied == {("contacts", ref.record_id) for ref in refs}


def test_a_task_whose_answer_was_lost_is_not_created_twice(harness: HubSpotHarness) -> None:
    refs = harness.add_people(1)
    harness.script({"apply_then_drop": True}, path="/tasks/batch/create", times=1)
    with pytest.raises(OutcomeUnknown):
        harness.connector().push(tasks(refs))
    (outcome,) = harness.connector().push(tasks(refs))
    assert isinstance(outcome, Done)
    assert len(harness.stored("tasks")) == 1


def test_owners_may_be_ids_or_addresses_and_fall_back(harness: HubSpotHarness) -> None:
    refs = harness.add_people(3)
    for number, (name, archived) in enumerate([("ana", False), ("ben", True)], start=70000001):
        address = f"{name}@brightloom.io"
        harness.app.portal.owners[number] = Owner(number, number, address, name, "Rep", 0, archived)
    connector = harness.connector(fallback_owner="ana@brightloom.io")
    outcomes = connector.push([Assign(refs[0], "70000001"), Assign(refs[1], "ben@brightloom.io")])
    assert [type(one) for one in outcomes] == [Done, Done]
    assert [harness.held(ref, "hubspot_owner_id") for ref in refs] == ["70000001", "70000001", None]
    (refused,) = harness.connector().push([Assign(refs[2], "ben@brightloom.io")])
    assert isinstance(refused, Rejected)
    assert refused.code == "NO_OWNER"


@pytest.mark.parametrize("count", [1, 100, 101, 250])
def test_price_of_fields_is_what_they_cost(harness: HubSpotHarness, count: int) -> None:
    changes = scores(harness.add_people(count))
    connector = harness.connector(access_token=harness.address["access_token"])
    before = harness.meter.count()
    connector.push(changes)
    assert harness.meter.count() - before == connector.price(changes)


def test_price_of_lists_and_tasks_is_what_they_cost(harness: HubSpotHarness) -> None:
    refs = harness.add_people(150)
    connector = harness.connector(access_token=harness.address["access_token"])
    (list_id,) = connector.ensure_lists([harness.list_spec], create=True)
    changes: list[Change] = [
        SetMembership(ref, "x", str(list_id), member=True, channel="email") for ref in refs
    ]
    for asked in (changes, list(tasks(refs[:3], "70000001"))):
        before = harness.meter.count()
        connector.push(asked)
        assert harness.meter.count() - before == connector.price(asked)


def test_a_deleted_contact_is_not_listed(harness: HubSpotHarness) -> None:
    refs = harness.add_people(2)
    connector = harness.connector()
    (list_id,) = connector.ensure_lists([harness.list_spec], create=True)
    harness.delete(refs[0])
    for channel in ("none", "email"):
        changes = [SetMembership(ref, "x", str(list_id), member=True, channel=channel) for ref in refs]
        assert [type(one) for one in connector.push(changes)] == [Gone, Done]
    assert harness.members(str(list_id)) == {refs[1].record_id}


def test_memberships_are_read_back_as_a_whole(harness: HubSpotHarness) -> None:
    refs = harness.add_people(3)
    connector = harness.connector()
    (list_id,) = connector.ensure_lists([harness.list_spec], create=True)
    harness.do("change_list", list=str(list_id), add=[ref.record_id for ref in refs])
    stream = next(one for one in connector.capabilities.streams if one.name == "list_memberships")
    assert stream.sweep
    rows = [
        row
        for page in connector.pull(stream, Window(None, harness.now()), None)
        for row in page.tables["observed"].to_pylist()
    ]
    assert {row["record_id"] for row in rows} == {ref.record_id for ref in refs}
    assert {(row["field"], row["value"]) for row in rows} == {(f"list:{harness.list_spec.name}", "member")}


def test_a_list_that_appears_meanwhile_is_taken(harness: HubSpotHarness) -> None:
    harness.script({"status": 404, "body": {"message": "not found"}}, path="/name/", times=1)
    made = harness.do("create_list", name=harness.list_spec.name)["listId"]
    assert harness.connector().ensure_lists([harness.list_spec], create=True) == [made]


def test_eight_workers_renew_an_expired_token_once(harness: HubSpotHarness) -> None:
    refs = harness.add_people(8)
    connector = harness.connector()
    connector.push(scores(refs[:1]))
    before = harness.app.portal.keys.refreshes
    harness.do("expire_tokens")
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda ref: connector.push(scores([ref])), refs))
    assert all(isinstance(one, Done) for (one,) in outcomes)
    assert harness.app.portal.keys.refreshes == before + 1


@pytest.mark.parametrize("answer", [{"status": 503, "body": ""}, {"preset": "any.html"}, {"reset": True}])
def test_a_token_request_that_fails_is_made_again(harness: HubSpotHarness, answer: dict[str, object]) -> None:
    refs = harness.add_people(1)
    harness.script(dict(answer), path="/oauth/", times=1)
    (outcome,) = harness.connector().push(scores(refs))
    assert isinstance(outcome, Done)
    assert harness.sleep.slept


def test_the_vendor_s_own_count_of_calls_is_taken_in(harness: HubSpotHarness) -> None:
    harness.connector(access_token=harness.address["access_token"]).push(scores(harness.add_people(1)))
    used, limit = harness.meter.observed["hubspot"]
    assert 0 < used < limit
