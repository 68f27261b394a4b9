"""HubSpot's property definitions and groups."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.hubspot.catalog import OBJECT_TYPES
from tests.sandbox.hubspot_served import Served, served

CONTACTS = "/crm/v3/properties/contacts"
SCORE = {"name": "score", "label": "Score", "type": "number", "fieldType": "number", "groupName": "scoring"}


@pytest.fixture
def account() -> Iterator[Served]:
    with served() as one:
        one.post(f"{CONTACTS}/groups", {"name": "scoring", "label": "Scoring"})
        yield one


def created(account: Served, **changes: Any) -> Any:
    return account.post(CONTACTS, {**SCORE, **changes})


@pytest.mark.parametrize("kind", [kind.name for kind in OBJECT_TYPES])
def test_every_object_type_describes_itself(account: Served, kind: str) -> None:
    listed = {one["name"]: one for one in account.get(f"/crm/v3/properties/{kind}")["results"]}
    assert listed["hs_object_id"]["modificationMetadata"]["readOnlyValue"] is True
    assert all(one["hubspotDefined"] for one in listed.values())


def test_new_property_takes_values_and_shows_them_at_once(account: Served) -> None:
    core = account.client.crm.properties.core_api
    made = core.create("contacts", SCORE)
    assert (made.name, made.type, made.modification_metadata.read_only_value) == ("score", "number", False)
    contact = account.contact()
    account.client.crm.contacts.basic_api.update(contact, {"properties": {"score": "64.00"}})
    assert (
        account.get(f"/crm/v3/objects/contacts/{contact}?properties=score")["properties"]["score"] == "64.00"
    )


def test_same_name_again_is_a_conflict(account: Served) -> None:
    assert created(account).status_code == 201
    again = created(account)
    assert again.status_code == 409
    assert again.json()["category"] == "CONFLICT"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Score"},
        {"name": "1score"},
        {"name": "hs_score"},
        {"name": "x" * 101},
        {"groupName": "nope"},
        {"type": "money"},
        {"type": "string", "fieldType": "number"},
        {"type": "enumeration", "fieldType": "select"},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A ", "value": "a"}]},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "A", "value": "a"}] * 2},
        {"label": ""},
    ],
)
def test_bad_definition_is_refused(account: Served, changes: dict[str, Any]) -> None:
    assert created(account, **changes).status_code == 400


def test_unknown_property_is_a_404(account: Served) -> None:
    assert account.call("GET", f"{CONTACTS}/nope").status_code == 404
    assert account.call("DELETE", f"{CONTACTS}/nope").status_code == 404


def test_options_bind_and_several_are_joined(account: Served) -> None:
    options = [{"label": one.upper(), "value": one, "hidden": False} for one in ("a", "b")]
    created(account, name="many", type="enumeration", fieldType="checkbox", options=options)
    contact = account.contact()
    good = account.call("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"many": "a;b"}})
    assert good.json()["properties"]["many"] == "a;b"
    bad = account.call("PATCH", f"/crm/v3/objects/contacts/{contact}", {"properties": {"many": "a;c"}})
    assert "INVALID_OPTION" in bad.json()["message"]


def test_values_take_the_form_of_their_type(account: Served) -> None:
    created(account, name="on_day", type="date", fieldType="date")
    created(account, name="at_time", type="datetime", fieldType="date")
    created(account, name="flag", type="bool", fieldType="booleancheckbox")
    contact = account.contact()
    path = f"/crm/v3/objects/contacts/{contact}"
    values = {"on_day": 1795305600000, "at_time": "1795334400000", "flag": True}
    kept = account.call("PATCH", path, {"properties": values}).json()["properties"]
    assert kept["on_day"] == "2026-11-22"
    assert kept["at_time"] == "2026-11-22T08:00:00Z"
    assert kept["flag"] == "true"
    assert account.call("PATCH", path, {"properties": {"on_day": "1795334400000"}}).status_code == 400


def test_ten_unique_properties_are_the_most(account: Served) -> None:
    answers = [
        created(account, name=f"u{number}", type="string", fieldType="text", hasUniqueValue=True).status_code
        for number in range(11)
    ]
    assert answers == [201] * 10 + [400]


def test_unique_property_finds_and_guards(account: Served) -> None:
    created(account, name="key", type="string", fieldType="text", hasUniqueValue=True)
    first = account.post("/crm/v3/objects/contacts", {"properties": {"key": "k1"}}).json()
    assert account.get("/crm/v3/objects/contacts/k1?idProperty=key")["id"] == first["id"]
    taken = account.post("/crm/v3/objects/contacts", {"properties": {"key": "k1"}})
    assert taken.status_code == 400
    assert account.call("GET", "/crm/v3/objects/contacts/Ulm?idProperty=city").status_code == 400


def test_archived_property_is_gone_from_records_and_its_name_is_free(account: Served) -> None:
    created(account)
    contact = account.contact(score=5)
    assert account.call("DELETE", f"{CONTACTS}/score").status_code == 204
    assert "score" not in account.get(f"/crm/v3/objects/contacts/{contact}?properties=score")["properties"]
    assert [one["name"] for one in account.get(f"{CONTACTS}?archived=true")["results"]] == ["score"]
    assert created(account, type="string", fieldType="text").status_code == 201


def test_definitions_of_hubspot_itself_stay(account: Served) -> None:
    assert account.call("DELETE", f"{CONTACTS}/email").status_code == 400
    assert account.call("PATCH", f"{CONTACTS}/email", {"label": "Mail"}).status_code == 400


def test_label_and_type_of_ones_own_may_change(account: Served) -> None:
    created(account)
    changed = account.call(
        "PATCH", f"{CONTACTS}/score", {"label": "Points", "type": "string", "fieldType": "text"}
    )
    assert (changed.json()["label"], changed.json()["type"]) == ("Points", "string")


def test_batches_create_read_and_archive(account: Served) -> None:
    batch = account.client.crm.properties.batch_api
    inputs = [{**SCORE, "name": name} for name in ("one", "two")]
    assert [one.name for one in batch.create("contacts", {"inputs": inputs}).results] == ["one", "two"]
    read = account.post(
        f"{CONTACTS}/batch/read", {"archived": False, "inputs": [{"name": "one"}, {"name": "two"}]}
    )
    assert [one["name"] for one in read.json()["results"]] == ["one", "two"]
    batch.archive("contacts", {"inputs": [{"name": "one"}]})
    assert account.call("GET", f"{CONTACTS}/one").status_code == 404


def test_groups_are_made_once_renamed_and_go_only_when_empty(account: Served) -> None:
    groups = account.client.crm.properties.groups_api
    assert account.post(f"{CONTACTS}/groups", {"name": "scoring", "label": "x"}).status_code == 409
    assert groups.update("contacts", "scoring", {"label": "Scores"}).label == "Scores"
    assert groups.get_by_name("contacts", "scoring").label == "Scores"
    created(account)
    assert account.call("DELETE", f"{CONTACTS}/groups/scoring").status_code == 400
    account.call("DELETE", f"{CONTACTS}/score")
    assert account.call("DELETE", f"{CONTACTS}/groups/scoring").status_code == 204


def test_definition_retyped_by_hand_is_seen(account: Served) -> None:
    created(account)
    account.do("retype_property", name="score", type="string", field_type="text")
    assert account.get(f"{CONTACTS}/score")["type"] == "string"
    account.do("archive_property", name="score")
    assert account.call("GET", f"{CONTACTS}/score").status_code == 404
