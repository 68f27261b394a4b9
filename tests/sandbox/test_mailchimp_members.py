"""What Mailchimp takes and refuses about members: consent, addresses, merge fields, bulk writes."""

from collections.abc import Iterator
from typing import Any

import pytest
from mailchimp_marketing.api_client import ApiClientError

from sandbox.mailchimp.store import member_id
from tests.sandbox.mailchimp_served import Mailchimp, served

ANN = "Ann.Weaver@Loomworks.net"


@pytest.fixture
def mailchimp() -> Iterator[Mailchimp]:
    with served() as running:
        running.do("create", list_id=running.news, email=ANN, merge_fields={"FNAME": "Ann"})
        yield running


def _path(mailchimp: Mailchimp, email: str = ANN) -> str:
    return f"/lists/{mailchimp.news}/members/{member_id(email)}"


def _problem(mailchimp: Mailchimp, method: str, path: str, body: Any, *, status: int = 400) -> str:
    return str(mailchimp.call(method, path, status=status, json=body)["title"])


def test_an_id_is_the_md5_of_the_lower_cased_address(mailchimp: Mailchimp) -> None:
    found = mailchimp.sdk.lists.get_list_member(mailchimp.news, member_id(ANN))
    assert (found["id"], found["email_address"]) == (member_id(ANN.lower()), ANN)


def test_put_adds_with_status_if_new_and_then_keeps_the_status(mailchimp: Mailchimp) -> None:
    body = {
        "email_address": "new@loomworks.net",
        "status_if_new": "pending",
        "merge_fields": {"FNAME": "New"},
    }
    made = mailchimp.call("PUT", _path(mailchimp, "new@loomworks.net"), json=body)
    again = mailchimp.call(
        "PUT", _path(mailchimp, "new@loomworks.net"), json={**body, "status_if_new": "subscribed"}
    )
    assert (made["status"], again["status"], again["merge_fields"]["FNAME"]) == ("pending", "pending", "New")


def test_put_without_any_status_cannot_add(mailchimp: Mailchimp) -> None:
    problem = mailchimp.call(
        "PUT", _path(mailchimp, "new@loomworks.net"), status=400, json={"email_address": "new@loomworks.net"}
    )
    assert problem["errors"][0]["field"] == "status_if_new"


@pytest.mark.parametrize(
    "address", ["no-at-sign", "a@b", "two@@loomworks.net", "comma@loom,works.net", None, 7]
)
def test_malformed_addresses_are_refused(mailchimp: Mailchimp, address: object) -> None:
    body = {"email_address": address, "status": "subscribed"}
    assert _problem(mailchimp, "POST", f"/lists/{mailchimp.news}/members", body) == "Invalid Resource"


def test_a_fake_looking_address_is_refused(mailchimp: Mailchimp) -> None:
    body = {"email_address": "jo@example.com", "status": "subscribed"}
    problem = mailchimp.call("POST", f"/lists/{mailchimp.news}/members", status=400, json=body)
    assert "looks fake or invalid" in problem["detail"]


def test_posting_a_present_member_is_member_exists(mailchimp: Mailchimp) -> None:
    body = {"email_address": ANN.upper(), "status": "subscribed"}
    assert _problem(mailchimp, "POST", f"/lists/{mailchimp.news}/members", body) == "Member Exists"


def test_put_to_another_hash_with_a_present_address_is_member_exists(mailchimp: Mailchimp) -> None:
    body = {"email_address": ANN, "status_if_new": "subscribed"}
    assert _problem(mailchimp, "PUT", _path(mailchimp, "else@loomworks.net"), body) == "Member Exists"


@pytest.mark.parametrize("left", ["unsubscribe", "clean"])
def test_who_left_cannot_be_subscribed_by_the_api_but_can_be_written_to(
    mailchimp: Mailchimp, left: str
) -> None:
    mailchimp.do(left, email=ANN)
    status = mailchimp.member(ANN)["status"]
    refused = _problem(mailchimp, "PATCH", _path(mailchimp), {"status": "subscribed"})
    assert refused == "Member In Compliance State"
    kept = mailchimp.call("PATCH", _path(mailchimp), json={"merge_fields": {"LNAME": "Weaver"}})
    assert (kept["status"], kept["merge_fields"]["LNAME"]) == (status, "Weaver")
    assert mailchimp.call("PATCH", _path(mailchimp), json={"status": "pending"})["status"] == "pending"


