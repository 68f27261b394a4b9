"""Mailchimp filled from the world, and living on with it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sandbox.mailchimp.shopping import STORE_ID
from sandbox.world import MAILCHIMP, NEWS_AUDIENCE, SHOP_AUDIENCE, Event, World
from tests.sandbox.mailchimp_served import Mailchimp, served


@pytest.fixture
def mailchimp() -> Iterator[Mailchimp]:
    with served(people=400) as running:
        yield running


def _live(mailchimp: Mailchimp, days: int = 1) -> list[Event]:
    world = mailchimp.sandbox.world
    events = world.live(days)
    mailchimp.sandbox.clock.set(world.now)
    mailchimp.app.live(world, events)
    return events


def _expected(world: World, audience: str) -> int:
    return sum(person.mailchimp.count(audience) for person in world.people)


def test_each_audience_holds_its_people_with_their_consent(mailchimp: Mailchimp) -> None:
    world = mailchimp.sandbox.world
    for audience in mailchimp.app.store.audiences.values():
        name = str(audience.info["name"])
        assert len(audience.members) == _expected(world, name)
    owners = mailchimp.app.identities()
    for person in world.people:
        for record in owners.get(person.key, ()):
            audience = mailchimp.app.store.audiences[record["list_id"]]
            consent = person.consent[f"{MAILCHIMP}:{audience.info['name']}"]
            held = audience.members[record["id"]]["status"]
            assert held == ("transactional" if consent == "none" else consent)


def test_every_purchase_is_an_order_of_the_same_total(mailchimp: Mailchimp) -> None:
    bought = {
        str((event.order or {})["id"]): event.value
        for event in mailchimp.sandbox.world.events
        if event.type == "purchase" and MAILCHIMP in event.vendors
    }
    orders = mailchimp.app.store.shops[STORE_ID].orders
    assert {key: order["order_total"] for key, order in orders.items()} == bought


def test_reports_hold_what_the_world_says_happened(mailchimp: Mailchimp) -> None:
    told = [
        event
        for event in mailchimp.sandbox.world.events
        if MAILCHIMP in event.vendors and event.type in ("email_open", "email_click", "email_bounce")
    ]
    held = [entry for row in mailchimp.app.dump()["recipients"] for entry in row["activity"]]
    assert len(held) == len(told) > 500
    assert sum(bool(entry.get("proxy")) for entry in held) == sum(
        event.machine and event.type == "email_open" for event in told
    )


def test_a_lived_day_is_all_there_is_since(mailchimp: Mailchimp) -> None:
    since = {"since_last_changed": "2026-11-22T08:00:00+00:00", "count": 1000}
    path = f"/lists/{mailchimp.news}/members"
    assert mailchimp.call("GET", path, params=since)["total_items"] == 0
    events = _live(mailchimp, 5)
    joined = {event.person for event in events if event.type == "person_created"}
    left = {event.person for event in events if event.type == "unsubscribe" and MAILCHIMP in event.vendors}
    changed = {member["contact_id"] for member in mailchimp.call("GET", path, params=since)["members"]}
    owners = mailchimp.app.identities()
    theirs = {
        r["contact_id"]
        for key in joined | left
        for r in owners.get(key, ())
        if r["list_id"] == mailchimp.news
    }
    assert changed <= theirs
    new = {r["contact_id"] for key in joined for r in owners.get(key, ()) if r["list_id"] == mailchimp.news}
    assert new <= changed


def test_nobody_is_mailed_whom_the_api_took_off(mailchimp: Mailchimp) -> None:
    members = mailchimp.app.store.audiences[mailchimp.news].members
    rows = [{"email_address": m["email_address"], "status": "unsubscribed"} for m in members.values()]
    body = {"members": rows, "update_existing": True}
    mailchimp.call("POST", f"/lists/{mailchimp.news}", json=body)
    before = len(mailchimp.app.dump()["recipients"])
    joined = {event.person for event in _live(mailchimp) if event.type == "person_created"}
    mailed = mailchimp.app.dump()["recipients"][before:]
    owners = mailchimp.app.identities()
    assert {row["contact_id"] for row in mailed} <= {
        r["contact_id"] for key in joined for r in owners.get(key, ())
    }


def test_what_people_do_reaches_members_whose_address_was_changed(mailchimp: Mailchimp) -> None:
    members = list(mailchimp.app.store.audiences[mailchimp.news].members.values())
    for number, member in enumerate(members):
        address = f"moved{number}@loomworks.net"
        mailchimp.do("edit", list_id=mailchimp.news, id=member["id"], changes={"email_address": address})
    before = len(mailchimp.app.dump()["recipients"])
    _live(mailchimp, 3)
    mailed = mailchimp.app.dump()["recipients"][before:]
    assert mailed
    assert any(row["email_address"].startswith("moved") for row in mailed)


def test_an_empty_world_still_has_the_audiences_and_their_fields() -> None:
    with served() as empty:
        names = {str(audience.info["name"]) for audience in empty.app.store.audiences.values()}
        assert names == {NEWS_AUDIENCE, SHOP_AUDIENCE}
        assert empty.call("GET", f"/lists/{empty.news}/members")["total_items"] == 0
        assert empty.call("GET", f"/lists/{empty.news}/merge-fields")["total_items"] == 12


def test_the_clock_of_the_sandbox_stamps_every_write(mailchimp: Mailchimp) -> None:
    mailchimp.sandbox.clock.advance(timedelta(hours=3))
    mailchimp.do("create", list_id=mailchimp.news, email="late@loomworks.net")
    assert mailchimp.member("late@loomworks.net")["last_changed"] == "2026-11-22T11:00:00+00:00"


def test_many_members_can_be_made_at_one_instant(mailchimp: Mailchimp) -> None:
    made = mailchimp.do(
        "create_many", list_id=mailchimp.news, count=25_000, email_address="bulk{n}@loomworks.net"
    )
    assert made == {"created": 25_000}
    page = mailchimp.call(
        "GET",
        f"/lists/{mailchimp.news}/members",
        params={"count": 1000, "offset": 20_000, "fields": "members.id"},
    )
    assert len(page["members"]) == 1000
