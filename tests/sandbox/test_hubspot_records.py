"""Single records, pages, the recycle bin, merges and GDPR deletes, as HubSpot's client sees them."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.hubspot_served import Served, served


@pytest.fixture
def account() -> Iterator[Served]:
    with served() as one:
        yield one


def contacts(account: Served) -> Any:
    return account.client.crm.contacts.basic_api


def refused(action: Any, *arguments: Any, **named: Any) -> Any:
    """The error HubSpot's client raises."""
    with pytest.raises(Exception, match="Reason") as caught:
        action(*arguments, **named)
    return caught.value


def test_pages_walk_all_records_in_id_order_and_end_without_paging(account: Served) -> None:
    made = [account.contact(email=f"p{number}@acme.io") for number in range(7)]
    api, seen, after = contacts(account), [], None
    while True:
        page = api.get_page(limit=3, after=after) if after else api.get_page(limit=3)
        seen += [record.id for record in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert seen == made


def test_only_requested_properties_come_back_with_id_and_instants(account: Served) -> None:
    made = account.contact(email="a@acme.io", phone="1")
    record = contacts(account).get_by_id(made, properties=["phone", "city", "no_such_property"])
    assert record.properties == {
        "phone": "1",
        "city": None,
        "hs_object_id": made,
        "createdate": "2026-11-22T08:00:00Z",
        "lastmodifieddate": "2026-11-22T08:00:00Z",
    }


def test_properties_may_be_repeated_or_separated_by_commas(account: Served) -> None:
    made = account.contact(phone="1", city="Ulm")
    for query in ("properties=phone&properties=city", "properties=phone,city"):
        record = account.get(f"/crm/v3/objects/contacts/{made}?{query}")
        assert {"phone", "city"} <= set(record["properties"])


def test_values_are_kept_as_text_and_an_empty_one_clears(account: Served) -> None:
    made = contacts(account).create({"properties": {"firstname": 5, "city": "Ulm"}})
    assert made.properties["firstname"] == "5"
    changed = contacts(account).update(made.id, {"properties": {"city": "", "firstname": None}})
    assert changed.properties["city"] is None
    assert contacts(account).get_by_id(made.id, properties=["firstname"]).properties["firstname"] == "5"


def test_address_is_lowered_and_taken_once(account: Served) -> None:
    first = contacts(account).create({"properties": {"email": "Ann@ACME.io"}})
    assert first.properties["email"] == "ann@acme.io"
    error = refused(contacts(account).create, {"properties": {"email": "ann@acme.io"}})
    assert error.status == 409
    assert f"Contact already exists. Existing ID: {first.id}" in error.body


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("nope", "1", "PROPERTY_DOESNT_EXIST"),
        ("hs_email_open", "1", "READ_ONLY_VALUE"),
        ("lifecyclestage", "hot", "INVALID_OPTION"),
        ("lifecyclestage", " lead", "LEADING_TRAILING_WHITESPACE"),
        ("associatedcompanyid", "1,000", "INVALID_NUMBER"),
        ("email", "not an address", "INVALID_EMAIL"),
        ("hubspot_owner_id", "12", "INVALID_OPTION"),
    ],
)
def test_bad_values_are_refused_by_name_and_code(account: Served, name: str, value: str, code: str) -> None:
    error = refused(contacts(account).create, {"properties": {name: value}})
    assert error.status == 400
    assert "Property values were not valid: [" in error.body
    assert code in error.body
    assert name in error.body


def test_missing_and_malformed_ids_are_told_apart(account: Served) -> None:
    assert "resource not found" in refused(contacts(account).get_by_id, "12").body
    malformed = refused(contacts(account).get_by_id, "ann@acme.io")
    assert malformed.status == 404
    assert "objectId are usually numeric" in malformed.body


def test_record_is_found_by_unique_property(account: Served) -> None:
    made = account.contact(email="ann@acme.io")
    assert contacts(account).get_by_id("ann@acme.io", id_property="email").id == made
    assert (
        contacts(account).update("ann@acme.io", {"properties": {"city": "Ulm"}}, id_property="email").id
        == made
    )


