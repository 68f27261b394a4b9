"""Things made to happen in Mailchimp, one at a time, and what its reports then say."""

from collections.abc import Iterator

import pytest
import requests

from sandbox.mailchimp.store import member_id
from tests.sandbox.mailchimp_served import Mailchimp, served

ANN, BOB = "ann@loomworks.net", "bob@loomworks.net"


@pytest.fixture
def mailchimp() -> Iterator[Mailchimp]:
    with served() as running:
        for email in (ANN, BOB):
            running.do("create", list_id=running.news, email=email)
        yield running


def test_a_mailing_and_what_becomes_of_it(mailchimp: Mailchimp) -> None:
    sent = mailchimp.do(
        "send", list_id=mailchimp.news, title="Hello", links=["https://www.brightloom.io/pricing"]
    )
    campaign = sent["campaign_id"]
    mailchimp.do("open", email=ANN, campaign_id=campaign, machine=True)
    mailchimp.do("open", email=ANN, campaign_id=campaign, at="2026-11-22T08:05:00Z")
    mailchimp.do("click", email=ANN, campaign_id=campaign, url="https://www.brightloom.io/pricing")
    mailchimp.do("bounce", email=BOB, campaign_id=campaign)
    report = mailchimp.call("GET", f"/reports/{campaign}")
    assert (report["opens"]["opens_total"], report["opens"]["proxy_excluded_opens"]) == (2, 1)
    assert (report["bounces"]["hard_bounces"], report["clicks"]["clicks_total"]) == (1, 1)
    assert mailchimp.member(BOB)["status"] == "cleaned"
    since = {"since": "2026-11-22T08:00:00+00:00"}
    rows = mailchimp.call("GET", f"/reports/{campaign}/email-activity", params=since)["emails"]
    assert [event["action"] for row in rows for event in row["activity"]] == ["open"]
    links = mailchimp.call("GET", f"/reports/{campaign}/click-details")["urls_clicked"]
    clickers = mailchimp.call("GET", f"/reports/{campaign}/click-details/{links[0]['id']}/members")
    assert [member["email_address"] for member in clickers["members"]] == [ANN]
    feed = mailchimp.call("GET", f"/lists/{mailchimp.news}/members/{member_id(ANN)}/activity-feed")
    assert [entry["activity_type"] for entry in feed["activity"]].count("open") == 2
    only = {"activity_filters": "click"}
    feed = mailchimp.call(
        "GET", f"/lists/{mailchimp.news}/members/{member_id(ANN)}/activity-feed", params=only
    )
    assert [entry["link_clicked"] for entry in feed["activity"]] == ["https://www.brightloom.io/pricing"]


def test_a_fraction_of_a_second_in_since_is_a_server_error(mailchimp: Mailchimp) -> None:
    campaign = mailchimp.do("send", list_id=mailchimp.news)["campaign_id"]
    params = {"since": "2026-11-22T08:00:00.5+00:00"}
    mailchimp.call("GET", f"/reports/{campaign}/email-activity", status=500, params=params)


def test_orders_change_and_go(mailchimp: Mailchimp) -> None:
    made = mailchimp.do("order", email=ANN, total=120)
    mailchimp.sandbox.clock.set(mailchimp.sandbox.clock.now().replace(hour=11))
    mailchimp.do("order", email=ANN, total=60, id=made["id"])
    (order,) = mailchimp.call("GET", "/ecommerce/orders")["orders"]
    assert (order["order_total"], order["customer"]["total_spent"]) == (60, 60)
    assert order["processed_at_foreign"] < order["updated_at_foreign"]
    mailchimp.do("delete_order", id=made["id"])
    assert mailchimp.call("GET", "/ecommerce/orders")["total_items"] == 0


def test_a_cart_is_left_standing(mailchimp: Mailchimp) -> None:
    mailchimp.do("cart", email=ANN, total=30)
    (cart,) = mailchimp.call("GET", "/ecommerce/stores/brightloom-shop/carts")["carts"]
    assert (cart["order_total"], cart["customer"]["email_address"]) == (30, ANN)


def test_a_survey_is_answered() -> None:
    with served(people=100) as grown:
        grown.do("create", list_id=grown.shop, email=ANN)
        survey = next(iter(grown.app.store.surveys))
        before = grown.call("GET", f"/reporting/surveys/{survey}")["total_responses"]
        made = grown.do("answer", email=ANN, list_id=grown.shop, value=9, text="Lovely")
        assert grown.call("GET", f"/reporting/surveys/{survey}")["total_responses"] == before + 1
        told = grown.call("GET", f"/reporting/surveys/{survey}/responses/{made['response_id']}")
        assert [result["answer"] for result in told["results"]] == ["9", "Lovely"]


def test_a_plan_without_surveys_forbids_them(mailchimp: Mailchimp) -> None:
    mailchimp.do("restrict", path="/reporting")
    assert mailchimp.call("GET", "/reporting/surveys", status=403)["title"] == "Forbidden"
    mailchimp.do("restrict", path="/reporting", off=True)
    mailchimp.call("GET", "/reporting/surveys")


def test_an_address_on_too_many_lists_is_refused_for_now(mailchimp: Mailchimp) -> None:
    mailchimp.do("crowd", list_id=mailchimp.news, email="busy@loomworks.net")
    body = {"email_address": "busy@loomworks.net", "status_if_new": "subscribed"}
    path = f"/lists/{mailchimp.news}/members/{member_id('busy@loomworks.net')}"
    problem = mailchimp.call("PUT", path, status=400, json=body)
    assert "signed up to a lot of lists" in problem["detail"]


def test_oauth_metadata_tells_the_address_and_bad_tokens_with_200(mailchimp: Mailchimp) -> None:
    where = mailchimp.url.removesuffix("/3.0")

    def ask(token: str) -> dict[str, str]:
        headers = {"Authorization": f"OAuth {token}"}
        answer = requests.get(where + "/oauth2/metadata", headers=headers, timeout=20)
        assert answer.status_code == 200
        told: dict[str, str] = answer.json()
        return told

    assert ask(mailchimp.key)["api_endpoint"] == where
    assert "api_endpoint" not in ask("wrong")