def test_unsubscribed_by_the_api_may_be_subscribed_again(mailchimp: Mailchimp) -> None:
    mailchimp.call("PATCH", _path(mailchimp), json={"status": "unsubscribed"})
    assert mailchimp.call("PATCH", _path(mailchimp), json={"status": "subscribed"})["status"] == "subscribed"


def test_delete_archives_and_put_revives(mailchimp: Mailchimp) -> None:
    mailchimp.call("DELETE", _path(mailchimp), status=204)
    assert mailchimp.call("GET", _path(mailchimp))["status"] == "archived"
    assert (
        _problem(mailchimp, "PATCH", _path(mailchimp), {"merge_fields": {}}, status=404)
        == "Resource Not Found"
    )
    refused = mailchimp.session.delete(mailchimp.url + _path(mailchimp), timeout=20)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, PUT")
    body = {"email_address": ANN, "status_if_new": "subscribed"}
    assert mailchimp.call("PUT", _path(mailchimp), json=body)["status"] == "subscribed"


def test_archiving_moves_last_changed(mailchimp: Mailchimp) -> None:
    before = mailchimp.member(ANN)["last_changed"]
    mailchimp.sandbox.clock.set(mailchimp.sandbox.clock.now().replace(hour=12))
    mailchimp.sdk.lists.delete_list_member(mailchimp.news, member_id(ANN))
    assert mailchimp.member(ANN)["last_changed"] > before


def test_deleted_for_good_is_forgotten(mailchimp: Mailchimp) -> None:
    mailchimp.call("POST", _path(mailchimp) + "/actions/delete-permanent", status=204)
    mailchimp.call("GET", _path(mailchimp), status=404)
    body = {"email_address": ANN, "status_if_new": "pending"}
    assert _problem(mailchimp, "PUT", _path(mailchimp), body) == "Forgotten Email Not Subscribed"


def test_a_changed_address_changes_the_id_and_not_the_contact(mailchimp: Mailchimp) -> None:
    before = mailchimp.member(ANN)
    moved = mailchimp.call("PATCH", _path(mailchimp), json={"email_address": "ann@newloom.net"})
    assert (moved["id"], moved["contact_id"]) == (member_id("ann@newloom.net"), before["contact_id"])
    mailchimp.call("GET", _path(mailchimp), status=404)


def test_number_fields_take_numbers_and_clear_with_blank(mailchimp: Mailchimp) -> None:
    field = {"name": "Score", "type": "number", "tag": "SL_SCORE", "public": False}
    made = mailchimp.sdk.lists.add_list_merge_field(mailchimp.news, field)
    assert (made["tag"], mailchimp.member(ANN)["merge_fields"]["SL_SCORE"]) == ("SL_SCORE", "")

    def write(value: object) -> Any:
        body = {"merge_fields": {"SL_SCORE": value, "UNKNOWN": "x"}}
        return mailchimp.call("PATCH", _path(mailchimp), json=body)["merge_fields"]["SL_SCORE"]

    assert (write(64), write(None), write(64.5), write("")) == (64, 64, 64.5, "")
    problem = mailchimp.call(
        "PATCH", _path(mailchimp), status=400, json={"merge_fields": {"SL_SCORE": "hot"}}
    )
    assert problem["detail"] == "Your merge fields were invalid."
    assert problem["errors"] == [{"field": "SL_SCORE", "message": "Please enter a number"}]


def test_a_merge_tag_is_upper_case_and_short_or_given_by_mailchimp(mailchimp: Mailchimp) -> None:
    def tag(wanted: str | None) -> Any:
        body = {"name": "N", "type": "text"} | ({} if wanted is None else {"tag": wanted})
        return mailchimp.call("POST", f"/lists/{mailchimp.news}/merge-fields", json=body)["tag"]

    assert (tag("band"), tag(None), tag("THIS_IS_TOO_LONG")) == ("BAND", "MERGE14", "MERGE15")
    body = {"name": "N", "type": "text", "tag": "BAND"}
    assert _problem(mailchimp, "POST", f"/lists/{mailchimp.news}/merge-fields", body) == "Invalid Resource"


def test_an_audience_takes_thirty_merge_fields(mailchimp: Mailchimp) -> None:
    path = f"/lists/{mailchimp.news}/merge-fields"
    for number in range(18):
        mailchimp.call("POST", path, json={"name": f"F{number}", "type": "text"})
    assert _problem(mailchimp, "POST", path, {"name": "one more", "type": "text"}) == "Invalid Resource"