def test_history_is_newest_first(account: Served) -> None:
    made = account.contact(city="Ulm")
    account.later(hours=1)
    contacts(account).update(made, {"properties": {"city": "Bonn"}})
    record = contacts(account).get_by_id(made, properties_with_history=["city"])
    assert [one.value for one in record.properties_with_history["city"]] == ["Bonn", "Ulm"]
    assert [one.source_type for one in record.properties_with_history["city"]] == ["INTEGRATION", "CRM_UI"]


def test_archived_records_are_listed_apart_until_ninety_days_have_passed(account: Served) -> None:
    made = account.contact(email="ann@acme.io")
    contacts(account).archive(made)
    contacts(account).archive(made)
    assert contacts(account).get_page().results == []
    assert [record.id for record in contacts(account).get_page(archived=True).results] == [made]
    assert contacts(account).get_by_id(made, archived=True).archived_at is not None
    account.later(days=91)
    assert contacts(account).get_page(archived=True).results == []


def test_restored_record_is_live_again_with_its_id(account: Served) -> None:
    made = account.contact(email="ann@acme.io")
    contacts(account).archive(made)
    account.do("restore", object="contacts", id=made)
    assert [record.id for record in contacts(account).get_page().results] == [made]


def test_merge_makes_a_new_id_that_both_old_ones_lead_to(account: Served) -> None:
    primary = account.contact(email="ann@acme.io", city="Ulm")
    other = account.contact(email="ann@home.org", city="Bonn", phone="7")
    body = {"primaryObjectId": primary, "objectIdToMerge": other}
    merged = account.post("/crm/v3/objects/contacts/merge", body).json()
    assert merged["id"] not in (primary, other)
    wanted = [
        "email",
        "city",
        "phone",
        "hs_merged_object_ids",
        "hs_calculated_merged_vids",
        "hs_additional_emails",
    ]
    for old in (primary, other, merged["id"]):
        record = contacts(account).get_by_id(old, properties=wanted)
        assert record.id == merged["id"]
        assert record.properties["email"] == "ann@acme.io"
        assert record.properties["city"] == "Ulm"
        assert record.properties["phone"] == "7"
        assert record.properties["hs_merged_object_ids"] == f"{primary};{other}"
        assert record.properties["hs_additional_emails"] == "ann@home.org"
        assert record.properties["hs_calculated_merged_vids"].startswith(f"{primary}:")
    assert [record.id for record in contacts(account).get_page().results] == [merged["id"]]


def test_second_merge_remembers_the_first(account: Served) -> None:
    one, two, three = (account.contact(firstname=name) for name in "abc")
    first = account.do("merge", object="contacts", primary=one, other=two)["id"]
    second = account.do("merge", object="contacts", primary=first, other=three)["id"]
    record = contacts(account).get_by_id(one, properties=["hs_merged_object_ids"])
    assert record.id == second
    assert record.properties["hs_merged_object_ids"] == f"{one};{two};{first};{three}"


def test_merge_moves_lists_associations_and_events(account: Served) -> None:
    primary, other = account.contact(email="a@acme.io"), account.contact(email="b@acme.io")
    company = account.do("create", object="companies", properties={"name": "Acme"})["id"]
    account.do("associate", object="contacts", id=other, to_object="companies", to_id=company)
    account.do("create_list", name="Hot")
    account.do("change_list", list="Hot", add=[other])
    account.do("event", id=other, event_type="e_visited_page", properties={"hs_url": "/"})
    merged = account.do("merge", object="contacts", primary=primary, other=other)["id"]
    assert account.get("/crm/v3/lists/9/memberships")["results"][0]["recordId"] == merged
    assert account.get(f"/crm/v4/objects/contacts/{merged}/associations/companies")["results"]
    assert account.get("/events/v3/events?objectType=contact")["results"][0]["objectId"] == merged


def test_deals_keep_the_primary_id_when_merged(account: Served) -> None:
    one, two = (account.do("create", object="deals", properties={"dealname": name})["id"] for name in "ab")
    assert account.do("merge", object="deals", primary=one, other=two)["id"] == one
    assert account.get(f"/crm/v3/objects/deals/{two}")["id"] == one


