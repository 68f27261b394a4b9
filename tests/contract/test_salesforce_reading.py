"""Reading Salesforce: every stream, whatever happens to records, cursors, jobs and the org meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.base import Page, Window
from connectors.salesforce.connector import SalesforceConnector
from core.errors import QuotaExhausted, SchemaDrift
from tests.contract.salesforce_harness import SalesforceHarness

Row = Mapping[str, Any]


@pytest.fixture
def harness() -> Iterator[SalesforceHarness]:
    made = SalesforceHarness()
    yield made
    made.close()


def pages(
    connector: SalesforceConnector, name: str, window: Window, resume: str | None = None
) -> Iterator[Page]:
    stream = next(stream for stream in connector.capabilities.streams if stream.name == name)
    return connector.pull(stream, window, resume)


def rows(harness: SalesforceHarness, stream: str, table: str, since: datetime | None = None) -> list[Row]:
    found: list[Row] = []
    for page in pages(harness.connector(), stream, Window(since, harness.now())):
        found += page.tables[table].to_pylist() if table in page.tables else []
    return found


def people_of(some: Sequence[Page]) -> set[str]:
    return {key for page in some for key in page.tables["person_records"].column("record_id").to_pylist()}


def test_every_stream_counts_what_the_world_lived_through() -> None:
    harness = SalesforceHarness("grown", 300)
    events = [event for event in harness.sandbox.world.events if "salesforce" in event.vendors]
    wanted = {"call", "meeting", "support_ticket", "webinar_register", "webinar_attend", "event_attend"}
    lived = sorted(event.type for event in events if event.type in {*wanted, "campaign_response"})
    read = [
        row["type"]
        for stream in ("tasks", "events", "cases", "campaign_members")
        for row in rows(harness, stream, "activity_records")
        if not row["deleted"]
    ]
    harness.close()
    assert sorted(read) == lived
    assert {*wanted} <= set(read)


def test_conversion_leads_to_the_contact(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    harness.pass_time(60)
    made = harness.do("convert", id=ref.record_id)
    (lead,) = rows(harness, "leads", "person_records")
    assert (lead["state"], lead["successor"]) == ("converted", f"salesforce:Contact:{made['contactId']}")
    assert [row["record_id"] for row in rows(harness, "contacts", "person_records")] == [made["contactId"]]


def test_a_merge_leads_to_the_winner_and_a_restore_brings_back(harness: SalesforceHarness) -> None:
    refs = harness.add_people(3)
    harness.pass_time(60)
    harness.do("merge", master=refs[0].record_id, losers=[refs[1].record_id])
    harness.delete(refs[2])
    since = harness.now()
    states = {row["record_id"]: row for row in rows(harness, "leads", "person_records", since)}
    merged = states[refs[1].record_id]
    assert (merged["state"], merged["successor"]) == ("merged", f"salesforce:Lead:{refs[0].record_id}")
    assert states[refs[2].record_id]["state"] == "deleted"
    harness.pass_time(60)
    harness.do("restore", id=refs[2].record_id)
    (back,) = rows(harness, "leads", "person_records", harness.now())
    assert (back["record_id"], back["state"]) == (refs[2].record_id, "live")


def test_purged_records_are_missing_from_the_living(harness: SalesforceHarness) -> None:
    refs = harness.add_people(3)
    harness.delete(refs[0])
    harness.do("purge", id=refs[0].record_id)
    living = {key for some in harness.connector().live_ids("Lead") for key in some}
    assert living == {ref.record_id for ref in refs[1:]}


def test_archived_activities_are_read(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    call = {"WhoId": ref.record_id, "Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"}
    made = harness.do("create", object="Task", values=call)["id"]
    harness.do("archive", object="Task", id=made)
    (row,) = rows(harness, "tasks", "activity_records")
    assert (row["activity_id"], row["type"], row["record_id"]) == (f"task:{made}", "call", ref.record_id)


def test_a_reopened_call_is_withdrawn_and_our_own_tasks_are_none(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    call = {"WhoId": ref.record_id, "Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"}
    made = harness.do("create", object="Task", values=call)["id"]
    harness.pass_time(60)
    harness.do("edit", object="Task", id=made, values={"Status": "Not Started"})
    harness.do(
        "create",
        object="Task",
        values={"WhoId": ref.record_id, "Subject": "Call Ana", "Status": "Not Started"},
    )
    found = rows(harness, "tasks", "activity_records", harness.now())
    assert [(row["activity_id"], row["deleted"]) for row in found] == [(f"task:{made}", True)]


def test_a_webinar_registration_becomes_attendance(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    campaign = harness.do(
        "create", object="Campaign", values={"Name": "Demo day", "Type": "Webinar", "StartDate": "2026-11-21"}
    )["id"]
    for label, responded in (("Registered", False), ("Attended", True)):
        status = {"CampaignId": campaign, "Label": label, "HasResponded": responded}
        harness.do("create", object="CampaignMemberStatus", values=status)
    member = {"CampaignId": campaign, "LeadId": ref.record_id, "Status": "Registered"}
    made = harness.do("create", object="CampaignMember", values=member)["id"]
    assert [row["type"] for row in rows(harness, "campaign_members", "activity_records")] == [
        "webinar_register"
    ]
    harness.pass_time(60)
    harness.do("edit", object="CampaignMember", id=made, values={"Status": "Attended"})
    found = rows(harness, "campaign_members", "activity_records")
    assert [(row["type"], row["deleted"]) for row in found] == [
        ("webinar_register", False),
        ("webinar_attend", False),
    ]
    assert found[1]["occurred_at"] == datetime(2026, 11, 21, tzinfo=UTC).replace(tzinfo=None)
    assert {row["campaign"] for row in found} == {"Demo day"}


def test_companies_have_domains_and_may_be_customers(harness: SalesforceHarness) -> None:
    values = {
        "Name": "Acme",
        "Website": "HTTPS://www.Acme.test:443/en?x=1",
        "Type": "Customer",
        "NumberOfEmployees": 50,
    }
    harness.do("create", object="Account", values=values)
    harness.do("create", object="Account", values={"Name": "Blank"})
    acme, blank = rows(harness, "accounts", "company_records")
    assert (acme["domain"], acme["is_customer"], acme["employees"]) == ("acme.test", True, 50)
    assert (blank["domain"], blank["is_customer"], blank["employees"]) == (None, None, None)


def test_opt_outs_are_refusals_and_nothing_else_is_consent(harness: SalesforceHarness) -> None:
    refs = harness.add_people(2)
    harness.opt_out(refs[1])
    found = {row["record_id"]: row["status"] for row in rows(harness, "leads", "consent_records")}
    assert found == {refs[0].record_id: "none", refs[1].record_id: "unsubscribed"}


def test_mapped_fields_and_attributes_are_read(harness: SalesforceHarness) -> None:
    harness.do(
        "create_field",
        object="Lead",
        field="Seats__c",
        metadata={"label": "Seats", "type": "Number", "precision": 18, "scale": 0},
    )
    harness.add_people(1, Seats__c=40, Rating="Hot")
    connector = harness.connector(
        map={"Lead": {"lifecycle": "Rating"}}, attributes={"Lead": {"seats": "Seats__c"}}
    )
    (page,) = pages(connector, "leads", Window(None, harness.now()))
    (row,) = page.tables["person_records"].to_pylist()
    assert (row["lifecycle"], row["attributes"]) == ("Hot", '{"seats": 40.0}')


@pytest.mark.parametrize("change", ["hidden", "retyped"])
def test_drift_is_found_before_the_first_page(harness: SalesforceHarness, change: str) -> None:
    harness.add_people(1)
    if change == "hidden":
        harness.do("hide_field", object="Account", field="Website")
    else:
        harness.do("set_field", object="Account", field="NumberOfEmployees", type="string")
    with pytest.raises(SchemaDrift, match="Website" if change == "hidden" else "NumberOfEmployees"):
        rows(harness, "accounts", "company_records")
    assert not [one for one in harness.requests() if "query" in one["path"]]
    assert len(rows(harness, "leads", "person_records")) == 1


def test_an_expired_cursor_continues_after_the_last_record(harness: SalesforceHarness) -> None:
    harness.small_pages()
    refs = harness.add_people(25)
    reading = pages(harness.connector(), "leads", Window(None, harness.now()))
    seen = [next(reading)]
    harness.do("expire_cursors")
    seen += list(reading)
    assert people_of(seen) == {ref.record_id for ref in refs}
    assert sum(page.records for page in seen) == 25


def test_a_job_is_resumed_by_its_id_and_started_anew_when_it_is_gone(harness: SalesforceHarness) -> None:
    harness.do("set_limit", bulk_page_size=5000)
    harness.add_many_people(13_000)
    window = Window(None, harness.now())
    seen = list(pages(harness.connector(), "leads", window))
    assert len(people_of(seen)) == 13_000
    jobs = [one for one in harness.requests() if one["path"].endswith("/jobs/query")]
    token = seen[1].token
    rest = list(pages(harness.connector(), "leads", window, token))
    assert len(people_of(seen[:2]) | people_of(rest)) == 13_000
    assert len([one for one in harness.requests() if one["path"].endswith("/jobs/query")]) == len(jobs)
    harness.pass_time(8 * 86_400)
    again = list(pages(harness.connector(), "leads", window, token))
    assert len(people_of(seen[:1]) | people_of(again)) == 13_000


@pytest.mark.parametrize(("count", "calls"), [(0, 1), (100, 1), (2000, 1), (2001, 2), (10_000, 5)])
def test_reading_costs_the_fewest_calls(harness: SalesforceHarness, count: int, calls: int) -> None:
    if count:
        harness.add_many_people(count)
    connector = harness.connector()
    connector.field_states([harness.text_field])
    harness.meter.calls.clear()
    assert sum(page.records for page in pages(connector, "leads", Window(None, harness.now()))) == count
    assert harness.meter.count() == calls


def test_a_spent_daily_allowance_is_no_reason_to_retry(harness: SalesforceHarness) -> None:
    harness.add_people(1)
    connector = harness.connector()
    connector.field_states([harness.text_field])
    harness.do("set_limit", daily_requests=1)
    before = len(harness.requests())
    with pytest.raises(QuotaExhausted) as raised:
        list(pages(connector, "leads", Window(None, harness.now())))
    assert raised.value.resets_at == harness.now() + timedelta(hours=1)
    assert len(harness.requests()) == before + 1


def test_the_vendors_own_count_of_calls_is_passed_on(harness: SalesforceHarness) -> None:
    list(pages(harness.connector(), "leads", Window(None, harness.now())))
    assert harness.meter.observed["salesforce"] == (2, 110_000)


def test_a_signed_assertion_logs_in_too(harness: SalesforceHarness) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    harness.do("upload_public_key", pem=public.decode())
    harness.sandbox.clock.set(datetime.now(UTC))  # the SDK dates its assertions by the real clock
    harness.add_people(1)
    connector = harness.connector(
        auth="jwt", username=harness.address["username"], private_key=private.decode(), consumer_secret=None
    )
    assert connector.check().items[0].ok
    assert sum(page.records for page in pages(connector, "leads", Window(None, harness.now()))) == 1


@pytest.mark.parametrize(
    ("denied", "item"),
    [
        ("ApiEnabled", "log in"),
        ("Case", "read Case"),
        ("Lead.edit", "write Lead"),
        ("Task.create", "create tasks"),
        ("CampaignMember.create", "change campaign members"),
    ],
)
def test_check_names_the_step_that_is_missing(harness: SalesforceHarness, denied: str, item: str) -> None:
    connector = harness.connector()
    connector.create_fields([harness.text_field, harness.number_field])
    harness.do("deny", what=denied)
    failed = [one for one in connector.check().items if not one.ok]
    assert [one.name for one in failed] == [item]
    assert failed[0].remedy


def test_check_knows_fields_that_are_still_to_be_created(harness: SalesforceHarness) -> None:
    failed = [one.name for one in harness.connector().check().items if not one.ok]
    assert failed == ["write Lead", "permission set"]


def test_a_job_that_fails_leaves_the_rest_to_rest(harness: SalesforceHarness) -> None:
    harness.add_many_people(7000)
    failed = {"id": "7505f0000000001AAA", "state": "Failed", "errorMessage": "OPERATION_TOO_LARGE"}
    given = {
        "vendor": "salesforce",
        "method": "GET",
        "path": "/jobs/query/",
        "action": {"status": 200, "body": failed},
    }
    harness.sandbox.faults.add(given)
    connector = harness.connector(bulk_read_from=2000)
    assert sum(page.records for page in pages(connector, "leads", Window(None, harness.now()))) == 7000


def test_skipped_streams_are_neither_read_nor_checked(harness: SalesforceHarness) -> None:
    harness.do("deny", what="Case")
    connector = harness.connector(skip=["cases"])
    assert "cases" not in [stream.name for stream in connector.capabilities.streams]
    assert "read Case" not in [item.name for item in connector.check().items]


def test_a_meeting_counts_once_whoever_else_was_invited(harness: SalesforceHarness) -> None:
    (ref,) = harness.add_people(1)
    meeting = {"WhoId": ref.record_id, "Subject": "Demo", "DurationInMinutes": 30}
    meeting["StartDateTime"] = "2026-11-20T09:00:00.000+0000"
    copies = [meeting, {**meeting, "IsChild": True}, {**meeting, "IsRecurrence": True}]
    made = harness.do("create_many", object="Event", records=copies)["ids"]
    (row,) = rows(harness, "events", "activity_records")
    assert (row["activity_id"], row["value"], row["unit"]) == (f"event:{made[0]}", 1800.0, "s")


def test_describes_that_fail_together_are_asked_alone(harness: SalesforceHarness) -> None:
    harness.add_people(1)
    refused = [{"errorCode": "UNKNOWN", "message": "not here"}]
    names = ("Account", "Contact", "Lead")
    parts = [{"referenceId": name, "httpStatusCode": 400, "body": refused} for name in names]
    action = {"status": 200, "body": {"compositeResponse": parts}}
    harness.sandbox.faults.add({"path": r"/composite$", "action": action, "times": 1})
    assert len(rows(harness, "leads", "person_records")) == 1
