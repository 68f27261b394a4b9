"""HubSpot's associations, v4 and v3."""

from collections.abc import Iterator

import pytest

from tests.sandbox.hubspot_served import Served, served

V4 = "/crm/v4/associations"
SPEC = "HUBSPOT_DEFINED"


@pytest.fixture
def account() -> Iterator[Served]:
    with served() as one:
        yield one


def company(account: Served, name: str) -> str:
    return str(account.do("create", object="companies", properties={"name": name})["id"])


def test_first_company_is_primary_and_shows_as_a_property(account: Served) -> None:
    contact, first, second = account.contact(), company(account, "A"), company(account, "B")
    inputs = [{"from": {"id": contact}, "to": {"id": one}} for one in (first, second)]
    account.post(f"{V4}/contacts/companies/batch/associate/default", {"inputs": inputs})
    tied = account.get(f"/crm/v4/objects/contacts/{contact}/associations/companies")["results"]
    types = {one["toObjectId"]: [kind["label"] for kind in one["associationTypes"]] for one in tied}
    assert types == {first: [None, "Primary"], second: [None]}
    shown = account.get(f"/crm/v3/objects/contacts/{contact}?properties=associatedcompanyid")
    assert shown["properties"]["associatedcompanyid"] == first


def test_new_primary_demotes_the_old(account: Served) -> None:
    contact, first, second = account.contact(), company(account, "A"), company(account, "B")
    account.do("associate", object="contacts", id=contact, to_object="companies", to_id=first)
    spec = [{"associationCategory": SPEC, "associationTypeId": 1}]
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{second}"
    assert account.call("PUT", path, spec).status_code == 201
    shown = account.get(f"/crm/v3/objects/contacts/{contact}?properties=associatedcompanyid")
    assert shown["properties"]["associatedcompanyid"] == second


def test_v3_names_a_primary_company_twice(account: Served) -> None:
    contact, first = account.contact(), company(account, "A")
    account.do("associate", object="contacts", id=contact, to_object="companies", to_id=first)
    record = account.get(f"/crm/v3/objects/contacts/{contact}?associations=companies,deals")
    assert record["associations"] == {
        "companies": {
            "results": [
                {"id": first, "type": "contact_to_company"},
                {"id": first, "type": "contact_to_company_unlabeled"},
            ]
        }
    }


def test_batch_read_pages_within_each_result_and_tells_who_has_none(account: Served) -> None:
    alone, crowded = company(account, "A"), company(account, "B")
    made = account.do("create_many", object="contacts", count=600, properties={"city": "Ulm"})
    for contact in range(int(made["first"]), int(made["last"]) + 1):
        account.do("associate", object="contacts", id=contact, to_object="companies", to_id=crowded)
    path = f"{V4}/companies/contacts/batch/read"
    answer = account.post(path, {"inputs": [{"id": crowded}, {"id": alone}]})
    assert answer.status_code == 207
    first = answer.json()["results"][0]
    assert len(first["to"]) == 500
    assert answer.json()["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    after = first["paging"]["next"]["after"]
    rest = account.post(path, {"inputs": [{"id": crowded, "after": after}]}).json()["results"][0]
    assert len(rest["to"]) == 100
    assert "paging" not in rest
    v3 = account.post("/crm/v3/associations/companies/contacts/batch/read", {"inputs": [{"id": crowded}]})
    assert len({one["id"] for one in v3.json()["results"][0]["to"]}) == 100


def test_client_reads_a_batch(account: Served) -> None:
    contact, first = account.contact(), company(account, "A")
    account.do("associate", object="contacts", id=contact, to_object="companies", to_id=first)
    batch = account.client.crm.associations.v4.batch_api
    answer = batch.get_page("contacts", "companies", {"inputs": [{"id": contact}]})
    assert answer.results[0].to[0].to_object_id == first


def test_labels_of_ones_own_go_both_ways(account: Served) -> None:
    contact, first = account.contact(), company(account, "A")
    body = {"label": "Champion", "name": "champion", "inverseLabel": "Championed by"}
    type_id = account.post(f"{V4}/contacts/companies/labels", body).json()["results"][0]["typeId"]
    types = [{"associationCategory": "USER_DEFINED", "associationTypeId": type_id}]
    inputs = [{"from": {"id": contact}, "to": {"id": first}, "types": types}]
    made = account.post(f"{V4}/contacts/companies/batch/create", {"inputs": inputs})
    assert made.status_code == 201
    assert set(made.json()["results"][0]["labels"]) == {"Primary", "Champion"}
    back = account.get(f"/crm/v4/objects/companies/{first}/associations/contacts")["results"][0]
    assert "Championed by" in [kind["label"] for kind in back["associationTypes"]]
    inputs[0]["to"] = {"id": first}
    assert (
        account.post(f"{V4}/contacts/companies/batch/labels/archive", {"inputs": inputs}).status_code == 204
    )
    listed = account.get(f"{V4}/contacts/companies/labels")["results"]
    assert [one["label"] for one in listed] == [None, "Primary", "Champion"]


def test_created_with_a_record_and_undone(account: Served) -> None:
    first = company(account, "A")
    types = [{"associationCategory": SPEC, "associationTypeId": 279}]
    body = {"properties": {"city": "Ulm"}, "associations": [{"to": {"id": first}, "types": types}]}
    contact = account.post("/crm/v3/objects/contacts", body).json()["id"]
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies"
    assert account.get(path)["results"][0]["toObjectId"] == first
    assert account.call("DELETE", f"{path}/{first}").status_code == 204
    assert account.get(path)["results"] == []


def test_archive_ties_by_batch_and_by_v3(account: Served) -> None:
    contact, first = account.contact(), company(account, "A")
    plain = [{"from": {"id": contact}, "to": {"id": first}, "type": "contact_to_company"}]
    made = account.post("/crm/v3/associations/contacts/companies/batch/create", {"inputs": plain})
    assert made.status_code == 201
    inputs = [{"from": {"id": contact}, "to": [{"id": first}]}]
    assert account.post(f"{V4}/contacts/companies/batch/archive", {"inputs": inputs}).status_code == 204
    assert account.get(f"/crm/v4/objects/contacts/{contact}/associations/companies")["results"] == []


def test_impossible_pairs_types_and_records_are_refused(account: Served) -> None:
    contact, first = account.contact(), company(account, "A")
    assert (
        account.call("GET", f"/crm/v4/objects/contacts/{contact}/associations/line_items").status_code == 400
    )
    assert account.call("GET", "/crm/v4/objects/contacts/5/associations/companies").status_code == 404
    spec = [{"associationCategory": SPEC, "associationTypeId": 4}]
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies/{first}"
    assert account.call("PUT", path, spec).status_code == 400


def test_dated_address_speaks_v4(account: Served) -> None:
    contact, first = account.contact(), company(account, "A")
    account.do("associate", object="contacts", id=contact, to_object="companies", to_id=first)
    dated = account.get(f"/crm/objects/2026-03/contacts/{contact}/associations/companies")
    assert dated["results"][0]["toObjectId"] == first
    body = {"inputs": [{"id": contact}]}
    assert account.post("/crm/associations/2026-03/contacts/companies/batch/read", body).status_code == 200
