"""Every GET that a scoring program makes, through the vendor's SDK or plain HTTP, held to the description."""

from collections.abc import Iterator
from typing import Any

import pytest
from mailchimp_marketing.api_client import ApiClientError

from tests.sandbox.mailchimp_documents import parameters
from tests.sandbox.mailchimp_served import Mailchimp, served


@pytest.fixture(scope="module")
def mailchimp() -> Iterator[Mailchimp]:
    with served(people=300) as running:
        yield running


def _sent(mailchimp: Mailchimp) -> str:
    """The id of the sent campaign with most recipients."""
    recipients = mailchimp.app.store.recipients
    return max(recipients, key=lambda campaign: len(recipients[campaign]))


def test_every_page_fits_the_published_description(mailchimp: Mailchimp) -> None:
    lst, campaign = mailchimp.news, _sent(mailchimp)
    member = next(iter(mailchimp.app.store.recipients[campaign].values()))["email_id"]
    survey = next(iter(mailchimp.app.store.surveys))
    segment = next(iter(mailchimp.app.store.audiences[lst].segments))
    link = next(iter(mailchimp.app.store.campaigns[campaign]["links"]))
    shop = "/ecommerce/stores/brightloom-shop"
    shown = [
        "/ping", "/lists", f"/lists/{lst}", f"/lists/{lst}/members", f"/lists/{lst}/members/{member}",
        f"/lists/{lst}/merge-fields", f"/lists/{lst}/merge-fields/1", f"/lists/{lst}/segments",
        f"/lists/{lst}/segments/{segment}", f"/lists/{lst}/segments/{segment}/members",
        f"/lists/{lst}/tag-search", f"/lists/{lst}/members/{member}/tags",
        f"/lists/{lst}/members/{member}/activity", f"/lists/{lst}/members/{member}/activity-feed",
        f"/lists/{lst}/members/{member}/events", "/campaigns", f"/campaigns/{campaign}", "/reports",
        f"/reports/{campaign}", f"/reports/{campaign}/email-activity", f"/reports/{campaign}/open-details",
        f"/reports/{campaign}/click-details", f"/reports/{campaign}/click-details/{link}/members",
        f"/reports/{campaign}/unsubscribed", f"/reports/{campaign}/sent-to", "/ecommerce/stores", shop,
        "/ecommerce/orders", f"{shop}/orders", f"{shop}/carts", f"{shop}/products", f"{shop}/customers",
        "/reporting/surveys", f"/reporting/surveys/{survey}", f"/reporting/surveys/{survey}/questions",
        f"/reporting/surveys/{survey}/questions/{survey}-1/answers", f"/reporting/surveys/{survey}/responses",
        "/batches",
    ]  # fmt: skip
    for path in shown:
        pages = "count" in parameters("GET", "/3.0" + path)
        assert mailchimp.call("GET", path, params={"count": 1000} if pages else {}), path
    response = mailchimp.call("GET", f"/reporting/surveys/{survey}/responses")["responses"][0]["response_id"]
    assert mailchimp.call("GET", f"/reporting/surveys/{survey}/responses/{response}")["results"]
    for kind in ("orders", "carts", "products", "customers"):
        row = mailchimp.call("GET", f"{shop}/{kind}")[kind][0]
        assert mailchimp.call("GET", f"{shop}/{kind}/{row['id']}")["id"] == row["id"]
    assert mailchimp.call("GET", "/")["account_name"] == "Brightloom"


def test_members_read_through_the_sdk_in_pages_are_the_stored_ones(mailchimp: Mailchimp) -> None:
    read: list[dict[str, Any]] = []
    for status in (None, "archived"):
        extra = {"status": status} if status else {}
        while True:
            page = mailchimp.sdk.lists.get_list_members_info(
                mailchimp.news, count=50, offset=len(read) if status is None else 0, **extra
            )
            read += page["members"]
            if len(page["members"]) < 50:
                break
    stored = {m["id"]: m for m in mailchimp.app.dump()["members"] if m["list_id"] == mailchimp.news}
    assert {m["id"] for m in read} == set(stored)
    assert len(read) == len(stored)
    assert all(m["merge_fields"] == stored[m["id"]]["merge_fields"] for m in read)


def test_unfiltered_listing_omits_the_archived(mailchimp: Mailchimp) -> None:
    listed = mailchimp.call("GET", f"/lists/{mailchimp.news}/members", params={"count": 1000})
    archived = mailchimp.call(
        "GET", f"/lists/{mailchimp.news}/members", params={"count": 1000, "status": "archived"}
    )
    assert archived["total_items"] > 0
    assert not {m["id"] for m in listed["members"]} & {m["id"] for m in archived["members"]}


