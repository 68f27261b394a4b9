"""What HubSpot knows of people's doings: events, e-mail, forms, answers, orders, consent."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest

from sandbox.hubspot.values import BadValue, email, to_ms
from sandbox.world import HUBSPOT, Event, World
from tests.sandbox.hubspot_served import NOW, Served, served

VISITS = "/events/v3/events?objectType=contact&eventType=e_visited_page"


@cache
def world() -> World:
    return World.grow(7, 240, NOW)


@pytest.fixture
def account() -> Iterator[Served]:
    with served(world()) as one:
        yield one


@pytest.fixture
def bare() -> Iterator[Served]:
    with served() as one:
        yield one


def all_pages(account: Served, path: str) -> list[Any]:
    found, after = [], ""
    while True:
        page = account.get(path + after)
        found += page["results"]
        if "paging" not in page:
            return found
        after = f"&after={page['paging']['next']['after']}"


def heard(*types: str) -> list[Event]:
    """What happened that HubSpot would know of: to people it has, with an address where mail is concerned."""
    people = world().people
    return [
        one
        for one in world().events
        if one.type in types and HUBSPOT in one.vendors and people[one.person].hubspot
    ]


def test_every_person_has_the_records_the_world_says(account: Served) -> None:
    stored = all_pages(account, "/crm/v3/objects/contacts?limit=100")
    assert len(stored) == sum(person.hubspot for person in world().people)
    ids = account.app.identities()
    assert {one["id"] for held in ids.values() for one in held} == {record["id"] for record in stored}


def test_addresses_are_lowered_valid_and_held_once(account: Served) -> None:
    held = [
        record["properties"].get("email")
        for record in all_pages(account, "/crm/v3/objects/contacts?limit=100")
    ]
    known = [address for address in held if address]
    assert max(Counter(known).values()) == 1
    assert all(email(address) == address for address in known)
    with pytest.raises(BadValue):
        email("no.address")


def test_every_page_view_is_an_event_newest_first(account: Served) -> None:
    events = all_pages(account, f"{VISITS}&limit=100")
    assert len(events) == len(heard("page_view", "search"))
    assert [one["occurredAt"] for one in events] == sorted(
        (one["occurredAt"] for one in events), reverse=True
    )
    assert Counter(one["properties"]["hs_url"] for one in events) == Counter(
        one.asset for one in heard("page_view")
    )


def test_page_views_of_one_contact_and_a_span_add_up_to_its_counter(account: Served) -> None:
    busiest = Counter(one.person for one in heard("page_view")).most_common(1)[0]
    contact = account.app.identities()[busiest[0]][0]["id"]
    own = all_pages(account, f"{VISITS}&objectId={contact}&limit=100")
    assert len(own) == busiest[1]
    record = account.get(
        f"/crm/v3/objects/contacts/{contact}?properties=hs_analytics_num_page_views,hs_analytics_last_timestamp"
    )
    assert record["properties"]["hs_analytics_num_page_views"] == str(busiest[1])
    assert record["properties"]["hs_analytics_last_timestamp"] == own[0]["occurredAt"]
    cut = own[len(own) // 2]["occurredAt"]
    early = all_pages(account, f"{VISITS}&objectId={contact}&occurredBefore={cut}&limit=100&sort=occurredAt")
    late = all_pages(account, f"{VISITS}&objectId={contact}&occurredAfter={cut}&limit=100")
    shared = [one for one in own if one["occurredAt"] == cut]
    assert len(early) + len(late) - len(shared) == len(own)
    assert early[0]["occurredAt"] == min(one["occurredAt"] for one in own)


def test_videos_are_custom_events_with_percent(account: Served) -> None:
    found = all_pages(
        account, "/events/event-occurrences/2026-03?objectType=contact&eventType=pe_brightloom_video"
    )
    wanted = sorted((one.asset, str(int(one.value or 0))) for one in heard("video_view"))
    assert sorted((one["properties"]["video"], one["properties"]["percent"]) for one in found) == wanted
    assert account.get("/events/v3/events/event-types")["eventTypes"] == [
        "e_visited_page",
        "pe_brightloom_video",
    ]


def test_submissions_come_fifty_a_page_newest_first(account: Served) -> None:
    forms = account.client.marketing.forms.forms_api.get_page(limit=100).results
    total = 0
    for form in forms:
        sent = all_pages(account, f"/form-integrations/v1/submissions/forms/{form.id}?limit=50")
        assert [one["submittedAt"] for one in sent] == sorted(
            (one["submittedAt"] for one in sent), reverse=True
        )
        total += len(sent)
    assert total == len(heard("form_submit", "download", "demo_request", "signup"))
    path = f"/form-integrations/v1/submissions/forms/{forms[0].id}"
    assert account.call("GET", f"{path}?limit=51").status_code == 400
    assert account.call("GET", "/form-integrations/v1/submissions/forms/none").status_code == 404


def mails(account: Served, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    offset = ""
    while True:
        page = account.get(f"/email/public/v1/events?limit=1000{query}{offset}")
        found += page["events"]
        if not page["hasMore"]:
            return found
        offset = f"&offset={page['offset']}"


def test_mail_events_are_those_of_the_world(account: Served) -> None:
    told = Counter(one["type"] for one in mails(account, ""))
    reached = {int(one["id"]) for one in account.app.dump()["contacts"] if "email" in one["properties"]}
    first = {key: int(held[0]["id"]) for key, held in account.app.identities().items() if held}
    happened = Counter(
        one.type
        for one in heard("email_sent", "email_open", "email_click", "email_bounce", "unsubscribe")
        if first.get(one.person) in reached
    )
    assert told["SENT"] == happened["email_sent"]
    assert told["OPEN"] == happened["email_open"]
    assert told["CLICK"] == happened["email_click"]
    assert told["BOUNCE"] == happened["email_bounce"]
    assert told["STATUSCHANGE"] == happened["unsubscribe"]
    assert told["DELIVERED"] == told["SENT"] - told["BOUNCE"]


def test_mail_events_filter_by_type_recipient_span_and_machine(account: Served) -> None:
    opens = mails(account, "&eventType=OPEN")
    people = mails(account, "&eventType=OPEN&excludeFilteredEvents=true")
    assert 0 < len(people) < len(opens)
    assert [one["created"] for one in opens] == sorted((one["created"] for one in opens), reverse=True)
    recipient, middle = opens[0]["recipient"], opens[len(opens) // 2]["created"]
    assert {one["recipient"] for one in mails(account, f"&recipient={recipient}")} == {recipient}
    before = mails(account, f"&eventType=OPEN&endTimestamp={middle}")
    after = mails(account, f"&eventType=OPEN&startTimestamp={middle + 1}")
    assert len(before) + len(after) == len(opens)


def test_campaigns_are_described(account: Served) -> None:
    listed = account.get("/email/public/v1/campaigns?limit=1000")["campaigns"]
    one = account.get(f"/email/public/v1/campaigns/{listed[0]['id']}")
    assert one["subject"]
    assert account.call("GET", "/email/public/v1/campaigns/5").status_code == 404


def test_answers_calls_and_meetings_belong_to_contacts(account: Served) -> None:
    for kind, type_ in (
        ("feedback_submissions", "survey_response"),
        ("calls", "call"),
        ("meetings", "meeting"),
    ):
        found = all_pages(account, f"/crm/v3/objects/{kind}?limit=100&associations=contacts")
        assert len(found) == len(heard(type_))
        assert all(record["associations"]["contacts"]["results"] for record in found)
    answers = all_pages(account, "/crm/v3/objects/feedback_submissions?limit=100&properties=hs_value")
    assert sorted(float(one["properties"]["hs_value"]) for one in answers) == sorted(
        one.value or 0 for one in heard("survey_response")
    )


def test_orders_name_their_products_through_line_items(account: Served) -> None:
    orders = all_pages(account, "/crm/v3/objects/orders?limit=100&associations=contacts,line_items")
    assert len(orders) == len(heard("purchase"))
    lines = {one["id"]: one for one in all_pages(account, "/crm/v3/objects/line_items?limit=100")}
    for order in orders:
        tied = order["associations"]["line items"]["results"]
        total = sum(
            float(lines[one["id"]]["properties"]["price"]) * float(lines[one["id"]]["properties"]["quantity"])
            for one in tied
        )
        assert total == pytest.approx(float(order["properties"]["hs_total_price"]), abs=0.05)


def test_deals_follow_the_world(account: Served) -> None:
    deals = all_pages(account, "/crm/v3/objects/deals?limit=100&properties=dealstage,hs_is_closed_won")
    expected = [deal for deal in world().deals if HUBSPOT in deal.vendors]
    assert len(deals) == len(expected)
    won = sum(one["properties"]["hs_is_closed_won"] == "true" for one in deals)
    assert won == sum(deal.is_won for deal in expected)


def test_consent_shows_in_v3_v4_and_on_the_contact(account: Served) -> None:
    gone = next(
        one for one in account.app.dump()["contacts"] if one["properties"].get("hs_email_optout") == "true"
    )
    address = gone["properties"]["email"]
    v3 = account.get(f"/communication-preferences/v3/status/email/{address}")["subscriptionStatuses"]
    assert {(one["status"], one["sourceOfStatus"]) for one in v3} == {
        ("NOT_SUBSCRIBED", "PORTAL_WIDE_STATUS")
    }
    v4 = account.get(f"/communication-preferences/2026-03/statuses/{address}?channel=EMAIL")["results"]
    assert {one["status"] for one in v4} == {"UNSUBSCRIBED"}
    wide = account.post(
        "/communication-preferences/v4/statuses/batch/unsubscribe-all/read?channel=EMAIL",
        {"inputs": [address, "new@acme.io"]},
    ).json()["results"]
    assert [len(one["wideStatuses"]) for one in wide] == [1, 0]


def test_a_person_who_unsubscribes_by_hand_is_out_at_once(bare: Served) -> None:
    contact = bare.contact(email="ann@acme.io")
    bare.later(minutes=5)
    bare.do("unsubscribe", id=contact)
    record = bare.get(f"/crm/v3/objects/contacts/{contact}?properties=hs_email_optout")
    assert record["properties"]["hs_email_optout"] == "true"
    assert record["updatedAt"] == "2026-11-22T08:05:00Z"
    body = {"emailAddress": "ann@acme.io", "subscriptionId": "10000001"}
    assert bare.post("/communication-preferences/v3/subscribe", body).status_code == 400
    bare.do("resubscribe", id=contact)
    cleared = bare.get(f"/crm/v3/objects/contacts/{contact}?properties=hs_email_optout")
    assert cleared["properties"]["hs_email_optout"] is None


def test_unsubscribing_from_one_type_leaves_the_other(bare: Served) -> None:
    body = {"emailAddress": "ann@acme.io", "subscriptionId": "10000001"}
    assert bare.post("/communication-preferences/v3/subscribe", body).json()["status"] == "SUBSCRIBED"
    assert bare.post("/communication-preferences/v3/unsubscribe", body).json()["status"] == "NOT_SUBSCRIBED"
    inputs = {"inputs": ["ann@acme.io"]}
    batch = bare.post("/communication-preferences/v4/statuses/batch/read?channel=EMAIL", inputs).json()
    said = {one["subscriptionId"]: one["status"] for one in batch["results"][0]["statuses"]}
    assert said == {10000001: "UNSUBSCRIBED", 10000002: "NOT_SPECIFIED", 10000003: "NOT_SPECIFIED"}
    assert bare.call("GET", "/communication-preferences/v4/statuses/ann@acme.io").status_code == 400


def test_own_events_may_be_sent(bare: Served) -> None:
    contact = bare.contact(email="ann@acme.io")
    sent = {"eventName": "pe_brightloom_video", "email": "ann@acme.io", "properties": {"percent": 30}}
    assert bare.post("/events/v3/send", sent).status_code == 204
    found = bare.get("/events/v3/events?objectType=contact")["results"]
    assert [(one["objectId"], one["properties"]) for one in found] == [(contact, {"percent": "30"})]
    assert bare.post("/events/v3/send", {**sent, "eventName": "pe_none"}).status_code == 404


def test_a_lived_day_adds_what_happened_in_it() -> None:
    grown = World.grow(11, 240, NOW)
    with served(grown) as account:
        before = account.app.dump()
        events = grown.live(1)
        account.clock.set(grown.now)
        account.app.live(grown, events)
        after = account.app.dump()
        views = [one for one in events if one.type == "page_view"]
        assert len(after["events"]) - len(before["events"]) >= len(views) > 0
        new = [one for one in events if one.type == "person_created" and HUBSPOT in one.vendors]
        assert len(after["contacts"]) - len(before["contacts"]) == sum(
            grown.people[one.person].hubspot for one in new
        )
        yesterday = to_ms(NOW)
        moved = [
            one for one in after["contacts"] if to_ms(datetime.fromisoformat(one["updatedAt"])) > yesterday
        ]
        assert 0 < len(moved) < len(after["contacts"])
        assert all(
            datetime.fromisoformat(one["updatedAt"]) < datetime(2026, 11, 23, 8, tzinfo=UTC) for one in moved
        )


def test_same_world_seeds_the_same_account() -> None:
    dumps = []
    for _ in range(2):
        with Served(World.grow(5, 60, NOW)) as account:
            dumps.append(account.app.dump())
    assert dumps[0] == dumps[1]


def test_linked_people_carry_their_salesforce_id_and_a_new_one_is_a_change(account: Served) -> None:
    linked = next(
        one
        for one in world().people
        if one.linked and one.hubspot and one.salesforce in (("Lead",), ("Contact",))
    )
    contact = account.app.identities()[linked.key][0]["id"]
    name = f"salesforce{linked.salesforce[0].lower()}id"
    seen = []
    for salesforce_id in ("00Q5f0000000001AAA", "00Q5f0000000002AAA"):
        account.app.link({linked.key: [{"object": linked.salesforce[0], "id": salesforce_id}]}, world())
        record = account.get(f"/crm/v3/objects/contacts/{contact}?properties={name}")
        assert record["properties"][name] == salesforce_id
        seen.append(record["updatedAt"])
    assert seen[0] < seen[1] == "2026-11-22T07:50:00Z"