def test_a_required_field_stops_writes_unless_validation_is_skipped(mailchimp: Mailchimp) -> None:
    mailchimp.do("create_merge_field", list_id=mailchimp.news, name="Must", tag="MUST", required=True)
    body = {"merge_fields": {"LNAME": "W"}}
    assert _problem(mailchimp, "PATCH", _path(mailchimp), body) == "Invalid Resource"
    skipped = mailchimp.call("PATCH", _path(mailchimp), json=body, params={"skip_merge_validation": "True"})
    assert skipped["merge_fields"]["LNAME"] == "W"


def test_bulk_write_tells_each_refusal_inside_a_200(mailchimp: Mailchimp) -> None:
    mailchimp.do("create", list_id=mailchimp.news, email="gone@loomworks.net")
    mailchimp.do("unsubscribe", email="gone@loomworks.net")
    rows: list[dict[str, Any]] = [
        {"email_address": ANN, "merge_fields": {"LNAME": "Weaver"}},
        {"email_address": "fresh@loomworks.net", "status": "subscribed"},
        {"email_address": "gone@loomworks.net", "status": "subscribed"},
        {"email_address": "nobody@loomworks.net"},
        {"email_address": "broken"},
        {"email_address": ANN.lower()},
    ]
    answer = mailchimp.call(
        "POST", f"/lists/{mailchimp.news}", json={"members": rows, "update_existing": True}
    )
    assert (answer["total_updated"], answer["total_created"], answer["error_count"]) == (1, 1, 4)
    assert [row["email_address"] for row in answer["errors"]] == [row["email_address"] for row in rows[2:]]
    assert {row["error_code"] for row in answer["errors"]} == {"ERROR_GENERIC"}
    assert mailchimp.member("gone@loomworks.net")["status"] == "unsubscribed"
    assert mailchimp.member(ANN)["merge_fields"]["LNAME"] == "Weaver"


def test_bulk_write_does_not_update_unless_told(mailchimp: Mailchimp) -> None:
    answer = mailchimp.sdk.lists.batch_list_members(
        mailchimp.news,
        {"members": [{"email_address": ANN, "status": "subscribed"}], "update_existing": False},
    )
    assert answer["errors"][0]["error_code"] == "ERROR_CONTACT_EXISTS"


def test_bulk_write_takes_five_hundred(mailchimp: Mailchimp) -> None:
    rows = [{"email_address": f"m{n}@loomworks.net", "status": "subscribed"} for n in range(501)]
    assert _problem(mailchimp, "POST", f"/lists/{mailchimp.news}", {"members": rows}) == "Invalid Resource"
    assert (
        mailchimp.call("POST", f"/lists/{mailchimp.news}", json={"members": rows[:500]})["total_created"]
        == 500
    )


def test_bulk_sync_tags_takes_the_others_away(mailchimp: Mailchimp) -> None:
    mailchimp.do("tag", email=ANN, tag="Old")
    row = {"email_address": ANN, "tags": ["New"]}
    body = {"members": [row], "update_existing": True, "sync_tags": True}
    answer = mailchimp.call("POST", f"/lists/{mailchimp.news}", json=body)
    assert [tag["name"] for tag in answer["updated_members"][0]["tags"]] == ["New"]


def test_the_sdk_raises_compliance_as_problem_text(mailchimp: Mailchimp) -> None:
    mailchimp.do("unsubscribe", email=ANN)
    with pytest.raises(ApiClientError) as raised:
        mailchimp.sdk.lists.update_list_member(mailchimp.news, member_id(ANN), {"status": "subscribed"})
    assert (raised.value.status_code, "Member In Compliance State" in raised.value.text) == (400, True)


def test_a_person_signing_up_again_ends_the_compliance_state(mailchimp: Mailchimp) -> None:
    mailchimp.do("unsubscribe", email=ANN)
    mailchimp.do("resubscribe", list_id=mailchimp.news, email=ANN)
    assert mailchimp.call("PATCH", _path(mailchimp), json={"status": "subscribed"})["status"] == "subscribed"


def test_unknown_actions_are_a_value_error(mailchimp: Mailchimp) -> None:
    with pytest.raises(ValueError, match="unknown action"):
        mailchimp.do("levitate")
    with pytest.raises(ValueError, match="nobody@here"):
        mailchimp.do("unsubscribe", email="nobody@here.net")


def test_a_person_edits_a_value_by_hand(mailchimp: Mailchimp) -> None:
    mailchimp.do("edit", email=ANN, changes={"merge_fields": {"FNAME": "Anna"}})
    assert mailchimp.call("GET", _path(mailchimp))["merge_fields"]["FNAME"] == "Anna"