def test_gdpr_delete_leaves_nothing_and_blocks_the_address(account: Served) -> None:
    made = account.contact(email="ann@acme.io")
    body = {"objectId": "ann@acme.io", "idProperty": "email"}
    assert account.post("/crm/v3/objects/contacts/gdpr-delete", body).status_code == 204
    assert account.call("GET", f"/crm/v3/objects/contacts/{made}").status_code == 404
    assert account.get("/crm/v3/objects/contacts?archived=true")["results"] == []
    assert refused(contacts(account).create, {"properties": {"email": "ann@acme.io"}}).status == 400


def test_locked_record_answers_423_until_unlocked(account: Served) -> None:
    made = account.contact()
    account.do("lock", id=made)
    assert (
        account.call("PATCH", f"/crm/v3/objects/contacts/{made}", {"properties": {"city": "Ulm"}}).status_code
        == 423
    )
    account.do("unlock", id=made)
    assert (
        account.call("PATCH", f"/crm/v3/objects/contacts/{made}", {"properties": {"city": "Ulm"}}).status_code
        == 200
    )


def test_both_spellings_of_an_address_reach_one_handler(account: Served) -> None:
    made = account.contact(city="Ulm")
    answers = [
        account.get(f"{path}/{made}?properties=city")
        for path in (
            "/crm/v3/objects/contacts",
            "/crm/objects/2026-03/contacts",
            "/crm/objects/2026-09/contact",
            "/crm/v3/objects/0-1",
        )
    ]
    assert all(answer == answers[0] for answer in answers)
    assert account.call("GET", "/crm/objects/1999-01/contacts").status_code == 404


def test_address_of_eight_thousand_letters_is_refused_in_html(account: Served) -> None:
    answer = account.call("GET", "/crm/v3/objects/contacts?properties=" + ",".join(["city"] * 2000))
    assert answer.status_code == 414
    assert answer.headers["Content-Type"].startswith("text/html")


def test_feedback_is_read_only(account: Served) -> None:
    answer = account.post("/crm/v3/objects/feedback_submissions", {"properties": {}})
    assert answer.status_code == 405


def test_page_limits_are_kept(account: Served) -> None:
    assert account.call("GET", "/crm/v3/objects/contacts?limit=101").status_code == 400
    assert (
        account.call("GET", "/crm/v3/objects/contacts?limit=51&propertiesWithHistory=city").status_code == 400
    )


@pytest.mark.parametrize(
    ("marks", "kept"), [("object_ids", "hs_merged_object_ids"), ("vids", "hs_calculated_merged_vids")]
)
def test_one_of_the_two_marks_of_a_merge_may_be_missing(account: Served, marks: str, kept: str) -> None:
    account.do("set_limits", merge_marks=marks)
    one, two = account.contact(firstname="a"), account.contact(firstname="b")
    account.do("merge", object="contacts", primary=one, other=two)
    names = ["hs_merged_object_ids", "hs_calculated_merged_vids"]
    record = contacts(account).get_by_id(one, properties=names)
    assert [name for name in names if record.properties[name]] == [kept]


def test_only_dated_addresses_answer_once_the_others_are_gone(account: Served) -> None:
    account.do("set_limits", undated_paths=False)
    assert account.call("GET", "/crm/v3/objects/contacts").status_code == 404
    assert account.call("GET", "/crm/objects/2026-03/contacts").status_code == 200


@pytest.mark.parametrize(
    "body", [[], "x", {"inputs": 5}, {"inputs": ["x"]}, {"properties": 5}, {"inputs": [{"id": {}}]}]
)
def test_bodies_of_the_wrong_shape_are_refused(account: Served, body: Any) -> None:
    for path in ("", "/batch/read", "/batch/update", "/batch/create", "/batch/upsert", "/merge"):
        assert account.post(f"/crm/v3/objects/contacts{path}", body).status_code in (400, 404), path
    associations = "/crm/v4/associations/contacts/companies/batch/create"
    assert account.post(associations, body).status_code in (400, 404)


def test_contact_moves_in_time_when_its_primary_company_changes(account: Served) -> None:
    made = account.contact()
    company = account.do("create", object="companies", properties={"name": "A"})["id"]
    account.later(hours=1)
    account.do("associate", object="contacts", id=made, to_object="companies", to_id=company)
    assert account.get(f"/crm/v3/objects/contacts/{made}")["updatedAt"] == "2026-11-22T09:00:00Z"
