"""The world: the same for the same seed, dirty as a CRM is, and with buyers who behave like buyers."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from sandbox.world import MAILCHIMP, NEWS_AUDIENCE, Event, Person, World
from sandbox.world.addresses import well_formed
from sandbox.world.purchases import cdnow

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
KEEN = {"demo_request", "video_view", "download", "form_submit", "webinar_register", "webinar_attend"}


@cache
def grown() -> World:
    """The world of the demo; tests only look at it."""
    return World.grow(7, 2000, NOW)


def test_the_same_seed_grows_the_same_world() -> None:
    assert World.grow(3, 150, NOW) == World.grow(3, 150, NOW)
    assert World.grow(3, 150, NOW).people != World.grow(4, 150, NOW).people


def test_days_lived_together_or_apart_are_the_same() -> None:
    apart, together = World.grow(3, 150, NOW), World.grow(3, 150, NOW)
    days = [*apart.live(1), *apart.live(1), *apart.live(1)]
    assert together.live(3) == days
    assert apart == together
    assert apart.now == NOW + timedelta(days=3)


def test_an_empty_world_stays_empty() -> None:
    world = World.empty(NOW)
    assert (world.live(2), world.people, world.now) == ([], [], NOW + timedelta(days=2))


def test_it_has_the_promised_size() -> None:
    world = grown()
    assert (len(world.people), len(world.companies)) == (2000, 400)
    assert 30_000 <= len(world.events) <= 70_000
    assert {deal.stage for deal in world.deals} >= {"Closed Won", "Closed Lost", "Negotiation"}
    first, last = min(e.at for e in world.events), max(e.at for e in world.events)
    assert timedelta(days=540) < last - first < timedelta(days=555)
    assert last < NOW - timedelta(minutes=10)


def test_keys_are_places_and_events_are_in_the_order_of_time() -> None:
    world = grown()
    for things in (world.people, world.companies, world.events, world.deals, world.campaigns, world.products):
        assert [thing.key for thing in things] == list(range(len(things)))
    assert [e.at for e in world.events] == sorted(e.at for e in world.events)


def test_every_event_is_known_only_where_the_person_is() -> None:
    world = grown()
    assert all(event.vendors <= world.people[event.person].vendors for event in world.events)
    assert all(event.vendors for event in world.events)


def test_histories_are_the_real_ones_and_the_last_order_is_a_week_old() -> None:
    world = grown()
    bought: dict[int, list[Event]] = {}
    for event in world.events:
        if event.type == "purchase":
            bought.setdefault(event.person, []).append(event)
    customers = [person for person in world.people if person.shop_customer is not None]
    assert len(customers) == 600
    for person in customers:
        sales = cdnow()[person.shop_customer or 0]
        assert sorted(event.value or 0.0 for event in bought[person.key]) == sorted(
            sale.dollars for sale in sales
        )
    latest = max(event.at for events in bought.values() for event in events)
    assert latest.date() == (NOW - timedelta(days=7)).date()


def test_the_sample_is_whole() -> None:
    assert len(cdnow()) == 2357
    assert sum(len(sales) for sales in cdnow().values()) == 6919


@pytest.mark.parametrize(
    ("what", "at_least"),
    [
        (lambda p: p.email is None, 20),
        (lambda p: p.email is not None and not well_formed(p.email), 5),
        (lambda p: any(typed.isupper() for typed in p.alternates.values()), 10),
        (lambda p: any("+" in typed for typed in p.alternates.values()), 20),
        (lambda p: p.kind == "shared_mailbox", 10),
        (lambda p: p.kind == "test", 5),
        (lambda p: p.kind == "employee" and (p.email or "").endswith("brightloom.io"), 20),
        (lambda p: not p.last_name.isascii(), 100),
        (lambda p: p.language in ("ar", "he"), 20),
        (lambda p: any(ord(letter) > 0xFFFF for letter in p.first_name or ""), 3),
        (lambda p: (p.email or "").endswith("gmail.com"), 20),
        (lambda p: len(p.salesforce) - ("ConvertedLead" in p.salesforce) > 1, 10),
        (lambda p: p.hubspot == 2, 10),
        (lambda p: p.mailchimp.count(NEWS_AUDIENCE) == 2, 10),
        (lambda p: "ConvertedLead" in p.salesforce, 50),
        (lambda p: len(p.vendors) == 3, 400),
        (lambda p: "unsubscribed" in p.consent.values(), 50),
        (lambda p: "subscribed" in p.consent.values() and "unsubscribed" in p.consent.values(), 10),
    ],
)  # fmt: skip
def test_it_is_as_dirty_as_a_crm(what: object, at_least: int) -> None:
    assert callable(what)
    assert sum(bool(what(person)) for person in grown().people) >= at_least


def test_two_named_people_share_one_mailbox() -> None:
    shared: dict[str, list[Person]] = {}
    for person in grown().people:
        if person.kind == "shared_mailbox":
            shared.setdefault(person.email or "", []).append(person)
    assert all(len({(p.first_name, p.last_name) for p in people}) == 2 for people in shared.values())


def test_no_two_others_have_one_address() -> None:
    addresses = Counter(
        person.email.lower() for person in grown().people if person.email and person.kind != "shared_mailbox"
    )
    assert max(addresses.values()) == 1


def test_buyers_behave_like_buyers_before_they_buy() -> None:
    """In the month before, a buyer does far more that shows intent than anybody else in a month."""
    world = grown()
    rates = {True: 0.0, False: 0.0}
    tracked = [
        person for person in world.people if person.hubspot and person.kind in ("prospect", "customer")
    ]
    before = {p.key: (p.buys_at or NOW) for p in tracked if p.buys_at is None or p.buys_at < NOW}
    keen = Counter(
        event.person
        for event in world.events
        if event.person in before
        and before[event.person] - timedelta(days=30) <= event.at < before[event.person]
        and (event.type in KEEN or "/pricing" in (event.asset or ""))
    )
    for buyer in rates:
        those = [p.key for p in tracked if p.is_buyer == buyer and p.key in before]
        rates[buyer] = sum(keen[key] for key in those) / len(those)
    assert rates[True] > 10 * rates[False]
    assert rates[False] > 0


def test_machines_open_and_click_within_seconds() -> None:
    world = grown()
    machine = [event for event in world.events if event.machine]
    assert {event.type for event in machine} == {"email_open", "email_click"}
    for event in machine:
        sent_at = world.campaigns[event.campaign or 0].starts_at
        assert sent_at is not None
        assert event.at - sent_at < timedelta(seconds=100)


def test_nobody_gets_mail_after_leaving() -> None:
    world = grown()
    left = {(e.person, e.campaign): e for e in world.events if e.type == "unsubscribe"}
    channel = {c.key: (c.vendor, c.audience) for c in world.campaigns}
    gone = {(person, channel[campaign or 0]): event.at for (person, campaign), event in left.items()}
    sends = [e for e in world.events if e.type == "email_sent"]
    assert gone
    assert not [e for e in sends if gone.get((e.person, channel[e.campaign or 0]), NOW) < e.at]


def test_a_lived_day_has_a_bit_of_everything_and_ends_early() -> None:
    world = World.grow(7, 300, NOW)
    events = world.live(7)
    assert {"email_sent", "email_open", "email_click", "page_view", "purchase", "person_created"} <= {
        event.type for event in events
    }
    assert all(NOW <= event.at < world.now - timedelta(minutes=10) for event in events)
    assert [event.key for event in world.events] == list(range(len(world.events)))


def test_deals_move_on_as_time_passes() -> None:
    world = World.grow(7, 400, NOW)
    before = Counter(deal.stage for deal in world.deals)
    kinds = Counter(event.type for event in world.live(40))
    after = Counter(deal.stage for deal in world.deals)
    assert kinds["deal_created"]
    assert after["Closed Won"] - before["Closed Won"] == kinds["deal_won"] > 0


def test_mailchimp_consent_is_given_per_audience() -> None:
    for person in grown().people:
        assert {f"{MAILCHIMP}:{audience}" for audience in person.mailchimp} == {
            key for key in person.consent if key.startswith(f"{MAILCHIMP}:")
        }
