"""HubSpot's lists and their members."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_served import Served, served

LISTS = "/crm/v3/lists"


@pytest.fixture
def account() -> Iterator[Served]:
    with served() as one:
        yield one


def created(account: Served, name: str = "Hot", **changes: Any) -> Any:
    return account.post(LISTS, {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL", **changes})


def members(account: Served, list_id: str) -> list[str]:
    return [one["recordId"] for one in account.get(f"{LISTS}/{list_id}/memberships")["results"]]


def test_list_is_made_with_200_and_found_by_name(account: Served) -> None:
    api = account.client.crm.lists.lists_api
    made = api.create({"name": "Hot leads", "objectTypeId": "0-1", "processingType": "MANUAL"}).list
    assert created(account, "Other").status_code == 200
    assert api.get_by_name(list_name="hot LEADS", object_type_id="0-1").list.list_id == made.list_id
    assert account.call("GET", f"{LISTS}/object-type-id/0-1/name/none").status_code == 404


def test_name_is_unique_until_the_list_is_deleted(account: Served) -> None:
    first = created(account).json()["list"]["listId"]
    again = created(account, "HOT")
    assert again.status_code == 400
    assert again.json()["subCategory"] == "ILS.DUPLICATE_LIST_NAMES"
    assert account.call("DELETE", f"{LISTS}/{first}").status_code == 204
    assert created(account).status_code == 200


def test_deleted_list_comes_back_within_ninety_days(account: Served) -> None:
    made = created(account).json()["list"]["listId"]
    account.call("DELETE", f"{LISTS}/{made}")
    assert account.call("GET", f"{LISTS}/{made}").status_code == 404
    assert account.call("PUT", f"{LISTS}/{made}/restore").status_code == 204
    account.call("DELETE", f"{LISTS}/{made}")
    account.later(days=91)
    assert account.call("PUT", f"{LISTS}/{made}/restore").status_code == 404


def test_members_come_and_go_and_missing_ones_are_told(account: Served) -> None:
    one, two = account.contact(), account.contact()
    made = created(account).json()["list"]["listId"]
    body = {"recordIdsToAdd": [one, two, "5"], "recordIdsToRemove": []}
    answer = account.call("PUT", f"{LISTS}/{made}/memberships/add-and-remove", body).json()
    assert answer == {"recordsIdsAdded": [one, two], "recordIdsRemoved": [], "recordIdsMissing": ["5"]}
    again = account.call("PUT", f"{LISTS}/{made}/memberships/add", [one]).json()
    assert again["recordsIdsAdded"] == []
    gone = account.call("PUT", f"{LISTS}/{made}/memberships/remove", [one]).json()
    assert gone["recordIdsRemoved"] == [one]
    assert members(account, made) == [two]


def test_client_changes_members(account: Served) -> None:
    one = account.contact()
    made = created(account).json()["list"]["listId"]
    api = account.client.crm.lists.memberships_api
    assert api.add(made, [one]).records_ids_added == [one]
    assert api.get_page(made).results[0].record_id == one
    assert api.get_lists("0-1", one).results[0].list_id == made
    assert api.remove(made, [one]).record_ids_removed == [one]


def test_merged_away_id_adds_the_survivor(account: Served) -> None:
    one, two = account.contact(), account.contact()
    survivor = account.do("merge", object="contacts", primary=one, other=two)["id"]
    made = created(account).json()["list"]["listId"]
    account.call("PUT", f"{LISTS}/{made}/memberships/add", [one])
    assert members(account, made) == [survivor]


def test_members_are_paged_by_at_most_250(account: Served) -> None:
    ids = account.do("create_many", object="contacts", count=300, properties={"city": "Ulm"})
    made = created(account).json()["list"]["listId"]
    everybody = [str(one) for one in range(int(ids["first"]), int(ids["last"]) + 1)]
    account.call("PUT", f"{LISTS}/{made}/memberships/add", everybody)
    first = account.get(f"{LISTS}/{made}/memberships?limit=250")
    second = account.get(f"{LISTS}/{made}/memberships?limit=250&after={first['paging']['next']['after']}")
    assert [one["recordId"] for one in first["results"] + second["results"]] == everybody
    assert "paging" not in second
    assert account.call("GET", f"{LISTS}/{made}/memberships?limit=251").status_code == 400


def test_last_to_join_comes_first_in_join_order(account: Served) -> None:
    one, two = account.contact(), account.contact()
    made = created(account).json()["list"]["listId"]
    account.call("PUT", f"{LISTS}/{made}/memberships/add", [two])
    account.later(minutes=1)
    account.call("PUT", f"{LISTS}/{made}/memberships/add", [one])
    joined = account.get(f"{LISTS}/{made}/memberships/join-order")["results"]
    assert [entry["recordId"] for entry in joined] == [one, two]


def test_members_of_a_filtered_list_follow_the_filter(account: Served) -> None:
    one = account.contact(city="Ulm")
    condition = {"operationType": "MULTISTRING", "operator": "IS_EQUAL_TO", "values": ["Ulm"]}
    branch = {
        "filterBranchType": "OR",
        "filterBranches": [
            {
                "filterBranchType": "AND",
                "filterBranches": [],
                "filters": [{"filterType": "PROPERTY", "property": "city", "operation": condition}],
            }
        ],
        "filters": [],
    }
    made = created(account, processingType="DYNAMIC", filterBranch=branch).json()["list"]["listId"]
    assert members(account, made) == [one]
    two = account.contact(city="ulm")
    assert members(account, made) == [one, two]
    assert account.call("PUT", f"{LISTS}/{made}/memberships/add", [one]).status_code == 400
    snapshot = created(account, "Then", processingType="SNAPSHOT", filterBranch=branch).json()["list"][
        "listId"
    ]
    account.contact(city="Ulm")
    assert members(account, snapshot) == [one, two]


@pytest.mark.parametrize(
    "changes",
    [
        {"processingType": "DYNAMIC"},
        {"processingType": "AUTO"},
        {"filterBranch": {"filters": []}},
        {"name": ""},
    ],
)
def test_bad_list_is_refused(account: Served, changes: dict[str, Any]) -> None:
    assert created(account, **changes).status_code == 400


def test_archived_contact_leaves_its_lists(account: Served) -> None:
    one = account.contact()
    account.do("create_list", name="Hot")
    account.do("change_list", list="Hot", add=[one])
    account.do("delete", id=one)
    assert members(account, "9") == []


def test_lists_are_searched_by_name_and_kind(account: Served) -> None:
    for name in ("Hot", "Cold", "Hotter"):
        created(account, name)
    found = account.post(
        f"{LISTS}/search", {"query": "hot", "count": 1, "processingTypes": ["MANUAL"]}
    ).json()
    assert [one["name"] for one in found["lists"]] == ["Hot"]
    assert (found["hasMore"], found["offset"], found["total"]) == (True, 1, 2)
    assert found["lists"][0]["additionalProperties"]["hs_list_size"] == "0"


def test_legacy_ids_are_other_ids(account: Served) -> None:
    made = created(account).json()["list"]["listId"]
    legacy = account.post(f"{LISTS}/search", {"additionalProperties": ["hs_legacy_list_id"]}).json()
    number = legacy["lists"][0]["additionalProperties"]["hs_legacy_list_id"]
    assert number != made
    mapped = account.post(f"{LISTS}/idmapping", [number, "1"]).json()
    assert mapped["legacyListIdsToIdsMapping"] == [{"listId": made, "legacyListId": number}]
    assert mapped["missingLegacyListIds"] == ["1"]
    assert account.get(f"{LISTS}/idmapping?legacyListId={number}")["listId"] == made


def test_renaming_filling_from_another_and_clearing(account: Served) -> None:
    one = account.contact()
    source, target = (created(account, name).json()["list"]["listId"] for name in ("A", "B"))
    account.call("PUT", f"{LISTS}/{source}/memberships/add", [one])
    assert account.call("PUT", f"{LISTS}/{target}/memberships/add-from/{source}").status_code == 204
    assert members(account, target) == [one]
    assert account.call("PUT", f"{LISTS}/{target}/update-list-name?listName=A").status_code == 400
    renamed = account.call("PUT", f"{LISTS}/{target}/update-list-name?listName=C").json()
    assert renamed["updatedList"]["name"] == "C"
    assert account.call("DELETE", f"{LISTS}/{target}/memberships").status_code == 204
    assert members(account, target) == []
    assert [
        found["name"] for found in account.get(f"{LISTS}?listIds={source}&listIds={target}")["lists"]
    ] == ["A", "C"]


def test_lists_answer_under_their_dated_address_too(account: Served) -> None:
    created(account)
    assert account.get("/crm/lists/2026-03/object-type-id/0-1/name/Hot")["list"]["name"] == "Hot"
