"""Batches of HubSpot records: what fails alone, what takes its neighbours along."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_served import Served, served

BATCH = "/crm/v3/objects/contacts/batch"


@pytest.fixture
def account() -> Iterator[Served]:
    with served() as one:
        yield one


def batch(account: Served) -> Any:
    return account.client.crm.contacts.batch_api


def many(account: Served, count: int) -> list[str]:
    return [account.contact(firstname=f"n{number}") for number in range(count)]


def test_read_tells_missing_ids_in_one_error_of_a_207(account: Served) -> None:
    made = many(account, 2)
    answer = account.post(
        f"{BATCH}/read", {"inputs": [{"id": one} for one in [*made, "1", "2"]], "properties": []}
    )
    assert answer.status_code == 207
    body = answer.json()
    assert [record["id"] for record in body["results"]] == made
    assert body["numErrors"] == 1
    assert body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert body["errors"][0]["context"] == {"ids": ["1", "2"]}


def test_client_reads_a_207_as_results_with_errors(account: Served) -> None:
    made = many(account, 1)
    answer = batch(account).read({"inputs": [{"id": made[0]}, {"id": "1"}], "properties": ["firstname"]})
    assert type(answer).__name__ == "BatchResponseSimplePublicObjectWithErrors"
    assert [record.id for record in answer.results] == made


def test_read_by_a_merged_away_id_returns_the_survivor(account: Served) -> None:
    one, two = many(account, 2)
    survivor = account.do("merge", object="contacts", primary=one, other=two)["id"]
    answer = account.post(f"{BATCH}/read", {"inputs": [{"id": one}, {"id": two}]})
    assert answer.status_code == 200
    assert [record["id"] for record in answer.json()["results"]] == [survivor]


def test_hundred_inputs_are_the_most_and_fifty_with_history(account: Served) -> None:
    inputs = [{"id": str(number)} for number in range(101)]
    assert account.post(f"{BATCH}/read", {"inputs": inputs}).status_code == 400
    assert account.post(f"{BATCH}/update", {"inputs": inputs}).status_code == 400
    with_history = {"inputs": inputs[:51], "propertiesWithHistory": ["city"]}
    assert account.post(f"{BATCH}/read", with_history).status_code == 400


def test_update_of_a_missing_id_leaves_the_others_written(account: Served) -> None:
    made = many(account, 2)
    inputs = [
        {"id": one, "properties": {"city": "Ulm"}, "objectWriteTraceId": f"t{one}"} for one in [*made, "1"]
    ]
    answer = account.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 207
    body = answer.json()
    assert [record["id"] for record in body["results"]] == made
    assert [record["objectWriteTraceId"] for record in body["results"]] == [f"t{one}" for one in made]
    assert body["errors"][0]["context"] == {"ids": ["1"], "objectWriteTraceId": ["t1"]}
    assert {record["properties"]["city"] for record in body["results"]} == {"Ulm"}


def test_one_bad_value_costs_the_whole_update(account: Served) -> None:
    made = many(account, 3)
    inputs = [{"id": one, "properties": {"city": "Ulm"}} for one in made]
    inputs[1]["properties"] = {"lifecyclestage": "hot"}
    answer = account.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert "INVALID_OPTION" in answer.json()["message"]
    assert all("city" not in record["properties"] for record in account.app.dump()["contacts"])


def test_refused_record_fails_its_batch_until_the_rule_is_lifted(account: Served) -> None:
    made = many(account, 2)
    account.do("refuse", id=made[0], message="Phone required")
    inputs = [{"id": one, "properties": {"city": "Ulm"}} for one in made]
    answer = account.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert "Phone required" in answer.json()["message"]
    account.do("refuse", id=made[0], message="")
    assert account.post(f"{BATCH}/update", {"inputs": inputs}).status_code == 200


def test_update_by_a_merged_away_id_vanishes_from_a_200(account: Served) -> None:
    one, two, three = many(account, 3)
    account.do("merge", object="contacts", primary=one, other=two)
    inputs = [{"id": each, "properties": {"city": "Ulm"}} for each in (one, three)]
    answer = account.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 200
    assert [record["id"] for record in answer.json()["results"]] == [three]


def test_merged_away_id_leads_to_the_survivor_where_so_configured(account: Served) -> None:
    one, two = many(account, 2)
    survivor = account.do("merge", object="contacts", primary=one, other=two)["id"]
    account.do("set_limits", merged_update="redirect")
    answer = account.post(f"{BATCH}/update", {"inputs": [{"id": one, "properties": {"city": "Ulm"}}]})
    assert [record["id"] for record in answer.json()["results"]] == [survivor]


def test_ids_must_not_repeat_within_an_update(account: Served) -> None:
    made = many(account, 1)
    inputs = [{"id": made[0], "properties": {"city": "Ulm"}}] * 2
    answer = account.post(f"{BATCH}/update", {"inputs": inputs})
    assert answer.status_code == 400
    assert "Duplicate IDs found in batch input" in answer.json()["message"]


def test_update_by_hs_object_id_is_refused(account: Served) -> None:
    made = many(account, 1)
    inputs = [{"id": made[0], "idProperty": "hs_object_id", "properties": {"city": "Ulm"}}]
    assert account.post(f"{BATCH}/update", {"inputs": inputs}).status_code == 400


def test_create_without_trace_ids_is_all_or_nothing(account: Served) -> None:
    taken = account.contact(email="a@acme.io")
    inputs = [{"properties": {"email": address}} for address in ("b@acme.io", "a@acme.io")]
    answer = account.post(f"{BATCH}/create", {"inputs": inputs})
    assert answer.status_code == 409
    assert answer.json()["message"] == f"Contact already exists. Existing ID: {taken}"
    assert len(account.app.dump()["contacts"]) == 1


def test_create_with_trace_ids_makes_the_good_ones(account: Served) -> None:
    account.contact(email="a@acme.io")
    inputs = [
        {"properties": {"email": address}, "objectWriteTraceId": address}
        for address in ("b@acme.io", "a@acme.io", "c@acme.io")
    ]
    answer = account.post(f"{BATCH}/create", {"inputs": inputs})
    assert answer.status_code == 207
    body = answer.json()
    assert [record["objectWriteTraceId"] for record in body["results"]] == ["b@acme.io", "c@acme.io"]
    assert body["errors"][0]["category"] == "CONFLICT"
    assert body["errors"][0]["context"]["objectWriteTraceId"] == ["a@acme.io"]


def test_upsert_says_which_records_are_new(account: Served) -> None:
    known = account.contact(email="a@acme.io")
    inputs = [
        {"id": address, "idProperty": "email", "properties": {"city": "Ulm"}}
        for address in ("a@acme.io", "b@acme.io")
    ]
    answer = batch(account).upsert({"inputs": inputs})
    assert [(record.id == known, record.new) for record in answer.results] == [(True, False), (False, True)]


def test_upsert_needs_an_id_property(account: Served) -> None:
    answer = account.post(f"{BATCH}/upsert", {"inputs": [{"id": "a@acme.io", "properties": {}}]})
    assert answer.status_code == 400


def test_archive_passes_over_what_is_not_there(account: Served) -> None:
    made = many(account, 2)
    assert (
        account.post(f"{BATCH}/archive", {"inputs": [{"id": one} for one in [*made, "1"]]}).status_code == 204
    )
    assert account.get("/crm/v3/objects/contacts")["results"] == []


def test_unchanged_value_moves_the_modified_date_but_not_the_history(account: Served) -> None:
    made = account.contact(city="Ulm")
    account.later(hours=1)
    account.post(f"{BATCH}/update", {"inputs": [{"id": made, "properties": {"city": "Ulm"}}]})
    record = account.get(f"/crm/v3/objects/contacts/{made}?propertiesWithHistory=city")
    assert record["updatedAt"] == "2026-11-22T09:00:00Z"
    assert len(record["propertiesWithHistory"]["city"]) == 1


def test_log_tells_writes_from_reads_and_counts_records(account: Served) -> None:
    made = many(account, 3)
    account.post(f"{BATCH}/read", {"inputs": [{"id": made[0]}]})
    account.post("/crm/v3/objects/contacts/search", {})
    account.post(f"{BATCH}/update", {"inputs": [{"id": one, "properties": {"city": "Ulm"}} for one in made]})
    account.post(f"{BATCH}/update", {"inputs": [{"id": made[0], "properties": {"nope": "1"}}]})
    logged = [one for one in account.log() if one["method"] == "POST"]
    assert [(one["write"], one["records"]) for one in logged] == [
        (False, 0),
        (False, 0),
        (True, 3),
        (False, 0),
    ]
