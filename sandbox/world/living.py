"""One more day: people open, click, visit, buy, sign up and leave as they would, and deals move on."""

from datetime import timedelta

from sandbox.world.chance import Chance
from sandbox.world.deals import ROLES, as_contact, new_deal, settle
from sandbox.world.diary import Diary
from sandbox.world.growing import QUIET, due_mailings, happen
from sandbox.world.model import Deal, Event, Person, Scene
from sandbox.world.people import Census
from sandbox.world.purchases import shop_for_a_day

_DEAL_BEFORE = timedelta(days=30)
_ARRIVALS = 0.0015


def live_a_day(scene: Scene) -> list[Event]:
    """Live from ``scene.now`` to a day later; returns what happened, the last of it ten minutes before."""
    end = scene.now + timedelta(days=1)
    diary = Diary(scene.now, end - QUIET)
    if scene.people:
        _arrive(scene, diary)
        _trade(scene, diary)
        due_mailings(scene, diary)
        shop_for_a_day(scene, diary)
        happen(scene, diary)
    scene.now = end
    events = diary.close(len(scene.events))
    scene.events.extend(events)
    return events


def _arrive(scene: Scene, diary: Diary) -> None:
    chance = Chance.of(scene.seed, "arrivals", diary.start.isoformat())
    census = Census(chance, scene.companies, scene.people)
    for _ in range(max(1, chance.poisson(_ARRIVALS * len(scene.people)))):
        person = census.person(diary.start, diary.end)
        diary.note(person, "person_created", person.created_at, *person.vendors)
        for key, status in person.consent.items():
            if status in ("unsubscribed", "cleaned", "archived"):
                person.consent[key] = "subscribed"


def _trade(scene: Scene, diary: Diary) -> None:
    """Open the deals that buyers are ready for, and close those whose day has come."""
    busy = {key for deal in scene.deals for key, _ in deal.people}
    for person in scene.people:
        ready = person.buys_at is not None and person.buys_at - _DEAL_BEFORE < diary.end
        if ready and person.key not in busy and person.company is not None:
            _open_deal(scene, diary, person)
    for deal in scene.deals:
        if not deal.is_closed and deal.closed_at < diary.end:
            _close_deal(scene, diary, deal)


def _open_deal(scene: Scene, diary: Diary, person: Person) -> None:
    chance = Chance.of(scene.seed, "deal", person.key)
    as_contact(person)
    person.lifecycle = "opportunity"
    company = scene.companies[person.company or 0]
    at = chance.waking(diary.start, diary.end)
    roles = ((person.key, ROLES[0]),)
    deal = new_deal(chance, len(scene.deals), company, roles, at, person.buys_at or diary.end)
    scene.deals.append(deal)
    diary.note(
        person, "deal_created", at, *deal.vendors, deal=deal.key, value=deal.amount, currency=deal.currency
    )


def _close_deal(scene: Scene, diary: Diary, deal: Deal) -> None:
    people = [scene.people[key] for key, _ in deal.people]
    won = people[0].is_buyer
    settle(deal, max(deal.closed_at, diary.start), won=won)
    for person in people:
        if won:
            person.kind, person.lifecycle = "customer", "customer"
    kind = "deal_won" if won else "deal_lost"
    diary.note(people[0], kind, deal.closed_at, *deal.vendors, deal=deal.key, value=deal.amount)
