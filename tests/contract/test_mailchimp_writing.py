"""What is written to Mailchimp, what it costs, and what is never written."""

import json
from collections.abc import Iterator, Sequence

import pytest

from core.changes import (
    Change,
    CreateTask,
    Done,
    FieldSpec,
    Gone,
    ListSpec,
    Ref,
    Rejected,
    SetFields,
    SetMembership,
    Withheld,
)
from core.errors import OutcomeUnknown
from tests.contract.mailchimp_harness import AUDIENCE, MailchimpHarness


@pytest.fixture
def harness() -> Iterator[MailchimpHarness]:
    made = MailchimpHarness()
    made.connector().create_fields([made.text_field, made.number_field])
    yield made
    made.close()


def scores(refs: Sequence[Ref]) -> list[SetFields]:
    return [SetFields(ref, {"SL_SCORE": number}) for number, ref in enumerate(refs)]


def entering(refs: Sequence[Ref], list_id: str, channel: str = "email") -> list[SetMembership]:
    return [SetMembership(ref, "nurture", list_id, member=True, channel=channel) for ref in refs]


def listed(harness: MailchimpHarness) -> str:
    (list_id,) = harness.connector().ensure_lists([harness.list_spec], create=True)
    assert list_id
    return list_id


def test_merge_fields_are_private_and_in_every_audience(harness: MailchimpHarness) -> None:
    connector = harness.connector(audiences=[])
    spec = FieldSpec("members", "SL_NPS", "Satisfaction", "text", "promoter, passive or detractor.")
    assert [state.status for state in connector.create_fields([spec, harness.number_field])] == [
        "created"
    ] * 2
    ours = [one for one in harness.stored("merge_fields") if one["tag"] in {"SL_NPS", "SL_SCORE"}]
    assert len(ours) == 4
    assert {(one["public"], one["required"]) for one in ours} == {(False, False)}


def test_a_merge_field_of_another_type_is_reported_and_left_alone(harness: MailchimpHarness) -> None:
    before = harness.writes()
    (state,) = harness.connector().create_fields([FieldSpec("members", "SL_SCORE", "Score", "text")])
    assert state.status == "other_type"
    assert harness.writes() == before


def test_no_status_is_ever_sent(harness: MailchimpHarness) -> None:
    refs = harness.add_people(3)
    harness.opt_out(refs[1])
    harness.connector().push([*scores(refs), *entering(refs, listed(harness))])
    bodies = [json.loads(one["body"]) for one in harness.requests() if one["write"]]
    assert bodies
    assert not [body for body in bodies if "status" in json.dumps(body)]
    assert harness.member(refs[1])["status"] == "unsubscribed"
    assert harness.member(refs[1])["merge_fields"]["SL_SCORE"] == 1


def test_nobody_is_created_or_brought_back(harness: MailchimpHarness) -> None:
    here, archived, erased = harness.add_people(3)
    harness.delete(archived)
    harness.do("delete_permanent", audience=AUDIENCE, email=erased.address)
    outcomes = harness.connector().push(scores([here, archived, erased]))
    assert [type(one) for one in outcomes] == [Done, Gone, Gone]
    assert {row["email_address"]: row["status"] for row in harness.stored("members")} == {
        here.address: "subscribed",
        archived.address: "archived",
    }


def test_a_changed_address_waits_for_the_next_read(harness: MailchimpHarness) -> None:
    (ref,) = harness.add_people(1)
    harness.do("edit", audience=AUDIENCE, email=ref.address, changes={"email_address": "new@acme-looms.com"})
    (outcome,) = harness.connector().push(scores([ref]))
    assert isinstance(outcome, Rejected)
    assert outcome.retryable