def test_since_is_exclusive_and_before_inclusive(mailchimp: Mailchimp) -> None:
    members = mailchimp.call("GET", f"/lists/{mailchimp.news}/members", params={"count": 1000})["members"]
    instant = sorted(m["last_changed"] for m in members)[len(members) // 2]

    def count(**window: str) -> int:
        found = mailchimp.call("GET", f"/lists/{mailchimp.news}/members", params={"count": 1, **window})
        return int(found["total_items"])

    later = count(since_last_changed=instant)
    until = count(before_last_changed=instant)
    assert later == sum(m["last_changed"] > instant for m in members)
    assert later + until == len(members)


def test_sorted_by_last_changed_both_ways(mailchimp: Mailchimp) -> None:
    path, params = f"/lists/{mailchimp.news}/members", {"count": 1000, "sort_field": "last_changed"}
    upward = [
        m["last_changed"]
        for m in mailchimp.call("GET", path, params={**params, "sort_dir": "ASC"})["members"]
    ]
    downward = [
        m["last_changed"]
        for m in mailchimp.call("GET", path, params={**params, "sort_dir": "DESC"})["members"]
    ]
    assert upward == sorted(upward)
    assert downward == upward[::-1]


def test_merge_fields_show_ten_unless_told(mailchimp: Mailchimp) -> None:
    page = mailchimp.sdk.lists.get_list_merge_fields(mailchimp.news)
    assert (len(page["merge_fields"]), page["total_items"]) == (10, 12)


def test_count_is_clamped_and_offset_past_the_end_is_empty(mailchimp: Mailchimp) -> None:
    path = "/ecommerce/stores/brightloom-shop/orders"
    assert len(mailchimp.call("GET", path, params={"count": 5000})["orders"]) <= 1000
    assert mailchimp.call("GET", path, params={"offset": 999999})["orders"] == []


def test_fields_keep_and_exclude_leaves_out(mailchimp: Mailchimp) -> None:
    page = mailchimp.sdk.lists.get_list_members_info(
        mailchimp.news, fields=["members.id", "total_items"], count=3
    )
    assert set(page) == {"members", "total_items"}
    assert all(set(member) == {"id"} for member in page["members"])
    page = mailchimp.sdk.lists.get_list_members_info(
        mailchimp.news, exclude_fields=["members._links", "_links"]
    )
    assert "_links" not in page
    assert all("_links" not in member and "status" in member for member in page["members"])
    both = {"fields": "members.id", "exclude_fields": "_links"}
    mailchimp.call("GET", f"/lists/{mailchimp.news}/members", status=400, params=both)


def test_email_activity_keeps_every_recipient_whatever_since(mailchimp: Mailchimp) -> None:
    campaign = _sent(mailchimp)
    path = f"/reports/{campaign}/email-activity"
    everything = mailchimp.call("GET", path, params={"count": 1000})
    nothing_new = mailchimp.call("GET", path, params={"count": 1000, "since": "2999-01-01T00:00:00+00:00"})
    assert nothing_new["total_items"] == everything["total_items"]
    assert not any(row["activity"] for row in nothing_new["emails"])
    events = [event for row in everything["emails"] for event in row["activity"]]
    assert {"open", "click"} <= {event["action"] for event in events}
    assert not any("proxy" in event for event in events)


def test_machine_opens_are_told_by_open_details_only(mailchimp: Mailchimp) -> None:
    campaign = _sent(mailchimp)
    details = mailchimp.call("GET", f"/reports/{campaign}/open-details", params={"count": 1000})
    opens = [entry for member in details["members"] for entry in member["opens"]]
    assert {entry["is_proxy_open"] for entry in opens} == {True, False}
    own = sum(not entry["is_proxy_open"] for entry in opens)
    assert details["total_proxy_excluded_opens"] == own
    report = mailchimp.call("GET", f"/reports/{campaign}")
    assert (report["opens"]["opens_total"], report["opens"]["proxy_excluded_opens"]) == (len(opens), own)


def test_drafts_are_campaigns_without_a_report(mailchimp: Mailchimp) -> None:
    drafts = mailchimp.call("GET", "/campaigns", params={"status": "save", "count": 100})["campaigns"]
    assert [draft["send_time"] for draft in drafts] == [""]
    reports = mailchimp.call("GET", "/reports", params={"count": 1000})["reports"]
    assert drafts[0]["id"] not in {report["id"] for report in reports}
    assert mailchimp.call("GET", f"/reports/{drafts[0]['id']}/email-activity")["emails"] == []


def test_average_rating_is_that_of_the_answers(mailchimp: Mailchimp) -> None:
    survey = next(iter(mailchimp.app.store.surveys))
    scale = mailchimp.call("GET", f"/reporting/surveys/{survey}/questions")["questions"][0]
    answers = mailchimp.call("GET", f"/reporting/surveys/{survey}/questions/{scale['id']}/answers")["answers"]
    values = [float(answer["value"]) for answer in answers]
    assert scale["average_rating"] == pytest.approx(sum(values) / len(values), abs=0.01)


def test_wrong_and_missing_keys_are_told_apart(mailchimp: Mailchimp) -> None:
    wrong = mailchimp.call("GET", "/lists", status=401, auth=("any", "nope-us1"))
    assert wrong["title"] == "API Key Invalid"
    mailchimp.session.auth = None
    missing = mailchimp.call("GET", "/lists", status=401)
    bearer = mailchimp.call("GET", "/lists", headers={"Authorization": f"Bearer {mailchimp.key}"})
    mailchimp.session.auth = ("user", mailchimp.key)
    assert missing["title"] == "API Key Missing"
    assert bearer["total_items"] == 2


def test_the_sdk_raises_with_the_problem_as_text(mailchimp: Mailchimp) -> None:
    with pytest.raises(ApiClientError) as raised:
        mailchimp.sdk.lists.get_list("nosuchlist")
    assert raised.value.status_code == 404
    assert "Resource Not Found" in raised.value.text


def test_unknown_path_is_404_and_wrong_method_405_with_allow(mailchimp: Mailchimp) -> None:
    answer = mailchimp.session.get(mailchimp.url + "/nowhere", timeout=20)
    assert (answer.status_code, answer.json()["title"]) == (404, "Resource Not Found")
    answer = mailchimp.session.delete(mailchimp.url + "/lists", timeout=20)
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_every_answer_names_its_request(mailchimp: Mailchimp) -> None:
    good = mailchimp.session.get(mailchimp.url + "/ping", timeout=20)
    bad = mailchimp.session.get(mailchimp.url + "/nowhere", timeout=20)
    assert "describedBy" in good.headers["Link"]
    assert bad.json()["instance"] == bad.headers["X-Request-Id"] != good.headers["X-Request-Id"]