@pytest.mark.parametrize("extra", [0, 40])
def test_only_the_subscribed_enter_a_list_for_e_mail(harness: MailchimpHarness, extra: int) -> None:
    """With 40 more members asked about, the listing is cheaper than asking one by one."""
    refs = harness.add_people(6 + extra)
    harness.opt_out(refs[0])
    harness.do("clean", audience=AUDIENCE, email=refs[1].address)
    harness.delete(refs[2])
    harness.do("edit", audience=AUDIENCE, email=refs[3].address, changes={"status": "pending"})
    harness.do("delete_permanent", audience=AUDIENCE, email=refs[4].address)
    outcomes = harness.connector().push(entering(refs, listed(harness)))
    kinds = [one.status if isinstance(one, Withheld) else type(one).__name__ for one in outcomes]
    assert kinds == ["unsubscribed", "cleaned", "archived", "pending", "Gone", *["Done"] * (1 + extra)]
    assert harness.members(listed(harness)) == {ref.record_id for ref in refs[5:]}


def test_the_archived_stay_off_every_list(harness: MailchimpHarness) -> None:
    refs = harness.add_people(2)
    harness.delete(refs[0])
    outcomes = harness.connector().push(entering(refs, listed(harness), channel="none"))
    assert [type(one) for one in outcomes] == [Withheld, Done]


def test_members_of_another_audience_are_not_tagged(harness: MailchimpHarness) -> None:
    harness.do("create", audience="Brightloom Shop", email_address="ana@acme-looms.com")
    (row,) = harness.stored("members")
    ref = Ref("mailchimp", "members", f"{row['list_id']}:{row['contact_id']}", "ana@acme-looms.com")
    (outcome,) = harness.connector(audiences=[]).push(entering([ref], listed(harness)))
    assert isinstance(outcome, Rejected)
    assert outcome.code == "OTHER_AUDIENCE"


def journey(harness: MailchimpHarness) -> str:
    connector = harness.connector(journeys={"Win back": "1/1"})
    (list_id,) = connector.ensure_lists([ListSpec("Win back", "journey")], create=True)
    assert list_id == "journey:1/1"
    return list_id


def test_a_journey_starts_for_the_subscribed_only(harness: MailchimpHarness) -> None:
    refs = harness.add_people(2)
    harness.opt_out(refs[0])
    outcomes = harness.connector().push(entering(refs, journey(harness)))
    assert [type(one) for one in outcomes] == [Withheld, Done]
    assert len(harness.stored("journeys")) == 1


def test_a_journey_whose_answer_was_lost_is_not_started_again(harness: MailchimpHarness) -> None:
    refs = harness.add_people(1)
    harness.script({"apply_then_drop": True}, path="/actions/trigger", times=1)
    with pytest.raises(OutcomeUnknown):
        harness.connector().push(entering(refs, journey(harness)))
    assert len(harness.stored("journeys")) == 1


def test_tasks_are_for_other_vendors(harness: MailchimpHarness) -> None:
    (ref,) = harness.add_people(1)
    (outcome,) = harness.connector().push([CreateTask(ref, "k", "Call", "", None)])
    assert isinstance(outcome, Rejected)


@pytest.mark.parametrize("count", [1, 500, 501, 1200])
def test_price_of_fields_is_what_they_cost(harness: MailchimpHarness, count: int) -> None:
    changes = scores(harness.add_people(count))
    connector = harness.connector()
    before = harness.meter.count()
    connector.push(changes)
    assert harness.meter.count() - before == connector.price(changes)


@pytest.mark.parametrize("count", [1, 3, 700])
def test_price_of_lists_is_what_they_cost(harness: MailchimpHarness, count: int) -> None:
    refs, list_id = harness.add_people(count), listed(harness)
    connector = harness.connector()
    connector.ensure_lists([harness.list_spec], create=False)
    changes: list[Change] = list(entering(refs, list_id))
    before = harness.meter.count()
    connector.push(changes)
    assert harness.meter.count() - before == connector.price(changes)


def test_two_changes_of_one_member_keep_their_order(harness: MailchimpHarness) -> None:
    (ref,) = harness.add_people(1)
    changes = [SetFields(ref, {"SL_SCORE": 1}), SetFields(ref, {"SL_SCORE": 2})]
    assert all(isinstance(one, Done) for one in harness.connector().push(changes))
    assert harness.held(ref, "SL_SCORE") == 2
